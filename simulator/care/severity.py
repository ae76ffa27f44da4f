"""How much bills come to: integer quantile tables of a scheme's bills, from `care.*` and `illness.*`.

Amounts are at the prices of the first year; a year's price index moves them when a bill is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from simulator.care.levers import CVS, Spreads, levels_as_stated
from simulator.care.ordinary import ordinary_admissions
from simulator.care.paths import grown, growth_factor
from simulator.care.rates import IllnessCourse
from simulator.care.walk import BILLS_UNIT, CASE_GROUPS, CHANCE, LEVELS, BillTables
from simulator.chance.quantiles import QuantileTable, table_of, thresholds
from simulator.chance.random import CELL_WEIGHT, CELLS, CELLS_PER_OCTAVE, OCTAVES
from simulator.compiling.arrays import cached_array
from simulator.parameters.catalogue import ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.values import Read
from simulator.plan import N_CHRONIC


def severity_distribution(family: str, mean: float, cv: float) -> Any:
    """A frozen SciPy distribution of a family (lognormal, gamma, burr) with the given mean and coefficient of variation."""
    from scipy import optimize, stats

    if family == "lognormal":
        s = np.sqrt(np.log1p(cv * cv))
        return stats.lognorm(s=s, scale=mean * np.exp(-0.5 * s * s))
    if family == "gamma":
        return stats.gamma(1 / (cv * cv), scale=mean * cv * cv)
    if family == "burr":                    # Singh-Maddala with the tail exponent c*d = 2.8: heavier than the lognormal
        def miss(c: float) -> float:
            d = stats.burr12(c, 2.8 / c)
            return d.std() / d.mean() - cv
        if not miss(1.0) > 0 > miss(20.0):
            raise InputError("no Burr distribution with a tail of 2.8 has the coefficient of variation", value=cv,
                             expected="about 0.7 to 1.85", next_step="use lognormal, or another coefficient")
        c = optimize.brentq(miss, 1.0, 20.0)
        return stats.burr12(c, 2.8 / c, scale=mean / stats.burr12(c, 2.8 / c).mean())
    raise ValueError(f"unknown distribution {family!r}")


@lru_cache(maxsize=1024)
def bill_table(family: str, mean: float, cv: float) -> QuantileTable:
    """The table of bills in fen of a distribution with the given mean in yuan and coefficient of variation.

    Schemes share many tables, so a table must not be written on.
    """
    made = cached_array((family, mean, cv), lambda: np.stack(table_of(severity_distribution(family, mean, cv), 100.0)))
    return QuantileTable(*made)


def _stack(tables: list[QuantileTable]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([t.base for t in tables]), np.stack([t.width for t in tables])


def mean_bill(read: Read, scheme: str, year: int) -> float:
    """The mean inpatient bill over the tiers on the central path, in yuan: the dated means, grown by `bill_growth`."""
    dated = read(f"care.{scheme}.bill_mean", year)
    shares = read(f"care.{scheme}.tier_shares", year).value
    total = sum(float(shares[t]) for t in TIERS)
    mean = sum(float(shares[t]) * float(dated.value[t]) for t in TIERS) / total
    return mean * growth_factor(read, f"care.{scheme}.bill_growth", dated, year)


def bill_tables(read: Read, scheme: str, year: int, course: IllnessCourse) -> BillTables:
    """All tables from which a scheme's bills are drawn, at the prices of `year`."""
    def tiers(name: str) -> dict[str, Any]:
        return read(f"care.{scheme}.{name}", year).value

    def chance(name: str) -> np.int64:
        return np.int64(float(read(f"care.{scheme}.{name}", year).value) / 100.0 * CHANCE + 0.5)

    growth = f"care.{scheme}.bill_growth"
    visit_lift = growth_factor(read, growth, read(f"care.{scheme}.visit_mean", year), year)
    ordinary, cvs, families = ordinary_admissions(read, scheme, year, course), tiers("bill_cv"), tiers("bill_law")
    base, width = _stack([bill_table(families[t], mean, float(cvs[t]))
                          for t, mean in zip(TIERS, ordinary.mean.tolist(), strict=True)])
    visit_means, visit_cvs = tiers("visit_mean"), tiers("visit_cv")
    visit_base, visit_width = _stack([bill_table("lognormal", float(visit_means[t]) * visit_lift, float(visit_cvs[t]))
                                      for t in TIERS])
    spread = float(read(f"care.{scheme}.in_scope_spread", year).value)
    steps = (np.arange(LEVELS) + 0.5) / LEVELS * 2 - 1     # mean zero
    in_scope = np.array([[share + min(spread, share, 100.0 - share) * step for step in steps] for share in ordinary.in_scope])
    unreferred = float(read(f"inpatient.{scheme}.unreferred_share", year).value) / 100.0
    survival = np.floor(course.survival * 2.0**32 + 0.5).astype(np.int64)
    tables, illness_tiers, illness_scope = [], [], []
    for name in ILLNESSES:
        cv = float(read(f"illness.{name}.bill_cv", year).value)
        for part in ("first_year_bill", "later_bill"):
            dated = read(f"illness.{name}.{part}", year)
            tables.append(bill_table("lognormal", grown(read, growth, dated, year), cv))
        shares = read(f"illness.{name}.tier_shares", year).value
        illness_tiers.append(thresholds(np.array([float(shares[t]) for t in TIERS])))
        illness_scope.append(_points(float(read(f"illness.{name}.in_scope_share", year).value)))
    illness_base, illness_width = _stack(tables)
    return BillTables(
        tier_of=thresholds(ordinary.share),
        base=base, width=width, in_scope=np.floor(in_scope * 100 + 0.5).astype(np.int64),
        tcm_share=np.array([_points(float(tiers("tcm_share")[t])) for t in TIERS], dtype=np.int64),
        unreferred=np.array([0, 0, int(unreferred * CHANCE + 0.5), int(unreferred * CHANCE + 0.5)], dtype=np.int64),
        case_price=case_prices(base, width), stay=case_days(base, width, tiers("length_of_stay")),
        emergency=chance("emergency_share"), new_drug=chance("new_drug_share"),
        new_drug_part=np.int64(_points(float(read(f"care.{scheme}.new_drug_part", year).value))),
        chronic=chance("chronic_visit_share"), chronic_groups=_groups(read, scheme, year),
        visit_tier_of=thresholds(np.array([float(tiers("visit_tier_shares")[t]) for t in TIERS])),
        visit_base=visit_base, visit_width=visit_width,
        visit_in_scope=np.array([_points(float(tiers("visit_in_scope_share")[t])) for t in TIERS], dtype=np.int64),
        illness_base=illness_base.reshape(len(ILLNESSES), 2, -1), illness_width=illness_width.reshape(len(ILLNESSES), 2, -1),
        illness_bills=np.floor(course.bills * BILLS_UNIT + 0.5).astype(np.int64), illness_tier_of=np.stack(illness_tiers),
        illness_in_scope=np.array(illness_scope, dtype=np.int64), survival=survival,
        **levels_as_stated(len(TIERS), len(ILLNESSES)))


