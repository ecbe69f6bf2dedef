"""The filters of the list of journeys: what its address says, and what each asks of the base."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Membership, Professional, Territory
from coordination.consent import rule
from coordination.db import columns
from coordination.desk.models import SavedView
from coordination.journeys import referents
from coordination.journeys.models import (
    LIVE_STATES,
    Contact,
    Journey,
    JourneyState,
    Presence,
)
from coordination.persons import tokens
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity, PersonToken
from coordination.persons.records import fold
from coordination.signals.models import Signal, SignalCode

WEEKS = (2, 4, 8, 12)  # an end within
DAYS = (15, 30, 60, 90)  # without a contact


class Wanted(NamedTuple):
    """The filters, as the address says them. An unknown word asks for nothing."""

    q: str = ""
    programme: UUID | None = None
    state: str = ""  # a state, "tous", or nothing: those that live
    alerts: bool = False
    mine: bool = False
    page: int = 1
    code: str = ""  # of an alert
    referent: UUID | None = None
    territory: UUID | None = None
    weeks: int = 0  # before the planned end, those that are past included
    days: int = 0  # since a contact with the person

    @property
    def leads(self) -> bool:
        """Whether it names who holds the journeys or whose they are."""
        return bool(self.mine or self.referent or self.q)

    def said(self) -> str:
        """The words of the address; those that tell all journeys apart from those of nobody."""
        pairs = {
            "q": self.q,
            "dispositif": str(self.programme or ""),
            "etat": self.state,
            "alertes": "1" if self.alerts else "",
            "alerte": self.code,
            "referent": str(self.referent or ""),
            "territoire": str(self.territory or ""),
            "fin": str(self.weeks or ""),
            "contact": str(self.days or ""),
            "miens": "1" if self.mine else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value}) or "miens=0"

    def url(self, **other: Any) -> str:
        """The address of this list, with something changed."""
        return f"/parcours?{self._replace(**other).said()}"

    def sheet(self) -> str:
        """The address of the same list as a spreadsheet."""
        return f"/parcours.xlsx?{self._replace(page=1).said()}"


def wanted(query: Mapping[str, str]) -> Wanted:
    page = query.get("page", "1")
    state, code = query.get("etat", ""), query.get("alerte", "")
    return Wanted(
        q=query.get("q", "").strip()[:100],
        programme=_uuid(query.get("dispositif", "")),
        state=state if state in {*JourneyState, "tous"} else "",
        alerts=bool(query.get("alertes")),
        mine=query.get("miens", "0") not in {"", "0"},
        page=int(page) if page.isdecimal() and 0 < len(page) < 6 and int(page) else 1,
        code=code if code in set(SignalCode) else "",
        referent=_uuid(query.get("referent", "")),
        territory=_uuid(query.get("territoire", "")),
        weeks=_among(query.get("fin", ""), WEEKS),
        days=_among(query.get("contact", ""), DAYS),
    )


def at_first(db: Session, actor: Actor) -> Wanted:
    """Without any word in the address: one's own journeys, for who has some."""
    held = _held(actor.professional_id)
    live = select(Journey.id).where(col(Journey.id).in_(held), col(Journey.state).in_(LIVE_STATES))
    return Wanted(mine=db.exec(live.limit(1)).first() is not None)


def where(actor: Actor, asked: Wanted) -> list[Any]:
    """What the filters ask, beside what the actor may read."""
    wanted: list[Any] = []
    after = not asked.state and bool(asked.alerts or asked.code)  # what is due after an exit too
    if asked.state != "tous" and not after:
        states = [JourneyState(asked.state)] if asked.state else list(LIVE_STATES)
        wanted.append(col(Journey.state).in_(states))
    if asked.programme:
        wanted.append(col(Journey.programme_id) == asked.programme)
    if asked.territory:
        wanted.append(col(Journey.territory_id) == asked.territory)
    if asked.mine:
        wanted.append(col(Journey.id).in_(_held(actor.professional_id)))
    if asked.referent:
        wanted.append(col(Journey.id).in_(_held(asked.referent)))
    if asked.weeks:
        until = clock.today() + timedelta(weeks=asked.weeks)
        wanted.append(col(Journey.planned_end_on) <= until)
    if asked.days:
        wanted.append(_silent(asked.days))
    if asked.alerts or asked.code:
        wanted.append(_alerted(asked.code))
    if asked.q:
        wanted.append(_named(actor, asked.q))
    return wanted


