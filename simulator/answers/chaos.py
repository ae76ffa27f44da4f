"""A polynomial model of an outcome over worlds: which settings move it, when there are nearly as many settings as worlds.

An outcome y[D] is written as a mean, terms of the settings with coefficients b, one effect for each roster, and noise that no
setting explains. Terms are polynomials orthonormal in the worlds themselves (arbitrary polynomial chaos: Oladyshkin and Nowak
2012, Reliability Engineering & System Safety 106): the first degree of every setting, and of the higher degrees and the products
of two those that a test finds, each at a chance of about one in a hundred that a term enters which moves nothing.

The coefficients are estimated by adaptive ridge: each has a normal prior whose variance comes from a mixture over a grid that has
zero in it, and the mixture, the variance of the rosters' effects and that of the noise are found by marginal likelihood (as
Kim, Wang, Carbonetto and Stephens 2024, Journal of Machine Learning Research 25, do for regression with many predictors). So what
is reported of a term is the posterior mean of b squared: a share is neither inflated by the noise of many estimates nor shrunk to
nothing, also where there are as many settings as worlds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

PRIOR_GRID = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 9)])     # variances of a coefficient, of an outcome of variance one
NULL_COUNT, OTHER_COUNT = 20.0, 0.1      # terms seen before any: without effect, and of each variance
PRIOR_STEPS, DAMPING, CONVERGED = 80, 0.7, 1e-4
TERM_ROUNDS, ADDED = 12, 8                    # how often terms are sought, and how many enter each time
FALSE_TERM = 0.01                        # the chance that a term enters where none moves anything
FEW_SETTINGS, MANY_DEGREES, SOME_DEGREES = 12, 9, 3     # up to so many settings have all pairs, and the higher degrees
WORLDS_A_DEGREE = 100                    # worlds for each degree above SOME_DEGREES
FEW_LEVELS = 8                           # a setting of so few values is a choice among them
PAIRED_SETTINGS = 14                     # with more settings: those with the largest share, whose products are tried


class Term(NamedTuple):
    """A product of polynomials of one or two settings: the settings' places, and their degrees."""

    settings: tuple[int, ...]
    degrees: tuple[int, ...]


@dataclass(frozen=True)
class Chaos:
    """A fitted model of an outcome, all in units of its standard deviation.

    Terms T: columns float64[D, T]; coefficients' posterior mean float64[T], their second moments float64[T, T]; the variance of
    rosters and of noise. `prior` and `mixture` are what another sample of worlds is fitted with when errors are found.
    """

    terms: tuple[Term, ...]
    bases: tuple[Polynomials, ...]
    scales: np.ndarray               # of each term: what is taken from its product, and what that is divided by, float64[T, 2]
    columns: np.ndarray
    mean: np.ndarray
    moments: np.ndarray
    rosters: np.ndarray              # second moment of each roster's effect, float64[R]
    noise: float
    uncertainty: float               # the variance that the coefficients' own errors give to a prediction
    prior: _Prior

    @property
    def of_roster(self) -> float:
        return float(self.rosters.mean())

    def without(self, y: np.ndarray, places: np.ndarray, left_out: np.ndarray) -> tuple[Chaos, np.ndarray]:
        """The model with the same terms fitted without some worlds, bool[D], and by how much it misses these: squared, less
        the variance of its own uncertainty, float64[left out]. `y` is the standardised outcome of all worlds.

        Moments are of terms that have variance one in all worlds, times their variance in those that are kept."""
        some, rosters = self.columns[~left_out], len(self.rosters)
        prior, found = _fitted(_gram(some, y[~left_out], places[~left_out], rosters), self.prior)
        sizes = some.std(axis=0)
        made = replace(self, mean=found.mean, moments=found.moments * np.outer(sizes, sizes), rosters=found.rosters,
                       noise=found.noise, prior=prior)
        there = np.concatenate([self.columns[left_out], np.eye(rosters)[places[left_out]]], axis=1)
        missed = y[left_out] - y[~left_out].mean() - there @ found.centre
        return made, missed**2 - np.sum(there @ found.covariance * there, axis=1)


