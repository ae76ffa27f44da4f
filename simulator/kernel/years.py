"""What a year comes to for the persons and households of a block, under one policy.

A slip - a bill settled from an empty year - is also what the bill is paid, unless the person's year has left a trace: a limit or
threshold that the bills reach together, a later admission whose deductible is another. Later admissions are a block of their own
that the passes settle; the bills of other such persons are settled by the law in order of time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.bill import (
    BILL,
    BILLED,
    CASE_PRICE,
    COVER_RANK,
    DAYS,
    ELIGIBLE,
    EMERGENCY,
    FACTS,
    GROUP,
    MEMBER_CLASS,
    NEW_DRUG,
    PAYMENT_RANK,
    TCM,
    TIER,
    UNREFERRED,
)
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiling.compiled import inlined, lean
from simulator.kernel.columns import (
    COLUMNS,
    COUNTED,
    HARD,
    LOW,
    OWN,
    RARE,
    SELF_PAY,
    WORK,
    any_of,
    assist,
    assistance_of,
    pay_accounts,
    pay_admissions,
    visits_in_cii,
    zero,
)
from simulator.kernel.first_bill import settle_alone, settle_column
from simulator.kernel.persons import (
    COURSE,
    COURSE_VISIT,
    GROUPED,
    INSIDE,
    LATER,
    MANY,
    MANY_ADMISSIONS,
    MANY_VISITS,
    ROWS,
    run,
)
from simulator.law.rules import CAP_USED, ELIGIBLE_YEAR, ENTITLED, IN_SCOPE_LEFT, STATE
from simulator.money import UNLIMITED
from simulator.tables import ACCOUNT, ASSISTANCE, BASIC, CII, COMMERCIAL, HOSPITAL, LISTED, OUTPATIENT, RELIEF, SUPPLEMENT

# A person's year, column of `Desk.person`: what the bills leave together.
Y_OWN, Y_ACCOUNT, Y_ASSISTANCE, Y_COUNTED, Y_OUTPATIENT, Y_SELF_PAY, Y_IN_SCOPE, Y_EARLY, Y_LATE = range(9)
# What the passes read of an admission, and what a later one leaves.
LATER_READ = np.array([TIER, MEMBER_CLASS, GROUP, PAYMENT_RANK, COVER_RANK, DAYS, BILLED, ELIGIBLE, TCM, CASE_PRICE, NEW_DRUG,
                       UNREFERRED, EMERGENCY])
LATER_LEAVE = np.array([BASIC, ENTITLED, HOSPITAL, ASSISTANCE, ACCOUNT, OWN, IN_SCOPE_LEFT, COUNTED, SELF_PAY])


class Desk(NamedTuple):
    """Where a block is settled under one policy."""

    paid: np.ndarray               # int64[COLUMNS, ROOM]
    work: np.ndarray               # int64[WORK, ROOM]
    odd: np.ndarray                # int64[ROOM + 1]: bills that the law has settled
    scratch: np.ndarray            # int64[3, n]: a bill, a year, what it leaves
    later: np.ndarray              # int64[FACTS, ROOM]: the facts of later admissions
    later_paid: np.ndarray         # int64[COLUMNS, ROOM]: what they leave
    later_grouped: np.ndarray      # int64[ROOM + 1]: those of persons whom medical assistance may help
    person: np.ndarray             # int64[9, ROOM]: the years, by row
    household: np.ndarray          # int64[ROOM]: what households are left to pay after basic insurance


def open_desk():
    """An empty desk."""
    paid = np.empty((COLUMNS, ROOM), np.int64)
    for payer in (*RARE, ASSISTANCE, HARD):
        paid[payer] = 0
    return Desk(paid, np.empty((WORK, ROOM), np.int64), np.empty(ROOM + 1, np.int64), np.empty((3, BILL), np.int64),
                np.empty((len(FACTS), ROOM), np.int64), np.empty((COLUMNS, ROOM), np.int64), np.empty(ROOM + 1, np.int64),
                np.empty((9, ROOM), np.int64), np.empty(ROOM, np.int64))


@lean
def ranks_differ(terms):
    """Whether a later admission has another deductible than the first."""
    differ = False
    for tier in range(t.TIERS):
        for member_class in range(t.CLASSES):
            first = t.DEDUCTIBLE + tier * t.ORDERS * t.CLASSES + member_class
            for rank in range(1, t.ORDERS):
                differ = differ or terms[first + rank * t.CLASSES] != terms[first]
    return differ


@inlined
def settle_later(terms, block, persons, desk, odds):
    """Settle later admissions from a year that is empty but for the earlier ones; returns how many bills are odd."""
    number = persons.count[LATER]
    if number == 0 or not ranks_differ(terms):
        return odds
    facts, paid, low, groups = desk.later, desk.later_paid, desk.work[LOW], np.int64(0)
    for fact in LATER_READ:
        column, own = block.bills[fact], facts[fact]
        for n in range(number):
            own[n] = column[np.uint64(persons.later[n])]
    for n in range(number):
        rank = min(persons.rank[n], t.ORDERS - 1)
        low[n] = terms[t.DEDUCTIBLE + (facts[TIER, n] * t.ORDERS + rank) * t.CLASSES + facts[MEMBER_CLASS, n]]
        paid[ASSISTANCE, n] = 0
        desk.later_grouped[groups] = n
        groups += 1 if facts[GROUP, n] > 0 else 0
    pay_admissions(terms, facts, number, paid, desk.work)
    assist(terms, facts, number, desk.later_grouped, groups, paid, desk.work)
    pay_accounts(terms, facts, number, number, paid)
    for n in range(number):
        i = persons.later[n]
        if paid[HARD, n] + desk.paid[HARD, i] == 0:
            for column in LATER_LEAVE:
                desk.paid[column, i] = paid[column, n]
        else:
            settle_alone(terms, block.bills, i, persons.rank[n], desk.paid, desk.scratch)
            desk.odd[odds] = i
            odds += 1 - desk.paid[HARD, i]
            desk.paid[HARD, i] = 1
    return odds


@lean
def add_visits(values, block, persons, column):
    """Add up the visits of each row."""
    running, visits = persons.running, persons.visits
    run(values, block.count[VISITS_FROM], block.count[BILLS], running)
    for r in range(np.uint64(persons.count[ROWS])):
        column[r] = running[np.uint64(visits[r + np.uint64(1)])] - running[np.uint64(visits[r])]


@lean
def counts_visits(terms):
    """Whether outpatient payments count towards the annual cap: 0 or 1."""
    return 1 if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == 0 else 0


@inlined
def add_years(terms, block, persons, desk):
    """Add up the bills of each row, the RARE payments of none."""
    start, rows, counted_visits, paid, person = np.int64(0), persons.count[ROWS], counts_visits(terms), desk.paid, desk.person
    outpatient, counted, assistance = person[Y_OUTPATIENT], person[Y_COUNTED], person[Y_ASSISTANCE]
    account, self_pay, accounts, in_cii = (person[Y_ACCOUNT], person[Y_SELF_PAY], any_of(terms, t.ACCOUNT_BALANCE, t.CLASSES),
                                           terms[t.CII_THRESHOLD] < UNLIMITED)
    for n in (Y_ACCOUNT, Y_ASSISTANCE, Y_OUTPATIENT, Y_SELF_PAY, Y_IN_SCOPE, Y_EARLY, Y_LATE):
        zero(person[n], start, rows)
    add_visits(paid[OWN], block, persons, person[Y_OWN])
    if counted_visits == 1 or visits_limit(terms) < UNLIMITED:
        add_visits(paid[OUTPATIENT], block, persons, outpatient)
    if accounts:
        add_visits(paid[ACCOUNT], block, persons, account)
    if visits_in_cii(terms):
        add_visits(paid[SELF_PAY], block, persons, self_pay)
    for r in range(rows):
        counted[r] = outpatient[r] * counted_visits
    own, in_scope, owns, in_scopes, counts = person[Y_OWN], person[Y_IN_SCOPE], paid[OWN], paid[IN_SCOPE_LEFT], paid[COUNTED]
    for n in range(persons.count[INSIDE]):
        i = np.uint64(persons.inside[n])
        r = np.uint64(persons.row[i])
        own[r] += owns[i]
        counted[r] += counts[i]
        in_scope[r] += in_scopes[i]
        if accounts:
            account[r] += paid[ACCOUNT, i]
        if in_cii:
            self_pay[r] += paid[SELF_PAY, i]
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        r = persons.row[i]
        assistance[max(r, 0)] += paid[ASSISTANCE, i] if r >= 0 else 0


@lean
def add_year(terms, block, persons, paid, r, person):
    """Add up the bills of one row with all payments."""
    own, account, assistance, counted, in_scope, early, late = 0, 0, 0, 0, 0, 0, 0
    accounts, counts = any_of(terms, t.ACCOUNT_BALANCE, t.CLASSES), counts_visits(terms)
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        own += paid[OWN, i]
        account += paid[ACCOUNT, i] if accounts else 0
        assistance += paid[ASSISTANCE, i]
        inpatient = i < block.count[VISITS_FROM]
        counted += paid[COUNTED, i] if inpatient or paid[HARD, i] == 1 else paid[OUTPATIENT, i] * counts
        in_scope += paid[IN_SCOPE_LEFT, i] if inpatient else 0
        early += paid[SUPPLEMENT, i] + paid[CII, i]
        late += paid[COMMERCIAL, i] + paid[RELIEF, i]
    person[Y_OWN, r] = own
    person[Y_ACCOUNT, r] = account
    person[Y_ASSISTANCE, r] = assistance
    person[Y_COUNTED, r] = counted
    person[Y_IN_SCOPE, r] = in_scope
    person[Y_EARLY, r] = early
    person[Y_LATE, r] = late


@lean
def visits_limit(terms):
    """What a person's outpatient payments may come to before a limit of the year is felt, or less."""
    if terms[t.CHRONIC_LIST] == 0:
        return terms[t.OUTPATIENT_YEAR_LIMIT]
    if terms[t.OUTPATIENT_YEAR_LIMIT] == 0:
        return terms[t.CHRONIC_YEAR_LIMIT]
    return min(terms[t.OUTPATIENT_YEAR_LIMIT], terms[t.CHRONIC_YEAR_LIMIT])


