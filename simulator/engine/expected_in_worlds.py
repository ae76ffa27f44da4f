"""The expected first-bill payments of worlds that have care of their own (`care/levers.py`).

What worlds move stands outside of what is worked out: bills at one tier, or of one illness, are expected once at each point of
the price grid, and a world's expectation is put together from these at its own tiers' prices, shares and onsets. An in-scope
share acts on a payment as a price does, for rules read the in-scope expense. Where they read the whole bill, at prices of cases
and days say, the expectation is worked out for each world's own prices and shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from simulator.care.conduct import FEE, OF_BILLED, OF_ELIGIBLE, UNIT
from simulator.care.levers import moved_by, onset_rates, prices_in, tiers_under
from simulator.chance.quantiles import shares_of
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
from simulator.kernel.expected import BillNodes, ExpectedBills, ExpectedCare, expected_first_bills, together
from simulator.kernel.quadrature import grid_price, neighbours_of
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

NO_TIERS = np.zeros(0, np.int64)
ALL_IN_SCOPE = np.full((N_TIERS, 1), ONE)         # the in-scope shares of the grid


class Cells(NamedTuple):
    """Bills of one kind, expected tier by tier or illness by illness at points of the price grid."""

    kind: int
    nodes: list[BillNodes]         # that worlds choose among
    code: np.ndarray               # int64[D, n, L, 4]: the points around each world's place, those of the first nodes first
    weight: np.ndarray             # float64[D, n, L, 4]
    first: int                     # of the grid's points
    size: int                      # how many there are of each nodes


def expected_in_worlds(group_year: GroupYear, terms: np.ndarray, care: CareOfWorlds, at: tuple[np.ndarray, int],
                       workers: Workers, of_tiers: PolicyRows | None = None) -> np.ndarray:
    """`expected_payments` of worlds under the levers of their group."""
    worlds, (asked, number) = Worlds(group_year, at, workers), asked_by(group_year, terms, care, of_tiers)
    variants = [one.variant._replace(tier_of=NO_TIERS, visit_tier_of=NO_TIERS) for one in asked]
    plain = [variant._replace(bill=plain_bill(one)) for one, variant in zip(asked, variants, strict=True)]
    keys, of_plain = (keys_of([one.terms for one in asked], some, [one.merged for one in asked]) for some in (variants, plain))
    result = np.zeros((*terms.shape[:2], 3, N_ACCOUNTS))
    for a, one in enumerate(asked):
        own, policy = np.nonzero((number == a).any(axis=0))
        which, back = np.unique(own, return_inverse=True)
        for kind, found in worlds.expected(one, keys[a], of_plain[a][OF_STAYS], which):
            result[own, policy, kind] += found[back]
    return result


def plain_bill(one: Asked) -> np.ndarray:
    """What a policy does to bills, without what it does to those of ordinary admissions."""
    bill = one.variant.bill.copy()
    bill[0] = np.where(np.arange(bill.shape[-1]) == FEE, 0, UNIT)
    return bill


def read_as_a_whole(one: Asked) -> np.ndarray:
    """Of ordinary admissions outside the payment area and in it, bool[2]: whether what they are paid hangs on more of the bill
    than its in-scope expense."""
    terms = one.terms
    prices = terms[CASE_LEVEL:CASE_LEVEL + N_TIERS].any() or terms[DAY_PRICE:DAY_PRICE + N_TIERS].any()
    by = one.variant.bill[0]
    everywhere = (terms[CII_EXCLUDED_SHARE] > 0 or terms[CII_COUNTS_FIRST_PAY] == 1 or by[:, FEE].any()
                  or (by[:, OF_ELIGIBLE] > by[:, OF_BILLED]).any())
    return np.array([everywhere, everywhere or (terms[PAYMENT_COUNTIES] > 0 and prices)])


class Worlds:
    """The worlds of a group's year, and what is expected of bills in each."""

    def __init__(self, group_year: GroupYear, at: tuple[np.ndarray, int], workers: Workers) -> None:
        self.group, self.workers, (prices, self.list_price) = group_year.group, workers, at
        levers, people = self.group.care, self.group.people
        assert levers is not None
        self.first_bills, self.tables, nodes = people.first_bills, people.tables, people.first_bills.nodes
        self.people = group_year.year, self.list_price, self.group.roster_numbers
        self.moved, self.onsets = moved_by(levers, people.tables), np.repeat(onset_rates(levers), 2, axis=1)
        self.nodes = [nodes] if not levers.cv.any() else [
            nodes._replace(admissions=spread) for spread in people.spread_bills.nodes]
        self.prices, visits, listed = (prices_in(prices, levels) for levels in (levers.bill, levers.visit_bill,
                                                                                levers.illness_bill))
        none = np.zeros(len(prices), np.int64)
        self.visits = cells_at(OF_OUTPATIENTS, [nodes], none, visits[..., None])
        self.listed = cells_at(OF_ILLNESSES, [nodes], none, listed.reshape(len(prices), -1, 1))
        self._stays: dict[bytes, Cells] = {}

    def stays(self, one: Asked) -> Cells:
        """Ordinary admissions in the worlds, by the price of what is in scope under a policy."""
        by = one.variant.bill[0, :, OF_ELIGIBLE]
        if by.tobytes() not in self._stays:
            prices = self.prices[..., None] * self.moved.in_scope * (by[:, None] / UNIT) / ONE
            self._stays[by.tobytes()] = cells_at(OF_STAYS, self.nodes, self.moved.spread, prices)
        return self._stays[by.tobytes()]

    def expected(self, one: Asked, keys: tuple[bytes, ...], plain: bytes,
                 worlds: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """What is expected of all there is under a policy in some of the worlds, part by part: its kind, and float64[n,
        N_ACCOUNTS]. `keys` are what the kinds hang on, `plain` what admissions do that are not read as a whole."""
        shares = shares_of(tiers_under(one.variant.tier_of, self.tables.tier_of, self.moved.tier_of)) * one.share
        visit_shares = np.broadcast_to(shares_of(one.variant.visit_tier_of) * one.share, shares.shape)
        apart, nothing = read_as_a_whole(one), ExpectedBills(*map(np.zeros_like, one.bills))
        whole = np.where(apart[:, None], one.bills.admissions, 0.0)                                # of float64[R, C, 2, G]
        if whole.any():
            asked = one._replace(bills=nothing._replace(admissions=whole))
            yield OF_STAYS, np.stack(self._kept([(keys[OF_STAYS], *self._own(world, shares)) for world in worlds.tolist()],
                                                lambda n: self._alone(asked, int(worlds[n]), shares)))
        rest = one._replace(variant=one.variant._replace(bill=plain_bill(one)), bills=nothing._replace(
            admissions=one.bills.admissions - whole))
        parts = ((self.stays(one), rest, plain, shares),
                 (self.visits, one._replace(bills=nothing._replace(visits=one.bills.visits)), keys[OF_OUTPATIENTS], visit_shares),
                 (self.listed, one._replace(bills=nothing._replace(listed=one.bills.listed)),
                  keys[OF_ILLNESSES] + one.share.tobytes(), self.onsets))
        for cells, asked, key, weight in parts:
            if any(heads.any() for heads in asked.bills):
                yield cells.kind, self._on_grid(cells, asked, key, worlds, weight)

    def _own(self, world: int, shares: np.ndarray) -> tuple:
        """What an expectation of a world's own hangs on, beside terms and people."""
        of_world = self.moved.in_scope[world], self.prices[world], shares[world]
        return *(array.tobytes() for array in of_world), int(self.moved.spread[world]), int(self.group.roster[world])

    def _alone(self, one: Asked, world: int, shares: np.ndarray) -> np.ndarray:
        """What is expected of ordinary admissions in a world, float64[N_ACCOUNTS]."""
        place = self.group.roster[world]
        heads = without_lists(ExpectedBills(*(part[place:place + 1].copy() for part in one.bills)))
        care = together(one.variant.bill, shares[world], shares[world], self.first_bills.illness_tier_share,
                        self.moved.in_scope[world], self.prices[world], self.list_price)
        out = np.zeros((3, 1, 1, N_ACCOUNTS))
        expected_first_bills(one.terms, self.tables, self.nodes[self.moved.spread[world]], care, heads, out)
        return out[OF_STAYS, 0, 0].copy()

    def _on_grid(self, cells: Cells, one: Asked, key: bytes, worlds: np.ndarray, of_cell: np.ndarray) -> np.ndarray:
        """What is expected of the cells' bills in some of the worlds, float64[n, N_ACCOUNTS], each cell `of_cell` float64[D, n]
        times."""
        code, weight = cells.code[worlds], cells.weight[worlds] * of_cell[worlds][..., None, None]
        met = np.bincount(code.reshape(-1), minlength=len(cells.nodes) * cells.size) > 0
        points = [(point // cells.size, point % cells.size + cells.first) for point in np.flatnonzero(met).tolist()]
        grid = np.stack(self._kept([(key, *point) for point in points], lambda n: self._at(cells, one, *points[n])))
        place = (np.cumsum(met) - 1)[code]                                     # of the grid's float64[points, cells, R, ACCOUNTS]
        cell, roster = np.arange(code.shape[1])[:, None, None], self.group.roster[worlds][:, None, None, None]
        found = weight[..., None] * grid[place, cell, roster]
        return np.cumsum(found.reshape(len(worlds), -1, N_ACCOUNTS), axis=1)[:, -1]               # in order, so the same bits

    def _at(self, cells: Cells, one: Asked, spread: int, point: int) -> np.ndarray:
        """What is expected of the cells' bills at one point, float64[cells, R, N_ACCOUNTS]."""
        bills = one.bills if cells.kind == OF_ILLNESSES else without_lists(one.bills)
        each, prices = np.ones(N_TIERS), np.full((3, N_TIERS), grid_price(point))
        care = ExpectedCare(one.variant.bill, each, each, self.first_bills.illness_tier_share * one.share, ALL_IN_SCOPE, prices,
                            self.list_price, np.arange(N_TIERS), np.arange(2 * N_ILLNESSES).reshape(-1, 2))
        out = np.zeros((3, 2 * N_ILLNESSES, len(bills.visits), N_ACCOUNTS))
        expected_first_bills(one.terms, self.tables, cells.nodes[spread], care, bills, out)
        return out[cells.kind, :cells.code.shape[1]].copy()

    def _kept(self, names: list[tuple], make: Callable[[int], np.ndarray]) -> list[np.ndarray]:
        """What is kept under these names, made where nothing is."""
        kept, known = kept_of(self.first_bills).cells, dict[tuple, np.ndarray]()
        for name in names:
            found = kept.get((self.people, *name))
            if found is not None:
                known[name] = found
        missing = {name: n for n, name in enumerate(names) if name not in known}
        for name, found in zip(missing, self.workers.here(make, list(missing.values())), strict=True):
            kept.put((self.people, *name), found)
            known[name] = found
        return [known[name] for name in names]


def without_lists(bills: ExpectedBills) -> ExpectedBills:
    """Bills without the loop over illnesses."""
    return bills._replace(listed=bills.listed[:, :0].copy())


def cells_at(kind: int, nodes: list[BillNodes], spread: np.ndarray, prices: np.ndarray) -> Cells:
    """Bills at prices float64[D, n, L], of whose levels each is as likely, from the nodes `spread` int64[D] of each world."""
    point, weight = neighbours_of(prices)
    first, size = int(point.min()), int(np.ptp(point)) + 1
    return Cells(kind, nodes, point - first + spread[:, None, None, None] * size, weight / prices.shape[2], first, size)
