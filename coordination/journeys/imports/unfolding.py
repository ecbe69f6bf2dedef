"""The child that unfolds one workbook (`workbooks` starts it by its path): the workbook on its
input; on its output a line that says what it is, then a line for each row that holds something.

It imports nothing of ours. What it reads is lent to calamine alone, in a package written here:
calamine would look for strings and sheets at addresses of its own."""

import io
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from xml.etree import ElementTree

MOST_SECONDS = 30
_MEMORY = 768 * 1024**2  # bytes of address space; the largest list allowed takes 470 MB
_MOST_ROWS = 1_048_576  # what a spreadsheet itself can hold
_MOST_COLUMNS = 16_384
_MOST_CELLS = 5_000_000  # calamine holds the whole rectangle, empty or not


def _xml(pattern: bytes) -> re.Pattern[bytes]:
    """`:` before a tag's name stands for its prefix, which may not be there."""
    return re.compile(re.sub(rb"(</?\(?):", rb"\1(?:\\w+:)?", pattern))


_MARKS = _xml(
    rb"<:(?:(row)|c)(?=[\s/>])(?:[^<>]*?\sr=[\"']([A-Za-z]{0,3})(\d{1,9})[\"'])?[^<>]*?(/?)>(</)?"
)
_LAST = re.compile(rb' r="([A-Za-z]{1,3})(\d{1,9})"')
_ROW = _xml(rb'<:row[^>]*?\sr="(\d+)"')
_FORMULA = _xml(rb"<:f[\s>/]")
_NEVER_COMPUTED = _xml(
    rb"<:c(?![^<>]*\st=[\"']str[\"'][^<>]*>\s*<:f[^<>]*(?:/>|>[^<]*</:f>)\s*<:v)(?:\s[^<>]*)?>"
    rb"\s*<:f(?:\s[^<>]*)?(?:/>|>[^<]*</:f>)\s*(?:<:v\s*/>|<:v>\s*</:v>)?\s*</:c>"
)  # a text that was computed may well be empty
_IN_ERROR = _xml(rb"(<:c\s(?:[^<>]*?\s)?t=)[\"']e[\"']")
_IN_UTC = _xml(rb"(<:c\s(?:[^<>]*?\s)?t=[\"']d[\"'][^<>]*><:v>[^<]*)Z(?=<)")
_LONG = _xml(rb"<(:c)(\s[^<>]*)?>(?=<:v>-?\d{16,}<)")
_TYPE = re.compile(rb"\st=[\"'](\w*)[\"']")

