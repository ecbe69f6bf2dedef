"""Review of the ends of journeys: one line per journey of a training body that ends soon or waits
between two steps, filled by the body before the meeting, read in minutes."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, AgencyKind
from coordination.committees import queries
from coordination.committees.agenda.points import SHORT_MINUTES, Point, known
from coordination.committees.models import AgendaItem, Committee, ItemState, Meeting, Section
from coordination.db import past_walls
from coordination.errors import NotFound
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.journeys.touch import touch
from coordination.persons.models import Person
from coordination.signals.models import Signal, SignalCode
from coordination.web import french

WEEKS = 8


class Review(StrEnum):
    PLANNED = "planned"
    TO_FIND = "to_find"
    TO_EXAMINE = "to_examine"


def points(db: Session, meeting: Meeting, committee: Committee) -> list[Point]:
    """By body, then by date."""
    on = queries.sitting_on(meeting)
    members = [agency.id for agency in db.exec(queries.member_agencies(committee.id, on=on))]
    waits = select(Signal.journey_id).where(
        Signal.code == SignalCode.ATTENTE_ENTRE_ETAPES, col(Signal.ended_at).is_(None)
    )
    soon = col(Journey.planned_end_on) <= on + timedelta(weeks=WEEKS)
    rows = db.execute(
        select(Journey, soon.label("soon"))
        .join(Agency, col(Agency.id) == Journey.agency_id)
        .join(Person, col(Person.id) == Journey.person_id)
        .where(
            Agency.kind == AgencyKind.TRAINING_BODY,
            col(Journey.agency_id).in_(members),
            col(Journey.state).in_(LIVE_STATES),
            col(Person.restricted).is_(False),
            or_(soon, col(Journey.id).in_(waits)),
        )
        .order_by(Agency.name, col(Agency.id), col(Journey.planned_end_on), col(Journey.id))
    ).all()
    names = known(
        db,
        programmes={journey.programme_id for journey, _ in rows},
        agencies={journey.agency_id for journey, _ in rows},
    )
    found = []
    for journey, ends_soon in rows:
        because = (_sentence(journey, bool(ends_soon)),)
        snapshot = names.snapshot(journey.programme_id, [journey.agency_id], because)
        found.append(
            Point(
                section=Section.ENDS,
                minutes=SHORT_MINUTES,
                because=because,
                snapshot=snapshot | {"review": journey.review},
                journey_id=journey.id,
                person_id=journey.person_id,
                agency_id=journey.agency_id,
            )
        )
    return found


def _sentence(journey: Journey, soon: bool) -> str:
    if not soon or journey.planned_end_on is None:
        return "Attend entre deux étapes."
    past = journey.planned_end_on < clock.today()
    return f"Fin {'était prévue' if past else 'prévue'} le {french.day(journey.planned_end_on)}."


def own_line(db: Session, actor: Actor, meeting_id: UUID, item_id: UUID) -> AgendaItem:
    """A line of the review that the actor's own agency carries; for anyone else it does not
    exist."""
    found = db.exec(
        select(AgendaItem).where(
            AgendaItem.id == item_id,
            AgendaItem.meeting_id == meeting_id,
            AgendaItem.section == Section.ENDS,
            AgendaItem.agency_id == actor.agency_id,
            col(AgendaItem.state).in_((ItemState.PROPOSED, ItemState.OVERFLOW, ItemState.ACCEPTED)),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("Cette ligne n’existe pas.")
    return found


@past_walls
def review(db: Session, item: AgendaItem, *, answer: Review, actor: Actor) -> Journey:
    """What the carrying body says of the end; kept on the journey, shown on the line."""
    assert item.journey_id is not None
    journey = db.get_one(Journey, item.journey_id)
    if journey.review == answer:
        return journey
    person = db.get_one(Person, journey.person_id)
    journey.review = answer.value
    item.snapshot = item.snapshot | {"review": answer.value}
    audit.act(
        db,
        actor,
        "agenda.review",
        about=item.id,
        person=person.id,
        salt=person.salt,
        review=answer.value,
    )
    touch(db, journey.id)
    return journey
