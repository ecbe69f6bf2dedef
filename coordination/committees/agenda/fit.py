"""Fitting points into the time of a meeting. Pure: no database here."""

from collections.abc import Hashable, Iterable
from typing import NamedTuple, TypeVar

from coordination.committees.models import Section

K = TypeVar("K", bound=Hashable)

# Reading what is past or ahead never eats the whole meeting: at most this share of its time.
SHARES = {Section.FOLLOW_UP: 1 / 3, Section.ENDS: 1 / 4}


class Size(NamedTuple):
    """A point not decided yet: its section, how long it takes."""

    section: Section
    minutes: int


def fits(
    sizes: Iterable[tuple[K, Size]],
    *,
    available: int,
    taken: Iterable[Size] = (),
    cases: int | None = None,
) -> set[K]:
    """The points that fit, given in order of importance; a long one left out lets a short one in.

    `taken` stands already (accepted). Sections of fixed length are served first, situations share
    what is left, `cases` at most.
    """
    spent: dict[Section, int] = {}
    situations = 0
    for size in taken:
        spent[size.section] = spent.get(size.section, 0) + size.minutes
        situations += size.section is Section.SITUATIONS
    chosen: set[K] = set()
    for key, size in sorted(sizes, key=lambda pair: pair[1].section is Section.SITUATIONS):
        most = SHARES.get(size.section, 1.0) * available
        if spent.get(size.section, 0) + size.minutes > most:
            continue
        if sum(spent.values()) + size.minutes > available:
            continue
        if size.section is Section.SITUATIONS:
            if cases is not None and situations >= cases:
                continue
            situations += 1
        spent[size.section] = spent.get(size.section, 0) + size.minutes
        chosen.add(key)
    return chosen
