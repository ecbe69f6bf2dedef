"""What the programme and the agency owe: a signed commitment, someone in post, a change of status
that breaks no pay."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from coordination.journeys.models import Journey, JourneyState
from coordination.journeys.models_along import Commitment, Pay, StatusPeriod
from coordination.signals import posts, sentences, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope, at_least_once
from coordination.signals.subjects import PRESENT, of_journey
from coordination.signals.thresholds import Thresholds, among, by_programme

STATUS_DAYS = 8 * 7  # before a status changes
ABSENT_DAYS = 28  # nobody in post for longer weighs more
FOLLOWED = (*PRESENT, JourneyState.EXIT_PENDING)


def _unsigned(today: date, limits: Thresholds, scope: Scope) -> Columns:
    asked = {key: word for key, word in limits.giving("commitment").items() if word != "none"}
    within = {k: d for k, d in limits.giving("commitment_within_days").items() if k in asked}
    patience = limits.patient("commitment_weeks")
    threshold = func.coalesce(by_programme(within), patience) if within else patience
    days = spans.days_between(col(Journey.entered_on), today)
    signed = exists().where(
        col(Commitment.journey_id) == col(Journey.id),
        col(Commitment.signed_on) <= today,
        or_(col(Commitment.until_on).is_(None), col(Commitment.until_on) > today),
    )
    return of_journey(
        col(Journey.id),
        col(Journey.entered_on),
        measure=days,
        threshold=threshold,
        asked=by_programme(asked),
    ).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(PRESENT),
        among(asked),
        days >= threshold,
        ~signed,
    )


def _nobody(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """No référent in post: none named, all gone from the agencies that follow the person, or away
    with nobody in their place, or whose replacement has left too. Who stands beside, a mentor,
    holds no thread."""
    empty = posts.empty_on(today)
    return of_journey(
        col(Journey.id), func.coalesce(empty, col(Journey.entered_on)), empty=empty
    ).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(FOLLOWED),
        col(Journey.entered_on) <= today,
        ~posts.in_post(today),
    )


def _without_pay(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """A change to come whose pay is not sure, or one that has come and still waits for it."""
    return (
        of_journey(col(StatusPeriod.id), col(StatusPeriod.from_on))
        .join(StatusPeriod, col(StatusPeriod.journey_id) == col(Journey.id))
        .where(
            scope(col(StatusPeriod.journey_id)),
            col(Journey.state).in_(FOLLOWED),
            or_(
                and_(col(StatusPeriod.from_on) > today, col(StatusPeriod.pay) != Pay.SECURED),
                and_(
                    col(StatusPeriod.from_on) <= today,
                    or_(col(StatusPeriod.until_on).is_(None), col(StatusPeriod.until_on) > today),
                    col(StatusPeriod.pay) == Pay.TO_CONFIRM,
                ),
            ),
        )
    )


def _without_next(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """A status that ends soon, or has ended, with no other after it, hence no pay known."""
    following = aliased(StatusPeriod)
    after = exists().where(
        col(following.journey_id) == col(StatusPeriod.journey_id),
        col(following.from_on) >= col(StatusPeriod.until_on),
        col(following.id) != col(StatusPeriod.id),
    )
    return (
        of_journey(col(StatusPeriod.id), col(StatusPeriod.until_on))
        .join(StatusPeriod, col(StatusPeriod.journey_id) == col(Journey.id))
        .where(
            scope(col(StatusPeriod.journey_id)),
            col(Journey.state).in_(FOLLOWED),
            col(StatusPeriod.until_on) <= today + timedelta(days=STATUS_DAYS),
            ~after,
        )
    )


def _near_change(today: date, row: Any) -> float:
    return max(0.5, 2 - max(0, (row.since_on - today).days) / STATUS_DAYS)


def _said_on(today: date, row: Any) -> date:
    """From the day the change is in sight, at the earliest."""
    day: date = row.since_on
    return min(day, today)


RULES = (
    Rule(
        SignalCode.ENGAGEMENT_NON_SIGNE,
        1.0,
        _unsigned,
        sentences.unsigned,
        past=at_least_once,
        asks=("commitment",),
    ),
    Rule(
        SignalCode.REFERENT_ABSENT,
        1.5,
        _nobody,
        sentences.nobody,
        past=lambda today, row: 1 + (today - row.since_on).days / ABSENT_DAYS,
    ),
    Rule(
        SignalCode.CHANGEMENT_DE_STATUT,
        2.0,
        _without_pay,
        sentences.without_pay,
        past=_near_change,
        since=_said_on,
    ),
    Rule(
        SignalCode.CHANGEMENT_DE_STATUT,
        2.0,
        _without_next,
        sentences.without_next,
        past=_near_change,
        since=_said_on,
    ),
)
