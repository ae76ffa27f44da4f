"""Policies whose bills of a year are not all under one set of rules: rules that change within the year.

A month has the rules in force on its 16th day, those of the longer part of it: what takes effect on the first of a month holds
for all of it. The rules of 1 July are the year's usual ones: first-bill payments, the response of demand and what is no rule of
settlement go by them.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.care.walk import BillTables
from simulator.kernel.rows import MOST_ROWS, PolicyRows
from simulator.parameters.days import DAY_OF_A_MONTH, day_of
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Region

MONTHS = 12


class Times(NamedTuple):
    """The times of a year that have rules of their own, by the day on which each begins, and which of them each month has."""

    begin: tuple[datetime.date, ...]
    months: tuple[int, ...]        # of each month the place in `begin`
    usual: int                     # that of 1 July

    @classmethod
    def of(cls, region: Region, year: int) -> Times | None:
        """The times of a year in a region; None where nothing takes effect within it."""
        within = region.days_within(year)
        if not within:
            return None
        days = datetime.date(year, 1, 1), *within

        def begun(day: datetime.date) -> datetime.date:
            return max(begin for begin in days if begin <= day)

        of_months = [begun(datetime.date(year, month, DAY_OF_A_MONTH)) for month in range(1, MONTHS + 1)]
        usual = begun(day_of(year))
        known = tuple(sorted({*of_months, usual}))
        return cls(known, tuple(known.index(day) for day in of_months), known.index(usual))


class Rows(NamedTuple):
    """The rows of terms of one policy: by time of the year, and of each time by local tier."""

    terms: np.ndarray              # int64[times, locals, PLAN_WIDTH]
    months: tuple[int, ...]        # of each month the time
    usual: int                     # the time of 1 July
    local: np.ndarray              # int64[T, locals]: cumulative 2^32 thresholds of the local tiers' shares


ONE_TIER = np.full((t.N_TIERS, 1), 1 << 32, dtype=np.int64)


def shares_of_tiers(texts: Sequence[str]) -> np.ndarray:
    """The thresholds int64[T, locals] of the local tiers of the plan files that hold in a year; an empty text is no file.
    InputError where two files have other local tiers."""
    if not any(texts):
        return ONE_TIER
    from simulator.parameters.overlay import read, thresholds  # needs pydantic, which years without plan files do not
    found = [thresholds(read(text)) for text in dict.fromkeys(texts) if text]
    several = [one for one in found if one.shape[1] > 1]
    if any(not np.array_equal(one, several[0]) for one in several):
        raise InputError("two plan files with other local tiers in one year:", value=f"{len(several)} files",
                         expected="the later one from 1 January on")
    return several[0] if several else ONE_TIER


def without_repeats(rows: Rows) -> Rows:
    """The same with times of equal terms as one."""
    same = [bytes(np.ascontiguousarray(of_time)) for of_time in rows.terms]
    first = sorted({same.index(one) for one in same})
    number = [first.index(same.index(one)) for one in same]
    return rows._replace(terms=rows.terms[first], months=tuple(number[time] for time in rows.months), usual=number[rows.usual])


def policy_rows(rows: Sequence[Rows | None]) -> PolicyRows | None:
    """The rows of P policies, None of one with a single row for all its bills; None where all are such. InputError for more rows
    than there is room for."""
    made_one = [None if one is None else without_repeats(one) for one in rows]
    found = [None if one is None or one.terms.shape[:2] == (1, 1) else one for one in made_one]
    if not any(one is not None for one in found):
        return None
    sizes = [(1, 1) if one is None else one.terms.shape[:2] for one in found]
    most, locals_ = max(times * own for times, own in sizes), max(own for _, own in sizes)
    if most > MOST_ROWS:
        raise InputError("too many sets of rules in a year:", value=most, expected=f"at most {MOST_ROWS}: local tiers of a care "
                         "tier times the times of the year with rules of their own")
    made = PolicyRows(np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64),
                      np.zeros((len(rows), most, t.PLAN_WIDTH), np.int64), np.zeros((len(rows), locals_, t.PLAN_WIDTH), np.int64),
                      np.full((len(rows), t.N_TIERS, locals_), 1 << 32, np.int64), np.zeros((len(rows), MONTHS), np.int64))
    for p, one in enumerate(found):
        if one is not None:
            times, own = one.terms.shape[:2]
            made.number[p], made.locals[p] = times * own, own
            made.terms[p, :times * own] = one.terms.reshape(-1, t.PLAN_WIDTH)
            made.first[p, :own] = one.terms[one.usual]
            made.local[p, :, :own] = one.local
            made.months[p] = [time * own for time in one.months]
    return made


def rows_of_tiers(plans: Sequence[t.Plan], text: str) -> PolicyRows | None:
    """The rows of one policy whose plans, one for each row of local tiers, are those of a plan file; None where it has none."""
    return policy_rows([Rows(t.pack(list(plans))[None], (0,) * MONTHS, 0, shares_of_tiers([text]))])


def local_shares(rows: PolicyRows, p: int) -> np.ndarray:
    """The share of each care tier's bills that each local tier of policy p has, float64[locals, T]."""
    return np.diff(rows.local[p, :, :rows.locals[p]], axis=-1, prepend=0).T / 2.0**32


def has_local_tiers(rows: PolicyRows | None) -> bool:
    """Whether a policy has several local tiers in a care tier."""
    return rows is not None and bool((rows.locals > 1).any())


def leave_diseases(rows: np.ndarray, tables: BillTables) -> np.ndarray:
    """Rows of terms int64[..., TERMS] that leave visits to the full rules where there is a chronic list and people have diseases
    of several of its groups, of which the kernel's columns know the first alone."""
    if tables.chronic_groups[0] >= tables.chronic:
        return rows
    rows = rows.copy()
    rows[..., t.FULL_RULES_FOR] |= np.where(rows[..., t.CHRONIC_LIST] == 1, t.VISITS_IN_FULL, 0)
    return rows
