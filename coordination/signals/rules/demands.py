"""What a professional asked of a committee, and the agreement that it waits for."""

from datetime import date
from typing import Any

from sqlalchemy import Date, literal
from sqlmodel import col

from coordination.journeys.models import LIVE_STATES, Journey, JourneyState
from coordination.signals import sentences, spans
from coordination.signals.models import Demand, SignalCode
from coordination.signals.queries import ASKED, Columns
from coordination.signals.raising import Rule, Scope, at_least_once
from coordination.signals.subjects import covered, of_journey
from coordination.signals.thresholds import Thresholds

DEMAND_WEEKS = 8  # a demand that waits longer weighs more
CONSENT_DAYS = 14  # ten working days


def _demanded(today: date, limits: Thresholds, scope: Scope, *, days: int) -> Columns:
    return (
        of_journey(
            col(Demand.id),
            col(Demand.asked_on),
            measure=spans.days_between(col(Demand.asked_on), today),
            threshold=literal(days),
            awaited=col(Journey.state) == JourneyState.PRESCRIBED,
        )
        .join(Demand, col(Demand.journey_id) == col(Journey.id))
        .where(
            scope(col(Demand.journey_id)),
            col(Journey.state).in_(LIVE_STATES),
            col(Demand.state).in_(ASKED),
            col(Demand.asked_on) <= literal(today, Date()),
        )
    )


def _examination(today: date, limits: Thresholds, scope: Scope) -> Any:
    return _demanded(today, limits, scope, days=DEMAND_WEEKS * 7)


def _without_consent(today: date, limits: Thresholds, scope: Scope) -> Any:
    return _demanded(today, limits, scope, days=CONSENT_DAYS).where(~covered(today))


RULES = (
    Rule(
        SignalCode.DEMANDE_EXAMEN,
        4.0,
        _examination,
        sentences.demanded,
        past=at_least_once,
    ),
    Rule(
        SignalCode.ACCORD_A_RECUEILLIR,
        1.5,
        _without_consent,
        sentences.demanded_without_consent,
        past=at_least_once,
    ),
)
