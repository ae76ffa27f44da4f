"""Counter-based randomness: Philox4x32-10, the layout of its counters, integer quantile tables.

Nothing here has a state: a word is a function of (seed, people-id, claim, replica, draw, year,
stream), so no order of calls, chunk, worker or thread can change it. Salmon, Moraes, Dror and Shaw,
"Parallel random numbers: as easy as 1, 2, 3" (SC'11) define Philox; `tests/test_random.py` holds the
published known answers.

Quantile tables turn one 32-bit word into an integer amount without exp, log or pow. The word is read
as a survival probability; its octave and the next five bits choose one of 1,024 cells, the next
sixteen bits interpolate, and every cell keeps the mean of the distribution over it.

SciPy, a second to load, is imported where a table is made: kept tables need none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.compiled import compiled, lean
from simulator.kept import kept

LAYOUT_VERSION = 1

# Streams: the low 16 bits of the fourth counter word. 1-15 belong to the roster.
ROSTER_STREAMS = range(1, 16)
ADMISSION, ADMISSION_MORE, VISIT, ONSET, COURSE_BILL, SYSTEMATIC, COUNTY = 16, 17, 18, 19, 20, 21, 22
ROSTER_DRAW = 0xFFFFFFFF              # never a simulated draw

OCTAVES, CELLS_PER_OCTAVE = 32, 32
CELLS = OCTAVES * CELLS_PER_OCTAVE
LARGEST_AMOUNT, WIDEST_CELL = 4e18, 2.0**45    # what the interpolation's 64 bits hold

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@lean
def philox(key0, key1, c0, c1, c2, c3):
    """Four 32-bit words (as uint64) of Philox4x32-10 for a key of two and a counter of four words."""
    k0, k1 = np.uint64(key0), np.uint64(key1)
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    for _ in range(10):
        p0 = _M0 * x0
        p1 = _M1 * x2
        x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ x3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return x0, x1, x2, x3


@compiled
def _philox_column(key0, key1, c0, c1, c2, c3, words):
    for i in range(len(c0)):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = philox(key0, key1, c0[i], c1, c2, c3)


def philox_words(key0: int, key1: int, c0: np.ndarray, c1: int, c2: int, c3: int) -> np.ndarray:
    """uint32[n, 4]: the words of n counters that differ in their first word `c0`."""
    c0 = np.ascontiguousarray(c0, dtype=np.uint64)
    words = np.empty((len(c0), 4), dtype=np.uint32)
    _philox_column(np.uint64(key0), np.uint64(key1), c0, np.uint64(c1), np.uint64(c2), np.uint64(c3), words)
    return words


def year_stream(year: int, stream: int) -> int:
    """The fourth counter word."""
    return (year << 16) | stream


class QuantileTable(NamedTuple):
    """`base` and `width`, int64[1024]: the amount at a cell's high-survival end and its rise over the cell.

    Cell 32 x octave + j covers survival words [2^octave (1 + j/32), 2^octave (1 + (j+1)/32)).
    """

    base: np.ndarray
    width: np.ndarray

    def mean(self) -> float:
        """The mean over all 2^32 words, as the look-up computes it up to rounding."""
        return float(np.sum(CELL_WEIGHT * (self.base + 0.5 * self.width)))


def _cell_edges() -> np.ndarray:
    """float64[1025]: the survival words at the cells' edges."""
    octave, cell = np.divmod(np.arange(CELLS), CELLS_PER_OCTAVE)
    low = 2.0 ** octave * (1 + cell / CELLS_PER_OCTAVE)
    return np.append(low, 2.0 ** OCTAVES)


def _cell_weights() -> np.ndarray:
    """float64[1024]: each cell's share of the 2^32 words (word 0 is read as word 1)."""
    edges = np.ceil(_cell_edges())
    count = np.diff(edges)
    count[0] += 1
    return count / 2.0**32


CELL_WEIGHT = _cell_weights()


@lean
def quantile(base, width, word):
    """The amount (int64) of a quantile table at a 32-bit survival word."""
    bits = np.float64(max(np.int64(word), 1) + 0.5).view(np.int64)       # a word stands for the unit above it
    cell = (bits >> 47) - (1023 << 5)
    fraction = (bits >> 31) & 0xFFFF
    return base[cell] + ((width[cell] * (2 * (0xFFFF - fraction) + 1) + 0x10000) >> 17)


@lean
def quantile_of(base, width, table, word):
    """As `quantile`, of one of several tables in the rows of int64[n, 1024]."""
    bits = np.float64(max(np.int64(word), 1) + 0.5).view(np.int64)       # a word stands for the unit above it
    cell = (bits >> 47) - (1023 << 5)
    fraction = (bits >> 31) & 0xFFFF
    return base[table, cell] + ((width[table, cell] * (2 * (0xFFFF - fraction) + 1) + 0x10000) >> 17)


def table_of(distribution, scale: float = 1.0) -> QuantileTable:
    """Integer table of a frozen SciPy distribution (non-negative) times `scale`.

    Every cell keeps the distribution's mean over the cell, the last one also all the mass beyond it, and stays between its
    neighbours. OverflowError for a distribution without a mean or with amounts beyond 64-bit interpolation.
    """
    edges = _cell_edges() / 2.0**32
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
    base, width, weight = table.base.tolist(), table.width.tolist(), CELL_WEIGHT.tolist()
    missing = mean - table.mean()
    for cell in np.argsort(-CELL_WEIGHT, kind="stable").tolist():
        step = 0.5 * weight[cell]
        if width[cell] > 0 and step > 0 and abs(missing) > 0.5 * step:
            width[cell] -= 1
            base[cell] += 1 if missing > 0 else 0
            missing -= step if missing > 0 else -step
    return QuantileTable(np.array(base, dtype=np.int64), np.array(width, dtype=np.int64))


def _regroup(partial: np.ndarray, words: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Mean amount of each cell: cells without words share the amount of the next reached one below, and give it their mass."""
    owner = reached[np.clip(np.searchsorted(reached, np.arange(CELLS), side="right") - 1, 0, None)]
    total = np.bincount(owner, weights=partial, minlength=CELLS)
    return np.divide(total, words / 2.0**32, out=np.zeros(CELLS), where=words > 0)[owner]


def _partial_means(distribution, edges: np.ndarray) -> np.ndarray:
    """Integral of the quantile over each cell of survival probability, float64[1024]."""
    from scipy import integrate, stats

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


def gap_table(scale: float) -> QuantileTable:
    """Exponential distances of mean `scale` between claims."""
    def make() -> np.ndarray:
        from scipy import stats
        return np.stack(table_of(stats.expon(), scale))

    return QuantileTable(*kept(("exponential", scale), make))


def normal_table() -> np.ndarray:
    """int64[65536]: standard normal quantiles in 1/65536 at the midpoints of 65,536 equal cells, unit variance."""
    return kept(("normal",), _normal_table)


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
