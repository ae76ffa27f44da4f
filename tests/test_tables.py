"""Quantile tables of SciPy's laws and of data: means, limited expected values, size. (The look-up: `test_random.py`.)"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.care.severity import severity_law
from simulator.quantiles import table_of
from simulator.random import CELL_WEIGHT
from tests.closed_forms import WEIGHTS, amounts_at_midpoints

TO_THE_TAIL = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)

# The five of issue 4 (the last is SAMPLE, below), then others from SciPy's list; about a million fen in the mean.
ASKED = {"lognormal": severity_law("lognormal", 1e6, 2.0), "gamma": severity_law("gamma", 1e6, 1.3),
         "Burr": severity_law("burr", 1e6, 1.8), "Pareto 1.5": stats.pareto(1.5, scale=1e6 / 3)}
OTHERS = {"Lomax 1.5": stats.lomax(1.5, scale=5e5), "Weibull 0.6": stats.weibull_min(0.6, scale=6e5),
          "inverse Gauss": stats.invgauss(1.0, scale=1e6), "generalised Pareto": stats.genpareto(0.3, scale=7e5),
          "uniform": stats.uniform(0, 2e6), "beta": stats.beta(2, 3, scale=2e6), "log-logistic": stats.fisk(2.5, scale=8e5),
          "chi-square": stats.chi2(3, scale=3e5), "triangle": stats.triang(0.3, scale=3e6), "exponential": stats.expon(scale=1e6)}
LAWS = ASKED | OTHERS


class Sample:
    """A sample as a law that `table_of` can read: the mean, and quantiles by survival."""

    dist, args, kwds = SimpleNamespace(name="sample"), (), {}

    def __init__(self, amounts: np.ndarray):
        self.amounts = np.sort(amounts)

    def mean(self) -> float:
        return float(self.amounts.mean())

    def isf(self, survival: np.ndarray) -> np.ndarray:
        place = np.ceil((1 - np.asarray(survival)) * len(self.amounts)).astype(np.int64) - 1
        return self.amounts[np.clip(place, 0, len(self.amounts) - 1)]

    def limited(self, limit: float) -> float:
        return float(np.minimum(self.amounts, limit).mean())


def sample_of(size: int) -> Sample:
    """Bills in fen: two kinds, some amounts many times."""
    rng = np.random.default_rng(size)
    amounts = np.where(rng.random(size) < 0.3, rng.gamma(2.0, 4e5, size), rng.lognormal(12.5, 1.2, size))
    return Sample(np.where(rng.random(size) < 0.05, 500_000.0, np.floor(amounts)))


def worst_limited(law, limited) -> float:
    """Largest relative error of limited expected values at ten points."""
    amounts, errors = amounts_at_midpoints(table_of(law)), []
    for share in TO_THE_TAIL:
        limit = float(law.ppf(share)) if hasattr(law, "ppf") else float(law.isf(1 - share))
        errors.append(WEIGHTS @ np.minimum(amounts, limit) / limited(limit) - 1)
    return float(np.max(np.abs(errors)))


def limited_of(law):
    return lambda limit: integrate.quad(law.sf, 0, limit, limit=400, epsabs=0, epsrel=1e-11)[0]


@pytest.mark.parametrize("name", LAWS)
def test_a_law_keeps_its_mean_and_its_limited_expected_values(name):
    law = LAWS[name]
    table = table_of(law)
    assert table.mean() == pytest.approx(law.mean(), rel=1e-6)
    assert WEIGHTS @ amounts_at_midpoints(table) == pytest.approx(law.mean(), rel=1e-6)
    assert worst_limited(law, limited_of(law)) <= 1e-5
    assert sum(part.nbytes for part in table) <= 32 * 1024


def test_a_sample_keeps_its_mean_and_its_limited_expected_values():
    sample = sample_of(200_000)
    table = table_of(sample)
    assert table.mean() == pytest.approx(sample.mean(), rel=1e-6)
    assert WEIGHTS @ amounts_at_midpoints(table) == pytest.approx(sample.mean(), rel=1e-6)
    assert worst_limited(sample, sample.limited) <= 1e-5
    assert sum(part.nbytes for part in table) <= 32 * 1024


def test_a_sample_of_one_amount_is_that_amount():
    table = table_of(Sample(np.full(50, 12_345.0)))
    assert set(amounts_at_midpoints(table).tolist()) == {12_345}


def test_tables_of_the_same_law_in_other_units_are_the_same_but_for_rounding():
    law = severity_law("lognormal", 5000.0, 2.0)
    yuan, fen = amounts_at_midpoints(table_of(law)), amounts_at_midpoints(table_of(law, 100.0))
    assert np.max(np.abs(fen - 100 * yuan)) <= 250             # four roundings


def test_laws_stated_by_place_or_by_name_have_one_table():
    for one, other in ((stats.lognorm(1.2, 0, 1e6), stats.lognorm(s=1.2, scale=1e6)), (stats.gamma(2.0, scale=1e6),
                                                                                      stats.gamma(a=2.0, scale=1e6))):
        assert all(np.array_equal(a, b) for a, b in zip(table_of(one), table_of(other), strict=True))


def test_cells_share_out_all_words():
    assert CELL_WEIGHT.sum() == 1 and len(CELL_WEIGHT) == 1024
