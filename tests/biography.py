"""Which tables are about a person, by their foreign keys, and at least one row about each of the
four in each of them. A table that comes later is given the least row that it takes."""

from collections.abc import Collection
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Date, Enum, String, Table, Uuid, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel
from uuid_utils.compat import uuid7

from coordination import clock, files, labels
from coordination.committees.models import Decision, FollowUp
from coordination.db import Moment
from coordination.journeys.models import (
    Contact,
    JourneyMove,
    JourneyState,
    Step,
    StepKind,
    Suspension,
    SuspensionCause,
)
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact, PersonIdentifier, PersonNote
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Status
from coordination.signals.models import SignalCode
from tests import crossing, furnished
from tests import town as small

# Tables that are about no one: the house, its agencies, its committees, its clerks.
OF_NO_ONE = {
    "access_seal", "agency", "agenda_snapshot", "attendance", "audit_entry", "committee",
    "committee_agency", "committee_kind", "deed", "draft", "extract", "grant",
    "import_mapping", "import_part", "import_run",
    "invitation", "job",
    "link", "mandate", "meeting", "meeting_move", "membership", "minutes", "place_hold",
    "professional", "programme", "programme_rule", "region", "service", "signed_session",
    "territory", "searched", "saved_view", "minor_rule", "regime_rule", "patience", "cohort",
    "team_signal",
}  # fmt: skip


def furnish(db: Session, town: SimpleNamespace, *, but: Collection[str]) -> None:
    """At least one row about each of the four in each table that may tell something."""
    say_more(db, town)
    for name in crossing.OWNERS:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in but:
                _one_row(db, town, table, name)
    db.flush()


def say_more(db: Session, town: SimpleNamespace) -> None:
    """What pages know how to show, of each person of the town."""
    for name, journey in crossing.journeys(town).items():
        say_everything(db, town, name, journey)


def say_everything(db: Session, town: SimpleNamespace, name: str, journey: Any) -> None:
    who, agency = getattr(town, name), {"agency_id": journey.agency_id}
    author, day = town.alice.id, town.today
    for code, (category, _) in labels.FACTS.items():
        db.add(PersonFact(person_id=who.id, category=Category(category), code=code, value="?",
                          **agency))  # fmt: skip
    db.add(PersonNote(person_id=who.id, text="?", professional_id=author, **agency))
    db.add(PersonIdentifier(person_id=who.id, system="imilo", value=name, **agency))
    files.keep_proof(db, b"%PDF-1.7 ?", name="papier.pdf", person=who.id,
                     category=Category.DOCUMENTS.value, agency=journey.agency_id)  # fmt: skip
    demand = furnished.demand(town, journey, "?")
    demand.agency_id = journey.agency_id
    signal = furnished.signal(journey)
    signal.code = SignalCode.SANS_CONTACT
    db.add_all((demand, signal))
    about = {"journey_id": journey.id}
    db.add(Contact(on_day=day, channel="phone", professional_id=author, **agency, **about))
    db.add(Suspension(from_on=day, ended_on=day, cause=SuspensionCause.OTHER, **about))
    db.add(Step(kind=StepKind.IMMERSION, label="?", from_on=day, **about))
    db.add(JourneyMove(verb="stay", after=JourneyState.ENTERED, on_day=day, details={}, **about))
    need = small.need(db, town, journey)
    draft = Referral(
        number=f"O-{name}"[:16], need_id=need.id, person_id=who.id, sender_id=journey.agency_id,
        recipient_id=town.greta.id, destination_id=town.greta.id, professional_id=author,
        status=Status.DRAFT, **about,
    )  # fmt: skip
    db.add(draft)
    db.flush()
    db.add(ReferralStep(referral_id=draft.id, verb="prepare", after=Status.DRAFT))
    held = crossing.points(db, who)
    for item in held[-1:]:
        if not db.execute(select(Decision.id).where(Decision.item_id == item)).first():
            db.add(Decision(item_id=item, meeting_id=town.held.id, outcome="maintain", text="?",
                            teller_id=author, state="confirmed"))  # fmt: skip
            db.add(FollowUp(committee_id=town.committee.id, meeting_id=town.held.id, item_id=item,
                            person_id=who.id, agency_id=journey.agency_id, what="?",
                            confirmed=True))  # fmt: skip
    db.flush()


