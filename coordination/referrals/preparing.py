"""A new referral from a journey: its need, where to, what is asked. It starts as a draft, whose
page shows exactly what will go before anything leaves."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.responses import Response

from coordination.access import Permission
from coordination.consent import rule
from coordination.directory.models import Service
from coordination.directory.reference import needs as catalogue
from coordination.errors import Invalid, NotFound
from coordination.journeys import needs
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey, Need
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.referrals import choices, gestures, moves
from coordination.referrals.states import Verb
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

NEW = "code:"


@page(may=Permission.REFERRAL_SEND)
def new(visit: Visit) -> Response:
    if not visit.query.get("parcours"):
        said = "Choisissez d’abord un parcours\u00a0: sa page propose «\u00a0Orienter\u00a0»."
        return go(visit, visit.url("journeys:index"), say=said, level="info")
    return _new(visit)


def _new(visit: Visit) -> Response:
    journey = _journey(visit, visit.query.get("parcours", "") or visit.form.get("parcours"))
    readable = rule.for_actor(visit.db, visit.actor, [journey.person_id])
    visit.saw(journey.person_id, readable.get(journey.person_id, {}))
    return render(
        visit,
        "referrals/new.html",
        form=visit.form if visit.form.values else Form({"parcours": journey.id}),
        journey=journey,
        name=_name(visit.db, journey, readable.get(journey.person_id, {})),
        needs=_needs(visit.db, journey),
        destinations=choices.destinations(visit.db, journey),
    )


@action(may=Permission.REFERRAL_SEND, again=_new)
def create(visit: Visit) -> Response:
    form = visit.form
    journey = _journey(visit, form.get("parcours"), hold=True)
    chosen = form.text("need", most=80)
    destination = form.key("destination")
    question = form.text("question", most=2000, least=10)
    form.check()
    assert destination is not None
    service = visit.db.get(Service, destination)
    referral = moves.prepare(
        visit.db,
        need=_need(visit, journey, chosen),
        journey=journey,
        recipient_id=service.agency_id if service else destination,
        service_id=service.id if service else None,
        question=question,
        actor=visit.actor,
    )
    here = visit.url("referrals:show", id=referral.id)
    said = "Le brouillon est prêt\u00a0: relisez ce qui va partir."
    return go(visit, f"{here}?geste={gestures.SLUGS[Verb.SEND]}", say=said)


def _journey(visit: Visit, word: str, *, hold: bool = False) -> Journey:
    """A journey that the actor's agency carries; any other does not exist here."""
    try:
        key = UUID(word)
    except ValueError:
        raise NotFound("Choisissez d’abord un parcours\u00a0: ouvrez sa page.") from None
    return journeys.own(visit.db, visit.actor, key, hold=hold)


def _needs(db: Session, journey: Journey) -> list[tuple[str, list[tuple[str, str]]]]:
    """The needs already open first, then what the catalogue may open."""
    rows = db.exec(
        select(Need)
        .where(Need.journey_id == journey.id, col(Need.settled_on).is_(None))
        .order_by(col(Need.since_on), col(Need.id))
    ).all()
    known = {need.code for need in rows}
    constraints = [
        (f"{NEW}{one.code}", one.label) for one in catalogue.constraints() if one.code not in known
    ]
    employment = [
        (f"{NEW}{one.code}", one.label)
        for one in catalogue.proposed(catalogue.employment_needs())
        if one.code not in known
    ]
    found: list[tuple[str, list[tuple[str, str]]]] = []
    if rows:
        found.append(("Besoins du parcours", [(str(need.id), need.label) for need in rows]))
    return [*found, ("Freins à lever", constraints), ("Emploi et formation", employment)]


def _need(visit: Visit, journey: Journey, chosen: str) -> Need:
    if chosen.startswith(NEW):
        line = catalogue.find(chosen.removeprefix(NEW))
        if line is None or getattr(line, "withheld", None):
            raise Invalid("Choisissez un besoin de la liste.", field="need")
        return needs.open_need(
            visit.db,
            journey,
            code=line.code,
            label=line.label,
            category=line.category,
            actor=visit.actor,
        )
    try:
        need = visit.db.get(Need, UUID(chosen))
    except ValueError:
        need = None
    if need is None or need.journey_id != journey.id:
        raise Invalid("Choisissez un besoin de la liste.", field="need")
    return need


def _name(db: Session, journey: Journey, readable: Any) -> str:
    if Category.IDENTITY not in readable:
        return journey.number
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == journey.person_id)
    ).first()
    return identity.name if identity else journey.number
