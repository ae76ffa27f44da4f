"""Household incomes per head from the published means of the income quintiles.

Within each of the lower four quintiles the quantile function is two straight lines; in the top quintile the distribution is
Pareto, P(X > x) = (b / x)^(1 / xi) with mean b / (1 - xi). The index xi is a multiple of 1/64, so that powers are products of
square roots, which IEEE 754 rounds the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

XI_STEPS = 64


def scaled_means(published: Sequence[Decimal], mean: Decimal | Fraction) -> list[int]:
    """The quintiles' mean incomes in fen: the published ones in yuan, scaled so that their mean is `mean` yuan."""
    values = [Fraction(each) for each in published]
    factor = Fraction(mean) * 5 / sum(values) * 100
    return [int(value * factor + Fraction(1, 2)) for value in values]


def quintile_of(persons: np.ndarray) -> np.ndarray:
    """The quintile (0 .. 4) of each household by the rank of its middle person, int8[H].

    `persons` int64[H] are the households' sizes, from the poorest to the richest household.
    """
    after = np.cumsum(persons, dtype=np.int64)
    return (5 * (2 * after - persons) // (2 * after[-1])).astype(np.int8)


def incomes(persons: np.ndarray, means: Sequence[int]) -> np.ndarray:
    """Incomes per head of households of `persons` members, from the poorest to the richest, int64[H] fen.

    A household gets the mean of the quantile function over the ranks of its members, so the mean over the persons of each
    quintile is the published one (`means`, fen) up to the rounding of each income.
    """
    persons = np.asarray(persons, dtype=np.int64)
    quintile = quintile_of(persons)
    bottoms, middles, tops, xi = _boundaries([float(mean) for mean in means])
    result = np.zeros(len(persons))
    for k in range(5):
        households = quintile == k
        size = persons[households]
        if not len(size):
            continue
        upto = np.cumsum(size)
        low, high = (upto - size) / upto[-1], upto / upto[-1]
        if k < 4:
            total = (_area(high, bottoms[k], middles[k], tops[k]) - _area(low, bottoms[k], middles[k], tops[k]))
        else:
            total = (_power(1.0 - low, XI_STEPS - xi) - _power(1.0 - high, XI_STEPS - xi)) * float(means[4])
        result[households] = total / (high - low)
    return np.floor(result + 0.5).astype(np.int64)


def _boundaries(means: list[float]) -> tuple[list[float], list[float], list[float], int]:
    """The lowest, middle and highest income of each of the lower four quintiles, and the Pareto index in 1/64.

    Quintiles meet half way between their means. The top quintile begins where the fourth is as nearly one straight line as an
    index in 1/64 allows.
    """
    first, second, third, fourth, last = means
    inner = [(first + second) / 2, (second + third) / 2, (third + fourth) / 2]
    lowest = max(2 * first - inner[0], first / 3)
    xi = int(np.floor((1 - (2 * fourth - inner[2]) / last) * XI_STEPS + 0.5))
    xi = min(max(xi, 1), XI_STEPS - 1)
    top = last * (XI_STEPS - xi) / XI_STEPS
    bottoms, tops = [lowest, *inner], [*inner, top]
    middles = [(4 * mean - low - high) / 2 for mean, low, high in zip(means[:4], bottoms, tops, strict=True)]
    for k, (low, middle, high) in enumerate(zip(bottoms, middles, tops, strict=True)):
        if not low <= middle <= high:
            raise ValueError(f"incomes of the quintiles {[mean / 100 for mean in means]} yuan leave no rising "
                             f"distribution in quintile {k + 1}: expected means that rise more evenly")
    return bottoms, middles, tops, xi


def _area(x: np.ndarray, bottom: float, middle: float, top: float) -> np.ndarray:
    """The integral from 0 to x of the two straight lines (0, bottom) - (1/2, middle) - (1, top)."""
    left, right = np.minimum(x, 0.5), np.maximum(x - 0.5, 0.0)
    return (bottom * left + (middle - bottom) * (left * left)) + (middle * right + (top - middle) * (right * right))


def _power(t: np.ndarray, steps: int) -> np.ndarray:
    """Raise t (0 <= t <= 1) to the power steps / 64 (0 < steps < 64) by square roots."""
    result, root = np.ones_like(t), t
    for bit in (32, 16, 8, 4, 2, 1):
        root = np.sqrt(root)
        if steps & bit:
            result = result * root
    return result
