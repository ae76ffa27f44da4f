"""Policies with several rows of terms: bills of a year under the rules of their month, and at local tiers.

Rules may change within a year, and a care tier may be several local tiers with terms of their own. Each bill then has one of the
policy's rows: that of its month of discharge and of the local tier that its own random bits choose. The columns settle row by
row; persons with bills under different rules are settled by the full rules, which carry the year's state from row to row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.care.blocks import ROOM
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints, Ints2, Ints3
from simulator.kernel.people import first_bill_terms
from simulator.money import UNLIMITED
from simulator.tables import Fact

MOST_ROWS = 48                 # of one policy in a year: local tiers of a care tier x times of the year with rules of their own


class PolicyRows(NamedTuple):
    """The rows of terms of P policies: S at most, L local tiers of a care tier at most, T care tiers.

    The row of a bill is `months` of its month, and behind that the number of its local tier.
    """

    number: Ints                   # [P]: how many rows a policy has; 0: one for all its bills
    locals: Ints                   # [P]: how many of them a time of the year has
    terms: Ints3                   # [P, S, TERMS]
    first: Ints3                   # [P, L, TERMS]: of first-bill payments, in all months
    local: Ints3                   # [P, T, L]: cumulative 2^32 thresholds of the local tiers' shares
    months: Ints2                  # [P, 12]: the first row of each month


class OwnRows(NamedTuple):
    """`PolicyRows` of one policy."""

    number: int
    locals: int
    terms: Ints2
    first: Ints2
    local: Ints2
    months: Ints


class RowSpace(NamedTuple):
    """Where the bills of a block have their rows of terms."""

    count: Ints                    # [1]: how many rows the policy has, 0: one for all bills
    terms: Ints2                   # [MOST_ROWS, TERMS]
    of: Ints                       # [ROOM + 1]: the row of each bill
    counts: Ints                   # [3]: scratch: where listed illnesses and visits of a row begin, and how many bills it has
    picked: Ints                   # [ROOM + 1]: scratch: the bills of a row
    rank: Ints                     # [ROOM + 1]: scratch
    exceptions: Ints               # [ROOM + 1]: scratch


def open_row_space() -> RowSpace:
    """An empty space."""
    of, picked, rank, exceptions = (np.empty(ROOM + 1, np.int64) for _ in range(4))
    return RowSpace(np.zeros(1, np.int64), np.empty((MOST_ROWS, t.PLAN_WIDTH), np.int64), of, np.empty(3, np.int64), picked, rank,
                    exceptions)


def no_rows(policies: int) -> PolicyRows:
    """Of policies that have one row each."""
    return PolicyRows(np.zeros(policies, np.int64), np.zeros(policies, np.int64), np.zeros((policies, 0, t.PLAN_WIDTH), np.int64),
                      np.zeros((policies, 0, t.PLAN_WIDTH), np.int64), np.zeros((policies, t.N_TIERS, 0), np.int64),
                      np.zeros((policies, 12), np.int64))


def rows_of_draw(rows: PolicyRows, terms: np.ndarray) -> PolicyRows:
    """The rows with what moves from draw to draw as it is in the policies' terms int64[P, TERMS]: the fund's control factor and
    individual accounts."""
    whole = rows.terms.copy()
    moved = t.places("factor", "account_balance")
    whole[:, :, moved] = terms[:, None, moved]
    first = rows.first.copy()
    first[:, :, moved] = terms[:, None, moved]
    return rows._replace(terms=whole, first=first_bill_terms(first.reshape(-1, t.PLAN_WIDTH)).reshape(first.shape))


def together(terms: np.ndarray, rows: PolicyRows) -> np.ndarray:
    """The terms int64[P, TERMS] by which the years of P policies are looked at: where a policy has several rows, whatever one of
    them asks for is asked.

    Where rules change within the year, every person with several bills is settled by the full rules, and a person counts as
    capped from the highest of the year's caps on.
    """
    result = terms.copy()
    for p in np.flatnonzero(rows.number):
        own, row = rows.terms[p, :rows.number[p]], result[p]
        for name in ("outpatient_deductible", "case_level", "day_price"):
            places = t.places(name)
            row[places] = own[:, places].max(axis=0)
        places = t.places("deductible")
        orders = own[:, places].reshape(-1, *t.SHAPES["deductible"])
        row[places] = own[(orders != orders[:, :, :1]).any(axis=(1, 2, 3)).argmax(), places]
        row[t.PAYMENT_COUNTIES] = own[:, t.PAYMENT_COUNTIES].max()
        full = int(np.bitwise_or.reduce(own[:, t.FULL_RULES_FOR]))
        places = t.places("chronic_ratio")
        if own[:, t.CHRONIC_LIST].any() and (own[:, places] != own[:1, places]).any():
            full |= t.YEARS_IN_FULL
        if rows.number[p] > rows.locals[p]:
            full |= t.YEARS_IN_FULL
            alike = (own[:, t.CAP_BASIS] == own[0, t.CAP_BASIS]).all()
            caps = t.places("annual_cap")
            row[caps] = own[:, caps].max(axis=0) if alike else UNLIMITED
        row[t.FULL_RULES_FOR] = full
    return result


@lean
def find_row_of_bills(rows: OwnRows, bills: Ints2, count: int, by_month: int, of: Ints) -> None:
    """Find the row of each bill: by its local tier, and where `by_month` is 1 by its month."""
    tier, bits, month = bills[Fact.TIER], bills[Fact.LOCAL_BITS], bills[Fact.MONTH]
    for i in range(count):
        local = np.int64(0)
        for n in range(rows.locals - 1):
            local += 1 if bits[i] >= rows.local[tier[i], n] else 0
        of[i] = local + by_month * rows.months[month[i]]


@lean
def put_rows(terms: Ints2, number: int, space: RowSpace) -> None:
    """Note the first `number` rows of terms as those that bills are settled by from now on."""
    space.count[0] = number
    for s in range(number):
        for n in range(t.PLAN_WIDTH):
            space.terms[s, n] = terms[s, n]
