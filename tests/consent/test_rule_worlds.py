"""The one rule, twice: in Python and as SQL. Over random worlds they say the same."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, join, literal, literal_column, true, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from coordination import clock, db
from coordination.agencies.actors import Actor, ActorKind
from coordination.consent import reach, rule
from coordination.consent.models import (
    Consent,
    ConsentCover,
    Effect,
    Purpose,
    Reach,
    ReachKind,
)
from coordination.db import uuid7
from coordination.persons.categories import ALL, Category
from coordination.persons.models import Person
from tests import town as small_town

PEOPLE, AGENCIES, PROFESSIONALS, SOURCES = 2, 2, 2, 2
DAYS = st.integers(-2, 2)  # few, so that "now" falls on the first and the last moment of a row
LASTING = st.none() | st.integers(1, 4)
OPENS = st.sampled_from([0, 0, 0, 0, ALL, reach.PARTY_OPENS])
BITS = st.integers(0, ALL)
BIT = union_all(*(columns(literal(c.bit).label("bit")) for c in Category)).subquery("bits")


class OneReach(NamedTuple):
    person: int
    agency: int
    professional: int | None
    kind: ReachKind
    effect: Effect
    purpose: Purpose | None
    opens: int
    source: int | None
    starts: int
    lasting: int | None


class OneCover(NamedTuple):
    person: int
    agency: int
    purpose: Purpose
    effect: Effect
    categories: int
    starts: int
    lasting: int


class Question(NamedTuple):
    agency: int
    professional: int | None
    day: int
    kinds: tuple[ReachKind, ...]
    category: Category


def one_of(how_many: int) -> st.SearchStrategy[int]:
    return st.integers(0, how_many - 1)


def mostly_allowed() -> st.SearchStrategy[Effect]:
    return st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.ALLOW, Effect.DENY])


REACHES = st.builds(
    OneReach, one_of(PEOPLE), one_of(AGENCIES), st.none() | one_of(PROFESSIONALS),
    st.sampled_from(ReachKind), mostly_allowed(), st.none() | st.sampled_from(Purpose), OPENS,
    st.none() | one_of(SOURCES), DAYS, LASTING,
)  # fmt: skip
COVERS = st.builds(
    OneCover, one_of(PEOPLE), one_of(AGENCIES), st.sampled_from(Purpose), mostly_allowed(), BITS,
    DAYS, st.integers(1, 4),
)  # fmt: skip
QUESTIONS = st.builds(
    Question, one_of(AGENCIES), st.none() | one_of(PROFESSIONALS), DAYS,
    st.just(tuple(ReachKind)) | st.sets(st.sampled_from(ReachKind)).map(tuple),
    st.sampled_from(Category),
)  # fmt: skip


class Scene(NamedTuple):
    """What the random rows point to; `moment` is day 0."""

    people: list[UUID]
    agencies: list[UUID]
    professionals: list[UUID]
    sources: list[UUID]
    consents: dict[tuple[int, Purpose], UUID]
    moment: datetime

    def day(self, number: int) -> datetime:
        return self.moment + timedelta(days=number)


@pytest.fixture
def scene(engine, town) -> Scene:
    with db.transaction(engine) as session:
        consents = {}
        people = [
            small_town.person(session, town, f"P{number}", "Essai", town.today)
            for number in range(PEOPLE)
        ]
        for number, person in enumerate(people):
            for purpose in Purpose:
                consent = Consent(person_id=person.id, agency_id=town.mission.id, purpose=purpose)
                session.add(consent)
                consents[number, purpose] = consent.id
        for row in session.exec(select(Reach)):
            session.delete(row)
    return Scene(
        [person.id for person in people],
        [town.ccas.id, town.greta.id],
        [town.chloe.id, town.bruno.id],
        [town.meeting.id, town.journey.id],
        consents,
        clock.now(),
    )


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    ("worlds", "rows"), [(250, 14), pytest.param(4000, 30, marks=pytest.mark.long)]
)
def test_what_python_reads_and_what_sql_sees_are_the_same(engine, scene, worlds, rows):
    met: Counter[str] = Counter()

    @settings(
        max_examples=worlds,
        deadline=None,
        derandomize=worlds < 1000,
        database=None,
        phases=(Phase.explicit, Phase.generate),
    )
    @given(
        reaches=st.lists(REACHES, min_size=rows // 2, max_size=rows),
        covers=st.lists(COVERS, min_size=rows // 2, max_size=rows),
        questions=st.lists(QUESTIONS, min_size=2, max_size=4),
    )
    def the_same(reaches, covers, questions):
        with engine.connect() as connection, connection.begin() as undone:
            write(connection, scene, reaches, covers)
            with Session(connection, autoflush=False) as session:
                for asked in questions:
                    met["asked"] += 1
                    met.update(compare(session, scene, asked))
            undone.rollback()

    the_same()
    assert met["asked"] >= 2 * worlds
    for found in ("nobody", "somebody", "by a reach", "by a consent", "some of it"):
        assert met[found] >= worlds / 10, (found, met)  # else little is proved


def compare(session: Session, scene: Scene, asked: Question) -> set[str]:
    """The same categories of the same persons; what sort of answer it was."""
    professional = _at(scene.professionals, asked.professional)
    agency, now = scene.agencies[asked.agency], scene.day(asked.day)
    found = rule.readable(
        session,
        agency_id=agency,
        professional_id=professional,
        persons=scene.people,
        now=now,
        kinds=asked.kinds,
    )
    assert all(found.values()), "nobody is there with nothing"
    in_python = {(person, c.bit) for person, categories in found.items() for c in categories}
    opened = rule.opened(
        Person.id,
        literal_column("bits.bit"),
        agency_id=agency,
        professional_id=professional,
        moment=now,
        kinds=asked.kinds,
    )
    wanted = columns(col(Person.id), BIT.c.bit).select_from(join(Person, BIT, true()))
    wanted = wanted.where(col(Person.id).in_(scene.people), opened)
    assert {(person, bit) for person, bit in session.execute(wanted)} == in_python, asked
    actor = Actor(ActorKind.PROFESSIONAL, professional_id=professional, agency_id=agency)
    seen = rule.sees(actor, Person.id, asked.category, now=now, kinds=asked.kinds)
    by_sql = session.exec(select(Person.id).where(col(Person.id).in_(scene.people), seen))
    assert set(by_sql) == {person for person, bit in in_python if bit == asked.category.bit}, asked
    bases = [basis for categories in found.values() for basis in categories.values()]
    return {
        "somebody" if found else "nobody",
        *("by a consent" if basis.consent_id else "by a reach" for basis in bases),
        *("some of it" for categories in found.values() if len(categories) < len(Category)),
    }


def write(
    connection: Connection, scene: Scene, reaches: list[OneReach], covers: list[OneCover]
) -> None:
    """Both tables at once."""
    moment = {"created_at": scene.moment}
    connection.execute(
        insert(Reach),
        [
            moment
            | {
                "id": uuid7(),
                "person_id": scene.people[row.person],
                "agency_id": scene.agencies[row.agency],
                "professional_id": _at(scene.professionals, row.professional),
                "kind": row.kind,
                "effect": row.effect,
                "purpose": row.purpose,
                "opens": row.opens,
                "source_id": _at(scene.sources, row.source),
                "from_at": scene.day(row.starts),
                "until_at": scene.day(row.starts + row.lasting) if row.lasting else None,
            }
            for row in reaches
        ],
    )
    if covers:
        connection.execute(
            insert(ConsentCover),
            [
                moment
                | {
                    "id": uuid7(),
                    "consent_id": scene.consents[row.person, row.purpose],
                    "person_id": scene.people[row.person],
                    "agency_id": scene.agencies[row.agency],
                    "purpose": row.purpose,
                    "effect": row.effect,
                    "categories": row.categories,
                    "from_at": scene.day(row.starts),
                    "until_at": scene.day(row.starts + row.lasting),
                }
                for row in covers
            ],
        )


def _at(rows: list[UUID], number: int | None) -> UUID | None:
    return None if number is None else rows[number]
