"""How long a journey has lasted, pauses left out. Pure: dates in, days out."""

from collections.abc import Iterable
from datetime import date

Span = tuple[date, date | None]  # from, until; None: still open. The last day is not counted.


def elapsed_days(periods: Iterable[Span], suspensions: Iterable[Span], *, on: date) -> int:
    """Days lived in the journey up to `on`, in all its periods, without its suspensions."""
    lived = _merged(_closed(periods, on))
    paused = _merged(_closed(suspensions, on))
    total = sum((end - start).days for start, end in lived)
    return total - sum(_common(a, b) for a in lived for b in paused)


def paused_days(suspensions: Iterable[Span], *, on: date) -> int:
    """Days of pause up to `on`, each day counted once."""
    return sum((end - start).days for start, end in _merged(_closed(suspensions, on)))


def _closed(spans: Iterable[Span], on: date) -> list[tuple[date, date]]:
    closed = [(start, min(end or on, on)) for start, end in spans]
    return sorted((start, end) for start, end in closed if start < end)


def _merged(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _common(a: tuple[date, date], b: tuple[date, date]) -> int:
    return max(0, (min(a[1], b[1]) - max(a[0], b[0])).days)
