"""One human being known to several agencies: the hash that their files share.

A file's own hash comes from its identity. Where a review said that two files are the same person's
(`Compared`), both, and every file that bears the own hash of either, bear one shared hash. It is
always worked out anew from the own hashes and the reviews that stand: undoing one leaves exactly
what the others say. Nobody reads more by it; asked past the walls, of keys and hashes alone.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from coordination import settings
from coordination.db import beyond
from coordination.persons.models import Compared, Finding, Person

_NOTHING = ""  # an own hash that identity does not give, while another is borne
_WHY = "persons.same"


def own(person: Person) -> str | None:
    """What the file's identity gives by itself."""
    return own_of(person.own_hash, person.human_hash)


def own_of(own_hash: str | None, human_hash: str | None) -> str | None:
    return human_hash if own_hash is None else own_hash or None


def give(person: Person, own_hash: str | None) -> None:
    """Its identity now gives this; `settle` says what the file bears."""
    person.own_hash = own_hash or _NOTHING


def hashes(own_hash: str | None, shared_hash: str | None) -> dict[str, Any]:
    """The two columns of a new file."""
    if shared_hash is None:
        return {"human_hash": own_hash, "own_hash": None}
    return {"human_hash": shared_hash, "own_hash": own_hash}


def shared(db: Session, own_hash: str | None) -> str | None:
    """The hash that files with this own hash share by a review, if any does."""
    if own_hash is None:
        return None
    with beyond(db, _WHY):
        wanted = select(Person.human_hash).where(Person.own_hash == own_hash)
        return db.exec(wanted.limit(1)).first()


def all_shared(db: Session) -> dict[str, str]:
    """Own hash → hash borne, wherever a review made them differ or meet: for many new files."""
    with beyond(db, _WHY):
        rows = db.exec(
            select(Person.own_hash, Person.human_hash)
            .where(col(Person.own_hash).is_not(None), Person.own_hash != _NOTHING)
            .distinct()
        )
        return {mine: borne for mine, borne in rows if mine and borne}


def settle(db: Session, files: Iterable[Person]) -> None:
    """Write what these files bear, and all those that shared or now share a hash with them."""
    with beyond(db, _WHY):
        db.flush()
        people, ties = _around(db, {person.id for person in files})
        together = _together(people, ties)
        tied = {end for tie in ties for end in tie}
        for group in together:
            owns = sorted({mine for person in group if (mine := own(person))})
            if any(person.id in tied for person in group):
                borne = owns[0] if owns else _drawn(min(person.id for person in group))
                for person in group:
                    person.own_hash = own(person) or _NOTHING
                    person.human_hash = borne
            else:
                for person in group:
                    person.human_hash, person.own_hash = own(person), None
        db.flush()


def others(db: Session, agency_id: UUID | None, files: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these files: those that this agency said to be the same person's. A file that
    was absorbed by another of its agency counts as that one."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    if agency_id is None or not files:
        return found
    with beyond(db, _WHY):
        for one, other in _ties(db, set(files), agency_id):
            for mine, theirs in ((one, other), (other, one)):
                if mine in files:
                    found[mine].add(theirs)
    return found


def standing(db: Session, agency_id: UUID | None) -> set[tuple[UUID, UUID]]:
    """(own file, other's file) of all that this agency has compared already, whatever it said."""
    with beyond(db, _WHY):
        said = db.exec(
            select(Compared.person_id, Compared.other_id).where(
                Compared.agency_id == agency_id, col(Compared.undone_at).is_(None)
            )
        ).all()
        into = _into(db, {end for pair in said for end in pair})
        return {(into[mine], into[theirs]) for mine, theirs in said}


def _around(db: Session, files: set[UUID]) -> tuple[list[Person], set[tuple[UUID, UUID]]]:
    """Every file whose hash may depend on these, held; and the reviews that tie them, by the files
    that stand today."""
    wanted, known = set(files), dict[UUID, Person]()
    ties: set[tuple[UUID, UUID]] = set()
    while True:
        said = {h for p in known.values() for h in (p.human_hash, own(p)) if h}
        alike = or_(col(Person.human_hash).in_(said), col(Person.own_hash).in_(said))
        held = select(Person).where(or_(alike, col(Person.id).in_(wanted)))
        held = held.order_by(col(Person.id)).with_for_update()
        rows = db.exec(held.execution_options(populate_existing=True))
        found = {person.id: person for person in rows}
        ties = _ties(db, set(found))
        wanted = set(found) | {end for tie in ties for end in tie}
        if set(found) == set(known) and wanted == set(found):
            return list(found.values()), ties
        known = found


def _ties(db: Session, files: set[UUID], agency_id: UUID | None = None) -> set[tuple[UUID, UUID]]:
    """Each two files of which a review that stands says that they are the same person's."""
    became = _absorbed(db, files)
    ends = files | became
    wanted = select(Compared.person_id, Compared.other_id).where(
        or_(col(Compared.person_id).in_(ends), col(Compared.other_id).in_(ends)),
        Compared.finding == Finding.SAME,
        col(Compared.undone_at).is_(None),
    )
    if agency_id is not None:
        wanted = wanted.where(Compared.agency_id == agency_id)
    said = db.exec(wanted).all()
    into = _into(db, {end for pair in said for end in pair})
    return {(into[one], into[other]) for one, other in said}


def _absorbed(db: Session, files: set[UUID]) -> set[UUID]:
    """The files that became these, however far."""
    found: set[UUID] = set()
    last = files
    while last:
        rows = db.exec(select(Person.id).where(col(Person.merged_into_id).in_(last)))
        last = set(rows) - found
        found |= last
    return found


def _into(db: Session, files: set[UUID]) -> dict[UUID, UUID]:
    """What each of these files is today: itself, or the one that absorbed it, however far."""
    into = {key: key for key in files}
    last = files
    while last:
        rows = db.exec(
            select(Person.id, Person.merged_into_id).where(
                col(Person.id).in_(last), col(Person.merged_into_id).is_not(None)
            )
        )
        further = {key: after for key, after in rows if after}
        into = {key: further.get(at, at) for key, at in into.items()}
        last = set(further.values())
    return into


def _together(people: list[Person], ties: set[tuple[UUID, UUID]]) -> list[list[Person]]:
    """The files in groups: one own hash, or tied by a review, from one to the next."""
    head = {person.id: person.id for person in people}

    def first(key: UUID) -> UUID:
        while head[key] != key:
            key = head[key]
        return key

    by_own: dict[str, UUID] = {}
    for person in people:
        if mine := own(person):
            head[first(person.id)] = first(by_own.setdefault(mine, person.id))
    for one, other in ties:
        if one in head and other in head:
            head[first(one)] = first(other)
    groups: dict[UUID, list[Person]] = defaultdict(list)
    for person in people:
        groups[first(person.id)].append(person)
    return list(groups.values())


def _drawn(key: UUID) -> str:
    """Where no identity gives a hash: one of their own, always the same."""
    pepper = settings.load().pepper.encode()
    return hmac.new(pepper, f"same:{key}".encode(), hashlib.sha256).hexdigest()
