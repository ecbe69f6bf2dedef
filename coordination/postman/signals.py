"""The letters of alerts: a secretary hears that an examination is asked for, or an agreement
awaited; a référent, where to collect it. The agency, the date, a number: nothing of the person."""

from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, or_
from sqlmodel import Session, col, select

from coordination import clock, settings
from coordination.agencies.models import Agency, Grant, Professional, Role
from coordination.committees.models import Committee, CommitteeAgency
from coordination.journeys.models import Journey
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Letter, Mail
from coordination.referrals.models import Referral
from coordination.signals.models import Demand, Signal, SignalCode
from coordination.signals.queries import ASKED
from coordination.web import render


def demand(db: Session, notice: Notice) -> list[Mail]:
    """To the secretaries of the committees where the asking agency sits, in the territory."""
    asked = db.get(Demand, notice.about_id) if notice.about_id else None
    if asked is None or asked.state not in ASKED:
        raise Stale
    journey = db.get_one(Journey, asked.journey_id)
    agency, rows = _secretaries(db, journey)
    base = settings.load().public_url
    return [
        Mail(
            email,
            f"Demande d’examen pour {committee}",
            render.text(
                "mails/signals/demand.txt",
                agency=agency,
                committee=committee,
                on=asked.asked_on,
                url=f"{base}/comites/{committee_id}",
            ),
        )
        for committee_id, committee, email in rows
    ]


def agreement(db: Session, notice: Notice) -> list[Mail]:
    """To the référent: where to collect it. A referral that waits has its own letter."""
    journey = db.get(Journey, notice.about_id) if notice.about_id else None
    who = db.get(Professional, notice.professional_id) if notice.professional_id else None
    if journey is None or who is None or who.disabled or not _awaited(db, journey, sent=False):
        raise Stale
    url = f"{settings.load().public_url}/parcours/{journey.id}/accords"
    text = render.text("mails/signals/agreement.txt", number=journey.number, url=url)
    return [Mail(who.email, f"Accord à recueillir pour le parcours {journey.number}", text)]


def agreement_secretary(db: Session, notice: Notice) -> list[Mail]:
    """To the secretaries of the committees that may examine the journey."""
    journey = db.get(Journey, notice.about_id) if notice.about_id else None
    since = _awaited(db, journey, sent=True) if journey else None
    if journey is None or since is None:
        raise Stale
    agency, rows = _secretaries(db, journey)
    base = settings.load().public_url
    return [
        Mail(
            email,
            f"Un accord attend pour {committee}",
            render.text(
                "mails/signals/agreement_secretary.txt",
                agency=agency,
                committee=committee,
                on=since,
                url=f"{base}/comites/{committee_id}",
            ),
        )
        for committee_id, committee, email in rows
    ]


def _awaited(db: Session, journey: Journey, *, sent: bool) -> date | None:
    """Since when an agreement is awaited; with `sent`, by a referral too."""
    waiting = select(func.min(Signal.since_on)).where(
        Signal.journey_id == journey.id,
        Signal.code == SignalCode.ACCORD_A_RECUEILLIR,
        col(Signal.ended_at).is_(None),
    )
    if not sent:
        waiting = waiting.where(~exists().where(col(Referral.id) == Signal.subject_id))
    return db.exec(waiting).one()


def _secretaries(db: Session, journey: Journey) -> tuple[str, list[tuple[UUID, str, str]]]:
    """How the carrying agency is named, and (committee, its name, address) of the secretaries of
    the committees where it sits, in the journey's territory."""
    agency = db.get_one(Agency, journey.agency_id)
    today = clock.today()
    rows = db.exec(
        select(Committee.id, Committee.name, Professional.email)
        .join(CommitteeAgency, col(CommitteeAgency.committee_id) == Committee.id)
        .join(Grant, col(Grant.scope_id) == Committee.id)
        .join(Professional, col(Professional.id) == Grant.professional_id)
        .where(
            Committee.territory_id == (journey.territory_id or agency.territory_id),
            col(Committee.closed_on).is_(None),
            CommitteeAgency.agency_id == agency.id,
            CommitteeAgency.from_on <= today,
            or_(col(CommitteeAgency.until_on).is_(None), col(CommitteeAgency.until_on) >= today),
            Grant.role == Role.SECRETARY,
            Grant.from_on <= today,
            or_(col(Grant.until_on).is_(None), col(Grant.until_on) >= today),
            col(Professional.disabled).is_(False),
        )
        .distinct()
        .order_by(Committee.name, Professional.email)
    )
    return "une structure partenaire" if agency.sensitive else agency.name, list(rows)


LETTERS: dict[str, Letter] = {
    "signals.demand": demand,
    "signals.agreement": agreement,
    "signals.agreement_secretary": agreement_secretary,
}