def territories(db: Session) -> list[tuple[str, str]]:
    rows = db.exec(select(Territory).order_by(Territory.name, col(Territory.id)))
    return [(str(row.id), row.name) for row in rows]


def colleagues(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Who works today in the actor's agency."""
    today = clock.today()
    here = select(Membership.professional_id).where(
        Membership.agency_id == actor.agency_id,
        Membership.from_on <= today,
        col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
    )
    rows = db.exec(
        select(Professional)
        .where(col(Professional.id).in_(here))
        .order_by(Professional.usual_name, Professional.given_name, col(Professional.id))
        .limit(500)
    )
    return [(str(row.id), row.name) for row in rows]


def views(db: Session, actor: Actor) -> list[SavedView]:
    return list(db.exec(of_actor(actor).order_by(SavedView.name, col(SavedView.id))))


def of_actor(actor: Actor) -> SelectOfScalar[SavedView]:
    return select(SavedView).where(SavedView.professional_id == actor.professional_id)


def _held(professional_id: UUID | None) -> Any:
    return referents.held_by(professional_id)


def _silent(days: int) -> Any:
    """Live, entered before, and nobody met the person since."""
    since = clock.today() - timedelta(days=days)
    met = exists().where(
        col(Contact.journey_id) == col(Journey.id),
        col(Contact.on_day) > since,
        col(Contact.with_person).is_(True),
        col(Contact.presence) == Presence.PRESENT,
    )
    return and_(col(Journey.entered_on) <= since, ~met)


def _alerted(code: str) -> Any:
    of_code = [col(Signal.code) == SignalCode(code)] if code else []
    return exists().where(
        col(Signal.journey_id) == col(Journey.id), col(Signal.ended_at).is_(None), *of_code
    )


def _named(actor: Actor, q: str) -> Any:
    """Every word begins a name, for who may read it, or a reference of the person or journey."""
    reference = q.upper().replace(" ", "")
    words = fold(q).split()
    named = exists().where(
        col(PersonIdentity.person_id) == col(Journey.person_id),
        *(col(PersonIdentity.folded).contains(word) for word in words),
    )
    found = [_borne(actor, word) for word in words if len(word) >= tokens.SHORTEST]
    sees_name = rule.sees(actor, Journey.person_id, Category.IDENTITY)
    ways = [col(Journey.number) == reference]
    if reference.startswith("P-"):  # asked of each journey otherwise, for nothing
        referred = col(Person.id) == col(Journey.person_id), col(Person.reference) == reference
        ways.append(exists().where(*referred))
    return or_(*ways, and_(*found, named, sees_name)) if words else or_(*ways)


def _borne(actor: Actor, word: str) -> Any:
    """The people found by the beginning of a name (see `tokens`): those of the agency's own files
    at once, the others one by one."""
    sealed = col(PersonToken.token) == tokens.of_beginning(word)
    own = columns(PersonToken.person_id).where(
        col(PersonToken.agency_id) == actor.agency_id, sealed
    )
    other = exists().where(col(PersonToken.person_id) == col(Journey.person_id), sealed)
    return or_(
        col(Journey.person_id).in_(own), and_(col(Journey.agency_id) != actor.agency_id, other)
    )


def _among(value: str, known: tuple[int, ...]) -> int:
    return int(value) if value in {str(one) for one in known} else 0


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
