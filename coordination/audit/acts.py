"""Remembering an act until the end of its transaction, and how it is written."""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor

Fact = str | int | bool | None

LARGEST = 2**53 - 1  # RFC 8785 writes numbers as doubles: past this they would not read back
# One code, or several with a space between, which then do not begin like a name.
_MANY = r"[a-z0-9][A-Za-z0-9_.:+-]{0,63}"
_CODES = re.compile(rf"[A-Za-z0-9_.:+-]{{0,64}}|{_MANY}(?: {_MANY})+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def act(
    db: Session,
    actor: Actor,
    verb: str,
    *,
    about: UUID | None = None,
    person: UUID | None = None,
    salt: str = "",
    **facts: Fact,
) -> None:
    """Remember that this was done; `chain` writes it at the end of the transaction.

    `facts` carry codes, numbers and identifiers, never text that someone typed: what is not made
    of codes is a ValueError.
    """
    entry: dict[str, Any] = {
        "at": clock.now().isoformat(timespec="microseconds"),
        "verb": verb,
        "by": actor.kind.value,
        "professional": str(actor.professional_id) if actor.professional_id else None,
        "agency": str(actor.agency_id) if actor.agency_id else None,
        "about": str(about) if about else None,
    }
    if person:
        entry["person"] = digest_of(person, salt)
    if facts:
        _check(verb, facts)
        entry["facts"] = facts
    db.info.setdefault("acts", []).append(entry)


def digest_of(person_id: UUID, salt: str) -> str:
    """The person in the chain: without the salt, nobody can say who it was."""
    return hmac.digest(salt.encode(), person_id.bytes, "sha256").hex()


def canonical(entry: Mapping[str, Any]) -> str:
    """Canonical JSON, equal to RFC 8785 for what `act` lets in: names in ASCII (whose order by code
    points is the order by UTF-16 units), strings, integers that a double holds, booleans, null."""
    return json.dumps(
        entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _check(verb: str, facts: Mapping[str, Fact]) -> None:
    for name, value in facts.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{verb}: {name!r} is not the name of a fact")
        if isinstance(value, str):
            fits = _CODES.fullmatch(value) is not None
        else:
            fits = value is None or (isinstance(value, int) and abs(value) <= LARGEST)
        if not fits:
            raise ValueError(f"{verb}: the fact {name!r} is not made of codes")
