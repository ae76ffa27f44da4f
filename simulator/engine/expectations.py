"""The expected first-bill payments of a year under many policies, each worked out once for whoever has it in common.

An expectation hangs on the terms that bills of one kind are paid by, on what a policy does to them, on the year's people and on
a point of the price grid (`kernel/quadrature.py`) - not on the worlds that lie around the point. So policies that differ in
other terms share it, and so do the passes of a batch, as long as it is kept.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from simulator.care.conduct import Variant
from simulator.care.walk import CHANCE
from simulator.chance.quantiles import shares_of
from simulator.engine.bill_rows import local_shares
from simulator.engine.enrolment import GroupYear
from simulator.engine.workers import Workers
from simulator.kernel.alike import by_kind_of_class, kinds_of_classes
from simulator.kernel.expected import (
    ExpectedBills,
    FirstBillTables,
    expected_first_bills,
    together,
)
from simulator.kernel.people import first_bill_terms
from simulator.kernel.quadrature import grid_price, price_neighbours
from simulator.kernel.rows import PolicyRows
from simulator.kernel.shared_visits import terms_of_visits
from simulator.kernel.sums import N_ACCOUNTS
from simulator.plan import (
    FACTOR,
    LISTED,
    N_ILLNESSES,
    N_TIERS,
    PAYMENT_COUNTIES,
    PILOT,
    PILOT_COUNTIES,
    TERMS,
    places,
)

OF_STAYS, OF_ILLNESSES, OF_OUTPATIENTS = FIRST_BILL_KINDS = range(3)
MOST_EXPECTATIONS = 40_000                      # expectations kept of one scheme's people, some 35 MB
MOST_CELLS = 10_000                     # tables of expectations by tier or illness, some 30 MB
MOST_BILLS = 200                        # kinds of bills of a year that are kept, at most 0.2 MB each
EVERYTHING = np.ones(N_TIERS)
Found = TypeVar("Found")
# Terms by which no first-bill payment is paid: covers and relief are left out of them, accounts pay what patients would, and no
# walk draws civil servants.
UNREAD = tuple(name for name in TERMS if name.startswith(("account_", "civil_", "commercial_", "relief_")))
# Terms that bills of other kinds alone are paid by.
READ_BY_VISITS = tuple(name for name in TERMS if name.startswith(("consultation_", "outpatient_", "chronic_"))
                  and name != "outside_first_pay") + ("ma_outpatient_ratio", "cii_counts_outpatient", "cap_counts_outpatient")
READ_BY_LISTS = tuple(name for name in TERMS if name.startswith(("listed", "quota"))) + (
    "pilot_counties", "ma_listed_ratio", "ma_listed_basis", "ma_listed_waives_deductible", "ma_listed_outside_cap")


class Asked(NamedTuple):
    """The expectations of one policy under one control factor."""

    terms: np.ndarray              # int64[TERMS]
    variant: Variant
    bills: ExpectedBills
    merged: tuple[bytes, ...]      # what these are put together by, for each kind
    share: np.ndarray              # float64[T]: of each care tier's bills those at the local tier whose terms these are


class CareOfWorlds(NamedTuple):
    """The variants of care there are, and which of them each policy has in each world, int64[D, P]."""

    variants: list[Variant]
    variant: np.ndarray


class _Kept(Generic[Found]):
    """What has been worked out of some people, by what it hangs on; the oldest give way."""

    def __init__(self, room: int) -> None:
        self._lock, self._room = threading.Lock(), room
        self._known: OrderedDict[tuple, Found] = OrderedDict()

    def get(self, key: tuple) -> Found | None:
        with self._lock:
            return self._known.get(key)

    def put(self, key: tuple, found: Found) -> None:
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._room:
                self._known.popitem(last=False)


class _OfPeople(NamedTuple):
    """What is kept of one scheme's people."""

    expectations: _Kept[np.ndarray]
    bills: _Kept[np.ndarray]
    cells: _Kept[np.ndarray]       # of worlds with care of their own


_of_tables: WeakKeyDictionary[FirstBillTables, _OfPeople] = WeakKeyDictionary()


def kept_of(tables: FirstBillTables) -> _OfPeople:
    """What is kept of the people with these tables."""
    return _of_tables.setdefault(tables, _OfPeople(_Kept(MOST_EXPECTATIONS), _Kept(MOST_BILLS), _Kept(MOST_CELLS)))


