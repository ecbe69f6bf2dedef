"""The journeys that one agency follows: a list by columns, filtered by its address."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, union_all
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import rule
from coordination.db import columns
from coordination.journeys import forms, queries
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState, Referent
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.persons.records import fold
from coordination.programmes.models import Programme
from coordination.signals import queries as signals
from coordination.signals.models import Signal

PAGE = 50
MOST = 1000  # counted one by one
SENTENCES = 2  # of a journey's alerts; the rest is on its page


class Wanted(NamedTuple):
    """The filters, as the address says them. An unknown word asks for nothing."""

    q: str = ""
    programme: UUID | None = None
    state: str = ""  # a state, "tous", or nothing: those that live
    alerts: bool = False
    mine: bool = False
    page: int = 1

    def url(self, **other: Any) -> str:
        """The address of this list, with something changed."""
        said = self._replace(**other)
        pairs = {
            "q": said.q,
            "dispositif": str(said.programme or ""),
            "etat": said.state,
            "alertes": "1" if said.alerts else "",
            "miens": "1" if said.mine else "",
            "page": str(said.page) if said.page > 1 else "",
        }
        asked = urlencode({name: value for name, value in pairs.items() if value})
        return f"/parcours?{asked}" if asked else "/parcours"


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


def wanted(query: Mapping[str, str]) -> Wanted:
    page = query.get("page", "1")
    state = query.get("etat", "")
    return Wanted(
        q=query.get("q", "").strip()[:100],
        programme=_uuid(query.get("dispositif", "")),
        state=state if state in {*JourneyState, "tous"} else "",
        alerts=bool(query.get("alertes")),
        mine=bool(query.get("miens")),
        page=int(page) if page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
    )


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
        "today": clock.today(),
    }


def _counted(actor: Actor, asked: Wanted) -> Select[Any]:
    found = [
        columns(Journey.id).where(*ours, *_filters(actor, asked)).limit(MOST + 1).subquery()
        for ours in _ours(actor)
    ]
    keys = union_all(*(columns(one.c.id) for one in found)).subquery()
    return columns(func.count()).select_from(columns(keys.c.id).limit(MOST + 1).subquery())


def _shown(actor: Actor, asked: Wanted) -> Select[Any]:
    """One page and one line more. Each branch is read in the order of an index, no further than
    what the page needs; names are asked of the lines shown."""
    first, end = (asked.page - 1) * PAGE, col(Journey.planned_end_on)
    branches = [
        columns(Journey.id, end)
        .where(*ours, *_filters(actor, asked), dated)
        .order_by(*order)
        .limit(first + PAGE + 1)
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
        .limit(PAGE + 1)
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


def _filters(actor: Actor, asked: Wanted) -> list[Any]:
    wanted: list[Any] = []
    if asked.state != "tous":
        states = [JourneyState(asked.state)] if asked.state else list(LIVE_STATES)
        wanted.append(col(Journey.state).in_(states))
    if asked.programme:
        wanted.append(col(Journey.programme_id) == asked.programme)
    if asked.mine:
        held = select(Referent.journey_id).where(
            Referent.professional_id == actor.professional_id, col(Referent.until_on).is_(None)
        )
        wanted.append(col(Journey.id).in_(held))
    if asked.alerts:
        wanted.append(
            exists().where(
                col(Signal.journey_id) == col(Journey.id), col(Signal.ended_at).is_(None)
            )
        )
    if asked.q:
        wanted.append(_named(actor, asked.q))
    return wanted


def _named(actor: Actor, q: str) -> Any:
    """Every word in the name, for who may read it, or a reference of the person or journey."""
    reference = q.upper().replace(" ", "")
    words = fold(q).split()
    referred = exists().where(
        col(Person.id) == col(Journey.person_id), col(Person.reference) == reference
    )
    named = exists().where(
        col(PersonIdentity.person_id) == col(Journey.person_id),
        *(col(PersonIdentity.folded).contains(word) for word in words),
    )
    sees_name = rule.sees(actor, Journey.person_id, Category.IDENTITY)
    by_name = [and_(named, sees_name)] if words else []
    return or_(col(Journey.number) == reference, referred, *by_name)


def _line(row: Any, alerts: list[str], actor: Actor) -> Line:
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
        alerts=alerts[:SENTENCES],
        more=max(0, len(alerts) - SENTENCES),
    )


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
