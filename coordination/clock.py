"""The only clock of the house, so that a test can stop it. UTC inside, Europe/Paris on screen."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _source()


def today() -> date:
    """The day it is in Paris: a deadline is lived there, not in UTC."""
    return now().astimezone(PARIS).date()


def local(moment: datetime) -> datetime:
    """The same moment, as a wall clock in Paris shows it."""
    return moment.astimezone(PARIS)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The UTC moment of a wall clock time in Paris."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def set_source(source: Callable[[], datetime] | None) -> None:
    """Replace the clock (tests, the demonstration's generator); None gives the system's back."""
    global _source
    _source = source or _system
