"""What a year comes to for the persons and households of a block, under one policy.

The first-bill payment of a bill is also what it is paid, unless the bills of its person's year interact: a limit or threshold
that they reach together, a later admission whose deductible is another. docs/settlement.md ("When the year cannot matter") has
the proof. Later admissions are a block of their own that the columns settle; the bills of other such persons are settled by the
full rules in order of time.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator import plan as t
from simulator.care.blocks import BILL_COUNT, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Ints, Ints2
from simulator.kernel.columns import (
    PAID_COLUMNS,
    RARE,
    SCRATCH_COLUMNS,
    Column,
    Scratch,
    any_of,
    assist,
    counts_visits,
    first_assistance,
    has_chronic_deductible,
    least_cap,
    least_of,
    least_threshold,
    pay_accounts,
    pay_admissions,
    visits_in_cii,
    zero,
)
from simulator.kernel.first_bill import FullRules, open_full_rules, settle_alone, settle_column
from simulator.kernel.persons import (
    COURSE,
    COURSE_VISIT,
    GROUPED,
    INPATIENT_BILLS,
    LATER,
    ROWS,
    SEVERAL_ADMISSIONS,
    SEVERAL_BILLS,
    SEVERAL_VISITS,
    run,
)
from simulator.kernel.rows import RowSpace, open_row_space
from simulator.law import rules
from simulator.law.year import STATE, YearState
from simulator.money import UNLIMITED
from simulator.tables import FACTS, Fact, Paid

if TYPE_CHECKING:
    from simulator.care.blocks import Block
    from simulator.kernel.persons import Persons


class YearSum(IntEnum):
    """A person's year, column of `SettlingSpace.year`: what the bills leave together."""

    OWN, ACCOUNT, ASSISTANCE, COUNTED, OUTPATIENT, SELF_PAY, IN_SCOPE, EARLY, LATE = range(9)


# What the columns read of an admission, and what a later one leaves.
LATER_READ = np.array([Fact.TIER, Fact.MEMBER_CLASS, Fact.GROUP, Fact.PAYMENT_RANK, Fact.COVER_RANK, Fact.DAYS, Fact.BILLED,
                       Fact.ELIGIBLE, Fact.TCM, Fact.CASE_PRICE, Fact.NEW_DRUG, Fact.UNREFERRED, Fact.EMERGENCY])
LATER_LEAVE = np.array([Paid.BASIC, Paid.ENTITLED, Paid.HOSPITAL, Paid.ASSISTANCE, Paid.ACCOUNT, Column.OWN,
                        Paid.IN_SCOPE_LEFT, Column.COUNTED, Column.SELF_PAY])


class SettlingSpace(NamedTuple):
    """Where a block is settled under one policy: scratch buffers, and the sums of its persons' years."""

    paid: Ints2                    # [PAID_COLUMNS, ROOM]
    scratch: Ints2                 # [SCRATCH_COLUMNS, ROOM]
    exceptions: Ints               # [ROOM + 1]: bills that the full rules have settled
    full_rules: FullRules
    later: Ints2                   # [FACTS, ROOM]: the facts of later admissions
    later_paid: Ints2              # [PAID_COLUMNS, ROOM]: what they leave
    later_grouped: Ints            # [ROOM + 1]: those of persons whom medical assistance may help
    year: Ints2                    # [YearSum, ROOM]: the years, by row
    household: Ints                # [ROOM]: scratch
    rows: RowSpace


def open_settling_space() -> SettlingSpace:
    """An empty space."""
    paid = np.empty((PAID_COLUMNS, ROOM), np.int64)
    for payer in (*RARE, Paid.ASSISTANCE, Column.FULL_RULES):
        paid[payer] = 0
    return SettlingSpace(paid, np.empty((SCRATCH_COLUMNS, ROOM), np.int64), np.empty(ROOM + 1, np.int64), open_full_rules(),
                         np.empty((FACTS, ROOM), np.int64), np.empty((PAID_COLUMNS, ROOM), np.int64),
                         np.empty(ROOM + 1, np.int64), np.empty((len(YearSum), ROOM), np.int64), np.empty(ROOM, np.int64),
                         open_row_space())


@lean
def deductibles_differ(terms: Ints) -> bool:
    """Whether a later admission has another deductible than the first."""
    differ = False
    for tier in range(t.N_TIERS):
        for member_class in range(t.N_CLASSES):
            first = t.DEDUCTIBLE + tier * t.ORDERS * t.N_CLASSES + member_class
            for order in range(1, t.ORDERS):
                differ = differ or terms[first + order * t.N_CLASSES] != terms[first]
    return differ