def bill_spreads(read: Read, scheme: str, year: int, course: IllnessCourse) -> Spreads:
    """The tables of ordinary admissions' bills at the prices of `year`, under each of the coefficients of variation that worlds
    choose among."""
    cvs, families = (read(f"care.{scheme}.{name}", year) for name in ("bill_cv", "bill_law"))
    means = ordinary_admissions(read, scheme, year, course).mean.tolist()
    found = [_stack([bill_table(families.value[t], mean, float(cvs.value[t]) * times)
                     for t, mean in zip(TIERS, means, strict=True)]) for times in CVS]
    return Spreads(*(np.stack(column) for column in zip(*found, strict=True)))


def _groups(read: Read, scheme: str, year: int) -> np.ndarray:
    """Cumulative thresholds, of CHANCE, of the groups of chronic diseases but the last, int64[N_CHRONIC - 1]; a group without a
    share has those of the one before."""
    stated = read(f"care.{scheme}.chronic_group_shares", year, required=False)
    shares = [float(share) for share in stated.value] if stated is not None and stated.value else [100.0]
    whole = float(read(f"care.{scheme}.chronic_visit_share", year).value) / 100.0
    found = np.full(N_CHRONIC - 1, CHANCE, dtype=np.int64)
    tops = np.cumsum(shares[:-1]) / 100.0 * whole
    found[:len(tops)] = np.floor(tops * CHANCE + 0.5)
    return found


def case_prices(base: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The mean bill of each tier's case groups in fen, int64[T, CASE_GROUPS]: a group is an octave of the survival function."""
    group = np.minimum(OCTAVES - 1 - np.arange(CELLS) // CELLS_PER_OCTAVE, CASE_GROUPS - 1)
    prices = np.empty((len(base), CASE_GROUPS), dtype=np.int64)
    for g in range(CASE_GROUPS):
        cells = group == g
        weight = CELL_WEIGHT[cells]
        total = np.cumsum((base[:, cells] + 0.5 * width[:, cells]) * weight, axis=1)[:, -1]    # in order, so the same bits
        prices[:, g] = np.floor(total / np.cumsum(weight)[-1] + 0.5)
    return prices


def case_days(base: np.ndarray, width: np.ndarray, mean_days: dict[str, Any]) -> np.ndarray:
    """The length of stay in days of each tier's case groups, int64[T, CASE_GROUPS].

    It rises with the square root of the group's mean bill, in whole days, at least one. What rounding adds in the larger groups
    is taken back in the smaller ones, so that the mean over the cases is `mean_days` to within a day of the smallest group
    (1/128 of the cases).
    """
    root = np.sqrt(case_prices(base, width))
    shares = [2.0 ** -(g + 1) for g in range(CASE_GROUPS - 1)] + [2.0 ** -(CASE_GROUPS - 1)]
    days = np.empty(root.shape, dtype=np.int64)
    for t, tier in enumerate(TIERS):
        scale = float(mean_days[tier]) / sum(share * float(root[t, g]) for g, share in enumerate(shares))
        owed = 0.0
        for g, share in enumerate(shares):
            owed += share * float(root[t, g]) * scale
            days[t, g] = max(int(np.floor(owed / share + 0.5)), 1)
            owed -= share * float(days[t, g])
    return days


def _points(percent: float) -> int:
    """A percentage in 1/10,000, rounded half up."""
    return int(percent * 100 + 0.5)
