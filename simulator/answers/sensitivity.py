"""Which uncertain value matters: shares of an outcome's variance between worlds, from one run's worlds alone.

The outcome is written as a polynomial of the worlds' settings, the rosters' effects and chance (`chaos.py`). The *first-order*
share of a value is the variance of what the outcome is expected to be once that value is known; its *Shapley* share gives every
value its fair part, of what several move together too, and of what correlated values have in common (Owen and Prieur 2017,
SIAM/ASA Journal on Uncertainty Quantification 5): with rosters and chance these add up to one. Values tied by one factor are
correlated as they are in the worlds; their terms of the first degree are split so, and products of two values equally.

Every share has a standard error, by the jackknife: the model is fitted anew without each of twenty blocks of worlds, in which
every roster has the same number; that of the rosters' own share also counts how few they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np

from simulator.answers.chaos import FEW_LEVELS, Chaos, Term, fit
from simulator.parameters.errors import InputError

FEWEST_WORLDS = 40               # from which shares are told
BLOCKS = 20                      # of worlds, each left out once for the errors
EXACT_ORDERS = 6                 # values of a factor, of which all orders are taken; of more,
SAMPLED_ORDERS = 400             # so many and their reverses
SEED = 20120321
LOW_END, HIGH_END = 0.05, 0.95   # the settings whose outcomes are told
OF_NO_FACTOR = ""                 # the factor of a value that hangs on no other
ROSTERS_GROUP, CHANCE_GROUP = "rosters", "chance"


@dataclass(frozen=True)
class Shares:
    """The shares of V values and of G groups in an outcome's variance, each with its standard error; of groups the last two are
    the rosters and chance. `low` and `high`: the outcome expected at each value's 5% and 95% settings, in the outcome's unit."""

    first: np.ndarray
    first_se: np.ndarray
    shapley: np.ndarray
    shapley_se: np.ndarray
    low: np.ndarray
    low_se: np.ndarray
    high: np.ndarray
    high_se: np.ndarray
    groups: tuple[str, ...]
    of_groups: np.ndarray
    of_groups_se: np.ndarray
    mean: float
    sd: float
    worlds: int
    terms: int


def shares(settings: np.ndarray, outcome: np.ndarray, places: np.ndarray, groups: Sequence[str] = (),
           factors: Sequence[str] = ()) -> Shares:
    """The shares of settings float64[D, V] in the variance of an outcome float64[D] of worlds that live on rosters at `places`
    int64[D].

    `groups` names the group of each value (default: one for all), `factors` the factor that ties it to others. InputError for too
    few worlds, and for an outcome that is not a number, or the same, in all of them.
    """
    worlds, count = settings.shape
    groups, factors = tuple(groups) or ("values",) * count, tuple(factors) or (OF_NO_FACTOR,) * count
    if worlds < FEWEST_WORLDS:
        raise InputError("too few worlds to tell variance shares:", value=worlds, expected=f"at least {FEWEST_WORLDS} draws",
                         next_step="run the scenario with --draws 200")
    if not np.isfinite(outcome).all():
        raise InputError("the measure is not a number in some worlds", value=int((~np.isfinite(outcome)).sum()),
                         expected="a measure that every world has")
    mean, sd = float(outcome.mean()), float(outcome.std())
    if not sd > 1e-12 * max(abs(mean), 1e-300):
        raise InputError("the measure is the same in every world:", value=f"{mean:g}", expected="one that varies")
    y = (outcome - mean) / sd
    places = np.unique(places, return_inverse=True)[1]
    model = fit(settings, y, places)
    others, beyond = _without_each(model, y, places)
    split = _Split(model, settings, factors, beyond)
    kinds = tuple(dict.fromkeys(groups))
    member = np.array([[group == kind for group in groups] for kind in kinds], dtype=np.float64).reshape(len(kinds), count)
    whole = split.of(model)
    found = np.array([split.of(other) for other in others])

    def told(values: np.ndarray) -> np.ndarray:
        """First-order shares, Shapley shares, groups' shares, outcomes at both ends, in one row."""
        first, shapley, low, high = (values[..., n * count:(n + 1) * count] for n in range(4))
        return np.concatenate([first, shapley, low, high, shapley @ member.T, values[..., 4 * count:]], axis=-1)

    best, se = told(whole), told(found).std(axis=0) * np.sqrt(BLOCKS - 1)
    of_rosters = len(model.rosters)
    if of_rosters > 1:                                     # so few rosters tell their variance no better
        se[-2] = np.hypot(se[-2], best[-2] * np.sqrt(2 / (of_rosters - 1)))
    parts = [slice(n * count, (n + 1) * count) for n in range(4)]
    rest = slice(4 * count, None)
    return Shares(best[parts[0]], se[parts[0]], best[parts[1]], se[parts[1]], mean + sd * best[parts[2]], sd * se[parts[2]],
                  mean + sd * best[parts[3]], sd * se[parts[3]], (*kinds, ROSTERS_GROUP, CHANCE_GROUP), best[rest], se[rest],
                  mean, sd, worlds, len(model.terms))


