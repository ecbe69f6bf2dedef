"""Who opened a person's file: when, which agency, in which function, and why they could."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from coordination.agencies.models import Agency, Professional
from coordination.audit import AccessLine
from coordination.consent.models import ReachKind
from coordination.persons.models import Person

MOST = 100

# Said to the person.
WHY = {
    ReachKind.OWN: "elle me suit",
    ReachKind.PARTY: "elle prend part à mon parcours",
    ReachKind.REFERRAL: "je suis orienté·e vers elle",
    ReachKind.MEETING: "ma situation passe en comité",
    ReachKind.BREAK_GLASS: "accès d’urgence",
}


class Look(NamedTuple):
    when: datetime
    agency: str
    function: str
    why: str


def at(db: Session, person: Person) -> list[Look]:
    """The latest openings of this person's file."""
    rows = db.exec(
        select(AccessLine, Agency.name, Professional.function)
        .outerjoin(Agency, col(Agency.id) == AccessLine.agency_id)
        .outerjoin(Professional, col(Professional.id) == AccessLine.professional_id)
        .where(AccessLine.person_id == person.id)
        .order_by(col(AccessLine.created_at).desc(), col(AccessLine.id).desc())
        .limit(MOST)
    )
    return [
        Look(line.created_at, agency or "Moi, par mon lien", function or "", _why(line))
        if agency or line.professional_id
        else Look(line.created_at, "Moi, par mon lien", "", "")
        for line, agency, function in rows
    ]


def _why(line: AccessLine) -> str:
    kinds = {part.partition(":")[0] for part in line.standing_on.split()}
    return ", ".join(WHY[kind] for kind in ReachKind if kind.value in kinds)
