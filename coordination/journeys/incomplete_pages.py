"""The list of people without a journey."""

from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.journeys import forms, incomplete
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_WRITE)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    chosen = visit.query.get("page", "1")
    number = max(1, int(chosen)) if chosen.isdecimal() and len(chosen) < 5 else 1
    most = incomplete.MOST
    asked = incomplete.waiting(visit.actor).limit(most + 1).offset((number - 1) * most)
    rows = visit.db.execute(asked).all()
    if rows:
        visit.saw_list("journeys:incomplete")
        visit.shows(row[0] for row in rows[:most])
    return render(visit, "journeys/incomplete.html", form=visit.form, rows=rows[:most],
                  page=number, more=len(rows) > most,
                  programmes=forms.programmes(visit.db))  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_show)
def complete(visit: Visit) -> Response:
    said = forms.answers(visit.form, visit.db)
    opened = incomplete.open_all(
        visit.db, visit.form.keys("person"), actor=visit.actor, **said._asdict()
    )
    words = french.count(len(opened), "parcours ouvert", "parcours ouverts")
    return go(visit, visit.url("journeys:incomplete"), say=f"{words}.")


routes = [
    Route("/parcours/a-completer", show, name="journeys:incomplete"),
    Route("/parcours/a-completer", complete, name="journeys:complete", methods=["POST"]),
]
