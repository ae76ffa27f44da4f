"""How far a fund's own figure counts: limited fluctuation credibility against the region's value.

A figure counts in full when it is within 5% of the truth nine times of ten, by its own standard error, and a less certain one in
proportion (Mowbray 1914; Longley-Cook 1962). For Poisson claims this is the rule of 1,082 claims and the square root. Buehlmann's
rule needs the variance between several funds of one kind, which a single fund's file does not have.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.fitting.intervals import Figure

WITHIN, QUANTILE = 0.05, 1.6449


class Credible(NamedTuple):
    """A figure with its standard error and 95% interval, the region's value, the weight of the first, and what they make
    together."""

    figure: Figure
    prior: float
    weight: float
    value: float

    @property
    def estimate(self) -> float:
        return self.figure.estimate

    @property
    def se(self) -> float:
        return self.figure.se

    @property
    def n(self) -> float:
        return self.figure.n

    @property
    def low(self) -> float:
        return self.figure.low

    @property
    def high(self) -> float:
        return self.figure.high


def credible(figure: Figure, prior: float) -> Credible:
    """The figure weighed against the region's; one without a standard error counts for nothing."""
    estimate, se = figure.estimate, figure.se
    if not (math.isfinite(estimate) and math.isfinite(se)) or estimate <= 0:
        return Credible(figure, prior, 0.0, prior)
    weight = 1.0 if se == 0 else min(1.0, WITHIN * estimate / (QUANTILE * se))
    return Credible(figure, prior, weight, weight * estimate + (1 - weight) * prior)


def known(value: float) -> Credible:
    """A figure that is counted, not estimated: it has no error and counts in full."""
    return Credible(Figure(0, value, 0.0, value, value), math.nan, 1.0, value)
