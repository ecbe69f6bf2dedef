"""One-time codes: the person proves their agreement with six digits that reached their phone or
their mail. The code exists only in the message; here, its HMAC."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import Enum
from uuid import UUID

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import audit, clock, outbox, settings
from coordination.agencies.actors import Actor
from coordination.consent.models import CodeChannel, Consent, ConsentCode
from coordination.errors import Refused
from coordination.persons.models import Person

DIGITS = 6
LASTS = timedelta(minutes=10)  # from the moment it leaves
TRIES = 5
AN_HOUR, AN_HOUR_MOST = timedelta(hours=1), 5  # codes for one person


class Answer(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"  # too late, too many tries, used, or never sent


def ask(
    db: Session, consent: Consent, person: Person, *, channel: CodeChannel, actor: Actor
) -> ConsentCode:
    """Ask for a code to be sent. It closes the one before; five an hour for one person."""
    asked = db.exec(
        select(func.count())
        .select_from(ConsentCode)
        .where(
            ConsentCode.person_id == person.id,
            col(ConsentCode.created_at) > clock.now() - AN_HOUR,
        )
    ).one()
    if asked >= AN_HOUR_MOST:
        raise Refused(
            "Cinq codes ont déjà été envoyés à cette personne en une heure : réessayez plus tard, "
            "ou faites signer le formulaire."
        )
    close(db, consent)
    code = ConsentCode(
        consent_id=consent.id,
        person_id=person.id,
        professional_id=actor.professional_id,
        channel=channel,
    )
    db.add(code)
    db.flush()
    outbox.post(db, "rights.code", about=code.id, person=person.id)
    audit.act(
        db,
        actor,
        "consent.code_asked",
        about=consent.id,
        person=person.id,
        salt=person.salt,
        channel=channel.value,
    )
    return code


def draw(db: Session, code: ConsentCode) -> str:
    """The digits to send, now: whoever composes the message is the only one who ever sees them."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    code.code_hmac, code.expires_at = _hmac(code.id, digits), clock.now() + LASTS
    db.add(code)
    return digits


def still_asked(code: ConsentCode) -> bool:
    """Whether a code may still leave: nobody waits an hour in front of a screen."""
    return code.closed_at is None and clock.now() - code.created_at < AN_HOUR


def enter(db: Session, consent: Consent, typed: str) -> tuple[Answer, ConsentCode | None]:
    """Compare what was typed; a wrong one counts (the caller keeps the transaction)."""
    code = db.exec(_open(consent.id).with_for_update()).first()
    if code is None or not code.code_hmac or code.expires_at is None:
        return Answer.OVER, code
    if code.expires_at <= clock.now() or code.tries >= TRIES:
        return Answer.OVER, code
    code.tries += 1
    if not hmac.compare_digest(code.code_hmac, _hmac(code.id, "".join(typed.split()))):
        return (Answer.WRONG if code.tries < TRIES else Answer.OVER), code
    code.closed_at = clock.now()
    return Answer.RIGHT, code


def close(db: Session, consent: Consent) -> None:
    """What was to be agreed is no longer the same: the code that the person holds proves nothing
    of it."""
    for code in db.exec(_open(consent.id)):
        code.closed_at = clock.now()


def waiting(db: Session, consent_id: UUID) -> ConsentCode | None:
    """The code that was last asked for and may still be entered (or is about to leave)."""
    code = db.exec(_open(consent_id)).first()
    if code is None or code.tries >= TRIES or not still_asked(code):
        return None
    return None if code.expires_at and code.expires_at <= clock.now() else code


def _open(consent_id: UUID) -> SelectOfScalar[ConsentCode]:
    return (
        select(ConsentCode)
        .where(ConsentCode.consent_id == consent_id, col(ConsentCode.closed_at).is_(None))
        .order_by(col(ConsentCode.created_at).desc(), col(ConsentCode.id).desc())
    )


def _hmac(code_id: UUID, digits: str) -> str:
    key = settings.load().secret.encode()
    return hmac.new(key, f"consent-code|{code_id}|{digits}".encode(), hashlib.sha256).hexdigest()
