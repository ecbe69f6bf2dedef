"""Between two steps: waiting, a next one far away, or not ready to begin; blocks to renew."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from coordination.journeys.models import Journey, Step
from coordination.journeys.models_along import Block, StepPrerequisite
from coordination.signals import sentences, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope
from coordination.signals.subjects import (
    AWAITED,
    ENTERED,
    PRESENT,
    came_back_on,
    of_journey,
    resumed_on,
)
from coordination.signals.thresholds import Thresholds

SOON_DAYS = 8 * 7  # before a step begins: about the time to the next committee
BLOCK_DAYS = 3 * 7  # before a block ends


def _waiting(today: date, limits: Thresholds, scope: Scope) -> Columns:
    def dates(value: Any, *where: Any) -> Any:
        return select(value).where(col(Step.journey_id) == col(Journey.id), *where)

    ended = dates(func.max(col(Step.until_on)), col(Step.until_on) <= today).scalar_subquery()
    running = dates(
        col(Step.id),
        col(Step.from_on) <= today,
        or_(col(Step.until_on).is_(None), col(Step.until_on) > today),
    )
    due = or_(col(Step.from_on).is_(None), col(Step.from_on) > today)
    coming = dates(
        func.min(func.coalesce(col(Step.from_on), col(Step.planned_from))),
        col(Step.until_on).is_(None),
        due,
    ).scalar_subquery()
    supported = dates(
        col(Step.id), col(Step.until_on).is_(None), due, col(Step.supported_meanwhile)
    )
    since = spans.latest(ended, func.coalesce(resumed_on(today), ended))
    since = spans.latest(since, func.coalesce(came_back_on(today), since))
    days = spans.days_between(since, today)
    patience = limits.patient("wait_weeks")
    return of_journey(
        col(Journey.id),
        since,
        measure=days,
        threshold=patience,
        coming=coming,
        supported=supported.exists(),
    ).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(ENTERED),
        col(Journey.entered_on) <= today,
        ended.is_not(None),
        days > patience,
        ~running.exists(),
    )


def _far_away(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """The next step of a journey, unless another one leads to it or comes first."""
    other, patience = aliased(Step), limits.patient("entry_weeks")
    days = spans.days_between(today, col(Step.planned_from))
    fills = and_(
        col(other.from_on) <= today,
        spans.days_between(
            func.coalesce(col(other.planned_until), col(Step.planned_from)), col(Step.planned_from)
        )
        <= patience,
    )
    comes_first = and_(
        or_(col(other.from_on).is_(None), col(other.from_on) > today),
        or_(
            col(other.planned_from) < col(Step.planned_from),
            col(other.from_on) < col(Step.planned_from),
            and_(col(other.planned_from) == col(Step.planned_from), col(other.id) < col(Step.id)),
        ),
    )
    meanwhile = exists().where(
        col(other.journey_id) == col(Step.journey_id),
        col(other.id) != col(Step.id),
        or_(col(other.until_on).is_(None), col(other.until_on) > today),
        or_(fills, comes_first),
    )
    return (
        of_journey(
            col(Step.id),
            col(Step.created_at),
            measure=days,
            threshold=patience,
            coming=col(Step.planned_from),
            supported=col(Step.supported_meanwhile),
        )
        .join(Step, col(Step.journey_id) == col(Journey.id))
        .where(
            scope(col(Step.journey_id)),
            scope(col(Journey.id)),
            col(Journey.state).in_(AWAITED),
            col(Step.until_on).is_(None),
            or_(col(Step.from_on).is_(None), col(Step.from_on) > today),
            col(Step.planned_from) > today,
            days > patience,
            ~meanwhile,
        )
    )


def _not_ready(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """One row a step, however many of its prerequisites are missing."""
    missing = (
        select(col(StepPrerequisite.step_id).label("step_id"), func.count().label("missing"))
        .where(scope(col(StepPrerequisite.journey_id)), col(StepPrerequisite.met_on).is_(None))
        .group_by(col(StepPrerequisite.step_id))
        .subquery()
    )
    soon = today + timedelta(days=SOON_DAYS)
    return (
        of_journey(
            col(Step.id),
            func.coalesce(col(Step.planned_from), col(Step.from_on)),
            measure=missing.c.missing,
        )
        .join(Step, col(Step.journey_id) == col(Journey.id))
        .join(missing, missing.c.step_id == col(Step.id))
        .where(
            scope(col(Step.journey_id)),
            col(Journey.state).in_(PRESENT),
            or_(col(Step.from_on).is_(None), col(Step.from_on) > today),
            col(Step.until_on).is_(None),
            func.coalesce(col(Step.planned_from), col(Step.from_on)) <= soon,
        )
    )


def _in_sight(today: date, row: Any) -> date:
    opened: date = row.since_on - timedelta(days=SOON_DAYS)
    return opened


def _nearness(today: date, row: Any) -> float:
    """1 when it comes in sight, 2 on its day and after."""
    return 2 - max(0, (row.since_on - today).days) / SOON_DAYS


def _to_renew(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return (
        of_journey(col(Block.id), col(Block.ends_on), number=col(Block.number))
        .join(Block, col(Block.journey_id) == col(Journey.id))
        .where(
            scope(col(Block.journey_id)),
            col(Journey.state).in_(PRESENT),
            col(Block.ends_on) <= today + timedelta(days=BLOCK_DAYS),
            col(Block.interview_on).is_(None),
            col(Block.outcome).is_(None),
        )
    )


RULES = (
    Rule(SignalCode.ATTENTE_ENTRE_ETAPES, 2.0, _waiting, sentences.waiting),
    Rule(SignalCode.ENTREE_LOINTAINE, 1.5, _far_away, sentences.far_away),
    Rule(
        SignalCode.PREREQUIS_MANQUANT,
        1.5,
        _not_ready,
        sentences.not_ready,
        past=_nearness,
        since=_in_sight,
    ),
    Rule(
        SignalCode.RENOUVELLEMENT_A_DECIDER,
        2.0,
        _to_renew,
        sentences.to_renew,
        past=lambda today, row: 2 - max(0, (row.since_on - today).days) / BLOCK_DAYS,
        since=lambda today, row: row.since_on - timedelta(days=BLOCK_DAYS),
    ),
)
