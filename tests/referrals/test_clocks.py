"""Time on referrals: reminders, the end, the review of a waiting list; nothing twice."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import assembly, clock
from coordination.db import reading
from coordination.journeys import working_days
from coordination.outbox import Notice
from coordination.referrals import clocks
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Side, Status, Verb
from tests.referrals.scene import at, do, sent

S = Status


@pytest.fixture
def tick(engine):
    return lambda: clocks.tick(engine, closers=assembly.CLOSERS)


def reminders(engine):
    with reading(engine) as db:
        kinds = ("referral.reminder", "referral.manager_reminder")
        found = db.exec(select(Notice).where(Notice.kind.in_(kinds)).order_by(Notice.due_at))
        return [(n.kind.partition(".")[2], n.number) for n in found]


def test_the_recipient_is_reminded_then_its_manager_then_it_ends(
    act, town, engine, tick, stopped_clock
):
    with act() as db:
        referral = sent(db, town)
    start = clock.today()
    ended_on = None
    for _ in range(60):
        stopped_clock.later(days=1)
        tick()
        tick()  # twice a day changes nothing
        with reading(engine) as db:
            if db.get_one(Referral, referral.id).status is S.EXPIRED:
                ended_on = clock.today()
                break
    assert reminders(engine) == [("reminder", 3), ("reminder", 7), ("manager_reminder", 10)]
    assert working_days.between(start, ended_on) == 30
    with reading(engine) as db:
        verbs = Counter(s.verb for s in db.exec(select(ReferralStep)))
        assert verbs["remind"] == 4  # the fourth is the committee's: the alert speaks
        assert verbs["expire"] == 1
        step = db.exec(select(ReferralStep).where(ReferralStep.verb == "expire")).one()
        assert (step.side, step.reasons) == (None, ["silence_recipient"])


def test_holidays_and_week_ends_do_not_count(act, town, engine, tick, stopped_clock):
    stopped_clock.later(days=36)  # Friday 10 July 2026; Tuesday 14 is a holiday
    with act() as db:
        from tests import town as towns

        towns.agree(db, town, db.merge(town.dana), towns.Purpose.REFERRAL, "ccas")
        sent(db, town)
    stopped_clock.later(days=5)  # Wednesday 15: Monday and Wednesday have passed
    tick()
    assert reminders(engine) == []
    stopped_clock.later(days=1)
    tick()
    assert reminders(engine) == [("reminder", 3)]


def test_an_answer_stops_the_clock_and_asking_for_more_turns_it(
    act, town, engine, tick, stopped_clock
):
    with act() as db:
        referral = sent(db, town)
    stopped_clock.later(days=5)
    with act() as db:
        do(db, town, db.merge(referral), Verb.ASK_MORE)
    stopped_clock.later(days=4)
    tick()
    with reading(engine) as db:
        notice = db.exec(select(Notice).where(Notice.kind == "referral.reminder")).all()
        assert [n.professional_id for n in notice] in ([], [town.alice.id])
    stopped_clock.later(days=60)
    tick()
    with reading(engine) as db:
        assert db.get_one(Referral, referral.id).status is S.EXPIRED
        step = db.exec(select(ReferralStep).where(ReferralStep.verb == "expire")).one()
        assert step.reasons == ["silence_sender"]


def test_an_agreement_to_collect_is_recalled_twice_and_never_expires(
    act, town, engine, tick, stopped_clock
):
    with act() as db:
        referral = sent(db, town, recipient_id=town.greta.id)
    for _ in range(30):
        stopped_clock.later(days=4)
        tick()
    with reading(engine) as db:
        assert db.get_one(Referral, referral.id).status is S.AWAITING_CONSENT
        told = select(Notice).where(Notice.kind == "referral.consent_to_collect")
        assert sorted(n.number for n in db.exec(told) if n.key) == [5, 10]


def test_a_waiting_list_is_recalled_once_its_review_has_passed(
    act, town, engine, tick, stopped_clock
):
    with act() as db:
        at(db, town, S.WAITLISTED)
    stopped_clock.later(days=29)
    tick()
    assert reminders(engine) == []
    stopped_clock.later(days=4)
    tick()
    tick()
    assert reminders(engine) == [("reminder", 1)]


def test_what_is_due_is_said_without_a_base():
    now = clock.now()
    waiting = Referral(
        number="x", need_id=None, person_id=None, journey_id=None, sender_id=None,
        recipient_id=None, destination_id=None, status=S.SENT, clock_side=Side.RECIPIENT,
        clock_from=now - timedelta(days=13),
    )  # fmt: skip
    assert clocks.due(waiting, clock.today()) == (Verb.REMIND, 7)
    waiting.reminded = 7
    assert clocks.due(waiting, clock.today()) == (None, 0)
    assert clocks.due(waiting, clock.today() + timedelta(days=40))[0] is Verb.EXPIRE
