"""What an open page stands on: the persons it shows, and the version of what each of them shares.

The page carries it sealed; each htmx exchange brings it back. When someone's agreements have
changed meanwhile, the whole page is asked for again: what is no longer shared does not stay on a
screen.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session, col, select

from coordination import settings
from coordination.persons.models import Person

HEADER = "X-Sharing"
MOST = 200  # persons; a page of a long meeting keeps the last ones


def seal(db: Session, persons: Iterable[UUID]) -> str:
    """These persons and their versions now, for a page to carry; nobody else can read it. Empty
    when there is nobody."""
    versions = _versions(db, set(persons))
    if not versions:
        return ""
    said = json.dumps([[str(person), version] for person, version in sorted(versions.items())])
    return _lock().encrypt(said.encode()).decode()


def opened(sealed: str) -> dict[UUID, int] | None:
    """Person → version, as a page carried it; None when it is not one of our seals."""
    try:
        said = json.loads(_lock().decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        return None
    return {UUID(person): version for person, version in said}


def stands(db: Session, sealed: str) -> bool:
    """Whether nobody's agreements have changed since the page was made. A person whom the reader
    may not see any more does not stand."""
    carried = opened(sealed)
    return carried is not None and _versions(db, set(carried)) == carried


def _versions(db: Session, persons: set[UUID]) -> dict[UUID, int]:
    if not persons:
        return {}
    latest = sorted(persons, reverse=True)[:MOST]
    rows = db.exec(select(Person.id, Person.sharing_version).where(col(Person.id).in_(latest)))
    return dict(list(rows))


@cache
def _lock() -> Fernet:
    digest = hashlib.sha256(b"sharing\0" + settings.load().secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
