"""The pages of *Copier pour mon logiciel*: the text, a button that copies, what was done where."""

from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.consent import rule
from coordination.db import beyond
from coordination.desk import journey_copy, journey_page
from coordination.journeys import queries, transcriptions
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Copied
from coordination.referrals import card
from coordination.referrals import queries as referrals
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def journey(visit: Visit) -> Response:
    return _journey(visit)


def _journey(visit: Visit) -> Response:
    found, context = _context(visit)
    return _shown(visit, journey_copy.of_journey(context), found.id, Copied.JOURNEY,
                  f"/parcours/{found.id}", may=context["may_add"])  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_journey)
def journey_done(visit: Visit) -> Response:
    found = queries.of_party(visit.db, visit.actor, visit.path["id"], hold=True)
    return _note(visit, found, Copied.JOURNEY, found.id)


@page(may=Permission.JOURNEY_READ)
def decision(visit: Visit) -> Response:
    return _decision(visit)


def _decision(visit: Visit) -> Response:
    found, context = _context(visit)
    key = visit.path["decision"]
    text = journey_copy.of_decision(visit.db, found, context["title"], key)
    return _shown(visit, text, key, Copied.DECISION, f"/parcours/{found.id}",
                  may=context["may_add"])  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_decision)
def decision_done(visit: Visit) -> Response:
    found = queries.of_party(visit.db, visit.actor, visit.path["id"], hold=True)
    journey_copy.of_decision(visit.db, found, "", visit.path["decision"])
    return _note(visit, found, Copied.DECISION, visit.path["decision"])


@page(may=Permission.REFERRAL_READ)
def referral(visit: Visit) -> Response:
    return _referral(visit)


def _referral(visit: Visit) -> Response:
    found = referrals.one(visit.db, visit.actor, visit.path["id"])
    here = visit.url("referrals:show", id=found.id)
    context = card.context(visit, found, here=here)
    return _shown(visit, journey_copy.of_referral(context), found.id, Copied.REFERRAL, here,
                  may=True)  # fmt: skip


@action(may=Permission.REFERRAL_ANSWER, again=_referral)
def referral_done(visit: Visit) -> Response:
    found = referrals.one(visit.db, visit.actor, visit.path["id"], hold=True)
    with beyond(visit.db, "desk.copied"):  # the sender's journey: only its key is written
        about = visit.db.get_one(Journey, found.journey_id)
        return _note(visit, about, Copied.REFERRAL, found.id)


def _context(visit: Visit) -> tuple[Journey, dict[str, Any]]:
    found = queries.one(visit.db, visit.actor, visit.path["id"])
    readable = rule.for_actor(visit.db, visit.actor, [found.person_id])[found.person_id]
    visit.saw(found.person_id, readable)
    return found, journey_page.context(visit.db, visit.actor, found, readable)


def _shown(visit: Visit, text: str, about: UUID, kind: Copied, back: str, *, may: bool) -> Response:
    tools = transcriptions.tools(visit.db, visit.actor)
    first = Form({"tool": tools[0] if tools else "", "done_on": clock.today().isoformat()})
    return render(
        visit,
        "journeys/copy.html",
        text=text,
        what=kind,
        back=back,
        here=visit.request.url.path,
        tools=tools,
        done=list(visit.db.exec(transcriptions.of(visit.actor, about))),
        may=may,
        form=visit.form if "_key" in visit.form else first,
    )


def _note(visit: Visit, about: Journey, kind: Copied, key: UUID) -> Response:
    tool = visit.form.text("tool", most=80)
    on = visit.form.day("done_on", latest=clock.today())
    reference = visit.form.text("reference", required=False, most=80)
    visit.form.check()
    assert on is not None
    transcriptions.note(visit.db, about, about=kind, about_id=key, tool=tool, done_on=on,
                        reference=reference, actor=visit.actor)  # fmt: skip
    return go(visit, visit.request.url.path, say="C’est noté : rien à saisir deux fois.")


_ONE = "/parcours/{id:uuid}/copier"
_DECISION = "/parcours/{id:uuid}/decisions/{decision:uuid}/copier"
_REFERRAL = "/orientations/{id:uuid}/copier"
routes = [
    Route(_ONE, journey, name="journeys:copy"),
    Route(_ONE, journey_done, name="journeys:copied", methods=["POST"]),
    Route(_DECISION, decision, name="journeys:copy_decision"),
    Route(_DECISION, decision_done, name="journeys:copied_decision", methods=["POST"]),
    Route(_REFERRAL, referral, name="referrals:copy"),
    Route(_REFERRAL, referral_done, name="referrals:copied", methods=["POST"]),
]
