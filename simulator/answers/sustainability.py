"""How long a fund lasts and what would keep it, from the fund's paths in every world of a finished run (docs/sustainability.md).

One row a figure, for each region, scheme and policy: the year of exhaustion, months held, growth, the addition that balances, the
sum that is needed today, value at risk, and the risk grade. Amounts are nominal, not discounted and without interest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.in_force import InForce
from simulator.answers.outcomes import CONFIDENCE, alike_on_rosters, highest_share, lowest_share
from simulator.engine.measures import half_width, ratio, standard_errors, tail_mean
from simulator.parameters.errors import InputError
from simulator.results import Run, csv_bytes

SUSTAINABILITY = ("region", "scheme", "policy", "measure", "year", "at", "unit", "value", "low", "high", "worlds", "warning")
SUSTAINABILITY_FILE = "sustainability.csv"
CONFIDENCES = (90, 95, 99)           # percent of the worlds
WORST_SHARE = 0.05                          # of the worlds: what value at risk and its tail are of
FEWEST_BEYOND = 5                    # worlds beyond a figure of the tail; with fewer it has a warning
FEW_WORLDS, RESPONDS = "few_worlds", "response"
GRADES = ("low", "watch", "high", "critical")
GRADE_CHANCES = (0.05, 0.20, 0.50)   # of exhaustion within the horizon, from which it is watch, high, critical: an assumption
NOT_KNOWN = float("nan")
NORMAL = 1.959963984540054             # 97.5% quantile of the normal law


class FundPaths(NamedTuple):
    """The fund of one region, scheme and policy in D worlds and Y years, float64[D, Y], yuan; world i stands in row i.

    Revenue is without a government top-up of a deficit, which hides no deficit.
    """

    region: str
    scheme: str
    policy: str
    years: tuple[int, ...]
    members: np.ndarray
    revenue: np.ndarray
    expenditure: np.ndarray
    balance: np.ndarray           # accrued, at year end, after the fund's response
    funding: np.ndarray           # due for the year, the part of individual accounts included
    pooled_funding: np.ndarray
    exhausted: np.ndarray         # the share of members whose unit has been below zero at a year end so far
    responded: bool               # whether the fund refunded a surplus or was topped up in any world


def fund_paths(paths: pd.DataFrame) -> Iterator[FundPaths]:
    """The funds of a run's paths, in their order there."""
    for (region, scheme, policy), rows in paths.groupby(["region", "scheme", "policy"], sort=False):
        rows = rows.sort_values(["draw", "year"])
        years = tuple(int(year) for year in rows["year"].unique())

        def column(name: str, rows: pd.DataFrame = rows, years: tuple[int, ...] = years) -> np.ndarray:
            return rows[name].to_numpy(dtype=np.float64).reshape(-1, len(years))

        top_up = column("deficit_top_up")
        yield FundPaths(region, scheme, policy, years, column("members"), column("revenue") - top_up, column("expenditure"),
                        column("accrued_closing"), column("funding"), column("pooled_funding"),
                        column("exhausted"), bool(top_up.any() or column("secondary").any()))


def sustainability(run: Run, confidences: Sequence[int] = CONFIDENCES) -> pd.DataFrame:
    """The figures of every fund of a run, columns SUSTAINABILITY; `confidences` are percents of the worlds, 51 to 99.

    `year` is the figure's, and for one of the whole horizon its last; `at` is mean, a quantile or, of sums that are to be enough,
    the confidence (p95). `low` and `high` are the ends of the 95% interval, NaN where so few worlds give none. `worlds` are
    those behind the figure: in which it happened, or beyond it in a tail.
    """
    in_force = InForce(run)
    premiums = _premiums(run.summary)
    rows: list[tuple] = []
    for fund in fund_paths(run.paths):
        table = Figures(fund)
        by_end = exhaustion(table)
        medians = months_and_growth(table)
        premium = premiums.get((fund.region, fund.scheme, fund.policy), 0.0)
        balancing(table, confidences, premium)
        top_up(table, confidences)
        at_risk(table)
        marks = [np.array([in_force.number(fund.region, fund.policy, f"control.{fund.scheme}.warning_{colour}", year)
                           for year in fund.years]) for colour in ("yellow", "red")]
        grades = [grade(chance, months, *marks) for chance, months in zip(by_end, medians, strict=True)]
        table.add("risk_grade", at=GRADES[grades[0]], unit="grade", value=grades[0], low=grades[1], high=grades[2])
        rows += table.rows
    return pd.DataFrame(rows, columns=SUSTAINABILITY)


