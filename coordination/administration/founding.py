"""The first administrator of an empty base, and sign-in links made by the command."""

from sqlalchemy import Engine, func
from sqlmodel import Session, select

from coordination import audit, clock, db, links
from coordination.agencies.actors import COMMAND
from coordination.agencies.models import Grant, Professional, Role
from coordination.committees.models import DEFAULT_SECTIONS, CommitteeKind
from coordination.errors import NotFound
from coordination.links import LinkKind
from coordination.programmes import planting

KINDS = (
    ("copass", "COPASS", 8),
    ("commission", "Commission d’orientation", 7),
    ("copiter", "COPITER", 26),
)


def first_administrator(engine: Engine, *, email: str, given_name: str, usual_name: str) -> str:
    """Write the first account, the kinds of committees and the catalogue; return the token of a
    sign-in link. Refused when somebody administers already."""
    with db.transaction(engine, (audit.chain,)) as session:
        if session.exec(select(Grant.id).where(Grant.role == Role.ADMIN)).first():
            raise SystemExit("Cette base a déjà son administration.")
        first = Professional(given_name=given_name, usual_name=usual_name, email=email.casefold())
        session.add(first)
        session.flush()
        session.add(Grant(professional_id=first.id, role=Role.ADMIN, from_on=clock.today()))
        plant_kinds(session)
        planting.plant(session)
        audit.act(session, COMMAND, "administration.founded", about=first.id)
        return links.make(session, LinkKind.SIGN_IN, professional=first.id)


def sign_in_link(engine: Engine, *, email: str) -> str:
    """A single-use sign-in link for a known professional."""
    with db.transaction(engine, (audit.chain,)) as session:
        found = session.exec(
            select(Professional).where(func.lower(Professional.email) == email.casefold())
        ).one_or_none()
        if found is None or found.disabled:
            raise NotFound("Aucun compte en service n’a cette adresse.")
        audit.act(session, COMMAND, "signin.link_made", about=found.id)
        return links.make(session, LinkKind.SIGN_IN, professional=found.id)


def plant_kinds(session: Session) -> None:
    """The kinds of committees that every installation starts with."""
    known = set(session.exec(select(CommitteeKind.slug)))
    for slug, name, weeks in KINDS:
        if slug not in known:
            sections = [str(section) for section in DEFAULT_SECTIONS]
            session.add(CommitteeKind(slug=slug, name=name, cadence_weeks=weeks, sections=sections))
