"""Alerts brought in line with the rules: at each commit, at night, one journey or all of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from coordination import assembly, clock
from coordination import db as house
from coordination.journeys import contacts, moves
from coordination.journeys.models import (
    Channel,
    Journey,
    JourneyDue,
    SuspensionCause,
)
from coordination.journeys.touch import touch
from coordination.signals import demands, life, queries, runner
from coordination.signals.models import Signal, SignalCode, SignalState

DAY = timedelta(days=1)


@pytest.fixture
def alerts(engine):
    """Every alert of the base, by code: (sentence, standing)."""

    def look(journey_id=None):
        with house.reading(engine) as session:
            found = select(Signal).order_by(Signal.code, Signal.created_at, Signal.id)
            if journey_id:
                found = found.where(Signal.journey_id == journey_id)
            return session.exec(found).all()

    return look


def standing(found):
    return sorted(s.code.value for s in found if s.ended_at is None)


def run(engine, **more):
    return runner.run(engine, assembly.RULES, **more)


def test_a_touched_journey_raises_its_alert_at_the_commit_and_is_forgotten(
    act, town, alerts, engine
):
    with act() as session:
        touch(session, town.journey.id)
    assert standing(alerts()) == ["sans_contact"]
    with house.reading(engine) as session:
        assert session.exec(select(JourneyDue)).all() == []


def test_a_contact_clears_the_alert_in_the_same_commit(act, town, alerts):
    with act() as session:
        touch(session, town.journey.id)
    with act() as session:
        contacts.record(
            session,
            session.get_one(Journey, town.journey.id),
            on_day=town.today,
            channel=Channel.PHONE,
            actor=town.actor("alice"),
        )
    (alert,) = alerts(town.journey.id)
    assert alert.ended_at == clock.now()


def test_suspending_then_resuming_raises_and_clears_at_each_commit(
    act, town, alerts, stopped_clock
):
    with act() as session:
        touch(session, town.journey.id)
    with act() as session:
        moves.suspend(
            session,
            session.get_one(Journey, town.journey.id),
            actor=town.actor("alice"),
            cause=SuspensionCause.FAMILY,
            planned_resume_on=town.today + timedelta(days=10),
        )
    assert standing(alerts(town.journey.id)) == []
    stopped_clock.later(days=11)
    with act() as session:
        touch(session, town.journey.id)
    assert standing(alerts(town.journey.id)) == ["reprise_depassee"]
    with act() as session:
        moves.resume(session, session.get_one(Journey, town.journey.id), actor=town.actor("alice"))
    assert standing(alerts(town.journey.id)) == []


def test_what_is_refused_raises_nothing(act, town, alerts):
    with pytest.raises(RuntimeError), act() as session:
        touch(session, town.journey.id)
        raise RuntimeError
    assert alerts() == []


def test_the_same_night_twice_changes_nothing(engine, town, alerts):
    first = run(engine)
    assert (first.journeys, first.raised) == (2, 2)
    before = alerts()
    assert run(engine)[1:] == (0, 0, 0)
    assert [s.id for s in alerts()] == [s.id for s in before]


def test_the_next_day_refreshes_the_sentence_of_the_same_alert(engine, town, alerts, stopped_clock):
    run(engine)
    (before, _) = alerts()
    stopped_clock.later(days=1)
    assert run(engine)[1:] == (0, 2, 0)
    after = next(s for s in alerts() if s.id == before.id)
    assert after.sentence != before.sentence
    assert after.since_on == before.since_on


def test_a_range_forgets_what_was_due(act, engine, town):
    with house.transaction(engine) as session:
        session.add(JourneyDue(journey_id=town.journey.id))
    run(engine, chunk=1)
    with house.reading(engine) as session:
        assert session.exec(select(JourneyDue)).all() == []


def test_a_dismissed_alert_stays_away_until_its_day(act, engine, town, alerts, stopped_clock):
    run(engine)
    with act() as session:
        signal = session.exec(
            select(Signal).where(Signal.journey_id == town.journey.id).with_for_update()
        ).one()
        life.dismiss(
            session,
            signal,
            reason="vu",
            until_on=town.today + timedelta(days=10),
            actor=town.actor("alice"),
        )
        touch(session, town.journey.id)
    assert standing(alerts(town.journey.id)) == []
    stopped_clock.later(days=9)
    run(engine)
    assert standing(alerts(town.journey.id)) == []
    stopped_clock.later(days=1)
    run(engine)
    assert standing(alerts(town.journey.id)) == ["sans_contact"]
    assert len(alerts(town.journey.id)) == 2


def test_a_treated_alert_comes_back_after_eight_weeks_if_it_still_holds(
    act, engine, town, alerts, stopped_clock
):
    run(engine)
    with act() as session:
        life.treat(session, [s.id for s in alerts(town.journey.id)])
    stopped_clock.later(days=55)
    run(engine)
    assert "sans_contact" not in standing(alerts(town.journey.id))
    stopped_clock.later(days=1)
    run(engine)
    assert "sans_contact" in standing(alerts(town.journey.id))


def test_an_alert_on_an_agenda_stays_there_while_it_is_refreshed(
    act, engine, town, alerts, stopped_clock
):
    run(engine)
    with act() as session:
        assert life.put_on_agenda(session, [str(s.id) for s in alerts()]) == 2
    stopped_clock.later(days=1)
    run(engine)
    assert {s.state for s in alerts()} == {SignalState.ON_AGENDA}


def test_a_thousand_touched_journeys_take_as_many_statements_as_one(
    act, engine, town, counting, db
):
    with act() as session:
        touch(session, town.journey.id)
    one = len(counting)
    made = [
        Journey(
            number=f"J-{n:05}",
            person_id=town.sami.id,
            agency_id=town.mission.id,
            programme_id=town.programme.id,
            territory_id=town.territory.id,
            entered_on=town.today - timedelta(days=100 + n % 300),
        )
        for n in range(1200)
    ]
    with house.transaction(engine) as session:
        session.add_all(made)
        session.flush()
        session.add_all(JourneyDue(journey_id=j.id) for j in made)
    counting.clear()
    with act() as session:
        session.add(JourneyDue(journey_id=town.journey.id))
    assert len(counting) <= one + 2
    with house.reading(engine) as session:
        assert len(session.exec(select(Signal.id)).all()) > 1200


# ── candidates for a committee ────────────────────────────────────────────────────────────────


def candidates(engine, town, **more):
    with house.reading(engine) as session:
        asked = {
            "agency_ids": {town.mission.id, town.greta.id},
            "territory_id": town.territory.id,
            "on": town.today,
        }
        return queries.candidates(session, **(asked | more))


def test_a_candidate_gathers_the_alerts_of_its_journey(act, engine, town):
    run(engine)
    with act() as session:
        demands.ask(
            session,
            session.get_one(Journey, town.sami_journey.id),
            question="Quelle suite ?",
            tried="",
            wish="Un métier",
            told=True,
            agencies=[],
            actor=town.actor("alice"),
        )
    first, second = candidates(engine, town)
    assert first.journey_id == town.sami_journey.id
    assert first.codes == (
        SignalCode.SANS_CONTACT, SignalCode.DEMANDE_EXAMEN, SignalCode.ACCORD_A_RECUEILLIR,
    )  # fmt: skip
    assert first.asked_on == town.today
    assert first.demand_id is not None
    assert (first.score, first.severity) == (9.5, 3)
    assert (second.journey_id, second.demand_id) == (town.journey.id, None)
    assert not second.on_agenda


def test_candidates_are_those_of_the_territory_and_its_agencies(engine, town):
    run(engine)
    assert candidates(engine, town, agency_ids={town.greta.id}) == []
    assert candidates(engine, town, territory_id=uuid4()) == []
    assert len(candidates(engine, town, territory_id=None)) == 2


def test_a_journey_prescribed_by_a_member_is_a_candidate(engine, town):
    with house.transaction(engine) as session:
        session.get_one(Journey, town.journey.id).prescriber_id = town.greta.id
    run(engine)
    (found,) = candidates(engine, town, agency_ids={town.greta.id})
    assert found.journey_id == town.journey.id


def test_someone_under_restricted_access_comes_only_when_asked_for(act, engine, town):
    with house.transaction(engine) as session:
        session.get_one(type(town.dana), town.dana.id).restricted = True
    run(engine)
    assert [c.journey_id for c in candidates(engine, town)] == [town.sami_journey.id]
    with act() as session:
        demands.ask(
            session,
            session.get_one(Journey, town.journey.id),
            question="Quelle suite ?",
            tried="",
            wish="",
            told=True,
            agencies=[],
            actor=town.actor("alice"),
        )
    assert len(candidates(engine, town)) == 2


def test_the_same_facts_give_the_same_order_in_one_query(engine, town, crowd, counting):
    crowd(300, seed=1)
    run(engine, chunk=500)
    counting.clear()
    first = candidates(engine, town)
    assert len([sql for sql in counting if "FROM signal" in sql]) == 1
    assert first == candidates(engine, town)
    assert first == sorted(first, key=lambda c: (-c.score, c.since_on, c.journey_id))
    assert len(first) > 50
