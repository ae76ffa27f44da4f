"""Bills as one int64 array, settled by the compiled rules in one call, for tests that settle very many.

A bill is a row of `BILL` columns; bills of one person are adjacent, in order of discharge. Amounts are fen.
"""

from __future__ import annotations

import numpy as np

from simulator.benefits.rules import STATE, settle_bill
from simulator.compiled import compiled

(PERSON, POLICY, KIND, TIER, MEMBER_CLASS, GROUP, COUNTY, ILLNESS, UNITS, BILLED, ELIGIBLE, TCM, UNREFERRED) = range(13)
BILL = 13
# Columns of what is paid: seven payers, and the part of cash that is in scope.
PAYERS = ("basic", "listed", "outpatient", "cii", "assistance", "cash", "hospital")
IN_SCOPE_LEFT = len(PAYERS)
PAID = len(PAYERS) + 1


@compiled
def settle_one(terms, bill, year, paid):
    """Settle one bill int64[BILL] under its policy's row of `terms`; `year` moves on, `paid` int64[PAID] is filled."""
    (paid[0], paid[1], paid[2], paid[3], paid[4], paid[5], paid[6], paid[7]) = settle_bill(
        terms[bill[POLICY]], year, bill[KIND], bill[TIER], bill[MEMBER_CLASS], bill[GROUP], bill[COUNTY], bill[ILLNESS],
        bill[UNITS], bill[BILLED], bill[ELIGIBLE], bill[TCM], bill[UNREFERRED] == 1)


@compiled
def _settle_years(terms, bills, before, paid):
    year = np.zeros(STATE, dtype=np.int64)
    for n in range(len(bills)):
        if n == 0 or bills[n, PERSON] != bills[n - 1, PERSON]:
            year[:] = 0
        before[n] = year
        settle_one(terms, bills[n], year, paid[n])


@compiled
def _settle_each(terms, bills, years, paid):
    for n in range(len(bills)):
        settle_one(terms, bills[n], years[n], paid[n])


def settle_years(terms: np.ndarray, bills: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every person's year from 1 January: payments int64[N, PAID] and the state before each bill int64[N, STATE]."""
    paid = np.empty((len(bills), PAID), dtype=np.int64)
    before = np.empty((len(bills), STATE), dtype=np.int64)
    _settle_years(terms, bills, before, paid)
    return paid, before


def settle_each(terms: np.ndarray, bills: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every bill from a state of its own: payments int64[N, PAID] and the states after the bills int64[N, STATE]."""
    paid = np.empty((len(bills), PAID), dtype=np.int64)
    after = years.copy()
    _settle_each(terms, bills, after, paid)
    return paid, after
