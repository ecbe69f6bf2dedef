"""Small counts stay hidden from whoever subtracts."""

from itertools import product
from random import Random

import pytest

from coordination.monitoring import masking
from coordination.monitoring.masking import THRESHOLD, Hidden, Sum


def grid(cells: list[list[int]]) -> tuple[dict, list[Sum]]:
    """A table with the totals of its rows and columns, and the grand total."""
    height, width = len(cells), len(cells[0])
    counts = {(r, c): cells[r][c] for r in range(height) for c in range(width)}
    for r in range(height):
        counts[r, "sum"] = sum(cells[r])
    for c in [*range(width), "sum"]:
        counts["sum", c] = sum(counts[r, c] for r in range(height))
    sums = [Sum((r, "sum"), tuple((r, c) for c in range(width))) for r in [*range(height), "sum"]]
    sums += [Sum(("sum", c), tuple((r, c) for r in range(height))) for c in [*range(width), "sum"]]
    return counts, sums


def every_table(shown: dict, true: list[list[int]], largest: int):
    """Every table that could be behind what is shown: the attacker guessed the zeros, and tries all
    the rest."""
    places = [(r, c) for r, line in enumerate(true) for c, _ in enumerate(line)]
    free = [(r, c) for r, c in places if shown[r, c].value is None and true[r][c]]
    ranges = {Hidden.SMALL: range(1, THRESHOLD), Hidden.COMPANION: range(THRESHOLD, largest + 1)}
    for tried in product(*(ranges[shown[place].hidden] for place in free)):
        cells = [list(line) for line in true]
        for (r, c), value in zip(free, tried, strict=True):
            cells[r][c] = value
        counts, _ = grid(cells)
        if all(_agrees(counts[key], said) for key, said in shown.items()):
            yield counts


def _agrees(count: int, said: masking.Shown) -> bool:
    if said.hidden is Hidden.SMALL:
        return count < THRESHOLD
    if said.hidden is Hidden.COMPANION:
        return count >= THRESHOLD
    return count == said.value


@pytest.mark.parametrize("seed", range(8))
def test_whoever_tries_every_table_finds_several_values_for_each_hidden_count(seed):
    rng = Random(seed)
    cells = [[rng.choice((0, 2, 5, 9, 12, 14)) for _ in range(2)] for _ in range(2)]
    counts, sums = grid(cells)
    shown = masking.publish(counts, sums)
    found: dict = {}
    for table in every_table(shown, cells, largest=22):
        for key, value in table.items():
            found.setdefault(key, set()).add(value)
    assert found[0, 0], "the true table is one of those tried"
    for key, said in shown.items():
        if said.hidden and counts[key]:
            assert len(found[key]) >= masking.WIDTH, (cells, key, shown)


def test_no_count_below_eleven_is_ever_shown():
    rng = Random(4)
    for _ in range(40):
        counts, sums = grid([[int(rng.expovariate(1 / 12)) for _ in range(5)] for _ in range(4)])
        for key, said in masking.publish(counts, sums).items():
            assert said.value is None or said.value >= THRESHOLD, key


def test_subtracting_all_sums_together_gives_nothing_back():
    """Two hidden cells in each row and column are not enough: here the pattern has a bridge."""
    cells = [[3, 4, 50, 60], [5, 6, 7, 70], [40, 50, 8, 30], [60, 30, 2, 4], [20, 30, 40, 3]]
    counts, sums = grid(cells)
    shown = masking.publish(counts, sums)
    hidden = {key: said.hidden for key, said in shown.items() if said.hidden}
    assert masking.determined(sums, hidden) == set()
    for low, high in (masking.bounds(counts, sums, hidden)[key] for key in hidden):
        assert high - low >= masking.WIDTH
    assert hidden[0, 0] is Hidden.SMALL


def test_a_lone_small_count_takes_a_companion_with_it():
    counts, sums = grid([[3, 40], [50, 60]])
    shown = masking.publish(counts, sums)
    assert shown[0, 0].hidden is Hidden.SMALL
    assert shown[0, 1].hidden is Hidden.COMPANION
    assert shown["sum", "sum"].value == 153


def test_a_table_of_zeros_says_nothing():
    counts, sums = grid([[0, 0], [0, 0]])
    assert all(said.value is None for said in masking.publish(counts, sums).values())


def test_nobody_is_not_protected_but_not_shown_either():
    counts, sums = grid([[0, 40], [50, 60]])
    shown = masking.publish(counts, sums)
    assert shown[0, 0].hidden is Hidden.SMALL
    assert shown[0, 1].value == 40


def test_large_counts_are_all_shown():
    counts, sums = grid([[11, 40], [50, 60]])
    assert all(said.value == counts[key] for key, said in masking.publish(counts, sums).items())
