"""Asking a committee a question about a journey, and withdrawing it. Only the agency that carries
the journey asks."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session

from coordination import audit, clock, outbox
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, NotAllowed, Refused
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.journeys.touch import touch
from coordination.persons.models import Person
from coordination.signals import queries
from coordination.signals.models import Demand, DemandState


def ask(
    db: Session,
    journey: Journey,
    *,
    question: str,
    tried: str,
    wish: str,
    told: bool,
    agencies: Collection[UUID],
    actor: Actor,
) -> Demand:
    """Put a question to the committee. `wish` is what the person wants, in their words; `agencies`
    are those needed at the table. One demand at a time."""
    if journey.agency_id != actor.agency_id or actor.professional_id is None:
        raise NotAllowed("Seule la structure qui porte le parcours peut demander un examen.")
    if journey.state not in LIVE_STATES:
        raise Refused("Ce parcours est terminé\u00a0: il ne peut plus être examiné.")
    if not question.strip():
        raise Invalid("Quelle question posez-vous au comité\u00a0?", field="question")
    if db.exec(queries.open_demand(journey.id)).first() is not None:
        raise Refused("Une demande est déjà déposée pour ce parcours\u00a0: retirez-la d’abord.")
    demand = Demand(
        journey_id=journey.id,
        person_id=journey.person_id,
        agency_id=journey.agency_id,
        professional_id=actor.professional_id,
        asked_on=clock.today(),
        question=question.strip(),
        tried=tried.strip(),
        wish=wish.strip(),
        told=told,
        agencies=sorted(str(agency) for agency in agencies),
    )
    db.add(demand)
    db.flush()
    outbox.post(db, "signals.demand", agency=demand.agency_id, about=demand.id)
    _remember(db, demand, "signals.ask", actor)
    return demand


def withdraw(db: Session, demand: Demand, *, actor: Actor) -> Demand:
    """The question is no longer put. Where it already stands on an agenda, the secretary withdraws
    the point; the demand is said withdrawn all the same."""
    if demand.agency_id != actor.agency_id:
        raise NotAllowed("Seule la structure qui a déposé la demande peut la retirer.")
    if demand.state not in queries.ASKED:
        raise Refused("Cette demande n’attend plus\u00a0: elle ne peut pas être retirée.")
    demand.state = DemandState.WITHDRAWN
    demand.version += 1
    outbox.drop_about(db, demand.id)
    _remember(db, demand, "signals.withdraw", actor)
    return demand


def _remember(db: Session, demand: Demand, verb: str, actor: Actor) -> None:
    person = db.get_one(Person, demand.person_id)
    audit.act(
        db, actor, verb, about=demand.id, person=person.id, salt=person.salt, told=demand.told
    )
    touch(db, demand.journey_id)
