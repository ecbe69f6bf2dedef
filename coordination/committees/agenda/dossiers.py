"""Who may look at the persons of an agenda: the reach that stands on a meeting.

While it is a proposal, the agencies of those who run the committee; once frozen, every agency at
the table. Names then show only where the person's agreement covers the agency.
"""

from uuid import UUID

from sqlmodel import Session, col, or_, select

from coordination import clock
from coordination.committees import queries
from coordination.committees.models import AgendaItem, ItemState, MandateRole, Meeting, MeetingState
from coordination.consent import reach
from coordination.consent.models import Effect, Reach, ReachKind

RUNNING = (MandateRole.CHAIR, MandateRole.VICE_CHAIR, MandateRole.SECRETARY)
_STANDING = (ItemState.ACCEPTED, ItemState.CARRIED, ItemState.EXAMINED)
_CONSIDERED = (ItemState.PROPOSED, ItemState.OVERFLOW, *_STANDING)
_LOOKED_AT = (
    MeetingState.DRAFT,
    MeetingState.PLANNED,
    MeetingState.CONVENED,
    MeetingState.OPEN,
    MeetingState.SUSPENDED,
)  # once adjourned, the minutes say until when; postponed or cancelled, nobody looks


def settle(db: Session, meeting: Meeting) -> None:
    """Open what the agenda as it stands asks for, close what it no longer does."""
    if meeting.state not in _LOOKED_AT:
        return
    db.flush()
    known = set(
        db.exec(
            select(Reach.person_id, Reach.agency_id).where(
                Reach.source_id == meeting.id,
                Reach.kind == ReachKind.MEETING,
                Reach.effect == Effect.ALLOW,
                col(Reach.professional_id).is_(None),
                or_(col(Reach.until_at).is_(None), col(Reach.until_at) > clock.now()),
            )
        )
    )
    persons = _persons(db, meeting)
    agencies = _agencies(db, meeting) if persons else ()
    wanted = {(person_id, agency_id) for person_id in persons for agency_id in agencies}
    for person_id, agency_id in sorted(wanted - known):
        reach.open_to(
            db,
            person_id=person_id,
            agency_id=agency_id,
            kind=ReachKind.MEETING,
            source_id=meeting.id,
        )
    for person_id, agency_id in sorted(known - wanted):
        reach.close(db, source_id=meeting.id, person_id=person_id, agency_id=agency_id)
    db.flush()


def follow(db: Session, committee_id: UUID) -> None:
    """Who sits has changed: so does who looks, at each meeting not adjourned yet."""
    db.flush()
    looked_at = select(Meeting).where(
        Meeting.committee_id == committee_id, col(Meeting.state).in_(_LOOKED_AT)
    )
    for meeting in db.exec(looked_at.order_by(col(Meeting.id))).all():
        settle(db, meeting)


def _persons(db: Session, meeting: Meeting) -> set[UUID]:
    states = _STANDING if meeting.frozen_at else _CONSIDERED
    about = select(AgendaItem.person_id).where(
        AgendaItem.meeting_id == meeting.id,
        col(AgendaItem.person_id).is_not(None),
        col(AgendaItem.state).in_(states),
    )
    return {person for person in db.exec(about) if person}


def _agencies(db: Session, meeting: Meeting) -> list[UUID]:
    on = queries.sitting_on(meeting)
    if meeting.frozen_at:
        return sorted(queries.agencies_at_table(db, meeting.committee_id, on=on))
    running = queries.mandates(meeting.committee_id).where(
        col(queries.Mandate.role).in_(RUNNING), col(queries.Mandate.agency_id).is_not(None)
    )
    return sorted({mandate.agency_id for mandate in db.exec(running) if mandate.agency_id})