@inlined
def settle_years(terms, block, persons, desk, odds):
    """Settle by the law the bills of all persons whose year leaves a trace, and let accounts pay while they last; returns how
    many bills are odd now. The years on the desk are complete afterwards."""
    cap, threshold, visits, most = terms[t.ANNUAL_CAP], terms[t.CII_THRESHOLD], visits_limit(terms), terms[t.MA_CAP]
    by_law, person = COURSE_VISIT, desk.person
    if terms[t.BAND_PERIOD] == 1 or terms[t.CAP_BASIS] == 1:
        by_law |= MANY_ADMISSIONS | COURSE
    if ranks_differ(terms):
        by_law |= COURSE
    if terms[t.OUTPATIENT_DEDUCTIBLE] > 0 or (terms[t.CHRONIC_LIST] == 1 and terms[t.CHRONIC_DEDUCTIBLE] > 0):
        by_law |= MANY_VISITS
    asked = by_law | COURSE
    if terms[t.MA_DEDUCTIBLE] > 0 or terms[t.COMMERCIAL_SHARE] > 0 or terms[t.RELIEF_RATIO] > 0:
        asked |= MANY
    balance = terms[t.ACCOUNT_BALANCE]
    for member_class in range(1, t.CLASSES):
        balance = min(balance, terms[t.ACCOUNT_BALANCE + member_class])
    felt, many, counted, self_pay, assistance, outpatient, account = (
        persons.running, persons.many, person[Y_COUNTED], person[Y_SELF_PAY], person[Y_ASSISTANCE], person[Y_OUTPATIENT],
        person[Y_ACCOUNT])
    for r in range(persons.count[ROWS]):
        over = (counted[r] > cap) | (self_pay[r] > threshold) | (assistance[r] > most) | (outpatient[r] > visits)
        felt[r] = (many[r] & asked) + (many[r] if over else 0)
    some, number = desk.household, np.uint64(0)            # the households come later
    for r in range(np.uint64(persons.count[ROWS])):
        some[number] = r
        number += np.uint64(1 if (felt[r] > 0) | ((account[r] > balance) & (many[r] > 0)) else 0)
    for n in range(number):
        r = some[n]
        if felt[r] == 0 or settle_row(terms, block, persons, r, by_law, visits, desk):
            share_account(terms, block, persons, r, desk)
        else:
            odds = settle_person(terms, block, persons, r, desk, odds)
    for o in range(odds):
        r = persons.row[desk.odd[o]]
        if r >= 0:
            add_year(terms, block, persons, desk.paid, r, person)
    return odds


