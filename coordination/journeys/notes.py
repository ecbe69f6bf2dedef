"""The three lines that every verb of a journey ends with: its act in the journal, and the journey
to be looked at again."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons.models import Person


def act(
    db: Session,
    journey: Journey,
    verb: str,
    actor: Actor,
    *,
    about: UUID | None = None,
    **facts: Any,
) -> None:
    """`about`: the row that the act is about, the journey itself when it is not said."""
    person = db.get_one(Person, journey.person_id)
    audit.act(db, actor, verb, about=about or journey.id, person=person.id, salt=person.salt,
              **facts)  # fmt: skip
    touch(db, journey.id)
