"""Who sits on a committee: member agencies, professionals with dated mandates.

A mandate writes the grant that opens the committee's pages, and the membership of who was not yet
known to their agency. Who leaves is uninvited from the future only.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from coordination import access, audit, clock, outbox
from coordination.access import Permission
from coordination.agencies.actors import Actor
from coordination.agencies.models import (
    Agency,
    AgencyKind,
    Grant,
    Membership,
    Professional,
    Role,
)
from coordination.committees import queries
from coordination.committees.agenda import dossiers
from coordination.committees.meetings import invitations
from coordination.committees.models import (
    Committee,
    CommitteeAgency,
    Mandate,
    MandateRole,
)
from coordination.consent.models import Reach
from coordination.db import beyond
from coordination.errors import Invalid, NotFound, Refused

GRANTED = {
    MandateRole.CHAIR: Role.CHAIR,
    MandateRole.VICE_CHAIR: Role.CHAIR,
    MandateRole.SECRETARY: Role.SECRETARY,
    MandateRole.TITULAR: Role.MEMBER,
    MandateRole.SUBSTITUTE: Role.MEMBER,
}


def add_agency(db: Session, committee: Committee, agency: Agency, *, actor: Actor) -> None:
    """The agency is a member from today. Already one: nothing changes. An agency that nobody had
    placed yet takes the committee's territory: its journeys are looked at there."""
    if agency.closed_on:
        raise Refused("Cette structure a cessé son activité.")
    if agency.id in {known.id for known in db.exec(queries.member_agencies(committee.id))}:
        return
    db.add(CommitteeAgency(committee_id=committee.id, agency_id=agency.id, from_on=clock.today()))
    if agency.territory_id is None and agency.region_id in (None, committee.region_id):
        agency.region_id, agency.territory_id = committee.region_id, committee.territory_id
        agency.version += 1
    committee.version += 1
    dossiers.follow(db, committee.id)
    audit.act(db, actor, "committee.agency_added", about=committee.id, member=str(agency.id))


def new_agency(
    db: Session,
    committee: Committee,
    *,
    name: str,
    kind: AgencyKind,
    email: str = "",
    actor: Actor,
) -> Agency:
    """An agency that nobody had written yet. The same name in the same territory is refused."""
    known = select(Agency.id).where(
        func.lower(Agency.name) == name.lower(), Agency.territory_id == committee.territory_id
    )
    if db.exec(known.limit(1)).first():
        raise Invalid(
            f"« {name} » existe déjà dans ce territoire\u202f: choisissez-la dans la liste."
        )
    agency = Agency(
        name=name,
        kind=kind,
        email=email,
        region_id=committee.region_id,
        territory_id=committee.territory_id,
    )
    db.add(agency)
    db.flush()
    audit.act(db, actor, "agency.created", about=agency.id, kind=kind.value)
    return agency


def remove_agency(db: Session, committee: Committee, agency_id: UUID, *, actor: Actor) -> None:
    """It is a member no more after today; the mandates of its professionals end with it."""
    today = clock.today()
    rows = db.exec(
        select(CommitteeAgency).where(
            CommitteeAgency.committee_id == committee.id,
            CommitteeAgency.agency_id == agency_id,
            or_(col(CommitteeAgency.until_on).is_(None), col(CommitteeAgency.until_on) > today),
        )
    ).all()
    if not rows:
        raise NotFound("Cette structure n’est pas membre du comité.")
    for row in rows:
        row.until_on = today
    for mandate in db.exec(queries.mandates(committee.id)).all():
        if mandate.agency_id == agency_id:
            end(db, committee, mandate, actor=actor)
    committee.version += 1
    dossiers.follow(db, committee.id)
    audit.act(db, actor, "committee.agency_removed", about=committee.id, member=str(agency_id))


def professional(
    db: Session, *, given_name: str, usual_name: str, email: str, function: str = ""
) -> tuple[Professional, bool]:
    """The professional of this address, made if nobody has it: (row, whether it is new)."""
    address = email.strip().casefold()
    known = db.exec(select(Professional).where(func.lower(Professional.email) == address)).first()
    if known is not None:
        if known.disabled:
            raise Invalid("Ce compte est fermé\u202f: adressez-vous à sa structure.", field="email")
        known.function = known.function or function
        return known, False
    made = Professional(
        given_name=given_name, usual_name=usual_name, email=address, function=function
    )
    db.add(made)
    db.flush()
    return made, True


