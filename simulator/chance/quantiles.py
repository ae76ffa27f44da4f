"""Integer tables, built from distributions and samples: by them random words become amounts, normals and choices.

Every cell of a quantile table keeps the mean of the distribution over it. SciPy, a second to load, is imported where a table is
made: kept tables need none.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simulator.chance.random import CELL_EDGES, CELL_WEIGHT, CELL_WORDS, CELLS
from simulator.compiling.arrays import cached_array

LARGEST_AMOUNT, WIDEST_CELL = 4e18, 2.0**45    # what the look-up's 64 bits hold
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(12)
ENOUGH = 2e-8                   # a cell's integral may miss by this part of the mean
NO_CHANCE = 2.0**-50            # what is left out of a tail that SciPy does not reach to the end of
MOST_VALUES = 1 << 22           # of a discrete law


class QuantileTable(NamedTuple):
    """`base` and `width`, int64[1024]: the amount at a cell's high-survival end and its rise over the cell.

    The cells are those of `simulator.chance.random.CELL_EDGES`.
    """

    base: np.ndarray
    width: np.ndarray

    def mean(self) -> float:
        """The mean over all 2^32 words, as the look-up computes it up to rounding."""
        return float(np.sum(CELL_WEIGHT * (self.base + 0.5 * self.width)))

    def at(self, words: np.ndarray) -> np.ndarray:
        """The amounts at survival words, int64[n] of uint32[n]: `simulator.chance.random.quantile` of each."""
        bits = (np.maximum(words.astype(np.int64), 1) + 0.5).view(np.int64)
        cell, place = (bits >> 47) - (1023 << 5), ((~bits >> 30) & 0x1FFFF) | 1
        return self.base[cell] + ((self.width[cell] * place + 0x10000) >> 17)


def table_of(distribution, scale: float = 1.0) -> QuantileTable:
    """Integer table of a frozen SciPy distribution (non-negative; a discrete one over whole numbers) times `scale`.

    Every cell keeps the distribution's mean over the cell, the last one also all the mass beyond it, and stays between its
    neighbours. OverflowError for a distribution without a mean or with amounts beyond 64-bit interpolation, ValueError for
    one that can be negative, ArithmeticError where SciPy's quantiles and its mean disagree.
    """
    mean, least = distribution.mean(), distribution.support()[0]
    if not np.isfinite(mean):
        raise OverflowError("a quantile table cannot hold this distribution: its tail has no finite mean")
    if least < 0:
        raise ValueError(f"a quantile table cannot hold this distribution: its amounts begin at {least:g}, expected none below 0")
    if hasattr(distribution, "pmf"):
        first, last = distribution.ppf(NO_CHANCE), distribution.isf(NO_CHANCE)
        if not last - first < MOST_VALUES:
            raise OverflowError(f"a discrete distribution from {first:g} to {last:g}: give its values and their chances to "
                                "table_of_sample")
        values = np.arange(first, last + 1)
        chances = distribution.pmf(values)
        _compare_means(float(values @ chances), mean)
        return table_of_sample(values, chances, scale)
    edges = _edges()
    amounts = distribution.isf(edges)
    partial = _partial_means(distribution, edges)
    _compare_means(float(partial.sum()), mean)
    return _table(amounts[1:], amounts[:-1], partial, amounts[:-1] - amounts[1:], scale)


def _compare_means(found: float, mean: float) -> None:
    if not abs(found - mean) <= 1e-6 * mean:
        raise ArithmeticError(f"SciPy's quantiles of this distribution have the mean {found:g}, it says {mean:g}")


def table_of_sample(values, weights=None, scale: float = 1.0) -> QuantileTable:
    """Integer table of a sample (non-negative amounts, float[n]; `weights` float[n], equal if left out) times `scale`.

    Cells as in `table_of`, their means exact; a cell with several amounts rises as their least-squares line. ValueError for no
    amounts, for one that is negative or not finite, and for weights that are negative, of another length or zero together.
    """
    values = np.asarray(values, dtype=np.float64)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"a sample of shape {values.shape}, expected one column of amounts")
    if weights.shape != values.shape:
        raise ValueError(f"weights of shape {weights.shape} for amounts of shape {values.shape}, expected one for each")
    for name, column in (("amount", values), ("weight", weights)):
        bad = np.flatnonzero(~(np.isfinite(column) & (column >= 0)))
        if len(bad) > 0:
            raise ValueError(f"{name} {bad[0]} of the sample is {column[bad[0]]:g}, expected a finite one, not below 0")
    if weights.sum() == 0:
        raise ValueError("the weights of the sample are all 0")
    order = np.argsort(-values, kind="stable")
    values, weights = values[order][weights[order] > 0], weights[order][weights[order] > 0]
    survival = np.cumsum(weights)                          # amount k stands between survival[k - 1] and survival[k]
    survival /= survival[-1]
    edges = _edges()
    cuts = np.union1d(edges, survival)
    piece, middle = np.diff(cuts), 0.5 * (cuts[1:] + cuts[:-1])
    amount = values[np.searchsorted(survival, middle)]
    cell = np.searchsorted(edges, middle) - 1
    partial = np.bincount(cell, piece * amount, CELLS)
    lever = np.bincount(cell, piece * amount * (middle - 0.5 * (edges[1:] + edges[:-1])[cell]), CELLS)
    low = values[np.searchsorted(survival, edges[1:])]
    high = values[np.searchsorted(survival, edges[:-1], side="right")]
    return _table(low, high, partial, np.maximum(-12 * lever / np.diff(edges) ** 2, 0.0), scale)


def _edges() -> np.ndarray:
    """Survival probabilities at the cells' edges, float64[1025]: all the mass beyond the last word is the first cell's."""
    edges = CELL_EDGES / 2.0**32
    edges[0] = 0.0
    return edges


def _table(low: np.ndarray, high: np.ndarray, partial: np.ndarray, rise: np.ndarray, scale: float) -> QuantileTable:
    """The table of cells between `low` and `high` with the integrals `partial` of the quantile over them; `rise` is their
    slope as far as mean and bounds leave it, all float64[1024]."""
    share = np.diff(_edges())
    mean = np.clip(partial / share, low, high)
    spread = np.minimum(np.minimum(rise, 2 * (mean - low)), 2 * (high - mean))
    words = CELL_WEIGHT * 2.0**32
    uneven = words != share * 2.0**32                      # the lowest octaves have fewer words than cells: flat amounts
    flat = _regroup(partial, words, np.flatnonzero(words > 0))
    start = np.where(uneven, flat, mean - 0.5 * spread) * scale
    end = start + np.where(uneven, 0.0, spread) * scale
    if end.max() > LARGEST_AMOUNT or (end - start).max() > WIDEST_CELL:
        raise OverflowError("a quantile table cannot hold this distribution: its amounts are too large")
    base = np.floor(start + 0.5).astype(np.int64)
    table = QuantileTable(base, np.floor(end + 0.5).astype(np.int64) - base)
    return _with_mean(table, float(partial.sum()) * scale)


def _with_mean(table: QuantileTable, mean: float) -> QuantileTable:
    """The table with its rounding to whole units evened out: cells lose a unit of width, at one end or the other, until the
    mean is met as nearly as single units allow. No cell reaches beyond its old ends.

    Processors differ in the last bits of `mean`, which would decide about the rarest cells: it is met to 2^-30 of itself, and
    what is missing is counted in whole half words.
    """
    base, width, words = table.base.tolist(), table.width.tolist(), CELL_WORDS.tolist()
    fine = 30 - math.frexp(mean)[1]
    wanted = Fraction(math.floor(math.ldexp(mean, fine) + 0.5)) / Fraction(2) ** fine
    missing = int(wanted * 2**33) - sum(n * (2 * b + w) for n, b, w in zip(words, base, width, strict=True))
    for cell in np.argsort(-CELL_WORDS, kind="stable").tolist():
        if width[cell] > 0 and 2 * abs(missing) > words[cell] > 0:
            width[cell] -= 1
            base[cell] += 1 if missing > 0 else 0
            missing -= words[cell] if missing > 0 else -words[cell]
    return QuantileTable(np.array(base, dtype=np.int64), np.array(width, dtype=np.int64))


def _regroup(partial: np.ndarray, words: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Mean amount of each cell: cells without words share the amount of the next reached one below, and give it their mass."""
    owner = reached[np.clip(np.searchsorted(reached, np.arange(CELLS), side="right") - 1, 0, None)]
    total = np.bincount(owner, weights=partial, minlength=CELLS)
    return np.divide(total, words / 2.0**32, out=np.zeros(CELLS), where=words > 0)[owner]


