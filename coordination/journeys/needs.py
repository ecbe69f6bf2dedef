"""What is to be met: opened by a diagnosis or a decision, settled once."""

from datetime import date

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys.models import Journey, Need
from coordination.journeys.touch import touch
from coordination.persons.categories import Category
from coordination.persons.models import Person


def open_need(
    db: Session,
    journey: Journey,
    *,
    code: str,
    label: str,
    category: Category,
    actor: Actor,
    origin: str = "diagnosis",
    since_on: date | None = None,
) -> Need:
    """A need of the journey. The same code still open is the same need: it is returned."""
    known = db.exec(
        select(Need).where(
            Need.journey_id == journey.id, Need.code == code, col(Need.settled_on).is_(None)
        )
    ).first()
    if known is not None:
        return known
    need = Need(
        person_id=journey.person_id,
        journey_id=journey.id,
        agency_id=journey.agency_id,
        category=category,
        code=code,
        label=label,
        since_on=since_on or clock.today(),
        origin=origin,
    )
    db.add(need)
    db.flush()
    _note(db, journey, need, "need.open", actor)
    return need


def settle(db: Session, need: Need, *, actor: Actor, on: date | None = None) -> Need:
    """The need is met. Settled twice changes nothing."""
    if need.settled_on is not None:
        return need
    day = on or clock.today()
    if day < need.since_on:
        raise Invalid("Le besoin ne peut pas être satisfait avant d’avoir été dit.", field="on")
    need.settled_on = day
    db.add(need)
    _note(db, db.get_one(Journey, need.journey_id), need, "need.settle", actor)
    return need


def _note(db: Session, journey: Journey, need: Need, verb: str, actor: Actor) -> None:
    person = db.get_one(Person, journey.person_id)
    audit.act(db, actor, verb, about=need.id, person=person.id, salt=person.salt, code=need.code)
    touch(db, journey.id)
