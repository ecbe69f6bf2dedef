"""The rules that read journeys and demands only. Each is one SELECT and one sentence; those that
read referrals or committees too stand in the `rules.py` of those rooms."""

from datetime import date
from typing import Any

from sqlalchemy import Date, func, literal, or_, select
from sqlmodel import col

from coordination import clock
from coordination.agencies.models import Agency
from coordination.consent.models import ConsentCover, Purpose
from coordination.journeys.models import (
    LIVE_STATES,
    Contact,
    Journey,
    JourneyPeriod,
    JourneyState,
    Presence,
    Step,
    Suspension,
)
from coordination.programmes.models import ProgrammeRule
from coordination.signals import sentences, spans
from coordination.signals.models import Demand, SignalCode
from coordination.signals.queries import ASKED, Columns
from coordination.signals.raising import Rule, Scope, Thresholds

WAIT_WEEKS = 4  # between two steps
CADENCES = 2  # contacts missed in a row
DEMAND_WEEKS = 8  # a demand that waits longer weighs more
CONSENT_DAYS = 14  # ten working days

ENTERED = (JourneyState.ENTERED, JourneyState.INTERSTITIAL)
PRESENT = (*ENTERED, JourneyState.SUSPENDED)


def of_journey(subject: Any, since: Any, **more: Any) -> Columns:
    """The columns that every rule answers, read on `Journey`."""
    return select(
        col(Journey.id).label("journey_id"),
        col(Journey.person_id).label("person_id"),
        col(Journey.agency_id).label("agency_id"),
        subject.label("subject_id"),
        since.label("since_on"),
        *(value.label(name) for name, value in more.items()),
    )


def covered(today: date) -> Any:
    """Whether the person has answered, yes or no, about being discussed in committee."""
    evening = clock.at(today, 23, 59)
    return (
        select(col(ConsentCover.id))
        .where(
            col(ConsentCover.person_id) == col(Journey.person_id),
            col(ConsentCover.purpose) == Purpose.COMMITTEE,
            col(ConsentCover.from_at) <= evening,
            col(ConsentCover.until_at) > evening,
        )
        .exists()
    )


def _suspended_days(today: date) -> Any:
    return func.coalesce(
        select(
            func.sum(
                spans.days_between(
                    col(Suspension.from_on), spans.until(col(Suspension.ended_on), today)
                )
            )
        )
        .where(col(Suspension.journey_id) == col(Journey.id), col(Suspension.from_on) <= today)
        .scalar_subquery(),
        0,
    )


def _present_days(today: date) -> Any:
    """From each entry to its exit, or to today."""
    periods = (
        select(
            func.sum(
                spans.days_between(
                    col(JourneyPeriod.from_on), spans.until(col(JourneyPeriod.until_on), today)
                )
            )
        )
        .where(
            col(JourneyPeriod.journey_id) == col(Journey.id), col(JourneyPeriod.from_on) <= today
        )
        .scalar_subquery()
    )
    return func.coalesce(periods, spans.days_between(col(Journey.entered_on), today))


def _resumed_on(today: date) -> Any:
    """The day the last suspension ended."""
    return (
        select(func.max(col(Suspension.ended_on)))
        .where(col(Suspension.journey_id) == col(Journey.id), col(Suspension.ended_on) <= today)
        .scalar_subquery()
    )


def _too_long(today: date, limits: Thresholds, scope: Scope) -> Columns:
    months = col(ProgrammeRule.max_duration_months)
    paused = _suspended_days(today)
    elapsed = _present_days(today) - paused
    near = spans.months_as_days(months, limits.near)
    return (
        of_journey(
            col(Journey.id),
            col(Journey.entered_on),
            measure=elapsed,
            threshold=spans.months_as_days(months, limits.full),
            months=months,
            paused=paused,
        )
        .join(ProgrammeRule, limits.in_force(col(Journey.programme_id)))
        .where(
            scope(col(Journey.id)),
            col(Journey.state).in_(PRESENT),
            months.is_not(None),
            col(Journey.entered_on) <= today,
            spans.days_between(col(Journey.entered_on), today) >= near,
            elapsed >= near,
        )
    )


def _long_suspension(today: date, limits: Thresholds, scope: Scope) -> Columns:
    months = col(ProgrammeRule.suspension_max_months)
    days = spans.days_between(col(Suspension.from_on), today)
    return (
        of_journey(
            col(Suspension.id),
            col(Suspension.from_on),
            measure=days,
            near=spans.months_as_days(months, limits.near),
            threshold=spans.months_as_days(months, limits.full),
            months=months,
            planned_resume_on=col(Suspension.planned_resume_on),
        )
        .join(Suspension, col(Suspension.journey_id) == col(Journey.id))
        .outerjoin(ProgrammeRule, limits.in_force(col(Journey.programme_id)))
        .where(
            scope(col(Journey.id)),
            col(Journey.state) == JourneyState.SUSPENDED,
            col(Suspension.ended_on).is_(None),
            col(Suspension.from_on) <= today,
            or_(
                days >= spans.months_as_days(months, limits.near),
                col(Suspension.planned_resume_on) < today,
            ),
        )
    )


