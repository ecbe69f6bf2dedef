"""The relevé and its documents."""

from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import files
from coordination.access import Permission
from coordination.committees import queries as committees
from coordination.committees import situations
from coordination.committees.meetings import calendar
from coordination.committees.minutes import content, follow_up, printing, queries, sending
from coordination.committees.models import Meeting, MeetingState
from coordination.errors import Gone, NotFound
from coordination.web.doors import action, page
from coordination.web.render import done, go, render
from coordination.web.visit import Visit

PDF = "application/pdf"


@page(may=Permission.MINUTES_READ)
def show(visit: Visit) -> Response:
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"])
    return _show(visit, meeting)


def _show(visit: Visit, meeting: Meeting) -> Response:
    minutes = queries.sent(visit.db, meeting.id)
    runs = committees.runs(visit.actor, meeting.committee_id)
    if minutes is None and not runs:
        raise NotFound("Le relevé de cette séance n’a pas encore été envoyé.")
    draft = sending.latest(visit.db, meeting.id)
    visit.saw_list("minutes:show")
    return render(
        visit,
        "minutes/show.html",
        partial="minutes/_decisions.html",
        committee=committees.one_committee(visit.db, visit.actor, meeting.committee_id),
        minutes=minutes,
        draft=draft,
        content=content.nameless(visit.db, meeting),
        extracts=visit.db.execute(queries.extracts(minutes.id)).all() if minutes and runs else [],
        can_send=runs and meeting.state is MeetingState.ADJOURNED,
        can_close=runs and meeting.state is MeetingState.ADJOURNED and minutes is not None,
        **_decisions(visit, meeting),
    )


def _decisions(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    """What minutes/_decisions.html takes."""
    rows = queries.decisions(visit.db, meeting.id)
    shown = situations.for_agency(
        visit.db,
        {item.id: item for _, item in rows}.values(),
        agency_id=visit.actor.agency_id,
        professional_id=visit.actor.professional_id,
    )
    visit.shows(situations.named(shown))
    return {
        "meeting": meeting,
        "runs": committees.runs(visit.actor, meeting.committee_id),
        "rows": [(decision, item, shown.get(item.id)) for decision, item in rows],
        "editable": meeting.state in sending.WRITTEN,
        "form": visit.form,
    }


@action(may=Permission.COMMITTEE_RUN, again=show)
def introduce(visit: Visit) -> Response:
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)
    text = visit.form.text("introduction", required=False, most=4000)
    visit.form.check()
    draft = sending.draft(visit.db, meeting, actor=visit.actor)
    sending.introduce(visit.db, draft, text=text, actor=visit.actor)
    return go(visit, visit.url("minutes:show", id=meeting.id), say="C’est enregistré.")


@action(may=Permission.COMMITTEE_RUN)
def reword(visit: Visit) -> Response:
    decision, meeting = queries.decision(visit.db, visit.actor, visit.path["id"])
    text = visit.form.text("wording", required=False, most=4000)
    visit.form.check()
    visit.form.same_version(decision.version, wording=decision.wording or decision.text)
    sending.reword(visit.db, meeting, decision, text=text, actor=visit.actor)
    visit.db.flush()
    return done(
        visit,
        then=visit.url("minutes:show", id=meeting.id),
        partial="minutes/_decisions.html",
        say="La rédaction est enregistrée.",
        **_decisions(visit, meeting),
    )


@action(may=Permission.COMMITTEE_RUN, again=show)
def send(visit: Visit) -> Response:
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)
    sending.send(visit.db, meeting, actor=visit.actor)
    return go(
        visit,
        visit.url("minutes:show", id=meeting.id),
        say="Le relevé part : chaque structure est prévenue dès que ses documents sont prêts.",
    )


@action(may=Permission.COMMITTEE_RUN, again=show)
def close(visit: Visit) -> Response:
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"], hold=True, running=True)
    calendar.close(visit.db, meeting, actor=visit.actor)
    return go(visit, visit.url("minutes:show", id=meeting.id), say="La séance est close.")


@page(may=Permission.MINUTES_READ)
def main_pdf(visit: Visit) -> Response:
    """The nameless document: the one that was sent, or the project for who writes it."""
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"])
    minutes = queries.sent(visit.db, meeting.id)
    if "projet" in visit.query or minutes is None:
        if not committees.runs(visit.actor, meeting.committee_id):
            raise NotFound("Le relevé de cette séance n’a pas encore été envoyé.")
        draft = sending.latest(visit.db, meeting.id)
        return _pdf(printing.press(printing.main_sheet(visit.db, meeting, draft)), "releve")
    kept = queries.main_file(visit.db, minutes)
    if kept is None:
        kept = printing.press(printing.main_sheet(visit.db, meeting, minutes))
    return _pdf(kept, "releve")


@page(may=Permission.MINUTES_READ)
def annex_pdf(visit: Visit) -> Response:
    """The reader's own agency's annex, and no other's. What was printed is given only while every
    agreement in it stands, and to who left the room for none of it; else it is made again with
    today's rights, theirs."""
    meeting = committees.meeting(visit.db, visit.actor, visit.path["id"])
    agency_id = visit.actor.agency_id
    minutes = queries.sent(visit.db, meeting.id)
    if agency_id is None or minutes is None:
        raise NotFound("Il n’y a pas d’annexe pour votre structure.")
    number = visit.query.get("version", "")
    wanted = int(number) if number.isdecimal() and len(number) < 6 else None
    extract = queries.extract(visit.db, minutes, agency_id, number=wanted)
    if extract.recalled_at is not None:
        raise Gone("Cette annexe a été rappelée : un accord a été retiré.")
    _note_opening(visit, meeting, agency_id)
    reader = visit.actor.professional_id
    away = queries.left_out(visit.db, meeting.id, reader) & set(extract.persons)
    if extract.file_id and not away and printing.stands(visit.db, extract.sharing):
        return _pdf(files.read(visit.db, extract.file_id)[1], "annexe")
    sheet = printing.annex_sheet(visit.db, meeting, minutes, agency_id, professional_id=reader)
    return _pdf(printing.press(sheet), "annexe")


def _note_opening(visit: Visit, meeting: Meeting, agency_id: UUID) -> None:
    items = [i for i in visit.db.exec(committees.items(meeting.id)) if i.state in content.SHOWN]
    found = situations.for_agency(
        visit.db, items, agency_id=agency_id, professional_id=visit.actor.professional_id
    )
    for shown in found.values():
        if shown.person_id:
            visit.saw(shown.person_id, shown.readable)


def _pdf(printed: bytes, name: str) -> Response:
    return Response(
        printed,
        media_type=PDF,
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


routes = [
    Route("/seances/{id:uuid}/releve", show, name="minutes:show"),
    Route("/seances/{id:uuid}/releve", introduce, name="minutes:introduce", methods=["POST"]),
    Route("/seances/{id:uuid}/releve/envoi", send, name="minutes:send", methods=["POST"]),
    Route("/seances/{id:uuid}/releve/cloture", close, name="minutes:close", methods=["POST"]),
    Route("/seances/{id:uuid}/releve.pdf", main_pdf, name="minutes:pdf"),
    Route("/seances/{id:uuid}/annexe.pdf", annex_pdf, name="minutes:annex"),
    Route("/decisions/{id:uuid}/redaction", reword, name="minutes:reword", methods=["POST"]),
    *follow_up.routes,
]
