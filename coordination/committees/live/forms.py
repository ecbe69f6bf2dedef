"""What the session's forms send, as values; complaints field by field."""

from datetime import datetime, timedelta
from uuid import UUID

from coordination import clock
from coordination.committees.live import destinations, terms
from coordination.committees.live.attendance import Tick
from coordination.committees.models import DecisionOutcome, Meeting, Presence
from coordination.journeys.models import SuspensionCause
from coordination.web.forms import Form

TEXT = 2000
DRAFTED = ("text", "reason", "dissent", "relay", "acquired", "what")  # fields that save themselves
ONE_AFTER_THE_OTHER = "ranks"


def outcome(form: Form) -> DecisionOutcome:
    chosen = form.choice("outcome", DecisionOutcome)
    form.check()
    assert chosen is not None
    return chosen


def decision(form: Form, chosen: DecisionOutcome) -> terms.Terms:
    """Only what belongs to the outcome is read: a field of another one counts for nothing."""
    said = terms.Terms(
        text=form.text("text", required=False, most=TEXT),
        reason=form.text("reason", required=False, most=TEXT),
        dissent=form.text("dissent", required=False, most=TEXT),
        teller_id=form.key("teller", required=False),
        tell_by=form.day("tell_by", required=False),
    )
    match chosen:
        case DecisionOutcome.REFERRAL:
            said["need_code"] = form.text("need_code", required=False, most=20)
            said["destinations"] = _destinations(form)
        case DecisionOutcome.HAND_OVER:
            said["relay"] = form.text("relay", required=False, most=TEXT)
            said["destinations"] = _destinations(form)
        case DecisionOutcome.SUSPEND:
            said["cause"] = form.choice("cause", SuspensionCause, required=False)
            said["keeps_contact"] = form.text("keeps_contact", required=False)
            said["contact_every_days"] = form.number(
                "contact_every_days", required=False, least=1, most=90
            )
            said["acquired"] = form.text("acquired", required=False, most=500)
            said["until_on"] = form.day("until_on", required=False)
        case DecisionOutcome.EXTEND | DecisionOutcome.ADJOURN:
            said["until_on"] = form.day("until_on", required=False)
    form.check()
    return said


def _destinations(form: Form) -> list[terms.Destination]:
    ranked = form.get("order") == ONE_AFTER_THE_OTHER
    found: list[terms.Destination] = []
    for number in range(1, terms.MOST_DESTINATIONS + 1):
        value = form.get(f"destination_{number}").strip()
        if not value:
            continue
        chosen = destinations.read(value, len(found) + 1 if ranked else 1)
        if chosen is None:
            form.wrong(f"destination_{number}", "Choisissez une structure de la liste.")
        else:
            found.append(chosen)
    return found


def ticks(form: Form, meeting: Meeting, seats: list[UUID]) -> dict[UUID, Tick]:
    """One tick per seat that was ticked. Hours are those of the meeting's day."""
    found = {}
    for seat in seats:
        presence = form.choice(f"at-{seat}", Presence, required=False)
        if presence is None:
            continue
        found[seat] = Tick(
            presence,
            _hour(form, f"came-{seat}", meeting),
            _hour(form, f"left-{seat}", meeting),
            form.key(f"by-{seat}", required=False),
        )
    form.check()
    return found


def _hour(form: Form, name: str, meeting: Meeting) -> datetime | None:
    at = form.hour(name, required=False)
    if at is None:
        return None
    began = meeting.opened_at or meeting.starts_at
    moment = clock.at(clock.local(began).date(), at.hour, at.minute)
    past_midnight = moment < began - timedelta(hours=12)
    return moment + timedelta(days=1) if past_midnight else moment
