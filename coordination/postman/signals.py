"""The letters of alerts: a secretary hears that an examination is asked for. The agency and the
date, nothing of the person."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import clock, settings
from coordination.agencies.models import Agency, Grant, Professional, Role
from coordination.committees.models import Committee, CommitteeAgency
from coordination.journeys.models import Journey
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Letter, Mail
from coordination.signals.models import Demand
from coordination.signals.queries import ASKED
from coordination.web import render


def demand(db: Session, notice: Notice) -> list[Mail]:
    """To the secretaries of the committees where the asking agency sits, in the territory."""
    asked = db.get(Demand, notice.about_id) if notice.about_id else None
    if asked is None or asked.state not in ASKED:
        raise Stale
    agency = db.get_one(Agency, asked.agency_id)
    journey = db.get_one(Journey, asked.journey_id)
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
    base = settings.load().public_url
    return [
        Mail(
            email,
            f"Demande d’examen pour {committee}",
            render.text(
                "mails/signals/demand.txt",
                agency="une structure partenaire" if agency.sensitive else agency.name,
                committee=committee,
                on=asked.asked_on,
                url=f"{base}/comites/{committee_id}",
            ),
        )
        for committee_id, committee, email in rows
    ]


LETTERS: dict[str, Letter] = {"signals.demand": demand}
