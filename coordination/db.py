"""The database: one base row, one way to read, one way to write.

SQLite: explicit BEGIN (reads) and BEGIN IMMEDIATE (writes), one writer at a time across threads
and processes. PostgreSQL: the actor's context set for each transaction.
"""

import fcntl
import functools
import json
import os
import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Engine, Select, create_engine, event, select, text
from sqlalchemy import Enum as SAEnum
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import JSON, DateTime, TypeDecorator
from sqlmodel import Field, Session, SQLModel
from uuid_utils.compat import uuid7

from coordination import clock

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Closer = Callable[[Session], None]
CHECKPOINT_EVERY = 500
WEB, BEYOND = "_web", "_beyond"  # how these roles of PostgreSQL are named (see `walls`)
_UNDER_WAY = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
P = ParamSpec("P")
R = TypeVar("R")


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment, on both engines. A naive one is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(SQLModel):
    """What every table has. Keys are time-ordered (UUIDv7): unguessable, and indexes stay fast."""

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return table_name(cls.__name__)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime = Field(default_factory=clock.now, sa_type=Moment)


def table_name(cls_name: str) -> str:
    """`AgendaItem` is the table `agenda_item`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls_name).lower()


def words(kind: type[StrEnum], name: str = "") -> SAEnum:
    """Store an enum as its word, checked by the database, never as a native type."""
    return SAEnum(
        kind,
        name=name or table_name(kind.__name__),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda k: [m.value for m in k],
    )


json_type = JSON


def columns(*wanted: Any) -> Select[Any]:
    """A select of columns, for lists: three times faster than objects. (SQLModel types a column as
    its value, which SQLAlchemy's `select` does not take.)"""
    return select(*wanted)


def as_json(value: Any) -> str:
    """Canonical enough for hashing our own values: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def connect(url: str, *, pool_size: int = 8) -> Engine:
    """An engine ready for either base."""
    if not url.startswith("sqlite"):
        postgresql = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=True,
            pool_use_lifo=True,  # the connection that served last knows the plans
            hide_parameters=True,
        )
        event.listen(postgresql, "rollback", _keep_prepared)
        return postgresql
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 30},
        pool_size=pool_size,
        max_overflow=4,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _writers[engine] = _Writer(Path(path))
    return engine


@contextmanager
def transaction(
    engine: Engine, closers: Sequence[Closer] = (), *, context: Mapping[str, str] | None = None
) -> Iterator[Session]:
    """Keep everything if the block returns; keep nothing if it raises.

    The closers run last, in their order, inside the same transaction.
    """
    with (
        _one_writer(engine),
        Session(engine.execution_options(passerelles_writes=True), expire_on_commit=False) as db,
        db.begin(),
    ):
        set_context(db, context or {})
        yield db
        db.flush()
        for close in closers:
            close(db)


@contextmanager
def reading(engine: Engine, *, context: Mapping[str, str] | None = None) -> Iterator[Session]:
    """A session that cannot keep anything."""
    with Session(engine, autoflush=False, expire_on_commit=False) as db, db.begin():
        if db.get_bind().dialect.name == "postgresql":
            db.execute(text("SET TRANSACTION READ ONLY"))
        set_context(db, context or {})
        yield db
        if db.new or db.dirty or db.deleted:
            raise RuntimeError("a page tried to write")


def set_context(db: Session, context: Mapping[str, str]) -> None:
    """Tell PostgreSQL who acts, and the moment it is, for this transaction only; row-level policies
    read it."""
    if "agency" in context:
        db.info["agency"] = context["agency"]
    if not context or db.get_bind().dialect.name != "postgresql":
        return
    said = {"now": clock.now().isoformat()} | dict(context)
    calls = ", ".join(f"set_config('passerelles.{name}', :{name}, true)" for name in said)
    db.execute(text(f"SELECT {calls}"), said)


@contextmanager
def beyond(db: Session, why: str) -> Iterator[None]:
    """Look past PostgreSQL's row-level walls for one named piece of work, which answers by itself
    for what it lets out: an anonymous situation, another agency's row of the same human being."""
    if db.get_bind().dialect.name != "postgresql":
        yield
        return
    db.flush()
    before = db.execute(text("SELECT current_setting('passerelles.beyond', true)")).scalar() or ""
    _look_past(db, why)
    try:
        yield
        db.flush()
    finally:
        with suppress(SQLAlchemyError):  # a refused statement undoes the whole transaction anyway
            _look_past(db, before)


def _look_past(db: Session, why: str) -> None:
    """As the role that sees every row, when pages are served by the one behind the walls: what the
    walls would say is then not even planned. "": behind them again."""
    said = {"beyond": why}
    calls = "set_config('passerelles.beyond', :beyond, true)"
    web = db.get_bind().engine.url.username or ""
    if web.endswith(WEB):
        said["role"] = web.removesuffix(WEB) + BEYOND if why else "none"
        calls += ", set_config('role', :role, true)"
    db.execute(text(f"SELECT {calls}"), said)


def past_walls(verb: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """A verb that writes for several agencies, whoever may read: it works `beyond` the walls. What
    it found must not be shown: the page that follows reads again, behind them."""

    @functools.wraps(verb)
    def beyond_walls(db: Session, *given: P.args, **named: P.kwargs) -> R:
        with beyond(db, f"{verb.__module__}.{verb.__name__}"):
            return verb(db, *given, **named)

    return beyond_walls


def _keep_prepared(connection: Any) -> None:
    """A refusal undoes its transaction, and nothing else: psycopg, at its own ROLLBACK, would also
    forget every statement that the connection has prepared, in case a table was made meanwhile."""
    driver = connection.connection.driver_connection
    if driver is not None and driver.info.transaction_status in _UNDER_WAY:
        driver.pgconn.exec_(b"ROLLBACK")


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "wal_autocheckpoint=0",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("passerelles_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _Writer:
    """One writer at a time: a lock between threads, then a lock on a file between processes."""

    def __init__(self, base: Path) -> None:
        self.path = base.with_name(base.name + ".writer")
        self.lock = threading.Lock()
        self.file: int | None = None
        self.count = 0

    @contextmanager
    def held(self, engine: Engine) -> Iterator[None]:
        with self.lock:
            if self.file is None:
                self.file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                yield
                self.count += 1
                if self.count % CHECKPOINT_EVERY == 0:
                    _checkpoint(engine)
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)


_writers: "weakref.WeakKeyDictionary[Engine, _Writer]" = weakref.WeakKeyDictionary()


@contextmanager
def _one_writer(engine: Engine) -> Iterator[None]:
    writer = _writers.get(engine)
    if writer is None:
        yield
    else:
        with writer.held(engine):
            yield


def _checkpoint(engine: Engine) -> None:
    """Move the log into the base. Inside the writer's lock: never beside a writer."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        raw.close()
