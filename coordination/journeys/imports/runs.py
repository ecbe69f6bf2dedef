"""The life of an import: it comes, its columns are understood, it is looked at, confirmed, and
perhaps undone. A short list is done at once; a long one is asked of the worker (`working`)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock, jobs
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import moves
from coordination.journeys.imports import (
    apply,
    columns,
    headings,
    making,
    plan,
    staging,
    undoing,
)
from coordination.journeys.imports.gathered import foresee
from coordination.journeys.imports.lines import Answers, Plan
from coordination.journeys.imports.reading import Table
from coordination.journeys.models_imports import ImportPart, ImportRun, ImportState

AT_ONCE = 300  # rows: about a third of a second of writing
PLAN, WRITE, UNDO = "imports.plan", "imports.write", "imports.undo"
PATIENCE = timedelta(minutes=15)
CHANGED = (
    "Des parcours ont changé depuis cette lecture : envoyez de nouveau le fichier pour "
    "voir ce qui sera fait. Rien n’a été enregistré."
)


class BuiltOn(Refused):
    """Someone worked on what it wrote."""


class NotNow(Refused):
    """The import is not where this gesture is done: someone was faster, or it is at work."""


def receive(
    db: Session,
    table: Table,
    *,
    name: str,
    sha256: str,
    agency_id: UUID,
    answers: Answers,
    actor: Actor,
) -> ImportRun:
    """Keep what the file says, and look at it when its columns and its journeys are known."""
    check_answers(answers)
    match = headings.match(db, table.headings, agency_id=agency_id)
    run = ImportRun(
        agency_id=agency_id,
        professional_id=actor.professional_id,
        file_name=name[:200],
        sha256=sha256,
        columns=match.fields,
        total=len(table.rows),
        **answers._asdict(),
    )
    staging.keep_table(db, run, table)
    db.add(run)
    db.flush()
    audit.act(db, actor, "journey.import_prepared", about=run.id, rows=len(table.rows))
    if _understood(match, answers):
        look(db, run, table)
    return run


def choose(
    db: Session, run: ImportRun, fields: Sequence[str], *, answers: Answers, actor: Actor
) -> ImportRun:
    """What each column says, and what is asked once for the file. The agency's next file with the
    same headings is read the same way."""
    _in(run, ImportState.COLUMNS, ImportState.READY)
    check_answers(answers)
    table = staging.table_of(db, run)
    named = headings.with_nir(fields, headings.guess(table.headings))
    if missing := headings.Match(named, remembered=False).missing:
        raise Invalid(f"Dites quelle colonne porte : {', '.join(missing)}.", field="columns")
    headings.remember(
        db, table.headings, named, agency_id=run.agency_id, by=actor.professional_id
    )  # fmt: skip
    run.columns = named
    run.programme_id, run.entered_on, run.planned_end_on = answers
    look(db, run, table)
    return run


def look(db: Session, run: ImportRun, table: Table) -> None:
    """What it would do: now, or by the worker."""
    run.said, run.done = "", 0
    if len(table.rows) <= AT_ONCE:
        shown(db, run, plan_of(db, run, table))
    else:
        run.state = ImportState.READING
        jobs.ask(db, PLAN, agency=run.agency_id, run=str(run.id))
    db.add(run)


def shown(db: Session, run: ImportRun, made: Plan) -> None:
    """Keep what was said of each row, to be read then confirmed."""
    staging.keep_rows(db, run, made.rows())
    run.report, run.state, run.done = made.report(), ImportState.READY, 0
    db.add(run)


def confirm(db: Session, run: ImportRun, *, actor: Actor) -> ImportRun:
    """Write it all, as it was shown. When the base has changed since, nothing is written that was
    not read."""
    if run.confirmed_at or run.state is ImportState.WRITING:
        raise NotNow("Cet import est déjà enregistré.")
    _in(run, ImportState.READY)
    one_at_a_time(db, run)
    if run.total > AT_ONCE:
        run.state, run.done, run.said = ImportState.WRITING, 0, ""
        _ask(db, WRITE, run, actor)
        return run
    made = plan_of(db, run, staging.table_of(db, run))
    if made.rows() != staging.rows_of(db, run):
        raise Invalid(CHANGED)
    foreseen = foresee(db, made.lines, agency_id=run.agency_id, by=actor.professional_id)
    gathered = making.gather(foreseen, made.lines)
    with apply.written(db, made.lines, gathered, actor=actor):
        pass  # nothing comes next
    db.add(ImportPart(run_id=run.id, rank=0, made=gathered.made))
    written(db, run, made, actor=actor)
    return run


def begin(db: Session, run: ImportRun, table: Table, made: Plan) -> None:
    """Someone at the command line writes it at once. Should they be cut off, the worker goes on."""
    one_at_a_time(db, run)
    staging.keep_table(db, run, table)
    staging.keep_rows(db, run, made.rows())
    run.report, run.created_at = made.report(), clock.now()
    db.add(run)
    jobs.ask(db, WRITE, due_at=clock.now() + PATIENCE, agency=run.agency_id, run=str(run.id))


def written(db: Session, run: ImportRun, made: Plan, *, actor: Actor) -> None:
    """All of it stands: its rows tell which journeys, its cells are destroyed."""
    staging.keep_rows(db, run, made.rows())
    staging.destroy_table(db, run)
    run.report = made.report()
    run.state, run.confirmed_at, run.done = ImportState.DONE, clock.now(), run.total
    db.add(run)
    counts: dict[str, Any] = dict(made.counts())
    audit.act(db, actor, "journey.import", about=run.id, agency=str(run.agency_id), **counts)


def undo(db: Session, run: ImportRun, *, actor: Actor) -> ImportRun:
    """Take back all that it wrote, as long as nothing was built on it."""
    _in(run, ImportState.DONE)
    one_at_a_time(db, run)
    if run.total > AT_ONCE:
        run.state, run.done, run.said = ImportState.UNDOING, 0, ""
        _ask(db, UNDO, run, actor)
        return run
    parts = parts_of(db, run)
    for part in parts:
        if reasons := undoing.built_on(db, part.made):
            raise BuiltOn(why_not(reasons))
    for part in reversed(parts):
        undoing.take_back(db, part.made, actor=actor)
        db.delete(part)
    return undone(db, run, actor=actor)


def undone(db: Session, run: ImportRun, *, actor: Actor) -> ImportRun:
    """Its rows no longer tell of anyone."""
    rows = [row | {"journey": None} for row in staging.rows_of(db, run)]
    staging.keep_rows(db, run, rows)
    run.state, run.undone_at, run.said = ImportState.UNDONE, clock.now(), ""
    db.add(run)
    audit.act(db, actor, "journey.import_undone", about=run.id)
    return run


def why_not(reasons: dict[int, str]) -> str:
    first = sorted(reasons.items())[:5]
    said = " ; ".join(f"ligne {line} : {reason}" for line, reason in first)
    more = f" (et {len(reasons) - 5} autres lignes)" if len(reasons) > 5 else ""
    return f"Cet import ne s’annule plus, on a travaillé dessus. {said}{more}."


def plan_of(
    db: Session, run: ImportRun, table: Table, tell: Callable[[int], None] = plan.in_silence
) -> Plan:
    """What the file would do now."""
    places = headings.Match(run.columns, remembered=False).places
    rows = [columns.clean(line, cells, places) for line, cells in table.rows]
    notes = [*table.notes, *headings.said(table.headings, run.columns)]
    del table  # twenty thousand lines of cells, unless who asks still needs them
    return plan.make(
        db,
        rows,
        agency_id=run.agency_id,
        answers=Answers(run.programme_id, run.entered_on, run.planned_end_on),
        notes=notes,
        tell=tell,
    )


def parts_of(db: Session, run: ImportRun) -> list[ImportPart]:
    wanted = select(ImportPart).where(ImportPart.run_id == run.id).order_by(col(ImportPart.rank))
    return list(db.exec(wanted))


def check_answers(answers: Answers) -> None:
    if answers.entered_on:
        moves.check_dates(answers.entered_on, answers.planned_end_on)


def one_at_a_time(db: Session, run: ImportRun) -> None:
    """Two imports of one agency at once would each miss the people that the other creates."""
    wanted = select(Agency.id).where(Agency.id == run.agency_id).with_for_update()
    if db.exec(wanted).first() is None:
        raise NotFound("Cette structure n’existe pas.")
    busy = select(ImportRun.id).where(
        ImportRun.agency_id == run.agency_id,
        ImportRun.id != run.id,
        col(ImportRun.state).in_((ImportState.WRITING, ImportState.UNDOING)),
    )
    if db.exec(busy).first():
        raise NotNow(
            "Un autre import de votre structure est en cours : attendez qu’il finisse, puis "
            "recommencez. Rien n’a été enregistré."
        )


def _understood(match: headings.Match, answers: Answers) -> bool:
    """Nothing is left to ask: its columns are known, and what journeys to open."""
    known = match.remembered or "" not in match.fields
    programme = answers.programme_id or "programme" in match.fields
    entry = answers.entered_on or "entered_on" in match.fields
    return not match.missing and known and bool(programme and entry)


def _in(run: ImportRun, *states: ImportState) -> None:
    if run.state not in states:
        raise NotNow("Cet import n’en est plus là : la page a été mise à jour.")


def _ask(db: Session, kind: str, run: ImportRun, actor: Actor) -> None:
    db.add(run)
    jobs.ask(
        db, kind, professional=actor.professional_id, agency=run.agency_id, run=str(run.id),
        by=str(actor.professional_id or ""),
    )  # fmt: skip
