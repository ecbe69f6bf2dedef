"""What is promised and signed: a reciprocal commitment, a contract between three, a word given."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import moves, notes
from coordination.journeys.models import Journey, JourneyState
from coordination.journeys.models_along import Commitment, CommitmentKind, Signature, Signer
from coordination.programmes import rules

_NEEDED = {
    CommitmentKind.RECIPROCAL: {Signer.PERSON, Signer.CARRIER},
    CommitmentKind.TRIPARTITE: {Signer.PERSON, Signer.TRAINING_BODY, Signer.SUPPORT},
    CommitmentKind.MORAL: {Signer.PERSON},
    CommitmentKind.EMPLOYMENT: {Signer.PERSON, Signer.EMPLOYER},
}


def propose(
    db: Session,
    journey: Journey,
    *,
    kind: CommitmentKind,
    signers: Mapping[Signer, UUID | None],
    label: str = "",
    on: date | None = None,
    actor: Actor,
) -> Commitment:
    """A commitment to sign, and whose signatures it waits for (each with its agency)."""
    missing = _NEEDED[kind] - signers.keys()
    if missing:
        raise Invalid("Il manque un signataire à ce contrat.", field="signers")
    day = on or clock.today()
    within = rules.in_force(db, journey.programme_id, day).commitment_within_days
    start = journey.entered_on or day
    made = Commitment(
        journey_id=journey.id,
        kind=kind,
        label=label,
        proposed_on=day,
        due_on=start + timedelta(days=within) if within is not None else None,
    )
    db.add(made)
    db.flush()
    for signer, agency_id in signers.items():
        db.add(Signature(commitment_id=made.id, journey_id=journey.id, signer=signer,
                         agency_id=agency_id))  # fmt: skip
    db.flush()
    notes.act(db, journey, "commitment.propose", actor, about=made.id, kind=kind.value)
    return made


def sign(
    db: Session, commitment: Commitment, *, signer: Signer, on: date | None = None, actor: Actor
) -> Commitment:
    """One party has signed. The last signature makes the commitment, and the entry itself where
    the programme says so. Signed twice changes nothing."""
    journey = db.get_one(Journey, commitment.journey_id)
    day = on or clock.today()
    if not commitment.proposed_on <= day <= clock.today():
        raise Invalid("La signature vient après la proposition, et pas dans l’avenir.", field="on")
    if commitment.until_on is not None:
        raise Refused("Cet engagement ne lie plus : il n’y a plus rien à signer.")
    awaited = {row.signer: row for row in db.exec(signatures(commitment)).all()}
    if signer not in awaited:
        raise NotFound("Cette signature n’est pas attendue sur ce contrat.")
    if awaited[signer].signed_on is not None:
        return commitment
    awaited[signer].signed_on = day
    notes.act(db, journey, "commitment.sign", actor, about=commitment.id, signer=signer.value)
    if all(row.signed_on for row in awaited.values()):
        commitment.signed_on = max(row.signed_on for row in awaited.values() if row.signed_on)
        db.add(commitment)
        db.flush()
        if _makes_entry(db, journey, day):
            moves.enter(db, journey, on=day, actor=actor)
    return commitment


def stop(
    db: Session, commitment: Commitment, *, on: date | None = None, actor: Actor
) -> Commitment:
    """It no longer binds: broken off, or replaced by another. Nobody is asked to sign it then."""
    day = on or clock.today()
    if commitment.until_on is not None:
        raise Refused("Cet engagement ne lie déjà plus.")
    if not commitment.proposed_on <= day <= clock.today():
        raise Invalid("Ce jour vient après la proposition, et pas dans l’avenir.", field="on")
    commitment.until_on = day
    db.add(commitment)
    journey = db.get_one(Journey, commitment.journey_id)
    notes.act(db, journey, "commitment.stop", actor, about=commitment.id)
    return commitment


def signatures(commitment: Commitment) -> SelectOfScalar[Signature]:
    return (
        select(Signature)
        .where(Signature.commitment_id == commitment.id)
        .order_by(col(Signature.signer), col(Signature.id))
    )


def of(journey: Journey) -> SelectOfScalar[Commitment]:
    """The journey's commitments, the newest first."""
    return (
        select(Commitment)
        .where(Commitment.journey_id == journey.id)
        .order_by(col(Commitment.proposed_on).desc(), col(Commitment.id).desc())
    )


def _makes_entry(db: Session, journey: Journey, day: date) -> bool:
    asked = rules.in_force(db, journey.programme_id, day)
    return journey.state is JourneyState.PRESCRIBED and asked.contract_makes_entry
