"""Writing many rows at once: tuples in the words of the driver, table by table, no objects.

On an empty base the secondary indexes are dropped first and made again at the end.
"""

import gc
import json
from collections.abc import Callable
from enum import Enum
from typing import Any

from sqlalchemy import Engine
from sqlmodel import SQLModel

from coordination.rows import in_steps

Put = Callable[[tuple[Any, ...]], None]


class Shelf:
    """The rows of one table waiting to be written. `columns` are those that differ from row to row;
    the others take the model's own default."""

    def __init__(self, model: type[SQLModel], columns: str) -> None:
        self.table: str = str(model.__tablename__)
        given = columns.split()
        known = model.__table__.columns  # type: ignore[attr-defined]
        if unknown := set(given) - set(known.keys()):
            raise ValueError(f"{self.table} has no {sorted(unknown)}")
        rest = [c for c in known if c.name not in given]
        self.columns = given + [c.name for c in rest]
        self.tail = tuple(_default(model, c.name, c.nullable) for c in rest)
        self.rows: list[tuple[Any, ...]] = []

    def take(self) -> list[tuple[Any, ...]]:
        """The complete rows; the shelf is empty again."""
        tail, rows = self.tail, self.rows
        complete = [row + tail for row in rows] if tail else list(rows)
        rows.clear()
        return complete


class Store:
    """Every shelf, and the one connection they are written through. Open it with `with`."""

    def __init__(self, engine: Engine) -> None:
        self.sqlite = engine.dialect.name == "sqlite"
        self.shelves: list[Shelf] = []
        self.written = 0
        self._order = {t.name: rank for rank, t in enumerate(SQLModel.metadata.sorted_tables)}
        engine.dispose()  # no other connection of ours stands in the way of the journal's change
        self._connection = engine.raw_connection()
        self._cursor = self._connection.cursor()
        self._indexes: list[tuple[str, str]] = []

    def __enter__(self) -> "Store":
        gc.disable()  # millions of tuples, none of them in a circle
        if self.sqlite:
            for pragma in _FILLING:
                self._cursor.execute(f"PRAGMA {pragma}")
            self._cursor.execute("BEGIN IMMEDIATE")
        else:
            self._cursor.execute("SET TIME ZONE 'UTC'")
            self._cursor.execute(_UNCHECKED)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Keep everything or, when something went wrong, what the last `commit` kept."""
        gc.enable()
        if self.sqlite:
            self._cursor.execute("ROLLBACK" if kind else "COMMIT")
            for pragma in _USUAL:
                self._cursor.execute(f"PRAGMA {pragma}")
        elif kind:
            self._connection.rollback()
        else:
            self._connection.commit()
        self._cursor.close()
        self._connection.invalidate()

    def shelf(self, model: type[SQLModel], columns: str) -> Put:
        """The gesture that adds one row, given as a tuple of these columns."""
        made = Shelf(model, columns)
        self.shelves.append(made)
        return made.rows.append

    def flush(self) -> None:
        """Write what waits, the tables that others point to first."""
        for shelf in sorted(self.shelves, key=lambda s: self._order[s.table]):
            if rows := shelf.take():
                self.written += len(rows)
                names = ", ".join(shelf.columns)
                if self.sqlite:
                    self._insert(f'INSERT INTO "{shelf.table}" ({names}) VALUES ', rows)
                else:
                    with self._cursor.copy(f'COPY "{shelf.table}" ({names}) FROM STDIN') as copy:
                        for row in rows:
                            copy.write_row(row)

    def _insert(self, into: str, rows: list[tuple[Any, ...]]) -> None:
        marks = f"({', '.join('?' * len(rows[0]))})"
        for count, many in in_steps(rows):
            self._cursor.executemany(into + ", ".join([marks] * count), many)

    def commit(self) -> None:
        """Keep what was flushed: a very large seed does not hold one transaction."""
        if self.sqlite:
            self._cursor.execute("COMMIT")
            self._cursor.execute("BEGIN IMMEDIATE")
        else:
            self._connection.commit()

    def drop_indexes(self) -> None:
        """Secondary indexes only: those behind a constraint stay."""
        self._cursor.execute(_SQLITE_INDEXES if self.sqlite else _POSTGRES_INDEXES)
        self._indexes = [(str(name), str(made)) for name, made in self._cursor.fetchall()]
        for name, _ in self._indexes:
            self._cursor.execute(f"DROP INDEX {name}")

    def make_indexes(self) -> None:
        for _, made in self._indexes:
            self._cursor.execute(made)
        self._cursor.execute("ANALYZE")


# Filling an empty base: a power cut would leave half of one, to be thrown away.
_FILLING = (
    "foreign_keys=OFF", "synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000", "threads=2",
)  # fmt: skip
_USUAL = (
    "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "cache_size=-32000", "threads=0",
)  # fmt: skip
# For who may: keys that lead nowhere are looked for by tests, not a hundred million times.
_UNCHECKED = (
    "SELECT set_config('session_replication_role', 'replica', false)"
    " WHERE current_setting('is_superuser') = 'on'"
)
_SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_POSTGRES_INDEXES = (
    "SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_tables t"
    " ON t.schemaname = i.schemaname AND t.tablename = i.tablename"
    " WHERE i.schemaname = 'public' AND t.tableowner = current_user"
    " AND i.indexname NOT IN (SELECT conname FROM pg_constraint)"
)


def _default(model: type[SQLModel], column: str, nullable: bool) -> Any:
    """The model's default in the words of the driver."""
    field = model.model_fields.get(column)
    if field is None or field.is_required():
        if nullable:
            return None
        raise ValueError(f"{model.__tablename__}.{column} must be given")
    if column in {"id", "created_at"}:
        raise ValueError(f"{model.__tablename__}.{column} must be given: nothing is drawn here")
    value = field.get_default(call_default_factory=True)
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, Enum):
        return value.value
    return int(value) if isinstance(value, bool) else value
