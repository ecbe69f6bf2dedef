"""The letters of agreements being given: the one-time code to the person, and to whoever follows
them the word that an agreement ends. No name, no agency: a phone is read over a shoulder."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from coordination import settings
from coordination.agencies import actors
from coordination.agencies.models import Professional
from coordination.consent import codes, events, states
from coordination.consent.models import CodeChannel, Consent, ConsentCode, ConsentState
from coordination.journeys.models import Journey
from coordination.outbox import Notice, Stale
from coordination.persons import phones
from coordination.persons.models import PersonIdentity
from coordination.postman.letter import Letter, Mail, Text
from coordination.web import render


def code(db: Session, notice: Notice) -> Sequence[Mail | Text]:
    """To the person: six digits, drawn now, that confirm what they just said."""
    asked = db.get(ConsentCode, notice.about_id) if notice.about_id else None
    if asked is None or not codes.still_asked(asked):
        raise Stale
    consent = db.get_one(Consent, asked.consent_id)
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == asked.person_id)
    ).one_or_none()
    if identity is None or not states.waiting(events.of(db, consent)):
        raise Stale
    phone = phones.mobile(identity.phone)
    if asked.channel is CodeChannel.SMS and phone:
        return [Text(phone, _said("code_sms", codes.draw(db, asked)))]
    if asked.channel is CodeChannel.MAIL and identity.email:
        text = _said("code", codes.draw(db, asked))
        return [Mail(identity.email, "Votre code de confirmation", text)]
    raise Stale


def ending(db: Session, notice: Notice) -> list[Mail]:
    """To who recorded an agreement, or follows the person now: it ends within thirty days."""
    who = db.get(Professional, notice.professional_id) if notice.professional_id else None
    consent = db.get(Consent, notice.about_id) if notice.about_id else None
    if who is None or consent is None or actors.of_professional(db, who.id) is None:
        raise Stale
    standing = states.fold(events.of(db, consent))
    if standing.state is not ConsentState.VALID:
        raise Stale
    journey = db.exec(
        select(Journey.id)
        .where(Journey.person_id == consent.person_id)
        .order_by(col(Journey.created_at).desc(), col(Journey.id))
        .limit(1)
    ).first()
    if journey is None:
        raise Stale
    text = render.text(
        "mails/rights/ending.txt",
        until=standing.valid_until,
        proxy=consent.expressed_by != "person",
        url=f"{settings.load().public_url}/parcours/{journey}/accords/{consent.id}",
    )
    return [Mail(who.email, "Un accord prend bientôt fin", text)]


def _said(template: str, digits: str) -> str:
    minutes = int(codes.LASTS.total_seconds() // 60)
    return render.text(f"mails/rights/{template}.txt", code=digits, minutes=minutes)


LETTERS: dict[str, Letter] = {"rights.code": code, "rights.ending": ending}
