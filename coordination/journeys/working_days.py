"""Working days in metropolitan France: Monday to Friday, without public holidays."""

from datetime import date, timedelta
from functools import cache

_DAY = timedelta(days=1)


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in _off(day.year)


def between(start: date, end: date) -> int:
    """Working days after `start`, up to `end` included: 1 from a Thursday to the Friday."""
    day, total = start, 0
    while day < end:
        day += _DAY
        total += is_working(day)
    return total


def before(day: date, count: int) -> date:
    """The latest day from which `count` working days have passed on `day`."""
    left = count
    while left:
        left -= is_working(day)
        day -= _DAY
    return day


def after(day: date, count: int) -> date:
    """The first day on which `count` working days have passed since `day`."""
    left = count
    while left:
        day += _DAY
        left -= is_working(day)
    return day


@cache
def _off(year: int) -> frozenset[date]:
    import holidays  # a third of a second that most commands and pages never need

    return frozenset(holidays.country_holidays("FR", years=year))
