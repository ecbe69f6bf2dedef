"""Which files of an agency look alike, for those who may read both."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
NAMED: tuple[Any, ...] = (
    col(PersonIdentity.person_id).label("id"), PersonIdentity.usual_name,
    PersonIdentity.given_names, PersonIdentity.birth_on, PersonIdentity.email,
    PersonIdentity.phone, PersonIdentity.other_phones, Person.reference,
)  # fmt: skip
_SYSTEMS = ("france_travail", "france_travail_old")


class Side(NamedTuple):
    id: UUID
    name: str
    reference: str


class Proposal(NamedTuple):
    one: Side
    other: Side
    like: Like


def own_files(db: Session, actor: Actor) -> dict[UUID, tuple[Known, Side]]:
    """The files of the actor's agency that they read, in their order: what is compared of each, and
    what is shown."""
    mine = select(PersonIdentifier.person_id, PersonIdentifier.value).where(
        PersonIdentifier.agency_id == actor.agency_id
    )
    return described(db.execute(readable(actor)), numbers(db, mine))


def described(
    rows: Iterable[Any], known_by: Mapping[UUID, list[str]]
) -> dict[UUID, tuple[Known, Side]]:
    """From rows of NAMED."""
    return {
        row.id: (
            Known(
                row.id, row.usual_name, row.given_names, row.birth_on, row.email,
                (row.phone, *row.other_phones.replace(";", ",").split(",")),
                tuple(known_by.get(row.id, ())),
            ),
            Side(row.id, f"{row.usual_name.upper()} {row.given_names}", row.reference),
        )
        for row in rows
    }  # fmt: skip


def numbers(db: Session, wanted: Any) -> dict[UUID, list[str]]:
    """Person → their France Travail numbers, of those wanted: (person, value)."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for person_id, value in db.execute(wanted.where(col(PersonIdentifier.system).in_(_SYSTEMS))):
        found[person_id].append(value)
    return found


def of(
    db: Session, actor: Actor, files: Mapping[UUID, tuple[Known, Side]] | None = None
) -> list[Proposal]:
    """Every two files proposed to the actor's agency, the surest first."""
    mine = own_files(db, actor) if files is None else files
    apart = set(
        db.exec(
            select(SetApart.person_id, SetApart.other_id).where(
                SetApart.agency_id == actor.agency_id
            )
        )
    )
    return [
        Proposal(mine[pair.one][1], mine[pair.other][1], pair.like)
        for pair in likeness.pairs(known for known, _ in mine.values())
        if (pair.one, pair.other) not in apart and (pair.other, pair.one) not in apart
    ]


def both(
    db: Session, actor: Actor, one: UUID, other: UUID, *, hold: bool = False
) -> tuple[Person, Person]:
    """The two files, when the actor's agency recorded and reads both; NotFound otherwise."""
    found = {}
    if one != other:
        mine = readable(actor).with_only_columns(col(PersonIdentity.person_id)).order_by(None)
        wanted = select(Person).where(col(Person.id).in_((one, other)), col(Person.id).in_(mine))
        wanted = wanted.order_by(col(Person.id))
        found = {p.id: p for p in db.exec(wanted.with_for_update() if hold else wanted)}
    if len(found) != 2:
        raise NotFound("Ces dossiers n’existent pas.")
    return found[one], found[other]


def reads(db: Session, actor: Actor, person_id: UUID) -> bool:
    """Whether the actor's agency recorded this file and the actor reads it."""
    return db.execute(readable(actor).where(col(Person.id) == person_id)).first() is not None


def readable(actor: Actor) -> Select[Any]:
    person = col(PersonIdentity.person_id)
    return (
        columns(*NAMED)
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
