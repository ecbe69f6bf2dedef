"""One journey just touched: every rule in one statement, its values written in once a day, so that
a commit pays for one question instead of twenty."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Dialect,
    Integer,
    TextualSelect,
    Uuid,
    bindparam,
    cast,
    column,
    literal_column,
    null,
    select,
    text,
    union_all,
)
from sqlmodel import Session

from coordination.signals.raising import Finding, Rule, Scope
from coordination.signals.thresholds import Thresholds


class _Reader(NamedTuple):
    """A rule, and how its columns are found in a line of the one statement."""

    rule: Rule
    line: Callable[[Any], Any]


def findings(
    db: Session, rules: Sequence[Rule], limits: Thresholds, journey_id: UUID
) -> Iterator[Finding]:
    """What every rule says of this journey, in the order of the rules."""
    connection = db.connection()
    statement, readers = _at_once(tuple(rules), limits, connection.dialect)
    for row in sorted(connection.execute(statement, {"key": journey_id}), key=itemgetter(0)):
        reader = readers[row[0]]
        yield reader.rule.finding(limits.today, reader.line(row))


@lru_cache(maxsize=8)
def _at_once(
    rules: tuple[Rule, ...], limits: Thresholds, dialect: Dialect
) -> tuple[TextualSelect, list[_Reader]]:
    """Written out as text: with a thousand values to hand over, asking would cost more than
    answering. Columns of one name and one kind share a place."""
    alone = Scope(lambda journey_id: journey_id == literal_column(":key", Uuid()))
    rules = tuple(rule for rule in rules if rule.concerns(limits, None))
    asked = [rule.select(limits.today, limits, alone).subquery() for rule in rules]
    places: dict[tuple[str, str], Any] = {}
    for said in asked:
        places |= {_place(c): c.type for c in said.c}
    branches = []
    for n, said in enumerate(asked):
        own = {_place(c): c for c in said.c}
        branches.append(
            select(
                literal_column(str(n), Integer()).label("rule"),
                *(own.get(place, cast(null(), kind)) for place, kind in places.items()),
            )
        )
    written = union_all(*branches).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    typed = [column(f"c{n}", kind) for n, kind in enumerate(places.values())]
    single = str(written).replace("%%", "%")  # doubled for the driver: it will be again
    statement = text(single).bindparams(bindparam("key", type_=Uuid()))
    found = list(places)
    readers = [
        _reader(rule, {c.name: 1 + found.index(_place(c)) for c in said.c})
        for rule, said in zip(rules, asked, strict=True)
    ]
    return statement.columns(column("rule", Integer()), *typed), readers


def _place(column: Any) -> tuple[str, str]:
    return column.name, repr(column.type)


def _reader(rule: Rule, places: dict[str, int]) -> _Reader:
    line = NamedTuple(f"Of_{rule.code}", [(name, Any) for name in places])  # type: ignore[misc]
    pick = itemgetter(*places.values())
    return _Reader(rule, lambda row: line._make(pick(row)))
