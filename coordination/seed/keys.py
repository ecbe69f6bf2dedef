"""Ordered keys, public numbers and days, all derived from the seed: the same seed gives the same
rows."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

from coordination import clock

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # 30, as journeys' numbers and persons' references
_STRIDE = 6_700_417  # a prime that does not divide 30: numbers never meet


class Keys:
    """UUIDv7 in hexadecimal, growing, older than any key of today."""

    def __init__(self, rng: Random, today: date) -> None:
        start = int(clock.at(today - timedelta(days=2)).timestamp() * 1000)
        self.new: Callable[[], str] = _keys(rng, start).__next__


def _keys(rng: Random, start: int) -> Iterator[str]:
    """4096 a millisecond."""
    bits, variant = rng.getrandbits, 1 << 63
    for millisecond in count(start):
        head = f"{millisecond:012x}7"
        for turn in _TURNS:
            yield f"{head}{turn}{bits(62) | variant:016x}"


_TURNS = [f"{turn:03x}" for turn in range(4096)]


class Numbers:
    """Short public numbers that never repeat: a walk through all of them in a large stride."""

    def __init__(self, rng: Random, length: int) -> None:
        self._length, self._all = length, 30**length
        self._at = rng.randrange(self._all)

    def new(self) -> str:
        self._at = rest = (self._at + _STRIDE) % self._all
        letters = []
        for _ in range(self._length):
            rest, digit = divmod(rest, 30)
            letters.append(_LETTERS[digit])
        return "".join(letters)


class Days:
    """Days counted from today, as the database writes them. Negative: before today."""

    FIRST, LAST = -3000, 1200

    def __init__(self, today: date) -> None:
        self.today = today
        span = range(self.FIRST, self.LAST)
        self._dates = [today + timedelta(days=n) for n in span]
        self._days = [day.isoformat() for day in self._dates]
        self._nights = [self.written(clock.at(day)) for day in self._dates]

    @staticmethod
    def written(moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S}.000000"

    def moment(self, n: int) -> datetime:
        return clock.at(self.date(n))

    def on(self, n: int) -> str:
        """The day, `2026-06-04`."""
        return self._days[n - self.FIRST]

    def date(self, n: int) -> date:
        return self._dates[n - self.FIRST]

    def night(self, n: int) -> str:
        """The first moment of the day in Paris, in UTC."""
        return self._nights[n - self.FIRST]

    def at(self, n: int, hour: int = 9, minute: int = 0) -> str:
        """A moment of the day, the hour in UTC."""
        return f"{self._days[n - self.FIRST]} {hour:02}:{minute:02}:00.000000"

    def open_day(self, n: int) -> int:
        """That day, or the Monday after a weekend."""
        weekday = self._dates[n - self.FIRST].weekday()
        return n + (7 - weekday) if weekday > 4 else n

    def working_day(self, n: int) -> int:
        """That day, or the Friday before a weekend."""
        weekday = self._dates[n - self.FIRST].weekday()
        return n - (weekday - 4) if weekday > 4 else n
