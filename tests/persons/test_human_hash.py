"""What links one human being across agencies: the same for the same, and shown on no page."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import db as base
from coordination.persons.models import Person, PersonToken
from coordination.persons.records import human_hash
from tests import walking

DANA = {"given_names": "Dana", "usual_name": "Benali", "birth_on": date(1999, 3, 14)}


@pytest.mark.parametrize(
    "other",
    [{"given_names": "DÂNA Marie"}, {"usual_name": "benali "}, {"usual_name": "BENALI"}],
)
def test_accents_case_and_second_names_do_not_make_someone_else(other):
    assert human_hash(**DANA | other) == human_hash(**DANA)


@pytest.mark.parametrize(
    "other",
    [{"given_names": "Lina"}, {"usual_name": "Benala"}, {"birth_on": date(1999, 3, 15)},
     {"france_travail_id": "12345678901"}],
)  # fmt: skip
def test_another_name_day_or_number_is_someone_else(other):
    assert human_hash(**DANA | other) != human_hash(**DANA)


def test_the_number_of_france_travail_says_it_alone_and_too_little_says_nothing():
    other = {"given_names": "X", "usual_name": "Y", "birth_on": None}
    numbered = {"france_travail_id": "12345678901"}
    assert human_hash(**DANA | numbered) == human_hash(**other | numbered)
    assert human_hash(**DANA | {"birth_on": None}) is None
    assert human_hash(**DANA | {"france_travail_id": "1234567X"}) == human_hash(
        **DANA
    )  # older form


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    "role",
    [
        "own-adviser",
        *(
            pytest.param(role, marks=pytest.mark.long)
            for role in ("partner-adviser", "secretary", "admin", "dpo")
        ),
    ],
)
def test_no_page_shows_the_hash_nor_a_sealed_word(engine, town, again, role):
    full = again("full", lambda: walking.full(engine, town))
    with base.reading(engine) as session:
        secret = {known[:16] for known in session.exec(select(Person.human_hash)) if known}
        secret |= set(session.exec(select(PersonToken.token)))
    assert secret
    visitor, opened = walking.visitor(full, role), 0
    for way in walking.ways("GET"):
        answer = visitor.get(way.of(full, role))
        opened += answer.status_code == 200
        said = answer.text + str(answer.headers)
        assert not [one for one in secret if one in said], way.name
    assert opened > 3
