"""What becomes of what was decided: actions reported, decisions told."""

from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import audit, clock, labels
from coordination.access import Permission
from coordination.committees import actions, situations
from coordination.committees import queries as committees
from coordination.committees.minutes import content, queries, wording
from coordination.committees.models import DecisionState, FollowUpState, Meeting
from coordination.db import beyond
from coordination.persons.categories import Category
from coordination.web.doors import action, page
from coordination.web.render import done, go, render
from coordination.web.visit import Visit

REPORTS = [(s.value, labels.of(s)) for s in FollowUpState if s is not FollowUpState.OPEN]


@page(may=Permission.MINUTES_READ)
def show(visit: Visit) -> Response:
    return _show(visit, committees.meeting(visit.db, visit.actor, visit.path["id"]))


def _show(visit: Visit, meeting: Meeting) -> Response:
    visit.saw_list("minutes:follow_up")
    return render(
        visit,
        "minutes/follow_up.html",
        partial="minutes/_actions.html",
        committee=committees.one_committee(visit.db, visit.actor, meeting.committee_id),
        decided=_decided(visit, meeting),
        **_actions(visit, meeting),
    )


def _decided(visit: Visit, meeting: Meeting) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """(title, outcome, state, [(agency, status)]) of each decision, as this reader may see it."""
    going: dict[UUID, list[tuple[str, str]]] = {}
    with beyond(visit.db, "minutes.follow_up"):  # where each decision stands: a status, nobody
        standing = visit.db.execute(queries.going(meeting.id)).all()
    for decision_id, agency_id, name, sensitive, status in standing:
        hidden = sensitive and agency_id != visit.actor.agency_id
        words = labels.of(status) if status else "Pas encore partie"
        shown = content.PARTNER if hidden else name
        going.setdefault(decision_id, []).append((shown, words))
    rows = queries.decisions(visit.db, meeting.id)
    seen = situations.for_agency(
        visit.db,
        [item for _, item in rows],
        agency_id=visit.actor.agency_id,
        professional_id=visit.actor.professional_id,
    )
    return [
        (
            seen[item.id].title if item.id in seen else item.title,
            labels.of(decision.outcome),
            _told(decision.state, decision.told_on is not None),
            going.get(decision.id, []),
        )
        for decision, item in rows
    ]


def _told(state: DecisionState, told: bool) -> str:
    if state is not DecisionState.CONFIRMED:
        return "pas encore confirmée"
    return "dite à la personne" if told else "à dire à la personne"


def _actions(visit: Visit, meeting: Meeting) -> dict[str, Any]:
    """What minutes/_actions.html takes."""
    runs = committees.runs(visit.actor, meeting.committee_id)
    rows = []
    items = visit.db.exec(committees.items(meeting.id)).all()
    shown = situations.for_agency(
        visit.db,
        items,
        agency_id=visit.actor.agency_id,
        professional_id=visit.actor.professional_id,
    )
    hidden = content.names_to_hide(visit.db, items, shown)
    for row, agency in visit.db.execute(queries.actions(meeting.id)):
        mine = row.agency_id == visit.actor.agency_id or row.owner_id == visit.actor.professional_id
        masked = agency.sensitive and not mine
        name = content.PARTNER if masked else agency.name
        what = wording.veil(row.what, hidden)
        case = shown.get(row.item_id)
        about_nobody = row.person_id is None and case is None
        told = mine or about_nobody or (case is not None and case.reads(Category.STEPS))
        report = wording.veil(row.report, hidden) if told else ""
        rows.append((row, name, what, report, (mine or runs) and row.state is FollowUpState.OPEN))
    return {
        "meeting": meeting,
        "actions": rows,
        "reports": REPORTS,
        "today": clock.today(),
        "form": visit.form,
    }


def _report_again(visit: Visit) -> Response:
    row = queries.action(visit.db, visit.actor, visit.path["id"])
    return _show(visit, committees.meeting(visit.db, visit.actor, row.meeting_id))


@action(may=Permission.FOLLOW_UP_REPORT, again=_report_again)
def report(visit: Visit) -> Response:
    """One click: done, impossible, not done; a word may be added."""
    row = queries.action(visit.db, visit.actor, visit.path["id"], hold=True)
    state = visit.form.choice("state", FollowUpState)
    text = visit.form.text("report", required=False, most=1000)
    visit.form.check()
    visit.form.same_version(row.version)
    assert state is not None
    actions.report(visit.db, row, state=state, report=text, actor=visit.actor)
    visit.db.flush()
    then = visit.url("minutes:follow_up", id=row.meeting_id)
    if not visit.actor.scopes(*committees.SITS):
        return go(visit, visit.url("desk:today"), say="C’est noté.")
    meeting = committees.meeting(visit.db, visit.actor, row.meeting_id)
    return done(
        visit,
        then=then,
        partial="minutes/_actions.html",
        say="C’est noté.",
        **_actions(visit, meeting),
    )


@action(may=Permission.SIGNED_IN)
def told(visit: Visit) -> Response:
    """The person has been told."""
    decision = queries.to_tell(visit.db, visit.actor, visit.path["id"])
    day = visit.form.day("told_on", required=False, latest=clock.today()) or clock.today()
    visit.form.check()
    decision.told_on = day
    decision.version += 1
    audit.act(visit.db, visit.actor, "decision.told", about=decision.id)
    return go(visit, visit.url("desk:today"), say="C’est noté : la personne est prévenue.")


routes = [
    Route("/seances/{id:uuid}/suivi", show, name="minutes:follow_up"),
    Route("/decisions/{id:uuid}/dite", told, name="minutes:told", methods=["POST"]),
    Route("/actions/{id:uuid}/compte-rendu", report, name="minutes:report", methods=["POST"]),
]
