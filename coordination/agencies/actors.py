"""The actor: who is acting, for which agency, with which roles. A frozen value."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.models import Agency, Grant, Membership, Professional, Role


class ActorKind(StrEnum):
    PROFESSIONAL = "professional"
    PERSON_LINK = "person_link"
    AGENCY_LINK = "agency_link"
    CLOCK = "clock"
    COMMAND = "command"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Actor:
    """Who acts. `roles` are the agency roles; `grants` pairs (role, scope)."""

    kind: ActorKind
    name: str = ""
    professional_id: UUID | None = None
    agency_id: UUID | None = None
    agency_name: str = ""
    memberships: tuple[tuple[UUID, str], ...] = ()
    roles: frozenset[Role] = frozenset()
    grants: frozenset[tuple[Role, UUID | None]] = frozenset()
    about_id: UUID | None = None  # the one thing a link opens
    link_id: UUID | None = None
    region_id: UUID | None = field(default=None)

    @property
    def all_roles(self) -> frozenset[Role]:
        return self.roles | {role for role, _ in self.grants}

    def holds(self, role: Role, scope_id: UUID | None) -> bool:
        """Whether this grant is held, on this scope or everywhere."""
        return (role, scope_id) in self.grants or (role, None) in self.grants

    def scopes(self, *roles: Role) -> set[UUID]:
        return {scope for role, scope in self.grants if role in roles and scope is not None}

    @property
    def context(self) -> dict[str, str]:
        """What PostgreSQL is told for the length of a transaction."""
        return {
            "kind": self.kind.value,
            "agency": str(self.agency_id or ""),
            "professional": str(self.professional_id or ""),
            "person": str(self.about_id or "") if self.kind is ActorKind.PERSON_LINK else "",
        }


ANONYMOUS = Actor(ActorKind.ANONYMOUS, "Visiteur", roles=frozenset({Role.ANONYMOUS}))
CLOCK = Actor(ActorKind.CLOCK, "Horloge", roles=frozenset({Role.CLOCK}))
COMMAND = Actor(ActorKind.COMMAND, "Ligne de commande", roles=frozenset({Role.COMMAND}))


def of_professional(
    db: Session, professional_id: UUID, *, agency_id: UUID | None = None, on: date | None = None
) -> Actor | None:
    """The actor a professional is today, for one of their agencies (the first by default).

    None when disabled, or with neither membership nor grant in force.
    """
    day = on or clock.today()
    professional = db.get(Professional, professional_id)
    if professional is None or professional.disabled:
        return None
    found = db.exec(
        select(Membership.role, Agency.id, Agency.name, Agency.region_id)
        .join(Agency, col(Agency.id) == Membership.agency_id)
        .where(
            Membership.professional_id == professional_id,
            Membership.from_on <= day,
            or_(col(Membership.until_on).is_(None), col(Membership.until_on) >= day),
            or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > day),
        )
        .order_by(Agency.name, col(Agency.id))
    ).all()
    grants = db.exec(
        select(Grant.role, Grant.scope_id).where(
            Grant.professional_id == professional_id,
            Grant.from_on <= day,
            or_(col(Grant.until_on).is_(None), col(Grant.until_on) >= day),
        )
    ).all()
    if not found and not grants:
        return None
    agencies = {agency: (name, region) for _, agency, name, region in found}
    chosen = agency_id if agency_id in agencies else next(iter(agencies), None)
    name, region = agencies[chosen] if chosen else ("", None)
    return Actor(
        ActorKind.PROFESSIONAL,
        professional.name,
        professional_id=professional.id,
        agency_id=chosen,
        agency_name=name,
        memberships=tuple((agency, label) for agency, (label, _) in agencies.items()),
        roles=frozenset(Role(role) for role, agency, _, _ in found if agency == chosen),
        grants=frozenset((Role(role), scope) for role, scope in grants),
        region_id=region,
    )
