"""Where an orientation may go, and which categories each destination would see: their names only,
the contents stay with those whom consent lets read them."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import labels
from coordination.agencies.models import Agency
from coordination.committees import queries
from coordination.committees.live.terms import Destination
from coordination.committees.models import AgendaItem, Committee, Meeting
from coordination.consent import rule
from coordination.consent.models import ConsentCover, Purpose
from coordination.directory import queries as directory
from coordination.directory.models import Service
from coordination.persons.categories import from_bits

MISSING = "l’accord manque\u00a0: l’orientation attendra"


class Offer(NamedTuple):
    """`value` is what the form posts: an agency, or an agency and one of its services."""

    value: str
    label: str
    sees: str


def offers(db: Session, item: AgendaItem, meeting: Meeting) -> list[tuple[str, list[Offer]]]:
    """Groups of destinations: around the table, then the rest of the territory."""
    at_table = queries.agencies_at_table(db, meeting.committee_id)
    committee = db.get_one(Committee, meeting.committee_id)
    seated = select(Agency).where(col(Agency.id).in_(at_table)).order_by(Agency.name)
    near = [a for a in db.exec(seated) if a.id != item.agency_id]
    others: list[Agency] = []
    if committee.territory_id:
        around = directory.open_agencies(territory_id=committee.territory_id, but=item.agency_id)
        others = [a for a in db.exec(around) if a.id not in at_table]
    ids = {agency.id for agency in (*near, *others)}
    services: dict[UUID, list[Service]] = {}
    for service in db.exec(directory.open_services(ids)):
        services.setdefault(service.agency_id, []).append(service)
    seen = sees(db, item.person_id, ids)
    return [
        (title, [offer for agency in group for offer in _offers(agency, services, seen)])
        for title, group in (("Autour de la table", near), ("Sur le territoire", others))
        if group
    ]


def sees(db: Session, person_id: UUID | None, agencies: Collection[UUID]) -> dict[UUID, str]:
    """For each agency: the categories that a referral would show it, in words, or that the
    agreement is missing."""
    if person_id is None:
        return {}
    covered = select(ConsentCover.agency_id).where(
        ConsentCover.person_id == person_id,
        ConsentCover.purpose == Purpose.REFERRAL,
        col(ConsentCover.agency_id).in_(agencies),
    )
    found = dict.fromkeys(agencies, MISSING)
    for agency in set(db.exec(covered)):
        bits, _ = rule.covered_by(
            db, person_id=person_id, agency_id=agency, purpose=Purpose.REFERRAL
        )
        if bits:
            words = ", ".join(labels.of(category).lower() for category in from_bits(bits))
            found[agency] = f"verra\u00a0: {words}"
    return found


def read(value: str, rank: int) -> Destination | None:
    """A posted value; None when it is not one."""
    agency, _, service = value.partition("/")
    try:
        return Destination(UUID(agency), UUID(service) if service else None, rank)
    except ValueError:
        return None


def written(agency_id: UUID, service_id: UUID | None) -> str:
    return f"{agency_id}/{service_id}" if service_id else str(agency_id)


def _offers(
    agency: Agency, services: dict[UUID, list[Service]], seen: dict[UUID, str]
) -> list[Offer]:
    words = seen.get(agency.id, MISSING)
    return [
        Offer(str(agency.id), agency.name, words),
        *(
            Offer(written(agency.id, s.id), f"{agency.name} · {s.name}", words)
            for s in services.get(agency.id, [])
        ),
    ]
