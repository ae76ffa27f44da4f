"""Bills as one int64 array, settled by the compiled rules in one call, for tests that settle very many.

A bill is a row of `BILL` columns: the facts of `tables.Fact`, then whose bill it is and under which
policy. Bills of one person are adjacent, in order of discharge. Amounts are fen.
"""

from __future__ import annotations

import numpy as np

from simulator.compiling.compiled import compiled
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE
from simulator.tables import FACTS, LEFT, PAYERS

PERSON, POLICY = range(FACTS, FACTS + 2)
BILL = FACTS + 2
NOWHERE = 10**6                       # a rank behind every county and every share of persons
# Columns of what a bill leaves: eleven payers, then the part of the patient's own payment that is in scope.
COLUMNS = (*PAYERS, "in_scope_left")


@compiled
def _settle_years(terms, bills, before, paid):
    year, trace = np.zeros(STATE, dtype=np.int64), np.zeros(TRACE, dtype=np.int64)
    for n in range(len(bills)):
        if n == 0 or bills[n, PERSON] != bills[n - 1, PERSON]:
            year[:] = 0
        before[n] = year
        settle_bill(terms[bills[n, POLICY]], year, bills[n], paid[n], trace)


@compiled
def _settle_each(terms, bills, years, paid):
    trace = np.zeros(TRACE, dtype=np.int64)
    for n in range(len(bills)):
        settle_bill(terms[bills[n, POLICY]], years[n], bills[n], paid[n], trace)


def settle_years(terms: np.ndarray, bills: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every person's year from 1 January: what is paid int64[N, COLUMNS] and the state before each bill int64[N, STATE]."""
    paid = np.empty((len(bills), LEFT), dtype=np.int64)
    before = np.empty((len(bills), STATE), dtype=np.int64)
    _settle_years(terms, bills, before, paid)
    return paid[:, :len(COLUMNS)], before


def settle_each(terms: np.ndarray, bills: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every bill from a state of its own: what is paid int64[N, COLUMNS] and the states after the bills int64[N, STATE]."""
    paid = np.empty((len(bills), LEFT), dtype=np.int64)
    after = years.copy()
    _settle_each(terms, bills, after, paid)
    return paid[:, :len(COLUMNS)], after