@inlined
def settle_later(terms: Ints, block: Block, persons: Persons, space: SettlingSpace, n_exceptions: int) -> int:
    """Settle later admissions in a year that is empty but for the earlier ones; returns how many exceptions there are now."""
    number = persons.count[LATER]
    if number == 0 or not deductibles_differ(terms) or terms[t.FULL_RULES_FOR] & t.ADMISSIONS_IN_FULL != 0:     # all in order
        return n_exceptions
    facts, paid, deductible, n_grouped = space.later, space.later_paid, space.scratch[Scratch.DEDUCTIBLE], np.int64(0)
    for fact in LATER_READ:
        column, own = block.bills[fact], facts[fact]
        for n in range(number):
            own[n] = column[np.uint64(persons.later[n])]
    for n in range(number):
        deductible[n] = rules.deductible_of(terms, facts[Fact.TIER, n], persons.rank[n], facts[Fact.MEMBER_CLASS, n],
                                            facts[Fact.GROUP, n])
        paid[Paid.ASSISTANCE, n] = 0
        space.later_grouped[n_grouped] = n
        n_grouped += 1 if facts[Fact.GROUP, n] > 0 else 0
    pay_admissions(terms, facts, number, paid, space.scratch)
    assist(terms, facts, number, space.later_grouped, n_grouped, paid, space.scratch)
    pay_accounts(terms, facts, number, number, paid)
    for n in range(number):
        i = persons.later[n]
        if paid[Column.FULL_RULES, n] + space.paid[Column.FULL_RULES, i] == 0:
            for column in LATER_LEAVE:
                space.paid[column, i] = paid[column, n]
        else:
            settle_alone(terms, block.bills, i, persons.rank[n], space.paid, space.full_rules)
            space.exceptions[n_exceptions] = i
            n_exceptions += 1 - space.paid[Column.FULL_RULES, i]
            space.paid[Column.FULL_RULES, i] = 1
    return n_exceptions


@lean
def add_visits(values: Ints, block: Block, persons: Persons, column: Ints) -> None:
    """Add up the visits of each row."""
    running, visits = persons.running, persons.visits_from
    run(values, block.count[VISITS_FROM], block.count[BILL_COUNT], running)
    for r in range(np.uint64(persons.count[ROWS])):
        column[r] = running[np.uint64(visits[r + np.uint64(1)])] - running[np.uint64(visits[r])]


@inlined
def add_years(terms: Ints, block: Block, persons: Persons, space: SettlingSpace) -> None:
    """Add up the bills of each row, the RARE payments of none."""
    start, rows, counted_visits, paid, sums = np.int64(0), persons.count[ROWS], counts_visits(terms), space.paid, space.year
    outpatient, counted, assistance = sums[YearSum.OUTPATIENT], sums[YearSum.COUNTED], sums[YearSum.ASSISTANCE]
    account, self_pay = sums[YearSum.ACCOUNT], sums[YearSum.SELF_PAY]
    accounts, in_cii = any_of(terms, t.ACCOUNT_BALANCE, t.N_CLASSES), terms[t.CII_THRESHOLD] < UNLIMITED
    for column in (YearSum.ACCOUNT, YearSum.ASSISTANCE, YearSum.OUTPATIENT, YearSum.SELF_PAY, YearSum.IN_SCOPE, YearSum.EARLY,
                   YearSum.LATE):
        zero(sums[column], start, rows)
    add_visits(paid[Column.OWN], block, persons, sums[YearSum.OWN])
    if counted_visits == 1 or visits_limit(terms) < UNLIMITED:
        add_visits(paid[Paid.OUTPATIENT], block, persons, outpatient)
    if accounts:
        add_visits(paid[Paid.ACCOUNT], block, persons, account)
    if visits_in_cii(terms):
        add_visits(paid[Column.SELF_PAY], block, persons, self_pay)
    for r in range(rows):
        counted[r] = outpatient[r] * counted_visits
    own, in_scope = sums[YearSum.OWN], sums[YearSum.IN_SCOPE]
    owns, in_scopes, counts = paid[Column.OWN], paid[Paid.IN_SCOPE_LEFT], paid[Column.COUNTED]
    for n in range(persons.count[INPATIENT_BILLS]):
        i = np.uint64(persons.inpatient[n])
        r = np.uint64(persons.row[i])
        own[r] += owns[i]
        counted[r] += counts[i]
        in_scope[r] += in_scopes[i]
        if accounts:
            account[r] += paid[Paid.ACCOUNT, i]
        if in_cii:
            self_pay[r] += paid[Column.SELF_PAY, i]
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        r = persons.row[i]
        assistance[max(r, 0)] += paid[Paid.ASSISTANCE, i] if r >= 0 else 0


