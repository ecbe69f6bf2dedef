"""Bringing a journey into the house: one typed in six fields."""

from uuid import UUID

from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.agencies.models import Agency
from coordination.db import columns
from coordination.errors import Invalid, NotFound
from coordination.journeys import contracts, forms, moves, queries
from coordination.journeys.gestures import pages as gestures
from coordination.journeys.models import Journey, JourneyState
from coordination.persons import likeness, records
from coordination.persons.models import Person, PersonIdentity
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_WRITE)
def new(visit: Visit) -> Response:
    return _new(visit)


def _new(visit: Visit) -> Response:
    known = _known(visit) if "usual_name" in visit.form else []
    if known:
        visit.saw_list("journeys:new")
    return render(visit, "journeys/new.html", form=visit.form, known=known,
                  programmes=forms.programmes(visit.db))  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_new)
def create(visit: Visit) -> Response:
    said = forms.six(visit.form, visit.db)
    moves.check_dates(said.entered_on, said.planned_end_on)
    agency_id = _agency(visit)
    person = _same_person(visit)
    if person is None and not visit.form.ticked("someone_else") and _known(visit):
        raise Invalid("Une personne du même nom, ou presque, est née ce jour-là dans votre "
                      "structure.")  # fmt: skip
    if person is None:
        person = records.record(
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


def _known(visit: Visit) -> list[tuple[UUID, UUID, str, JourneyState]]:
    """(journey, its number, name, state) of namesakes born the same day, in one's own agency, their
    given names the same or close."""
    born = visit.form.__class__(visit.form.sent).day("birth_on", required=False)
    usual, given = visit.form.get("usual_name"), visit.form.get("given_names")
    if born is None or not usual.strip() or not given.strip():
        return []
    same = records.namesakes(_agency(visit), usual_name=usual, birth_on=born).with_only_columns(
        col(PersonIdentity.person_id)
    )
    mine = queries.carried_by(visit.actor).with_only_columns(col(Journey.id))
    rows = visit.db.execute(
        columns(Journey.id, Journey.person_id, Journey.number, Journey.state,
                PersonIdentity.usual_name, PersonIdentity.given_names)
        .join(PersonIdentity, col(PersonIdentity.person_id) == Journey.person_id)
        .where(col(Journey.id).in_(mine), col(Journey.person_id).in_(same.order_by(None)))
        .order_by(col(Journey.entered_on).desc(), col(Journey.id))
    )  # fmt: skip
    return [
        (key, person, f"{name.upper()} {their_given} · {number}", state)
        for key, person, number, state, name, their_given in rows
        if likeness.close(their_given, given)
    ]


def _same_person(visit: Visit) -> Person | None:
    """The person already known for whom one more journey is opened."""
    chosen = visit.form.key("same_person", required=False)
    visit.form.check()
    if chosen is None:
        return None
    if chosen not in {person for _, person, _, _ in _known(visit)}:
        raise NotFound("Cette personne n’existe pas.")
    return visit.db.get_one(Person, chosen)


def _agency(visit: Visit) -> UUID:
    if visit.actor.agency_id is None:
        raise NotFound()
    return visit.actor.agency_id


routes = [
    Route("/parcours/nouveau", new, name="journeys:new"),
    Route("/parcours/nouveau", create, name="journeys:create", methods=["POST"]),
    *gestures.routes,
    *contracts.routes,
]
