"""What a confirmed decision changes, outcome by outcome. Called by `decisions.confirm` only, inside
the transaction that confirms."""

from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.committees import actions
from coordination.committees.live import carrying
from coordination.committees.models import (
    AgendaItem,
    Committee,
    Decision,
    DecisionDestination,
    DecisionOutcome,
    FollowUp,
    ItemState,
    Meeting,
)
from coordination.directory.reference import needs
from coordination.journeys import moves
from coordination.journeys.models import Journey, Need, SuspensionCause
from coordination.journeys.needs import open_need
from coordination.referrals import moves as referrals
from coordination.web import french


def take(
    db: Session,
    decision: Decision,
    *,
    item: AgendaItem,
    meeting: Meeting,
    journey: Journey | None,
    actor: Actor,
) -> None:
    """Maintien and suivi habituel change nothing but the item."""
    if item.state is not ItemState.CARRIED:
        item.state = ItemState.EXAMINED
    if decision.outcome is DecisionOutcome.ADJOURN:
        carrying.carry_over(db, item, meeting, actor=actor, why=_why(decision),
                            review_on=decision.until_on)  # fmt: skip
    if journey is None:
        return
    match decision.outcome:
        case DecisionOutcome.REFERRAL:
            _refer(db, decision, journey, meeting, actor)
        case DecisionOutcome.HAND_OVER:
            _hand_over(db, decision, item, meeting, actor)
        case DecisionOutcome.SUSPEND:
            assert decision.until_on is not None  # recorded so
            moves.suspend(db, journey, actor=actor, cause=decision.cause or SuspensionCause.OTHER,
                          planned_resume_on=decision.until_on, reason=_why(decision),
                          keeps_contact=decision.keeps_contact,
                          contact_every_days=decision.contact_every_days,
                          acquired=decision.acquired or "")  # fmt: skip
        case DecisionOutcome.RESUME:
            moves.resume(db, journey, actor=actor, reason=_why(decision))
        case DecisionOutcome.EXTEND:
            assert decision.until_on is not None  # recorded so
            moves.extend(db, journey, until_on=decision.until_on, actor=actor,
                         reason=_why(decision))  # fmt: skip


def destinations(db: Session, decision_id: UUID) -> list[DecisionDestination]:
    wanted = select(DecisionDestination).where(DecisionDestination.decision_id == decision_id)
    return list(
        db.exec(wanted.order_by(col(DecisionDestination.rank), col(DecisionDestination.id)))
    )


def _refer(
    db: Session, decision: Decision, journey: Journey, meeting: Meeting, actor: Actor
) -> None:
    """One referral per destination. Those of the first rank leave, or wait for the agreement; the
    next ones stay prepared until their turn."""
    need = _need(db, decision, journey, actor)
    decision.need_id = need.id
    committee = db.get_one(Committee, meeting.committee_id)
    on = french.day(clock.local(meeting.starts_at).date())
    chosen = destinations(db, decision.id)
    first = min((destination.rank for destination in chosen), default=1)
    for destination in chosen:
        referral = referrals.prepare(
            db,
            need=need,
            journey=journey,
            recipient_id=destination.agency_id,
            service_id=destination.service_id,
            rank=destination.rank,
            question=decision.text,
            origin_label=f"{committee.name}, séance du {on}",
            origin_id=decision.id,
            actor=actor,
        )
        destination.referral_id = referral.id
        if destination.rank == first:
            referrals.send_or_wait(db, referral, actor=actor)


def _need(db: Session, decision: Decision, journey: Journey, actor: Actor) -> Need:
    found = needs.find(decision.need_code)
    assert found is not None  # recorded so
    return open_need(db, journey, code=found.code, label=found.label, category=found.category,
                     actor=actor, origin="decision")  # fmt: skip


def _hand_over(
    db: Session, decision: Decision, item: AgendaItem, meeting: Meeting, actor: Actor
) -> None:
    """Who takes over has an action of it, so that the hand-over is followed to its end. What it
    must know stays with the decision, for those whom consent lets read it."""
    for destination in destinations(db, decision.id):
        action = FollowUp(
            committee_id=meeting.committee_id,
            meeting_id=meeting.id,
            item_id=item.id,
            person_id=item.person_id,
            agency_id=destination.agency_id,
            what="Prendre le relais décidé en comité, et dire quand c’est fait",
            due_on=decision.tell_by,
        )
        db.add(action)
        db.flush()
        actions.confirm(db, action, actor=actor)


def _why(decision: Decision) -> str:
    return decision.reason or decision.text
