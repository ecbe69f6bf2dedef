"""What rules are about: the columns that each of them answers, and what several of them ask."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from coordination import clock
from coordination.consent.models import ConsentCover, Purpose
from coordination.journeys.models import Journey, JourneyPeriod, JourneyState, Suspension
from coordination.signals.queries import Columns

ENTERED = (JourneyState.ENTERED, JourneyState.INTERSTITIAL)
PRESENT = (*ENTERED, JourneyState.SUSPENDED)
AWAITED = (JourneyState.PRESCRIBED, *ENTERED)  # something is to begin for them


def of_journey(subject: Any, since: Any, **more: Any) -> Columns:
    """The columns that every rule answers, read on `Journey`."""
    return select(
        col(Journey.id).label("journey_id"),
        col(Journey.person_id).label("person_id"),
        col(Journey.agency_id).label("agency_id"),
        subject.label("subject_id"),
        since.label("since_on"),
        *(value.label(name) for name, value in more.items()),
    )


def covered(today: date) -> ColumnElement[bool]:
    """Whether the person has answered, yes or no, about being discussed in committee."""
    evening = clock.at(today, 23, 59)
    return (
        select(col(ConsentCover.id))
        .where(
            col(ConsentCover.person_id) == col(Journey.person_id),
            col(ConsentCover.purpose) == Purpose.COMMITTEE,
            col(ConsentCover.from_at) <= evening,
            col(ConsentCover.until_at) > evening,
        )
        .exists()
    )


def came_back_on(today: date) -> Any:
    """The day of the last re-entry; NULL for who never left."""
    return (
        select(func.max(col(JourneyPeriod.from_on)))
        .where(
            col(JourneyPeriod.journey_id) == col(Journey.id),
            col(JourneyPeriod.from_on) > col(Journey.entered_on),
            col(JourneyPeriod.from_on) <= today,
        )
        .scalar_subquery()
    )


def resumed_on(today: date) -> Any:
    """The day the last suspension ended."""
    return (
        select(func.max(col(Suspension.ended_on)))
        .where(col(Suspension.journey_id) == col(Journey.id), col(Suspension.ended_on) <= today)
        .scalar_subquery()
    )
