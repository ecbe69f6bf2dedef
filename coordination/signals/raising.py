"""What a rule is: a code, a weight, one SELECT over all the journeys asked for, and a pure sentence
that explains each row and tells nothing personal."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Dialect, Uuid, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import col

from coordination import clock
from coordination.journeys.models import JourneyDue
from coordination.signals import score
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.thresholds import Thresholds, thresholds

__all__ = ["Finding", "Rule", "Scope", "Thresholds", "thresholds"]

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


Where = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Scope:
    """Which journeys: `where`, given the column that holds a journey's id, is the condition on
    it; `bounds` are the ends of a range of keys, `keys` the journeys when they are few."""

    where: Where
    bounds: tuple[UUID, UUID] | None = None
    keys: tuple[UUID, ...] = ()

    def __call__(self, journey_id: Any) -> ColumnElement[bool]:
        return self.where(journey_id)

    def params(self, dialect: Dialect) -> dict[str, Any]:
        if self.bounds:
            return {name: bound(dialect, key) for name, key in zip(_ENDS, self.bounds, strict=True)}
        if len(self.keys) == 1:
            return {"key": bound(dialect, self.keys[0])}
        if dialect.name == "sqlite":
            return {"keys": json.dumps([key.hex for key in self.keys])} if self.keys else {}
        return {"keys": list(self.keys)} if self.keys else {}


_ENDS = ("after", "upto")


def bound(dialect: Dialect, key: UUID) -> Any:
    """A key as this base keeps it."""
    return key.hex if dialect.name == "sqlite" else key


class Among(ColumnElement[bool]):
    """A key among those handed over, few: each is looked for by its index."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, of: Any) -> None:
        self.of = of

    def self_group(self, against: Any = None) -> "Among":
        return self  # a truth already: `= 1` behind it, on SQLite, would hide the index


@compiles(Among, "sqlite")
def _among_sqlite(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.of, **kw)} IN (SELECT value FROM json_each(:keys))"


@compiles(Among, "postgresql")
def _among_postgresql(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.of, **kw)} = ANY(CAST(:keys AS uuid[]))"


def _noted(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = journey_id.in_(select(col(JourneyDue.journey_id)))
    return condition


def _one(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = journey_id == _given("key")
    return condition


def _ranged(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (journey_id > _given("after")) & (journey_id <= _given("upto"))
    return condition


def _given(name: str) -> Any:
    return literal_column(f":{name}", Uuid())


# The journeys noted by `journeys.touch`, however many, without listing them.
due = Scope(_noted)


def these(*ids: UUID) -> Scope:
    """A few journeys, listed: the base knows how few, and goes to each by its key."""
    return Scope(_one if len(ids) == 1 else Among, keys=ids)


def between(after: UUID | None, upto: UUID | None) -> Scope:
    """A range of keys, which are ordered by time; None is open."""
    return Scope(_ranged, (after or FIRST, upto or LAST))


class Finding(NamedTuple):
    """One thing that a rule says of one journey, today."""

    code: SignalCode
    subject_id: UUID
    journey_id: UUID
    person_id: UUID
    agency_id: UUID
    since_on: date
    sentence: str
    weight: float
    score: float
    severity: int


def _ratio(today: date, row: Any) -> float:
    return float(row.measure) / float(row.threshold)


def at_least_once(today: date, row: Any) -> float:
    return max(1.0, row.measure / row.threshold)


def _since(today: date, row: Any) -> date:
    since: date = row.since_on
    return clock.local(since).date() if isinstance(since, datetime) else since


@dataclass(frozen=True)
class Rule:
    """`select(today, thresholds, scope)` names at least the columns journey_id, person_id,
    agency_id, subject_id, since_on; `past` says how far past its threshold a row is (1.0 at the
    threshold), by default measure / threshold; `asks`, the rules of which some programme must give
    one, else it is not run."""

    code: SignalCode
    weight: float
    select: Callable[[date, Thresholds, Scope], Columns]
    sentence: Callable[[date, Any], str]
    past: Callable[[date, Any], float] = _ratio
    since: Callable[[date, Any], date] = _since
    asks: tuple[str, ...] = ()

    def concerns(self, limits: Thresholds) -> bool:
        """Whether some programme gives what it asks."""
        return not self.asks or any(limits.giving(name) for name in self.asks)

    def finding(self, today: date, row: Any) -> Finding:
        total = score.score(self.weight, self.past(today, row))
        return Finding(
            self.code,
            row.subject_id,
            row.journey_id,
            row.person_id,
            row.agency_id,
            self.since(today, row),
            self.sentence(today, row),
            self.weight,
            total,
            score.severity(total),
        )
