"""Decisions in session: free until confirmed, then everything in one transaction or nothing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import assembly, audit, clock
from coordination import db as base
from coordination.agencies import actors
from coordination.committees import decisions
from coordination.committees.live.terms import Destination
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
)
from coordination.consent.models import Effect, Reach
from coordination.errors import Invalid
from coordination.journeys.models import (
    Journey,
    JourneyMove,
    JourneyState,
    Suspension,
    SuspensionCause,
)
from coordination.outbox import Notice
from coordination.referrals.models import Referral
from coordination.referrals.states import Status
from tests.committees import in_session

Word = DecisionOutcome


@pytest.fixture
def scene(db, town):
    return in_session.begin(db, town)


@pytest.fixture
def to_ccas(scene):
    return {
        "outcome": Word.REFERRAL,
        "text": "Un point sur la mobilité",
        "need_code": "23",
        "destinations": [Destination(scene.ccas.id)],
        "teller_id": scene.alice.id,
        "tell_by": clock.today() + timedelta(days=7),
    }


def record(act, scene, **said):
    item = said.pop("item", scene.item)
    with act() as session:
        sophie = actors.of_professional(session, scene.sophie.id)
        found = session.get_one(AgendaItem, item.id)
        return decisions.record(session, found, actor=sophie, **said)


def confirm(act, scene, decision):
    with act() as session:
        paul = actors.of_professional(session, scene.paul.id)
        decisions.confirm(session, session.get_one(Decision, decision.id), actor=paul)


def fresh(db):
    db.rollback()
    db.expire_all()


def test_nothing_leaves_and_nothing_changes_before_confirmation(act, scene, db, to_ccas):
    record(act, scene, **to_ccas)
    until = clock.today() + timedelta(days=60)
    record(act, scene, outcome=Word.SUSPEND, until_on=until, cause=SuspensionCause.FAMILY,
           keeps_contact="La mission locale")  # fmt: skip
    fresh(db)
    assert db.exec(select(Referral)).all() == []
    assert db.exec(select(Notice)).all() == []
    assert db.exec(select(JourneyMove)).all() == []
    assert db.get_one(Journey, scene.journey.id).state is JourneyState.ENTERED


def test_confirming_sends_where_consent_covers_and_tells_who_must_know(act, scene, db, to_ccas):
    confirm(act, scene, record(act, scene, **to_ccas))
    fresh(db)
    referral = db.exec(select(Referral)).one()
    assert referral.status is Status.SENT
    assert referral.recipient_id == scene.ccas.id and referral.sender_id == scene.mission.id
    kinds = {n.kind: n.professional_id for n in db.exec(select(Notice))}
    assert kinds["decision.taken"] == scene.alice.id
    assert kinds["decision.to_tell"] == scene.alice.id
    assert audit.verify(db) is None


def test_without_agreement_the_referral_waits(act, scene, db, to_ccas):
    confirm(act, scene, record(act, scene, **to_ccas, item=scene.other))
    fresh(db)
    assert db.exec(select(Referral)).one().status is Status.AWAITING_CONSENT


def test_ranked_destinations_leave_one_after_the_other(act, scene, db, to_ccas):
    ranked = [Destination(scene.ccas.id, rank=1), Destination(scene.greta.id, rank=2)]
    confirm(act, scene, record(act, scene, **to_ccas | {"destinations": ranked}))
    fresh(db)
    assert {(r.rank, r.status) for r in db.exec(select(Referral))} == {
        (1, Status.SENT),
        (2, Status.DRAFT),
    }


def test_confirming_twice_makes_one_referral(act, scene, db, to_ccas):
    decision = record(act, scene, **to_ccas)
    confirm(act, scene, decision)
    confirm(act, scene, decision)
    fresh(db)
    assert len(db.exec(select(Referral)).all()) == 1


def test_a_fault_in_the_last_step_keeps_nothing(engine, act, scene, db, to_ccas):
    decision = record(act, scene, **to_ccas)

    def fault(session):
        raise OSError("the disk is full")

    with pytest.raises(OSError), base.transaction(engine, (*assembly.CLOSERS, fault)) as session:
        found = session.get_one(Decision, decision.id)
        decisions.confirm(session, found, actor=actors.of_professional(session, scene.paul.id))
    fresh(db)
    assert db.get_one(Decision, decision.id).state is DecisionState.RECORDED
    for table in (Referral, Notice, JourneyMove):
        assert db.exec(select(table)).all() == []


@pytest.mark.parametrize("outcome", [Word.SUSPEND, Word.EXTEND])
def test_confirming_changes_the_journey(act, scene, db, outcome):
    until = clock.today() + timedelta(days=150)
    said = {"until_on": until, "cause": SuspensionCause.WAITING, "keeps_contact": "La mission"}
    confirm(act, scene, record(act, scene, outcome=outcome, **said))
    fresh(db)
    journey = db.get_one(Journey, scene.journey.id)
    if outcome is Word.SUSPEND:
        assert journey.state is JourneyState.SUSPENDED
    else:
        assert journey.planned_end_on == until
    assert len(db.exec(select(JourneyMove)).all()) == 1


def test_a_suspension_keeps_how_often_contact_is_kept_and_what_is_acquired(act, scene, db):
    said = {"until_on": clock.today() + timedelta(days=60), "cause": SuspensionCause.WAITING,
            "keeps_contact": "La mission", "contact_every_days": 15,
            "acquired": "Le module mobilité"}  # fmt: skip
    confirm(act, scene, record(act, scene, outcome=Word.SUSPEND, **said))
    fresh(db)
    pause = db.exec(select(Suspension)).one()
    assert (pause.contact_every_days, pause.acquired) == (15, "Le module mobilité")


def test_corrected_into_something_else_a_suspension_forgets_what_was_acquired(act, scene, db):
    said = {"until_on": clock.today() + timedelta(days=60), "cause": SuspensionCause.WAITING,
            "keeps_contact": "La mission", "contact_every_days": 15, "acquired": "x"}  # fmt: skip
    decision = record(act, scene, outcome=Word.SUSPEND, **said)
    with act() as session:
        found = session.get_one(Decision, decision.id)
        paul = actors.of_professional(session, scene.paul.id)
        decisions.correct(session, found, outcome=Word.MAINTAIN, actor=paul)
    fresh(db)
    kept = db.get_one(Decision, decision.id)
    assert (kept.contact_every_days, kept.acquired) == (None, None)


NOT_ONCE_OVER = (Word.REFERRAL, Word.SUSPEND, Word.RESUME, Word.EXTEND)


@pytest.mark.parametrize("outcome", Word)
def test_a_journey_that_is_over_is_examined_and_never_set_going_by_a_decision(
    act, scene, db, to_ccas, outcome
):
    """A contact due after the exit comes before the committee: each outcome takes effect, or is
    refused at once and not when the meeting is lifted."""
    with act() as session:
        journey = session.get_one(Journey, scene.journey.id)
        journey.state, journey.ended_on = JourneyState.ENDED, clock.today()
    said = to_ccas | {"outcome": outcome, "until_on": clock.today() + timedelta(days=60),
                      "cause": SuspensionCause.WAITING, "keeps_contact": "La mission",
                      "relay": "Préfère le matin"}  # fmt: skip
    if outcome in NOT_ONCE_OVER:
        with pytest.raises(Invalid) as no:
            record(act, scene, **said)
        assert no.value.field == "outcome"
    else:
        confirm(act, scene, record(act, scene, **said))
    fresh(db)
    kept = {d.state for d in db.exec(select(Decision))}
    assert kept == (set() if outcome in NOT_ONCE_OVER else {DecisionState.CONFIRMED})
    assert db.get_one(Journey, scene.journey.id).state is JourneyState.ENDED


def test_a_hand_over_gives_an_action_to_who_takes_over(act, scene, db):
    said = {"relay": "Préfère le matin", "destinations": [Destination(scene.greta.id)]}
    confirm(act, scene, record(act, scene, outcome=Word.HAND_OVER, **said))
    fresh(db)
    action = db.exec(select(FollowUp)).one()
    assert action.agency_id == scene.greta.id and action.confirmed
    assert "Préfère" not in action.what


def test_adjourning_a_case_carries_it_over(act, scene, db):
    review = clock.today() + timedelta(days=56)
    confirm(act, scene, record(act, scene, outcome=Word.ADJOURN, until_on=review))
    fresh(db)
    assert db.get_one(AgendaItem, scene.item.id).state is ItemState.CARRIED


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": Word.REFERRAL, "text": "x", "need_code": "23"}, "destination_1"),
        ({"outcome": Word.SUSPEND}, "cause"),
        ({"outcome": Word.EXTEND}, "until_on"),
        ({"outcome": Word.EXTEND, "until_on": clock.today()}, "until_on"),
        ({"outcome": Word.HAND_OVER}, "destination_1"),
        ({"outcome": Word.ADJOURN}, "until_on"),
        ({"outcome": Word.RESUME}, "outcome"),
        ({"outcome": Word.MAINTAIN, "need_code": "no such need"}, "need_code"),
    ],
)
def test_what_an_outcome_needs_is_asked_at_its_field(act, scene, db, said, field):
    if said.get("until_on"):
        said = said | {"until_on": clock.today()}
    with pytest.raises(Invalid) as no:
        record(act, scene, **said)
    assert no.value.field == field
    assert db.exec(select(Decision)).all() == []


def test_the_carrying_agency_is_not_a_destination(act, scene, to_ccas):
    with pytest.raises(Invalid):
        record(act, scene, **to_ccas | {"destinations": [Destination(scene.mission.id)]})


def test_a_point_about_nobody_takes_no_referral(act, scene, to_ccas):
    with pytest.raises(Invalid):
        record(act, scene, **to_ccas, item=scene.free)


def test_after_confirmation_a_decision_is_not_corrected(act, scene, to_ccas):
    decision = record(act, scene, **to_ccas)
    confirm(act, scene, decision)
    with pytest.raises(decisions.AlreadyLeft), act() as session:
        found = session.get_one(Decision, decision.id)
        decisions.withdraw(session, found, actor=actors.of_professional(session, scene.sophie.id))


def test_a_corrected_decision_keeps_one_set_of_destinations(act, scene, db, to_ccas):
    decision = record(act, scene, **to_ccas)
    with act() as session:
        found = session.get_one(Decision, decision.id)
        said = to_ccas | {"destinations": [Destination(scene.greta.id)]}
        decisions.correct(
            session, found, actor=actors.of_professional(session, scene.paul.id), **said
        )
    confirm(act, scene, decision)
    fresh(db)
    assert db.exec(select(Referral)).one().recipient_id == scene.greta.id


def test_outside_of_a_session_nothing_is_decided(act, db, town):
    scene = in_session.begin(db, town, opened=False)
    with pytest.raises(decisions.NotInSession):
        record(act, scene, outcome=Word.MAINTAIN)


def test_a_conflict_of_interest_closes_the_case_for_one_professional(act, scene, db):
    with act() as session:
        item = session.get_one(AgendaItem, scene.item.id)
        meeting = session.get_one(Meeting, scene.meeting.id)
        paul = actors.of_professional(session, scene.paul.id)
        decisions.conflict(session, meeting, item, scene.chloe.id, actor=paul)
    fresh(db)
    denied = db.exec(select(Reach).where(Reach.effect == Effect.DENY)).one()
    assert denied.professional_id == scene.chloe.id and denied.agency_id == scene.ccas.id
