"""The list of journeys and a journey's page, with the gestures made from there. They read several
rooms, so they live here and not in `journeys`."""

from datetime import date
from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.consent import rule
from coordination.desk import journey_filters as filters
from coordination.desk import journey_list, journey_page, journey_views
from coordination.journeys import contacts, moves, queries, states
from coordination.journeys.models import Channel, Journey, Outcome, Presence, SuspensionCause
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

OPTIONS: dict[str, Any] = {
    "channels": labels.options(Channel),
    "presences": labels.options(Presence),
    "causes": labels.options(SuspensionCause),
    "outcomes": labels.options(Outcome),
}


@page(may=Permission.JOURNEY_READ)
def index(visit: Visit) -> Response:
    return _index(visit)


def _index(visit: Visit) -> Response:
    plain = not visit.query
    asked = filters.at_first(visit.db, visit.actor) if plain else filters.wanted(visit.query)
    context = journey_list.context(visit.db, visit.actor, asked)
    if context["lines"]:
        visit.saw_list("journeys:index")
    states_of = labels.LABELS["journeys.JourneyState"].items()
    return render(visit, "journeys/index.html", partial="journeys/_list.html", form=visit.form,
                  states=list(states_of), **OPTIONS, **context)  # fmt: skip


@page(may=Permission.JOURNEY_READ)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    journey = queries.one(visit.db, visit.actor, visit.path["id"])
    readable = rule.for_actor(visit.db, visit.actor, [journey.person_id])[journey.person_id]
    visit.saw(journey.person_id, readable)
    context = journey_page.context(visit.db, visit.actor, journey, readable)
    known_as = []
    for other, opening in context["others"]:
        visit.saw(other.id, other.readable)
        known_as.append((other, visit.url(opening.route, id=opening.id) if opening else ""))
    verb = visit.form.get("_verb")
    forms = {name: Form() for name in journey_page.SHOWN}
    forms["contact"] = Form({"on_day": clock.today().isoformat()})
    if verb in forms:
        forms[verb] = visit.form
    elif visit.form.errors:
        forms["contact"] = visit.form
    return render(visit, "journeys/show.html", forms=forms, moves=states.MOVES, known_as=known_as,
                  wrong=verb if visit.form.errors else "", **OPTIONS, **context)  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_show)
def contact(visit: Visit) -> Response:
    journey = queries.of_party(visit.db, visit.actor, visit.path["id"], hold=True)
    form = visit.form
    on_day = form.day("on_day", latest=clock.today())
    channel = form.choice("channel", Channel)
    presence = form.choice("presence", Presence, required=False) or Presence.PRESENT
    note = form.text("note", required=False, most=500)
    form.check()
    assert on_day is not None
    assert channel is not None
    contacts.record(
        visit.db,
        journey,
        on_day=on_day,
        channel=channel,
        presence=presence,
        with_person=not form.ticked("without_person"),
        with_employer=form.ticked("with_employer"),
        note=note,
        actor=visit.actor,
    )
    return go(visit, _back(visit, journey.id), say="Contact noté.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def suspend(visit: Visit) -> Response:
    journey, form = _own(visit), visit.form
    on = _past_day(form, "pause_on", journey)
    cause = form.choice("cause", SuspensionCause)
    until = form.day("planned_resume_on")
    keeps = form.text("keeps_contact", most=200)
    every = form.number("contact_every_days", required=False, least=1, most=90)
    acquired = form.text("acquired", required=False, most=500)
    form.check()
    assert cause is not None
    assert until is not None
    moves.suspend(
        visit.db,
        journey,
        cause=cause,
        planned_resume_on=until,
        keeps_contact=keeps,
        contact_every_days=every,
        acquired=acquired,
        on=on,
        actor=visit.actor,
    )
    return _done(visit, journey, "Le parcours est en pause.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def resume(visit: Visit) -> Response:
    journey = _own(visit)
    on = _past_day(visit.form, "resume_on", journey)
    visit.form.check()
    moves.resume(visit.db, journey, on=on, actor=visit.actor)
    return _done(visit, journey, "Le parcours reprend.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def extend(visit: Visit) -> Response:
    journey = _own(visit)
    until = visit.form.day("until_on")
    reason = visit.form.text("extend_reason", required=False, most=500)
    visit.form.check()
    assert until is not None
    moves.extend(visit.db, journey, until_on=until, reason=reason, actor=visit.actor)
    return _done(visit, journey, "La fin prévue est repoussée.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def end(visit: Visit) -> Response:
    journey = _own(visit)
    on = visit.form.day("on")
    outcome = visit.form.choice("outcome", Outcome)
    reason = visit.form.text("end_reason", required=False, most=500)
    visit.form.check()
    assert on is not None
    assert outcome is not None
    moves.end(visit.db, journey, on=on, outcome=outcome, reason=reason, actor=visit.actor)
    return _done(visit, journey, "Le parcours est terminé.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def abandon(visit: Visit) -> Response:
    journey = _own(visit)
    reason = visit.form.text("reason", most=500)
    visit.form.check()
    moves.abandon(visit.db, journey, reason=reason, actor=visit.actor)
    return _done(visit, journey, "Le parcours est interrompu.")


def _own(visit: Visit) -> Journey:
    journey = queries.own(visit.db, visit.actor, visit.path["id"], hold=True)
    visit.form.same_version(journey.version)
    return journey


def _past_day(form: Form, name: str, journey: Journey) -> date | None:
    earliest = journey.entered_on or clock.today()
    return form.day(name, required=False, earliest=min(earliest, clock.today()),
                    latest=clock.today())  # fmt: skip


def _done(visit: Visit, journey: Journey, say: str) -> Response:
    return go(visit, visit.url("journeys:show", id=journey.id), say=say)


def _back(visit: Visit, journey_id: UUID) -> str:
    """The journey's page, or the list the contact was noted from."""
    to = visit.form.get("back")
    if to in {"/parcours", "/aujourdhui"} or to.startswith("/parcours?"):
        return to
    return visit.url("journeys:show", id=journey_id)


_ONE = "/parcours/{id:uuid}"
routes = [
    Route("/parcours", index, name="journeys:index"),
    *journey_views.routes,
    Route(_ONE, show, name="journeys:show"),
    Route(_ONE + "/contacts", contact, name="journeys:contact", methods=["POST"]),
    Route(_ONE + "/suspendre", suspend, name="journeys:suspend", methods=["POST"]),
    Route(_ONE + "/reprendre", resume, name="journeys:resume", methods=["POST"]),
    Route(_ONE + "/prolonger", extend, name="journeys:extend", methods=["POST"]),
    Route(_ONE + "/terminer", end, name="journeys:end", methods=["POST"]),
    Route(_ONE + "/interrompre", abandon, name="journeys:abandon", methods=["POST"]),
]
