"""What waits for one professional this morning: one list per kind of gesture, late first."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Role
from coordination.committees.models import (
    AgendaItem,
    Committee,
    Decision,
    DecisionState,
    FollowUp,
    FollowUpState,
)
from coordination.consent import rule
from coordination.db import beyond, columns
from coordination.desk import endings, sittings, withdrawals
from coordination.desk.lines import Line, Panel
from coordination.journeys import referents
from coordination.journeys.models import Journey
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.programmes.models import Programme
from coordination.referrals import queries as referrals
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signals import queries as signals
from coordination.signals.models import Signal
from coordination.web import french

SHOWN = 8

Where = tuple[ColumnElement[bool], ...]


def panels(db: Session, actor: Actor) -> list[Panel]:
    """The panels of this actor, in the order of a morning; those that never concern them are not
    there."""
    found = []
    if actor.scopes(Role.MEMBER, Role.SECRETARY, Role.CHAIR):
        found.append(sittings.meetings(db, actor))
        found.append(sittings.minutes_to_send(db, actor))
    if actor.agency_id:
        found += [_to_answer(db, actor), _to_complete(db, actor), _to_collect(db, actor)]
        found.append(endings.panel(db, actor))
        found += [withdrawals.to_answer(db, actor), withdrawals.unanswered(db, actor)]
    found += [_to_tell(db, actor), _actions(db, actor), _alerts(db, actor)]
    if Role.MANAGER in actor.all_roles:
        found.append(_team(db, actor))
    return [p for p in found if p.lines or p.empty]


def _to_answer(db: Session, actor: Actor) -> Panel:
    waiting = (Status.SENT, Status.ACKNOWLEDGED)
    where = (
        col(Referral.recipient_id) == actor.agency_id,
        col(Referral.status).in_(waiting),
        col(Referral.clock_side) == Side.RECIPIENT,
    )
    return _referrals(
        db,
        actor,
        where,
        Panel(
            "orientations",
            "Orientations à traiter",
            [],
            0,
            "Aucune orientation n’attend votre réponse.",
            "/orientations?sens=recues",
        ),
    )


def _to_complete(db: Session, actor: Actor) -> Panel:
    where = (
        col(Referral.sender_id) == actor.agency_id,
        referrals.opened_to(actor),
        col(Referral.status) == Status.INFO_REQUESTED,
    )
    return _referrals(
        db,
        actor,
        where,
        Panel("complements", "Compléments demandés", [], 0, "", "/orientations?sens=envoyees"),
    )


def _to_collect(db: Session, actor: Actor) -> Panel:
    where = (
        col(Referral.sender_id) == actor.agency_id,
        referrals.opened_to(actor),
        col(Referral.status) == Status.AWAITING_CONSENT,
    )
    return _referrals(
        db,
        actor,
        where,
        Panel("accords", "Accords à recueillir", [], 0, "", "/orientations?sens=envoyees"),
    )


def _referrals(db: Session, actor: Actor, where: Where, panel: Panel) -> Panel:
    other = Referral.sender_id if panel.key == "orientations" else Referral.recipient_id
    wanted = (
        columns(
            Referral.id, Referral.number, Referral.status, Agency.name, Agency.sensitive,
            Referral.clock_from, Referral.journey_id, Referral.person_id,
        )
        .join(Agency, col(Agency.id) == other)
        .where(*where)
        .order_by(col(Referral.clock_from), col(Referral.id))
        .limit(SHOWN)
    )  # fmt: skip
    with beyond(db, "desk.today"):  # number and dates: what stays to both whatever is agreed
        total = db.execute(columns(func.count()).select_from(Referral).where(*where)).scalar_one()
        rows = db.execute(wanted).all()
    names = _names(db, actor, {row.person_id for row in rows})
    lines = []
    for key, number, status, agency, sensitive, since, journey, person in rows:
        name = names.get(person) or f"Orientation {number}"
        if other is Referral.sender_id and sensitive and person not in names:
            agency = "Une structure partenaire"
        collect = panel.key == "accords"
        path = f"/parcours/{journey}/accords" if collect else f"/orientations/{key}"
        note = f"{agency} · depuis {french.day(clock.local(since).date())}" if since else agency
        lines.append(
            Line(name, note, path,
                 status=(status.value, labels.of(status), "referral"))
        )  # fmt: skip
    return panel._replace(lines=lines, total=total)


def _names(db: Session, actor: Actor, persons: Collection[UUID]) -> dict[UUID, str]:
    """The names that the rule opens."""
    person = col(PersonIdentity.person_id)
    found = columns(person, PersonIdentity.usual_name, PersonIdentity.given_names).where(
        person.in_(persons), rule.sees(actor, person, Category.IDENTITY)
    )
    return {row[0]: f"{row[1].upper()} {row[2]}" for row in db.execute(found)}


def _to_tell(db: Session, actor: Actor) -> Panel:
    rows = db.execute(
        columns(
            Decision.id, Decision.outcome, Decision.tell_by, AgendaItem.journey_id,
            AgendaItem.number, PersonIdentity.usual_name, PersonIdentity.given_names,
        )
        .join(AgendaItem, col(AgendaItem.id) == Decision.item_id)
        .outerjoin(
            PersonIdentity,
            and_(
                col(PersonIdentity.person_id) == AgendaItem.person_id,
                rule.sees(actor, col(AgendaItem.person_id), Category.IDENTITY),
            ),
        )
        .where(
            col(Decision.teller_id) == actor.professional_id,
            col(Decision.state) == DecisionState.CONFIRMED,
            col(Decision.told_on).is_(None),
        )
        .order_by(col(Decision.tell_by), col(Decision.id))
    ).all()  # fmt: skip
    lines = [
        Line(
            f"{usual.upper()} {given}" if usual else f"Situation n°\u00a0{number}",
            f"À dire à la personne : {labels.of(outcome).lower()}",
            f"/parcours/{journey}",
            due=tell_by,
            gesture=("C’est dit", f"/decisions/{key}/dite"),
        )
        for key, outcome, tell_by, journey, number, usual, given in rows
    ]
    return Panel("personnes", "Personnes à prévenir", lines[:SHOWN], len(lines), "")


def _actions(db: Session, actor: Actor) -> Panel:
    rows = db.execute(
        columns(FollowUp.what, FollowUp.due_on, FollowUp.meeting_id, Committee.name)
        .join(Committee, col(Committee.id) == FollowUp.committee_id)
        .where(
            or_(
                col(FollowUp.owner_id) == actor.professional_id,
                and_(col(FollowUp.owner_id).is_(None), col(FollowUp.agency_id) == actor.agency_id),
            ),
            col(FollowUp.state) == FollowUpState.OPEN,
            col(FollowUp.confirmed).is_(True),
        )
        .order_by(col(FollowUp.due_on), col(FollowUp.id))
    ).all()
    lines = [
        Line(what, name, f"/seances/{meeting}/suivi", due=due) for what, due, meeting, name in rows
    ]
    return Panel("actions", "Actions décidées en comité", lines[:SHOWN], len(lines), "")


def _alerts(db: Session, actor: Actor) -> Panel:
    """Alerts that stand on the journeys whose thread this professional holds: what is due after
    an exit too."""
    mine = referents.held_by(actor.professional_id)
    where = (
        col(Signal.journey_id).in_(mine),
        col(Signal.ended_at).is_(None),
        rule.sees(actor, col(Signal.person_id), Category.STEPS),
    )
    joined = (
        columns(func.count())
        .select_from(Signal)
        .join(Journey, col(Journey.id) == Signal.journey_id)
    )
    total = db.execute(joined.where(*where)).scalar_one()
    rows = db.execute(
        columns(
            Signal.journey_id, Signal.sentence, PersonIdentity.usual_name,
            PersonIdentity.given_names, Journey.number,
        )
        .join(Journey, col(Journey.id) == Signal.journey_id)
        .outerjoin(
            PersonIdentity,
            and_(
                col(PersonIdentity.person_id) == Signal.person_id,
                rule.sees(actor, col(Signal.person_id), Category.IDENTITY),
            ),
        )
        .where(*where)
        .order_by(col(Signal.score).desc(), col(Signal.since_on), col(Signal.id))
        .limit(SHOWN)
    ).all()  # fmt: skip
    lines = [
        Line(
            f"{usual.upper()} {given}" if usual else number,
            sentence,
            f"/parcours/{journey}",
            contact=journey,
        )
        for journey, sentence, usual, given, number in rows
    ]
    return Panel("alertes", "Alertes sur mes parcours", lines, total, "", "/parcours?alertes=1")


def _team(db: Session, actor: Actor) -> Panel:
    """For the one who heads the team: portfolios too full, never whose."""
    if actor.agency_id is None:
        return Panel("equipe", "Portefeuilles de l’équipe", [], 0, "")
    rows = list(db.exec(signals.of_team(actor.agency_id)))
    known = columns(Programme.id, Programme.name).where(
        col(Programme.id).in_([row.programme_id for row in rows])
    )
    names = {row.id: row.name for row in db.execute(known)}
    lines = [Line(names[row.programme_id], row.sentence, "/structure") for row in rows]
    return Panel("equipe", "Portefeuilles de l’équipe", lines[:SHOWN], len(lines), "", "/structure")
