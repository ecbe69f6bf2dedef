"""Setting an alert aside. The demand of examination reads committees too: its page is in `desk`."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import labels
from coordination.access import Permission
from coordination.consent import rule
from coordination.journeys.models import Journey
from coordination.signals import life, queries, score
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_WRITE)
def dismiss_form(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    signal = queries.one(visit.db, visit.actor, visit.path["id"])
    journey = visit.db.get_one(Journey, signal.journey_id)
    readable = rule.for_actor(visit.db, visit.actor, [signal.person_id])
    visit.saw(signal.person_id, readable.get(signal.person_id, {}))
    return render(
        visit,
        "signals/dismiss.html",
        form=visit.form,
        signal=signal,
        title=labels.of(signal.code),
        word=score.word(signal.severity),
        journey=journey,
    )


@action(may=Permission.JOURNEY_WRITE, again=_show)
def dismiss(visit: Visit) -> Response:
    signal = queries.one(visit.db, visit.actor, visit.path["id"], hold=True)
    reason = visit.form.text("reason", most=300)
    until_on = visit.form.day("until_on")
    visit.form.check()
    assert until_on is not None  # `check` raised otherwise
    life.dismiss(visit.db, signal, reason=reason, until_on=until_on, actor=visit.actor)
    return go(
        visit, f"/parcours/{signal.journey_id}", say="L’alerte est écartée jusqu’à cette date."
    )


routes: list[Route] = [
    Route("/alertes/{id:uuid}/ecarter", dismiss_form, name="signals:dismiss_form"),
    Route("/alertes/{id:uuid}/ecarter", dismiss, methods=["POST"], name="signals:dismiss"),
]
