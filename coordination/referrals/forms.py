"""What each form of a move brings, read field by field."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from coordination import clock
from coordination.referrals.reasons import OF_VERB, Outcome, Reason
from coordination.referrals.states import Verb
from coordination.web import french
from coordination.web.forms import Form

MOST = 2000


class Way(StrEnum):
    """How the person said that they do not go on."""

    INTERVIEW = "en entretien"
    PHONE = "par téléphone"
    MESSAGE = "par message"
    LETTER = "par courrier"
    OTHER = "autrement"


def read(form: Form, verb: Verb) -> dict[str, Any]:
    """The fields of a move; every complaint shows together."""
    given = _READERS.get(verb, _nothing)(form)
    form.check()
    return given


def fresh(verb: Verb) -> Form:
    """The form as it opens: today's date where one is asked."""
    today = clock.today().isoformat()
    dated = {Verb.START, Verb.COMPLETE, Verb.DECLINE}
    return Form({"on_day": today} if verb in dated else {})


def reason_options(verb: Verb) -> list[Reason]:
    """Those of the list that a screen offers; a withdrawal of consent writes its own."""
    return [reason for reason in OF_VERB.get(verb, ()) if reason is not Reason.RETRAIT_ACCORD]


def _nothing(form: Form) -> dict[str, Any]:
    return {}


def _send(form: Form) -> dict[str, Any]:
    if not form.ticked("previewed"):
        form.wrong("previewed", "Relisez ce qui va partir, puis cochez cette case.")
    return {"previewed": True, "despite": form.text("despite", required=False, most=300)}


def _words(form: Form) -> dict[str, Any]:
    return {"note": form.text("note", most=MOST)}


def _maybe_words(form: Form) -> dict[str, Any]:
    return {"note": form.text("note", required=False, most=MOST)}


def _accept(form: Form) -> dict[str, Any]:
    at = form.moment("day", "hour", required=False)
    if at is None and (form.get("day").strip() or form.get("hour").strip()):
        form.wrong("hour", "Donnez le jour et l’heure du rendez-vous, ou laissez les deux vides.")
    elif at is not None and at < clock.now():
        form.wrong("day", "Ce rendez-vous est déjà passé.")
    return {
        "ask_for": form.text("ask_for", most=120),
        "appointment_at": at,
        "appointment_place": form.text("appointment_place", required=False, most=200),
        "bring": form.text("bring", required=False, most=500),
    } | _maybe_words(form)


def _waitlist(form: Form) -> dict[str, Any]:
    return {
        "review_on": form.day("review_on"),
        "meanwhile": form.text("meanwhile", most=500),
    } | _maybe_words(form)


def _reasons(form: Form, *, required: bool = True) -> tuple[Reason, ...]:
    return tuple(form.choices("reasons", Reason, required=required))


def _refuse(form: Form) -> dict[str, Any]:
    return {
        "reasons": _reasons(form),
        "note": form.text("note", most=MOST),
        "next_step": form.text("next_step", required=False, most=300),
    }


def _ended(form: Form) -> dict[str, Any]:
    return {"reasons": _reasons(form)} | _maybe_words(form)


def _start(form: Form) -> dict[str, Any]:
    return {"on_day": form.day("on_day")} | _maybe_words(form)


def _complete(form: Form) -> dict[str, Any]:
    return {
        "outcome": form.choice("outcome", Outcome),
        "on_day": form.day("on_day", required=False),
    } | _maybe_words(form)


def _decline(form: Form) -> dict[str, Any]:
    on, way = form.day("on_day"), form.choice("way", Way)
    if on is not None and on > clock.today():
        form.wrong("on_day", "Cette date est à venir.")
    return {
        "way": _said(on, way),
        "reasons": tuple(r for r in _reasons(form, required=False) if r in OF_VERB[Verb.DECLINE]),
    } | _maybe_words(form)


def _said(on: date | None, way: Way | None) -> str:
    return f"Dit {way.value}, le {french.day(on)}" if on and way else ""


def _reroute(form: Form) -> dict[str, Any]:
    """`destination` is a service's or an agency's id: whoever calls tells which."""
    return {"destination": form.key("destination")} | _maybe_words(form)


def destination(form: Form) -> UUID | None:
    return form.key("destination")


_READERS: dict[Verb, Callable[[Form], dict[str, Any]]] = {
    Verb.SEND: _send,
    Verb.ASK_MORE: _words,
    Verb.ANSWER: _words,
    Verb.PROPOSE_REROUTE: _words,
    Verb.ASK_REOPEN: _words,
    Verb.REOPEN: _words,
    Verb.REPORT_ERROR: _words,
    Verb.ABSENCE: _maybe_words,
    Verb.ACCEPT: _accept,
    Verb.OFFER_PLACE: _accept,
    Verb.WAITLIST: _waitlist,
    Verb.REFUSE: _refuse,
    Verb.FAIL: _ended,
    Verb.CANCEL: _ended,
    Verb.START: _start,
    Verb.COMPLETE: _complete,
    Verb.DECLINE: _decline,
    Verb.REROUTE: _reroute,
}