def checked_confidences(confidences: Sequence[int]) -> tuple[int, ...]:
    """Confidences in percent, in rising order. InputError for one that is no whole number from 51 to 99, or for none."""
    for percent in confidences:
        if isinstance(percent, bool) or not isinstance(percent, int) or not 51 <= percent <= 99:
            raise InputError("confidence:", value=percent, expected="a whole number of percent from 51 to 99, for example 95")
    if not confidences:
        raise InputError("confidence:", value="none", expected="whole numbers of percent from 51 to 99, for example 95")
    return tuple(sorted(set(confidences)))


def put_sustainability(folder: Path, run: Run) -> None:
    """Write a run's sustainability.csv into its folder while this is written."""
    (folder / SUSTAINABILITY_FILE).write_bytes(csv_bytes(sustainability(run)))


class Figures:
    """The rows of one fund as they are worked out."""

    def __init__(self, fund: FundPaths) -> None:
        self.fund, self.worlds = fund, len(fund.balance)
        self.rows: list[tuple] = []

    def add(self, measure: str, *, at: str, unit: str, value: float, low: float = NOT_KNOWN, high: float = NOT_KNOWN,
            year: int | None = None, worlds: int | None = None, warning: str = "") -> None:
        self.rows.append((self.fund.region, self.fund.scheme, self.fund.policy, measure,
                          self.fund.years[-1] if year is None else year, at, unit, float(value), float(low), float(high),
                          self.worlds if worlds is None else worlds, warning))


# --- exhaustion, months, growth -------------------------------------------------------------------


def exhaustion(table: Figures) -> tuple[float, float, float]:
    """The probability that the fund is exhausted in each year, by it, and not within the horizon. Exhausted is a fund from the
    first year end on at which its balance is below zero; of several pooling units it is the share of members whose own is.
    Returns the probability by the last year and its interval."""
    years = table.fund.years
    by = np.maximum.accumulate(table.fund.exhausted, axis=1)
    block = np.concatenate([np.diff(by, axis=1, prepend=0.0).T, by.T, 1.0 - by[:, -1:].T])
    lows, highs = share_bounds(block)
    names = [("exhausted_in", year) for year in years] + [("exhausted_by", year) for year in years] + [("lasts", years[-1])]
    for (name, year), true, low, high in zip(names, block, lows, highs, strict=True):
        table.add(name, at="", unit="probability", value=true.mean(), low=low, high=high, year=year,
                  worlds=int((true > 0).sum()))
    return float(by[:, -1].mean()), float(lows[-2]), float(highs[-2])


