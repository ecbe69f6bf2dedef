"""Two files side by side, field by field; and who would read what, before anything is done."""

from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from coordination import labels
from coordination.agencies.models import Agency
from coordination.consent.models import Consent
from coordination.db import beyond, columns
from coordination.journeys.models import Journey, Need
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.referrals.models import Referral
from coordination.rights.merging import agreements
from coordination.rights.merging.verbs import FIELDS
from coordination.web import french

WORDS = {
    "usual_name": "Nom d’usage",
    "given_names": "Prénoms",
    "birth_name": "Nom de naissance",
    "birth_on": "Date de naissance",
    "phone": "Téléphone",
    "email": "Courriel",
    "address": "Adresse",
    "language": "Langue",
}
FACT = "fact-"  # before a fact's code, in the form


class Line(NamedTuple):
    """One thing said by both files, or by one. `name` is the field where a choice is made."""

    label: str
    mine: str
    theirs: str
    name: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.name and self.mine and self.theirs and self.mine != self.theirs)


class Weight(NamedTuple):
    """How much each file holds, of one kind of thing."""

    label: str
    mine: int
    theirs: int


def lines(db: Session, kept: Person, absorbed: Person) -> list[Line]:
    found = identity_lines(db, kept, absorbed)
    facts_mine, facts_theirs = _facts(db, kept), _facts(db, absorbed)
    for code in sorted(facts_mine.keys() | facts_theirs.keys()):
        label = labels.FACTS[code][1] if code in labels.FACTS else code
        found.append(Line(label, facts_mine.get(code, ""), facts_theirs.get(code, ""), FACT + code))
    return _worth_showing(found)


def who(db: Session, mine: Person, theirs: Person) -> list[Line]:
    """What is compared of a file of another agency: who it is about, and nothing else."""
    return _worth_showing(identity_lines(db, mine, theirs))


def identity_lines(db: Session, one: Person, other: Person) -> list[Line]:
    mine, theirs = (_identity(db, person) for person in (one, other))
    found = [
        Line(WORDS[field], _said(mine, field), _said(theirs, field), field) for field in FIELDS
    ]
    return [*found, Line("Identifiants", _numbers(db, one), _numbers(db, other))]


def _worth_showing(lines: list[Line]) -> list[Line]:
    return [
        line
        for line in lines
        if line.mine or line.theirs
        if line.name != "language" or line.differs  # French, nearly always
    ]


def weights(db: Session, kept: Person, absorbed: Person) -> list[Weight]:
    kinds = (("Parcours", Journey), ("Besoins", Need), ("Orientations", Referral),
             ("Accords et refus", Consent))  # fmt: skip
    return [Weight(label, _count(db, kept, table), _count(db, absorbed, table))
            for label, table in kinds]  # fmt: skip


def closing(db: Session, kept: Person, absorbed: Person) -> list[str]:
    """The agencies whose agreement is to be asked again, by name."""
    with beyond(db, "merging.closing"):
        lost = agreements.closing(db, kept, absorbed)
    wanted = select(Agency.name).where(col(Agency.id).in_(lost))
    return list(db.exec(wanted.order_by(col(Agency.name), col(Agency.id))))


def _identity(db: Session, person: Person) -> PersonIdentity:
    return db.exec(select(PersonIdentity).where(PersonIdentity.person_id == person.id)).one()


def _said(identity: PersonIdentity, field: str) -> str:
    if field == "birth_on":
        return french.day(identity.birth_on) if identity.birth_on else ""
    parts = [getattr(identity, column) for column in FIELDS[field] if column != "commune_code"]
    return ", ".join(part for part in parts if part)


def _numbers(db: Session, person: Person) -> str:
    wanted = select(PersonIdentifier.value).where(PersonIdentifier.person_id == person.id)
    return ", ".join(db.exec(wanted.order_by(col(PersonIdentifier.value))))


def _facts(db: Session, person: Person) -> dict[str, str]:
    wanted = select(PersonFact.code, PersonFact.value).where(
        PersonFact.person_id == person.id, PersonFact.agency_id == person.agency_id
    )
    return dict(db.exec(wanted.order_by(col(PersonFact.code), col(PersonFact.id))).all())


def _count(db: Session, person: Person, table: Any) -> int:
    counted = columns(func.count()).select_from(table).where(col(table.person_id) == person.id)
    return int(db.execute(counted).scalar_one())
