"""What administration pages list."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.models import Agency, Grant, Membership, Professional
from coordination.audit import AccessLine, AuditEntry
from coordination.db import columns
from coordination.errors import NotFound


def agencies(words: str = "") -> Select[Any]:
    """(id, name, kind, town, members) by name; `words` must be in the name."""
    today = clock.today()
    found = (
        columns(
            Agency.id, Agency.name, Agency.kind, Agency.commune_name,
            func.count(col(Membership.id)),
        )
        .outerjoin(
            Membership,
            (col(Membership.agency_id) == Agency.id)
            & (col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today)),
        )
        .group_by(col(Agency.id), Agency.name, Agency.kind, Agency.commune_name)
        .order_by(Agency.name, col(Agency.id))
    )  # fmt: skip
    return found.where(col(Agency.name).icontains(words, autoescape=True)) if words else found


def agency(db: Session, agency_id: UUID, *, hold: bool = False) -> Agency:
    wanted = select(Agency).where(Agency.id == agency_id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cette structure n’existe pas.")
    return found


def members(agency_id: UUID) -> Select[Any]:
    """(professional, role, from) of today's members, by name."""
    today = clock.today()
    return (
        columns(Professional, Membership.role, Membership.from_on)
        .join(Membership, col(Membership.professional_id) == Professional.id)
        .where(
            col(Membership.agency_id) == agency_id,
            col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
        )
        .order_by(Professional.usual_name, Professional.given_name, col(Professional.id))
    )


def granted() -> Select[Any]:
    """(professional, role) of those who administer, protect data or watch figures."""
    return (
        columns(Professional, Grant.role)
        .join(Grant, col(Grant.professional_id) == Professional.id)
        .where(col(Grant.role).in_(("admin", "dpo", "pilot")), col(Grant.until_on).is_(None))
        .order_by(Professional.usual_name, col(Professional.id))
    )


def acts(*, before: int | None = None, limit: int = 50) -> Select[Any]:
    """(seq, at, entry) of the chain, newest first."""
    found = columns(AuditEntry.seq, AuditEntry.at, AuditEntry.entry)
    if before is not None:
        found = found.where(col(AuditEntry.seq) < before)
    return found.order_by(col(AuditEntry.seq).desc()).limit(limit)


def consultations(*, limit: int = 50) -> Select[Any]:
    """(at, name, agency, route, categories, ground) of the last openings, newest first."""
    return (
        columns(
            AccessLine.created_at, Professional.usual_name, Professional.given_name, Agency.name,
            AccessLine.route, AccessLine.categories, AccessLine.standing_on, AccessLine.link_id,
        )
        .outerjoin(Professional, col(Professional.id) == AccessLine.professional_id)
        .outerjoin(Agency, col(Agency.id) == AccessLine.agency_id)
        .order_by(col(AccessLine.created_at).desc(), col(AccessLine.id))
        .limit(limit)
    )  # fmt: skip
