"""Where an expectation is evaluated: amounts that stand for a quantile table, and a fixed grid of prices."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator.care.walk import CASE_GROUPS, PRICE
from simulator.chance.random import CELL_WEIGHT, CELLS, CELLS_PER_OCTAVE, OCTAVES
from simulator.compiling.types import Floats, Ints, Ints2

FINE_FROM = 12 * CELLS_PER_OCTAVE      # above this cell every cell is kept; the far tail is summed in eighths


class Nodes(NamedTuple):
    """Amounts that stand for a quantile table: N nodes of each table, in S stretches, each of one case group."""

    amount: Ints2                  # [..., N], fen at the start year's prices, the largest first
    weight: Floats                 # [N], sum one
    start: Ints                    # [S + 1]: the first node of each stretch, and N
    group: Ints                    # [S]: case groups


def quadrature(base: np.ndarray, width: np.ndarray, grouped: int = 1, near: int = CELLS_PER_OCTAVE,
               far: int = 4 * CELLS_PER_OCTAVE) -> Nodes:
    """The nodes of quantile tables (along the last axis): the cells' mean amounts.

    `grouped` neighbouring cells are merged, in the far tail (survival below 2^-20) eight times as many. `near` and `far` as in
    `nodes_of`.
    """
    middle, cell = base + 0.5 * width, np.arange(CELLS)
    first = np.flatnonzero(np.diff(np.where(cell >= FINE_FROM, CELLS + cell // grouped, cell // (8 * grouped)), prepend=-1))
    weight = np.add.reduceat(CELL_WEIGHT, first)
    total = np.add.reduceat(middle * CELL_WEIGHT, first, axis=-1)
    kept = weight > 0
    return nodes_of(whole_fen(total[..., kept], weight[kept]), weight[kept], first[kept], near, far)


def whole_fen(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Amounts int64[..., N] whose weighted sums keep up with `total` float64[..., N]: what one is rounded by, the next makes up
    for."""
    amount, over = np.empty(total.shape, np.int64), np.zeros(total.shape[:-1])
    for n in range(len(weight)):
        wanted = total[..., n] - over
        amount[..., n] = np.floor(wanted / weight[n] + 0.5)
        over = amount[..., n] * weight[n] - wanted
    return amount


def nodes_of(amount: np.ndarray, weight: np.ndarray, cell: np.ndarray, near: int, far: int) -> Nodes:
    """Nodes from the cell that each begins in, stretches with `near` nodes at most, in the tail (survival below 2^-7), one
    case group, with `far`; none passes the border of a case group. `near` 0: bills without case groups."""
    group = np.minimum(OCTAVES - 1 - cell // CELLS_PER_OCTAVE, CASE_GROUPS - 1)
    if near == 0:
        group[:] = CASE_GROUPS - 1
    borders = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
    start = np.concatenate([np.arange(first, last, far if group[first] == CASE_GROUPS - 1 else near)
                            for first, last in pairwise(borders)])
    return Nodes(amount, weight, np.append(start, len(weight)), group[start])


def grid_price(j: int) -> int:
    """Point j of the fixed price grid (9/8)^j, in 1/PRICE: wide enough to be cheap, and cubic interpolation errs by some 2e-5."""
    level = 1.0
    for _ in range(abs(j)):
        level = level * 9.0 / 8.0 if j > 0 else level * 8.0 / 9.0
    return int(level * PRICE + 0.5)


def neighbours_of(prices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`price_neighbours` of any number of price indices, which need not be whole: points int64[..., 4] and their weights."""
    least, most = (price_neighbours(max(int(end), 2))[0] for end in (prices.min(), prices.max()))
    grid = np.array([grid_price(j) for j in range(least[0], most[3] + 1)])
    at = np.clip(np.searchsorted(grid, prices, side="right") - 1, 1, len(grid) - 3)[..., None] + np.arange(-1, 3)
    return at + least[0], cubic_weights(prices, grid[at])


def cubic_weights(place: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Cubic Lagrange weights of places [...] between four points `at` [..., 4]."""
    weights = np.ones(at.shape)
    for a in range(4):
        for b in range(4):
            if a != b:
                weights[..., a] = weights[..., a] * (place - at[..., b]) / (at[..., a] - at[..., b])
    return weights


def price_neighbours(price: int) -> tuple[list[int], list[float]]:
    """The four grid points around a price index (1/PRICE) and their cubic Lagrange weights.

    The grid is fixed, so a draw's expectation does not depend on which other draws are run.
    """
    j = 0
    while grid_price(j + 1) <= price:
        j += 1
    while grid_price(j) > price:
        j -= 1
    points = [j - 1, j, j + 1, j + 2]
    at = [grid_price(point) for point in points]
    weights = []
    for a in range(4):
        weight = 1.0
        for b in range(4):
            if a != b:
                weight = weight * (price - at[b]) / (at[a] - at[b])
        weights.append(weight)
    return points, weights
