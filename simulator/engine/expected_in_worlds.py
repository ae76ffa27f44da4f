"""The expected first-bill payments of worlds that have care of their own (`care/levers.py`).

What worlds move stands outside of what is worked out: bills at one tier, or of one illness, are expected once at each point of
the price grid, and a world's expectation is put together from these at its own tiers' prices, shares and onsets. An in-scope
share acts on a payment as a price does, for rules read the in-scope expense; where they read the whole bill, at prices of cases
and days say, the expectation is worked out at points of a grid of shares too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.conduct import FEE, Variant
from simulator.care.levers import CareLevers, onset_rates, prices_in, scopes_in, tiers_in, tiers_under
from simulator.engine.enrolment import GroupYear
from simulator.engine.expectations import (
    OF_ILLNESSES,
    OF_OUTPATIENTS,
    OF_STAYS,
    Asked,
    CareOfWorlds,
    asked_by,
    kept_of,
    keys_of,
)
from simulator.engine.workers import Workers
from simulator.kernel.expected import BillNodes, ExpectedBills, ExpectedCare, expected_first_bills
from simulator.kernel.quadrature import cubic_weights, grid_price, neighbours_of, quadrature
from simulator.kernel.rows import PolicyRows
from simulator.kernel.sums import N_ACCOUNTS
from simulator.money import ONE
from simulator.plan import (
    CASE_LEVEL,
    CII_COUNTS_FIRST_PAY,
    CII_EXCLUDED_SHARE,
    DAY_PRICE,
    N_ILLNESSES,
    N_TIERS,
    PAYMENT_COUNTIES,
)

SCOPE_STEP = ONE // 10             # the grid of in-scope shares
NO_TIERS = np.zeros(0, np.int64)


class Places(NamedTuple):
    """Where what D worlds expect of some bills lies on a grid, and the weights of the points around; of L levels at most."""

    point: np.ndarray              # int64[D, n, L, 4]: of the price grid
    weight: np.ndarray             # float64[D, n, L, 4]
    scope: np.ndarray              # int64[D, n, L, 1 or 4]: of the grid of shares
    scope_weight: np.ndarray       # float64[D, n, L, 1 or 4]


class Cells(NamedTuple):
    """Bills of one kind, expected tier by tier or illness by illness at points (which nodes, share, price) of a grid."""

    kind: int
    nodes: list[BillNodes]         # that worlds choose among
    code: np.ndarray               # int64[D, n, L, 1 or 4, 4]: the points around each world's place
    weight: np.ndarray             # float64[D, n, L, 1 or 4, 4]
    low: np.ndarray                # int64[3]: of the points, and how many numbers each of the three has
    size: tuple[int, ...]

    def point(self, code: int) -> tuple[int, ...]:
        """A point of the grid."""
        return tuple(int(n + low) for n, low in zip(np.unravel_index(code, self.size), self.low, strict=True))


def expected_in_worlds(group_year: GroupYear, terms: np.ndarray, care: CareOfWorlds, at: tuple[np.ndarray, int],
                       workers: Workers, of_tiers: PolicyRows | None = None) -> np.ndarray:
    """`expected_payments` of worlds under the levers of their group."""
    group = group_year.group
    levers, tables = group.care, group.people.tables
    assert levers is not None
    worlds = _Worlds(group_year, levers, at, workers)
    asked, number = asked_by(group_year, terms, care, of_tiers)
    keys = keys_of([one.terms for one in asked],
                   [one.variant._replace(tier_of=NO_TIERS, visit_tier_of=NO_TIERS) for one in asked],
                   [one.merged for one in asked])
    tier_of = tiers_in(tables.tier_of, levers.tier)
    onsets = np.repeat(onset_rates(levers), 2, axis=1)
    result = np.zeros((*terms.shape[:2], 3, N_ACCOUNTS))
    for a, (one, key) in enumerate(zip(asked, keys, strict=True)):
        own, policy = np.nonzero((number == a).any(axis=0))
        which, back = np.unique(own, return_inverse=True)
        stays = worlds.stays_by_share if reads_whole_bills(one.terms, one.variant) else worlds.stays
        shares = _shares(np.broadcast_to(tiers_under(one.variant.tier_of, tables.tier_of, tier_of), tier_of.shape)) * one.share
        visits = np.broadcast_to(_shares(one.variant.visit_tier_of) * one.share, shares.shape)
        for cells, weight, name in ((stays, shares, b""), (worlds.visits, visits, b""),
                                    (worlds.listed, onsets, one.share.tobytes())):
            if one.bills[_FIELD[cells.kind]].any():
                found = worlds.expected(cells, one, key[cells.kind] + name, which)
                total = np.zeros((len(which), N_ACCOUNTS))
                for cell in range(found.shape[1]):
                    total += weight[which, cell, None] * found[:, cell]
                result[own, policy, cells.kind] += total[back]
    return result


def reads_whole_bills(terms: np.ndarray, variant: Variant) -> bool:
    """Whether what an ordinary admission is paid hangs on more of the bill than its in-scope expense."""
    prices = terms[PAYMENT_COUNTIES] > 0 and (terms[CASE_LEVEL:CASE_LEVEL + N_TIERS].any()
                                              or terms[DAY_PRICE:DAY_PRICE + N_TIERS].any())
    return bool(prices or terms[CII_EXCLUDED_SHARE] > 0 or terms[CII_COUNTS_FIRST_PAY] == 1 or variant.bill[0, :, FEE].any())


class _Worlds:
    """The worlds of a group's year, and what is expected of bills at the points around each."""

    def __init__(self, group_year: GroupYear, levers: CareLevers, at: tuple[np.ndarray, int], workers: Workers) -> None:
        self.group, self.workers, (prices, self.list_price) = group_year.group, workers, at
        self.first_bills = self.group.people.first_bills
        self.people = group_year.year, self.list_price, self.group.roster_numbers
        nodes, none, tables = self.first_bills.nodes, np.zeros(len(prices), np.int64), self.group.people.tables
        spreads = [nodes] if not levers.cv.any() else [
            nodes._replace(admissions=quadrature(*spread)) for spread in zip(*self.group.people.spreads(), strict=True)]
        bills, visits = prices_in(prices, levers.bill), prices_in(prices, levers.visit_bill)
        scopes = scopes_in(tables.in_scope, levers.in_scope)                                              # [D, T, L]
        listed = prices_in(prices, levers.illness_bill).reshape(len(prices), -1)
        self.stays = cells_at(OF_STAYS, spreads, levers.cv, in_whole(bills[..., None] * scopes / ONE))
        self.stays_by_share = cells_at(OF_STAYS, spreads, levers.cv, by_share(bills, scopes))
        self.visits = cells_at(OF_OUTPATIENTS, [nodes], none, in_whole(visits[..., None]))
        self.listed = cells_at(OF_ILLNESSES, [nodes], none, in_whole(listed[..., None]))

    def expected(self, cells: Cells, one: Asked, key: bytes, worlds: np.ndarray) -> np.ndarray:
        """What is expected of the cells' bills in some of the worlds, float64[n, cells, N_ACCOUNTS]."""
        code, weight = cells.code[worlds], cells.weight[worlds]
        met = np.bincount(code.reshape(-1), minlength=int(np.prod(cells.size))) > 0
        grid = self._grid(cells, one, key, np.flatnonzero(met).tolist())                          # [points, cells, R, ACCOUNTS]
        place = (np.cumsum(met) - 1)[code]
        cell, roster = np.arange(code.shape[1]), self.group.roster[worlds][:, None]
        total = np.zeros((*code.shape[:2], N_ACCOUNTS))
        for around in np.ndindex(code.shape[2:]):
            total += weight[:, :, *around, None] * grid[place[:, :, *around], cell, roster]
        return total

    def _grid(self, cells: Cells, one: Asked, key: bytes, codes: list[int]) -> np.ndarray:
        """What is expected at these points, float64[points, cells, R, N_ACCOUNTS]."""
        points = [cells.point(code) for code in codes]
        kept, names = kept_of(self.first_bills).cells, [(self.people, key, *point) for point in points]
        known = [kept.get(name) for name in names]
        missing = [n for n, found in enumerate(known) if found is None]
        made = self.workers.here(lambda n: self._at(cells, one, *points[n]), missing)
        for n, found in zip(missing, made, strict=True):
            kept.put(names[n], found)
            known[n] = found
        return np.stack([found for found in known if found is not None])

    def _at(self, cells: Cells, one: Asked, spread: int, scope: int, point: int) -> np.ndarray:
        """What is expected of the cells' bills at one point, float64[cells, R, N_ACCOUNTS]."""
        bills = ExpectedBills(*(heads if n == _FIELD[cells.kind] else np.zeros_like(heads) for n, heads in enumerate(one.bills)))
        if cells.kind != OF_ILLNESSES:
            bills = bills._replace(listed=bills.listed[:, :0].copy())
        tables = self.first_bills.tables
        in_scope = np.full((N_TIERS, 1), scope * SCOPE_STEP)
        each = np.ones(N_TIERS)
        of_illness = self.first_bills.illness_tier_share
        care = ExpectedCare(one.variant.bill, each, each, of_illness * one.share, in_scope, grid_price(point), self.list_price,
                            np.arange(N_TIERS), np.arange(2 * N_ILLNESSES).reshape(-1, 2))
        out = np.zeros((3, max(N_TIERS, 2 * N_ILLNESSES), len(one.bills.visits), N_ACCOUNTS))
        expected_first_bills(one.terms, tables, cells.nodes[spread], care, bills, out)
        return out[cells.kind, :cells.code.shape[1]].copy()


