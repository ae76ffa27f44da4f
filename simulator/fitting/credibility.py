"""How far a fund's own figure counts: limited fluctuation credibility against the region's value.

A figure counts in full when it is within 5% of the truth nine times of ten, by its own standard error, and a less certain one in
proportion (Mowbray 1914; Longley-Cook 1962). For Poisson claims this is the rule of 1,082 claims and the square root. Buehlmann's
rule needs the variance between several funds of one kind, which a single fund's file does not have.
"""

from __future__ import annotations

import math
from typing import NamedTuple

WITHIN, QUANTILE = 0.05, 1.6449


class Credible(NamedTuple):
    """A figure with its standard error, the region's value, the weight of the first, and what they make together."""

    estimate: float
    se: float
    n: float
    prior: float
    weight: float
    value: float

    @property
    def low(self) -> float:
        return self.estimate - 1.96 * self.se

    @property
    def high(self) -> float:
        return self.estimate + 1.96 * self.se


def credible(estimate: float, se: float, n: float, prior: float) -> Credible:
    """The figure weighed against the region's; one without a standard error counts for nothing."""
    if not (math.isfinite(estimate) and math.isfinite(se)) or estimate <= 0:
        return Credible(estimate, se, n, prior, 0.0, prior)
    weight = 1.0 if se == 0 else min(1.0, WITHIN * estimate / (QUANTILE * se))
    return Credible(estimate, se, n, prior, weight, weight * estimate + (1 - weight) * prior)
