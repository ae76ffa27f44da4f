"""What would turn an outcome, against outcomes whose turning values are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.answers.turning import DOWNWARDS, LEVEL, UPWARDS, turning
from simulator.engine.worlds import ROSTERS
from simulator.parameters.errors import InputError

WORLDS = 400
PLACES = np.arange(WORLDS) % ROSTERS


def normals(count: int, seed: int = 3) -> np.ndarray:
    """Settings that are standard scores: independent, every one with exactly the same quantiles."""
    from scipy import special
    scores = special.ndtri((np.arange(WORLDS) + 0.5) / WORLDS)
    random = np.random.default_rng(seed)
    return np.stack([random.permutation(scores) for _ in range(count)], axis=1)


def test_one_value_turns_a_linear_outcome_at_its_root_and_the_one_that_goes_least_far_comes_first():
    z = normals(6)
    found = turning(z, 10 + 12 * z[:, 0] - 8 * z[:, 1] + z[:, 2], PLACES, range(6))
    assert [(move.place, move.direction) for turn in found.sets for move in turn.moves] == [(0, DOWNWARDS), (1, UPWARDS)]
    assert [turn.moves[0].setting for turn in found.sets] == pytest.approx([-10 / 12, 10 / 8], abs=0.05)
    assert [turn.reach for turn in found.sets] == pytest.approx([10 / 12 / 1.645, 10 / 8 / 1.645], abs=0.03)
    assert found.sets[0].at_ends == pytest.approx(10 - 12 * 1.645, abs=0.4)


def test_a_value_that_may_not_move_turns_nothing():
    z = normals(6)
    found = turning(z, 10 + 12 * z[:, 0] - 8 * z[:, 1] + z[:, 2], PLACES, [1, 2, 3])
    assert [turn.moves[0].place for turn in found.sets] == [1]


def test_where_no_value_does_the_two_that_do_are_found_each_as_far_on_its_way():
    z = normals(6)
    found = turning(z, 10 + 4 * z[:, 0] - 3.5 * z[:, 1] + 3 * z[:, 2] + 0.2 * z[:, 3], PLACES, range(6))
    best = found.sets[0]
    assert {(move.place, move.direction) for move in best.moves} == {(0, DOWNWARDS), (1, UPWARDS)}
    assert [abs(move.setting) for move in best.moves] == pytest.approx([10 / 7.5] * 2, abs=0.06)
    assert all(len(turn.moves) == 2 for turn in found.sets) and best.reach == min(turn.reach for turn in found.sets)


def test_where_four_values_do_not_there_is_none_and_the_nearest_is_told():
    z = normals(6)
    found = turning(z, 10 + z[:, 0] + z[:, 1], PLACES, range(6))
    assert not found.sets and found.nearest == pytest.approx(10 - 2 * 1.645, abs=0.2)


def test_a_choice_turns_an_outcome_at_an_alternative_that_is_not_too_rare():
    z, choice = normals(3), np.arange(WORLDS) % 10
    settings = np.concatenate([z, np.where(choice < 3, 1.0, np.where(choice == 9, 2.0, 0.0))[:, None]], axis=1)
    found = turning(settings, 3 - 5 * (settings[:, 3] == 1) + 0.2 * z[:, 0], PLACES, range(4))
    assert [(move.place, move.setting, move.direction) for move in found.sets[0].moves] == [(3, 1.0, LEVEL)]
    rare = np.where(np.arange(WORLDS) % 25 == 0, 1.0, 0.0)
    settings[:, 3] = rare
    assert not turning(settings, 3 - 5 * rare + 0.2 * z[:, 0], PLACES, range(4)).sets


def test_a_product_of_two_values_is_averaged_over_the_one_that_is_free():
    z = normals(3)
    found = turning(z, 4 + 4 * z[:, 0] + 3 * z[:, 0] * z[:, 1], PLACES, [0])
    assert found.sets[0].moves[0].setting == pytest.approx(-1, abs=0.1)


def test_too_few_worlds_and_an_outcome_that_does_not_vary_are_refused():
    z = normals(2)
    for outcome, settings in ((z[:30, 0], z[:30]), (np.ones(WORLDS), z)):
        with pytest.raises(InputError):
            turning(settings, outcome, PLACES[:len(outcome)], [0])