def _partial_means(distribution, edges: np.ndarray) -> np.ndarray:
    """Integral of the quantile over each cell of survival probability, float64[1024]."""
    from scipy import integrate, stats

    law = distribution.dist.name if hasattr(distribution, "dist") else None        # a histogram is not frozen
    least, mean = distribution.support()[0], distribution.mean()
    if law in ("lognorm", "gamma"):
        shape = distribution.args[0] if distribution.args else distribution.kwds["s" if law == "lognorm" else "a"]
    beyond = mean - least                                  # closed forms are those of the law moved to begin at zero
    if law == "lognorm":                                   # E[X; survival below the edge]
        return np.diff(beyond * stats.norm.sf(stats.norm.isf(edges) - shape)) + least * np.diff(edges)
    if law == "expon":
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = np.where(edges > 0, edges * (1 - np.log(edges)), 0.0) * beyond
        return np.diff(tail) + least * np.diff(edges)
    if law == "gamma":
        tail = beyond * stats.gamma(shape + 1, scale=beyond / shape).sf(distribution.isf(edges) - least)
        return np.diff(tail) + least * np.diff(edges)
    partial = _integral(distribution.isf, edges[:-1], edges[1:], ENOUGH * mean)
    partial[0] = integrate.quad(distribution.isf, 0.0, edges[1], limit=200, epsabs=0)[0]
    if not np.isfinite(partial[0]):                        # many of SciPy's quantiles end at a survival of 2^-53
        partial[0] = _integral(distribution.isf, np.array([NO_CHANCE]), edges[1:2], ENOUGH * partial[1])[0]
    return partial


