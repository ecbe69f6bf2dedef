"""What a decision says, and what each outcome needs before it can be recorded. Pure: no database
here."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypedDict
from uuid import UUID

from coordination.committees.models import DecisionOutcome
from coordination.errors import Invalid
from coordination.journeys.models import SuspensionCause

Word = DecisionOutcome

MOST_DESTINATIONS = 4
WITHOUT_PERSON = (Word.USUAL_FOLLOW_UP, Word.ADJOURN)  # what a point about nobody may end with
MOVES = {Word.SUSPEND: "suspend", Word.RESUME: "resume", Word.EXTEND: "extend"}  # of the journey


class Destination(NamedTuple):
    """Where an orientation or a hand-over goes. Equal ranks leave together."""

    agency_id: UUID
    service_id: UUID | None = None
    rank: int = 1


class Terms(TypedDict, total=False):
    text: str
    reason: str
    dissent: str
    need_code: str
    destinations: Sequence[Destination]
    until_on: date | None  # resumption, new end, or review, by outcome
    cause: SuspensionCause | None
    keeps_contact: str
    contact_every_days: int | None
    acquired: str
    relay: str
    teller_id: UUID | None
    tell_by: date | None


def check(outcome: DecisionOutcome, terms: Terms, *, carrier_id: UUID | None, today: date) -> None:
    """Raises Invalid at the field that is missing or wrong."""
    until = terms.get("until_on")
    match outcome:
        case Word.REFERRAL:
            _need(terms.get("destinations"), "destination_1", "Choisissez une structure.")
            _need(terms.get("need_code"), "need_code", "Dites à quel besoin répond l’orientation.")
            _need(terms.get("text"), "text", "Dites ce qui est demandé à la structure.")
            _destinations(terms.get("destinations", ()), carrier_id)
        case Word.SUSPEND:
            _need(terms.get("cause"), "cause", "Choisissez une raison neutre.")
            _need(until, "until_on", "Dites quand la reprise est prévue.")
            _need(terms.get("keeps_contact"), "keeps_contact", "Dites qui garde le contact.")
        case Word.EXTEND:
            _need(until, "until_on", "Donnez la nouvelle fin prévue.")
        case Word.HAND_OVER:
            _need(terms.get("destinations"), "destination_1", "Dites qui prend le relais.")
            _need(terms.get("relay"), "relay", "Dites ce que la structure doit savoir.")
            _destinations(terms.get("destinations", ()), carrier_id)
        case Word.ADJOURN:
            _need(until, "until_on", "Donnez la date à laquelle revoir ce point.")
    if until is not None and until <= today:
        raise Invalid("Cette date doit être à venir.", field="until_on")
    if (tell_by := terms.get("tell_by")) is not None and tell_by < today:
        raise Invalid("Cette date est passée.", field="tell_by")


def _need(value: object, field: str, message: str) -> None:
    if not value:
        raise Invalid(message, field=field)


def _destinations(chosen: Sequence[Destination], carrier_id: UUID | None) -> None:
    if len(chosen) > MOST_DESTINATIONS:
        raise Invalid(f"{MOST_DESTINATIONS} structures au plus.", field="destination_1")
    if len({(d.agency_id, d.service_id) for d in chosen}) < len(chosen):
        raise Invalid("La même structure est choisie deux fois.", field="destination_1")
    if carrier_id in {d.agency_id for d in chosen}:
        raise Invalid("Cette structure porte déjà le parcours.", field="destination_1")
