"""Who may be the same person, among those one agency recorded, or between those and the few of
other agencies that it may name: proposed, never decided. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import combinations, product
from typing import NamedTuple
from uuid import UUID

from coordination.persons.names import fold
from coordination.persons.tokens import phone_key

CLOSE = 0.7  # of a given name's letters, in order: Charlie and Charlot, not Léa and Léandre
CROWD = 20  # more people than that under one key say nothing (a switchboard, an agency's own mail)


class Like(StrEnum):
    """Why two are proposed, the surest first."""

    FRANCE_TRAVAIL = "france_travail"
    NAME_AND_BIRTH = "name_and_birth"
    CLOSE_GIVEN_NAMES = "close_given_names"
    CONTACT = "contact"


class Known(NamedTuple):
    """As much of a person as is compared."""

    id: UUID
    usual_name: str
    given_names: str
    birth_on: date | None = None
    email: str = ""
    phones: tuple[str, ...] = ()
    france_travail: tuple[str, ...] = ()


class Pair(NamedTuple):
    one: UUID
    other: UUID
    like: Like


_EachTwo = Callable[[list[Known]], Iterator[tuple[Known, Known]]]


def pairs(people: Iterable[Known]) -> list[Pair]:
    """Each two once, under the surest reason; in the order of the reasons, then of the people."""
    return _ranked(list(people), lambda alike: combinations(alike, 2))


def across(mine: Iterable[Known], theirs: Iterable[Known]) -> list[Pair]:
    """The same, each of one's own with each of another's: `one` is one's own."""
    own = list(mine)
    ids = {one.id for one in own}

    def two_sides(alike: list[Known]) -> Iterator[tuple[Known, Known]]:
        return product(
            [one for one in alike if one.id in ids], [one for one in alike if one.id not in ids]
        )

    return _ranked([*own, *theirs], two_sides)


def _ranked(known: list[Known], each_two: _EachTwo) -> list[Pair]:
    rank = {one.id: at for at, one in enumerate(known)}
    found: dict[tuple[UUID, UUID], Like] = {}
    for like, keyed, same in (
        (Like.FRANCE_TRAVAIL, _by_identifier, _always),
        (Like.NAME_AND_BIRTH, _by_birth, _same_names),
        (Like.CLOSE_GIVEN_NAMES, _by_birth, _close_given),
        (Like.CONTACT, _by_contact, _always),
    ):
        for a, b in _together(known, keyed, each_two):
            if same(a, b):
                one, other = sorted((a.id, b.id), key=rank.__getitem__)
                found.setdefault((one, other), like)
    order = list(Like)
    return sorted(
        (Pair(one, other, like) for (one, other), like in found.items()),
        key=lambda pair: (order.index(pair.like), rank[pair.one], rank[pair.other]),
    )


def close(one: str, other: str) -> bool:
    """Given names near enough to be a slip of the pen, or one of several: Léa and Léa-Marie."""
    a, b = fold(one), fold(other)
    if not a or not b:
        return False
    begins = f"{a} ".startswith(f"{b} ") or f"{b} ".startswith(f"{a} ")
    return begins or SequenceMatcher(None, a, b).ratio() >= CLOSE


def _together(
    known: list[Known], keyed: Callable[[Known], Iterable[object]], each_two: _EachTwo
) -> Iterator[tuple[Known, Known]]:
    by_key: dict[object, list[Known]] = defaultdict(list)
    for one in known:
        for key in keyed(one):
            by_key[key].append(one)
    for alike in by_key.values():
        if len(alike) <= CROWD:
            yield from each_two(alike)


def _by_identifier(one: Known) -> Iterable[object]:
    return {fold(value).replace(" ", "") for value in one.france_travail} - {""}


def _by_birth(one: Known) -> Iterable[object]:
    name = fold(one.usual_name)
    return {(name, one.birth_on)} if name and one.birth_on else set()


def _by_contact(one: Known) -> Iterable[object]:
    said = {one.email.strip().casefold(), *map(phone_key, one.phones)} - {""}
    first = fold(one.given_names).partition(" ")[0]
    return {(first, contact) for contact in said} if first else set()


def _always(a: Known, b: Known) -> bool:
    return True


def _same_names(a: Known, b: Known) -> bool:
    return fold(a.given_names) == fold(b.given_names)


def _close_given(a: Known, b: Known) -> bool:
    return close(a.given_names, b.given_names)
