"""Signed addresses that open one thing for someone without an account.

Only the SHA-256 of the token is kept. A link has a purpose, an end, and says how often it opened.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Session, col, select

from coordination import clock
from coordination.db import Moment, Row, words
from coordination.errors import Gone, NotFound


class LinkKind(StrEnum):
    SIGN_IN = "sign_in"  # single use
    REFERRAL = "referral"  # a partner answers
    PERSON = "person"  # the person's own page
    RECALL = "recall"  # what became of what had been shared is answered
    FOLLOW_UP = "follow_up"  # an action is reported
    CALENDAR = "calendar"


DURATIONS = {
    LinkKind.SIGN_IN: timedelta(minutes=20),
    LinkKind.REFERRAL: timedelta(days=7),
    LinkKind.PERSON: timedelta(days=7),
    LinkKind.RECALL: timedelta(days=30),
    LinkKind.FOLLOW_UP: timedelta(days=30),
    LinkKind.CALENDAR: timedelta(days=3650),
}


class Link(Row, table=True):
    token_hash: str = Field(unique=True, max_length=64)
    kind: LinkKind = Field(sa_type=words(LinkKind))
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id", index=True)
    about_id: UUID | None = Field(default=None, index=True)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    opened: int = 0


def make(
    db: Session,
    kind: LinkKind,
    *,
    professional: UUID | None = None,
    agency: UUID | None = None,
    about: UUID | None = None,
    lasting: timedelta | None = None,
) -> str:
    """Make a link and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.add(
        Link(
            token_hash=_hash(token),
            kind=kind,
            professional_id=professional,
            agency_id=agency,
            about_id=about,
            expires_at=clock.now() + (lasting or DURATIONS[kind]),
        )
    )
    return token


def find(db: Session, token: str, *, hold: bool = False) -> Link:
    """The link behind a token. NotFound when unknown, Gone when it opens nothing any more."""
    wanted = select(Link).where(Link.token_hash == _hash(token))
    link = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if link is None:
        raise NotFound("Ce lien n’existe pas.")
    if link.revoked_at or link.used_at or link.expires_at <= clock.now():
        raise Gone("Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau.", link=link)
    return link


def known(db: Session, token: str) -> Link | None:
    """The link behind a token, whatever it still opens: to offer a new one."""
    return db.exec(select(Link).where(Link.token_hash == _hash(token))).one_or_none()


def revoke_about(db: Session, about: UUID, *, kind: LinkKind | None = None) -> int:
    """Close every live link to one thing."""
    wanted = select(Link).where(Link.about_id == about, col(Link.revoked_at).is_(None))
    found = db.exec(wanted.where(Link.kind == kind) if kind else wanted).all()
    for link in found:
        link.revoked_at = clock.now()
    return len(found)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
