"""Few members make most of the cost, and many of them again: shares of the top, Gini's coefficient, who stays at the top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from simulator.fitting.exposure import PersonYears

TOPS = (0.01, 0.05, 0.10, 0.20)


@dataclass(frozen=True)
class Concentration:
    """A year's cost over members and over those who claim: shares of the dearest 1, 5, 10 and 20 percent, Gini's coefficients."""

    year: int
    members: float
    users: int
    of_members: tuple[float, ...]
    of_users: tuple[float, ...]
    gini_members: float
    gini_users: float


@dataclass(frozen=True)
class Persistence:
    """From a year to the next, of those insured in both: of the dearest tenth the share that is in it again; `square` is the mean
    square of the persons' lasting multipliers of use by their numbers of admissions in both years, with its standard error."""

    year: int
    persons: int
    stay_top: float
    square: float
    square_se: float


def top_share(costs: np.ndarray, times: np.ndarray, share: float) -> float:
    """The part of the cost that the dearest `share` of persons have, those at the edge in part."""
    order = np.argsort(costs)[::-1]
    persons, money = np.cumsum(times[order]), np.cumsum((costs * times)[order])
    wanted = share * persons[-1]
    return float(np.interp(wanted, np.concatenate([[0.0], persons]), np.concatenate([[0.0], money])) / money[-1])


def gini(costs: np.ndarray, times: np.ndarray) -> float:
    """Gini's coefficient of costs float64[R] that `times` persons have each."""
    order = np.argsort(costs)
    persons = np.concatenate([[0.0], np.cumsum(times[order])])
    money = np.concatenate([[0.0], np.cumsum((costs * times)[order])])
    return float(1 - np.sum(np.diff(persons) * (money[1:] + money[:-1])) / (persons[-1] * money[-1]))


def concentrations(rows: PersonYears) -> list[Concentration]:
    """By year, of years with cost."""
    total, found = sum(rows.costs.values(), np.zeros(len(rows.year))), []
    for year in np.unique(rows.year).tolist():
        those = rows.year == year
        costs, times = total[those], rows.times[those]
        users = costs > 0
        if not users.any():
            continue
        found.append(Concentration(year, float(times.sum()), int(users.sum()),
                                   tuple(top_share(costs, times, share) for share in TOPS),
                                   tuple(top_share(costs[users], times[users], share) for share in TOPS),
                                   gini(costs, times), gini(costs[users], times[users])))
    return found


def persistences(rows: PersonYears, expected: np.ndarray) -> list[Persistence]:
    """From each year to the next. `expected` float64[R] are the admissions of each row by age, sex and class alone."""
    total, found = sum(rows.costs.values(), np.zeros(len(rows.year))), []
    years = np.unique(rows.year).tolist()
    for year in years[:-1]:
        one, other = np.flatnonzero(rows.year == year), np.flatnonzero(rows.year == year + 1)
        _, at, beside = np.intersect1d(rows.cluster[one], rows.cluster[other], return_indices=True)
        one, other = one[at], other[beside]
        if not len(one) or not total[one].any() or not total[other].any():
            continue
        times = rows.times[one]
        tops = [_in_top(total[those], times, 0.1) for those in (one, other)]
        counts = rows.counts["inpatient"]
        product, mean = counts[one] * counts[other], expected[one] * expected[other]
        base = float(times @ mean)
        square = float(times @ product) / base if base > 0 else np.nan
        error = float(np.sqrt(times @ (product - square * mean) ** 2)) / base if base > 0 else np.nan
        found.append(Persistence(year, int(times.sum()), float((times * tops[0]) @ tops[1] / (times @ tops[0])), square, error))
    return found


def _in_top(costs: np.ndarray, times: np.ndarray, share: float) -> np.ndarray:
    """Whether each row is among the dearest `share` of persons with any cost, bool[R]; of equal ones all or none."""
    users = costs > 0
    order = np.argsort(costs[users])[::-1]
    reach = np.cumsum(times[users][order])
    edge = costs[users][order][min(np.searchsorted(reach, share * reach[-1]), len(reach) - 1)]
    return users & (costs >= edge)


def multipliers_of(square: float, shares: np.ndarray, multipliers: np.ndarray) -> np.ndarray | None:
    """Multipliers of use of risk classes with these shares whose mean is one and mean square `square`: those given to a power.
    None where no power between 0 and 3 has it."""
    weights = shares / shares.sum()

    def made(power: float) -> np.ndarray:
        raised = multipliers**power
        return raised / (weights @ raised)

    def miss(power: float) -> float:
        return float(weights @ made(power) ** 2) - square

    if square <= 1 or miss(3.0) < 0:
        return None
    return made(float(optimize.brentq(miss, 0.0, 3.0)))
