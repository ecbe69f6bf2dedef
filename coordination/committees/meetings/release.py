"""What a meeting held open, given back: files read because of it, alerts and demands on its agenda.

A postponed meeting opens again, on its new date, what its agenda asks for (`agenda/dossiers`).
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.committees.models import AgendaItem, ItemState, Meeting
from coordination.consent import reach
from coordination.db import past_walls
from coordination.signals.models import Demand, DemandState, Signal, SignalState

WAITING = (ItemState.PROPOSED, ItemState.ACCEPTED, ItemState.OVERFLOW)


@past_walls
def close(db: Session, meeting: Meeting, *, at: datetime) -> int:
    """What is read because of this meeting is read no more."""
    return reach.close(db, source_id=meeting.id, at=at)


@past_walls
def give_back(db: Session, meeting: Meeting) -> None:
    """The items of a cancelled meeting are withdrawn; what they stood on waits again."""
    items = db.exec(
        select(AgendaItem).where(
            AgendaItem.meeting_id == meeting.id, col(AgendaItem.state).in_(WAITING)
        )
    ).all()
    demands = {item.demand_id for item in items if item.demand_id}
    signals = {UUID(signal) for item in items for signal in item.signals}
    for demand in db.exec(select(Demand).where(col(Demand.id).in_(demands))):
        if demand.state is DemandState.ON_AGENDA:
            demand.state = DemandState.OPEN
            demand.version += 1
    for signal in db.exec(select(Signal).where(col(Signal.id).in_(signals))):
        if signal.state is SignalState.ON_AGENDA and signal.ended_at is None:
            signal.state = SignalState.RAISED
    for item in items:
        item.state, item.reason = ItemState.WITHDRAWN, "Séance annulée"
        item.version += 1
