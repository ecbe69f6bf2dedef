"""Bringing a journey into the house: one typed in six fields."""

from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.agencies.models import Agency
from coordination.journeys import contracts, forms, group_pages, known, moves, prescription_pages
from coordination.journeys.gestures import pages as gestures
from coordination.persons import records
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_WRITE)
def new(visit: Visit) -> Response:
    return _new(visit)


def _new(visit: Visit) -> Response:
    found = known.namesakes(visit) if "usual_name" in visit.form else []
    if found:
        visit.saw_list("journeys:new")
    return render(visit, "journeys/new.html", form=visit.form, known=found,
                  programmes=forms.programmes(visit.db))  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_new)
def create(visit: Visit) -> Response:
    said = forms.six(visit.form, visit.db)
    moves.check_dates(said.entered_on, said.planned_end_on)
    agency_id = known.agency(visit)
    person = known.same_person(visit) or records.record(
        visit.db,
        agency_id=agency_id,
        given_names=said.given_names,
        usual_name=said.usual_name,
        birth_on=said.birth_on,
    )
    journey = moves.open_journey(
        visit.db,
        person=person,
        programme_id=said.programme_id,
        agency_id=agency_id,
        entered_on=said.entered_on,
        planned_end_on=said.planned_end_on,
        territory_id=visit.db.get_one(Agency, agency_id).territory_id,
        referent_id=visit.actor.professional_id,
        actor=visit.actor,
    )
    return go(visit, f"/parcours/{journey.id}", say="Parcours ouvert.")


routes = [
    Route("/parcours/nouveau", new, name="journeys:new"),
    Route("/parcours/nouveau", create, name="journeys:create", methods=["POST"]),
    *prescription_pages.routes,
    *group_pages.routes,
    *gestures.routes,
    *contracts.routes,
]
