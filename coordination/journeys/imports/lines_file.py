"""What was said of each row, as a file to keep. Text stays text: a name that begins with `=` is
never a formula."""

import csv
import io
from collections.abc import Callable, Iterable

from coordination import labels
from coordination.journeys.imports.shown import Shown

_HEADINGS = ("Ligne", "Personne", "Sort", "Pourquoi")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Shown]) -> bytes:
    """As French spreadsheets open it: semicolons, a byte order mark."""
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for row in rows:
        writer.writerow([_quiet(cell) for cell in _cells(row)])
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def as_xlsx(rows: Iterable[Shown]) -> bytes:
    import xlsxwriter  # heavy: only when someone asks

    kept = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "constant_memory": True}  # fmt: skip
    with xlsxwriter.Workbook(kept, options) as book:
        sheet = book.add_worksheet("Lignes")
        bold = book.add_format({"bold": True})
        for place, (heading, width) in enumerate(zip(_HEADINGS, (8, 32, 12, 90), strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            sheet.write_number(number, 0, row.line)
            for place, cell in enumerate(_cells(row)[1:], start=1):
                sheet.write_string(number, place, cell)
        sheet.autofilter(0, 0, max(1, number if rows else 1), len(_HEADINGS) - 1)
    return kept.getvalue()


def _cells(row: Shown) -> list[str]:
    return [str(row.line), row.name, labels.of(row.verdict), " ; ".join(row.reasons)]


def _quiet(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


KINDS: dict[str, tuple[str, Callable[[list[Shown]], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
