from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import audit
from coordination.agencies import actors
from coordination.consent import rule
from coordination.errors import Invalid, NotFound
from coordination.journeys import contacts, moves, needs, parties, queries
from coordination.journeys.models import (
    Channel,
    Contact,
    Journey,
    JourneyMove,
    JourneyPeriod,
    JourneyState,
    Outcome,
    Party,
    PartyRole,
    Suspension,
    SuspensionCause,
)
from coordination.journeys.states import WrongMoment
from coordination.persons.categories import Category
from tests import town as scenes


def pause(db, town, **said):
    given = {
        "actor": town.actor("alice"),
        "cause": SuspensionCause.FAMILY,
        "planned_resume_on": town.today + timedelta(days=60),
    }
    return moves.suspend(db, db.get(Journey, town.journey.id), **(given | said))


def test_opening_writes_the_period_the_parties_the_move_and_who_may_read(db, town):
    lea = scenes.person(db, town, "Léa", "Fontaine", date(2001, 5, 5))
    made = moves.open_journey(
        db, person=lea, programme_id=town.programme.id, agency_id=town.mission.id,
        entered_on=town.today, planned_end_on=town.today + timedelta(days=90),
        prescriber_id=town.ccas.id, referent_id=town.alice.id, actor=town.actor("alice"),
    )  # fmt: skip
    db.flush()
    assert made.number.startswith("J-26-")
    assert db.exec(select(JourneyPeriod.from_on).where(JourneyPeriod.journey_id == made.id)).all()
    roles = db.exec(select(Party.role).where(Party.journey_id == made.id)).all()
    assert set(roles) == {PartyRole.CARRIER, PartyRole.PRESCRIBER}
    assert db.exec(select(JourneyMove.verb).where(JourneyMove.journey_id == made.id)).all() == [
        "open"
    ]
    prescriber = rule.for_actor(db, town.actor("chloe"), [lea.id])[lea.id]
    assert Category.STEPS in prescriber
    assert Category.HEALTH not in prescriber
    assert queries.one(db, town.actor("chloe"), made.id).id == made.id
    with pytest.raises(NotFound):
        queries.own(db, town.actor("chloe"), made.id)


def test_a_pause_opens_one_row_and_resuming_closes_it(db, town):
    pause(db, town, acquired="Module mobilité", contact_every_days=15)
    row = db.exec(select(Suspension)).one()
    assert (row.ended_on, row.acquired, town.journey.number) == (None, "Module mobilité", "J-0001")
    journey = db.get(Journey, town.journey.id)
    assert (journey.state, journey.version) == (JourneyState.SUSPENDED, 2)
    with pytest.raises(WrongMoment):
        pause(db, town)
    moves.resume(db, journey, actor=town.actor("alice"))
    assert row.ended_on == town.today
    assert journey.state is JourneyState.ENTERED


@pytest.mark.parametrize("days", [0, -3])
def test_a_pause_ends_after_it_begins(db, town, days):
    with pytest.raises(Invalid):
        pause(db, town, planned_resume_on=town.today + timedelta(days=days))
    assert db.exec(select(Suspension)).all() == []


def test_a_pause_cannot_begin_before_the_entry_nor_tomorrow(db, town):
    for day in (town.today - timedelta(days=201), town.today + timedelta(days=1)):
        with pytest.raises(Invalid):
            pause(db, town, on=day)


