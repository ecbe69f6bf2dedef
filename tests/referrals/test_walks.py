"""Random lives of referrals: whatever is tried, in whatever order, the invariants hold."""

from collections import Counter
from datetime import timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from coordination import clock
from coordination.agencies.actors import CLOCK
from coordination.consent import events, rule
from coordination.consent.models import Purpose, ReachKind
from coordination.errors import Refused
from coordination.referrals import moves, states
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.reasons import OF_VERB, Outcome
from coordination.referrals.states import ENDED, LIVE, OPEN, By, Status, Verb
from tests import town as towns
from tests.referrals import scene

TRIED = [verb for verb in Verb if verb is not Verb.PREPARE]
AFTER_THE_END = {Verb.RETURN, Verb.REROUTE, Verb.REOPEN, Verb.MARK_ERROR}
number = count(1)


def brought(verb: Verb, town) -> dict:
    today = clock.today()
    return {
        "note": "Quelques mots.",
        "reasons": OF_VERB.get(verb, ())[:1],
        "previewed": True,
        "ask_for": "Accueil",
        "review_on": today + timedelta(days=20),
        "meanwhile": "Un appel",
        "on_day": today,
        "outcome": Outcome.COVERED,
        "recipient_id": town.greta.id,
        "reminder": 3,
    }


@pytest.mark.sqlite_first
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    tried=st.lists(
        st.tuples(
            st.sampled_from(TRIED), st.sampled_from(list(By)), st.integers(0, 3), st.integers(0, 60)
        ),
        max_size=16,
    ),
    withdrawn_at=st.integers(0, 30),
)
def test_whatever_is_tried_the_invariants_hold(db, town, stopped_clock, tried, withdrawn_at):
    n = next(number)
    person = towns.person(db, town, f"Nom{n}", "Essai", clock.today() - timedelta(days=9000))
    journey = towns.journey(db, town, person, number=f"J-{n:05}")
    consent = towns.agree(db, town, person, Purpose.REFERRAL, "ccas")
    referral = scene.sent(db, town, journey=journey, need=towns.need(db, town, journey))
    actors = {
        By.SENDER: scene.manager(db, town.alice, town.mission),
        By.RECIPIENT: scene.manager(db, town.chloe, town.ccas),
        By.COMMITTEE: town.actor("paul"),
        By.CLOCK: CLOCK,
    }
    made = 2  # prepared, sent
    for rank, (tried_verb, tried_by, hours, pick) in enumerate(tried):
        stopped_clock.later(hours=hours)
        verb, by = (tried_verb, tried_by) if pick % 4 == 0 else _allowed(referral, pick)
        if rank == withdrawn_at:
            events.end(db, consent, person, actor=actors[By.SENDER])
        before, version = referral.status, referral.version
        try:
            moves.move(db, referral, verb, actor=actors[by], side=by, **brought(verb, town))
        except Refused:
            assert referral.status is before  # nothing was kept
            assert referral.version == version
            move = states.rule(verb)
            assert not (
                move.protective and before in move.before and by in move.by and not move.manager
                and verb is not Verb.MARK_ERROR
            ), "a protective move always succeeds"  # fmt: skip
        else:
            made += 1
            assert referral.version == version + 1
            assert before in states.rule(verb).before and by in states.rule(verb).by
            if before in ENDED and referral.status is not before:
                assert verb in AFTER_THE_END
        _holds(db, referral, consent_is_there=rank < withdrawn_at)
    db.flush()
    steps = db.exec(select(ReferralStep).where(ReferralStep.referral_id == referral.id)).all()
    assert len(steps) == made  # exactly one each
    _same_path(steps)


def _allowed(referral, pick: int) -> tuple[Verb, By]:
    """One of the moves that the table allows from here."""
    open_now = [
        (move.verb, by)
        for by in By
        for move in states.open_moves(referral.status, by, manager=True)
        if move.verb is not Verb.PREPARE
    ]
    return open_now[pick % len(open_now)] if open_now else (Verb.SEND, By.SENDER)


def _holds(db, referral, *, consent_is_there: bool) -> None:
    """Nobody reads outside consent in any state; dates agree with the status."""
    db.flush()
    seen = rule.readable(
        db,
        agency_id=referral.recipient_id,
        persons=[referral.person_id],
        kinds=(ReachKind.REFERRAL,),
    ).get(referral.person_id, {})
    assert bool(seen) == (referral.status in LIVE and consent_is_there)
    assert (referral.ended_at is None) == (referral.status not in ENDED)
    assert (referral.clock_side is None) == (
        referral.status not in states.UNANSWERED | {Status.AWAITING_CONSENT}
    )


def _same_path(steps) -> None:
    """Each step starts where the one before ended."""
    for one, following in pairwise(steps):
        assert following.before is one.after


def test_the_sum_over_states_is_what_was_created_and_errors_count_nowhere(db, town):
    service_less = [town.ccas, town.greta, town.elsewhere]
    for agency in service_less:
        scene.sent(db, town, recipient_id=agency.id)
    db.flush()
    found = Counter(r.status for r in db.exec(select(Referral)))
    assert sum(found.values()) == len(service_less)
    assert set(found) <= OPEN | LIVE
