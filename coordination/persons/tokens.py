"""What a person may be found by, as sealed words that are compared by equality alone.

Equality is what an index answers, and what PostgreSQL's row-level walls let through to one: a name
is cut in beginnings of three to five letters, a date, a phone, a reference are one word each.
"""

import hmac
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, delete, insert
from sqlmodel import Session, col, select

from coordination import db as base
from coordination import settings
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity, PersonToken
from coordination.persons.names import fold
from coordination.rows import ranges

SHORTEST, LONGEST = 3, 5  # letters of a beginning; a shorter name is one word
MOST_WORDS = 6
_MONTHS = {name: rank for rank, name in enumerate(
    ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
     "octobre", "novembre", "decembre"), 1)}  # fmt: skip
_DAYS = re.compile(
    r"(?<!\d)(?:(?P<d>\d{1,2})[/.\- ](?P<m>\d{1,2})[/.\- ](?P<y>\d{4})"
    r"|(?P<y2>\d{4})-(?P<m2>\d{2})-(?P<d2>\d{2}))(?!\d)"
)
_LETTERED_DAY = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(_MONTHS)}) (\d{{4}})\b")


class Asked(NamedTuple):
    """What was typed in a search: one word that says it all (a reference, a phone, an identifier),
    or words that a person must all bear."""

    whole: frozenset[str]  # sealed: any of these
    every: tuple[str, ...]  # sealed: all of these, the longest word first
    names: tuple[str, ...]  # folded: each begins one of the person's names

    @property
    def nothing(self) -> bool:
        return not self.whole and not self.every


def asked(typed: str) -> Asked:
    """A search as sealed words. What is too short to find anyone says nothing."""
    left, days = _days(typed)
    names = sorted(fold(left).split()[:MOST_WORDS], key=len, reverse=True)
    every = [sealed(f"ne:{day.isoformat()}") for day in days]
    long_enough = [name for name in names if len(name) >= SHORTEST]
    every += [of_beginning(name) for name in long_enough or ([] if days else names)]
    return Asked(frozenset(_whole(typed)), tuple(every), tuple(names))


def answers(wanted: Asked, *, usual_name: str, given_names: str, birth_name: str = "") -> bool:
    """Whether each name asked begins one of theirs: beyond five letters tokens do not say."""
    theirs = f"{usual_name} {given_names} {birth_name}"
    return all(any(word.startswith(n) for word in fold(theirs).split()) for n in wanted.names)


def of(
    *, reference: str, identity: PersonIdentity, identifiers: Iterable[PersonIdentifier] = ()
) -> set[str]:
    """Every sealed word of one person."""
    found = {sealed(f"ref:{_plain(reference)}")}
    found |= {sealed(f"ref:{_plain(known.value)}") for known in identifiers}
    found |= of_names(identity.usual_name, identity.given_names, identity.birth_name)
    if identity.birth_on:
        found.add(sealed(f"ne:{identity.birth_on.isoformat()}"))
    for phone in (identity.phone, *re.split(r"[,;/|]", identity.other_phones)):
        if called := phone_key(phone):
            found.add(sealed(f"tel:{called}"))
    return found


def of_names(*names: str) -> set[str]:
    found = set()
    for word in fold(" ".join(names)).split():
        if len(word) < SHORTEST:
            found.add(sealed(f"nom:{word}"))
        for length in range(SHORTEST, min(len(word), LONGEST) + 1):
            found.add(sealed(f"nom:{word[:length]}"))
    return found


def of_beginning(word: str) -> str:
    """The word by which names that begin so are found; folded, of three letters at least."""
    return sealed(f"nom:{word[:LONGEST]}")


@lru_cache(maxsize=100_000)
def sealed(word: str) -> str:
    seal = _seal(settings.load().pepper).copy()
    seal.update(f"token:{word}".encode())
    return seal.digest()[:8].hex()


@lru_cache(maxsize=1)
def _seal(pepper: str) -> hmac.HMAC:
    """The house's key, made ready once: that takes longer than sealing a word."""
    return hmac.new(pepper.encode(), digestmod="sha256")


def rewrite(db: Session, persons: Collection[UUID]) -> int:
    """The tokens of these persons, from what their rows say now; how many were written."""
    wrote = 0
    db.flush()
    for some in ranges(persons):
        db.execute(delete(PersonToken).where(col(PersonToken.person_id).in_(some)))
        rows = list(_rows(db, some))
        if rows:
            db.execute(insert(PersonToken), rows)
        wrote += len(rows)
    return wrote


def rebuild(engine: Engine) -> int:
    """The tokens of everyone, written anew by short transactions: after the key changed, or for a
    base from before. How many persons."""
    with base.reading(engine) as session:
        everyone = list(session.exec(select(Person.id).order_by(col(Person.id))))
    for some in ranges(everyone):
        with base.transaction(engine) as session:
            rewrite(session, some)
    return len(everyone)


def _rows(db: Session, persons: list[UUID]) -> Iterator[dict[str, object]]:
    known: dict[UUID, list[PersonIdentifier]] = {}
    for row in db.exec(
        select(PersonIdentifier).where(col(PersonIdentifier.person_id).in_(persons))
    ):
        known.setdefault(row.person_id, []).append(row)
    found = db.exec(
        select(Person.reference, PersonIdentity)
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Person.id))
        .where(col(Person.id).in_(persons), col(Person.merged_into_id).is_(None))
    )
    for reference, identity in found:
        mine = known.get(identity.person_id, ())
        for token in of(reference=reference, identity=identity, identifiers=mine):
            yield {"agency_id": identity.agency_id, "token": token, "person_id": identity.person_id}


def _whole(typed: str) -> Iterator[str]:
    plain = _plain(typed)
    if len(plain) >= SHORTEST:
        yield sealed(f"ref:{plain}")
    if called := phone_key(typed):
        yield sealed(f"tel:{called}")


def _days(typed: str) -> tuple[str, list[date]]:
    """The dates among the words, and the words without them."""
    flat, days = fold(typed), []
    for found in _LETTERED_DAY.finditer(flat):
        days.append((found[3], str(_MONTHS[found[2]]), found[1]))
    for found in _DAYS.finditer(typed):
        days.append((found["y"] or found["y2"], found["m"] or found["m2"],
                     found["d"] or found["d2"]))  # fmt: skip
    real = [day for said in days if (day := _day(*said))]
    if not real:
        return typed, []
    return _DAYS.sub(" ", typed) if _DAYS.search(typed) else _LETTERED_DAY.sub(" ", flat), real


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def phone_key(typed: str) -> str:
    """The nine digits that tell one French number from another; "" when it is no number."""
    digits = re.sub(r"[\s.\-()]", "", typed)
    if not re.fullmatch(r"(\+|00)?\d{9,14}", digits):
        return ""
    return digits[-9:] if digits.startswith(("0", "+")) else ""


def _plain(typed: str) -> str:
    return fold(typed).replace(" ", "")
