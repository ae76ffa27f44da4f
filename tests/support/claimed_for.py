"""Which bills a relation is claimed for: functions of the world without the change, what is paid there and with it."""

from __future__ import annotations

import numpy as np

from simulator.law.rules import TOWNSHIP
from simulator.law.year import YearState
from simulator.money import UNLIMITED
from simulator.plan import (
    ACCOUNT_BALANCE,
    ANNUAL_CAP,
    ANNUAL_CAP_MOST,
    ANNUAL_CAP_STEP,
    CAP_BASIS,
    CHRONIC_LIST,
    CII_CAP,
    COMMERCIAL_SHARE,
    OFFSETS,
    RELIEF_ABILITY,
    RELIEF_GROUPS,
    SHAPES,
    TERMS,
)
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid
from tests.support.worlds import World


def admissions(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.ordinary(INPATIENT)


def visits(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.ordinary(OUTPATIENT_VISIT)


def listed(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.listed()


def assisted(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.bills[:, Fact.GROUP] > 0


def everywhere(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return np.ones(len(world.bills), dtype=bool)


def priced(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.priced()


def covered(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Bills of persons with commercial cover."""
    return world.bills[:, Fact.COVER_RANK] < world.own(COMMERCIAL_SHARE)


def not_covered(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return ~covered(world, paid, changed)


def emergencies(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Emergencies of the groups that the relief fund pays for."""
    return (world.bills[:, Fact.EMERGENCY] == 1) & (world.own(RELIEF_GROUPS + world.bills[:, Fact.GROUP]) == 1)


def no_emergencies(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.bills[:, Fact.EMERGENCY] == 0


def affordable_emergencies(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Bills of which the patient has no more left than he can pay himself."""
    return emergencies(world, paid, changed) & (paid[:, Paid.CASH] + paid[:, Paid.RELIEF] <= world.own(RELIEF_ABILITY))


def all_but_admissions(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Visits and listed bills."""
    return ~world.ordinary(INPATIENT)


def of_inpatients(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Inpatient bills, ordinary or listed."""
    return world.bills[:, Fact.KIND] == INPATIENT


def chronic_visits(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Visits settled under the terms of the chronic list."""
    return world.ordinary(OUTPATIENT_VISIT) & (world.bills[:, Fact.CHRONIC] > 0) & (world.own(CHRONIC_LIST) == 1)


def other_visits(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    return world.ordinary(OUTPATIENT_VISIT) & ~chronic_visits(world, paid, changed)


def own_cap(world: World) -> np.ndarray:
    """The annual cap of each bill's member class, as years of insurance raise it."""
    cap = world.own(ANNUAL_CAP + world.bills[:, Fact.MEMBER_CLASS])
    raised = cap + world.own(ANNUAL_CAP_STEP) * world.bills[:, Fact.INSURED_YEARS]
    return np.maximum(cap, np.minimum(raised, world.own(ANNUAL_CAP_MOST)))


def cap_not_reached(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Ordinary admissions within the annual cap, as the plan counts it."""
    after, cap = world.after(), own_cap(world)
    on_expense, on_payment = after[:, YearState.ELIGIBLE_YEAR] <= cap, after[:, YearState.CAP_USED] < cap
    return world.ordinary(INPATIENT) & np.where(world.own(CAP_BASIS) == 1, on_expense, on_payment)


def cap_not_reached_by_listed(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Listed bills within the annual cap."""
    return world.listed() & (world.after()[:, YearState.CAP_USED] < own_cap(world))


def own_limit(world: World, name: str) -> np.ndarray:
    """Each bill's limit or deductible, int64[N]: that of its class, group, tier or diseases where there are several."""
    keys = {"class": Fact.MEMBER_CLASS, "group": Fact.GROUP, "tier": Fact.TIER}
    place = np.zeros(len(world.bills), dtype=np.int64)
    for dimension, size in zip(TERMS[name].shape, SHAPES[name], strict=True):
        place = place * size + (own_diseases(world) if dimension == "chronic" else world.bills[:, keys[dimension]])
    return world.own(OFFSETS[name] + place)


def own_diseases(world: World) -> np.ndarray:
    """The place of each bill's group of chronic diseases, int64[N]; 0 for bills of none."""
    return np.maximum(world.bills[:, Fact.CHRONIC] - 1, 0)


def limit_not_reached(state: int, name: str, concerned):
    """Of the bills `concerned`, those after which the year is within a limit of its own."""
    def where(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
        place = state + (own_diseases(world) if "chronic" in TERMS[name].shape else 0)
        return concerned(world, paid, changed) & (world.after()[np.arange(len(world.bills)), place] < own_limit(world, name))

    return where


year_limit_not_reached = limit_not_reached(YearState.OUTPATIENT_PAID, "outpatient_year_limit", other_visits)
chronic_limit_not_reached = limit_not_reached(YearState.CHRONIC_PAID, "chronic_year_limit", chronic_visits)
supplement_cap_not_reached = limit_not_reached(YearState.SUPPLEMENT_USED, "supplement_cap", admissions)
commercial_cap_not_reached = limit_not_reached(YearState.COMMERCIAL_PAID, "commercial_cap", covered)
assistance_cap_not_reached = limit_not_reached(YearState.MA_PAID, "ma_cap", assisted)


def account_not_used_up(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Bills after which something is left in the account."""
    return world.after()[:, YearState.ACCOUNT_USED] < world.own(ACCOUNT_BALANCE + world.bills[:, Fact.MEMBER_CLASS])


def visit_limit_not_reached(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Visits that cannot be paid more than the limit of a visit."""
    return other_visits(world, paid, changed) & (world.bills[:, Fact.ELIGIBLE] <= own_limit(world, "outpatient_visit_limit"))


def cii_cap_not_reached(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Bills that CII pays no more than its cap without the cap."""
    return changed[:, Paid.CII] <= world.own(CII_CAP)


def room_for(name: str):
    """Bills of policies with room for one more band."""
    return lambda world, paid, changed: world.own(OFFSETS[name] + SHAPES[name][0] - 2) == UNLIMITED


def ordinary_assisted(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Ordinary bills of assisted persons."""
    return (world.bills[:, Fact.GROUP] > 0) & ~world.listed()


def above_township(world: World, paid: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Visits elsewhere than at township level."""
    return world.ordinary(OUTPATIENT_VISIT) & (world.bills[:, Fact.TIER] != TOWNSHIP)
