"""À compléter: people whom the agency recorded and who are in no journey yet; several at once may
enter the same programme the same day."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import rule
from coordination.db import columns
from coordination.errors import Invalid, NotFound
from coordination.journeys import moves
from coordination.journeys.models import Journey
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity

MOST = 50  # at once: one page of the list


def waiting(actor: Actor) -> "Select[tuple[UUID, str, str, date | None, str]]":
    """(person, names, birth, reference), by name."""
    return (
        columns(Person.id, PersonIdentity.usual_name, PersonIdentity.given_names,
                PersonIdentity.birth_on, Person.reference)
        .join(PersonIdentity, col(PersonIdentity.person_id) == Person.id)
        .where(
            col(Person.agency_id) == actor.agency_id,
            col(Person.erased_at).is_(None),
            ~col(Person.restricted),  # a file under restricted access stands in no list
            ~select(Journey.id).where(Journey.person_id == Person.id).exists(),
            rule.sees(actor, Person.id, Category.IDENTITY),
        )
        .order_by(col(PersonIdentity.folded), col(Person.id))
    )  # fmt: skip


def open_all(
    db: Session,
    persons: list[UUID],
    *,
    programme_id: UUID,
    entered_on: date,
    planned_end_on: date | None,
    actor: Actor,
) -> list[Journey]:
    """A journey for each of them. Someone who is no longer waiting, or never was, is not found."""
    if not persons:
        raise Invalid("Cochez au moins une personne.", field="person")
    moves.check_dates(entered_on, planned_end_on)
    found = set(db.execute(waiting(actor).where(col(Person.id).in_(persons[:MOST]))).scalars())
    if found != set(persons) or actor.agency_id is None:
        raise NotFound("Une de ces personnes n’attend pas, ou plus, de parcours.")
    territory = db.get_one(Agency, actor.agency_id).territory_id
    return [
        moves.open_journey(
            db,
            person=db.get_one(Person, key),
            programme_id=programme_id,
            agency_id=actor.agency_id,
            entered_on=entered_on,
            planned_end_on=planned_end_on,
            territory_id=territory,
            referent_id=actor.professional_id,
            actor=actor,
        )
        for key in dict.fromkeys(persons)
    ]
