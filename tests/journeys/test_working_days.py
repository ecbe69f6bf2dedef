from datetime import date

import pytest

from coordination.journeys import working_days


def test_the_friday_follows_the_thursday() -> None:
    assert working_days.between(date(2026, 6, 4), date(2026, 6, 5)) == 1


def test_a_weekend_counts_for_nothing() -> None:
    assert working_days.between(date(2026, 6, 5), date(2026, 6, 7)) == 0


def test_a_public_holiday_counts_for_nothing() -> None:
    # Thursday 14 May 2026 is Ascension Day, Monday 25 May is Whit Monday.
    assert working_days.between(date(2026, 5, 13), date(2026, 5, 15)) == 1
    assert working_days.between(date(2026, 5, 22), date(2026, 5, 26)) == 1


def test_the_day_itself_is_not_counted() -> None:
    assert working_days.between(date(2026, 6, 4), date(2026, 6, 4)) == 0


@pytest.mark.parametrize("count", [1, 5, 14, 30])
@pytest.mark.parametrize("day", [date(2026, 6, d) for d in range(1, 15)])
def test_before_is_the_latest_day_from_which_so_many_have_passed(day: date, count: int) -> None:
    found = working_days.before(day, count)
    assert working_days.between(found, day) >= count
    assert working_days.between(date.fromordinal(found.toordinal() + 1), day) < count


@pytest.mark.parametrize("count", [1, 5, 14])
def test_after_is_the_first_day_on_which_so_many_have_passed(count: int) -> None:
    found = working_days.after(date(2026, 12, 24), count)
    assert working_days.between(date(2026, 12, 24), found) == count
    assert working_days.is_working(found)
