"""A contact, or a missed one: ten seconds to write."""

from datetime import date, timedelta

from sqlmodel import Session

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys.models import Channel, Contact, Journey, Presence
from coordination.journeys.touch import touch
from coordination.persons.models import Person


def record(
    db: Session,
    journey: Journey,
    *,
    on_day: date,
    channel: Channel,
    actor: Actor,
    with_person: bool = True,
    presence: Presence = Presence.PRESENT,
    note: str = "",
) -> Contact:
    """Keep a contact. Only those with the person, who was there, count against silence."""
    if on_day > clock.today():
        raise Invalid("Ce contact est dans l’avenir : notez-le quand il a eu lieu.", field="on_day")
    if on_day < clock.today() - timedelta(days=3660):
        raise Invalid("Ce contact a plus de dix ans : vérifiez l’année.", field="on_day")
    contact = Contact(
        journey_id=journey.id,
        agency_id=actor.agency_id or journey.agency_id,
        professional_id=actor.professional_id,
        on_day=on_day,
        channel=channel,
        with_person=with_person,
        presence=presence,
        note=note,
    )
    db.add(contact)
    person = db.get_one(Person, journey.person_id)
    audit.act(db, actor, "journey.contact", about=journey.id, person=person.id, salt=person.salt,
              channel=channel.value, presence=presence.value)  # fmt: skip
    touch(db, journey.id)
    return contact
