"""What waits between two steps of an import: the cells of the file, without any social security
number, until it is confirmed; what was said of each row, as long as the import is told. Packed."""

import json
import zlib
from typing import Any
from uuid import UUID

from sqlmodel import Session

from coordination import files
from coordination.journeys.imports.columns import without_nir
from coordination.journeys.imports.headings import NIR, guess
from coordination.journeys.imports.reading import Table
from coordination.journeys.models_imports import ImportRun
from coordination.persons.categories import Category

_TYPE = "application/zlib"


def keep_table(db: Session, run: ImportRun, table: Table) -> None:
    blot(table)
    run.file_id = _keep(db, run, f"{run.file_name[:180]}.json", list(table))


def blot(table: Table) -> None:
    """No social security number goes further."""
    unread = {place for place, name in enumerate(guess(table.headings)) if name == NIR}
    without_nir(table.rows, unread)


def table_of(db: Session, run: ImportRun) -> Table:
    """The file as it was read. Gone once the import is confirmed."""
    assert run.file_id is not None
    headings, rows, notes = _read(db, run.file_id)
    return Table(headings, [(line, cells) for line, cells in rows], notes)


def keep_rows(db: Session, run: ImportRun, rows: list[dict[str, Any]]) -> None:
    if run.rows_id:
        files.destroy(db, files.read(db, run.rows_id)[0])
    run.rows_id = _keep(db, run, f"{run.file_name[:180]} lignes.json", rows)


def rows_of(db: Session, run: ImportRun) -> list[dict[str, Any]]:
    """What is said of each row, in the order of the file."""
    return list(_read(db, run.rows_id)) if run.rows_id else []


def destroy_table(db: Session, run: ImportRun) -> None:
    if run.file_id:
        files.destroy(db, files.read(db, run.file_id)[0])


def _keep(db: Session, run: ImportRun, name: str, said: Any) -> UUID:
    packed = zlib.compress(json.dumps(said, ensure_ascii=False).encode(), 3)
    kept = files.keep(
        db, packed, name=name, media_type=_TYPE, agency=run.agency_id,
        category=Category.IDENTITY.value,
    )  # fmt: skip
    db.flush()
    return kept.id


def _read(db: Session, file_id: UUID) -> Any:
    return json.loads(zlib.decompress(files.read(db, file_id)[1]))
