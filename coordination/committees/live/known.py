"""What may be told of a point's journey, category by category: only what the reader's consents open
is ever asked of the base."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import Session, col, select

from coordination import labels
from coordination.committees.models import AgendaItem
from coordination.committees.situations import Situation
from coordination.journeys.models import Contact, Journey, Need, Step, Suspension
from coordination.persons import categories
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact, PersonIdentity
from coordination.signals.models import Demand
from coordination.web import french

ASKED = categories.of("demand")  # the category that opens a demand's texts


class Told(NamedTuple):
    """What is read of the journey: the demand's texts, and lines by category."""

    question: str
    tried: str
    wish: str
    lines: list[tuple[str, list[tuple[str, str]]]]  # category → (term, value)


NOTHING = Told("", "", "", [])


def of(db: Session, item: AgendaItem, shown: Situation | None) -> Told:
    """For one reader. Anonymous: nothing."""
    if shown is None or shown.anonymous or item.person_id is None:
        return NOTHING
    demand = _demand(db, item) if shown.reads(ASKED) else None
    found: dict[Category, list[tuple[str, str]]] = {}
    if shown.reads(Category.IDENTITY):
        found[Category.IDENTITY] = _identity(db, item)
    if shown.reads(Category.STEPS):
        found[Category.STEPS] = _steps(db, item)
    for category, term, value in (*_facts(db, item, shown), *_needs(db, item, shown)):
        found.setdefault(category, []).append((term, value))
    return Told(
        demand.question if demand else "",
        demand.tried if demand else "",
        demand.wish if demand else "",
        [(labels.of(category), found[category]) for category in Category if found.get(category)],
    )


def _demand(db: Session, item: AgendaItem) -> Demand | None:
    return db.get(Demand, item.demand_id) if item.demand_id else None


def _identity(db: Session, item: AgendaItem) -> list[tuple[str, str]]:
    wanted = select(PersonIdentity).where(PersonIdentity.person_id == item.person_id)
    found = db.exec(wanted).first()
    if found is None:
        return []
    lines = [("Naissance", french.day(found.birth_on))] if found.birth_on else []
    return [*lines, ("Commune", found.commune_name)] if found.commune_name else lines


def _steps(db: Session, item: AgendaItem) -> list[tuple[str, str]]:
    journey = db.get(Journey, item.journey_id) if item.journey_id else None
    if journey is None:
        return []
    lines = [("État", labels.of(journey.state))]
    if journey.entered_on:
        lines.append(("Entrée", french.day(journey.entered_on)))
    if journey.planned_end_on:
        lines.append(("Fin prévue", french.day(journey.planned_end_on)))
    lines += [("En pause", _pause(pause)) for pause in _pauses(db, journey)]
    lines += [(labels.of(step.kind), _step(step)) for step in _last_steps(db, journey)]
    if contact := _last_contact(db, journey):
        said = f"{french.day(contact.on_day)} ({labels.of(contact.channel).lower()})"
        lines.append(("Dernier contact", said))
    return lines


def _pauses(db: Session, journey: Journey) -> Iterable[Suspension]:
    wanted = select(Suspension).where(Suspension.journey_id == journey.id)
    return db.exec(wanted.order_by(col(Suspension.from_on).desc()).limit(2)).all()


def _pause(pause: Suspension) -> str:
    until = pause.ended_on or pause.planned_resume_on
    word = "au" if pause.ended_on else "reprise prévue le"
    end = f", {word} {french.day(until)}" if until else ""
    return f"depuis le {french.day(pause.from_on)}{end}"


def _last_steps(db: Session, journey: Journey) -> Iterable[Step]:
    start = col(Step.from_on), col(Step.planned_from)
    wanted = select(Step).where(Step.journey_id == journey.id)
    return db.exec(wanted.order_by(start[0].desc(), start[1].desc(), col(Step.id)).limit(4)).all()


def _step(step: Step) -> str:
    start, end = step.from_on or step.planned_from, step.until_on or step.planned_until
    dates = f"{french.short(start)} – {french.short(end)}" if start else "sans date"
    return f"{step.label}, {dates}" if step.label else dates


def _last_contact(db: Session, journey: Journey) -> Contact | None:
    wanted = select(Contact).where(
        Contact.journey_id == journey.id, col(Contact.with_person).is_(True)
    )
    return db.exec(wanted.order_by(col(Contact.on_day).desc(), col(Contact.id)).limit(1)).first()


def _facts(db: Session, item: AgendaItem, shown: Situation) -> list[tuple[Category, str, str]]:
    wanted = select(PersonFact).where(
        PersonFact.person_id == item.person_id, col(PersonFact.category).in_(shown.readable)
    )
    return [
        (fact.category, labels.FACTS.get(fact.code, ("", fact.code))[1], fact.value)
        for fact in db.exec(wanted.order_by(PersonFact.code, col(PersonFact.id)))
    ]


def _needs(db: Session, item: AgendaItem, shown: Situation) -> list[tuple[Category, str, str]]:
    wanted = select(Need).where(
        Need.journey_id == item.journey_id,
        col(Need.category).in_(shown.readable),
        col(Need.settled_on).is_(None),
    )
    return [
        (need.category, "Besoin", f"{need.label} (depuis le {french.day(need.since_on)})")
        for need in db.exec(wanted.order_by(col(Need.since_on), col(Need.id)))
    ]
