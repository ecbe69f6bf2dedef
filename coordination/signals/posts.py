"""Who holds the thread of a journey: a référent in post, else the one who replaces them; and the
first day without either. Conditions on `Journey`."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from coordination.agencies.models import Membership, Professional
from coordination.journeys.models import Journey, Party, Referent, ReferentRole
from coordination.journeys.models_along import ReferentAbsence
from coordination.signals import spans

BESIDE = (ReferentRole.MENTOR, ReferentRole.EMPLOYER_LINK)  # they hold no thread
_NEVER = literal(date.max, Date())


def in_post(today: date) -> ColumnElement[bool]:
    """Someone who is not away without a replacement, and works for an agency that follows."""
    return (
        select(col(Referent.id))
        .join(Professional, col(Professional.id) == col(Referent.professional_id))
        .where(
            col(Referent.journey_id) == col(Journey.id),
            col(Referent.from_on) <= today,
            or_(col(Referent.until_on).is_(None), col(Referent.until_on) > today),
            col(Referent.role).not_in(BESIDE),
            col(Professional.disabled).is_(False),
            _works(col(Referent.professional_id), today),
            ~exists().where(*_uncovered(today)),
        )
        .exists()
    )


def working(db: Session, journey: Journey, whom: Collection[UUID], today: date) -> list[UUID]:
    """Those of these people who still work for an agency that follows the journey."""
    wanted = (
        select(col(Professional.id))
        .join(Journey, col(Journey.id) == journey.id)
        .where(
            col(Professional.id).in_(whom),
            col(Professional.disabled).is_(False),
            _works(col(Professional.id), today),
        )
    )
    return list(db.execute(wanted.order_by(col(Professional.id))).scalars())


def empty_on(today: date) -> Any:
    """The first day without anyone, where nobody is in post; NULL when a day is not known."""
    stops = spans.earliest(_left(today), spans.earliest(_parted(today), _gone(today)))
    last = (
        select(func.max(stops))
        .where(
            col(Referent.journey_id) == col(Journey.id),
            col(Referent.from_on) <= today,
            col(Referent.role).not_in(BESIDE),
        )
        .scalar_subquery()
    )
    return func.nullif(last, _NEVER, type_=Date())


def _left(today: date) -> Any:
    """A référent's end is the first day without them."""
    end = col(Referent.until_on)
    return case((end <= today, end), else_=_NEVER)


def _parted(today: date) -> Any:
    """Of a membership, the end is the last day."""
    who = col(Referent.professional_id)
    after = func.coalesce(spans.day_after(_last_day(who, today)), _NEVER)
    return case((_works(who, today), _NEVER), else_=after)


def _gone(today: date) -> Any:
    """The first day away, or the first without the replacement."""
    start, other = col(ReferentAbsence.from_on), col(ReferentAbsence.replacement_id)
    relieved = func.coalesce(spans.day_after(_last_day(other, today)), start)
    first = select(func.min(spans.latest(start, relieved))).where(*_uncovered(today))
    return func.coalesce(first.scalar_subquery(), _NEVER)


def _uncovered(today: date) -> tuple[ColumnElement[bool], ...]:
    """A référent's absence that nobody makes up for: no replacement, or one who has left too."""
    last, other = col(ReferentAbsence.until_on), aliased(Professional)  # the last day away
    replaced = exists().where(
        col(other.id) == col(ReferentAbsence.replacement_id),
        col(other.disabled).is_(False),
        _works(col(other.id), today),
    )
    return (
        col(ReferentAbsence.referent_id) == col(Referent.id),
        col(ReferentAbsence.from_on) <= today,
        or_(last.is_(None), last >= today),
        ~replaced,
    )


def _works(who: Any, today: date) -> ColumnElement[bool]:
    last = col(Membership.until_on)
    since = col(Membership.from_on) <= today
    works = exists().where(_for_the_journey(who), since, or_(last.is_(None), last >= today))
    return works.correlate_except(Membership)  # this journey's, however deep it is asked


def _last_day(who: Any, today: date) -> Any:
    last = col(Membership.until_on)
    wanted = select(func.max(last)).where(_for_the_journey(who), last < today)
    return wanted.correlate_except(Membership).scalar_subquery()


def _for_the_journey(who: Any) -> ColumnElement[bool]:
    """A membership of this professional, in the carrying agency or in a party."""
    party = (
        select(col(Party.agency_id))
        .where(col(Party.journey_id) == col(Journey.id), col(Party.until_on).is_(None))
        .correlate_except(Party)
    )
    agency = col(Membership.agency_id)
    return and_(
        col(Membership.professional_id) == who,
        or_(agency == col(Journey.agency_id), agency.in_(party)),
    )
