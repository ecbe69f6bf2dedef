"""How long a journey lasts, and its pauses."""

from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import col

from coordination.journeys.models import Journey, JourneyPeriod, JourneyState, Suspension
from coordination.signals import sentences, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope
from coordination.signals.subjects import PRESENT, of_journey
from coordination.signals.thresholds import Thresholds, among, by_programme, near

LATE_DAYS = 28  # a resumption that waits longer weighs more
MAXIMUM = ("max_duration_months", "max_duration_weeks")


def suspended_days(today: date) -> Any:
    return func.coalesce(
        select(
            func.sum(
                spans.days_between(
                    col(Suspension.from_on), spans.until(col(Suspension.ended_on), today)
                )
            )
        )
        .where(col(Suspension.journey_id) == col(Journey.id), col(Suspension.from_on) <= today)
        .scalar_subquery(),
        0,
    )


def present_days(today: date) -> Any:
    """From each entry to its exit, or to today."""
    periods = (
        select(
            func.sum(
                spans.days_between(
                    col(JourneyPeriod.from_on), spans.until(col(JourneyPeriod.until_on), today)
                )
            )
        )
        .where(
            col(JourneyPeriod.journey_id) == col(Journey.id), col(JourneyPeriod.from_on) <= today
        )
        .scalar_subquery()
    )
    return func.coalesce(periods, spans.days_between(col(Journey.entered_on), today))


def _too_long(today: date, limits: Thresholds, scope: Scope) -> Columns:
    full = limits.days(*MAXIMUM)  # said once more than 90 % of it is spent
    nearly = by_programme({key: near(days) + 1 for key, days in full.items()})
    # "The same length for everyone": pauses do not lengthen it.
    fixed = sorted(set(limits.giving("fixed_duration")) & set(full))
    paused = suspended_days(today)
    if fixed:
        paused = case((col(Journey.programme_id).in_(fixed), 0), else_=paused)
    elapsed = present_days(today) - paused
    return of_journey(
        col(Journey.id),
        col(Journey.entered_on),
        measure=elapsed,
        threshold=by_programme(full),
        months=by_programme(limits.giving(MAXIMUM[0])),
        paused=paused,
    ).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(PRESENT),
        among(full),
        col(Journey.entered_on) <= today,
        spans.days_between(col(Journey.entered_on), today) >= nearly,
        elapsed >= nearly,
    )


def _long_suspension(today: date, limits: Thresholds, scope: Scope) -> Columns:
    full = limits.days("suspension_max_months")
    days = spans.days_between(col(Suspension.from_on), today)
    return (
        of_journey(
            col(Suspension.id),
            col(Suspension.from_on),
            measure=days,
            threshold=by_programme(full),
            months=by_programme(limits.giving("suspension_max_months")),
        )
        .join(Suspension, col(Suspension.journey_id) == col(Journey.id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state) == JourneyState.SUSPENDED,
            among(full),
            col(Suspension.ended_on).is_(None),
            col(Suspension.from_on) <= today,
            days >= by_programme({key: near(most) for key, most in full.items()}),
        )
    )


def _late_to_resume(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return (
        of_journey(col(Suspension.id), col(Suspension.planned_resume_on))
        .join(Suspension, col(Suspension.journey_id) == col(Journey.id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state) == JourneyState.SUSPENDED,
            col(Suspension.ended_on).is_(None),
            col(Suspension.planned_resume_on) < today,
        )
    )


def _lateness(today: date, row: Any) -> float:
    late: int = (today - row.since_on).days
    return 1 + late / LATE_DAYS


RULES = (
    Rule(
        SignalCode.DUREE_EXCESSIVE,
        2.0,
        _too_long,
        sentences.too_long,
        asks=MAXIMUM,
    ),
    Rule(
        SignalCode.SUSPENSION_LONGUE,
        2.0,
        _long_suspension,
        sentences.suspension,
        asks=("suspension_max_months",),
    ),
    Rule(
        SignalCode.REPRISE_DEPASSEE,
        2.0,
        _late_to_resume,
        sentences.late_to_resume,
        past=_lateness,
    ),
)
