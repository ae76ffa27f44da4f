"""95% intervals of what a law of bills says, by profile likelihood, when the law itself is not known.

What is asked for (the coefficient of variation; of bills that are capped the mean too) is held at a value while the law's other
parameter is free, and the value is possible so long as the likelihood has not fallen too far below the highest of all laws. The
interval is that of the values that are possible under any of the laws (Dauncey et al. 2015, for choices without a scale). Where
the bills leave one law alone within reach, twice the log likelihood may fall by 3.84, the quantile of chi-square with one degree
of freedom; where they leave several the law is a second unknown, and it is 5.99, that with two. The fall is multiplied by how
much more the sum of what the bills contribute varies because a person's hang together (Chandler & Bate 2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from scipy import optimize

from simulator.fitting.intervals import Figure, together
from simulator.fitting.laws import LAWS, Law, log_likelihoods, negative_log_likelihood

ONE_UNKNOWN, TWO_UNKNOWN = 3.8415, 5.9915      # quantiles at 0.95 of chi-square with one and two degrees of freedom
TINY_STEP = 1e-3                               # of logarithmic parameters, for derivatives
FIRST_STEP, WIDER, FARTHEST = 0.05, 1.6, 12.0  # outwards from the best value


class Best(NamedTuple):
    """A law of two parameters at its best: its name, logarithmic parameters, and minus its log likelihood."""

    name: str
    at: np.ndarray
    loss: float

    def law(self, at: np.ndarray) -> Law:
        return LAWS[self.name].make(at)


class Target(NamedTuple):
    """What is asked of a law. `of` splits logarithmic parameters into what is asked, in some coordinate, and what is free; `at`
    puts them together again; `said` is the figure at a coordinate."""

    of: Callable[[Best, np.ndarray], tuple[float, float]]
    at: Callable[[Best, float, float], np.ndarray]
    said: Callable[[Best, float], float]


def _split(best: Best, at: np.ndarray) -> tuple[float, float]:
    """Shape and scale."""
    scale = LAWS[best.name].scale
    return float(at[1 - scale]), float(at[scale])


def _joined(best: Best, shape: float, scale: float) -> np.ndarray:
    return np.array([scale, shape] if LAWS[best.name].scale == 0 else [shape, scale])


def cv_of(law: Law) -> float:
    """The coefficient of variation of a law, infinite where it has none."""
    mean, sd = float(law.of("mean")), float(law.of("std"))
    return sd / mean if math.isfinite(mean) and mean > 0 and math.isfinite(sd) else math.inf


def _mean_and_shape(best: Best, at: np.ndarray) -> tuple[float, float]:
    return math.log(float(best.law(at).of("mean"))), _split(best, at)[0]


def _of_mean(best: Best, mean: float, shape: float) -> np.ndarray:
    return _joined(best, shape, mean - math.log(float(best.law(_joined(best, shape, 0.0)).of("mean"))))


CV = Target(_split, _joined, lambda best, shape: cv_of(best.law(_joined(best, shape, 0.0))))     # the shape alone decides it
MEAN = Target(_mean_and_shape, _of_mean, lambda best, log: math.exp(log))


def law_figure(target: Target, laws: Mapping[str, tuple[float, ...]], values: np.ndarray, cap: float,
               person: np.ndarray) -> Figure:
    """The figure of the first of the laws, name -> its best logarithmic parameters, fitted to amounts float64[n] of persons
    int64[n], with the interval under any of them."""
    bests = [Best(name, np.array(at), negative_log_likelihood(name, np.array(at), values, cap)) for name, at in laws.items()]
    first, least = bests[0], min(one.loss for one in bests)
    hanging = together(_influences(target, first, values, cap), person)
    within = [one for one in bests if 2 * (one.loss - least) < hanging * TWO_UNKNOWN]
    fall = hanging * (ONE_UNKNOWN if len(within) == 1 else TWO_UNKNOWN)
    ends = [target.said(one, end) for one in within
            for end in _ends(target, one, fall - 2 * (one.loss - least), values, cap)]
    low, high = min(ends), max(ends)
    return Figure(len(values), target.said(first, target.of(first, first.at)[0]), (high - low) / (2 * 1.96), low, high)


def _ends(target: Target, best: Best, fall: float, values: np.ndarray, cap: float) -> list[float]:
    """The coordinates on each side of the best where twice the log likelihood, at its best free parameter, has fallen so far."""
    asked, free = target.of(best, best.at)

    def fallen(at: float, near: float) -> tuple[float, float]:
        """How far beyond what is allowed, and the free parameter."""
        found = optimize.minimize_scalar(
            lambda other: negative_log_likelihood(best.name, target.at(best, at, other), values, cap),
            bracket=(near - 0.02, near + 0.02), tol=1e-4)
        return 2 * (float(found.fun) - best.loss) - fall, float(found.x)

    ends = []
    for side in (-1.0, 1.0):
        inner, near, step = asked, free, side * FIRST_STEP
        outer = inner + step
        beyond, near = fallen(outer, near)
        while beyond < 0 and abs(outer - asked) < FARTHEST:
            step *= WIDER
            inner, outer = outer, outer + step
            beyond, near = fallen(outer, near)
        ends.append(outer if beyond < 0 else
                    float(optimize.brentq(lambda at, near=near: fallen(at, near)[0], inner, outer, xtol=1e-4)))
    return ends


def _influences(target: Target, best: Best, values: np.ndarray, cap: float) -> np.ndarray:
    """How much each of the amounts moves what is asked, but for a factor, float64[n]."""
    steps = np.eye(len(best.at)) * TINY_STEP

    def scores(at: np.ndarray) -> np.ndarray:
        return np.stack([(log_likelihoods(best.name, at + step, values, cap) - log_likelihoods(best.name, at - step, values, cap))
                         / (2 * TINY_STEP) for step in steps], axis=1)

    curvature = np.stack([(scores(best.at - step) - scores(best.at + step)).sum(axis=0) / (2 * TINY_STEP) for step in steps])
    slope = np.array([(target.of(best, best.at + step)[0] - target.of(best, best.at - step)[0]) / (2 * TINY_STEP)
                      for step in steps])
    return scores(best.at) @ (np.linalg.pinv(curvature) @ slope)
