"""What minutes say: the nameless document, and what each agency's annex adds. Reads only."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import labels
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries, situations
from coordination.committees.minutes import wording
from coordination.committees.models import (
    AgendaItem,
    Attendance,
    Decision,
    DecisionDestination,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
    Section,
)
from coordination.consent import rule
from coordination.db import past_walls
from coordination.directory.models import Service
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonFact, PersonIdentity
from coordination.web import french

SHOWN = (ItemState.ACCEPTED, ItemState.EXAMINED, ItemState.CARRIED, ItemState.WITHDRAWN)
PARTNER = "une structure partenaire"


class Decided(NamedTuple):
    decision_id: UUID
    outcome: str
    text: str
    lines: tuple[str, ...]


class Deed(NamedTuple):
    agency: str
    what: str
    due_on: date | None


class Point(NamedTuple):
    """One item. `name` is None in the nameless document; `facts` are (category, lines)."""

    item_id: UUID
    number: int | None
    section: Section
    title: str
    name: str | None
    context: str
    sentences: tuple[str, ...]
    decisions: tuple[Decided, ...]
    actions: tuple[Deed, ...]
    state: str
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Content(NamedTuple):
    attendance: tuple[tuple[str, str, str, str], ...]  # agency, name, function, presence
    points: tuple[Point, ...]
    withheld: int  # people whose situation was examined, and whom it does not name
    persons: frozenset[UUID]  # named inside


def nameless(db: Session, meeting: Meeting) -> Content:
    """The main document: nobody is named, in titles nor in the texts that were typed."""
    return _gather(db, meeting, agency_id=None)


def for_agency(
    db: Session, meeting: Meeting, agency_id: UUID, *, professional_id: UUID | None = None
) -> Content:
    """One agency's annex: the situations that consent (or its own files) opens for it today, by
    name, with the categories it may read; the others are only counted. For one professional of it,
    without those that they left the room for."""
    content = _gather(db, meeting, agency_id=agency_id, professional_id=professional_id)
    named = tuple(p for p in content.points if p.name)
    return content._replace(points=named)


@past_walls
def names_to_hide(
    db: Session, items: Iterable[AgendaItem], shown: dict[UUID, situations.Situation]
) -> list[str]:
    """Every name of the people discussed that this document may not say: read to be veiled."""
    secret = {i.person_id for i in items if i.person_id and not shown[i.id].name}
    found = db.exec(select(PersonIdentity).where(col(PersonIdentity.person_id).in_(secret)))
    names: list[str] = []
    for identity in found:
        names += [identity.usual_name, identity.birth_name, *identity.given_names.split()]
    return names


def _gather(
    db: Session, meeting: Meeting, *, agency_id: UUID | None, professional_id: UUID | None = None
) -> Content:
    items = [i for i in db.exec(queries.items(meeting.id)) if i.state in SHOWN]
    items.sort(key=lambda i: (i.number is None, i.number or 0, i.rank))
    shown = situations.for_agency(db, items, agency_id=agency_id, professional_id=professional_id)
    hidden = names_to_hide(db, items, shown)
    decided = _decisions(db, meeting, agency_id, hidden)
    actions = _actions(db, meeting, agency_id, hidden)
    facts = _facts(db, shown, agency_id) if agency_id else {}
    points = [
        Point(
            item.id,
            item.number,
            item.section,
            shown[item.id].title if item.id in shown else item.title,
            shown[item.id].name if item.id in shown else None,
            _context(item),
            tuple(item.snapshot.get("sentences", [])),
            tuple(decided[item.id]),
            tuple(actions[item.id]),
            labels.of(item.state),
            facts.get(item.id, ()),
        )
        for item in items
    ]
    persons = frozenset(s.person_id for s in shown.values() if s.person_id)
    examined = {
        i.person_id for i in items if i.state is ItemState.EXAMINED and i.person_id not in persons
    } - {None}
    return Content(_attendance(db, meeting), tuple(points), len(examined), persons)


def _context(item: AgendaItem) -> str:
    parts = (item.snapshot.get("programme", ""), item.snapshot.get("agency", ""))
    return " · ".join(p for p in parts if p)


def _decisions(
    db: Session, meeting: Meeting, agency_id: UUID | None, hidden: list[str]
) -> dict[UUID, list[Decided]]:
    found: dict[UUID, list[Decided]] = defaultdict(list)
    rows = db.exec(
        select(Decision)
        .where(Decision.meeting_id == meeting.id, Decision.state != DecisionState.WITHDRAWN)
        .order_by(col(Decision.created_at), col(Decision.id))
    ).all()
    going = _destinations(db, [d.id for d in rows], agency_id)
    tellers = _names_of(db, {d.teller_id for d in rows if d.teller_id})
    for decision in rows:
        lines = list(going[decision.id])
        if decision.until_on:
            lines.append(f"Jusqu’au {french.day(decision.until_on)}.")
        if decision.relay:
            lines.append(f"Relais\u00a0: {wording.veil(decision.relay, hidden)}")
        if decision.teller_id:
            by = f", avant le {french.day(decision.tell_by)}" if decision.tell_by else ""
            lines.append(f"La personne est prévenue par {tellers[decision.teller_id]}{by}.")
        if decision.dissent:
            lines.append(f"Avis différent\u00a0: {wording.veil(decision.dissent, hidden)}")
        said = wording.veil(decision.wording or decision.text, hidden)
        found[decision.item_id].append(
            Decided(decision.id, labels.of(decision.outcome), said, tuple(lines))
        )
    return found


def _destinations(
    db: Session, decisions: list[UUID], agency_id: UUID | None
) -> dict[UUID, list[str]]:
    """Where each orientation goes, in words; a sensitive agency is named to itself only."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = db.exec(
        select(DecisionDestination, Agency, Service.name)
        .join(Agency, col(Agency.id) == DecisionDestination.agency_id)
        .outerjoin(Service, col(Service.id) == DecisionDestination.service_id)
        .where(col(DecisionDestination.decision_id).in_(decisions))
        .order_by(col(DecisionDestination.rank), col(DecisionDestination.id))
    )
    for destination, agency, service in rows:
        hidden = agency.sensitive and agency.id != agency_id
        name = PARTNER if hidden else agency.name + (f", {service}" if service else "")
        found[destination.decision_id].append(f"Vers {name}.")
    return found


