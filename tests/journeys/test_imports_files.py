"""Files as spreadsheets and exports make them, and those made to harm."""

import io
import re
import zipfile

import openpyxl
import pytest

from coordination.errors import Invalid
from coordination.journeys.imports import columns, headings, reading, workbooks

pytestmark = pytest.mark.sqlite_first

ROW = ["Nom", "Prénom", "Date de naissance"]


def book(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def changed(content, name, change):
    """The workbook with one member rewritten."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            body = old.read(member)
            new.writestr(member, change(body) if member.endswith(name) else body)
    return kept.getvalue()


def test_a_formula_gives_the_value_that_was_recorded_and_is_said():
    formula = book([ROW, ["Roux", '=CONCATENATE("L","éa")', "01/02/1990"]])

    def with_value(body):
        return re.sub(rb"(<f>.*?</f>)<v\s*/?>(</v>)?", rb"\1<v>L&#233;a</v>", body).replace(
            b'<c r="B2">', b'<c r="B2" t="str">'
        )

    table = reading.read(changed(formula, "sheet1.xml", with_value))
    assert table.rows == [(2, ["Roux", "Léa", "01/02/1990"])]
    assert workbooks.FORMULAS in table.notes


def test_a_formula_without_a_value_is_refused_with_its_line():
    with pytest.raises(Invalid, match="à la ligne 3"):
        reading.read(book([ROW, ["Roux", "Léa", "01/02/1990"], ["Roux", "=B2", "01/02/1990"]]))


def test_a_row_of_millions_of_cells_is_refused_before_it_is_opened():
    bomb = changed(
        book([ROW]),
        "sheet1.xml",
        lambda body: body.replace(b"</row>", b"<c/>" * 20_000 + b"</row>"),
    )
    with pytest.raises(Invalid, match="démesuré"):
        reading.read(bomb)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("xl/media/huge.bin", b"0" * (workbooks.MOST_UNPACKED + 1), "démesuré"),
        ("xl/sharedStrings.xml", b"<si/>" * (9 * 1024 * 1024), "démesuré"),
        ("xl/other.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "inattendue"),
    ],
)
def test_a_workbook_made_to_harm_is_refused(name, body, said):
    kept = io.BytesIO(book([ROW]))
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, body)
    assert len(kept.getvalue()) < reading.MOST_BYTES
    with pytest.raises(Invalid, match=said):
        reading.read(kept.getvalue())


def test_the_first_visible_sheet_is_read_and_named():
    made = openpyxl.Workbook()
    made.active.append(["rien"])
    made.active.sheet_state = "hidden"
    sheet = made.create_sheet("Bénéficiaires")
    for row in (ROW, ["Roux", "Léa", "01/02/1990"]):
        sheet.append(row)
    kept = io.BytesIO()
    made.save(kept)
    table = reading.read(kept.getvalue())
    assert table.headings == ROW
    assert "« Bénéficiaires »" in table.notes[0]


def test_a_huge_cell_is_refused_with_its_line():
    with pytest.raises(Invalid, match=r"ligne 3 .*2000 caractères"):
        reading.read(f"Nom;Prénom\nRoux;Léa\nRoux;{'x' * 2001}\n".encode())


def test_the_limits_are_said_before_they_are_met(visit):
    page = (
        visit("alice").get("/parcours/importer").text.replace("\u202f", " ").replace("\u00a0", " ")
    )
    for said in ("10 Mo", "20 000 lignes", "60 colonnes", "2 000 caractères", "100 Mo"):
        assert said in page


@pytest.mark.parametrize(
    ("raw", "kept", "said"),
    [
        ("04230123456", "04230123456", ""),
        ("4230123456", "04230123456", "zéros"),
        ("4,23012E+10", None, "arrondi"),
    ],
)
def test_the_zeros_that_a_spreadsheet_lost_are_put_back(raw, kept, said):
    row = columns.clean(2, [raw], {0: "france_travail"})
    assert row.values.get("france_travail") == kept
    assert said in " ".join(row.notes)


def test_a_cell_in_error_is_left_and_said():
    row = columns.clean(2, ["#N/A"], {0: "commune_name"})
    assert "commune_name" not in row.values
    assert "#N/A" in row.notes[0]


def test_headings_are_recognised_in_any_order_and_each_once():
    told = ["TÉLÉPHONE", "Nom ", "Prénoms", "Née le", "Portable", "N° de sécurité sociale"]
    guessed = ["phones", "usual_name", "given_names", "birth_on", "", "nir"]
    assert headings.guess(told) == guessed
    assert headings.guess(told[::-1])[1:] == ["phones", *guessed[-3:0:-1], ""]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_encoding_and_separator_gives_the_same_rows(encoding, separator):
    text = separator.join(ROW) + "\r\n" + separator.join(["Garçon", "Émile", "01/02/1990"])
    assert reading.read(text.encode(encoding)).rows == [(2, ["Garçon", "Émile", "01/02/1990"])]