ENORMOUS = "Ce classeur est démesuré une fois ouvert : enregistrez-le en CSV."
_UNSEEN = "Ce classeur n’a pas de feuille visible : affichez celle de la liste."
_FAR = (
    "Cette feuille est remplie jusqu’à la ligne {} et la colonne {}, presque toute vide : effacez "
    "ce qui est loin de la liste, ou copiez la liste dans un nouveau classeur."
)
_UNCOMPUTED = (
    "Une formule de ce classeur n’a pas de valeur enregistrée{} : ouvrez-le dans votre tableur, "
    "enregistrez-le, puis renvoyez-le (ou enregistrez-le en CSV)."
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = {
    "_rels/.rels": (
        f'<Relationships><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships><Relationship Id="r1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/1.xml"/></Relationships>'
    ),
}
_BOOK = (
    f'<workbook xmlns:r="{_OFFICE}"><workbookPr date1904="{{:d}}"/>'
    '<sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'
)


class Refused(Exception):
    """What is said to whoever sent the workbook."""


class Sheet(NamedTuple):
    """The sheet to read, and the parts that it leans on."""

    title: str
    since_1904: bool
    cells: bytes
    strings: bytes
    styles: bytes


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        about, package = _opened(sys.stdin.buffer.read())
        _say(about)
        for row in _rows(package):
            _say(row)
    except Refused as why:
        _say({"refused": str(why)})
    except MemoryError:
        _say({"refused": ENORMOUS})


def _say(what: Any) -> None:
    line = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(line.encode() + b"\n")


def _opened(content: bytes) -> tuple[dict[str, Any], io.BytesIO]:
    """What is said of the workbook, and its sheet in a package that calamine reads as we mean."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = _first_visible(packed)
    cells = _plain(sheet.cells)
    _check_box(cells)
    title = " ".join(sheet.title.split())[:31]
    about = {"title": title, "formulas": _has_formulas(cells)}
    return about, _repacked(sheet, _told(cells))


def _first_visible(packed: zipfile.ZipFile) -> Sheet:
    """The names of parts are compared without their case, as spreadsheets do."""
    names = {name.lower(): name for name in packed.namelist()}
    rels = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    links = (rel.attrib for rel in rels)
    targets = {to.get("Id"): (to.get("Type", ""), _address(to.get("Target", ""))) for to in links}

    def part(kind: str) -> bytes:
        found = (names.get(to) for is_a, to in targets.values() if is_a.endswith(f"/{kind}"))
        return next((packed.read(name) for name in found if name), b"")

    book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
    about = book.find("{*}workbookPr")
    dated = about is not None and about.get("date1904") in {"1", "true"}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
        kind, address = targets.get(key, ("", ""))
        seen = sheet.get("state", "visible") == "visible"
        if seen and kind.endswith("/worksheet") and address in names:
            cells = packed.read(names[address])
            return Sheet(sheet.get("name", ""), dated, cells, part("sharedStrings"), part("styles"))
    raise Refused(_UNSEEN)


def _address(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()


def _plain(xml: bytes) -> bytes:
    """Without comments, and without CDATA, which calamine takes for nothing."""
    if b"<!--" in xml:
        xml = re.sub(rb"<!--.*?-->", b"", xml, flags=re.DOTALL)
    if b"<![CDATA[" in xml:
        xml = re.sub(rb"<!\[CDATA\[(.*?)\]\]>", _escaped, xml, flags=re.DOTALL)
    return xml


def _escaped(found: re.Match[bytes]) -> bytes:
    return found[1].replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _check_box(xml: bytes) -> None:
    """Refused: cells that no spreadsheet can hold, and a rectangle of filled cells that is mostly
    empty. A cell that only has a colour counts for nothing, wherever it is."""
    if _numbered(xml) and _at_most(xml) <= _MOST_CELLS:
        return
    known: dict[bytes, int] = {}
    row = column = last = widest = 0
    first, narrowest = _MOST_ROWS, _MOST_COLUMNS
    for mark in _MARKS.finditer(xml):
        is_row, letters, number, closed, empty = mark.groups()
        if is_row:
            row, column = int(number or row + 1), 0
            continue
        if letters:
            column = known.get(letters) or known.setdefault(letters, _column(letters))
        else:
            column += 1
        at = int(number or row)
        if column > _MOST_COLUMNS or at > _MOST_ROWS:
            raise Refused(ENORMOUS)
        if closed or empty:
            continue
        first, last = min(first, at), max(last, at)
        narrowest, widest = min(narrowest, column), max(widest, column)
    if widest and (last - first + 1) * (widest - narrowest + 1) > _MOST_CELLS:
        raise Refused(_FAR.format(last, _letters(widest)))


def _numbered(xml: bytes) -> bool:
    """Whether every row and cell says where it is, as spreadsheets write them."""
    marks = (b"<row ", b"<row>", b"<row/", b"<c ", b"<c>", b"<c/")
    return sum(map(xml.count, marks)) == xml.count(b' r="')


def _at_most(xml: bytes) -> int:
    """The cells of the rectangle, by the last cell of each row: quickly, and sometimes too many."""
    deepest = widest = start = 0
    for row in re.finditer(rb"</row>", xml):
        last = _LAST.match(xml, max(xml.rfind(b' r="', start, row.start()), start))
        if last:
            deepest = max(deepest, int(last[2]))
            widest = max(widest, _column(last[1]))
        start = row.end()
    return deepest * widest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _has_formulas(xml: bytes) -> bool:
    """Refused: a formula whose value the spreadsheet never wrote, since it would read as an empty
    cell."""
    if b"f>" not in xml and b"<f" not in xml and b":f" not in xml:
        return False
    if empty := _NEVER_COMPUTED.search(xml):
        row = _ROW.findall(xml, 0, empty.start())
        raise Refused(_UNCOMPUTED.format(f", à la ligne {row[-1].decode()}" if row else ""))
    return _FORMULA.search(xml) is not None


def _told(xml: bytes) -> bytes:
    """What calamine would not tell is told otherwise: an error, which it empties, and a whole
    number too long for a float, which it rounds, as text; a moment in UTC, which it keeps as text,
    without its Z."""
    if b't="e"' in xml or b"t='e'" in xml:
        xml = _IN_ERROR.sub(rb'\1"str"', xml)
    if b"Z</" in xml:
        xml = _IN_UTC.sub(rb"\1", xml)
    if re.search(rb"v>-?\d{16}", xml):
        xml = _LONG.sub(_as_text, xml)
    return xml


def _as_text(cell: re.Match[bytes]) -> bytes:
    about = cell[2] or b""
    kind = _TYPE.search(about)
    if kind and kind[1] != b"n":
        return cell[0]
    return b"<" + cell[1] + _TYPE.sub(b"", about) + b' t="str">'


def _repacked(sheet: Sheet, cells: bytes) -> io.BytesIO:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as packed:
        for name, body in _PACKAGE.items():
            packed.writestr(name, body)
        packed.writestr("xl/workbook.xml", _BOOK.format(sheet.since_1904))
        packed.writestr("xl/worksheets/1.xml", cells)
        if sheet.strings:
            packed.writestr("xl/sharedStrings.xml", sheet.strings)
        if sheet.styles:
            packed.writestr("xl/styles.xml", sheet.styles)
    package.seek(0)
    return package


def _rows(package: io.BytesIO) -> Iterator[list[Any]]:
    """The number of each row that holds something, then its cells. Calamine leaves out the empty
    columns on the left."""
    import python_calamine  # here, so that it is never loaded in whoever starts the child

    book = python_calamine.load_workbook(package)
    package.close()  # it was copied
    sheet = book.get_sheet_by_index(0)
    book.close()
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield [number, *left, *cells]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    main()
