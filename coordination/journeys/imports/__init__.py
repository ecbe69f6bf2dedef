"""Importing a list of persons and their journeys: read, understood, shown, then written all or
nothing; undone while nothing was built on it."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, select

from coordination.agencies.actors import Actor
from coordination.db import Closer, transaction
from coordination.db import reading as looking
from coordination.errors import Invalid
from coordination.journeys.imports import headings, reading, runs, staging, working
from coordination.journeys.imports.lines import Answers, Verdict
from coordination.journeys.models_imports import ImportRun, ImportState
from coordination.programmes.models import Programme

__all__ = ["Answers", "Report", "Verdict", "from_file", "prepare"]


class Report(NamedTuple):
    """What an import did: counts by verdict, what is said of the file, and its rows."""

    counts: dict[str, int]
    notes: list[str]
    rows: list[dict[str, Any]]


def from_file(
    engine: Engine,
    closers: tuple[Closer, ...],
    path: Path,
    *,
    agency_id: UUID,
    programme_slug: str = "",
    entered_on: date | None = None,
    planned_end_on: date | None = None,
    actor: Actor,
) -> Report:
    """The whole import at once, for the command line, with its line in the journal of imports.
    Raises `Invalid` with a French sentence when the file or an answer is not acceptable; nothing
    is then written. A list that changes nothing leaves no trace."""
    table = reading.read_path(path)
    with looking(engine) as db:
        answers = Answers(_programme(db, programme_slug), entered_on, planned_end_on)
        runs.check_answers(answers)
        match = headings.match(db, table.headings, agency_id=agency_id)
        if match.missing:
            raise _missing(match.missing, table.headings)
        run = ImportRun(
            agency_id=agency_id, file_name=path.name[:200], sha256=_sha(path.read_bytes()),
            total=len(table.rows), state=ImportState.WRITING, columns=match.fields,
            **answers._asdict(),
        )  # fmt: skip
        staging.blot(table)
        made = runs.plan_of(db, run, table)
    if made.writes:
        with transaction(engine) as db:
            runs.begin(db, run, table, made)
        if not working.all_or_nothing(engine, closers, run.id, made, actor=actor):
            raise Invalid(working.UNWRITTEN)
    return Report(made.counts(), made.notes, made.rows())


def prepare(
    db: Session, content: bytes, *, name: str, agency_id: UUID, answers: Answers, actor: Actor
) -> ImportRun:
    """Read the file and keep what it would do (see `runs.receive`)."""
    return runs.receive(
        db, reading.read(content), name=name, sha256=_sha(content), agency_id=agency_id,
        answers=answers, actor=actor,
    )  # fmt: skip


def _programme(db: Session, slug: str) -> UUID | None:
    if not slug:
        return None
    found = db.exec(select(Programme.id).where(Programme.slug == slug)).first()
    if found is None:
        raise Invalid(f"Ce dispositif n’est pas au catalogue : {slug}.")
    return found


def _missing(names: list[str], said: list[str]) -> Invalid:
    return Invalid(
        f"Il manque une colonne : {', '.join(names)}. Colonnes lues : "
        f"{', '.join(h for h in said if h)[:300]}.",
        field=reading.FIELD,
    )


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
