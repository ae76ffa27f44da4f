"""The economy that a scheme's people and its funds live in: that of the world, with the world's settings of the region's values.

The world's own economy (care/paths.py) moves all regions alike; a setting moves what a region states or inherits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.levers import CareLevers, as_stated
from simulator.care.paths import Economy
from simulator.care.walk import PRICE
from simulator.engine.settings import Settings
from simulator.fund.terms import grows_in
from simulator.parameters.merged import origins, stand_together
from simulator.tables import FundEconomy

INCOMES = {"nrcms": "income.rural_net_income"}                     # of a scheme's people; townspeople's of the others


class PeopleEconomy(NamedTuple):
    """What a group's people meet in a year relative to the central path, float64[D] each."""

    price: np.ndarray              # of all bills
    admissions: np.ndarray
    visits: np.ndarray
    income: np.ndarray
    members: np.ndarray


def of_people(national: Economy, settings: Settings, scheme: str, year: int, enrolment: np.ndarray) -> PeopleEconomy:
    """The economy of the people of a scheme; `enrolment` float64[D] is what members have grown by beside the stated rate."""
    read = settings.region.value

    def level(path: str, rate: str, care: bool = True) -> np.ndarray:
        path, rate = (f"care.{scheme}.{name}" if care else name for name in (path, rate))
        return settings.times(path, year) * settings.growth(rate, read(path, year), year)

    return PeopleEconomy(
        national.price * settings.growth(f"care.{scheme}.bill_growth", read(f"care.{scheme}.bill_mean", year), year),
        national.use * level("admission_rate", "use_growth"), national.use * level("visit_rate", "visit_growth"),
        national.income * level(INCOMES.get(scheme, "income.urban_disposable_income"), "income.income_growth", care=False),
        national.enrolment * settings.times(f"population.{scheme}.participants", year) * enrolment)


def of_funds(national: Economy, settings: Settings, scheme: str, year: int, base_year: int) -> FundEconomy:
    """What the funds of a scheme receive: subsidy and premium, or contributions on wages."""
    def own(path: str, rate: str) -> np.ndarray:
        rates = [settings.region.value(rate, one) for one in grows_in(settings.region, path, year, base_year)]
        return settings.times(path, year) * settings.compound(rates)

    def received(name: str, grows: bool = False) -> np.ndarray:
        path = f"funding.{{scheme}}.{name}"
        schemes = origins(scheme) if stand_together(settings.region.value, path.format(scheme=scheme), year) else (scheme,)
        parts = [own(path.format(scheme=one), f"funding.{one}.funding_growth") if grows else
                 settings.times(path.format(scheme=one), year) for one in schemes]
        if len(parts) == 1:
            return parts[0]
        heads = [float(settings.region.value(f"population.{one}.participants", base_year).value) for one in schemes]
        return (parts[0] * heads[0] + parts[1] * heads[1]) / (heads[0] + heads[1])

    collected = received("collection_ratio")
    if scheme == "uebmi":
        wage = own("income.average_wage", "income.wage_growth") * received("contribution_base_ratio")
        return FundEconomy(national.funding, national.funding,
                           national.income * wage * received("contribution_rate") * collected)
    return FundEconomy(national.funding * received("premium", True) * collected,
                       national.funding * received("subsidy", True) * collected, national.income)


def care_levers(settings: Settings, scheme: str, year: int) -> CareLevers | None:
    """What worlds have in place of the bills that the parameters state in the first year; None where all have what is stated."""
    levers = as_stated(len(settings.worlds))

    def times(name: str) -> np.ndarray:
        return np.floor(settings.times(f"care.{scheme}.{name}", year) * PRICE + 0.5).astype(np.int64)

    own = levers._replace(bill=levers.bill * times("bill_mean")[:, None] // PRICE,
                          visit_bill=levers.visit_bill * times("visit_mean")[:, None] // PRICE)
    return None if all(np.array_equal(mine, stated) for mine, stated in zip(own, levers, strict=True)) else own
