"""One move of a meeting: the state that follows, its step, its act, a greater version."""

from sqlmodel import Session, col, select

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.committees.meetings import states
from coordination.committees.models import Meeting, MeetingMove
from coordination.errors import Invalid


def move(
    db: Session, meeting: Meeting, verb: str, *, actor: Actor, reason: str = ""
) -> MeetingMove:
    """The state that follows, its step, its act. Verbs above add what belongs to them."""
    before, following = meeting.state, states.after(verb, meeting.state)
    if states.MOVES[verb].reason and not reason:
        raise Invalid("Une raison est nécessaire.", field="reason")
    meeting.state = following
    meeting.version += 1
    meeting.pulse += 1
    step = MeetingMove(
        meeting_id=meeting.id,
        verb=verb,
        before=before,
        after=following,
        professional_id=actor.professional_id,
        reason=reason,
    )
    db.add(step)
    audit.act(
        db,
        actor,
        f"meeting.{verb}",
        about=meeting.id,
        committee=str(meeting.committee_id),
        number=meeting.number,
        year=meeting.year,
    )
    return step


def moves(db: Session, meeting: Meeting) -> list[MeetingMove]:
    """What happened to it, in order."""
    steps = select(MeetingMove).where(MeetingMove.meeting_id == meeting.id)
    return list(db.exec(steps.order_by(col(MeetingMove.created_at), col(MeetingMove.id))))
