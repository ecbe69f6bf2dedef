"""The journeys that one agency follows: a list by columns, filtered by its address."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, union_all
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
    total = db.execute(_counted(actor, asked)).scalar_one()
    many = total > MOST
    pages = max(1, -(-min(total, MOST) // PAGE))
    asked = asked if many else asked._replace(page=min(asked.page, pages))
    rows = db.execute(_shown(actor, asked)).all()
    pages = max(pages, asked.page + (len(rows) > PAGE))
    rows = rows[:PAGE]
    alerts: dict[UUID, list[str]] = {}
    for row in db.execute(signals.live([row.id for row in rows])):
        alerts.setdefault(row.journey_id, []).append(row.sentence)
    return {
        "lines": [_line(row, alerts.get(row.id, []), actor) for row in rows],
        "total": min(total, MOST),
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


def _counted(actor: Actor, asked: Wanted) -> Select[Any]:
    found = [
        columns(Journey.id).where(*filters.where(actor, asked), *ours).limit(MOST + 1).subquery()
        for ours in _ours(actor)
    ]
    keys = union_all(*(columns(one.c.id) for one in found)).subquery()
    return columns(func.count()).select_from(columns(keys.c.id).limit(MOST + 1).subquery())


def lines(db: Session, actor: Actor, asked: Wanted, *, most: int) -> list[Line]:
    """The first of the whole list, one more than `most` when there are more: for a sheet."""
    rows = db.execute(_shown(actor, asked._replace(page=1), size=most)).all()
    shown = columns(_shown(actor, asked._replace(page=1), size=most).subquery().c.id)
    alerts: dict[UUID, list[str]] = {}
    for row in db.execute(signals.live(shown)):
        alerts.setdefault(row.journey_id, []).append(row.sentence)
    return [_line(row, alerts.get(row.id, []), actor, sentences=most) for row in rows]


def _shown(actor: Actor, asked: Wanted, size: int = PAGE) -> Select[Any]:
    """One page and one line more. Each branch is read in the order of an index, no further than
    what the page needs; names are asked of the lines shown."""
    first, end = (asked.page - 1) * size, col(Journey.planned_end_on)
    branches = [
        columns(Journey.id, end)
        .where(dated, *filters.where(actor, asked), *ours)
        .order_by(*order)
        .limit(first + size + 1)
        .subquery()
        for ours in _ours(actor)
        for dated, order in (
            (end.is_not(None), (end, col(Journey.id))),
            (end.is_(None), (col(Journey.id),)),
        )
    ]
    every = union_all(*(columns(one.c.id, one.c.planned_end_on) for one in branches)).subquery()
    page = (
        columns(every.c.id)
        .order_by(every.c.planned_end_on.is_(None), every.c.planned_end_on, every.c.id)
        .limit(size + 1)
        .offset(first)
        .subquery()
    )
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
        .select_from(page)
        .join(Journey, col(Journey.id) == page.c.id)
        .join(Programme, col(Programme.id) == Journey.programme_id)
        .join(Agency, col(Agency.id) == Journey.agency_id)
        .join(Person, col(Person.id) == Journey.person_id)
        .outerjoin(
            PersonIdentity, and_(col(PersonIdentity.person_id) == Journey.person_id, sees_name)
        )
        .order_by(end.is_(None), end, col(Journey.id))
    )


def _ours(actor: Actor) -> list[tuple[Any, ...]]:
    """What the agency carries, then what it is a party to."""
    both = queries.carried_in_order(actor), queries.joined_by(actor)
    return [(found.whereclause,) for found in both]


def _line(row: Any, alerts: list[str], actor: Actor, *, sentences: int = SENTENCES) -> Line:
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
