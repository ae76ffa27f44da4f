"""Random bills with their plans and their years, and ways to change one thing in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.plan import (
    CASE_LEVEL,
    DAY_PRICE,
    LISTED,
    N_CLASSES,
    N_TIERS,
    OFFSETS,
    PAYMENT_COUNTIES,
    PILOT_COUNTIES,
    SHAPES,
)
from simulator.tables import INPATIENT, Fact
from tests.support.bill_arrays import PERSON, POLICY, settle_each, settle_years


@dataclass
class World:
    """Bills int64[N, BILL], each with its own state of the year int64[N, STATE], under policies int64[P, PLAN_WIDTH]."""

    terms: np.ndarray
    bills: np.ndarray
    years: np.ndarray

    def copy(self) -> World:
        return World(self.terms.copy(), self.bills.copy(), self.years.copy())

    def paid(self) -> np.ndarray:
        """What the bills leave, int64[N, COLUMNS]."""
        return settle_each(self.terms, self.bills, self.years)[0]

    def paid_in_years(self) -> np.ndarray:
        """What the bills of each person leave in all when they are settled from 1 January, int64[persons, COLUMNS]."""
        first = np.flatnonzero(np.diff(self.bills[:, PERSON], prepend=-1))
        return np.add.reduceat(settle_years(self.terms, self.bills)[0], first, axis=0)

    def after(self) -> np.ndarray:
        """The states after the bills, int64[N, STATE]."""
        return settle_each(self.terms, self.bills, self.years)[1]

    def field(self, name: str) -> np.ndarray:
        """A view of one plan field, int64[P, ...]."""
        size = int(np.prod(SHAPES[name], dtype=np.int64))
        return self.terms[:, OFFSETS[name]:OFFSETS[name] + size].reshape(len(self.terms), *SHAPES[name])

    def own(self, place) -> np.ndarray:
        """Each bill's own policy's term at a place, int64[N]."""
        return self.terms[self.bills[:, POLICY], place]

    def listed(self) -> np.ndarray:
        """bool[N]: bills of an illness on their policy's list."""
        status = self.own(LISTED + np.maximum(self.bills[:, Fact.ILLNESS], 0))
        pilot = (status == 2) & (self.bills[:, Fact.PILOT_RANK] < self.own(PILOT_COUNTIES))
        return (self.bills[:, Fact.ILLNESS] >= 0) & ((status == 1) | pilot)

    def ordinary(self, kind: int) -> np.ndarray:
        """bool[N]: ordinary bills of a kind."""
        return ~self.listed() & (self.bills[:, Fact.KIND] == kind)

    def priced(self) -> np.ndarray:
        """bool[N]: admissions that the fund pays by case or by day."""
        tier = self.bills[:, Fact.TIER]
        by_case = (self.bills[:, Fact.CASE_PRICE] > 0) & (self.own(CASE_LEVEL + tier) > 0)
        here = (self.bills[:, Fact.PAYMENT_RANK] < self.own(PAYMENT_COUNTIES)) & (self.bills[:, Fact.BILLED] > 0)
        return self.ordinary(INPATIENT) & here & (by_case | (self.own(DAY_PRICE + tier) > 0))


Change = Callable[[World], None]


# ---------------------------------------------------------------------------------------------------------
# Changes
# ---------------------------------------------------------------------------------------------------------

def nothing(world: World) -> None:
    """No change."""


def together(*changes: Change) -> Change:
    """One change after the other."""
    def change(world):
        for each in changes:
            each(world)
    return change


def to(name: str, value: int) -> Change:
    """The field at one value everywhere."""
    def change(world):
        world.field(name)[...] = value
    return change


def amount(name: str, more: int, of: int | None = None) -> Change:
    """Fen more or less; where there is no limit, there is none. With `of`, only where the field is above it."""
    def change(world):
        field = world.field(name)
        touched = (field < UNLIMITED) if of is None else (field < UNLIMITED) & (field > of)
        field[...] = np.where(touched, np.maximum(field + more, 0), field)
    return change


def points(*names: str, by: int = 700) -> Change:
    """Hundredths of a percentage point on ratios, which stay within 0 and 100%."""
    def change(world):
        for name in names:
            field = world.field(name)
            field[...] = np.clip(field + by, 0, ONE)
    return change


def bill(column: int, value) -> Change:
    """The column at `value`, or at what `value` makes of the bills."""
    def change(world):
        world.bills[:, column] = value(world.bills) if callable(value) else value
    return change


def year(column: int, value) -> Change:
    """The year's state at `value`, or at what `value` makes of it."""
    def change(world):
        world.years[:, column] = value(world.years[:, column]) if callable(value) else value
    return change


def from_an_empty_year(world: World) -> None:
    """No bill has gone before."""
    world.years[...] = 0


def without_assistance(world: World) -> None:
    """Nobody is eligible for medical assistance, nor for second assistance."""
    for name in ("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio", "ma_second_ratio"):
        world.field(name)[...] = 0


def fee_for_service(world: World) -> None:
    """No case and no day has a price."""
    world.field("payment_counties")[...] = 0


def without_account(world: World) -> None:
    """The individual accounts are empty."""
    world.field("account_balance")[...] = 0


