"""Noting that a journey changed, so that its signals are looked at again before the commit."""

from uuid import UUID

from sqlmodel import Session, select

from coordination.journeys.models import JourneyDue


def touch(db: Session, journey_id: UUID) -> None:
    """Write the journey's `JourneyDue`, once: the signals' closer reads and clears it."""
    noted = db.info.setdefault("touched", set())
    if journey_id in noted:
        return
    noted.add(journey_id)
    known = select(JourneyDue.id).where(JourneyDue.journey_id == journey_id)
    if not db.exec(known).first():
        db.add(JourneyDue(journey_id=journey_id))