class _Prior(NamedTuple):
    variance: np.ndarray             # of each coefficient, float64[T]
    roster: float
    noise: float
    mixture: np.ndarray              # weights of PRIOR_GRID by kind of term, float64[2, K]
    kinds: np.ndarray                # of each term: 0 of the first degree, 1 of others


class _Gram(NamedTuple):
    """The products of terms, rosters and outcome: F'F of F = [terms, rosters], F'y, y'y, worlds, terms."""

    products: np.ndarray
    with_y: np.ndarray
    y_y: float
    worlds: int
    terms: int


class _Posterior(NamedTuple):
    mean: np.ndarray
    moments: np.ndarray
    rosters: np.ndarray
    noise: float
    variance: np.ndarray             # that the terms' priors should have
    responsibility: np.ndarray       # of each variance of the grid for each term, float64[T, K]
    inner: np.ndarray                # (noise I + Z'Z)^-1, of Z the terms and rosters times the roots of their variances
    centre: np.ndarray               # mean and covariance of terms and rosters with every prior normal
    covariance: np.ndarray


@dataclass(frozen=True)
class Polynomials:
    """Polynomials of one setting that are orthonormal over the worlds and have mean zero: each is the one before it times the
    setting, less its parts along all before, over a size."""

    mean: float
    sd: float
    parts: tuple[np.ndarray, ...]
    sizes: tuple[float, ...]

    @classmethod
    def of(cls, values: np.ndarray, degree: int) -> Polynomials:
        """Those of a setting float64[D], at most `degree` of them; fewer where it has few values, none where it has one."""
        levels = len(np.unique(values))
        if levels < 2:
            return cls(float(values[0]), 1.0, (), ())
        mean, sd = float(values.mean()), float(values.std())
        powers, parts, sizes = np.ones((len(values), 1)), [], []
        for _ in range(min(degree, levels - 1)):
            column, taken = (values - mean) / sd * powers[:, -1], np.zeros(powers.shape[1])
            for _ in range(2):                                 # twice, for the sake of precision
                along = powers.T @ column / len(values)
                column, taken = column - powers @ along, taken + along
            size = float(np.sqrt(np.mean(column * column)))
            if size < 1e-8:
                break
            powers = np.concatenate([powers, column[:, None] / size], axis=1)
            parts.append(taken)
            sizes.append(size)
        return cls(mean, sd, tuple(parts), tuple(sizes))

    def at(self, values: np.ndarray, degree: int | None = None) -> np.ndarray:
        """The polynomials at values float64[N], float64[N, degrees]; of at most a `degree`."""
        scaled, powers = (values - self.mean) / self.sd, np.ones((len(values), 1 + len(self.sizes[:degree])))
        for nth, (taken, size) in enumerate(zip(self.parts[:degree], self.sizes, strict=False), 1):
            powers[:, nth] = (scaled * powers[:, nth - 1] - powers[:, :nth] @ taken) / size
        return powers[:, 1:]


