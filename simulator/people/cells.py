"""The members of the first year by age, sex, town or country, student status and assistance group, from published shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

import numpy as np

from simulator.parameters.catalogue import AGE_BANDS, GROUPS
from simulator.people.apportion import SCALE, evenly, largest_remainder, sorted_by, weight

NO_GROUP, DIBAO, WUBAO, LOW_INCOME, DISABLED, ELDERLY = range(len(GROUPS))
ADULT = 18
OLD = 60                                # wubao and assistance to the elderly begin at this age
OLDEST_WEIGHTS = range(10, 0, -1)       # of the single ages 85 .. 94 in the open band


class Parameter(Protocol):
    """Reads a parameter of the scheme's population by its name, in the first year where no year is given."""

    def __call__(self, name: str, year: int = ..., /) -> Any: ...


def age_band(age: np.ndarray) -> np.ndarray:
    """The index of each age in AGE_BANDS."""
    return np.minimum(age // 5, len(AGE_BANDS) - 1)


def single_ages(scheme: str, band: int) -> tuple[range, list[int]]:
    """The single ages of a band and their weights. Members of uebmi are adults."""
    if AGE_BANDS[band] == "85+":
        return range(85, 95), list(OLDEST_WEIGHTS)
    ages = range(5 * band, 5 * band + 5)
    if scheme == "uebmi" and ages[0] < ADULT <= ages[-1]:
        ages = range(ADULT, ages[-1] + 1)
    return ages, [1] * len(ages)


def start_cells(rows: int, scheme: str, parameter: Parameter, bits: np.ndarray) -> dict[str, np.ndarray]:
    """Age, sex, town or country, student status and assistance group of each row in the first year, int64[rows] each.

    Age bands and single ages are apportioned by largest remainder. The other shares are spread evenly over the rows in the
    order of the attributes before them, so that each has its exact total and, in every cell, its share to within a row. `bits`
    uint32[rows, 3] are random and break ties.
    """
    shares = [weight(parameter("age_shares")[band]) for band in AGE_BANDS]
    if scheme == "uebmi" and any(shares[:3]):
        raise ValueError(f"population.uebmi.age_shares hold {sum(shares[:3]) / SCALE} % under 15: expected none, "
                         f"members are employed or retired")
    ages = []
    for band, count in enumerate(largest_remainder(rows, shares)):
        single, weights = single_ages(scheme, band)
        ages.append(np.repeat(np.array(single), largest_remainder(int(count), weights)))
    age = np.concatenate(ages)
    sex = (~evenly(rows, weight(parameter("male_share")), 100 * SCALE)).astype(np.int64)
    urban, student = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    order = sorted_by((sex, 1), (age, 7), (bits[:, 0], 32))
    urban[order] = evenly(rows, weight(parameter("urban_share")), 100 * SCALE)
    if scheme != "uebmi":
        order = sorted_by((urban, 1), (age, 7), (sex, 1), (bits[:, 1], 32))
        for ages_of in (age[order] < 15, (age[order] >= 15) & (age[order] < 25)):      # students of later years are chosen now
            student[order[ages_of]] = evenly(int(ages_of.sum()), weight(parameter("student_share")), 100 * SCALE)
    group = _groups(age, sex, urban, parameter("assisted_shares"), bits[:, 2])
    return {"age": age, "sex": sex, "urban": urban, "student": student, "group": group}


def _groups(age: np.ndarray, sex: np.ndarray, urban: np.ndarray, shares: dict[str, Decimal], bits: np.ndarray) -> np.ndarray:
    """Assign the assistance groups, whose counts are apportioned by largest remainder of all members.

    Members of the groups wubao and elderly are 60 and over; those of wubao are rural where there are enough rural people of that
    age. A group for which too few people are eligible stays short, and the rest belong to none.
    """
    weights = [weight(shares.get(name, Decimal(0))) for name in GROUPS]
    weights[NO_GROUP] = max(100 * SCALE - sum(weights[1:]), 0)
    counts = largest_remainder(len(age), weights)
    group = np.full(len(age), NO_GROUP, dtype=np.int64)
    order = sorted_by((urban, 1), (sex, 1), (age, 7), (bits, 32))
    old = age >= OLD
    rural_old = old & (urban == 0)
    everyone = np.ones(len(age), dtype=bool)
    enough = int(rural_old.sum()) >= counts[WUBAO]
    for number, eligible in ((WUBAO, rural_old if enough else old), (ELDERLY, old), (DISABLED, everyone),
                             (DIBAO, everyone), (LOW_INCOME, everyone)):
        pool = order[(eligible & (group == NO_GROUP))[order]]
        group[pool[evenly(len(pool), min(int(counts[number]), len(pool)), max(len(pool), 1))]] = number
    return group
