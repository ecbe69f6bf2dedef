"""What an agency already knows of the people in a file: looked up by ranges, never row by row."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from sys import intern
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.models import Membership, Professional
from coordination.db import columns
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.persons.records import fold
from coordination.programmes.models import Programme
from coordination.rows import among, ranges

SYSTEMS = ("agency", "france_travail", "france_travail_old")


class Told(NamedTuple):
    """What is known of them; "" where nothing is."""

    birth_name: str
    birth_on: str
    phone: str
    other_phones: str
    email: str
    address: str
    postcode: str
    commune_name: str


KEPT = Told._fields


class Held(NamedTuple):
    """A person of the agency, as far as an import compares."""

    person_id: UUID
    usual_name: str
    given_names: str
    birth_on: date | None
    contact: Told


class HeldJourney(NamedTuple):
    id: UUID
    programme_id: UUID
    entered_on: date | None
    planned_end_on: date | None
    live: bool


@dataclass
class Known:
    by_identifier: dict[tuple[str, str], UUID] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    persons: dict[UUID, Held] = field(default_factory=dict)
    by_name: dict[tuple[str, date | None], UUID] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)
    by_birth: dict[tuple[date, str], list[Held]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[UUID, dict[str, str]] = field(default_factory=dict)
    journeys: dict[UUID, list[HeldJourney]] = field(default_factory=dict)
    programmes: dict[str, UUID] = field(default_factory=dict)
    referents: dict[str, UUID] = field(default_factory=dict)


def look_up(
    db: Session,
    *,
    agency_id: UUID,
    identifiers: Collection[tuple[str, str]],
    names: Collection[str],
    births: Collection[date],
) -> Known:
    """Everything the plan needs, in a number of queries that grows by hundreds of rows."""
    known = Known(programmes=_programmes(db), referents=_referents(db, agency_id))
    for values in ranges({value for _, value in identifiers}):
        rows = db.exec(
            select(PersonIdentifier.system, PersonIdentifier.value, PersonIdentifier.person_id)
            .where(
                PersonIdentifier.agency_id == agency_id,
                col(PersonIdentifier.system).in_(SYSTEMS),
                among(db, col(PersonIdentifier.value), values),
            )
        )  # fmt: skip
        known.by_identifier.update({(system, value): person for system, value, person in rows})
    _forget_restricted(db, known, agency_id)
    for folded in ranges(names):
        _keep(db, known, agency_id, among(db, col(PersonIdentity.folded), folded))
    for days in ranges(births):
        _keep(db, known, agency_id, among(db, col(PersonIdentity.birth_on), days))
    missing = set(known.by_identifier.values()) - set(known.persons)
    for persons in ranges(missing):
        _keep(db, known, agency_id, among(db, col(PersonIdentity.person_id), persons))
    _facts_and_journeys(db, known, agency_id)
    return known


def close_names(one: str, other: str) -> bool:
    """Given names near enough to be a slip of the pen: Charlie and Charlot."""
    a, b = fold(one), fold(other)
    return a.startswith(b) or b.startswith(a) or SequenceMatcher(None, a, b).ratio() >= 0.6


def _restricted(agency_id: UUID) -> SelectOfScalar[UUID]:
    """A file under restricted access is known to no list, whoever brings it."""
    return select(Person.id).where(Person.agency_id == agency_id, col(Person.restricted))


def _forget_restricted(db: Session, known: Known, agency_id: UUID) -> None:
    """Their identifiers are taken, and lead to nobody."""
    persons = set(db.exec(_restricted(agency_id)))
    known.hidden = {pair for pair, person in known.by_identifier.items() if person in persons}
    for pair in known.hidden:
        del known.by_identifier[pair]


_HELD = columns(
    *(
        getattr(PersonIdentity, name)
        for name in ("person_id", "usual_name", "given_names", "folded")
    ),
    *(getattr(PersonIdentity, name) for name in KEPT),
)


def _keep(db: Session, known: Known, agency_id: UUID, condition: Any) -> None:
    wanted = _HELD.where(
        col(PersonIdentity.agency_id) == agency_id,
        condition,
        col(PersonIdentity.person_id).not_in(_restricted(agency_id)),
    )
    for row in db.execute(wanted.order_by(col(PersonIdentity.created_at), col(PersonIdentity.id))):
        if row.person_id in known.persons:
            continue
        contact = Told._make(intern(str(getattr(row, name) or "")) for name in KEPT)
        held = known.persons[row.person_id] = Held(
            row.person_id, row.usual_name, row.given_names, row.birth_on, contact
        )
        known.folded.add(row.folded)
        known.by_name.setdefault((row.folded, row.birth_on), row.person_id)
        if row.birth_on:
            known.by_birth[row.birth_on, fold(row.usual_name)].append(held)


def _facts_and_journeys(db: Session, known: Known, agency_id: UUID) -> None:
    for key in known.persons:  # one object for each key, not one for each row
        known.facts[key], known.journeys[key] = {}, []
    for persons in ranges(known.persons):
        facts = select(PersonFact.person_id, PersonFact.code, PersonFact.value).where(
            PersonFact.agency_id == agency_id, among(db, col(PersonFact.person_id), persons)
        )
        for person_id, code, value in db.exec(facts):
            known.facts[person_id][intern(code)] = intern(value)  # few words, said by thousands
        journeys = columns(
            Journey.id, Journey.person_id, Journey.programme_id, Journey.entered_on,
            Journey.planned_end_on, Journey.state,
        ).where(col(Journey.agency_id) == agency_id)  # fmt: skip
        journeys = journeys.where(among(db, col(Journey.person_id), persons))
        for journey in db.execute(journeys.order_by(col(Journey.created_at), col(Journey.id))):
            held = HeldJourney(
                journey.id,
                journey.programme_id,
                journey.entered_on,
                journey.planned_end_on,
                journey.state in LIVE_STATES,
            )
            known.journeys[journey.person_id].append(held)


def _programmes(db: Session) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    rows = select(Programme.id, Programme.name, Programme.slug).where(col(Programme.active))
    for programme_id, name, slug in db.exec(rows):
        found[fold(name)] = found[fold(slug)] = programme_id
    return found


def _referents(db: Session, agency_id: UUID) -> dict[str, UUID]:
    """Professionals in post, by mail address and by name in both orders."""
    today = clock.today()
    rows = db.exec(
        select(Professional)
        .join(Membership, col(Membership.professional_id) == Professional.id)
        .where(
            Membership.agency_id == agency_id,
            Membership.from_on <= today,
            or_(col(Membership.until_on).is_(None), col(Membership.until_on) >= today),
        )
    )
    found: dict[str, UUID] = {}
    for row in rows:
        for name in (
            row.email.casefold(),
            fold(f"{row.usual_name} {row.given_name}"),
            fold(f"{row.given_name} {row.usual_name}"),
        ):
            found[name] = row.id
    return found
