"""Rates: what the models find where the answer is known, and where another program has given it."""

import numpy as np
import pytest

from simulator.fitting.concentration import gini, multipliers_of, top_share
from simulator.fitting.credibility import credible
from simulator.fitting.frequency import design_of, fit_rates, rate_of
from simulator.fitting.intervals import NO_FIGURE, on_log


def rows(seed=1, persons=6000, alpha=0.0):
    """Counts of persons of two groups with rates 0.2 and 0.5, of different exposure, gamma-mixed with variance alpha."""
    draw = np.random.default_rng(seed)
    group, exposure = draw.integers(0, 2, persons), draw.choice([0.5, 1.0], persons)
    lasting = draw.gamma(1 / alpha, alpha, persons) if alpha else np.ones(persons)
    return group, exposure, draw.poisson(np.where(group == 1, 0.5, 0.2) * exposure * lasting).astype(float)


def fitted(group, exposure, counts, cluster=None):
    times = np.ones(len(counts))
    design, names = design_of({"group": (group, ("low", "high"))}, exposure)
    return fit_rates(counts, exposure, times, np.arange(len(counts)) if cluster is None else cluster, design, names)


def test_a_factor_of_two_levels_is_the_ratio_of_their_rates():
    group, exposure, counts = rows()
    model = fitted(group, exposure, counts)
    ratio = (counts[group == 1].sum() / exposure[group == 1].sum()) / (counts[group == 0].sum() / exposure[group == 0].sum())
    effect = model.coefficients[1] * (1 if model.names[1] == "group high" else -1)
    assert np.exp(effect) == pytest.approx(ratio, rel=1e-9)
    assert model.ratio_p > 0.001 and model.alpha < 0.2
    assert model.errors[1] == pytest.approx(np.sqrt(1 / counts[group == 0].sum() + 1 / counts[group == 1].sum()), rel=0.06)


def test_claims_that_vary_more_than_poisson_are_found_out_with_their_variance():
    model = fitted(*rows(alpha=1.5))
    assert model.score_z > 5 and model.ratio_p < 1e-6 and model.aic(nb=True) < model.aic()
    assert model.alpha == pytest.approx(1.5, abs=0.4)


def test_the_same_person_twice_is_no_more_evidence_than_once():
    group, exposure, counts = rows()
    person = np.arange(len(counts))
    once = fitted(group, exposure, counts)
    twice = fitted(np.tile(group, 2), np.tile(exposure, 2), np.tile(counts, 2), np.tile(person, 2))
    assert twice.errors == pytest.approx(once.errors, rel=1e-9)


def test_a_rate_of_no_claims_has_the_exact_upper_end_and_many_alike_persons_count_as_so_many():
    none = rate_of(np.zeros(3), np.ones(3), np.array([1.0, 1.0, 98.0]), np.arange(3))
    assert (none.rate, none.low) == (0, 0) and none.high == pytest.approx(0.03689)
    one = rate_of(np.array([2.0, 0.0]), np.ones(2), np.array([1.0, 99.0]), np.arange(2))
    assert one.rate == 0.02 and one.se == pytest.approx(np.sqrt(1.98**2 + 99 * 0.02**2) / 100)


def test_a_figure_counts_in_full_from_1082_poisson_claims_on_and_by_the_root_below():
    assert credible(on_log(1083, 0.1, 0.1 / np.sqrt(1083)), 0.2).weight == 1
    quarter = credible(on_log(271, 0.1, 0.1 / np.sqrt(1082.4 / 4)), 0.2)
    assert quarter.weight == pytest.approx(0.5, abs=1e-3) and quarter.value == pytest.approx(0.15, abs=1e-4)
    assert credible(NO_FIGURE, 0.2).value == 0.2


def test_concentration_of_known_shares():
    costs, times = np.array([0.0, 10.0, 90.0]), np.array([80.0, 10.0, 10.0])
    assert top_share(costs, times, 0.1) == pytest.approx(0.9)
    assert gini(np.array([5.0, 5.0]), np.array([3.0, 4.0])) == pytest.approx(0)
    assert gini(np.array([0.0, 1.0]), np.array([99.0, 1.0])) == pytest.approx(0.99)


def test_risk_classes_are_stretched_to_the_mean_square_that_was_seen():
    shares, theirs = np.array([70.0, 22.0, 7.0, 1.0]), np.array([0.5, 1.3, 4.0, 10.0])
    made = multipliers_of(2.0, shares, theirs)
    assert shares @ made / 100 == pytest.approx(1) and shares @ made**2 / 100 == pytest.approx(2)
    assert multipliers_of(0.9, shares, theirs) is None