def _past_suspension(today: date, row: Any) -> float:
    by_length = row.measure / row.threshold if row.threshold else 0.0
    planned = row.planned_resume_on
    late = (today - planned).days if planned else 0
    return max(by_length, 1 + late / 28 if late > 0 else 0.0)


def _no_contact(today: date, limits: Thresholds, scope: Scope) -> Columns:
    cadence, entered = col(ProgrammeRule.contact_every_days), col(Journey.entered_on)
    contact = (
        select(func.max(col(Contact.on_day)))
        .where(
            col(Contact.journey_id) == col(Journey.id),
            col(Contact.on_day) <= today,
            col(Contact.with_person),
            col(Contact.presence) == Presence.PRESENT,
        )
        .scalar_subquery()
    )
    resumed = _resumed_on(today)
    start = spans.latest(entered, func.coalesce(resumed, entered))
    since = spans.latest(start, func.coalesce(contact, start))
    return (
        of_journey(
            col(Journey.id),
            since,
            measure=spans.days_between(since, today),
            threshold=cadence * CADENCES,
            cadence=cadence,
            contact=contact,
            resumed=resumed,
        )
        .join(ProgrammeRule, limits.in_force(col(Journey.programme_id)))
        .join(Agency, col(Agency.id) == col(Journey.agency_id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state).in_(ENTERED),
            col(Agency.records_contacts),
            cadence > 0,
            entered <= today,
            spans.days_between(entered, today) >= cadence * CADENCES,
            spans.days_between(since, today) >= cadence * CADENCES,
        )
    )


def _waiting(today: date, limits: Thresholds, scope: Scope) -> Columns:
    def dates(value: Any, *where: Any) -> Any:
        mine = col(Step.journey_id) == col(Journey.id)
        return select(value).where(mine, *where)

    ended = dates(func.max(col(Step.until_on)), col(Step.until_on) <= today).scalar_subquery()
    running = dates(
        col(Step.id),
        col(Step.from_on) <= today,
        or_(col(Step.until_on).is_(None), col(Step.until_on) > today),
    )
    coming = dates(
        func.min(func.coalesce(col(Step.from_on), col(Step.planned_from))),
        col(Step.until_on).is_(None),
        or_(col(Step.from_on).is_(None), col(Step.from_on) > today),
    ).scalar_subquery()
    since = spans.latest(ended, func.coalesce(_resumed_on(today), ended))
    days = spans.days_between(since, today)
    return of_journey(
        col(Journey.id),
        since,
        measure=days,
        threshold=literal(WAIT_WEEKS * 7),
        coming=coming,
    ).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(ENTERED),
        col(Journey.entered_on) <= today,
        ended.is_not(None),
        days > WAIT_WEEKS * 7,
        ~running.exists(),
    )


def _demanded(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return (
        of_journey(
            col(Demand.id),
            col(Demand.asked_on),
            measure=spans.days_between(col(Demand.asked_on), today),
            threshold=literal(DEMAND_WEEKS * 7),
        )
        .join(Demand, col(Demand.journey_id) == col(Journey.id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state).in_(LIVE_STATES),
            col(Demand.state).in_(ASKED),
            col(Demand.asked_on) <= literal(today, Date()),
        )
    )


def _at_least_once(today: date, row: Any) -> float:
    return max(1.0, row.measure / row.threshold)


def _demanded_without_consent(today: date, limits: Thresholds, scope: Scope) -> Columns:
    waiting = _demanded(today, limits, scope).where(~covered(today))
    return waiting.with_only_columns(
        *(c for c in waiting.selected_columns if c.key != "threshold"),
        literal(CONSENT_DAYS).label("threshold"),
    )


RULES = (
    Rule(SignalCode.DUREE_EXCESSIVE, 2.0, _too_long, sentences.too_long),
    Rule(
        SignalCode.SUSPENSION_LONGUE,
        2.0,
        _long_suspension,
        sentences.suspension,
        past=_past_suspension,
    ),
    Rule(SignalCode.SANS_CONTACT, 2.0, _no_contact, sentences.no_contact),
    Rule(SignalCode.ATTENTE_ENTRE_ETAPES, 2.0, _waiting, sentences.waiting),
    Rule(SignalCode.DEMANDE_EXAMEN, 4.0, _demanded, sentences.demanded, past=_at_least_once),
    Rule(
        SignalCode.ACCORD_A_RECUEILLIR,
        1.5,
        _demanded_without_consent,
        sentences.demanded_without_consent,
        past=_at_least_once,
    ),
)
