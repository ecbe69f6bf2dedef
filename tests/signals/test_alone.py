"""A journey alone says what it says among all: the same rules for one journey just touched and for
the whole base at night."""

import pytest
from sqlmodel import Session, select

from coordination import assembly
from coordination import db as house
from coordination.journeys.durations import elapsed_days
from coordination.journeys.models import Journey, JourneyDue, JourneyPeriod, Suspension
from coordination.programmes.models import ProgrammeRule
from coordination.signals import raising, runner
from coordination.signals.models import Signal, SignalCode
from coordination.signals.subjects import PRESENT


def compare(engine, keys: list) -> None:
    runner.run(engine, assembly.RULES, chunk=max(70, len(keys) // 7))
    with house.transaction(engine) as session:
        raised = session.exec(select(Signal).where(Signal.journey_id.in_(keys)))
        whole = {(s.code, s.subject_id): _said(s) for s in raised}
        alone = {}
        for key in keys:
            alone |= {said: _said(f) for said, f in _of(session, key).items()}
        few = runner.say(session, assembly.RULES, raising.these(*keys[: runner.FEW]))
    listed = {said: _said(f) for said, f in few.items()}
    assert listed == {said: f for said, f in alone.items() if f[0] in keys[: runner.FEW]}
    assert alone == whole
    assert {code for code, _ in whole} == set(SignalCode)


def _of(session: Session, key) -> dict:
    """As after a change of this journey: listed, then among however many were touched."""
    listed = runner.say(session, assembly.RULES, raising.these(key))
    touched = JourneyDue(journey_id=key)
    session.add(touched)
    session.flush()
    found = runner.say(session, assembly.RULES, raising.due)
    session.delete(touched)
    session.flush()
    assert found == listed
    return found


def _said(found) -> tuple:
    return (
        found.journey_id, found.person_id, found.agency_id, found.since_on,
        found.sentence, found.score, found.severity,
    )  # fmt: skip


@pytest.mark.sqlite_first
def test_hundreds_of_random_journeys_say_the_same_alone_and_together(engine, crowd):
    compare(engine, crowd(300, seed=20260604))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_thousands_of_random_journeys_say_the_same_alone_and_together(engine, crowd, seed):
    compare(engine, crowd(1500, seed=seed))


@pytest.mark.sqlite_first
def test_the_weight_of_each_alert_is_explained_by_its_rule(engine, crowd):
    """No hidden factor: the score is the rule's weight times a number between 0 and 2."""
    crowd(200, seed=7)
    with house.reading(engine) as session:
        weights: dict[SignalCode, set[float]] = {}
        for rule in assembly.RULES:
            weights.setdefault(rule.code, set()).add(rule.weight)
        for (code, _), found in runner.say(
            session, assembly.RULES, raising.between(None, None)
        ).items():
            assert any(0 <= found.score <= 2 * weight for weight in weights[code])


def test_a_long_journey_in_sql_is_the_one_of_the_pure_function(engine, town, crowd):
    crowd(300, seed=3)
    with house.reading(engine) as session:
        limits = raising.thresholds(session, town.today)
        said = runner.say(session, assembly.RULES, raising.between(None, None))
        raised = {key for (code, key) in said if code is SignalCode.DUREE_EXCESSIVE}
        most = limits.days("max_duration_months", "max_duration_weeks")
        fixed = {
            rule.programme_id for rule in session.exec(select(ProgrammeRule)) if rule.fixed_duration
        }
        expected = set()
        for journey in session.exec(select(Journey)):
            lived, paused = (
                [
                    (row.from_on, getattr(row, end))
                    for row in session.exec(select(kind).where(kind.journey_id == journey.id))
                ]
                for kind, end in ((JourneyPeriod, "until_on"), (Suspension, "ended_on"))
            )
            counted = [] if journey.programme_id in fixed else paused
            days = elapsed_days(lived, counted, on=town.today)
            longest = most.get(journey.programme_id)
            if longest and journey.state in PRESENT and 10 * days > 9 * longest:
                expected.add(journey.id)
    assert raised == expected
    assert len(expected) > 20
