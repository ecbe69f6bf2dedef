"""Who holds the thread of a journey, with which role, and who replaces them when they are away."""

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, case, func, union_all
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.db import columns
from coordination.errors import Invalid
from coordination.journeys import notes
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState, Referent, ReferentRole
from coordination.journeys.models_along import ReferentAbsence
from coordination.programmes import rules


class Caseload(NamedTuple):
    """Journeys that one référent holds: those present, and all that are live."""

    active: int
    total: int


def appoint(
    db: Session,
    journey: Journey,
    *,
    professional_id: UUID,
    role: ReferentRole = ReferentRole.REFERENT,
    label: str = "",
    chosen_by_person: bool = False,
    from_on: date | None = None,
    actor: Actor,
) -> Referent:
    """One more référent. Where the programme leaves the mentor to the person's choice, a mentor
    that they did not choose is refused."""
    day = from_on or clock.today()
    asked = rules.in_force(db, journey.programme_id, day)
    if role is ReferentRole.MENTOR and asked.mentor_by_choice and not chosen_by_person:
        raise Invalid("Dans ce dispositif, la personne choisit d’avoir ou non un mentor.",
                      field="chosen_by_person")  # fmt: skip
    made = Referent(
        journey_id=journey.id,
        professional_id=professional_id,
        role=role,
        label=label,
        chosen_by_person=chosen_by_person,
        from_on=day,
    )
    db.add(made)
    db.flush()
    notes.act(db, journey, "referent.appoint", actor, about=made.id, role=role.value)
    return made


def leave(db: Session, referent: Referent, *, on: date | None = None, actor: Actor) -> Referent:
    """They no longer hold this journey; the row stays."""
    referent.until_on = max(on or clock.today(), referent.from_on)
    db.add(referent)
    journey = db.get_one(Journey, referent.journey_id)
    notes.act(db, journey, "referent.leave", actor, about=referent.id)
    return referent


def away(
    db: Session,
    referent: Referent,
    *,
    from_on: date,
    until_on: date | None = None,
    replacement_id: UUID | None = None,
    actor: Actor,
) -> ReferentAbsence:
    """A référent will be away between two days; who replaces them meanwhile."""
    if until_on and until_on < from_on:
        raise Invalid("Le retour vient après le départ.", field="until_on")
    if replacement_id == referent.professional_id:
        raise Invalid("On ne se remplace pas soi-même.", field="replacement")
    made = ReferentAbsence(
        referent_id=referent.id,
        journey_id=referent.journey_id,
        from_on=from_on,
        until_on=until_on,
        replacement_id=replacement_id,
    )
    db.add(made)
    db.flush()
    journey = db.get_one(Journey, referent.journey_id)
    notes.act(db, journey, "referent.away", actor, about=made.id)
    return made


def back(
    db: Session, absence: ReferentAbsence, *, on: date | None = None, actor: Actor
) -> ReferentAbsence:
    """They are back, earlier than said or when nothing was said: the eve was the last day away. One
    who never left was never away."""
    journey = db.get_one(Journey, absence.journey_id)
    day = on or clock.today()
    notes.act(db, journey, "referent.back", actor, about=absence.id)
    if day <= absence.from_on:
        db.delete(absence)
        return absence
    absence.until_on = day - timedelta(days=1)
    db.add(absence)
    return absence


def of(journey: Journey, *, on: date | None = None) -> SelectOfScalar[Referent]:
    """The référents on a day, absent ones included, in the order they came."""
    return (
        select(Referent)
        .where(Referent.journey_id == journey.id, _on(on or clock.today()))
        .order_by(col(Referent.from_on), col(Referent.id))
    )


def in_post(
    db: Session, journey: Journey, *, on: date | None = None, role: ReferentRole | None = None
) -> list[UUID]:
    """The professionals who hold the thread that day, or that strand of it: a référent away gives
    way to the one who replaces them, or to nobody."""
    day = on or clock.today()
    away_now = {
        absence.referent_id: absence.replacement_id
        for absence in db.exec(
            select(ReferentAbsence).where(
                ReferentAbsence.journey_id == journey.id,
                ReferentAbsence.from_on <= day,
                or_(col(ReferentAbsence.until_on).is_(None), col(ReferentAbsence.until_on) >= day),
            )
        )
    }
    held = (
        away_now.get(one.id) if one.id in away_now else one.professional_id
        for one in db.exec(of(journey, on=day))
        if role in (None, one.role)
    )
    return list(dict.fromkeys(who for who in held if who))


def held_by(professional_id: UUID | None) -> CompoundSelect[tuple[UUID]]:
    """The journeys whose thread someone holds today, for themselves or in place of who is away."""
    today = clock.today()
    mine = columns(Referent.journey_id).where(
        col(Referent.professional_id) == professional_id, col(Referent.until_on).is_(None)
    )
    instead = columns(ReferentAbsence.journey_id).where(
        col(ReferentAbsence.replacement_id) == professional_id,
        col(ReferentAbsence.from_on) <= today,
        or_(col(ReferentAbsence.until_on).is_(None), col(ReferentAbsence.until_on) >= today),
    )
    return union_all(mine, instead)


def missing(db: Session, journey: Journey, *, on: date | None = None) -> list[str]:
    """The strands that the programme wants held, and that nobody holds: by their own word."""
    day = on or clock.today()
    wanted = Counter(rules.in_force(db, journey.programme_id, day).referent_roles)
    held = Counter(one.label for one in db.exec(of(journey, on=day)))
    return list((wanted - held).elements())


def caseload(db: Session, professional_id: UUID, *, on: date | None = None) -> Caseload:
    """How many journeys someone holds on a day."""
    day = on or clock.today()
    present = case((col(Journey.state) == JourneyState.ENTERED, col(Journey.id)))
    active, total = db.execute(
        select(func.count(present.distinct()), func.count(col(Journey.id).distinct()))
        .join(Referent, col(Referent.journey_id) == Journey.id)
        .where(
            Referent.professional_id == professional_id,
            _on(day),
            col(Journey.state).in_(LIVE_STATES),
        )
    ).one()
    return Caseload(active, total)


def _on(day: date) -> ColumnElement[bool]:
    return (col(Referent.from_on) <= day) & (
        col(Referent.until_on).is_(None) | (col(Referent.until_on) > day)
    )
