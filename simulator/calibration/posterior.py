"""Worlds that the evidence leaves: latent numbers drawn in the proportion in which they agree with the published figures.

The likelihood of a world is normal: what is published less what the emulators expect of it, against the covariance of the stated
errors, the model's errors and what the emulators leave; beside a bound, the probability of not passing it. Particles go from the
distribution by chance to the one given the evidence in tempered steps (Del Moral, Doucet and Jasra 2006, Journal of the Royal
Statistical Society B 68): each raises the power of the likelihood until a quarter of the particles are effective,
resamples them, and moves them by elliptical slice sampling about the distribution that they would have were figures linear
(Nishihara, Murray and Adams 2014, Journal of Machine Learning Research 15), which needs no step size and leaves the distribution
as it is. Rule books, a choice of few, are moved apart, each with the shift of all else that makes up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

PARTICLES = 2_000
LEFT_EFFECTIVE = 0.25                     # of the particles, that each step leaves effective
MOVES, LAST_MOVES = 2, 10       # of every particle in a step, and in the last one
MOST_SHRINKS = 30               # of one move
MOST_TEMPERED = 200
STEP = 0.25                     # of a latent number, by which slopes are taken


@dataclass(frozen=True)
class Evidence:
    """What is published: K values and their covariance float64[K, K] with all errors; `bound` bool[K] are not to be passed."""

    values: np.ndarray
    covariance: np.ndarray
    bound: np.ndarray

    @cached_property
    def met(self) -> np.ndarray:
        """The places of what is no bound, int64."""
        return np.flatnonzero(~self.bound)

    @cached_property
    def root(self) -> np.ndarray:
        """The lower factor of the covariance of what is no bound."""
        return np.linalg.cholesky(self.covariance[np.ix_(self.met, self.met)])

    def white(self, missed: np.ndarray) -> np.ndarray:
        """Misses of all figures float64[N, K] as independent normal numbers of those that are no bound, float64[N, met]."""
        from scipy import linalg
        return linalg.solve_triangular(self.root, missed[:, self.met].T, lower=True, check_finite=False).T

    def log_likelihood(self, expected: np.ndarray) -> np.ndarray:
        """The log likelihood, but for a constant, of expected figures float64[N, K]."""
        white = self.white(self.values - expected)
        found = -0.5 * np.sum(white * white, axis=1)
        if self.bound.any():
            from scipy import special
            bound = np.flatnonzero(self.bound)
            sizes = np.sqrt(np.diag(self.covariance)[bound])
            found = found + special.log_ndtr((self.values[bound] - expected[:, bound]) / sizes).sum(axis=1)
        return found


@dataclass(frozen=True)
class Drawn:
    """Latent numbers float64[N, V] in equal weight; the power of each step; and the effective number of worlds by chance, had the
    first particles simply been weighed."""

    latent: np.ndarray
    powers: tuple[float, ...]
    effective_by_chance: float


def draw(expected: Callable[[np.ndarray], np.ndarray], evidence: Evidence, size: int, seed: int, choices: Sequence[int] = (),
         particles: int = PARTICLES) -> Drawn:
    """Draw particles of `size` latent numbers given the evidence; `expected` are the figures of latent numbers float64[N, size],
    and `choices` the places of those that choose among rule books."""
    random = np.random.default_rng(seed)
    problem = _Problem(expected, evidence, np.array(choices, dtype=np.int64))
    latent = random.standard_normal((particles, size))
    told, power, powers = problem.told(latent), 0.0, list[float]()
    by_chance = effective(told)
    while power < 1.0 and len(powers) < MOST_TEMPERED:
        power, before = _next_power(told, power), power
        powers.append(power)
        chosen = resampled((power - before) * told, random, particles)
        latent = latent[chosen]
        line = problem.line(latent, power)
        for _ in range(MOVES if power < 1.0 else LAST_MOVES):
            latent = problem.chosen_anew(latent, line, power, random)
            latent = problem.moved(latent, line, power, random)
        told = problem.told(latent)
    return Drawn(latent, tuple(powers), by_chance)


def effective(log_weights: np.ndarray) -> float:
    """The effective number of worlds with these weights: (sum w)^2 / sum w^2 (Kong, Liu and Wong 1994, JASA 89)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / np.sum(weights * weights))


def resampled(log_weights: np.ndarray, random: np.random.Generator, count: int) -> np.ndarray:
    """The places of `count` worlds drawn by weight, evenly (systematic resampling), int64[count]."""
    weights = np.exp(log_weights - log_weights.max())
    cumulative = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(cumulative, (np.arange(count) + random.random()) / count), len(weights) - 1)


