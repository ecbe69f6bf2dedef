"""Every rule in one statement, its values written in once a day: after a change of one journey a
commit pays for one question instead of twenty, and a range of the night for one too."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    TextualSelect,
    Uuid,
    cast,
    column,
    literal_column,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType
from sqlmodel import Session

from coordination.signals.raising import Finding, Rule, Scope, Where
from coordination.signals.thresholds import Thresholds


class _Reader(NamedTuple):
    """A rule, and how its columns are found in a line of the one statement."""

    rule: Rule
    line: Callable[[Any], Any]


def findings(
    db: Session, rules: Sequence[Rule], limits: Thresholds, scope: Scope, *, raw: bool = False
) -> Iterator[Finding]:
    """What every rule says of these journeys, in the order of the rules. `raw` leaves keys as the
    base keeps them: a night reads too many."""
    if not any(rule.concerns(limits) for rule in rules):
        return
    connection = db.connection()
    statement, readers = _at_once(tuple(rules), limits, scope.where, raw, connection.dialect)
    with _one_plan(connection, scope):
        found = connection.execute(statement, scope.params(connection.dialect)).all()
    for row in sorted(found, key=itemgetter(0)):
        rule, line = readers[row[0]]
        yield rule.finding(limits.today, line(row))


@contextmanager
def _one_plan(connection: Connection, scope: Scope) -> Iterator[None]:
    """PostgreSQL plans this statement twenty times longer than it answers for a few journeys: each
    connection plans it once, whichever they are. A range of the night is planned for its width."""
    driver: Any = connection.connection.driver_connection
    if scope.bounds or getattr(driver, "prepare_threshold", None) is None:
        yield
        return
    before = driver.prepare_threshold
    driver.prepare_threshold = 0
    try:
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        yield
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    finally:
        driver.prepare_threshold = before


def written(statement: Any, columns: Sequence[Any], dialect: Dialect) -> TextualSelect:
    """The text of a statement, where `:name` is what a scope hands over."""
    return text(_text(statement, dialect)).columns(*columns)


def _text(statement: Any, dialect: Dialect) -> str:
    said = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return said.replace("%%", "%")  # doubled for the driver: it will be again


def kind(of: Any, *, raw: bool) -> Any:
    return NullType() if raw and isinstance(of, Uuid) else of


@lru_cache(maxsize=16)
def _at_once(
    rules: tuple[Rule, ...], limits: Thresholds, where: Where, raw: bool, dialect: Dialect
) -> tuple[TextualSelect, list[_Reader]]:
    """The statement for these journeys: what a day's rules say, with its holes filled."""
    said, places, readers = _of_the_day(rules, limits, _Spoken(dialect.name, dialect))
    typed = [column(f"c{n}", kind(of, raw=raw)) for n, of in enumerate(places)]
    filled = _HOLE.sub(lambda hole: _filled(where, hole[1], dialect), said)
    return text(filled).columns(column("rule", Integer()), *typed), readers


@dataclass(frozen=True)
class _Spoken:
    """A dialect, the same for two engines that speak it."""

    name: str
    dialect: Dialect = field(compare=False)


@lru_cache(maxsize=16)
def _of_the_day(
    rules: tuple[Rule, ...], limits: Thresholds, spoken: _Spoken
) -> tuple[str, list[Any], list[_Reader]]:
    """Written out as text: with a thousand values to hand over, asking would cost more than
    answering. Columns of one name and one kind share a place. A hole stands where a scope says
    which journeys: one text, for one journey just touched as for a range of the night."""
    scope = Scope(_Hole)
    rules = tuple(rule for rule in rules if rule.concerns(limits))
    asked = [rule.select(limits.today, limits, scope).subquery() for rule in rules]
    places: dict[tuple[str, str], Any] = {}
    for said in asked:
        places |= {_place(c): c.type for c in said.c}
    branches = []
    for n, said in enumerate(asked):
        own = {_place(c): c for c in said.c}
        branches.append(
            select(
                literal_column(str(n), Integer()).label("rule"),
                *(own.get(place, cast(null(), of)) for place, of in places.items()),
            )
        )
    found = list(places)
    readers = [
        _reader(rule, {c.name: 1 + found.index(_place(c)) for c in said.c})
        for rule, said in zip(rules, asked, strict=True)
    ]
    return _text(union_all(*branches), spoken.dialect), list(places.values()), readers


class _Hole(ColumnElement[bool]):
    """Where a scope's condition goes; `of` is the column that holds a journey's id."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, of: Any) -> None:
        self.of = of

    def self_group(self, against: Any = None) -> "_Hole":
        return self  # a truth already: `= 1` behind it, on SQLite, would hide the index


_HOLE = re.compile("\x01(.*?)\x02")


@compiles(_Hole)
def _hole(element: _Hole, compiler: SQLCompiler, **kw: Any) -> str:
    return f"\x01{compiler.process(element.of, **kw)}\x02"


def _filled(where: Where, of: str, dialect: Dialect) -> str:
    return f"({_text(where(literal_column(of, Uuid())), dialect)})"


def _place(column: Any) -> tuple[str, str]:
    return column.name, repr(column.type)


def _reader(rule: Rule, places: dict[str, int]) -> _Reader:
    line = NamedTuple(f"Of_{rule.code}", [(name, Any) for name in places])  # type: ignore[misc]
    pick = itemgetter(*places.values())
    return _Reader(rule, lambda row: line._make(pick(row)))
