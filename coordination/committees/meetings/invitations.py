"""Inviting: who is invited, with the name and function of the day, and what they are told.

Each recipient has one calendar entry (the meeting's UID) whose SEQUENCE only grows: it is the
number of the notice, and an older notice still waiting is dropped by the postman.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import clock, labels, outbox
from coordination.agencies.models import Agency, Professional
from coordination.committees.meetings import states
from coordination.committees.models import (
    Invitation,
    Mandate,
    MandateRole,
    Meeting,
)

_RANK = (
    MandateRole.CHAIR,
    MandateRole.VICE_CHAIR,
    MandateRole.SECRETARY,
    MandateRole.TITULAR,
    MandateRole.SUBSTITUTE,
)
Guest = tuple[Professional, Mandate, Agency | None]


def guests(db: Session, meeting: Meeting) -> list[Guest]:
    """Who sits on the committee the day of the meeting, once each, in the order of functions."""
    day = clock.local(meeting.starts_at).date()
    rows = db.exec(
        select(Professional, Mandate, Agency)
        .join(Mandate, col(Mandate.professional_id) == Professional.id)
        .outerjoin(Agency, col(Agency.id) == Mandate.agency_id)
        .where(
            Mandate.committee_id == meeting.committee_id,
            Mandate.from_on <= day,
            or_(col(Mandate.until_on).is_(None), col(Mandate.until_on) >= day),
            col(Professional.disabled).is_(False),
        )
    ).all()
    ordered = sorted(rows, key=lambda r: (_RANK.index(r[1].role), r[0].usual_name, str(r[0].id)))
    once: dict[UUID, Guest] = {}
    for professional, mandate, agency in ordered:
        once.setdefault(professional.id, (professional, mandate, agency))
    return list(once.values())


def invited(db: Session, meeting_id: UUID) -> list[Invitation]:
    """Everyone ever invited, in the order they were."""
    wanted = select(Invitation).where(Invitation.meeting_id == meeting_id)
    return list(db.exec(wanted.order_by(col(Invitation.created_at), col(Invitation.id))))


def send(db: Session, meeting: Meeting) -> list[Invitation]:
    """An invitation and its notice for whoever sits that day and is not invited yet."""
    known = {i.professional_id: i for i in invited(db, meeting.id)}
    return [
        _invite_one(db, meeting, guest, known.get(guest[0].id))
        for guest in guests(db, meeting)
        if not _is_live(known.get(guest[0].id))
    ]


def tell(db: Session, meeting: Meeting, kind: str, *, ever: bool = False) -> int:
    """Tell those invited (`ever`: those who left too) that something changed."""
    told = 0
    for invitation in invited(db, meeting.id):
        if ever or _is_live(invitation):
            _post(db, meeting, invitation, kind)
            told += 1
        if kind != "meeting.changed":
            invitation.cancelled_at = invitation.cancelled_at or clock.now()
    return told


def uninvite(db: Session, committee_id: UUID, professional_id: UUID, *, after: date) -> int:
    """Who leaves is uninvited from the meetings to come after their last day; the rest stays."""
    meetings = select(Meeting).where(
        Meeting.committee_id == committee_id, col(Meeting.state).in_(states.COMING)
    )
    count = 0
    for meeting in db.exec(meetings.order_by(col(Meeting.starts_at), col(Meeting.id))).all():
        if clock.local(meeting.starts_at).date() <= after or meeting.starts_at <= clock.now():
            continue
        for invitation in _of(db, meeting.id, professional_id):
            _post(db, meeting, invitation, "meeting.uninvited")
            invitation.cancelled_at = clock.now()
            count += 1
    return count


def _of(db: Session, meeting_id: UUID, professional_id: UUID) -> Iterable[Invitation]:
    return db.exec(
        select(Invitation).where(
            Invitation.meeting_id == meeting_id,
            Invitation.professional_id == professional_id,
            col(Invitation.cancelled_at).is_(None),
        )
    ).all()


def _invite_one(
    db: Session, meeting: Meeting, guest: Guest, before: Invitation | None
) -> Invitation:
    professional, mandate, agency = guest
    function = professional.function or labels.of(mandate.role)
    invitation = before
    if invitation is None:
        invitation = Invitation(
            meeting_id=meeting.id,
            professional_id=professional.id,
            name=professional.name,
            sequence=meeting.sequence - 1,
        )
        db.add(invitation)
    invitation.name, invitation.function = professional.name, function
    invitation.agency_id = agency.id if agency else None
    invitation.cancelled_at = None
    _post(db, meeting, invitation, "meeting.invited")
    return invitation


def _post(db: Session, meeting: Meeting, invitation: Invitation, kind: str) -> None:
    """One notice, one step of the recipient's calendar entry."""
    invitation.sequence = max(meeting.sequence, invitation.sequence + 1)
    outbox.post(
        db,
        kind,
        professional=invitation.professional_id,
        agency=invitation.agency_id,
        about=meeting.id,
        number=invitation.sequence,
        key=f"{kind}:{meeting.id}:{invitation.professional_id}:{invitation.sequence}",
    )


def _is_live(invitation: Invitation | None) -> bool:
    return invitation is not None and invitation.cancelled_at is None
