"""What time does to referrals: reminders, expiry, the review of a waiting list. Working days,
French holidays left out. Called by the worker; each batch is one short transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, and_, or_
from sqlmodel import Session, col, select

from coordination import clock, outbox
from coordination.agencies.actors import CLOCK
from coordination.db import Closer, columns, reading, transaction
from coordination.journeys import working_days
from coordination.referrals import moves
from coordination.referrals.models import Referral
from coordination.referrals.states import UNANSWERED, By, Side, Status, Verb

BATCH = 50
KIND = "referrals.tick"


@dataclass(frozen=True)
class Delays:
    """In working days since the clock turned to the side that must speak."""

    first: int = 3
    second: int = 7
    manager: int = 10
    committee: int = 14
    end: int = 30
    collect: tuple[int, ...] = (5, 10)  # an agreement still to collect; it never expires
    review: tuple[int, ...] = (1, 6)  # after the review date of a waiting list: remind, committee


DELAYS = Delays()


def tick(
    engine: Engine,
    arguments: dict[str, Any] | None = None,
    *,
    closers: Sequence[Closer] = (),
    delays: Delays = DELAYS,
) -> dict[str, Any]:
    """Give every reminder that is due and end what has waited too long. Running it twice changes
    nothing: the referral keeps the last reminder given on this clock."""
    with reading(engine) as db:
        waiting = [UUID(str(key)) for key in db.execute(_may_be_due(delays)).scalars()]
    counts = {"reminded": 0, "expired": 0}
    for start in range(0, len(waiting), BATCH):
        with transaction(engine, closers) as db:
            for key in waiting[start : start + BATCH]:
                if said := _look_at(db, key, delays):
                    counts[said] += 1
    return counts


def due(referral: Referral, today: date, delays: Delays = DELAYS) -> tuple[Verb | None, int]:
    """What is due now: nothing, a reminder (its threshold), or the end. Pure."""
    if referral.status is Status.WAITLISTED:
        passed = _since(referral.review_on, today)
        thresholds: tuple[int, ...] = delays.review
    else:
        since = clock.local(referral.clock_from).date() if referral.clock_from else None
        passed = _since(since, today)
        thresholds = (delays.first, delays.second, delays.manager, delays.committee)
        if referral.status is Status.AWAITING_CONSENT:
            thresholds = delays.collect
        elif referral.status in UNANSWERED and passed >= delays.end:
            return Verb.EXPIRE, delays.end
    reached = max((t for t in thresholds if t <= passed), default=0)
    return (Verb.REMIND, reached) if reached > referral.reminded else (None, 0)


def _look_at(db: Session, referral_id: UUID, delays: Delays) -> str | None:
    """Once more under lock: someone may have answered a moment ago."""
    referral = db.exec(select(Referral).where(Referral.id == referral_id).with_for_update()).first()
    if referral is None:
        return None
    verb, threshold = due(referral, clock.today(), delays)
    if verb is None:
        return None
    moves.move(db, referral, verb, actor=CLOCK, side=By.CLOCK, reminder=threshold)
    if verb is Verb.EXPIRE:
        return "expired"
    _remind(db, referral, threshold, delays)
    return "reminded"


def _remind(db: Session, referral: Referral, threshold: int, delays: Delays) -> None:
    """One letter per clock and threshold, to the side whose silence it is; the key keeps a second
    one from leaving. From the committee's day on, the alert speaks instead."""
    if referral.status in UNANSWERED and threshold >= delays.committee:
        return
    turned: datetime | date | None = referral.clock_from or referral.review_on
    key = f"referral.reminder:{referral.id}:{turned:%Y%m%d%H%M}:{threshold}"
    late = referral.status in UNANSWERED and threshold >= delays.manager
    kind = "referral.manager_reminder" if late else "referral.reminder"
    if referral.clock_side is Side.SENDER:
        kind = kind if referral.status in UNANSWERED else "referral.consent_to_collect"
        outbox.post(
            db,
            kind,
            professional=None if late else referral.professional_id,
            agency=referral.sender_id if late or not referral.professional_id else None,
            about=referral.id,
            number=threshold,
            key=key,
        )
    else:
        outbox.post(
            db,
            kind,
            agency=referral.recipient_id,
            about=referral.id,
            person=referral.person_id,
            number=threshold,
            key=key,
        )


def _may_be_due(delays: Delays) -> Any:
    """Those whose clock is old enough for the first threshold, or whose review has passed."""
    today = clock.today()

    def old(days: int) -> datetime:
        return clock.at(working_days.before(today, days), 23, 59)

    return (
        columns(Referral.id)
        .where(
            or_(
                and_(
                    col(Referral.status).in_(UNANSWERED),
                    col(Referral.clock_from) <= old(delays.first),
                    or_(
                        col(Referral.reminded) < delays.committee,
                        col(Referral.clock_from) <= old(delays.end),
                    ),
                ),
                and_(
                    col(Referral.status) == Status.AWAITING_CONSENT,
                    col(Referral.clock_from) <= old(delays.collect[0]),
                    col(Referral.reminded) < delays.collect[-1],
                ),
                and_(
                    col(Referral.status) == Status.WAITLISTED,
                    col(Referral.review_on) < today,
                    col(Referral.reminded) < delays.review[-1],
                ),
            )
        )
        .order_by(col(Referral.clock_from), col(Referral.id))
    )


def _since(day: date | None, today: date) -> int:
    return working_days.between(day, today) if day else 0
