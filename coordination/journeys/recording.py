"""The one gesture behind every move of a journey: the state and the columns that go with it, what
was open and no longer is, its step, its line in the journal."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys import blocks, notes, states
from coordination.journeys.models import (
    Journey,
    JourneyMove,
    JourneyPeriod,
    JourneyState,
    Suspension,
)
from coordination.journeys.models_along import (
    AnnouncedExit,
    Commitment,
    Interstitial,
    ReturnRequest,
)


def go(
    db: Session,
    journey: Journey,
    verb: str,
    *,
    actor: Actor,
    reason: str,
    on: date,
    sets: Mapping[str, Any] | None = None,
    **facts: str | None,
) -> None:
    """One move by the table."""
    after = states.after(journey.state, verb)
    if states.rule(verb).needs_reason and not reason.strip():
        raise Invalid("Dites pourquoi : ce geste ne se fait pas sans raison.", field="reason")
    before, journey.state = journey.state, after
    for column, value in (sets or {}).items():
        setattr(journey, column, value)
    journey.version += 1
    db.add(journey)
    if before is not after:
        _leave_behind(db, journey, before, on)
    remember(db, journey, verb, before=before, actor=actor, on=on, reason=reason, **facts)


def remember(
    db: Session,
    journey: Journey,
    verb: str,
    *,
    before: JourneyState | None,
    actor: Actor,
    on: date,
    reason: str = "",
    **facts: str | None,
) -> None:
    db.add(
        JourneyMove(
            journey_id=journey.id,
            verb=verb,
            before=before,
            after=journey.state,
            professional_id=actor.professional_id,
            on_day=on,
            reason=reason,
            details=facts,
        )
    )
    said: dict[str, Any] = {**facts, "on": on.isoformat()}
    notes.act(db, journey, f"journey.{verb}", actor, **said)


def close_periods(db: Session, journey: Journey, on: date) -> None:
    """The person is no longer in the journey."""
    lived = select(JourneyPeriod).where(
        JourneyPeriod.journey_id == journey.id, col(JourneyPeriod.until_on).is_(None)
    )
    for period in db.exec(lived).all():
        period.until_on = max(on, period.from_on)


def is_bound(db: Session, journey: Journey) -> bool:
    """A commitment of the journey bears all its signatures, and still binds."""
    signed = select(Commitment.id).where(
        Commitment.journey_id == journey.id,
        col(Commitment.signed_on).is_not(None),
        col(Commitment.until_on).is_(None),
    )
    return db.exec(signed).first() is not None


def open_interstitial(db: Session, journey: Journey) -> Interstitial | None:
    """The wait between two steps that is going on."""
    return db.exec(
        select(Interstitial).where(
            Interstitial.journey_id == journey.id, col(Interstitial.ended_on).is_(None)
        )
    ).first()


def announced_exit(db: Session, journey: Journey) -> AnnouncedExit | None:
    """The exit that waits to be declared."""
    return db.exec(
        select(AnnouncedExit).where(
            AnnouncedExit.journey_id == journey.id, col(AnnouncedExit.settled_on).is_(None)
        )
    ).first()


def _leave_behind(db: Session, journey: Journey, before: JourneyState, on: date) -> None:
    """What a state had opened ends with it."""
    if before is JourneyState.SUSPENDED:
        _end_suspension(db, journey, on)
    elif before is JourneyState.INTERSTITIAL and (waited := open_interstitial(db, journey)):
        waited.ended_on = max(on, waited.from_on)
    elif before is JourneyState.EXIT_PENDING:
        _settle_exit(db, journey, on)
    elif before in states.OVER:
        _answer_return(db, journey, on)


def _end_suspension(db: Session, journey: Journey, on: date) -> None:
    wanted = select(Suspension).where(
        Suspension.journey_id == journey.id, col(Suspension.ended_on).is_(None)
    )
    for row in db.exec(wanted).all():
        row.ended_on = max(on, row.from_on)
        blocks.shift(db, journey, paused_days=(row.ended_on - row.from_on).days)


def _settle_exit(db: Session, journey: Journey, on: date) -> None:
    if waiting := announced_exit(db, journey):
        waiting.settled_on = max(on, waiting.announced_on)
        waiting.confirmed = journey.state in states.OVER


def _answer_return(db: Session, journey: Journey, on: date) -> None:
    wanted = select(ReturnRequest).where(
        ReturnRequest.journey_id == journey.id, col(ReturnRequest.answered_on).is_(None)
    )
    for row in db.exec(wanted).all():
        row.answered_on, row.accepted = max(on, row.asked_on), True
