"""The letter that says minutes are ready."""

from sqlmodel import Session, col, select

from coordination import clock, settings
from coordination.agencies.models import Agency, Professional
from coordination.committees.models import Committee, Invitation, Mandate, Meeting
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Letter, Mail
from coordination.web import french, render


def sent(db: Session, notice: Notice) -> list[Mail]:
    """To each professional of the agency who was invited or sits; else to the agency's address."""
    meeting = db.get(Meeting, notice.about_id)
    if meeting is None or notice.agency_id is None:
        raise Stale
    committee = db.get_one(Committee, meeting.committee_id)
    text = render.text(
        "mails/minutes/sent.txt",
        committee=committee.name,
        when=french.moment(meeting.starts_at),
        address=f"{settings.load().public_url}/seances/{meeting.id}/releve",
    )
    day = french.day(clock.local(meeting.starts_at).date())
    subject = f"{committee.name} — relevé de décisions de la séance du {day}"
    return [Mail(to, subject, text) for to in _addresses(db, meeting, notice)]


def _addresses(db: Session, meeting: Meeting, notice: Notice) -> list[str]:
    sits = select(Mandate.professional_id).where(
        Mandate.committee_id == meeting.committee_id, Mandate.agency_id == notice.agency_id
    )
    came = select(Invitation.professional_id).where(
        Invitation.meeting_id == meeting.id, Invitation.agency_id == notice.agency_id
    )
    found = db.exec(
        select(Professional.email)
        .where(
            col(Professional.id).in_(sits) | col(Professional.id).in_(came),
            col(Professional.disabled).is_(False),
        )
        .order_by(Professional.email)
    ).all()
    if found:
        return list(found)
    agency = db.get_one(Agency, notice.agency_id)
    return [agency.email] if agency.email else []


LETTERS: dict[str, Letter] = {"minutes.sent": sent}
