"""Carrying a point over to the next meeting: the second time with a reason and a review date."""

from datetime import date

from sqlmodel import Session, col, func, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.committees.agenda import cases, dossiers
from coordination.committees.models import AgendaItem, ItemState, Meeting
from coordination.errors import Invalid, Refused
from coordination.journeys.touch import touch
from coordination.persons.models import Person
from coordination.signals import life
from coordination.web import french

_MAY_WAIT = (ItemState.ACCEPTED, ItemState.EXAMINED)


def carry_over(
    db: Session,
    item: AgendaItem,
    *,
    actor: Actor,
    reason: str = "",
    review_on: date | None = None,
) -> AgendaItem | None:
    """Mark the point as carried over and write it on the next meeting's agenda, linked to this one.
    None when no next meeting is in preparation yet: its proposal will take it up.

    A point already carried over once needs a reason and the day before which it is looked at.
    """
    if item.state not in _MAY_WAIT:
        raise Refused("Ce point ne peut pas être reporté.")
    if times_carried(db, item):
        if not reason.strip():
            raise Invalid("Ce point a déjà été reporté\u00a0: dites pourquoi.", field="reason")
        if review_on is None or review_on <= clock.today():
            raise Invalid("Fixez la date avant laquelle il sera revu.", field="review_on")
    meeting = db.get_one(Meeting, item.meeting_id)
    item.state = ItemState.CARRIED
    item.reason = reason.strip()
    if review_on:
        item.because = [*item.because, f"À revoir avant le {french.day(review_on)}."]
    item.version += 1
    meeting.pulse += 1
    life.take_off_agenda(db, item.signals)
    person = db.get(Person, item.person_id) if item.person_id else None
    audit.act(
        db,
        actor,
        "agenda.carry_over",
        about=item.id,
        person=person.id if person else None,
        salt=person.salt if person else "",
        review_on=review_on.isoformat() if review_on else None,
    )
    if item.journey_id:
        touch(db, item.journey_id)
    following = next_meeting(db, meeting)
    return _take_up(db, item, meeting, following) if following else None


def times_carried(db: Session, item: AgendaItem) -> int:
    """How many times this point was carried over before."""
    times, previous = 0, item.previous_id
    while previous is not None and times < 10:
        times += 1
        previous = db.get_one(AgendaItem, previous).previous_id
    return times


def next_meeting(db: Session, meeting: Meeting) -> Meeting | None:
    """The next one of the committee whose agenda is still open."""
    return db.exec(
        select(Meeting)
        .where(
            Meeting.committee_id == meeting.committee_id,
            Meeting.starts_at > meeting.starts_at,
            col(Meeting.state).in_(cases.COMING),
            col(Meeting.frozen_at).is_(None),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(1)
        .with_for_update()
    ).first()


def _take_up(db: Session, item: AgendaItem, meeting: Meeting, following: Meeting) -> AgendaItem:
    known = db.exec(
        select(AgendaItem).where(
            AgendaItem.meeting_id == following.id,
            AgendaItem.section == item.section,
            AgendaItem.journey_id == item.journey_id,
            AgendaItem.title == item.title,
        )
    ).first()
    point = cases.again(item, meeting)
    made = known or AgendaItem(
        meeting_id=following.id,
        section=point.section,
        rank=_after(db, following, item),
        title=point.title,
        minutes=point.minutes,
        journey_id=point.journey_id,
        person_id=point.person_id,
        agency_id=point.agency_id,
        referral_id=point.referral_id,
        follow_up_id=point.follow_up_id,
    )
    made.previous_id, made.demand_id = item.id, point.demand_id
    made.because, made.snapshot = list(point.because), dict(point.snapshot)
    made.signals = list(point.signals)
    db.add(made)
    dossiers.settle(db, following)
    return made


def _after(db: Session, meeting: Meeting, item: AgendaItem) -> int:
    last = db.exec(
        select(func.max(AgendaItem.rank)).where(
            AgendaItem.meeting_id == meeting.id, AgendaItem.section == item.section
        )
    ).one()
    return (last or 0) + 1
