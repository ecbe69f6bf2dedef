"""What the secretary and the members do with an agenda: accept, refuse, add, order, withdraw, carry
over. Freezing is in `freezing.py`."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, func, select

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.committees import queries
from coordination.committees.agenda import cases, dossiers, freezing
from coordination.committees.agenda.carrying import carry_over
from coordination.committees.agenda.freezing import freeze
from coordination.committees.agenda.points import FREE_MINUTES
from coordination.committees.models import AgendaItem, ItemState, Meeting, Section
from coordination.db import past_walls
from coordination.errors import Invalid, Refused
from coordination.journeys.touch import touch
from coordination.persons.models import Person
from coordination.signals import life

__all__ = [
    "accept",
    "accept_all",
    "add",
    "carry_over",
    "freeze",
    "move",
    "order",
    "refuse",
    "set_minutes",
    "withdraw",
]

EDITABLE = (*cases.COMING, *cases.SITTING)
MOST_MINUTES = 240


@past_walls
def accept(db: Session, item: AgendaItem, *, actor: Actor, reason: str = "") -> AgendaItem:
    """Keep a proposed point. On a frozen agenda it enters late: its own number, and a reason."""
    meeting = _editable(db, item)
    if item.state is ItemState.ACCEPTED:
        return item
    if item.state not in (ItemState.PROPOSED, ItemState.OVERFLOW, ItemState.REFUSED):
        raise Refused("Ce point ne peut plus être retenu.")
    if meeting.frozen_at and not reason.strip():
        raise Invalid(
            "L’ordre du jour est figé\u00a0: dites pourquoi ce point s’ajoute.", field="reason"
        )
    item.state, item.reason = ItemState.ACCEPTED, reason.strip() if meeting.frozen_at else ""
    if meeting.frozen_at:
        freezing.number_late(db, meeting, item)
    life.put_on_agenda(db, item.signals)
    _noted(db, meeting, item, "agenda.accept", actor)
    return item


@past_walls
def accept_all(db: Session, meeting: Meeting, *, actor: Actor) -> int:
    """Keep every point that is proposed and fits."""
    proposed = queries.items(meeting.id).where(AgendaItem.state == ItemState.PROPOSED)
    found = db.exec(proposed).all()
    for item in found:
        accept(db, item, actor=actor)
    return len(found)


@past_walls
def refuse(db: Session, item: AgendaItem, *, reason: str, actor: Actor) -> AgendaItem:
    """Leave a point out, saying why; its alerts stand as before."""
    meeting = _editable(db, item)
    if meeting.frozen_at and item.number:
        raise Refused("L’ordre du jour est figé\u00a0: ce point peut seulement être retiré.")
    if item.state not in (ItemState.PROPOSED, ItemState.OVERFLOW, ItemState.ACCEPTED):
        raise Refused("Ce point est déjà écarté.")
    _needs(reason, "Dites pourquoi ce point n’est pas retenu.")
    item.state, item.reason = ItemState.REFUSED, reason.strip()
    life.take_off_agenda(db, item.signals)
    _noted(db, meeting, item, "agenda.refuse", actor)
    return item


@past_walls
def withdraw(db: Session, item: AgendaItem, *, reason: str, actor: Actor) -> AgendaItem:
    """Take an accepted point off; it stays in its place, marked, with its number."""
    meeting = _editable(db, item)
    if item.state is not ItemState.ACCEPTED:
        raise Refused("Seul un point retenu peut être retiré.")
    _needs(reason, "Dites pourquoi ce point est retiré.")
    item.state, item.reason = ItemState.WITHDRAWN, reason.strip()
    life.take_off_agenda(db, item.signals)
    _noted(db, meeting, item, "agenda.withdraw", actor)
    if meeting.frozen_at:
        freezing.next_version(db, meeting)
    return item


def set_minutes(db: Session, item: AgendaItem, *, minutes: int, actor: Actor) -> AgendaItem:
    meeting = _editable(db, item)
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid(f"Entre 0 et {MOST_MINUTES} minutes.", field="minutes")
    if minutes != item.minutes:
        item.minutes = minutes
        _noted(db, meeting, item, "agenda.minutes", actor)
    return item


@past_walls
def add(
    db: Session,
    meeting: Meeting,
    *,
    title: str,
    actor: Actor,
    section: Section = Section.PARTNERSHIP,
    minutes: int = FREE_MINUTES,
    reason: str = "",
) -> AgendaItem:
    """A point that is about no one. Late on a frozen agenda: a reason, and its own number."""
    _must_be_editable(meeting)
    _needs(title, "Donnez un titre à ce point.", field="title")
    if meeting.frozen_at:
        _needs(reason, "L’ordre du jour est figé\u00a0: dites pourquoi ce point s’ajoute.")
    last = db.exec(
        select(func.max(AgendaItem.rank)).where(
            AgendaItem.meeting_id == meeting.id, AgendaItem.section == section
        )
    ).one()
    item = AgendaItem(
        meeting_id=meeting.id,
        section=section,
        rank=(last or 0) + 1,
        state=ItemState.ACCEPTED,
        title=title.strip(),
        minutes=minutes,
        reason=reason.strip(),
    )
    db.add(item)
    db.flush()
    if meeting.frozen_at:
        freezing.number_late(db, meeting, item)
    _noted(db, meeting, item, "agenda.add", actor)
    return item


def order(db: Session, meeting: Meeting, ids: Sequence[UUID], *, actor: Actor) -> None:
    """Put these items in this order, each inside its section; the others keep theirs, after."""
    _must_be_editable(meeting)
    if meeting.frozen_at:
        raise Refused("L’ordre du jour est figé\u00a0: les numéros ne changent plus.")
    standing = db.exec(queries.items(meeting.id)).all()
    known = {item.id: item for item in standing}
    if len(set(ids)) != len(ids) or not set(ids) <= set(known):
        raise Invalid("Cet ordre ne correspond plus aux points de la séance. Rechargez la page.")
    place = {item_id: rank for rank, item_id in enumerate(ids)}
    ranks: dict[Section, int] = {}
    for item in sorted(standing, key=lambda i: place.get(i.id, len(place))):
        ranks[item.section] = ranks.get(item.section, 0) + 1
        item.rank = ranks[item.section]
    meeting.version += 1
    audit.act(db, actor, "agenda.order", about=meeting.id, items=len(ids))
    db.flush()


def move(db: Session, meeting: Meeting, item: AgendaItem, step: int, *, actor: Actor) -> None:
    """One place up (-1) or down (+1) among the points of its section that are shown together."""
    shown = (ItemState.PROPOSED, ItemState.ACCEPTED)
    beside = [
        other.id
        for other in db.exec(queries.items(meeting.id))
        if other.section is item.section and (other.state in shown) == (item.state in shown)
    ]
    here = beside.index(item.id)
    there = min(max(here + step, 0), len(beside) - 1)
    beside.insert(there, beside.pop(here))
    order(db, meeting, beside, actor=actor)


def _editable(db: Session, item: AgendaItem) -> Meeting:
    meeting = db.get_one(Meeting, item.meeting_id)
    _must_be_editable(meeting)
    return meeting


def _must_be_editable(meeting: Meeting) -> None:
    if meeting.state not in EDITABLE:
        raise Refused("L’ordre du jour de cette séance ne se modifie plus.")


def _needs(text: str, message: str, *, field: str = "reason") -> None:
    if not text.strip():
        raise Invalid(message, field=field)


def _noted(db: Session, meeting: Meeting, item: AgendaItem, verb: str, actor: Actor) -> None:
    """What every gesture on a point leaves behind."""
    item.version += 1
    meeting.pulse += 1
    person = db.get(Person, item.person_id) if item.person_id else None
    audit.act(
        db,
        actor,
        verb,
        about=item.id,
        person=person.id if person else None,
        salt=person.salt if person else "",
        meeting=str(meeting.id),
        minutes=item.minutes,
    )
    dossiers.settle(db, meeting)
    if item.journey_id:
        touch(db, item.journey_id)
