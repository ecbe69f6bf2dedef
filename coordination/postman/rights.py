"""The letters of agreements: a recipient hears that something is taken back, a référent that a
signature is missing or that an agreement ended elsewhere. Numbers only; nothing of the person."""

from sqlmodel import Session, col, select

from coordination import settings
from coordination.agencies import actors
from coordination.agencies.models import Agency, Professional
from coordination.committees.models import Committee, Extract, Meeting, Minutes
from coordination.consent import events, states
from coordination.consent.models import Consent, ConsentState
from coordination.journeys.models import Journey
from coordination.outbox import Notice, Stale
from coordination.persons.models import Person
from coordination.postman.letter import Letter, Mail
from coordination.referrals.models import Referral
from coordination.web import render


def withdrawn(db: Session, notice: Notice) -> list[Mail]:
    """To each recipient of what was shared: destroy what you kept. The references are those that
    it was given; they tell nothing to anyone else."""
    agency = _agency(db, notice)
    person = db.get(Person, notice.person_id) if notice.person_id else None
    if person is None or person.erased_at is not None:
        raise Stale
    text = render.text(
        "mails/rights/withdrawn.txt",
        reference=person.reference,
        referrals=_referrals(db, person, agency),
        annexes=_annexes(db, person, agency),
    )
    return [Mail(agency.email, "Un accord de partage a été retiré", text)]


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


def _referrals(db: Session, person: Person, agency: Agency) -> list[str]:
    return list(
        db.exec(
            select(Referral.number)
            .where(
                Referral.person_id == person.id,
                Referral.recipient_id == agency.id,
                col(Referral.sent_at).is_not(None),
            )
            .order_by(Referral.number)
        )
    )


def _annexes(db: Session, person: Person, agency: Agency) -> list[tuple[str, object]]:
    """(committee, moment of the meeting) of the annexes that were called back."""
    rows = db.exec(
        select(Extract.persons, Committee.name, Meeting.starts_at)
        .join(Minutes, col(Minutes.id) == Extract.minutes_id)
        .join(Meeting, col(Meeting.id) == Minutes.meeting_id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(Extract.agency_id == agency.id, col(Extract.recalled_at).is_not(None))
        .order_by(col(Meeting.starts_at), col(Extract.id))
    )
    return [(name, at) for persons, name, at in rows if str(person.id) in persons]


def _url(db: Session, consent: Consent) -> str:
    """The page of the agreement, on the person's last journey: who opens it signs in."""
    journey_id = db.exec(
        select(Journey.id)
        .where(Journey.person_id == consent.person_id)
        .order_by(col(Journey.created_at).desc(), col(Journey.id))
        .limit(1)
    ).first()
    if journey_id is None:
        raise Stale
    return f"{settings.load().public_url}/parcours/{journey_id}/accords/{consent.id}"


LETTERS: dict[str, Letter] = {
    "rights.withdrawn": withdrawn,
    "rights.ended_elsewhere": ended_elsewhere,
    "rights.proof_asked": proof_asked,
}
