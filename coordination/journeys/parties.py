"""The agencies of a journey, and what each may read because of it."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.consent import reach
from coordination.consent.models import ReachKind
from coordination.journeys.models import Journey, Party, PartyRole
from coordination.journeys.touch import touch
from coordination.persons.models import Person


def join(
    db: Session, journey: Journey, *, agency_id: UUID, role: PartyRole, on: date | None = None
) -> Party:
    """An agency becomes a party; it then reads what its own mission in the journey opens. An
    employer is called, and reads nothing."""
    known = db.exec(_in_force(journey).where(Party.agency_id == agency_id, Party.role == role))
    if party := known.first():
        return party
    party = Party(
        journey_id=journey.id, agency_id=agency_id, role=role, from_on=on or clock.today()
    )
    db.add(party)
    if role is not PartyRole.EMPLOYER:
        open_reading(db, journey, agency_id)
    touch(db, journey.id)
    return party


def leave(db: Session, journey: Journey, party: Party, *, on: date | None = None) -> None:
    """The agency is no longer a party: its reading stops now."""
    party.until_on = max(on or clock.today(), party.from_on)
    reach.close(db, source_id=journey.id, agency_id=party.agency_id)
    touch(db, journey.id)


def open_reading(db: Session, journey: Journey, agency_id: UUID) -> None:
    """The file of the agency that recorded the person is its own; the others are parties."""
    own = db.get_one(Person, journey.person_id).agency_id == agency_id
    reach.open_to(
        db,
        person_id=journey.person_id,
        agency_id=agency_id,
        kind=ReachKind.OWN if own else ReachKind.PARTY,
        source_id=None if own else journey.id,
    )


def reopen_reading(db: Session, journey: Journey) -> None:
    """The person came back: the agencies that were still parties read again."""
    for party in db.exec(_in_force(journey).where(Party.role != PartyRole.EMPLOYER)).all():
        open_reading(db, journey, party.agency_id)


def _in_force(journey: Journey) -> SelectOfScalar[Party]:
    return select(Party).where(Party.journey_id == journey.id, col(Party.until_on).is_(None))
