"""What it costs to keep track, on SQLite and on PostgreSQL, both writing for good.

(a) an audited act (one row, one line of the chain, one commit) against inserting that row and
    committing, through the same transaction of the house, in turn in the same run; what the driver
    alone takes is told beside;
(b) the same act, and a page's access line, on a base of 10,000 lines and on one of 1,000,000;
(c) pages with PostgreSQL's row-level walls and without (bench/walls.py).

TRACE_LINES makes the large base smaller.
"""

import os
import secrets
import shutil
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import Column, Engine, MetaData, String, Table, Uuid, insert
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from bench import walls
from bench.base import timed
from bench.report import Bar, write

FEW, MANY = 10_000, int(os.environ.get("TRACE_LINES", "1_000_000"))
ROUNDS, EACH = 60, 10
BATCH = 10_000

# A verb's own row: what the act is about.
FACT = Table("bench_fact", MetaData(), Column("id", Uuid, primary_key=True), Column("said", String))


class Base(NamedTuple):
    """A base of so many lines: through the house, and through its driver alone."""

    engine: Engine
    bare: Callable[[UUID], None]


def run() -> int:
    folder = Path(tempfile.mkdtemp(prefix="passerelles-bench-"))
    os.environ.setdefault("PASSERELLES_SECRET", "a secret of the benches, long enough to start")
    bars = []
    try:
        for name, bases in (("SQLite", _sqlite(folder)), ("PostgreSQL", _postgresql())):
            print(f"{name}: bases of {FEW:,} and {MANY:,} lines…")
            with bases as (few, many):
                bars += _measure(name, few, many)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("PostgreSQL's own walls: a Région with and without…")
    return write("trace", [*bars, *walls.bars()])


def _measure(name: str, few: Base, many: Base) -> list[Bar]:
    """In turn, round by round, so that what disturbs the machine disturbs all of them."""
    works: dict[str, Callable[[], object]] = {
        "driver alone": lambda: few.bare(uuid7()),
        "bare": lambda: _insert(few.engine),
        "act": lambda: _act(few.engine),
        "act, many": lambda: _act(many.engine),
        "look": lambda: _look(few.engine),
        "look, many": lambda: _look(many.engine),
    }
    took: dict[str, list[float]] = {work: [] for work in works}
    for do in works.values():
        for _ in range(EACH):
            do()
    for _ in range(ROUNDS):
        for work, do in works.items():
            took[work].append(statistics.median(timed(do) for _ in range(EACH)))

    def ratio(one: str, other: str) -> float:
        return _3(statistics.median(a / b for a, b in zip(took[one], took[other], strict=True)))

    return [
        Bar(f"audited act against a bare insert and commit, {name}", ratio("act", "bare"),
            "ratio", "≤ 2"),
        Bar(f"audited act with {MANY:,} lines against {FEW:,}, {name}", ratio("act, many", "act"),
            "ratio", "≤ 1.3"),
        Bar(f"a page's access line with {MANY:,} against {FEW:,}, {name}",
            ratio("look, many", "look"), "ratio", "≤ 1.3"),
        *(Bar(f"{work} ({name})", _3(statistics.median(times) * 1000), "ms")
          for work, times in took.items()),
    ]  # fmt: skip


def _insert(engine: Engine) -> None:
    from coordination import db

    with db.transaction(engine) as session:
        session.connection().execute(insert(FACT), {"id": uuid7(), "said": "what was done"})


def _act(engine: Engine) -> None:
    from coordination import audit, db
    from coordination.agencies.actors import CLOCK

    row = uuid7()
    with db.transaction(engine, (audit.chain,)) as session:
        session.connection().execute(insert(FACT), {"id": row, "said": "what was done"})
        audit.act(session, CLOCK, "bench.done", about=row, person=row, salt="a" * 32, number=1)


def _look(engine: Engine) -> None:
    from coordination import audit, db

    with db.transaction(engine) as session:
        session.add(audit.AccessLine(person_id=uuid7(), route="journeys:show", categories=7,
                                     standing_on=f"referral:{uuid7()}"))  # fmt: skip


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[Base, Base]]:
    with ExitStack() as stack:
        made = []
        for lines in (FEW, MANY):
            path = folder / f"{lines}.db"
            engine = stack.enter_context(_filled(f"sqlite:///{path}", lines))
            plain = sqlite3.connect(path, isolation_level=None)
            stack.callback(plain.close)
            plain.execute("PRAGMA synchronous=FULL")
            plain.execute("PRAGMA wal_autocheckpoint=0")
            made.append(Base(engine, _bare_sqlite(plain)))
        yield made[0], made[1]


@contextmanager
def _postgresql() -> Iterator[tuple[Base, Base]]:
    from tests import postgres

    kept = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    with postgres.cluster(**kept) as cluster, ExitStack() as stack:
        made = []
        for lines in (FEW, MANY):
            cluster.create(f"lines{lines}")
            url = cluster.url(f"lines{lines}")
            engine = stack.enter_context(_filled(url, lines))
            plain = stack.enter_context(psycopg.connect(url.replace("+psycopg", "")))
            made.append(Base(engine, _bare_postgresql(plain)))
        yield made[0], made[1]


def _bare_sqlite(plain: sqlite3.Connection) -> Callable[[UUID], None]:
    def one(row: UUID) -> None:
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("INSERT INTO bench_fact VALUES (?, ?)", (row.hex, "what was done"))
        plain.execute("COMMIT")

    return one


def _bare_postgresql(plain: "psycopg.Connection[Any]") -> Callable[[UUID], None]:
    def one(row: UUID) -> None:
        plain.execute("INSERT INTO bench_fact VALUES (%s, %s)", (row, "what was done"))
        plain.commit()

    return one


@contextmanager
def _filled(url: str, lines: int) -> Iterator[Engine]:
    """A base with so many acts and so many access lines, about as many persons."""
    from coordination import assembly, audit, clock, db
    from coordination.audit import AccessLine, AuditEntry

    assembly.load_models()
    engine = db.connect(url, pool_size=2)
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
        FACT.metadata.create_all(session.connection())
    start, previous = clock.now() - timedelta(days=1), audit.GENESIS
    for first in range(1, lines + 1, BATCH):
        acts, looks = [], []
        for seq in range(first, min(first + BATCH, lines + 1)):
            at = start + timedelta(milliseconds=seq)
            entry = audit.canonical(
                {"at": at.isoformat(timespec="microseconds"), "verb": "bench.filled", "by": "clock",
                 "agency": None, "professional": None, "about": str(uuid7()),
                 "person": secrets.token_hex(32), "facts": {"number": seq}, "seq": seq}
            )  # fmt: skip
            current = audit.link(previous, entry)
            acts.append(
                {"seq": seq, "at": at, "entry": entry, "previous": previous, "hash": current}
            )
            previous = current
            looks.append(
                {"id": uuid7(), "created_at": at, "person_id": uuid7(), "categories": 7,
                 "standing_on": f"referral:{uuid7()}", "route": "journeys:show"}
            )  # fmt: skip
        with db.transaction(engine) as session:
            session.connection().execute(insert(AuditEntry), acts)
            session.connection().execute(insert(AccessLine), looks)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    yield engine
    engine.dispose()


def _3(value: float) -> float:
    return float(f"{value:.3g}")
