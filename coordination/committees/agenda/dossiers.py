"""Who may look at the persons of an agenda: the reach that stands on a meeting.

While it is a proposal, the agencies of those who run the committee; once frozen, every agency at
the table. Names then show only where the person's agreement covers the agency.
"""

from uuid import UUID

from sqlmodel import Session, col, or_, select

from coordination import clock
from coordination.committees import queries
from coordination.committees.models import AgendaItem, ItemState, MandateRole, Meeting
from coordination.consent import reach
from coordination.consent.models import Effect, Reach, ReachKind

RUNNING = (MandateRole.CHAIR, MandateRole.VICE_CHAIR, MandateRole.SECRETARY)
_CONSIDERED = (ItemState.PROPOSED, ItemState.OVERFLOW, ItemState.ACCEPTED)
_STANDING = (ItemState.ACCEPTED, ItemState.CARRIED, ItemState.EXAMINED)


def settle(db: Session, meeting: Meeting) -> None:
    """Open what the agenda as it stands asks for, close what it no longer does."""
    db.flush()
    wanted = _persons(db, meeting)
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
    for agency_id in _agencies(db, meeting) if wanted else ():
        for person_id in sorted(wanted):
            if (person_id, agency_id) not in known:
                reach.open_to(
                    db,
                    person_id=person_id,
                    agency_id=agency_id,
                    kind=ReachKind.MEETING,
                    source_id=meeting.id,
                )
    for person_id in {person for person, _ in known} - wanted:
        reach.close(db, source_id=meeting.id, person_id=person_id)
    db.flush()


def _persons(db: Session, meeting: Meeting) -> set[UUID]:
    states = _STANDING if meeting.frozen_at else _CONSIDERED
    about = select(AgendaItem.person_id).where(
        AgendaItem.meeting_id == meeting.id,
        col(AgendaItem.person_id).is_not(None),
        col(AgendaItem.state).in_(states),
    )
    return {person for person in db.exec(about) if person}


def _agencies(db: Session, meeting: Meeting) -> list[UUID]:
    on = clock.local(meeting.starts_at).date()
    if meeting.frozen_at:
        return sorted(queries.agencies_at_table(db, meeting.committee_id, on=on))
    running = queries.mandates(meeting.committee_id).where(
        col(queries.Mandate.role).in_(RUNNING), col(queries.Mandate.agency_id).is_not(None)
    )
    return sorted({mandate.agency_id for mandate in db.exec(running) if mandate.agency_id})
