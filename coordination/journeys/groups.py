"""Groups of a programme: who is in them, and how many there may be."""

from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Refused
from coordination.journeys import notes
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.programmes import rules


class Full(Refused):
    """The group has as many people as the programme allows."""


def open_group(
    db: Session,
    *,
    agency_id: UUID,
    programme_id: UUID,
    label: str,
    from_on: date,
    until_on: date | None = None,
) -> Cohort:
    """A group that people may join; its rhythm is the programme's."""
    rhythm = rules.in_force(db, programme_id, from_on).rhythm or ""
    made = Cohort(agency_id=agency_id, programme_id=programme_id, label=label, from_on=from_on,
                  until_on=until_on, rhythm=rhythm)  # fmt: skip
    db.add(made)
    db.flush()
    return made


def join(
    db: Session, cohort: Cohort, journey: Journey, *, on: date | None = None, actor: Actor
) -> CohortMember:
    """A journey joins the group. Already there: nothing more. Full when the programme's number is
    reached that day."""
    day = on or clock.today()
    known = db.exec(_there(cohort).where(CohortMember.journey_id == journey.id)).first()
    if known is not None:
        return known
    most = rules.in_force(db, cohort.programme_id, day).group_size_max
    if most is not None and size(db, cohort) >= most:
        raise Full(f"Ce groupe est complet : {most} personnes au plus.")
    made = CohortMember(cohort_id=cohort.id, journey_id=journey.id, from_on=day)
    db.add(made)
    db.flush()
    notes.act(db, journey, "group.join", actor, about=cohort.id)
    return made


def leave(
    db: Session, cohort: Cohort, journey: Journey, *, on: date | None = None, actor: Actor
) -> None:
    """The journey is no longer in the group: its place is free."""
    for member in db.exec(_there(cohort).where(CohortMember.journey_id == journey.id)).all():
        member.until_on = max(on or clock.today(), member.from_on)
        notes.act(db, journey, "group.leave", actor, about=cohort.id)
    db.flush()


def size(db: Session, cohort: Cohort) -> int:
    """How many are in the group."""
    there = _there(cohort).with_only_columns(func.count(col(CohortMember.id)))
    return int(db.execute(there).scalar_one())


def _there(cohort: Cohort) -> SelectOfScalar[CohortMember]:
    return select(CohortMember).where(
        CohortMember.cohort_id == cohort.id, col(CohortMember.until_on).is_(None)
    )
