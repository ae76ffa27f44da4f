"""95% intervals, each on the scale on which its figure's error is nearly even, and errors by person.

Means of bills and rates have theirs on the logarithm: a sample's mean of dear bills and its own spread rise and fall together, so
that on the plain scale the mean that came out too low has the narrowest interval. Shares have theirs on the logit scale. A
person's bills hang together: what they add up to counts as one (Liang & Zeger 1986).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special, stats

FROM_EACH_SIDE = 0.975


class Figure(NamedTuple):
    """An estimate from n claims with its standard error and the ends of its 95% interval; NaN where there is none."""

    n: float
    estimate: float
    se: float
    low: float
    high: float


NO_FIGURE = Figure(0, math.nan, math.nan, math.nan, math.nan)


def reach_of(freedom: float) -> float:
    """How many standard errors an interval reaches to each side: Student's t of so many degrees of freedom."""
    return float(stats.t.ppf(FROM_EACH_SIDE, freedom)) if freedom >= 1 else math.nan


def on_log(n: float, estimate: float, se: float, freedom: float = math.inf) -> Figure:
    """A figure above zero with its interval on the logarithm."""
    if not (estimate > 0 and math.isfinite(se)):
        return Figure(n, estimate, se, math.nan, math.nan)
    factor = math.exp(min(reach_of(freedom) * se / estimate, 700.0))
    return Figure(n, estimate, se, estimate / factor, estimate * factor)


def on_logit(n: float, percent: float, se: float, freedom: float = math.inf) -> Figure:
    """A share in percent with its interval on the logit scale; of one at 0 or 100 up to there, so far as its error goes."""
    reach = reach_of(freedom) * se
    share = percent / 100.0
    if not 0 < share < 1:
        return Figure(n, percent, se, max(percent - reach, 0.0), min(percent + reach, 100.0))
    middle, half = special.logit(share), reach / (percent * (1 - share))
    low, high = (float(100 * special.expit(middle + step)) for step in (-half, half))
    return Figure(n, percent, se, low, high)


def persons_of(person: np.ndarray) -> int:
    """How many different persons there are in int64[n]."""
    return len(np.unique(person))


def together(influences: np.ndarray, person: np.ndarray) -> float:
    """The variance of a sum of influences float64[n] when those of a person hang together, over that when none do."""
    alone = float(influences @ influences)
    _, which = np.unique(person, return_inverse=True)
    sums = np.bincount(which, influences)
    return float(sums @ sums) / alone if alone > 0 else 1.0


def mean_se(values: np.ndarray, person: np.ndarray) -> float:
    """The standard error of the mean of values float64[n], those of a person together; NaN of a single value."""
    if len(values) < 2:
        return math.nan
    away = values - values.mean()
    return float(np.sqrt(together(away, person) * (away @ away) / (len(values) - 1) / len(values)))


def mean_figure(values: np.ndarray, person: np.ndarray, law_cv: float = 0.0) -> Figure:
    """The mean of amounts float64[n] of persons int64[n]. `law_cv` is the coefficient of variation of a law fitted to them: where
    it makes the larger error it counts, for the amounts that few have not shown how dear bills can be."""
    n, mean = len(values), float(values.mean())
    own = mean_se(values, person)
    by_law = mean * law_cv * math.sqrt(together(values - mean, person) / n) if math.isfinite(law_cv) else 0.0
    return on_log(n, mean, max(own, by_law) if math.isfinite(own) else own, persons_of(person) - 1)
