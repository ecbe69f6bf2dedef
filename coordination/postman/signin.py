"""The letters of sign-in: a single-use link, asked for or sent with an invitation."""

from datetime import timedelta

from sqlmodel import Session

from coordination import links, settings
from coordination.agencies import actors
from coordination.agencies.models import Professional
from coordination.links import LinkKind
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Letter, Mail
from coordination.web import render

INVITED_FOR = timedelta(days=14)


def link(db: Session, notice: Notice) -> list[Mail]:
    """The link that someone asked for on the sign-in page: 20 minutes, once."""
    return [_mail(db, notice, "Votre lien de connexion à Passerelles", "link", None)]


def invited(db: Session, notice: Notice) -> list[Mail]:
    """The first link of someone who was just given a place on a committee: 14 days, once."""
    return [_mail(db, notice, "Votre accès à Passerelles", "invited", INVITED_FOR)]


def _mail(
    db: Session, notice: Notice, subject: str, template: str, lasting: timedelta | None
) -> Mail:
    who = db.get(Professional, notice.professional_id) if notice.professional_id else None
    if who is None or actors.of_professional(db, who.id) is None:
        raise Stale  # no access is left to open
    token = links.make(db, LinkKind.SIGN_IN, professional=who.id, about=who.id, lasting=lasting)
    text = render.text(
        f"mails/signin/{template}.txt",
        address=f"{settings.load().public_url}/lien/{token}",
        sign_in=f"{settings.load().public_url}/connexion",
        days=INVITED_FOR.days,
        minutes=int(links.DURATIONS[LinkKind.SIGN_IN].total_seconds() // 60),
    )
    return Mail(who.email, subject, text)


LETTERS: dict[str, Letter] = {"signin.link": link, "signin.invited": invited}
