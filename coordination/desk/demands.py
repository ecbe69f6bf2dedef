"""Asking for an examination: the page reads the committees of the territory (who can be asked to
the table, what was answered before), so it stands in this room."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries as committees
from coordination.committees.models import (
    AgendaItem,
    Committee,
    CommitteeAgency,
    Decision,
    DecisionState,
    Meeting,
)
from coordination.consent import rule
from coordination.journeys import queries as journeys
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.programmes.models import Programme
from coordination.signals import demands, queries
from coordination.signals.models import Demand
from coordination.web import wording
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

TEXTS = ("question", "tried", "wish")
TOLD = (("oui", "Oui, la personne le sait"), ("non", "Pas encore"))


@page(may=Permission.DEMAND_WRITE)
def demand(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    journey = journeys.own(visit.db, visit.actor, visit.path["id"])
    person = visit.db.get_one(Person, journey.person_id)
    readable = rule.for_actor(visit.db, visit.actor, [person.id]).get(person.id, {})
    visit.saw(person.id, readable)
    identity = visit.db.exec(
        select(PersonIdentity).where(
            PersonIdentity.person_id == person.id,
            rule.sees(visit.actor, PersonIdentity.person_id, Category.IDENTITY),
        )
    ).one_or_none()
    known = visit.db.exec(queries.demands(journey.id)).all()
    agencies = table(visit.db, journey)
    return render(
        visit,
        "signals/demand.html",
        form=visit.form,
        journey=journey,
        name=identity.name if identity else person.reference,
        programme=visit.db.get_one(Programme, journey.programme_id).name,
        open=journey.state in LIVE_STATES and all(d.state not in queries.ASKED for d in known),
        live=journey.state in LIVE_STATES,
        awaited=journey.state is JourneyState.PRESCRIBED,
        agencies=agencies,
        told=TOLD,
        reread=any(wording.warnings(visit.form.get(name)) for name in TEXTS),
        previous=_previous(visit.db, known),
    )


@action(may=Permission.DEMAND_WRITE, again=_show)
def ask(visit: Visit) -> Response:
    journey = journeys.own(visit.db, visit.actor, visit.path["id"], hold=True)
    form = visit.form
    question = form.text("question", most=1000, least=10)
    tried = form.text("tried", required=False, most=2000)
    wish = form.text("wish", most=1000)
    told = form.get("told")
    if told not in {value for value, _ in TOLD}:
        form.wrong("told", "Dites si la personne sait que sa situation sera examinée.")
    wanted = form.keys("agencies")
    if not set(wanted) <= {agency_id for agency_id, _ in table(visit.db, journey)}:
        form.wrong("agencies", "Choisissez des structures de la liste.")
    if not form.ticked("reread"):
        for name in TEXTS:
            for warning in wording.warnings(form.get(name)):
                form.wrong(name, warning)
    form.check()
    demands.ask(
        visit.db,
        journey,
        question=question,
        tried=tried,
        wish=wish,
        told=told == "oui",
        agencies=wanted,
        actor=visit.actor,
    )
    return go(
        visit,
        visit.url("signals:demand", id=journey.id),
        say="Votre demande est déposée : elle sera proposée au prochain ordre du jour.",
    )


@action(may=Permission.DEMAND_WRITE, again=_show)
def withdraw(visit: Visit) -> Response:
    journey = journeys.own(visit.db, visit.actor, visit.path["id"], hold=True)
    asked = queries.one_demand(visit.db, visit.actor, visit.path["demande"], hold=True)
    visit.form.same_version(asked.version)
    demands.withdraw(visit.db, asked, actor=visit.actor)
    return go(visit, visit.url("signals:demand", id=journey.id), say="Votre demande est retirée.")


def table(db: Session, journey: Journey) -> list[tuple[UUID, str]]:
    """(agency, name) that can be asked to the table: members today of the committees that may
    examine the journey, without the carrying agency."""
    today = clock.today()
    carrier = db.get_one(Agency, journey.agency_id)
    wanted = committees.that_may_examine(journey, carrier).with_only_columns(col(Committee.id))
    rows = db.exec(
        select(Agency.id, Agency.name)
        .join(CommitteeAgency, col(CommitteeAgency.agency_id) == Agency.id)
        .where(
            col(CommitteeAgency.committee_id).in_(wanted),
            CommitteeAgency.from_on <= today,
            or_(col(CommitteeAgency.until_on).is_(None), col(CommitteeAgency.until_on) >= today),
            Agency.id != journey.agency_id,
        )
        .distinct()
        .order_by(Agency.name, col(Agency.id))
    )
    return [(agency_id, name) for agency_id, name in rows]


def _previous(db: Session, known: Collection[Demand]) -> list[dict[str, Any]]:
    """Each demand with who asked, the agencies wanted and what committees answered."""
    ids = {UUID(agency) for asked in known for agency in asked.agencies}
    names = dict(db.exec(select(Agency.id, Agency.name).where(col(Agency.id).in_(ids))).all())
    authors = {
        who.id: who.name
        for who in db.exec(
            select(Professional).where(
                col(Professional.id).in_({asked.professional_id for asked in known})
            )
        )
    }
    answers = _answers(db, known)
    return [
        {
            "row": asked,
            "author": authors.get(asked.professional_id, ""),
            "agencies": sorted(names[UUID(a)] for a in asked.agencies if UUID(a) in names),
            "answers": answers.get(asked.id, []),
            "waits": asked.state in queries.ASKED,
        }
        for asked in known
    ]


def _answers(db: Session, known: Collection[Demand]) -> dict[UUID, list[dict[str, Any]]]:
    rows = db.execute(
        columns(
            col(AgendaItem.demand_id),
            col(Decision.outcome),
            col(Decision.wording),
            col(Decision.text),
            col(Meeting.starts_at),
        )
        .select_from(Decision)
        .join(AgendaItem, col(AgendaItem.id) == col(Decision.item_id))
        .join(Meeting, col(Meeting.id) == col(Decision.meeting_id))
        .where(
            col(AgendaItem.demand_id).in_({asked.id for asked in known}),
            col(Decision.state) == DecisionState.CONFIRMED,
        )
        .order_by(col(Meeting.starts_at), col(Decision.id))
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for demand_id, outcome, worded, text, at in rows:
        if demand_id is not None:
            answer = {"what": labels.of(outcome), "text": worded or text, "at": at}
            found.setdefault(demand_id, []).append(answer)
    return found


routes = [
    Route("/parcours/{id:uuid}/demande", demand, name="signals:demand"),
    Route("/parcours/{id:uuid}/demande", ask, methods=["POST"], name="signals:ask"),
    Route(
        "/parcours/{id:uuid}/demande/{demande:uuid}/retirer",
        withdraw,
        methods=["POST"],
        name="signals:withdraw",
    ),
]
