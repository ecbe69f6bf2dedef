"""The agenda's page: the proposal and what the secretary makes of it, the review of ends."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import access, audit, labels
from coordination.access import Permission
from coordination.committees import queries
from coordination.committees.agenda import edit, ends, papers, reading
from coordination.committees.agenda.ends import Review
from coordination.committees.agenda.points import FREE_MINUTES
from coordination.committees.agenda.propose import propose as propose_agenda
from coordination.committees.models import AgendaItem, Meeting, Section
from coordination.errors import Invalid, NotFound
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import done, render
from coordination.web.visit import Visit

PARTIAL = "agenda/_agenda.html"
ADDABLE = (Section.FOLLOW_UP, Section.SITUATIONS, Section.PARTNERSHIP)


@page(may=Permission.COMMITTEE_READ)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    return render(visit, "agenda/show.html", partial=PARTIAL, **_context(visit, meeting))


def _context(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    """What agenda/_agenda.html takes."""
    runs = queries.runs(visit.actor, meeting.committee_id)
    agenda = reading.of_meeting(visit.db, visit.actor, meeting, runs=runs)
    if agenda.named:
        visit.saw_list(f"agenda:{meeting.id}")
        visit.shows(agenda.named)
    adding = "title" in visit.form and bool(visit.form.errors)
    return {
        "meeting": meeting,
        "committee": queries.one_committee(visit.db, visit.actor, meeting.committee_id),
        "agenda": agenda,
        "runs": runs,
        "editable": runs and meeting.state in edit.EDITABLE,
        "preparing": meeting.frozen_at is None and meeting.state in edit.EDITABLE,
        "reviews": labels.options(Review),
        "sections": [(section.value, labels.of(section)) for section in ADDABLE],
        "opens_journeys": access.may(visit.actor, Permission.JOURNEY_READ),
        "form": visit.form,
        "active": str(visit.path.get("point", "")) if visit.form.errors else "",
        "adding": adding,
        "add_form": visit.form if adding else Form({"minutes": FREE_MINUTES}),
    }


@action(may=Permission.COMMITTEE_RUN, again=_show)
def propose(visit: Visit) -> Response:
    """Asked by the secretary, made by the clock."""
    meeting = _running(visit)
    audit.act(visit.db, visit.actor, "agenda.ask", about=meeting.id)
    items = propose_agenda(visit.db, meeting)
    return _done(visit, meeting, f"Proposition à jour\u00a0: {french.count(len(items), 'point')}.")


@action(may=Permission.COMMITTEE_RUN, again=_show)
def order(visit: Visit) -> Response:
    """By drag (`order`: ids joined by commas) or by the arrows (`up`, `down`: one id)."""
    meeting = _running(visit)
    visit.form.same_version(meeting.version)
    if dropped := visit.form.get("order"):
        edit.order(visit.db, meeting, [_id(word) for word in dropped.split(",")], actor=visit.actor)
    else:
        up = visit.form.get("up")
        item = _item(visit, meeting, _id(up or visit.form.get("down")))
        edit.move(visit.db, meeting, item, -1 if up else 1, actor=visit.actor)
    return _done(visit, meeting, "Ordre enregistré.")


@action(may=Permission.COMMITTEE_RUN, again=_show)
def decide(visit: Visit) -> Response:
    """Accept, refuse, set the minutes, withdraw or carry over one point."""
    meeting = _running(visit)
    item = _item(visit, meeting, visit.path["point"])
    verb = _VERBS.get(visit.form.get("verb"))
    if verb is None:
        raise Invalid("Choisissez un geste.")
    visit.form.same_version(item.version, **_standing(visit, item))
    return _done(visit, meeting, verb(visit, item))


def _standing(visit: Visit, item: AgendaItem) -> dict[str, str]:
    """What stands now, beside what was typed."""
    if visit.form.get("verb") == "minutes":
        return {"minutes": f"{item.minutes} min"}
    said = f"{labels.of(item.state)}. {item.reason}".strip()
    return {"reason": said} if visit.form.get("reason") else {}


def _accept(visit: Visit, item: AgendaItem) -> str:
    edit.accept(visit.db, item, actor=visit.actor, reason=_reason(visit))
    return "Point retenu."


def _refuse(visit: Visit, item: AgendaItem) -> str:
    edit.refuse(visit.db, item, actor=visit.actor, reason=_reason(visit))
    return "Point non retenu."


def _withdraw(visit: Visit, item: AgendaItem) -> str:
    edit.withdraw(visit.db, item, actor=visit.actor, reason=_reason(visit))
    return "Point retiré\u00a0: il reste à sa place, marqué."


def _carry_over(visit: Visit, item: AgendaItem) -> str:
    review_on = visit.form.day("review_on", required=False)
    reason = _reason(visit)
    edit.carry_over(visit.db, item, actor=visit.actor, reason=reason, review_on=review_on)
    return "Point reporté à la prochaine séance."


def _minutes(visit: Visit, item: AgendaItem) -> str:
    minutes = visit.form.number("minutes", most=edit.MOST_MINUTES)
    visit.form.check()
    edit.set_minutes(visit.db, item, minutes=minutes or 0, actor=visit.actor)
    return "Durée enregistrée."


_VERBS: dict[str, Callable[[Visit, AgendaItem], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "carry_over": _carry_over,
    "minutes": _minutes,
}


def _reason(visit: Visit) -> str:
    reason = visit.form.text("reason", required=False, most=500)
    visit.form.check()
    return reason


@action(may=Permission.COMMITTEE_RUN, again=_show)
def accept_all(visit: Visit) -> Response:
    meeting = _running(visit)
    kept = edit.accept_all(visit.db, meeting, actor=visit.actor)
    return _done(visit, meeting, f"{french.count(kept, 'point retenu', 'points retenus')}.")


@action(may=Permission.COMMITTEE_RUN, again=_show)
def add(visit: Visit) -> Response:
    meeting, form = _running(visit), visit.form
    title, section = form.text("title", most=200), form.choice("section", Section)
    minutes = form.number("minutes", least=1, most=edit.MOST_MINUTES)
    reason = form.text("reason", required=False, most=500)
    form.check()
    assert section is not None and minutes is not None
    edit.add(visit.db, meeting, title=title, section=section, minutes=minutes, reason=reason,
             actor=visit.actor)  # fmt: skip
    return _done(visit, meeting, "Point ajouté.")


@action(may=Permission.COMMITTEE_RUN, again=_show)
def freeze(visit: Visit) -> Response:
    meeting = _running(visit)
    visit.form.same_version(meeting.version)
    edit.freeze(visit.db, meeting, actor=visit.actor)
    return _done(visit, meeting, "L’ordre du jour est figé.")


@action(may=Permission.JOURNEY_WRITE, again=_show)
def review(visit: Visit) -> Response:
    """The carrying body says what follows one of its ends."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    item = ends.own_line(visit.db, visit.actor, meeting.id, visit.path["point"])
    answer = visit.form.choice("review", Review)
    visit.form.check()
    assert answer is not None
    ends.review(visit.db, item, answer=answer, actor=visit.actor)
    return _done(visit, meeting, "Réponse enregistrée.")


