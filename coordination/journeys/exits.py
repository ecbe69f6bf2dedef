"""Leaving, and coming back: an exit announced before it is declared, a return asked for after."""

from datetime import date, timedelta

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Refused
from coordination.journeys import moves, notes, recording
from coordination.journeys.models import Journey, Outcome
from coordination.journeys.models_along import AnnouncedExit, ReturnRequest
from coordination.journeys.states import OVER
from coordination.programmes import rules
from coordination.web import french


def announce(db: Session, journey: Journey, *, actor: Actor, reason: str = "") -> AnnouncedExit:
    """The person is about to leave. The exit is declared once the programme's delay has passed:
    until then they may change their mind."""
    day = clock.today()
    weeks = rules.in_force(db, journey.programme_id, day).deferred_exit_weeks or 0
    moves.change(db, journey, "announce_exit", actor=actor, reason=reason)
    made = AnnouncedExit(
        journey_id=journey.id, announced_on=day, confirm_on=day + timedelta(weeks=weeks)
    )
    db.add(made)
    db.flush()
    return made


def confirm(
    db: Session,
    journey: Journey,
    *,
    outcome: Outcome,
    on: date | None = None,
    actor: Actor,
    reason: str = "",
) -> Journey:
    """The announced exit is declared: today, or on the day the person really left."""
    waiting = recording.announced_exit(db, journey)
    if waiting is None:
        raise Refused("Aucune sortie n’a été annoncée sur ce parcours.")
    day = on or clock.today()
    return moves.end(db, journey, on=day, outcome=outcome, actor=actor, reason=reason)


def come_back(db: Session, journey: Journey, *, actor: Actor, reason: str = "") -> Journey:
    """The person changes their mind before the exit is declared: the journey goes on."""
    return moves.change(db, journey, "stay", actor=actor, reason=reason)


def ask_return(db: Session, journey: Journey, *, actor: Actor) -> ReturnRequest:
    """After the exit, the person asks to come back. Where the programme sets a time for it, not
    later."""
    day = clock.today()
    if journey.state not in OVER or journey.ended_on is None:
        raise Refused("Ce parcours n’est pas terminé.")
    until = last_return(db, journey)
    if until and day > until:
        raise Refused(f"Le retour n’était possible que jusqu’au {french.day(until)}.")
    made = ReturnRequest(journey_id=journey.id, asked_on=day, until_on=until)
    db.add(made)
    db.flush()
    notes.act(db, journey, "journey.return_asked", actor, about=made.id)
    return made


def last_return(db: Session, journey: Journey) -> date | None:
    """The last day on which the person may come back, by the rules of the day of the exit."""
    if journey.ended_on is None:
        return None
    months = rules.in_force(db, journey.programme_id, journey.ended_on).reentry_months
    return rules.months_after(journey.ended_on, months) if months else None


def decline_return(
    db: Session, request: ReturnRequest, *, actor: Actor, reason: str
) -> ReturnRequest:
    """Coming back is not possible; the reason is said."""
    if not reason.strip():
        raise Refused("Dites pourquoi le retour n’est pas possible.")
    request.answered_on, request.accepted = clock.today(), False
    journey = db.get_one(Journey, request.journey_id)
    notes.act(db, journey, "journey.return_declined", actor, about=request.id)
    return request
