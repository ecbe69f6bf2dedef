"""What waits for one professional this morning: one list per kind of gesture, late first."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_
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
    Meeting,
    MeetingState,
)
from coordination.committees.queries import visible_to as committees_of
from coordination.consent import rule
from coordination.db import columns
from coordination.journeys.models import LIVE_STATES, Journey, Referent
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signals.models import Signal
from coordination.web import french

SHOWN = 8

Where = tuple[ColumnElement[bool], ...]


class Line(NamedTuple):
    """One thing that waits: `path` opens it, `due` says when (or nothing)."""

    title: str
    note: str
    path: str
    due: date | None = None
    status: tuple[str, str, str] | None = None  # code, label, group

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < clock.today()


class Panel(NamedTuple):
    key: str
    title: str
    lines: list[Line]
    total: int
    empty: str
    all_path: str = ""


def panels(db: Session, actor: Actor) -> list[Panel]:
    """The panels of this actor, in the order of a morning; those that never concern them are not
    there."""
    found = []
    if committees := actor.scopes(Role.MEMBER, Role.SECRETARY, Role.CHAIR):
        found.append(_meetings(db, actor))
        found.append(_minutes_to_send(db, actor, committees))
    if actor.agency_id:
        found += [_to_answer(db, actor), _to_complete(db, actor), _to_collect(db, actor)]
    found += [_to_tell(db, actor), _actions(db, actor), _alerts(db, actor)]
    return [p for p in found if p.lines or p.empty]


def _meetings(db: Session, actor: Actor) -> Panel:
    now = clock.now()
    rows = db.execute(
        columns(Meeting.id, Meeting.starts_at, Meeting.state, Committee.name, Meeting.frozen_at)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(Meeting.committee_id).in_(
                committees_of(actor).with_only_columns(col(Committee.id))
            ),
            or_(
                col(Meeting.state).in_([MeetingState.OPEN, MeetingState.SUSPENDED]),
                and_(
                    col(Meeting.starts_at) > now - timedelta(hours=12),
                    col(Meeting.state).in_([MeetingState.PLANNED, MeetingState.CONVENED]),
                ),
            ),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(5)
    ).all()
    lines = []
    for meeting, starts, state, name, frozen in rows:
        step = "ordre du jour arrêté" if frozen else "ordre du jour à préparer"
        lines.append(
            Line(
                name,
                f"{french.moment(starts)} · {step}",
                f"/seances/{meeting}",
                status=(state.value, labels.of(state), "meeting"),
            )
        )
    return Panel(
        "seances", "Séances", lines, len(lines), "Aucune séance à venir n’est prévue.", "/comites"
    )


def _minutes_to_send(db: Session, actor: Actor, committees: set[UUID]) -> Panel:
    running = actor.scopes(Role.SECRETARY, Role.CHAIR)
    rows = db.execute(
        columns(Meeting.id, Meeting.adjourned_at, Committee.name)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(col(Meeting.committee_id).in_(running), col(Meeting.state) == MeetingState.ADJOURNED)
        .order_by(col(Meeting.adjourned_at), col(Meeting.id))
        .limit(SHOWN)
    ).all()
    lines = [
        Line(name, f"Séance levée le {french.moment(when)}", f"/seances/{meeting}/releve")
        for meeting, when, name in rows
    ]
    return Panel("releves", "Relevés à envoyer", lines, len(lines), "")


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
        col(Referral.status) == Status.AWAITING_CONSENT,
    )
    return _referrals(
        db,
        actor,
        where,
        Panel("accords", "Accords à recueillir", [], 0, "", "/orientations?sens=envoyees"),
    )


def _late_first(wanted: Select[Any], where: Where) -> Select[Any]:
    return wanted.where(*where).order_by(col(Referral.clock_from), col(Referral.id))


def _referrals(db: Session, actor: Actor, where: Where, panel: Panel) -> Panel:
    total = db.execute(columns(func.count()).select_from(Referral).where(*where)).scalar_one()
    other = Referral.sender_id if panel.key == "orientations" else Referral.recipient_id
    wanted = (
        columns(
            Referral.id, Referral.number, Referral.status, Agency.name, Referral.clock_from,
            Referral.journey_id,
            PersonIdentity.usual_name, PersonIdentity.given_names,
        )
        .join(Agency, col(Agency.id) == other)
        .outerjoin(
            PersonIdentity,
            and_(
                col(PersonIdentity.person_id) == Referral.person_id,
                rule.sees(actor, col(Referral.person_id), Category.IDENTITY),
            ),
        )
    )  # fmt: skip
    lines = []
    for row in db.execute(_late_first(wanted, where).limit(SHOWN)):
        key, number, status, agency, since, journey, usual, given = row
        name = f"{usual.upper()} {given}" if usual else f"Orientation {number}"
        collect = panel.key == "accords"
        path = f"/parcours/{journey}/accords" if collect else f"/orientations/{key}"
        note = f"{agency} · depuis {french.day(clock.local(since).date())}" if since else agency
        lines.append(
            Line(name, note, path,
                 status=(status.value, labels.of(status), "referral"))
        )  # fmt: skip
    return panel._replace(lines=lines, total=total)


def _to_tell(db: Session, actor: Actor) -> Panel:
    rows = db.execute(
        columns(
            Decision.outcome, Decision.tell_by, AgendaItem.journey_id, AgendaItem.number,
            PersonIdentity.usual_name, PersonIdentity.given_names,
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
        )
        for outcome, tell_by, journey, number, usual, given in rows
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
    """Live alerts on the journeys of which this professional is a référent."""
    mine = columns(Referent.journey_id).where(
        col(Referent.professional_id) == actor.professional_id, col(Referent.until_on).is_(None)
    )
    where = (
        col(Signal.journey_id).in_(mine),
        col(Signal.ended_at).is_(None),
        col(Journey.state).in_(LIVE_STATES),
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
        Line(f"{usual.upper()} {given}" if usual else number, sentence, f"/parcours/{journey}")
        for journey, sentence, usual, given, number in rows
    ]
    return Panel("alertes", "Alertes sur mes parcours", lines, total, "", "/parcours?alertes=1")
