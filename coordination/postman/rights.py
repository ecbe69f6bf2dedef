"""The letters of agreements: a recipient hears that something is taken back, a référent that a
signature is missing or that an agreement ended elsewhere. Numbers only; nothing of the person."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import links, settings
from coordination.agencies import actors
from coordination.agencies.models import Agency, Professional
from coordination.consent import events, states
from coordination.consent.models import Consent, ConsentState
from coordination.journeys.models import Journey
from coordination.links import LinkKind
from coordination.outbox import Notice, Stale
from coordination.persons import phones
from coordination.persons.models import Person, PersonIdentity
from coordination.postman.letter import Letter, Mail, Text
from coordination.rights import answers
from coordination.rights.models import Recall
from coordination.web import render


def withdrawn(db: Session, notice: Notice) -> list[Mail]:
    """To each recipient of what was shared: destroy what you kept, and say so in two clicks. The
    references are those that it was given; they tell nothing to anyone else."""
    return _asking(db, notice, "Un accord de partage a été retiré", "mails/rights/withdrawn.txt")


def reminder(db: Session, notice: Notice) -> list[Mail]:
    """The same, to who has not answered; or a new link that it asked for."""
    subject = "Retrait d’un accord\u202f: votre réponse est attendue"
    return _asking(db, notice, subject, "mails/rights/recall_reminder.txt")


def late(db: Session, notice: Notice) -> list[Mail]:
    """To the agency that recorded the person: thirty days without an answer."""
    agency = _agency(db, notice)
    recall = db.get(Recall, notice.about_id) if notice.about_id else None
    if recall is None or recall.answer is not None:
        raise Stale
    url = f"{_page(db, recall.person_id)}#retraits"
    text = render.text("mails/rights/recall_late.txt", url=url)
    return [Mail(agency.email, "Un retrait est sans réponse depuis 30 jours", text)]


def holder_link(db: Session, notice: Notice) -> Sequence[Mail | Text]:
    """To the person, by mail or else by SMS, where they said: their own page. It names nobody."""
    person = db.get(Person, notice.person_id) if notice.person_id else None
    identity = (
        person
        and db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == person.id)
        ).one_or_none()
    )
    if person is None or person.erased_at is not None or not identity:
        raise Stale
    phone = phones.mobile(identity.phone)
    if not identity.email and not phone:
        raise Stale
    token = links.make(db, LinkKind.PERSON, about=person.id)
    said = {
        "url": f"{settings.load().public_url}/lien/{token}/mes-informations",
        "days": links.DURATIONS[LinkKind.PERSON].days,
    }
    if identity.email:
        text = render.text("mails/rights/holder_link.txt", **said)
        return [Mail(identity.email, "Votre page Passerelles", text)]
    assert phone
    return [Text(phone, render.text("mails/rights/holder_link_sms.txt", **said))]


def _asking(db: Session, notice: Notice, subject: str, template: str) -> list[Mail]:
    agency = _agency(db, notice)
    recall = db.get(Recall, notice.about_id) if notice.about_id else None
    if recall is None or recall.answer is not None:
        raise Stale
    [asked] = answers.shown(db, select(Recall).where(Recall.id == recall.id))
    token = links.make(db, LinkKind.RECALL, agency=agency.id, about=recall.id)
    text = render.text(
        template,
        asked=asked,
        url=f"{settings.load().public_url}/lien/{token}/retrait",
        days=links.DURATIONS[LinkKind.RECALL].days,
    )
    return [Mail(agency.email, subject, text)]


def ended_elsewhere(db: Session, notice: Notice) -> list[Mail]:
    """To the agency that had recorded an agreement: the person took it back with someone else."""
    agency = _agency(db, notice)
    consent = db.get(Consent, notice.about_id) if notice.about_id else None
    if consent is None:
        raise Stale
    text = render.text("mails/rights/ended_elsewhere.txt", url=_url(db, consent))
    return [Mail(agency.email, "Un accord enregistré par votre structure a changé", text)]


def proof_asked(db: Session, notice: Notice) -> list[Mail]:
    """To who recorded an agreement orally, or without its form: the signature is still missing."""
    who = db.get(Professional, notice.professional_id) if notice.professional_id else None
    consent = db.get(Consent, notice.about_id) if notice.about_id else None
    if who is None or consent is None or actors.of_professional(db, who.id) is None:
        raise Stale
    history = events.of(db, consent)
    standing = states.fold(history)
    if not states.waiting(history) or standing.state is ConsentState.ENDED:
        raise Stale  # signed since, or taken back
    text = render.text(
        "mails/rights/proof_asked.txt",
        url=_url(db, consent),
        until=standing.valid_until if standing.oral else None,
    )
    return [Mail(who.email, "Un accord attend sa signature", text)]


def _agency(db: Session, notice: Notice) -> Agency:
    agency = db.get(Agency, notice.agency_id) if notice.agency_id else None
    if agency is None or not agency.email:
        raise Stale
    return agency


def _url(db: Session, consent: Consent) -> str:
    """The page of the agreement, on the person's last journey: who opens it signs in."""
    return f"{_page(db, consent.person_id)}/{consent.id}"


def _page(db: Session, person_id: UUID) -> str:
    journey_id = db.exec(
        select(Journey.id)
        .where(Journey.person_id == person_id)
        .order_by(col(Journey.created_at).desc(), col(Journey.id))
        .limit(1)
    ).first()
    if journey_id is None:
        raise Stale
    return f"{settings.load().public_url}/parcours/{journey_id}/accords"


LETTERS: dict[str, Letter] = {
    "rights.withdrawn": withdrawn,
    "rights.recall_reminder": reminder,
    "rights.recall_late": late,
    "rights.holder_link": holder_link,
    "rights.ended_elsewhere": ended_elsewhere,
    "rights.proof_asked": proof_asked,
}
