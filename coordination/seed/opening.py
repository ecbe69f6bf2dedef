"""What the house does by itself once the rows are there: alerts, and on the stage the next meeting,
its agenda proposed, kept, frozen and sent by the verbs of the product."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import assembly, clock, db
from coordination.agencies import actors
from coordination.agencies.models import Professional
from coordination.committees.agenda import edit, freezing, propose
from coordination.committees.meetings import calendar
from coordination.committees.models import Committee, Mandate, MandateRole, Meeting, MeetingState
from coordination.signals import runner


def raise_alerts(engine: Engine) -> None:
    runner.run(engine, assembly.RULES)


def convene(engine: Engine) -> None:
    """The COPASS of the personas, which meets in a few days."""
    with db.transaction(engine, assembly.CLOSERS) as session:
        meeting = _next(session)
        secretary = session.exec(
            select(Professional).where(Professional.persona == "secretariat")
        ).one()
        actor = actors.of_professional(session, secretary.id)
        assert actor is not None
        propose.propose(session, meeting)
        session.flush()
        if edit.accept_all(session, meeting, actor=actor):
            freezing.freeze(session, meeting, actor=actor)
        calendar.invite(session, meeting, actor=actor)


def _next(session: Session) -> Meeting:
    chair = (
        select(Mandate.committee_id)
        .join(Professional, col(Professional.id) == Mandate.professional_id)
        .where(Professional.persona == "presidence", Mandate.role == MandateRole.CHAIR)
    )
    return session.exec(
        select(Meeting)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(Meeting.committee_id).in_(chair),
            Meeting.state == MeetingState.PLANNED,
            Meeting.starts_at > clock.now(),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(1)
    ).one()
