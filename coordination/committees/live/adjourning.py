"""« Lever la séance » : what would leave, what waits for an agreement, who tells whom; then all of
it in one transaction, the one that the caller opened."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.committees import actions, decisions
from coordination.committees.live import carrying, course, destinations, effects
from coordination.committees.live.pulse import beat
from coordination.committees.meetings import calendar, states
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
)
from coordination.db import past_walls
from coordination.errors import Refused
from coordination.signals import life
from coordination.signals.models import Demand, DemandState


@dataclass
class Departure:
    """What adjourning would do, decision by decision. Referrals are counted by destination."""

    items: list[AgendaItem] = field(default_factory=list)
    waiting: list[Decision] = field(default_factory=list)  # recorded, not confirmed yet
    confirmed: list[Decision] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    unexamined: list[AgendaItem] = field(default_factory=list)
    leaving: int = 0  # referrals that go at once
    kept: int = 0  # referrals that wait for an agreement
    later: int = 0  # referrals of a next rank


def departure(db: Session, meeting: Meeting) -> Departure:
    found = Departure(items=course.points(db, meeting))
    for decision in _decisions(db, meeting):
        if decision.state is DecisionState.RECORDED:
            found.waiting.append(decision)
        elif decision.state is DecisionState.CONFIRMED:
            found.confirmed.append(decision)
    found.follow_ups = _follow_ups(db, meeting)
    touched = {d.item_id for d in (*found.waiting, *found.confirmed)}
    touched |= {f.item_id for f in found.follow_ups if f.item_id}
    found.unexamined = [i for i in found.items if course.to_come(i) and i.id not in touched]
    _count(db, found)
    return found


@past_walls
def adjourn(db: Session, meeting: Meeting, *, actor: Actor) -> Departure:
    """Every decision takes effect, the actions leave, what was not examined is carried over, and
    the meeting is adjourned: all of it or nothing. Done again, nothing happens twice."""
    found = departure(db, meeting)
    if meeting.state in states.OVER:
        return found
    if states.allows("resume", meeting.state):
        calendar.resume(db, meeting, actor=actor)
    numbers = {item.id: item for item in found.items}
    for decision in found.waiting:
        _confirm(db, decision, numbers.get(decision.item_id), actor)
    for follow_up in found.follow_ups:
        actions.confirm(db, follow_up, actor=actor)
    for item in found.items:
        _settle(db, item, meeting, carried=item in found.unexamined, actor=actor)
    calendar.adjourn(db, meeting, actor=actor)
    db.flush()
    beat(db, meeting.id)
    return found


def _confirm(db: Session, decision: Decision, item: AgendaItem | None, actor: Actor) -> None:
    """A refusal is told with the point it comes from: that decision is to be corrected."""
    try:
        decisions.confirm(db, decision, actor=actor)
    except Refused as no:
        number = f"Point {item.number}" if item and item.number else "Un point"
        raise Refused(f"{number}\u00a0: {no} Corrigez la décision, puis levez la séance.") from no


def _settle(
    db: Session, item: AgendaItem, meeting: Meeting, *, carried: bool, actor: Actor
) -> None:
    """The item's end: its alerts are treated and its demand examined, or it comes back."""
    if item.started_at and item.ended_at is None:
        item.ended_at = clock.now()
    if carried:
        carrying.carry_over(db, item, meeting, actor=actor, why="Non examiné, faute de temps")
    if item.state is ItemState.CARRIED:
        return
    item.state = ItemState.EXAMINED
    item.version += 1
    db.add(item)
    life.treat(db, item.signals)
    demand = db.get(Demand, item.demand_id) if item.demand_id else None
    if demand is not None and demand.state in (DemandState.OPEN, DemandState.ON_AGENDA):
        demand.state = DemandState.EXAMINED
        demand.version += 1


def _count(db: Session, found: Departure) -> None:
    persons = {item.id: item.person_id for item in found.items}
    for decision in found.waiting:
        if decision.outcome is not DecisionOutcome.REFERRAL:
            continue
        chosen = effects.destinations(db, decision.id)
        first = min((d.rank for d in chosen), default=1)
        agencies = {d.agency_id for d in chosen}
        seen = destinations.sees(db, persons.get(decision.item_id), agencies)
        for destination in chosen:
            if destination.rank != first:
                found.later += 1
            elif seen.get(destination.agency_id, destinations.MISSING) == destinations.MISSING:
                found.kept += 1
            else:
                found.leaving += 1


def _decisions(db: Session, meeting: Meeting) -> list[Decision]:
    wanted = select(Decision).where(Decision.meeting_id == meeting.id)
    return list(db.exec(wanted.order_by(col(Decision.created_at), col(Decision.id))))


def _follow_ups(db: Session, meeting: Meeting) -> list[FollowUp]:
    wanted = select(FollowUp).where(FollowUp.meeting_id == meeting.id)
    return list(db.exec(wanted.order_by(col(FollowUp.created_at), col(FollowUp.id))))
