"""The journeys that one agency follows: a list by columns, filtered by its address."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, union_all
from sqlmodel import Session, col

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import rule
from coordination.db import columns
from coordination.desk import journey_filters as filters
from coordination.desk.journey_filters import Wanted
from coordination.journeys import forms, queries
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.programmes.models import Programme
from coordination.signals import queries as signals
from coordination.signals.models import SignalCode

PAGE = 50
MOST = 1000  # counted one by one
SENTENCES = 2  # of a journey's alerts; the rest is on its page
_RANGE = 500  # keys named in one question
Held = ColumnElement[bool]


class Line(NamedTuple):
    id: UUID
    title: str
    number: str
    programme: str
    agency: str
    state: JourneyState
    entered_on: date | None
    planned_end_on: date | None
    late: bool
    own: bool
    alerts: list[str]
    more: int  # alerts not shown


def context(db: Session, actor: Actor, asked: Wanted) -> dict[str, Any]:
    """The template's context, in a number of queries that the list's length does not change. Past
    `MOST` journeys nobody counts: it says so, and pages go on one by one."""
    found = _found(db, actor, asked, most=max(MOST, asked.page * PAGE) + 1)
    many = len(found) > MOST
    pages = max(1, -(-min(len(found), MOST) // PAGE))
    asked = asked if many else asked._replace(page=min(asked.page, pages))
    pages = max(pages, asked.page + (len(found) > asked.page * PAGE))
    shown = found[(asked.page - 1) * PAGE : asked.page * PAGE]
    return {
        "lines": _lines(db, actor, shown),
        "total": min(len(found), MOST),
        "many": many,
        "asked": asked,
        "pages": pages,
        "url_of": lambda page: asked.url(page=page),
        "programmes": forms.programmes(db),
        "territories": filters.territories(db),
        "colleagues": filters.colleagues(db, actor),
        "codes": labels.options(SignalCode),
        "views": filters.views(db, actor),
        "today": clock.today(),
    }


def lines(db: Session, actor: Actor, asked: Wanted, *, most: int) -> list[Line]:
    """The first of the whole list, one more than `most` when there are more: for a sheet."""
    found = _found(db, actor, asked, most=most + 1)
    return [
        line
        for first in range(0, len(found), _RANGE)
        for line in _lines(db, actor, found[first : first + _RANGE], sentences=most)
    ]


def _found(db: Session, actor: Actor, asked: Wanted, *, most: int) -> list[UUID]:
    """The first `most` journeys of the list, in its order. The rule of reading costs more than all
    the filters: it is asked of those that come first, and of more of them where it closes some."""
    held, size = queries.held_by_agency(db, actor), most
    while True:
        rows = db.execute(_first(actor, asked, held, size)).all()
        found = [row.id for row in rows if row.opens][:most]
        if len(found) == most or len(rows) < size:
            return found
        size *= 4


def _first(actor: Actor, asked: Wanted, held: Sequence[Held], size: int) -> Select[Any]:
    """The first journeys that the filters leave, each with whether the actor may read it."""
    end = col(Journey.planned_end_on)
    branches = [one.limit(size).subquery() for one in _in_order(actor, asked, held)]
    every = union_all(*(columns(one.c.id, one.c.planned_end_on) for one in branches)).subquery()
    in_order = every.c.planned_end_on.is_(None), every.c.planned_end_on, every.c.id
    first = columns(every.c.id).order_by(*in_order).limit(size).subquery()
    return (
        columns(Journey.id, queries.opens(actor).label("opens"))
        .select_from(first)
        .join(Journey, col(Journey.id) == first.c.id)
        .order_by(end.is_(None), end, col(Journey.id))
    )


def _in_order(actor: Actor, asked: Wanted, held: Sequence[Held]) -> list[Select[Any]]:
    """What is carried and what is joined; each in two where an index gives it in its order, those
    with an end and those without, unless a référent or a name leads to few."""
    end, key = col(Journey.planned_end_on), col(Journey.id)
    found = columns(Journey.id, end).where(*filters.where(actor, asked))
    if asked.leads:
        return [found.where(one).order_by(end.is_(None), end, key) for one in held]
    return [
        found.where(one, dated).order_by(*order)
        for one in held
        for dated, order in ((end.is_not(None), (end, key)), (end.is_(None), (key,)))
    ]


def _lines(
    db: Session, actor: Actor, shown: Sequence[UUID], *, sentences: int = SENTENCES
) -> list[Line]:
    alerts: dict[UUID, list[str]] = {}
    for row in db.execute(signals.live(shown)):
        alerts.setdefault(row.journey_id, []).append(row.sentence)
    rows = {row.id: row for row in db.execute(_told(actor, shown))}
    kept = [rows[key] for key in shown if key in rows]  # one may be gone since
    return [_line(row, alerts.get(row.id, []), actor, sentences) for row in kept]


def _told(actor: Actor, shown: Sequence[UUID]) -> Select[Any]:
    """What is shown of each of these journeys; the name, where the actor may read it."""
    sees_name = rule.sees(actor, Journey.person_id, Category.IDENTITY)
    return (
        columns(
            Journey.id,
            Journey.number,
            Journey.state,
            Journey.entered_on,
            Journey.planned_end_on,
            Journey.agency_id,
            col(Programme.name).label("programme"),
            Person.reference,
            PersonIdentity.usual_name,
            PersonIdentity.given_names,
            col(Agency.name).label("agency"),
        )
        .join(Programme, col(Programme.id) == Journey.programme_id)
        .join(Agency, col(Agency.id) == Journey.agency_id)
        .join(Person, col(Person.id) == Journey.person_id)
        .outerjoin(
            PersonIdentity, and_(col(PersonIdentity.person_id) == Journey.person_id, sees_name)
        )
        .where(col(Journey.id).in_(shown))
    )


def _line(row: Any, alerts: list[str], actor: Actor, sentences: int) -> Line:
    own = row.agency_id == actor.agency_id
    name = f"{row.usual_name.upper()} {row.given_names}" if row.usual_name else row.reference
    return Line(
        id=row.id,
        title=name,
        number=row.number,
        programme=row.programme,
        agency=row.agency,
        state=row.state,
        entered_on=row.entered_on,
        planned_end_on=row.planned_end_on,
        late=row.state in LIVE_STATES
        and row.planned_end_on is not None
        and row.planned_end_on < clock.today(),
        own=own,
        alerts=alerts[:sentences],
        more=max(0, len(alerts) - sentences),
    )