@lean
def add_year(terms: Ints, block: Block, persons: Persons, r: int, space: SettlingSpace) -> None:
    """Add up the bills of one row with all payments."""
    own, account, assistance, counted, in_scope, early, late = 0, 0, 0, 0, 0, 0, 0
    paid, sums = space.paid, space.year
    accounts, counts = any_of(terms, t.ACCOUNT_BALANCE, t.N_CLASSES), counts_visits(terms)
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        own += paid[Column.OWN, i]
        account += paid[Paid.ACCOUNT, i] if accounts else 0
        assistance += paid[Paid.ASSISTANCE, i]
        inpatient = i < block.count[VISITS_FROM]
        counted += (paid[Column.COUNTED, i] if inpatient or paid[Column.FULL_RULES, i] == 1
                    else paid[Paid.OUTPATIENT, i] * counts)
        in_scope += paid[Paid.IN_SCOPE_LEFT, i] if inpatient else 0
        early += paid[Paid.SUPPLEMENT, i] + paid[Paid.CII, i]
        late += paid[Paid.COMMERCIAL, i] + paid[Paid.RELIEF, i]
    sums[YearSum.OWN, r] = own
    sums[YearSum.ACCOUNT, r] = account
    sums[YearSum.ASSISTANCE, r] = assistance
    sums[YearSum.COUNTED, r] = counted
    sums[YearSum.IN_SCOPE, r] = in_scope
    sums[YearSum.EARLY, r] = early
    sums[YearSum.LATE, r] = late


@lean
def visits_limit(terms: Ints) -> int:
    """What a person's outpatient payments may come to before a limit of the year binds, or less."""
    if terms[t.CHRONIC_LIST] == 0:
        return terms[t.OUTPATIENT_YEAR_LIMIT]
    if terms[t.OUTPATIENT_YEAR_LIMIT] == 0:
        return terms[t.CHRONIC_YEAR_LIMIT]
    return min(terms[t.OUTPATIENT_YEAR_LIMIT], terms[t.CHRONIC_YEAR_LIMIT])


@inlined
def settle_years(terms: Ints, block: Block, persons: Persons, space: SettlingSpace, n_exceptions: int) -> int:
    """Settle by the full rules the bills of all persons whose bills of the year interact, and let accounts pay while they last;
    returns how many exceptions there are now. The years' sums in the space are complete afterwards."""
    cap, threshold, visits, most = (least_cap(terms), least_threshold(terms), visits_limit(terms),
                                    least_of(terms, t.MA_CAP, t.N_GROUPS))
    full_rules, sums, rare = COURSE_VISIT, space.year, terms[t.FULL_RULES_FOR]
    if rare & t.ADMISSIONS_IN_FULL != 0:
        full_rules |= SEVERAL_ADMISSIONS | COURSE
    if rare & t.VISITS_IN_FULL != 0:
        full_rules |= SEVERAL_VISITS
    if rare & t.YEARS_IN_FULL != 0:
        full_rules |= SEVERAL_BILLS
    if rare & t.LISTED_IN_FULL != 0:
        full_rules |= COURSE
    if terms[t.BAND_PERIOD] == t.BANDS_OF_YEAR or (cap == 0 and any_of(terms, t.SUPPLEMENT_RATIO, t.BANDS)):  # every bill is cut
        full_rules |= SEVERAL_ADMISSIONS | COURSE
    if deductibles_differ(terms) or terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE:
        full_rules |= COURSE
    if any_of(terms, t.OUTPATIENT_DEDUCTIBLE, t.N_TIERS * t.N_CLASSES):
        full_rules |= SEVERAL_VISITS
    asked = full_rules | COURSE
    if has_chronic_deductible(terms):
        asked |= SEVERAL_VISITS
    if (any_of(terms, t.MA_DEDUCTIBLE, t.N_GROUPS) or terms[t.COMMERCIAL_SHARE] > 0 or terms[t.RELIEF_RATIO] > 0
            or rare & t.GROUPED_IN_FULL != 0):
        asked |= SEVERAL_BILLS
    balance = terms[t.ACCOUNT_BALANCE]
    for member_class in range(1, t.N_CLASSES):
        balance = min(balance, terms[t.ACCOUNT_BALANCE + member_class])
    may_bind, flags, counted, self_pay, assistance, outpatient, account = (
        persons.running, persons.flags, sums[YearSum.COUNTED], sums[YearSum.SELF_PAY], sums[YearSum.ASSISTANCE],
        sums[YearSum.OUTPATIENT], sums[YearSum.ACCOUNT])
    for r in range(persons.count[ROWS]):
        over = (counted[r] > cap) | (self_pay[r] > threshold) | (assistance[r] > most) | (outpatient[r] > visits)
        may_bind[r] = (flags[r] & asked) + (flags[r] if over else 0)
    found, number = space.household, np.uint64(0)           # the households come later
    for r in range(np.uint64(persons.count[ROWS])):
        found[number] = r
        number += np.uint64(1 if (may_bind[r] > 0) | ((account[r] > balance) & (flags[r] > 0)) else 0)
    for n in range(number):
        r = found[n]
        if may_bind[r] == 0 or needs_no_full_rules(terms, block, persons, r, full_rules, visits, space):
            share_account(terms, block, persons, r, space)
        else:
            n_exceptions = settle_person(terms, block, persons, r, space, n_exceptions)
    for n in range(n_exceptions):
        r = persons.row[space.exceptions[n]]
        if r >= 0:
            add_year(terms, block, persons, r, space)
    return n_exceptions