def cells_at(kind: int, nodes: list[BillNodes], spread: np.ndarray, places: Places) -> Cells:
    """Cells at places of a grid, with the choice of nodes `spread` int64[D] of each world."""
    shape = (*places.scope.shape, 4)
    points = [np.broadcast_to(array, shape) for array in (spread.reshape(-1, 1, 1, 1, 1), places.scope[..., None],
                                                          places.point[..., None, :])]
    low = np.array([array.min() for array in points])
    size = tuple(int(array.max() - least + 1) for array, least in zip(points, low, strict=True))
    code = np.ravel_multi_index(tuple(array - least for array, least in zip(points, low, strict=True)), size)
    weight = places.weight[..., None, :] * places.scope_weight[..., None] / shape[2]
    return Cells(kind, nodes, code, np.ascontiguousarray(np.broadcast_to(weight, shape)), low, size)


def in_whole(prices: np.ndarray) -> Places:
    """Places of bills at these prices float64[D, n, L], in scope as a whole."""
    whole = np.full((*prices.shape, 1), ONE // SCOPE_STEP)
    return Places(*neighbours_of(prices), whole, np.ones(whole.shape))


def by_share(prices: np.ndarray, scopes: np.ndarray) -> Places:
    """Places of bills at prices [D, T] and in-scope shares [D, T, L]."""
    point, weight = (np.broadcast_to(array[:, :, None], (*scopes.shape, 4)) for array in neighbours_of(prices))
    first = np.clip(scopes // SCOPE_STEP - 1, 0, ONE // SCOPE_STEP - 3)
    scope = first[..., None] + np.arange(4)
    return Places(point, weight, scope, cubic_weights(scopes, scope * SCOPE_STEP))


def _shares(thresholds: np.ndarray) -> np.ndarray:
    return np.diff(thresholds, axis=-1, prepend=0) / 2.0**32


# Which field of `ExpectedBills` is of which of FIRST_BILL_KINDS.
_FIELD = {OF_STAYS: 0, OF_OUTPATIENTS: 1, OF_ILLNESSES: 2}
