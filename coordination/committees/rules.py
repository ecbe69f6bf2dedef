"""The rules that read committees: what a decision has settled, actions overdue, points that wait
for the person's agreement and agreements that end before the next meeting."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from coordination import clock
from coordination.agencies.models import Agency
from coordination.committees.models import (
    AgendaItem,
    Committee,
    CommitteeAgency,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    FollowUpState,
    ItemState,
    Meeting,
    MeetingState,
)
from coordination.consent.models import ConsentCover, Effect, Purpose
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.referrals import rules as referrals
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE, Status
from coordination.signals.models import Demand, SignalCode
from coordination.signals.queries import ASKED, Columns
from coordination.signals.raising import Rule, Scope, Thresholds
from coordination.signals.sentences import SEMI
from coordination.signals.subjects import covered, of_journey
from coordination.web import french

CONSENT_DAYS = 14
OVERDUE_DAYS = 28  # an action that waits longer weighs more
SOON_WEEKS = 8  # about the time to a next meeting
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


def _overdue(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return (
        of_journey(col(FollowUp.id), col(FollowUp.due_on))
        .join(AgendaItem, col(AgendaItem.journey_id) == col(Journey.id))
        .join(FollowUp, col(FollowUp.item_id) == col(AgendaItem.id))
        .where(
            scope(col(AgendaItem.journey_id)),
            col(Journey.state).in_(LIVE_STATES),
            col(FollowUp.confirmed).is_(True),
            col(FollowUp.state) == FollowUpState.OPEN,
            col(FollowUp.due_on) < today,
        )
    )


def _say_overdue(today: date, row: Any) -> str:
    late = french.count((today - row.since_on).days, "jour")
    return f"Action décidée en comité attendue le {french.day(row.since_on)}, en retard de {late}"


def _late(today: date, row: Any) -> float:
    late: int = (today - row.since_on).days
    return 1 + late / OVERDUE_DAYS


def _last_cover(person: Any, agency: Any) -> Any:
    """The last moment of the person's agreement to be referred to an agency."""
    return (
        select(func.max(col(ConsentCover.until_at)))
        .where(
            col(ConsentCover.person_id) == person,
            col(ConsentCover.agency_id) == agency,
            col(ConsentCover.purpose) == Purpose.REFERRAL,
            col(ConsentCover.effect) == Effect.ALLOW,
        )
        .scalar_subquery()
    )


def _first_to_end(today: date) -> Any:
    """Among the members of the meeting's committee who hear of the person today, the first whose
    own agreement ends, renewed nowhere later."""
    later = aliased(ConsentCover)
    renewed = select(col(later.id)).where(
        col(later.person_id) == col(ConsentCover.person_id),
        col(later.agency_id) == col(ConsentCover.agency_id),
        col(later.purpose) == Purpose.COMMITTEE,
        col(later.effect) == Effect.ALLOW,
        col(later.until_at) > col(ConsentCover.until_at),
    )
    return (
        select(func.min(col(ConsentCover.until_at)))
        .join(CommitteeAgency, col(CommitteeAgency.agency_id) == col(ConsentCover.agency_id))
        .where(
            col(CommitteeAgency.committee_id) == col(Meeting.committee_id),
            col(CommitteeAgency.from_on) <= today,
            or_(
                col(CommitteeAgency.until_on).is_(None),
                col(CommitteeAgency.until_on) >= today,
            ),
            col(ConsentCover.person_id) == col(Journey.person_id),
            col(ConsentCover.purpose) == Purpose.COMMITTEE,
            col(ConsentCover.effect) == Effect.ALLOW,
            col(ConsentCover.until_at) > clock.at(today),
            ~renewed.exists(),
        )
        .correlate(Journey, Meeting)
        .scalar_subquery()
    )


def _sent_without_renewal(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """The next meeting is that of the journey's territory, else of its agency's; where none is
    planned, eight weeks from now."""
    theirs = select(col(Agency.territory_id)).where(col(Agency.id) == col(Journey.agency_id))
    where = func.coalesce(col(Journey.territory_id), theirs.scalar_subquery())
    coming = (
        select(
            col(Committee.territory_id).label("territory_id"),
            func.min(col(Meeting.starts_at)).label("at"),
        )
        .join(Meeting, col(Meeting.committee_id) == col(Committee.id))
        .where(col(Meeting.state).in_(_COMING), col(Meeting.starts_at) >= clock.at(today))
        .group_by(col(Committee.territory_id))
        .subquery()
    )
    last = _last_cover(col(Referral.person_id), col(Referral.recipient_id))
    return (
        of_journey(col(Referral.id), col(Referral.created_at), last=last, meeting=coming.c.at)
        .join(Referral, col(Referral.journey_id) == col(Journey.id))
        .outerjoin(coming, coming.c.territory_id == where)
        .where(
            scope(col(Referral.journey_id)),
            col(Journey.state).in_(LIVE_STATES),
            col(Referral.status).in_(sorted(LIVE)),
            last > clock.at(today),
            or_(
                last <= coming.c.at,
                and_(coming.c.at.is_(None), last <= clock.at(today + timedelta(weeks=SOON_WEEKS))),
            ),
        )
    )


def _inscribed_without_renewal(today: date, limits: Thresholds, scope: Scope) -> Columns:
    last = _first_to_end(today)
    return (
        of_journey(
            col(AgendaItem.id),
            col(AgendaItem.created_at),
            last=last,
            meeting=col(Meeting.starts_at),
        )
        .join(AgendaItem, col(AgendaItem.journey_id) == col(Journey.id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            scope(col(AgendaItem.journey_id)),
            col(Journey.state).in_(LIVE_STATES),
            col(AgendaItem.state).in_((ItemState.PROPOSED, ItemState.ACCEPTED)),
            col(Meeting.state).in_(_COMING),
            col(Meeting.starts_at) >= clock.at(today),
            last <= col(Meeting.starts_at),
        )
    )


def _say_expiring(today: date, row: Any) -> str:
    last = french.day(clock.local(row.last - timedelta(seconds=1)).date())
    if row.meeting is None:
        return f"Accord de la personne jusqu’au {last}{SEMI}aucune séance prévue d’ici là"
    meeting = french.day(clock.local(row.meeting).date())
    return f"Accord de la personne jusqu’au {last}{SEMI}prochaine séance le {meeting}"


def _nearness(today: date, row: Any) -> float:
    """1 eight weeks before the end or more, 2 on its day."""
    left: int = (clock.local(row.last).date() - today).days
    return max(1.0, 2 - left / (SOON_WEEKS * 7))


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
    Rule(SignalCode.SUITE_EN_RETARD, 2.0, _overdue, _say_overdue, past=_late),
    Rule(
        SignalCode.ACCORD_EXPIRANT,
        1.0,
        _sent_without_renewal,
        _say_expiring,
        past=_nearness,
    ),
    Rule(
        SignalCode.ACCORD_EXPIRANT,
        1.0,
        _inscribed_without_renewal,
        _say_expiring,
        past=_nearness,
    ),
    Rule(
        SignalCode.ACCORD_A_RECUEILLIR,
        1.5,
        _accepted_without_consent,
        _say,
        past=_past,
    ),
)
