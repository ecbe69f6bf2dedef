"""The rules that read committees: what a decision has settled, and points that wait for the
person's agreement."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from coordination import clock
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionOutcome,
    DecisionState,
    ItemState,
    Meeting,
    MeetingState,
)
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.referrals import rules as referrals
from coordination.referrals.models import Referral
from coordination.referrals.states import Status
from coordination.signals.models import Demand, SignalCode
from coordination.signals.queries import ASKED, Columns
from coordination.signals.raising import Rule, Scope, Thresholds
from coordination.signals.subjects import covered, of_journey

CONSENT_DAYS = 14
_COMING = (MeetingState.PLANNED, MeetingState.CONVENED)


def _decided_since() -> ColumnElement[bool]:
    """A committee has decided on the journey since the referral ended; postponing decides
    nothing."""
    return (
        select(col(Decision.id))
        .join(AgendaItem, col(AgendaItem.id) == col(Decision.item_id))
        .where(
            col(AgendaItem.journey_id) == col(Referral.journey_id),
            col(Decision.state) == DecisionState.CONFIRMED,
            col(Decision.outcome) != DecisionOutcome.ADJOURN,
            col(Decision.confirmed_at) > col(Referral.ended_at),
        )
        .exists()
    )


def _accepted_without_consent(today: date, limits: Thresholds, scope: Scope) -> Columns:
    asked = select(col(Demand.id)).where(
        col(Demand.journey_id) == col(Journey.id), col(Demand.state).in_(ASKED)
    )
    return (
        of_journey(col(AgendaItem.id), col(AgendaItem.created_at))
        .join(AgendaItem, col(AgendaItem.journey_id) == col(Journey.id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state).in_(LIVE_STATES),
            col(AgendaItem.state) == ItemState.ACCEPTED,
            col(Meeting.state).in_(_COMING),
            col(Meeting.starts_at) >= clock.at(today),
            ~asked.exists(),
            ~covered(today),
        )
    )


def _past(today: date, row: Any) -> float:
    return max(1.0, (today - clock.local(row.since_on).date()).days / CONSENT_DAYS)


def _say(today: date, row: Any) -> str:
    return "Accord de la personne à recueillir avant la séance où ce point est inscrit"


RULES = (
    referrals.ended(
        SignalCode.ORIENTATION_REFUSEE,
        Status.REFUSED,
        "Orientation refusée par la structure",
        unless=_decided_since,
    ),
    referrals.ended(
        SignalCode.ORIENTATION_EXPIREE,
        Status.EXPIRED,
        "Orientation sans réponse, expirée",
        unless=_decided_since,
    ),
    referrals.ended(
        SignalCode.ORIENTATION_ECHOUEE,
        Status.FAILED,
        "Orientation non aboutie, close",
        unless=_decided_since,
    ),
    Rule(SignalCode.ACCORD_A_RECUEILLIR, 1.5, _accepted_without_consent, _say, past=_past),
)
