"""Importing a list of persons and their journeys: read, plan, show, then write all or nothing."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, select

from coordination import audit, clock, files
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.db import Closer, transaction
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import moves
from coordination.journeys.imports import apply, columns, plan, reading
from coordination.journeys.imports.columns import Cleaned
from coordination.journeys.imports.lines import Answers, Plan, Verdict
from coordination.journeys.models import ImportRun
from coordination.persons.categories import Category
from coordination.programmes.models import Programme

__all__ = ["Answers", "Report", "Verdict", "confirm", "from_file", "prepare", "rows_of"]


class Report(NamedTuple):
    """What an import did: counts by verdict, what is said of the file, and its rows."""

    counts: dict[str, int]
    notes: list[str]
    rows: list[dict[str, Any]]


class AlreadyDone(Refused):
    """The import was confirmed a moment ago, by oneself or by someone else."""


def from_file(
    engine: Engine,
    closers: tuple[Closer, ...],
    path: Path,
    *,
    agency_id: UUID,
    programme_slug: str,
    entered_on: date,
    planned_end_on: date | None,
    actor: Actor,
) -> Report:
    """The whole import in one transaction, for the command line. Raises `Invalid` with a French
    sentence when the file or an answer is not acceptable; nothing is then written."""
    rows, notes = _read(reading.read_path(path))
    moves.check_dates(entered_on, planned_end_on)
    with transaction(engine, closers) as db:
        _one_at_a_time(db, agency_id)
        programme = db.exec(select(Programme).where(Programme.slug == programme_slug)).first()
        if programme is None:
            raise Invalid(f"Ce dispositif n’est pas au catalogue : {programme_slug}.")
        answers = Answers(programme.id, entered_on, planned_end_on)
        made = plan.make(db, rows, agency_id=agency_id, answers=answers, notes=notes)
        if made.writes:
            apply.write(db, made, actor=actor)
        said = made.report()
    return Report(said["counts"], said["notes"], said["rows"])


def prepare(
    db: Session, content: bytes, *, name: str, agency_id: UUID, answers: Answers, actor: Actor
) -> ImportRun:
    """Read the file and keep what it would do. Only the cleaned rows are kept, never the file: no
    social security number enters the house. They are destroyed once the import is confirmed."""
    rows, notes = _read(reading.read(content))
    moves.check_dates(answers.entered_on, answers.planned_end_on)
    made = plan.make(db, rows, agency_id=agency_id, answers=answers, notes=notes)
    kept = files.keep(
        db,
        json.dumps([vars(row) for row in rows], ensure_ascii=False).encode(),
        name=f"{name[:180]}.json",
        media_type="application/json",
        agency=agency_id,
        category=Category.IDENTITY.value,
    )
    db.flush()
    run = ImportRun(
        agency_id=agency_id,
        professional_id=actor.professional_id,
        file_id=kept.id,
        file_name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        programme_id=answers.programme_id,
        entered_on=answers.entered_on,
        planned_end_on=answers.planned_end_on,
        report=made.report(),
    )
    db.add(run)
    db.flush()
    audit.act(db, actor, "journey.import_prepared", about=run.id, rows=len(rows))
    return run


def confirm(db: Session, run: ImportRun, *, actor: Actor) -> ImportRun:
    """Write it all, as it was shown. When the base has changed since, the new report is shown
    first: nothing is written that was not read."""
    if run.confirmed_at:
        raise AlreadyDone("Cet import est déjà enregistré.")
    _one_at_a_time(db, run.agency_id)
    rows = rows_of(db, run)
    made = _plan_again(db, run, rows)
    if made.report()["rows"] != run.report["rows"]:
        raise Invalid(
            "Des parcours ont changé depuis cette lecture : envoyez de nouveau le fichier pour "
            "voir ce qui sera fait. Rien n’a été enregistré."
        )
    apply.write(db, made, actor=actor, run_id=run.id)
    run.report, run.confirmed_at = made.report(), clock.now()
    db.add(run)
    if run.file_id:
        files.destroy(db, files.read(db, run.file_id)[0])
    return run


def rows_of(db: Session, run: ImportRun) -> list[Cleaned]:
    """The cleaned rows of an import not confirmed yet."""
    if run.file_id is None:
        return []
    return [Cleaned(**row) for row in json.loads(files.read(db, run.file_id)[1])]


def _one_at_a_time(db: Session, agency_id: UUID) -> None:
    """Two imports of one agency at once would each miss the people that the other creates."""
    wanted = select(Agency.id).where(Agency.id == agency_id).with_for_update()
    if db.exec(wanted).first() is None:
        raise NotFound("Cette structure n’existe pas.")


def _plan_again(db: Session, run: ImportRun, rows: list[Cleaned]) -> Plan:
    assert run.programme_id is not None
    assert run.entered_on is not None
    answers = Answers(run.programme_id, run.entered_on, run.planned_end_on)
    return plan.make(db, rows, agency_id=run.agency_id, answers=answers, notes=run.report["notes"])


def _read(table: reading.Table) -> tuple[list[Cleaned], list[str]]:
    named, notes = columns.match(table.headings)
    rows = [columns.clean(line, cells, named) for line, cells in table.rows]
    return rows, [*table.notes, *notes]
