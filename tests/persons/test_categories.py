"""Every table that describes a person has its place on the map, and nothing else has."""

import pytest
from sqlalchemy import JSON, LargeBinary, Uuid
from sqlmodel import SQLModel

from coordination import assembly
from coordination.persons import categories
from coordination.persons.categories import BY_ROW, NOBODY, TABLES, TECHNICAL, Category

# An identifier kept without a foreign key leads to a row about a person just as well.
_LEADS_TO = {"person_id", "journey_id", "referral_id", "need_id", "item_id", "decision_id"}


def tables():
    assembly.load_models()
    return SQLModel.metadata.tables


def about_a_person() -> set[str]:
    """The tables that the foreign keys join to a person, however far, and those that name one."""
    found = {name for name, table in tables().items() if _LEADS_TO & set(table.columns.keys())}
    found.add("person")
    grown = True
    while grown:
        further = {
            table.name
            for table in tables().values()
            for key in table.foreign_keys
            if key.column.table.name in found and key.column.table.name not in NOBODY
        }
        grown = not further <= found
        found |= further
    return found


def test_every_table_that_foreign_keys_join_to_a_person_is_on_the_map():
    unsaid = about_a_person() - set(TABLES) - {name for name, why in NOBODY.items() if why}
    assert unsaid == set(), "say their category in persons/categories.py"


def test_every_table_is_either_about_a_person_or_about_nobody():
    assert set(TABLES) & set(NOBODY) == set()
    assert set(tables()) - set(TABLES) - set(NOBODY) == set(), "persons/categories.py"
    assert set(TABLES) | set(NOBODY) <= set(tables()), "no longer exists"


def test_a_table_about_nobody_that_could_hold_a_person_says_why_it_does_not():
    """JSON, bytes, and identifiers that no foreign key follows."""
    loose = {
        table.name
        for table in tables().values()
        for column in table.columns
        if column.name not in {"id", "uid"}
        and not column.foreign_keys
        and isinstance(column.type, Uuid | LargeBinary)
    }
    assert {name for name in loose if NOBODY.get(name) == ""} == {"grant"}  # scope: a committee
    holds = {t.name for t in tables().values() for c in t.columns if isinstance(c.type, JSON)}
    settings_of_the_house = {"committee_kind", "programme_rule"}
    assert {name for name in holds if NOBODY.get(name) == ""} == settings_of_the_house


def test_a_table_whose_rows_say_their_category_has_the_column_and_no_other_does():
    by_row = {name for name, category in TABLES.items() if category == BY_ROW}
    carry = {name for name in TABLES if "category" in tables()[name].columns}
    assert carry == by_row


def test_what_tells_something_of_a_person_is_never_kept_as_technical():
    """A technical row has keys, dates and words of the house: no text that someone types."""
    typed = {"expressed_name", "collected_place", "words_used"}  # of the agreement's own paper
    for name, category in TABLES.items():
        if category == TECHNICAL:
            columns = set(tables()[name].columns.keys())
            columns -= {"note"} if name == "recall" else set()  # an agency's answer, names nobody
            assert columns & {"text", "note", "reason", "label", "value", "report"} == set(), name
            assert name in {"consent", "consent_event"} or not columns & typed


@pytest.mark.parametrize("table", ["consent", "person_fact", "agency", "a_new_table"])
def test_what_has_no_category_of_its_own_cannot_be_shared(table):
    with pytest.raises(categories.Unmapped, match=table):
        categories.of(table)


def test_what_is_on_the_map_says_its_category():
    assert categories.of("demand") is Category.STEPS
    assert categories.of("person_identity") is Category.IDENTITY
