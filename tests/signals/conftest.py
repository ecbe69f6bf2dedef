"""What the tests of alerts say of a journey, without the rest of the house."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlmodel import Session

from coordination import assembly
from coordination import db as house
from coordination.journeys.models import (
    Channel,
    Contact,
    Journey,
    Presence,
    Suspension,
    SuspensionCause,
)
from coordination.signals import raising, runner
from coordination.signals.models import SignalCode
from tests.signals import crowds


@pytest.fixture
def said(db: Session, town: SimpleNamespace) -> Callable[..., dict[str, str]]:
    """said() → code → sentence, of what the rules say today of Dana's journey."""

    def ask(journey: Journey | None = None) -> dict[str, str]:
        db.flush()
        scope = raising.these((journey or town.journey).id)
        found = runner.say(db, assembly.RULES, scope)
        return {f.code.value: f.sentence.replace("\u00a0", " ") for f in found.values()}

    return ask


@pytest.fixture
def finding(db: Session, town: SimpleNamespace) -> Callable[[SignalCode], raising.Finding]:
    def ask(code: SignalCode) -> raising.Finding:
        db.flush()
        found = runner.say(db, assembly.RULES, raising.these(town.journey.id))
        return next(f for f in found.values() if f.code is code)

    return ask


@pytest.fixture
def met(db: Session) -> Callable[..., Contact]:
    def add(journey: Journey, on_day, presence=Presence.PRESENT, with_person=True) -> Contact:
        contact = Contact(
            journey_id=journey.id,
            agency_id=journey.agency_id,
            on_day=on_day,
            channel=Channel.PHONE,
            presence=presence,
            with_person=with_person,
        )
        db.add(contact)
        return contact

    return add


@pytest.fixture
def paused(db: Session) -> Callable[..., Suspension]:
    def add(journey: Journey, from_on, ended_on=None, planned_resume_on=None) -> Suspension:
        suspension = Suspension(
            journey_id=journey.id,
            from_on=from_on,
            ended_on=ended_on,
            planned_resume_on=planned_resume_on,
            cause=SuspensionCause.OTHER,
        )
        db.add(suspension)
        return suspension

    return add


@pytest.fixture
def crowd(engine, town) -> Callable[..., list]:
    """crowd(count, seed=…) → the keys of so many random journeys."""

    def grow(count: int, *, seed: int) -> list:
        town.consent = town.committee_consent.id
        with house.transaction(engine) as session:
            return crowds.Crowd(town, crowds.programmes(session, town), seed).grow(session, count)

    return grow
