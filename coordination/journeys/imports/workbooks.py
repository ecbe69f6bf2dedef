"""A workbook's first visible sheet as rows of text. What would unfold without end is refused before
it is opened; a formula gives the value that the spreadsheet last wrote, and is never run."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from coordination.errors import Invalid

MOST_UNPACKED = 100 * 1024 * 1024
_MOST_SHARED = 40 * 1024 * 1024  # the table of strings is held whole
_MOST_MEMBERS = 500
_MOST_IN_A_ROW = 16_384  # what a spreadsheet itself can hold
_MARKS = re.compile(rb"<(?:\w+:)?(row|c)[\s>/]")
_NEVER_COMPUTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?"
    rb"\s*</(?:\w+:)?c>"
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
FORMULAS = "Ce classeur contient des formules : seules leurs valeurs enregistrées sont lues."


def read(content: bytes) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    """(number and cells of each row, what is said of the workbook)."""
    import openpyxl  # heavy: only when a workbook comes

    with _telling():
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check(packed)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
        if sheet is None:
            raise _no("Ce classeur n’a pas de feuille visible : affichez celle de la liste.")
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            formulas = _check_sheet(packed.read(sheet._worksheet_path.lstrip("/")))
        title = " ".join(str(sheet.title).split())[:31]
    notes = [f"Classeur Excel, feuille « {title} »."]
    return _rows(book, sheet), notes + [FORMULAS] * formulas


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """`reset_dimensions`: many tools write wrong ones, and rows would be lost."""
    with _telling():
        try:
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield number, [_cell(value) for value in row]
        finally:
            book.close()


def _check(packed: zipfile.ZipFile) -> None:
    members = packed.infolist()
    if "xl/workbook.xml" not in packed.namelist():
        raise _no("Ce fichier n’est ni un CSV ni un classeur Excel (.xlsx).")
    shared = sum(m.file_size for m in members if m.filename.endswith("sharedStrings.xml"))
    if (
        len(members) > _MOST_MEMBERS
        or sum(m.file_size for m in members) > MOST_UNPACKED
        or shared > _MOST_SHARED
    ):
        raise _enormous()
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with packed.open(member) as opened:
                start = opened.read(4096)
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\0" in start:
                raise _no("Ce classeur a une forme inattendue : enregistrez-le de nouveau en "
                          ".xlsx, ou en CSV.")  # fmt: skip


def _check_sheet(xml: bytes) -> bool:
    """Whether it holds formulas. Refused: a row of millions of cells; a formula whose value the
    spreadsheet never wrote, since it would read as an empty cell."""
    cells = 0
    for mark in _MARKS.finditer(xml):
        cells = 0 if mark[1] == b"row" else cells + 1
        if cells > _MOST_IN_A_ROW:
            raise _enormous()
    if empty := _NEVER_COMPUTED.search(xml):
        row = re.findall(rb'<(?:\w+:)?row[^>]*?\sr="(\d+)"', xml[: empty.start()])
        where = f", à la ligne {row[-1].decode()}" if row else ""
        raise _no(
            f"Une formule de ce classeur n’a pas de valeur enregistrée{where} : ouvrez-le dans "
            "votre tableur, enregistrez-le, puis renvoyez-le (ou enregistrez-le en CSV)."
        )
    return _FORMULA.search(xml) is not None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@contextmanager
def _telling() -> Iterator[None]:
    """Whatever a broken workbook raises, said in words."""
    try:
        yield
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, ParseError,
            EOFError, OSError, AttributeError, NotImplementedError) as fault:  # fmt: skip
        raise _no(
            "Ce fichier se présente comme un classeur Excel mais ne s’ouvre pas : "
            "enregistrez-le de nouveau en .xlsx, ou en CSV."
        ) from fault


def _enormous() -> Invalid:
    return _no("Ce classeur est démesuré une fois ouvert : enregistrez-le en CSV.")


def _no(message: str) -> Invalid:
    return Invalid(message, field="file")
