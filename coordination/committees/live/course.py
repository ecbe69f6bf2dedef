"""The course of a meeting: the points in their order, where it stands, when it should end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.committees import queries, situations
from coordination.committees.live import attendance
from coordination.committees.live.pulse import beat
from coordination.committees.models import (
    DEFAULT_SECTIONS,
    AgendaItem,
    Committee,
    CommitteeKind,
    ItemState,
    Meeting,
    MeetingState,
    Section,
)
from coordination.errors import Invalid, NotFound, Refused

ON_THE_TABLE = (ItemState.ACCEPTED, ItemState.EXAMINED, ItemState.CARRIED)
LEFT_ROOM, WITHOUT_NAME = "left_room", "without_name"
SPOKEN = {LEFT_ROOM: "a quitté la salle", WITHOUT_NAME: "parlé sans nom"}


def points(db: Session, meeting: Meeting) -> list[AgendaItem]:
    """What is examined, in the order of the agenda: sections as the kind says, then ranks."""
    wanted = (
        select(CommitteeKind.sections)
        .join(Committee, Committee.kind_id == CommitteeKind.id)  # type: ignore[arg-type]
        .where(Committee.id == meeting.committee_id)
    )
    order = db.exec(wanted).first() or [str(section) for section in DEFAULT_SECTIONS]
    place = {word: rank for rank, word in enumerate(order)}
    items = [i for i in db.exec(queries.items(meeting.id)) if i.state in ON_THE_TABLE]
    last = len(Section)
    return sorted(items, key=lambda i: (place.get(i.section.value, last), i.rank, i.id))


def current(meeting: Meeting, items: Sequence[AgendaItem]) -> AgendaItem | None:
    return next((i for i in items if i.id == meeting.current_item_id), None)


def beside(items: Sequence[AgendaItem], item: AgendaItem | None, step: int) -> AgendaItem | None:
    """The point after (1) or before (-1); from nowhere, the first."""
    if item is None:
        return items[0] if items and step > 0 else None
    at = [i.id for i in items].index(item.id) + step
    return items[at] if 0 <= at < len(items) else None


def go_to(db: Session, meeting: Meeting, item_id: UUID, *, actor: Actor) -> AgendaItem:
    """Everyone's pointer moves: the point before ends, this one begins."""
    if meeting.state is not MeetingState.OPEN:
        raise Refused("La séance n’est pas ouverte.")
    items = points(db, meeting)
    chosen = next((i for i in items if i.id == item_id), None)
    if chosen is None:
        raise NotFound("Ce point n’est pas à l’ordre du jour.")
    before = current(meeting, items)
    if before is not None and before.id == chosen.id:
        return chosen
    if before is not None:
        before.ended_at = clock.now()
    chosen.started_at, chosen.ended_at = chosen.started_at or clock.now(), None
    meeting.current_item_id = chosen.id
    audit.act(db, actor, "meeting.point", about=meeting.id, item=str(chosen.id))
    db.flush()
    beat(db, meeting.id)
    return chosen


def speak(
    db: Session, meeting: Meeting, item: AgendaItem, *, choice: str, actor: Actor
) -> AgendaItem:
    """What is done of those whom the agreement does not cover: they leave, or no name is said."""
    if meeting.state is not MeetingState.OPEN:
        raise Refused("La séance n’est pas ouverte.")
    if choice not in (*SPOKEN, ""):
        raise Invalid("Choisissez une réponse de la liste.", field="choice")
    if choice == LEFT_ROOM and attendance.stranger_in_the_room(db, meeting.id):
        raise Invalid(
            "Une personne observatrice sans structure est dans la salle : notez son départ sur la "
            "feuille de présence.",
            field="choice",
        )
    item.spoken = choice
    person = item.person_id is not None
    audit.act(db, actor, "meeting.spoken", about=item.id, choice=choice, person_item=person)
    db.flush()
    beat(db, meeting.id)
    return item


def audience(db: Session, meeting: Meeting, item: AgendaItem, room: set[UUID]) -> set[UUID]:
    """The agencies before which this point is on the screen: those in the room, without those the
    chair asked to leave for it. Nobody when a name may not be said."""
    if item.spoken == WITHOUT_NAME:
        return set()
    if item.spoken == LEFT_ROOM:
        return room - situations.uncovered(db, [item], agencies=room).get(item.id, set())
    return room


def room(db: Session, meeting: Meeting) -> set[UUID]:
    """The agencies in the room; none when someone listens whom no agreement can cover, so that
    nothing with a name is shown."""
    if attendance.stranger_in_the_room(db, meeting.id):
        return set()
    return queries.agencies_in_the_room(db, meeting.id)


def due_at(item: AgendaItem | None) -> datetime | None:
    """When the current point has had its minutes."""
    if item is None or item.started_at is None:
        return None
    return item.started_at + timedelta(minutes=item.minutes)


def expected_end(items: Sequence[AgendaItem], now: AgendaItem | None) -> datetime:
    """From this moment: what is left of the current point, then the minutes of those to come."""
    moment = clock.now()
    due = due_at(now)
    left = max(due - moment, timedelta()) if due else timedelta()
    waiting = [i for i in items if to_come(i) and (now is None or i.id != now.id)]
    return moment + left + timedelta(minutes=sum(i.minutes for i in waiting))


def to_come(item: AgendaItem) -> bool:
    return item.state is ItemState.ACCEPTED and item.started_at is None
