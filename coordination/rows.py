"""Many rows at once: written in the words of the driver, by a few statements; asked for by ranges
of their keys."""

import gc
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    String,
    Table,
    Uuid,
    any_,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

T = TypeVar("T")
_AT_ONCE = 900  # values in one statement
_KEYS = 400  # in one question
_NONE_YET = object()


class _Sent(NamedTuple):
    """What was handed over, in order, to the one thread that asks the base."""

    hand: ThreadPoolExecutor
    answers: list[Future[Any]]


class _Words(NamedTuple):
    """How a table's columns are named, told apart and written."""

    into: str
    casts: Sequence[str]  # for PostgreSQL
    writers: Sequence[Callable[[Any], Any] | None]


def among(db: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN values` for hundreds of them. PostgreSQL takes them in one array: naming each
    costs more than looking it up."""
    if db.get_bind().dialect.name != "postgresql":
        found: ColumnElement[bool] = column.in_(values)
        return found
    return column == any_(literal(list(values), ARRAY(column.type)))


def ranges(values: Iterable[T]) -> Iterator[list[T]]:
    """As many keys as one question takes."""
    left = iter(values)
    while some := list(islice(left, _KEYS)):
        yield some


def put(
    db: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, unless_there: bool = False
) -> None:
    """Insert rows that all have the columns of the first (ValueError otherwise); with
    `unless_there`, those that no unique index refuses. SQLAlchemy's own insert works several times
    longer on each row."""
    if not rows:
        return
    connection, names = db.connection(), tuple(rows[0])
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"{table.name}: rows of different columns")
    words = _words(table, names, connection.dialect)
    columns = [
        _written([row[name] for row in rows], write)
        for name, write in zip(names, words.writers, strict=True)
    ]
    over = " ON CONFLICT DO NOTHING" if unless_there else ""
    if connection.dialect.name == "postgresql":
        said, values = _in_arrays(columns, words.casts)
        _send(db, connection, words.into + said + over, values)
        return
    marks = f"({', '.join('?' * len(names))})"
    for count, many in in_steps(list(zip(*columns, strict=True))):
        _send(db, connection, f"{words.into} VALUES {', '.join([marks] * count)}{over}", many)


def _send(db: Session, connection: Connection, statement: str, values: Any) -> None:
    if sent := db.info.get("ahead"):
        done = sent.hand.submit(connection.exec_driver_sql, statement, values)
        sent.answers.append(done)
    else:
        connection.exec_driver_sql(statement, values)


def in_steps(rows: list[tuple[Any, ...]]) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """(how many rows one statement takes, the values of each): many at a time, then those left one
    by one. A third less time than one by one."""
    step = max(1, _AT_ONCE // len(rows[0]))
    whole = len(rows) - len(rows) % step
    if whole:
        flat = chain.from_iterable
        yield step, [tuple(flat(rows[at : at + step])) for at in range(0, whole, step)]
    if rows[whole:]:
        yield 1, rows[whole:]


@contextmanager
def sent_ahead(db: Session) -> Iterator[None]:
    """What `put` writes here, PostgreSQL works on while the next rows are made ready; it says at
    the end what it refuses. Nothing else is asked of the base meanwhile."""
    if db.get_bind().dialect.name != "postgresql":
        yield  # SQLite works in this very process: two threads would only share its time
        return
    with ThreadPoolExecutor(max_workers=1) as hand:
        db.info["ahead"] = sent = _Sent(hand, [])
        try:
            yield
            for one in sent.answers:
                one.result()
        finally:
            del db.info["ahead"]


@contextmanager
def unswept() -> Iterator[None]:
    """Many rows are a million small objects, none of them in a circle: the collector would look
    through them, and through the whole house, again and again."""
    swept = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()
        gc.unfreeze()


def _written(values: list[Any], write: Callable[[Any], Any] | None) -> list[Any]:
    """A column in the words of the driver; a value that the row before had too is written once."""
    if write is None:
        return values
    written, last, word = [], _NONE_YET, None
    for value in values:
        if value is not last:
            last, word = value, write(value)
        written.append(word)
    return written


def in_hex(key: UUID | str) -> str:
    """As SQLite keeps it: a key that was read so may be written so."""
    return key if isinstance(key, str) else key.hex


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# In an array as PostgreSQL reads it.
_TOLD: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    UUID: lambda value: value.hex,
    datetime: datetime.isoformat,
    date: date.isoformat,
    int: str,
    float: str,
    bool: str,
}


def _array(values: list[Any]) -> str:
    """A column in one text: psycopg's own lists take five times longer."""
    tell = _teller(next((value for value in values if value is not None), ""))
    words = _written(values, lambda value: "NULL" if value is None else tell(value))
    return "{" + ",".join(words) + "}"


def _word(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _teller(value)(value)


def _teller(value: Any) -> Callable[[Any], str]:
    return next(_TOLD[known] for known in type(value).__mro__ if known in _TOLD)


@lru_cache(maxsize=256)
def _words(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Words:
    quoted = ", ".join(f'"{name}"' for name in names)
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    # Text without a length: a cast to varchar(40) would cut what the column refuses.
    casts = ["text" if isinstance(kind, String) else kind.compile(dialect) for kind in kinds]
    writers = [_writer(kind, dialect) for kind in kinds]
    return _Words(f'INSERT INTO "{table.name}" ({quoted})', casts, writers)


def _in_arrays(
    columns: list[list[Any]], casts: Sequence[str]
) -> tuple[str, tuple[str | None, ...]]:
    """The rows as PostgreSQL takes them: a value that every row has is said once, the others are an
    array for each column."""
    every = [column.count(column[0]) == len(column) for column in columns]
    if all(every):
        every[0] = False  # as many rows as were given
    names = [f"c{place}" for place in range(len(columns))]
    wanted = ", ".join(
        f"%s::{cast}" if same else name
        for name, cast, same in zip(names, casts, every, strict=True)
    )
    arrays = ", ".join(f"%s::{cast}[]" for cast, same in zip(casts, every, strict=True) if not same)
    given = ", ".join(name for name, same in zip(names, every, strict=True) if not same)
    values = [_word(column[0]) for column, same in zip(columns, every, strict=True) if same]
    values += [_array(column) for column, same in zip(columns, every, strict=True) if not same]
    return f" SELECT {wanted} FROM unnest({arrays}) AS given({given})", tuple(values)


def _writer(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, JSON):
        return json.dumps
    if isinstance(kind, Uuid) and dialect.name == "sqlite":
        return lambda key: None if key is None else in_hex(key)
    writer: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    return writer
