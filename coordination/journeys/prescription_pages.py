"""Prescribing an entry: a programme for someone whom the agency knows, or whom it meets today. The
journey waits for the entry in the agency's own list, and nothing leaves it."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.agencies.models import Agency
from coordination.consent import rule
from coordination.errors import NotFound
from coordination.journeys import forms, incomplete, known, moves, queries
from coordination.journeys.gestures.naming import name_of
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.persons import records
from coordination.persons.models import Person
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

TO_COMMITTEE = "comite"


class Known(NamedTuple):
    """Someone whose file the agency has: from one of their journeys, or from À compléter."""

    person_id: UUID
    journey: Journey | None

    @property
    def said(self) -> tuple[str, str]:
        """The field that says who it is."""
        if self.journey is None:
            return "personne", str(self.person_id)
        return "parcours", str(self.journey.id)


@page(may=Permission.JOURNEY_WRITE)
def new(visit: Visit) -> Response:
    return _new(visit)


def _new(visit: Visit) -> Response:
    about, sent = _about(visit), "_key" in visit.form
    form = visit.form if sent else Form({"prescribed_on": clock.today().isoformat()})
    found = known.namesakes(visit) if sent and about is None else []
    name = ""
    if about is not None:
        readable = rule.for_actor(visit.db, visit.actor, [about.person_id])[about.person_id]
        visit.saw(about.person_id, readable)
        name = name_of(visit.db, about.person_id, readable)
    elif found:
        visit.saw_list("journeys:prescription")
    return render(visit, "journeys/prescription.html", form=form, about=about, name=name,
                  known=found, programmes=forms.programmes(visit.db), committee=TO_COMMITTEE,
                  live=about is not None and about.journey is not None
                  and about.journey.state in LIVE_STATES)  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_new)
def prescribe(visit: Visit) -> Response:
    form, about, agency_id = visit.form, _about(visit), known.agency(visit)
    programme = form.key("programme")
    if programme and not forms.known_programme(visit.db, programme):
        form.wrong("programme", "Choisissez un dispositif de la liste.")
    today = clock.today()
    on = form.day("prescribed_on", earliest=date(today.year - 2, 1, 1), latest=today)
    person = _whom(visit, about, agency_id)
    form.check()
    assert programme is not None
    known.not_twice(visit.db, person, programme)
    journey = moves.prescribe(
        visit.db,
        person=person,
        programme_id=programme,
        agency_id=agency_id,
        territory_id=visit.db.get_one(Agency, agency_id).territory_id,
        referent_id=visit.actor.professional_id,
        on=on,
        actor=visit.actor,
    )
    if form.get("then") == TO_COMMITTEE:
        said = "L’entrée est prescrite : dites maintenant au comité ce qui est demandé."
        return go(visit, f"/parcours/{journey.id}/demande", say=said)
    return go(visit, f"/parcours/{journey.id}", say="L’entrée est prescrite.")


def _about(visit: Visit) -> Known | None:
    """The person known already; anyone else does not exist here."""
    said = {name: visit.form.get(name) or visit.query.get(name, "")
            for name in ("parcours", "personne")}  # fmt: skip
    if said["parcours"]:
        journey = queries.own(visit.db, visit.actor, _key(said["parcours"]))
        return Known(journey.person_id, journey)
    if said["personne"]:
        waits = incomplete.waiting(visit.actor).where(col(Person.id) == _key(said["personne"]))
        found = visit.db.execute(waits).first()
        if found is None:
            raise NotFound("Cette personne n’existe pas.")
        return Known(found[0], None)
    return None


def _key(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise NotFound() from None


def _whom(visit: Visit, about: Known | None, agency_id: UUID) -> Person:
    if about is not None:
        return visit.db.get_one(Person, about.person_id)
    said = forms.named(visit.form)
    return known.same_person(visit) or records.record(
        visit.db,
        agency_id=agency_id,
        given_names=said.given_names,
        usual_name=said.usual_name,
        birth_on=said.birth_on,
    )


routes = [
    Route("/parcours/prescrire", new, name="journeys:prescription"),
    Route("/parcours/prescrire", prescribe, name="journeys:prescribe", methods=["POST"]),
]
