"""A point that the meeting did not finish: it stays, marked, and comes back at the next one."""

from datetime import date

from sqlmodel import Session

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.committees.models import AgendaItem, ItemState, Meeting
from coordination.db import past_walls
from coordination.signals import life
from coordination.signals.models import Demand, DemandState


@past_walls
def carry_over(
    db: Session,
    item: AgendaItem,
    meeting: Meeting,
    *,
    actor: Actor,
    why: str = "",
    review_on: date | None = None,
) -> AgendaItem:
    """Mark it carried. Its alerts and its demand wait again, so that the next proposal takes them
    up; the proposal links the new item to this one. Twice is once."""
    if item.state is ItemState.CARRIED:
        return item
    item.state = ItemState.CARRIED
    item.reason = why
    item.version += 1
    db.add(item)
    life.take_off_agenda(db, item.signals)
    demand = db.get(Demand, item.demand_id) if item.demand_id else None
    if demand is not None and demand.state is DemandState.ON_AGENDA:
        demand.state = DemandState.OPEN
    audit.act(
        db,
        actor,
        "agenda.carry_over",
        about=item.id,
        meeting=str(meeting.id),
        review_on=review_on.isoformat() if review_on else None,
    )
    return item
