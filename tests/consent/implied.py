"""Who must have business to look at whom, from the facts alone: written from the design, not from
the verbs. `Reach` must say the same."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.committees.models import (
    AgendaItem,
    CommitteeAgency,
    ItemState,
    Mandate,
    MandateRole,
    Meeting,
    MeetingMove,
    MeetingState,
    Minutes,
)
from coordination.consent.models import Effect, Purpose, Reach, ReachKind
from coordination.journeys.models import Journey, Party, PartyRole
from coordination.persons.models import Person
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE, Status

FOLLOWED = timedelta(days=183)  # decision 0061
READ_AFTER = timedelta(days=15)  # of the minutes
NOT_HELD = {MeetingState.POSTPONED, MeetingState.CANCELLED, MeetingState.INQUORATE}
OUT_OF_IT = {ItemState.REFUSED, ItemState.WITHDRAWN}
NOT_KEPT = OUT_OF_IT | {ItemState.PROPOSED, ItemState.OVERFLOW}
RUN_IT = {MandateRole.CHAIR, MandateRole.VICE_CHAIR, MandateRole.SECRETARY}


class Business(NamedTuple):
    """One live reach."""

    person: UUID
    agency: UUID
    professional: UUID | None
    kind: ReachKind
    effect: Effect
    purpose: Purpose | None
    source: UUID | None
    until: datetime | None


class Conflict(NamedTuple):
    """Declared in a meeting. (Its only row is the reach that refuses.)"""

    meeting: UUID
    person: UUID
    agency: UUID
    professional: UUID


def said(db: Session) -> list[Business]:
    """What the rows of Reach say now."""
    now = clock.now()
    live = select(Reach).where(
        Reach.from_at <= now, col(Reach.until_at).is_(None) | (col(Reach.until_at) > now)
    )
    return sorted(
        (
            Business(r.person_id, r.agency_id, r.professional_id, r.kind, r.effect, r.purpose,
                     r.source_id, r.until_at)
            for r in db.exec(live)
        ),
        key=str,
    )  # fmt: skip


def implied(
    db: Session, conflicts: set[Conflict], stopped: set[tuple[UUID, Purpose]]
) -> list[Business]:
    """What the facts ask for now. `stopped`: the referrals under way for which the person took
    back what they had agreed to."""
    found = {
        *_of_who_recorded(db), *_of_journeys(db), *_of_referrals(db, stopped), *_of_meetings(db),
        *(_allows(c.person, c.agency, ReachKind.MEETING, Purpose.COMMITTEE, c.meeting)
          ._replace(professional=c.professional, effect=Effect.DENY) for c in conflicts),
    }  # fmt: skip
    now = clock.now()
    return sorted((one for one in found if one.until is None or one.until > now), key=str)


def _allows(
    person: UUID,
    agency: UUID,
    kind: ReachKind,
    purpose: Purpose | None = None,
    source: UUID | None = None,
    until: datetime | None = None,
) -> Business:
    return Business(person, agency, None, kind, Effect.ALLOW, purpose, source, until)


def _of_who_recorded(db: Session) -> list[Business]:
    return [_allows(p.id, p.agency_id, ReachKind.OWN) for p in db.exec(select(Person))]


def _of_journeys(db: Session) -> list[Business]:
    """The agencies of a journey, until six months after the exit; not who recorded the person."""
    parties = db.exec(
        select(Party, Journey, Person)
        .join(Journey, col(Journey.id) == Party.journey_id)
        .join(Person, col(Person.id) == Journey.person_id)
        .where(col(Party.until_on).is_(None), Party.role != PartyRole.EMPLOYER)  # reads nothing
    )
    return [
        _allows(person.id, party.agency_id, ReachKind.PARTY, source=journey.id, until=(
            clock.at(journey.ended_on + FOLLOWED) if journey.ended_on else None))
        for party, journey, person in parties
        if party.agency_id != person.agency_id
    ]  # fmt: skip


def _of_referrals(db: Session, stopped: set[tuple[UUID, Purpose]]) -> list[Business]:
    """The recipient, while it is live; from its start they also follow together."""
    return [
        _allows(r.person_id, r.recipient_id, ReachKind.REFERRAL, purpose, r.id)
        for r in db.exec(select(Referral).where(col(Referral.status).in_(LIVE)))
        for purpose in (Purpose.REFERRAL, Purpose.FOLLOW_UP)
        if purpose is Purpose.REFERRAL or r.status is Status.STARTED
        if not (r.status is Status.STARTED and (r.id, purpose) in stopped)
    ]


def _of_meetings(db: Session) -> list[Business]:
    """Each person of the agenda, for who prepares it, then for every agency at the table; until
    fifteen days after the minutes left. A meeting that is not held opens nothing."""
    found = []
    for meeting in db.exec(select(Meeting)):
        if meeting.state in NOT_HELD:
            continue
        items = db.exec(select(AgendaItem).where(AgendaItem.meeting_id == meeting.id))
        out = NOT_KEPT if meeting.frozen_at else OUT_OF_IT
        persons = {i.person_id for i in items if i.person_id and i.state not in out}
        sent = [
            m.sent_at
            for m in db.exec(select(Minutes).where(Minutes.meeting_id == meeting.id))
            if m.sent_at
        ]
        until = min(sent) + READ_AFTER if sent else None
        found += [
            _allows(person, agency, ReachKind.MEETING, Purpose.COMMITTEE, meeting.id, until)
            for person in persons
            for agency in _at_the_table(db, meeting)
        ]
    return found


def _at_the_table(db: Session, meeting: Meeting) -> set[UUID]:
    """Frozen: members and mandates of its day. Before: who runs the committee today. Adjourned:
    who was there when it ended; who comes after sits at the next one."""
    over = db.exec(
        select(MeetingMove.id).where(
            MeetingMove.meeting_id == meeting.id, MeetingMove.verb == "adjourn"
        )
    ).first()  # keys are in order of time
    now = meeting.adjourned_at or clock.now()
    held_on = clock.local(meeting.opened_at or meeting.starts_at).date()
    day = held_on if meeting.frozen_at else clock.local(now).date()

    def sits(row: Mandate | CommitteeAgency) -> bool:
        then = row.from_on <= day and (row.until_on is None or row.until_on >= day)
        return then and (over is None or row.id < over)

    mandates = db.exec(select(Mandate).where(Mandate.committee_id == meeting.committee_id))
    sitting = {
        m.agency_id
        for m in mandates
        if m.agency_id and sits(m) and (meeting.frozen_at or m.role in RUN_IT)
    }
    if not meeting.frozen_at:
        return sitting
    of = select(CommitteeAgency).where(CommitteeAgency.committee_id == meeting.committee_id)
    return sitting | {a.agency_id for a in db.exec(of) if sits(a)}
