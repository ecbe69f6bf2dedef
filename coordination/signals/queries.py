"""Reading alerts and demands. Alerts tell nothing personal; who may see the journey behind them is
asked elsewhere (`journeys.queries`, `consent.rule`)."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as rows_of
from sqlmodel.sql.expression import SelectOfScalar

from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.errors import NotFound
from coordination.journeys import queries as journeys
from coordination.journeys.models import LIVE_STATES, Journey, Party
from coordination.persons.models import Person
from coordination.signals import score
from coordination.signals.models import (
    Demand,
    DemandState,
    Signal,
    SignalCode,
    SignalState,
    TeamSignal,
)

Columns = Select[*tuple[Any, ...]]

ASKED = (DemandState.OPEN, DemandState.ON_AGENDA)


class Candidate(NamedTuple):
    """A journey that a committee could examine: the clock's reading, no name. `on_agenda` when
    every one of its alerts already stands on an agenda."""

    journey_id: UUID
    person_id: UUID
    agency_id: UUID
    programme_id: UUID
    sentences: tuple[str, ...]
    codes: tuple[SignalCode, ...]
    signal_ids: tuple[UUID, ...]
    score: float
    severity: int
    demand_id: UUID | None
    asked_on: date | None
    since_on: date
    on_agenda: bool


def live(journey_ids: Collection[UUID]) -> Columns:
    """(journey_id, id, code, severity, score, sentence, since_on, state) of the alerts that stand
    now on these journeys, the heaviest first."""
    return (
        select(
            col(Signal.journey_id),
            col(Signal.id),
            col(Signal.code),
            col(Signal.severity),
            col(Signal.score),
            col(Signal.sentence),
            col(Signal.since_on),
            col(Signal.state),
        )
        .where(col(Signal.journey_id).in_(journey_ids), col(Signal.ended_at).is_(None))
        .order_by(
            col(Signal.journey_id),
            col(Signal.score).desc(),
            col(Signal.since_on),
            col(Signal.code),
            col(Signal.subject_id),
        )
    )


def for_territory(*, agency_ids: Collection[UUID], territory_id: UUID | None, on: date) -> Columns:
    """Every alert that stands on a live journey of the territory (any, when None), carried or
    prescribed by one of these agencies, with its journey's programme and its demand if it is one;
    and those of people who left: who asks to come back, who is owed a contact that the carrying
    agency would have noted (an agency that records none says nothing by its silence).
    A person under restricted access is absent unless someone asked for an examination."""
    where = col(Journey.territory_id), col(Agency.territory_id)
    wanted = (
        select(
            col(Signal.journey_id),
            col(Signal.person_id),
            col(Journey.agency_id),
            col(Journey.programme_id),
            col(Signal.id),
            col(Signal.code),
            col(Signal.subject_id),
            col(Signal.sentence),
            col(Signal.score),
            col(Signal.since_on),
            col(Signal.state),
            col(Demand.asked_on),
        )
        .join(Journey, col(Journey.id) == col(Signal.journey_id))
        .join(Agency, col(Agency.id) == col(Journey.agency_id))
        .join(Person, col(Person.id) == col(Signal.person_id))
        .outerjoin(
            Demand,
            and_(
                col(Signal.code) == SignalCode.DEMANDE_EXAMEN,
                col(Demand.id) == col(Signal.subject_id),
            ),
        )
        .where(
            col(Signal.ended_at).is_(None),
            col(Signal.since_on) <= on,
            or_(
                col(Journey.state).in_(LIVE_STATES),
                col(Signal.code) == SignalCode.RETOUR_POSSIBLE,
                and_(
                    col(Signal.code) == SignalCode.SUIVI_APRES_SORTIE_DU,
                    col(Agency.records_contacts),
                ),
            ),
            or_(col(Journey.agency_id).in_(agency_ids), col(Journey.prescriber_id).in_(agency_ids)),
            or_(~col(Person.restricted), _asked(col(Journey.id))),
        )
        .order_by(
            col(Signal.journey_id),
            col(Signal.score).desc(),
            col(Signal.since_on),
            col(Signal.code),
            col(Signal.subject_id),
        )
    )
    if territory_id is None:
        return wanted
    return wanted.where(func.coalesce(*where) == territory_id)


def candidates(
    db: Session | OrmSession,
    *,
    agency_ids: Collection[UUID],
    territory_id: UUID | None,
    on: date,
) -> list[Candidate]:
    """One candidate per journey with its sentences, the heaviest first, then the oldest, then by
    id. Two queries whatever the number."""
    found: dict[UUID, list[Any]] = {}
    for row in db.execute(for_territory(agency_ids=agency_ids, territory_id=territory_id, on=on)):
        found.setdefault(row.journey_id, []).append(row)
    gathered = [_candidate(rows) for rows in found.values()]
    return sorted(gathered, key=lambda c: (-c.score, c.since_on, c.journey_id))


def history(journey_id: UUID) -> SelectOfScalar[Signal]:
    """Every alert of a journey: those that stand, the heaviest first, then the past, the latest
    first."""
    return (
        rows_of(Signal)
        .where(Signal.journey_id == journey_id)
        .order_by(
            col(Signal.ended_at).is_not(None),
            col(Signal.ended_at).desc(),
            col(Signal.score).desc(),
            col(Signal.since_on),
            col(Signal.code),
            col(Signal.id),
        )
    )


def of_team(agency_id: UUID) -> SelectOfScalar[TeamSignal]:
    """What stands on an agency's own load."""
    return (
        rows_of(TeamSignal)
        .where(TeamSignal.agency_id == agency_id, col(TeamSignal.ended_at).is_(None))
        .order_by(col(TeamSignal.score).desc(), col(TeamSignal.id))
    )


