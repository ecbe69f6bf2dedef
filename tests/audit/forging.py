"""Chains, and what a clerk with the owner's password would do to them.

Each forgery takes the lines of a whole chain and gives back other lines, the first line that must
be named, and its sort."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from coordination import audit
from coordination.audit.proof import Line, Sort, Witness

START = datetime(2026, 6, 4, 10, tzinfo=UTC)


class Forged(NamedTuple):
    lines: list[Line]
    line: int
    sort: Sort
    earliest: int  # where the damage really begins


def chain(random: Random, length: int) -> list[Line]:
    """A whole chain of so many acts."""
    lines: list[Line] = []
    for seq in range(1, length + 1):
        lines.append(_line(lines, seq, random.randrange(1000)))
    return lines


def witnesses(random: Random, lines: list[Line]) -> list[Witness]:
    """A few, one in the second half: whole hashes, or sixteen digits as a document prints."""
    seen = {random.randint(max(2, len(lines) // 2), len(lines))}
    seen |= {random.randint(1, len(lines)) for _ in range(random.randrange(5))}
    return [
        Witness(n, lines[n - 1].hash[: random.choice((16, 64))], "l’ancre")
        for n in random.sample(sorted(seen), len(seen))
    ]


def edited(random: Random, lines: list[Line], seen: list[int]) -> Forged:
    """One column of one line, or a line with its hash made to fit."""
    k = random.randint(1, len(lines) - 1)
    line = lines[k - 1]
    column = random.choice(("entry", "hash", "previous", "at", "rehashed", "spaced"))
    changed: dict[str, Any] = {
        "entry": {"entry": line.entry.replace('"test.', '"TEST.')},
        "spaced": {"entry": line.entry.replace(",", ", ", 1)},
        "hash": {"hash": _other(random, line.hash)},
        "previous": {"previous": _other(random, line.previous)},
        "at": {"at": line.at + timedelta(microseconds=random.choice((-1, 1)))},
    }.get(column, {})
    new = line._replace(**changed) if changed else _line(lines[: k - 1], k, 5000)
    sort = Sort.REWRITTEN if column == "rehashed" and k in seen else Sort.EDITED
    return Forged([*lines[: k - 1], new, *lines[k:]], k, sort, k)


def deleted(random: Random, lines: list[Line], seen: list[int]) -> Forged:
    """Some lines from the middle; the following perhaps renumbered."""
    k = random.randint(1, len(lines) - 1)
    after = lines[random.randint(k, len(lines) - 1) :]
    if random.random() < 0.5:
        return Forged([*lines[: k - 1], *after], k, Sort.MISSING, k)
    again = [line._replace(seq=k + n) for n, line in enumerate(after)]
    return Forged([*lines[: k - 1], *again], k, Sort.MOVED, k)


def reordered(random: Random, lines: list[Line], seen: list[int]) -> Forged:
    """Two lines change places: all of them, or what they say with or without its hash."""
    i, j = sorted(random.sample(range(1, len(lines) + 1), 2))
    columns = random.choice((("at", "entry", "previous", "hash"), ("at", "entry", "hash"),
                             ("at", "entry")))  # fmt: skip
    first, second = lines[i - 1], lines[j - 1]
    new = list(lines)
    new[i - 1] = first._replace(**{c: getattr(second, c) for c in columns})
    new[j - 1] = second._replace(**{c: getattr(first, c) for c in columns})
    return Forged(new, i, Sort.MOVED, i)


def truncated(random: Random, lines: list[Line], seen: list[int]) -> Forged:
    """The end cut off, a witness with it."""
    k = random.randint(1, max(seen))
    return Forged(lines[: k - 1], k, Sort.TRUNCATED, k)


def rewritten(random: Random, lines: list[Line], seen: list[int]) -> Forged:
    """From some line on, every act made again, hashes and numbers too: changed, one fewer or one
    more. Only a witness can tell."""
    k = random.randint(1, max(seen))
    new = lines[: k - 1]
    how = random.choice(("changed", "fewer", "more"))
    length = len(lines) + {"changed": 0, "fewer": -1, "more": 1}[how]
    for seq in range(k, length + 1):
        new.append(_line(new, seq, 9000 + seq))
    first = min(n for n in seen if n >= k)
    sort = Sort.TRUNCATED if first > length else Sort.REWRITTEN
    return Forged(new, first, sort, k)


FORGERIES: tuple[Callable[[Random, list[Line], list[int]], Forged], ...] = (
    edited, deleted, reordered, truncated, rewritten,
)  # fmt: skip


def _line(before: list[Line], seq: int, fact: int) -> Line:
    at = START + timedelta(seconds=seq, microseconds=fact)
    entry = audit.canonical(
        {"at": at.isoformat(timespec="microseconds"), "verb": "test.forged", "by": "clock",
         "facts": {"fact": fact}, "seq": seq}
    )  # fmt: skip
    previous = before[-1].hash if before else audit.GENESIS
    return Line(seq, at, entry, previous, audit.link(previous, entry))


def _other(random: Random, digits: str) -> str:
    place = random.randrange(64)
    digit = random.choice([d for d in "0123456789abcdef" if d != digits[place]])
    return digits[:place] + digit + digits[place + 1 :]
