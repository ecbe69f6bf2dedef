"""The worker's share of an import: long lists are looked at, written and taken back by ranges of
lines, so that nobody waits for the writer. A range that cannot be written takes back those before
it: all of the list, or nothing. A worker that died is followed by one that goes on from there."""

import gc
import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from coordination.agencies import actors
from coordination.agencies.actors import CLOCK, COMMAND, Actor
from coordination.db import Closer, reading, transaction
from coordination.errors import Refused
from coordination.journeys.imports import apply, making, runs, staging, undoing
from coordination.journeys.imports.gathered import foresee
from coordination.journeys.imports.lines import Plan
from coordination.journeys.models_imports import ImportPart, ImportRun, ImportState
from coordination.rows import unswept

RANGES = {"sqlite": 400, "postgresql": 800}  # lines in one transaction: SQLite has one writer
_SWEPT = 5  # ranges
UNWRITTEN = (
    "L’enregistrement n’a pas pu se faire jusqu’au bout : quelqu’un a enregistré les mêmes "
    "personnes au même moment. Rien n’en est resté. Envoyez de nouveau le fichier."
)
KEPT = "Lignes gardées, parce qu’on y a travaillé pendant l’annulation : {}."
log = logging.getLogger("passerelles.imports")


def look(engine: Engine, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job that says what the file would do."""
    key = UUID(arguments["run"])
    with reading(engine, context=CLOCK.context) as db:
        run = db.get_one(ImportRun, key)
        if run.state is not ImportState.READING:
            return {}
        with unswept():
            made = runs.plan_of(
                db, run, staging.table_of(db, run), tell=lambda line: _tell(engine, key, line)
            )
    with transaction(engine, context=CLOCK.context) as db:
        runs.shown(db, db.get_one(ImportRun, key), made)
    return {"lines": len(made.lines)}


def write(
    engine: Engine, arguments: dict[str, Any], *, closers: Sequence[Closer]
) -> dict[str, Any]:
    """The job that writes what was confirmed."""
    key = UUID(arguments["run"])
    with reading(engine, context=CLOCK.context) as db:
        run = db.get_one(ImportRun, key)
        if run.state is not ImportState.WRITING:
            return {}
        with unswept():
            made = runs.plan_of(db, run, staging.table_of(db, run))
        said, before = staging.rows_of(db, run), run.done
        actor = _who(db, run, arguments)
    if before == 0 and made.rows() != said:
        _stop(engine, key, ImportState.READY, runs.CHANGED)
        return {}
    for line, row in zip(made.lines, said, strict=True):
        line.reasons = row["reasons"]  # as they were read
    whole = all_or_nothing(engine, closers, key, made, actor=actor, start=before)
    return {"lines": len(made.lines) if whole else 0}


def all_or_nothing(
    engine: Engine,
    closers: Sequence[Closer],
    key: UUID,
    made: Plan,
    *,
    actor: Actor,
    start: int = 0,
) -> bool:
    """False when a range was refused: those before it are taken back, and the list waits as if it
    had not begun."""
    try:
        with unswept():
            _by_ranges(engine, closers, key, made, actor=actor, start=start)
    except (IntegrityError, Refused):
        log.exception("import")
        with reading(engine, context=CLOCK.context) as db:
            parts = [part.id for part in runs.parts_of(db, db.get_one(ImportRun, key))]
        _take_back(engine, closers, key, parts, actor=actor)
        _stop(engine, key, ImportState.READY, UNWRITTEN)
        return False
    return True


def _by_ranges(
    engine: Engine,
    closers: Sequence[Closer],
    key: UUID,
    made: Plan,
    *,
    actor: Actor,
    start: int,
) -> None:
    """Each range of lines with its part and how far it went, in one transaction."""
    step, left = RANGES[engine.dialect.name], made.lines[start:]
    with reading(engine, context=CLOCK.context) as db:
        foreseen = foresee(db, left, agency_id=made.agency_id, by=actor.professional_id)
    coming = making.gather(foreseen, left[:step])
    for first in range(start, len(made.lines), step):
        some, gathered = made.lines[first : first + step], coming
        with transaction(engine, closers, context=CLOCK.context) as db:
            with apply.written(db, some, gathered, actor=actor):
                coming = making.gather(foreseen, made.lines[first + step : first + 2 * step])
            db.add(ImportPart(run_id=key, rank=first, made=gathered.made))
            db.get_one(ImportRun, key).done = first + len(some)
        if first // step % _SWEPT == 0:
            gc.collect()  # what the ranges themselves left: little, and nobody waits
    with transaction(engine, closers, context=CLOCK.context) as db:
        runs.written(db, db.get_one(ImportRun, key), made, actor=actor)


def undo(engine: Engine, arguments: dict[str, Any], *, closers: Sequence[Closer]) -> dict[str, Any]:
    """The job that takes back what an import wrote."""
    key = UUID(arguments["run"])
    with reading(engine, context=CLOCK.context) as db:
        run = db.get_one(ImportRun, key)
        if run.state is not ImportState.UNDOING:
            return {}
        actor = _who(db, run, arguments)
        parts = runs.parts_of(db, run)
        refusals = [why for part in parts if (why := undoing.built_on(db, part.made))]
    if refusals and run.done == 0:
        _stop(engine, key, ImportState.DONE, runs.why_not(refusals[0]))
        return {}
    kept = _take_back(engine, closers, key, [part.id for part in parts], actor=actor)
    with transaction(engine, closers, context=CLOCK.context) as db:
        run = runs.undone(db, db.get_one(ImportRun, key), actor=actor)
        run.said = KEPT.format(kept) if kept else ""
    return {"parts": len(parts)}


def _take_back(
    engine: Engine, closers: Sequence[Closer], key: UUID, parts: Sequence[UUID], *, actor: Actor
) -> int:
    """The last range first. What someone worked on in the very moment stays: how many lines."""
    kept = 0
    for part_id in reversed(parts):
        with transaction(engine, closers, context=CLOCK.context) as db:
            part = db.get_one(ImportPart, part_id)
            late = undoing.built_on(db, part.made)
            kept += len(late)
            undoing.take_back(
                db, [one for one in part.made if one["line"] not in late], actor=actor
            )
            run = db.get_one(ImportRun, key)
            run.done = min(run.done + RANGES[engine.dialect.name], run.total)
            db.delete(part)
    return kept


def _stop(engine: Engine, key: UUID, state: ImportState, said: str) -> None:
    with transaction(engine, context=CLOCK.context) as db:
        run = db.get_one(ImportRun, key)
        run.state, run.said, run.done = state, said, 0


def _tell(engine: Engine, key: UUID, line: int) -> None:
    with transaction(engine, context=CLOCK.context) as db:
        db.get_one(ImportRun, key).done = line


def _who(db: Session, run: ImportRun, arguments: dict[str, Any]) -> Actor:
    """Who confirmed, even gone since: the act is theirs."""
    by = arguments.get("by") or (run.professional_id and str(run.professional_id))
    found = actors.of_professional(db, UUID(by), agency_id=run.agency_id) if by else None
    return found or COMMAND
