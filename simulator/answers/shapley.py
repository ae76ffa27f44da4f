"""The exact Shapley value of a gap, world by world: what each of n blocks contributes on average over all orders.

Figures are float64, which are whole numbers of some power of two. So all arithmetic is done in whole numbers, over a denominator
that is common to all worlds, and the parts of every world add up to its gap exactly. Coalitions are numbers: bit i is set when
block i comes from the second region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

import numpy as np


@dataclass(frozen=True)
class Split:
    """A gap and its parts: whole numbers over `denominator`, object arrays of Python integers."""

    values: np.ndarray             # [2**n, D]: the measure under each coalition
    parts: np.ndarray              # [n, D]
    denominator: int
    low: tuple[Fraction, ...]      # by block: the least mean contribution over all orders
    high: tuple[Fraction, ...]     # the largest

    def mean(self, numerators: np.ndarray) -> Fraction:
        """The exact mean over the worlds of whole numbers over the denominator, object[D]."""
        return Fraction(sum(numerators.tolist()), self.denominator * len(numerators))

    def worlds(self, numerators: np.ndarray) -> np.ndarray:
        """The same by world, float64[D]."""
        return np.array([float(Fraction(number, self.denominator)) for number in numerators.tolist()])


def whole_numbers(values: np.ndarray, times: int = 1) -> tuple[np.ndarray, int]:
    """Finite floats as whole numbers (an object array of the same shape) over a common denominator, which `times` divides."""
    exact = [value.as_integer_ratio() for value in np.asarray(values, dtype=np.float64).ravel().tolist()]
    common = max((denominator for _, denominator in exact), default=1)          # powers of two
    numbers = np.empty(len(exact), dtype=object)
    numbers[:] = [numerator * (common // denominator) * times for numerator, denominator in exact]
    return numbers.reshape(np.shape(values)), common * times


def shapley(values: np.ndarray) -> Split:
    """Split the gap between the last coalition and the empty one, in each world, exactly.

    `values` float64[2**n, D] has the figure under every coalition, in their order. ValueError if 2**n does not fit or a figure is
    not finite.
    """
    n = len(values).bit_length() - 1
    if len(values) != 1 << n or not np.isfinite(values).all():
        raise ValueError(f"{len(values)} coalitions of finite figures, expected a power of two")
    numbers, denominator = whole_numbers(values, factorial(n))
    masks = np.arange(1 << n)
    size = np.array([mask.bit_count() for mask in masks.tolist()])
    parts, low, high = np.empty((n, values.shape[1]), dtype=object), [], []
    for block in range(n):
        without = masks[masks >> block & 1 == 0]
        gained = numbers[without | 1 << block] - numbers[without]                             # [2**(n-1), D]
        weight = np.array([factorial(s) * factorial(n - s - 1) for s in size[without].tolist()], dtype=object)
        parts[block] = (gained * weight[:, None]).sum(axis=0) // factorial(n)                 # without remainder
        means = gained.sum(axis=1).tolist()
        low.append(Fraction(min(means), denominator * values.shape[1]))
        high.append(Fraction(max(means), denominator * values.shape[1]))
    return Split(numbers, parts, denominator, tuple(low), tuple(high))


def rounded(exact: Sequence[Fraction], unit: Fraction, total: int) -> list[int]:
    """The parts in whole units, each within a unit or so of the exact one, that add up to `total` units (largest remainder).

    `total` is the rounded sum of the parts; a part of zero stays zero. ValueError where `total` lies further off.
    """
    units = [int(part / unit // 1) for part in exact]
    rest = [part / unit - whole for part, whole in zip(exact, units, strict=True)]
    ranked = sorted((i for i, part in enumerate(exact) if part), key=lambda i: (-rest[i], i))
    missing = total - sum(units)
    if abs(sum(exact) / unit - total) > 1 or missing and not ranked:
        raise ValueError(f"parts of {float(sum(exact) / unit)} units and a total of {total}")
    for step in range(abs(missing)):
        units[ranked[step % len(ranked)] if missing > 0 else ranked[-1 - step % len(ranked)]] += 1 if missing > 0 else -1
    return units


def nearest_unit(exact: Fraction, unit: Fraction) -> int:
    """The nearest whole number of units, halves up."""
    return int((exact / unit + Fraction(1, 2)) // 1)
