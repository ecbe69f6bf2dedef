"""Attendance on one screen, and opening the meeting."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.committees import queries
from coordination.committees.live import attendance, forms
from coordination.committees.meetings import calendar, states
from coordination.committees.models import Attendance, Committee, Meeting, Presence
from coordination.errors import Refused
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import done, go, render
from coordination.web.visit import Visit


@page(may=Permission.COMMITTEE_RUN)
def sheet(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    return _sheet(visit, meeting)


def _again(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    return _sheet(visit, meeting, form=visit.form)


@action(may=Permission.COMMITTEE_RUN, again=_again)
def take(visit: Visit) -> Response:
    """All ticks at once."""
    meeting = _held(visit)
    expected = [seat.professional_id for seat in attendance.seats(visit.db, meeting)]
    ticks = forms.ticks(visit.form, meeting, expected)
    attendance.take(visit.db, meeting, ticks, actor=visit.actor)
    if visit.form.get("then") == "open":
        return _open(visit, meeting)
    return _back(visit, meeting, "Présences enregistrées.")


@action(may=Permission.COMMITTEE_RUN)
def open_meeting(visit: Visit) -> Response:
    """Open, once attendance is taken."""
    return _open(visit, _held(visit))


def _observer_again(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    return _sheet(visit, meeting, observer_form=visit.form)


@action(may=Permission.COMMITTEE_RUN, again=_observer_again)
def observe(visit: Visit) -> Response:
    meeting = _held(visit)
    form = visit.form
    name = form.text("name", most=120)
    function = form.text("function", required=False, most=120)
    agency = form.key("agency", required=False)
    if not form.ticked("reminded"):
        form.wrong("reminded", "Rappelez d’abord la confidentialité, puis cochez cette case.")
    known = {seat.agency_id for seat in attendance.seats(visit.db, meeting)}
    if agency is not None and agency not in known:
        form.wrong("agency", "Choisissez une réponse de la liste.")
    form.check()
    attendance.observe(visit.db, meeting, name=name, function=function, agency_id=agency,
                       actor=visit.actor)  # fmt: skip
    return _back(visit, meeting, "Personne ajoutée à la feuille de présence.")


@action(may=Permission.COMMITTEE_RUN)
def pass_door(visit: Visit) -> Response:
    """Someone leaves now, or comes in."""
    meeting = _held(visit)
    row = visit.form.key("row")
    visit.form.check()
    assert row is not None
    inside = visit.form.get("way") == "in"
    attendance.pass_door(visit.db, meeting, row, inside=inside, actor=visit.actor)
    return _back(visit, meeting, "Arrivée notée." if inside else "Départ noté.")


def _open(visit: Visit, meeting: Meeting) -> Response:
    visit.db.flush()
    if not any(attendance.in_the_room(row) for row in attendance.rows(visit.db, meeting.id)):
        raise Refused("Notez d’abord qui est là : sans présence, la séance ne s’ouvre pas.")
    if meeting.state in states.IN_SESSION:
        return go(visit, visit.url("live:chair", id=meeting.id))
    calendar.open_meeting(visit.db, meeting, actor=visit.actor)
    return go(visit, visit.url("live:chair", id=meeting.id), say="La séance est ouverte.")


def _held(visit: Visit) -> Meeting:
    return queries.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)


def _back(visit: Visit, meeting: Meeting, say: str) -> Response:
    then = visit.url("live:attendance", id=meeting.id)
    if visit.wants_partial:
        return done(visit, then=then, partial="live/_sheet.html", say=say,
                    **_context(visit, meeting))  # fmt: skip
    return done(visit, then=then, say=say)


def _sheet(visit: Visit, meeting: Meeting, **given: Form) -> Response:
    context = _context(visit, meeting, **given)
    return render(visit, "live/attendance.html", partial="live/_sheet.html", **context)


def _context(
    visit: Visit,
    meeting: Meeting,
    *,
    form: Form | None = None,
    observer_form: Form | None = None,
) -> dict[str, Any]:
    seats = attendance.seats(visit.db, meeting)
    agencies = {seat.agency_id: seat.agency for seat in seats if seat.agency_id}
    observers = attendance.observers(visit.db, meeting.id)
    rows = [seat.came for seat in seats if seat.came] + observers
    return {
        "meeting": meeting,
        "committee": visit.db.get_one(Committee, meeting.committee_id),
        "seats": seats,
        "form": form or Form(_values(seats)),
        "presences": labels.options(Presence),
        "people": [(str(seat.professional_id), seat.name) for seat in seats],
        "observers": observers,
        "agency_of": agencies,
        "agencies": [(str(a), name) for a, name in sorted(agencies.items(), key=lambda x: x[1])],
        "observer_form": observer_form or Form({}),
        "inside": {row.id for row in rows if attendance.in_the_room(row)},
        "present": sum(attendance.in_the_room(row) for row in rows),
        "opens": states.allows("open", meeting.state),
        "in_session": meeting.state in states.IN_SESSION,
        "over": meeting.state in states.OVER,
    }


def _values(seats: list[attendance.Seat]) -> dict[str, str]:
    values: dict[str, str] = {}
    for seat in seats:
        if seat.came is None:
            continue
        who, row = seat.professional_id, seat.came
        values[f"at-{who}"] = row.presence.value
        values[f"by-{who}"] = str(row.represented_by_id or "")
        values[f"came-{who}"] = _hour(row, "arrived_at")
        values[f"left-{who}"] = _hour(row, "left_at")
    return values


def _hour(row: Attendance, column: str) -> str:
    moment = getattr(row, column)
    return f"{clock.local(moment):%H:%M}" if moment else ""


routes = [
    Route("/seances/{id:uuid}/presences", sheet, name="live:attendance"),
    Route("/seances/{id:uuid}/presences", take, name="live:take_attendance", methods=["POST"]),
    Route("/seances/{id:uuid}/presences/observateur", observe, name="live:observe",
          methods=["POST"]),
    Route("/seances/{id:uuid}/presences/porte", pass_door, name="live:pass_door",
          methods=["POST"]),
    Route("/seances/{id:uuid}/ouvrir", open_meeting, name="live:open", methods=["POST"]),
]  # fmt: skip
