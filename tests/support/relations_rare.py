"""What must hold of favoured lists, least amounts in bands, years of insurance, bands of the supplement, prices of bills, and
second assistance."""

from __future__ import annotations

import numpy as np

from simulator.money import ONE, UNLIMITED
from simulator.plan import OFFSETS
from simulator.tables import Fact
from tests.support import claimed_for as on
from tests.support import worlds as w
from tests.support.relation import ALIKE, FEWER, MORE, SAME, fixed_deductibles
from tests.support.relation import relation as _r
from tests.support.worlds import World, amount, bill, from_an_empty_year, points, to, together


def more_essential(bills: np.ndarray) -> np.ndarray:
    """Essential drugs with up to 50 yuan more, within E."""
    return np.minimum(bills[:, Fact.ESSENTIAL] + 5_000, bills[:, Fact.ELIGIBLE])


def longer_insured(bills: np.ndarray) -> np.ndarray:
    """Three more years of insurance."""
    return bills[:, Fact.INSURED_YEARS] + 3


def steps_of_the_cap(world: World) -> None:
    """Each year of insurance raises the cap, without limit."""
    world.field("annual_cap_step")[...] = 500_000
    world.field("annual_cap_most")[...] = UNLIMITED


def raised_cap(world: World) -> None:
    """The cap after two years of insurance is stated as such."""
    field = world.field("annual_cap")
    field[...] = np.where(field < UNLIMITED, field + 1_000_000, field)
    world.bills[:, Fact.INSURED_YEARS] = 0


def priced_by_the_bill(world: World) -> None:
    """The quota of its illness is each bill's own price."""
    world.bills[:, Fact.QUOTA_PRICE] = world.own(OFFSETS["quota"] + np.maximum(world.bills[:, Fact.ILLNESS], 0))


def favoured_as_medicine(world: World) -> None:
    """What is essential is traditional medicine instead, with its points."""
    world.bills[:, Fact.TCM], world.bills[:, Fact.ESSENTIAL] = world.bills[:, Fact.ESSENTIAL], world.bills[:, Fact.TCM].copy()
    for medicine, favoured in (("tcm_bonus", "essential_bonus"), ("outpatient_tcm_bonus", "outpatient_essential_bonus")):
        before = world.field(medicine).copy()
        world.field(medicine)[...], world.field(favoured)[...] = world.field(favoured), before


def second_in_place_of_first(world: World) -> None:
    """Second assistance with the terms that assistance has, in its place."""
    for name, value in (("ma_second_ratio", 6_000), ("ma_second_threshold", 123_400), ("ma_second_cap", 4_000_000)):
        world.field(name)[...] = value
    world.field("ma_inpatient_ratio")[...] = world.field("ma_outpatient_ratio")[...] = world.field("ma_listed_ratio")[...] = 0


def first_alone(world: World) -> None:
    """Assistance has one ratio, deductible and cap for all, listed illnesses are no exception, no second assistance follows."""
    for name in ("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio"):
        world.field(name)[...] = 6_000
    for name, value in (("ma_deductible", 123_400), ("ma_cap", 4_000_000), ("ma_second_ratio", 0), ("ma_listed_basis", 0),
                        ("ma_listed_waives_deductible", 0), ("ma_listed_outside_cap", 0)):
        world.field(name)[...] = value
    from_an_empty_year(world)


RELATIONS = [
    _r("basic", "A higher least amount in a band never raises it", FEWER, amount("band_own_least", 5_000)),
    _r("basic", "A least amount in a band for which nothing is paid anyway changes nothing", ALIKE, to("band_own_least", 99_999),
       together(to("ratio", 0), to("primary_bonus", 0)), on.everywhere),
    _r("basic", "More points on a favoured list never lower it", MORE, points("essential_bonus")),
    _r("basic", "More of a favoured list in the bill never lowers it", MORE, bill(Fact.ESSENTIAL, more_essential)),
    _r("basic", "Fee for service, a favoured list is traditional medicine by another name", ALIKE, favoured_as_medicine,
       w.fee_for_service, on.everywhere),
    _r("basic", "More years of insurance never lower it", MORE, bill(Fact.INSURED_YEARS, longer_insured),
       together(steps_of_the_cap, fixed_deductibles)),
    _r("basic", "Years of insurance raise the cap as a higher cap does", ALIKE, raised_cap,
       together(steps_of_the_cap, bill(Fact.INSURED_YEARS, 2)), on.everywhere),
    _r("listed", "A bill's own price in the place of the same quota changes nothing", ALIKE, priced_by_the_bill,
       bill(Fact.QUOTA_PRICE, 0), on.everywhere),
    _r("outpatient", "More points on traditional medicine never lower it", MORE, points("outpatient_tcm_bonus")),
    _r("outpatient", "More points on a favoured list never lower it", MORE, points("outpatient_essential_bonus")),
    _r("supplement", "A band cut in two changes nothing", SAME, w.band_cut_in_two("supplement_tops", "supplement_ratio"),
       where=on.room_for("supplement_tops")),
    _r("assistance", "Higher ratios of second assistance never lower it", MORE, points("ma_second_ratio")),
    _r("assistance", "A higher threshold of second assistance never raises it", FEWER, amount("ma_second_threshold", 20_000)),
    _r("assistance", "A higher cap of second assistance never lowers it", MORE, amount("ma_second_cap", 20_000)),
    _r("assistance", "Second assistance alone is assistance by another name", ALIKE, second_in_place_of_first, first_alone,
       on.everywhere),
    _r("assistance", "Without a listed illness its basis does not matter", ALIKE, to("ma_listed_basis", 1),
       together(to("ma_listed_basis", 0), to("listed", 0)), on.everywhere),
    _r("cash", "Second assistance never raises it", FEWER, points("ma_second_ratio", by=ONE)),
]
