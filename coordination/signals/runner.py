"""Running the rules: what they say now against the alerts that stand. New ones are raised,
sentences and scores refreshed, what is no longer true ended; what was dismissed or treated stays
quiet until its day. The same three steps for one journey just touched and for a million at night.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Dialect, Engine, column, delete, func, or_, select
from sqlmodel import Session, col

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.db import past_walls, reading, transaction
from coordination.journeys.models import Journey, JourneyDue
from coordination.rows import unswept
from coordination.signals import agreements, at_once, keeping, raising
from coordination.signals.models import Signal, SignalCode
from coordination.signals.raising import Finding, Rule, Scope, Where

Key = tuple[SignalCode, UUID]
_BATCH = 500
FEW = 50  # journeys touched at once: listed one by one


class Counts(NamedTuple):
    journeys: int = 0
    raised: int = 0
    refreshed: int = 0
    ended: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@past_walls
def close(db: Session, rules: Sequence[Rule]) -> None:
    """Look again at the journeys touched in this transaction, then forget that they were. A closer:
    it runs just before the commit, in the same transaction."""
    keys = db.execute(select(col(JourneyDue.journey_id)).limit(FEW + 1)).scalars().all()
    if not keys:
        return
    look_again(db, rules, raising.these(*sorted(keys)) if len(keys) <= FEW else raising.due)
    db.execute(delete(JourneyDue))


def run(engine: Engine, rules: Sequence[Rule], *, chunk: int = 0) -> Counts:
    """Every journey, by ranges of keys, each range a short transaction: the nightly look. On
    SQLite, where one writes at a time, ranges are shorter; PostgreSQL answers for one range while
    the sentences of another are written here."""
    small = engine.dialect.name == "sqlite"
    ranges = _ranges(engine, chunk or (3000 if small else 40_000))
    _get_ready(engine, rules)
    total = Counts()
    with unswept(), ThreadPoolExecutor(2) as pool:
        each = map if small else pool.map
        for counts in each(partial(_look_at, engine, rules), ranges):
            total = total.plus(counts)
            gc.collect()  # what a range itself left: little, and nobody waits
    return total


def _look_at(engine: Engine, rules: Sequence[Rule], some: tuple[Scope, int]) -> Counts:
    scope, seen = some
    with transaction(engine, context=CLOCK.context) as db:
        counts = look_again(db, rules, scope)
        assert scope.bounds
        first, last = scope.bounds
        due = col(JourneyDue.journey_id)
        db.execute(delete(JourneyDue).where(due > first, due <= last))
    return counts._replace(journeys=seen)


def _ranges(engine: Engine, chunk: int) -> Iterator[tuple[Scope, int]]:
    """Ranges of keys, and how many journeys each holds."""
    after, more = None, True
    while more:
        upto, seen = _next(engine, after, chunk)
        if seen:
            yield raising.between(after, upto), seen
        after, more = upto, upto is not None


def _get_ready(engine: Engine, rules: Sequence[Rule]) -> None:
    """The day's statement is built before anything is held."""
    nothing = raising.between(raising.LAST, raising.LAST)
    with reading(engine, context=CLOCK.context) as db:
        limits = raising.thresholds(db, clock.today())
        list(at_once.findings(db, rules, limits, nothing, raw=True))


def _next(engine: Engine, after: UUID | None, chunk: int) -> tuple[UUID | None, int]:
    """The last key of the next range and how many journeys it holds; None when it is the last."""
    keys = select(col(Journey.id)).order_by(col(Journey.id))
    if after:
        keys = keys.where(col(Journey.id) > after)
    with reading(engine, context=CLOCK.context) as db:
        upto: UUID | None = db.execute(keys.limit(1).offset(chunk - 1)).scalar()
        if upto:
            return upto, chunk
        left = select(func.count()).select_from(keys.order_by(None).subquery())
        return None, int(db.execute(left).scalar_one())


def say(
    db: Session,
    rules: Sequence[Rule],
    scope: Scope,
    *,
    today: date | None = None,
    limits: raising.Thresholds | None = None,
) -> dict[Key, Finding]:
    """What the rules say of these journeys, whatever alerts stand. Where two rules say the same
    thing of the same subject, the heavier sentence is kept."""
    limits = limits or raising.thresholds(db, today or clock.today())
    return _said(at_once.findings(db, rules, limits, scope))


def _said(findings: Iterable[Finding]) -> dict[Key, Finding]:
    said: dict[Key, Finding] = {}
    for finding in findings:
        key = finding.code, finding.subject_id
        if key not in said or finding.score > said[key].score:
            said[key] = finding
    return said


def look_again(db: Session, rules: Sequence[Rule], scope: Scope) -> Counts:
    """Bring the alerts of these journeys in line with what the rules say now."""
    db.flush()
    limits, raw = raising.thresholds(db, clock.today()), bool(scope.bounds)
    said = _said(at_once.findings(db, rules, limits, scope, raw=raw))
    standing: dict[Key, Any] = {}
    quiet: set[Key] = set()
    connection = db.connection()
    known = _known(scope.where, limits.today, raw, connection.dialect)
    for row in connection.execute(known, scope.params(connection.dialect)).all():
        if row.ended_at is None:
            standing[row.code, row.subject_id] = row
        else:
            quiet.add((row.code, row.subject_id))
    new = [found for key, found in said.items() if key not in standing and key not in quiet]
    changed = [
        (standing[key], found)
        for key, found in said.items()
        if key in standing and standing[key][_TOLD:] != found[_TOLD:]
    ]
    over = [row.id for key, row in standing.items() if key not in said]
    keeping.begin(db, new)
    if not raw:
        agreements.arisen(db, new)
    keeping.refresh(db, changed)
    keeping.end(db, over)
    return Counts(raised=len(new), refreshed=len(changed), ended=len(over))


_TOLD = 4  # from there, what stands and what is said have the same columns


@lru_cache(maxsize=16)
def _known(where: Where, today: date, raw: bool, dialect: Dialect) -> Any:
    """Alerts that stand, and those set aside that must stay so."""
    wanted = select(
        col(Signal.id),
        col(Signal.code),
        col(Signal.subject_id),
        col(Signal.ended_at),
        col(Signal.agency_id),
        col(Signal.since_on),
        col(Signal.sentence),
        col(Signal.weight),
        col(Signal.score),
        col(Signal.severity),
    ).where(
        where(col(Signal.journey_id)),
        or_(col(Signal.ended_at).is_(None), col(Signal.dismissed_until) > today),
    )
    columns = [column(c.name, at_once.kind(c.type, raw=raw)) for c in wanted.selected_columns]
    return at_once.written(wanted, columns, dialect)
