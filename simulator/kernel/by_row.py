"""Settling a block row of terms by row of terms (`kernel/rows.py`): each row's bills by the columns that settle all elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator import plan as t
from simulator.care.blocks import BILL_COUNT, LISTED_FROM, VISITS_FROM
from simulator.compiling.compiled import lean
from simulator.kernel.columns import PAID_COLUMNS, RARE, Column, zero
from simulator.kernel.first_bill import FACTS_DRAWN, settle_first_bills
from simulator.kernel.persons import LATER
from simulator.kernel.years import SettlingSpace, settle_later
from simulator.tables import Fact, Paid

if TYPE_CHECKING:
    from simulator.care.blocks import Block
    from simulator.compiling.types import Ints
    from simulator.kernel.persons import Persons

# Columns that hold nothing but what was settled last, and must be empty before.
EMPTY = np.array([*RARE, Paid.ASSISTANCE, Column.FULL_RULES])


@lean
def settle_first_bills_by_row(block: Block, space: SettlingSpace) -> int:
    """`settle_first_bills`, each bill by its own row of terms; returns how many are exceptions, which are noted."""
    bills, paid, rows, facts, own, grouped = (block.bills, space.paid, space.rows, space.later, space.later_paid,
                                              space.later_grouped)
    inner = SettlingSpace(own, space.scratch, rows.exceptions, space.full_rules, facts, own, grouped, space.year, space.household,
                          rows)
    picked, counts, start, n_exceptions = rows.picked, rows.counts, np.int64(0), np.int64(0)
    for s in range(rows.count[0]):
        number, n_grouped = pick(block, s, space), np.int64(0)
        if number == 0:
            continue
        for fact in range(FACTS_DRAWN):
            values, target = bills[fact], facts[fact]
            for j in range(number):
                target[j] = values[picked[j]]
        for j in range(number):
            grouped[n_grouped] = j
            n_grouped += 1 if facts[Fact.GROUP, j] > 0 else 0
        for n in range(len(EMPTY)):
            zero(own[EMPTY[n]], start, number)
        found = settle_first_bills(rows.terms[s], facts, counts, grouped, n_grouped, inner)
        for column in range(PAID_COLUMNS):
            values, target = own[column], paid[column]
            for j in range(number):
                target[picked[j]] = values[j]
        for n in range(found):
            space.exceptions[n_exceptions] = picked[rows.exceptions[n]]
            n_exceptions += 1
    return n_exceptions


@lean
def pick(block: Block, s: int, space: SettlingSpace) -> int:
    """Pick the bills of row s, and count where among them listed illnesses and visits begin; returns how many they are."""
    of, picked, counts, number = space.rows.of, space.rows.picked, space.rows.counts, np.int64(0)
    listed, visits, count = block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILL_COUNT]
    for i in range(count):
        if i == listed:
            counts[0] = number
        if i == visits:
            counts[1] = number
        picked[number] = i
        number += 1 if of[i] == s else 0
    counts[0] = number if listed == count else counts[0]
    counts[1] = number if visits == count else counts[1]
    counts[2] = number
    return number


@lean
def settle_later_by_row(terms: Ints, block: Block, persons: Persons, space: SettlingSpace, n_exceptions: int) -> int:
    """`settle_later`, each bill by its own row of terms. `terms` are those of the rows together: where they leave persons with
    several bills to the full rules, there is nothing to do."""
    number, later, rank, rows = persons.count[LATER], space.rows.picked, space.rows.rank, space.rows
    if number == 0 or terms[t.FULL_RULES_FOR] & t.YEARS_IN_FULL != 0:
        return n_exceptions
    for n in range(number):
        later[n], rank[n] = persons.later[n], persons.rank[n]
    for s in range(rows.count[0]):
        own = np.int64(0)
        for n in range(number):
            if rows.of[later[n]] == s:
                persons.later[own], persons.rank[own] = later[n], rank[n]
                own += 1
        persons.count[LATER] = own
        n_exceptions = settle_later(rows.terms[s], block, persons, space, n_exceptions)
    for n in range(number):
        persons.later[n], persons.rank[n] = later[n], rank[n]
    persons.count[LATER] = number
    return n_exceptions
