"""Changing agencies and who works for them."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock, outbox
from coordination.agencies.actors import Actor
from coordination.agencies.models import (
    MEMBERSHIP_ROLES,
    Agency,
    AgencyKind,
    Membership,
    Professional,
    Role,
)
from coordination.errors import Invalid, NotFound, Refused


def found_agency(
    db: Session, *, name: str, kind: AgencyKind, email: str, phone: str, sensitive: bool,
    actor: Actor,
) -> Agency:  # fmt: skip
    """A new agency. Two of one name and kind are refused: it is the same, typed twice."""
    known = select(Agency.id).where(Agency.name == name, Agency.kind == kind)
    if db.exec(known).first():
        raise Invalid("Une structure de ce nom existe déjà.", field="name")
    agency = Agency(name=name, kind=kind, email=email, phone=phone, sensitive=sensitive)
    db.add(agency)
    db.flush()
    audit.act(db, actor, "agency.founded", about=agency.id)
    return agency


def change_agency(db: Session, agency: Agency, *, actor: Actor, **changes: str) -> None:
    """Change what an agency says of itself (address, phone, mail, tool)."""
    for column, value in changes.items():
        setattr(agency, column, value)
    agency.version += 1
    audit.act(db, actor, "agency.changed", about=agency.id)


def welcome(
    db: Session, *, agency: Agency, given_name: str, usual_name: str, email: str, function: str,
    role: Role, actor: Actor,
) -> Professional:  # fmt: skip
    """A professional of the agency from today, invited by mail. One already known by this address
    gets one more membership."""
    if role not in MEMBERSHIP_ROLES:
        raise Invalid("Cette fonction n’est pas celle d’une structure.", field="role")
    known = db.exec(select(Professional).where(Professional.email == email.casefold())).first()
    professional = known or Professional(
        given_name=given_name, usual_name=usual_name, email=email.casefold(), function=function
    )
    db.add(professional)
    db.flush()
    if _belongs(db, professional.id, agency.id, role):
        raise Invalid("Cette personne a déjà cette fonction dans la structure.", field="email")
    db.add(
        Membership(
            professional_id=professional.id, agency_id=agency.id, role=role, from_on=clock.today()
        )
    )
    outbox.post(db, "signin.invited", professional=professional.id, about=professional.id)
    audit.act(db, actor, "agency.welcomed", about=professional.id, role=role.value)
    return professional


def part_from(db: Session, *, agency: Agency, professional_id: UUID, actor: Actor) -> None:
    """End a professional's memberships in this agency. Their sessions end at the next request: what
    someone is, is read anew each time. An agency keeps an administrator."""
    mine = _memberships(db, agency.id)
    theirs = [m for m in mine if m.professional_id == professional_id]
    if not theirs:
        raise NotFound("Cette personne ne travaille pas ici.")
    left = [m for m in mine if m.role is Role.AGENCY_ADMIN and m.professional_id != professional_id]
    if any(m.role is Role.AGENCY_ADMIN for m in theirs) and not left:
        raise Refused("Une structure garde au moins une personne qui l’administre.")
    for membership in theirs:
        if membership.from_on == clock.today():
            db.delete(membership)  # it began today: yesterday would be before it
        else:
            membership.until_on = clock.today() - timedelta(days=1)
    audit.act(db, actor, "agency.parted", about=professional_id)


def _memberships(db: Session, agency_id: UUID) -> list[Membership]:
    today = clock.today()
    return list(
        db.exec(
            select(Membership).where(
                Membership.agency_id == agency_id,
                Membership.from_on <= today,
                col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
            )
        )
    )


def _belongs(db: Session, professional_id: UUID, agency_id: UUID, role: Role) -> bool:
    return any(
        m.professional_id == professional_id and m.role is role for m in _memberships(db, agency_id)
    )
