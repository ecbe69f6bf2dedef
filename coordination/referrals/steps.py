"""Making one move: its place in the table, its needs, its fact; then one step, one act, one notice,
the reach that follows, the journey to look at again. All in the caller's transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, select

from coordination import audit, clock, outbox
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Role
from coordination.consent import reach
from coordination.consent.models import Purpose, ReachKind
from coordination.directory import queries as directory
from coordination.errors import NotAllowed, NotFound
from coordination.journeys import touch
from coordination.persons.models import Person
from coordination.referrals import guards, states
from coordination.referrals.guards import Given, WrongMoment
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import ENDED, LIVE, OPEN, By, Move, Needs, Side, Status, Verb


@dataclass(frozen=True)
class Said:
    """What an effect leaves for its step. `after` only where the table says None."""

    after: Status | None = None
    note: str = ""
    reasons: tuple[str, ...] = ()


_HOUSE = frozenset({ActorKind.CLOCK, ActorKind.COMMAND})

Effect = Callable[[Session, Referral, Actor, By, Given], Said]

# Told to the other side: verb → kind of letter. Acknowledging is read on the page, absences too.
TOLD: dict[Verb, str] = {
    Verb.ASK_AGREEMENT: "referral.consent_to_collect",
    Verb.SEND: "referral.sent",
    Verb.ACKNOWLEDGE: "referral.acknowledged",
    Verb.ASK_MORE: "referral.info_requested",
    Verb.ANSWER: "referral.answered",
    Verb.ACCEPT: "referral.accepted",
    Verb.OFFER_PLACE: "referral.accepted",
    Verb.WAITLIST: "referral.waitlisted",
    Verb.REFUSE: "referral.refused",
    Verb.RETURN: "referral.returned",
    Verb.UNDO: "referral.undone",
    Verb.START: "referral.started",
    Verb.ABSENCE: "referral.absence",
    Verb.COMPLETE: "referral.completed",
    Verb.FAIL: "referral.failed",
    Verb.DECLINE: "referral.declined",
    Verb.CANCEL: "referral.cancelled",
    Verb.SEEN: "referral.seen",
    Verb.EXPIRE: "referral.expired",
    Verb.PROPOSE_REROUTE: "referral.reroute_proposed",
    Verb.REROUTE: "referral.rerouted",
    Verb.ASK_REOPEN: "referral.reopen_asked",
    Verb.REOPEN: "referral.reopened",
    Verb.REPORT_ERROR: "referral.error_reported",
    Verb.MARK_ERROR: "referral.entered_in_error",
}


def make(
    db: Session,
    referral: Referral,
    verb: Verb,
    effect: Effect,
    *,
    actor: Actor,
    by: By,
    given: Given,
) -> Referral:
    """One move of a referral that the caller holds."""
    rule = states.rule(verb)
    _may(rule, referral, actor, by)
    db.flush()
    if Needs.CONSENT in rule.needs:
        # A withdrawal holds the person too: whichever comes second sees what the first left.
        db.exec(select(Person.id).where(Person.id == referral.person_id).with_for_update()).one()
    guards.check(db, referral, rule, actor=actor, by=by, given=given)
    before = referral.status
    with db.no_autoflush:  # a status and its dates reach the base together
        said = effect(db, referral, actor, by, given)
        referral.status = rule.after or said.after or before
    _follow(db, referral, before)
    keep(db, referral, verb, before=before, actor=actor, by=by, said=said)
    tell(db, referral, verb, by=by)
    return referral


def keep(
    db: Session,
    referral: Referral,
    verb: Verb,
    *,
    before: Status | None,
    actor: Actor,
    by: By,
    said: Said,
) -> None:
    """The step, the act in the chain, the version, and the journey touched."""
    referral.version += 0 if before is None else 1
    db.add(
        ReferralStep(
            referral_id=referral.id,
            verb=verb.value,
            before=before,
            after=referral.status,
            side=by.side,
            professional_id=actor.professional_id,
            agency_id=actor.agency_id,
            by_link=actor.link_id is not None,
            reasons=list(said.reasons),
            note=said.note,
        )
    )
    person = db.get_one(Person, referral.person_id)
    audit.act(
        db,
        actor,
        f"referral.{verb}",
        about=referral.id,
        person=person.id,
        salt=person.salt,
        before=before.value if before else None,
        after=referral.status.value,
        side=by.value,
        reasons=" ".join(said.reasons) or None,
    )
    touch.touch(db, referral.journey_id)


def tell(db: Session, referral: Referral, verb: Verb, *, by: By) -> None:
    """One notice to the other side; to both when the clock or the committee moved."""
    kind = TOLD.get(verb)
    if kind is None:
        return
    to_sender = by is not By.SENDER or verb is Verb.ASK_AGREEMENT
    to_recipient = by is not By.RECIPIENT and verb is not Verb.ASK_AGREEMENT
    if verb is Verb.SEND:
        to_sender = by is By.CLOCK
    if to_recipient and referral.sent_at is not None:
        standing = verb in {Verb.SEND, Verb.ANSWER, Verb.RETURN, Verb.REOPEN}
        outbox.post(
            db,
            kind,
            agency=referral.recipient_id,
            about=referral.id,
            person=referral.person_id if standing else None,
            number=referral.version,
        )
    if to_sender:
        outbox.post(
            db,
            kind,
            professional=referral.professional_id,
            agency=None if referral.professional_id else referral.sender_id,
            about=referral.id,
            number=referral.version,
        )


def turn_clock(referral: Referral, side: Side | None) -> None:
    """From now on, this side's silence counts; None: nobody's."""
    referral.clock_side, referral.clock_from = side, clock.now() if side else None
    referral.reminded = 0


def release(db: Session, referral: Referral) -> None:
    directory.release_place(db, held_by=referral.id)


def take_place(db: Session, referral: Referral) -> None:
    """Take the place again, under lock; NoPlaceLeft when it went to someone else."""
    if referral.service_id and not directory.hold_place(
        db, referral.service_id, held_by=referral.id
    ):
        raise guards.NoPlaceLeft("La place a été donnée depuis : préparez-en une nouvelle.")


def open_reach(db: Session, referral: Referral, *, follow_up: bool = False) -> None:
    """The recipient has business to look: for the referral, and together from its start."""
    for purpose in (Purpose.REFERRAL, Purpose.FOLLOW_UP) if follow_up else (Purpose.REFERRAL,):
        reach.open_to(
            db,
            person_id=referral.person_id,
            agency_id=referral.recipient_id,
            kind=ReachKind.REFERRAL,
            source_id=referral.id,
            purpose=purpose,
        )


def _may(rule: Move, referral: Referral, actor: Actor, by: By) -> None:
    if by is By.SENDER and actor.agency_id != referral.sender_id:
        raise NotAllowed("Ce geste revient à la structure qui oriente.")
    if by is By.RECIPIENT and actor.agency_id != referral.recipient_id:
        raise NotAllowed("Ce geste revient à la structure destinataire.")
    if by is By.RECIPIENT and not seen_by_recipient(referral):
        raise NotFound()
    if by is By.COMMITTEE and not rule.protective and not _decides(actor):
        raise NotAllowed("Ce geste revient au comité.")
    if by is By.CLOCK and actor.kind not in _HOUSE:
        raise NotAllowed("Ce geste se fait de lui-même.")
    if by not in rule.by:
        raise NotAllowed("Ce geste ne revient pas à votre structure.")
    if rule.manager and Role.MANAGER not in actor.all_roles:
        raise NotAllowed("Ce geste revient à la personne responsable de l’équipe.")
    if referral.status not in rule.before:
        raise WrongMoment("Cette orientation n’en est plus là : rouvrez sa page.")


def _decides(actor: Actor) -> bool:
    return actor.kind in _HOUSE or bool(actor.scopes(Role.CHAIR, Role.SECRETARY))


def seen_by_recipient(referral: Referral) -> bool:
    """What was never sent, or was entered in error, does not exist for the recipient."""
    return referral.sent_at is not None and referral.status is not Status.ENTERED_IN_ERROR


def _follow(db: Session, referral: Referral, before: Status) -> None:
    """What a new status carries with it: reach, place, clock, end."""
    after = referral.status
    if after in ENDED and before not in ENDED:
        referral.ended_at = clock.now()
        turn_clock(referral, None)
    if after in ENDED:
        reach.close(db, source_id=referral.id)
        release(db, referral)
    elif after in LIVE and before in OPEN | ENDED:
        referral.ended_at = None
        open_reach(db, referral, follow_up=after is Status.STARTED)
    elif after is Status.STARTED and before is not Status.STARTED:
        open_reach(db, referral, follow_up=True)
