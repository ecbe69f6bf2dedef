"""From the form of a move to the move: the same for a page and for a signed address."""

from uuid import UUID

from coordination.directory.models import Service
from coordination.referrals import forms, gestures, moves
from coordination.referrals.models import Referral
from coordination.referrals.states import By, Verb
from coordination.web.visit import Visit


def make(visit: Visit, referral: Referral, verb: Verb) -> str:
    """Read the form and make the move; what to say then."""
    visit.form.same_version(referral.version)
    given = forms.read(visit.form, verb)
    if verb is Verb.REROUTE:
        given |= _towards(visit, given.pop("destination"))
    side = moves.side_of(visit.actor, referral) or By.RECIPIENT
    moves.move(visit.db, referral, verb, actor=visit.actor, side=side, **given)
    return gestures.SAID.get(verb, "C’est enregistré.")


def _towards(visit: Visit, destination: UUID) -> dict[str, UUID | None]:
    """A destination is a service of an agency, or the agency itself."""
    service = visit.db.get(Service, destination)
    if service is None:
        return {"recipient_id": destination, "service_id": None}
    return {"recipient_id": service.agency_id, "service_id": service.id}
