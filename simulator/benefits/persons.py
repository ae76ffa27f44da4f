"""Whose the bills of a block are, and what a year comes to for a person and a household.

A slip - a bill settled from an empty year - is also what the bill is paid, unless the person's year has left a trace: a course of
a listed illness beside other bills, a limit or threshold that the bills reach together. The bills of such a person are settled
by the law in order of time; of a person with several admissions only the later ones, whose deductible is another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits import terms as t
from simulator.benefits.rules import CAP_USED, ELIGIBLE_YEAR, IN_SCOPE_LEFT, STATE
from simulator.benefits.slips import COUNTED, HARD, SELF_PAY, settle_alone, settle_column
from simulator.benefits.sums import CAPPED, LAYERS, OVER_CAP, SECONDARY_BASE, USERS, histogram_bin
from simulator.bill import BILLED, COVER_RANK, GROUP, MEMBER_CLASS, ROW
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiled import compiled, lean
from simulator.tables import ACCOUNT, ASSISTANCE, CASH, CII, COMMERCIAL, OUTPATIENT, RELIEF, SUPPLEMENT

COURSE, MANY_ADMISSIONS, MANY_VISITS = 1, 2, 4  # what a person's bills are: a course beside others, several of a kind
PERSONS, SEVERAL, LATER, SAMPLED, HOUSEHOLDS = range(5)
# A person's year, row of `Year.person`: what the bills leave together.
Y_CASH, Y_ACCOUNT, Y_ASSISTANCE, Y_COUNTED, Y_OUTPATIENT, Y_SELF_PAY, Y_IN_SCOPE, Y_EARLY, Y_LATE = range(9)
# A household's year, row of `Year.household`: what is left to pay after each layer.
H_BASIC, H_CII, H_OWN, H_CASH = range(4)


class Persons(NamedTuple):
    """The persons and households of a block: the same under every policy."""

    count: np.ndarray              # int64[5]: PERSONS, SEVERAL, LATER, SAMPLED, HOUSEHOLDS
    start: np.ndarray              # int64[ROOM + 1]: where each person's bills begin in the block's order
    who: np.ndarray                # int64[ROOM]: the person of each bill, in the block's order
    owner: np.ndarray              # int64[ROOM]: the person of each bill, as it stands in the block
    fifth: np.ndarray              # int64[ROOM]: of each person
    several: np.ndarray            # int64[ROOM]: the persons with more than one bill
    many: np.ndarray               # int64[ROOM]: of these, a sum of COURSE, MANY_ADMISSIONS and MANY_VISITS
    later: np.ndarray              # int64[ROOM]: the bills of later admissions, where there is no course
    rank: np.ndarray               # int64[ROOM]: of these, how many admissions come before
    sampled: np.ndarray            # int64[ROOM]: the persons of sampled households
    home: np.ndarray               # int64[ROOM]: of these, the household
    household: np.ndarray          # int64[ROOM, 5]: of each household, billed, income, ability to pay, poverty line, fifth


class Year(NamedTuple):
    """What their year comes to under one policy."""

    person: np.ndarray             # int64[ROOM, 9]
    household: np.ndarray          # int64[ROOM, 4]


@compiled
def open_persons():
    """Nobody yet."""
    def column():
        return np.empty(ROOM, np.int64)
    start = np.empty(ROOM + 1, np.int64)
    start[0] = 0
    return Persons(np.zeros(5, np.int64), start, column(), column(), column(), column(), column(), column(), column(), column(),
                   column(), np.empty((ROOM, 5), np.int64))


@compiled
def open_year():
    """An empty year."""
    return Year(np.empty((ROOM, 9), np.int64), np.empty((ROOM, 4), np.int64))


@lean
def find_persons(block, people, income_index, persons):
    """Find the persons and the sampled households of a block."""
    row, order, start, who, owner = block.bills[ROW], block.order, persons.start, persons.who, persons.owner
    listed, visits, count = block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    number, before = 0, np.int64(-1)
    for m in range(count):
        i = np.uint64(order[m])
        number += 1 if row[i] != before else 0
        before = row[i]
        who[m] = number - 1
        owner[i] = number - 1
        start[number] = m + 1
    several, later, sampled, home, before = 0, 0, 0, -1, np.int64(-1)
    for k in range(number):
        first, last = start[k], start[k + 1]
        if last - first > 1:
            inpatient, course = 0, False
            for m in range(first, last):
                inpatient += 1 if order[m] < visits else 0
                course = course or listed <= order[m] < visits
            persons.several[several] = k
            persons.many[several] = ((COURSE if course else 0) + (MANY_ADMISSIONS if inpatient > 1 else 0)
                                     + (MANY_VISITS if last - first - inpatient > 1 else 0))
            several += 1
            if inpatient > 1 and not course:
                rank = 0
                for m in range(first, last):
                    if order[m] < visits:
                        persons.later[later], persons.rank[later] = order[m], rank
                        later += 1 if rank > 0 else 0
                        rank += 1
        own = row[order[first]]
        persons.fifth[k] = people.fifth[own]
        if people.sampled[own]:
            if people.household[own] != before:
                before = np.int64(people.household[own])
                home += 1
                find_household(people, before, income_index, persons.household[home])
            persons.sampled[sampled] = k
            persons.home[sampled] = home
            sampled += 1
            for m in range(first, last):
                persons.household[home, 0] += block.bills[BILLED, order[m]]
    found = persons.count
    found[PERSONS], found[SEVERAL], found[LATER] = number, several, later
    found[SAMPLED], found[HOUSEHOLDS] = sampled, home + 1


@lean
def find_household(people, at, income_index, found):
    """What burden is measured by, nothing billed yet."""
    income = (people.household_income[at] * income_index) >> 16
    found[0] = 0
    found[1] = income
    found[2] = max(income - people.household_need[at], 0)
    found[3] = people.household_line[at]
    found[4] = people.household_fifth[at]


@lean
def add_years(block, persons, paid, year):
    """Add up each person's bills, the RARE payments of none."""
    order, who, visits = block.order, persons.who, block.count[VISITS_FROM]
    cashes, accounts, assisted, counts = paid[CASH], paid[ACCOUNT], paid[ASSISTANCE], paid[COUNTED]
    outpatients, self_pays, in_scopes = paid[OUTPATIENT], paid[SELF_PAY], paid[IN_SCOPE_LEFT]
    cash, account, assistance, counted = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    outpatient, self_pay, in_scope, before = np.int64(0), np.int64(0), np.int64(0), np.int64(-1)
    for m in range(block.count[BILLS]):
        i, k = np.uint64(order[m]), who[m]
        same = 1 if k == before else 0
        before = k
        cash = cash * same + cashes[i]
        account = account * same + accounts[i]
        assistance = assistance * same + assisted[i]
        counted = counted * same + counts[i]
        outpatient = outpatient * same + outpatients[i]
        self_pay = self_pay * same + self_pays[i]
        in_scope = in_scope * same + (in_scopes[i] if order[m] < visits else 0)
        own = year.person[k]
        own[Y_CASH] = cash
        own[Y_ACCOUNT] = account
        own[Y_ASSISTANCE] = assistance
        own[Y_COUNTED] = counted
        own[Y_OUTPATIENT] = outpatient
        own[Y_SELF_PAY] = self_pay
        own[Y_IN_SCOPE] = in_scope
        own[Y_EARLY] = 0
        own[Y_LATE] = 0