@inlined
def needs_no_full_rules(terms: Ints, block: Block, persons: Persons, r: int, full_rules: int, visits: int,
                        space: SettlingSpace) -> bool:
    """Whether a row, a person with several bills that may interact, needs no full rules: nothing binds but an account or a limit
    of visits, by which its payments are cut here."""
    bills, sums, flags = block.bills, space.year, persons.flags[r]
    one, account = block.order[persons.start[r]], space.year[YearSum.ACCOUNT, r]
    group = bills[Fact.GROUP, one]
    if (flags & full_rules != 0 or sums[YearSum.COUNTED, r] > own_cap(terms, bills, one)
            or sums[YearSum.SELF_PAY, r] > least_threshold(terms) or sums[YearSum.ASSISTANCE, r] > terms[t.MA_CAP + group]
            or (group > 0 and (terms[t.MA_DEDUCTIBLE + group] > 0 or terms[t.FULL_RULES_FOR] & t.GROUPED_IN_FULL != 0))
            or bills[Fact.COVER_RANK, one] < terms[t.COMMERCIAL_SHARE] or (terms[t.RELIEF_RATIO] > 0 and account > 0)
            or (flags & COURSE != 0 and cap_binds_on_course(terms, block, persons, r, space.paid))):
        return False
    if sums[YearSum.OUTPATIENT, r] <= visits and not (flags & SEVERAL_VISITS != 0 and has_chronic_deductible(terms)):
        return True
    return terms[t.CII_COUNTS_OUTPATIENT] == 0 and limit_visits(terms, block, persons, r, space)   # only own money depends on it


@lean
def own_cap(terms: Ints, bills: Ints2, i: int) -> int:
    """The annual cap of the person whose bill stands in a column."""
    return terms[t.ANNUAL_CAP + bills[Fact.MEMBER_CLASS, i]]


@lean
def cap_binds_on_course(terms: Ints, block: Block, persons: Persons, r: int, paid: Ints2) -> bool:
    """Whether a course changes what the person's other bills are paid, or they what it is, by what the year has left of the
    annual cap. What is paid of a listed illness is at least what it would be as an ordinary one, where that matters."""
    total = np.int64(0)
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        if i >= block.count[VISITS_FROM]:
            total += paid[Paid.OUTPATIENT, i]
        else:
            total += paid[Paid.ENTITLED, i] + (paid[Paid.LISTED, i] if i >= block.count[LISTED_FROM] else 0)
    return total > own_cap(terms, block.bills, block.order[persons.start[r]])


@lean
def settle_person(terms: Ints, block: Block, persons: Persons, r: int, space: SettlingSpace, n_exceptions: int) -> int:
    """Settle a row's bills by the full rules, in order of time; returns how many exceptions there are now. COUNTED of the first
    is what the whole year counts towards the annual cap."""
    paid, year, rows = space.paid, space.full_rules.year, space.rows
    for n in range(STATE):
        year[n] = 0
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        if rows.count[0] > 0:
            settle_column(rows.terms[rows.of[i]], block.bills, i, year, paid, space.full_rules)
        else:
            settle_column(terms, block.bills, i, year, paid, space.full_rules)
        paid[Column.COUNTED, i] = 0
        space.exceptions[n_exceptions] = i
        n_exceptions += 1 - paid[Column.FULL_RULES, i]
        paid[Column.FULL_RULES, i] = 1
    counted = year[YearState.ELIGIBLE_YEAR] if terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE else year[YearState.CAP_USED]
    paid[Column.COUNTED, block.order[persons.start[r]]] = counted
    return n_exceptions


