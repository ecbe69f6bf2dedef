"""Everything that should stand on an agenda, section by section, each journey once."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from coordination.committees.agenda import cases, ends, follow_up
from coordination.committees.agenda.points import FREE_MINUTES, SHORT_MINUTES, Key, Point, key_of
from coordination.committees.models import (
    DEFAULT_SECTIONS,
    Committee,
    CommitteeKind,
    Meeting,
    Section,
)


def gather(
    db: Session, meeting: Meeting, committee: Committee, kind: CommitteeKind
) -> dict[Key, Point]:
    """In order of importance inside each section."""
    sections = [Section(word) for word in kind.sections] or DEFAULT_SECTIONS
    back = follow_up.points(db, meeting, case_minutes=kind.minutes_per_case)
    lines = ends.points(db, meeting, committee)
    situations = cases.points(
        db,
        meeting,
        committee,
        case_minutes=kind.minutes_per_case,
        reviewed=lines if Section.ENDS in sections else (),
        known={p.journey_id for p in back if p.journey_id},
    )
    back, situations = _once(back, situations, kind.minutes_per_case)
    found: dict[Key, Point] = {}
    for point in (*back, *lines, *_free(), *situations):
        if point.section in sections:
            found.setdefault(key_of(point), point)
    return found


def _free() -> list[Point]:
    return [
        Point(Section.MINUTES, SHORT_MINUTES, title="Approbation du dernier relevé"),
        Point(
            Section.PARTNERSHIP, FREE_MINUTES, title="Places disponibles, actualités des structures"
        ),
    ]


def _once(
    back: list[Point], situations: list[Point], case_minutes: int
) -> tuple[list[Point], list[Point]]:
    """A journey whose referral came back stands once, with its history and all its reasons."""
    returned: dict[UUID, Point] = {
        p.journey_id: p for p in back if p.journey_id and p.minutes >= case_minutes
    }
    left = []
    for point in situations:
        other = returned.get(point.journey_id) if point.journey_id else None
        if other is None or point.previous_id:
            left.append(point)
            continue
        because = tuple(dict.fromkeys((*other.because, *point.because)))
        returned[other.journey_id] = replace(  # type: ignore[index]
            other,
            because=because,
            snapshot={**other.snapshot, "sentences": list(because)},
            signals=tuple(dict.fromkeys((*other.signals, *point.signals))),
            demand_id=point.demand_id,
        )
    return [returned.get(p.journey_id, p) if p.journey_id else p for p in back], left
