"""From a need to a referral that has left: prepare, wait for the agreement, send; then the next one
in rank when the first ended without an entry."""

import hashlib
import secrets
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import CLOCK, Actor, ActorKind
from coordination.agencies.models import Agency, Role
from coordination.db import as_json, past_walls
from coordination.directory.models import Service
from coordination.errors import Invalid, NotAllowed, NotFound
from coordination.journeys.models import LIVE_STATES, Journey, Need, Referent, ReferentRole
from coordination.persons.categories import from_bits
from coordination.programmes.models import Programme
from coordination.referrals import guards, shared, states, steps
from coordination.referrals.guards import Given
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE, OPEN, By, Side, Status, Verb
from coordination.referrals.steps import Said

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_WENT_WELL = frozenset({Status.STARTED, Status.COMPLETED})


@past_walls
def prepare(
    db: Session,
    *,
    need: Need,
    journey: Journey,
    recipient_id: UUID,
    service_id: UUID | None = None,
    rank: int = 1,
    question: str = "",
    origin_label: str = "",
    origin_id: UUID | None = None,
    actor: Actor,
) -> Referral:
    """A draft, of the agency that carries the journey, whoever decides it. Refused when one is
    already open or live for this person and destination."""
    by = side_of(actor, sender_id=journey.agency_id)
    _fits(db, need, journey, recipient_id, service_id)
    referral = Referral(
        number=_new_number(db),
        need_id=need.id,
        person_id=journey.person_id,
        journey_id=journey.id,
        sender_id=journey.agency_id,
        recipient_id=recipient_id,
        service_id=service_id,
        destination_id=service_id or recipient_id,
        professional_id=_holds_the_thread(db, journey, actor, by),
        rank=rank,
        question=question,
        origin_label=origin_label,
        origin_id=origin_id,
    )
    rule = states.rule(Verb.PREPARE)
    guards.check(db, referral, rule, actor=actor, by=by, given=Given())
    db.add(referral)
    db.flush()
    steps.keep(db, referral, Verb.PREPARE, before=None, actor=actor, by=by, said=Said())
    return referral


@past_walls
def send_or_wait(
    db: Session, referral: Referral, *, actor: Actor, previewed: bool = True, despite: str = ""
) -> Referral:
    """Send where consent covers; else wait for the agreement. One whose turn has not come (a lower
    rank is still open or live) stays a draft."""
    by = side_of(actor, sender_id=referral.sender_id)
    if not _its_turn(db, referral):
        return referral
    if guards.covered(db, referral)[0]:
        given = Given(previewed=previewed, despite=despite)
        return steps.make(db, referral, Verb.SEND, send, actor=actor, by=by, given=given)
    if referral.status is Status.AWAITING_CONSENT:
        return referral
    return steps.make(
        db, referral, Verb.ASK_AGREEMENT, ask_agreement, actor=actor, by=by, given=Given()
    )


