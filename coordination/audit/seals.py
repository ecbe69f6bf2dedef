"""Access lines, counted in the chain hour by hour.

An hour closes when it has ended for `GRACE`. Its count and its SHA-256 become an act,
`access.sealed`. From then on the base refuses a line of that hour (`triggers.py`): a page that
cannot leave its line is not shown. What was missed is caught up; hours that nobody opened anything
are sealed too, many in one act when the worker comes back after a stop.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, Result, func, text
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.audit.acts import act, canonical
from coordination.audit.lines import AccessLine, AccessSeal, AuditEntry
from coordination.db import Closer, columns, reading, transaction

SEALED = "access.sealed"
GRACE = timedelta(minutes=10)
HOUR = timedelta(hours=1)
LOCK = 7_204_116  # on PostgreSQL: each new line shares it, a seal holds it alone

_COLUMNS = (
    "id", "created_at", "professional_id", "agency_id", "link_id", "person_id", "categories",
    "standing_on", "route", "list_key",
)  # fmt: skip


class Seal(NamedTuple):
    """The openings of [since, until), as the chain tells them."""

    since: datetime
    until: datetime
    lines: int
    sha256: str


class HourFault(NamedTuple):
    """Openings of [since, until) are not what was sealed. `sealed` is None where the hour was
    never sealed although a later one was."""

    since: datetime
    until: datetime
    sealed: int | None
    found: int


def seal(engine: Engine, arguments: dict[str, Any], *, closers: Sequence[Closer]) -> dict[str, Any]:
    """The worker's hourly job: every closed hour not sealed yet, a transaction each."""
    sealed = 0
    while _seal_next(engine, closers):
        sealed += 1
    return {"sealed": sealed}


def sealed_hours(db: Session) -> list[Seal]:
    """What the chain tells, in the order of time."""
    told = columns(AuditEntry.entry).where(
        col(AuditEntry.entry).contains(f'"verb":"{SEALED}"', autoescape=True)
    )
    found = [_told(json.loads(entry)["facts"]) for (entry,) in db.execute(told)]
    return sorted(found, key=lambda seal: (seal.since, seal.until))


def first_wrong_hour(db: Session) -> HourFault | None:
    """Recompute every sealed hour; the first that differs, or that was skipped."""
    seals = sealed_hours(db)
    if not seals:
        return None
    end = max(seal.until for seal in seals)
    with closing(_lines(db, None, end)) as lines:
        return compare(seals, iter(lines))


def compare(seals: Sequence[Seal], lines: Iterator[Sequence[Any]]) -> HourFault | None:
    """`lines` in the order of time, none after the last seal. Pure."""
    line = next(lines, None)
    for sealed in seals:
        if line is not None and line[1] < sealed.since:
            hour = _floor(line[1])
            return HourFault(hour, hour + HOUR, None, 1)
        digest, count = hashlib.sha256(), 0
        while line is not None and line[1] < sealed.until:
            _add(digest, line)
            count += 1
            line = next(lines, None)
        if count != sealed.lines or digest.hexdigest() != sealed.sha256:
            return HourFault(sealed.since, sealed.until, sealed.lines, count)
    return None


def _seal_next(engine: Engine, closers: Sequence[Closer]) -> bool:
    closed = _floor(clock.now() - GRACE)
    with reading(engine) as db:
        if _next_period(db, closed) is None:
            return False
    with transaction(engine, closers) as db:
        if db.get_bind().dialect.name == "postgresql":
            db.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        period = _next_period(db, closed)
        if period is None:
            return False
        since, until = period
        digest, count = hashlib.sha256(), 0
        with closing(_lines(db, since, until)) as lines:
            for line in lines:
                _add(digest, line)
                count += 1
        db.add(AccessSeal(since_at=since, until_at=until))
        act(db, CLOCK, SEALED, since=_minute(since), until=_minute(until), count=count,
            sha256=digest.hexdigest())  # fmt: skip
    return True


def _next_period(db: Session, closed: datetime) -> tuple[datetime, datetime] | None:
    """One hour that has lines, or the hours without any up to the next that has."""
    since = db.exec(select(func.max(AccessSeal.until_at))).one()
    first = select(func.min(AccessLine.created_at))
    if since is not None:
        first = first.where(col(AccessLine.created_at) >= since)
    earliest = db.exec(first).one()
    if since is None:
        if earliest is None:
            return None
        since = _floor(earliest)
    until = closed if earliest is None else min(_floor(earliest), closed)
    until = max(until, since + HOUR)
    return (since, until) if until <= closed else None


def _lines(db: Session, since: datetime | None, until: datetime) -> Result[Any]:
    wanted = columns(*(getattr(AccessLine, name) for name in _COLUMNS)).where(
        col(AccessLine.created_at) < until
    )
    if since is not None:
        wanted = wanted.where(col(AccessLine.created_at) >= since)
    wanted = wanted.order_by(col(AccessLine.created_at), col(AccessLine.id))
    return db.execute(wanted.execution_options(yield_per=5000))


def _add(digest: "hashlib._Hash", line: Sequence[Any]) -> None:
    said = {name: _plain(value) for name, value in zip(_COLUMNS, line, strict=True)}
    digest.update(canonical(said).encode() + b"\n")


def _plain(value: Any) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _told(facts: dict[str, Any]) -> Seal:
    since, until = (datetime.fromisoformat(facts[name]) for name in ("since", "until"))
    return Seal(since, until, facts["count"], facts["sha256"])
