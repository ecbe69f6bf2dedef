"""How a page of a gesture names the person."""

from uuid import UUID

from sqlmodel import Session, select

from coordination.consent import rule
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity


def name_of(db: Session, person_id: UUID, readable: rule.Readable) -> str:
    """The name for who may read it, the reference otherwise."""
    if Category.IDENTITY in readable:
        wanted = select(PersonIdentity).where(PersonIdentity.person_id == person_id)
        if known := db.exec(wanted).one_or_none():
            return known.name
    return db.get_one(Person, person_id).reference
