"""Random bills with their plans and their years, ways to change one thing in them, and ways to pick bills from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.benefits.rules import (
    CAP_USED,
    ELIGIBLE_YEAR,
    INPATIENT,
    MA_PAID,
    OUTPATIENT_PAID,
    OUTPATIENT_VISIT,
    TOWNSHIP,
)
from simulator.benefits.terms import (
    ANNUAL_CAP,
    CAP_ON_EXPENSE,
    CII_CAP,
    CLASSES,
    LISTED,
    MA_CAP,
    OFFSETS,
    PILOT_COUNTIES,
    SHAPES,
    TIERS,
)
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from tests.bill_arrays import (
    BILLED,
    COUNTY,
    ELIGIBLE,
    GROUP,
    ILLNESS,
    KIND,
    MEMBER_CLASS,
    PAYERS,
    POLICY,
    TCM,
    TIER,
    settle_each,
)


@dataclass
class World:
    """Bills int64[N, 13], each with its own state of the year int64[N, 9], under policies int64[P, TERMS]."""

    terms: np.ndarray
    bills: np.ndarray
    years: np.ndarray

    def copy(self) -> World:
        return World(self.terms.copy(), self.bills.copy(), self.years.copy())

    def paid(self) -> np.ndarray:
        """int64[N, 7 payers]"""
        return settle_each(self.terms, self.bills, self.years)[0][:, :len(PAYERS)]

    def field(self, name: str) -> np.ndarray:
        """A view of one plan field, int64[P, ...]."""
        size = int(np.prod(SHAPES[name], dtype=np.int64))
        return self.terms[:, OFFSETS[name]:OFFSETS[name] + size].reshape(len(self.terms), *SHAPES[name])

    def own(self, place) -> np.ndarray:
        """Each bill's own policy's term at a place, int64[N]."""
        return self.terms[self.bills[:, POLICY], place]

    def listed(self) -> np.ndarray:
        """bool[N]: bills of an illness on their policy's list."""
        status = self.own(LISTED + np.maximum(self.bills[:, ILLNESS], 0))
        pilot = (status == 2) & (self.bills[:, COUNTY] < self.own(PILOT_COUNTIES))
        return (self.bills[:, ILLNESS] >= 0) & ((status == 1) | pilot)

    def ordinary(self, kind: int) -> np.ndarray:
        """bool[N]: ordinary bills of a kind."""
        return ~self.listed() & (self.bills[:, KIND] == kind)


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
    """Nobody is eligible for medical assistance."""
    for name in ("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio"):
        world.field(name)[...] = 0


def without_quotas(world: World) -> None:
    """No illness has a quota price."""
    world.field("quota")[...] = 0


