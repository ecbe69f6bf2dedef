"""What the recipient answers, and what the sender replies: effects of moves. Nothing here writes a
step: `steps.make` does."""

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.referrals import guards, steps
from coordination.referrals.guards import Given
from coordination.referrals.models import Referral
from coordination.referrals.states import By, Side
from coordination.referrals.steps import Said


def acknowledge(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """An act: opening is not acknowledging. The clock goes on: the answer is still to come."""
    referral.acknowledged_at = clock.now()
    return Said(note=given.note)


def ask_more(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    _taken_up(referral)
    steps.turn_clock(referral, Side.SENDER)
    return Said(note=given.note)


def answer(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """What the person agreed to since then goes too."""
    opened, consent_id = guards.covered(db, referral)
    referral.categories |= opened
    referral.consent_id = consent_id
    steps.turn_clock(referral, Side.RECIPIENT)
    return Said(note=given.note)


def accept(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """Also when a place is offered to someone who waited for it."""
    _taken_up(referral)
    referral.accepted_at = clock.now()
    referral.ask_for = given.ask_for
    referral.appointment_at = given.appointment_at
    referral.appointment_place = given.appointment_place
    referral.bring = given.bring
    referral.review_on = None
    steps.turn_clock(referral, None)
    return Said(note=given.note)


def waitlist(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    _taken_up(referral)
    referral.review_on, referral.meanwhile = given.review_on, given.meanwhile
    steps.turn_clock(referral, None)
    return Said(note=given.note)


def refuse(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    referral.reasons = [reason.value for reason in given.reasons]
    words = [given.note.strip()]
    if given.next_step.strip():
        words.append(f"Suite proposée : {given.next_step.strip()}")
    return Said(note="\n".join(w for w in words if w), reasons=tuple(referral.reasons))


def give_back(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """The committee returns it to the recipient, once; the refusal stays in its steps."""
    referral.returned = True
    referral.reasons = []
    steps.turn_clock(referral, Side.RECIPIENT)
    return Said(note=given.note)


def undo(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """The acceptance is undone: the place is given back, the appointment is off."""
    referral.accepted_at = referral.appointment_at = None
    referral.appointment_place = referral.ask_for = referral.bring = ""
    steps.release(db, referral)
    steps.turn_clock(referral, Side.RECIPIENT)
    return Said(note=given.note)


def _taken_up(referral: Referral) -> None:
    """Whoever answers has acknowledged."""
    referral.acknowledged_at = referral.acknowledged_at or clock.now()
