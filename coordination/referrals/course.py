"""Once accepted: the entry, absences, the end. Effects of moves; `steps.make` writes the step."""

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.referrals.guards import Given
from coordination.referrals.models import Referral
from coordination.referrals.reasons import MEETS_THE_NEED
from coordination.referrals.states import By
from coordination.referrals.steps import Said

ABSENCES_THAT_PROPOSE_FAILED = 3


def start(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """The real entry, which is neither the acceptance nor the need met."""
    referral.started_on = given.on_day
    return Said(note=given.note)


def absence(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """Counted; the third one only proposes to end."""
    referral.absences += 1
    return Said(note=given.note)


def complete(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    assert given.outcome is not None  # a guard saw to it
    referral.outcome = given.outcome.value
    if given.outcome in MEETS_THE_NEED:
        referral.met_on = given.on_day or clock.today()
    return Said(note=given.note, reasons=(given.outcome.value,))


def fail(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    referral.reasons = [reason.value for reason in given.reasons]
    return Said(note=given.note, reasons=tuple(referral.reasons))
