"""Workbooks of every maker: read as openpyxl reads them, except where it is said why not."""

import io
import random
import sys
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter

from coordination.errors import Invalid
from coordination.journeys.imports import workbooks

pytestmark = pytest.mark.sqlite_first

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
FORMATS = {
    0: "", 9: "", 10: "", 14: "", 20: "", 22: "", 45: "", 46: "", 165: r"yyyy\-mm\-dd",
    166: "[h]:mm:ss", 167: "&quot;jour&quot; 0", 168: "[Red]0.00", 169: r"[$-40C]d\ mmmm\ yyyy;@",
}  # fmt: skip
STYLES = (
    "<numFmts>"
    + "".join(f'<numFmt numFmtId="{n}" formatCode="{f}"/>' for n, f in FORMATS.items() if f)
    + "</numFmts><fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/>"
    "</borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs>"
    + "".join(f'<xf numFmtId="{n}"/>' for n in FORMATS)
    + "</cellXfs>"
)
ONE = '<sheet name="Liste" sheetId="1" r:id="r1"/>'


def package(rows="", *, strings=None, sheets=ONE, links="", about="", parts=None, **where):
    """A workbook written by hand. `parts` are more members; `where` may say `main`, the namespace,
    and `shared`, the address of the strings."""
    main, shared = where.get("main", MAIN), where.get("shared", "sharedStrings.xml")
    kinds = {"workbook": "sheet.main", "worksheets/1": "worksheet", "styles": "styles"}
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        + "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="{KIND}.{kind}+xml"/>'
            for name, kind in kinds.items()
        )
        + f'<Override PartName="/xl/{shared}" ContentType="{KIND}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{OFFICE}">{about}<sheets>{sheets}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="{shared}"/>{links}'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{STYLES}</styleSheet>',
        "xl/worksheets/1.xml": sheet(rows, main),
        f"xl/{shared}": f'<sst xmlns="{main}">{strings or ""}</sst>',
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in (members | (parts or {})).items():
            packed.writestr(name, body)
    return kept.getvalue()


def sheet(rows, main=MAIN):
    lying = '<dimension ref="A1"/>'
    return f'<worksheet xmlns="{main}">{lying}<sheetData>{rows}</sheetData></worksheet>'


def link(key, kind, target):
    return f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def cell(at, value="", kind="n", style=0, inner=""):
    return f'<c r="{at}" t="{kind}" s="{style}">{inner or f"<v>{value}</v>"}</c>'


def across(values, number=1, **more):
    return row(number, *(cell(f"{chr(65 + n)}{number}", v, **more) for n, v in enumerate(values)))


def ours(content):
    with workbooks.read(content) as (rows, notes):
        return _flat(rows), notes


