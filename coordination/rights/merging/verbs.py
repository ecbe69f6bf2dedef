"""Making one file of two, undoing it, and saying that two files are two people."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.consent import restricted
from coordination.db import past_walls
from coordination.errors import NotFound, Refused
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons import records, same, tokens
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity
from coordination.persons.names import fold
from coordination.referrals.models import Referral
from coordination.rights.merging import agreements, moving
from coordination.rights.models import MergeMove, PersonMerge, SetApart

UNDOABLE = timedelta(days=30)
# What is compared and chosen of the identity; what goes together is chosen together.
FIELDS: dict[str, tuple[str, ...]] = {
    "usual_name": ("usual_name",),
    "given_names": ("given_names",),
    "birth_name": ("birth_name",),
    "birth_on": ("birth_on",),
    "phone": ("phone", "other_phones"),
    "email": ("email",),
    "address": ("address", "postcode", "commune_name", "commune_code"),
    "language": ("language",),
}


@past_walls
def merge(
    db: Session,
    kept: Person,
    absorbed: Person,
    *,
    taken: Collection[str] = (),
    taken_facts: Collection[str] = (),
    actor: Actor,
) -> PersonMerge:
    """`kept` becomes the one file. `taken`: the fields (of FIELDS) whose value is the other's;
    `taken_facts`: the codes of facts likewise. What neither says stays empty; what one side alone
    says is kept. Agreements open what both opened; nobody named stays out of a restricted file."""
    _may_become_one(db, kept, absorbed)
    done = PersonMerge(
        person_id=kept.id,
        absorbed_id=absorbed.id,
        agency_id=kept.agency_id,
        professional_id=actor.professional_id,
        hash_before=same.own(kept),
        undoable_until=clock.now() + UNDOABLE,
    )
    db.add(done)
    db.flush()
    agreements.intersect(db, kept, absorbed, done.id, actor=actor)
    moving.move(db, done, taken=set(taken_facts))
    done.before = _choose(db, kept, absorbed, set(taken))
    absorbed.merged_into_id = kept.id
    _settle(db, kept, absorbed)
    audit.act(db, actor, "person.merge", about=done.id, person=kept.id, salt=kept.salt)
    audit.act(db, actor, "person.absorbed", about=done.id, person=absorbed.id, salt=absorbed.salt)
    return done


@past_walls
def undo(db: Session, done: PersonMerge, *, actor: Actor) -> Person:
    """Two files again, each with its rows, its identity and its agreements of before; the file
    that had been absorbed comes back. What was added meanwhile stays with the one that stayed."""
    if done.undone_at is not None:
        raise Refused("Cette fusion est déjà défaite.")
    if clock.now() >= done.undoable_until:
        raise Refused("Cette fusion date de plus de trente jours : elle ne se défait plus.")
    kept, absorbed = db.get_one(Person, done.person_id), db.get_one(Person, done.absorbed_id)
    if kept.merged_into_id is not None or kept.erased_at or absorbed.erased_at:
        raise Refused("Défaites d’abord la fusion plus récente de ce dossier.")
    later = select(PersonMerge.id).where(
        PersonMerge.person_id == kept.id,
        col(PersonMerge.undone_at).is_(None),
        col(PersonMerge.id) > done.id,
    )
    if db.exec(later).first():
        raise Refused("Défaites d’abord la fusion plus récente de ce dossier.")
    agreements.restore(db, kept, done.id, actor=actor)
    moved = db.exec(
        select(MergeMove).where(MergeMove.merge_id == done.id).order_by(col(MergeMove.id))
    ).all()
    moving.move_back(db, done, list(moved))
    identity = _identity(db, kept)
    for column, value in done.before.items():
        setattr(identity, column, _read(column, value))
    identity.folded = fold(f"{identity.usual_name} {identity.given_names}")
    same.give(kept, done.hash_before)
    absorbed.merged_into_id = None
    done.undone_at, done.before = clock.now(), {}
    _settle(db, kept, absorbed)
    audit.act(db, actor, "person.unmerge", about=done.id, person=kept.id, salt=kept.salt)
    return absorbed


def set_apart(db: Session, one: Person, other: Person, *, actor: Actor) -> SetApart:
    """They are two people: no longer proposed."""
    first, second = sorted((one.id, other.id))
    known = db.exec(
        select(SetApart).where(SetApart.person_id == first, SetApart.other_id == second)
    ).first()
    if known:
        return known
    apart = SetApart(
        person_id=first,
        other_id=second,
        agency_id=one.agency_id,
        professional_id=actor.professional_id,
    )
    db.add(apart)
    audit.act(db, actor, "person.set_apart", person=one.id, salt=one.salt)
    return apart


def recent(db: Session, actor: Actor) -> list[PersonMerge]:
    """The agency's merges that may still be undone, the latest first."""
    wanted = select(PersonMerge).where(
        PersonMerge.agency_id == actor.agency_id,
        col(PersonMerge.undone_at).is_(None),
        PersonMerge.undoable_until > clock.now(),
    )
    return list(db.exec(wanted.order_by(col(PersonMerge.created_at).desc(), col(PersonMerge.id))))


