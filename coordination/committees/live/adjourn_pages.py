"""« Lever la séance » : what will leave is read first, then confirmed."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.agencies.models import Role
from coordination.committees import queries
from coordination.committees.live import adjourning, attendance, made, shown
from coordination.committees.meetings import states
from coordination.committees.models import Committee, Meeting
from coordination.errors import Stale
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.COMMITTEE_RUN)
def adjourn_form(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    return render(visit, "live/adjourn.html", **_context(visit, meeting))


@action(may=Permission.COMMITTEE_RUN, again=adjourn_form)
def adjourn(visit: Visit) -> Response:
    """The chair confirms what the page showed: what changed since is shown again first."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], hold=True, presiding=True)
    if meeting.state in states.OVER:
        return go(visit, f"/seances/{meeting.id}", say="La séance était déjà levée.", level="info")
    if visit.form.get("_version") != str(meeting.pulse):
        raise Stale("La séance a continué entre-temps : relisez ce qui va partir, puis confirmez.")
    found = adjourning.adjourn(visit.db, meeting, actor=visit.actor)
    said = french.count(found.leaving, "orientation partie", "orientations parties")
    kept = f", {found.kept} en attente d’un accord" if found.kept else ""
    return go(visit, f"/seances/{meeting.id}", say=f"La séance est levée. {said}{kept}.")


def _context(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    db = visit.db
    found = adjourning.departure(db, meeting)
    mine = shown.situations_for(db, found.items, visit.actor)
    visit.saw_list(f"live:adjourn|{meeting.id}")
    waiting = {decision.item_id for decision in found.waiting}
    sent = {decision.item_id for decision in found.confirmed}
    decided, acting = made.of_items(db, found.items), shown.actions_of(db, found.items)
    rows = [
        (item, shown.title(item, mine.get(item.id)), decided[item.id], acting[item.id])
        for item in found.items
    ]
    return {
        "meeting": meeting,
        "committee": db.get_one(Committee, meeting.committee_id),
        "found": found,
        "form": visit.form,
        "decided": [row for row in rows if row[0].id in waiting],
        "confirmed": [row for row in rows if row[0].id in sent - waiting],
        "acting": [row for row in rows if row[3] and row[0].id not in waiting | sent],
        "silent": [
            (row[0].number, row[1])
            for row in rows
            if row[0] not in found.unexamined and not row[3] and row[0].id not in waiting | sent
        ],
        "carried": [(i.number, shown.title(i, mine.get(i.id))) for i in found.unexamined],
        "untold": sum(d.teller_id is None and bool(_person(found, d)) for d in found.waiting),
        "presides": _presides(visit, meeting),
        "present": sum(attendance.in_the_room(r) for r in attendance.rows(db, meeting.id)),
        "can": states.allows("adjourn", meeting.state),
        "over": meeting.state in states.OVER,
    }


def _person(found: adjourning.Departure, decision: Any) -> object:
    return next((i.person_id for i in found.items if i.id == decision.item_id), None)


def _presides(visit: Visit, meeting: Meeting) -> bool:
    """Whether this reader may confirm: the chair, or the secretary where nobody presides."""
    chairs = visit.actor.holds(Role.CHAIR, meeting.committee_id)
    return chairs or not queries.has_chair(visit.db, meeting.committee_id)


routes = [
    Route("/seances/{id:uuid}/lever", adjourn_form, name="live:adjourn_form"),
    Route("/seances/{id:uuid}/lever", adjourn, name="live:adjourn", methods=["POST"]),
]
