"""Portfolios that pass what a programme holds reasonable: said on the agency, for the one who heads
its team, and never on someone who works there. Counted at night, all agencies at once."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, and_, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.db import reading, transaction
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState, Referent
from coordination.signals import score, sentences
from coordination.signals.models import TeamSignal
from coordination.signals.queries import Columns
from coordination.signals.thresholds import Thresholds, among, thresholds

WEIGHT = 2.0
ACTIVE, TOTAL = "caseload_active_max", "caseload_total_max"

Key = tuple[UUID, UUID]


class Load(NamedTuple):
    """Of an agency in a programme: how many portfolios pass the limit, the fullest, the limit."""

    portfolios: int
    fullest: int
    limit: int
    active: bool  # counted on those present; otherwise on all that are followed


def run(engine: Engine, *, today: date | None = None) -> int:
    """Bring what stands in line with what is counted. Returns how many agencies are concerned."""
    day = today or clock.today()
    with reading(engine, context=CLOCK.context) as db:
        said = dict(loads(db, thresholds(db, day)))
    with transaction(engine, context=CLOCK.context) as db:
        standing = {
            (row.agency_id, row.programme_id): row
            for row in db.exec(rows_of(TeamSignal).where(col(TeamSignal.ended_at).is_(None)))
        }
        for key, row in standing.items():
            if key not in said:
                row.ended_at = clock.now()
        for key, load in said.items():
            row = standing.get(key) or TeamSignal(
                agency_id=key[0], programme_id=key[1], since_on=day, sentence=""
            )
            row.sentence = sentences.overloaded(load)
            row.score = score.score(WEIGHT, load.fullest / load.limit)
            row.severity = score.severity(row.score)
            db.add(row)
    return len(said)


def loads(db: Session, limits: Thresholds) -> Iterator[tuple[Key, Load]]:
    """The heavier of the two limits that an agency passes in a programme."""
    found: dict[Key, Load] = {}
    for name in (ACTIVE, TOTAL):
        if not limits.giving(name):
            continue
        for row in db.connection().execute(portfolios(limits, name)):
            key, most = (row.agency_id, row.programme_id), limits.giving(name)[row.programme_id]
            load = Load(row.portfolios, row.fullest, most, name == ACTIVE)
            if key not in found or _share(load) > _share(found[key]):
                found[key] = load
    yield from sorted(found.items())


def portfolios(limits: Thresholds, name: str) -> Columns:
    """(agency_id, programme_id, portfolios, fullest) of those over this limit."""
    most = limits.giving(name)
    today = limits.today
    states = (JourneyState.ENTERED,) if name == ACTIVE else LIVE_STATES
    held = (
        select(
            col(Journey.agency_id).label("agency_id"),
            col(Journey.programme_id).label("programme_id"),
            func.count(col(Journey.id).distinct()).label("held"),
        )
        .join(Referent, col(Referent.journey_id) == col(Journey.id))
        .where(
            among(most),
            col(Journey.state).in_(states),
            col(Referent.from_on) <= today,
            or_(col(Referent.until_on).is_(None), col(Referent.until_on) > today),
        )
        .group_by(col(Journey.agency_id), col(Journey.programme_id), col(Referent.professional_id))
        .subquery()
    )
    over = or_(
        *(and_(held.c.programme_id == key, held.c.held > value) for key, value in most.items())
    )
    return (
        select(
            held.c.agency_id,
            held.c.programme_id,
            func.count().label("portfolios"),
            func.max(held.c.held).label("fullest"),
        )
        .where(over)
        .group_by(held.c.agency_id, held.c.programme_id)
    )


def _share(load: Load) -> float:
    return load.fullest / load.limit