def one(db: Session, actor: Actor, merge_id: UUID, *, hold: bool = False) -> PersonMerge:
    wanted = select(PersonMerge).where(
        PersonMerge.id == merge_id, PersonMerge.agency_id == actor.agency_id
    )
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cette fusion n’existe pas.")
    return found


def _may_become_one(db: Session, kept: Person, absorbed: Person) -> None:
    if kept.agency_id != absorbed.agency_id or kept.id == absorbed.id:
        raise NotFound("Ces dossiers n’existent pas.")
    if kept.merged_into_id or absorbed.merged_into_id or kept.erased_at or absorbed.erased_at:
        raise Refused("L’un de ces dossiers n’est plus ouvert.")
    if kept.restricted != absorbed.restricted or set(restricted.named(db, kept)) != set(
        restricted.named(db, absorbed)
    ):
        raise Refused(
            "L’un des dossiers est à accès restreint : donnez aux deux les mêmes personnes nommées,"
            " puis recommencez."
        )
    twice = select(Referral.destination_id).where(
        Referral.person_id == absorbed.id, col(Referral.ended_at).is_(None)
    )
    live = select(Referral.number).where(
        Referral.person_id == kept.id,
        col(Referral.ended_at).is_(None),
        col(Referral.destination_id).in_(twice),
    )
    if number := db.exec(live).first():
        raise Refused(
            f"Les deux dossiers ont une orientation en cours pour la même suite ({number}) : "
            "mettez fin à l’une d’elles, puis recommencez."
        )


def _choose(db: Session, kept: Person, absorbed: Person, taken: set[str]) -> dict[str, Any]:
    """Writes the identity chosen; what it was comes back."""
    mine, theirs = _identity(db, kept), _identity(db, absorbed)
    before: dict[str, Any] = {}
    for field, columns in FIELDS.items():
        empty = not any(getattr(mine, column) for column in columns)
        if field not in taken and not empty:
            continue
        for column in columns:
            value = getattr(mine, column)
            before[column] = value.isoformat() if isinstance(value, date) else value
            setattr(mine, column, getattr(theirs, column))
    mine.folded = fold(f"{mine.usual_name} {mine.given_names}")
    numbers = dict(
        db.exec(
            select(PersonIdentifier.system, PersonIdentifier.value)
            .where(PersonIdentifier.person_id == kept.id)
            .order_by(col(PersonIdentifier.created_at).desc(), col(PersonIdentifier.id).desc())
        ).all()
    )
    now = records.human_hash(
        given_names=mine.given_names,
        usual_name=mine.usual_name,
        birth_on=mine.birth_on,
        france_travail_id=numbers.get("france_travail", ""),
    )
    same.give(kept, now or same.own(kept) or same.own(absorbed))
    return before


def _settle(db: Session, kept: Person, absorbed: Person) -> None:
    """What follows from where the rows now are: hashes, covers, versions, tokens, alerts."""
    db.flush()
    db.expire_all()
    same.settle(db, [kept, absorbed])
    for person in (kept, absorbed):
        agreements.project(db, person)
        person.sharing_version += 1
        person.version += 1
    tokens.rewrite(db, [kept.id, absorbed.id])
    both = or_(col(Journey.person_id) == kept.id, col(Journey.person_id) == absorbed.id)
    for journey_id in db.exec(select(Journey.id).where(both).order_by(col(Journey.id))):
        touch(db, journey_id)


def _identity(db: Session, person: Person) -> PersonIdentity:
    return db.exec(select(PersonIdentity).where(PersonIdentity.person_id == person.id)).one()


def _read(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if column == "birth_on" and value else value
