"""How much: integer quantile tables of the bills of a scheme, from `care.*` and `illness.*`.

Amounts are at the start year's prices; a year's price index moves them (`price_path`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulator.care.paths import grown, growth_factor
from simulator.care.rates import IllnessCourse
from simulator.care.walk import BILLS, CASE_GROUPS, CHANCE, LEVELS, BillTables
from simulator.chance.quantiles import QuantileTable, table_of, thresholds
from simulator.chance.random import CELL_WEIGHT, CELLS, CELLS_PER_OCTAVE, OCTAVES
from simulator.compiling.arrays import cached_array
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.errors import InputError


def severity_law(law: str, mean: float, cv: float):
    """A frozen SciPy distribution of the given mean and coefficient of variation."""
    from scipy import optimize, stats

    if law == "lognormal":
        s = np.sqrt(np.log1p(cv * cv))
        return stats.lognorm(s=s, scale=mean * np.exp(-0.5 * s * s))
    if law == "gamma":
        return stats.gamma(1 / (cv * cv), scale=mean * cv * cv)
    if law == "burr":                       # Singh-Maddala with the tail exponent c*d = 2.8: heavier than the lognormal
        def miss(c: float) -> float:
            d = stats.burr12(c, 2.8 / c)
            return d.std() / d.mean() - cv
        if not miss(1.0) > 0 > miss(20.0):
            raise InputError("no Burr law with a tail of 2.8 has the coefficient of variation", value=cv,
                             expected="about 0.7 to 1.85", next_step="use lognormal, or another coefficient")
        c = optimize.brentq(miss, 1.0, 20.0)
        return stats.burr12(c, 2.8 / c, scale=mean / stats.burr12(c, 2.8 / c).mean())
    raise ValueError(f"unknown distribution {law!r}")


@lru_cache(maxsize=1024)
def bill_table(law: str, mean: float, cv: float) -> QuantileTable:
    """Bills in fen of a law of the given mean in yuan and coefficient of variation; schemes share many. Not to be written on."""
    return QuantileTable(*cached_array((law, mean, cv), lambda: np.stack(table_of(severity_law(law, mean, cv), 100.0))))


def _stack(tables: list[QuantileTable]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([t.base for t in tables]), np.stack([t.width for t in tables])


def mean_bill(read, scheme: str, year: int) -> float:
    """Mean inpatient bill over the tiers in yuan on the central path: dated means, then `bill_growth`."""
    growth = float(read(f"care.{scheme}.bill_growth", year).value)
    dated = read(f"care.{scheme}.bill_mean", year)
    shares = read(f"care.{scheme}.tier_shares", year).value
    total = sum(float(shares[t]) for t in TIERS)
    mean = sum(float(shares[t]) * float(dated.value[t]) for t in TIERS) / total
    return mean * growth_factor(dated, growth, year)


def bill_tables(read, scheme: str, year: int, course: IllnessCourse) -> BillTables:
    """All tables of a scheme at `year`'s prices."""
    def tiers(name: str) -> dict:
        return read(f"care.{scheme}.{name}", year).value

    def chance(name: str) -> np.int64:
        return np.int64(float(read(f"care.{scheme}.{name}", year).value) / 100.0 * CHANCE + 0.5)

    growth = float(read(f"care.{scheme}.bill_growth", year).value)
    lift = growth_factor(read(f"care.{scheme}.bill_mean", year), growth, year)
    visit_lift = growth_factor(read(f"care.{scheme}.visit_mean", year), growth, year)
    means, cvs, laws = tiers("bill_mean"), tiers("bill_cv"), tiers("bill_law")
    base, width = _stack([bill_table(laws[t], float(means[t]) * lift, float(cvs[t])) for t in TIERS])
    visit_means, visit_cvs = tiers("visit_mean"), tiers("visit_cv")
    visit_base, visit_width = _stack([bill_table("lognormal", float(visit_means[t]) * visit_lift, float(visit_cvs[t]))
                                      for t in TIERS])
    spread = float(read(f"care.{scheme}.in_scope_spread", year).value)
    steps = (np.arange(LEVELS) + 0.5) / LEVELS * 2 - 1     # mean zero
    in_scope = np.array([[min(max(float(tiers("in_scope_share")[t]) + spread * step, 0.0), 100.0) for step in steps]
                         for t in TIERS])
    unreferred = float(read(f"inpatient.{scheme}.unreferred_share", year).value) / 100.0
    survival = np.floor(course.survival * 2.0**32 + 0.5).astype(np.int64)
    tables, illness_tiers, illness_scope = [], [], []
    for name in ILLNESSES:
        cv = float(read(f"illness.{name}.bill_cv", year).value)
        for part in ("first_year_bill", "later_bill"):
            dated = read(f"illness.{name}.{part}", year)
            tables.append(bill_table("lognormal", grown(dated, growth, year), cv))
        shares = read(f"illness.{name}.tier_shares", year).value
        illness_tiers.append(thresholds(np.array([float(shares[t]) for t in TIERS])))
        illness_scope.append(_points(float(read(f"illness.{name}.in_scope_share", year).value)))
    illness_base, illness_width = _stack(tables)
    return BillTables(
        tier_of=thresholds(np.array([float(tiers("tier_shares")[t]) for t in TIERS])),
        base=base, width=width, in_scope=np.floor(in_scope * 100 + 0.5).astype(np.int64),
        tcm_share=np.array([_points(float(tiers("tcm_share")[t])) for t in TIERS], dtype=np.int64),
        unreferred=np.array([0, 0, int(unreferred * CHANCE + 0.5), int(unreferred * CHANCE + 0.5)], dtype=np.int64),
        case_price=case_prices(base, width), stay=case_stays(base, width, tiers("length_of_stay")),
        emergency=chance("emergency_share"), new_drug=chance("new_drug_share"),
        new_drug_part=np.int64(_points(float(read(f"care.{scheme}.new_drug_part", year).value))),
        chronic=chance("chronic_visit_share"),
        visit_tier_of=thresholds(np.array([float(tiers("visit_tier_shares")[t]) for t in TIERS])),
        visit_base=visit_base, visit_width=visit_width,
        visit_in_scope=np.array([_points(float(tiers("visit_in_scope_share")[t])) for t in TIERS], dtype=np.int64),
        illness_base=illness_base.reshape(len(ILLNESSES), 2, -1), illness_width=illness_width.reshape(len(ILLNESSES), 2, -1),
        illness_bills=np.floor(course.bills * BILLS + 0.5).astype(np.int64), illness_tier_of=np.stack(illness_tiers),
        illness_in_scope=np.array(illness_scope, dtype=np.int64), survival=survival)


