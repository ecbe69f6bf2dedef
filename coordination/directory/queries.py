"""Destinations of a referral: agencies and services that can receive, and the places they have."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.models import Agency
from coordination.directory.models import PlaceHold, Service


def open_agencies(
    *, territory_id: UUID | None = None, but: UUID | None = None
) -> SelectOfScalar[Agency]:
    """Agencies that are not closed, by name; of one territory when given."""
    today = clock.today()
    wanted = select(Agency).where(col(Agency.closed_on).is_(None) | (col(Agency.closed_on) > today))
    if territory_id:
        wanted = wanted.where(Agency.territory_id == territory_id)
    if but:
        wanted = wanted.where(Agency.id != but)
    return wanted.order_by(Agency.name, col(Agency.id))


def open_services(agencies: Collection[UUID]) -> SelectOfScalar[Service]:
    """The services of these agencies that are not closed, by name."""
    today = clock.today()
    return (
        select(Service)
        .where(
            col(Service.agency_id).in_(agencies),
            col(Service.closed_on).is_(None) | (col(Service.closed_on) > today),
        )
        .order_by(Service.name, col(Service.id))
    )


def places_left(db: Session, service_id: UUID) -> int | None:
    """Places not held; None where they are not counted."""
    service = db.get_one(Service, service_id)
    if service.places is None:
        return None
    return max(0, service.places - _held(db, service_id))


def hold_place(db: Session, service_id: UUID, *, held_by: UUID) -> bool:
    """Hold a place under lock; False when the last one is gone. The same one may hold twice."""
    service = db.exec(
        select(Service)
        .where(Service.id == service_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    mine = db.exec(
        select(PlaceHold).where(PlaceHold.service_id == service_id, PlaceHold.held_by == held_by)
    ).first()
    if mine is not None and mine.released_on is None:
        return True
    if service.places is not None and _held(db, service_id) >= service.places:
        return False
    if mine is None:
        db.add(PlaceHold(service_id=service_id, held_by=held_by))
    else:
        mine.released_on = None
    db.flush()
    return True


def release_place(db: Session, *, held_by: UUID) -> None:
    """Give back the place that this referral held, if any."""
    held = select(PlaceHold).where(
        PlaceHold.held_by == held_by, col(PlaceHold.released_on).is_(None)
    )
    for hold in db.exec(held):
        hold.released_on = clock.today()


def _held(db: Session, service_id: UUID) -> int:
    return db.exec(
        select(func.count())
        .select_from(PlaceHold)
        .where(PlaceHold.service_id == service_id, col(PlaceHold.released_on).is_(None))
    ).one()
