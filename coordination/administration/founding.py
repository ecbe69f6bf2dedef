"""The first administrator of an empty base, and sign-in links made by the command."""

from sqlalchemy import Engine, func
from sqlmodel import Session, select

from coordination import audit, clock, db, links
from coordination.agencies.actors import COMMAND
from coordination.agencies.models import Grant, Professional, Role
from coordination.committees.models import DEFAULT_SECTIONS, CommitteeKind
from coordination.errors import NotFound
from coordination.links import LinkKind
from coordination.programmes import catalogue
from coordination.programmes.models import Programme, ProgrammeRule

KINDS = (
    ("copass", "COPASS", 8),
    ("commission", "Commission d’orientation", 7),
    ("copiter", "COPITER", 26),
)
COLUMNS = (
    "max_duration_months", "suspension_max_months", "interstitial_max_months",
    "contact_every_days", "block_weeks", "block_renewals",
)  # fmt: skip


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
        plant_catalogue(session)
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


def plant_catalogue(session: Session) -> None:
    """The programmes of the guide, each with its rules from the first day."""
    known = set(session.exec(select(Programme.slug)))
    for entry in catalogue.entries():
        if entry.slug in known:
            continue
        rules = entry.rules.given()
        programme = Programme(
            slug=entry.slug,
            name=entry.name,
            kind=entry.kind,
            carrier=entry.carrier,
            summary=entry.description,
            guide_page=entry.page,
        )
        session.add(programme)
        session.flush()
        session.add(
            ProgrammeRule(
                programme_id=programme.id,
                from_on=clock.today().replace(year=2020, month=1, day=1),
                more={k: v for k, v in rules.items() if k not in COLUMNS},
                **{k: v for k, v in rules.items() if k in COLUMNS},
            )
        )