def _integral(function, low: np.ndarray, high: np.ndarray, error: float) -> np.ndarray:
    """Integrals float64[n] of a function from `low` to `high`, float64[n]; where 12 nodes miss by more than `error` (at kinks,
    jumps and roots) over halves, and halves of halves."""
    whole = _nodes(function, low, high)
    middle = 0.5 * (low + high)
    rough = np.abs(_nodes(function, low, middle) + _nodes(function, middle, high) - whole) > error
    if rough.any():
        whole[rough] = (_integral(function, low[rough], middle[rough], error)
                        + _integral(function, middle[rough], high[rough], error))
    return whole


def _nodes(function, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Integrals by 12 Gauss-Legendre nodes."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    return half * (function(middle[:, None] + half[:, None] * NODES) @ NODE_WEIGHTS)


def gap_table(scale: float) -> QuantileTable:
    """Exponential distances of mean `scale` between claims."""
    def make() -> np.ndarray:
        from scipy import stats
        return np.stack(table_of(stats.expon(), scale))

    return QuantileTable(*cached_array(("exponential", scale), make))


def normal_table() -> np.ndarray:
    """int64[65536]: standard normal quantiles in 1/65536 at the midpoints of 65,536 equal cells, unit variance."""
    return cached_array(("normal",), _normal_table)


def _normal_table() -> np.ndarray:
    from scipy import stats
    half = stats.norm.isf((np.arange(32768) + 0.5) / 65536.0)[::-1]     # rising, positive
    values = np.concatenate([-half[::-1], half])
    values = values / np.sqrt(np.mean(values * values))
    return np.floor(values * 65536 + 0.5).astype(np.int64)


def thresholds(shares: np.ndarray) -> np.ndarray:
    """Cumulative 2^32 thresholds of shares [..., n] (they are scaled to sum to one); the last is 2^32, int64."""
    cumulative = np.cumsum(np.asarray(shares, dtype=np.float64), axis=-1)
    result = np.floor(cumulative / cumulative[..., -1:] * 2.0**32 + 0.5).astype(np.int64)
    result[..., -1] = 1 << 32
    return result


def shares_of(cumulative: np.ndarray) -> np.ndarray:
    """The shares [..., n] behind cumulative 2^32 thresholds, float64."""
    return np.diff(cumulative, axis=-1, prepend=0) / 2.0**32
