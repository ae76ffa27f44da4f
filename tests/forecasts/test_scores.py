"""Scores against closed forms, and on samples whose score can be worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from simulator.forecasts.scores import band, crps, held, mean_by_blocks, pit, skill

EVEN = norm.ppf((np.arange(20_000) + 0.5) / 20_000)


@pytest.mark.parametrize("value", [-3.0, -0.4, 0.0, 1.0, 2.5])
def test_the_crps_of_a_normal_forecast_is_its_closed_form(value):
    closed = value * (2 * norm.cdf(value) - 1) + 2 * norm.pdf(value) - 1 / np.sqrt(np.pi)      # Gneiting and Raftery, 2007
    assert crps(EVEN, value) == pytest.approx(closed, abs=1e-4)
    assert crps(10 + 4 * EVEN, 10 + 4 * value) == pytest.approx(4 * closed, abs=4e-4)


def test_the_crps_of_a_uniform_forecast_is_its_closed_form():
    even = (np.arange(10_000) + 0.5) / 10_000
    assert crps(even, 0.3) == pytest.approx(0.3 ** 2 - 0.3 + 1 / 3, abs=1e-6)


def test_the_crps_of_one_number_is_the_absolute_error_and_of_two_is_by_hand():
    assert crps(np.array([3.0]), 5.0) == 2.0
    assert crps(np.array([4.0, 0.0]), 1.0) == 1.0          # (1 + 3) / 2 - 4 / 4
    assert crps(np.array([0.0, 4.0]), 2.0) == crps(np.array([4.0, 0.0]), 2.0) == 1.0


def test_a_right_forecast_scores_better_in_the_mean_than_a_too_narrow_and_a_too_wide_one():
    values = norm.ppf((np.arange(200) + 0.5) / 200)
    narrow, right, wide = (np.mean([crps(scale * EVEN[::100], value) for value in values]) for scale in (0.4, 1.0, 2.5))
    assert right < narrow and right < wide


def test_the_pit_counts_what_is_below_and_half_of_ties():
    assert pit(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.5
    assert pit(EVEN, norm.ppf(0.8)) == pytest.approx(0.8, abs=1e-3)


def test_a_central_band_holds_its_share():
    low, high = band(EVEN, 0.9)
    assert (low, high) == (pytest.approx(norm.ppf(0.05), abs=1e-3), pytest.approx(norm.ppf(0.95), abs=1e-3))
    values = norm.ppf((np.arange(1_000) + 0.5) / 1_000)
    assert sum(held(EVEN, value, 0.5) for value in values) == pytest.approx(500, abs=2)


def test_blocks_that_miss_together_widen_the_interval_of_a_mean():
    values = np.repeat([0.0, 1.0, 0.0, 1.0, 1.0, 0.0], 10)
    together = mean_by_blocks(values, np.repeat(range(6), 10))
    apart = mean_by_blocks(values, range(60))
    assert together.mean == apart.mean == 0.5
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert np.isnan(mean_by_blocks([1.0, 3.0], ["a", "a"]).low)


def test_skill_is_the_share_of_the_rival_s_score_that_is_saved():
    found = skill([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], ["a", "b", "c"])
    assert found == (0.5, 0.5, 0.5)
    mixed = skill([1.0, 2.0, 9.0], [2.0, 4.0, 6.0], ["a", "b", "c"])
    assert mixed.low < 0 < mixed.high
