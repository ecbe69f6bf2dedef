"""Workbooks made to harm, and children that end badly: a sentence each time, and nothing falls."""

import io
import json
import struct
import zipfile

import pytest

from coordination.errors import Invalid
from coordination.journeys.imports import reading, unfolding, workbooks
from tests.journeys.test_workbooks import across, cell, ours, package, row, sheet

pytestmark = pytest.mark.sqlite_first

LIST = across("ab", kind="str") + across("cd", number=2, kind="str")
ROWS = [(1, ["a", "b"]), (2, ["c", "d"])]
A_MILLION = "<si><t>" + "x" * 1_000_000 + "</t></si>"
ENTITY = f"<?xml version='1.0'?><!--{'x' * 5000}--><!DOCTYPE a [<!ENTITY b 'c'>]>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (package(LIST + row(1_048_576, cell("XFD1048576", 1))), "ligne 1048576 et la colonne XFD"),
        (package(LIST + row(1_048_576, cell("F1048576", 1))), "ligne 1048576 et la colonne F"),
        (package(row(1, cell("ZZZ1", 1)) + LIST), "La ligne 1 a 18278 colonnes"),
        # a corner that the check does not see: the child dies of it
        (package(row(1, cell("XFD1048576", 1), cell("B1", 1))), "démesuré"),
        # one long text in many cells: a few kilobytes are gigabytes
        (package("".join(across([0], n, kind="s") for n in range(1, 3000)), strings=A_MILLION),
         "démesuré"),
        (package(parts={"xl/worksheets/1.xml": sheet(LIST)[:-30]}), "ne s’ouvre pas"),
        (package(parts={"xl/worksheets/1.xml": ENTITY + sheet(across(["&b;"], kind="str"))}),
         "ne s’ouvre pas"),
        (package(parts={"xl/workbook.xml": "<workbook/>"}), "pas de feuille visible"),
        (package(parts={"xl/_rels/workbook.xml.rels": ENTITY + "<a>&b;</a>"}), "feuille visible"),
        (package(parts={"xl/worksheets/1.xml": b"\xff\xff" * 50}), "ne s’ouvre pas"),
        (package(across([7], kind="s")), "ne s’ouvre pas"),
        (package("<row><c>" + "<a>" * 1_000_000), "ne s’ouvre pas"),
    ],
)  # fmt: skip
def test_a_workbook_made_to_harm_is_refused_in_words(content, said):
    with pytest.raises(Invalid, match=said):
        reading.read(content)


def test_a_part_larger_than_it_says_is_refused():
    size, small = 40_000_123, 123
    bomb = package(parts={"xl/worksheets/1.xml": b" " * size})
    lying = bomb.replace(struct.pack("<I", size), struct.pack("<I", small))
    with zipfile.ZipFile(io.BytesIO(lying)) as packed:
        assert packed.getinfo("xl/worksheets/1.xml").file_size == small
    with pytest.raises(Invalid, match="ne s’ouvre pas"):
        reading.read(lying)


def test_a_part_that_does_not_unpack_is_said():
    content = bytearray(package(LIST))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        start = packed.getinfo("xl/styles.xml").header_offset + 30 + len("xl/styles.xml")
    content[start : start + 40] = b"\xff" * 40
    with pytest.raises(Invalid, match="ne s’ouvre pas"):
        reading.read(bytes(content))


@pytest.mark.parametrize("far", ["XFD2", "XFD1048576", "A1048576"])
def test_a_cell_that_only_has_a_colour_may_be_far_away(far):
    for painted in (f'<c r="{far}" s="1"/>', f'<c r="{far}" s="1"></c>'):
        number = int(far.lstrip("AXFD"))
        assert ours(package(LIST + row(number, painted)))[0] == ROWS


def test_a_filled_cell_far_away_is_read_where_it_can_be():
    with pytest.raises(Invalid, match="La ligne 2 a 16384 colonnes"):
        reading.read(package(LIST + row(2, cell("XFD2", 1))))
    low = package(LIST + row(100_000, cell("B100000", 1)))
    assert ours(low)[0] == [*ROWS, (100_000, ["", "1"])]


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Another child in place of ours, that does as it is told with a workbook."""

    def told(script, seconds=unfolding.MOST_SECONDS):
        path = tmp_path / "child.py"
        path.write_text(f"import json, os, sys\n{script}\n")
        monkeypatch.setattr(unfolding, "__file__", str(path))
        monkeypatch.setattr(unfolding, "MOST_SECONDS", seconds)
        return reading.read(package(LIST))

    return told


BEGUN = 'print(json.dumps({"title": "a", "formulas": False}), flush=True)\n'


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("os.abort()", "démesuré"),
        ("sys.exit(1)", "ne s’ouvre pas"),
        (BEGUN + "print('[1, \"a\"]\\n[2,', end='', flush=True); os.abort()", "démesuré"),
        (BEGUN + "print('[1, \"a\"]\\n[2,', end=''); sys.exit(3)", "ne s’ouvre pas"),
        (BEGUN + "while True: print(json.dumps([1, 'a' * 1000]))", "démesuré"),
        (BEGUN + "print('9' * 3_000_000)", "démesuré"),
    ],
)
def test_a_child_that_ends_badly_is_said(child, monkeypatch, script, said):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 2_000_000)
    with pytest.raises(Invalid, match=said):
        child(script)


@pytest.mark.parametrize("script", ["while True: pass", BEGUN + "[*iter(int, 1)]"])
def test_a_child_that_is_late_is_ended(child, script):
    with pytest.raises(Invalid, match="démesuré"):
        child(script, seconds=0.5)


def test_the_child_knows_no_secret(child, monkeypatch):
    monkeypatch.setenv("PASSERELLES_SECRET", "what nobody else may know")
    table = child(BEGUN + "print(json.dumps([1, *os.environ])); print(json.dumps([2, 'x']))")
    assert not {name for name in table.headings if "PASSERELLES" in name or "PYTHON" in name}


def test_what_the_child_says_is_what_is_read(child):
    said = json.dumps([3, "é", "", "𝄞"])
    table = child(f"{BEGUN}print('[2,\"Nom\"]'); print({said!r})")
    assert (table.headings, table.rows) == (["Nom"], [(3, ["é", "", "𝄞"])])
