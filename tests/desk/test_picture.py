"""A journey drawn over time: waits, lanes, words that can be heard. Pure."""

from datetime import date, timedelta

from coordination.desk import journey_picture, timeline
from coordination.desk.timeline import CONTACTS, COURSE, STATUSES, STEPS, Event

TODAY = date(2026, 6, 4)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def step(start: int, end: int | None = None, *, planned: bool = False) -> Event:
    return Event(ago(start), "Étape", until=ago(end) if end is not None else TODAY,
                 planned=planned, lane=STEPS)  # fmt: skip


def waits(*events, since=200, ended=None):
    return timeline.waits(
        events, since=ago(since), today=TODAY, ended_on=ago(ended) if ended is not None else None
    )


def drawn(*events, since=200, until=-100, ended=None):
    found = waits(*events, since=since, ended=ended)
    return journey_picture.draw(
        events, found, since=ago(since), until=ago(until), today=TODAY,
        ended_on=ago(ended) if ended is not None else None,
    )  # fmt: skip


def test_between_two_steps_the_weeks_are_counted_and_said():
    (wait,) = waits(step(200, 150), step(100, 0))
    assert wait == (ago(150), ago(100), "7\u00a0semaines sans étape")


def test_four_weeks_are_not_a_wait_and_a_day_more_is():
    assert waits(step(200, 128), step(100, 0)) == []
    assert len(waits(step(200, 129), step(100, 0))) == 1


def test_after_the_last_step_it_goes_up_to_today_or_to_the_exit():
    assert waits(step(200, 60))[0].words.endswith("jusqu’à aujourd’hui")
    (over,) = waits(step(200, 160), ended=100)
    assert (over.until, over.words) == (ago(100), "8\u00a0semaines sans étape")


def test_before_a_planned_step_it_goes_up_to_its_day():
    (wait,) = waits(step(200, 30), step(-40, -90, planned=True))
    assert (wait.on, wait.until) == (ago(30), ago(-40))
    assert wait.words == "10\u00a0semaines sans étape, avant la prochaine"


def test_a_step_planned_for_a_past_day_covers_nothing():
    assert len(waits(step(200, 150), step(100, 50, planned=True))) == 1


def test_a_pause_is_not_a_wait_and_support_kept_up_is_said():
    pause = Event(ago(150), "En pause", until=ago(100), lane=COURSE, look="pause")
    assert waits(step(200, 150), pause, step(100, 0)) == []
    kept = Event(ago(150), "Entre deux", until=ago(100), lane=COURSE, look="interstitial")
    (wait,) = waits(step(200, 150), kept, step(100, 0))
    assert wait.words.endswith("accompagnement maintenu")


def test_without_any_step_contacts_are_what_is_missed():
    met = [Event(ago(n), "Téléphone", lane=CONTACTS) for n in (195, 90, 5)]
    assert [w.words for w in waits(*met)] == [
        "15\u00a0semaines sans étape ni contact",
        "12\u00a0semaines sans étape ni contact",
    ]


def test_everything_stands_inside_the_drawing_and_in_the_order_of_days():
    picture = drawn(step(200, 150), step(100, 40), step(-30, -80, planned=True))
    assert all(b.x >= 112 and b.x + b.width <= 1000 for b in picture.bars)
    first, second = (b for b in picture.bars if b.look == "bar")
    assert first.x + first.width < second.x
    assert picture.today_x and second.x < picture.today_x


def test_steps_side_by_side_go_one_row_down():
    picture = drawn(step(200, 100), step(190, 90), step(80, 0))
    one, two, three = (b.y for b in picture.bars if b.look == "bar")
    assert one == three < two


def test_lanes_without_anything_are_not_drawn():
    assert [lane.name for lane in drawn(step(200, 0)).lanes] == ["Parcours", "Étapes"]


def test_it_is_told_in_words_with_its_waits_and_its_breaks_of_pay():
    unpaid = Event(ago(50), "Sans rémunération assurée", until=TODAY, lane=STATUSES, look="unpaid")
    missed = Event(ago(20), "Téléphone", lane=CONTACTS, look="missed")
    told = drawn(step(200, 150), step(100, 0), unpaid, missed).told
    for words in ("Entrée le 16", "7\u00a0semaines sans étape", "Sans rémunération assurée, du",
                  "1\u00a0contact, dont 1\u00a0absence"):  # fmt: skip
        assert words in told


def test_a_date_typed_wrong_does_not_flatten_the_rest():
    picture = drawn(step(200, 100), step(9000, 8990))
    widest = max(b.width for b in picture.bars if b.look == "bar")
    assert widest > 50


def test_a_journey_of_one_day_is_drawn():
    assert drawn(since=0, until=0).bars == []
    assert drawn(since=0, until=-1).height > 0
