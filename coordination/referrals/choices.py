"""The lists that the forms of moves offer."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from coordination import labels
from coordination.directory import queries as directory
from coordination.journeys.models import Journey
from coordination.referrals import forms
from coordination.referrals.models import Referral
from coordination.referrals.reasons import OF_VERB, Outcome
from coordination.referrals.states import Verb


def of(db: Session, referral: Referral, chosen: Verb | None) -> dict[str, Any]:
    """The lists that the open form offers."""
    if chosen is None:
        return {}
    found: dict[str, Any] = {}
    if chosen in OF_VERB:
        found["reasons"] = [(r.value, labels.of(r)) for r in forms.reason_options(chosen)]
    if chosen is Verb.COMPLETE:
        found["outcomes"] = labels.options(Outcome)
    if chosen is Verb.DECLINE:
        found["ways"] = [(way.value, way.value.capitalize()) for way in forms.Way]
    if chosen is Verb.REROUTE:
        journey = db.get_one(Journey, referral.journey_id)
        found["destinations"] = destinations(db, journey)
    if chosen is Verb.SEND:
        service = referral.service_id
        found["full"] = service is not None and directory.places_left(db, service) == 0
    return found


def destinations(db: Session, journey: Journey) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each agency of the territory as a group: itself, then its services with their places."""
    agencies = list(
        db.exec(directory.open_agencies(territory_id=journey.territory_id, but=journey.agency_id))
    )
    services: dict[UUID, list[tuple[str, str]]] = {}
    for service in db.exec(directory.open_services([agency.id for agency in agencies])):
        services.setdefault(service.agency_id, []).append((str(service.id), service.name))
    return [
        (
            agency.name,
            [(str(agency.id), f"{agency.name} (structure)"), *services.get(agency.id, [])],
        )
        for agency in agencies
    ]
