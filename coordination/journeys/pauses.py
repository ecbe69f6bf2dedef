"""A pause that goes on: when it should end, who keeps contact and how often, what is acquired may
be said again, as often as it changes; a committee often says only the first two."""

from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.journeys import notes
from coordination.journeys.models import Journey, Suspension


def going_on(journey: Journey) -> SelectOfScalar[Suspension]:
    """The pause that is not over: one at most."""
    return select(Suspension).where(
        Suspension.journey_id == journey.id, col(Suspension.ended_on).is_(None)
    )


def revise(
    db: Session,
    journey: Journey,
    pause: Suspension,
    *,
    planned_resume_on: date,
    keeps_contact: str,
    contact_every_days: int | None,
    acquired: str,
    actor: Actor,
) -> Suspension:
    """Another resumption, another person who keeps contact. The journal keeps the date before."""
    if pause.ended_on is not None:
        raise Refused("Cette pause est terminée.")
    if planned_resume_on < clock.today() or planned_resume_on <= pause.from_on:
        raise Invalid("La nouvelle date de reprise est à venir.", field="planned_resume_on")
    before = pause.planned_resume_on
    pause.planned_resume_on = planned_resume_on
    pause.keeps_contact = keeps_contact
    pause.contact_every_days = contact_every_days
    pause.acquired = acquired
    db.add(pause)
    notes.act(db, journey, "journey.pause_revised", actor, about=pause.id,
              before=before.isoformat() if before else None,
              until=planned_resume_on.isoformat())  # fmt: skip
    return pause
