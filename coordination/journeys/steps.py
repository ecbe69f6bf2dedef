"""The steps of a journey, one after another or on tracks side by side."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.journeys import notes
from coordination.journeys.models import Journey, Step, StepKind
from coordination.journeys.models_along import StepPrerequisite
from coordination.programmes import rules


def plan(
    db: Session,
    journey: Journey,
    *,
    kind: StepKind,
    planned_from: date | None = None,
    planned_until: date | None = None,
    label: str = "",
    track: str = "",
    module: str = "",
    agency_id: UUID | None = None,
    programme_id: UUID | None = None,
    supported_meanwhile: bool = False,
    prerequisites: Iterable[str] = (),
    actor: Actor,
) -> Step:
    """A step to come. Tracks and modules are those of the journey's programme; what must be met
    before it is what the programme it leads into asks, and what is said here."""
    if planned_from and planned_until and planned_until < planned_from:
        raise Invalid("La fin de l’étape vient après son début.", field="planned_until")
    asked = rules.in_force(db, journey.programme_id, clock.today())
    _among(track, asked.tracks, "track", "Cette voie n’est pas prévue par le dispositif.")
    _among(module, asked.modules, "module", "Ce service n’est pas prévu par le dispositif.")
    step = Step(
        journey_id=journey.id,
        kind=kind,
        label=label,
        track=track,
        module=module,
        agency_id=agency_id,
        programme_id=programme_id,
        planned_from=planned_from,
        planned_until=planned_until,
        supported_meanwhile=supported_meanwhile,
    )
    db.add(step)
    db.flush()
    for needed in dict.fromkeys((*_prerequisites(db, programme_id, planned_from), *prerequisites)):
        db.add(StepPrerequisite(step_id=step.id, journey_id=journey.id, label=needed))
    notes.act(db, journey, "step.plan", actor, about=step.id, kind=kind.value)
    return step


def begin(db: Session, step: Step, *, on: date | None = None, actor: Actor) -> Step:
    """The step really begins. Begun twice is refused."""
    day = on or clock.today()
    if step.from_on is not None:
        raise Refused("Cette étape a déjà commencé.")
    if day > clock.today():
        raise Invalid("Cette date est dans l’avenir.", field="on")
    step.from_on = day
    return _noted(db, step, "step.begin", actor)


def finish(db: Session, step: Step, *, on: date | None = None, actor: Actor) -> Step:
    day = on or clock.today()
    if step.from_on is None or day < step.from_on:
        raise Invalid("La fin d’une étape vient après son début.", field="on")
    step.until_on = day
    return _noted(db, step, "step.finish", actor)


def drop(db: Session, step: Step, *, actor: Actor) -> None:
    """A step that never began is no longer planned: the journal keeps that it was."""
    if step.from_on is not None:
        raise Refused("Cette étape a commencé : notez plutôt sa fin.")
    for needed in db.exec(awaited(step)).all():
        db.delete(needed)
    db.flush()
    _noted(db, step, "step.drop", actor)
    db.delete(step)


def meet(
    db: Session, needed: StepPrerequisite, *, on: date | None = None, actor: Actor
) -> StepPrerequisite:
    """A prerequisite is met."""
    needed.met_on = needed.met_on or on or clock.today()
    journey = db.get_one(Journey, needed.journey_id)
    notes.act(db, journey, "step.prerequisite_met", actor, about=needed.step_id)
    return needed


def of(journey: Journey) -> SelectOfScalar[Step]:
    """In the order of time: real dates first, planned ones otherwise."""
    return (
        select(Step)
        .where(Step.journey_id == journey.id)
        .order_by(col(Step.from_on).is_(None), col(Step.from_on), col(Step.planned_from),
                  col(Step.id))
    )  # fmt: skip


def awaited(step: Step) -> SelectOfScalar[StepPrerequisite]:
    return (
        select(StepPrerequisite)
        .where(StepPrerequisite.step_id == step.id)
        .order_by(col(StepPrerequisite.id))
    )


def _among(value: str, known: Collection[str], field: str, message: str) -> None:
    if value and known and value not in known:
        raise Invalid(message, field=field)


def _prerequisites(db: Session, programme_id: UUID | None, on: date | None) -> tuple[str, ...]:
    if programme_id is None:
        return ()
    return rules.in_force(db, programme_id, on or clock.today()).prerequisites


def _noted(db: Session, step: Step, verb: str, actor: Actor) -> Step:
    notes.act(db, db.get_one(Journey, step.journey_id), verb, actor, about=step.id)
    return step
