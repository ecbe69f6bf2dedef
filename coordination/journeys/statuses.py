"""The person's statuses along a journey, and whether money comes in under each."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.journeys import notes
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Pay, PersonStatus, StatusPeriod
from coordination.programmes import rules


def record(
    db: Session,
    journey: Journey,
    *,
    status: PersonStatus,
    pay: Pay,
    from_on: date | None = None,
    pay_label: str = "",
    actor: Actor,
) -> StatusPeriod:
    """A status from a day on, the future included: the one before it ends that day."""
    day = from_on or clock.today()
    known = db.exec(of(journey)).all()
    if any(period.from_on == day for period in known):
        raise Invalid("Un statut commence déjà ce jour-là.", field="from_on")
    before = [period for period in known if period.from_on < day]
    after = [period for period in known if period.from_on > day]
    made = StatusPeriod(
        person_id=journey.person_id,
        journey_id=journey.id,
        agency_id=actor.agency_id or journey.agency_id,
        status=status,
        from_on=day,
        until_on=after[0].from_on if after else None,
        pay=pay,
        pay_label=pay_label,
    )
    if before:
        before[-1].until_on = day
    db.add(made)
    db.flush()
    notes.act(db, journey, "status.record", actor, about=made.id, status=status.value)
    return made


def end(db: Session, period: StatusPeriod, *, on: date, actor: Actor) -> StatusPeriod:
    """The status ends with nothing after it: from there no money is known to come in."""
    if on < period.from_on:
        raise Invalid("Ce statut n’a pas encore commencé ce jour-là.", field="on")
    period.until_on = on
    journey = db.get_one(Journey, period.journey_id)
    notes.act(db, journey, "status.end", actor, about=period.id)
    return period


def secure_pay(
    db: Session, period: StatusPeriod, *, pay_label: str = "", actor: Actor
) -> StatusPeriod:
    """The pay of a status, planned or begun, is now certain."""
    period.pay, period.pay_label = Pay.SECURED, pay_label or period.pay_label
    db.add(period)
    notes.act(db, db.get_one(Journey, period.journey_id), "status.pay", actor, about=period.id)
    return period


def of(journey: Journey) -> SelectOfScalar[StatusPeriod]:
    """In the order of time."""
    return (
        select(StatusPeriod)
        .where(StatusPeriod.journey_id == journey.id)
        .order_by(col(StatusPeriod.from_on), col(StatusPeriod.id))
    )


def breaks(periods: Sequence[StatusPeriod]) -> list[tuple[date, date | None]]:
    """From, until: when no pay is certain, once a first status is known. Pure."""
    found: list[tuple[date, date | None]] = []
    for rank, period in enumerate(periods):
        following = periods[rank + 1] if rank + 1 < len(periods) else None
        if period.pay is not Pay.SECURED:
            found.append((period.from_on, period.until_on))
        if period.until_on and (following is None or following.from_on > period.until_on):
            found.append((period.until_on, following.from_on if following else None))
    return _joined(found)


def must_not_break(db: Session, journey: Journey) -> bool:
    """Whether the programme asks for pay without a break, today."""
    return rules.in_force(db, journey.programme_id, clock.today()).pay_must_be_continuous


def _joined(spans: list[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    joined: list[tuple[date, date | None]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