def expected_payments(group_year: GroupYear, terms: np.ndarray, care: CareOfWorlds, at: tuple[np.ndarray, int],
                      workers: Workers, of_tiers: PolicyRows | None = None) -> np.ndarray:
    """Expected first-bill payments at the central rate of one replica, float64[D, P, 3 kinds, N_ACCOUNTS].

    `terms` int64[D, P, TERMS]; `at` are the worlds' prices int64[D] and the list price, in 1/65,536 of the first year's. Worlds
    under one control factor and variant of care share an expectation. That of a policy with local tiers (`of_tiers`) is the sum
    of its tiers'.
    """
    group, tables, (prices, list_price) = group_year.group, group_year.group.people.first_bills, at
    asked, number = asked_by(group_year, terms, care, of_tiers)
    keys = keys_of([one.terms for one in asked], [one.variant for one in asked],
                   [[of_kind + one.share.tobytes() for of_kind in one.merged] for one in asked])
    neighbours = {int(price): price_neighbours(int(price)) for price in np.unique(prices)}
    around = np.array([neighbours[int(price)][0] for price in prices])                       # [D, 4]
    weights = np.array([neighbours[int(price)][1] for price in prices])
    points, place = np.unique(around, return_inverse=True)
    place = place.reshape(around.shape)
    wanted = np.zeros((len(asked), len(points)), dtype=bool)
    for n, own in itertools.product(range(around.shape[1]), number):
        worlds, policies = np.nonzero(own >= 0)
        wanted[own[worlds, policies], place[worlds, n]] = True
    grid = _grid(tables, (group_year.year, list_price, group.roster_numbers), asked, keys, points.tolist(), wanted, workers)
    result = np.zeros((*terms.shape[:2], len(FIRST_BILL_KINDS), N_ACCOUNTS))
    for n, own in itertools.product(range(around.shape[1]), number):
        part = weights[:, n, None, None, None] * grid[own, place[:, n, None], :, group.roster[:, None]]
        result += part if (own >= 0).all() else np.where(own[..., None, None] >= 0, part, 0.0)
    return result


def asked_by(group_year: GroupYear, terms: np.ndarray, care: CareOfWorlds,
             of_tiers: PolicyRows | None) -> tuple[list[Asked], np.ndarray]:
    """The expectations that policies ask for, and which of them each world and policy does, int64[local tiers, D, P], -1 where it
    has not so many local tiers."""
    stateless, heads, asked = first_bill_terms(terms[0]), _Heads(group_year), list[Asked]()
    most = 1 if of_tiers is None else max(int(of_tiers.locals.max()), 1)
    number = np.full((most, *terms.shape[:2]), -1, dtype=np.int64)           # which of the expectations a world asks for
    for p in range(terms.shape[1]):
        both = np.stack([terms[:, p, FACTOR], care.variant[:, p]], axis=1)
        steps, which = np.unique(both, axis=0, return_inverse=True)           # few, for both move by steps
        for local, (own, share) in enumerate(_by_local_tier(stateless, of_tiers, p)):
            number[local, :, p] = len(asked) + which.reshape(-1)
            classes = kinds_of_classes(own)
            for factor, v in steps.tolist():
                row = own.copy()
                row[FACTOR] = factor
                asked.append(Asked(row, care.variants[v], *heads.of(row, classes, care.variants[v]), share))
    return asked, number


def _by_local_tier(terms: np.ndarray, rows: PolicyRows | None, p: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The terms of first-bill payments of policy p at each of its local tiers, and the share of each care tier's bills there."""
    if rows is None or rows.locals[p] < 2:
        return [(terms[p], EVERYTHING)]
    first = first_bill_terms(rows.first[p, :rows.locals[p]])
    return [(first[local], share) for local, share in enumerate(local_shares(rows, p)) if share.any()]


def _grid(tables: FirstBillTables, people: tuple, asked: list[Asked], keys: list[tuple[bytes, ...]], points: list[int],
          wanted: np.ndarray, workers: Workers) -> np.ndarray:
    """What is asked at the points of the price grid where it is `wanted` bool[A, points], float64[A, points, 3 kinds,
    R, N_ACCOUNTS]."""
    kept = kept_of(tables).expectations
    rosters = len(asked[0].bills.visits)
    grid = np.zeros((len(asked), len(points), len(FIRST_BILL_KINDS), rosters, N_ACCOUNTS))
    list_price, later = people[1], list[tuple[int, int, int, tuple]]()
    todo: dict[tuple, tuple[int, int, int]] = {}
    for a, n in np.argwhere(wanted).tolist():
        for kind in FIRST_BILL_KINDS:
            key = people, keys[a][kind], points[n]
            known = kept.get(key)
            if known is not None:
                grid[a, n, kind] = known
            else:
                later.append((a, n, kind, key))
                todo.setdefault(key, (a, n, kind))
    calls: dict[tuple[int, int], list[int]] = {}
    for a, n, kind in todo.values():
        calls.setdefault((a, n), []).append(kind)

    def worked_out(call: tuple[tuple[int, int], list[int]]) -> np.ndarray:
        (a, n), kinds = call
        one = asked[a]
        bills = ExpectedBills(*(heads if kind in kinds else np.zeros_like(heads)
                                for kind, heads in zip((OF_STAYS, OF_OUTPATIENTS, OF_ILLNESSES), one.bills, strict=True)))
        care = together(one.variant.bill, shares_of(one.variant.tier_of) * one.share,
                        shares_of(one.variant.visit_tier_of) * one.share, tables.illness_tier_share * one.share,
                        tables.tables.in_scope, grid_price(points[n]), list_price)
        out = np.zeros((len(FIRST_BILL_KINDS), 1, rosters, N_ACCOUNTS))
        expected_first_bills(one.terms, tables.tables, tables.nodes, care, bills, out)
        return out[:, 0]

    found = {}
    for (place, kinds), out in zip(calls.items(), workers.here(worked_out, list(calls.items())), strict=True):
        for kind in kinds:
            found[*place, kind] = out[kind].copy()
    for key, where in todo.items():
        kept.put(key, found[where])
    for a, n, kind, key in later:
        grid[a, n, kind] = found[todo[key]]
    return grid


def keys_of(rows: Sequence[np.ndarray], variants: Sequence[Variant],
            merged: Sequence[Sequence[bytes]]) -> list[tuple[bytes, ...]]:
    """What the expectation of each kind hangs on under rows of terms int64[A, TERMS]: the terms and the care it reads, as a
    digest; `merged` is what the year's people are put together by, for each kind."""
    own = np.array(rows)
    own[:, _PLACES_OF_NONE] = 0
    visits, alike = terms_of_visits(own), places("deductible_waived", "cii_threshold_share", "cii_ratio_bonus")
    visits[:, alike] = own[:, alike]                       # by these the groups are put together
    own[:, _PLACES_OF_VISITS] = 0
    admissions = own.copy()
    admissions[:, _PLACES_OF_LISTS] = 0
    return [(_digest(admissions[a], variant.tier_of, variant.bill[0], merged[a][OF_STAYS]),
             _digest(own[a], variant.bill[1], merged[a][OF_ILLNESSES]),
             _digest(visits[a], variant.visit_tier_of, variant.bill[2], merged[a][OF_OUTPATIENTS]))
            for a, variant in enumerate(variants)]


def _digest(*parts: np.ndarray | bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).data)
    return digest.digest()