def theirs(content):
    """As it was read before: numbers of rows, cells as text."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    found = next(s for s in book.worksheets if s.sheet_state == "visible")
    found.reset_dimensions()
    rows = enumerate(found.iter_rows(values_only=True), start=1)
    flat = _flat((number, [_text(value) for value in cells]) for number, cells in rows)
    book.close()
    return flat, found.title


def _text(value):
    if value is None or isinstance(value, bool):
        return {None: "", True: "Oui", False: "Non"}[value]
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _flat(rows):
    """As `reading` takes them: spaces made one, nothing empty at the end."""
    clean = [(number, [" ".join(c.split()) for c in cells]) for number, cells in rows]
    for _, cells in clean:
        while cells and not cells[-1]:
            cells.pop()
    return [(number, cells) for number, cells in clean if cells]


SERIALS = (
    "36524.5", "36524", "0.25", "1", "0", "60", "59.75", "36524.999999999", "0.123456", "0.7654321",
)  # fmt: skip
ALIKE = {
    "strings shared": package(
        across(range(6), kind="s"),
        strings="<si><t>a</t></si><si/><si><t></t></si>"
        '<si><r><t>x </t></r><r><t xml:space="preserve"> y</t></r></si>'
        '<si><t>漢</t><rPh sb="0" eb="1"><t>kan</t></rPh></si>'
        '<si><t xml:space="preserve">  é&amp;&#233;<![CDATA[<c>]]>\n2 </t></si>',
    ),
    "strings elsewhere": package(
        across([0], kind="s"), strings="<si><t>a</t></si>", shared="shared/mine.xml"
    ),
    "strings inline": package(
        row(1, *(cell(f"{at}1", kind="inlineStr", inner=f"<is>{inner}</is>") for at, inner in
                 zip("ABC", ("<t>hé &lt;</t>", "<r><t>x</t></r><r><t>y</t></r>", "<t> z </t>"),
                     strict=True)))
    ),
    "strings of formulas": package(
        across((" s &amp; t ", "", "<![CDATA[x<y]]>", "12"), kind="str")
    ),
    "errors": package(across(("#N/A", "#DIV/0!", "#GETTING_DATA", "#SPILL!"), kind="e")),
    "numbers": package(
        across(("3", "3.0", "1E3", "12345678901234567890", "9007199254740993", "0.1", "2.5E-7",
                "-0", "190059912345678", "123456789012345.6"))
    ),
    "numbers without a type": package('<row r="1"><c r="A1"><v>12345678901234567</v></c></row>'),
    "booleans": package(across("10", kind="b")),
    "formats": package("".join(
        row(n, *(cell(f"{chr(65 + s)}{n}", serial, style=s) for s in range(len(FORMATS))))
        for n, serial in enumerate(SERIALS, start=1)
    )),
    "since 1904": package(
        across(("36524", "0.5", "0"), style=3), about='<workbookPr date1904="1"/>'
    ),
    "dates in words": package(
        across(("2024-05-06", "2024-05-06T07:08:09", "07:08:09", "2024-05-06T07:08:09.000Z"),
               kind="d")
    ),
    "empty first rows and columns": package(
        row(3, cell("C3", 1), cell("F3", 2)) + row(6, cell("B6"))
    ),
    "cells without addresses": package(
        "<row><c><v>1</v></c><c/><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>"
        '<row r="7"><c r="C7"><v>4</v></c><c><v>5</v></c></row><row><c><v>6</v></c></row>'
    ),
    "other quotes": package("<row r='2'><c r='B2' t='e'><v>#N/A</v></c></row>"),
    "comments": package('<!-- <row r="9"> --><row r="1"><c r="A1"><!-- --><v>1</v></c></row>'),
    "a prefix": package(parts={
        "xl/worksheets/1.xml": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="2">'
        '<x:c r="B2" t="str"><x:v>hé</x:v></x:c><x:c r="C2" t="e"><x:v>#N/A</x:v></x:c>'
        '<x:c r="D2"><x:v>12345678901234567</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    }),
    "formulas": package(row(
        1, cell("A1", inner="<f>B1</f><v>4</v>"), cell("B1", kind="e", inner="<f>x</f><v>#N/A</v>"),
        cell("C1", kind="str", inner='<f t="shared" si="0"/><v>q</v>'),
        cell("D1", style=3, inner="<f>x</f><v>36524</v>"),
    )),
    "styled far away": package(
        across("ab", kind="str") + '<row r="2000"><c r="XFD2000" s="3"/></row>'
    ),
    "hidden sheets": package(
        across("a", kind="str"),
        sheets='<sheet name="H" sheetId="2" state="hidden" r:id="r4"/>'
        '<sheet name="V" sheetId="3" state="veryHidden" r:id="r4"/>'
        '<sheet name="gone" sheetId="4" r:id="r5"/><sheet name="L &amp; é" sheetId="1" r:id="r1"/>',
        links=link("r4", "worksheet", "/xl/other/2.xml") + link("r5", "worksheet", "gone.xml"),
        parts={"xl/other/2.xml": sheet(across("z", kind="str"))},
    ),
    "another folder": package(
        sheets='<sheet name="Liste" sheetId="1" r:id="r4"/>',
        links=link("r4", "worksheet", "/xl/other/2.xml"),
        parts={"xl/other/2.xml": sheet(across("z", kind="str"))},
    ),
    "no styles": package(across("1")),
}  # fmt: skip


@pytest.mark.parametrize("content", ALIKE.values(), ids=ALIKE)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_workbook_reads_as_openpyxl_reads_it(content):
    rows, notes = ours(content)
    expected, title = theirs(content)
    assert rows == expected
    assert notes[0] == f"Classeur Excel, feuille « {title} »."


def _any_value(dice):
    day = datetime(1950, 1, 1) + timedelta(days=dice.randrange(30_000))
    moment = day + timedelta(seconds=dice.randrange(86_400))
    return dice.choice([
        None, "", "Léa", " deux  mots ", "1 < 2 & 3", "0612345678", "ligne\n2", "𝄞 é", True, False,
        dice.randrange(10**15), dice.random(), dice.randrange(100) / 4, day.date(), moment,
        time(dice.randrange(24), dice.randrange(60)), timedelta(hours=dice.randrange(100)),
    ])  # fmt: skip


def test_what_openpyxl_and_xlsxwriter_write_reads_alike():
    dice = random.Random(7)
    rows = [[_any_value(dice) for _ in range(12)] for _ in range(150)]
    book, kept, other = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for values in rows:
        book.active.append(values)
    book.save(kept)
    with xlsxwriter.Workbook(other, {"default_date_format": "dd/mm/yyyy"}) as made:
        written = made.add_worksheet()
        for n, values in enumerate(rows):
            written.write_row(n, 0, values)
    for content in (kept.getvalue(), other.getvalue()):
        assert ours(content)[0] == theirs(content)[0]
    assert "python_calamine" not in sys.modules


BETTER = {
    # what a spreadsheet escapes is what it shows: a return, a letter
    "escapes": (package(across((0, 1), kind="s"), strings="<si><t>a_x000D_b</t></si>"
                        "<si><t>_x0041_ _x005F_x0041_</t></si>"), ["a b", "A _x0041_"]),
    # openpyxl refuses the whole list, or empties it
    "booleans in words": (package(across(("true", "false"), kind="b")), ["Oui", "Non"]),
    "strict": (package(across("ab", kind="str"), main=STRICT), ["a", "b"]),
    "a chart first": (package(
        across("a", kind="str"), sheets='<sheet name="C" sheetId="2" r:id="r4"/>' + ONE,
        links=link("r4", "chartsheet", "chartsheets/1.xml"),
        parts={"xl/chartsheets/1.xml": f'<chartsheet xmlns="{MAIN}"/>'},
    ), ["a"]),
    # a telephone that was given the format of a date was #VALUE!
    "too far for a date": (package(across(["612345678"], style=3)), ["612345678"]),
    # of two rows with one number, and of rows out of order, openpyxl loses one
    "rows in pieces": (package(row(1, cell("B1", 2)) + row(1, cell("A1", 1))), ["1", "2"]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "cells"), BETTER.values(), ids=BETTER)
def test_a_workbook_reads_better_than_with_openpyxl(content, cells):
    assert ours(content)[0] == [(1, cells)]


def test_no_visible_sheet_is_said():
    with pytest.raises(Invalid, match="pas de feuille visible"):
        ours(package(sheets=ONE.replace("sheetId", 'state="hidden" sheetId')))


@pytest.mark.parametrize("empty", ["<v></v>", "<v/>"])
def test_a_formula_that_found_nothing_is_an_empty_cell(empty):
    """As spreadsheets write `=IF(A1="";"";…)`: computed, and empty."""
    found = cell("B1", kind="str", inner=f"<f>IF(A1=1,&quot;&quot;)</f>{empty}")
    rows, notes = ours(package(row(1, cell("A1", 1), found, cell("C1", 3))))
    assert rows == [(1, ["1", "", "3"])]
    assert workbooks.FORMULAS in notes


@pytest.mark.parametrize(
    "inner", ["<f>A1</f>", "<f>A1</f><v></v>", '<f t="shared" si="0"/><v/>', "<f/>"]
)
@pytest.mark.parametrize("about", ["", ' s="0"', ' t="n"'])
def test_a_formula_never_computed_is_refused_with_its_line(inner, about):
    cells = cell("A2", 1), f'<c r="B2"{about}>{inner}</c>'
    with pytest.raises(Invalid, match="à la ligne 2"):
        ours(package(row(1, cell("A1", 1)) + row(2, *cells)))
