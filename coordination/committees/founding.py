"""Founding a committee: its kind, its area, its first secretary, its member agencies.

From an empty base too: a Région that is missing is written on the way.
"""

from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Professional, Region, Territory
from coordination.committees import members
from coordination.committees.models import (
    Committee,
    CommitteeKind,
    MandateRole,
)
from coordination.directory.reference import geography


def kinds(db: Session) -> list[tuple[str, str]]:
    """(id, name) of every kind one can choose."""
    rows = db.exec(select(CommitteeKind).order_by(CommitteeKind.name, col(CommitteeKind.id)))
    return [(str(kind.id), kind.name) for kind in rows]


def region(db: Session, code: str) -> Region | None:
    """The Région of that INSEE code, written now if it is a real one."""
    found = db.exec(select(Region).where(Region.code == code)).first()
    known = geography.region(code)
    if found is not None or known is None:
        return found
    made = Region(code=known.code, name=known.nom)
    db.add(made)
    db.flush()
    return made


def found(
    db: Session,
    *,
    kind: CommitteeKind,
    name: str,
    region_id: UUID | None = None,
    territory_id: UUID | None = None,
    territory_name: str = "",
    place: str = "",
    controllers: str = "",
    actor: Actor,
) -> Committee:
    """A committee without anyone yet: `seat_secretary` comes next, in the same transaction."""
    if territory_id is None and territory_name and region_id:
        territory = Territory(region_id=region_id, name=territory_name)
        db.add(territory)
        db.flush()
        territory_id = territory.id
    committee = Committee(
        kind_id=kind.id,
        region_id=region_id,
        territory_id=territory_id,
        name=name,
        place=place,
        controllers=controllers,
    )
    db.add(committee)
    db.flush()
    audit.act(db, actor, "committee.founded", about=committee.id, kind=kind.slug)
    return committee


def seat_secretary(
    db: Session,
    committee: Committee,
    who: Professional,
    *,
    agency: Agency | None,
    chairs_too: bool = False,
    actor: Actor,
) -> None:
    """The first secretary, who may preside too. Their agency need not be a member."""
    agency_id = agency.id if agency else None
    members.give(db, committee, who, role=MandateRole.SECRETARY, agency_id=agency_id, actor=actor)
    if chairs_too:
        members.give(db, committee, who, role=MandateRole.CHAIR, agency_id=agency_id, actor=actor)
    if who.id != actor.professional_id:
        members.send_access(db, committee, who)
