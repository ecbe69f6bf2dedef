"""Why a journey is examined first, setting an alert aside, how long each territory waits. The
demand of examination reads committees too: its page is in `desk`."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.consent import rule
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey
from coordination.signals import life, queries, score, waiting
from coordination.signals.models import Signal, SignalState
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def weights(visit: Visit) -> Response:
    """The sum behind the word, alert by alert, and what became of the past ones."""
    journey = journeys.one(visit.db, visit.actor, visit.path["id"])
    readable = rule.for_actor(visit.db, visit.actor, [journey.person_id])
    visit.saw(journey.person_id, readable.get(journey.person_id, {}))
    found = list(visit.db.exec(queries.history(journey.id)))
    standing = [signal for signal in found if signal.ended_at is None]
    total = round(sum(signal.score for signal in standing), 2)
    return render(
        visit,
        "signals/weights.html",
        journey=journey,
        standing=[
            (labels.of(s.code), s.sentence, _figure(s.weight),
             _figure(score.past(s.weight, s.score)), _figure(s.score))
            for s in standing
        ],
        total=_figure(total),
        word=score.word(score.severity(total)),
        first=_figure(score.FIRST_FROM),
        examine=_figure(score.EXAMINE_FROM),
        cap=_figure(score.CAP),
        over=[
            (labels.of(s.code), s.sentence, _became(s), french.stamp(s.ended_at), s.reason,
             _not_before(s))
            for s in found
            if s.ended_at is not None
        ],
    )  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _became(signal: Signal) -> str:
    ended = signal.state in (SignalState.TREATED, SignalState.DISMISSED)
    return labels.of(signal.state) if ended else "Le fait ne tient plus"


def _not_before(signal: Signal) -> str:
    until = signal.dismissed_until
    return french.short(until) if until and until < life.FOREVER else ""


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


@page(may=Permission.ADMINISTER)
def patience(visit: Visit) -> Response:
    return render(
        visit,
        "signals/patience.html",
        form=visit.form,
        house=waiting.HOUSE._asdict(),
        titles=waiting.TITLES,
        territories=waiting.of_territories(visit.db, clock.today()),
        places=waiting.places(visit.db),
    )


@action(may=Permission.ADMINISTER, again=patience)
def change_patience(visit: Visit) -> Response:
    form = visit.form
    territory, from_on = form.key("territory"), form.day("from_on")
    weeks = {name: form.number(name, least=1, most=52, required=False) for name in waiting.TITLES}
    form.check()
    assert territory is not None  # `check` raised otherwise
    assert from_on is not None
    waiting.change(visit.db, territory, from_on=from_on, weeks=weeks, actor=visit.actor)
    return go(visit, visit.url("signals:patience"), say="Les délais de ce territoire sont notés.")


routes: list[Route] = [
    Route("/parcours/{id:uuid}/alertes", weights, name="signals:weights"),
    Route("/administration/delais", patience, name="signals:patience"),
    Route("/administration/delais", change_patience, name="signals:change_patience",
          methods=["POST"]),
    Route("/alertes/{id:uuid}/ecarter", dismiss_form, name="signals:dismiss_form"),
    Route("/alertes/{id:uuid}/ecarter", dismiss, methods=["POST"], name="signals:dismiss"),
]  # fmt: skip
