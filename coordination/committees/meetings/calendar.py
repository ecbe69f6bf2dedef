"""The life of a meeting: planned, changed, postponed, cancelled, opened, adjourned, closed.

Every move goes through `states`, leaves a step, an act, and grows the version.
"""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.committees.agenda import dossiers
from coordination.committees.meetings import invitations, release, states, steps
from coordination.committees.models import (
    Circuit,
    Committee,
    CommitteeKind,
    Invitation,
    Meeting,
    MeetingState,
    Minutes,
    MinutesState,
)
from coordination.errors import Invalid, Refused


def plan(
    db: Session,
    committee: Committee,
    *,
    starts_at: datetime,
    ends_at: datetime,
    place: str = "",
    video_url: str = "",
    actor: Actor,
) -> Meeting:
    """A new meeting, with the next number of its committee and year. The committee's row is held,
    so that two plans at once take two numbers without a gap."""
    _in_order(starts_at, ends_at)
    db.exec(select(Committee.id).where(Committee.id == committee.id).with_for_update()).one()
    if committee.closed_on:
        raise Refused("Ce comité est clos : il ne tient plus de séance.")
    year = clock.local(starts_at).year
    last = db.exec(
        select(func.max(Meeting.number)).where(
            Meeting.committee_id == committee.id, Meeting.year == year
        )
    ).one()
    meeting = Meeting(
        committee_id=committee.id,
        year=year,
        number=(last or 0) + 1,
        state=MeetingState.DRAFT,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        video_url=video_url,
    )
    db.add(meeting)
    db.flush()
    steps.move(db, meeting, "plan", actor=actor)
    return meeting


def invite(db: Session, meeting: Meeting, *, actor: Actor) -> list[Invitation]:
    """Invite whoever sits that day and is not invited yet. The meeting is then convened."""
    states.after("invite", meeting.state)
    if meeting.starts_at <= clock.now():
        raise Refused("La date de cette séance est passée : changez-la avant d’inviter.")
    committee = db.get_one(Committee, meeting.committee_id)
    kind = db.get_one(CommitteeKind, committee.kind_id)
    if kind.circuit is Circuit.FORMAL and meeting.frozen_at is None:
        raise Refused("Figez d’abord l’ordre du jour : la convocation le porte.")
    new = invitations.send(db, meeting)
    if not new:
        raise Refused("Toutes les personnes qui siègent ce jour-là sont déjà invitées.")
    steps.move(db, meeting, "invite", actor=actor)
    return new


def change(
    db: Session,
    meeting: Meeting,
    *,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    video_url: str = "",
    reason: str = "",
    actor: Actor,
) -> Meeting:
    """Another date, hour or place. Once people are invited, it needs a reason and tells them."""
    _in_order(starts_at, ends_at)
    moved = (starts_at, ends_at, place, video_url) != (
        meeting.starts_at,
        meeting.ends_at,
        meeting.place,
        meeting.video_url,
    )
    postponed = meeting.state is MeetingState.POSTPONED
    if not moved and not postponed:
        return meeting
    tells = meeting.state is MeetingState.CONVENED
    if tells and not reason:
        raise Invalid("Dites pourquoi : les personnes invitées le liront.", field="reason")
    meeting.starts_at, meeting.ends_at = starts_at, ends_at
    meeting.place, meeting.video_url = place, video_url
    steps.move(db, meeting, "replan" if postponed else "change", actor=actor, reason=reason)
    dossiers.settle(db, meeting)
    if tells:
        meeting.sequence += 1
        invitations.tell(db, meeting, "meeting.changed")
    return meeting


def postpone(db: Session, meeting: Meeting, *, reason: str, actor: Actor) -> Meeting:
    """Its date is to be set again: the slot is freed in every calendar, its agenda waits, and what
    was open for it closes until a new date (`change`)."""
    told = meeting.state is MeetingState.CONVENED
    step = steps.move(db, meeting, "postpone", actor=actor, reason=reason)
    release.close(db, meeting, at=step.created_at)
    if told:
        meeting.sequence += 1
        invitations.tell(db, meeting, "meeting.postponed")
    return meeting


def cancel(db: Session, meeting: Meeting, *, reason: str, actor: Actor) -> Meeting:
    """It will not take place: everyone ever invited is told, its items go back where they came
    from, and what was open for it closes."""
    step = steps.move(db, meeting, "cancel", actor=actor, reason=reason)
    release.close(db, meeting, at=step.created_at)
    release.give_back(db, meeting)
    meeting.sequence += 1
    invitations.tell(db, meeting, "meeting.cancelled", ever=True)
    return meeting


def open_meeting(db: Session, meeting: Meeting, *, actor: Actor) -> Meeting:
    """Who sits is from now on who sits today, even if another day was planned."""
    steps.move(db, meeting, "open", actor=actor)
    meeting.opened_at = clock.now()
    dossiers.settle(db, meeting)
    return meeting


def suspend(db: Session, meeting: Meeting, *, actor: Actor) -> Meeting:
    steps.move(db, meeting, "suspend", actor=actor)
    return meeting


def resume(db: Session, meeting: Meeting, *, actor: Actor) -> Meeting:
    steps.move(db, meeting, "resume", actor=actor)
    return meeting


def inquorate(db: Session, meeting: Meeting, *, reason: str, actor: Actor) -> Meeting:
    """Not held for want of a quorum: what was open for it closes."""
    step = steps.move(db, meeting, "inquorate", actor=actor, reason=reason)
    release.close(db, meeting, at=step.created_at)
    return meeting


def adjourn(db: Session, meeting: Meeting, *, actor: Actor) -> Meeting:
    """The last step of « Lever la séance »: decisions were confirmed before, by their own verbs."""
    steps.move(db, meeting, "adjourn", actor=actor)
    meeting.adjourned_at, meeting.current_item_id = clock.now(), None
    return meeting


def close(db: Session, meeting: Meeting, *, actor: Actor) -> Meeting:
    """Frozen for ever, once its minutes were sent."""
    states.after("close", meeting.state)
    sent = select(Minutes.id).where(
        Minutes.meeting_id == meeting.id, Minutes.state == MinutesState.SENT
    )
    if db.exec(sent.limit(1)).first() is None:
        raise Refused("Envoyez d’abord le relevé de décisions : il clôt la séance.")
    steps.move(db, meeting, "close", actor=actor)
    return meeting


def _in_order(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid("La séance doit finir après avoir commencé.", field="ends")
