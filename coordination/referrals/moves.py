"""Every move of a referral, by its verb. The table of `states` says what may follow what; `guards`
what each needs; `steps.make` keeps it: one step, one act, one notice, in one transaction."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from coordination.agencies.actors import Actor
from coordination.db import beyond
from coordination.referrals import answers, course, endings, sending, states, steps
from coordination.referrals.guards import Given
from coordination.referrals.models import Referral
from coordination.referrals.reasons import Reason
from coordination.referrals.sending import prepare, send_or_wait
from coordination.referrals.states import By, Side, Status, Verb
from coordination.referrals.steps import Effect

__all__ = ["cancel", "move", "prepare", "send_or_wait", "side_of"]

EFFECTS: dict[Verb, Effect] = {
    Verb.ASK_AGREEMENT: sending.ask_agreement,
    Verb.SEND: sending.send,
    Verb.ACKNOWLEDGE: answers.acknowledge,
    Verb.ASK_MORE: answers.ask_more,
    Verb.ANSWER: answers.answer,
    Verb.ACCEPT: answers.accept,
    Verb.WAITLIST: answers.waitlist,
    Verb.OFFER_PLACE: answers.accept,
    Verb.REFUSE: answers.refuse,
    Verb.RETURN: answers.give_back,
    Verb.UNDO: answers.undo,
    Verb.START: course.start,
    Verb.ABSENCE: course.absence,
    Verb.COMPLETE: course.complete,
    Verb.FAIL: course.fail,
    Verb.DECLINE: endings.decline,
    Verb.CANCEL: endings.cancel,
    Verb.SEEN: endings.seen,
    Verb.REMIND: endings.remind,
    Verb.EXPIRE: endings.expire,
    Verb.PROPOSE_REROUTE: endings.propose_reroute,
    Verb.REROUTE: endings.reroute,
    Verb.ASK_REOPEN: endings.only_a_word,
    Verb.REOPEN: endings.reopen,
    Verb.REPORT_ERROR: endings.only_a_word,
    Verb.MARK_ERROR: endings.mark_error,
}

_LET_THE_NEXT_GO = frozenset({Status.REFUSED, Status.EXPIRED})


def move(
    db: Session,
    referral: Referral,
    verb: Verb | str,
    *,
    actor: Actor,
    side: By | Side | str,
    **given: Any,
) -> Referral:
    """Make one move of a referral that the caller holds. `given` are the fields of `Given`."""
    chosen, by = Verb(verb), By(side)
    brought = Given(**given)
    with beyond(db, "referrals.move"):  # a move writes on both sides, whoever may read
        steps.make(db, referral, chosen, EFFECTS[chosen], actor=actor, by=by, given=brought)
        if referral.status in _LET_THE_NEXT_GO and states.rule(chosen).after is referral.status:
            sending.next_in_rank(db, referral)
    return referral


def cancel(
    db: Session,
    referral: Referral,
    *,
    reasons: Iterable[Reason | str],
    actor: Actor,
    note: str = "",
) -> Referral:
    """Protective: always succeeds, and what has already ended stays as it ended."""
    if referral.status in states.ENDED:
        return referral
    by = By.SENDER if actor.agency_id == referral.sender_id else By.COMMITTEE
    return move(
        db,
        referral,
        Verb.CANCEL,
        actor=actor,
        side=by,
        reasons=tuple(Reason(reason) for reason in reasons) or (Reason.SITUATION_CHANGEE,),
        note=note,
    )


def side_of(actor: Actor, referral: Referral) -> By | None:
    """On which side of this referral the actor's agency stands; None: on neither."""
    if actor.agency_id is None:
        return None
    if actor.agency_id == referral.sender_id:
        return By.SENDER
    return By.RECIPIENT if actor.agency_id == referral.recipient_id else None
