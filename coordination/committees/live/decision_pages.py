"""Recording, correcting, withdrawing and confirming decisions; deciding actions."""

from typing import Any

from sqlmodel import col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination import labels
from coordination.access import Permission
from coordination.agencies.models import Agency, Professional
from coordination.committees import actions, decisions, queries
from coordination.committees.live import course, forms
from coordination.committees.live.desk import chair_context
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionState,
    FollowUp,
    FollowUpState,
    Meeting,
)
from coordination.errors import Invalid, NotFound
from coordination.web import drafts
from coordination.web.doors import action
from coordination.web.render import done, render
from coordination.web.visit import Visit

NEW_STATE = "Décisions enregistrées entre-temps sur ce point"


def _again(visit: Visit) -> Response:
    """The page with the decision form as it was typed."""
    meeting, item, decision = _found(visit)
    context = chair_context(visit, meeting, item=item, correcting=decision,
                            decision_form=visit.form)  # fmt: skip
    return _page(visit, context)


@action(may=Permission.COMMITTEE_RUN, again=_again)
def record(visit: Visit) -> Response:
    meeting, item, _ = _found(visit, hold=True)
    standing = decisions.of_item(visit.db, item.id)
    last = [d for d in standing if d.state is not DecisionState.WITHDRAWN][-1:]
    now = {"text": _in_words(last[0])} if last else {"text": "(décision retirée)"}
    visit.form.same_version(decisions.stamp(standing), **now)
    outcome = forms.outcome(visit.form)
    said = forms.decision(visit.form, outcome)
    decisions.record(visit.db, item, outcome=outcome, actor=visit.actor, **said)
    _clear(visit, f"decision:{item.id}")
    return _back(visit, meeting, item, "Décision enregistrée. Rien ne part avant confirmation.")


@action(may=Permission.COMMITTEE_RUN, again=_again)
def correct(visit: Visit) -> Response:
    meeting, item, decision = _found(visit, hold=True)
    assert decision is not None
    visit.form.same_version(
        decision.version,
        text=_in_words(decision),
        reason=decision.reason,
        dissent=decision.dissent,
    )
    outcome = forms.outcome(visit.form)
    said = forms.decision(visit.form, outcome)
    decisions.correct(visit.db, decision, outcome=outcome, actor=visit.actor, **said)
    _clear(visit, f"correction:{decision.id}")
    return _back(visit, meeting, item, "Décision corrigée.")


@action(may=Permission.COMMITTEE_RUN)
def withdraw(visit: Visit) -> Response:
    meeting, item, decision = _found(visit, hold=True)
    assert decision is not None
    decisions.withdraw(visit.db, decision, actor=visit.actor)
    return _back(visit, meeting, item, "Décision retirée.")


@action(may=Permission.MEETING_PRESIDE)
def confirm(visit: Visit) -> Response:
    """« Envoyer maintenant » : this one leaves before the end of the meeting."""
    meeting, item, decision = _found(visit, hold=True, presiding=True)
    assert decision is not None
    decisions.confirm(visit.db, decision, actor=visit.actor)
    return _back(visit, meeting, item, "Décision confirmée : ce qu’elle entraîne est parti.")


def _action_again(visit: Visit) -> Response:
    meeting, item, _ = _found(visit)
    return _page(visit, chair_context(visit, meeting, item=item, action_form=visit.form))


@action(may=Permission.COMMITTEE_RUN, again=_action_again)
def decide_action(visit: Visit) -> Response:
    meeting, item, _ = _found(visit, hold=True)
    form = visit.form
    what = form.text("what", most=500)
    agency_id, owner_id = form.key("agency"), form.key("owner", required=False)
    due_on = form.day("due_on", required=False)
    form.check()
    agency = visit.db.get(Agency, agency_id)
    owner = visit.db.get(Professional, owner_id) if owner_id else None
    if agency is None or (owner_id and owner is None):
        raise Invalid("Choisissez une réponse de la liste.", field="agency")
    actions.decide(visit.db, item, agency=agency, owner=owner, what=what, due_on=due_on,
                   actor=visit.actor)  # fmt: skip
    _clear(visit, f"action:{item.id}")
    return _back(visit, meeting, item, "Action notée.")


@action(may=Permission.COMMITTEE_RUN)
def drop_action(visit: Visit) -> Response:
    meeting, item, follow_up = _action(visit)
    actions.drop(visit.db, follow_up, actor=visit.actor)
    return _back(visit, meeting, item, "Action retirée.")


