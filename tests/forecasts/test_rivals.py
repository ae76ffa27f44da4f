"""The rivals on series whose forecasts are known."""

import numpy as np
import pytest
from scipy.stats import norm

from simulator.forecasts.rivals import POINTS, arima, drift, grey, no_change, one_line

YEARS = np.arange(2004, 2012)
GROWING = 100 * 1.1 ** np.arange(8)


def spread_of(sample):
    return (np.quantile(sample, 0.75) - np.quantile(sample, 0.25))


def test_a_series_that_grows_evenly_is_met_by_drift_and_arima_and_left_behind_by_no_change():
    assert np.median(drift(YEARS, GROWING, 3)) == pytest.approx(GROWING[-1] * 1.1 ** 3)
    assert np.median(arima(YEARS, GROWING, 3)) == pytest.approx(GROWING[-1] * 1.1 ** 3)
    assert np.median(no_change(YEARS, GROWING, 3)) == pytest.approx(GROWING[-1])


def test_a_grey_model_meets_a_slowly_growing_series():
    slow = 100 * 1.02 ** np.arange(8)
    assert np.median(grey(YEARS, slow, 2)) == pytest.approx(100 * 1.02 ** 9, rel=1e-3)


def test_a_grey_model_is_deng_s_arithmetic():
    # Worked by hand for 2.874, 3.278, 3.337, 3.390, 3.679 (Deng's example): a = -0.0372, b = 3.0654
    sample = grey(np.arange(5), np.array([2.874, 3.278, 3.337, 3.390, 3.679]), 1)
    a, b = -0.03720, 3.06536
    assert np.median(sample) == pytest.approx((2.874 - b / a) * (np.exp(-a * 5) - np.exp(-a * 4)), rel=1e-3)


def test_no_change_has_the_spread_of_a_random_walk():
    values = np.array([0.0, 2.0, 0.0, 2.0, 0.0])                # steps of 2: one zero keeps it out of logarithms
    one, four = (no_change(np.arange(5), values, ahead) for ahead in (1, 4))
    assert len(one) == POINTS and spread_of(four) == pytest.approx(2 * spread_of(one))
    assert np.quantile(one, 0.75) == pytest.approx(2 * norm.ppf(0.75), rel=0.02)


def test_the_spread_of_drift_holds_that_of_the_drift_itself():
    values = np.array([0.0, 2.0, 2.0, 4.0, 4.0])
    s = np.sqrt(4 / 3)                                          # steps 2, 0, 2, 0 around 1
    sample = drift(np.arange(5), values, 2)
    assert np.median(sample) == pytest.approx(6.0)
    assert np.quantile(sample, 0.75) - 6 == pytest.approx(norm.ppf(0.75) * s * np.sqrt(2 + 4 / 4), rel=0.02)


def test_missing_years_count_as_steps_of_several_years():
    whole, gapped = no_change(YEARS, GROWING, 1), no_change(YEARS[[0, 1, 3, 5, 7]], GROWING[[0, 1, 3, 5, 7]], 1)
    assert np.median(gapped) == pytest.approx(np.median(whole))
    assert np.median(drift(YEARS[[0, 1, 3, 5, 7]], GROWING[[0, 1, 3, 5, 7]], 1)) == pytest.approx(GROWING[-1] * 1.1)


def test_arima_follows_a_strong_autoregression():
    steps = 0.8 ** np.arange(12) * np.where(np.arange(12) % 2, 1.02, 0.98)
    values = np.concatenate([[0.0], np.cumsum(steps)])
    years = np.arange(13)
    assert abs(np.median(arima(years, values, 1)) - (values[-1] + 0.8 ** 12)) < abs(np.median(drift(years, values, 1))
                                                                                   - (values[-1] + 0.8 ** 12))


@pytest.mark.parametrize("rival, fewest", [(no_change, 2), (drift, 3), (grey, 4), (arima, 4)])
def test_a_rival_forecasts_from_its_fewest_figures_on(rival, fewest):
    assert rival(YEARS[:fewest - 1], GROWING[:fewest - 1], 1) is None
    assert rival(YEARS[:fewest], GROWING[:fewest] + np.arange(fewest) ** 2, 1) is not None


def test_a_rival_reads_nothing_but_what_it_is_given():
    for rival in (no_change, drift, grey, arima):
        np.testing.assert_array_equal(rival(YEARS[:6], GROWING[:6], 2), rival(YEARS[:6].copy(), GROWING[:6].copy(), 2))


def test_the_one_line_projection_is_members_times_amount_a_head_times_growth():
    members, a_head = 10 * 1.02 ** np.arange(8), 5 * 1.07 ** np.arange(8)
    assert np.median(one_line(YEARS, members, members * a_head, 2)) == pytest.approx(50 * 1.02 ** 9 * 1.07 ** 9)
    assert one_line(YEARS[:2], members[:2], a_head[:2], 1) is None
