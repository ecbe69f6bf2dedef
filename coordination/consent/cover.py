"""What a consent opens or closes, as rows that the read rule's SQL can ask: rewritten from the
events each time one is added."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from coordination import clock
from coordination.consent import states
from coordination.consent.models import (
    Consent,
    ConsentCover,
    ConsentEvent,
    ConsentState,
    Effect,
)

FOREVER = timedelta(days=3650)  # a refusal holds until the person says otherwise


def project(db: Session, consent: Consent, events: Iterable[ConsentEvent]) -> states.Standing:
    """Rewrite the consent's cover from its events, in their order."""
    standing = states.fold(events)
    db.execute(delete(ConsentCover).where(col(ConsentCover.consent_id) == consent.id))
    for cover in covers(consent, standing):
        db.add(cover)
    db.flush()
    return standing


def covers(consent: Consent, standing: states.Standing) -> list[ConsentCover]:
    """The rows that a standing makes: none when nothing is opened or closed."""
    if standing.state not in {ConsentState.VALID, ConsentState.REFUSED}:
        return []
    refused = standing.state is ConsentState.REFUSED
    start = clock.at(standing.valid_from or clock.today())
    end = _end_of(standing.valid_until) if standing.valid_until else start + FOREVER
    if end <= start or not standing.categories:
        return []
    return [
        ConsentCover(
            consent_id=consent.id,
            person_id=consent.person_id,
            agency_id=UUID(agency),
            purpose=consent.purpose,
            effect=Effect.DENY if refused else Effect.ALLOW,
            categories=standing.categories,
            from_at=start,
            until_at=end,
        )
        for agency in sorted(standing.recipients)
    ]


def _end_of(day: date) -> datetime:
    """The first moment after the day, in Paris: the last day is included."""
    return clock.at(day + timedelta(days=1))
