"""The members of the start year by age, sex, place, studies and assistance group, from published shares."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from simulator.parameters.catalogue import AGE_BANDS, GROUPS
from simulator.people.apportion import SCALE, evenly, largest_remainder, sorted_by, weight

NONE, DIBAO, WUBAO, LOW_INCOME, DISABLED, ELDERLY = range(len(GROUPS))
ADULT = 18
OLD = 60                                # wubao and elderly aid start here
OLDEST_WEIGHTS = range(10, 0, -1)       # single ages 85 .. 94 of the open band


def age_band(age: np.ndarray) -> np.ndarray:
    """Index into AGE_BANDS."""
    return np.minimum(age // 5, len(AGE_BANDS) - 1)


def _single_ages(scheme: str, band: int) -> tuple[range, list[int]]:
    """The ages of a band and their weights; members of uebmi are adults."""
    if AGE_BANDS[band] == "85+":
        return range(85, 95), list(OLDEST_WEIGHTS)
    ages = range(5 * band, 5 * band + 5)
    if scheme == "uebmi" and ages[0] < ADULT <= ages[-1]:
        ages = range(ADULT, ages[-1] + 1)
    return ages, [1] * len(ages)


def start_cells(rows: int, scheme: str, parameter: Callable, word: np.ndarray) -> dict[str, np.ndarray]:
    """Ages, sexes, places, students and groups of the start year, int64[rows] each.

    Bands and single ages by largest remainder; the other shares run evenly through the rows in the order of
    the cells before them, so each has its exact total and, in every cell, its share to within a row.
    """
    shares = [weight(parameter("age_shares")[band]) for band in AGE_BANDS]
    if scheme == "uebmi" and any(shares[:3]):
        raise ValueError(f"population.uebmi.age_shares hold {sum(shares[:3]) / SCALE} % under 15: expected none, "
                         f"members are employed or retired")
    ages = []
    for band, count in enumerate(largest_remainder(rows, shares)):
        single, weights = _single_ages(scheme, band)
        ages.append(np.repeat(np.array(single), largest_remainder(int(count), weights)))
    age = np.concatenate(ages)
    sex = (~evenly(rows, weight(parameter("male_share")), 100 * SCALE)).astype(np.int64)
    urban, student = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    order = sorted_by((sex, 1), (age, 7), (word[:, 0], 32))
    urban[order] = evenly(rows, weight(parameter("urban_share")), 100 * SCALE)
    if scheme != "uebmi":
        order = sorted_by((urban, 1), (age, 7), (sex, 1), (word[:, 1], 32))
        for now in (age[order] < 15, (age[order] >= 15) & (age[order] < 25)):      # those to come are chosen already
            student[order[now]] = evenly(int(now.sum()), weight(parameter("student_share")), 100 * SCALE)
    group = _groups(age, sex, urban, parameter("assisted_shares"), word[:, 2])
    return {"age": age, "sex": sex, "urban": urban, "student": student, "group": group}


def _groups(age: np.ndarray, sex: np.ndarray, urban: np.ndarray, shares: dict[str, Decimal], word: np.ndarray) -> np.ndarray:
    """Assistance groups, counts by largest remainder of all members.

    wubao and elderly are 60 and over, wubao rural where enough rural old people are members. A group that
    finds too few people stays short, the rest are in none.
    """
    weights = [weight(shares.get(name, Decimal(0))) for name in GROUPS]
    weights[NONE] = max(100 * SCALE - sum(weights[1:]), 0)
    counts = largest_remainder(len(age), weights)
    group = np.full(len(age), NONE, dtype=np.int64)
    order = sorted_by((urban, 1), (sex, 1), (age, 7), (word, 32))
    old = age >= OLD
    rural_old = old & (urban == 0)
    everyone = np.ones(len(age), dtype=bool)
    enough = int(rural_old.sum()) >= counts[WUBAO]
    for number, eligible in ((WUBAO, rural_old if enough else old), (ELDERLY, old), (DISABLED, everyone),
                             (DIBAO, everyone), (LOW_INCOME, everyone)):
        pool = order[(eligible & (group == NONE))[order]]
        group[pool[evenly(len(pool), min(int(counts[number]), len(pool)), max(len(pool), 1))]] = number
    return group
