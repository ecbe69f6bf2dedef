"""The groups of an agency: their list, one of them, opening and closing it, who comes and goes."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.errors import NotFound
from coordination.journeys import group_lists, groups, queries
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.programmes import rules
from coordination.web.doors import action, page
from coordination.web.forms import LATEST, Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def index(visit: Visit) -> Response:
    past = visit.query.get("passes") == "1"
    found = group_lists.of_agency(visit.db, visit.actor, past=past)
    by_programme: dict[str, list[group_lists.Line]] = {}
    for line in found:
        by_programme.setdefault(line.programme, []).append(line)
    return render(visit, "journeys/groups.html", by_programme=by_programme, past=past)


@page(may=Permission.JOURNEY_WRITE)
def new(visit: Visit) -> Response:
    return _new(visit)


def _new(visit: Visit) -> Response:
    sent = "_key" in visit.form
    form = visit.form if sent else Form({"from_on": clock.today().isoformat()})
    return render(visit, "journeys/group_new.html", form=form,
                  programmes=group_lists.programmes(visit.db, visit.actor))  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_new)
def create(visit: Visit) -> Response:
    form, agency = visit.form, visit.actor.agency_id
    programme = form.key("programme")
    if programme and str(programme) not in dict(group_lists.programmes(visit.db, visit.actor)):
        form.wrong("programme", "Choisissez un dispositif de la liste.")
    label = form.text("label", most=80)
    from_on = form.day("from_on")
    until_on = form.day("until_on", required=False)
    form.check()
    if agency is None:
        raise NotFound()
    assert programme is not None
    assert from_on is not None
    made = groups.open_group(visit.db, agency_id=agency, programme_id=programme, label=label,
                             from_on=from_on, until_on=until_on, actor=visit.actor)  # fmt: skip
    return go(visit, visit.url("journeys:group", groupe=made.id), say="Le groupe est ouvert.")


@page(may=Permission.JOURNEY_READ)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    cohort = group_lists.one(visit.db, visit.actor, visit.path["groupe"])
    there = group_lists.members(visit.db, visit.actor, cohort)
    gone = group_lists.members(visit.db, visit.actor, cohort, gone=True)
    coming = group_lists.candidates(visit.db, visit.actor, cohort)
    if there or gone or coming:
        visit.saw_list("journeys:group")
        visit.shows(one.person_id for one in (*there, *gone))
    return render(visit, "journeys/group.html", **_forms(visit), **_shown(visit, cohort, there),
                  cohort=cohort, gone=gone, coming=coming)  # fmt: skip


def _shown(visit: Visit, cohort: Cohort, there: list[group_lists.Member]) -> dict[str, Any]:
    line = group_lists.line(visit.db, cohort)
    asked = rules.in_force(visit.db, cohort.programme_id, clock.today())
    return {"line": line, "there": there, "hidden": max(0, line.taken - len(there)),
            "least": asked.group_size_min, "today": clock.today(),
            "leaving": [(str(one.id), f"{one.name or 'Une personne'} · {one.number}")
                        for one in there]}  # fmt: skip


def _forms(visit: Visit) -> dict[str, Any]:
    """The three forms of the page: what was typed stays in the one that was sent."""
    today = clock.today().isoformat()
    forms = {"enter": Form({"enter_on": today}), "leave": Form({"leave_on": today}),
             "close": Form({"on": today})}  # fmt: skip
    sent = visit.form.get("_verb")
    if sent in forms:
        forms[sent] = visit.form
    return {"forms": forms, "wrong": sent if visit.form.errors else ""}


@action(may=Permission.JOURNEY_WRITE, again=_show)
def enter(visit: Visit) -> Response:
    cohort, form = _held(visit), visit.form
    chosen = form.key(groups.ENTRY)
    on = form.day("enter_on", latest=cohort.until_on or LATEST)
    form.check()
    assert chosen is not None
    journey = queries.own(visit.db, visit.actor, chosen, hold=True)
    groups.join(visit.db, cohort, journey, on=on, actor=visit.actor)
    return _back(visit, cohort, "La personne est dans le groupe.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def leave(visit: Visit) -> Response:
    cohort, form = _held(visit), visit.form
    chosen = form.key("member")
    on = form.day("leave_on", latest=clock.today())
    form.check()
    member = visit.db.get(CohortMember, chosen) if chosen else None
    if member is None or member.cohort_id != cohort.id:
        raise NotFound("Cette personne n’est pas dans ce groupe.")
    journey = queries.own(visit.db, visit.actor, member.journey_id, hold=True)
    groups.leave(visit.db, cohort, journey, on=on, actor=visit.actor)
    return _back(visit, cohort, "La place est de nouveau libre.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def close(visit: Visit) -> Response:
    cohort = _held(visit)
    visit.form.same_version(cohort.version)
    on = visit.form.day("on", latest=clock.today())
    visit.form.check()
    groups.close(visit.db, cohort, on=on, actor=visit.actor)
    return _back(visit, cohort, "Le groupe est clos.")


def _held(visit: Visit) -> Cohort:
    return group_lists.one(visit.db, visit.actor, visit.path["groupe"], hold=True)


def _back(visit: Visit, cohort: Cohort, say: str) -> Response:
    return go(visit, visit.url("journeys:group", groupe=cohort.id), say=say)


_ONE = "/parcours/groupes/{groupe:uuid}"
routes = [
    Route("/parcours/groupes", index, name="journeys:groups"),
    Route("/parcours/groupes/nouveau", new, name="journeys:new_group"),
    Route("/parcours/groupes/nouveau", create, name="journeys:open_group", methods=["POST"]),
    Route(_ONE, show, name="journeys:group"),
    Route(_ONE + "/entrees", enter, name="journeys:group_enter", methods=["POST"]),
    Route(_ONE + "/departs", leave, name="journeys:group_leave", methods=["POST"]),
    Route(_ONE + "/cloture", close, name="journeys:group_close", methods=["POST"]),
]
