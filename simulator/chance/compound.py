"""The compound Poisson distribution: what a year's claims come to together, on a lattice, by the fast Fourier transform.

Klugman, Panjer and Willmot, "Loss Models", 4th edition, chapters 8 (limited expected values) and 9 (aggregate claims).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

FEWEST_POINTS, MOST_POINTS = 1 << 14, 1 << 19
CLOSE = 1e-6                    # of the mean: what a lattice twice as fine may still change
TILT = 30.0                     # the transform wraps around: what comes back is damped by exp(-30)

Limited = Callable[[np.ndarray], np.ndarray]         # E[min(X, u)] at each u


class Line(NamedTuple):
    """A continuous function of an amount, 0 at 0: straight behind each of the knots (float64[k], the first is 0) with its slope
    (float64[k])."""

    knots: np.ndarray
    slopes: np.ndarray

    @property
    def pieces(self) -> list[tuple[float, float, float]]:
        """From, to and slope of each piece; the last has no end."""
        return list(zip(self.knots.tolist(), [*self.knots[1:].tolist(), np.inf], self.slopes.tolist(), strict=True))

    def at(self, amounts: np.ndarray) -> np.ndarray:
        """The function's values, float64 of the amounts' shape."""
        amounts = np.asarray(amounts, dtype=np.float64)
        return sum((slope * np.clip(amounts - low, 0.0, high - low) for low, high, slope in self.pieces), np.zeros(amounts.shape))

    def mean(self, limited: Limited) -> float:
        """E[g(X)] of this function g, from the limited expected values of X."""
        ends = limited(np.append(self.knots, np.inf))
        return float(self.slopes @ np.diff(ends))


def poisson_chances(rate: float) -> np.ndarray:
    """P(N = 0), P(N = 1), ... of a Poisson number, as far as it matters in double precision."""
    most = int(rate + 12 * rate**0.5) + 40
    return np.exp(-rate) * np.cumprod(np.append(1.0, rate / np.arange(1, most + 1)))


def expected_in_place(rate: float, places: int) -> np.ndarray:
    """Expected number of claims that are the first, the second, ... of the year; the last place stands for all later ones too."""
    at_least = 1.0 - np.cumsum(poisson_chances(rate))[:places - 1]       # P(N >= 1), P(N >= 2), ...
    return np.append(at_least, rate - at_least.sum())


def on_lattice(line: Line, limited: Limited, step: float, points: int) -> np.ndarray:
    """The distribution of g(X), g rising, on 0, step, ..., (points - 1) step: the mean over every step is kept, and the mass
    beyond is left out."""
    limits = step * np.arange(points + 1)
    total, paid = np.zeros(points + 1), 0.0                             # E[min(g(X), y)]
    for low, high, slope in line.pieces:
        if slope > 0:
            reached = np.minimum(low + np.maximum(limits - paid, 0.0) / slope, high)
            total += slope * (limited(reached) - limited(np.array(low)))
            paid += slope * (high - low)
    mass = np.empty(points)
    mass[0] = 1.0 - total[1] / step
    mass[1:] = (2 * total[1:-1] - total[:-2] - total[2:]) / step
    return mass


def sum_of_claims(rate: float, masses: Sequence[np.ndarray]) -> np.ndarray:
    """P(S = k step) of the sum of a Poisson number of claims: the first claim has the first of the distributions, the second the
    second, and all from the last one on have the last."""
    points = len(masses[0])
    size = 8 << (points - 1).bit_length()
    tilt = np.exp(-TILT / size * np.arange(points))
    transforms = [np.fft.rfft(mass * tilt, size) for mass in masses]
    generating = np.zeros_like(transforms[0])
    for number, chance in reversed(list(enumerate(poisson_chances(rate)))):
        generating = generating * transforms[min(number, len(masses) - 1)] + chance
    return np.fft.irfft(generating, size)[:points] / tilt


def mean_of_year(rate: float, lines: Sequence[Line], limited: Limited, year: Line) -> tuple[float, int]:
    """E[A(S)], S being the year's sum of g(X) with a line g for the first claim, the second, ..., and A the line `year`; and the
    points of the lattice (0 where none was needed).

    A is straight behind its last knot, so the lattice ends there. ArithmeticError if twice as many points never change the mean
    by less than CLOSE.
    """
    mean = float(expected_in_place(rate, len(lines)) @ [line.mean(limited) for line in lines])
    knot, slope = float(year.knots[-1]), float(year.slopes[-1])
    if knot == 0:
        return slope * mean, 0
    before, points = np.inf, FEWEST_POINTS
    while points <= MOST_POINTS:
        step = knot / points
        chance = sum_of_claims(rate, [on_lattice(line, limited, step, points) for line in lines])
        below = step * np.arange(points)
        beyond, left = 1.0 - chance.sum(), mean - chance @ below        # P(S >= knot) and E[S; S >= knot]
        found = float(chance @ year.at(below) + float(year.at(np.array(knot))) * beyond + slope * (left - knot * beyond))
        if abs(found - before) <= CLOSE * abs(found):
            return found, points
        before, points = found, 2 * points
    raise ArithmeticError(f"lattices of {MOST_POINTS // 2} and {MOST_POINTS} points give {before:g} and {found:g}")