def give(
    db: Session,
    committee: Committee,
    who: Professional,
    *,
    role: MandateRole,
    agency_id: UUID | None,
    from_on: date | None = None,
    until_on: date | None = None,
    actor: Actor,
) -> Mandate:
    """A mandate with its grant, from today by default. Where the agency's accounts may be written
    from here, the membership too (`may_enrol`)."""
    since = from_on or clock.today()
    if until_on and until_on < since:
        raise Invalid("Le mandat ne peut finir avant de commencer.", field="until_on")
    for known in db.exec(queries.mandates(committee.id)):
        if known.professional_id == who.id and GRANTED[known.role] is GRANTED[role]:
            raise Invalid("Cette personne siège déjà à ce titre.", field="email")
    mandate = Mandate(
        committee_id=committee.id,
        professional_id=who.id,
        agency_id=agency_id,
        role=role,
        from_on=since,
        until_on=until_on,
    )
    db.add(mandate)
    db.add(
        Grant(
            professional_id=who.id,
            role=GRANTED[role],
            scope_id=committee.id,
            from_on=since,
            until_on=until_on,
        )
    )
    if agency_id and not _belongs(db, who.id, agency_id) and may_enrol(db, actor, agency_id):
        db.add(
            Membership(
                professional_id=who.id, agency_id=agency_id, role=Role.ADVISER, from_on=since
            )
        )
    committee.version += 1
    dossiers.follow(db, committee.id)
    audit.act(
        db, actor, "committee.mandate_given", about=committee.id, role=role.value, to=str(who.id)
    )
    return mandate


def send_access(db: Session, committee: Committee, who: Professional) -> None:
    """A single-use link by mail, once per committee."""
    outbox.post(
        db,
        "signin.invited",
        professional=who.id,
        about=who.id,
        key=f"signin.invited:{who.id}:{committee.id}",
    )


def end(
    db: Session, committee: Committee, mandate: Mandate, *, on: date | None = None, actor: Actor
) -> None:
    """Its last day (today by default). Ended today, the committee's pages close at once."""
    last = on or clock.today()
    if last < mandate.from_on:
        raise Invalid("Le mandat ne peut finir avant de commencer.", field="on")
    _keep_a_secretary(db, committee, mandate)
    mandate.until_on = last
    db.flush()
    if not _other_reason(db, mandate, last):
        _end_grants(db, mandate, last)
        if not _still_sits(db, mandate, last):
            invitations.uninvite(db, committee.id, mandate.professional_id, after=last)
    committee.version += 1
    dossiers.follow(db, committee.id)
    audit.act(
        db,
        actor,
        "committee.mandate_ended",
        about=committee.id,
        role=mandate.role.value,
        to=str(mandate.professional_id),
    )


def may_enrol(db: Session, actor: Actor, agency_id: UUID) -> bool:
    """Whether this actor may write accounts of the agency. A membership opens the agency's files:
    once there are some, only its own people and the administration may."""
    if actor.agency_id == agency_id or access.may(actor, Permission.ADMINISTER):
        return True
    with beyond(db, "committees.may_enrol"):  # whether there are any: nothing of anyone
        known = select(Reach.id).where(Reach.agency_id == agency_id).limit(1)
        return db.exec(known).first() is None


def _belongs(db: Session, professional_id: UUID, agency_id: UUID | None) -> bool:
    today = clock.today()
    wanted = select(Membership.id).where(
        Membership.professional_id == professional_id,
        Membership.agency_id == agency_id,
        or_(col(Membership.until_on).is_(None), col(Membership.until_on) >= today),
    )
    return db.exec(wanted.limit(1)).first() is not None


def _others(db: Session, mandate: Mandate, last: date) -> list[Mandate]:
    """What the same professional still is on this committee after that day."""
    after = last + timedelta(days=1)
    return [
        other
        for other in db.exec(queries.mandates(mandate.committee_id, on=after))
        if other.professional_id == mandate.professional_id and other.id != mandate.id
    ]


def _other_reason(db: Session, mandate: Mandate, last: date) -> bool:
    role = GRANTED[mandate.role]
    return any(GRANTED[other.role] is role for other in _others(db, mandate, last))


def _still_sits(db: Session, mandate: Mandate, last: date) -> bool:
    return bool(_others(db, mandate, last))


def _end_grants(db: Session, mandate: Mandate, last: date) -> None:
    found = db.exec(
        select(Grant).where(
            Grant.professional_id == mandate.professional_id,
            Grant.role == GRANTED[mandate.role],
            Grant.scope_id == mandate.committee_id,
        )
    ).all()
    until = last if last > clock.today() else clock.today() - timedelta(days=1)
    for grant in found:
        if grant.until_on is not None and grant.until_on <= until:
            continue
        if grant.from_on > until:
            db.delete(grant)
        else:
            grant.until_on = until


def _keep_a_secretary(db: Session, committee: Committee, mandate: Mandate) -> None:
    if mandate.role is not MandateRole.SECRETARY:
        return
    others = queries.mandates(committee.id).where(
        Mandate.role == MandateRole.SECRETARY, Mandate.id != mandate.id
    )
    if db.exec(others.limit(1)).first() is None:
        raise Refused("Un comité garde toujours un secrétariat\u202f: nommez d’abord la relève.")
