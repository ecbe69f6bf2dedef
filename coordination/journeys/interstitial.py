"""Support kept up between two steps: until when, by which pair, under which contract."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.journeys import moves, notes, recording
from coordination.journeys.models import Journey, Step
from coordination.journeys.models_along import Commitment, Interstitial
from coordination.programmes import rules


def begin(
    db: Session,
    journey: Journey,
    *,
    until_on: date | None = None,
    status_kept: bool | None = None,
    trainer_id: UUID | None = None,
    adviser_id: UUID | None = None,
    contract: Commitment | None = None,
    next_step: Step | None = None,
    actor: Actor,
    reason: str = "",
) -> Interstitial:
    """The wait for the next step begins today, accompanied. What is not said follows the rules of
    the programme."""
    day = clock.today()
    asked = rules.in_force(db, journey.programme_id, day)
    most = asked.interstitial_max_months
    latest = rules.months_after(day, most) if most else None
    chosen = until_on or latest
    if chosen is None:
        raise Invalid("Dites jusqu’à quand l’accompagnement continue.", field="until_on")
    if chosen < day:
        raise Invalid("Cette date est déjà passée.", field="until_on")
    if latest and chosen > latest:
        raise Invalid(f"Ce dispositif prévoit {most} mois au plus entre deux étapes.",
                      field="until_on")  # fmt: skip
    if asked.interstitial_contract and (contract is None or contract.signed_on is None):
        raise Refused("Le contrat prévu entre deux étapes n’est pas encore signé par tous.")
    kept = asked.interstitial_status_kept if status_kept is None else status_kept
    moves.change(db, journey, "await_step", actor=actor, reason=reason)
    made = Interstitial(
        journey_id=journey.id,
        from_on=day,
        until_on=chosen,
        status_kept=bool(kept),
        trainer_id=trainer_id,
        adviser_id=adviser_id,
        commitment_id=contract.id if contract else None,
        next_step_id=next_step.id if next_step else None,
    )
    db.add(made)
    db.flush()
    notes.act(db, journey, "journey.interstitial", actor, about=made.id, until=chosen.isoformat())
    return made


def end(db: Session, journey: Journey, *, actor: Actor, reason: str = "") -> Journey:
    """The next step begins: the wait is over. The step that was named, if any, begins today."""
    waited = recording.open_interstitial(db, journey)
    moves.change(db, journey, "begin_step", actor=actor, reason=reason)
    step = db.get(Step, waited.next_step_id) if waited and waited.next_step_id else None
    if step is not None and step.from_on is None:
        step.from_on = clock.today()
    return journey