@lean
def add_year(block, persons, paid, k, own):
    """Add up one person's bills with all payments."""
    for n in range(len(own)):
        own[n] = 0
    for m in range(persons.start[k], persons.start[k + 1]):
        i = block.order[m]
        own[Y_CASH] += paid[CASH, i]
        own[Y_ACCOUNT] += paid[ACCOUNT, i]
        own[Y_COUNTED] += paid[COUNTED, i]
        own[Y_IN_SCOPE] += paid[IN_SCOPE_LEFT, i] if i < block.count[VISITS_FROM] else 0
        own[Y_EARLY] += paid[SUPPLEMENT, i] + paid[CII, i]
        own[Y_LATE] += paid[COMMERCIAL, i] + paid[ASSISTANCE, i] + paid[RELIEF, i]


@lean
def visits_limit(terms):
    """What a person's outpatient payments may come to before a limit of the year is felt, or less."""
    if terms[t.CHRONIC_LIST] == 0:
        return terms[t.OUTPATIENT_YEAR_LIMIT]
    if terms[t.OUTPATIENT_YEAR_LIMIT] == 0:
        return terms[t.CHRONIC_YEAR_LIMIT]
    return min(terms[t.OUTPATIENT_YEAR_LIMIT], terms[t.CHRONIC_YEAR_LIMIT])