def _next_power(told: np.ndarray, power: float) -> float:
    """The largest power up to 1 that leaves LEFT_EFFECTIVE of the particles effective."""
    def enough(to: float) -> bool:
        return effective((to - power) * told) >= LEFT_EFFECTIVE * len(told)

    if enough(1.0):
        return 1.0
    low, high = power, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if enough(middle) else (low, middle)
    return max(low, float(np.nextafter(power, 2.0)))


@dataclass(frozen=True)
class _Line:
    """Figures as linear functions about `at` float64[V], and what the latent numbers would then be distributed as: `gain`
    float64[V, met] makes their mean of white misses, `root` their covariance, `inverse` undoes it."""

    at: np.ndarray
    gain: np.ndarray
    slope: np.ndarray
    root: np.ndarray
    inverse: np.ndarray


@dataclass(frozen=True)
class _Problem:
    """A log likelihood, and how particles move under a power of it."""

    expected: Callable[[np.ndarray], np.ndarray]
    evidence: Evidence
    choices: np.ndarray

    def told(self, latent: np.ndarray) -> np.ndarray:
        return self.evidence.log_likelihood(self.expected(latent))

    def line(self, latent: np.ndarray, power: float) -> _Line:
        """The linear problem about the particles' mean."""
        size = latent.shape[1]
        at = latent.mean(axis=0)
        free = np.setdiff1d(np.arange(size), self.choices)
        steps = np.zeros((len(free), size))
        steps[np.arange(len(free)), free] = STEP
        rise = (self.expected(at + steps) - self.expected(at - steps)) / (2 * STEP)
        slope = np.zeros((size, len(self.evidence.met)))
        slope[free] = self.evidence.white(rise)
        inverse = np.linalg.cholesky(np.eye(size) + power * slope @ slope.T).T            # of the covariance: inverse' inverse
        root = np.linalg.inv(inverse)
        return _Line(at, power * root @ (root.T @ slope), slope, root, inverse)

    def middle(self, latent: np.ndarray, line: _Line) -> np.ndarray:
        """The mean of the linear problem under each particle's own choices, float64[N, V]; that of a choice is its own place."""
        about = np.broadcast_to(line.at, latent.shape).copy()
        about[:, self.choices] = latent[:, self.choices]
        free = line.at.copy()
        free[self.choices] = 0.0
        white = self.evidence.white(self.evidence.values - self.expected(about)) + free @ line.slope
        found = white @ line.gain.T
        found[:, self.choices] = latent[:, self.choices]
        return found

    def moved(self, latent: np.ndarray, line: _Line, power: float, random: np.random.Generator) -> np.ndarray:
        """Particles moved about the linear problem's mean, their choices held."""
        count, size = latent.shape
        middle, inverse = self.middle(latent, line), line.inverse

        def weight(points: np.ndarray, about: np.ndarray) -> np.ndarray:
            white = (points - about) @ inverse.T
            return power * self.told(points) - 0.5 * np.sum(points * points, axis=1) + 0.5 * np.sum(white * white, axis=1)

        other = random.standard_normal((count, size)) @ line.root.T
        other[:, self.choices] = 0.0
        level = weight(latent, middle) + np.log(random.random(count))
        angle = 2 * np.pi * random.random((count,))
        least, most = angle - 2 * np.pi, angle.copy()
        left, new = np.arange(count), latent.copy()
        for _ in range(MOST_SHRINKS):
            turn = angle[left, None]
            points = middle[left] + (latent[left] - middle[left]) * np.cos(turn) + other[left] * np.sin(turn)
            good = weight(points, middle[left]) > level[left]
            new[left[good]] = points[good]
            left = left[~good]
            if not len(left):
                break
            below = angle[left] < 0
            least[left] = np.where(below, angle[left], least[left])
            most[left] = np.where(below, most[left], angle[left])
            angle[left] = least[left] + random.random(len(left)) * (most[left] - least[left])
        return new

    def chosen_anew(self, latent: np.ndarray, line: _Line, power: float, random: np.random.Generator) -> np.ndarray:
        """Particles each with another place of one choice, by chance, and all else shifted as the linear problem's mean is;
        taken as the densities ask (Metropolis)."""
        for place in self.choices:
            other = latent.copy()
            other[:, place] = random.standard_normal(len(latent))
            free = np.setdiff1d(np.arange(latent.shape[1]), self.choices)
            other[:, free] += (self.middle(other, line) - self.middle(latent, line))[:, free]
            gain = power * (self.told(other) - self.told(latent)) - 0.5 * (np.sum(other[:, free] ** 2, axis=1)
                                                                        - np.sum(latent[:, free] ** 2, axis=1))
            latent = np.where((np.log(random.random(len(latent))) < gain)[:, None], other, latent)
        return latent
