"""The table of moves, without a database."""

import pytest

from coordination import labels
from coordination.referrals import moves, states
from coordination.referrals.reasons import OF_VERB, REASONS, Outcome, Reason, ReasonSide, side_of
from coordination.referrals.states import (
    ENDED,
    GROUPS,
    LIVE,
    OPEN,
    TABLE,
    By,
    Group,
    Needs,
    Status,
    Verb,
)


def test_each_verb_has_one_line_and_what_it_does():
    assert [move.verb for move in TABLE] == list(Verb)
    assert set(moves.EFFECTS) == set(Verb) - {Verb.PREPARE}


def test_every_state_is_reached():
    reached = {move.after for move in TABLE}
    assert set(Status) <= reached


def test_an_ended_state_is_left_only_by_the_four_moves_that_bring_back_or_correct():
    leave = {Verb.RETURN, Verb.REROUTE, Verb.REOPEN, Verb.MARK_ERROR}
    stays = {Verb.SEEN, Verb.ASK_REOPEN, Verb.REPORT_ERROR}
    for move in TABLE:
        if move.before & ENDED:
            assert move.verb in leave | stays
        if move.verb in stays:
            assert move.after is None
    exits = {m.verb for m in TABLE if Status.ENTERED_IN_ERROR in m.before}
    assert exits == set()
    assert {m.verb for m in TABLE if Status.REROUTED in m.before} == {
        Verb.REPORT_ERROR,
        Verb.MARK_ERROR,
    }


def test_a_protective_move_asks_for_nothing_that_others_could_withhold():
    blocked_by = {Needs.CONSENT, Needs.OPEN_RECIPIENT, Needs.ALONE, Needs.CAPACITY, Needs.PLACE}
    protective = [m for m in TABLE if m.protective]
    assert {m.verb for m in protective} == {
        Verb.REFUSE,
        Verb.DECLINE,
        Verb.CANCEL,
        Verb.MARK_ERROR,
    }
    for move in protective:
        assert not move.needs & blocked_by


def test_whoever_is_open_or_live_can_always_be_declined_or_cancelled():
    for status in OPEN | LIVE:
        verbs = {m.verb for m in states.open_moves(status, By.SENDER)}
        assert {Verb.DECLINE, Verb.CANCEL} <= verbs


def test_each_status_stands_in_one_group_of_the_screen():
    assert sorted(s for found in GROUPS.values() for s in found) == sorted(Status)
    assert states.group_of(Status.WAITLISTED) is Group.ACCEPTED


@pytest.mark.parametrize(
    ("status", "by", "shown"),
    [
        (Status.SENT, By.RECIPIENT, {Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.REFUSE, Verb.WAITLIST}),
        (Status.INFO_REQUESTED, By.SENDER, {Verb.ANSWER, Verb.CANCEL, Verb.DECLINE}),
        (Status.STARTED, By.RECIPIENT, {Verb.COMPLETE, Verb.FAIL, Verb.ABSENCE}),
        (Status.CANCELLED, By.RECIPIENT, {Verb.SEEN}),
    ],
)
def test_the_buttons_come_from_the_table(status, by, shown):
    assert shown <= {move.verb for move in states.open_moves(status, by)}


def test_only_a_manager_reopens_or_marks_as_error():
    verbs = {m.verb for m in states.open_moves(Status.REFUSED, By.RECIPIENT)}
    assert Verb.ASK_REOPEN not in verbs
    assert Verb.ASK_REOPEN in {
        m.verb for m in states.open_moves(Status.REFUSED, By.RECIPIENT, manager=True)
    }


def test_each_reason_has_one_side_and_a_word():
    assert sorted(r for known in REASONS.values() for r in known) == sorted(Reason)
    for kind in (Verb, Group, Reason, ReasonSide, Outcome, By):
        assert set(labels.LABELS[labels.key(kind)]) == {m.value for m in kind}
    assert side_of(Reason.INJOIGNABLE) is ReasonSide.PERSON
    assert Reason.RETRAIT_ACCORD in OF_VERB[Verb.CANCEL]