def other_schedule(world: World) -> None:
    """Other terms for ordinary admissions, except what they share with other bills."""
    for name in ("deductible", "band_tops", "ratio", "primary_bonus", "outside_penalty", "unreferred_penalty", "tcm_bonus",
                 "guaranteed_share", "factor"):
        field = world.field(name)
        field[...] = np.where(field < UNLIMITED, field // 2 + 321, field)


def falling_deductibles(world: World) -> None:
    """Deductibles that fall, or stay, from the first admission to the third."""
    field = world.field("deductible")
    field[...] = -np.sort(-field, axis=2)


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
    world.field("quota_package")[...] = 1
    field = world.field("quota")
    field[...] = np.where(field > 0, field, 87_654)


def every_illness(bills: np.ndarray) -> np.ndarray:
    """Every bill is of an illness."""
    return np.where(bills[:, ILLNESS] >= 0, bills[:, ILLNESS], (bills[:, BILLED] + bills[:, TIER]) % 20)


def larger(bills: np.ndarray) -> np.ndarray:
    """B with up to 50 yuan more."""
    return np.minimum(bills[:, BILLED] + 5_000, LARGEST_BILL)


def more_in_scope(bills: np.ndarray) -> np.ndarray:
    """E with up to 50 yuan more, within B."""
    return np.minimum(bills[:, ELIGIBLE] + 5_000, bills[:, BILLED])


def more_tcm(bills: np.ndarray) -> np.ndarray:
    """Traditional medicine with up to 50 yuan more, within E."""
    return np.minimum(bills[:, TCM] + 5_000, bills[:, ELIGIBLE])


def half_in_scope(world: World) -> None:
    """Half of E is in scope no more, and of its traditional medicine."""
    world.bills[:, ELIGIBLE] //= 2
    world.bills[:, TCM] //= 2


def another_patient(world: World) -> None:
    """Another kind of bill, tier and member class."""
    world.bills[:, KIND] = 1 - world.bills[:, KIND]
    world.bills[:, TIER] = (world.bills[:, TIER] + 1) % TIERS
    world.bills[:, MEMBER_CLASS] = (world.bills[:, MEMBER_CLASS] + 2) % CLASSES


# ---------------------------------------------------------------------------------------------------------
# Where a relation is claimed
# ---------------------------------------------------------------------------------------------------------

def admissions(world, paid, changed):
    return world.ordinary(INPATIENT)


def visits(world, paid, changed):
    return world.ordinary(OUTPATIENT_VISIT)


def listed(world, paid, changed):
    return world.listed()


def assisted(world, paid, changed):
    return world.bills[:, GROUP] > 0


def everywhere(world, paid, changed):
    return np.ones(len(world.bills), dtype=bool)


def cap_not_reached(world, paid, changed):
    """Ordinary admissions within the annual cap, as the plan counts it."""
    cap, basic = world.own(ANNUAL_CAP), paid[:, PAYERS.index("basic")]
    on_expense = world.years[:, ELIGIBLE_YEAR] + world.bills[:, ELIGIBLE] <= cap
    on_payment = world.years[:, CAP_USED] + basic < cap
    return world.ordinary(INPATIENT) & np.where(world.own(CAP_ON_EXPENSE) == 1, on_expense, on_payment)


def cap_not_reached_by_listed(world, paid, changed):
    """Listed bills within the annual cap."""
    return world.listed() & (world.years[:, CAP_USED] + paid[:, PAYERS.index("listed")] < world.own(ANNUAL_CAP))


def year_limit_not_reached(world, paid, changed):
    """Visits within the year's limit."""
    limit = world.own(OFFSETS["outpatient_year_limit"])
    return world.ordinary(OUTPATIENT_VISIT) & (world.years[:, OUTPATIENT_PAID] + paid[:, PAYERS.index("outpatient")] < limit)


def visit_limit_not_reached(world, paid, changed):
    """Visits that cannot be paid more than the limit of a visit."""
    return world.ordinary(OUTPATIENT_VISIT) & (world.bills[:, ELIGIBLE] <= world.own(OFFSETS["outpatient_visit_limit"]))


def cii_cap_not_reached(world, paid, changed):
    """Bills that CII pays no more than its cap without the cap."""
    return changed[:, PAYERS.index("cii")] <= world.own(CII_CAP)


def assistance_cap_not_reached(world, paid, changed):
    """Bills of assisted persons within the cap of medical assistance."""
    used = world.years[:, MA_PAID] + paid[:, PAYERS.index("assistance")]
    return (world.bills[:, GROUP] > 0) & (used < world.own(MA_CAP))


def room_for(name: str):
    """Bills of policies with room for one more band."""
    return lambda world, paid, changed: world.own(OFFSETS[name] + SHAPES[name][0] - 2) == UNLIMITED


def ordinary_assisted(world, paid, changed):
    """Ordinary bills of assisted persons."""
    return (world.bills[:, GROUP] > 0) & ~world.listed()


def above_township(world, paid, changed):
    """Visits elsewhere than at township level."""
    return world.ordinary(OUTPATIENT_VISIT) & (world.bills[:, TIER] != TOWNSHIP)
