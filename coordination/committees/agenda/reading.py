"""What the agenda's page and papers show: sections of lines, each as its reader may see it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.committees import queries, situations
from coordination.committees.agenda.ends import Review
from coordination.committees.agenda.propose import available
from coordination.committees.models import AgendaItem, FollowUp, ItemState, Meeting, Section
from coordination.committees.situations import Situation
from coordination.consent.models import ConsentCover, Effect, Purpose
from coordination.persons.categories import Category
from coordination.referrals.models import Referral
from coordination.signals.models import Demand

ON_IT = (ItemState.PROPOSED, ItemState.ACCEPTED)
NUMBERED = (ItemState.ACCEPTED, ItemState.WITHDRAWN, ItemState.CARRIED, ItemState.EXAMINED)


class Line(NamedTuple):
    """One item. `named` when the reader may know who it is; `own` when their agency carries it."""

    item: AgendaItem
    title: str
    named: bool
    own: bool
    meta: str
    details: tuple[str, ...]  # only for who may read them: the action, where it went, the question
    at: datetime | None
    agreed: bool | None  # whether an agreement for the committee stands; None: nobody is concerned
    review: str


class Block(NamedTuple):
    section: Section
    lines: list[Line]
    minutes: int


class Agenda(NamedTuple):
    blocks: list[Block]
    overflow: list[Line]
    refused: list[Line]
    minutes: int
    available: int
    undecided: int
    named: set[UUID]  # the persons whom it names


def of_meeting(db: Session, actor: Actor, meeting: Meeting, *, runs: bool) -> Agenda:
    """The whole of it for those who run the committee; for a member, what is frozen, and before
    that what their own agency carries."""
    wanted = queries.items(meeting.id)
    if not runs:
        wanted = wanted.where(
            col(AgendaItem.number).is_not(None)
            if meeting.frozen_at
            else col(AgendaItem.agency_id) == actor.agency_id
        )
    items = list(db.exec(wanted))
    shown = situations.for_agency(
        db, items, agency_id=actor.agency_id, professional_id=actor.professional_id
    )
    return _lay_out(db, meeting, items, shown, agency_id=actor.agency_id)


def for_all(db: Session, meeting: Meeting, *, runs: bool = True) -> Agenda:
    """As every agency at the table may read it: what is printed and projected."""
    items = list(db.exec(queries.items(meeting.id)))
    if meeting.frozen_at or not runs:
        items = [item for item in items if item.number]
    on = queries.sitting_on(meeting)
    table = queries.agencies_at_table(db, meeting.committee_id, on=on)
    shown = situations.for_room(db, items, agencies=table)
    return _lay_out(db, meeting, items, shown, agency_id=None)


def agreed(db: Session, persons: Collection[UUID]) -> set[UUID]:
    """Those with an agreement in force to be discussed in committee by name."""
    now = clock.now()
    found = db.exec(
        select(ConsentCover.person_id).where(
            col(ConsentCover.person_id).in_(persons),
            ConsentCover.purpose == Purpose.COMMITTEE,
            ConsentCover.effect == Effect.ALLOW,
            col(ConsentCover.categories).op("&")(Category.IDENTITY.bit) != 0,
            ConsentCover.from_at <= now,
            ConsentCover.until_at > now,
        )
    )
    return set(found)


def _lay_out(
    db: Session,
    meeting: Meeting,
    items: Sequence[AgendaItem],
    shown: dict[UUID, Situation],
    *,
    agency_id: UUID | None,
) -> Agenda:
    details = _details(db, items, shown)
    persons = agreed(db, {item.person_id for item in items if item.person_id})
    states = NUMBERED if meeting.frozen_at else (*ON_IT, ItemState.WITHDRAWN)
    at, blocks, others = meeting.starts_at, dict[Section, list[Line]](), list[Line]()
    for item in items:
        on_it = item.state in states and (item.number is not None or not meeting.frozen_at)
        line = _line(
            item,
            shown.get(item.id),
            details.get(item.id, ()),
            at=at if on_it and item.state is not ItemState.WITHDRAWN else None,
            agreed=item.person_id in persons if item.person_id else None,
            own=agency_id is not None and item.agency_id == agency_id,
        )
        if on_it:
            blocks.setdefault(item.section, []).append(line)
            at += timedelta(minutes=_length(item))
        else:
            others.append(line)
    made = [
        Block(section, lines, sum(_length(line.item) for line in lines))
        for section, lines in blocks.items()
    ]
    return Agenda(
        blocks=made,
        overflow=[line for line in others if line.item.state is not ItemState.REFUSED],
        refused=[line for line in others if line.item.state is ItemState.REFUSED],
        minutes=sum(block.minutes for block in made),
        available=available(meeting),
        undecided=sum(item.state is ItemState.PROPOSED for item in items),
        named=situations.named(shown),
    )


def _length(item: AgendaItem) -> int:
    return 0 if item.state is ItemState.WITHDRAWN else item.minutes


def _line(
    item: AgendaItem,
    situation: Situation | None,
    details: tuple[str, ...],
    *,
    at: datetime | None,
    agreed: bool | None,
    own: bool,
) -> Line:
    snapshot = item.snapshot if item.person_id else {}
    meta = [snapshot.get("agency", ""), snapshot.get("programme", "")]
    review = snapshot.get("review", "") if item.section is Section.ENDS else ""
    return Line(
        item=item,
        title=situation.title if situation else item.title,
        named=bool(situation and situation.name),
        own=own,
        meta=" · ".join(word for word in meta if word),
        details=details,
        at=at,
        agreed=agreed,
        review=labels.of(Review(review)) if review in set(Review) else "",
    )


def _details(
    db: Session, items: Sequence[AgendaItem], shown: dict[UUID, Situation]
) -> dict[UUID, tuple[str, ...]]:
    """Texts and places that only stand beside a name, by category."""

    def read(category: Category) -> list[AgendaItem]:
        return [i for i in items if i.id in shown and shown[i.id].reads(category)]

    steps = read(Category.STEPS)
    whats = dict(
        db.exec(
            select(FollowUp.id, FollowUp.what).where(
                col(FollowUp.id).in_({i.follow_up_id for i in steps if i.follow_up_id})
            )
        ).all()
    )
    places = dict(
        db.exec(
            select(Referral.id, Agency.name)
            .join(Agency, col(Agency.id) == Referral.recipient_id)
            .where(col(Referral.id).in_({i.referral_id for i in steps if i.referral_id}))
        ).all()
    )
    questions = dict(
        db.exec(
            select(Demand.id, Demand.question).where(
                col(Demand.id).in_({i.demand_id for i in steps if i.demand_id})
            )
        ).all()
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for item in steps:
        if item.follow_up_id in whats:
            found[item.id] = (whats[item.follow_up_id],)
        elif item.referral_id in places:
            found[item.id] = (f"Orientation vers {places[item.referral_id]}",)
    for item in steps:
        if item.demand_id in questions:
            found[item.id] = (*found.get(item.id, ()), f"« {questions[item.demand_id]} »")
    return found
