"""The rows that lines of an import make, gathered by table: a statement for many rows. What they
need of the base is asked before; nothing is asked while they are made."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import PydanticUndefined
from sqlmodel import Session, SQLModel, col
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.agencies.models import Agency
from coordination.consent.models import Reach
from coordination.db import columns
from coordination.journeys import numbers
from coordination.journeys.imports.lines import Line
from coordination.journeys.models import (
    Journey,
    JourneyDue,
    JourneyMove,
    JourneyPeriod,
    Party,
    Referent,
)
from coordination.journeys.models_along import Block
from coordination.persons.models import (
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
    PersonToken,
)
from coordination.programmes import rules
from coordination.programmes.catalogue import Rules
from coordination.rows import among, put, ranges

Rows = dict[type[SQLModel], list[dict[str, Any]]]
# In the order of the foreign keys.
TABLES: tuple[type[SQLModel], ...] = (
    Person, PersonIdentity, PersonIdentifier, PersonFact, PersonToken, Reach, Journey,
    JourneyPeriod, Party, Referent, Block, JourneyMove, JourneyDue,
)  # fmt: skip


class Foreseen(NamedTuple):
    """What the lines of an import need of the base, asked once for all of them."""

    agency_id: UUID
    territory_id: UUID | None
    by: UUID | None  # who imports
    rules: Mapping[UUID, Rules]  # by programme, today's
    numbers: Mapping[int, set[str]]  # by year, free ones, each given once


def foresee(db: Session, lines: Sequence[Line], *, agency_id: UUID, by: UUID | None) -> Foreseen:
    opening = [line for line in lines if line.opens_journey]
    asked = {line.programme_id for line in opening if line.programme_id}
    years = Counter(line.entered_on.year for line in opening if line.entered_on)
    return Foreseen(
        agency_id,
        db.get_one(Agency, agency_id).territory_id,
        by,
        {key: rules.in_force(db, key, clock.today()) for key in asked},
        {year: _free_numbers(db, year, wanted) for year, wanted in years.items()},
    )


def _free_numbers(db: Session, year: int, wanted: int) -> set[str]:
    """As many that no journey bears."""
    free: set[str] = set()
    while len(free) < wanted:
        drawn = {numbers.draw(year) for _ in range(wanted - len(free))}
        taken: set[str] = set()
        for some in ranges(drawn):
            borne = columns(Journey.number).where(among(db, col(Journey.number), some))
            taken |= set(db.execute(borne).scalars())
        free |= drawn - taken
    return free


class Gathered:
    """The rows of some lines, by table; the lines that open a journey; what was made."""

    def __init__(self, foreseen: Foreseen) -> None:
        self.foreseen, self.agency_id = foreseen, foreseen.agency_id
        self.rows: Rows = defaultdict(list)
        self.opened: list[Line] = []
        self.made: list[dict[str, Any]] = []
        self.salts: dict[UUID, str] = {}
        self.now = clock.now()

    def add(self, table: type[SQLModel], **given: Any) -> UUID:
        fixed, made = _defaults(table)
        row = {**fixed, **given, "id": uuid7(), "created_at": self.now}
        for name, make in made:
            row.setdefault(name, make())
        self.rows[table].append(row)
        key: UUID = row["id"]
        return key

    def insert(self, db: Session) -> None:
        """Without objects: a row is what `add` said. Rows handed over are forgotten."""
        for table in TABLES:
            if rows := self.rows.pop(table, None):
                put(db, SQLModel.metadata.tables[name_of(table)], rows)


@cache
def name_of(table: type[SQLModel]) -> str:
    return str(table.__tablename__)


@cache
def _defaults(table: type[SQLModel]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """A row's values before anything is said: those that are fixed, those made each time."""
    fields = table.model_fields
    made = [(name, f.default_factory) for name, f in fields.items()
            if f.default_factory and name not in {"id", "created_at"}]  # fmt: skip
    fixed = {
        name: f.default
        for name, f in fields.items()
        if not f.default_factory and f.default is not PydanticUndefined
    }
    return fixed, made