def _actions(
    db: Session, meeting: Meeting, agency_id: UUID | None, hidden: list[str]
) -> dict[UUID | None, list[Deed]]:
    found: dict[UUID | None, list[Deed]] = defaultdict(list)
    rows = db.exec(
        select(FollowUp, Agency)
        .join(Agency, col(Agency.id) == FollowUp.agency_id)
        .where(FollowUp.meeting_id == meeting.id)
        .order_by(col(FollowUp.due_on), col(FollowUp.id))
    )
    for action, agency in rows:
        name = PARTNER if agency.sensitive and agency.id != agency_id else agency.name
        what = wording.veil(action.what, hidden)
        found[action.item_id].append(Deed(name, what, action.due_on))
    return found


def _facts(
    db: Session, shown: dict[UUID, situations.Situation], agency_id: UUID
) -> dict[UUID, tuple[tuple[str, tuple[str, ...]], ...]]:
    """What the agency may read of each person, category by category."""
    found = {}
    for item_id, situation in shown.items():
        if situation.person_id is not None:
            lines = _facts_of(db, situation.person_id, situation.readable, agency_id)
            found[item_id] = tuple((labels.of(c), tuple(ls)) for c, ls in lines if ls)
    return found


def _facts_of(
    db: Session, person_id: UUID, readable: rule.Readable, agency_id: UUID
) -> Iterable[tuple[Category, list[str]]]:
    if Category.IDENTITY in readable:
        identity = db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == person_id)
        ).one_or_none()
        if identity is not None:
            yield Category.IDENTITY, _identity(identity)
    allowed = [category for category in readable if category is not Category.IDENTITY]
    by_category: dict[Category, list[str]] = {category: [] for category in allowed}
    rows = db.exec(
        select(PersonFact)
        .join(Person, col(Person.id) == PersonFact.person_id)
        .where(
            PersonFact.person_id == person_id,
            col(PersonFact.category).in_(allowed),
            or_(
                col(PersonFact.agency_id) == Person.agency_id,
                col(PersonFact.agency_id) == agency_id,
            ),
        )
        .order_by(PersonFact.code, col(PersonFact.id))
    )
    for fact in rows:
        name = labels.FACTS.get(fact.code, ("", fact.code))[1]
        by_category[fact.category].append(f"{name}\u00a0: {fact.value}")
    yield from by_category.items()


def _identity(identity: PersonIdentity) -> list[str]:
    lines = [f"Né·e le {french.day(identity.birth_on)}"] if identity.birth_on else []
    contact = ", ".join(part for part in (identity.phone, identity.email) if part)
    return [*lines, *([contact] if contact else [])]


def _attendance(db: Session, meeting: Meeting) -> tuple[tuple[str, str, str, str], ...]:
    rows = db.exec(
        select(Attendance, Agency.name)
        .outerjoin(Agency, col(Agency.id) == Attendance.agency_id)
        .where(Attendance.meeting_id == meeting.id)
        .order_by(Agency.name, Attendance.name, col(Attendance.id))
    )
    return tuple(
        (agency or "—", who.name, who.function, labels.of(who.presence)) for who, agency in rows
    )


def _names_of(db: Session, professionals: set[UUID]) -> dict[UUID, str]:
    found = db.exec(select(Professional).where(col(Professional.id).in_(professionals)))
    return {who.id: who.name for who in found}
