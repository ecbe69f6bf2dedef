"""What a referral shows of a person, category by category: the sender's preview and the recipient's
page are made by the same function. Only what the categories open is fetched."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from coordination import labels
from coordination.agencies.models import Professional
from coordination.db import columns
from coordination.journeys.models import Journey, Referent, Step
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact, PersonIdentity, PersonNote
from coordination.programmes.models import Programme
from coordination.referrals.models import Referral
from coordination.web import french

MOST_NOTES = 5


class Line(NamedTuple):
    code: str  # what the list of fields keeps
    label: str
    value: str


class Part(NamedTuple):
    category: Category
    label: str
    lines: list[Line]


def parts(db: Session, referral: Referral, categories: Collection[Category]) -> list[Part]:
    """One part per category, in their order; an empty one says that nothing is recorded there."""
    found: dict[Category, list[Line]] = {c: [] for c in Category if c in categories}
    if Category.IDENTITY in found:
        found[Category.IDENTITY] = _identity(db, referral)
    facts = columns(PersonFact.category, PersonFact.code, PersonFact.value).where(
        col(PersonFact.person_id) == referral.person_id,
        col(PersonFact.category).in_(list(found)),
    )
    for category, code, value in db.execute(facts.order_by(PersonFact.code)):
        _, label = labels.FACTS.get(code, (category, code))
        found[category].append(Line(f"fact.{code}", label, value))
    if Category.STEPS in found:
        found[Category.STEPS] += _steps(db, referral)
    if Category.NOTES in found:
        found[Category.NOTES] += _notes(db, referral)
    return [Part(category, labels.of(category), lines) for category, lines in found.items()]


def name_of(db: Session, referral: Referral, categories: Collection[Category]) -> str | None:
    if Category.IDENTITY not in categories:
        return None
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == referral.person_id)
    ).first()
    return identity.name if identity else None


def _identity(db: Session, referral: Referral) -> list[Line]:
    known = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == referral.person_id)
    ).first()
    if known is None:
        return []
    town = " ".join(word for word in (known.postcode, known.commune_name) if word)
    lines = [
        Line("identity.name", "Nom et prénom", known.name),
        Line("identity.birth_on", "Née ou né le", french.day(known.birth_on)),
        Line("identity.phone", "Téléphone", known.phone),
        Line("identity.email", "Courriel", known.email),
        Line("identity.address", "Adresse", ", ".join(w for w in (known.address, town) if w)),
    ]
    return [line for line in lines if line.value and line.value != "—"]


def _steps(db: Session, referral: Referral) -> list[Line]:
    journey, programme = db.execute(
        columns(Journey, Programme.name)
        .join(Programme, col(Programme.id) == Journey.programme_id)
        .where(col(Journey.id) == referral.journey_id)
    ).one()
    lines = [
        Line("journey.programme", "Dispositif", programme),
        Line("journey.state", "Où en est le parcours", labels.of(journey.state)),
        Line("journey.entered_on", "Entrée", french.day(journey.entered_on)),
        Line("journey.planned_end_on", "Fin prévue", french.day(journey.planned_end_on)),
    ]
    referents = db.exec(
        select(Professional)
        .join(Referent, col(Referent.professional_id) == Professional.id)
        .where(Referent.journey_id == journey.id, col(Referent.until_on).is_(None))
        .order_by(col(Referent.from_on), col(Referent.id))
    )
    lines += [Line("journey.referent", "Référent·e", who.name) for who in referents]
    steps = db.exec(
        select(Step).where(Step.journey_id == journey.id).order_by(col(Step.from_on), col(Step.id))
    )
    lines += [Line("journey.step", labels.of(step.kind), _step_in_words(step)) for step in steps]
    return lines


def _step_in_words(step: Step) -> str:
    start, end = step.from_on or step.planned_from, step.until_on or step.planned_until
    return " · ".join(word for word in (step.label, _dates(start, end)) if word)


def _dates(start: date | None, end: date | None) -> str:
    if start and end:
        return f"du {french.day(start)} au {french.day(end)}"
    return f"depuis le {french.day(start)}" if start else ""


def _notes(db: Session, referral: Referral) -> list[Line]:
    found = db.exec(
        select(PersonNote)
        .where(
            PersonNote.person_id == referral.person_id,
            PersonNote.agency_id == referral.sender_id,
        )
        .order_by(col(PersonNote.created_at).desc(), col(PersonNote.id))
        .limit(MOST_NOTES)
    )
    return [Line("note", french.stamp(note.created_at), note.text) for note in found]
