"""What a category holds today for one person: the values that a recipient would read. Only for the
agency that recorded them."""

from uuid import UUID

from sqlmodel import Session, col, func, select

from coordination import files, labels
from coordination.journeys.models import Contact, Journey, Need, Step
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonFact, PersonIdentity, PersonNote
from coordination.programmes.models import Programme
from coordination.web import french

Pairs = list[tuple[str, str]]


def of(db: Session, person: Person, journey: Journey) -> dict[Category, Pairs]:
    """(label, value) pairs by category; a category with nothing recorded yet is an empty list."""
    found: dict[Category, Pairs] = {category: [] for category in Category}
    found[Category.IDENTITY] = _identity(db, person)
    found[Category.STEPS] = _steps(db, journey)
    for fact in db.exec(
        select(PersonFact)
        .where(PersonFact.person_id == person.id, PersonFact.agency_id == person.agency_id)
        .order_by(PersonFact.code)
    ):
        known = labels.FACTS.get(fact.code)
        found[fact.category].append((known[1] if known else fact.code, fact.value))
    for need in db.exec(
        select(Need)
        .where(Need.journey_id == journey.id, col(Need.settled_on).is_(None))
        .order_by(col(Need.since_on), col(Need.id))
    ):
        since = f"depuis le {french.day(need.since_on)}"
        found[need.category].append(("Besoin", f"{need.label}, {since}"))
    notes = _count(db, PersonNote, person.id)
    if notes:
        found[Category.NOTES].append(("Notes", french.count(notes, "note")))
    documents = _count(db, files.File, person.id)
    if documents:
        found[Category.DOCUMENTS].append(("Documents", french.count(documents, "document")))
    return found


def _identity(db: Session, person: Person) -> Pairs:
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    if identity is None:
        return []
    said = (
        ("Nom", identity.name),
        ("Naissance", french.day(identity.birth_on) if identity.birth_on else ""),
        ("Téléphone", identity.phone),
        ("Courriel", identity.email),
        (
            "Adresse",
            " ".join(p for p in (identity.address, identity.postcode, identity.commune_name) if p),
        ),
    )
    return [(label, value) for label, value in said if value]


def _steps(db: Session, journey: Journey) -> Pairs:
    programme = db.get_one(Programme, journey.programme_id).name
    said: Pairs = [("Dispositif", programme)]
    if journey.entered_on:
        said.append(("Entrée", french.day(journey.entered_on)))
    if journey.planned_end_on:
        said.append(("Fin prévue", french.day(journey.planned_end_on)))
    for step in db.exec(
        select(Step).where(Step.journey_id == journey.id).order_by(col(Step.created_at))
    ):
        said.append(("Étape", step.label or labels.of(step.kind)))
    contacts = db.exec(
        select(func.count()).select_from(Contact).where(Contact.journey_id == journey.id)
    ).one()
    if contacts:
        said.append(("Contacts", french.count(contacts, "contact")))
    return said


def _count(db: Session, table: type[PersonNote] | type[files.File], person_id: UUID) -> int:
    return db.exec(
        select(func.count()).select_from(table).where(col(table.person_id) == person_id)
    ).one()