@page(may=Permission.COMMITTEE_READ)
def pdf(visit: Visit) -> Response:
    """Without a name that everyone at the table may not read."""
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    runs = queries.runs(visit.actor, meeting.committee_id)
    if meeting.frozen_at is None and not runs:
        raise NotFound("L’ordre du jour de cette séance n’est pas encore figé.")
    name, body, named = papers.agenda(visit.db, meeting)
    if named:
        visit.saw_list(f"agenda:{meeting.id}")
    return _paper(name, body)


@page(may=Permission.COMMITTEE_READ)
def sign_in_sheet(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    return _paper(*papers.sign_in_sheet(visit.db, meeting))


def _paper(name: str, body: bytes) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(body, media_type="application/pdf", headers=headers)


def _running(visit: Visit) -> Meeting:
    return queries.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)


def _item(visit: Visit, meeting: Meeting, item_id: UUID) -> AgendaItem:
    item, at = queries.item(visit.db, visit.actor, item_id, hold=True, running=True)
    if at.id != meeting.id:
        raise NotFound("Ce point n’existe pas.")
    return item


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise Invalid("Cet ordre ne correspond plus aux points de la séance.") from None


def _done(visit: Visit, meeting: Meeting, say: str) -> Response:
    visit.db.flush()
    there = visit.url("agenda:show", id=meeting.id)
    if not visit.wants_partial:
        return done(visit, then=there, say=say)
    return done(visit, then=there, partial=PARTIAL, say=say, **_context(visit, meeting))


_AT = "/seances/{id:uuid}/ordre-du-jour"

routes = [
    Route(_AT, show, name="agenda:show"),
    Route(f"{_AT}.pdf", pdf, name="agenda:pdf"),
    Route("/seances/{id:uuid}/emargement.pdf", sign_in_sheet, name="agenda:sign_in_sheet"),
    Route(f"{_AT}/proposer", propose, name="agenda:propose", methods=["POST"]),
    Route(f"{_AT}/ordre", order, name="agenda:order", methods=["POST"]),
    Route(f"{_AT}/tout-retenir", accept_all, name="agenda:accept_all", methods=["POST"]),
    Route(f"{_AT}/figer", freeze, name="agenda:freeze", methods=["POST"]),
    Route(f"{_AT}/points", add, name="agenda:add", methods=["POST"]),
    Route(f"{_AT}/points/{{point:uuid}}", decide, name="agenda:decide", methods=["POST"]),
    Route(f"{_AT}/fins/{{point:uuid}}", review, name="agenda:review", methods=["POST"]),
]
