from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.errors import NotFound
from coordination.journeys import durations, states
from coordination.journeys.models import JourneyState

S = JourneyState


def test_every_state_is_reached_and_none_is_left_by_an_unknown_move():
    reached = {m.after for m in states.MOVES.values() if m.after}
    assert reached == set(S)
    with pytest.raises(NotFound):
        states.rule("teleport")


def test_a_journey_that_is_over_only_leaves_by_a_new_entry():
    for over in states.OVER:
        assert states.open_moves(over) == ["re_enter"]


def test_only_abandoning_asks_for_a_reason():
    assert {m.verb for m in states.MOVES.values() if m.needs_reason} == {"abandon"}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("verb", list(states.MOVES))
def test_a_move_goes_by_the_table_or_not_at_all(state, verb):
    if verb in states.open_moves(state):
        assert states.after(state, verb) == (states.MOVES[verb].after or state)
    else:
        with pytest.raises(states.WrongMoment):
            states.after(state, verb)


def test_a_pause_does_not_count():
    lived = [(date(2026, 1, 1), None)]
    paused = [(date(2026, 2, 1), date(2026, 3, 1))]
    assert durations.elapsed_days(lived, paused, on=date(2026, 4, 1)) == 90 - 28


def test_two_pauses_that_overlap_count_once_and_what_lies_outside_the_periods_not_at_all():
    lived = [(date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 3, 1), None)]
    paused = [
        (date(2026, 1, 21), date(2026, 2, 10)),
        (date(2026, 1, 25), date(2026, 3, 3)),
    ]
    assert durations.elapsed_days(lived, paused, on=date(2026, 3, 11)) == 20 + 8


def test_the_day_of_the_leap_is_lived_like_another():
    assert durations.elapsed_days([(date(2028, 2, 28), None)], [], on=date(2028, 3, 1)) == 2


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
SPANS = st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=5)


@given(SPANS, SPANS, DAYS)
def test_days_counted_one_by_one_give_the_same_number(lived, paused, on):
    def inside(day, spans):
        return any(start.toordinal() <= day < (end or on).toordinal() for start, end in spans)

    days = range(date(2024, 1, 1).toordinal(), on.toordinal())
    slow = sum(1 for day in days if inside(day, lived) and not inside(day, paused))
    assert durations.elapsed_days(lived, paused, on=on) == slow
