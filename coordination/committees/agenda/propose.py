"""The agenda that the clock proposes: what should be looked at, why, and what fits into the time.

Run again, it adds what is missing and refreshes what nobody has decided yet; what was accepted,
refused or withdrawn is never touched, nor is an agenda once frozen.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import CLOCK
from coordination.committees import queries
from coordination.committees.agenda import cases, dossiers, fit
from coordination.committees.agenda.points import Key, Point, key_of
from coordination.committees.agenda.wanted import gather
from coordination.committees.models import (
    AgendaItem,
    Committee,
    CommitteeKind,
    ItemState,
    Meeting,
    Section,
)
from coordination.db import Closer, past_walls, transaction
from coordination.errors import Refused
from coordination.signals.models import Demand, DemandState

UNDECIDED = (ItemState.PROPOSED, ItemState.OVERFLOW)
AHEAD = timedelta(days=21)


@past_walls
def propose(db: Session, meeting: Meeting) -> list[AgendaItem]:
    """Propose the agenda of a meeting, as the clock; the items as they then stand, in order."""
    if meeting.frozen_at is not None:
        raise Refused("L’ordre du jour est figé\u00a0: il ne se propose plus.")
    if meeting.state not in cases.COMING:
        raise Refused("Cette séance n’est plus à préparer.")
    committee = db.get_one(Committee, meeting.committee_id)
    kind = db.get_one(CommitteeKind, committee.kind_id)
    wanted = gather(db, meeting, committee, kind)
    standing = {key_of(item): item for item in db.exec(queries.items(meeting.id))}
    changed = _drop(db, standing, wanted)
    ranks = _last_ranks(standing.values())
    for key, point in wanted.items():
        item = standing.get(key)
        if item is None:
            ranks[point.section] = ranks.get(point.section, 0) + 1
            standing[key] = _write(db, meeting, point, rank=ranks[point.section])
            changed += 1
        elif item.state in UNDECIDED:
            changed += _refresh(item, point)
    changed += _fit(standing, wanted, meeting, committee)
    dossiers.settle(db, meeting)
    if changed:
        audit.act(db, CLOCK, "agenda.propose", about=meeting.id, items=len(standing))
    return list(db.exec(queries.items(meeting.id)))


def propose_due(engine: Engine, closers: Sequence[Closer] = ()) -> int:
    """Propose again, each in its own transaction, the agendas of meetings within three weeks."""
    with transaction(engine) as db:
        due = db.exec(
            select(Meeting.id)
            .where(
                col(Meeting.frozen_at).is_(None),
                col(Meeting.state).in_(cases.COMING),
                Meeting.starts_at > clock.now(),
                Meeting.starts_at <= clock.now() + AHEAD,
            )
            .order_by(col(Meeting.starts_at), col(Meeting.id))
        ).all()
    done = 0
    for meeting_id in due:
        with transaction(engine, closers) as db:
            meeting = db.get(Meeting, meeting_id, with_for_update=True)
            if meeting and meeting.frozen_at is None and meeting.state in cases.COMING:
                propose(db, meeting)
                done += 1
    return done


def available(meeting: Meeting) -> int:
    """Minutes of the meeting."""
    return int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60


def _drop(db: Session, standing: dict[Key, AgendaItem], wanted: dict[Key, Point]) -> int:
    """Take away what was only proposed and has no reason any more."""
    gone = [
        key
        for key, item in standing.items()
        if item.state in UNDECIDED
        and key not in wanted
        and (item.journey_id or item.follow_up_id)
        and item.previous_id is None
        and not _still_asked(db, item)
    ]
    for key in gone:
        db.delete(standing.pop(key))
    return len(gone)


def _still_asked(db: Session, item: AgendaItem) -> bool:
    demand = db.get(Demand, item.demand_id) if item.demand_id else None
    return demand is not None and demand.state in (DemandState.OPEN, DemandState.ON_AGENDA)


def _last_ranks(items: Iterable[AgendaItem]) -> dict[Section, int]:
    ranks: dict[Section, int] = {}
    for item in items:
        ranks[item.section] = max(ranks.get(item.section, 0), item.rank)
    return ranks


def _write(db: Session, meeting: Meeting, point: Point, *, rank: int) -> AgendaItem:
    item = AgendaItem(
        meeting_id=meeting.id,
        section=point.section,
        rank=rank,
        title=point.title,
        minutes=point.minutes,
        journey_id=point.journey_id,
        person_id=point.person_id,
        agency_id=point.agency_id,
        demand_id=point.demand_id,
        referral_id=point.referral_id,
        follow_up_id=point.follow_up_id,
        because=list(point.because),
        snapshot=dict(point.snapshot),
        signals=list(point.signals),
        previous_id=point.previous_id,
    )
    db.add(item)
    return item


def _refresh(item: AgendaItem, point: Point) -> int:
    now = {
        "because": list(point.because),
        "snapshot": dict(point.snapshot),
        "signals": list(point.signals),
        "demand_id": point.demand_id,
        "referral_id": point.referral_id,
    }
    different = {name: value for name, value in now.items() if getattr(item, name) != value}
    for name, value in different.items():
        setattr(item, name, value)
    item.version += 1 if different else 0
    return 1 if different else 0


def _fit(
    standing: dict[Key, AgendaItem],
    wanted: dict[Key, Point],
    meeting: Meeting,
    committee: Committee,
) -> int:
    """Decide, for what nobody decided, what fits; items put there by hand come first."""
    open_ones = {key: item for key, item in standing.items() if item.state in UNDECIDED}
    order = [*(k for k in open_ones if k not in wanted), *(k for k in wanted if k in open_ones)]
    chosen = fit.fits(
        ((key, fit.Size(open_ones[key].section, open_ones[key].minutes)) for key in order),
        available=available(meeting),
        taken=[
            fit.Size(item.section, item.minutes)
            for item in standing.values()
            if item.state is ItemState.ACCEPTED
        ],
        cases=committee.cases,
    )
    changed = 0
    for key, item in open_ones.items():
        state = ItemState.PROPOSED if key in chosen else ItemState.OVERFLOW
        if item.state is not state:
            item.state, changed = state, changed + 1
    return changed
