"""The claims kernel: draw a block of bills, settle it plan by plan, add it up in integers.

`run_draw` walks one draw of one year over all replicas of the people and settles every bill under
every policy. Nothing leaves it but sums of integers, so no order of work can change a result.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits.rules import CAP_USED, INPATIENT, OUTPATIENT_VISIT, STATE, settle_bill
from simulator.care.walk import (BLOCK, CURSOR, END, KEY, Bills, BillTables, Streams, advance,
                                 listed_events, put_admission, put_listed, put_visit)
from simulator.care.walk import ADMISSION as ADMISSION_STREAM
from simulator.care.walk import OUTPATIENT_VISIT as VISIT_STREAM
from simulator.compiled import compiled
from simulator.tables import (ASSISTANCE, BASIC, BILLED, BILLS, CASH, CII, COLUMNS, ELIGIBLE, HOSPITAL,
                              LISTED, OUTPATIENT, Plan)

LAYERS = ("before", "basic", "cii", "assistance")             # what a household pays after each layer
BURDENS = ("catastrophic_10", "catastrophic_25", "catastrophic_40_capacity", "impoverished")
ACCOUNTS = ("pooled", "cii", "assistance")                    # what the control variate corrects
HISTOGRAM = 640                                               # 16 bins an octave, 40 octaves of fen
PERSON_SUMS = ("secondary_base", "users", "capped", "over_cap", "negative")
SECONDARY_BASE, USERS, CAPPED, OVER_CAP, NEGATIVE = range(5)

# What one person and one household of one policy carry while their rows are walked.
(P_ROW, P_BILLS, P_SELF_PAY, P_CASH, H_ID, H_BEFORE, H_BASIC, H_CII, H_CASH) = range(9)
CARRIED = 9


class People(NamedTuple):
    """Rows (R) and households (H) as the kernel reads them in one year; money in fen."""

    member_class: np.ndarray       # int8[R]
    group: np.ndarray              # int8[R]
    county: np.ndarray             # int16[R]
    fifth: np.ndarray              # int8[R]
    household: np.ndarray          # int32[R]
    sampled: np.ndarray            # bool[R]: outpatients walked and burden measured
    household_income: np.ndarray   # int64[H], this year's, on the central path
    household_line: np.ndarray     # int64[H], poverty line x members
    household_need: np.ndarray     # int64[H], subsistence x members
    household_fifth: np.ndarray    # int8[H]


class Sums(NamedTuple):
    """What one draw leaves: integers by policy P; columns are tables.COLUMNS."""

    month: np.ndarray              # int64[P, 3 kinds, 12, columns]
    tier: np.ndarray               # int64[P, 3, 4, columns]
    fifth: np.ndarray              # int64[P, 5, columns], sampled households only
    illness: np.ndarray            # int64[P, 20, columns]
    slip: np.ndarray               # int64[P, 3, 3 accounts]: each bill settled from an empty year
    person: np.ndarray             # int64[P, 5 fifths, PERSON_SUMS]
    household: np.ndarray          # int64[P, 4 layers, 4 burdens, 5 fifths], sampled households only
    histogram: np.ndarray          # int64[P, 5 fifths, 640]: cash of a person in the year, sampled households


def empty_sums(policies: int) -> Sums:
    """All-zero sums for P policies."""
    columns = len(COLUMNS)
    shapes = ((3, 12, columns), (3, 4, columns), (5, columns), (20, columns), (3, 3),
              (5, len(PERSON_SUMS)), (len(LAYERS), len(BURDENS), 5), (5, HISTOGRAM))
    return Sums(*(np.zeros((policies, *shape), dtype=np.int64) for shape in shapes))


@compiled
def add(target, basic, listed, outpatient, cii, assistance, cash, hospital, billed, eligible):
    """Add one settled bill to a row of columns."""
    target[BASIC] += basic
    target[LISTED] += listed
    target[OUTPATIENT] += outpatient
    target[CII] += cii
    target[ASSISTANCE] += assistance
    target[CASH] += cash
    target[HOSPITAL] += hospital
    target[BILLED] += billed
    target[ELIGIBLE] += eligible
    target[BILLS] += 1


@compiled
def histogram_bin(amount):
    """Bin of a positive amount: 16 to the octave."""
    return min((np.float64(amount).view(np.int64) >> 48) - (1023 << 4), HISTOGRAM - 1)


@compiled
def close_household(p, carried, income_index, people, sums):
    """Judge the household's year: catastrophic expenditure and impoverishment after each layer."""
    household = carried[p, H_ID]
    if household < 0:
        return
    fifth = people.household_fifth[household]
    income = (people.household_income[household] * income_index) >> 16
    capacity = max(income - people.household_need[household], 0)
    line = people.household_line[household]
    for layer in range(4):
        paid = carried[p, H_BEFORE + layer]
        if paid > 0:
            if paid * 10 > income:
                sums.household[p, layer, 0, fifth] += 1
            if paid * 4 > income:
                sums.household[p, layer, 1, fifth] += 1
            if paid * 10 > capacity * 4:
                sums.household[p, layer, 2, fifth] += 1
            if income >= line and income - paid < line:
                sums.household[p, layer, 3, fifth] += 1