def more_hidden(db: Session, town: SimpleNamespace, agency: str) -> None:
    """Rows that this agency may not read: more about those who share nothing of it, and someone
    else altogether, known elsewhere, of whom everything is said."""
    for owner in sorted({"mission", "ccas"} - {agency}):
        name = f"zoe_{owner}"
        who = small.person(db, town, "Zoé", f"Zz{owner}", town.today, agency=owner)
        setattr(town, name, who)
        about = small.journey(db, town, who, number=f"J-9{owner}"[:16])
        say_everything(db, town, name, about)
    for name in crossing.OWNERS:
        who = getattr(town, name)
        for code, (category, _) in labels.FACTS.items():
            if not crossing.may_read(agency, name, category):
                db.add(PersonFact(person_id=who.id, category=Category(category),
                                  code=f"{code}_more", value="Zz",
                                  agency_id=who.agency_id))  # fmt: skip
        if not crossing.may_read(agency, name, "notes"):
            db.add(PersonNote(person_id=who.id, text="Zz", professional_id=town.alice.id,
                              agency_id=who.agency_id))  # fmt: skip
    db.flush()
    db.info.pop("acts", None)


def rows_about(db: Session, table: Table, person: UUID) -> list[UUID]:
    path = path_to_a_person(table)
    if path is None:
        return []
    wanted = select(table.c.id)
    here = table
    for column in path[:-1]:
        there = next(iter(here.c[column].foreign_keys)).column.table
        wanted = wanted.join(there, here.c[column] == there.c.id)
        here = there
    return list(db.execute(wanted.where(here.c[path[-1]] == person)).scalars())


def path_to_a_person(table: Table, seen: frozenset[str] = frozenset()) -> list[str] | None:
    """The columns that lead from a row to the person it is about, the shortest way."""
    if "person_id" in table.c:
        return ["person_id"]
    found: list[list[str]] = []
    for column in table.c:
        for key in column.foreign_keys:
            there = key.column.table
            if there.name in OF_NO_ONE | seen | {"file"} or there is table:
                continue
            if there.name == "person":
                return [column.name]
            if (rest := path_to_a_person(there, seen | {table.name})) is not None:
                found.append([column.name, *rest])
    return min(found, key=lambda way: (len(way), "need_id" in way, "file_id" in way), default=None)


def _one_row(db: Session, town: SimpleNamespace, table: Table, name: str) -> None:
    """Where nothing above wrote any, the least that the table takes."""
    path = path_to_a_person(table)
    if path and not rows_about(db, table, getattr(town, name).id):
        least_row(db, town, table, name, path[0])


def least_row(
    db: Session, town: SimpleNamespace, table: Table, name: str, towards: str = ""
) -> UUID:
    """What a CHECK refuses must be written by hand in `say_everything`."""
    model = next(m.class_ for m in SQLModel._sa_registry.mappers if m.local_table is table)
    made = model(**{
        column.name: _least(db, town, column, name)
        for column in table.c
        if model.model_fields[column.name].is_required() or column.name == towards
    })  # fmt: skip
    try:
        with db.begin_nested():
            db.add(made)
    except IntegrityError as refusal:
        raise AssertionError(f"write a row of {table.name} in tests/biography.py") from refusal
    return made.id


def _least(db: Session, town: SimpleNamespace, column: Column, name: str) -> Any:
    person, kind = getattr(town, name), column.type
    if column.name in {"person_id", "agency_id"}:
        return person.id if column.name == "person_id" else person.agency_id
    for key in column.foreign_keys:
        there = key.column.table
        known = rows_about(db, there, person.id) or db.execute(select(there.c.id)).scalars().all()
        return known[0] if known else least_row(db, town, there, name)
    if isinstance(kind, Enum):
        return (kind.enum_class or str)(kind.enums[0])
    if isinstance(kind, Date):
        return town.today + timedelta(days=list(column.table.c).index(column))
    for sort, said in ((Moment, clock.now()), (Uuid, uuid7()), (JSON, {}), (String, f"{name} ?")):
        if isinstance(kind, sort):
            return said
    return 1
