"""The first section of an agenda: what became of what the committee decided."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.models import Agency
from coordination.committees.agenda.points import SHORT_MINUTES, Point, known
from coordination.committees.models import (
    Decision,
    DecisionDestination,
    DecisionState,
    FollowUp,
    FollowUpState,
    Meeting,
    Section,
)
from coordination.journeys.models import Journey
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Status
from coordination.signals.models import Signal, SignalCode
from coordination.web import french

CAME_BACK = (
    SignalCode.ORIENTATION_REFUSEE,
    SignalCode.ORIENTATION_EXPIREE,
    SignalCode.ORIENTATION_ECHOUEE,
    SignalCode.ORIENTATION_SANS_REPONSE,
)
_SAID = {
    Status.AWAITING_CONSENT: "mise en attente de l’accord de la personne",
    Status.SENT: "envoyée",
    Status.ACKNOWLEDGED: "prise en compte",
    Status.INFO_REQUESTED: "complément demandé",
    Status.ACCEPTED: "acceptée",
    Status.WAITLISTED: "mise en liste d’attente",
    Status.STARTED: "démarrée",
    Status.REFUSED: "refusée",
    Status.EXPIRED: "expirée sans réponse",
    Status.FAILED: "non aboutie",
}


def points(db: Session, meeting: Meeting, *, case_minutes: int) -> list[Point]:
    """Referrals that came back, agreements still to collect, then open actions by agency."""
    returned, waiting = _referrals(db, meeting)
    names = known(
        db,
        programmes={row.programme_id for row in (*returned, *waiting)},
        agencies={row.agency_id for row in (*returned, *waiting)},
    )
    steps = _steps(db, [row.id for row in (*returned, *waiting)])
    found: dict[UUID, Point] = {}
    for row, minutes in (
        *((row, case_minutes) for row in returned),
        *((row, SHORT_MINUTES) for row in waiting),
    ):
        sentence = _history(row, steps.get(row.id, []))
        before = found.get(row.journey_id)
        because = (*before.because, sentence) if before else (sentence,)
        signal = (str(row.signal_id),) if row.signal_id else ()
        found[row.journey_id] = Point(
            section=Section.FOLLOW_UP,
            minutes=max(minutes, before.minutes) if before else minutes,
            because=because,
            snapshot=names.snapshot(row.programme_id, [row.agency_id], because),
            signals=(*before.signals, *signal) if before else signal,
            journey_id=row.journey_id,
            person_id=row.person_id,
            agency_id=row.agency_id,
            referral_id=before.referral_id if before else row.id,
        )
    return [*found.values(), *_actions(db, meeting)]


def _referrals(db: Session, meeting: Meeting) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Those that this committee decided: (came back by themselves, wait for an agreement)."""
    made = (
        select(  # type: ignore[call-overload]
            Referral.id,
            Referral.status,
            col(Journey.id).label("journey_id"),
            Journey.person_id,
            Journey.agency_id,
            Journey.programme_id,
            Meeting.starts_at,
        )
        .join(DecisionDestination, col(DecisionDestination.referral_id) == Referral.id)
        .join(Decision, col(Decision.id) == DecisionDestination.decision_id)
        .join(Meeting, col(Meeting.id) == Decision.meeting_id)
        .join(Journey, col(Journey.id) == Referral.journey_id)
        .where(
            Meeting.committee_id == meeting.committee_id,
            Decision.state == DecisionState.CONFIRMED,
        )
        .order_by(col(Meeting.starts_at), col(Referral.id))
    )
    back = made.add_columns(col(Signal.id).label("signal_id")).join(
        Signal,
        (col(Signal.subject_id) == Referral.id)
        & col(Signal.code).in_(CAME_BACK)
        & col(Signal.ended_at).is_(None),
    )
    waiting = (
        made.add_columns(col(Signal.id).label("signal_id"))
        .outerjoin(
            Signal,
            (col(Signal.subject_id) == Referral.id)
            & (col(Signal.code) == SignalCode.ACCORD_A_RECUEILLIR)
            & col(Signal.ended_at).is_(None),
        )
        .where(Referral.status == Status.AWAITING_CONSENT)
    )
    return list(db.execute(back)), list(db.execute(waiting))


def _steps(db: Session, referrals: Iterable[UUID]) -> dict[UUID, list[tuple[Status, date]]]:
    steps = db.exec(
        select(ReferralStep)
        .where(col(ReferralStep.referral_id).in_(list(referrals)))
        .order_by(col(ReferralStep.created_at), col(ReferralStep.id))
    )
    found: dict[UUID, list[tuple[Status, date]]] = {}
    for step in steps:
        on = clock.local(step.created_at).date()
        found.setdefault(step.referral_id, []).append((step.after, on))
    return found


def _history(row: Row[Any], steps: list[tuple[Status, date]]) -> str:
    """« Orientation décidée le 12 mars 2026 : envoyée le 13 mars 2026, refusée le 2 avril 2026. »

    Neither its number nor where it went: the agency that refused it would know who it is."""
    told, last = [], None
    for status, on in steps:
        if status in _SAID and status is not last:
            told.append(f"{_SAID[status]} le {french.day(on)}")
            last = status
    if row.status not in _SAID or row.status is Status.SENT:
        told.append("toujours sans réponse")
    decided = french.day(clock.local(row.starts_at).date())
    history = ", ".join(told) or _SAID.get(row.status, "")
    return f"Orientation décidée le {decided}\u00a0: {history}."


def _actions(db: Session, meeting: Meeting) -> list[Point]:
    """Open actions by agency. An action about a person keeps its text behind the person's door."""
    today = clock.today()
    rows = db.execute(
        select(FollowUp, Agency.name, Agency.sensitive)
        .join(Agency, col(Agency.id) == FollowUp.agency_id)
        .where(
            FollowUp.committee_id == meeting.committee_id,
            FollowUp.meeting_id != meeting.id,
            FollowUp.state == FollowUpState.OPEN,
            col(FollowUp.confirmed).is_(True),
        )
        .order_by(Agency.name, col(FollowUp.due_on).is_(None), col(FollowUp.due_on),
                  col(FollowUp.id))
    )  # fmt: skip
    found = []
    for action, agency, sensitive in rows:
        personal = action.person_id is not None
        shown = "une structure partenaire" if personal and sensitive else agency
        because = (f"Action confiée à {shown}{_due(action.due_on, today)}.",)
        found.append(
            Point(
                section=Section.FOLLOW_UP,
                minutes=SHORT_MINUTES,
                because=because,
                title="" if personal else action.what,
                snapshot={"programme": "", "agency": shown, "sentences": list(because)},
                person_id=action.person_id,
                agency_id=action.agency_id,
                follow_up_id=action.id,
            )
        )
    return found


def _due(due_on: date | None, today: date) -> str:
    if due_on is None:
        return ", sans date"
    if due_on >= today:
        return f", pour le {french.day(due_on)}"
    late = french.count((today - due_on).days, "jour")
    return f", pour le {french.day(due_on)}, en retard de {late}"
