"""The journey that the recipient opened in its own house from a referral it received: whether it
may, that it did, and which one. The sender is told nothing of it."""

from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import access, audit
from coordination.access import Permission
from coordination.agencies.actors import Actor, ActorKind
from coordination.consent import rule
from coordination.db import beyond, columns
from coordination.errors import NotAllowed, Refused
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.referrals.guards import WrongMoment
from coordination.referrals.models import Referral
from coordination.referrals.states import Status

OFFERED = frozenset({Status.ACCEPTED, Status.WAITLISTED, Status.STARTED})


class NothingToTake(Refused):
    """The identity is not shared with the recipient, or no longer."""


class Opened(NamedTuple):
    id: UUID
    number: str


def offered(actor: Actor, referral: Referral, readable: rule.Readable) -> bool:
    """To who may open a journey in the recipient, signed in, while it reads who it is."""
    return (
        actor.kind is ActorKind.PROFESSIONAL
        and actor.agency_id == referral.recipient_id
        and access.may(actor, Permission.JOURNEY_WRITE)
        and referral.status in OFFERED
        and referral.opened_journey_id is None
        and Category.IDENTITY in readable
    )


def check(actor: Actor, referral: Referral, readable: rule.Readable) -> None:
    """The same, saying why not."""
    if actor.agency_id != referral.recipient_id:
        raise NotAllowed("Ce geste revient à la structure destinataire.")
    if referral.opened_journey_id is not None:
        raise Refused("Un parcours est déjà ouvert chez vous pour cette orientation.")
    if referral.status not in OFFERED:
        raise WrongMoment("Un parcours s’ouvre chez vous une fois l’orientation acceptée.")
    if Category.IDENTITY not in readable:
        raise NothingToTake(
            "La personne ne partage pas, ou plus, son identité avec votre structure : rien n’est "
            "repris, et rien n’a été enregistré."
        )


def hold(db: Session, referral: Referral) -> None:
    """A withdrawal holds the person too: whichever comes second sees what the first left."""
    with beyond(db, "referrals.opened"):
        db.exec(select(Person.id).where(Person.id == referral.person_id).with_for_update()).one()


def note(db: Session, referral: Referral, journey: Journey, *, actor: Actor) -> None:
    """Once: the referral and its sender’s journey stay what they were."""
    referral.opened_journey_id = journey.id
    person = db.get_one(Person, referral.person_id)
    audit.act(db, actor, "referral.opened_here", about=referral.id, person=person.id,
              salt=person.salt, journey=str(journey.id))  # fmt: skip


def of(db: Session, actor: Actor, referral: Referral) -> Opened | None:
    """What was opened, for the recipient’s own readers."""
    if referral.opened_journey_id is None or actor.agency_id != referral.recipient_id:
        return None
    mine = journeys.carried_by(actor).where(Journey.id == referral.opened_journey_id)
    row = db.execute(mine.with_only_columns(col(Journey.id), col(Journey.number))).first()
    return Opened(*row) if row else None


def origin(db: Session, actor: Actor, journey: Journey) -> Opened | None:
    """The referral that this journey was opened from: its number stays to its recipient."""
    with beyond(db, "referrals.opened"):
        row = db.execute(
            columns(Referral.id, Referral.number).where(
                col(Referral.opened_journey_id) == journey.id,
                col(Referral.recipient_id) == actor.agency_id,
            )
        ).first()
    return Opened(*row) if row else None
