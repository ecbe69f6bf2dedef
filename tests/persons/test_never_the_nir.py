"""The social security number: found among other words, refused wherever text is typed."""

import pytest
from sqlmodel import select

from coordination import db
from coordination.journeys.imports import columns
from coordination.journeys.models import Contact
from coordination.persons.records import holds_nir
from coordination.web.models import Draft

NUMBERS = ["185057800608436", "1 85 05 78 006 084 36", "2 99 03 2A 172 001", "1850578006084"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("text", ["{}", "Sécu : {}, à voir", "Né le 3 mai ({})", "a\n{}\nb"])
def test_a_number_is_found_among_other_words(number, text):
    assert holds_nir(text.format(number))


@pytest.mark.parametrize(
    "text",
    ["", "06 12 34 56 78", "+33 6 12 34 56 78 / 04 67 00 00 00", "SIRET 229 300 082 01453",
     "22930008201453", "FR76 3000 6000 0112 3456 7890 189", "01234567890", "le 12/05/2026 à 14 h",
     "12345678901234567890", "2055990", "J-2026-000123", "P-7K3F-9Q2M"],
)  # fmt: skip
def test_other_numbers_are_left_alone(text):
    assert not holds_nir(text)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_cell_that_holds_one_is_blotted_out(number):
    rows = [(2, ["Benali", f"voir dossier {number}"])]
    columns.without_nir(rows, set())
    assert rows == [(2, ["Benali", columns.ERASED])]


def test_a_note_that_holds_one_is_refused_and_nothing_is_kept(visit, key, town, engine):
    answer = visit("alice").post(
        f"/parcours/{town.journey.id}/contacts",
        data={"_key": key(), "on_day": "2026-06-04", "channel": "phone", "presence": "present",
              "note": f"Numéro : {NUMBERS[1]}"},
        follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "numéro de sécurité sociale" in answer.text
    with db.reading(engine) as session:
        assert not session.exec(select(Contact)).all()
        assert not session.exec(select(Draft)).all()
