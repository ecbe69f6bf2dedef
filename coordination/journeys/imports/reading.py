"""A file as agencies really produce them, turned into headings and rows of text. Nothing is known
here of persons; a refusal says what to do."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from coordination.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 60
_MOST_UNPACKED = 80 * 1024 * 1024  # of a workbook: a small file may unfold into gigabytes
_SEPARATORS = ";,\t"
FIELD = "file"


class Table(NamedTuple):
    """`rows` are (line in the file, cells as text), without the empty ones. `notes` say how the
    file was understood."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]
    notes: list[str]


def read_path(path: Path) -> Table:
    """The same, from the disk; too large a file is not read at all."""
    if not path.is_file():
        raise Invalid(f"Ce fichier n’existe pas : {path.name}.", field=FIELD)
    if path.stat().st_size > MOST_BYTES:
        raise _too_large()
    return read(path.read_bytes())


def read(content: bytes) -> Table:
    """CSV (`;` `,` or tab; UTF-8 or Windows-1252) or XLSX, recognised by its content."""
    if len(content) > MOST_BYTES:
        raise _too_large()
    if not content.strip(b"\xef\xbb\xbf \r\n\t\0"):
        raise _no("Ce fichier est vide.")
    if content.startswith(b"PK\x03\x04"):
        return _table(_workbook(content), ["Classeur Excel, première feuille."])
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _no("C’est un ancien fichier Excel (.xls) : enregistrez-le en .xlsx ou en CSV.")
    text, encoding = _decode(content)
    separator = _separator(text)
    said = {";": "point-virgule", ",": "virgule", "\t": "tabulation"}[separator]
    return _table(_lines(text, separator), [f"CSV, séparateur {said}, {encoding}."])


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as fault:
            raise _not_text() from fault
    for encoding, name in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in set(text)):
            break
        return text, name
    raise _not_text()


def _separator(text: str) -> str:
    """The one that cuts the first line into the most headings."""
    first = next(line for line in text.splitlines() if line.strip())
    counted = {s: len(next(csv.reader([first], delimiter=s), [])) for s in _SEPARATORS}
    best = max(counted, key=lambda s: counted[s])
    if counted[best] < 2:
        raise _no(
            "Les colonnes ne se séparent pas : le séparateur attendu est le point-virgule, la "
            "virgule ou la tabulation."
        )
    return best


def _lines(text: str, separator: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as fault:
        raise _no(
            f"La ligne {reader.line_num} ne se lit pas : des guillemets n’y sont pas refermés, ou "
            "une cellule est démesurée."
        ) from fault


def _workbook(content: bytes) -> Iterable[tuple[int, list[str]]]:
    """The first sheet. `reset_dimensions`: many tools write wrong ones, and rows would be lost."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                raise _no("Ce fichier n’est ni un CSV ni un classeur Excel (.xlsx).")
            if sum(member.file_size for member in packed.infolist()) > _MOST_UNPACKED:
                raise _no("Ce classeur est démesuré une fois ouvert : enregistrez-le en CSV.")
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield number, [_cell(value) for value in row]
        finally:
            book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, ParseError,
            EOFError, OSError, AttributeError) as fault:  # fmt: skip
        raise _no(
            "Ce fichier se présente comme un classeur Excel mais ne s’ouvre pas : "
            "enregistrez-le de nouveau en .xlsx, ou en CSV."
        ) from fault


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


def _table(lines: Iterable[tuple[int, list[str]]], notes: list[str]) -> Table:
    headings: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        clean = [_clean(cell) for cell in cells]
        while clean and not clean[-1]:
            clean.pop()
        if not clean:
            continue
        if len(clean) > MOST_COLUMNS:
            raise _no(f"La ligne {number} a {len(clean)} colonnes ; {MOST_COLUMNS} au plus.")
        if not headings:
            headings = clean
        elif len(rows) == MOST_ROWS:
            raise _no(f"Ce fichier a plus de {MOST_ROWS} lignes : coupez-le en plusieurs fichiers.")
        else:
            rows.append((number, clean))
    if not headings:
        raise _no("Ce fichier est vide.")
    if not rows:
        raise _no("Ce fichier n’a que des titres de colonnes : aucune ligne à importer.")
    return Table(headings, rows, notes)


def _clean(cell: str) -> str:
    flat = unicodedata.normalize("NFC", cell.replace("\u00a0", " ").replace("\u202f", " "))
    kept = (c if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} else " " for c in flat)
    return " ".join("".join(kept).split())


def _no(message: str) -> Invalid:
    return Invalid(message, field=FIELD)


def _not_text() -> Invalid:
    return _no(
        "Ce fichier n’est pas du texte lisible (CSV en UTF-8 ou Windows-1252) ni un classeur .xlsx."
    )


def _too_large() -> Invalid:
    return _no(f"Ce fichier dépasse {MOST_BYTES // (1024 * 1024)} Mo : coupez-le en plusieurs.")
