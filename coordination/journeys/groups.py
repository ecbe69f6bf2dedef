"""Groups of a programme: who is in them, and how many there may be."""

from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.db import past_walls
from coordination.errors import Invalid, Refused
from coordination.journeys import notes
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.programmes import rules

ENTRY = "entry"  # the field where a page chooses who enters, or where


class Full(Invalid):
    """The group has as many people as the programme allows."""


def open_group(
    db: Session,
    *,
    agency_id: UUID,
    programme_id: UUID,
    label: str,
    from_on: date,
    until_on: date | None = None,
    actor: Actor,
) -> Cohort:
    """A group that people may join; its rhythm is the programme's."""
    if until_on and until_on < from_on:
        raise Invalid("La fin du groupe vient après son début.", field="until_on")
    rhythm = rules.in_force(db, programme_id, from_on).rhythm or ""
    made = Cohort(agency_id=agency_id, programme_id=programme_id, label=label, from_on=from_on,
                  until_on=until_on, rhythm=rhythm)  # fmt: skip
    db.add(made)
    db.flush()
    audit.act(db, actor, "group.open", about=made.id)
    return made


@past_walls
def join(
    db: Session, cohort: Cohort, journey: Journey, *, on: date | None = None, actor: Actor
) -> CohortMember:
    """A journey joins the group, from its first day when it has not begun. Already there: nothing
    more. Full when the programme's number is reached: the group is held meanwhile, so that two
    people never take the last place."""
    db.exec(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update()).one()
    day = max(on or clock.today(), cohort.from_on)
    _fits(cohort, journey, day)
    known = db.exec(_there(cohort).where(CohortMember.journey_id == journey.id)).first()
    if known is not None:
        return known
    _only_here(db, journey, day)
    most = rules.in_force(db, cohort.programme_id, day).group_size_max
    if most is not None and size(db, cohort) >= most:
        raise Full(f"Ce groupe est complet : {most} personnes au plus.", field=ENTRY)
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
        _go(db, member, journey, on or clock.today(), actor)
    db.flush()


def leave_any(db: Session, journey: Journey, *, on: date, actor: Actor) -> None:
    """The journey is over: whatever group it was in has its place again."""
    for member in db.exec(of_journey(journey)).all():
        _go(db, member, journey, on, actor)


@past_walls
def close(db: Session, cohort: Cohort, *, on: date | None = None, actor: Actor) -> Cohort:
    """The group is over: those who were in it left that day, and nobody joins any more."""
    day = on or clock.today()
    if day < cohort.from_on:
        raise Invalid("Ce groupe n’a pas encore commencé ce jour-là.", field="on")
    if is_over(cohort, on=clock.today()):
        raise Refused("Ce groupe est déjà clos.")
    held = select(CohortMember, Journey).join(Journey, col(Journey.id) == CohortMember.journey_id)
    there = held.where(CohortMember.cohort_id == cohort.id, col(CohortMember.until_on).is_(None))
    for member, journey in db.exec(there).all():
        _go(db, member, journey, day, actor)
    cohort.until_on = day
    cohort.closed = True
    cohort.version += 1
    db.add(cohort)
    audit.act(db, actor, "group.close", about=cohort.id)
    return cohort


@past_walls
def size(db: Session, cohort: Cohort) -> int:
    """How many are in the group, those whom the reader may not know included."""
    there = _there(cohort).with_only_columns(func.count(col(CohortMember.id)))
    return int(db.execute(there).scalar_one())


def is_over(cohort: Cohort, *, on: date) -> bool:
    return cohort.closed or (cohort.until_on is not None and cohort.until_on < on)


def of_journey(journey: Journey) -> SelectOfScalar[CohortMember]:
    """The place that the journey holds in a group, if it does."""
    return select(CohortMember).where(
        CohortMember.journey_id == journey.id, col(CohortMember.until_on).is_(None)
    )


def _fits(cohort: Cohort, journey: Journey, day: date) -> None:
    same = (cohort.agency_id, cohort.programme_id) == (journey.agency_id, journey.programme_id)
    if not same:
        raise Invalid("Ce parcours n’est pas de ce dispositif.", field=ENTRY)
    if journey.state not in LIVE_STATES:
        raise Invalid("Ce parcours est terminé.", field=ENTRY)
    if is_over(cohort, on=day):
        raise Invalid("Ce groupe est clos : choisissez-en un autre.", field=ENTRY)


def _only_here(db: Session, journey: Journey, day: date) -> None:
    """One group at a time; the place in a group that is over is given back."""
    for member in db.exec(of_journey(journey)).all():
        other = db.get_one(Cohort, member.cohort_id)
        if not is_over(other, on=day):
            raise Invalid(f"Ce parcours est déjà dans le groupe « {other.label} » : qu’il le "
                          "quitte d’abord.", field=ENTRY)  # fmt: skip
        member.until_on = max(other.until_on or day, member.from_on)
    db.flush()


def _go(db: Session, member: CohortMember, journey: Journey, day: date, actor: Actor) -> None:
    member.until_on = max(day, member.from_on)
    db.add(member)
    notes.act(db, journey, "group.leave", actor, about=member.cohort_id)


def _there(cohort: Cohort) -> SelectOfScalar[CohortMember]:
    return select(CohortMember).where(
        CohortMember.cohort_id == cohort.id, col(CohortMember.until_on).is_(None)
    )