def case_prices(base: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Mean bill of each tier's case groups, fen, int64[T, CASE_GROUPS]: groups are octaves of the survival word."""
    group = np.minimum(OCTAVES - 1 - np.arange(CELLS) // CELLS_PER_OCTAVE, CASE_GROUPS - 1)
    prices = np.empty((len(base), CASE_GROUPS), dtype=np.int64)
    for g in range(CASE_GROUPS):
        mine = group == g
        total = np.cumsum((base[:, mine] + 0.5 * width[:, mine]) * CELL_WEIGHT[mine], axis=1)[:, -1]   # in order, the same bits
        prices[:, g] = np.floor(total / np.cumsum(CELL_WEIGHT[mine])[-1] + 0.5)
    return prices


def case_stays(base: np.ndarray, width: np.ndarray, mean_stay: dict) -> np.ndarray:
    """Days of each tier's case groups, int64[T, CASE_GROUPS]: they rise with the square root of the group's mean bill.

    Whole days, at least one; what rounding adds in the larger groups the smaller ones give back, so that the mean over the
    cases is `mean_stay` to a day in the smallest group (1/128 of the cases).
    """
    root = np.sqrt(case_prices(base, width))
    shares = [2.0 ** -(g + 1) for g in range(CASE_GROUPS - 1)] + [2.0 ** -(CASE_GROUPS - 1)]
    days = np.empty(root.shape, dtype=np.int64)
    for t, tier in enumerate(TIERS):
        scale = float(mean_stay[tier]) / sum(share * float(root[t, g]) for g, share in enumerate(shares))
        owed = 0.0
        for g, share in enumerate(shares):
            owed += share * float(root[t, g]) * scale
            days[t, g] = max(int(np.floor(owed / share + 0.5)), 1)
            owed -= share * float(days[t, g])
    return days


def _points(percent: float) -> int:
    return int(percent * 100 + 0.5)
