"""Restricting a person's file to the people named, and opening it again to the whole agency."""

from uuid import UUID

from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination import labels
from coordination.access import Permission
from coordination.consent import restricted, rule
from coordination.consent.models import RestrictionReason
from coordination.db import columns
from coordination.errors import NotFound
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey, Referent
from coordination.persons.models import Person
from coordination.rights import queries, shown
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    journey, person = _own(visit)
    readable = rule.for_actor(visit.db, visit.actor, [person.id])[person.id]
    visit.saw(person.id, readable)
    lived = restricted.open_one(visit.db, person)
    people = [
        (str(one.id), f"{one.given_name} {one.usual_name}")
        for one in visit.db.exec(restricted.colleagues(person.agency_id))
        if one.id != visit.actor.professional_id
    ]
    chosen = restricted.named(visit.db, person) if lived else _holding(visit, person)
    form = visit.form
    if "reason" not in form and not form.errors:
        form = Form(
            {"named": [str(one) for one in chosen], "reason": lived.reason.value if lived else ""}
        )
    return render(visit, "rights/restricted.html", journey=journey, form=form, lived=lived,
                  person_name=shown.name_of(visit.db, person), people=people,
                  reasons=labels.options(RestrictionReason), sharing_version=person.sharing_version,
                  named=[name for key, name in people if UUID(key) in chosen])  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_show)
def restrict(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    visit.form.same_version(person.sharing_version)
    reason = visit.form.choice("reason", RestrictionReason)
    named = visit.form.keys("named")
    visit.form.check()
    assert reason is not None
    restricted.restrict(visit.db, person, reason=reason, named=named, actor=visit.actor)
    return go(visit, visit.url("rights:restricted", id=journey.id), say="Le dossier n’existe plus "
              "que pour les personnes nommées.")  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_show)
def unrestrict(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    visit.form.same_version(person.sharing_version)
    restricted.lift(visit.db, person, actor=visit.actor)
    return go(visit, visit.url("rights:restricted", id=journey.id),
              say="Le dossier est de nouveau ouvert à votre structure.")  # fmt: skip


def _holding(visit: Visit, person: Person) -> list[UUID]:
    """Who follows the person today: proposed, to be read over."""
    rows = visit.db.execute(
        columns(Referent.professional_id)
        .join(Journey, col(Journey.id) == col(Referent.journey_id))
        .where(
            col(Journey.person_id) == person.id,
            col(Journey.agency_id) == person.agency_id,
            col(Referent.until_on).is_(None),
        )
    )
    return list(rows.scalars())


def _own(visit: Visit, *, hold: bool = False) -> tuple[Journey, Person]:
    """A journey that one's own agency carries, of a person that it recorded."""
    journey = journeys.own(visit.db, visit.actor, visit.path["id"])
    person = queries.person_of(visit.db, journey, hold=hold)
    if person.agency_id != visit.actor.agency_id:
        raise NotFound("Ce parcours n’existe pas.")
    return journey, person


_ONE = "/parcours/{id:uuid}/acces-restreint"
routes = [
    Route(_ONE, show, name="rights:restricted"),
    Route(_ONE, restrict, name="rights:restrict", methods=["POST"]),
    Route(_ONE + "/lever", unrestrict, name="rights:unrestrict", methods=["POST"]),
]
