"""What the chair's and secretary's page is made of: three zones for the point they look at."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from coordination import clock, labels
from coordination.agencies.models import Role
from coordination.committees import decisions, situations
from coordination.committees.live import (
    attendance,
    course,
    destinations,
    effects,
    made,
    shown,
    terms,
)
from coordination.committees.live.forms import ONE_AFTER_THE_OTHER
from coordination.committees.models import (
    AgendaItem,
    Committee,
    Decision,
    DecisionOutcome,
    DecisionState,
    Meeting,
    MeetingState,
)
from coordination.directory.reference import needs
from coordination.journeys.models import SuspensionCause
from coordination.web import drafts
from coordination.web.forms import Form
from coordination.web.visit import Visit

TELL_WITHIN = timedelta(days=7)


def chair_context(
    visit: Visit,
    meeting: Meeting,
    *,
    item: AgendaItem | None = None,
    correcting: Decision | None = None,
    decision_form: Form | None = None,
    action_form: Form | None = None,
) -> dict[str, Any]:
    """Everything of the page. `item` is the point looked at: the one asked for, else the current
    one, else the first. A form given is shown again as it was typed."""
    db = visit.db
    items = course.points(db, meeting)
    now = course.current(meeting, items)
    here = item or _asked(visit, items) or now or (items[0] if items else None)
    correcting = correcting or _to_correct(visit, here)
    mine = shown.situations_for(db, items, visit.actor)
    reading = mine.get(here.id) if here else None
    if reading and reading.person_id:
        visit.saw(reading.person_id, reading.readable, once="live:chair")
    visit.saw_list(f"live:chair|{meeting.id}")
    visit.shows(situations.named(mine))
    context = {
        "meeting": meeting,
        "committee": db.get_one(Committee, meeting.committee_id),
        "open": meeting.state is MeetingState.OPEN,
        "presides": visit.actor.holds(Role.CHAIR, meeting.committee_id),
        "before": meeting.opened_at is None,
        "over": meeting.adjourned_at is not None,
        "points": shown.list_of(items, mine, meeting, here),
        "clock": shown.clock_of(meeting, items),
        "previous": course.beside(items, here, -1),
        "next": course.beside(items, here, 1),
        "present": sum(attendance.in_the_room(r) for r in attendance.rows(db, meeting.id)),
        "here": here,
        "is_current": here is not None and now is not None and here.id == now.id,
        "correcting": correcting.id if correcting else None,
        "again": _query(here if now is None or here is not now else None, correcting),
    }
    return (
        context
        | (_point(visit, meeting, here, reading) if here else {"case": None})
        | (_forms(visit, meeting, here, correcting, decision_form, action_form) if here else {})
    )


def _point(visit: Visit, meeting: Meeting, here: AgendaItem, reading: Any) -> dict[str, Any]:
    room = course.room(visit.db, meeting)
    seats = attendance.seats(visit.db, meeting)
    return {
        "case": shown.case(visit.db, here, reading),
        "uncovered": shown.uncovered(visit.db, here, room, reading),
        "stranger": attendance.stranger_in_the_room(visit.db, meeting.id),
        "spoken": here.spoken,
        "choices": list(course.SPOKEN.items()),
        "made": made.of(visit.db, here),
        "actions": shown.actions_of(visit.db, [here])[here.id],
        "people": [(str(seat.professional_id), seat.name) for seat in seats],
    }


def _forms(
    visit: Visit,
    meeting: Meeting,
    here: AgendaItem,
    correcting: Decision | None,
    decision_form: Form | None,
    action_form: Form | None,
) -> dict[str, Any]:
    db, author = visit.db, visit.actor.professional_id
    subject = f"correction:{correcting.id}" if correcting else f"decision:{here.id}"
    values = as_typed(db, correcting) if correcting else _first_values(db, meeting, here)
    values |= drafts.read(db, author=author, subject=subject)
    form = decision_form or Form(values)
    stamp = correcting.version if correcting else decisions.stamp(decisions.of_item(db, here.id))
    draft = visit.url("live:draft", id=meeting.id)
    outcomes = [o for o in DecisionOutcome if here.journey_id or o in terms.WITHOUT_PERSON]
    action_subject = f"action:{here.id}"
    groups = destinations.offers(db, here, meeting) if here.journey_id else []
    return {
        "decision_form": form,
        "stamp": stamp,
        "decision_draft": f"{draft}?sujet={subject}",
        "outcomes": [(o.value, labels.of(o)) for o in outcomes],
        "offers": [
            (group, [(offer.value, f"{offer.label} — {offer.sees}") for offer in offers])
            for group, offers in groups
        ],
        "seeing": [
            (offer.label, offer.sees)
            for _, offers in groups
            for offer in offers
            if offer.sees != destinations.MISSING and "/" not in offer.value
        ],
        "needs": _needs(),
        "causes": labels.options(SuspensionCause),
        "tellers": shown.tellers(db, meeting, here),
        "most": terms.MOST_DESTINATIONS,
        "action_form": action_form or Form(drafts.read(db, author=author, subject=action_subject)),
        "action_draft": f"{draft}?sujet={action_subject}",
        "agencies": shown.agencies_of(db, meeting),
    }


def as_typed(db: Session, decision: Decision) -> dict[str, str]:
    """A decision as its form would have sent it."""
    chosen = effects.destinations(db, decision.id)
    values = {
        "outcome": decision.outcome.value,
        "text": decision.text,
        "reason": decision.reason,
        "dissent": decision.dissent,
        "need_code": decision.need_code,
        "until_on": decision.until_on.isoformat() if decision.until_on else "",
        "cause": decision.cause.value if decision.cause else "",
        "keeps_contact": decision.keeps_contact,
        "contact_every_days": str(decision.contact_every_days or ""),
        "acquired": decision.acquired or "",
        "relay": decision.relay,
        "teller": str(decision.teller_id or ""),
        "tell_by": decision.tell_by.isoformat() if decision.tell_by else "",
        "order": ONE_AFTER_THE_OTHER if len({d.rank for d in chosen}) > 1 else "together",
    }
    for number, destination in enumerate(chosen, start=1):
        value = destinations.written(destination.agency_id, destination.service_id)
        values[f"destination_{number}"] = value
    return values


def _first_values(db: Session, meeting: Meeting, here: AgendaItem) -> dict[str, str]:
    """The référent tells the person within a week, unless someone says otherwise."""
    if here.journey_id is None:
        return {"order": "together"}
    proposed = [value for value, name in shown.tellers(db, meeting, here) if "référent" in name]
    return {
        "order": "together",
        "teller": proposed[0] if proposed else "",
        "tell_by": (clock.today() + TELL_WITHIN).isoformat(),
    }


def _needs() -> list[tuple[str, list[tuple[str, str]]]]:
    lines = needs.proposed(needs.employment_needs())
    return [
        ("Freins", [(c.code, c.label) for c in needs.constraints()]),
        ("Emploi et formation", [(line.code, line.label) for line in lines]),
    ]


def _asked(visit: Visit, items: list[AgendaItem]) -> AgendaItem | None:
    asked = visit.query.get("point", "")
    return next((i for i in items if str(i.id) == asked), None)


def _to_correct(visit: Visit, here: AgendaItem | None) -> Decision | None:
    try:
        asked = UUID(visit.query.get("decision", ""))
    except ValueError:
        return None
    found = visit.db.get(Decision, asked)
    if found is None or here is None or found.item_id != here.id:
        return None
    return found if found.state is DecisionState.RECORDED else None


def _query(here: AgendaItem | None, correcting: Decision | None) -> str:
    """What brings back to this very page."""
    said = [f"point={here.id}"] if here else []
    said += [f"decision={correcting.id}"] if correcting else []
    return "?" + "&".join(said) if said else ""
