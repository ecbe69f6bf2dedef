"""Aujourd’hui, and the pages about journeys."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.desk import demands, journeys, received, search_pages
from coordination.desk import journey_copy_pages as copying
from coordination.desk import today as waiting
from coordination.web import french
from coordination.web.doors import page
from coordination.web.render import render
from coordination.web.visit import Visit


@page(may=Permission.TODAY_READ)
def today(visit: Visit) -> Response:
    panels = waiting.panels(visit.db, visit.actor)
    if any(panel.lines for panel in panels):
        visit.saw_list("desk:today")
    total = sum(panel.total for panel in panels if panel.key != "seances")
    return render(
        visit,
        "desk/today.html",
        panels=panels,
        date=french.weekday(clock.today()),
        lead=_lead(total),
        channels=journeys.OPTIONS["channels"],
        today=clock.today(),
    )


def _lead(total: int) -> str:
    if not total:
        return "Rien n’attend : belle journée."
    return f"{french.count(total, 'chose attend', 'choses attendent')} un geste de votre part."


routes = [
    Route("/aujourdhui", today, name="desk:today"),
    *search_pages.routes,
    *demands.routes,
    *journeys.routes,
    *copying.routes,
    *received.routes,
]
