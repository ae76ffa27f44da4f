"""The exact expectation of a stateless slip, for the control variate (design, section 4).

A *slip* is a bill settled from an empty year. Its expectation for a person of one class, group and
pilot standing needs no simulation: the quantile tables are summed cell by cell. A sample's sum of
slips minus this expectation is the sample's own chance, which is taken out of the fund's figures.
"""

from __future__ import annotations

import numpy as np

from simulator.benefits.kernel import SLIPS
from simulator.benefits.rules import INPATIENT, OUTPATIENT_VISIT, STATE, is_listed, settle_bill
from simulator.benefits.terms import OFFSETS, SECONDARY_THRESHOLD, SHAPES, UNREFERRED_PENALTY
from simulator.care.walk import LEVELS, PRICE, BillTables, priced
from simulator.compiled import compiled, lean
from simulator.money import share
from simulator.random import CELL_WEIGHT, CELLS, CELLS_PER_OCTAVE

FINE_FROM = 12 * CELLS_PER_OCTAVE      # above this cell every cell is kept; the far tail is summed in eighths


def quadrature(base: np.ndarray, width: np.ndarray, grouped: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Nodes int64 and weights float64 (sum one) of a quantile table, along its last axis.

    The cells' mean amounts; `grouped` neighbouring cells are merged, in the far tail (survival below 2^-20) eight times as many.
    """
    middle = base + 0.5 * width
    owner = np.where(np.arange(CELLS) >= FINE_FROM, FINE_FROM * 1000 + np.arange(CELLS) // grouped,
                     np.arange(CELLS) // (8 * grouped))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    weights = np.add.reduceat(CELL_WEIGHT, starts)
    nodes = np.add.reduceat(middle * CELL_WEIGHT, starts, axis=-1) / np.maximum(weights, 1e-300)
    kept = weights > 0
    return np.floor(nodes[..., kept] + 0.5).astype(np.int64), weights[kept]


@lean
def _add_slip(terms, empty, kind, tier, member_class, group, county, illness, billed, eligible, tcm, unreferred, weight, total):
    basic, listed, outpatient, cii, assistance, _, _, left = settle_bill(
        terms, empty, kind, tier, member_class, group, county, illness, 1, billed, eligible, tcm, unreferred)
    empty[:] = 0
    total[0] += weight * (basic + listed + outpatient)
    total[1] += weight * cii
    total[2] += weight * assistance
    if kind == INPATIENT:
        total[3] += weight * max(left - terms[SECONDARY_THRESHOLD], 0)


@compiled
def admission_slip(terms, tables, nodes, weights, tier_share, price, member_class, group, total):
    """Expected slip of one ordinary admission, added to total float64[SLIPS]; nodes int64[T, N]."""
    empty = np.zeros(STATE, dtype=np.int64)
    in_scope, tcm_share = tables.in_scope, tables.tcm_share
    for tier in range(len(tier_share)):
        often = tables.unreferred[tier] / 65536.0 if terms[UNREFERRED_PENALTY] > 0 else 0.0
        for n in range(len(weights)):
            billed = priced(nodes[tier, n], price)
            for level in range(LEVELS):
                eligible = share(billed, in_scope[tier, level])
                tcm = share(eligible, tcm_share[tier])
                weight = tier_share[tier] * weights[n] / LEVELS
                _add_slip(terms, empty, INPATIENT, tier, member_class, group, 0, -1, billed, eligible, tcm, False,
                          weight * (1.0 - often), total)
                if often > 0.0:
                    _add_slip(terms, empty, INPATIENT, tier, member_class, group, 0, -1, billed, eligible, tcm, True,
                              weight * often, total)


@compiled
def visit_slip(terms, tables, nodes, weights, tier_share, price, member_class, group, total):
    """Expected slip of one outpatient visit, added to total float64[SLIPS]."""
    empty = np.zeros(STATE, dtype=np.int64)
    in_scope = tables.visit_in_scope
    for tier in range(len(tier_share)):
        for n in range(len(weights)):
            billed = priced(nodes[tier, n], price)
            _add_slip(terms, empty, OUTPATIENT_VISIT, tier, member_class, group, 0, -1, billed,
                      share(billed, in_scope[tier]), 0, False, tier_share[tier] * weights[n], total)


@compiled
def illness_slip(terms, tables, nodes, weights, tier_share, price, illness, later, member_class, group, county, total):
    """Expected slip of one bill of a listed illness, added to total float64[3]; nodes int64[I, 2, N]."""
    empty = np.zeros(STATE, dtype=np.int64)
    in_scope = tables.illness_in_scope[illness]
    listed = is_listed(terms, illness, county)             # then the tier does not matter
    for tier in range(tier_share.shape[1]):
        often = (1.0 if tier == 0 else 0.0) if listed else tier_share[illness, tier]
        if often > 0.0:
            for n in range(len(weights)):
                billed = priced(nodes[illness, later, n], price)
                _add_slip(terms, empty, INPATIENT, tier, member_class, group, county, illness, billed,
                          share(billed, in_scope), 0, False, often * weights[n], total)


@compiled
def expected_slips(terms, tables, nodes, weights, tier_share, visit_nodes, visit_tier_share, illness_nodes, illness_weights,
                   illness_tier_share, price, claims, visits, listed, out):
    """Expected sums of slips of all people under one policy at one price index, added to out float64[3 kinds, SLIPS].

    `claims` and `visits` float64[C, G]: expected admissions and visits by member class and group;
    `listed` float64[I, 2, C, G, 2]: expected bills by illness, first/later year, class, group, in the pilot or not.
    """
    total = np.zeros(SLIPS)
    pilot_county = np.array([np.int64(1) << 40, 0])
    for c in range(claims.shape[0]):
        for g in range(claims.shape[1]):
            if claims[c, g] > 0.0:
                total[:] = 0.0
                admission_slip(terms, tables, nodes, weights, tier_share, price, c, g, total)
                out[0] += claims[c, g] * total
            if visits[c, g] > 0.0:
                total[:] = 0.0
                visit_slip(terms, tables, visit_nodes, weights, visit_tier_share, price, c, g, total)
                out[2] += visits[c, g] * total
            for i in range(listed.shape[0]):
                for later in range(2):
                    for pilot in range(2):
                        if listed[i, later, c, g, pilot] > 0.0:
                            total[:] = 0.0
                            illness_slip(terms, tables, illness_nodes, illness_weights, illness_tier_share, price, i, later,
                                         c, g, pilot_county[pilot], total)
                            out[1] += listed[i, later, c, g, pilot] * total


def grid_price(j: int) -> int:
    """Point j of the fixed price grid (17/16)^j, in 1/PRICE."""
    level = 1.0
    for _ in range(abs(j)):
        level = level * 17.0 / 16.0 if j > 0 else level * 16.0 / 17.0
    return int(level * PRICE + 0.5)


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


class SlipTables:
    """Nodes and weights of a scheme's bill tables, made once."""

    def __init__(self, tables: BillTables):
        self.tables = tables
        self.nodes, self.weights = quadrature(tables.base, tables.width)
        self.visit_nodes, _ = quadrature(tables.visit_base, tables.visit_width)
        self.illness_nodes, self.illness_weights = quadrature(tables.illness_base, tables.illness_width, grouped=4)
        self.tier_share = _shares(tables.tier_of)
        self.visit_tier_share = _shares(tables.visit_tier_of)
        self.illness_tier_share = _shares(tables.illness_tier_of)

    def expected(self, terms: np.ndarray, prices: np.ndarray, claims: np.ndarray, visits: np.ndarray, listed: np.ndarray,
                 run=map) -> np.ndarray:
        """Expected slips float64[D, kinds, accounts] of one policy (a row of terms) at rates of one, for int64[D] price indices.

        `claims`, `visits` float64[C, G] and `listed` float64[I, 2, C, G, 2]: expected bills of the year's people. `run` maps
        the work over grid points (a thread pool's map).
        """
        claims, visits, listed = (alike(terms, part, axis) for part, axis in ((claims, 0), (visits, 0), (listed, 2)))
        neighbours = [price_neighbours(int(price)) for price in prices]
        points = sorted({point for nearest, _ in neighbours for point in nearest})

        def at(point: int) -> np.ndarray:
            out = np.zeros((3, SLIPS))
            expected_slips(terms, self.tables, self.nodes, self.weights, self.tier_share, self.visit_nodes,
                           self.visit_tier_share, self.illness_nodes, self.illness_weights, self.illness_tier_share,
                           grid_price(point), claims, visits, listed, out)
            return out

        grid = dict(zip(points, run(at, points), strict=True))
        result = np.zeros((len(prices), 3, SLIPS))
        for d, (nearest, weights) in enumerate(neighbours):
            for point, weight in zip(nearest, weights, strict=True):
                result[d] += weight * grid[point]
        return result


def alike(terms: np.ndarray, expected: np.ndarray, axis: int) -> np.ndarray:
    """Expected bills with the classes (`axis`) and groups (next axis) that one policy treats alike put together."""
    def part(name: str) -> np.ndarray:
        return terms[OFFSETS[name]:OFFSETS[name] + int(np.prod(SHAPES[name]))].reshape(SHAPES[name])

    classes = [(part("deductible")[:, :, c].tobytes(), part("ratio")[:, c].tobytes()) for c in range(expected.shape[axis])]
    groups = [tuple(int(part(name)[g]) for name in ("deductible_waived", "ma_inpatient_ratio", "ma_outpatient_ratio",
                                                    "ma_listed_ratio"))
              for g in range(expected.shape[axis + 1])]
    result = np.zeros_like(expected)
    where = (slice(None),) * axis
    for c, kind in enumerate(classes):
        for g, terms_of_group in enumerate(groups):
            result[(*where, classes.index(kind), groups.index(terms_of_group))] += expected[(*where, c, g)]
    return result


def _shares(thresholds: np.ndarray) -> np.ndarray:
    return np.diff(thresholds, axis=-1, prepend=0) / 2.0**32
