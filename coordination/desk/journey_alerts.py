"""The alerts of a journey's page, each with the gesture that makes it fall."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import access, labels
from coordination.agencies.actors import Actor
from coordination.committees import queries as committees
from coordination.committees.models import FollowUp
from coordination.desk import journey_treat
from coordination.journeys.models import Journey
from coordination.signals import life, score
from coordination.signals import queries as signals
from coordination.signals.models import Signal, SignalCode, SignalState


class Alert(NamedTuple):
    """As the page unpacks it. `way`: (words, address) of what answers it, for who may."""

    id: UUID
    name: str
    sentence: str
    word: str
    since: date
    on_agenda: bool
    way: tuple[str, str] | None
    may_dismiss: bool


def of(db: Session, actor: Actor, journey: Journey, *, own: bool) -> list[Alert]:
    """Those that stand now, the heaviest first."""
    rows = db.execute(signals.live([journey.id])).all()
    late = [row.id for row in rows if row.code is SignalCode.SUITE_EN_RETARD]
    meetings = _meetings(db, actor, late) if late else {}
    return [
        Alert(
            row.id,
            labels.of(row.code),
            row.sentence,
            score.word(row.severity),
            row.since_on,
            row.state is SignalState.ON_AGENDA,
            journey_treat.way(row.code, journey.id, own=own, meeting_id=meetings.get(row.id)),
            life.may_dismiss(row.code),
        )
        for row in rows
    ]


def _meetings(db: Session, actor: Actor, late: Collection[UUID]) -> dict[UUID, UUID]:
    """Alert → the meeting that decided the action, where the actor may open its follow-up."""
    if not access.may(actor, access.Permission.MINUTES_READ):
        return {}
    wanted = (
        select(Signal.id, FollowUp.meeting_id)
        .join(FollowUp, col(FollowUp.id) == col(Signal.subject_id))
        .where(
            col(Signal.id).in_(late), col(FollowUp.meeting_id).in_(committees.meetings_of(actor))
        )
    )
    return dict(db.exec(wanted).all())
