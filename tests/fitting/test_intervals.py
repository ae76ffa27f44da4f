"""Intervals hold what is true as often as they say: where the law is not known, where bills are few, where a share is rounded."""

import numpy as np
import pytest
from scipy import stats

from simulator.care.severity import severity_distribution
from simulator.care.walk import LEVELS
from simulator.fitting.intervals import mean_figure, on_logit, together
from simulator.fitting.profiles import ONE_UNKNOWN, TWO_UNKNOWN
from simulator.fitting.scope import half_width, scope_of
from simulator.fitting.severity import LAWS_OF_ADMISSIONS, OTHER_LAWS, fit_amounts
from tests.campaigns.fit import CONSTANT, counted, intervals_of, share_held


def test_where_the_law_is_not_known_the_interval_is_that_of_all_laws_within_reach():
    """Of these 80 bills of the Burr law a gamma law is best, whose own interval ends far below the truth."""
    drawn = severity_distribution("burr", 1000.0, 1.3).rvs(80, random_state=5)
    found, alone = fit_amounts(drawn, repeats=0), fit_amounts(drawn, repeats=0, able=("gamma",))
    assert found.chosen.name == "gamma" and alone.cv.high < 1.1 < 1.3 < found.cv.high
    within = [fit.cv for fit in found.fits if fit.name in LAWS_OF_ADMISSIONS and fit.aic - found.chosen.aic < TWO_UNKNOWN]
    assert len(within) > 1 and found.cv.low < min(within) and max(within) < found.cv.high


def test_a_law_that_is_known_has_the_interval_of_its_own_likelihood():
    """The lognormal's: the deviance of sigma has a closed form, n (ln(s2 / v) + v / s2 - 1)."""
    drawn = stats.lognorm(s=0.8, scale=4000).rvs(200, random_state=9)
    found, variance = fit_amounts(drawn, repeats=0, able=OTHER_LAWS).cv, np.log(drawn).var()
    for end in (found.low, found.high):
        s2 = np.log1p(end**2)
        assert 200 * (np.log(s2 / variance) + variance / s2 - 1) == pytest.approx(ONE_UNKNOWN, rel=1e-2)


def test_the_same_bills_of_the_same_persons_twice_are_no_more_evidence_than_once():
    drawn, person = stats.gamma(1.2, scale=3000).rvs(150, random_state=2), np.arange(150)
    twice = np.tile(drawn, 2)
    once, again = fit_amounts(drawn, repeats=0, person=person), fit_amounts(twice, repeats=0, person=np.tile(person, 2))
    assert (again.cv.low, again.cv.high) == pytest.approx((once.cv.low, once.cv.high), rel=1e-3)
    assert (again.mean.low, again.mean.high) == pytest.approx((once.mean.low, once.mean.high), rel=1e-2)
    apart = fit_amounts(twice, repeats=0)                 # as bills of so many others
    assert apart.cv.low > once.cv.low and apart.cv.high < once.cv.high
    assert together(np.ones(4), np.array([0, 0, 1, 2])) == 1.5


def test_the_mean_of_few_dear_bills_is_held_where_a_symmetric_interval_of_their_own_spread_misses_it():
    law = severity_distribution("burr", 1000.0, 1.3)
    held = plain = 0
    for seed in range(400):
        drawn = law.rvs(30, random_state=seed)
        one = mean_figure(drawn, np.arange(30), 1.3)
        held += one.low <= 1000 <= one.high
        plain += abs(drawn.mean() - 1000) <= 1.96 * drawn.std(ddof=1) / np.sqrt(30)
    assert held / 400 > 0.93 and plain / 400 < 0.91


@pytest.mark.parametrize("share", [8500, 8200, 7800])
def test_a_share_that_all_bills_have_is_held_although_each_is_rounded_up(share):
    """Half a fen is rounded up: of 85% in a twentieth of the bills, so that their mean is too high by far more than it varies."""
    billed = np.random.default_rng(1).integers(2_000, 20_000, 20_000)
    found = scope_of(billed, (billed * share + 5000) // 10000, np.arange(20_000))
    shares = 100.0 * ((billed * share + 5000) // 10000) / billed
    assert found.mean.low < share / 100 < found.mean.high and found.mean.high - found.mean.low < 0.02
    assert abs(shares.mean() - share / 100) > 3 * shares.std() / np.sqrt(20_000)


def test_the_spread_of_shares_is_that_of_the_models_steps():
    """Four levels at 2.5 and 7.5 points to each side are an even spread of half-width 10."""
    steps = ((np.arange(LEVELS) + 0.5) / LEVELS * 2 - 1) * 10
    billed = np.full(4000, 100_000)
    share = 70 + steps[np.arange(4000) % LEVELS]
    found = half_width([scope_of(billed, np.round(billed * share / 100).astype(int), np.arange(4000))])
    assert found.estimate == pytest.approx(10, rel=1e-3) and found.low < 10 < found.high
    assert found.se == pytest.approx(10 / 2 * np.sqrt((41 / 25 - 1) / 4000), rel=1e-2)       # kurtosis of four steps: 41/25


def test_shares_keep_within_none_and_all():
    near = on_logit(3, 1.0, 0.9)
    assert 0 < near.low < 1.0 < near.high < 10
    assert on_logit(9, 100.0, 0.5)[3:] == (pytest.approx(99.02, abs=0.01), 100.0)


def test_of_small_funds_the_intervals_hold_the_truth_as_the_campaign_counts_it():
    figures = counted([one for seed in range(1, 4) for one in intervals_of(seed, 900)])
    pooled = [one for name, some in figures.items() if not name.startswith(CONSTANT) for one in some]
    assert len(pooled) > 45 and share_held(pooled) >= 0.86      # of so many, were it 95%, fewer one time in a hundred
    assert all(share_held(some) == 1 for name, some in figures.items() if name.startswith(CONSTANT))
