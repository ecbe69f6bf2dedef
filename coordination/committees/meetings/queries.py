"""Reading the meetings of several committees: one statement, columns only."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col

from coordination import clock, labels
from coordination.committees.meetings import states
from coordination.committees.models import Committee, Meeting, MeetingState
from coordination.web import french


class Line(NamedTuple):
    """A meeting in a list."""

    id: UUID
    committee_id: UUID
    committee: str
    number: int
    state: MeetingState
    starts_at: datetime
    place: str

    @property
    def word(self) -> str:
        return labels.of(self.state)

    @property
    def is_over(self) -> bool:
        return self.state in states.OVER


def lines(db: Session, committees: Iterable[UUID], *, since: date, until: date) -> list[Line]:
    """The meetings of these committees between two days, by date."""
    rows = db.execute(
        columns(
            col(Meeting.id),
            col(Meeting.committee_id),
            col(Committee.name),
            col(Meeting.number),
            col(Meeting.state),
            col(Meeting.starts_at),
            col(Meeting.place),
        )
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(Meeting.committee_id).in_(list(committees)),
            col(Meeting.starts_at) >= clock.at(since),
            col(Meeting.starts_at) < clock.at(until),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    return [Line(*row) for row in rows]


def by_month(found: list[Line]) -> list[tuple[str, list[Line]]]:
    """("juin 2026", meetings) in the order given."""

    def month(line: Line) -> str:
        day = clock.local(line.starts_at)
        return f"{french.MONTHS[day.month - 1]} {day.year}"

    return [(name, list(group)) for name, group in groupby(found, key=month)]


def next_of(found: list[Line]) -> dict[UUID, Line]:
    """The next meeting of each committee: not over, not past."""
    today = clock.at(clock.today())
    coming: dict[UUID, Line] = {}
    for line in found:
        if (
            line.starts_at >= today
            and not line.is_over
            and line.state is not MeetingState.POSTPONED
        ):
            coming.setdefault(line.committee_id, line)
    return coming