@lean
def limit_visits(terms: Ints, block: Block, persons: Persons, r: int, space: SettlingSpace) -> bool:
    """Let the limits of the year, that of visits on the chronic list and that of the others, and the deductible of the former
    decide a row's outpatient payments in order of time; what they leave is left to assistance, the account and the patient.
    Returns whether it could: False if one is an exception, or a cap binds now, or relief stands behind an account."""
    bills, paid, sums, listed, used = block.bills, space.paid, space.year, terms[t.CHRONIC_LIST], np.int64(0)
    left, chronic_left = terms[t.OUTPATIENT_YEAR_LIMIT], terms[t.CHRONIC_YEAR_LIMIT]
    one, accounts = block.order[persons.start[r]], any_of(terms, t.ACCOUNT_BALANCE, t.N_CLASSES)
    group, balance = bills[Fact.GROUP, one], terms[t.ACCOUNT_BALANCE + bills[Fact.MEMBER_CLASS, one]]
    for i in range(persons.visits_from[r], persons.visits_from[r + 1]):
        if paid[Column.FULL_RULES, i] == 1:
            return False
        eligible = bills[Fact.ELIGIBLE, i]
        if listed * bills[Fact.CHRONIC, i] > 0:
            deductible = terms[t.CHRONIC_DEDUCTIBLE] - used
            payment = min(rules.chronic_payment(eligible, deductible, terms[t.CHRONIC_RATIO + bills[Fact.TIER, i] * t.N_CLASSES]),
                          chronic_left)
            used += rules.deductible_used(eligible, deductible)
            chronic_left -= payment
        else:
            payment = min(paid[Paid.OUTPATIENT, i], left)
            left -= payment
        if payment != paid[Paid.OUTPATIENT, i]:
            assistance = paid[Paid.ASSISTANCE, i]
            if group > 0:
                assistance = first_assistance(terms, max(eligible - payment, 0), t.MA_OUTPATIENT_RATIO, group, 0, 0)
            own = bills[Fact.BILLED, i] - payment - assistance
            sums[YearSum.OWN, r] += own - paid[Column.OWN, i]
            sums[YearSum.COUNTED, r] += (payment - paid[Paid.OUTPATIENT, i]) * counts_visits(terms)
            sums[YearSum.ASSISTANCE, r] += assistance - paid[Paid.ASSISTANCE, i]
            if accounts:
                account = min(own, balance)
                sums[YearSum.ACCOUNT, r] += account - paid[Paid.ACCOUNT, i]
                paid[Paid.ACCOUNT, i] = account
            paid[Paid.OUTPATIENT, i], paid[Paid.ASSISTANCE, i], paid[Column.OWN, i] = payment, assistance, own
    return (sums[YearSum.ASSISTANCE, r] <= terms[t.MA_CAP + group] and sums[YearSum.COUNTED, r] <= own_cap(terms, bills, one)
            and (terms[t.RELIEF_RATIO] == 0 or sums[YearSum.ACCOUNT, r] == 0))


@inlined
def share_account(terms: Ints, block: Block, persons: Persons, r: int, space: SettlingSpace) -> None:
    """Let a row's account, which first-bill payments have full for each bill, pay the bills in order of time while it lasts."""
    paid, order, visits, first = space.paid, block.order, block.count[VISITS_FROM], persons.start[r]
    whole = terms[t.ACCOUNT_BALANCE + block.bills[Fact.MEMBER_CLASS, order[first]]]
    if space.year[YearSum.ACCOUNT, r] <= whole:
        return
    least = visits if terms[t.ACCOUNT_USE] == t.OUTPATIENT_ONLY else np.int64(0)         # the first bill that it pays
    account, own, balance = paid[Paid.ACCOUNT], paid[Column.OWN], whole
    for m in range(first, persons.last[r]):
        i = np.uint64(order[m])
        payment = min(own[i], balance) if order[m] >= least else np.int64(0)
        account[i] = payment
        balance -= payment
    space.year[YearSum.ACCOUNT, r] = whole - balance
