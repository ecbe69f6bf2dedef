"""The rows of one import, gathered by table, then written: a statement for many rows."""

from collections import defaultdict
from functools import cache
from typing import Any
from uuid import UUID

from pydantic_core import PydanticUndefined
from sqlmodel import Session, SQLModel, col
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent.models import Reach
from coordination.db import columns
from coordination.journeys import numbers
from coordination.journeys.models import (
    Journey,
    JourneyDue,
    JourneyMove,
    JourneyPeriod,
    Party,
    Referent,
)
from coordination.journeys.models_along import Block
from coordination.persons import same
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.programmes import rules
from coordination.programmes.catalogue import Rules
from coordination.rows import put

# In the order of the foreign keys.
TABLES: tuple[type[SQLModel], ...] = (
    Person, PersonIdentity, PersonIdentifier, PersonFact, Reach, Journey, JourneyPeriod, Party,
    Referent, Block, JourneyMove, JourneyDue,
)  # fmt: skip

_DRAWN = 200


class Gathered:
    """The rows of one import, gathered by table, then inserted."""

    def __init__(self, db: Session, agency_id: UUID, actor: Actor) -> None:
        self.db, self.actor, self.agency_id = db, actor, agency_id
        self.territory_id = db.get_one(Agency, agency_id).territory_id
        self.identities: dict[UUID, PersonIdentity] = {}
        self.persons: dict[UUID, Person] = {}
        self.journeys: dict[UUID, Journey] = {}
        self.rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        self.salts: dict[UUID, str] = {}
        self.shared = same.all_shared(db)  # own hash → hash borne, where they differ or meet
        self.numbers: dict[int, set[str]] = defaultdict(set)  # by year, free
        self.drawn: set[str] = set()
        self.now = clock.now()
        self._rules: dict[UUID, Rules] = {}

    def rules(self, programme_id: UUID) -> Rules:
        """What a programme asks today."""
        if programme_id not in self._rules:
            self._rules[programme_id] = rules.in_force(self.db, programme_id, clock.today())
        return self._rules[programme_id]

    def add(self, table: type[SQLModel], **given: Any) -> UUID:
        fixed, made = _defaults(table)
        row = {**fixed, **given, "id": uuid7(), "created_at": self.now}
        for name, make in made:
            row.setdefault(name, make())
        self.rows[table].append(row)
        key: UUID = row["id"]
        return key

    def number(self, year: int) -> str:
        """One that no journey bears: drawn and looked up by ranges."""
        free = self.numbers[year]
        while not free:
            drawn = {numbers.draw(year) for _ in range(_DRAWN)} - self.drawn
            taken = columns(Journey.number).where(col(Journey.number).in_(drawn))
            free |= drawn - set(self.db.execute(taken).scalars())
            self.drawn |= drawn
        return free.pop()

    def insert(self) -> None:
        """Without objects: a row is what `add` said."""
        for table in TABLES:
            if rows := self.rows.get(table):
                put(self.db, SQLModel.metadata.tables[name_of(table)], rows)


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