def more_covered(world: World) -> None:
    """Every second person without commercial cover takes it out."""
    rank = world.bills[:, Fact.COVER_RANK]
    world.bills[:, Fact.COVER_RANK] = np.where(world.bills[:, Fact.BILLED] % 2 == 0, 0, rank)


def without_quotas(world: World) -> None:
    """No illness has a quota price, and no bill one of its own."""
    world.field("quota")[...] = 0
    world.bills[:, Fact.QUOTA_PRICE] = 0


def one_cap(world: World) -> None:
    """The annual cap of adults is that of all classes."""
    field = world.field("annual_cap")
    field[...] = field[:, :1]


def other_schedule(world: World) -> None:
    """Other terms for ordinary admissions, except what they share with other bills."""
    for name in ("deductible", "band_tops", "ratio", "band_own_least", "primary_bonus", "outside_penalty", "unreferred_penalty",
                 "tcm_bonus", "essential_bonus", "guaranteed_share", "factor"):
        field = world.field(name)
        field[...] = np.where(field < UNLIMITED, field // 2 + 321, field)


def falling_deductibles(world: World) -> None:
    """Deductibles that fall, or stay, from the first admission to the sixth, counted over all tiers."""
    world.field("order_counted")[...] = 0
    amounts, shares = world.field("deductible"), world.field("deductible_share")
    amounts[...] = -np.sort(-amounts, axis=2)
    shares[...] = shares.max(axis=2, keepdims=True)


def band_cut_in_two(tops: str, rates: str) -> Change:
    """The first band becomes two with the same ratio."""
    def change(world):
        top, rate = world.field(tops), world.field(rates)
        first = np.where(top[:, 0] < UNLIMITED, top[:, 0] // 2, 45_678)
        top[:, 1:] = top[:, :-1].copy()
        top[:, 0] = first
        rate[..., 1:] = rate[..., :-1].copy()
    return change


def every_quota(world: World) -> None:
    """Every illness is listed and has a quota price that the hospital answers for."""
    world.field("listed")[...] = 1
    world.field("quota_kind")[...] = 1
    field = world.field("quota")
    field[...] = np.where(field > 0, field, 87_654)


def every_illness(bills: np.ndarray) -> np.ndarray:
    """Every bill is of an illness."""
    return np.where(bills[:, Fact.ILLNESS] >= 0, bills[:, Fact.ILLNESS], (bills[:, Fact.BILLED] + bills[:, Fact.TIER]) % 20)


def larger(bills: np.ndarray) -> np.ndarray:
    """B with up to 50 yuan more."""
    return np.minimum(bills[:, Fact.BILLED] + 5_000, LARGEST_BILL)


def more_in_scope(bills: np.ndarray) -> np.ndarray:
    """E with up to 50 yuan more, within B."""
    return np.minimum(bills[:, Fact.ELIGIBLE] + 5_000, bills[:, Fact.BILLED])


def more_tcm(bills: np.ndarray) -> np.ndarray:
    """Traditional medicine with up to 50 yuan more, within E."""
    return np.minimum(bills[:, Fact.TCM] + 5_000, bills[:, Fact.ELIGIBLE])


def half_in_scope(world: World) -> None:
    """Half of E is in scope no more, and of its traditional medicine and its new drug."""
    for part in (Fact.ELIGIBLE, Fact.TCM, Fact.NEW_DRUG):
        world.bills[:, part] //= 2


def dearer_case(bills: np.ndarray) -> np.ndarray:
    """The case's standard price with up to 50 yuan more, where it has one."""
    price = bills[:, Fact.CASE_PRICE]
    return np.where(price > 0, np.minimum(price + 5_000, LARGEST_BILL), price)


def in_payment_counties(world: World) -> None:
    """Every bill is of a county that pays by case and day, where the policy has prices."""
    world.field("payment_counties")[...] = 1
    world.bills[:, Fact.PAYMENT_RANK] = 0


def every_case(world: World) -> None:
    """Every tier pays by case, at 10 to 90% of the standard price, of which there is always one."""
    field, price = world.field("case_level"), world.bills[:, Fact.CASE_PRICE]
    field[...] = np.clip(field, 1_000, 9_000)
    in_payment_counties(world)
    world.bills[:, Fact.CASE_PRICE] = np.where(price > 0, price, 123_456)


def every_visit_chronic(world: World) -> None:
    """Every policy has the chronic list, and every bill is for a disease on it."""
    world.field("chronic_list")[...] = 1
    world.bills[:, Fact.CHRONIC] = 1


def no_dearer_drug(bills: np.ndarray) -> np.ndarray:
    """New drugs of at most 1,500 yuan."""
    return np.minimum(bills[:, Fact.NEW_DRUG], 150_000)


def another_patient(world: World) -> None:
    """Another kind of bill, tier and member class."""
    world.bills[:, Fact.KIND] = 1 - world.bills[:, Fact.KIND]
    world.bills[:, Fact.TIER] = (world.bills[:, Fact.TIER] + 1) % N_TIERS
    world.bills[:, Fact.MEMBER_CLASS] = (world.bills[:, Fact.MEMBER_CLASS] + 2) % N_CLASSES
