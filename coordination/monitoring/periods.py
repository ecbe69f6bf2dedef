"""The years that figures may be asked for: twelve months that end with a finished quarter, and the
same quarters of the years before. They never meet, so that one view minus another gives nothing."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from coordination.web import french

YEARS = 3


class Period(NamedTuple):
    """From `start` to `end`, both included."""

    code: str  # 2026-T3: the quarter it ends with
    start: date
    end: date

    @property
    def label(self) -> str:
        return f"du {french.day(self.start)} au {french.day(self.end)}"


def offered(today: date) -> list[Period]:
    """The last one first."""
    year, quarter = _last_quarter(today)
    return [_period(year - back, quarter) for back in range(YEARS)]


def asked(code: str, today: date) -> Period | None:
    """The period of an address when it is one of those offered; the last one when none is asked."""
    choices = offered(today)
    if not code:
        return choices[0]
    if not re.fullmatch(r"\d{4}-T[1-4]", code):
        return None
    return next((period for period in choices if period.code == code), None)


def _last_quarter(today: date) -> tuple[int, int]:
    """The last one that is over, counted from 1."""
    quarter = (today.month - 1) // 3
    return (today.year, quarter) if quarter else (today.year - 1, 4)


def _period(year: int, quarter: int) -> Period:
    after = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    start, end = after.replace(year=after.year - 1), after - timedelta(days=1)
    return Period(f"{year}-T{quarter}", start, end)
