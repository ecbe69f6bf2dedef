"""What the page of a meeting leads to: each step of its life, its address, where it stands."""

from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries
from coordination.committees.meetings import states
from coordination.committees.models import (
    AgendaItem,
    Attendance,
    Committee,
    Decision,
    FollowUp,
    FollowUpState,
    Invitation,
    ItemState,
    Meeting,
    MeetingMove,
    MeetingState,
    Minutes,
    MinutesState,
)
from coordination.web import french

_ON_AGENDA = (ItemState.ACCEPTED, ItemState.EXAMINED, ItemState.CARRIED)
_HELD = frozenset({MeetingState.ADJOURNED, MeetingState.CLOSED})
VERBS = {
    "plan": "Séance prévue",
    "invite": "Invitations envoyées",
    "change": "Séance modifiée",
    "postpone": "Séance reportée",
    "replan": "Nouvelle date",
    "cancel": "Séance annulée",
    "open": "Séance ouverte",
    "suspend": "Pause",
    "resume": "Reprise",
    "inquorate": "Séance non tenue",
    "adjourn": "Séance levée",
    "close": "Séance close",
}


class HubStep(NamedTuple):
    """One thing to do around a meeting. `state` is todo, waiting or done."""

    label: str
    url: str
    state: str
    note: str


def steps(db: Session, meeting: Meeting, *, runs: bool) -> list[HubStep]:
    """From invitation to follow-up. A member sees what a member may open."""
    here = f"/seances/{meeting.id}"
    invited = _count(db, Invitation, col(Invitation.cancelled_at).is_(None), meeting)
    items = _count(db, AgendaItem, col(AgendaItem.state).in_(_ON_AGENDA), meeting)
    taken = _count(db, Attendance, col(Attendance.id).is_not(None), meeting)
    decided = _count(db, Decision, col(Decision.id).is_not(None), meeting)
    open_actions = _count(db, FollowUp, col(FollowUp.state) == FollowUpState.OPEN, meeting)
    sent = _count(db, Minutes, col(Minutes.state) == MinutesState.SENT, meeting)
    held, frozen = meeting.state in _HELD, meeting.frozen_at is not None
    today = clock.local(meeting.starts_at).date() <= clock.today()
    live = meeting.state in states.IN_SESSION or (today and meeting.state in states.COMING)
    found = [
        HubStep(
            "Ordre du jour", f"{here}/ordre-du-jour", "done" if frozen else "todo",
            _plural(items, "point retenu", "points retenus") + (", figé" if frozen else ""),
        ),
        HubStep(
            "En séance", f"{here}/en-seance", "done" if held else "todo" if live else "waiting",
            _plural(decided, "décision"),
        ),
        HubStep(
            "Relevé de décisions", f"{here}/releve",
            "done" if sent else "todo" if held else "waiting",
            "envoyé" if sent else "à envoyer" if held else "après la séance",
        ),
        HubStep(
            "Suivi des décisions et des actions", f"{here}/suivi",
            "waiting" if not held else "todo" if open_actions else "done",
            _plural(open_actions, "action ouverte", "actions ouvertes"),
        ),
    ]  # fmt: skip
    if not runs:
        return found
    agenda, session, *rest = found
    return [
        HubStep(
            "Invitation", f"{here}/invitation", "done" if invited else "todo",
            _plural(invited, "personne invitée", "personnes invitées"),
        ),
        agenda,
        HubStep(
            "Présences", f"{here}/presences", "done" if taken else "todo" if live else "waiting",
            _plural(taken, "présence notée", "présences notées"),
        ),
        session,
        HubStep(
            "Lever la séance", f"{here}/lever", "done" if held else "todo" if live else "waiting",
            "rien ne part avant cette confirmation",
        ),
        *rest,
    ]  # fmt: skip


def history(db: Session, moves: list[MeetingMove]) -> list[tuple[MeetingMove, str, str]]:
    """(step, words, who) of what happened to it."""
    ids = {move.professional_id for move in moves if move.professional_id}
    rows = db.exec(select(Professional).where(col(Professional.id).in_(ids)))
    names = {row.id: row.name for row in rows}
    return [
        (
            move,
            VERBS.get(move.verb) or labels.of(move.after),
            names.get(move.professional_id, "") if move.professional_id else "",
        )
        for move in moves
    ]


def last_reason(moves: list[MeetingMove]) -> str:
    """Why it was last changed, postponed or cancelled."""
    return next((move.reason for move in reversed(moves) if move.reason), "")


def sent(db: Session, invitations: list[Invitation]) -> list[tuple[Invitation, str]]:
    """Those ever invited, with their agency's name."""
    ids = {i.agency_id for i in invitations if i.agency_id}
    names = dict(db.exec(select(Agency.id, Agency.name).where(col(Agency.id).in_(ids))).all())
    return [(i, names.get(i.agency_id, "") if i.agency_id else "") for i in invitations]


def run_by(db: Session, actor: Actor) -> list[Committee]:
    """The committees this actor runs, by name."""
    mine = actor.scopes(*queries.RUNS)
    wanted = queries.visible_to(actor).where(
        col(Committee.id).in_(mine), col(Committee.closed_on).is_(None)
    )
    return list(db.exec(wanted.order_by(Committee.name, col(Committee.id))))


def runs(actor: Actor, meeting: Meeting) -> bool:
    return any(actor.holds(role, meeting.committee_id) for role in queries.RUNS)


def _count(db: Session, kind: type, condition: object, meeting: Meeting) -> int:
    table = kind.__table__  # type: ignore[attr-defined]
    counted = select(func.count()).select_from(kind)
    return db.exec(counted.where(table.c.meeting_id == meeting.id, condition)).one()  # type: ignore[arg-type]


def _plural(count: int, one: str, many: str = "") -> str:
    return french.count(count, one, many) if count else ""
