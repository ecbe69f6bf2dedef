"""What is to be met: opened by a diagnosis or a decision, settled once."""

from datetime import date

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys import notes
from coordination.journeys.models import Journey, Need
from coordination.persons.categories import Category


def open_need(
    db: Session,
    journey: Journey,
    *,
    code: str,
    label: str,
    category: Category,
    actor: Actor,
    origin: str = "diagnosis",
    situation: str = "",
    objective: str = "",
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
        situation=situation,
        objective=objective,
    )
    db.add(need)
    db.flush()
    _note(db, journey, need, "need.open", actor)
    return need


def mobilise(
    db: Session, need: Need, *, service: str, on: date | None = None, actor: Actor
) -> Need:
    """A service is mobilised for the need."""
    if not service.strip():
        raise Invalid("Dites quel service est mobilisé.", field="service")
    need.service, need.mobilised_on = service.strip(), on or clock.today()
    db.add(need)
    _note(db, db.get_one(Journey, need.journey_id), need, "need.mobilise", actor)
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
    notes.act(db, journey, verb, actor, about=need.id, code=need.code)
