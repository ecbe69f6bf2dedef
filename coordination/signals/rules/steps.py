"""Between two steps: waiting, and a next one far away."""

from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from coordination.journeys.models import Journey, Step
from coordination.signals import sentences, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope
from coordination.signals.subjects import ENTERED, of_journey, resumed_on
from coordination.signals.thresholds import Thresholds


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
            col(Journey.state).in_(ENTERED),
            col(Step.until_on).is_(None),
            or_(col(Step.from_on).is_(None), col(Step.from_on) > today),
            col(Step.planned_from) > today,
            days > patience,
            ~meanwhile,
        )
    )


RULES = (
    Rule(SignalCode.ATTENTE_ENTRE_ETAPES, 2.0, _waiting, sentences.waiting, states=ENTERED),
    Rule(SignalCode.ENTREE_LOINTAINE, 1.5, _far_away, sentences.far_away, states=ENTERED),
)