@compiled
def close_person(plan, p, year, carried, people, sums):
    """Book what is known only when a person's year is complete, and clear the state."""
    row = carried[p, P_ROW]
    if row < 0:
        return
    fifth = people.fifth[row]
    sums.person[p, fifth, SECONDARY_BASE] += max(carried[p, P_SELF_PAY] - plan.secondary_threshold[p], 0)
    if year[p, CAP_USED] >= plan.annual_cap[p]:
        sums.person[p, fifth, CAPPED] += 1
        sums.person[p, fifth, OVER_CAP] += 1 if year[p, CAP_USED] > plan.annual_cap[p] else 0
    if people.sampled[row]:
        sums.person[p, fifth, USERS] += 1
        if carried[p, P_CASH] > 0:
            sums.histogram[p, fifth, histogram_bin(carried[p, P_CASH])] += 1
    year[p, :] = 0


@compiled
def settle_block(plan, p, bills, count, people, income_index, year, empty, carried, sums):
    """Settle a block of bills under policy p; persons and households may go on in the next block."""
    own = year[p]
    for at in range(count):
        row = bills.row[at]
        if row != carried[p, P_ROW]:
            close_person(plan, p, year, carried, people, sums)
            carried[p, P_ROW] = row
            carried[p, P_BILLS] = 0
            carried[p, P_SELF_PAY] = 0
            carried[p, P_CASH] = 0
            if people.household[row] != carried[p, H_ID] and people.sampled[row]:
                close_household(p, carried, income_index, people, sums)
                carried[p, H_ID] = people.household[row]
                carried[p, H_BEFORE:] = 0
        source = bills.source[at]
        kind = OUTPATIENT_VISIT if source == 2 else INPATIENT
        tier, illness = bills.tier[at], bills.illness[at]
        billed, eligible, tcm, unreferred = bills.billed[at], bills.eligible[at], bills.tcm[at], bills.unreferred[at] == 1
        member_class, group, county = people.member_class[row], people.group[row], people.county[row]
        basic, listed, outpatient, cii, assistance, cash, hospital, in_scope_left = settle_bill(
            plan, p, own, kind, tier, member_class, group, county, illness, 1, billed, eligible, tcm, unreferred)
        slip = sums.slip[p, source]
        if carried[p, P_BILLS] == 0:
            slip[0] += basic + listed + outpatient
            slip[1] += cii
            slip[2] += assistance
        else:
            b, l, o, c, a, _, _, _ = settle_bill(
                plan, p, empty, kind, tier, member_class, group, county, illness, 1, billed, eligible, tcm, unreferred)
            slip[0] += b + l + o
            slip[1] += c
            slip[2] += a
            empty[:] = 0
        carried[p, P_BILLS] += 1
        if cash < 0 or basic < 0 or cii < 0 or assistance < 0:
            sums.person[p, people.fifth[row], NEGATIVE] += 1
        add(sums.month[p, source, bills.month[at]], basic, listed, outpatient, cii, assistance, cash, hospital, billed, eligible)
        add(sums.tier[p, source, tier], basic, listed, outpatient, cii, assistance, cash, hospital, billed, eligible)
        if illness >= 0:
            add(sums.illness[p, illness], basic, listed, outpatient, cii, assistance, cash, hospital, billed, eligible)
        if source != 2:
            carried[p, P_SELF_PAY] += in_scope_left
        if people.sampled[row]:
            add(sums.fifth[p, people.fifth[row]], basic, listed, outpatient, cii, assistance, cash, hospital, billed, eligible)
            after_basic = billed - hospital - basic - listed - outpatient
            carried[p, P_CASH] += cash
            carried[p, H_BEFORE] += billed
            carried[p, H_BASIC] += after_basic
            carried[p, H_CII] += after_basic - cii
            carried[p, H_CASH] += cash


