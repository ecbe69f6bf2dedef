"""The letters of committees: invitations with their calendar file, what changes afterwards, and
word that a decision waits. The reason someone typed stays on the page: a mail carries no such text.
"""

from email.utils import parseaddr
from uuid import UUID

from sqlmodel import Session, select

from coordination import clock, settings
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries
from coordination.committees.meetings import ics
from coordination.committees.models import (
    Committee,
    CommitteeKind,
    Decision,
    DecisionState,
    FollowUp,
    FollowUpState,
    Invitation,
    Meeting,
    MeetingState,
)
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Attachment, Letter, Mail
from coordination.web import french, render

REQUEST = "text/calendar; method=REQUEST; charset=UTF-8"
CANCEL = "text/calendar; method=CANCEL; charset=UTF-8"
_SUBJECTS = {
    "invited": "{word}\u202f: {committee}, {moment}",
    "changed": "Changement\u202f: {committee}, {moment}",
    "postponed": "Séance reportée\u202f: {committee}",
    "cancelled": "Séance annulée\u202f: {committee}, {moment}",
    "uninvited": "Vous n’êtes plus attendu·e\u202f: {committee}, {moment}",
}
_COMING = frozenset({MeetingState.CONVENED, MeetingState.OPEN, MeetingState.SUSPENDED})


def summary(committee: Committee, meeting: Meeting) -> str:
    """COPASS du Lodévois — séance du 4 juin 2026: nothing of a person."""
    day = french.day(clock.local(meeting.starts_at).date()).replace(french.HARD, " ")
    return f"{committee.name} — séance du {day}"


def mail(
    db: Session, meeting: Meeting, template: str, *, to: str, sequence: int, taken: bool
) -> Mail:
    """The mail to one person: its words, and the file for their calendar (`taken` away or not)."""
    committee = db.get_one(Committee, meeting.committee_id)
    word = db.get_one(CommitteeKind, committee.kind_id).invitation_word
    kept = settings.load()
    url = f"{kept.public_url}/seances/{meeting.id}"
    entry = ics.Entry(
        uid=meeting.uid,
        sequence=sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=summary(committee, meeting),
        place=meeting.place,
        video_url=meeting.video_url,
        url=url,
        organizer=parseaddr(kept.mail_from)[1],
        organizer_name=committee.name,
        attendee=to,
    )
    file = (
        Attachment("annulation.ics", ics.cancellation(entry), CANCEL)
        if taken
        else Attachment("invitation.ics", ics.request(entry), REQUEST)
    )
    moment = french.moment(meeting.starts_at)
    subject = _SUBJECTS[template].format(
        word=word.capitalize(), committee=committee.name, moment=moment
    )
    text = render.text(
        f"mails/committees/{template}.txt",
        committee=committee,
        meeting=meeting,
        word=word,
        minutes=int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        url=url,
    )
    return Mail(to, subject, text, (file,))


def _of_meeting(template: str, *, taken: bool) -> Letter:
    """The letter for one guest; dropped when a later one has been written to them."""

    def letter(db: Session, notice: Notice) -> list[Mail]:
        meeting = db.get(Meeting, notice.about_id)
        guest = db.get(Professional, notice.professional_id)
        if meeting is None or guest is None or guest.disabled:
            raise Stale
        invitation = db.exec(
            select(Invitation).where(
                Invitation.meeting_id == meeting.id, Invitation.professional_id == guest.id
            )
        ).one_or_none()
        if invitation is None or notice.number < invitation.sequence:
            raise Stale
        if not taken and (invitation.cancelled_at or meeting.state not in _COMING):
            raise Stale
        return [mail(db, meeting, template, to=guest.email, sequence=notice.number, taken=taken)]

    return letter


def _about_decision(template: str, subject: str) -> Letter:
    """A decision waits for its reader, who signs in to read it: the mail says no more."""

    def letter(db: Session, notice: Notice) -> list[Mail]:
        decision = db.get(Decision, notice.about_id)
        to = _address(db, notice.professional_id)
        if decision is None or decision.state is not DecisionState.CONFIRMED or not to:
            raise Stale
        text = render.text(
            f"mails/committees/{template}.txt",
            url=f"{settings.load().public_url}/aujourdhui",
            tell_by=decision.tell_by,
        )
        return [Mail(to, subject, text)]

    return letter


def _minutes_sent(db: Session, notice: Notice) -> list[Mail]:
    """To those who sit for the agency; to its own address where nobody does."""
    meeting = db.get(Meeting, notice.about_id)
    if meeting is None:
        raise Stale
    committee = db.get_one(Committee, meeting.committee_id)
    seated = [
        _address(db, mandate.professional_id)
        for mandate in db.exec(queries.mandates(committee.id))
        if mandate.agency_id == notice.agency_id
    ]
    addresses = sorted({to for to in seated if to}) or _of_agency(db, notice.agency_id)
    text = render.text(
        "mails/committees/minutes_sent.txt",
        committee=committee,
        meeting=meeting,
        url=f"{settings.load().public_url}/seances/{meeting.id}/releve",
    )
    return [Mail(to, f"Relevé de décisions\u202f: {committee.name}", text) for to in addresses]


def _action_decided(db: Session, notice: Notice) -> list[Mail]:
    """To its owner, else to the agency: what is to be done is read after signing in."""
    action = db.get(FollowUp, notice.about_id)
    if action is None or action.state is not FollowUpState.OPEN:
        raise Stale
    owner = _address(db, action.owner_id)
    text = render.text(
        "mails/committees/action_decided.txt",
        due_on=action.due_on,
        url=f"{settings.load().public_url}/aujourdhui",
    )
    addresses = [owner] if owner else _of_agency(db, action.agency_id)
    return [Mail(to, "Une action de comité vous est confiée", text) for to in addresses]


def _of_agency(db: Session, agency_id: UUID | None) -> list[str]:
    agency = db.get(Agency, agency_id) if agency_id else None
    return [agency.email] if agency and agency.email else []


def _address(db: Session, professional_id: UUID | None) -> str:
    found = db.get(Professional, professional_id) if professional_id else None
    return found.email if found and not found.disabled else ""


LETTERS: dict[str, Letter] = {
    "minutes.sent": _minutes_sent,
    "action.decided": _action_decided,
    "meeting.invited": _of_meeting("invited", taken=False),
    "meeting.changed": _of_meeting("changed", taken=False),
    "meeting.postponed": _of_meeting("postponed", taken=True),
    "meeting.cancelled": _of_meeting("cancelled", taken=True),
    "meeting.uninvited": _of_meeting("uninvited", taken=True),
    "decision.taken": _about_decision("decision_taken", "Une décision de comité vous attend"),
    "decision.to_tell": _about_decision("decision_to_tell", "Une décision est à annoncer"),
}
