"""The Région's figures over a year: who passes from one family of programmes to another, who is
lost on the way, how long they wait. Reads facts only; gives counts, never a row about a person."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlmodel import Session, col

from coordination.monitoring import masking
from coordination.monitoring.masking import Shown, Sum
from coordination.monitoring.models import Passage, TransitionFact
from coordination.monitoring.periods import Period
from coordination.programmes.models import ProgrammeKind

ALL, PASSED, LOST, KNOWN, EXITS = "all", "passed", "lost", "known", "exits"
TOTALS = (KNOWN, PASSED, LOST)  # of each family: known = passed + lost
AFTER = (Passage.OVERLAP, Passage.BREAK, Passage.UNKNOWN)

Key = tuple[str, str]  # a family or ALL; a next family, a passage, or one of the totals


@dataclass(frozen=True)
class Figures:
    """`shown` holds every count of the page, masked. `rates` are whole percents and `waits` days,
    by family and for ALL, only where the counts that they stand on are shown."""

    families: tuple[ProgrammeKind, ...]
    shown: dict[Key, Shown]
    rates: dict[str, int]
    waits: dict[str, float]
    heat: dict[Key, int]  # 0 to 5, of the cells that are shown

    @property
    def empty(self) -> bool:
        return not self.families


def over(db: Session, period: Period, *, regions: Collection[UUID] | None) -> Figures:
    """The figures of these Régions (None: all). Each person counts once per family that they left,
    by their last exit in the period."""
    last = _last_exits(period, regions)
    rows = db.execute(
        select(last.c.family, last.c.next_family, last.c.passage, func.count())
        .where(last.c.turn == 1)
        .group_by(last.c.family, last.c.next_family, last.c.passage)
    ).all()
    waits = db.execute(
        select(last.c.family, last.c.days, func.count())
        .where(last.c.turn == 1, last.c.passage == Passage.TRANSITION)
        .group_by(last.c.family, last.c.days)
        .order_by(last.c.days)
    ).all()
    families = _families(rows)
    counts = _counts(rows, families)
    shown = masking.publish(counts, _sums(families))
    return Figures(
        families, shown, _rates(families, shown), _medians(families, waits, shown),
        _heat(families, shown),
    )  # fmt: skip


def _last_exits(period: Period, regions: Collection[UUID] | None) -> Subquery:
    fact = TransitionFact
    wanted = select(
        col(fact.family).label("family"),
        col(fact.next_family).label("next_family"),
        col(fact.passage).label("passage"),
        col(fact.days).label("days"),
        func.row_number()
        .over(
            partition_by=(col(fact.human), col(fact.family)),
            order_by=(col(fact.left_on).desc(), col(fact.id)),
        )
        .label("turn"),
    ).where(col(fact.left_on).between(period.start, period.end))
    if regions is not None:
        wanted = wanted.where(col(fact.region_id).in_(regions))
    return wanted.subquery()


def _families(rows: Iterable[Any]) -> tuple[ProgrammeKind, ...]:
    met = {family for row in rows for family in (row[0], row[1]) if family}
    return tuple(family for family in ProgrammeKind if family in met)


def _counts(rows: Iterable[Any], families: tuple[ProgrammeKind, ...]) -> dict[Key, int]:
    """What the page says, and no more: each further total would have to hide something else."""
    counts = {(str(row), str(column)): 0 for row in families for column in families}
    counts |= {(str(row), total): 0 for row in (*families, ALL) for total in TOTALS}
    counts |= {(ALL, str(column)): 0 for column in (*AFTER, EXITS)}
    for family, following, passage, count in rows:
        totals = [(ALL, EXITS)]
        if passage is not Passage.UNKNOWN:
            what = PASSED if passage is Passage.TRANSITION else LOST
            totals += [(row, total) for row in (str(family), ALL) for total in (what, KNOWN)]
        totals += [
            (str(family), str(following)) if passage is Passage.TRANSITION else (ALL, str(passage))
        ]
        for key in totals:
            counts[key] += count
    return counts


def _sums(families: tuple[ProgrammeKind, ...]) -> list[Sum]:
    """Everything that a reader of the page can add up."""
    rows = [str(family) for family in families]
    sums = [Sum((row, PASSED), tuple((row, column) for column in rows)) for row in rows]
    sums += [Sum((row, KNOWN), ((row, PASSED), (row, LOST))) for row in (*rows, ALL)]
    sums += [Sum((ALL, total), tuple((row, total) for row in rows)) for total in TOTALS]
    sums.append(Sum((ALL, LOST), ((ALL, str(Passage.OVERLAP)), (ALL, str(Passage.BREAK)))))
    sums.append(Sum((ALL, EXITS), ((ALL, KNOWN), (ALL, str(Passage.UNKNOWN)))))
    return sums


def _rates(families: tuple[ProgrammeKind, ...], shown: dict[Key, Shown]) -> dict[str, int]:
    rates = {}
    for row in (*map(str, families), ALL):
        passed, known = shown[row, PASSED].value, shown[row, KNOWN].value
        if passed is not None and known:
            rates[row] = round(100 * passed / known)
    return rates


def _medians(
    families: tuple[ProgrammeKind, ...], waits: Iterable[Any], shown: dict[Key, Shown]
) -> dict[str, float]:
    spread: dict[str, list[int]] = {}
    for family, days, count in waits:
        for row in (str(family), ALL):
            spread.setdefault(row, []).extend([days] * count)
    medians = {}
    for row, days in spread.items():
        if shown[row, PASSED].value is not None:
            days.sort()
            middle = len(days) // 2
            medians[row] = (days[middle] + days[~middle]) / 2
    return medians


def _heat(families: tuple[ProgrammeKind, ...], shown: dict[Key, Shown]) -> dict[Key, int]:
    """Five classes from the smallest shown to the largest."""
    cells = {
        (str(row), str(column)): shown[str(row), str(column)].value
        for row in families
        for column in families
    }
    most = max((value for value in cells.values() if value is not None), default=0)
    return {key: min(5, 1 + 5 * (value - 1) // most) for key, value in cells.items() if value}