class _Split:
    """How the second moments of a model's coefficients become shares: matrices that are made once.

    A share of the first degree is sum(moments * A) over the terms of one factor; A hangs on the correlations alone.
    """

    def __init__(self, model: Chaos, settings: np.ndarray, factors: Sequence[str], beyond: float) -> None:
        terms, count = model.terms, settings.shape[1]
        self.count, self.beyond = count, beyond
        alone = np.array([[t.settings == (v,) for t in terms] for v in range(count)], dtype=np.float64).reshape(count, len(terms))
        within = np.array([[(v in t.settings) / len(t.settings) for t in terms] for v in range(count)]).reshape(count, len(terms))
        self.tied: list[tuple[list[int], list[int], np.ndarray, np.ndarray]] = []       # values, terms, and A of either share
        reach = np.eye(count)
        for members in _tied(terms, factors):
            places = [terms.index(Term((v,), (1,))) for v in members]
            apart = model.columns[:, places]
            correlation = apart.T @ apart / len(apart)
            reach[np.ix_(members, members)] = correlation
            self.tied.append((members, places, np.einsum("ji,ki->ijk", correlation, correlation), of_orders(correlation)))
            alone[:, places] = within[:, places] = 0.0
        self.alone, self.within = alone, within
        # the outcome expected at both ends of each value: its own terms there, and those of the first degree that move with it
        self.low, self.high = (np.zeros((count, len(terms))) for _ in range(2))
        for v in range(count):
            own = [n for n, t in enumerate(terms) if t.settings == (v,)]
            self.low[v, own], self.high[v, own] = _ends(settings[:, v], model.columns[:, own], model.mean[own])
        first = {t.settings[0]: n for n, t in enumerate(terms) if t.degrees == (1,)}
        for v, w in zip(*np.nonzero(reach - np.diag(np.diag(reach))), strict=True):
            if v in first and w in first:
                for end in (self.low, self.high):
                    end[v, first[w]] = reach[v, w] * end[v, first[v]]

    def of(self, model: Chaos) -> np.ndarray:
        """First-order shares [V], Shapley shares [V], outcomes at both ends [V] twice in standard deviations, the shares of
        rosters and of chance."""
        squares, rosters = np.diag(model.moments), float(model.rosters.mean())
        first, shapley = self.alone @ squares, self.within @ squares
        for members, places, of_first, of_shapley in self.tied:
            own = model.moments[np.ix_(places, places)]
            first[members] += np.maximum(np.einsum("ijk,jk->i", of_first, own), 0)
            shapley[members] += np.maximum(np.einsum("ijk,jk->i", of_shapley, own), 0)
        noise = model.noise + self.beyond
        total = float(shapley.sum()) + rosters + noise
        return np.concatenate([first / total, shapley / total, self.low @ model.mean, self.high @ model.mean,
                               [rosters / total, noise / total]])


def _tied(terms: Sequence[Term], factors: Sequence[str]) -> list[list[int]]:
    """The values of each factor that has several, those that vary."""
    vary = {t.settings[0] for t in terms if t.degrees == (1,)}
    groups = [[v for v, factor in enumerate(factors) if factor == name and v in vary]
              for name in dict.fromkeys(factors) if name != OF_NO_FACTOR]
    return [members for members in groups if len(members) > 1]


def _ends(setting: np.ndarray, columns: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The terms float64[D, T] of one setting at its 5% and its 95% point; of a choice, at the alternative with the least outcome
    and at that with the largest."""
    values, first = np.unique(setting, return_index=True)
    if len(values) <= FEW_LEVELS:
        order = np.argsort(columns[first] @ mean, kind="stable")
        return columns[first[order[0]]], columns[first[order[-1]]]
    low, high = (np.array([np.interp(np.quantile(setting, end), values, column[first]) for column in columns.T])
                 for end in (LOW_END, HIGH_END))
    return low, high


def of_orders(correlation: np.ndarray) -> np.ndarray:
    """For each of k correlated values the matrix float64[k, k] by which moments of coefficients become its Shapley share: the
    mean, over the orders in which the values become known, of what it adds to the explained variance."""
    k = len(correlation)
    steady = correlation + 1e-9 * np.eye(k)
    if k <= EXACT_ORDERS:
        orders = list(permutations(range(k)))
    else:
        random = np.random.default_rng(SEED)
        drawn = [tuple(random.permutation(k).tolist()) for _ in range(SAMPLED_ORDERS)]
        orders = [order for one in drawn for order in (one, one[::-1])]
    found = np.zeros((k, k, k))
    for order in orders:
        lower = np.linalg.cholesky(steady[np.ix_(order, order)])
        for nth, v in enumerate(order):
            column = np.zeros(k)
            column[list(order)] = lower[:, nth]
            found[v] += np.outer(column, column)
    return found / (factorial(k) if k <= EXACT_ORDERS else len(orders))


def _without_each(model: Chaos, y: np.ndarray, places: np.ndarray) -> tuple[list[Chaos], float]:
    """The model without each of BLOCKS blocks of worlds, which have the same number from each roster, or one more; and what the
    noise lies beyond that of the fit.

    Noise is underestimated by a fit that has chosen its terms, and overestimated by its errors in worlds that were left out: it
    is taken half way between (tests/campaigns/sensitivity.py measures what is left).
    """
    order = np.argsort(places, kind="stable")
    block = np.empty(len(y), dtype=np.int64)
    block[order] = np.arange(len(y)) % BLOCKS
    made = [model.without(y, places, block == nth) for nth in range(BLOCKS)]
    outside = float(np.concatenate([missed for _, missed in made]).mean())
    return [other for other, _ in made], max((outside - model.noise) / 2, 0.0)
