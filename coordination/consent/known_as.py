"""Other files of the same human being, as one agency's review said: told to those who may read who
both files are about, while they may."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col

from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import restricted, rule
from coordination.consent.models import ReachKind
from coordination.db import columns
from coordination.persons import same
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity

KINDS = (ReachKind.OWN, ReachKind.PARTY, ReachKind.REFERRAL, ReachKind.MEETING)


class Other(NamedTuple):
    id: UUID
    name: str
    reference: str
    agency: str  # "" for one's own
    readable: rule.Readable  # who it is about, and why that is told


def of(db: Session, actor: Actor, persons: Collection[UUID]) -> Mapping[UUID, list[Other]]:
    """For each of these files, the others of the same person, by reference. As many queries for a
    hundred files as for one."""
    tied = same.others(db, actor.agency_id, persons)
    if not tied:
        return {}
    told = _told(db, actor, {*tied, *(other for ends in tied.values() for other in ends)})
    return {
        key: sorted((told[end] for end in ends if end in told), key=lambda one: one.reference)
        for key, ends in tied.items()
        if key in told and ends & set(told)
    }


def called(name: str, sensitive: bool) -> str:
    """An agency whose name alone would tell something of the person is not named beside them."""
    return "une structure partenaire" if sensitive else name


def _told(db: Session, actor: Actor, files: Collection[UUID]) -> dict[UUID, Other]:
    readable = rule.readable(
        db,
        agency_id=actor.agency_id,
        professional_id=actor.professional_id,
        persons=files,
        kinds=KINDS,
    )
    named = [key for key, categories in readable.items() if Category.IDENTITY in categories]
    person = col(PersonIdentity.person_id)
    rows = db.execute(
        columns(person.label("id"), PersonIdentity.usual_name, PersonIdentity.given_names,
                Person.reference, Person.agency_id, col(Agency.name).label("agency"),
                Agency.sensitive)
        .join(Person, col(Person.id) == person)
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(person.in_(named), col(Person.erased_at).is_(None), restricted.open_to(actor))
    )  # fmt: skip
    return {
        row.id: Other(
            row.id,
            f"{row.usual_name.upper()} {row.given_names}",
            row.reference,
            "" if row.agency_id == actor.agency_id else called(row.agency, row.sensitive),
            {Category.IDENTITY: readable[row.id][Category.IDENTITY]},
        )
        for row in rows
    }