@lean
def settle_years(terms, block, persons, desk, year, odds):
    """Settle by the law the bills of all persons whose year leaves a trace, and let accounts pay while they last; returns how
    many bills are odd now. The years of `year` are complete afterwards."""
    bills, paid = block.bills, desk.paid
    cap, threshold, visits, most = terms[t.ANNUAL_CAP], terms[t.CII_THRESHOLD], visits_limit(terms), terms[t.MA_CAP]
    used_up = COURSE
    if terms[t.BAND_YEAR] == 1 or terms[t.CAP_ON_EXPENSE] == 1:
        used_up |= MANY_ADMISSIONS
    if terms[t.OUTPATIENT_DEDUCTIBLE] > 0 or (terms[t.CHRONIC_LIST] == 1 and terms[t.CHRONIC_DEDUCTIBLE] > 0):
        used_up |= MANY_VISITS
    assisted, covered, relief = terms[t.MA_DEDUCTIBLE] > 0, terms[t.COMMERCIAL_SHARE], terms[t.RELIEF_RATIO] > 0
    alone = terms[t.CHRONIC_LIST] == 0 and terms[t.CII_COUNTS_OUTPATIENT] == 0       # nothing but cash depends on visits' limit
    for n in range(persons.count[SEVERAL]):
        k = persons.several[n]
        own, one = year.person[k], block.order[persons.start[k]]
        if (persons.many[n] & used_up != 0 or own[Y_COUNTED] > cap or own[Y_SELF_PAY] > threshold or own[Y_ASSISTANCE] > most
                or (assisted and bills[GROUP, one] > 0) or bills[COVER_RANK, one] < covered or (relief and own[Y_ACCOUNT] > 0)):
            odds = settle_person(terms, block, persons, k, desk, odds)
        elif own[Y_OUTPATIENT] > visits:
            if alone and bills[GROUP, one] == 0 and own[Y_ACCOUNT] == 0:
                limit_visits(terms, block, persons, k, paid)
                add_year(block, persons, paid, k, own)
            else:
                odds = settle_person(terms, block, persons, k, desk, odds)
        elif own[Y_ACCOUNT] > terms[t.ACCOUNT_BALANCE + bills[MEMBER_CLASS, one]]:
            share_account(terms, block, persons, k, paid)
            add_year(block, persons, paid, k, own)
    for o in range(odds):
        k = persons.owner[desk.odd[o]]
        add_year(block, persons, paid, k, year.person[k])
    return odds


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


@lean
def settle_later(terms, block, persons, desk, odds):
    """Settle later admissions by the law from a year that is empty but for the earlier ones; returns how many bills are odd."""
    if ranks_differ(terms):
        for n in range(persons.count[LATER]):
            i = persons.later[n]
            settle_alone(terms, block.bills, i, persons.rank[n], desk.paid, desk.scratch)
            desk.odd[odds] = i
            odds += 1 - desk.work[HARD, i]
            desk.work[HARD, i] = 1
    return odds


@lean
def settle_person(terms, block, persons, k, desk, odds):
    """Settle a person's bills by the law, in order of time; returns how many bills are odd now. COUNTED of the first is what the
    whole year counts towards the annual cap."""
    paid, year = desk.paid, desk.scratch[1]
    for n in range(STATE):
        year[n] = 0
    for m in range(persons.start[k], persons.start[k + 1]):
        i = block.order[m]
        settle_column(terms, block.bills, i, year, paid, desk.scratch)
        paid[COUNTED, i] = 0
        desk.odd[odds] = i
        odds += 1 - desk.work[HARD, i]
        desk.work[HARD, i] = 1
    paid[COUNTED, block.order[persons.start[k]]] = year[ELIGIBLE_YEAR] if terms[t.CAP_ON_EXPENSE] == 1 else year[CAP_USED]
    return odds