class _Heads:
    """The bills expected of a group's year, as policies put the people together."""

    def __init__(self, group_year: GroupYear) -> None:
        self.group_year = group_year
        self._kept = kept_of(group_year.group.people.first_bills).bills

    def of(self, row: np.ndarray, classes: list[int], variant: Variant) -> tuple[ExpectedBills, tuple[bytes, ...]]:
        """The bills expected under a row of terms, which treats the member `classes` alike in these kinds, and a variant of care;
        and what those of each of FIRST_BILL_KINDS hang on beside people and year."""
        year, kept, own = self.group_year, variant.keep / CHANCE, np.array(classes).tobytes()
        pilots, counties = int(row[PILOT_COUNTIES]), int(row[PAYMENT_COUNTIES])
        everywhere = row[LISTED:LISTED + N_ILLNESSES] != PILOT                      # paid alike in pilot counties and outside
        merged = (b"admissions %d %d " % (counties, variant.keep[0]) + own,
                  b"illnesses %d " % pilots + everywhere.tobytes() + variant.keep_illness.tobytes() + own,
                  b"visits %d " % variant.keep[2] + own)

        def admissions() -> np.ndarray:
            claims = self._once(b"claims %d" % counties, lambda: np.stack([people.claims(counties) for people in year.people]))
            claims = claims if counties > 0 else _in_the_first(claims)
            return np.swapaxes(by_kind_of_class(classes, claims * kept[0], 1), -1, -2)              # groups last

        def illnesses() -> np.ndarray:
            listed = self._once(b"listed %d " % pilots + variant.keep_illness.tobytes(), lambda: np.stack(
                [people.listed_expected(year.year, pilots, variant.keep_illness / CHANCE) for people in year.group.rosters]))
            listed = np.where(everywhere[:, None, None, None, None], _in_the_first(listed), listed)
            return np.swapaxes(by_kind_of_class(classes, listed, 3), -1, -2)

        def visits() -> np.ndarray:
            return by_kind_of_class(classes, np.stack([people.visits for people in year.people]) * kept[2], 1)

        made = [self._once(of_kind, make) for of_kind, make in zip(merged, (admissions, illnesses, visits), strict=True)]
        return ExpectedBills(made[OF_STAYS], made[OF_OUTPATIENTS], made[OF_ILLNESSES]), merged

    def _once(self, name: bytes, make: Callable[[], np.ndarray]) -> np.ndarray:
        """What `make` gives of this year's people, made once under its name."""
        key = self.group_year.year, self.group_year.group.roster_numbers, name
        bills = self._kept.get(key)
        if bills is None:
            bills = np.ascontiguousarray(make())
            self._kept.put(key, bills)
        return bills


def _in_the_first(parts: np.ndarray) -> np.ndarray:
    """All of two parts (the last axis) in the first of them."""
    return np.stack([parts.sum(axis=-1), np.zeros(parts.shape[:-1])], axis=-1)


_PLACES_OF_NONE, _PLACES_OF_VISITS, _PLACES_OF_LISTS = places(*UNREAD), places(*READ_BY_VISITS), places(*READ_BY_LISTS)
