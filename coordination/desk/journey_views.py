"""The list of journeys kept under a name, and taken away as a spreadsheet whose dates are dates."""

from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import xlsxwriter
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.desk import journey_filters as filters
from coordination.desk import journey_list
from coordination.desk.models import SavedView
from coordination.errors import Invalid, NotFound
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go
from coordination.web.visit import Visit

MOST_VIEWS = 20
MOST_ROWS = 5000
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = (("Référence", 12), ("Personne", 28), ("Dispositif", 30), ("Structure", 30), ("État", 16),
         ("Entrée", 12), ("Fin prévue", 12), ("Alertes", 60))  # fmt: skip


@page(may=Permission.JOURNEY_READ)
def sheet(visit: Visit) -> Response:
    """The lines of the list, no more than it shows: one line of access for the whole."""
    asked = filters.wanted(visit.query)
    found = journey_list.lines(visit.db, visit.actor, asked, most=MOST_ROWS)
    if len(found) > MOST_ROWS:
        raise Invalid(
            f"Plus de {french.number(MOST_ROWS)} parcours : affinez les filtres, puis recommencez."
        )
    visit.saw_list("journeys:sheet")
    name = f"parcours-{clock.today().isoformat()}.xlsx"
    return Response(
        _written(found),
        media_type=SHEET,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _written(lines: list[journey_list.Line]) -> bytes:
    """What is text stays text: nothing that someone typed is ever read as a formula."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True,
                                     "default_date_format": "dd/mm/yyyy"})  # fmt: skip
    book.set_properties({"title": "Parcours", "author": "Passerelles", "created": clock.now()
                         .replace(tzinfo=None)})  # fmt: skip
    page = book.add_worksheet("Parcours")
    bold = book.add_format({"bold": True, "text_wrap": True})
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, len(lines)), len(_HEAD) - 1)
    for place, (title, width) in enumerate(_HEAD):
        page.set_column(place, place, width)
        page.write_string(0, place, title, bold)
    for row, line in enumerate(lines, start=1):
        for place, value in enumerate(_cells(line)):
            _write(page, row, place, value)
    book.close()
    return out.getvalue()


def _cells(line: journey_list.Line) -> tuple[str | date | None, ...]:
    return (line.number, line.title, line.programme, line.agency, labels.of(line.state),
            line.entered_on, line.planned_end_on, "\n".join(line.alerts))  # fmt: skip


def _write(page: Any, row: int, place: int, value: str | date | None) -> None:
    if isinstance(value, date):
        page.write_datetime(row, place, value)
    elif value:
        page.write_string(row, place, value)


@action(may=Permission.JOURNEY_READ)
def keep(visit: Visit) -> Response:
    """The filters under a name; the same name again takes the new ones. Never what was searched."""
    name = visit.form.text("name", most=60, required=False)
    visit.form.check()
    if not name:
        raise Invalid("Donnez un nom à cette vue.", field="name")
    said = dict(parse_qsl(visit.form.get("filters")[:1000]))
    asked = filters.wanted(said)._replace(q="", page=1)
    known = visit.db.exec(filters.of_actor(visit.actor).where(SavedView.name == name)).first()
    if known is None and len(filters.views(visit.db, visit.actor)) >= MOST_VIEWS:
        raise Invalid(f"Vous avez déjà {MOST_VIEWS} vues : retirez-en une.", field="name")
    assert visit.actor.professional_id is not None
    view = known or SavedView(professional_id=visit.actor.professional_id, name=name)
    view.filters = asked.said()
    visit.db.add(view)
    return go(visit, asked.url(), say=f"La vue « {name} » est gardée.")


@action(may=Permission.JOURNEY_READ)
def drop(visit: Visit) -> Response:
    view = visit.db.exec(
        filters.of_actor(visit.actor).where(col(SavedView.id) == _key(visit))
    ).one_or_none()
    if view is None:
        raise NotFound("Cette vue n’existe pas.")
    visit.db.delete(view)
    return go(visit, "/parcours", say=f"La vue « {view.name} » est retirée.")


def _key(visit: Visit) -> UUID:
    key: UUID = visit.path["vue"]
    return key


routes = [
    Route("/parcours.xlsx", sheet, name="journeys:sheet"),
    Route("/parcours/vues", keep, name="journeys:keep_view", methods=["POST"]),
    Route("/parcours/vues/{vue:uuid}/retirer", drop, name="journeys:drop_view", methods=["POST"]),
]