@lean
def limit_visits(terms, block, persons, k, paid):
    """Let the limit of the year cut a person's outpatient payments in order of time; what it cuts is left in cash."""
    left = terms[t.OUTPATIENT_YEAR_LIMIT]
    for m in range(persons.start[k], persons.start[k + 1]):
        i = block.order[m]
        cut = paid[OUTPATIENT, i] - min(paid[OUTPATIENT, i], left)
        paid[OUTPATIENT, i] -= cut
        paid[CASH, i] += cut
        paid[IN_SCOPE_LEFT, i] += cut
        paid[COUNTED, i] -= cut if paid[COUNTED, i] > 0 and i >= block.count[VISITS_FROM] else 0
        left -= paid[OUTPATIENT, i]


@lean
def share_account(terms, block, persons, k, paid):
    """Let a person's account, which the slips have full for each bill, pay the bills in order of time while it lasts."""
    inpatients = terms[t.ACCOUNT_OUTPATIENT_ONLY] == 0
    balance = terms[t.ACCOUNT_BALANCE + block.bills[MEMBER_CLASS, block.order[persons.start[k]]]]
    for m in range(persons.start[k], persons.start[k + 1]):
        i = block.order[m]
        if inpatients or i >= block.count[VISITS_FROM]:
            left = paid[ACCOUNT, i] + paid[CASH, i]
            paid[ACCOUNT, i] = min(left, balance)
            paid[CASH, i] = left - paid[ACCOUNT, i]
            balance -= paid[ACCOUNT, i]


@lean
def add_persons(terms, persons, year, person, histogram, household):
    """Add up the years: int64[5, PERSON_SUMS], int64[5, HISTOGRAM], int64[5 layers, 4 burdens, 5]."""
    threshold, cap, on_expense = terms[t.SECONDARY_THRESHOLD], terms[t.ANNUAL_CAP], terms[t.CAP_ON_EXPENSE] == 1
    for k in range(persons.count[PERSONS]):
        own = year.person[k]
        if own[Y_IN_SCOPE] > threshold:
            person[persons.fifth[k], SECONDARY_BASE] += own[Y_IN_SCOPE] - threshold
        if own[Y_COUNTED] >= cap:
            person[persons.fifth[k], CAPPED] += 1
            person[persons.fifth[k], OVER_CAP] += 1 if own[Y_COUNTED] > cap and not on_expense else 0
    for h in range(persons.count[HOUSEHOLDS]):
        for layer in range(4):
            year.household[h, layer] = 0
    for s in range(persons.count[SAMPLED]):
        k = persons.sampled[s]
        own, home, fifth = year.person[k], year.household[persons.home[s]], persons.fifth[k]
        left = own[Y_CASH] + own[Y_ACCOUNT]
        late = left + own[Y_LATE] + own[Y_ASSISTANCE]
        home[H_BASIC] += late + own[Y_EARLY]
        home[H_CII] += late
        home[H_OWN] += left
        home[H_CASH] += own[Y_CASH]
        person[fifth, USERS] += 1
        if left > 0:
            histogram[fifth, histogram_bin(left)] += 1
    for h in range(persons.count[HOUSEHOLDS]):
        judge_household(persons.household[h], year.household[h], household)


@lean
def judge_household(found, paid, household):
    """Judge a household's year: catastrophic expenditure and impoverishment after each layer."""
    billed, income, capacity, line, fifth = found[0], found[1], found[2], found[3], found[4]
    # A price may leave more to pay than was billed.
    most = max(max(billed, paid[H_BASIC]), max(paid[H_CII], max(paid[H_OWN], paid[H_CASH])))
    if most * 10 <= income and most * 10 <= capacity * 4 and (income < line or income - most >= line):
        return
    for layer in range(len(LAYERS)):
        left = billed if layer == 0 else paid[layer - 1]
        if left > 0:
            if left * 10 > income:
                household[layer, 0, fifth] += 1
            if left * 4 > income:
                household[layer, 1, fifth] += 1
            if left * 10 > capacity * 4:
                household[layer, 2, fifth] += 1
            if income >= line and income - left < line:
                household[layer, 3, fifth] += 1