@inlined
def settle_row(terms, block, persons, r, by_law, visits, desk):
    """Settle the bills of a row, a person with several, whose year may have left a trace in more than its account; returns
    whether it needs no law."""
    bills, paid, person = block.bills, desk.paid, desk.person
    one, account = block.order[persons.start[r]], person[Y_ACCOUNT, r]
    many = persons.many[r]
    if (many & by_law != 0 or person[Y_COUNTED, r] > terms[t.ANNUAL_CAP] or person[Y_SELF_PAY, r] > terms[t.CII_THRESHOLD]
            or person[Y_ASSISTANCE, r] > terms[t.MA_CAP] or (terms[t.MA_DEDUCTIBLE] > 0 and bills[GROUP, one] > 0)
            or bills[COVER_RANK, one] < terms[t.COMMERCIAL_SHARE] or (terms[t.RELIEF_RATIO] > 0 and account > 0)
            or (many & COURSE != 0 and course_is_felt(terms, block, persons, r, paid))):
        return False
    if person[Y_OUTPATIENT, r] <= visits:
        return True
    alone = terms[t.CHRONIC_LIST] == 0 and terms[t.CII_COUNTS_OUTPATIENT] == 0       # nothing but cash depends on visits' limit
    return alone and account == 0 and limit_visits(terms, block, persons, r, desk)


