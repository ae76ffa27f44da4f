"""Integer quantile tables, built from distributions: how `simulator.random`'s words become amounts, normals and choices.

Every cell of a quantile table keeps the mean of the distribution over it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import integrate, stats

from simulator.random import CELL_EDGES, CELL_WEIGHT, CELLS

LARGEST_AMOUNT, WIDEST_CELL = 4e18, 2.0**45    # what the look-up's 64 bits hold


class QuantileTable(NamedTuple):
    """`base` and `width`, int64[1024]: the amount at a cell's high-survival end and its rise over the cell.

    The cells are those of `simulator.random.CELL_EDGES`.
    """

    base: np.ndarray
    width: np.ndarray

    def mean(self) -> float:
        """The mean over all 2^32 words, as the look-up computes it up to rounding."""
        return float(np.sum(CELL_WEIGHT * (self.base + 0.5 * self.width)))


def table_of(distribution, scale: float = 1.0) -> QuantileTable:
    """Integer table of a frozen SciPy distribution (non-negative) times `scale`.

    Every cell keeps the distribution's mean over the cell, the last one also all the mass beyond it, and stays between its
    neighbours. OverflowError for a distribution without a mean or with amounts beyond 64-bit interpolation.
    """
    edges = CELL_EDGES / 2.0**32
    edges[0] = 0.0
    if not np.isfinite(distribution.mean()):
        raise OverflowError("a quantile table cannot hold this distribution: its tail has no finite mean")
    amounts = distribution.isf(edges)
    low, high = amounts[1:], amounts[:-1]
    partial = _partial_means(distribution, edges)
    mean = np.clip(partial / np.diff(edges), low, high)
    spread = np.minimum(np.minimum(high - low, 2 * (mean - low)), 2 * (high - mean))
    words = CELL_WEIGHT * 2.0**32
    uneven = words != np.diff(edges) * 2.0**32             # the lowest octaves have fewer words than cells: flat amounts
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
    mean is met as nearly as single units allow. No cell reaches beyond its old ends."""
    base, width = table.base.copy(), table.width.copy()
    missing = mean - table.mean()
    for cell in np.argsort(-CELL_WEIGHT, kind="stable"):
        step = 0.5 * CELL_WEIGHT[cell]
        if width[cell] > 0 and step > 0 and abs(missing) > 0.5 * step:
            width[cell] -= 1
            base[cell] += 1 if missing > 0 else 0
            missing -= step if missing > 0 else -step
    return QuantileTable(base, width)


def _regroup(partial: np.ndarray, words: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Mean amount of each cell: cells without words share the amount of the next reached one below, and give it their mass."""
    owner = reached[np.clip(np.searchsorted(reached, np.arange(CELLS), side="right") - 1, 0, None)]
    total = np.bincount(owner, weights=partial, minlength=CELLS)
    return np.divide(total, words / 2.0**32, out=np.zeros(CELLS), where=words > 0)[owner]


def _partial_means(distribution, edges: np.ndarray) -> np.ndarray:
    """Integral of the quantile over each cell of survival probability, float64[1024]."""
    law = distribution.dist.name
    shape = distribution.args[0] if distribution.args else next(
        (value for name, value in distribution.kwds.items() if name not in ("loc", "scale")), None)
    if law == "lognorm":                                   # E[X; survival below the edge], closed forms
        return np.diff(distribution.mean() * stats.norm.sf(stats.norm.isf(edges) - shape))
    if law == "expon":
        scale = distribution.mean()
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = np.where(edges > 0, edges * (1 - np.log(edges)), 0.0) * scale
        return np.diff(tail)
    if law == "gamma":
        tail = distribution.mean() * stats.gamma(shape + 1, scale=distribution.mean() / shape).sf(distribution.isf(edges))
        return np.diff(tail)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    low, high = edges[:-1], edges[1:]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    values = distribution.isf(middle[:, None] + half[:, None] * nodes[None, :])
    partial = half * (values @ weights)
    partial[0] = integrate.quad(distribution.isf, 0.0, edges[1], limit=200)[0]
    return partial


def normal_table() -> np.ndarray:
    """int64[65536]: standard normal quantiles in 1/65536 at the midpoints of 65,536 equal cells, unit variance."""
    half = stats.norm.isf((np.arange(32768) + 0.5) / 65536.0)[::-1]     # rising, positive
    values = np.concatenate([-half[::-1], half])
    values = values / np.sqrt(np.mean(values * values))
    return np.floor(values * 65536 + 0.5).astype(np.int64)


def thresholds(shares: np.ndarray) -> np.ndarray:
    """Cumulative 2^32 thresholds of shares (they are scaled to sum to one); the last is 2^32, int64."""
    cumulative = np.cumsum(np.asarray(shares, dtype=np.float64))
    result = np.floor(cumulative / cumulative[-1] * 2.0**32 + 0.5).astype(np.int64)
    result[-1] = 1 << 32
    return result
