"""The expectation of one policy's first-bill payments, price by price, with nothing shared or kept."""

import numpy as np

from simulator import plan as t
from simulator.care.conduct import Variant
from simulator.care.walk import CHANCE
from simulator.chance.quantiles import shares_of
from simulator.kernel.alike import by_kind_of_class, kinds_of_classes
from simulator.kernel.expected import ExpectedBills, FirstBillTables, expected_first_bills, together
from simulator.kernel.quadrature import grid_price, price_neighbours
from simulator.kernel.sums import N_ACCOUNTS


def expected_alone(first_bills: FirstBillTables, terms: np.ndarray, variant: Variant, prices: np.ndarray, list_price: int,
                   claims: np.ndarray, visits: np.ndarray, listed: np.ndarray, roster: np.ndarray) -> np.ndarray:
    """Expected first-bill payments float64[D, kinds, accounts] of one policy (a row of first-bill terms) and its variant of
    care, at walked rates of one, for worlds with price indices `prices` int64[D] on the rosters `roster` int64[D].

    `claims` float64[R, C, G, 2], `visits` float64[R, C, G] and `listed` float64[R, I, 2, C, G, 2]: expected bills of the
    year's people on each roster, admissions and visits before thinning.
    """
    if terms[t.PAYMENT_COUNTIES] == 0:
        claims = np.stack([claims.sum(axis=-1), np.zeros(claims.shape[:-1])], axis=-1)
    everywhere = terms[t.LISTED:t.LISTED + t.N_ILLNESSES] != 2                      # paid alike in pilot counties and outside
    listed = np.where(everywhere[:, None, None, None, None],
                      np.stack([listed.sum(axis=-1), np.zeros(listed.shape[:-1])], axis=-1), listed)
    kept = variant.keep / CHANCE
    kinds = kinds_of_classes(terms)
    claims, visits, listed = (by_kind_of_class(kinds, part, axis) for part, axis in (
        (claims * kept[0], 1), (visits * kept[2], 1), (listed, 3)))
    claims, listed = (np.ascontiguousarray(np.swapaxes(part, -1, -2)) for part in (claims, listed))      # groups last
    bills = ExpectedBills(claims, visits, listed)
    neighbours = [price_neighbours(int(price)) for price in prices]
    points = sorted({point for nearest, _ in neighbours for point in nearest})
    tier_share, visit_tier_share = shares_of(variant.tier_of), shares_of(variant.visit_tier_of)

    def at(point: int) -> np.ndarray:
        out = np.zeros((3, 1, len(visits), N_ACCOUNTS))
        care = together(variant.bill, tier_share, visit_tier_share, first_bills.illness_tier_share, first_bills.tables.in_scope,
                        grid_price(point), list_price)
        expected_first_bills(terms, first_bills.tables, first_bills.nodes, care, bills, out)
        return out[:, 0]

    grid = {point: at(point) for point in points}
    result = np.zeros((len(prices), 3, N_ACCOUNTS))
    for d, (nearest, weights) in enumerate(neighbours):
        for point, weight in zip(nearest, weights, strict=True):
            result[d] += weight * grid[point][:, roster[d]]
    return result
