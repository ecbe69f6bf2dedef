"""Which people are proposed as one, and which are not."""

from datetime import date
from uuid import UUID

import pytest

from coordination.persons.likeness import Known, Like, across, close, pairs

BORN = date(1999, 3, 14)
A, B, C, D = (UUID(int=n) for n in (1, 2, 3, 4))


def like(one: Known, other: Known) -> Like | None:
    found = pairs([one, other])
    return found[0].like if found else None


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Known(B, "BENALI", "Dâna", BORN), Like.NAME_AND_BIRTH),
        (Known(B, "Ben-Ali", "Dana", BORN), None),
        (Known(B, "Benali", "Dana", date(1999, 3, 15)), None),
        (Known(B, "Benali", "Danna", BORN), Like.CLOSE_GIVEN_NAMES),
        (Known(B, "Benali", "Dana Marie", BORN), Like.CLOSE_GIVEN_NAMES),
        (Known(B, "Benali", "Samir", BORN), None),
        (Known(B, "Autre", "Dana", None, email="DANA@example.org"), Like.CONTACT),
        (Known(B, "Autre", "Dana", None, phones=("+33 6 39 98 00 01",)), Like.CONTACT),
        (Known(B, "Autre", "Lina", None, phones=("06 39 98 00 01",)), None),
        (Known(B, "Autre", "Lina", None, france_travail=("12345678901",)), Like.FRANCE_TRAVAIL),
        (Known(B, "Benali", "Dana", None), None),
    ],
)
def test_two_files_are_proposed_for_one_reason_or_not_at_all(other, expected):
    dana = Known(A, "Benali", "Dana", BORN, "dana@example.org", ("06.39.98.00.01",),
                 ("12345678901",))  # fmt: skip
    assert like(dana, other) is expected
    assert like(other, dana) is expected


def test_each_two_come_once_under_the_surest_reason_the_surest_first():
    people = [
        Known(A, "Benali", "Dana", BORN, "d@example.org"),
        Known(B, "Benali", "Danna", BORN, "d@example.org"),
        Known(C, "Benali", "Dana", BORN, "d@example.org"),
    ]
    assert [(p.one, p.other, p.like) for p in pairs(people)] == [
        (A, C, Like.NAME_AND_BIRTH), (A, B, Like.CLOSE_GIVEN_NAMES), (B, C, Like.CLOSE_GIVEN_NAMES)
    ]  # fmt: skip


def test_across_two_sides_each_of_ones_own_meets_each_of_the_others_and_none_of_its_own_side():
    mine = [Known(B, "Benali", "Dana", BORN), Known(C, "Benali", "Dana", BORN)]
    theirs = [Known(A, "Benali", "Danna", BORN), Known(D, "Benali", "Danna", BORN)]
    assert [(p.one, p.other) for p in across(mine, theirs)] == [(B, A), (B, D), (C, A), (C, D)]
    assert across(mine, []) == across([], theirs) == []


def test_a_phone_that_everyone_gives_says_nothing():
    crowd = [Known(UUID(int=n), f"Nom{n}", "Léa", phones=("0499000000",)) for n in range(1, 30)]
    assert pairs(crowd) == []


def test_given_names_are_close_by_a_slip_or_by_one_of_several():
    assert close("Léa", "lea marie")
    assert close("Charlie", "Charly")
    assert close("Charlie", "charlot")  # as an import of both says
    assert not close("Léa", "Léandre")
    assert not close("", "Léa")
