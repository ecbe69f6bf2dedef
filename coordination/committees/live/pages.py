"""In session: the chair's and secretary's page, a member's page, the room's screen, the stream."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.agencies.actors import Actor
from coordination.committees import decisions, queries, situations
from coordination.committees.live import (
    adjourn_pages,
    attendance,
    attendance_pages,
    course,
    decision_pages,
    forms,
    made,
    pulse,
    shown,
)
from coordination.committees.live.desk import chair_context
from coordination.committees.meetings import states
from coordination.committees.models import AgendaItem, Committee, Decision, Meeting
from coordination.errors import Invalid, NotFound
from coordination.persons.records import holds_nir
from coordination.web import drafts
from coordination.web.doors import action, page, reading_as, stream
from coordination.web.forms import NO_NIR
from coordination.web.render import done, render
from coordination.web.visit import Visit

NEXT = 4  # points announced on the room's screen


@page(may=Permission.COMMITTEE_READ)
def chair(visit: Visit) -> Response:
    """One address: who runs the committee leads from it, the others follow."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    if visit.actor.scopes(*queries.RUNS) & {meeting.committee_id}:
        context = chair_context(visit, meeting)
        return render(visit, "live/chair.html", partial="live/_live.html", **context)
    return render(visit, "live/member.html", partial="live/_member.html",
                  **_member(visit, meeting))  # fmt: skip


@page(may=Permission.COMMITTEE_RUN)
def room(visit: Visit) -> Response:
    """What is projected: only what every agency present, and who projects, may read."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    return render(visit, "live/room.html", partial="live/_room.html", **_room(visit, meeting))


@stream(may=Permission.COMMITTEE_READ)
async def beat(request: Request, actor: Actor) -> AsyncIterator[str]:
    """The pulse of the meeting, as long as it lives."""
    meeting_id = request.path_params["id"]

    def look(db: Session) -> int | None:
        meeting = queries.meeting(db, actor, meeting_id)
        return None if meeting.state in states.OVER else meeting.pulse

    async def ask() -> int | None:
        number: int | None = await reading_as(request, actor, look)
        return number

    async for event in pulse.beats(ask):
        yield event


@action(may=Permission.COMMITTEE_RUN)
def go_to(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)
    item_id = visit.form.key("item")
    visit.form.check()
    assert item_id is not None
    course.go_to(visit.db, meeting, item_id, actor=visit.actor)
    then = visit.url("live:chair", id=meeting.id)
    return done(visit, then=then, partial="live/_live.html", **chair_context(visit, meeting))


@action(may=Permission.COMMITTEE_RUN)
def speak(visit: Visit) -> Response:
    meeting, item = _held(visit)
    course.speak(visit.db, meeting, item, choice=visit.form.get("choice"), actor=visit.actor)
    return _back(visit, meeting, item)


@action(may=Permission.COMMITTEE_RUN)
def conflict(visit: Visit) -> Response:
    """A conflict of interest: this professional is out of the item."""
    meeting, item = _held(visit)
    professional = visit.form.key("professional")
    visit.form.check()
    assert professional is not None
    decisions.conflict(visit.db, meeting, item, professional, actor=visit.actor)
    return _back(
        visit, meeting, item, say="Le déport est noté : le dossier se ferme pour ce point."
    )


@action(may=Permission.COMMITTEE_RUN, most=64 * 1024)
def draft(visit: Visit) -> Response:
    """What is being typed, kept for its author. Not a record: no version, no pulse."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    name, text = visit.form.get("name"), visit.form.get("text")
    subject = visit.query.get("sujet", "")
    if holds_nir(text):
        raise Invalid(NO_NIR)
    if name not in forms.DRAFTED or len(text) > 2 * forms.TEXT:
        raise Invalid("Ce brouillon ne peut pas être gardé.")
    if not _belongs(visit, meeting, subject):
        raise NotFound()
    assert visit.actor.professional_id is not None
    drafts.save(visit.db, author=visit.actor.professional_id, subject=subject, name=name, text=text)
    return Response(status_code=204)


