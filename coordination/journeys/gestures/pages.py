"""One page and one action for every gesture on a journey: what will happen, what is asked, done."""

from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.consent import rule
from coordination.errors import NotFound
from coordination.journeys import queries
from coordination.journeys.gestures import (
    agreed,
    needed,
    paused,
    people,
    stages,
    together,
    turns,
)
from coordination.journeys.gestures.asking import Asked, At, Gesture
from coordination.journeys.gestures.naming import name_of
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

GESTURES: dict[str, Gesture] = {
    **turns.GESTURES, **stages.GESTURES, **people.GESTURES, **needed.GESTURES, **agreed.GESTURES,
    **together.GESTURES, **paused.GESTURES,
}  # fmt: skip


@page(may=Permission.JOURNEY_WRITE)
def ask(visit: Visit) -> Response:
    return _ask(visit)


def _ask(visit: Visit) -> Response:
    gesture, at = _found(visit)
    visit.saw(at.journey.person_id, at.readable)
    gesture.check(at)
    asked = gesture.asks(at)
    sent = "_key" in visit.form
    return render(
        visit,
        "journeys/gesture.html",
        form=visit.form if sent else Form(_starts(asked)),
        gesture=gesture,
        says=gesture.says(at),
        asked=asked,
        first=any(one.kind == "first" for one in asked),
        journey=at.journey,
        about=at.row.id if at.row else "",
        title=name_of(at.db, at.journey.person_id, at.readable),
        here=visit.request.url.path,
        back=_back(at, gesture),
    )


@action(may=Permission.JOURNEY_WRITE, again=_ask)
def do(visit: Visit) -> Response:
    gesture, at = _found(visit, hold=True)
    visit.form.same_version(at.journey.version)
    gesture.check(at)
    said = gesture.do(at)
    return go(visit, _back(at, gesture), say=said)


def _found(visit: Visit, *, hold: bool = False) -> tuple[Gesture, At]:
    """The gesture, the journey, and the row it is about; anything else does not exist."""
    gesture = GESTURES.get(visit.path["geste"])
    if gesture is None:
        raise NotFound()
    find = queries.own if gesture.carrier else queries.of_party
    journey = find(visit.db, visit.actor, visit.path["id"], hold=hold)
    readable = rule.for_actor(visit.db, visit.actor, [journey.person_id])[journey.person_id]
    row = None
    if gesture.row is not None:
        said = visit.form.get("about") or visit.query.get("sur", "")
        row = gesture.row(visit.db, journey, readable, _key(said))
    return gesture, At(visit, journey, row, readable)


def _key(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise NotFound() from None


def _starts(asked: list[Asked]) -> dict[str, str | list[str]]:
    return {
        one.name: one.start.split(",") if one.kind == "ticks" else one.start
        for one in asked
        if one.start
    }


def _back(at: At, gesture: Gesture) -> str:
    place = f"#{gesture.back}" if gesture.back else ""
    return f"/parcours/{at.journey.id}{place}"


routes = [
    Route("/parcours/{id:uuid}/faire/{geste}", ask, name="journeys:ask"),
    Route("/parcours/{id:uuid}/faire/{geste}", do, name="journeys:do", methods=["POST"]),
]
