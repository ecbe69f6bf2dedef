"""Recomputing the facts that the figures read: one INSERT … SELECT over every journey, at night."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Engine,
    Uuid,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
)
from sqlalchemy import Text as Words
from sqlmodel import Session, col

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.agencies.models import Agency, Territory
from coordination.db import transaction
from coordination.journeys.models import Journey
from coordination.monitoring.models import Passage, TransitionFact
from coordination.persons.models import Person
from coordination.programmes.models import Programme
from coordination.signals.spans import days_between

WITHIN = 90  # days between an exit and the next entry
COLUMNS = ("id", "created_at", "region_id", "territory_id", "human", "family", "next_family",
           "left_on", "days", "passage")  # fmt: skip


def refresh(engine: Engine) -> int:
    """Every exit, what came after it, and what is not yet known; returns how many there are."""
    with transaction(engine, context=CLOCK.context) as db:
        return recompute(db, today=clock.today())


def recompute(db: Session, *, today: date) -> int:
    db.execute(delete(TransitionFact))
    wrote = db.execute(insert(TransitionFact).from_select(COLUMNS, _exits(db, today)))
    return int(getattr(wrote, "rowcount", 0))


def _exits(db: Session, today: date) -> Any:
    """What follows an exit is the next entry of the same human being in another journey, in the
    order of entries. What has not begun yet is not known yet."""
    human = func.coalesce(col(Person.human_hash), cast(col(Person.id), Words))
    order = (col(Journey.entered_on), col(Journey.id))
    lived = (
        select(
            col(Journey.ended_on).label("left_on"),
            func.coalesce(col(Territory.region_id), col(Agency.region_id)).label("region_id"),
            func.coalesce(col(Journey.territory_id), col(Agency.territory_id)).label(
                "territory_id"
            ),
            col(Programme.kind).label("family"),
            func.dense_rank().over(order_by=human).label("human"),
            func.lead(col(Journey.entered_on))
            .over(partition_by=human, order_by=order)
            .label("next_on"),
            func.lead(col(Programme.kind))
            .over(partition_by=human, order_by=order)
            .label("next_family"),
        )
        .join(Person, col(Person.id) == col(Journey.person_id))
        .join(Programme, col(Programme.id) == col(Journey.programme_id))
        .join(Agency, col(Agency.id) == col(Journey.agency_id))
        .outerjoin(Territory, col(Territory.id) == col(Journey.territory_id))
        .where(col(Journey.entered_on) <= today)
        .subquery()
    )
    gap = days_between(lived.c.left_on, lived.c.next_on)
    passage = case(
        (and_(lived.c.next_on.is_not(None), gap < 0), Passage.OVERLAP.value),
        (and_(lived.c.next_on.is_not(None), gap <= WITHIN), Passage.TRANSITION.value),
        (lived.c.next_on.is_not(None), Passage.BREAK.value),
        (lived.c.left_on >= today - timedelta(days=WITHIN), Passage.UNKNOWN.value),
        else_=Passage.BREAK.value,
    )
    return select(
        _new_id(db),
        literal(clock.now(), TransitionFact.__table__.c.created_at.type),  # type: ignore[attr-defined]
        lived.c.region_id,
        lived.c.territory_id,
        literal("h").op("||")(cast(lived.c.human, Words)),
        lived.c.family,
        lived.c.next_family,
        lived.c.left_on,
        gap,
        passage,
    ).where(lived.c.left_on.is_not(None), lived.c.left_on <= today)


def _new_id(db: Session) -> Any:
    """A key that comes from nowhere: a fact leads back to no journey."""
    if db.get_bind().dialect.name == "postgresql":
        return func.gen_random_uuid()
    return literal_column("lower(hex(randomblob(16)))", Uuid())
