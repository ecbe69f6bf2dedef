"""One unique word in every column of text that says something of a person, so that a walk of every
page tells which of them reached whom."""

from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import Column, Enum, String, Table, select, update
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from coordination import labels
from coordination.journeys.models import Suspension, SuspensionCause
from coordination.persons.categories import TABLES, TECHNICAL, Category
from coordination.persons.models import PersonFact, PersonIdentifier, PersonNote
from coordination.referrals.models import ReferralStep
from coordination.referrals.states import Status
from coordination.signals.models import SignalCode
from tests import furnished
from tests import town as small

# What a column holds is a code, or is said to everyone by design.
SAID = {
    "agenda_item",  # the anonymous situation: its title, its snapshot
    "signal.sentence",  # explains the alert and tells nothing personal
    "follow_up.what",  # typed for its agency, names hidden (tests/committees/test_minutes.py)
    "journey.number", "journey.review", "journey.import_key",
    "need.code", "need.origin", "person_fact.code", "person_identifier.system",
    "referral.number", "referral.origin_label", "referral.outcome", "referral.snapshot_sha256",
    "referral_step.verb", "journey_move.verb", "person_identity.language",
}  # fmt: skip
OF_A_JOURNEY = {"journey_move", "contact", "suspension", "step"}


def plant(db: Session, town: SimpleNamespace) -> dict[str, str]:
    """word → what it is, for Sami (who agreed to nothing) and for what Dana did not share."""
    say_more(db, town)
    found: dict[str, str] = {}
    for table in SQLModel.metadata.sorted_tables:
        for row in _rows_about(db, table, town.sami.id, town.sami_journey.id, town.draft.id):
            _mark(db, table, row, f"sami {table.name}", found)
    for kind in (PersonFact, PersonNote):
        table = kind.__table__
        wanted = select(table.c.id).where(table.c.person_id == town.dana.id)
        if kind is PersonFact:
            wanted = wanted.where(table.c.category.not_in([c.value for c in small.SHARED]))
        for row in db.execute(wanted).scalars():
            _mark(db, table, row, f"dana {table.name}", found)
    return found


def say_more(db: Session, town: SimpleNamespace) -> None:
    """At least one row about Sami in each table that may tell something, and Dana's own secrets."""
    agency = {"agency_id": town.mission.id}
    for who in (town.dana, town.sami):
        for code, (category, _) in labels.FACTS.items():
            db.add(PersonFact(person_id=who.id, category=Category(category), code=code, value="?",
                              **agency))  # fmt: skip
        db.add(PersonNote(person_id=who.id, text="?", professional_id=town.alice.id, **agency))
    db.add(PersonIdentifier(person_id=town.sami.id, system="imilo", value="?", **agency))
    db.add(furnished.demand(town, town.sami_journey, "?"))
    signal = furnished.signal(town.sami_journey)
    signal.code = SignalCode.SANS_CONTACT
    db.add(signal)
    day = town.today
    db.add(Suspension(journey_id=town.sami_journey.id, from_on=day, ended_on=day,
                      cause=SuspensionCause.OTHER))  # fmt: skip
    db.add(ReferralStep(referral_id=town.draft.id, verb="prepare", after=Status.DRAFT))
    db.flush()


def _rows_about(
    db: Session, table: Table, person: UUID, journey: UUID, referral: UUID
) -> list[UUID]:
    columns = table.c
    if table.name == "journey":
        wanted = columns.id == journey
    elif "person_id" in columns:
        if TABLES[table.name] == TECHNICAL:
            return []
        wanted = columns.person_id == person
    elif table.name in OF_A_JOURNEY:
        wanted = columns.journey_id == journey
    elif table.name == "referral_step":
        wanted = columns.referral_id == referral
    else:
        return []
    return list(db.execute(select(columns.id).where(wanted)).scalars())


def _mark(db: Session, table: Table, row: UUID, what: str, found: dict[str, str]) -> None:
    for column in table.c:
        name = f"{table.name}.{column.name}"
        if table.name in SAID or name in SAID or not free_text(column):
            continue
        word = f"zq{len(found):03}canari"
        db.execute(update(table).where(table.c.id == row).values({column.name: word}))
        found[word] = f"{what}.{column.name}"


def free_text(column: Column) -> bool:
    kind = column.type
    if column.foreign_keys or not isinstance(kind, AutoString | String) or isinstance(kind, Enum):
        return False
    return getattr(kind, "length", None) is None or kind.length > 20
