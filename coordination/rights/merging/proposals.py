"""Which files of an agency look alike, for those who may read both."""

from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.consent import restricted, rule
from coordination.consent.models import ReachKind
from coordination.db import columns
from coordination.errors import NotFound
from coordination.persons import likeness
from coordination.persons.categories import Category
from coordination.persons.likeness import Known, Like
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity
from coordination.rights.models import SetApart

MOST = 50
_SYSTEMS = ("france_travail", "france_travail_old")


class Side(NamedTuple):
    id: UUID
    name: str
    reference: str


class Proposal(NamedTuple):
    one: Side
    other: Side
    like: Like


def of(db: Session, actor: Actor) -> list[Proposal]:
    """Every two files proposed to the actor's agency, the surest first."""
    numbers = _numbers(db, actor)
    people, sides = [], {}
    for row in db.execute(_readable(actor)):
        sides[row.id] = Side(row.id, f"{row.usual_name.upper()} {row.given_names}", row.reference)
        people.append(
            Known(
                row.id, row.usual_name, row.given_names, row.birth_on, row.email,
                (row.phone, *row.other_phones.replace(";", ",").split(",")),
                tuple(numbers.get(row.id, ())),
            )
        )  # fmt: skip
    apart = set(
        db.exec(
            select(SetApart.person_id, SetApart.other_id).where(
                SetApart.agency_id == actor.agency_id
            )
        )
    )
    return [
        Proposal(sides[pair.one], sides[pair.other], pair.like)
        for pair in likeness.pairs(people)
        if (pair.one, pair.other) not in apart and (pair.other, pair.one) not in apart
    ]


def both(
    db: Session, actor: Actor, one: UUID, other: UUID, *, hold: bool = False
) -> tuple[Person, Person]:
    """The two files, when the actor's agency recorded and reads both; NotFound otherwise."""
    found = {}
    if one != other:
        mine = _readable(actor).with_only_columns(col(PersonIdentity.person_id)).order_by(None)
        wanted = select(Person).where(col(Person.id).in_((one, other)), col(Person.id).in_(mine))
        wanted = wanted.order_by(col(Person.id))
        found = {p.id: p for p in db.exec(wanted.with_for_update() if hold else wanted)}
    if len(found) != 2:
        raise NotFound("Ces dossiers n’existent pas.")
    return found[one], found[other]


def reads(db: Session, actor: Actor, person_id: UUID) -> bool:
    """Whether the actor's agency recorded this file and the actor reads it."""
    return db.execute(_readable(actor).where(col(Person.id) == person_id)).first() is not None


def _readable(actor: Actor) -> Select[Any]:
    person = col(PersonIdentity.person_id)
    return (
        columns(
            person.label("id"),
            PersonIdentity.usual_name,
            PersonIdentity.given_names,
            PersonIdentity.birth_on,
            PersonIdentity.email,
            PersonIdentity.phone,
            PersonIdentity.other_phones,
            Person.reference,
        )
        .join(Person, col(Person.id) == person)
        .where(
            col(PersonIdentity.agency_id) == actor.agency_id,
            col(Person.merged_into_id).is_(None),
            col(Person.erased_at).is_(None),
            rule.sees(actor, person, Category.IDENTITY, kinds=(ReachKind.OWN,)),
            restricted.open_to(actor),
        )
        .order_by(col(Person.created_at), person)
    )


def _numbers(db: Session, actor: Actor) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for person_id, value in db.exec(
        select(PersonIdentifier.person_id, PersonIdentifier.value).where(
            PersonIdentifier.agency_id == actor.agency_id,
            col(PersonIdentifier.system).in_(_SYSTEMS),
        )
    ):
        found[person_id].append(value)
    return found
