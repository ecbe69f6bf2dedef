"""The pages of one meeting: planning it, its hub, changing it, its invitation."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.committees import queries
from coordination.committees.meetings import calendar, days, forms, hub, invitations, states, steps
from coordination.committees.models import Committee, CommitteeKind, Meeting
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.COMMITTEE_RUN)
def new(visit: Visit) -> Response:
    committees = hub.run_by(visit.db, visit.actor)
    asked = visit.form.get("comite") or visit.query.get("comite", "")
    chosen = next((c for c in committees if str(c.id) == asked), None)
    if chosen is None and len(committees) == 1:
        chosen = committees[0]
    return render(
        visit,
        "meetings/new.html",
        form=visit.form if visit.form.values else forms.first(chosen),
        chosen=chosen,
        committees=[(str(c.id), c.name) for c in committees],
    )


@action(may=Permission.COMMITTEE_RUN, again=new)
def create(visit: Visit) -> Response:
    key = visit.form.key("comite")
    slot = forms.slot(visit.form)
    visit.form.check()
    assert key is not None
    assert slot is not None
    committee = queries.one_committee(visit.db, visit.actor, key, running=True)
    meeting = calendar.plan(visit.db, committee, **slot._asdict(), actor=visit.actor)
    return _told(visit, meeting, committee, "Séance prévue.")


@page(may=Permission.COMMITTEE_READ)
def show(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"])
    committee = visit.db.get_one(Committee, meeting.committee_id)
    runs = hub.runs(visit.actor, meeting)
    coming = meeting.state in states.COMING
    moves = steps.moves(visit.db, meeting)
    return render(
        visit,
        "meetings/show.html",
        meeting=meeting,
        committee=committee,
        kind=visit.db.get_one(CommitteeKind, committee.kind_id),
        steps=hub.steps(visit.db, meeting, runs=runs),
        moves=hub.history(visit.db, moves),
        warnings=days.warnings(visit.db, committee, meeting.starts_at, besides=meeting.id)
        if runs and coming
        else [],
        reason=hub.last_reason(moves),
        may_change=runs and states.allows("cancel", meeting.state),
        minutes=int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
    )


@page(may=Permission.COMMITTEE_RUN)
def edit(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    sent = visit.form.get("_which")
    return render(
        visit,
        "meetings/edit.html",
        meeting=meeting,
        committee=visit.db.get_one(Committee, meeting.committee_id),
        form=visit.form if sent == "change" else forms.of_meeting(meeting),
        stop=visit.form if sent == "stop" else Form(),
        told=states.allows("postpone", meeting.state) and meeting.state.value == "convened",
        replans=states.allows("replan", meeting.state),
        may_postpone=states.allows("postpone", meeting.state),
    )


@action(may=Permission.COMMITTEE_RUN, again=edit)
def change(visit: Visit) -> Response:
    meeting = _held(visit)
    slot = forms.slot(visit.form)
    reason = visit.form.text("reason", required=False, most=500)
    visit.form.check()
    assert slot is not None
    stands = forms.of_meeting(meeting).values
    visit.form.same_version(meeting.version, **stands)
    calendar.change(visit.db, meeting, **slot._asdict(), reason=reason, actor=visit.actor)
    committee = visit.db.get_one(Committee, meeting.committee_id)
    return _told(visit, meeting, committee, "Séance modifiée.")


@action(may=Permission.COMMITTEE_RUN, again=edit)
def stop(visit: Visit) -> Response:
    """Postpone (the date is to be set again) or cancel."""
    meeting = _held(visit)
    reason = visit.form.text("why", most=500)
    verb = visit.form.get("verb")
    if verb not in {"postpone", "cancel"}:
        visit.form.wrong("verb", "Choisissez entre reporter et annuler.")
    visit.form.check()
    visit.form.same_version(meeting.version)
    if verb == "cancel":
        calendar.cancel(visit.db, meeting, reason=reason, actor=visit.actor)
        say = "Séance annulée. Les personnes invitées reçoivent l’annulation."
    else:
        calendar.postpone(visit.db, meeting, reason=reason, actor=visit.actor)
        say = "Séance reportée. Choisissez une nouvelle date dès qu’elle est connue."
    return go(visit, visit.url("meetings:show", id=meeting.id), say=say)


@page(may=Permission.COMMITTEE_RUN)
def invitation(visit: Visit) -> Response:
    meeting = queries.meeting(visit.db, visit.actor, visit.path["id"], running=True)
    committee = visit.db.get_one(Committee, meeting.committee_id)
    sent = invitations.invited(visit.db, meeting.id)
    live = {i.professional_id for i in sent if i.cancelled_at is None}
    guests = [g for g in invitations.guests(visit.db, meeting) if g[0].id not in live]
    return render(
        visit,
        "meetings/invitation.html",
        form=visit.form,
        meeting=meeting,
        committee=committee,
        kind=visit.db.get_one(CommitteeKind, committee.kind_id),
        guests=guests,
        sent=hub.sent(visit.db, sent),
        may_invite=states.allows("invite", meeting.state) and meeting.starts_at > clock.now(),
        minutes=int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        warnings=days.warnings(visit.db, committee, meeting.starts_at, besides=meeting.id),
    )


@action(may=Permission.COMMITTEE_RUN, again=invitation)
def invite(visit: Visit) -> Response:
    meeting = _held(visit)
    visit.form.same_version(meeting.version)
    new_ones = calendar.invite(visit.db, meeting, actor=visit.actor)
    said = french.count(len(new_ones), "invitation part", "invitations partent")
    url = visit.url("meetings:invitation", id=meeting.id)
    return go(visit, url, say=f"{said} par courriel, avec leur fichier d’agenda.")


def _held(visit: Visit) -> Meeting:
    return queries.meeting(visit.db, visit.actor, visit.path["id"], running=True, hold=True)


def _told(visit: Visit, meeting: Meeting, committee: Committee, say: str) -> Response:
    """To the meeting's page, with what to know of that day."""
    known = days.warnings(visit.db, committee, meeting.starts_at, besides=meeting.id)
    url = visit.url("meetings:show", id=meeting.id)
    if not known:
        return go(visit, url, say=say)
    return go(visit, url, say=f"{say} À vérifier\u202f: {' '.join(known)}", level="warning")


_HERE = "/seances/{id:uuid}"
routes = [
    Route("/seances/nouvelle", new, name="meetings:new"),
    Route("/seances/nouvelle", create, name="meetings:create", methods=["POST"]),
    Route(_HERE, show, name="meetings:show"),
    Route(f"{_HERE}/modifier", edit, name="meetings:edit"),
    Route(f"{_HERE}/modifier", change, name="meetings:change", methods=["POST"]),
    Route(f"{_HERE}/arreter", stop, name="meetings:stop", methods=["POST"]),
    Route(f"{_HERE}/invitation", invitation, name="meetings:invitation"),
    Route(f"{_HERE}/invitation", invite, name="meetings:invite", methods=["POST"]),
]
