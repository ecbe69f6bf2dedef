"""Which characters the shipped document fonts can draw.

Read from a table, so that asking costs nothing. After adding a font, write it again with
`python -c "from coordination.pdf import coverage; coverage.write()"`; a test keeps both equal.
"""

import json
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

from coordination.settings import ROOT

FONTS = ROOT / "static" / "fonts" / "documents"
TABLE = FONTS / "coverage.json"
DRAWN_BY_NOTHING = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # spaces, joiners, marks of direction


def missing_glyphs(text: str) -> set[str]:
    """The characters of `text` that a document would print as an empty box."""
    return {c for c in set(text) if not _covered(c)}


def _covered(character: str) -> bool:
    if unicodedata.category(character) in DRAWN_BY_NOTHING:
        return True
    starts, ends = _ranges()
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    pairs = json.loads(TABLE.read_text())
    return [first for first, _ in pairs], [last for _, last in pairs]


def measure(folder: Path = FONTS) -> list[list[int]]:
    """The ranges of code points drawn by at least one regular font of the folder."""
    from fontTools.ttLib import TTFont

    drawn: set[int] = set()
    for file in folder.glob("*400*.ttf"):
        if "italic" not in file.name:
            drawn |= set(TTFont(file).getBestCmap())
    ranges: list[list[int]] = []
    for point in sorted(drawn):
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return ranges


def write() -> None:
    TABLE.write_text(json.dumps(measure(), separators=(",", ":")) + "\n")
