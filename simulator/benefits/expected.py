"""The exact expectation of a stateless slip, for the control variate (design, section 4).

A *slip* is a bill settled from an empty year. Its expectation for a person of one class, group and
pilot standing needs no simulation: the quantile tables are summed cell by cell. A sample's sum of
slips minus this expectation is the sample's own chance, which is taken out of the fund's figures.
"""

from __future__ import annotations

import numpy as np

from simulator.benefits.rules import (
    IN_SCOPE_LEFT,
    LEFT,
    MA_DEDUCTIBLE_USED,
    MA_PAID,
    STATE,
    is_listed,
    pay_assistance,
    settle_bill,
)
from simulator.benefits.sums import SLIPS
from simulator.benefits.terms import (
    CHRONIC_LIST,
    DEDUCTIBLE_WAIVED,
    GROUPS,
    ILLNESSES,
    MA_INPATIENT_RATIO,
    MA_LISTED_RATIO,
    MA_OUTPATIENT_RATIO,
    OFFSETS,
    PAYMENT_COUNTIES,
    REFERENCE_PRICE,
    SECONDARY_THRESHOLD,
    SHAPES,
    UNREFERRED_PENALTY,
)
from simulator.benefits.terms import LISTED as LISTED_MEMBERSHIP
from simulator.bill import (
    BEHIND_ALL,
    BILL,
    BILLED,
    CASE_PRICE,
    CHRONIC,
    DAYS,
    ELIGIBLE,
    GROUP,
    ILLNESS,
    INPATIENT,
    KIND,
    MEMBER_CLASS,
    NEW_DRUG,
    NO_ILLNESS,
    OUTPATIENT_VISIT,
    PAYMENT_RANK,
    PILOT_RANK,
    TCM,
    TIER,
    UNITS,
    UNREFERRED,
)
from simulator.care.conduct import FEE, OF_BILLED, OF_DAYS, OF_ELIGIBLE, UNIT, Variant, multiply
from simulator.care.walk import CASE_GROUPS, CHANCE, LEVELS, PRICE, BillTables, priced
from simulator.compiled import compiled, lean
from simulator.money import UNLIMITED, share
from simulator.random import CELL_WEIGHT, CELLS, CELLS_PER_OCTAVE, OCTAVES
from simulator.tables import BASIC, CII, LISTED, OUTPATIENT, SUPPLEMENT

FINE_FROM = 12 * CELLS_PER_OCTAVE      # above this cell every cell is kept; the far tail is summed in eighths


