"""A contact, or a missed one: ten seconds to write."""

from datetime import date, timedelta

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.errors import Invalid
from coordination.journeys import follow_up, notes
from coordination.journeys.models import Channel, Contact, Journey, Presence


def record(
    db: Session,
    journey: Journey,
    *,
    on_day: date,
    channel: Channel,
    actor: Actor,
    with_person: bool = True,
    with_employer: bool = False,
    presence: Presence = Presence.PRESENT,
    note: str = "",
) -> Contact:
    """Keep a contact. Only those with the person, who was there, count against silence; after the
    exit, it answers what was due with the person, or with the employer."""
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
        with_employer=with_employer,
        presence=presence,
        note=note,
    )
    db.add(contact)
    _records_contacts(db, contact)
    db.flush()
    follow_up.settle(db, journey, contact)
    notes.act(db, journey, "journey.contact", actor, channel=channel.value,
              presence=presence.value)  # fmt: skip
    return contact


def _records_contacts(db: Session, contact: Contact) -> None:
    """From its first contact on, an agency's silence about someone says something."""
    agency = db.get_one(Agency, contact.agency_id)
    if not agency.records_contacts:
        agency.records_contacts = True
