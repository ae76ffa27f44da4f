"""The people as the kernel reads them in one year, and the facts that each of their bills must know."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import inlined
from simulator.compiling.types import Int8s, Int16s, Ints, Ints2

# A person's facts in one int64: the bits where class, group, first index of sums.SHAPE, cover rank, county and row of
# `People.homes` begin.
FACT_BITS = CLASS_FROM, GROUP_FROM, QUINTILE_FROM, COVER_FROM, COUNTY_FROM, HOME_FROM = 0, 3, 6, 9, 23, 35
# Columns of such a row of `People.homes`.
OF_HOME = INCOME, POVERTY_LINE, SUBSISTENCE, FOOD, INCOME_QUINTILE = tuple(range(5))


class People(NamedTuple):
    """Rows R of a roster in one year; money in fen."""

    member_class: Int8s            # [R]
    group: Int8s                   # [R]
    county: Int16s                 # [R]
    cover: Int16s                  # [R]: rank for the commercial supplement, 0 .. 9,999
    quintile: Int8s                # [R]
    homes: Ints2                   # [S, 5], a row a sampled household: income this year on the central path, poverty line x
                                   # members, subsistence x members, what it spends on food at that income, income quintile
    facts: Ints                    # [R]: `facts_of` each row


def facts_of(member_class: np.ndarray, group: np.ndarray, cover: np.ndarray, county: np.ndarray, quintile: np.ndarray,
             sampled: np.ndarray, household: np.ndarray) -> np.ndarray:
    """int64[R]: what each bill must know of its person, packed (FACT_BITS). ValueError if something has no room in it."""
    home = np.cumsum(sampled & (np.diff(household, prepend=-1) > 0)) - 1          # of those outside the sample whatever
    facts = home << HOME_FROM
    for (begin, end), column in zip(pairwise(FACT_BITS), (member_class, group, np.where(sampled, quintile + 1, 0), cover,
                                                          county), strict=True):
        if (np.asarray(column, np.int64) >> (end - begin)).any():                 # nor may it be negative
            raise ValueError(f"a person's facts from bit {begin} to {end}: {column.min()} to {column.max()}")
        facts |= column.astype(np.int64) << begin
    return facts


@inlined
def fact(facts: int, begin: int, end: int) -> int:
    """What the packed facts hold from one bit up to another."""
    return (facts >> begin) & ((1 << (end - begin)) - 1)


def first_bill_terms(terms: np.ndarray) -> np.ndarray:
    """The terms int64[P, TERMS] of first-bill payments: no commercial cover, no relief, accounts last. What these leave
    out, the control variate does not correct; their expectation (`kernel/expected.py`) is of the same terms."""
    first = terms.copy()
    first[:, t.COMMERCIAL_SHARE] = 0
    first[:, t.RELIEF_RATIO] = 0
    first[:, t.ACCOUNT_ORDER] = 0
    return first