def demands(journey_id: UUID) -> SelectOfScalar[Demand]:
    """The demands made about a journey, the newest first."""
    return (
        rows_of(Demand)
        .where(Demand.journey_id == journey_id)
        .order_by(col(Demand.asked_on).desc(), col(Demand.id).desc())
    )


def open_demand(journey_id: UUID) -> SelectOfScalar[Demand]:
    return demands(journey_id).where(col(Demand.state).in_(ASKED)).limit(1)


def one_demand(db: Session, actor: Actor, demand_id: UUID, *, hold: bool = False) -> Demand:
    """A demand of the actor's own agency."""
    wanted = rows_of(Demand).where(Demand.id == demand_id, Demand.agency_id == actor.agency_id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cette demande n’existe pas.")
    return found


def one(db: Session, actor: Actor, signal_id: UUID, *, hold: bool = False) -> Signal:
    """A standing alert on a journey that the actor's agency carries or is party to."""
    party = exists().where(
        col(Party.journey_id) == col(Journey.id),
        col(Party.agency_id) == actor.agency_id,
        col(Party.until_on).is_(None),
    )
    ours = journeys.visible_to(actor).where(or_(col(Journey.agency_id) == actor.agency_id, party))
    wanted = rows_of(Signal).where(
        Signal.id == signal_id,
        col(Signal.ended_at).is_(None),
        col(Signal.journey_id).in_(ours.with_only_columns(col(Journey.id))),
    )
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cette alerte n’existe pas, ou ne tient plus.")
    return found


def _asked(journey_id: Any) -> Any:
    asked = aliased(Demand)  # the query around may look at demands too
    return (
        select(col(asked.id))
        .where(col(asked.journey_id) == journey_id, col(asked.state).in_(ASKED))
        .exists()
    )


def _candidate(rows: list[Any]) -> Candidate:
    first, total = rows[0], round(sum(row.score for row in rows), 2)
    asked = next((row for row in rows if row.code is SignalCode.DEMANDE_EXAMEN), None)
    return Candidate(
        journey_id=first.journey_id,
        person_id=first.person_id,
        agency_id=first.agency_id,
        programme_id=first.programme_id,
        sentences=tuple(row.sentence for row in rows),
        codes=tuple(row.code for row in rows),
        signal_ids=tuple(row.id for row in rows),
        score=total,
        severity=score.severity(total),
        demand_id=asked.subject_id if asked else None,
        asked_on=asked.asked_on if asked else None,
        since_on=min(row.since_on for row in rows),
        on_agenda=all(row.state is SignalState.ON_AGENDA for row in rows),
    )
