"""Agreements that end: proposed again thirty days before, asked of the person at 18, and closed
where the controller no longer lets agencies inform rather than ask."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from coordination import clock, outbox
from coordination.agencies import actors
from coordination.consent import events, states
from coordination.consent.models import (
    Consent,
    ConsentCover,
    ConsentEvent,
    ConsentState,
    Effect,
    EventKind,
    Regime,
)
from coordination.db import Closer, columns, reading, transaction
from coordination.journeys.models import LIVE_STATES, Journey, Referent
from coordination.persons.models import Person
from coordination.rights import grounds, withdrawal

BEFORE = timedelta(days=30)
BATCH = 50
SAID = (EventKind.GIVEN, EventKind.RENEWED)


def ending(*, after: datetime, before: datetime) -> Select[Any]:
    """(consent, person, last moment) of what ends between the two, and that nothing longer of the
    same person, recipient and purpose replaces."""
    longer = aliased(ConsentCover)
    replaced = exists().where(
        col(longer.person_id) == col(ConsentCover.person_id),
        col(longer.agency_id) == col(ConsentCover.agency_id),
        col(longer.purpose) == col(ConsentCover.purpose),
        col(longer.effect) == Effect.ALLOW,
        col(longer.until_at) > col(ConsentCover.until_at),
    )
    return (
        columns(
            ConsentCover.consent_id,
            ConsentCover.person_id,
            func.max(col(ConsentCover.until_at)).label("until_at"),
        )
        .where(
            col(ConsentCover.effect) == Effect.ALLOW,
            col(ConsentCover.until_at) > after,
            col(ConsentCover.until_at) <= before,
            ~replaced,
        )
        .group_by(col(ConsentCover.consent_id), col(ConsentCover.person_id))
    )


def propose(
    engine: Engine, arguments: dict[str, Any] | None = None, *, closers: Sequence[Closer] = ()
) -> dict[str, Any]:
    """Once for each end: a word to who recorded the agreement, or follows the person now. Oral
    ones have theirs, which asks for the signature."""
    now = clock.now()
    with reading(engine) as db:
        wanted = ending(after=now, before=now + BEFORE + timedelta(days=1))
        found = sorted(consent_id for consent_id, _, _ in db.execute(wanted))
    posted = 0
    for start in range(0, len(found), BATCH):
        with transaction(engine, closers) as db:
            posted += sum(_tell(db, key) for key in found[start : start + BATCH])
    return {"told": posted}


def _tell(db: Session, consent_id: UUID) -> bool:
    consent = db.get_one(Consent, consent_id)
    standing = states.fold(events.of(db, consent))
    who = follows(db, consent)
    if standing.state is not ConsentState.VALID or standing.oral or who is None:
        return False
    key = f"rights.ending:{consent.id}:{standing.valid_until}"
    told = outbox.post(
        db,
        "rights.ending",
        professional=who,
        about=consent.id,
        person=consent.person_id,
        key=key,
    )
    return told is not None


def follows(db: Session, consent: Consent) -> UUID | None:
    """Who last recorded it, if they still work there; else a référent of the person."""
    recorded = db.exec(
        select(ConsentEvent.professional_id)
        .where(ConsentEvent.consent_id == consent.id, col(ConsentEvent.kind).in_(SAID))
        .order_by(col(ConsentEvent.created_at).desc(), col(ConsentEvent.id).desc())
    ).all()
    referents = db.exec(
        select(Referent.professional_id)
        .join(Journey, col(Journey.id) == Referent.journey_id)
        .where(
            Journey.person_id == consent.person_id,
            col(Journey.state).in_(LIVE_STATES),
            col(Referent.until_on).is_(None),
        )
        .order_by(col(Referent.created_at), col(Referent.id))
    ).all()
    for candidate in (*recorded[:1], *referents):
        if candidate is None:
            continue
        found = actors.of_professional(db, candidate, agency_id=consent.agency_id)
        if found is not None and found.agency_id == consent.agency_id:
            return candidate
    return None


def close_informed(
    engine: Engine, arguments: dict[str, Any] | None = None, *, closers: Sequence[Closer] = ()
) -> dict[str, Any]:
    """Where informing is no longer enough, what rested on it is revoked by the controller, with all
    that follows a withdrawal."""
    with reading(engine) as db:
        informed = db.exec(
            select(Consent.id)
            .join(ConsentCover, col(ConsentCover.consent_id) == Consent.id)
            .where(
                Consent.regime == Regime.INFORMATION,
                ConsentCover.effect == Effect.ALLOW,
                ConsentCover.until_at > clock.now(),
            )
            .distinct()
        ).all()
    closed = 0
    for consent_id in informed:
        with transaction(engine, closers) as db:
            closed += _close(db, db.get_one(Consent, consent_id))
    return {"closed": closed}


def _close(db: Session, consent: Consent) -> int:
    standing = states.fold(events.of(db, consent))
    if standing.state is not ConsentState.VALID:
        return 0
    recipients = {UUID(key) for key in standing.recipients}
    journeys = db.exec(
        select(Journey).where(
            Journey.person_id == consent.person_id, Journey.agency_id == consent.agency_id
        )
    ).all()
    informed = {
        key
        for journey in journeys
        for key, ground in grounds.of(db, journey, consent.purpose, recipients).items()
        if ground.regime is Regime.INFORMATION
    }
    person = db.get_one(Person, consent.person_id)
    for key in sorted(recipients - informed):
        withdrawal.withdraw(
            db,
            person,
            consents=[consent],
            recipient=key,
            actor=actors.CLOCK,
            kind=EventKind.REVOKED,
        )
    return len(recipients - informed)
