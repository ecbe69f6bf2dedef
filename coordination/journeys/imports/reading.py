"""A file as agencies really produce them, turned into headings and rows of text. Nothing is known
here of persons; a refusal says what to do."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from coordination.errors import Invalid
from coordination.journeys.imports import workbooks

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 2_000  # characters
LIMITS = (
    f"{MOST_BYTES // (1024 * 1024)} Mo, {MOST_ROWS // 1000}\u202f000 lignes, "
    f"{MOST_COLUMNS} colonnes et "
    f"{MOST_CELL // 1000}\u202f000 caractères par cellule au plus ; un classeur Excel, "
    f"{workbooks.MOST_UNPACKED // (1024 * 1024)} Mo une fois ouvert."
)
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
        with workbooks.read(content) as (rows, notes):
            return _table(rows, notes)
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


def _table(lines: Iterable[tuple[int, list[str]]], notes: list[str]) -> Table:
    headings: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        clean = [_clean(cell) for cell in cells]
        if any(len(cell) > MOST_CELL for cell in clean):
            raise _no(
                f"Une cellule de la ligne {number} a plus de {MOST_CELL} caractères : "
                "raccourcissez-la."
            )
        while clean and not clean[-1]:
            clean.pop()
        if not clean:
            continue
        if len(clean) > MOST_COLUMNS:
            raise _no(f"La ligne {number} a {len(clean)} colonnes ; {MOST_COLUMNS} au plus.")
        if not headings:
            headings = clean
        elif len(rows) == MOST_ROWS:
            raise _no(
                f"Ce fichier a plus de {MOST_ROWS // 1000}\u202f000 lignes : coupez-le en "
                "plusieurs fichiers."
            )
        else:
            rows.append((number, clean))
    if not headings:
        raise _no("Ce fichier est vide.")
    if not rows:
        raise _no("Ce fichier n’a que des titres de colonnes : aucune ligne à importer.")
    return Table(headings, rows, notes)


def _clean(cell: str) -> str:
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    return _flat(cell)


@lru_cache(maxsize=4096)
def _flat(cell: str) -> str:
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
