"""Writing reach: who has business to look at whom, because of what. Called by the verbs that make
the fact, in the same transaction."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.consent.models import Effect, Purpose, Reach, ReachKind
from coordination.persons.categories import ALL, Category, bits

# What an agency of the journey sees by its own mission, shown as such.
PARTY_OPENS = bits({Category.IDENTITY, Category.TRAINING, Category.EMPLOYMENT, Category.STEPS})

_PURPOSES = {ReachKind.REFERRAL: Purpose.REFERRAL, ReachKind.MEETING: Purpose.COMMITTEE}
_OPENS = {ReachKind.OWN: ALL, ReachKind.PARTY: PARTY_OPENS}


def open_to(
    db: Session,
    *,
    person_id: UUID,
    agency_id: UUID,
    kind: ReachKind,
    source_id: UUID | None = None,
    professional_id: UUID | None = None,
    purpose: Purpose | None = None,
    effect: Effect = Effect.ALLOW,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
) -> Reach:
    """Open (or, with `effect=DENY`, close) a reach. The same one already open is returned."""
    chosen = purpose or _PURPOSES.get(kind)
    known = db.exec(
        select(Reach).where(
            Reach.person_id == person_id,
            Reach.agency_id == agency_id,
            Reach.kind == kind,
            Reach.effect == effect,
            Reach.source_id == source_id,
            Reach.professional_id == professional_id,
            Reach.purpose == chosen,
            col(Reach.until_at).is_(None) | (col(Reach.until_at) > clock.now()),
        )
    ).first()
    if known is not None:
        known.until_at = until_at
        return known
    opened = Reach(
        person_id=person_id,
        agency_id=agency_id,
        professional_id=professional_id,
        kind=kind,
        effect=effect,
        purpose=chosen,
        opens=_OPENS.get(kind, 0) if effect is Effect.ALLOW else 0,
        source_id=source_id,
        from_at=from_at or clock.now(),
        until_at=until_at,
    )
    db.add(opened)
    return opened


def close(
    db: Session,
    *,
    source_id: UUID,
    agency_id: UUID | None = None,
    person_id: UUID | None = None,
    purpose: Purpose | None = None,
    at: datetime | None = None,
) -> int:
    """End every reach that stands on a fact; the rows stay, to answer why someone saw. A refusal
    (a conflict of interest) is left: it must outlast whatever may open again."""
    moment = at or clock.now()
    wanted = select(Reach).where(
        Reach.source_id == source_id,
        Reach.effect == Effect.ALLOW,
        col(Reach.until_at).is_(None) | (col(Reach.until_at) > moment),
    )
    if agency_id:
        wanted = wanted.where(Reach.agency_id == agency_id)
    if person_id:
        wanted = wanted.where(Reach.person_id == person_id)
    if purpose:
        wanted = wanted.where(Reach.purpose == purpose)
    found = db.exec(wanted).all()
    for reach in found:
        if reach.from_at >= moment:
            db.delete(reach)
        else:
            reach.until_at = moment
    return len(found)
