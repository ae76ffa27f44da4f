"""Figures of any world, emulated: for each a sparse polynomial in what is seen of a world (answers/chaos.py), all evaluated at
once, with the covariance of what they leave: chance, rosters and the emulators' own error together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.chaos import Polynomials, Term, columns_at, fit

NO_SPREAD = 1e-9                     # an outcome that varies less than this is the same in all worlds


@dataclass(frozen=True)
class Emulators:
    """K figures as functions of C columns. Terms of the first degree are `first` float64[C, K] on columns less `middle`; others
    are `terms` with their coefficients `further` float64[T, K]. `left` float64[K, K] is the covariance of what they leave."""

    constant: np.ndarray
    middle: np.ndarray
    first: np.ndarray
    terms: tuple[Term, ...]
    bases: tuple[Polynomials, ...]
    scales: np.ndarray
    further: np.ndarray
    left: np.ndarray
    explained: np.ndarray           # of each figure's variance between worlds, the share

    def at(self, seen: np.ndarray) -> np.ndarray:
        """The figures expected of worlds of which this is seen, float64[N, C], float64[N, K]."""
        found = self.constant + (seen - self.middle) @ self.first
        if self.terms:
            found = found + columns_at(self.terms, self.bases, self.scales, seen) @ self.further
        return found


def emulators(seen: np.ndarray, outcomes: np.ndarray, rosters: np.ndarray, acting: Sequence[Sequence[int]]) -> Emulators:
    """Fit every figure of worlds, float64[D, K], to what is seen of them, float64[D, C], on rosters int64[D]; `acting` says which
    columns can move each figure."""
    places = np.unique(rosters, return_inverse=True)[1]
    worlds, count = outcomes.shape
    columns = seen.shape[1]
    constant, middle = outcomes.mean(axis=0), seen.mean(axis=0)
    first, left, size = np.zeros((columns, count)), np.zeros((worlds, count)), np.zeros(count)
    explained = np.zeros(count)
    bases: dict[int, Polynomials] = {}
    scales: dict[Term, np.ndarray] = {}
    found: dict[Term, dict[int, float]] = {}
    for k in range(count):
        sd = float(outcomes[:, k].std())
        own = [c for c in acting[k] if seen[:, c].std() > NO_SPREAD]
        if sd <= NO_SPREAD * max(abs(constant[k]), 1.0):
            continue
        if not own:
            left[:, k], size[k] = outcomes[:, k] - constant[k], sd * sd
            continue
        model = fit(seen[:, own], (outcomes[:, k] - constant[k]) / sd, places)
        for n, c in enumerate(own):
            if c not in bases or len(model.bases[n].sizes) > len(bases[c].sizes):
                bases[c] = model.bases[n]
        for term, scale, coefficient in zip(model.terms, model.scales, model.mean, strict=True):
            here = Term(tuple(own[v] for v in term.settings), term.degrees)
            if here.degrees == (1,):
                basis = model.bases[term.settings[0]]
                first[here.settings[0], k] = sd * coefficient / (basis.sd * basis.sizes[0])
            else:
                scales[here] = scale
                found.setdefault(here, {})[k] = sd * coefficient
        left[:, k] = outcomes[:, k] - constant[k] - sd * (model.columns @ model.mean)
        size[k] = sd * sd * (model.noise + model.of_roster + model.uncertainty)
        explained[k] = max(1.0 - size[k] / (sd * sd), 0.0)
    terms = tuple(found)
    further = np.zeros((len(terms), count))
    for t, term in enumerate(terms):
        for k, coefficient in found[term].items():
            further[t, k] = coefficient
    whole = tuple(bases.get(c) or Polynomials.of(seen[:, c], 1) for c in range(columns))
    return Emulators(constant, middle, first, terms, whole, np.array([scales[term] for term in terms]).reshape(-1, 2), further,
                     _covariance(left, size), explained)


def _covariance(left: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The covariance of what is left: its correlations between figures, at the variances `size`."""
    spread = left.std(axis=0)
    there = spread > 0
    correlation = np.eye(len(size))
    if there.sum() > 1:
        correlation[np.ix_(there, there)] = np.corrcoef(left[:, there].T)
    root = np.sqrt(size)
    return correlation * np.outer(root, root)
