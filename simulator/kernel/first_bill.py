"""A block of bills settled each from an empty year.

The usual bill is settled in passes over columns (`kernel/columns.py`); a listed illness has a loop of its own. Bills they do
not know - a limit or threshold passed, a new drug above its price, a commercial cover - are left to `rules.settle_bill`: the law
is stated there, and a test holds the passes to it, bill by bill.
"""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.bill import BILLED, ELIGIBLE, FACTS, GROUP, ILLNESS, INPATIENT, KIND, MEMBER_CLASS, PILOT_RANK, TIER, UNITS
from simulator.compiling.compiled import lean
from simulator.kernel.columns import (
    COUNTED,
    HARD,
    LOW,
    OWN,
    PRICE,
    RARE,
    SELF_PAY,
    assist,
    assistance_of,
    find_hard,
    pay_accounts,
    pay_admissions,
    pay_visits,
    priced,
    visits_in_cii,
)
from simulator.law.rules import (
    ADMISSIONS,
    CAP_USED,
    ELIGIBLE_YEAR,
    ENTITLED,
    IN_SCOPE_LEFT,
    LEFT,
    SELF_PAY_YEAR,
    STATE,
    is_listed,
    settle_bill,
)
from simulator.money import quick_share
from simulator.tables import ACCOUNT, ASSISTANCE, BASIC, HOSPITAL, LISTED, OUTPATIENT


@lean
def settle_slips(terms, bills, counts, grouped, groups, paid, work, odd, scratch):
    """Fill int64[COLUMNS, n] `paid` with what every bill leaves in an empty year; returns how many bills the law settled, which
    are noted in `odd`. `clear` must follow before `paid` is filled again.

    `bills` int64[FACTS, n] in columns; `counts` tells where the listed illnesses and the visits among them begin, and how many
    bills there are; the first `groups` of `grouped` are the bills of persons in a group that may be assisted. `work`
    int64[WORK, n] and the rows of `scratch` (bill, year, what it leaves) are for use within.
    """
    start, admissions, inpatients, count = np.int64(0), counts[0], counts[1], counts[2]
    tiers, classes, low = bills[TIER], bills[MEMBER_CLASS], work[LOW]
    for i in range(np.uint64(inpatients)):
        low[i] = terms[np.uint64(t.DEDUCTIBLE + tiers[i] * (t.ORDERS * t.CLASSES) + classes[i])]
    some = pay_admissions(terms, bills, inpatients, paid, work)
    pay_visits(terms, bills, inpatients, count, paid)
    assist(terms, bills, inpatients, grouped, groups, paid, work)
    some |= pay_listed(terms, bills, admissions, inpatients, paid, work)
    pay_accounts(terms, bills, inpatients, count, paid)
    hard, odds = paid[HARD], np.int64(0)
    if some:
        odds = note(hard, start, inpatients, odd, odds)
    if find_hard(terms, bills, inpatients, count, visits_in_cii(terms), paid):
        odds = note(hard, inpatients, count, odd, odds)
    for o in range(odds):
        settle_alone(terms, bills, odd[o], start, paid, scratch)
    return odds


@lean
def pay_listed(terms, bills, first, last, paid, work):
    """Steps 1, 2 and 5 to 7 of bills with an illness, settled as ordinary ones before: those that are on the list now. Returns
    whether one is hard."""
    better, outside_cap, on_expense = terms[t.LISTED_BETTER] == 1, terms[t.LISTED_OUTSIDE_CAP] == 1, terms[t.CAP_BASIS] == 1
    cap, threshold, prices, some = terms[t.ANNUAL_CAP], terms[t.CII_THRESHOLD], priced(terms), np.int64(0)
    for i in range(first, last):
        illness, billed = bills[ILLNESS, i], bills[BILLED, i]
        paid[LISTED, i], paid[OUTPATIENT, i] = 0, 0
        if bills[KIND, i] != INPATIENT:
            paid[HARD, i] = 1
        elif is_listed(terms, illness, bills[PILOT_RANK, i]):
            basis, hospital = bills[ELIGIBLE, i], np.int64(0)
            if terms[t.QUOTA + illness] > 0:
                basis = min(billed, terms[t.QUOTA + illness] * bills[UNITS, i])
                hospital = (billed - basis) * terms[t.QUOTA_KIND + illness]
            listed = quick_share(basis, terms[t.LISTED_RATIO + illness])
            if better:
                listed = min(max(listed, paid[ENTITLED, i]), billed - hospital)
            in_scope, counted = max(basis - listed, 0), 0 if outside_cap or on_expense else listed
            self_pay = in_scope + quick_share(billed - basis - hospital, terms[t.CII_EXCLUDED_SHARE])
            assistance = np.int64(0)
            if bills[GROUP, i] > 0:
                assistance = assistance_of(terms, in_scope, t.MA_LISTED_RATIO + bills[GROUP, i],
                                           terms[t.MA_LISTED_WAIVES_DEDUCTIBLE], terms[t.MA_LISTED_OUTSIDE_CAP])
            own = billed - hospital - listed - assistance
            paid[LISTED, i], paid[BASIC, i], paid[ENTITLED, i], paid[HOSPITAL, i] = listed, 0, 0, hospital
            paid[COUNTED, i], paid[SELF_PAY, i], paid[ASSISTANCE, i] = counted, self_pay, assistance
            paid[OWN, i], paid[IN_SCOPE_LEFT, i] = own, min(in_scope - assistance, own)
            if counted > cap or self_pay > threshold or (prices and work[PRICE, i] >= 0):
                paid[HARD, i] = 1
        some |= paid[HARD, i]
    return some > 0


@lean
def note(hard, first, last, odd, odds):
    """Note the hard bills behind the `odds` that are noted; returns how many there are then."""
    for i in range(first, last):
        odd[odds] = i
        odds += hard[i]
    return odds


@lean
def settle_column(terms, bills, i, year, paid, scratch):
    """Settle the bill in a column by the law; `year` moves on."""
    bill, left = scratch[0], scratch[2]
    for fact in range(len(FACTS)):
        bill[fact] = bills[fact, i]
    settle_bill(terms, year, bill, left)
    left[OWN] += left[ACCOUNT]
    for n in range(LEFT):
        paid[n, i] = left[n]


@lean
def settle_alone(terms, bills, i, admissions, paid, scratch):
    """Settle a bill by the law from a year that is empty but for so many admissions."""
    year = scratch[1]
    for n in range(STATE):
        year[n] = 0
    year[ADMISSIONS] = admissions
    settle_column(terms, bills, i, year, paid, scratch)
    paid[COUNTED, i] = year[ELIGIBLE_YEAR] if terms[t.CAP_BASIS] == 1 else year[CAP_USED]
    paid[SELF_PAY, i] = year[SELF_PAY_YEAR]


@lean
def clear(paid, odd, odds, grouped, groups):
    """Take out what the next block need not write over."""
    for o in range(odds):
        i = odd[o]
        paid[HARD, i] = 0
        for payer in RARE:
            paid[payer, i] = 0
    for n in range(groups):
        paid[ASSISTANCE, grouped[n]] = 0