@action(may=Permission.COMMITTEE_RUN)
def review_action(visit: Visit) -> Response:
    """What became of an action of an earlier meeting, said at the table."""
    meeting, item, _ = _found(visit, hold=True)
    follow_up = visit.db.get(FollowUp, item.follow_up_id) if item.follow_up_id else None
    if follow_up is None or follow_up.committee_id != meeting.committee_id:
        raise NotFound("Cette action n’existe pas.")
    state = visit.form.choice("state", FollowUpState)
    said = visit.form.text("report", required=False, most=500)
    visit.form.check()
    assert state is not None
    actions.report(visit.db, follow_up, state=state, report=said or "Dit en séance",
                   actor=visit.actor)  # fmt: skip
    return _back(visit, meeting, item, "C’est noté.")


def address(visit: Visit, meeting: Meeting, item: AgendaItem) -> str:
    """Back to the point looked at; to the page itself when it is the current one."""
    here = visit.url("live:chair", id=meeting.id)
    return here if meeting.current_item_id == item.id else f"{here}?point={item.id}"


def _found(
    visit: Visit, *, hold: bool = False, presiding: bool = False
) -> tuple[Meeting, AgendaItem, Decision | None]:
    """By the decision of the address, else by the item of the form: always through the actor."""
    db, decision, absent = visit.db, None, "Cette séance n’existe pas."
    if visit.request.url.path.startswith("/decisions/"):
        absent = "Cette décision n’existe pas."
        wanted = select(Decision).where(
            Decision.id == visit.path["id"],
            col(Decision.meeting_id).in_(queries.meetings_of(visit.actor)),
        )
        decision = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
        if decision is None:
            raise NotFound(absent)
        item_id, meeting_id = decision.item_id, decision.meeting_id
    else:
        key = visit.form.key("item")
        if key is None:
            raise NotFound("Ce point n’existe pas.")
        item_id, meeting_id = key, visit.path["id"]
    meeting = queries.meeting(db, visit.actor, meeting_id, running=True, presiding=presiding,
                              absent=absent)  # fmt: skip
    item, of = queries.item(db, visit.actor, item_id, hold=hold, running=True)
    if of.id != meeting.id or item.state not in course.ON_THE_TABLE:
        raise NotFound("Ce point n’existe pas.")
    return meeting, item, decision


def _action(visit: Visit) -> tuple[Meeting, AgendaItem, FollowUp]:
    absent = "Cette action n’existe pas."
    wanted = select(FollowUp).where(
        FollowUp.id == visit.path["id"],
        col(FollowUp.meeting_id).in_(queries.meetings_of(visit.actor)),
    )
    found = visit.db.exec(wanted.with_for_update()).one_or_none()
    if found is None or found.item_id is None:
        raise NotFound(absent)
    item, meeting = queries.item(visit.db, visit.actor, found.item_id, running=True, absent=absent)
    return meeting, item, found


def _in_words(decision: Decision) -> str:
    return f"{labels.of(decision.outcome)}\u00a0: {decision.text or 'sans texte'}"


def _clear(visit: Visit, subject: str) -> None:
    drafts.clear(visit.db, author=visit.actor.professional_id, subject=subject)


def _back(visit: Visit, meeting: Meeting, item: AgendaItem, say: str) -> Response:
    visit.db.flush()
    visit.db.refresh(meeting)
    if visit.wants_partial:
        context = chair_context(visit, meeting, item=item)
        return done(visit, then=address(visit, meeting, item), partial="live/_live.html", say=say,
                    **context)  # fmt: skip
    return done(visit, then=address(visit, meeting, item), say=say)


def _page(visit: Visit, context: dict[str, Any]) -> Response:
    return render(visit, "live/chair.html", partial="live/_live.html", **context)


routes = [
    Route("/seances/{id:uuid}/decisions", record, name="live:record", methods=["POST"]),
    Route("/seances/{id:uuid}/actions", decide_action, name="live:decide_action",
          methods=["POST"]),
    Route("/seances/{id:uuid}/bilan", review_action, name="live:review_action", methods=["POST"]),
    Route("/decisions/{id:uuid}/corriger", correct, name="live:correct", methods=["POST"]),
    Route("/decisions/{id:uuid}/retirer", withdraw, name="live:withdraw", methods=["POST"]),
    Route("/decisions/{id:uuid}/confirmer", confirm, name="live:confirm", methods=["POST"]),
    Route("/actions/{id:uuid}/retirer", drop_action, name="live:drop_action", methods=["POST"]),
]  # fmt: skip
