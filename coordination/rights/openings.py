"""What agreements open to each agency, before and after; and the referrals that stand on them."""

from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.consent import reach
from coordination.consent.models import ConsentCover, Effect, Purpose
from coordination.persons.models import Person
from coordination.referrals import steps
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE, Status

Openings = dict[tuple[UUID, UUID, Purpose], int]  # (person row, agency, purpose) → categories


def opened(db: Session, rows: list[Person]) -> Openings:
    """What live covers open now, refusals taken off. Nothing open, no line."""
    moment = clock.now()
    allowed: Openings = {}
    refused: Openings = {}
    for cover in db.exec(
        select(ConsentCover).where(
            col(ConsentCover.person_id).in_({row.id for row in rows}),
            ConsentCover.from_at <= moment,
            ConsentCover.until_at > moment,
        )
    ):
        side = refused if cover.effect is Effect.DENY else allowed
        place = (cover.person_id, cover.agency_id, cover.purpose)
        side[place] = side.get(place, 0) | cover.categories
    left = {place: value & ~refused.get(place, 0) for place, value in allowed.items()}
    return {place: value for place, value in left.items() if value}


def lost(before: Openings, after: Openings) -> Openings:
    """The categories that each agency could read for a purpose, and no longer can."""
    gone = {place: value & ~after.get(place, 0) for place, value in before.items()}
    return {place: value for place, value in gone.items() if value}


def agencies(of: Openings) -> set[UUID]:
    return {agency_id for _, agency_id, _ in of}


def referrals_not_started(db: Session, rows: list[Person]) -> list[Referral]:
    return _referrals(db, rows, LIVE - {Status.STARTED})


def referrals_started(db: Session, rows: list[Person]) -> list[Referral]:
    return _referrals(db, rows, frozenset({Status.STARTED}))


def stop_sharing(db: Session, referral: Referral, gone: Openings, after: Openings) -> bool:
    """A started referral: what is no longer agreed closes both ways. Each side keeps its own
    notes, the recipient a stub. True when something of it closed."""
    places = {
        purpose: (referral.person_id, referral.recipient_id, purpose)
        for purpose in (Purpose.REFERRAL, Purpose.FOLLOW_UP)
    }
    ended = [p for p, place in places.items() if place in gone and place not in after]
    if ended and not any(place in after for place in places.values()):
        ended = list(places)  # nothing is left: neither side reads the other any more
    for purpose in ended:
        reach.close(db, source_id=referral.id, purpose=purpose)
    return bool(ended)


def resume_sharing(db: Session, person: Person) -> None:
    """The person agrees again while a referral goes on: its two sides read each other anew."""
    now = opened(db, [person])
    for referral in referrals_started(db, [person]):
        place = (referral.person_id, referral.recipient_id)
        if any((*place, purpose) in now for purpose in (Purpose.REFERRAL, Purpose.FOLLOW_UP)):
            steps.open_reach(db, referral, follow_up=True)


def _referrals(db: Session, rows: list[Person], among: frozenset[Status]) -> list[Referral]:
    return list(
        db.exec(
            select(Referral)
            .where(
                col(Referral.person_id).in_({row.id for row in rows}),
                col(Referral.status).in_(among),
            )
            .order_by(col(Referral.id))
            .with_for_update()
        )
    )
