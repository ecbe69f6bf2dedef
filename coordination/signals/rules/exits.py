"""Leaving: an exit to confirm, someone who asks to come back."""

from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from coordination.journeys.models import Journey, JourneyMove, JourneyState
from coordination.journeys.models_along import AnnouncedExit, ReturnRequest
from coordination.signals import sentences
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope
from coordination.signals.subjects import of_journey
from coordination.signals.thresholds import Thresholds

LATE_DAYS = 28  # what waits longer weighs more
GONE = (JourneyState.EXIT_PENDING, JourneyState.ENDED, JourneyState.ABANDONED)


def _to_confirm(today: date, limits: Thresholds, scope: Scope) -> Columns:
    announced = (
        select(func.max(col(JourneyMove.on_day)))
        .where(
            col(JourneyMove.journey_id) == col(Journey.id),
            col(JourneyMove.after) == JourneyState.EXIT_PENDING,
        )
        .scalar_subquery()
    )
    said = func.coalesce(col(AnnouncedExit.announced_on), announced)
    since = func.coalesce(said, col(Journey.entered_on))
    return (
        of_journey(col(Journey.id), since, said_on=said, confirm_on=col(AnnouncedExit.confirm_on))
        .outerjoin(
            AnnouncedExit,
            and_(
                col(AnnouncedExit.journey_id) == col(Journey.id),
                col(AnnouncedExit.settled_on).is_(None),
            ),
        )
        .where(
            scope(col(Journey.id)),
            col(Journey.state) == JourneyState.EXIT_PENDING,
            since.is_not(None),
        )
    )


def _lateness(today: date, row: Any) -> float:
    """Less than 1 while the delay that the programme grants runs."""
    if row.confirm_on is None or row.confirm_on <= row.since_on:
        return 1 + (today - (row.confirm_on or row.since_on)).days / LATE_DAYS
    if today >= row.confirm_on:
        return 1 + (today - row.confirm_on).days / LATE_DAYS
    return (today - row.since_on).days / (row.confirm_on - row.since_on).days


def _to_come_back(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return (
        of_journey(
            col(ReturnRequest.id), col(ReturnRequest.asked_on), until=col(ReturnRequest.until_on)
        )
        .join(ReturnRequest, col(ReturnRequest.journey_id) == col(Journey.id))
        .where(
            scope(col(ReturnRequest.journey_id)),
            col(Journey.state).in_(GONE),
            col(ReturnRequest.asked_on) <= today,
            col(ReturnRequest.answered_on).is_(None),
            or_(col(ReturnRequest.until_on).is_(None), col(ReturnRequest.until_on) >= today),
        )
    )


RULES = (
    Rule(
        SignalCode.SORTIE_A_CONFIRMER,
        1.5,
        _to_confirm,
        sentences.to_confirm,
        past=_lateness,
    ),
    Rule(
        SignalCode.RETOUR_POSSIBLE,
        3.0,
        _to_come_back,
        sentences.to_come_back,
        past=lambda today, row: 1 + (today - row.since_on).days / LATE_DAYS,
    ),
)
