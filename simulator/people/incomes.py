"""Household incomes per head from the published means of five income groups.

The quantile function within a fifth is two straight lines in the lower four fifths and a Pareto law
in the top one: P(X > x) = (b / x)^(1 / xi) with mean b / (1 - xi). Its index xi is a multiple of
1/64, so that powers are products of square roots, which IEEE 754 rounds the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

XI_STEPS = 64


def scaled_fifths(fifths: Sequence[Decimal], mean: Decimal | Fraction) -> list[int]:
    """Means of the five groups in fen, scaled so that their own mean is `mean` yuan."""
    values = [Fraction(each) for each in fifths]
    factor = Fraction(mean) * 5 / sum(values) * 100
    return [int(value * factor + Fraction(1, 2)) for value in values]


def fifth_of(persons: np.ndarray) -> np.ndarray:
    """int8[H]: the fifth of each household, from poorest to richest, by the place of its middle person."""
    after = np.cumsum(persons, dtype=np.int64)
    return (5 * (2 * after - persons) // (2 * after[-1])).astype(np.int8)


def incomes(persons: np.ndarray, means: Sequence[int]) -> np.ndarray:
    """int64[H], fen: incomes per head of households of `persons` members, from poorest to richest.

    A household gets the mean of the quantile function over the places its members take, so the mean
    over the persons of each fifth is the published one (`means`, fen) to the rounding of each income.
    """
    persons = np.asarray(persons, dtype=np.int64)
    fifth = fifth_of(persons)
    bottoms, middles, tops, xi = _boundaries([float(mean) for mean in means])
    result = np.zeros(len(persons))
    for k in range(5):
        mine = fifth == k
        size = persons[mine]
        if not len(size):
            continue
        upto = np.cumsum(size)
        low, high = (upto - size) / upto[-1], upto / upto[-1]
        if k < 4:
            total = (_area(high, bottoms[k], middles[k], tops[k]) - _area(low, bottoms[k], middles[k], tops[k]))
        else:
            total = (_power(1.0 - low, XI_STEPS - xi) - _power(1.0 - high, XI_STEPS - xi)) * float(means[4])
        result[mine] = total / (high - low)
    return np.floor(result + 0.5).astype(np.int64)


def _boundaries(means: list[float]) -> tuple[list[float], list[float], list[float], int]:
    """Lowest, middle and highest quantile of the lower four fifths, and the Pareto index in 1/64.

    Fifths meet half way between their means; the fourth is one straight line as nearly as 1/64 allows.
    """
    first, second, third, fourth, fifth = means
    inner = [(first + second) / 2, (second + third) / 2, (third + fourth) / 2]
    lowest = max(2 * first - inner[0], first / 3)
    xi = int(np.floor((1 - (2 * fourth - inner[2]) / fifth) * XI_STEPS + 0.5))
    xi = min(max(xi, 1), XI_STEPS - 1)
    top = fifth * (XI_STEPS - xi) / XI_STEPS
    bottoms, tops = [lowest, *inner], [*inner, top]
    middles = [(4 * mean - low - high) / 2 for mean, low, high in zip(means[:4], bottoms, tops, strict=True)]
    for k, (low, middle, high) in enumerate(zip(bottoms, middles, tops, strict=True)):
        if not low <= middle <= high:
            raise ValueError(f"incomes of the fifths {[mean / 100 for mean in means]} yuan leave no rising "
                             f"distribution in fifth {k + 1}: expected means that rise more evenly")
    return bottoms, middles, tops, xi


def _area(x: np.ndarray, bottom: float, middle: float, top: float) -> np.ndarray:
    """Integral from 0 to x of the two straight lines (0, bottom) - (1/2, middle) - (1, top)."""
    left, right = np.minimum(x, 0.5), np.maximum(x - 0.5, 0.0)
    return (bottom * left + (middle - bottom) * (left * left)) + (middle * right + (top - middle) * (right * right))


def _power(t: np.ndarray, steps: int) -> np.ndarray:
    """t^(steps / 64) for 0 <= t <= 1 and 0 < steps < 64, by square roots."""
    result, root = np.ones_like(t), t
    for bit in (32, 16, 8, 4, 2, 1):
        root = np.sqrt(root)
        if steps & bit:
            result = result * root
    return result
