"""The Région's page: one question, its picture, the same figures as a table."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.agencies.models import Role
from coordination.errors import NotFound
from coordination.monitoring import figures, periods
from coordination.monitoring.figures import AFTER, ALL, EXITS, KNOWN, PASSED, TOTALS, Figures
from coordination.monitoring.masking import THRESHOLD, Hidden, Shown
from coordination.programmes.models import ProgrammeKind
from coordination.web import french
from coordination.web.doors import page
from coordination.web.render import render
from coordination.web.visit import Visit


@page(may=Permission.FIGURES_READ)
def show(visit: Visit) -> Response:
    today = clock.today()
    period = periods.asked(visit.query.get("periode", ""), today)
    if period is None:
        raise NotFound("Ces figures se lisent sur douze mois qui finissent avec un trimestre.")
    found = figures.over(visit.db, period, regions=_regions(visit))
    return render(
        visit,
        "monitoring/show.html",
        period=period,
        periods=periods.offered(today),
        empty=found.empty,
        columns=[labels.of(family) for family in found.families],
        matrix=[_cells(found, family) for family in found.families],
        outcomes=[_outcome(found, row) for row in (*found.families, ALL)] if found.families else [],
        rate=_percent(found, ALL),
        wait=_days(found, ALL),
        exits=_said(found.shown.get((ALL, EXITS))),
        passed=_said(found.shown.get((ALL, PASSED))),
        known=_said(found.shown.get((ALL, KNOWN))),
        after=[(labels.of(what), _said(found.shown.get((ALL, str(what))))) for what in AFTER],
        threshold=THRESHOLD,
    )


def _regions(visit: Visit) -> set[Any] | None:
    """The Régions whose figures this account looks at; None when it is all of them."""
    if (Role.PILOT, None) in visit.actor.grants:
        return None
    return visit.actor.scopes(Role.PILOT)


def _cells(found: Figures, row: ProgrammeKind) -> dict[str, Any]:
    return {
        "label": labels.of(row),
        "cells": [
            {
                "text": _said(found.shown[str(row), str(column)]),
                "heat": _heat(found, str(row), str(column)),
                "why": _why(found.shown[str(row), str(column)]),
            }
            for column in found.families
        ],
    }


def _outcome(found: Figures, row: ProgrammeKind | str) -> dict[str, Any]:
    """One line of the table of exits: what became of those who left this family."""
    shown = found.shown
    return {
        "label": "Ensemble" if row == ALL else labels.of(ProgrammeKind(row)),
        "total": row == ALL,
        "counts": [_said(shown[str(row), total]) for total in TOTALS],
        "rate": _percent(found, str(row)),
        "wait": _days(found, str(row)),
    }


def _heat(found: Figures, row: str, column: str) -> str:
    if found.shown[row, column].hidden:
        return "heat-hidden"
    return f"heat-{found.heat.get((row, column), 0)}"


def _why(shown: Shown) -> str:
    if shown.hidden is Hidden.SMALL:
        return f"moins de {THRESHOLD}, masqué"
    return "masqué pour protéger une case voisine" if shown.hidden else ""


def _said(shown: Shown | None) -> str:
    if shown is None:
        return "—"
    if shown.hidden is Hidden.SMALL:
        return f"‹{french.HARD}{THRESHOLD}"
    return "masqué" if shown.hidden else french.number(shown.value)


def _percent(found: Figures, row: str) -> str:
    rate = found.rates.get(row)
    return "—" if rate is None else f"{rate}{french.HARD}%"


def _days(found: Figures, row: str) -> str:
    wait = found.waits.get(row)
    if wait is None:
        return "—"
    return f"{french.number(int(wait) if wait == int(wait) else wait)}{french.HARD}j"


routes = [Route("/pilotage", show, name="monitoring:show")]
