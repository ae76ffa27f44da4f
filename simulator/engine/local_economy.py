"""The economy that a scheme's people and its funds live in: that of the world, with the world's settings of the region's values.

The world's own economy (care/paths.py) moves all regions alike; a setting moves what a region states or inherits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.levers import CareLevers, as_stated, nearest_spread
from simulator.care.paths import Economy
from simulator.care.walk import PRICE
from simulator.engine.flows import nearest
from simulator.engine.settings import Settings
from simulator.fund.terms import grows_in
from simulator.money import ONE
from simulator.parameters.catalogue import ILLNESSES, TIERS
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
    """What worlds have in place of the care that the parameters state in the first year; None where all have what is stated.

    A setting of bills, in-scope shares or coefficients of variation holds for all tiers alike; of the last a world has the
    nearest of `levers.CVS`.
    """
    def times(*paths: str) -> np.ndarray:
        multiple = np.ones(len(settings.worlds))
        for path in paths:
            multiple = multiple * settings.times(path, year)
        return nearest(multiple * PRICE)

    def of_illnesses(*names: str) -> np.ndarray:
        return np.stack([times(*(f"illness.{illness}.{name}" for name in names)) for illness in ILLNESSES], axis=1)

    own, scope = f"care.{scheme}", settings.region.value(f"care.{scheme}.in_scope_share", year).value
    points = np.array([float(scope[tier]) * ONE / 100 for tier in TIERS])
    levers = as_stated(len(settings.worlds))
    moved = levers._replace(
        bill=levers.bill * times(f"{own}.bill_mean")[:, None] // PRICE,
        visit_bill=levers.visit_bill * times(f"{own}.visit_mean")[:, None] // PRICE,
        cv=nearest_spread(settings.times(f"{own}.bill_cv", year)),
        in_scope=nearest((settings.times(f"{own}.in_scope_share", year)[:, None] - 1.0) * points),
        onset=of_illnesses("onset_rate", "access_factor"),
        illness_bill=np.stack([of_illnesses("first_year_bill"), of_illnesses("later_bill")], axis=2))
    return None if all(np.array_equal(mine, stated) for mine, stated in zip(moved, levers, strict=True)) else moved
