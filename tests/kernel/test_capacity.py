"""Capacity to pay is income less subsistence or, where a household spends less than that on food, less its food."""

from __future__ import annotations

from functools import cache

import pytest

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario


@cache
def shares(subsistence: str, food: str) -> dict[str, tuple[float, ...]]:
    """The shares of households that bear each burden, by layer and quintile of one small world, under other subsistence and
    food."""
    changes = {f"income.{name}_{place}": value for name, value in (("subsistence", subsistence), ("food_share", food))
               for place in ("urban", "rural")}
    scenario = Scenario("capacity", ("jiangsu",), 2012, ("nrcms",), horizon=1, draws=4, people=2000, changes=changes)
    found: dict[str, tuple[float, ...]] = {}
    for row in simulate(scenario, load_regions(), threads=2).schemes[0].measures[2012]:
        if row.group.startswith(("layer:", "quintile:")):
            found[row.name] = (*found.get(row.name, ()), *row.values[:, 0])
    return found


@pytest.mark.parametrize(("subsistence", "food"), [("0", "41"), ("1000000", "0")])
def test_without_subsistence_or_without_food_all_income_can_be_paid(subsistence, food):
    assert shares(subsistence, food)["catastrophic_40_capacity"] == shares("0", "0")["catastrophic_40_capacity"]


@pytest.mark.parametrize(("food", "burden"), [("75", "catastrophic_10"), ("37.5", "catastrophic_25")])
def test_a_household_below_subsistence_can_pay_what_it_does_not_spend_on_food(food, burden):
    found = shares("1000000", food)
    assert any(found[burden]) and found["catastrophic_40_capacity"] == found[burden]


def test_food_above_subsistence_counts_up_to_subsistence():
    everything = shares("2068", "100")["catastrophic_40_capacity"]
    some = shares("2068", "39.3")["catastrophic_40_capacity"]
    assert all(b <= a for a, b in zip(everything, some, strict=True)) and sum(some) < sum(everything)
    assert all(b >= a for a, b in zip(shares("0", "0")["catastrophic_40_capacity"], some, strict=True))
