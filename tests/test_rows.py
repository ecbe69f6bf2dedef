"""Many rows at once say what the same rows say one by one."""

from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select
from uuid_utils.compat import uuid7

from coordination.agencies.models import Agency, AgencyKind
from coordination.db import transaction
from coordination.journeys.models import Journey, JourneyMove, JourneyState
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonFact
from coordination.programmes.models import Programme, ProgrammeKind
from coordination.rows import put, sent_ahead
from tests.hostile import texts

TEXTS = (*texts.HOSTILE, "", "NULL", "{}", "{a,b}", '"', "\\", '\\"', "a\nb\tc", " ", "l’été 😀")


@pytest.fixture
def journey(engine) -> Journey:
    with transaction(engine) as session:
        agency = Agency(name="Mission locale", kind=AgencyKind.MISSION_LOCALE)
        programme = Programme(slug="declic", name="Déclic", kind=ProgrammeKind.REMOBILISATION)
        session.add_all((agency, programme))
        session.flush()
        person = Person(agency_id=agency.id, reference="P-TEST", salt="s")
        session.add(person)
        session.flush()
        made = Journey(number="2026-TEST", person_id=person.id, agency_id=agency.id,
                       programme_id=programme.id, state=JourneyState.ENTERED,
                       entered_on=date(2026, 1, 5))  # fmt: skip
        session.add(made)
    return made


def test_every_text_comes_back_as_it_went(engine, journey):
    of = {"person_id": journey.person_id, "agency_id": journey.agency_id}
    rows = [
        PersonFact(**of, category=Category.RESOURCES, code=f"{number:03}", value=text)
        for number, text in enumerate(TEXTS)
    ]
    assert _put_and_read(engine, PersonFact, rows, by="code") == rows


def test_days_nothings_and_what_is_told_as_json_come_back_too(engine, journey):
    class Verb(StrEnum):
        PAUSE = "v1"

    rows = [
        JourneyMove(journey_id=journey.id, verb=verb, before=before, on_day=day,
                    after=JourneyState.ENTERED, details=details)
        for verb, before, day, details in (
            (Verb.PAUSE, None, date(2024, 2, 29), {}),
            ("v2", JourneyState.SUSPENDED, date(2026, 12, 31), {"said": 'l’été, "ici" \\ {là}'}),
            ("v3", None, date(1999, 1, 1), {"many": [1, 2.5, None, True]}),
        )
    ]  # fmt: skip
    assert _put_and_read(engine, JourneyMove, rows, by="verb") == rows


def test_rows_of_different_columns_are_refused(engine, journey):
    rows = [{"verb": "open"}, {"verb": "open", "reason": "x"}]
    with transaction(engine) as session, pytest.raises(ValueError, match="different columns"):
        put(session, SQLModel.metadata.tables["journey_move"], rows)


def test_rows_sent_ahead_come_too_and_what_is_refused_is_said_in_the_end(engine, journey):
    fact = _told(
        PersonFact(person_id=journey.person_id, agency_id=journey.agency_id,
                   category=Category.RESOURCES, code="one", value="x")
    )  # fmt: skip
    table = SQLModel.metadata.tables["person_fact"]
    with transaction(engine) as session:
        with sent_ahead(session):
            put(session, table, [fact])
            put(session, table, [fact | {"id": uuid7(), "code": "two"}])
        assert len(session.exec(select(PersonFact)).all()) == 2
    for wrong in (0, 1, 5, 0, 1, 5):  # often enough for a statement to be prepared
        with pytest.raises(IntegrityError), transaction(engine) as session, sent_ahead(session):
            for number in range(6):
                key = fact["id"] if number == wrong else uuid7()
                put(session, table, [fact | {"id": key, "code": f"{number}"}])
    with transaction(engine) as session:
        assert len(session.exec(select(PersonFact)).all()) == 2


def _put_and_read(engine, model: Any, rows: list[Any], *, by: str) -> list[Any]:
    with transaction(engine) as session:
        put(session, model.__table__, [_told(row) for row in rows])
    with transaction(engine) as session:
        return list(session.exec(select(model).order_by(col(getattr(model, by)))))


def _told(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields}
