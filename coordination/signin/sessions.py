"""Sessions: made at sign-in, found by the cookie, ended at once when they must be."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from coordination import clock, settings
from coordination.agencies import actors
from coordination.agencies.actors import ANONYMOUS, Actor
from coordination.signin.models import SignedSession

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


def cookie_name() -> str:
    return "__Host-passerelles" if settings.load().https else "passerelles"


def open_session(db: Session, professional_id: UUID, *, means: str) -> str:
    """A new session; its token is only in the cookie."""
    token, now = secrets.token_urlsafe(32), clock.now()
    db.add(
        SignedSession(
            token_hash=_hash(token),
            professional_id=professional_id,
            means=means,
            seen_at=now,
            ends_at=now + ABSOLUTE,
        )
    )
    return token


def give_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(), token, httponly=True, secure=settings.load().https, samesite="lax", path="/"
    )


def take_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/")


def identify(
    request: Request, db: Session, later: Callable[[Callable[[Session], None]], None]
) -> Actor:
    """Who comes: the professional of the session, for the agency it was switched to; or nobody."""
    found = find(db, request)
    if found is None:
        return ANONYMOUS
    actor = actors.of_professional(db, found.professional_id, agency_id=found.agency_id)
    if actor is None:
        return ANONYMOUS
    if clock.now() - found.seen_at > SEEN_EVERY:
        later(_seen(found.id, clock.now()))
    return actor


def find(db: Session, request: Request) -> SignedSession | None:
    """The live session of this request's cookie."""
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    now = clock.now()
    return db.exec(
        select(SignedSession).where(
            SignedSession.token_hash == _hash(token),
            col(SignedSession.ended_at).is_(None),
            SignedSession.ends_at > now,
            SignedSession.seen_at > now - IDLE,
        )
    ).one_or_none()


def close(db: Session, request: Request) -> None:
    if found := find(db, request):
        found.ended_at = clock.now()


def _seen(session_id: UUID, moment: datetime) -> Callable[[Session], None]:
    def write(db: Session) -> None:
        if kept := db.get(SignedSession, session_id):
            kept.seen_at = moment

    return write


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
