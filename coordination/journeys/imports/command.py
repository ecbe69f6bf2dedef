"""An import from the command line: what was asked in words, what happened in lines to read."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from coordination import labels
from coordination.agencies.actors import COMMAND
from coordination.agencies.models import Agency
from coordination.db import Closer, reading
from coordination.errors import Refused
from coordination.journeys import imports
from coordination.journeys.imports.lines import Verdict
from coordination.web.forms import read_day


def import_file(
    engine: Engine,
    closers: Sequence[Closer],
    path: Path,
    *,
    agency: str,
    programme: str = "",
    entered: str = "",
    ends: str = "",
) -> tuple[list[str], bool]:
    """(lines to print, whether it was refused). `agency` is a name, `programme` a word of the
    catalogue, days are written as French people do; what the file says itself may stay empty."""
    entered_on = read_day(entered) if entered else None
    planned_end_on = read_day(ends) if ends else None
    if (entered and entered_on is None) or (ends and planned_end_on is None):
        return ["Une date n’existe pas ; écrivez-la jj/mm/aaaa."], True
    with reading(engine) as db:
        found = db.exec(select(Agency.id).where(Agency.name == agency)).all()
    if len(found) != 1:
        return [f"Aucune structure ne porte exactement ce nom : {agency}."], True
    if not path.is_file():
        return [f"Ce fichier n’existe pas : {path}."], True
    try:
        report = imports.from_file(
            engine, tuple(closers), path, agency_id=found[0], programme_slug=programme,
            entered_on=entered_on, planned_end_on=planned_end_on, actor=COMMAND,
        )  # fmt: skip
    except Refused as refusal:
        return [str(refusal)], True
    return _lines(report), False


def _lines(report: imports.Report) -> list[str]:
    rows = [
        f"ligne {row['line']}\u00a0: {labels.of(Verdict(row['verdict']))}"
        + (f" — {' '.join(row['reasons'])}" if row["reasons"] else "")
        for row in report.rows
    ]
    counts = [f"{labels.of(Verdict(word))}\u00a0: {n}" for word, n in report.counts.items() if n]
    return [*report.notes, *rows, ", ".join(counts) or "Aucune ligne."]
