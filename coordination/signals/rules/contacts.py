"""Contacts with the person: none, missed ones, and those due after the exit."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlmodel import col

from coordination.agencies.models import Agency
from coordination.journeys.models import Contact, Journey, JourneyState, Presence, Suspension
from coordination.journeys.models_along import ExitContact
from coordination.programmes.models import ProgrammeRule
from coordination.signals import sentences, spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope
from coordination.signals.subjects import ENTERED, came_back_on, of_journey, resumed_on
from coordination.signals.thresholds import Thresholds

CADENCES = 2  # contacts missed in a row
ABSENCES, ABSENT_WITHIN = 3, 30  # days
LATE_DAYS = 28  # a call after the exit that waits longer weighs more


def _last_met(today: date, *also: ColumnElement[bool]) -> ScalarSelect[date]:
    """The last day that someone met the person."""
    met = select(func.max(col(Contact.on_day))).where(
        col(Contact.journey_id) == col(Journey.id),
        *also,
        col(Contact.on_day) <= today,
        col(Contact.with_person),
        col(Contact.presence) == Presence.PRESENT,
    )
    return met.scalar_subquery()


def _no_contact(today: date, limits: Thresholds, scope: Scope) -> Columns:
    cadence, entered = col(ProgrammeRule.contact_every_days), col(Journey.entered_on)
    contact = _last_met(today)
    resumed, back = resumed_on(today), came_back_on(today)
    start = spans.latest(entered, func.coalesce(resumed, entered))
    start = spans.latest(start, func.coalesce(back, start))
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
            back=back,
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


def _no_contact_in_pause(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """Whoever keeps contact during a pause, as often as was said when it began."""
    every, begun = col(Suspension.contact_every_days), col(Suspension.from_on)
    contact = _last_met(today, col(Contact.on_day) >= begun)
    since = func.coalesce(contact, begun)
    return (
        of_journey(
            col(Suspension.id),
            since,
            measure=spans.days_between(since, today),
            threshold=every * CADENCES,
            cadence=every,
            contact=contact,
        )
        .join(Suspension, col(Suspension.journey_id) == col(Journey.id))
        .join(Agency, col(Agency.id) == col(Journey.agency_id))
        .where(
            scope(col(Journey.id)),
            col(Journey.state) == JourneyState.SUSPENDED,
            col(Suspension.ended_on).is_(None),
            col(Agency.records_contacts),
            every > 0,
            spans.days_between(begun, today) >= every * CADENCES,
            spans.days_between(since, today) >= every * CADENCES,
        )
    )


def _absences(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """Excused ones do not count."""
    missed = (
        select(
            col(Contact.journey_id).label("journey_id"),
            func.count().label("missed"),
            func.max(col(Contact.on_day)).label("last"),
        )
        .where(
            scope(col(Contact.journey_id)),
            col(Contact.presence) == Presence.ABSENT,
            col(Contact.with_person),
            col(Contact.on_day) > today - timedelta(days=ABSENT_WITHIN),
            col(Contact.on_day) <= today,
        )
        .group_by(col(Contact.journey_id))
        .having(func.count() >= ABSENCES)
        .subquery()
    )
    return (
        of_journey(col(Journey.id), missed.c.last, measure=missed.c.missed)
        .join(missed, missed.c.journey_id == col(Journey.id))
        .where(scope(col(Journey.id)), col(Journey.state).in_(ENTERED))
    )


def _after_exit(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """Written at the exit from the rules of that day; neither done nor dropped."""
    return (
        of_journey(col(ExitContact.id), col(ExitContact.due_on), whom=col(ExitContact.whom))
        .join(ExitContact, col(ExitContact.journey_id) == col(Journey.id))
        .where(
            scope(col(ExitContact.journey_id)),
            col(Journey.state) == JourneyState.ENDED,
            col(ExitContact.due_on) <= today,
            col(ExitContact.done_on).is_(None),
            col(ExitContact.dropped_on).is_(None),
        )
    )


RULES = (
    Rule(
        SignalCode.SANS_CONTACT,
        2.0,
        _no_contact,
        sentences.no_contact,
        asks=("contact_every_days",),
    ),
    Rule(SignalCode.SANS_CONTACT, 2.0, _no_contact_in_pause, sentences.no_contact_in_pause),
    Rule(
        SignalCode.ABSENCES_REPETEES,
        2.0,
        _absences,
        sentences.absences,
        past=lambda today, row: row.measure / ABSENCES,
    ),
    Rule(
        SignalCode.SUIVI_APRES_SORTIE_DU,
        1.5,
        _after_exit,
        sentences.after_exit,
        past=lambda today, row: 1 + (today - row.since_on).days / LATE_DAYS,
    ),
)
