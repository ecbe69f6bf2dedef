"""Appointments: how fast one is given, against what the programme promises."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys import notes, working_days
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Appointment
from coordination.programmes import rules


def give(
    db: Session,
    journey: Journey,
    *,
    on_day: date,
    asked_on: date | None = None,
    professional_id: UUID | None = None,
    actor: Actor,
) -> Appointment:
    """An appointment asked for one day and given for another. Later than the programme promises is
    kept as it is, and shows."""
    asked = asked_on or clock.today()
    if on_day < asked:
        raise Invalid("Le rendez-vous vient après la demande.", field="on_day")
    made = Appointment(
        journey_id=journey.id,
        professional_id=professional_id or actor.professional_id,
        asked_on=asked,
        on_day=on_day,
        latest_on=latest_day(db, journey, asked_on=asked),
    )
    db.add(made)
    db.flush()
    notes.act(db, journey, "journey.appointment", actor, about=made.id, on=on_day.isoformat())
    return made


def latest_day(db: Session, journey: Journey, *, asked_on: date) -> date | None:
    """The working day by which the programme gives an appointment asked for that day."""
    delay = rules.in_force(db, journey.programme_id, asked_on).appointment_delay_days
    return working_days.after(asked_on, delay) if delay is not None else None


def is_late(appointment: Appointment) -> bool:
    return appointment.latest_on is not None and appointment.on_day > appointment.latest_on
