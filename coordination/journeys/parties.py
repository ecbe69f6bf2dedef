"""The agencies of a journey, and what each may read because of it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.consent import reach
from coordination.consent.models import ReachKind
from coordination.db import past_walls
from coordination.journeys.models import Journey, Party, PartyRole, Referent
from coordination.journeys.touch import touch
from coordination.persons.models import Person

FOLLOWED_DAYS = 183  # the longest follow-up after an exit: parties read on that long


def gather(db: Session, journey: Journey, *, referent_id: UUID | None, on: date) -> None:
    """Who carries a journey that begins, who prescribed it, who holds the thread."""
    join(db, journey, agency_id=journey.agency_id, role=PartyRole.CARRIER, on=on)
    prescriber = journey.prescriber_id
    if prescriber and prescriber != journey.agency_id:
        join(db, journey, agency_id=prescriber, role=PartyRole.PRESCRIBER, on=on)
    if referent_id:
        db.add(Referent(journey_id=journey.id, professional_id=referent_id, from_on=on))


@past_walls
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


@past_walls
def leave(db: Session, journey: Journey, party: Party, *, on: date | None = None) -> None:
    """The agency is no longer a party: its reading stops now, unless it stays in another part."""
    party.until_on = max(on or clock.today(), party.from_on)
    db.flush()
    others = _in_force(journey).where(
        Party.agency_id == party.agency_id, Party.role != PartyRole.EMPLOYER
    )
    if db.exec(others.limit(1)).first() is None:
        reach.close(db, source_id=journey.id, agency_id=party.agency_id)
    touch(db, journey.id)


@past_walls
def open_reading(db: Session, journey: Journey, agency_id: UUID) -> None:
    """The file of the agency that recorded the person is its own; the others are parties, until
    six months after the exit."""
    person = db.get_one(Person, journey.person_id)
    own = person.agency_id == agency_id
    if own and person.restricted:
        return  # the people named read it already
    until = None if own else followed_until(journey)
    if until is not None and until <= clock.now():
        return
    reach.open_to(
        db,
        person_id=journey.person_id,
        agency_id=agency_id,
        kind=ReachKind.OWN if own else ReachKind.PARTY,
        source_id=None if own else journey.id,
        until_at=until,
    )


def followed_until(journey: Journey) -> datetime | None:
    """When the parties stop reading a journey that ended; None while it goes on."""
    if journey.ended_on is None:
        return None
    return clock.at(journey.ended_on + timedelta(days=FOLLOWED_DAYS))


@past_walls
def reopen_reading(db: Session, journey: Journey) -> None:
    """The person came back: the agencies that were still parties read again."""
    for party in db.exec(_in_force(journey).where(Party.role != PartyRole.EMPLOYER)).all():
        open_reading(db, journey, party.agency_id)


def _in_force(journey: Journey) -> SelectOfScalar[Party]:
    return select(Party).where(Party.journey_id == journey.id, col(Party.until_on).is_(None))
