"""Moves that end a referral otherwise, send it elsewhere, or bring it back. Declining, cancelling
and marking as error are protective: consent or a closed agency never block them."""

from sqlmodel import Session, col, select

from coordination import clock, outbox
from coordination.agencies.actors import Actor
from coordination.journeys.models import Journey, Need
from coordination.referrals import sending, steps
from coordination.referrals.guards import Given, WrongMoment
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import LIVE, UNANSWERED, By, Side, Status
from coordination.referrals.steps import Said


def decline(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """Recorded for the person: on what day, how they said it; a reason only if given."""
    referral.reasons = [reason.value for reason in given.reasons]
    words = [w for w in (given.way.strip(), given.note.strip()) if w]
    return Said(note=" · ".join(words), reasons=tuple(referral.reasons))


def cancel(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """What was about to be said of it no longer leaves; the recipient gets a "seen" to tick."""
    outbox.drop_about(db, referral.id)
    referral.reasons = [reason.value for reason in given.reasons]
    referral.appointment_at = None
    return Said(note=given.note, reasons=tuple(referral.reasons))


def seen(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    if referral.cancellation_seen_at is not None:
        raise WrongMoment("Cette annulation est déjà notée comme vue.")
    referral.cancellation_seen_at = clock.now()
    return Said()


def expire(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """Whose silence it was stays readable in the step."""
    side = referral.clock_side or Side.RECIPIENT
    return Said(reasons=(f"silence_{side}",))


def remind(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    referral.reminded = given.reminder
    return Said()


def propose_reroute(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    return Said(note=given.note)


def reroute(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """A new draft to another destination, with its own agreement; the first recipient's notes do
    not travel."""
    assert given.recipient_id is not None  # a guard saw to it
    with db.no_autoflush:
        sending.prepare(
            db,
            need=db.get_one(Need, referral.need_id),
            journey=db.get_one(Journey, referral.journey_id),
            recipient_id=given.recipient_id,
            service_id=given.service_id,
            rank=referral.rank,
            question=referral.question,
            origin_label=f"Réorientation de {referral.number}",
            origin_id=referral.id,
            actor=actor,
        )
    return Said(note=given.note)


def only_a_word(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    return Said(note=given.note)


def reopen(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """Back to the live status it ended from, with a new clock."""
    before = db.exec(
        select(ReferralStep.before)
        .where(
            ReferralStep.referral_id == referral.id,
            ReferralStep.after == referral.status,
            col(ReferralStep.before).in_(LIVE),
        )
        .order_by(col(ReferralStep.created_at).desc(), col(ReferralStep.id).desc())
    ).first()
    if before is None:
        raise WrongMoment("Cette orientation n’était pas partie : préparez-en une nouvelle.")
    referral.reasons, referral.outcome, referral.met_on = [], "", None
    referral.cancellation_seen_at = None
    if before in UNANSWERED:
        asked = before is Status.INFO_REQUESTED
        steps.turn_clock(referral, Side.SENDER if asked else Side.RECIPIENT)
    if before in {Status.ACCEPTED, Status.STARTED}:
        steps.take_place(db, referral)
    return Said(after=Status(before), note=given.note)


def mark_error(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    outbox.drop_about(db, referral.id)
    return Said(note=given.note)
