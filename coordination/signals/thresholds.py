"""From when something is said: the programmes' rules in force on a day, and how long each territory
waits. Read once, then written into the rules' SQL."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlmodel import Session, col

from coordination.agencies.models import Agency
from coordination.journeys.models import Journey
from coordination.programmes.models import ProgrammeRule
from coordination.signals import spans
from coordination.signals.models import Patience


def near(most: int) -> int:
    """How many whole days nine tenths of a maximum are."""
    return most * 9 // 10


class Weeks(NamedTuple):
    """The house's own patience; a territory's may replace each number."""

    wait_weeks: int = 4
    entry_weeks: int = 8
    need_weeks: int = 8
    commitment_weeks: int = 4


HOUSE = Weeks()


@dataclass(frozen=True, eq=False)
class Thresholds:
    """The same values are the same object, so that the SQL made of them serves a whole day. `given`
    are (programme, name, value) of every rule that says something; `patience`, (territory, weeks).
    """

    today: date
    rules: tuple[UUID, ...] = ()
    given: tuple[tuple[UUID, str, Any], ...] = ()
    patience: tuple[tuple[UUID, Weeks], ...] = ()

    def giving(self, name: str) -> Mapping[UUID, Any]:
        """Programme → the value of this rule, for those that give it."""
        return _by_name(self).get(name, {})

    def days(self, months: str, weeks: str = "") -> dict[UUID, int]:
        """Programme → the days that its months (counted back from today) or weeks make."""
        counted = {p: value * 7 for p, value in self.giving(weeks).items()} if weeks else {}
        return counted | {
            p: (self.today - spans.months_back(self.today, value)).days
            for p, value in self.giving(months).items()
        }

    def in_force(self, programme_id: Any) -> ColumnElement[bool]:
        """The join to the one `ProgrammeRule` that holds for a programme."""
        return and_(
            col(ProgrammeRule.programme_id) == programme_id,
            col(ProgrammeRule.id).in_(self.rules),
        )

    def patient(self, name: str) -> ColumnElement[int]:
        """In days, for the journey's territory, else its agency's."""
        default = getattr(HOUSE, name) * 7
        special = {
            territory: getattr(weeks, name) * 7
            for territory, weeks in self.patience
            if getattr(weeks, name) * 7 != default
        }
        if not special:
            return literal(default, Integer())
        theirs = select(col(Agency.territory_id)).where(col(Agency.id) == col(Journey.agency_id))
        return case(
            special,
            value=func.coalesce(col(Journey.territory_id), theirs.scalar_subquery()),
            else_=default,
        )


def by_programme(values: Mapping[UUID, Any]) -> ColumnElement[Any]:
    """A value for each programme, NULL for the others."""
    if not values:
        return cast(null(), Integer())
    return case(dict(values), value=col(Journey.programme_id), else_=None)


def among(programmes: Mapping[UUID, Any]) -> ColumnElement[bool]:
    return col(Journey.programme_id).in_(sorted(programmes))


def thresholds(db: Session, today: date) -> Thresholds:
    """Read at each commit, as values; made of them once."""
    connection = db.connection()
    rules = connection.execute(_RULES_READ, {"today": today})
    weeks = connection.execute(_WEEKS_READ, {"today": today})
    return _made(today, tuple(map(tuple, rules)), tuple(map(tuple, weeks)))


_RULES = sorted(
    set(ProgrammeRule.model_fields)
    - {"id", "created_at", "programme_id", "from_on", "until_on", "more", "professional_id", "note"}
)
_RULES_READ = (
    select(
        col(ProgrammeRule.programme_id),
        col(ProgrammeRule.id),
        cast(col(ProgrammeRule.more), Text),
        *(col(getattr(ProgrammeRule, name)) for name in _RULES),
    )
    .where(
        col(ProgrammeRule.from_on) <= bindparam("today"),
        or_(
            col(ProgrammeRule.until_on).is_(None), col(ProgrammeRule.until_on) >= bindparam("today")
        ),
    )
    .order_by(col(ProgrammeRule.from_on), col(ProgrammeRule.id))
)
_WEEKS_READ = (
    select(col(Patience.territory_id), *(col(getattr(Patience, name)) for name in HOUSE._fields))
    .where(col(Patience.from_on) <= bindparam("today"))
    .order_by(col(Patience.from_on), col(Patience.id))
)
Values = tuple[tuple[Any, ...], ...]


@lru_cache(maxsize=32)
def _made(today: date, rules: Values, weeks: Values) -> Thresholds:
    """Of each programme and territory, the last row that holds."""
    chosen = {programme: row for programme, *row in rules}
    patience = {territory: Weeks(*_or_house(said)) for territory, *said in weeks}
    return Thresholds(
        today,
        tuple(sorted(key for key, *_ in chosen.values())),
        tuple(
            (programme, name, value)
            for programme, (_, more, *kept) in sorted(chosen.items())
            for name, value in _said(json.loads(more), kept)
        ),
        tuple(sorted(patience.items())),
    )


def _said(more: dict[str, Any], kept: Sequence[Any]) -> list[tuple[str, Any]]:
    """What a row says, each rule by its name, wherever it is kept; words as text, lists as
    tuples."""
    named = {name: value for name, value in zip(_RULES, kept, strict=True) if value is not None}
    return [
        (name, _plain(value))
        for name, value in sorted({**more, **named}.items())
        if value not in (None, "", [], False) and not isinstance(value, dict)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.value if isinstance(value, StrEnum) else value


def _or_house(said: Sequence[int | None]) -> Iterator[int]:
    return (mine or house for mine, house in zip(said, HOUSE, strict=True))


@lru_cache(maxsize=8)
def _by_name(limits: Thresholds) -> Mapping[str, Mapping[UUID, Any]]:
    found: dict[str, dict[UUID, Any]] = {}
    for programme, name, value in limits.given:
        found.setdefault(name, {})[programme] = value
    return found
