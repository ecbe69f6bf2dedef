"""What the pages of the session show: decided here, laid out by the templates."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.committees import decisions, situations
from coordination.committees.live import attendance, course, known, made
from coordination.committees.models import (
    AgendaItem,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
)
from coordination.committees.situations import Situation
from coordination.journeys.models import Referent
from coordination.persons.categories import Category
from coordination.web import french


class Point(NamedTuple):
    """One line of the agenda beside the case."""

    id: UUID
    number: str
    title: str
    section: str  # only where a section begins
    current: bool
    here: bool
    done: bool
    anonymous: bool


class Action(NamedTuple):
    id: UUID
    who: str
    what: str
    due: str
    here: bool


def list_of(
    items: Sequence[AgendaItem],
    shown: dict[UUID, Situation],
    meeting: Meeting,
    here: AgendaItem | None,
) -> list[Point]:
    lines, section = [], None
    for item in items:
        first = labels.of(item.section) if item.section is not section else ""
        section = item.section
        mine = shown.get(item.id)
        lines.append(
            Point(
                item.id,
                str(item.number or "–"),
                title(item, mine),
                first,
                item.id == meeting.current_item_id,
                here is not None and item.id == here.id,
                item.state is not ItemState.ACCEPTED or item.ended_at is not None,
                mine is not None and mine.anonymous,
            )
        )
    return lines


def title(item: AgendaItem, mine: Situation | None) -> str:
    if mine is not None:
        return mine.title
    return item.title or labels.of(item.section)


def case(db: Session, item: AgendaItem, mine: Situation | None) -> dict[str, Any]:
    """The case for one reader: everything of a person comes through their situation."""
    told = known.of(db, item, mine)
    sentences = mine.sentences if mine else tuple(item.because)
    return {
        "id": item.id,
        "number": item.number,
        "title": title(item, mine),
        "person": mine is not None,
        "anonymous": mine is not None and mine.anonymous,
        "programme": mine.programme if mine else "",
        "agency": mine.agency if mine else "",
        "sentences": sentences,
        "told": told,
        "facts": _projected(told),
        "categories": situations.categories_in_words(mine.readable) if mine else [],
        "minutes": item.minutes,
        "section": labels.of(item.section),
    }


def _projected(told: known.Told) -> list[tuple[str, str]]:
    """The few facts that help from eight metres; a birth date on a wall helps nobody."""
    hidden = labels.of(Category.IDENTITY)
    return [line for category, lines in told.lines if category != hidden for line in lines][:4]


def clock_of(meeting: Meeting, items: Sequence[AgendaItem]) -> dict[str, Any]:
    now = course.current(meeting, items)
    due, end = course.due_at(now), course.expected_end(items, now)
    late = int((end - meeting.ends_at).total_seconds() // 60)
    return {
        "due": due.isoformat().replace("+00:00", "Z") if due else "",
        "left": _left(due) if due else "",
        "end": end,
        "planned": meeting.ends_at,
        "late": french.minutes(late) if late > 0 else "",
        "done": sum(not course.to_come(i) for i in items),
        "count": len(items),
    }


def told_to_all(db: Session, item: AgendaItem) -> list[str]:
    """Only how the item ended, in a word: what a screen for everyone may say."""
    standing = decisions.of_item(db, item.id)
    return [labels.of(d.outcome) for d in standing if d.state is not DecisionState.WITHDRAWN]


def actions_of(db: Session, items: Sequence[AgendaItem]) -> dict[UUID, list[Action]]:
    wanted = select(FollowUp).where(col(FollowUp.item_id).in_([item.id for item in items]))
    rows = list(db.exec(wanted.order_by(col(FollowUp.created_at), col(FollowUp.id))))
    agencies = attendance.names(db, {f.agency_id for f in rows})
    owners = made.people(db, {f.owner_id for f in rows if f.owner_id})
    found: dict[UUID, list[Action]] = {item.id: [] for item in items}
    for row in rows:
        if row.item_id:
            found[row.item_id].append(_action(row, agencies, owners))
    return found


def tellers(db: Session, meeting: Meeting, item: AgendaItem) -> list[tuple[str, str]]:
    """Who may tell the person: référents first, then who sits."""
    holding = select(Referent.professional_id).where(
        Referent.journey_id == item.journey_id, col(Referent.until_on).is_(None)
    )
    first = list(db.exec(holding)) if item.journey_id else []
    sitting = [s for s in attendance.seats(db, meeting) if s.professional_id not in first]
    known_as = made.people(db, set(first))
    return [
        *((str(who), f"{known_as[who]} (référent·e)") for who in first if who in known_as),
        *((str(s.professional_id), s.name) for s in sitting),
    ]


def uncovered(
    db: Session, item: AgendaItem, room: Iterable[UUID], shown: Situation | None
) -> list[str]:
    """Names of the agencies in the room that may not know who it is."""
    if shown is None:
        return []
    missing = situations.uncovered(db, [item], agencies=list(room)).get(item.id, set())
    return sorted(attendance.names(db, missing).values())


def situations_for(db: Session, items: Sequence[AgendaItem], actor: Actor) -> dict[UUID, Situation]:
    return situations.for_agency(
        db, items, agency_id=actor.agency_id, professional_id=actor.professional_id
    )


def _left(due: Any) -> str:
    seconds = int((due - clock.now()).total_seconds())
    words = french.minutes(abs(seconds) // 60)
    return words if seconds >= 0 else f"dépassé de {words}"


def _action(found: FollowUp, agencies: dict[UUID, str], owners: dict[UUID, str]) -> Action:
    owner = f", {owners[found.owner_id]}" if found.owner_id else ""
    due = f"avant le {french.day(found.due_on)}" if found.due_on else "sans date"
    return Action(found.id, f"{agencies[found.agency_id]}{owner}", found.what, due,
                  not found.confirmed)  # fmt: skip


def agencies_of(db: Session, meeting: Meeting) -> list[tuple[str, str]]:
    """Who may be given an action: every agency expected at the table."""
    ids = {seat.agency_id for seat in attendance.seats(db, meeting) if seat.agency_id}
    wanted = select(Agency.id, Agency.name).where(col(Agency.id).in_(ids))
    return [(str(a), name) for a, name in db.exec(wanted.order_by(Agency.name, col(Agency.id)))]