@compiled
def settle_all(plan, bills, count, people, income_index, year, empty, carried, sums):
    """The block under every policy, plan by plan."""
    for p in range(len(plan.annual_cap)):
        settle_block(plan, p, bills, count, people, income_index, year, empty, carried, sums)


@compiled
def run_draw(draw, replicas, year_number, streams, tables, people, plan, price, inverse_use, inverse_visits,
             income_index, sums):
    """One draw of one year over all replicas, added to `sums`.

    `price` in 1/65,536 of the start year's prices; `inverse_use` and `inverse_visits` are 2^20 over the
    draw's rate multiplier; `income_index` in 1/65,536 of the central path.
    """
    policies = len(plan.annual_cap)
    bills = new_block()
    year = np.zeros((policies, STATE), dtype=np.int64)
    empty = np.zeros(STATE, dtype=np.int64)
    carried = np.zeros((policies, CARRIED), dtype=np.int64)
    admission = np.zeros(CURSOR, dtype=np.int64)
    visit = np.zeros(CURSOR, dtype=np.int64)
    room = 4096 + len(streams.birth_year) // 2
    keys = np.empty(room, dtype=np.int64)
    words = np.empty((room, 4), dtype=np.int64)
    for replica in range(replicas):
        admission[:] = 0
        visit[:] = 0
        carried[:, :] = 0
        carried[:, 0] = -1
        carried[:, H_ID] = -1
        listed_count = listed_events(streams, tables, replica, draw, year_number, keys, words)
        order = np.argsort(keys[:listed_count])
        taken = 0
        advance(admission, streams.admissions, inverse_use, streams, replica, draw, (year_number << 16) | ADMISSION_STREAM)
        advance(visit, streams.visits, inverse_visits, streams, replica, draw, (year_number << 16) | VISIT_STREAM)
        count = 0
        while True:
            listed_key = keys[order[taken]] >> 10 if taken < listed_count else END
            if admission[KEY] <= listed_key and admission[KEY] <= visit[KEY]:
                if admission[KEY] == END:
                    break
                put_admission(bills, count, admission, tables, price)
                advance(admission, streams.admissions, inverse_use, streams, replica, draw,
                        (year_number << 16) | ADMISSION_STREAM)
            elif listed_key <= visit[KEY]:
                put_listed(bills, count, keys[order[taken]], words[order[taken]], tables, price)
                taken += 1
            else:
                put_visit(bills, count, visit, tables, price)
                advance(visit, streams.visits, inverse_visits, streams, replica, draw, (year_number << 16) | VISIT_STREAM)
            count += 1
            if count == BLOCK:
                settle_all(plan, bills, count, people, income_index, year, empty, carried, sums)
                count = 0
        settle_all(plan, bills, count, people, income_index, year, empty, carried, sums)
        for p in range(policies):
            close_person(plan, p, year, carried, people, sums)
            close_household(p, carried, income_index, people, sums)


@compiled
def new_block():
    """An empty block of bills."""
    return Bills(np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64),
                 np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64),
                 np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64))
