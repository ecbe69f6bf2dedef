"""The base that stands is as new for each test; what was played once comes back the same."""

from types import SimpleNamespace

from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from coordination import audit
from coordination import db as house
from coordination.agencies.models import Region
from coordination.journeys.models import Journey
from coordination.persons.models import Person
from tests import town as small


def _rows(engine) -> dict[str, int]:
    with engine.connect() as connection:
        counted = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in SQLModel.metadata.tables
        }
    return {name: rows for name, rows in counted.items() if rows}


def test_an_emptied_base_has_no_row_whatever_was_written_in_it(engine, bases, act, town):
    with act() as db:
        audit.act(db, town.actor("alice"), "person.recorded", person=town.dana.id)
        db.add(Region(code="11", name="Île-de-France"))
    assert {"audit_entry", "region"} <= set(_rows(engine))
    bases.empty(engine)
    assert _rows(engine) == {}


def test_what_comes_back_is_what_was_played_and_nothing_else(engine, again, town):
    def play() -> SimpleNamespace:
        raise AssertionError("played twice")

    first = _rows(engine)
    with house.transaction(engine) as db:
        small.person(db, town, "Noor", "Haddad", small.date(2001, 2, 3))
        db.get_one(Journey, town.journey.id).number = "J-9999"
    town.dana.reference = "changed"
    back = again("town", play)
    assert _rows(engine) == first
    assert back.dana.id == town.dana.id and back.dana.reference != "changed"
    with Session(engine) as db:
        assert db.get_one(Journey, back.journey.id).number == back.journey.number == "J-0001"
        assert set(db.exec(select(Person.id))) == {back.dana.id, back.sami.id}


def test_a_town_put_back_is_the_town_that_is_built(engine, bases, again, town):
    """Table by table: a scene kept must not be another than the one that is told."""
    kept = _rows(engine)
    bases.empty(engine)
    with house.transaction(engine) as db:
        small.build(db)
    assert _rows(engine) == kept
