"""Reading journeys: through reach and consent. `visible_to` is where all reading starts."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, or_, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination.agencies.actors import Actor, ActorKind
from coordination.consent import restricted, rule
from coordination.consent.models import Reach, ReachKind
from coordination.errors import NotFound
from coordination.journeys.models import Journey, Party, PartyRole, Referent
from coordination.persons.categories import Category
from coordination.persons.models import Person

# A party reads the journeys that it takes part in, not the person's others.
_BESIDE = (PartyRole.PRESCRIBER, PartyRole.PARTNER, PartyRole.EMPLOYER)
_WHOLE_PERSON = tuple(kind for kind in ReachKind if kind is not ReachKind.PARTY)
_NOT_OWN = tuple(kind for kind in ReachKind if kind is not ReachKind.OWN)


def visible_to(actor: Actor) -> SelectOfScalar[Journey]:
    """Journeys whose steps the actor may read today."""
    wanted = select(Journey)
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return wanted
    reached = select(col(Reach.person_id)).where(col(Reach.agency_id) == actor.agency_id)
    return wanted.where(
        col(Journey.person_id).in_(reached),  # the index that leads
        rule.sees(actor, Journey.person_id, Category.STEPS),
        or_(
            col(Journey.agency_id) == actor.agency_id,
            _is_party(actor),
            rule.sees(actor, Journey.person_id, Category.STEPS, kinds=_WHOLE_PERSON),
        ),
        _not_restricted(actor),
    )


def latest_of(db: Session, actor: Actor, persons: Collection[UUID]) -> dict[UUID, UUID]:
    """Person → their latest journey that the actor may open."""
    if not persons:
        return {}
    wanted = visible_to(actor).where(col(Journey.person_id).in_(persons))
    rows = db.execute(
        wanted.with_only_columns(col(Journey.person_id), col(Journey.id)).order_by(
            col(Journey.entered_on), col(Journey.id)
        )
    )
    return {row[0]: row[1] for row in rows}


def carried_by(actor: Actor) -> SelectOfScalar[Journey]:
    """Journeys that the actor's agency carries: those it may change."""
    wanted = visible_to(actor)
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return wanted
    return wanted.where(Journey.agency_id == actor.agency_id)


def followed_by(actor: Actor) -> SelectOfScalar[Journey]:
    """Journeys that the actor's agency carries or is a party to: those it may add to."""
    wanted = visible_to(actor)
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return wanted
    return wanted.where(or_(col(Journey.agency_id) == actor.agency_id, _is_party(actor)))


def held_by_agency(db: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """Of a long list: the journeys that the actor's agency carries, then those that another carries
    and it is a party to, if there is any. Whether each may be read is not asked here: see `opens`.
    """
    beside = select(col(Party.journey_id)).where(
        Party.agency_id == actor.agency_id,
        col(Party.role).in_(_BESIDE),
        col(Party.until_on).is_(None),
    )
    carried = col(Journey.agency_id) == actor.agency_id
    if db.exec(beside.limit(1)).first() is None:
        return [carried]
    return [carried, and_(col(Journey.id).in_(beside), ~carried)]


def opens(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor may read a journey of `held_by_agency`. What opens a file of one's own says
    already for whom: only of the others is it asked whether they are restricted. (In a column,
    SQLite works out both sides of an `or`.)"""
    own = rule.sees(actor, Journey.person_id, Category.STEPS, kinds=(ReachKind.OWN,))
    other = rule.sees(actor, Journey.person_id, Category.STEPS, kinds=_NOT_OWN)
    return case((own, true()), (and_(other, _not_restricted(actor)), true()), else_=false())


def one(db: Session, actor: Actor, journey_id: UUID, *, hold: bool = False) -> Journey:
    """The journey, or NotFound: a stranger cannot learn that it exists."""
    return _only(db, visible_to(actor), journey_id, hold)


def own(db: Session, actor: Actor, journey_id: UUID, hold: bool = False) -> Journey:
    """The journey, carried by the actor's agency; NotFound otherwise."""
    return _only(db, carried_by(actor), journey_id, hold)


def of_party(db: Session, actor: Actor, journey_id: UUID, *, hold: bool = False) -> Journey:
    """The journey, when the actor's agency carries it or is a party to it."""
    return _only(db, followed_by(actor), journey_id, hold)


def _only(db: Session, wanted: SelectOfScalar[Journey], journey_id: UUID, hold: bool) -> Journey:
    wanted = wanted.where(Journey.id == journey_id)
    found = db.exec(wanted.with_for_update(of=Journey) if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce parcours n’existe pas.")
    return found


def _is_party(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        col(Party.journey_id) == col(Journey.id),
        col(Party.agency_id) == actor.agency_id,
        col(Party.until_on).is_(None),
    )


def _not_restricted(actor: Actor) -> ColumnElement[bool]:
    """A restricted file exists only for the people named and, elsewhere, for the référents."""
    closed = exists().where(col(Person.id) == col(Journey.person_id), ~restricted.open_to(actor))
    holds_thread = exists().where(
        col(Referent.journey_id) == col(Journey.id),
        col(Referent.professional_id) == actor.professional_id,
        col(Referent.until_on).is_(None),
    )
    return or_(~closed, holds_thread)
