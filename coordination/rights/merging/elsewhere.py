"""Files of other agencies that look like one's own: named only where a live referral, or an
agreement to be discussed in committee, opens who they are about to the reader."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import known_as, restricted, rule
from coordination.consent.models import Reach, ReachKind
from coordination.db import columns
from coordination.errors import NotFound
from coordination.persons import likeness, same
from coordination.persons.categories import Category
from coordination.persons.likeness import Known, Like
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity
from coordination.rights.merging import proposals
from coordination.rights.merging.proposals import NAMED, Side

KINDS = (ReachKind.REFERRAL, ReachKind.MEETING)


class Proposal(NamedTuple):
    one: Side
    other: Side
    agency: str  # of the other, as the reader may know it
    like: Like


def of(
    db: Session, actor: Actor, files: Mapping[UUID, tuple[Known, Side]] | None = None
) -> list[Proposal]:
    """Each file of the actor's agency with each of another's that it may be, the surest first."""
    rows = db.execute(_readable(actor)).all()
    if not rows:
        return []
    agencies = {row.id: known_as.called(row.agency, row.sensitive) for row in rows}
    named = columns(PersonIdentifier.person_id, PersonIdentifier.value).where(
        col(PersonIdentifier.person_id).in_(list(agencies)),
        col(PersonIdentifier.agency_id) != actor.agency_id,
    )
    theirs = proposals.described(rows, proposals.numbers(db, named))
    mine = proposals.own_files(db, actor) if files is None else files
    said = same.standing(db, actor.agency_id)
    pairs = likeness.across(
        (known for known, _ in mine.values()), (known for known, _ in theirs.values())
    )
    return [
        Proposal(mine[pair.one][1], theirs[pair.other][1], agencies[pair.other], pair.like)
        for pair in pairs
        if (pair.one, pair.other) not in said
    ]


def both(
    db: Session, actor: Actor, own_id: UUID, other_id: UUID, *, hold: bool = False
) -> tuple[Person, Person]:
    """One's own file and the other agency's, when the actor reads who both are about; NotFound
    otherwise. Held, both are read again: an agreement may have ended while one waited."""
    if hold:
        wanted = select(Person.id).where(col(Person.id).in_((own_id, other_id)))
        db.exec(wanted.order_by(col(Person.id)).with_for_update()).all()
    found = (
        _one(db, own_id, proposals.readable(actor)),
        _one(db, other_id, _readable(actor)),
    )
    if found[0] is None or found[1] is None:
        raise NotFound("Ces dossiers n’existent pas.")
    return found[0], found[1]


def reads(db: Session, actor: Actor, person_id: UUID) -> bool:
    """Whether another agency's file may be compared by the actor: they read who it is about."""
    return _one(db, person_id, _readable(actor)) is not None


def seen(db: Session, actor: Actor, mine: Person, theirs: Person) -> dict[UUID, rule.Readable]:
    """Who each is about, and why the actor is told."""
    found = {}
    for person, kinds in ((mine, (ReachKind.OWN,)), (theirs, KINDS)):
        readable = rule.readable(
            db,
            agency_id=actor.agency_id,
            professional_id=actor.professional_id,
            persons=[person.id],
            kinds=kinds,
        )
        found[person.id] = {Category.IDENTITY: readable[person.id][Category.IDENTITY]}
    return found


def _one(db: Session, person_id: UUID, readable: Select[Any]) -> Person | None:
    these = readable.with_only_columns(col(PersonIdentity.person_id)).order_by(None)
    wanted = select(Person).where(Person.id == person_id, col(Person.id).in_(these))
    return db.exec(wanted.execution_options(populate_existing=True)).one_or_none()


def _readable(actor: Actor) -> Select[Any]:
    person = col(PersonIdentity.person_id)
    met = select(Reach.person_id).where(
        Reach.agency_id == actor.agency_id, col(Reach.kind).in_(KINDS)
    )
    return (
        columns(*NAMED, col(Agency.name).label("agency"), Agency.sensitive)
        .join(Person, col(Person.id) == person)
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(
            person.in_(met),
            col(Person.agency_id) != actor.agency_id,
            col(Person.merged_into_id).is_(None),
            col(Person.erased_at).is_(None),
            rule.sees(actor, person, Category.IDENTITY, kinds=KINDS),
            restricted.open_to(actor),
        )
        .order_by(col(Person.created_at), person)
    )
