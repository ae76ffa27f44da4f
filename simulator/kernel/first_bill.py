"""First-bill payments: a block of bills, each settled as if it were its person's first of the year.

Ordinary bills are settled column by column (`kernel/columns.py`); listed illnesses have a loop of their own, by the same rules.
What the columns do not know - a limit or threshold that binds, a new drug above its price, a commercial cover, a rare term - is
an *exception* and is left to `law.settle.settle_bill`; a test holds the columns to it, bill by bill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints, Ints2
from simulator.kernel.columns import (
    RARE,
    Column,
    Scratch,
    assist,
    find_deductibles,
    first_assistance,
    least_cap,
    least_threshold,
    mark,
    mark_exceptions,
    pay_accounts,
    pay_admissions,
    pay_visits,
    priced,
    visits_in_cii,
)
from simulator.law import rules
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE, YearState
from simulator.tables import FACTS, INPATIENT, LEFT, Fact, Paid

if TYPE_CHECKING:
    from simulator.kernel.years import SettlingSpace


FACTS_DRAWN = int(Fact.FIRST_PAY)            # facts of a bill that a walk draws; the others are 0 in a simulation


class FullRules(NamedTuple):
    """Where one bill is settled by the full rules."""

    bill: Ints                     # [FACTS]
    year: Ints                     # [STATE]
    paid: Ints                     # [LEFT]
    trace: Ints                    # [TRACE]


def open_full_rules() -> FullRules:
    """An empty record."""
    return FullRules(np.zeros(FACTS, np.int64), np.zeros(STATE, np.int64), np.zeros(LEFT, np.int64), np.zeros(TRACE, np.int64))


@lean
def settle_first_bills(terms: Ints, bills: Ints2, counts: Ints, grouped: Ints, n_grouped: int, columns: SettlingSpace) -> int:
    """Fill the payments of `columns` with what every bill leaves as a first bill; returns how many are exceptions, which are
    noted. `clear` must follow before they are filled again.

    `bills` int64[FACTS, n] in columns; `counts` tells where the listed illnesses and the visits among them begin, and how many
    bills there are; the first `n_grouped` of `grouped` are the bills of persons in a group that may be assisted. `columns` is a
    `years.SettlingSpace`.
    """
    paid, scratch, exceptions = columns.paid, columns.scratch, columns.exceptions
    start, admissions, inpatients, count = np.int64(0), counts[0], counts[1], counts[2]
    find_deductibles(terms, bills, inpatients, scratch[Scratch.DEDUCTIBLE])
    some = pay_admissions(terms, bills, inpatients, paid, scratch)
    pay_visits(terms, bills, inpatients, count, paid)
    assist(terms, bills, inpatients, grouped, n_grouped, paid, scratch)
    some |= pay_listed(terms, bills, admissions, inpatients, paid, scratch)
    pay_accounts(terms, bills, inpatients, count, paid)
    marks, n_exceptions, rare = paid[Column.FULL_RULES], np.int64(0), terms[t.FULL_RULES_FOR]
    if rare & t.ADMISSIONS_IN_FULL != 0:
        mark_all(marks, start, inpatients)
        some = True
    if rare & t.GROUPED_IN_FULL != 0:
        mark(bills[Fact.GROUP], start, start, inpatients, marks)
        some = True
    if some:
        n_exceptions = note(marks, start, inpatients, exceptions, n_exceptions)
    some = mark_exceptions(terms, bills, inpatients, count, visits_in_cii(terms), paid)
    if rare & t.VISITS_IN_FULL != 0:
        mark_all(marks, inpatients, count)
        some = True
    if rare & t.GROUPED_IN_FULL != 0:
        mark(bills[Fact.GROUP], start, inpatients, count, marks)
        some = True
    if some:
        n_exceptions = note(marks, inpatients, count, exceptions, n_exceptions)
    for n in range(n_exceptions):
        settle_alone(terms, bills, exceptions[n], start, paid, columns.full_rules)
    return n_exceptions


@lean
def pay_listed(terms: Ints, bills: Ints2, first: int, last: int, paid: Ints2, scratch: Ints2) -> bool:
    """Steps 1, 2 and 5 to 7 of bills with an illness, which have been settled as ordinary ones: those that are on the list now.
    Returns whether one is an exception."""
    better, outside_cap = terms[t.LISTED_BETTER], terms[t.LISTED_OUTSIDE_CAP] == 1
    on_expense = terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE
    cap, threshold, prices, some = least_cap(terms), least_threshold(terms), priced(terms), np.int64(0)
    apart = terms[t.FULL_RULES_FOR] & t.LISTED_IN_FULL != 0
    for i in range(first, last):
        illness, billed = bills[Fact.ILLNESS, i], bills[Fact.BILLED, i]
        paid[Paid.LISTED, i], paid[Paid.OUTPATIENT, i] = 0, 0
        if bills[Fact.KIND, i] != INPATIENT:
            paid[Column.FULL_RULES, i] = 1
        elif illness >= 0 and rules.is_listed(terms[t.LISTED + illness], bills[Fact.PILOT_RANK, i] < terms[t.PILOT_COUNTIES]):
            quota = terms[t.QUOTA + illness]
            basis = rules.listed_basis(billed, bills[Fact.ELIGIBLE, i], quota, bills[Fact.UNITS, i])
            hospital = rules.above_quota(billed, basis, quota, terms[t.QUOTA_KIND + illness])
            listed = rules.listed_payment(basis, terms[t.LISTED_RATIO + illness], better, paid[Paid.ENTITLED, i],
                                          billed - hospital)
            in_scope, counted = max(basis - listed, 0), 0 if outside_cap or on_expense else listed
            self_pay = rules.compliant_expense(in_scope, billed - basis - hospital, terms[t.CII_EXCLUDED_SHARE])
            assistance = np.int64(0)
            if bills[Fact.GROUP, i] > 0:
                assistance = first_assistance(terms, in_scope, t.MA_LISTED_RATIO, bills[Fact.GROUP, i],
                                              terms[t.MA_LISTED_WAIVES_DEDUCTIBLE], terms[t.MA_LISTED_OUTSIDE_CAP])
            own = billed - hospital - listed - assistance
            paid[Paid.LISTED, i], paid[Paid.BASIC, i], paid[Paid.ENTITLED, i], paid[Paid.HOSPITAL, i] = listed, 0, 0, hospital
            paid[Column.COUNTED, i], paid[Column.SELF_PAY, i], paid[Paid.ASSISTANCE, i] = counted, self_pay, assistance
            paid[Column.OWN, i], paid[Paid.IN_SCOPE_LEFT, i] = own, min(in_scope - assistance, own)
            if apart or counted > cap or self_pay > threshold or (prices and scratch[Scratch.PRICE, i] >= 0):
                paid[Column.FULL_RULES, i] = 1
        some |= paid[Column.FULL_RULES, i]
    return some > 0


@lean
def mark_all(marks: Ints, first: int, last: int) -> None:
    """Leave these bills to the full rules."""
    for i in range(np.uint64(first), np.uint64(last)):
        marks[i] = 1


@lean
def note(marks: Ints, first: int, last: int, exceptions: Ints, n_exceptions: int) -> int:
    """Note the marked bills behind the exceptions noted before; returns how many there are then."""
    for i in range(first, last):
        exceptions[n_exceptions] = i
        n_exceptions += marks[i]
    return n_exceptions


@lean
def settle_column(terms: Ints, bills: Ints2, i: int, year: Ints, paid: Ints2, one: FullRules) -> None:
    """Settle the bill in a column by the full rules; `year` moves on, `one` is scratch."""
    bill, left = one.bill, one.paid
    for fact in range(FACTS_DRAWN):
        bill[fact] = bills[fact, i]
    for fact in range(FACTS_DRAWN, FACTS):
        bill[fact] = 0
    settle_bill(terms, year, bill, left, one.trace)
    left[Column.OWN] += left[Paid.ACCOUNT]
    for n in range(LEFT):
        paid[n, i] = left[n]


@lean
def settle_alone(terms: Ints, bills: Ints2, i: int, admissions: int, paid: Ints2, one: FullRules) -> None:
    """Settle a bill by the full rules in a year that is empty but for so many admissions."""
    year = one.year
    for n in range(STATE):
        year[n] = 0
    year[YearState.ADMISSIONS] = admissions
    settle_column(terms, bills, i, year, paid, one)
    paid[Column.COUNTED,
         i] = year[YearState.ELIGIBLE_YEAR] if terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE else year[YearState.CAP_USED]
    paid[Column.SELF_PAY, i] = year[YearState.SELF_PAY_YEAR]


@lean
def clear(paid: Ints2, exceptions: Ints, n_exceptions: int, grouped: Ints, n_grouped: int) -> None:
    """Take out what the next block need not write over."""
    for n in range(n_exceptions):
        i = exceptions[n]
        paid[Column.FULL_RULES, i] = 0
        for payer in RARE:
            paid[payer, i] = 0
    for n in range(n_grouped):
        paid[Paid.ASSISTANCE, grouped[n]] = 0
