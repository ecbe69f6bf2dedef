"""Reading who sits on a committee, and what can be chosen for it. Columns, for lists."""

from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.models import Agency, Membership, Professional, Region, Territory
from coordination.committees.models import Mandate, MandateRole

Options = list[tuple[str, list[tuple[str, str]]]]
_RANK = list(MandateRole)


def seats(db: Session, committee_id: UUID) -> dict[UUID | None, list[dict[str, object]]]:
    """The mandates in force or to come, by agency, in the order of functions."""
    today = clock.today()
    rows = db.execute(
        columns(
            col(Mandate.id),
            col(Mandate.agency_id),
            col(Mandate.role),
            col(Mandate.from_on),
            col(Mandate.until_on),
            col(Professional.usual_name),
            col(Professional.given_name),
            col(Professional.function),
            col(Professional.email),
            _account(today),
        )
        .join(Professional, col(Professional.id) == Mandate.professional_id)
        .where(
            col(Mandate.committee_id) == committee_id,
            or_(col(Mandate.until_on).is_(None), col(Mandate.until_on) >= today),
        )
        .order_by(col(Professional.usual_name), col(Mandate.id))
    ).all()
    found: dict[UUID | None, list[dict[str, object]]] = {}
    for mandate, agency, role, since, until, usual, given, function, email, known in sorted(
        rows, key=lambda row: _RANK.index(row[2])
    ):
        found.setdefault(agency, []).append(
            {
                "id": mandate,
                "name": f"{usual.upper()} {given}",
                "role": labels.of(role),
                "function": function,
                "email": email,
                "from_on": since if since > today else None,
                "until_on": until,
                "pending": agency is not None and not known,
            }
        )
    return found


def _account(today: date) -> ColumnElement[bool]:
    """Whether the professional works for the agency they sit for."""
    return (
        select(Membership.id)
        .where(
            Membership.professional_id == Mandate.professional_id,
            Membership.agency_id == Mandate.agency_id,
            or_(col(Membership.until_on).is_(None), col(Membership.until_on) >= today),
        )
        .exists()
    )


def agency_options(db: Session, region_id: UUID | None) -> Options:
    """(territory, [(id, agency)]) of the agencies at work in the Région, or in none."""
    wanted = (
        select(Agency.id, Agency.name, Territory.name)
        .outerjoin(Territory, col(Territory.id) == Agency.territory_id)
        .where(col(Agency.closed_on).is_(None))
        .order_by(col(Territory.name), Agency.name, col(Agency.id))
    )
    if region_id:
        wanted = wanted.where(
            or_(col(Agency.region_id) == region_id, col(Agency.region_id).is_(None))
        )
    rows = [
        (territory or "Sans territoire", str(key), name) for key, name, territory in db.exec(wanted)
    ]
    return [
        (territory, [(key, name) for _, key, name in group])
        for territory, group in groupby(sorted(rows), key=lambda row: row[0])
    ]


def territory_options(db: Session, region_id: UUID | None) -> list[tuple[str, str]]:
    wanted = select(Territory).order_by(Territory.name, col(Territory.id))
    if region_id:
        wanted = wanted.where(Territory.region_id == region_id)
    return [(str(territory.id), territory.name) for territory in db.exec(wanted)]


def the_region(db: Session, region_id: UUID | None) -> UUID | None:
    """The actor's Région, else the only one of the base, else none: it is then asked."""
    if region_id:
        return region_id
    known = db.exec(select(Region.id).limit(2)).all()
    return known[0] if len(known) == 1 else None
