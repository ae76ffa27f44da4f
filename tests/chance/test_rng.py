"""The layout's counters and words in short; `tests.campaigns.rng` has the long battery. (`test_random.py`: known answers.)"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.chance.random import philox
from tests.campaigns.rng import (
    AXES,
    STREAMS,
    along,
    avalanche,
    battery,
    counters,
    rank_chances,
    repeated,
    verdict,
    words_at,
)

COUNT = 1 << 16


def rounds_of_philox(rounds: int):
    """Philox with fewer rounds, in numpy: what the battery must find out."""
    def words(at: np.ndarray) -> np.ndarray:
        k0, k1, x0, x1, x2, x3 = np.ascontiguousarray(at, dtype=np.uint64).T
        low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
        for _ in range(rounds):
            p0, p1 = np.uint64(0xD2511F53) * x0, np.uint64(0xCD9E8D57) * x2
            x0, x1, x2, x3 = (p1 >> half) ^ x1 ^ k0, p1 & low, (p0 >> half) ^ x3 ^ k1, p0 & low
            k0, k1 = (k0 + np.uint64(0x9E3779B9)) & low, (k1 + np.uint64(0xBB67AE85)) & low
        return np.stack([x0, x1, x2, x3], axis=1).astype(np.uint32)
    return words


# --- counters

def test_no_counter_of_a_small_world_is_used_twice():
    found = counters(peoples=2, draws=5, replicas=2, years=3, claims=400, onsets=40)
    assert len(found) > 250_000
    assert repeated(found) == 0


def test_a_counter_used_twice_would_be_counted():
    found = counters(1, 2, 1, 2, 50, 5)
    assert repeated(np.concatenate([found, found[:7]])) == 7


def test_neighbours_differ_in_the_axis_alone_and_no_two_are_the_same():
    place = {"seed": 0, "people": 1, "claim": 2, "replica": 3, "draw": 4, "year": 5, "stream": 5}
    for axis in AXES:
        at = along(axis, 3000)
        assert len(np.unique(at, axis=0)) == 3000
        first, second = at[:2]
        assert np.flatnonzero(first != second).tolist() == [place[axis]]
        assert not set(map(tuple, at.tolist())) & set(map(tuple, along(axis, 3000, 1).tolist()))
    assert set((along("stream", 100)[:, 5] & 0xFFFF).tolist()) == set(STREAMS)


def test_other_counters_give_other_words():
    """Philox is a bijection under one key: all 128 bits of a hundred thousand neighbours differ from each other."""
    words = words_at(along("claim", 100_000))
    assert len(np.unique(words, axis=0)) == 100_000


def test_the_words_are_those_of_the_package():
    at = along("year", 60, 3)
    assert words_at(at).tolist() == [[int(w) for w in philox(*map(int, row))] for row in at] == rounds_of_philox(10)(at).tolist()


# --- words

@pytest.mark.parametrize("axis", AXES)
def test_words_of_neighbours_pass_the_battery(axis):
    least, uniform, name = verdict(battery(words_at(along(axis, COUNT))))
    assert least > 1e-3, name
    assert uniform > 1e-3


def test_p_values_of_the_battery_are_uniform_for_true_chance():
    rng = np.random.default_rng(5)
    least, uniform, name = verdict({f"{k}: {name}": p for k in range(6) for name, p in battery(
        rng.integers(0, 1 << 32, (COUNT, 4), dtype=np.uint32)).items()})
    assert least > 1e-3 and uniform > 1e-3, name


def test_bit_matrices_have_the_known_ranks():
    assert rank_chances() == pytest.approx([0.288788, 0.577576, 0.133636], abs=1e-6)


@pytest.mark.parametrize("rounds", [2, 3, 4])
def test_the_battery_finds_words_that_are_mixed_too_little(rounds):
    words = rounds_of_philox(rounds)
    assert min(verdict(battery(words(along(axis, COUNT))))[0] for axis in AXES) < 1e-9


@pytest.mark.parametrize("fault", ["streams share their words", "a word follows its neighbour", "one bit stands still"])
def test_the_battery_finds_faults_of_a_layout(fault):
    words = words_at(along("stream", COUNT))
    if fault == "streams share their words":
        words[1::2] = words[0::2]
    elif fault == "a word follows its neighbour":
        words[1:, 2] = words[:-1, 1]
    else:
        words[:, 3] |= 1
    assert verdict(battery(words))[0] < 1e-9


def test_every_bit_of_key_and_counter_moves_half_of_the_bits():
    p, worst = avalanche(1 << 9)
    assert p > 1e-3 and worst < 6


def test_too_few_rounds_leave_bits_that_do_not_move():
    assert avalanche(1 << 7, function=rounds_of_philox(3))[1] > 6
