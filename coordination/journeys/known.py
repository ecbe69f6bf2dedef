"""Typing someone in: is it a person whom the agency already knows?"""

from uuid import UUID

from sqlmodel import Session, col, select

from coordination.db import columns
from coordination.errors import Invalid, NotFound
from coordination.journeys import queries
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState
from coordination.persons import likeness, records
from coordination.persons.models import Person, PersonIdentity
from coordination.web.visit import Visit


def namesakes(visit: Visit) -> list[tuple[UUID, UUID, str, JourneyState]]:
    """(journey, its number, name, state) of namesakes born the same day, in one's own agency, their
    given names the same or close."""
    born = visit.form.__class__(visit.form.sent).day("birth_on", required=False)
    usual, given = visit.form.get("usual_name"), visit.form.get("given_names")
    if born is None or not usual.strip() or not given.strip():
        return []
    same = records.namesakes(agency(visit), usual_name=usual, birth_on=born).with_only_columns(
        col(PersonIdentity.person_id)
    )
    mine = queries.carried_by(visit.actor).with_only_columns(col(Journey.id))
    rows = visit.db.execute(
        columns(Journey.id, Journey.person_id, Journey.number, Journey.state,
                PersonIdentity.usual_name, PersonIdentity.given_names)
        .join(PersonIdentity, col(PersonIdentity.person_id) == Journey.person_id)
        .where(col(Journey.id).in_(mine), col(Journey.person_id).in_(same.order_by(None)))
        .order_by(col(Journey.entered_on).desc(), col(Journey.id))
    )  # fmt: skip
    return [
        (key, person, f"{name.upper()} {their_given} · {number}", state)
        for key, person, number, state, name, their_given in rows
        if likeness.close(their_given, given)
    ]


def same_person(visit: Visit) -> Person | None:
    """The person already known for whom one more journey is opened; None: someone new, and the form
    said so where namesakes were found."""
    chosen = visit.form.key("same_person", required=False)
    visit.form.check()
    if chosen is None:
        if not visit.form.ticked("someone_else") and namesakes(visit):
            raise Invalid("Une personne du même nom, ou presque, est née ce jour-là dans votre "
                          "structure.")  # fmt: skip
        return None
    if chosen not in {person for _, person, _, _ in namesakes(visit)}:
        raise NotFound("Cette personne n’existe pas.")
    return visit.db.get_one(Person, chosen)


def not_twice(db: Session, person: Person, programme_id: UUID) -> None:
    """One live journey of a file in a programme."""
    alive = select(Journey.number).where(
        Journey.person_id == person.id,
        Journey.programme_id == programme_id,
        col(Journey.state).in_(LIVE_STATES),
    )
    if number := db.exec(alive.order_by(col(Journey.id)).limit(1)).first():
        raise Invalid(f"Un parcours est déjà ouvert dans ce dispositif : {number}.",
                      field="programme")  # fmt: skip


def agency(visit: Visit) -> UUID:
    if visit.actor.agency_id is None:
        raise NotFound()
    return visit.actor.agency_id
