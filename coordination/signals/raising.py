"""What a rule is: a code, a weight, one SELECT over all the journeys asked for, and a pure sentence
that explains each row and tells nothing personal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from coordination import clock
from coordination.journeys.models import JourneyDue
from coordination.programmes.models import ProgrammeRule
from coordination.signals import score, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns

NEAR = 0.9  # of a maximum: from there it is said

# Which journeys: given the column that holds a journey's id, the condition on it.
Scope = Callable[[Any], ColumnElement[bool]]


def due(journey_id: Any) -> ColumnElement[bool]:
    """The journeys noted by `journeys.touch`, however many, without listing them."""
    return journey_id.in_(select(col(JourneyDue.journey_id)))


def these(*ids: UUID) -> Scope:
    return lambda journey_id: journey_id.in_(ids)


def between(after: UUID | None, upto: UUID | None) -> Scope:
    """A range of keys, which are ordered by time; None is open."""

    def scope(journey_id: Any) -> ColumnElement[bool]:
        return and_(
            journey_id.is_not(None),
            *((journey_id > after,) if after else ()),
            *((journey_id <= upto,) if upto else ()),
        )

    return scope


@dataclass(frozen=True)
class Thresholds:
    """The programmes' rules in force on a day: their ids, one per programme, and the numbers of
    months that they name."""

    today: date
    rules: tuple[UUID, ...] = ()
    months: tuple[int, ...] = ()

    @property
    def full(self) -> dict[int, int]:
        """Months → the days they make, counted back from that day."""
        return {m: (self.today - spans.months_back(self.today, m)).days for m in self.months}

    @property
    def near(self) -> dict[int, int]:
        return {m: int(days * NEAR) for m, days in self.full.items()}

    def in_force(self, programme_id: Any) -> ColumnElement[bool]:
        """The join to the one `ProgrammeRule` that holds for a programme."""
        return and_(
            col(ProgrammeRule.programme_id) == programme_id,
            col(ProgrammeRule.id).in_(self.rules),
        )


def thresholds(db: Session, today: date) -> Thresholds:
    rows = db.execute(
        select(
            col(ProgrammeRule.programme_id),
            col(ProgrammeRule.id),
            col(ProgrammeRule.max_duration_months),
            col(ProgrammeRule.suspension_max_months),
        )
        .where(
            col(ProgrammeRule.from_on) <= today,
            or_(col(ProgrammeRule.until_on).is_(None), col(ProgrammeRule.until_on) >= today),
        )
        .order_by(col(ProgrammeRule.from_on))
    ).all()
    chosen = {row[0]: row for row in rows}  # the last one from which a rule holds
    months = sorted({m for _, _, *durations in chosen.values() for m in durations if m})
    return Thresholds(today, tuple(sorted(row[1] for row in chosen.values())), tuple(months))


class Finding(NamedTuple):
    """One thing that a rule says of one journey, today."""

    code: SignalCode
    subject_id: UUID
    journey_id: UUID
    person_id: UUID
    agency_id: UUID
    since_on: date
    sentence: str
    score: float
    severity: int


def _ratio(today: date, row: Any) -> float:
    return float(row.measure) / float(row.threshold)


def _since(today: date, row: Any) -> date:
    since: date = row.since_on
    return clock.local(since).date() if isinstance(since, datetime) else since


@dataclass(frozen=True)
class Rule:
    """`select(today, thresholds, scope)` names at least the columns journey_id, person_id,
    agency_id, subject_id, since_on; `past` says how far past its threshold a row is (1.0 at the
    threshold), by default measure / threshold."""

    code: SignalCode
    weight: float
    select: Callable[[date, Thresholds, Scope], Columns]
    sentence: Callable[[date, Any], str]
    past: Callable[[date, Any], float] = _ratio
    since: Callable[[date, Any], date] = _since

    def findings(self, db: Session, limits: Thresholds, scope: Scope) -> Iterator[Finding]:
        today = limits.today
        wanted = _of_due(self, limits) if scope is due else self.select(today, limits, scope)
        for row in db.execute(wanted):
            total = score.score(self.weight, self.past(today, row))
            yield Finding(
                self.code,
                row.subject_id,
                row.journey_id,
                row.person_id,
                row.agency_id,
                self.since(today, row),
                self.sentence(today, row),
                total,
                score.severity(total),
            )


@lru_cache(maxsize=256)
def _of_due(rule: Rule, limits: Thresholds) -> Columns:
    """The same SELECT serves every commit of a day: building it costs more than running it."""
    return rule.select(limits.today, limits, due)
