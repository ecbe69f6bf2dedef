"""What a gesture on a journey is: its words, what it asks, what it does. A page shows it, an action
does it (`pages.py`)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Membership, Professional
from coordination.consent import rule
from coordination.db import Row
from coordination.errors import NotFound
from coordination.journeys.models import Journey, Party
from coordination.web.forms import Form
from coordination.web.visit import Visit

R = TypeVar("R", bound=Row)


class Asked(NamedTuple):
    """One field. `kind`: date, text, long, choice, tick, ticks; first: a choice that the page asks
    before the rest, and changes nothing."""

    name: str
    label: str
    kind: str = "text"
    options: Sequence[tuple[str, Any]] = ()
    hint: str = ""
    required: bool = True
    most: int = 200
    start: str = ""  # what the field holds when the page opens


@dataclass(frozen=True)
class At:
    """Where a gesture is made: the journey, the row that it is about if it is about one."""

    visit: Visit
    journey: Journey
    row: Any
    readable: rule.Readable

    @property
    def db(self) -> Session:
        return self.visit.db

    @property
    def actor(self) -> Actor:
        return self.visit.actor

    @property
    def form(self) -> Form:
        return self.visit.form


@dataclass(frozen=True, kw_only=True)
class Gesture:
    """`says`: what will happen, before the button. `row`: finds what it is about, or NotFound.
    `carrier`: only the agency that carries the journey does it."""

    title: str
    button: str
    says: Callable[[At], str]
    asks: Callable[[At], list[Asked]]
    do: Callable[[At], str]  # the word for the next page
    row: Callable[[Session, Journey, rule.Readable, UUID], Row] | None = None
    check: Callable[[At], None] = lambda at: None  # refuses when this is not the moment
    carrier: bool = True
    danger: bool = False
    back: str = ""  # the part of the journey's page to come back to


def of_journey(kind: type[R]) -> Callable[[Session, Journey, rule.Readable, UUID], R]:
    """Finds a row of this table that belongs to the journey."""

    def find(db: Session, journey: Journey, readable: rule.Readable, key: UUID) -> R:
        found = db.get(kind, key)
        if found is None or getattr(found, "journey_id", None) != journey.id:
            raise NotFound()
        return found

    return find


def day(
    name: str, label: str, *, hint: str = "", required: bool = True, start: str | None = None
) -> Asked:
    """A day, today unless said otherwise."""
    said = clock.today().isoformat() if start is None else start
    return Asked(name, label, "date", hint=hint, required=required, start=said)


def one_of(
    name: str, label: str, kind: type[StrEnum], *, but: Collection[StrEnum] = (), hint: str = "",
    start: str = "", required: bool = True,
) -> Asked:  # fmt: skip
    options = [pair for pair in labels.options(kind) if pair[0] not in but]
    return Asked(name, label, "choice", options, hint=hint, start=start, required=required)


def reason(label: str = "Précision", *, required: bool = False) -> Asked:
    return Asked("reason", label, "long", required=required, most=500)


def past_day(at: At, name: str = "on") -> date:
    """A day up to today, not before the entry by more than a year."""
    first = (at.journey.entered_on or clock.today()) - timedelta(days=366)
    found = at.form.day(name, earliest=min(first, clock.today()), latest=clock.today())
    return found or clock.today()


def picked(at: At, name: str, options: Sequence[tuple[str, Any]]) -> UUID | None:
    """The row chosen in a list that may be left empty; what is not in the list does not exist."""
    chosen = at.form.key(name, required=False)
    if chosen and str(chosen) not in {value for value, _ in options}:
        at.form.wrong(name, "Choisissez une réponse de la liste.")
        return None
    return chosen


def colleagues(at: At) -> list[tuple[str, str]]:
    """Who works today in the agencies of the journey."""
    today = clock.today()
    parties = select(Party.agency_id).where(
        Party.journey_id == at.journey.id, col(Party.until_on).is_(None)
    )
    rows = at.db.exec(
        select(Professional)
        .where(
            col(Professional.disabled).is_(False),
            col(Professional.id).in_(
                select(Membership.professional_id).where(
                    col(Membership.agency_id).in_(parties),
                    Membership.from_on <= today,
                    col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
                )
            ),
        )
        .order_by(Professional.usual_name, Professional.given_name, col(Professional.id))
        .limit(500)
    )
    return [(str(one.id), one.name) for one in rows]