def quadrature(base: np.ndarray, width: np.ndarray, grouped: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Nodes int64 and weights float64 (sum one) of a quantile table, along its last axis.

    The cells' mean amounts; `grouped` neighbouring cells are merged, in the far tail (survival below 2^-20) eight times as many.
    """
    middle = base + 0.5 * width
    starts, weights = _merged_cells(grouped)
    nodes = np.add.reduceat(middle * CELL_WEIGHT, starts, axis=-1) / np.maximum(weights, 1e-300)
    kept = weights > 0
    return np.floor(nodes[..., kept] + 0.5).astype(np.int64), weights[kept]


def _merged_cells(grouped: int) -> tuple[np.ndarray, np.ndarray]:
    """First cell and weight of each run of merged cells; no run crosses an octave."""
    owner = np.where(np.arange(CELLS) >= FINE_FROM, FINE_FROM * 1000 + np.arange(CELLS) // grouped,
                     np.arange(CELLS) // (8 * grouped))
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    return starts, np.add.reduceat(CELL_WEIGHT, starts)


def quadrature_groups() -> np.ndarray:
    """The case group of each node of `quadrature`, int64[N]."""
    starts, weights = _merged_cells(1)
    return np.minimum(OCTAVES - 1 - starts[weights > 0] // CELLS_PER_OCTAVE, CASE_GROUPS - 1)


@lean
def empty_bill(bill, kind, tier, member_class, group):
    """A scratch row int64[BILL] as a bill of this kind without amounts."""
    for n in range(len(bill)):                             # a slice assignment compiles its error's text too
        bill[n] = 0
    bill[KIND] = kind
    bill[TIER] = tier
    bill[MEMBER_CLASS] = member_class
    bill[GROUP] = group
    bill[ILLNESS] = NO_ILLNESS
    bill[UNITS] = 1
    bill[DAYS] = 1
    bill[PILOT_RANK] = BEHIND_ALL
    bill[PAYMENT_RANK] = BEHIND_ALL


@lean
def weigh_slip(terms, bare, by, bill, weight, heads, empty, own, paid, out):
    """Settle a bill, multiplied by `by`, from an empty year, and add it to out float64[SLIPS] for every group.

    `heads` float64[G] are the bills expected of each assistance group; the groups differ in assistance alone, so the bill is
    settled once under the `bare` terms without it. Accounts in the order of kernel.ACCOUNTS; the last three are scratch rows.
    """
    if by[OF_BILLED] == UNIT and by[OF_ELIGIBLE] == UNIT and by[FEE] == 0 and by[OF_DAYS] == UNIT:
        settle_bill(bare, empty, bill, paid)
    else:
        for n in range(BILL):                              # a slice assignment would allocate
            own[n] = bill[n]
        multiply(own, by)
        settle_bill(bare, empty, own, paid)
    for n in range(STATE):
        empty[n] = 0
    listed = is_listed(terms, bill[ILLNESS], bill[PILOT_RANK])
    total, assisted, above = 0.0, 0.0, 0.0
    for g in range(len(heads)):
        if heads[g] > 0.0:
            assistance = pay_assistance(terms, empty, bill[KIND], listed, g, paid[IN_SCOPE_LEFT])
            empty[MA_DEDUCTIBLE_USED] = 0
            empty[MA_PAID] = 0
            total += heads[g]
            assisted += heads[g] * assistance
            above += heads[g] * max(paid[IN_SCOPE_LEFT] - assistance - terms[SECONDARY_THRESHOLD], 0)
    out[0] += weight * total * (paid[BASIC] + paid[LISTED] + paid[OUTPATIENT])
    out[1] += weight * total * paid[SUPPLEMENT]
    out[2] += weight * total * paid[CII]
    out[3] += weight * assisted
    if bill[KIND] == INPATIENT:
        out[4] += weight * above


@compiled
def admission_slip(terms, bare, tables, by, nodes, weights, groups, tier_share, price, list_price, member_class, group, heads,
                   payment_rank, out):
    """Expected slips of ordinary admissions, added to out float64[SLIPS]; nodes int64[T, N], groups int64[N]: case groups.

    `group` stands for the assistance groups of `heads`."""
    empty, bill, own = np.zeros(STATE, dtype=np.int64), np.zeros(BILL, dtype=np.int64), np.zeros(BILL, dtype=np.int64)
    paid = np.zeros(LEFT, dtype=np.int64)
    for tier in range(len(tier_share)):
        if tier_share[tier] == 0.0:
            continue
        often = tables.unreferred[tier] / CHANCE if terms[UNREFERRED_PENALTY] > 0 else 0.0
        drugs = tables.new_drug / CHANCE if terms[REFERENCE_PRICE] < UNLIMITED else 0.0
        empty_bill(bill, INPATIENT, tier, member_class, group)
        bill[PAYMENT_RANK] = payment_rank
        for n in range(len(weights)):
            billed = priced(nodes[tier, n], price)
            bill[BILLED] = billed
            bill[CASE_PRICE] = priced(tables.case_price[tier, groups[n]], list_price)
            bill[DAYS] = tables.stay[tier, groups[n]]
            for level in range(LEVELS):
                bill[ELIGIBLE] = share(billed, tables.in_scope[tier, level])
                bill[TCM] = share(bill[ELIGIBLE], tables.tcm_share[tier])
                weight = tier_share[tier] * weights[n] / LEVELS
                for sent in range(2):
                    for drug in range(2):
                        chance = (often if sent == 1 else 1.0 - often) * (drugs if drug == 1 else 1.0 - drugs)
                        if chance > 0.0:
                            bill[UNREFERRED] = sent
                            bill[NEW_DRUG] = share(bill[ELIGIBLE], tables.new_drug_part) if drug == 1 else 0
                            weigh_slip(terms, bare, by[tier], bill, weight * chance, heads, empty, own, paid, out)


@compiled
def visit_slip(terms, bare, tables, by, nodes, weights, tier_share, price, member_class, group, heads, out):
    """Expected slips of outpatient visits, added to out float64[SLIPS]."""
    empty, bill, own = np.zeros(STATE, dtype=np.int64), np.zeros(BILL, dtype=np.int64), np.zeros(BILL, dtype=np.int64)
    paid = np.zeros(LEFT, dtype=np.int64)
    often = tables.chronic / CHANCE if terms[CHRONIC_LIST] == 1 else 0.0
    for tier in range(len(tier_share)):
        if tier_share[tier] == 0.0:
            continue
        empty_bill(bill, OUTPATIENT_VISIT, tier, member_class, group)
        for n in range(len(weights)):
            bill[BILLED] = priced(nodes[tier, n], price)
            bill[ELIGIBLE] = share(bill[BILLED], tables.visit_in_scope[tier])
            for chronic in range(2):
                chance = often if chronic == 1 else 1.0 - often
                if chance > 0.0:
                    bill[CHRONIC] = chronic
                    weigh_slip(terms, bare, by[tier], bill, tier_share[tier] * weights[n] * chance, heads, empty, own, paid, out)


@compiled
def illness_slip(terms, bare, tables, by, nodes, weights, tier_share, price, illness, later, member_class, group, heads,
                 pilot_rank, out):
    """Expected slips of bills of a listed illness, added to out float64[SLIPS]; nodes int64[I, 2, N]."""
    empty, bill, own = np.zeros(STATE, dtype=np.int64), np.zeros(BILL, dtype=np.int64), np.zeros(BILL, dtype=np.int64)
    paid = np.zeros(LEFT, dtype=np.int64)
    for tier in range(tier_share.shape[1]):
        if tier_share[illness, tier] > 0.0:
            empty_bill(bill, INPATIENT, tier, member_class, group)
            bill[ILLNESS] = illness
            bill[PILOT_RANK] = pilot_rank
            for n in range(len(weights)):
                bill[BILLED] = priced(nodes[illness, later, n], price)
                bill[ELIGIBLE] = share(bill[BILLED], tables.illness_in_scope[illness])
                weigh_slip(terms, bare, by[tier], bill, tier_share[illness, tier] * weights[n], heads, empty, own, paid, out)


@compiled
def expected_slips(terms, tables, by, nodes, weights, groups, tier_share, visit_nodes, visit_tier_share, illness_nodes,
                   illness_weights, illness_tier_share, price, list_price, claims, visits, listed, out):
    """Expected sums of slips of all people under one policy at one price index, added to out float64[3 kinds, SLIPS].

    `by` int64[3, T, 4]: the policy's multipliers of bills. `claims` float64[C, 2, G], `visits` float64[C, G]: expected
    admissions (outside the payment area, in it) and visits by member class and group; `listed` float64[I, 2, C, 2, G]:
    expected bills by illness, first/later year, class, in the pilot or not, group.
    """
    bare = terms.copy()
    for g in range(GROUPS):
        bare[MA_INPATIENT_RATIO + g] = 0
        bare[MA_OUTPATIENT_RATIO + g] = 0
        bare[MA_LISTED_RATIO + g] = 0
    heads = np.empty(GROUPS)
    for c in range(visits.shape[0]):
        for waived in range(2):
            group = -1                                   # of the groups with or without deductible, the first stands for all
            for g in range(GROUPS):
                if terms[DEDUCTIBLE_WAIVED + g] == waived and group < 0:
                    group = g
            for inside in range(2):
                if share_heads(claims[c, inside], terms, waived, heads):
                    admission_slip(terms, bare, tables, by[0], nodes, weights, groups, tier_share, price, list_price, c, group,
                                   heads, 0 if inside == 1 else BEHIND_ALL, out[0])
            if share_heads(visits[c], terms, waived, heads):
                visit_slip(terms, bare, tables, by[2], visit_nodes, weights, visit_tier_share, price, c, group, heads, out[2])
            for i in range(listed.shape[0]):
                for later in range(2):
                    for pilot in range(2):
                        if share_heads(listed[i, later, c, pilot], terms, waived, heads):
                            illness_slip(terms, bare, tables, by[1], illness_nodes, illness_weights, illness_tier_share, price,
                                         i, later, c, group, heads, 0 if pilot == 1 else BEHIND_ALL, out[1])


@lean
def share_heads(expected, terms, waived, heads):
    """Put the expected bills of the groups with this waiver of the deductible into heads float64[G]; False if there are none."""
    some = False
    for g in range(GROUPS):
        heads[g] = expected[g] if terms[DEDUCTIBLE_WAIVED + g] == waived else 0.0
        some = some or heads[g] > 0.0
    return some


def grid_price(j: int) -> int:
    """Point j of the fixed price grid (9/8)^j, in 1/PRICE: wide enough to be cheap, and cubic interpolation errs by some 2e-5."""
    level = 1.0
    for _ in range(abs(j)):
        level = level * 9.0 / 8.0 if j > 0 else level * 8.0 / 9.0
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
        self.groups = quadrature_groups()
        self.visit_nodes, _ = quadrature(tables.visit_base, tables.visit_width)
        self.illness_nodes, self.illness_weights = quadrature(tables.illness_base, tables.illness_width, grouped=8)
        self.illness_tier_share = _shares(tables.illness_tier_of)

    def expected(self, terms: np.ndarray, variant: Variant, prices: np.ndarray, list_price: int, claims: np.ndarray,
                 visits: np.ndarray, listed: np.ndarray, run=map) -> np.ndarray:
        """Expected slips float64[D, kinds, accounts] of one policy (a row of slip terms) and its variant of care, at walked rates
        of one, for int64[D] price indices.

        `claims` float64[C, G, 2], `visits` float64[C, G] and `listed` float64[I, 2, C, G, 2]: expected bills of the year's
        people, admissions and visits before thinning. `run` maps the work over grid points (a thread pool's map).
        """
        if terms[PAYMENT_COUNTIES] == 0:
            claims = np.stack([claims.sum(axis=2), np.zeros(claims.shape[:2])], axis=2)
        everywhere = terms[LISTED_MEMBERSHIP:LISTED_MEMBERSHIP + ILLNESSES] != 2      # paid alike in pilot counties and outside
        listed = np.where(everywhere[:, None, None, None, None],
                          np.stack([listed.sum(axis=4), np.zeros(listed.shape[:4])], axis=4), listed)
        kept = variant.keep / CHANCE
        claims, visits, listed = (alike(terms, part, axis) for part, axis in (
            (claims * kept[0], 0), (visits * kept[2], 0), (listed, 2)))
        claims, listed = (np.ascontiguousarray(np.swapaxes(part, -1, -2)) for part in (claims, listed))      # groups last
        neighbours = [price_neighbours(int(price)) for price in prices]
        points = sorted({point for nearest, _ in neighbours for point in nearest})
        tier_share, visit_tier_share = _shares(variant.tier_of), _shares(variant.visit_tier_of)

        def at(point: int) -> np.ndarray:
            out = np.zeros((3, SLIPS))
            expected_slips(terms, self.tables, variant.bill, self.nodes, self.weights, self.groups, tier_share,
                           self.visit_nodes, visit_tier_share, self.illness_nodes, self.illness_weights,
                           self.illness_tier_share, grid_price(point), list_price, claims, visits, listed, out)
            return out

        grid = dict(zip(points, run(at, points), strict=True))
        result = np.zeros((len(prices), 3, SLIPS))
        for d, (nearest, weights) in enumerate(neighbours):
            for point, weight in zip(nearest, weights, strict=True):
                result[d] += weight * grid[point]
        return result


def alike(terms: np.ndarray, expected: np.ndarray, axis: int) -> np.ndarray:
    """Expected bills with the member classes (`axis`) that one policy treats alike put together."""
    def part(name: str) -> np.ndarray:
        return terms[OFFSETS[name]:OFFSETS[name] + int(np.prod(SHAPES[name]))].reshape(SHAPES[name])

    classes = [(part("deductible")[:, :, c].tobytes(), part("ratio")[:, c].tobytes()) for c in range(expected.shape[axis])]
    result = np.zeros_like(expected)
    where = (slice(None),) * axis
    for c, kind in enumerate(classes):
        result[(*where, classes.index(kind))] += expected[(*where, c)]
    return result


def _shares(thresholds: np.ndarray) -> np.ndarray:
    return np.diff(thresholds, axis=-1, prepend=0) / 2.0**32
