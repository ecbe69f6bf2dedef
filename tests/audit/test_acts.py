"""An act is written in one way only, and holds nothing that someone typed."""

import math
from datetime import date

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from coordination import audit, db
from coordination.agencies.actors import CLOCK
from coordination.audit.acts import LARGEST
from coordination.referrals.states import Status

pytestmark = pytest.mark.sqlite_first

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
values = (
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST)
    | st.text(st.characters(exclude_categories=["Cs"]))
)  # fmt: skip


@given(st.dictionaries(names, values | st.dictionaries(names, values)))
def test_the_house_writes_json_as_rfc_8785_does(entry):
    assert audit.canonical(entry).encode() == rfc8785.dumps(entry)


def test_a_letter_beyond_the_plane_is_a_value_and_never_a_name(engine):
    with db.reading(engine) as session, pytest.raises(ValueError, match="not the name"):
        audit.act(session, CLOCK, "test.one", **{"\U0001f600": 1})


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -3, LARGEST, "", "26", "2026-06-04", "2026-06-04T10:00+00:00", "a" * 64,
        "0198c3f2-7b1e-4d52-9c1a-5b7f3e2a9d10", Status.SENT, "no_answer moved_away",
        "fact:licence phone", "D2-1",
    ],
)  # fmt: skip
def test_a_fact_made_of_codes_is_let_in(engine, value):
    with db.reading(engine) as session:
        audit.act(session, CLOCK, "test.one", value=value)
        (entry,) = session.info["acts"]
        assert entry["facts"]["value"] == value


@pytest.mark.parametrize(
    "value",
    [
        "Camille Martin", "elle a quitté son logement", "logement\nperdu", "c@example.org", "é",
        "a" * 65, "two  spaces", " before", LARGEST + 1, 1.5, math.inf, date(2026, 6, 4), ["a"],
        b"a",
    ],
)  # fmt: skip
def test_a_fact_that_could_be_text_is_refused_before_anything_is_kept(engine, value):
    with db.reading(engine) as session, pytest.raises(ValueError, match="not made of codes"):
        audit.act(session, CLOCK, "test.one", value=value)
        assert "acts" not in session.info
