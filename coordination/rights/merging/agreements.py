"""The agreements of two files made one: each keeps what the other opened too, and no more.

Nothing is edited: a narrowing is one more event, and undoing the merge one more still."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.consent import cover, events, states
from coordination.consent.models import (
    Consent,
    ConsentEvent,
    ConsentState,
    EventKind,
    Purpose,
)
from coordination.persons.models import Person


class Opened(NamedTuple):
    """What one side opens to one agency for one purpose, and until when at the latest."""

    categories: int
    until: date | None


def intersect(db: Session, kept: Person, absorbed: Person, merge_id: UUID, *, actor: Actor) -> None:
    """Both sides are read before either is narrowed."""
    sides = [(kept, absorbed), (absorbed, kept)]
    opened = {person.id: _opened(db, person) for person in (kept, absorbed)}
    for person, other in sides:
        for consent in of_person(db, person):
            standing = states.fold(events.of(db, consent))
            if standing.state in {ConsentState.VALID, ConsentState.COLLECTED}:
                event = _shared(consent, standing, opened[other.id])
                if event is not None:
                    event.details = {"merge": str(merge_id)}
                    events.append(db, consent, person, event, actor=actor)


def restore(db: Session, kept: Person, merge_id: UUID, *, actor: Actor) -> None:
    """What this merge had narrowed is again as it was said."""
    for consent in of_person(db, kept):
        if any(e.details.get("merge") == str(merge_id) for e in events.of(db, consent)):
            again = ConsentEvent(kind=EventKind.RESTORED, details={"merge": str(merge_id)})
            events.append(db, consent, kept, again, actor=actor)


def project(db: Session, person: Person) -> None:
    """The cover of each agreement, once it changed file."""
    for consent in of_person(db, person):
        cover.project(db, consent, events.of(db, consent))


def closing(db: Session, kept: Person, absorbed: Person) -> set[UUID]:
    """The agencies for whom something closes, to be shown before."""
    lost: set[UUID] = set()
    mine, theirs = _opened(db, kept), _opened(db, absorbed)
    for one, other in ((mine, theirs), (theirs, mine)):
        for (purpose, agency), opened in one.items():
            known = other.get((purpose, agency))
            if known is None or opened.categories & ~known.categories:
                lost.add(UUID(agency))
    return lost


def of_person(db: Session, person: Person) -> list[Consent]:
    wanted = select(Consent).where(Consent.person_id == person.id)
    return list(db.exec(wanted.order_by(col(Consent.created_at), col(Consent.id))))


def _opened(db: Session, person: Person) -> dict[tuple[Purpose, str], Opened]:
    found: dict[tuple[Purpose, str], Opened] = {}
    for consent in of_person(db, person):
        standing = states.fold(events.of(db, consent))
        begun = standing.valid_from is None or standing.valid_from <= clock.today()
        if standing.state is not ConsentState.VALID or not begun:
            continue
        for agency in standing.recipients:
            known = found.get((consent.purpose, agency), Opened(0, None))
            found[consent.purpose, agency] = Opened(
                known.categories | standing.categories,
                _earliest((known.until, standing.valid_until)),
            )
    return found


def _shared(
    consent: Consent, standing: states.Standing, other: dict[tuple[Purpose, str], Opened]
) -> ConsentEvent | None:
    """The event that leaves what the other side opens too; None when nothing changes."""
    theirs = {a: known for a in standing.recipients if (known := other.get((consent.purpose, a)))}
    categories = standing.categories
    for known in theirs.values():
        categories &= known.categories
    if not theirs or not categories:
        return ConsentEvent(kind=EventKind.INVALIDATED)
    until = _earliest([known.until for known in theirs.values()] + [standing.valid_until])
    if (len(theirs), categories, until) == (
        len(standing.recipients), standing.categories, standing.valid_until,
    ):  # fmt: skip
        return None
    return ConsentEvent(
        kind=EventKind.NARROWED,
        recipients=sorted(theirs),
        categories=categories,
        valid_until=until,
    )


def _earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)
