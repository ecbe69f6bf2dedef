"""Hiding small counts so that no total gives them back. Pure.

Counts below 11 are hidden; then others with them, until whoever subtracts what is shown learns
neither a hidden count nor a narrow range for it. Zeros are hidden too, but protect nothing: whoever
subtracts is supposed to guess them, and a zero found out is nobody.
"""

from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from math import inf
from typing import NamedTuple, TypeVar

THRESHOLD = 11
WIDTH = 5  # the range left to whoever subtracts is at least that wide

K = TypeVar("K", bound=Hashable)


class Hidden(StrEnum):
    SMALL = "small"  # below the threshold
    COMPANION = "companion"  # hidden so that a small one is not given back


class Shown(NamedTuple):
    """A count as it may be published: its value, or why it is hidden."""

    value: int | None
    hidden: Hidden | None = None


class Sum(NamedTuple):
    """A total and its parts, both published: what an attacker subtracts."""

    total: Hashable
    parts: tuple[Hashable, ...]


def publish(counts: Mapping[K, int], sums: Sequence[Sum]) -> dict[K, Shown]:
    """Each count with its value or hidden; the same counts give the same answer."""
    why: dict[Hashable, Hidden] = {
        key: Hidden.SMALL for key, value in counts.items() if 0 < value < THRESHOLD
    }
    while (weak := _weak(counts, sums, why)) is not None:
        companion = _companion(counts, sums, why, weak)
        if companion is None:
            break
        why[companion] = Hidden.COMPANION
    return {
        key: Shown(None, why.get(key, Hidden.SMALL)) if key in why or not value else Shown(value)
        for key, value in counts.items()
    }


def _weak(
    counts: Mapping[K, int], sums: Sequence[Sum], why: Mapping[Hashable, Hidden]
) -> Hashable | None:
    """A hidden count that subtraction gives back, or nearly; None when all hold."""
    if not why:
        return None
    ranges = bounds(counts, sums, why)
    held = [key for key in counts if key in why]
    for key in held:
        low, high = ranges[key]
        if high - low < WIDTH:
            return key
    known = determined(sums, why)
    return next((key for key in held if key in known), None)


def _companion(
    counts: Mapping[K, int],
    sums: Sequence[Sum],
    why: Mapping[Hashable, Hidden],
    weak: Hashable,
) -> K | None:
    """The smallest count still shown beside the weak one; else the smallest of all."""
    beside = {key for s in sums if weak in (s.total, *s.parts) for key in (s.total, *s.parts)}
    shown = [
        (key not in beside, value, rank, key)
        for rank, (key, value) in enumerate(counts.items())
        if value and key not in why
    ]
    return min(shown)[3] if shown else None


def bounds(
    counts: Mapping[K, int], sums: Sequence[Sum], why: Mapping[Hashable, Hidden]
) -> dict[Hashable, tuple[float, float]]:
    """The range of each count for whoever reads what is shown, and why the rest is not."""
    ranges: dict[Hashable, tuple[float, float]] = {}
    for key, value in counts.items():
        match why.get(key):
            case None:
                ranges[key] = (value, value)
            case Hidden.SMALL:
                ranges[key] = (1, THRESHOLD - 1)
            case Hidden.COMPANION:
                ranges[key] = (THRESHOLD, inf)
    moved = True
    while moved:
        moved = False
        for total, parts in sums:
            low = sum(ranges[p][0] for p in parts)
            high = sum(ranges[p][1] for p in parts)
            moved |= _tighten(ranges, total, low, high)
            least, most = ranges[total]
            for part in parts:
                others_low = sum(ranges[p][0] for p in parts if p != part)
                others_high = sum(ranges[p][1] for p in parts if p != part)
                moved |= _tighten(ranges, part, least - others_high, most - others_low)
    return ranges


def _tighten(
    ranges: dict[Hashable, tuple[float, float]], key: Hashable, low: float, high: float
) -> bool:
    before = ranges[key]
    after = (max(before[0], low), min(before[1], high))
    ranges[key] = after
    return after != before


def determined(sums: Sequence[Sum], why: Mapping[Hashable, Hidden]) -> set[Hashable]:
    """The hidden counts that the sums give back exactly: elimination, all sums together."""
    rows: list[dict[Hashable, Fraction]] = []
    for total, parts in sums:
        row = {key: Fraction(1) for key in parts if key in why}
        if total in why:
            row[total] = Fraction(-1)
        if row:
            rows.append(row)
    return {next(iter(row)) for row in _reduced(rows) if len(row) == 1}


def _reduced(rows: list[dict[Hashable, Fraction]]) -> list[dict[Hashable, Fraction]]:
    """Reduced echelon form: a count is given back when a row holds it alone."""
    done: list[dict[Hashable, Fraction]] = []
    while rows:
        pivot = rows.pop()
        if not pivot:
            continue
        key, lead = next(iter(pivot.items()))
        pivot = {other: x / lead for other, x in pivot.items()}
        done = [_without(row, key, pivot) for row in done]
        rows = [_without(row, key, pivot) for row in rows]
        done.append(pivot)
    return done


def _without(
    row: dict[Hashable, Fraction], key: Hashable, pivot: dict[Hashable, Fraction]
) -> dict[Hashable, Fraction]:
    """The row less as many times the pivot as it holds of the key."""
    factor = row.get(key)
    if factor is None:
        return row
    left = dict(row)
    for other, x in pivot.items():
        rest = left.pop(other, Fraction(0)) - factor * x
        if rest:
            left[other] = rest
    return left