def fit(settings: np.ndarray, y: np.ndarray, places: np.ndarray) -> Chaos:
    """The model of an outcome y float64[D], of mean zero and variance one, over settings float64[D, V] and the places of the
    worlds' rosters int64[D]."""
    worlds, count = settings.shape
    few = count <= FEW_SETTINGS
    degree = SOME_DEGREES if not few else int(np.clip(worlds // WORLDS_A_DEGREE, SOME_DEGREES, MANY_DEGREES))
    choice = [len(np.unique(settings[:, v])) <= FEW_LEVELS for v in range(count)]
    bases = tuple(Polynomials.of(settings[:, v], FEW_LEVELS if choice[v] else degree) for v in range(count))
    of_setting = [basis.at(settings[:, v]) for v, basis in enumerate(bases)]
    terms = [Term((v,), (d,)) for v, own in enumerate(of_setting) for d in range(1, own.shape[1] + 1) if d == 1 or choice[v]]
    rosters = int(places.max()) + 1 if len(places) else 0

    def scale(term: Term) -> tuple[float, float]:
        made = _product(term, of_setting)
        return (0.0, 1.0) if len(term.settings) == 1 else (float(made.mean()), max(float(made.std()), 1e-12))

    def column(term: Term) -> np.ndarray:
        mean, size = scale(term)
        return (_product(term, of_setting) - mean) / size

    columns = np.stack([column(term) for term in terms], axis=1) if terms else np.empty((worlds, 0))
    prior = _first_prior(np.zeros(len(terms), dtype=np.int64))
    for _ in range(TERM_ROUNDS):
        gram = _gram(columns, y, places, rosters)
        prior, found = _fitted(gram, prior)
        tried = _candidates(terms, of_setting, found, few, degree)
        if not tried:
            break
        more = np.stack([column(term) for term in tried], axis=1)
        entering = _entering(columns, more, y, places, rosters, found, prior)
        if not len(entering):
            break
        terms += [tried[nth] for nth in entering]
        columns = np.concatenate([columns, more[:, entering]], axis=1)
        prior = _Prior(np.concatenate([prior.variance, np.full(len(entering), 0.02)]), prior.roster, prior.noise, prior.mixture,
                       np.concatenate([prior.kinds, np.ones(len(entering), dtype=np.int64)]))
    else:
        prior, found = _fitted(_gram(columns, y, places, rosters), prior)
    scales = np.array([scale(term) for term in terms]).reshape(len(terms), 2)
    own = found.covariance[:len(terms), :len(terms)]
    uncertainty = float(np.mean(np.sum(columns @ own * columns, axis=1)))
    return Chaos(tuple(terms), bases, scales, columns, found.mean, found.moments, found.rosters, found.noise, uncertainty, prior)


def columns_at(terms: Sequence[Term], bases: Sequence[Polynomials], scales: np.ndarray, settings: np.ndarray) -> np.ndarray:
    """The terms of a model at settings float64[N, V], float64[N, T]."""
    highest: dict[int, int] = {}
    for term in terms:
        for v, d in zip(term.settings, term.degrees, strict=True):
            highest[v] = max(d, highest.get(v, 0))
    of_setting = {v: bases[v].at(settings[:, v], degree) for v, degree in highest.items()}
    columns = [(_product(term, of_setting) - mean) / size for term, (mean, size) in zip(terms, scales, strict=True)]
    return np.stack(columns, axis=1)


def _product(term: Term, of_setting: Sequence[np.ndarray] | Mapping[int, np.ndarray]) -> np.ndarray:
    """The product of the polynomials of a term, given those of its settings."""
    made = np.ones(len(of_setting[term.settings[0]]))
    for v, d in zip(term.settings, term.degrees, strict=True):
        made = made * of_setting[v][:, d - 1]
    return made


def _candidates(terms: list[Term], of_setting: list[np.ndarray], found: _Posterior, few: bool, degree: int) -> list[Term]:
    """Terms that are not in the model: higher degrees of every setting, and products of two of those that count."""
    share = np.zeros(len(of_setting))
    for term, moment in zip(terms, np.diag(found.moments), strict=True):
        for v in term.settings:
            share[v] += moment
    counting = range(len(of_setting)) if few else sorted(np.argsort(-share, kind="stable")[:PAIRED_SETTINGS].tolist())
    tried = [Term((v,), (d,)) for v, own in enumerate(of_setting) for d in range(2, own.shape[1] + 1)]
    most = degree if few else 2
    tried += [Term((v, w), (d, e)) for v, w in combinations(counting, 2) for d in range(1, min(most, of_setting[v].shape[1]) + 1)
              for e in range(1, min(most, of_setting[w].shape[1]) + 1) if d + e <= most]
    there = set(terms)
    return [term for term in tried if term not in there]


def _entering(columns: np.ndarray, more: np.ndarray, y: np.ndarray, places: np.ndarray, rosters: int, found: _Posterior,
              prior: _Prior) -> np.ndarray:
    """Which candidates enter: those whose squared score over its variance, chi-squared of one degree where a term moves nothing,
    is beyond what the largest of all of them is in one sample of a hundred."""
    from scipy import special

    roots = np.sqrt(np.concatenate([prior.variance, np.full(rosters, prior.roster)]))
    z = np.concatenate([columns, np.eye(rosters)[places]], axis=1) * roots
    left = (y - z @ (found.inner @ (z.T @ y))) / prior.noise
    across = z.T @ more
    spread = (np.sum(more * more, axis=0) - np.sum(across * (found.inner @ across), axis=0)) / prior.noise
    score = (more.T @ left) ** 2 / np.maximum(spread, 1e-12)
    needed = special.chdtri(1, FALSE_TERM / len(score))
    order = np.argsort(-score, kind="stable")[:ADDED]
    return order[score[order] > needed]


def _first_prior(kinds: np.ndarray) -> _Prior:
    grid = np.full((2, len(PRIOR_GRID)), 1 / len(PRIOR_GRID))
    return _Prior(np.full(len(kinds), 0.5 / max(len(kinds), 1)), 0.02, 0.4, grid, kinds)


def _gram(columns: np.ndarray, y: np.ndarray, places: np.ndarray, rosters: int) -> _Gram:
    whole = np.concatenate([columns, np.eye(rosters)[places]], axis=1)
    centred = y - y.mean()
    return _Gram(whole.T @ whole, whole.T @ centred, float(centred @ centred), len(y), columns.shape[1])


def _posterior(gram: _Gram, prior: _Prior) -> _Posterior:
    """The posterior of coefficients, rosters and noise under a prior, and what the prior should be."""
    rosters, t, n = len(gram.with_y) - gram.terms, gram.terms, gram.worlds
    variance = np.concatenate([prior.variance, np.full(rosters, prior.roster)])
    roots = np.sqrt(variance)
    inner = np.linalg.inv(prior.noise * np.eye(len(roots)) + roots[:, None] * gram.products * roots)
    across = roots[:, None] * gram.products                                             # Z'F
    score = (gram.with_y - across.T @ (inner @ (roots * gram.with_y))) / prior.noise    # F' K^-1 y
    spread = (np.diag(gram.products) - np.sum(across * (inner @ across), axis=0)) / prior.noise      # diagonal of F' K^-1 F
    mean = variance * score
    covariance = prior.noise * roots[:, None] * inner * roots
    explained = 2 * mean @ gram.with_y - mean @ gram.products @ mean
    noise = (gram.y_y - explained + float(np.sum(covariance * gram.products))) / n
    of_rosters = mean[t:] ** 2 + np.diag(covariance)[t:]
    # each term as seen without its own prior, N(estimate, error); then under each variance of the grid
    free = np.maximum(1 - variance[:t] * spread[:t], 1e-9)
    estimate, error = score[:t] / spread[:t], free / spread[:t]
    total = PRIOR_GRID + error[:, None]
    likelihood = -0.5 * np.log(total) - 0.5 * estimate[:, None] ** 2 / total
    responsibility = prior.mixture[prior.kinds] * np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    responsibility /= responsibility.sum(axis=1, keepdims=True)
    kept = PRIOR_GRID / total
    middle = np.sum(responsibility * kept, axis=1) * estimate
    second = np.sum(responsibility * ((estimate[:, None] * kept) ** 2 + kept * error[:, None]), axis=1)
    moments = np.outer(middle, middle) + covariance[:t, :t]
    np.fill_diagonal(moments, second)
    return _Posterior(middle, moments, of_rosters, max(noise, 1e-12), responsibility @ PRIOR_GRID, responsibility, inner,
                      mean, covariance)


def _fitted(gram: _Gram, prior: _Prior) -> tuple[_Prior, _Posterior]:
    """The prior of greatest marginal likelihood, by steps of expectation and maximisation, and the posterior under it."""
    found = _posterior(gram, prior)
    for _ in range(PRIOR_STEPS):
        variance = prior.variance + DAMPING * (found.variance - prior.variance)
        roster = float(found.rosters.mean()) if len(found.rosters) else 0.0
        mixture = prior.mixture.copy()
        for kind in (0, 1):
            counts = found.responsibility[prior.kinds == kind].sum(axis=0) + OTHER_COUNT
            counts[0] += NULL_COUNT
            mixture[kind] = counts / counts.sum()
        moved = max(abs(found.noise - prior.noise), abs(roster - prior.roster),
                    float(np.abs(found.variance - prior.variance).max(initial=0.0)))
        prior = _Prior(variance, roster, found.noise, mixture, prior.kinds)
        found = _posterior(gram, prior)
        if moved < CONVERGED:
            break
    return prior, found
