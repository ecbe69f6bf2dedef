"""The list of journeys asks the rule in its own way: it shows what the rule says, to everyone."""

from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import clock, db, seed
from coordination.agencies import actors
from coordination.agencies.actors import Actor
from coordination.agencies.models import Membership
from coordination.consent import restricted
from coordination.consent.models import Reach, ReachKind, RestrictionReason
from coordination.desk import journey_list
from coordination.desk.journey_filters import Wanted
from coordination.journeys import queries
from coordination.journeys.models import Journey, Party, PartyRole
from coordination.persons.models import Person
from tests import town

SIZE = 160


@pytest.fixture(scope="module")
def planted(new_base) -> Engine:
    """A small Région where a file of four is restricted, and a reach of nine is taken back."""
    engine = db.connect(new_base(owned=True), pool_size=4)
    clock.set_source(lambda: datetime.fromisoformat(town.NOON))
    seed.plant(engine, journeys=SIZE, say=lambda _: None)
    with db.transaction(engine) as session:
        for number, person in enumerate(session.exec(select(Person).order_by(col(Person.id)))):
            if number % 4 == 0 and (who := _someone(session, person)):
                restricted.restrict(
                    session, person, reason=RestrictionReason.VIOLENCE, named=(), actor=who
                )
        own = select(Reach).where(Reach.kind == ReachKind.OWN, col(Reach.until_at).is_(None))
        for reach in [one for one in session.exec(own) if one.from_at < clock.now()][::9]:
            reach.until_at = clock.now()
    yield engine
    clock.set_source(None)
    engine.dispose()


def _someone(session: Session, person: Person) -> Actor | None:
    here = select(Membership.professional_id).where(Membership.agency_id == person.agency_id)
    key = session.exec(here.order_by(col(Membership.id))).first()
    return actors.of_professional(session, key, agency_id=person.agency_id) if key else None


@pytest.mark.sqlite_first
def test_the_list_shows_what_the_rule_says_to_everyone(planted):
    shown = closed = 0
    with db.reading(planted) as session:
        for actor in _readers(session):
            found = journey_list._found(session, actor, Wanted(state="tous"), most=10 * SIZE)
            said = _by_the_rule(session, actor)
            assert sorted(found) == sorted(said), actor
            shown += len(found)
            closed += len(_held(session, actor)) - len(found)
    assert shown > 50
    assert closed > 10


def _readers(session: Session) -> list[Actor]:
    """One of two who work where journeys are carried, then some who work elsewhere."""
    carrying = set(session.exec(select(Journey.agency_id).distinct()))
    rows = session.exec(select(Membership).order_by(col(Membership.id))).all()
    here = [row for row in rows if row.agency_id in carrying][::2]
    others = [row for row in rows if row.agency_id not in carrying][:10]
    found = [
        actors.of_professional(session, row.professional_id, agency_id=row.agency_id)
        for row in (*here[:80], *others)
    ]
    return [actor for actor in found if actor]


def _by_the_rule(session: Session, actor: Actor) -> list:
    held = _held(session, actor)
    seen = queries.visible_to(actor).with_only_columns(col(Journey.id))
    return [key for (key,) in session.execute(seen) if key in held]


def _held(session: Session, actor: Actor) -> set:
    carried = select(Journey.id).where(Journey.agency_id == actor.agency_id)
    beside = select(Party.journey_id).where(
        Party.agency_id == actor.agency_id,
        col(Party.role) != PartyRole.CARRIER,
        col(Party.until_on).is_(None),
    )
    return {*session.exec(carried), *session.exec(beside)}


@pytest.mark.parametrize("first", [1, 7, 50, 120])
def test_pages_follow_one_another_whatever_is_closed(planted, first):
    """The first of the list are the same however many are asked for."""
    with db.reading(planted) as session:
        for actor in _readers(session)[:3]:
            for asked in (Wanted(state="tous"), Wanted(state="tous", mine=True)):
                whole = journey_list._found(session, actor, asked, most=10 * SIZE)
                assert journey_list._found(session, actor, asked, most=first) == whole[:first]
