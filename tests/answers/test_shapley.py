"""The Shapley value: known games, parts that add up to the last bit, the range over all orders."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from simulator.answers.shapley import nearest_unit, rounded, shapley, whole_numbers


def game(worth, n: int) -> np.ndarray:
    """The worth of every coalition of n players, float64[2**n, 1]; `worth` takes a set of players."""
    return np.array([[float(worth({i for i in range(n) if mask >> i & 1}))] for mask in range(1 << n)])


def parts_of(split) -> list[Fraction]:
    return [split.mean(part) for part in split.parts]


def test_in_an_additive_game_each_player_gets_what_he_brings_in_every_order():
    split = shapley(game(lambda players: sum((3, -1, 0.5)[i] for i in players), 3))
    assert parts_of(split) == [3, -1, Fraction(1, 2)] == list(split.low) == list(split.high)


def test_in_the_glove_game_the_scarce_glove_gets_two_thirds():
    """Player 0 has a left glove, 1 and 2 a right one each; a pair is worth one."""
    split = shapley(game(lambda players: 0 in players and len(players) > 1, 3))
    assert parts_of(split) == [Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)]
    assert split.low == (0, 0, 0) and split.high == (1, 1, 1)


def test_in_the_weighted_vote_of_4_3_2_1_with_a_quota_of_6_the_power_is_5_3_3_1_twelfths():
    weights = (4, 3, 2, 1)
    split = shapley(game(lambda players: sum(weights[i] for i in players) >= 6, 4))
    assert parts_of(split) == [Fraction(5, 12), Fraction(1, 4), Fraction(1, 4), Fraction(1, 12)]


def by_all_orders(values: np.ndarray, n: int, world: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    """The definition: each player's contributions over all n! orders, and their mean."""
    seen: list[list[Fraction]] = [[] for _ in range(n)]
    for order in permutations(range(n)):
        mask = 0
        for player in order:
            seen[player].append(Fraction(values[mask | 1 << player, world]) - Fraction(values[mask, world]))
            mask |= 1 << player
    return [sum(gains, Fraction()) / len(gains) for gains in seen], seen


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_parts_are_means_over_all_orders_and_add_up_exactly_in_every_world(n):
    values = np.random.default_rng(n).lognormal(3, 4, (1 << n, 4))                # with all the bits that floats have
    split = shapley(values)
    for world in range(4):
        exact = [Fraction(part[world], split.denominator) for part in split.parts]
        assert exact == by_all_orders(values, n, world)[0]
        assert sum(exact) == Fraction(values[-1, world]) - Fraction(values[0, world])
        assert [split.worlds(part)[world] for part in split.parts] == [float(part) for part in exact]
    if n:
        gains = [sum((np.array(by_all_orders(values, n, world)[1], dtype=object) for world in range(1, 4)),
                     np.array(by_all_orders(values, n, 0)[1], dtype=object))[i] / 4 for i in range(n)]
        assert split.low == tuple(min(of) for of in gains) and split.high == tuple(max(of) for of in gains)
        assert all(low <= part <= high for low, part, high in zip(split.low, parts_of(split), split.high, strict=True))


def test_a_player_who_changes_nothing_gets_exactly_nothing():
    values = game(lambda players: 0.1 * (1 in players) + 0.7 * (2 in players), 3)
    split = shapley(values)
    assert split.parts[0].tolist() == [0] and split.low[0] == split.high[0] == 0


def test_a_table_that_is_no_game_is_refused():
    for values in (np.zeros((3, 1)), np.array([[0.0], [np.nan]])):
        with pytest.raises(ValueError, match="expected a power of two"):
            shapley(values)


def test_floats_become_whole_numbers_without_loss():
    values = np.array([[0.1, -3.5, 1e-300], [0.0, 2.0**60, 7.0]])
    numbers, denominator = whole_numbers(values, 6)
    assert denominator % 6 == 0 and numbers.shape == values.shape
    assert [[float(Fraction(number, denominator)) for number in row] for row in numbers] == values.tolist()


def test_rounded_parts_add_up_and_stay_next_to_the_exact_ones():
    chance = np.random.default_rng(5)
    for _ in range(300):
        exact = [Fraction(float(x)) for x in chance.normal(0, 5, 8) * (chance.random(8) < 0.8)]
        start = Fraction(float(chance.normal(0, 50)))
        total = nearest_unit(start + sum(exact), Fraction(1, 10)) - nearest_unit(start, Fraction(1, 10))
        try:
            units = rounded(exact, Fraction(1, 10), total)
        except ValueError:
            pytest.fail(f"{exact} {total}")
        assert sum(units) == total
        for part, unit in zip(exact, units, strict=True):
            assert abs(part * 10 - unit) < 2 and (part != 0 or unit == 0)


def test_largest_remainders_are_rounded_up_first():
    assert rounded([Fraction(14, 10), Fraction(16, 10), Fraction(-5, 10)], Fraction(1), 2) == [1, 2, -1]
    assert rounded([Fraction(14, 10), Fraction(16, 10), Fraction(-5, 10)], Fraction(1), 3) == [1, 2, 0]
    assert rounded([], Fraction(1), 0) == []
    with pytest.raises(ValueError, match="a total of 4"):
        rounded([Fraction(1), Fraction(1)], Fraction(1), 4)


def test_halves_are_rounded_up():
    assert [nearest_unit(Fraction(x, 2), Fraction(1)) for x in (-3, -1, 1, 3)] == [-1, 0, 1, 2]
