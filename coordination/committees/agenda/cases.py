"""Situations to examine: what the rules and the demands raise, and what was carried over."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from coordination import clock
from coordination.committees import queries
from coordination.committees.agenda.follow_up import CAME_BACK
from coordination.committees.agenda.points import Known, Point
from coordination.committees.agenda.points import known as names_of
from coordination.committees.agenda.same import together
from coordination.committees.models import (
    AgendaItem,
    Committee,
    ItemState,
    Meeting,
    MeetingState,
    Section,
)
from coordination.signals import queries as signals
from coordination.signals.models import SignalCode
from coordination.signals.queries import Candidate
from coordination.web import french

# A journey that only ends soon is read in the review of ends, unless its body asks for more.
END_CODES = frozenset({SignalCode.FIN_SANS_SUITE, SignalCode.ATTENTE_ENTRE_ETAPES})
FOLLOWED_CODES = frozenset({*CAME_BACK, SignalCode.ACCORD_A_RECUEILLIR})
COMING = (MeetingState.DRAFT, MeetingState.PLANNED, MeetingState.CONVENED)
SITTING = (MeetingState.OPEN, MeetingState.SUSPENDED)


def points(
    db: Session,
    meeting: Meeting,
    committee: Committee,
    *,
    case_minutes: int,
    reviewed: Collection[Point] = (),
    known: Collection[UUID] = (),
) -> list[Point]:
    """Carried-over ones first, then by weight. `reviewed` are the lines of the review of ends;
    `known`, the journeys whose referral already stands in the follow-up."""
    on = queries.sitting_on(meeting)
    taken = _on_another_agenda(db, meeting)
    enough = {p.journey_id for p in reviewed if p.snapshot.get("review") != "to_examine"}
    found = [
        candidate
        for candidate in signals.candidates(
            db,
            agency_ids=queries.agencies_at_table(db, committee.id, on=on),
            territory_id=committee.territory_id,
            on=clock.today(),
        )
        if candidate.journey_id not in taken
        and not (candidate.journey_id in enough and set(candidate.codes) <= END_CODES)
        and not (candidate.journey_id in known and set(candidate.codes) <= FOLLOWED_CODES)
    ]
    carried = carried_over(db, meeting)
    names = names_of(
        db,
        programmes={c.programme_id for c in found},
        agencies={c.agency_id for c in found},
    )
    fresh = _by_journey(db, meeting, found, names, case_minutes)
    again = [_again(item, at, fresh) for item, at in carried]
    return [*again, *fresh.values()]


def _by_journey(
    db: Session,
    meeting: Meeting,
    found: Sequence[Candidate],
    names: Known,
    case_minutes: int,
) -> dict[UUID, Point]:
    """One point per journey; two agencies asking about the same human being make one where an
    agreement covers both."""
    here = {
        journey
        for journey in db.exec(
            select(AgendaItem.journey_id).where(
                AgendaItem.meeting_id == meeting.id, AgendaItem.section == Section.SITUATIONS
            )
        )
        if journey
    }
    made: dict[UUID, Point] = {}
    for group in together(db, found, first=here):
        lead, *others = group
        agencies = [c.agency_id for c in group]
        because: list[str] = []
        if others:
            because.append("Deux structures ont demandé ce point.")
        for candidate in group:
            because += [f"{sentence.rstrip('.')}." for sentence in candidate.sentences]
        made[lead.journey_id] = Point(
            section=Section.SITUATIONS,
            minutes=case_minutes,
            because=tuple(dict.fromkeys(because)),
            snapshot=names.snapshot(lead.programme_id, agencies, dict.fromkeys(because)),
            signals=tuple(str(s) for c in group for s in c.signal_ids),
            journey_id=lead.journey_id,
            person_id=lead.person_id,
            agency_id=lead.agency_id,
            demand_id=next((c.demand_id for c in group if c.demand_id), None),
        )
    return made


def carried_over(db: Session, meeting: Meeting) -> list[tuple[AgendaItem, Meeting]]:
    """Items carried over at an earlier meeting that no other agenda has taken up."""
    later = aliased(AgendaItem)
    taken_up = (
        select(later.id)
        .where(later.previous_id == AgendaItem.id, later.meeting_id != meeting.id)
        .exists()
    )
    rows = db.exec(
        select(AgendaItem, Meeting)
        .join(Meeting, col(Meeting.id) == AgendaItem.meeting_id)
        .where(
            Meeting.committee_id == meeting.committee_id,
            Meeting.id != meeting.id,
            Meeting.starts_at < meeting.starts_at,
            AgendaItem.state == ItemState.CARRIED,
            ~taken_up,
        )
        .order_by(col(Meeting.starts_at), col(AgendaItem.number), col(AgendaItem.id))
    )
    return [(item, at) for item, at in rows]


def again(item: AgendaItem, at: Meeting, *, fresh: Point | None = None) -> Point:
    """An item of an earlier agenda as it comes back, with today's sentences if there are some."""
    first = f"Reporté de la séance du {french.day(clock.local(at.starts_at).date())}."
    kept = fresh.because if fresh else tuple(s for s in item.because if not _carried(s))
    because = (first, *kept)
    return Point(
        section=item.section,
        minutes=item.minutes,
        because=because,
        title=item.title,
        snapshot=item.snapshot | {"sentences": list(because)} if item.person_id else item.snapshot,
        signals=fresh.signals if fresh else tuple(item.signals),
        journey_id=item.journey_id,
        person_id=item.person_id,
        agency_id=item.agency_id,
        demand_id=(fresh.demand_id if fresh else None) or item.demand_id,
        referral_id=item.referral_id,
        follow_up_id=item.follow_up_id,
        previous_id=item.id,
    )


def _again(item: AgendaItem, at: Meeting, fresh: dict[UUID, Point]) -> Point:
    point = fresh.pop(item.journey_id, None) if item.journey_id else None
    return again(item, at, fresh=point)


def _carried(sentence: str) -> bool:
    return sentence.startswith("Reporté de la séance du ")


def _on_another_agenda(db: Session, meeting: Meeting) -> set[UUID]:
    """Journeys that another meeting of this committee, to come or sitting, already holds."""
    day_before = clock.now() - timedelta(days=1)
    rows = db.execute(
        select(col(AgendaItem.journey_id))
        .join(Meeting, col(Meeting.id) == AgendaItem.meeting_id)
        .where(
            Meeting.committee_id == meeting.committee_id,
            Meeting.id != meeting.id,
            AgendaItem.section == Section.SITUATIONS,
            col(AgendaItem.journey_id).is_not(None),
            or_(
                and_(col(Meeting.state).in_(COMING), col(Meeting.starts_at) > day_before),
                col(Meeting.state).in_(SITTING),
            ),
            col(AgendaItem.state).in_((ItemState.PROPOSED, ItemState.ACCEPTED)),
        )
    )
    return {journey for (journey,) in rows if journey}