def test_ending_closes_the_pause_and_the_period_and_parties_read_on_for_six_months(
    db, town, stopped_clock
):
    journey = db.get(Journey, town.journey.id)
    parties.join(db, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    pause(db, town)
    moves.end(db, journey, on=town.today, outcome=Outcome.EMPLOYMENT, actor=town.actor("alice"))
    db.flush()
    assert db.exec(select(Suspension.ended_on)).one() == town.today
    until = select(JourneyPeriod.until_on).where(JourneyPeriod.journey_id == journey.id)
    assert db.exec(until).one() == town.today
    bruno = town.actor("bruno")
    assert queries.one(db, bruno, journey.id)
    stopped_clock.later(days=184)
    with pytest.raises(NotFound):
        queries.one(db, bruno, journey.id)


def test_coming_back_is_a_new_period_of_the_same_journey(db, town):
    journey = db.get(Journey, town.journey.id)
    alice = town.actor("alice")
    moves.abandon(db, journey, reason="Déménagement provisoire", actor=alice)
    moves.re_enter(db, journey, on=town.today, actor=alice)
    periods = db.exec(
        select(JourneyPeriod.until_on).where(JourneyPeriod.journey_id == journey.id)
    ).all()
    assert (len(periods), journey.ended_on, journey.state) == (2, None, JourneyState.ENTERED)


def test_stopping_needs_a_reason_and_keeps_nothing_without(db, town):
    journey = db.get(Journey, town.journey.id)
    with pytest.raises(Invalid):
        moves.abandon(db, journey, reason="  ", actor=town.actor("alice"))
    assert journey.state is JourneyState.ENTERED


def test_an_extension_is_later_than_the_end_it_replaces(db, town):
    journey = db.get(Journey, town.journey.id)
    with pytest.raises(Invalid):
        moves.extend(db, journey, until_on=journey.planned_end_on, actor=town.actor("alice"))
    later = journey.planned_end_on + timedelta(days=30)
    moves.extend(db, journey, until_on=later, actor=town.actor("alice"))
    assert journey.planned_end_on == later


def test_waiting_between_two_steps_closes_the_pause(db, town):
    pause(db, town)
    journey = db.get(Journey, town.journey.id)
    moves.change(db, journey, "await_step", actor=town.actor("alice"))
    assert journey.state is JourneyState.INTERSTITIAL
    assert db.exec(select(Suspension.ended_on)).one() == town.today


def test_the_same_need_still_open_is_not_opened_twice_and_is_settled_once(db, town):
    journey, alice = db.get(Journey, town.journey.id), town.actor("alice")
    said = {"code": "garde", "label": "Garde d’enfants", "category": Category.FAMILY}
    one = needs.open_need(db, journey, actor=alice, **said)
    assert needs.open_need(db, journey, actor=alice, **said).id == one.id
    needs.settle(db, one, actor=alice)
    assert one.settled_on == town.today
    assert needs.open_need(db, journey, actor=alice, **said).id != one.id


def test_a_contact_is_kept_and_its_note_stays_out_of_the_journal(act, town):
    with act() as db:
        contacts.record(
            db,
            db.get(Journey, town.journey.id),
            on_day=town.today,
            channel=Channel.PHONE,
            note="Rappeler sa sœur",
            actor=actors.of_professional(db, town.alice.id),
        )
    with act() as db:
        assert db.exec(select(Contact.note)).one() == "Rappeler sa sœur"
        entries = db.exec(select(audit.AuditEntry.entry)).all()
        assert any("journey.contact" in e for e in entries)
        assert not any("Rappeler" in e for e in entries)


def test_a_contact_of_tomorrow_is_refused(db, town):
    with pytest.raises(Invalid):
        contacts.record(
            db, town.journey, on_day=town.today + timedelta(days=1), channel=Channel.PHONE,
            actor=town.actor("alice"),
        )  # fmt: skip


def test_a_party_reads_its_journey_and_not_the_persons_others(db, town):
    other = scenes.journey(db, town, town.sami, number="J-0009")
    parties.join(db, db.get(Journey, town.sami_journey.id), agency_id=town.greta.id,
                 role=PartyRole.PARTNER)  # fmt: skip
    db.flush()
    bruno = town.actor("bruno")
    assert queries.one(db, bruno, town.sami_journey.id)
    with pytest.raises(NotFound):
        queries.one(db, bruno, other.id)


def test_a_restricted_file_exists_for_its_referents_only(db, town):
    town.dana.restricted = True
    db.merge(town.dana)
    db.flush()
    assert queries.one(db, town.actor("alice"), town.journey.id)
    colleague = replace(town.actor("alice"), professional_id=town.bruno.id)
    with pytest.raises(NotFound):
        queries.one(db, colleague, town.journey.id)


def test_a_pause_begins_after_the_one_before(db, town):
    """A day counted in two pauses would shorten the journey twice."""
    journey = db.get(Journey, town.journey.id)
    begun = town.today - timedelta(days=20)
    pause(db, town, on=begun)
    moves.resume(db, journey, actor=town.actor("alice"), on=begun + timedelta(days=10))
    with pytest.raises(Invalid) as refused:
        pause(db, town, on=begun + timedelta(days=9))
    assert refused.value.field == "on"
    pause(db, town, on=begun + timedelta(days=10))