def send(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    """What goes is fixed now: categories, consent, and the list of fields with its hash."""
    referral.categories, referral.consent_id = guards.covered(db, referral)
    referral.sent_at = clock.now()
    steps.turn_clock(referral, Side.RECIPIENT)
    referral.snapshot = _snapshot(db, referral)
    referral.snapshot_sha256 = hashlib.sha256(as_json(referral.snapshot).encode()).hexdigest()
    return Said(note=given.despite)


def ask_agreement(db: Session, referral: Referral, actor: Actor, by: By, given: Given) -> Said:
    steps.turn_clock(referral, Side.SENDER)
    return Said()


def side_of(actor: Actor, *, sender_id: UUID) -> By:
    """Who acts for the sender's part: the sender itself, the clock, or a committee's chair or
    secretary (which committee, and that its item allows it, is for the room above)."""
    if actor.agency_id == sender_id and {Role.ADVISER, Role.MANAGER} & actor.roles:
        return By.SENDER
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return By.CLOCK
    if actor.scopes(Role.CHAIR, Role.SECRETARY):
        return By.COMMITTEE
    raise NotAllowed("Seule la structure qui porte le parcours peut orienter.")


def siblings(db: Session, referral: Referral, *, hold: bool = False) -> list[Referral]:
    """The other referrals that try to meet the same need, open or live, by rank."""
    wanted = (
        select(Referral)
        .where(
            Referral.need_id == referral.need_id,
            Referral.id != referral.id,
            col(Referral.status).in_(OPEN | LIVE),
        )
        .order_by(col(Referral.rank), col(Referral.id))
    )
    return list(db.exec(wanted.with_for_update() if hold else wanted))


def next_in_rank(db: Session, referral: Referral) -> list[Referral]:
    """When one ended without an entry and none of its rank or before is left: the next ones leave,
    or wait for the agreement. The house acts; the decision was the ranking."""
    went_well = select(Referral.id).where(
        Referral.need_id == referral.need_id, col(Referral.status).in_(_WENT_WELL)
    )
    if db.exec(went_well).first():
        return []
    left = siblings(db, referral, hold=True)
    if not left or left[0].rank <= referral.rank:
        return []
    turn = left[0].rank
    waiting = [r for r in left if r.rank == turn and r.status is Status.DRAFT]
    return [send_or_wait(db, one, actor=CLOCK) for one in waiting]


def _its_turn(db: Session, referral: Referral) -> bool:
    return all(other.rank >= referral.rank for other in siblings(db, referral))


def _fits(
    db: Session, need: Need, journey: Journey, recipient_id: UUID, service_id: UUID | None
) -> None:
    if need.journey_id != journey.id:
        raise NotFound("Ce besoin n’appartient pas à ce parcours.")
    if need.settled_on is not None:
        raise Invalid("Ce besoin est déjà réglé.", field="need")
    if journey.state not in LIVE_STATES:
        raise Invalid("Ce parcours est terminé : rouvrez-le d’abord.", field="_")
    if recipient_id == journey.agency_id:
        raise Invalid("Choisissez une autre structure que la vôtre.", field="recipient")
    if db.get(Agency, recipient_id) is None:
        raise NotFound("Cette structure n’existe pas.")
    if service_id is not None:
        service = db.get(Service, service_id)
        if service is None or service.agency_id != recipient_id:
            raise NotFound("Ce service n’existe pas.")


def _holds_the_thread(db: Session, journey: Journey, actor: Actor, by: By) -> UUID | None:
    """Who follows the referral on the sender's side: its author, else the journey's référent."""
    if by is By.SENDER and actor.professional_id:
        return actor.professional_id
    today = clock.today()
    return db.exec(
        select(Referent.professional_id)
        .where(
            Referent.journey_id == journey.id,
            Referent.role == ReferentRole.REFERENT,
            col(Referent.until_on).is_(None) | (col(Referent.until_on) >= today),
        )
        .order_by(col(Referent.from_on).desc(), col(Referent.id))
    ).first()


def _new_number(db: Session) -> str:
    """Short, speakable, telling nothing: `O-26-7K3F9Q`."""
    while True:
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(6))
        number = f"O-{clock.today():%y}-{drawn}"
        if not db.exec(select(Referral.id).where(Referral.number == number)).first():
            return number


def _snapshot(db: Session, referral: Referral) -> dict[str, object]:
    """The list of fields that went (not their values), and agencies and programme as they were."""
    journey = db.get_one(Journey, referral.journey_id)
    parts = shared.parts(db, referral, from_bits(referral.categories))
    return {
        "categories": [category.value for category in from_bits(referral.categories)],
        "fields": [line.code for part in parts for line in part.lines],
        "sender": db.get_one(Agency, referral.sender_id).name,
        "recipient": db.get_one(Agency, referral.recipient_id).name,
        "service": db.get_one(Service, referral.service_id).name if referral.service_id else None,
        "programme": db.get_one(Programme, journey.programme_id).name,
        "need": db.get_one(Need, referral.need_id).code,
        "on": clock.now().isoformat(timespec="seconds"),
    }
