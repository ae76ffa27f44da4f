"""Scores of forecasts that are samples: CRPS, PIT, coverage of central bands, and the error of a mean by blocks of points.

A forecast of one figure is a sample float64[n] of what it may be; what came true is one number. All scores take samples of any
size and order. Sources: Gneiting and Raftery (2007), JASA 102:359-378; Dawid (1984), JRSS A 147:278-292.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

CENTRAL_BANDS = (0.5, 0.9)                # shares that a central band should hold
BOOTSTRAPS, BOOTSTRAP_SEED = 2_000, 20121231


class Interval(NamedTuple):
    """A mean over points and its 95% interval by block bootstrap; NaN bounds where all points are of one block."""

    mean: float
    low: float
    high: float


def crps(sample: np.ndarray, value: float) -> float:
    """The continuous ranked probability score of a sample, in the unit of the figure: the integral of the squared distance
    between the sample's distribution function and that of the value, E|X - y| - E|X - X'| / 2. 0 is perfect; of a single number
    it is the absolute error."""
    ordered = np.sort(np.asarray(sample, dtype=np.float64))
    n = len(ordered)
    rank = np.arange(1, n + 1)
    spread = ((2 * rank - n - 1) * ordered).sum() / (n * n)          # E|X - X'| / 2
    return float(np.abs(ordered - value).mean() - spread)


def pit(sample: np.ndarray, value: float) -> float:
    """The probability integral transform: the share of the sample below the value, ties by half. Uniform if forecasts hold."""
    sample = np.asarray(sample)
    return float(((sample < value).sum() + 0.5 * (sample == value).sum()) / len(sample))


def band(sample: np.ndarray, share: float) -> tuple[float, float]:
    """The central band that holds `share` of the sample."""
    low, high = np.quantile(sample, ((1 - share) / 2, (1 + share) / 2))
    return float(low), float(high)


def held(sample: np.ndarray, value: float, share: float) -> bool:
    """Whether the central band holds the value."""
    low, high = band(sample, share)
    return low <= value <= high


def mean_by_blocks(values: Sequence[float] | np.ndarray, blocks: Sequence[Hashable], seed: int = BOOTSTRAP_SEED) -> Interval:
    """The mean of values over points, with its 95% interval from resampling whole blocks (points of a block are of one forecast,
    and miss together)."""
    of_blocks: dict[Hashable, list[float]] = {}
    for value, block in zip(values, blocks, strict=True):
        of_blocks.setdefault(block, []).append(float(value))
    sums, counts = (np.array([of(points) for points in of_blocks.values()], dtype=np.float64) for of in (sum, len))
    mean = float(sums.sum() / counts.sum())
    if len(sums) == 1:
        return Interval(mean, np.nan, np.nan)
    chosen = np.random.default_rng(seed).integers(0, len(sums), (BOOTSTRAPS, len(sums)))
    low, high = np.quantile(sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1), (0.025, 0.975))
    return Interval(mean, float(low), float(high))


def skill(scores: Sequence[float] | np.ndarray, rival: Sequence[float] | np.ndarray, blocks: Sequence[Hashable],
          seed: int = BOOTSTRAP_SEED) -> Interval:
    """How much better a mean score is than a rival's on the same points, 1 - mean / mean of the rival, with its 95% interval from
    resampling whole blocks. Above 0 is better."""
    names = list(dict.fromkeys(blocks))
    at = np.array([names.index(block) for block in blocks])
    mine, theirs = (np.bincount(at, np.asarray(column, dtype=np.float64), len(names)) for column in (scores, rival))
    found = float(1 - mine.sum() / theirs.sum())
    if len(names) == 1:
        return Interval(found, np.nan, np.nan)
    chosen = np.random.default_rng(seed).integers(0, len(names), (BOOTSTRAPS, len(names)))
    low, high = np.quantile(1 - mine[chosen].sum(axis=1) / theirs[chosen].sum(axis=1), (0.025, 0.975))
    return Interval(found, float(low), float(high))
