"""An address as a QR code: the path of a drawing, for a page or a printed document."""

from typing import NamedTuple

import segno

QUIET = 4  # modules around it


class Drawn(NamedTuple):
    size: int  # modules, the quiet zone included
    path: str


def draw(address: str) -> Drawn:
    """One square for each run of dark modules in a row."""
    code = segno.make(address, error="m", micro=False)
    runs = []
    for y, row in enumerate(code.matrix_iter(border=QUIET)):
        dark = 0
        for x, module in enumerate((*row, 0)):
            if module:
                dark += 1
            elif dark:
                runs.append(f"M{x - dark} {y}h{dark}v1h-{dark}z")
                dark = 0
    return Drawn(int(code.symbol_size(border=QUIET)[0]), "".join(runs))