def _belongs(visit: Visit, meeting: Meeting, subject: str) -> bool:
    """`decision:<item>`, `correction:<decision>` or `action:<item>`, of this meeting."""
    kind, _, key = subject.partition(":")
    try:
        about = UUID(key)
    except ValueError:
        return False
    if kind == "correction":
        found = visit.db.get(Decision, about)
        return found is not None and found.meeting_id == meeting.id
    item = visit.db.get(AgendaItem, about)
    return kind in {"decision", "action"} and item is not None and item.meeting_id == meeting.id


def _held(visit: Visit) -> tuple[Meeting, AgendaItem]:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)
    item_id = visit.form.key("item")
    visit.form.check()
    assert item_id is not None
    item, of = queries.item(visit.db, visit.actor, item_id, hold=True, running=True)
    if of.id != meeting.id:
        raise NotFound("Ce point n’existe pas.")
    return meeting, item


def _back(visit: Visit, meeting: Meeting, item: AgendaItem, say: str = "") -> Response:
    then = decision_pages.address(visit, meeting, item)
    context = chair_context(visit, meeting, item=item)
    return done(visit, then=then, partial="live/_live.html", say=say, **context)


def _member(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    items = course.points(visit.db, meeting)
    mine = shown.situations_for(visit.db, items, visit.actor)
    item = course.current(meeting, items)
    reading = mine.get(item.id) if item else None
    if reading and reading.person_id:
        visit.saw(reading.person_id, reading.readable, once="live:chair")
    visit.saw_list(f"live:chair|{meeting.id}")
    visit.shows(situations.named(mine))
    open_text = item is not None and (reading is None or not reading.anonymous)
    return {
        "meeting": meeting,
        "committee": visit.db.get_one(Committee, meeting.committee_id),
        "points": shown.list_of(items, mine, meeting, item),
        "clock": shown.clock_of(meeting, items),
        "case": shown.case(visit.db, item, reading) if item else None,
        "outcomes": shown.told_to_all(visit.db, item) if item else [],
        "made": made.of(visit.db, item) if item and open_text else [],
    }


def _room(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    items = course.points(visit.db, meeting)
    item = course.current(meeting, items)
    present = course.room(visit.db, meeting)
    everyone = _with_reader(present, visit.actor)
    show = partial(situations.for_room, visit.db)
    after = [i for i in items if course.to_come(i) and (item is None or i.id != item.id)][:NEXT]
    coming = show(after, agencies=everyone)
    visit.shows(situations.named(coming))
    reading = None
    if item is not None:
        before = course.audience(visit.db, meeting, item, present)
        reading = show([item], agencies=_with_reader(before, visit.actor)).get(item.id)
    if reading and reading.person_id:
        visit.saw(reading.person_id, reading.readable, once="live:room")
    visit.saw_list(f"live:room|{meeting.id}")
    return {
        "meeting": meeting,
        "committee": visit.db.get_one(Committee, meeting.committee_id),
        "case": shown.case(visit.db, item, reading) if item else None,
        "rank": items.index(item) + 1 if item else 0,
        "count": len(items),
        "outcomes": shown.told_to_all(visit.db, item) if item else [],
        "coming": [(i.number, shown.title(i, coming.get(i.id)), i.minutes) for i in after],
        "clock": shown.clock_of(meeting, items),
        "listening": attendance.stranger_in_the_room(visit.db, meeting.id),
    }


def _with_reader(agencies: set[UUID], actor: Actor) -> set[UUID]:
    """Who projects reads too. Nobody before whom to speak: nobody."""
    return agencies | ({actor.agency_id} if actor.agency_id else set()) if agencies else set()


routes = [
    *attendance_pages.routes,
    Route("/seances/{id:uuid}/en-seance", chair, name="live:chair"),
    Route("/seances/{id:uuid}/ecran", room, name="live:room"),
    Route("/seances/{id:uuid}/flux", beat, name="live:stream"),
    Route("/seances/{id:uuid}/point", go_to, name="live:go_to", methods=["POST"]),
    Route("/seances/{id:uuid}/parler", speak, name="live:speak", methods=["POST"]),
    Route("/seances/{id:uuid}/deport", conflict, name="live:conflict", methods=["POST"]),
    Route("/seances/{id:uuid}/brouillon", draft, name="live:draft", methods=["POST"]),
    *decision_pages.routes,
    *adjourn_pages.routes,
]
