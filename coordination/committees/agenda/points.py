"""What a proposal would like to see on an agenda, before any row is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.agencies.models import Agency
from coordination.committees import situations
from coordination.committees.models import AgendaItem, Section
from coordination.programmes.models import Programme

Key = tuple[Section, str, str]

SHORT_MINUTES = 2  # a line read aloud: an action, an end of journey, an agreement to collect
FREE_MINUTES = 10


@dataclass(frozen=True)
class Point:
    """One item that should stand on the agenda. `because` are plain sentences that name nobody."""

    section: Section
    minutes: int
    because: tuple[str, ...] = ()
    title: str = ""
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    signals: tuple[str, ...] = ()
    journey_id: UUID | None = None
    person_id: UUID | None = None
    agency_id: UUID | None = None
    demand_id: UUID | None = None
    referral_id: UUID | None = None
    follow_up_id: UUID | None = None
    previous_id: UUID | None = None


def key_of(point: Point | AgendaItem) -> Key:
    """What makes two items the same one: an action, a journey in a section, else the free title."""
    if point.follow_up_id:
        return point.section, "action", str(point.follow_up_id)
    if point.journey_id:
        return point.section, "journey", str(point.journey_id)
    return point.section, "free", point.title


class Known(NamedTuple):
    """Names that sentences and snapshots need, read once."""

    programmes: dict[UUID, str]
    agencies: dict[UUID, tuple[str, bool]]  # name, sensitive

    def agency(self, agency_id: UUID | None) -> str:
        """A sensitive agency's name alone would tell something of the person."""
        name, sensitive = self.agencies.get(agency_id, ("", False)) if agency_id else ("", False)
        return "une structure partenaire" if sensitive else name

    def snapshot(
        self, programme_id: UUID | None, agencies: Iterable[UUID], because: Iterable[str]
    ) -> dict[str, Any]:
        names = [self.agency(agency_id) for agency_id in agencies]
        return situations.snapshot(
            programme=self.programmes.get(programme_id, "") if programme_id else "",
            agency=" et ".join(name for name in names if name),
            sensitive=False,  # already masked, one by one
            sentences=because,
        )


def known(db: Session, *, programmes: Iterable[UUID], agencies: Iterable[UUID]) -> Known:
    named = db.exec(
        select(Programme.id, Programme.name).where(col(Programme.id).in_(set(programmes)))
    )
    who = db.exec(
        select(Agency.id, Agency.name, Agency.sensitive).where(col(Agency.id).in_(set(agencies)))
    )
    return Known(
        dict(named.all()),
        {agency: (name, sensitive) for agency, name, sensitive in who},
    )
