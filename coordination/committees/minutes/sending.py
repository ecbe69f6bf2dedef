"""Writing minutes: the wording of a decision, sending, an annex made again after a withdrawal."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock, jobs, outbox
from coordination.agencies.actors import Actor
from coordination.committees import queries
from coordination.committees.models import (
    Attendance,
    Decision,
    Extract,
    Meeting,
    MeetingState,
    Minutes,
    MinutesState,
)
from coordination.consent import reach
from coordination.db import past_walls
from coordination.errors import Refused

READING_AFTER = timedelta(days=15)  # the members' files stay open that long after sending
PRINT = "minutes.print"
WRITTEN = (MeetingState.OPEN, MeetingState.SUSPENDED, MeetingState.ADJOURNED)


def latest(db: Session, meeting_id: UUID, *, hold: bool = False) -> Minutes | None:
    """The last version of a meeting's minutes."""
    wanted = (
        select(Minutes)
        .where(Minutes.meeting_id == meeting_id)
        .order_by(col(Minutes.number).desc())
        .limit(1)
    )
    return db.exec(wanted.with_for_update() if hold else wanted).first()


@past_walls
def draft(db: Session, meeting: Meeting, *, actor: Actor) -> Minutes:
    """The draft being written: the last version, or a new one after the sent one."""
    last = latest(db, meeting.id, hold=True)
    if last is not None and last.state is MinutesState.DRAFT:
        return last
    new = Minutes(
        meeting_id=meeting.id,
        number=last.number + 1 if last else 1,
        introduction=last.introduction if last else "",
        professional_id=actor.professional_id,
    )
    db.add(new)
    db.flush()
    return new


def introduce(db: Session, minutes: Minutes, *, text: str, actor: Actor) -> None:
    """The few words at the head of the document."""
    minutes.introduction = text
    minutes.version += 1


def reword(db: Session, meeting: Meeting, decision: Decision, *, text: str, actor: Actor) -> None:
    """Edit how a decision reads in the minutes; what was decided does not change."""
    if meeting.state not in WRITTEN:
        raise Refused(
            "Le relevé de cette séance ne se rédige pas : elle n’est ni ouverte ni levée."
        )
    decision.wording = text
    decision.version += 1
    audit.act(db, actor, "minutes.reworded", about=decision.id)


@past_walls
def send(db: Session, meeting: Meeting, *, actor: Actor) -> Minutes:
    """Send: the documents are printed by the worker, then each agency is told. From here the bytes
    of this version never change; members read the dossiers 15 days more."""
    if meeting.state not in (MeetingState.ADJOURNED, MeetingState.CLOSED):
        raise Refused("Le relevé part quand la séance est levée.")
    minutes = draft(db, meeting, actor=actor)
    minutes.state, minutes.sent_at = MinutesState.SENT, clock.now()
    minutes.audit_head = str(audit.head(db))
    minutes.version += 1
    for agency_id in sorted(recipients(db, meeting)):
        db.add(Extract(minutes_id=minutes.id, agency_id=agency_id))
    db.flush()
    jobs.ask(db, PRINT, minutes=str(minutes.id), key=f"{PRINT}:{minutes.id}")
    reach.close(db, source_id=meeting.id, at=clock.now() + READING_AFTER)
    audit.act(db, actor, "minutes.sent", about=minutes.id, number=minutes.number)
    return minutes


@past_walls
def reissue(db: Session, minutes: Minutes, agency_id: UUID, *, actor: Actor) -> Extract:
    """A new annex for one agency, without what is no longer open to it; the old one is recalled
    and its address answers 410."""
    known = db.exec(
        select(Extract).where(Extract.minutes_id == minutes.id, Extract.agency_id == agency_id)
    ).all()
    for extract in known:
        extract.recalled_at = extract.recalled_at or clock.now()
    number = max((extract.number for extract in known), default=0) + 1
    new = Extract(minutes_id=minutes.id, agency_id=agency_id, number=number)
    db.add(new)
    db.flush()
    jobs.ask(db, PRINT, minutes=str(minutes.id), key=f"{PRINT}:{minutes.id}:{agency_id}:{number}")
    audit.act(db, actor, "minutes.annex_reissued", about=new.id, number=number)
    return new


def recipients(db: Session, meeting: Meeting) -> set[UUID]:
    """Agencies at the table on the day, and those that sat in the room."""
    day = queries.sitting_on(meeting)
    sat = db.exec(
        select(Attendance.agency_id).where(
            Attendance.meeting_id == meeting.id, col(Attendance.agency_id).is_not(None)
        )
    )
    return queries.agencies_at_table(db, meeting.committee_id, on=day) | {a for a in sat if a}


def tell(db: Session, minutes: Minutes) -> None:
    """Tell every agency, once, that its documents are there."""
    agencies = db.exec(select(Extract.agency_id).where(Extract.minutes_id == minutes.id).distinct())
    for agency_id in agencies:
        outbox.post(
            db,
            "minutes.sent",
            agency=agency_id,
            about=minutes.meeting_id,
            key=f"minutes.sent:{minutes.id}:{agency_id}",
        )
