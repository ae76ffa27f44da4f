"""What must hold of the payments of a person's whole year, bills together, where nothing is passed on from bill to bill."""

from __future__ import annotations

import numpy as np

from simulator.money import UNLIMITED
from simulator.tables import Fact
from tests.support import worlds as w
from tests.support.bill_arrays import PERSON
from tests.support.relation import EITHER, FEWER, MORE, SAME, account_last
from tests.support.relation import relation as _r
from tests.support.worlds import World, amount, bill, points, to, together

no_cap = together(to("annual_cap", UNLIMITED), to("listed", 0))
by_admission = together(no_cap, to("band_period", 0), to("deductible_shared", 0))
without_year_limit = together(by_admission, to("deductible_year_limit", UNLIMITED))
visits_alone = together(no_cap, account_last, to("deductible_shared", 0))


def in_reverse(world: World) -> None:
    """Each person's bills in the reverse order."""
    order = np.lexsort((-np.arange(len(world.bills)), world.bills[:, PERSON]))
    world.bills[...] = world.bills[order]


def everybody(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Every person's year."""
    return np.ones(len(paid), dtype=bool)


def have_year_limit(world: World) -> None:
    """Deductibles of a year have a limit everywhere."""
    field = world.field("deductible_year_limit")
    field[...] = np.where(field < UNLIMITED, field, 80_000)


RELATIONS = [
    _r("basic", "A higher deductible never pays more in a year", FEWER, amount("deductible", 10_000), without_year_limit,
       everybody),
    _r("basic", "Under a limit of the year a higher deductible can pay more: it is deducted where less is paid", EITHER,
       amount("deductible", 10_000), together(by_admission, have_year_limit), everybody),
    _r("basic", "A higher share as deductible never pays more in a year", FEWER, amount("deductible_share", 700, of=0),
       without_year_limit, everybody),
    _r("basic", "A higher limit of the year on deductibles never pays more in a year", FEWER,
       amount("deductible_year_limit", 20_000), together(by_admission, to("deductible_kind", 0)), everybody),
    _r("basic", "A franchise never pays less in a year", MORE, to("deductible_kind", 1),
       together(without_year_limit, to("deductible_kind", 0)), everybody),
    _r("basic", "Where deductibles fall, counting admissions by tier never pays more in a year", FEWER, to("order_counted", 1),
       together(without_year_limit, w.falling_deductibles), everybody),
    _r("basic", "A higher fixed sum of an admission never pays more in a year", FEWER, amount("admission_copay", 5_000),
       by_admission, everybody),
    _r("outpatient", "A deductible of each visit never pays more in a year than one of the year", FEWER,
       to("outpatient_deductible_period", 1), together(visits_alone, to("outpatient_deductible_period", 0),
                                                       to("outpatient_year_limit", UNLIMITED)), everybody),
    _r("outpatient", "A higher limit of a group of diseases never pays less in a year", MORE,
       amount("chronic_year_limit", 20_000), visits_alone, everybody),
    _r("outpatient", "A higher limit of the year never pays less in a year", MORE, amount("outpatient_year_limit", 20_000),
       visits_alone, everybody),
    _r("outpatient", "Without a deductible of the year the order of visits does not matter to a year", SAME, in_reverse,
       together(visits_alone, to("outpatient_deductible_period", 1), to("chronic_deductible", 0)), everybody),
    _r("cash", "A civil servant never pays more in a year where nothing but the supplement depends on it", FEWER,
       bill(Fact.CIVIL_SERVANT, 1), together(bill(Fact.CIVIL_SERVANT, 0), w.without_assistance, w.without_account,
                                             to("commercial_share", 0), to("relief_ratio", 0)), everybody),
    _r("commercial", "A higher ratio of civil servants never pays less in a year", MORE, points("civil_ratio"),
       together(bill(Fact.CIVIL_SERVANT, 1), to("commercial_share", 0)), everybody),
]