def months_and_growth(table: Figures) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months of expenditure held by year, and growth on the year before of revenue and expenditure, in all and a head. Returns
    the median months by year, and the upper and lower ends of their intervals: the better and the worse case."""
    fund = table.fund
    months = 12 * ratio(fund.balance, fund.expenditure)
    amounts = {"revenue": fund.revenue, "expenditure": fund.expenditure}
    spread = {("months_held", "month"): (fund.years, months)}
    for name, amount in amounts.items():
        spread[f"{name}_growth", "%"] = (fund.years[1:], growth(amount))
        spread[f"{name}_growth_per_head", "%"] = (fund.years[1:], growth(ratio(amount, fund.members)))
    block = np.concatenate([values.T for _, values in spread.values()])
    half = half_width(1.0, table.worlds) * standard_errors(block)
    means, (p05, p50, p95) = block.mean(axis=1), np.quantile(block, (0.05, 0.5, 0.95), axis=1)
    lows, highs = quantile_bounds(block, 50)
    at = 0
    for (name, unit), (years, _) in spread.items():
        for year in years:
            mean = float(means[at])
            table.add(name, at="mean", unit=unit, value=mean, low=mean - half[at], high=mean + half[at], year=year)
            table.add(name, at="p05", unit=unit, value=p05[at], year=year)
            table.add(name, at="p50", unit=unit, value=p50[at], low=lows[at], high=highs[at], year=year)
            table.add(name, at="p95", unit=unit, value=p95[at], year=year)
            at += 1
    count = len(fund.years)
    better, worse = (np.where(np.isnan(ends), p50[:count], ends) for ends in (highs[:count], lows[:count]))
    return p50[:count], better, worse


def growth(amounts: np.ndarray) -> np.ndarray:
    """Growth on the year before in percent, float64[D, Y - 1], of amounts float64[D, Y]; NaN after a year of nothing."""
    before = amounts[:, :-1]
    return 100 * np.divide(np.diff(amounts, axis=1), before, out=np.full(before.shape, np.nan), where=before != 0)


# --- what would be enough -------------------------------------------------------------------------


def balancing(table: Figures, confidences: Sequence[int], premium: float) -> None:
    """The constant addition, yuan a member-year, that ends the horizon with a balance of zero; below zero it is what could be
    spared. It counts as money that goes whole into the balance: no interest, no transfer to the reserve, no response.

    Its mean makes the mean end balance zero, its median half of the worlds' end balances, and p95 is the least that leaves 95%
    of the worlds with no deficit in the end. `balancing_level` adds it to what a head pays in the first year, and
    `balancing_multiple` is that level over what is paid now. `funding_multiple` is instead the factor on every year's pooled
    funding.
    """
    fund = table.fund
    end, warning = fund.balance[:, -1], RESPONDS if fund.responded else ""
    kind, paid = paid_now(fund, premium)
    table.add("paid_now", at=kind, unit="CNY/person/year", value=paid, year=fund.years[0])
    for measure, base, unit in (("balancing_addition", fund.members.sum(axis=1), "CNY/person/year"),
                                ("funding_multiple", fund.pooled_funding.sum(axis=1), "x")):
        if not base.all():                                            # a scheme without members
            continue
        needs = -end / base
        mean = -float(end.sum() / base.sum())
        half = half_width(1.0, table.worlds) * float(standard_errors((end + mean * base)[None])[0]) / float(base.mean())
        low, high = (float(ends[0]) for ends in quantile_bounds(needs[None], 50))
        found = [("mean", mean, mean - half, mean + half, table.worlds),
                 ("p50", float(np.median(needs)), low, high, table.worlds),
                 *((f"p{percent}", *enough(needs, percent)) for percent in confidences)]
        for at, *ends, worlds in found:
            few = FEW_WORLDS if at not in ("mean", "p50") and worlds < FEWEST_BEYOND else ""
            said = " ".join(filter(None, (warning, few)))
            scales = {measure: (0.0, 1.0, unit)} if unit != "x" else {measure: (1.0, 1.0, unit)}
            if measure == "balancing_addition":
                scales["balancing_level"] = (paid, 1.0, unit)
                scales |= {"balancing_multiple": (1.0, 1 / paid, "x")} if paid > 0 else {}
            for name, (plus, times, of) in scales.items():
                value, low, high = (plus + times * end for end in ends)
                table.add(name, at=at, unit=of, value=value, low=low, high=high, worlds=worlds, warning=said)


def paid_now(fund: FundPaths, premium: float) -> tuple[str, float]:
    """What is paid a head in the first year, and its kind: the premium of members (less help), the contributions of employers and
    employees with what goes to individual accounts, or else the revenue."""
    if fund.scheme == "uebmi":
        return "contribution", _mean_ratio(fund.funding, fund.members)
    return ("premium", premium) if premium > 0 else ("revenue", _mean_ratio(fund.revenue, fund.members))


def _mean_ratio(amount: np.ndarray, base: np.ndarray) -> float:
    return float(ratio(amount[:, 0].sum(), base[:, 0].sum()))


def top_up(table: Figures, confidences: Sequence[int]) -> None:
    """The one sum, paid today, that keeps the balance at zero or more through the horizon in a share of the worlds: the least
    that does in so many of the run's, yuan, and for each member of the first year."""
    fund = table.fund
    shortfall = np.maximum(-fund.balance.min(axis=1), 0.0)
    members = float(fund.members[:, 0].mean())
    for percent in confidences:
        *ends, beyond = enough(shortfall, percent)
        warning = " ".join(filter(None, (RESPONDS if fund.responded else "", FEW_WORLDS if beyond < FEWEST_BEYOND else "")))
        for name, unit, divisor in (("top_up", "CNY", 1.0), ("top_up_per_head", "CNY/person", members)):
            if divisor:
                value, low, high = (max(end, 0.0) / divisor for end in ends)
                table.add(name, at=f"p{percent}", unit=unit, value=value, low=low, high=high, worlds=beyond, warning=warning)


