"""Who hears that an agreement is awaited: the référents at once and after five working days, the
secretary after ten. What a referral awaits, its own clock tells the référent."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import clock, outbox
from coordination.agencies.actors import CLOCK
from coordination.db import Closer, reading, transaction
from coordination.journeys import referents, working_days
from coordination.journeys.models import Journey, ReferentRole
from coordination.signals import posts
from coordination.signals.models import Signal, SignalCode
from coordination.signals.raising import Finding

KIND = "signals.agreements"
REFERENT_AGAIN, SECRETARY = 5, 10  # working days
UNTIL = 30  # nobody is told any more: the agenda speaks
BATCH = 50


def arisen(db: Session, new: Iterable[Finding]) -> None:
    """Alerts raised by what was just done, in the same transaction."""
    for found in new:
        if found.code is SignalCode.ACCORD_A_RECUEILLIR:
            _tell_referents(db, found.journey_id, found.subject_id, 0)


def remind(
    engine: Engine, arguments: dict[str, Any] | None = None, *, closers: Sequence[Closer] = ()
) -> dict[str, Any]:
    """Those that wait for five working days or more. Once a day; twice changes nothing."""
    today = clock.today()
    waiting = (
        select(Signal)
        .where(
            Signal.code == SignalCode.ACCORD_A_RECUEILLIR,
            col(Signal.ended_at).is_(None),
            Signal.since_on <= working_days.before(today, REFERENT_AGAIN),
            Signal.since_on >= working_days.before(today, UNTIL),
        )
        .order_by(col(Signal.since_on), col(Signal.id))
    )
    with reading(engine, context=CLOCK.context) as db:
        rows = db.exec(waiting).all()
    for start in range(0, len(rows), BATCH):
        with transaction(engine, closers, context=CLOCK.context) as db:
            for alert in rows[start : start + BATCH]:
                _remind(db, alert, working_days.between(alert.since_on, today))
    return {"waiting": len(rows)}


def _remind(db: Session, alert: Signal, days: int) -> None:
    _tell_referents(db, alert.journey_id, alert.subject_id, REFERENT_AGAIN)
    if days >= SECRETARY:
        outbox.post(
            db,
            "signals.agreement_secretary",
            agency=alert.agency_id,
            about=alert.journey_id,
            number=SECRETARY,
            key=f"signals.agreement:{alert.subject_id}:{SECRETARY}",
        )


def _tell_referents(db: Session, journey_id: UUID, subject_id: UUID, threshold: int) -> None:
    """Those in post: whoever replaces a référent who is away hears in their place. Who has left
    hears of nobody any more."""
    journey = db.get_one(Journey, journey_id)
    held = referents.in_post(db, journey, role=ReferentRole.REFERENT)
    for who in posts.working(db, journey, held, clock.today()):
        outbox.post(
            db,
            "signals.agreement",
            professional=who,
            about=journey_id,
            number=threshold,
            key=f"signals.agreement:{subject_id}:{threshold}:{who}",
        )
