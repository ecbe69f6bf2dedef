"""Actions decided in committee: which agency, what, before when; and what became of them."""

from datetime import date

from sqlmodel import Session

from coordination import audit, clock, outbox
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Professional
from coordination.committees.live.pulse import beat
from coordination.committees.models import (
    AgendaItem,
    FollowUp,
    FollowUpState,
    Meeting,
    MeetingState,
)
from coordination.db import past_walls
from coordination.errors import Invalid, Refused
from coordination.journeys.touch import touch
from coordination.persons.models import Person

ENDS = (FollowUpState.DONE, FollowUpState.IMPOSSIBLE, FollowUpState.NOT_DONE)


class TooLate(Refused):
    """The action has left the house, or the meeting is over."""


@past_walls
def decide(
    db: Session,
    item: AgendaItem,
    *,
    agency: Agency,
    owner: Professional | None,
    what: str,
    due_on: date | None,
    actor: Actor,
) -> FollowUp:
    """An action of this item. It leaves with the decisions, when the meeting is adjourned."""
    meeting = db.get_one(Meeting, item.meeting_id)
    if meeting.state is not MeetingState.OPEN:
        raise TooLate("La séance n’est pas ouverte : les actions se décident en séance.")
    if not what.strip():
        raise Invalid("Dites ce qui est à faire.", field="what")
    if due_on is not None and due_on < clock.today():
        raise Invalid("Cette date est passée.", field="due_on")
    follow_up = FollowUp(
        committee_id=meeting.committee_id,
        meeting_id=meeting.id,
        item_id=item.id,
        person_id=item.person_id,
        agency_id=agency.id,
        owner_id=owner.id if owner else None,
        what=what.strip(),
        due_on=due_on,
    )
    db.add(follow_up)
    db.flush()
    _note(db, follow_up, "action.decide", actor)
    beat(db, meeting.id)
    return follow_up


@past_walls
def drop(db: Session, follow_up: FollowUp, *, actor: Actor) -> None:
    """Take back an action that has not left yet."""
    if follow_up.confirmed:
        raise TooLate("Cette action est déjà partie : elle se suit, elle ne s’efface plus.")
    _note(db, follow_up, "action.drop", actor)
    db.delete(follow_up)
    db.flush()
    beat(db, follow_up.meeting_id)


@past_walls
def confirm(db: Session, follow_up: FollowUp, *, actor: Actor) -> FollowUp:
    """The action leaves the house: its owner, else its agency, hears of it. Twice is once."""
    if follow_up.confirmed:
        return follow_up
    follow_up.confirmed = True
    follow_up.version += 1
    db.add(follow_up)
    _note(db, follow_up, "action.confirm", actor)
    outbox.post(
        db,
        "action.decided",
        professional=follow_up.owner_id,
        agency=follow_up.agency_id,
        about=follow_up.id,
        person=follow_up.person_id,
        key=f"action.decided:{follow_up.id}",
    )
    return follow_up


@past_walls
def report(
    db: Session, follow_up: FollowUp, *, state: FollowUpState, report: str = "", actor: Actor
) -> FollowUp:
    """What became of it: done, impossible by circumstances, or not done. It may be said again:
    the last word counts, each one is in the journal."""
    if state not in ENDS:
        raise Invalid("Dites si l’action est réalisée, impossible ou non réalisée.", field="state")
    if state is not FollowUpState.DONE and not report.strip():
        raise Invalid("Dites en une phrase ce qui s’est passé.", field="report")
    if not follow_up.confirmed:
        raise TooLate("Cette action n’est pas encore confirmée par la séance.")
    follow_up.state, follow_up.report = state, report.strip()
    follow_up.reported_at = clock.now()
    follow_up.version += 1
    db.add(follow_up)
    _note(db, follow_up, "action.report", actor, state=state.value)
    return follow_up


def _note(db: Session, follow_up: FollowUp, verb: str, actor: Actor, **facts: str) -> None:
    item = db.get(AgendaItem, follow_up.item_id) if follow_up.item_id else None
    if item and item.journey_id:
        touch(db, item.journey_id)
    person = db.get_one(Person, follow_up.person_id) if follow_up.person_id else None
    audit.act(
        db,
        actor,
        verb,
        about=follow_up.id,
        person=person.id if person else None,
        salt=person.salt if person else "",
        **facts,
    )