def enough(needs: np.ndarray, percent: int) -> tuple[float, float, float, int]:
    """The least of float64[D] that is enough for `percent` of the worlds, the ends of its 95% interval, and in how many worlds
    more is needed. It is one of the values, not interpolated, so that it is enough."""
    ordered = np.sort(needs)
    value = ordered[-(-percent * len(needs) // 100) - 1]
    low, high = quantile_bounds(needs[None], percent)
    return float(value), float(low[0]), float(high[0]), int((needs > value).sum())


def at_risk(table: Figures) -> None:
    """Value at risk (the 5% quantile) and the mean of the worst 5% of the worlds, of the balance at the end and at its lowest."""
    fund = table.fund
    for name, values in (("end", fund.balance[:, -1]), ("lowest", fund.balance.min(axis=1))):
        var, tail = float(np.quantile(values, WORST_SHARE)), tail_mean(values, WORST_SHARE)
        low, high = (float(ends[0]) for ends in quantile_bounds(values[None], round(100 * WORST_SHARE)))
        spread = var - np.maximum(var - values, 0) / WORST_SHARE     # its mean is the tail's, and so is its error
        half = half_width(float(standard_errors(spread[None])[0]), table.worlds)
        beyond = int((values < var).sum())
        count = max(math.ceil(table.worlds * WORST_SHARE), 1)
        for measure, worlds, *ends in ((f"{name}_balance_var95", beyond, var, low, high),
                                       (f"{name}_balance_tvar95", count, tail, tail - half, tail + half)):
            value, low, high = (end / 1e8 for end in ends)
            table.add(measure, at="", unit="1e8 CNY", value=value, low=low, high=high, worlds=worlds,
                      warning=FEW_WORLDS if worlds < FEWEST_BEYOND else "")


def grade(chance: float, months: np.ndarray, yellow: np.ndarray, red: np.ndarray) -> int:
    """The risk grade, an index into GRADES: the worst that the chance of exhaustion within the horizon and the median months held
    give. Watch: the chance is 5% or more, or in some year the median is under the region's yellow mark of early warning. High:
    20% or more, or under the red mark. Critical: 50% or more. The rule is an assumption; marks that are NaN are not there."""
    by_chance = sum(chance >= least for least in GRADE_CHANCES)
    by_months = 2 if bool((months < red).any()) else int((months < yellow).any())
    return max(by_chance, by_months)


# --- intervals ------------------------------------------------------------------------------------


def share_bounds(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95% interval of each mean share of [m, D], Clopper and Pearson's: it never leaves 0 to 1 and is never a point. Where
    the rosters' shares are further apart than chance lets them be, the worlds count as so many fewer."""
    n, sure = block.shape[1] / variance_times(block), 0.5 + CONFIDENCE / 2
    counts = block.mean(axis=1) * n
    return (np.array([lowest_share(float(count), float(of), sure) for count, of in zip(counts, n, strict=True)]),
            np.array([highest_share(float(count), float(of), sure) for count, of in zip(counts, n, strict=True)]))


def variance_times(block: np.ndarray) -> np.ndarray:
    """By how much an interval's variance is to be multiplied for each share of [m, D], float64[m]: 1 for worlds that are not
    alike on their rosters; else by how much they are alike and, since ten rosters alone tell that, by Student's t for the normal
    law."""
    alike = alike_on_rosters(block)
    return np.where(alike > 1, alike * (half_width(1.0, block.shape[1]) / NORMAL) ** 2, 1.0)


def quantile_bounds(block: np.ndarray, percent: int) -> tuple[np.ndarray, np.ndarray]:
    """The 95% interval of a quantile of each row of float64[m, D]: ordered values, further apart where worlds on a roster are
    more alike than chance makes them; NaN where there are too few worlds."""
    n, level = block.shape[1], percent / 100
    ordered = np.sort(block, axis=1)
    apart = np.sqrt(variance_times(block <= np.quantile(ordered, level, axis=1)[:, None]))
    below, above = ranks(n, percent)
    lows = np.floor(level * n - apart * (level * n - below)).astype(np.int64)
    highs = np.ceil(level * n + apart * (above - level * n)).astype(np.int64)
    rows = np.arange(len(block))
    return (np.where(lows >= 1, ordered[rows, np.clip(lows, 1, n) - 1], np.nan),
            np.where(highs <= n, ordered[rows, np.clip(highs, 1, n) - 1], np.nan))


@lru_cache(maxsize=256)
def ranks(n: int, percent: int) -> tuple[int, int]:
    """Which of n ordered independent values are the ends of a quantile's 95% interval, counted from 1; 0 and n + 1 for none."""
    return _rank(n, percent / 100), n + 1 - _rank(n, 1 - percent / 100)


def _rank(n: int, level: float) -> int:
    """The highest of n ordered values, counted from 1, that lies above their law's quantile once in forty times at most."""
    from scipy.special import bdtr

    chance = bdtr(np.arange(n), n, level)                               # of at most 0 .. n - 1
    return int(np.searchsorted(chance, (1 - CONFIDENCE) / 2, side="right"))


def _premiums(summary: pd.DataFrame) -> Mapping[tuple[str, str, str], float]:
    """What members pay in the first year, less help: yuan by region, scheme and policy, rounded so that it is the same before and
    after the table was written."""
    found = summary[(summary["measure"] == "premium_per_head") & (summary["group"] == "")]
    found = found[found["year"] == found["year"].min()]
    keys = zip(found["region"], found["scheme"], found["policy"], strict=True)
    return dict(zip(keys, found["mean"].astype(float).round(6), strict=True))
