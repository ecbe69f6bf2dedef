"""Running the rules: what they say now against the alerts that stand. New ones are raised,
sentences and scores refreshed, what is no longer true ended; what was dismissed or treated stays
quiet until its day. The same three steps for one journey just touched and for a million at night.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.db import past_walls, reading, transaction
from coordination.journeys.models import Journey, JourneyDue
from coordination.signals import alone, raising
from coordination.signals.models import Signal, SignalCode, SignalState
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
    SQLite, where one writes at a time, ranges are shorter."""
    total, after, more = Counts(), None, True
    chunk = chunk or (3000 if engine.dialect.name == "sqlite" else 20_000)
    while more:
        upto, seen = _next(engine, after, chunk)
        if not seen:
            break
        scope = raising.between(after, upto)
        with transaction(engine, context=CLOCK.context) as db:
            counts = look_again(db, rules, scope)
            db.execute(delete(JourneyDue).where(scope(col(JourneyDue.journey_id))), scope.params)
        total, after, more = total.plus(counts._replace(journeys=seen)), upto, upto is not None
    return total


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
    said: dict[Key, Finding] = {}
    for finding in _findings(db, rules, limits, scope):
        key = finding.code, finding.subject_id
        if key not in said or finding.score > said[key].score:
            said[key] = finding
    return said


def _findings(
    db: Session, rules: Sequence[Rule], limits: raising.Thresholds, scope: Scope
) -> Iterator[Finding]:
    if len(scope.keys) == 1 and rules:
        return alone.findings(db, rules, limits, scope.keys[0])
    standing = None if scope.bounds else raising.met(db, scope)
    concerned = (rule for rule in rules if rule.concerns(limits, standing))
    return chain.from_iterable(rule.findings(db, limits, scope) for rule in concerned)


def look_again(db: Session, rules: Sequence[Rule], scope: Scope) -> Counts:
    """Bring the alerts of these journeys in line with what the rules say now."""
    db.flush()
    today = clock.today()
    said = say(db, rules, scope, today=today)
    standing: dict[Key, Any] = {}
    quiet: set[Key] = set()
    for row in raising.read(db, _known(scope.where, today), scope):
        if row.ended_at is None:
            standing[row.code, row.subject_id] = row
        else:
            quiet.add((row.code, row.subject_id))
    new = [found for key, found in said.items() if key not in standing and key not in quiet]
    changed = [
        (standing[key].id, found)
        for key, found in said.items()
        if key in standing and _differs(standing[key], found)
    ]
    over = [row.id for key, row in standing.items() if key not in said]
    _raise(db, new)
    _refresh(db, changed)
    _end(db, over)
    return Counts(raised=len(new), refreshed=len(changed), ended=len(over))


@lru_cache(maxsize=8)
def _known(where: Where, today: date) -> Any:
    """Alerts that stand, and those set aside that must stay so."""
    return select(
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


_TOLD = ("agency_id", "since_on", "sentence", "weight", "score", "severity")
_told = attrgetter(*_TOLD)


def _differs(row: Any, found: Finding) -> bool:
    return bool(_told(row) != _told(found))


def _refresh(db: Session, changed: Sequence[tuple[UUID, Finding]]) -> None:
    if not changed:
        return
    table = SQLModel.metadata.tables["signal"]
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _TOLD}
    rows = [
        {"this": key} | {f"new_{name}": getattr(found, name) for name in _TOLD}
        for key, found in changed
    ]
    db.connection().execute(update(table).where(table.c.id == bindparam("this")).values(new), rows)


def _end(db: Session, over: Sequence[UUID]) -> None:
    for start in range(0, len(over), _BATCH):
        ids = over[start : start + _BATCH]
        db.execute(
            update(Signal)
            .where(col(Signal.id).in_(ids))
            .values(ended_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def _raise(db: Session, new: Sequence[Finding]) -> None:
    """Two transactions may see the same fact at once: the second one's alert is simply not made."""
    if not new:
        return
    table = SQLModel.metadata.tables["signal"]
    on_sqlite = db.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    moment = clock.now()
    rows = [
        {
            **found._asdict(),
            "id": uuid7(),
            "created_at": moment,
            "state": SignalState.RAISED,
            "reason": "",
        }
        for found in sorted(new)
    ]
    db.connection().execute(insert.on_conflict_do_nothing(), rows)
