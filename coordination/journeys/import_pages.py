"""A list that comes in: sent, its columns understood, read line by line, confirmed, undone."""

from uuid import UUID

from sqlmodel import col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.agencies.models import Professional
from coordination.db import columns
from coordination.errors import NotFound
from coordination.journeys import forms, import_forms, incomplete_pages
from coordination.journeys.imports import lines_file, reading, runs, shown
from coordination.journeys.imports.lines import Verdict
from coordination.journeys.models_imports import ImportRun, ImportState
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

_BODY = reading.MOST_BYTES + 64 * 1024  # the file and the few fields beside it
_JOURNAL = 50


@page(may=Permission.JOURNEY_IMPORT)
def import_form(visit: Visit) -> Response:
    return _import_form(visit)


def _import_form(visit: Visit) -> Response:
    return render(
        visit, "journeys/import.html", form=visit.form, limits=reading.LIMITS,
        runs=_journal(visit, 5, 1), programmes=forms.programmes(visit.db),
    )  # fmt: skip


@action(may=Permission.JOURNEY_IMPORT, again=_import_form, most=_BODY, first=import_forms.bring)
def import_upload(visit: Visit) -> Response:
    brought: import_forms.Brought = visit.brought
    run = runs.receive(
        visit.db,
        brought.table,
        name=brought.name,
        sha256=brought.sha256,
        agency_id=_agency(visit),
        answers=import_forms.answers(visit.form, visit.db),
        actor=visit.actor,
    )
    route = "import_columns" if run.state is ImportState.COLUMNS else "import_show"
    return go(visit, visit.url(f"journeys:{route}", id=run.id))


@page(may=Permission.JOURNEY_IMPORT)
def import_journal(visit: Visit) -> Response:
    chosen = visit.query.get("page", "1")
    number = max(1, int(chosen)) if chosen.isdecimal() and len(chosen) < 5 else 1
    found = _journal(visit, _JOURNAL + 1, number, size=_JOURNAL)
    return render(visit, "journeys/import_journal.html", runs=found[:_JOURNAL], page=number,
                  more=len(found) > _JOURNAL, verdicts=list(Verdict))  # fmt: skip


@page(may=Permission.JOURNEY_IMPORT)
def import_columns(visit: Visit) -> Response:
    return _import_columns(visit)


def _import_columns(visit: Visit) -> Response:
    run = _run(visit)
    if run.state not in (ImportState.COLUMNS, ImportState.READY):
        return go(visit, visit.url("journeys:import_show", id=run.id))
    visit.saw_list("journeys:import_columns")
    context = shown.columns_of(visit.db, run, visit.form)
    return render(visit, "journeys/import_columns.html", run=run,
                  programmes=forms.programmes(visit.db), **context)  # fmt: skip


@action(may=Permission.JOURNEY_IMPORT, again=_import_columns)
def import_choose(visit: Visit) -> Response:
    run = _run(visit, hold=True)
    said = import_forms.answers(visit.form, visit.db)
    fields = import_forms.fields(visit.form, run.columns)
    runs.choose(visit.db, run, fields, answers=said, actor=visit.actor)
    return go(visit, visit.url("journeys:import_show", id=run.id))


@page(may=Permission.JOURNEY_IMPORT)
def import_show(visit: Visit) -> Response:
    return _import_show(visit)


def _import_show(visit: Visit) -> Response:
    run = _run(visit)
    if run.state is ImportState.COLUMNS:
        return go(visit, visit.url("journeys:import_columns", id=run.id))
    if run.state in shown.AT_WORK:
        part = "journeys/_import_progress.html"
        return render(visit, "journeys/import_progress.html", partial=part, run=run,
                      **shown.progress_of(run))  # fmt: skip
    if visit.wants_partial:  # the work that was followed is over: the whole page
        return go(visit, visit.url("journeys:import_show", id=run.id))
    context = shown.page_of(visit.db, visit.actor, run, visit.query)
    if context["rows"]:
        visit.saw_list("journeys:import_show")
    return render(visit, "journeys/import_show.html", form=visit.form, **context)


@action(may=Permission.JOURNEY_IMPORT, again=_import_show)
def import_confirm(visit: Visit) -> Response:
    run = runs.confirm(visit.db, _run(visit, hold=True), actor=visit.actor)
    then = visit.url("journeys:import_show", id=run.id)
    if run.state is ImportState.WRITING:
        return go(visit, then)
    made, filled = run.report["counts"]["created"], run.report["counts"]["completed"]
    words = f"{french.count(made, 'ligne créée', 'lignes créées')}, " + french.count(
        filled, "complétée", "complétées"
    )
    return go(visit, then, say=f"Enregistré : {words}.")


@action(may=Permission.JOURNEY_IMPORT, again=_import_show)
def import_undo(visit: Visit) -> Response:
    run = runs.undo(visit.db, _run(visit, hold=True), actor=visit.actor)
    then = visit.url("journeys:import_show", id=run.id)
    return go(visit, then, say="" if run.state is ImportState.UNDOING else "Import annulé.")


@page(may=Permission.JOURNEY_IMPORT)
def import_lines(visit: Visit) -> Response:
    run = _run(visit)
    if run.state in shown.AT_WORK or run.state is ImportState.COLUMNS:
        raise NotFound("Les lignes de cet import ne sont pas encore lues.")
    visit.saw_list("journeys:import_lines")
    kind = visit.path["kind"]
    if kind not in lines_file.KINDS:
        raise NotFound()
    media, write = lines_file.KINDS[kind]
    name = f"import-{run.created_at:%Y-%m-%d}-lignes.{kind}"
    return Response(
        write(shown.every_line(visit.db, visit.actor, run)),
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _run(visit: Visit, *, hold: bool = False) -> ImportRun:
    wanted = select(ImportRun).where(
        ImportRun.id == visit.path["id"], ImportRun.agency_id == visit.actor.agency_id
    )
    found = visit.db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cet import n’existe pas.")
    return found


def _journal(visit: Visit, most: int, page: int, *, size: int = 0) -> list[tuple[ImportRun, str]]:
    """(import, who made it), the latest first."""
    rows = visit.db.execute(
        columns(ImportRun, Professional)
        .join(Professional, col(Professional.id) == ImportRun.professional_id, isouter=True)
        .where(col(ImportRun.agency_id) == visit.actor.agency_id)
        .order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc())
        .limit(most)
        .offset((page - 1) * size)
    )
    return [(run, who.name if who else "Ligne de commande") for run, who in rows]


def _agency(visit: Visit) -> UUID:
    if visit.actor.agency_id is None:
        raise NotFound()
    return visit.actor.agency_id


routes = [
    Route("/parcours/importer", import_form, name="journeys:import_form"),
    Route("/parcours/importer", import_upload, name="journeys:import_upload", methods=["POST"]),
    Route("/parcours/importer/journal", import_journal, name="journeys:import_journal"),
    Route("/parcours/importer/{id:uuid}", import_show, name="journeys:import_show"),
    Route("/parcours/importer/{id:uuid}/colonnes", import_columns, name="journeys:import_columns"),
    Route("/parcours/importer/{id:uuid}/colonnes", import_choose,
          name="journeys:import_choose", methods=["POST"]),
    Route("/parcours/importer/{id:uuid}/confirmer", import_confirm,
          name="journeys:import_confirm", methods=["POST"]),
    Route("/parcours/importer/{id:uuid}/annuler", import_undo,
          name="journeys:import_undo", methods=["POST"]),
    Route("/parcours/importer/{id:uuid}/lignes.{kind}", import_lines,
          name="journeys:import_lines"),
    *incomplete_pages.routes,
]  # fmt: skip
