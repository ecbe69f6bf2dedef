"""What Aujourd’hui is made of: panels of lines, each one thing that waits."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from coordination import clock


class Line(NamedTuple):
    """One thing that waits: `path` opens it, `due` says when (or nothing)."""

    title: str
    note: str
    path: str
    due: date | None = None
    status: tuple[str, str, str] | None = None  # code, label, group
    gesture: tuple[str, str] | None = None  # a one-click form: its label, where it posts
    contact: UUID | None = None  # the journey on which a contact of today may be noted

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < clock.today()


class Panel(NamedTuple):
    key: str
    title: str
    lines: list[Line]
    total: int
    empty: str
    all_path: str = ""
