"""Many rows of one table at once: values in the words of the driver, a few statements for them."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import JSON, Dialect, String, Table, Uuid
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

_AT_ONCE = 900  # values in one statement
_NONE_YET = object()


class _Words(NamedTuple):
    """How a table's columns are named, told apart and written."""

    into: str
    marks: str  # PostgreSQL: all the columns, each an array; SQLite: one row
    writers: Sequence[Callable[[Any], Any] | None]


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
        arrays = tuple(_array(column) for column in columns)
        connection.exec_driver_sql(words.into + words.marks + over, arrays)
        return
    for count, many in in_steps(list(zip(*columns, strict=True))):
        connection.exec_driver_sql(words.into + ", ".join([words.marks] * count) + over, many)


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
    connection = db.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    before = driver.prepare_threshold
    driver.prepare_threshold = None  # what a refusal cuts short would be believed prepared
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as refused:
        said = DBAPIError.instance("rows put", None, refused, psycopg.Error, hide_parameters=True)
        raise said from refused
    finally:
        driver.prepare_threshold = before


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
    kind = next((type(value) for value in values if value is not None), str)
    tell = next(_TOLD[known] for known in kind.__mro__ if known in _TOLD)
    words = _written(values, lambda value: "NULL" if value is None else tell(value))
    return "{" + ",".join(words) + "}"


@lru_cache(maxsize=256)
def _words(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Words:
    quoted = ", ".join(f'"{name}"' for name in names)
    into = f'INSERT INTO "{table.name}" ({quoted}) '
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    writers = [_writer(kind, dialect) for kind in kinds]
    if dialect.name != "postgresql":
        return _Words(into + "VALUES ", f"({', '.join('?' * len(names))})", writers)
    # Text without a length: a cast to varchar(40) would cut what the column refuses.
    arrays = ", ".join(
        "%s::text[]" if isinstance(kind, String) else f"%s::{kind.compile(dialect)}[]"
        for kind in kinds
    )
    return _Words(into, f"SELECT * FROM unnest({arrays})", writers)


def _writer(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, JSON):
        return json.dumps
    if isinstance(kind, Uuid) and dialect.name == "sqlite":
        return lambda key: None if key is None else in_hex(key)
    writer: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    return writer
