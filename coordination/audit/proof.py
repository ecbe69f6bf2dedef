"""Whether a chain is whole, and the first line that is not: pure, over lines and witnesses.

What a chain says of itself shows an edit, a gap, a move. A chain cut at its end, or written anew
from some line on, is whole in itself: only a witness kept elsewhere contradicts it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from coordination.audit.chain import GENESIS


class Sort(StrEnum):
    EDITED = "edited"
    MISSING = "missing"  # deleted: the next one has a later number
    MOVED = "moved"  # what stands there bears another number
    TRUNCATED = "truncated"  # the end is gone
    REWRITTEN = "rewritten"  # whole in itself, but not what a witness saw


class Line(NamedTuple):
    """One act as the base holds it."""

    seq: int
    at: datetime
    entry: str
    previous: str
    hash: str


class Witness(NamedTuple):
    """What the chain's head was, as somebody wrote it down outside of it. `hash` may be only its
    beginning, as a document prints it."""

    seq: int
    hash: str
    where: str  # in French: « l’ancre du jeudi 4 juin 2026 »


class Fault(NamedTuple):
    """`line` is the first that is wrong for sure; the damage may have begun at `since`, not before:
    what the chain shows by itself it shows where it is, what a witness shows lies between it and
    the one before."""

    line: int
    sort: Sort
    since: int
    witness: Witness | None = None


def first_fault(
    lines: Iterable[Line], witnesses: Sequence[Witness] = (), *, after: Witness | None = None
) -> Fault | None:
    """The first wrong line of a chain read in the order of its numbers; None when it is whole.

    With `after`, the chain is read from the line that follows it: what is before is not judged.
    """
    seen = _Seen(witnesses, after)
    reading = iter(lines)
    line = next(reading, None)
    while line is not None:
        following = next(reading, None)
        fault = _wrong(line, following, seen)
        if fault is not None:
            return fault
        line = following
    if beyond := seen.next_witness():
        return Fault(seen.seq + 1, Sort.TRUNCATED, seen.confirmed + 1, beyond)
    return None


class _Seen:
    """How far the chain held, and the witnesses not met yet."""

    def __init__(self, witnesses: Sequence[Witness], after: Witness | None) -> None:
        self.seq, self.hash = (after.seq, after.hash) if after else (0, GENESIS)
        self.confirmed = self.seq  # the last line that a witness saw as it is
        start = self.seq
        self._coming: Iterator[Witness] = iter(
            sorted((w for w in witnesses if w.seq > start), key=lambda w: w.seq)
        )
        self._next = next(self._coming, None)

    def next_witness(self) -> Witness | None:
        return self._next

    def accept(self, line: Line) -> Witness | None:
        """The line holds by itself; a witness that saw another one comes back."""
        self.seq, self.hash = line.seq, line.hash
        while self._next is not None and self._next.seq == line.seq:
            if not self._next.hash or not line.hash.startswith(self._next.hash):
                return self._next
            self.confirmed = line.seq
            self._next = next(self._coming, None)
        return None


def _wrong(line: Line, following: Line | None, seen: _Seen) -> Fault | None:
    number = seen.seq + 1
    if line.seq != number:
        return Fault(number, Sort.MISSING, number)
    told = _told(line)
    if told is not None and told != line.seq:
        return Fault(number, Sort.MOVED, number)
    if told is None or not _holds(line):
        return Fault(number, Sort.EDITED, number)
    if line.previous != seen.hash:
        return _broken_link(line, following, seen)
    contradicted = seen.accept(line)
    if contradicted is not None:
        return Fault(number, Sort.REWRITTEN, seen.confirmed + 1, contradicted)
    return None


def _broken_link(line: Line, following: Line | None, seen: _Seen) -> Fault:
    """The line holds but names another one before it: that one was changed and hashed again,
    unless a witness vouches for it, or the line after disowns this one too."""
    before = seen.seq
    disowned = following is not None and following.previous != line.hash and _holds(following)
    if before <= seen.confirmed or disowned:
        return Fault(line.seq, Sort.EDITED, line.seq)
    return Fault(before, Sort.EDITED, seen.confirmed + 1)


def _holds(line: Line) -> bool:
    told = hashlib.sha256(line.previous.encode() + line.entry.encode()).hexdigest()
    return told == line.hash


def _told(line: Line) -> int | None:
    """The number that the entry bears; None when it cannot be read, or bears another moment."""
    try:
        entry = json.loads(line.entry)
        moment = datetime.fromisoformat(entry["at"])
        return int(entry["seq"]) if moment == line.at else None
    except (ValueError, TypeError, KeyError):
        return None
