"""Many rows of one table at once: values in the words of the driver, several rows a statement."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, Table
from sqlmodel import Session

_AT_ONCE = 900  # values in one statement


def put(db: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the columns of the first (ValueError otherwise). SQLAlchemy's own
    insert works several times longer on each row."""
    if not rows:
        return
    connection, names = db.connection(), tuple(rows[0])
    if any(len(row) != len(names) for row in rows):
        raise ValueError(f"{table.name}: rows of different columns")
    into, one, writers = _putting(table, names, connection.dialect)
    columns = (
        _written([row[name] for row in rows], write)
        for name, write in zip(names, writers, strict=True)
    )
    told = list(zip(*columns, strict=True))
    step = max(1, _AT_ONCE // len(names))
    whole = len(told) - len(told) % step
    if whole:
        many = [tuple(chain.from_iterable(told[at : at + step])) for at in range(0, whole, step)]
        connection.exec_driver_sql(into + ", ".join([one] * step), many)
    if told[whole:]:
        connection.exec_driver_sql(into + one, told[whole:])


def _written(values: list[Any], write: Callable[[Any], Any] | None) -> list[Any]:
    """A column in the words of the driver; a value that all rows share is written once."""
    if write is None:
        return values
    first = values[0]
    if all(value is first for value in values):
        return [write(first)] * len(values)
    return [write(value) for value in values]


@lru_cache(maxsize=256)
def _putting(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, str, list[Callable[[Any], Any] | None]]:
    """The statement, its marks for one row, and how each column's value is written."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quoted = ", ".join(f'"{name}"' for name in names)
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    return (
        f'INSERT INTO "{table.name}" ({quoted}) VALUES ',
        f"({', '.join([mark] * len(names))})",
        [kind.bind_processor(dialect) for kind in kinds],
    )
