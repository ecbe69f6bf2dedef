"""What a rule is: a code, a weight, one SELECT over all the journeys asked for, and a pure sentence
that explains each row and tells nothing personal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import Session, col

from coordination import clock
from coordination.journeys.models import Journey, JourneyDue, JourneyState
from coordination.signals import score
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.thresholds import Thresholds, thresholds

__all__ = ["Finding", "Rule", "Scope", "Thresholds", "thresholds"]

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


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

    @property
    def params(self) -> dict[str, Any]:
        if self.keys:
            return {"keys": list(self.keys)}
        return dict(zip(("after", "upto"), self.bounds, strict=True)) if self.bounds else {}


def _noted(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = journey_id.in_(select(col(JourneyDue.journey_id)))
    return condition


def _listed(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = journey_id.in_(bindparam("keys", expanding=True))
    return condition


def _ranged(journey_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (journey_id > bindparam("after")) & (
        journey_id <= bindparam("upto")
    )
    return condition


# The journeys noted by `journeys.touch`, however many, without listing them.
due = Scope(_noted)


def these(*ids: UUID) -> Scope:
    """A few journeys, listed: the base knows how few, and goes to each by its key."""
    return Scope(_listed, keys=ids)


def between(after: UUID | None, upto: UUID | None) -> Scope:
    """A range of keys, which are ordered by time; None is open."""
    return Scope(_ranged, (after or _FIRST, upto or _LAST))


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
    threshold), by default measure / threshold. `states` are the journeys' states in which it may
    speak; `asks`, the rules of which the programme must give one: it is not run for others."""

    code: SignalCode
    weight: float
    select: Callable[[date, Thresholds, Scope], Columns]
    sentence: Callable[[date, Any], str]
    past: Callable[[date, Any], float] = _ratio
    since: Callable[[date, Any], date] = _since
    states: tuple[JourneyState, ...] = tuple(JourneyState)
    asks: tuple[str, ...] = ()

    def concerns(self, limits: Thresholds, standing: set[tuple[UUID, JourneyState]] | None) -> bool:
        """Whether it may say something: of journeys of these programmes in these states, or (None)
        of any."""
        asked = {key for name in self.asks for key in limits.giving(name)} if self.asks else None
        if standing is None:
            return asked is None or bool(asked)
        return any(
            state in self.states and (asked is None or programme in asked)
            for programme, state in standing
        )

    def findings(self, db: Session, limits: Thresholds, scope: Scope) -> Iterator[Finding]:
        for row in read(db, self.statement(limits, scope), scope):
            yield self.finding(limits.today, row)

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

    def statement(self, limits: Thresholds, scope: Scope) -> Columns:
        """Built once for all the commits, or all the ranges, of a day: building costs more than
        running."""
        if scope.where in (_noted, _ranged, _listed):
            return _built(self, limits, scope.where)
        return self.select(limits.today, limits, scope)


@lru_cache(maxsize=256)
def _built(rule: Rule, limits: Thresholds, where: Callable[[Any], ColumnElement[bool]]) -> Columns:
    return rule.select(limits.today, limits, Scope(where))


def read(db: Session, statement: Columns, scope: Scope) -> Any:
    """Columns only: through the connection, without what sessions do for objects."""
    return db.connection().execute(statement, scope.params)


def met(db: Session, scope: Scope) -> set[tuple[UUID, JourneyState]]:
    """The programmes and states of these journeys."""
    wanted = select(col(Journey.programme_id), col(Journey.state)).where(scope(col(Journey.id)))
    return {(programme, state) for programme, state in read(db, wanted.distinct(), scope)}
