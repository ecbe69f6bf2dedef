"""Freezing an agenda: numbers that never change, and each version kept, without names, with its
hash."""

import hashlib
from typing import Any

from sqlmodel import Session, col, func, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.committees import queries, situations
from coordination.committees.agenda import cases, dossiers
from coordination.committees.models import (
    AgendaItem,
    AgendaSnapshot,
    ItemState,
    Meeting,
    Section,
)
from coordination.db import as_json, past_walls
from coordination.errors import Refused
from coordination.journeys.touch import touch
from coordination.signals import life

NUMBERED = (ItemState.ACCEPTED, ItemState.WITHDRAWN, ItemState.CARRIED, ItemState.EXAMINED)


@past_walls
def freeze(db: Session, meeting: Meeting, *, actor: Actor) -> AgendaSnapshot:
    """Number what was accepted, open the dossiers to every agency at the table, keep version 1.

    What is still only proposed stays out, and comes back with the next proposal.
    """
    if meeting.frozen_at is not None:
        raise Refused("L’ordre du jour est déjà figé.")
    if meeting.state not in cases.COMING:
        raise Refused("Cette séance n’est plus à préparer.")
    items = db.exec(queries.items(meeting.id)).all()
    kept = [item for item in items if item.state is ItemState.ACCEPTED]
    if not kept:
        raise Refused("Aucun point n’est retenu\u00a0: retenez-en au moins un avant de figer.")
    for item in items:
        if item.state is ItemState.PROPOSED:
            item.state = ItemState.OVERFLOW
    for number, item in enumerate(kept, start=1):
        item.number = number
        item.version += 1
        if item.journey_id:
            touch(db, item.journey_id)
    life.put_on_agenda(db, [signal for item in kept for signal in item.signals])
    meeting.frozen_at = clock.now()
    meeting.version += 1
    meeting.pulse += 1
    dossiers.settle(db, meeting)
    made = next_version(db, meeting)
    audit.act(
        db,
        actor,
        "agenda.freeze",
        about=meeting.id,
        items=len(kept),
        version=made.number,
        sha256=made.sha256,
    )
    return made


@past_walls
def number_late(db: Session, meeting: Meeting, item: AgendaItem) -> None:
    """The next number, for ever its own, and a new version of the frozen agenda."""
    db.flush()
    last = db.exec(
        select(func.max(AgendaItem.number)).where(AgendaItem.meeting_id == meeting.id)
    ).one()
    item.number = (last or 0) + 1
    next_version(db, meeting)


@past_walls
def next_version(db: Session, meeting: Meeting) -> AgendaSnapshot:
    """Keep the agenda as it stands now."""
    db.flush()
    content = _content(db, meeting)
    meeting.agenda_version += 1
    made = AgendaSnapshot(
        meeting_id=meeting.id,
        number=meeting.agenda_version,
        content=content,
        sha256=hashlib.sha256(as_json(content).encode()).hexdigest(),
    )
    db.add(made)
    db.flush()
    return made


def _content(db: Session, meeting: Meeting) -> dict[str, Any]:
    numbered = queries.items(meeting.id).where(col(AgendaItem.number).is_not(None))
    sections: dict[Section, list[dict[str, Any]]] = {}
    for item in db.exec(numbered):
        if item.state in NUMBERED:
            sections.setdefault(item.section, []).append(_line(item))
    return {
        "meeting": {"year": meeting.year, "number": meeting.number},
        "starts_at": meeting.starts_at.isoformat(),
        "place": meeting.place,
        "sections": [
            {"section": section.value, "items": lines} for section, lines in sections.items()
        ],
    }


def _line(item: AgendaItem) -> dict[str, Any]:
    return {
        "number": item.number,
        "title": situations.anonymous_title(item) if item.person_id else item.title,
        "minutes": item.minutes,
        "withdrawn": item.state is ItemState.WITHDRAWN,
        "programme": item.snapshot.get("programme", ""),
        "agency": item.snapshot.get("agency", ""),
        "because": list(item.because),
    }
