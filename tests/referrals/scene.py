"""Referrals of the town, wherever a test wants them to stand."""

from datetime import timedelta

from sqlmodel import Session, select

from coordination import clock
from coordination.agencies import actors
from coordination.agencies.models import Membership, Role
from coordination.referrals import moves
from coordination.referrals.models import Referral
from coordination.referrals.reasons import Outcome, Reason
from coordination.referrals.states import By, Status, Verb

PATHS = {
    Status.ACKNOWLEDGED: [Verb.ACKNOWLEDGE],
    Status.INFO_REQUESTED: [Verb.ASK_MORE],
    Status.ACCEPTED: [Verb.ACCEPT],
    Status.WAITLISTED: [Verb.WAITLIST],
    Status.STARTED: [Verb.ACCEPT, Verb.START],
    Status.COMPLETED: [Verb.ACCEPT, Verb.START, Verb.COMPLETE],
    Status.REFUSED: [Verb.REFUSE],
    Status.FAILED: [Verb.ACCEPT, Verb.FAIL],
    Status.DECLINED: [Verb.DECLINE],
}


def given(verb: Verb) -> dict:
    today = clock.today()
    return {
        Verb.ASK_MORE: {"note": "Quel permis a-t-elle ?"},
        Verb.ANSWER: {"note": "Le permis B."},
        Verb.ACCEPT: {"ask_for": "Mme N’Diaye"},
        Verb.WAITLIST: {"review_on": today + timedelta(days=30), "meanwhile": "Un appel par mois"},
        Verb.REFUSE: {"reasons": (Reason.HORS_CRITERES,), "note": "Hors de nos critères."},
        Verb.START: {"on_day": today},
        Verb.COMPLETE: {"outcome": Outcome.COVERED, "on_day": today},
        Verb.FAIL: {"reasons": (Reason.INJOIGNABLE,)},
        Verb.CANCEL: {"reasons": (Reason.SITUATION_CHANGEE,)},
    }.get(verb, {})


def alice(db: Session, town):
    return actors.of_professional(db, town.alice.id)


def chloe(db: Session, town):
    return actors.of_professional(db, town.chloe.id)


def manager(db: Session, who, agency):
    known = select(Membership.id).where(
        Membership.professional_id == who.id, Membership.role == Role.MANAGER
    )
    if not db.exec(known).first():
        since = clock.today() - timedelta(days=90)
        db.add(
            Membership(
                professional_id=who.id, agency_id=agency.id, role=Role.MANAGER, from_on=since
            )
        )
        db.flush()
    return actors.of_professional(db, who.id)


def prepared(db: Session, town, **said) -> Referral:
    """Alice's draft for Dana, to the CCAS."""
    return moves.prepare(
        db,
        need=said.pop("need", town.need),
        journey=said.pop("journey", town.journey),
        recipient_id=said.pop("recipient_id", town.ccas.id),
        question="Un micro-crédit pour la voiture ?",
        actor=said.pop("actor", None) or alice(db, town),
        **said,
    )


def sent(db: Session, town, **said) -> Referral:
    return moves.send_or_wait(db, prepared(db, town, **said), actor=alice(db, town))


def at(db: Session, town, status: Status, **said) -> Referral:
    """A referral of Dana to the CCAS, brought to this status by its own moves."""
    referral = sent(db, town, **said)
    for verb in PATHS.get(status, []):
        do(db, town, referral, verb)
    assert referral.status is status
    return referral


def do(db: Session, town, referral: Referral, verb: Verb, **said) -> Referral:
    by = By.SENDER if verb in {Verb.ANSWER, Verb.CANCEL, Verb.REROUTE} else By.RECIPIENT
    actor = alice(db, town) if by is By.SENDER else chloe(db, town)
    return moves.move(db, referral, verb, actor=actor, side=by, **(given(verb) | said))


def one(db: Session) -> Referral:
    return db.exec(select(Referral)).one()
