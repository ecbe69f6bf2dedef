"""Files under restricted access: violence, a protected address, a member of staff. They exist for
the people named only: the agency's own reach is then one row for each of them, so that the read
rule and PostgreSQL's walls need no other clause."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Membership, Professional
from coordination.consent import reach
from coordination.consent.models import Effect, Reach, ReachKind, Restriction, RestrictionReason
from coordination.errors import Invalid
from coordination.persons.models import Person


def restrict(
    db: Session,
    person: Person,
    *,
    reason: RestrictionReason,
    named: Collection[UUID],
    actor: Actor,
) -> None:
    """From now on only the professionals named open the file, whoever restricts it among them.
    Asked again, it changes who is named and why."""
    known = {one.id for one in db.exec(colleagues(person.agency_id))}
    chosen = {*named, actor.professional_id} & known
    if not set(named) <= known:
        raise Invalid("Choisissez des personnes de votre structure.", field="named")
    if actor.professional_id not in chosen:
        raise Invalid("Seule la structure qui suit la personne restreint son dossier.")
    lived = open_one(db, person)
    if lived is None or lived.reason is not reason:
        _lift(lived)
        db.add(
            Restriction(
                person_id=person.id,
                agency_id=person.agency_id,
                reason=reason,
                professional_id=actor.professional_id,
            )
        )
    person.restricted, person.sharing_version = True, person.sharing_version + 1
    _read_by(db, person, chosen)
    audit.act(db, actor, "person.restrict", person=person.id, salt=person.salt,
              reason=reason.value, named=len(chosen))  # fmt: skip


def lift(db: Session, person: Person, *, actor: Actor) -> None:
    """The whole agency reads the file again."""
    _lift(open_one(db, person))
    person.restricted, person.sharing_version = False, person.sharing_version + 1
    _read_by(db, person, {None})
    audit.act(db, actor, "person.unrestrict", person=person.id, salt=person.salt)


def open_one(db: Session, person: Person) -> Restriction | None:
    return db.exec(
        select(Restriction).where(
            Restriction.person_id == person.id, col(Restriction.lifted_at).is_(None)
        )
    ).first()


def named(db: Session, person: Person) -> list[UUID]:
    """Who reads a restricted file."""
    return [row.professional_id for row in _own(db, person) if row.professional_id]


def reads(db: Session, actor: Actor, person: Person) -> bool:
    """Whether this file exists for the actor: it is not restricted, or they are named."""
    return not person.restricted or (
        actor.agency_id == person.agency_id and actor.professional_id in named(db, person)
    )


def open_to(actor: Actor) -> ColumnElement[bool]:
    """For a query that joins Person: the file is not restricted, or the actor is named."""
    return or_(
        ~col(Person.restricted),
        exists().where(
            col(Reach.person_id) == col(Person.id),
            col(Reach.agency_id) == actor.agency_id,
            col(Reach.professional_id) == actor.professional_id,
            col(Reach.kind) == ReachKind.OWN,
            col(Reach.effect) == Effect.ALLOW,
            col(Reach.until_at).is_(None),
        ),
    )


def colleagues(agency_id: UUID) -> SelectOfScalar[Professional]:
    """Who works in the agency today."""
    today = clock.today()
    working = select(Membership.professional_id).where(
        Membership.agency_id == agency_id,
        Membership.from_on <= today,
        or_(col(Membership.until_on).is_(None), col(Membership.until_on) >= today),
    )
    return (
        select(Professional)
        .where(col(Professional.id).in_(working), col(Professional.disabled).is_(False))
        .order_by(col(Professional.usual_name), col(Professional.given_name), col(Professional.id))
    )


def _lift(lived: Restriction | None) -> None:
    if lived is not None:
        lived.lifted_at = clock.now()


def _read_by(db: Session, person: Person, wanted: Collection[UUID | None]) -> None:
    """The agency's own reach: one row for each of these; None is everyone."""
    for row in _own(db, person):
        if row.professional_id in wanted:
            continue
        if row.from_at >= clock.now():
            db.delete(row)
        else:
            row.until_at = clock.now()
    db.flush()
    for professional_id in sorted(wanted, key=str):
        reach.open_to(db, person_id=person.id, agency_id=person.agency_id, kind=ReachKind.OWN,
                      professional_id=professional_id)  # fmt: skip


def _own(db: Session, person: Person) -> list[Reach]:
    return list(
        db.exec(
            select(Reach).where(
                Reach.person_id == person.id,
                Reach.agency_id == person.agency_id,
                Reach.kind == ReachKind.OWN,
                Reach.effect == Effect.ALLOW,
                col(Reach.until_at).is_(None),
            )
        )
    )