@lean
def course_is_felt(terms, block, persons, r, paid):
    """Whether a course changes what the person's other bills are paid, or they what it is, by what the year has left of the
    annual cap. What is paid of a listed illness is at least what it would be as an ordinary one, where that matters."""
    total = np.int64(0)
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        if i >= block.count[VISITS_FROM]:
            total += paid[OUTPATIENT, i]
        else:
            total += paid[ENTITLED, i] + (paid[LISTED, i] if i >= block.count[LISTED_FROM] else 0)
    return total > terms[t.ANNUAL_CAP]


@lean
def settle_person(terms, block, persons, r, desk, odds):
    """Settle a row's bills by the law, in order of time; returns how many bills are odd now. COUNTED of the first is what the
    whole year counts towards the annual cap."""
    paid, year = desk.paid, desk.scratch[1]
    for n in range(STATE):
        year[n] = 0
    for m in range(persons.start[r], persons.last[r]):
        i = block.order[m]
        settle_column(terms, block.bills, i, year, paid, desk.scratch)
        paid[COUNTED, i] = 0
        desk.odd[odds] = i
        odds += 1 - paid[HARD, i]
        paid[HARD, i] = 1
    paid[COUNTED, block.order[persons.start[r]]] = year[ELIGIBLE_YEAR] if terms[t.CAP_BASIS] == 1 else year[CAP_USED]
    return odds


@lean
def limit_visits(terms, block, persons, r, desk):
    """Let the limit of the year cut a row's outpatient payments in order of time; what it cuts is left to assistance and the
    patient. Returns whether it could: False if the law has settled one or a limit of assistance is felt now."""
    bills, paid, person, left = block.bills, desk.paid, desk.person, terms[t.OUTPATIENT_YEAR_LIMIT]
    for i in range(persons.visits[r], persons.visits[r + 1]):
        if paid[HARD, i] == 1:
            return False
        payment, assistance = min(paid[OUTPATIENT, i], left), paid[ASSISTANCE, i]
        left -= payment
        if payment < paid[OUTPATIENT, i]:
            group = bills[GROUP, i]
            if group > 0:
                assistance = assistance_of(terms, max(bills[ELIGIBLE, i] - payment, 0), t.MA_OUTPATIENT_RATIO + group, 0, 0)
            own = bills[BILLED, i] - payment - assistance
            person[Y_OWN, r] += own - paid[OWN, i]
            person[Y_COUNTED, r] += (payment - paid[OUTPATIENT, i]) * counts_visits(terms)
            person[Y_ASSISTANCE, r] += assistance - paid[ASSISTANCE, i]
            paid[OUTPATIENT, i], paid[ASSISTANCE, i], paid[OWN, i] = payment, assistance, own
    return person[Y_ASSISTANCE, r] <= terms[t.MA_CAP]


@inlined
def share_account(terms, block, persons, r, desk):
    """Let a row's account, which the slips have full for each bill, pay the bills in order of time while it lasts."""
    paid, order, visits, first = desk.paid, block.order, block.count[VISITS_FROM], persons.start[r]
    whole = terms[t.ACCOUNT_BALANCE + block.bills[MEMBER_CLASS, order[first]]]
    if desk.person[Y_ACCOUNT, r] <= whole:
        return
    least = visits if terms[t.ACCOUNT_USE] == 1 else np.int64(0)         # the first bill that it pays
    account, own, balance = paid[ACCOUNT], paid[OWN], whole
    for m in range(first, persons.last[r]):
        i = np.uint64(order[m])
        payment = min(own[i], balance) if order[m] >= least else np.int64(0)
        account[i] = payment
        balance -= payment
    desk.person[Y_ACCOUNT, r] = whole - balance
