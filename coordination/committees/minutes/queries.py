"""Reading minutes and what follows a meeting."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Session, col, select

from coordination import files
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Role
from coordination.committees import queries
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionDestination,
    DecisionState,
    Extract,
    FollowUp,
    Meeting,
    Minutes,
    MinutesState,
)
from coordination.consent.models import Effect, Reach
from coordination.db import columns
from coordination.errors import NotAllowed, NotFound
from coordination.referrals.models import Referral


def sent(db: Session, meeting_id: UUID) -> Minutes | None:
    """The last version that was sent."""
    return db.exec(
        select(Minutes)
        .where(Minutes.meeting_id == meeting_id, Minutes.state == MinutesState.SENT)
        .order_by(col(Minutes.number).desc())
        .limit(1)
    ).first()


def main_file(db: Session, minutes: Minutes) -> bytes | None:
    """The printed document, or None while the worker prints it."""
    return files.read(db, minutes.file_id)[1] if minutes.file_id else None


def extract(db: Session, minutes: Minutes, agency_id: UUID, *, number: int | None) -> Extract:
    """One agency's annex: the given version, or the last one."""
    wanted = select(Extract).where(Extract.minutes_id == minutes.id, Extract.agency_id == agency_id)
    if number is not None:
        wanted = wanted.where(Extract.number == number)
    found = db.exec(wanted.order_by(col(Extract.number).desc()).limit(1)).first()
    if found is None:
        raise NotFound("Cette annexe n’existe pas.")
    return found


def extracts(minutes_id: UUID) -> Select[Any]:
    """(agency, version, withheld, printed, recalled) of every annex, by agency."""
    return (
        columns(Agency.name, Extract.number, Extract.withheld, Extract.file_id, Extract.recalled_at)
        .join(Agency, col(Agency.id) == Extract.agency_id)
        .where(col(Extract.minutes_id) == minutes_id)
        .order_by(Agency.name, col(Extract.number), col(Extract.id))
    )


def decisions(db: Session, meeting_id: UUID) -> list[tuple[Decision, AgendaItem]]:
    """What was decided, in the order of the agenda."""
    rows = db.exec(
        select(Decision, AgendaItem)
        .join(AgendaItem, col(AgendaItem.id) == Decision.item_id)
        .where(Decision.meeting_id == meeting_id, Decision.state != DecisionState.WITHDRAWN)
        .order_by(col(AgendaItem.number), col(Decision.created_at), col(Decision.id))
    )
    return [(decision, item) for decision, item in rows]


def decision(db: Session, actor: Actor, decision_id: UUID) -> tuple[Decision, Meeting]:
    """A decision and its meeting, held, for who runs the committee."""
    mine = col(Decision.meeting_id).in_(queries.meetings_of(actor))
    found = db.exec(
        select(Decision).where(Decision.id == decision_id, mine).with_for_update()
    ).one_or_none()
    absent = "Cette décision n’existe pas."
    if found is None:
        raise NotFound(absent)
    return found, queries.meeting(db, actor, found.meeting_id, running=True, absent=absent)


def to_tell(db: Session, actor: Actor, decision_id: UUID) -> Decision:
    """A decision that this professional tells the person, held."""
    found = db.exec(
        select(Decision).where(Decision.id == decision_id).with_for_update()
    ).one_or_none()
    if found is None or found.teller_id != actor.professional_id:
        raise NotFound("Cette décision n’existe pas.")
    return found


def left_out(db: Session, meeting_id: UUID, professional_id: UUID | None) -> set[str]:
    """The persons for whose case this professional left the room: a conflict of interest."""
    found = db.exec(
        select(Reach.person_id).where(
            Reach.source_id == meeting_id,
            Reach.professional_id == professional_id,
            Reach.effect == Effect.DENY,
        )
    )
    return {str(person) for person in found}


def going(meeting_id: UUID) -> Select[Any]:
    """(decision id, agency id, agency, sensitive, status or None) of each destination."""
    return (
        columns(
            DecisionDestination.decision_id, Agency.id, Agency.name, Agency.sensitive,
            Referral.status,
        )
        .join(Decision, col(Decision.id) == DecisionDestination.decision_id)
        .join(Agency, col(Agency.id) == DecisionDestination.agency_id)
        .outerjoin(Referral, col(Referral.id) == DecisionDestination.referral_id)
        .where(col(Decision.meeting_id) == meeting_id)
        .order_by(col(DecisionDestination.rank), col(DecisionDestination.id))
    )  # fmt: skip


def actions(meeting_id: UUID) -> Select[Any]:
    """(action, agency) decided in a meeting, the earliest due first."""
    return (
        columns(FollowUp, Agency)
        .join(Agency, col(Agency.id) == FollowUp.agency_id)
        .where(col(FollowUp.meeting_id) == meeting_id)
        .order_by(col(FollowUp.due_on), col(FollowUp.id))
    )


def action(db: Session, actor: Actor, action_id: UUID, *, hold: bool = False) -> FollowUp:
    """An action, for its agency, its owner, or who runs the committee."""
    wanted = select(FollowUp).where(FollowUp.id == action_id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cette action n’existe pas.")
    mine = actor.agency_id == found.agency_id or actor.professional_id == found.owner_id
    if mine or queries.runs(actor, found.committee_id):
        return found
    if actor.holds(Role.MEMBER, found.committee_id):
        raise NotAllowed("Cette action revient à une autre structure.")
    raise NotFound("Cette action n’existe pas.")
