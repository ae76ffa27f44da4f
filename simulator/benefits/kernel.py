"""The claims kernel: draw a block of bills, settle it plan by plan, add it up in integers.

`run_draw` walks one draw of one year over all replicas of the people and settles every bill under
every policy. Nothing leaves it but sums of integers, so no order of work can change a result.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits.rules import CAP_USED, INPATIENT, OUTPATIENT_VISIT, STATE, settle_bill, visit_untouched
from simulator.benefits.terms import ANNUAL_CAP, SECONDARY_THRESHOLD
from simulator.care.walk import (
    BILL,
    BILLED,
    BLOCK,
    CURSOR,
    ELIGIBLE,
    END,
    EXHAUSTED,
    ILLNESS,
    KEY,
    MONTH,
    ROW,
    SOURCE,
    TCM,
    TIER,
    UNREFERRED,
    draw_admissions,
    draw_listed,
    draw_visits,
)
from simulator.compiled import compiled, lean
from simulator.tables import ASSISTANCE, BASIC, BILLS, CASH, CII, COLUMNS, HOSPITAL, LISTED, OUTPATIENT
from simulator.tables import BILLED as BILLED_COLUMN
from simulator.tables import ELIGIBLE as ELIGIBLE_COLUMN

LAYERS = ("before", "basic", "cii", "assistance")             # what a household pays after each layer
BURDENS = ("catastrophic_10", "catastrophic_25", "catastrophic_40_capacity", "impoverished")
ACCOUNTS = ("pooled", "cii", "assistance", "self_pay")        # what the control variate corrects; self_pay: above the threshold
SLIPS = len(ACCOUNTS)
HISTOGRAM = 640                                               # 16 bins an octave, 40 octaves of fen
PERSON_SUMS = ("secondary_base", "users", "capped", "over_cap", "negative")
SECONDARY_BASE, USERS, CAPPED, OVER_CAP, NEGATIVE = range(5)

PAID = (BASIC, LISTED, OUTPATIENT, CII, ASSISTANCE, HOSPITAL)  # what a policy pays; the rest of a bill is cash
DRAWN = (BILLED_COLUMN, ELIGIBLE_COLUMN, BILLS)               # what is the same under every policy

# What one person and one household of one policy carry from block to block.
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
    slip: np.ndarray               # int64[P, 3, ACCOUNTS]: each bill settled from an empty year
    person: np.ndarray             # int64[P, 5 fifths, PERSON_SUMS]
    household: np.ndarray          # int64[P, 4 layers, 4 burdens, 5 fifths], sampled households only
    histogram: np.ndarray          # int64[P, 5 fifths, 640]: cash of a person in the year, sampled households


MARGINS = ("month", "tier", "fifth", "illness")


class Paid(NamedTuple):
    """The margins while they are being added up: int64[P, margin..., PAID]; the other fields as in Sums."""

    month: np.ndarray
    tier: np.ndarray
    fifth: np.ndarray
    illness: np.ndarray
    slip: np.ndarray
    person: np.ndarray
    household: np.ndarray
    histogram: np.ndarray


class Drawn(NamedTuple):
    """Billed, eligible and bills of the same margins, the same under every policy: int64[margin..., DRAWN]."""

    month: np.ndarray
    tier: np.ndarray
    fifth: np.ndarray
    illness: np.ndarray


def empty_sums(policies: int) -> tuple[Paid, Drawn]:
    """All-zero sums for P policies."""
    margins = ((3, 12), (3, 4), (5,), (20,))
    others = ((3, SLIPS), (5, len(PERSON_SUMS)), (len(LAYERS), len(BURDENS), 5), (5, HISTOGRAM))
    paid = Paid(*(np.zeros((policies, *shape, len(PAID)), dtype=np.int64) for shape in margins),
                *(np.zeros((policies, *shape), dtype=np.int64) for shape in others))
    return paid, Drawn(*(np.zeros((*shape, len(DRAWN)), dtype=np.int64) for shape in margins))


def whole_sums(paid: Paid, drawn: Drawn) -> Sums:
    """The sums with all columns: cash is what no payer has paid of the bills."""
    margins = []
    for name in MARGINS:
        by_policy, same = getattr(paid, name), getattr(drawn, name)
        full = np.zeros((*by_policy.shape[:-1], len(COLUMNS)), dtype=np.int64)
        full[..., list(PAID)] = by_policy
        full[..., list(DRAWN)] = same
        full[..., CASH] = full[..., BILLED_COLUMN] - by_policy.sum(axis=-1)
        margins.append(full)
    return Sums(*margins, *paid[len(MARGINS):])


@lean
def add(target, at, basic, listed, outpatient, cii, assistance, hospital):
    """Add what is paid of one bill to row `at` of int64[n, PAID]; most bills have one payer."""
    if basic != 0:
        target[at, 0] += basic
    if listed != 0:
        target[at, 1] += listed
    if outpatient != 0:
        target[at, 2] += outpatient
    if cii != 0:
        target[at, 3] += cii
    if assistance != 0:
        target[at, 4] += assistance
    if hospital != 0:
        target[at, 5] += hospital


@lean
def add_drawn(bills, count, people, drawn):
    """Add up what of a block is the same under every policy."""
    month, tier, fifth, illness = drawn.month, drawn.tier, drawn.fifth, drawn.illness
    fifths, sampled = people.fifth, people.sampled
    for at in range(count):
        row, source, of_year, level = bills[at, ROW], bills[at, SOURCE], bills[at, MONTH], bills[at, TIER]
        billed, eligible, ill = bills[at, BILLED], bills[at, ELIGIBLE], bills[at, ILLNESS]
        month[source, of_year, 0] += billed
        month[source, of_year, 1] += eligible
        month[source, of_year, 2] += 1
        tier[source, level, 0] += billed
        tier[source, level, 1] += eligible
        tier[source, level, 2] += 1
        if sampled[row]:
            fifth[fifths[row], 0] += billed
            fifth[fifths[row], 1] += eligible
            fifth[fifths[row], 2] += 1
        if ill >= 0:
            illness[ill, 0] += billed
            illness[ill, 1] += eligible
            illness[ill, 2] += 1


@lean
def histogram_bin(amount):
    """Bin of a positive amount: 16 to the octave."""
    return min((np.float64(amount).view(np.int64) >> 48) - (1023 << 4), HISTOGRAM - 1)


@lean
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


@lean
def close_person(terms, p, year, carried, people, sums):
    """Book what is known only when a person's year is complete, and clear the state."""
    row = carried[p, P_ROW]
    if row < 0:
        return
    fifth = people.fifth[row]
    sums.person[p, fifth, SECONDARY_BASE] += max(carried[p, P_SELF_PAY] - terms[p, SECONDARY_THRESHOLD], 0)
    if year[p, CAP_USED] >= terms[p, ANNUAL_CAP]:
        sums.person[p, fifth, CAPPED] += 1
        sums.person[p, fifth, OVER_CAP] += 1 if year[p, CAP_USED] > terms[p, ANNUAL_CAP] else 0
    if people.sampled[row]:
        sums.person[p, fifth, USERS] += 1
        if carried[p, P_CASH] > 0:
            sums.histogram[p, fifth, histogram_bin(carried[p, P_CASH])] += 1
    for n in range(STATE):
        year[p, n] = 0


@lean
def settle_block(terms, p, bills, count, people, income_index, year, empty, carried, sums):
    """Settle a block of bills under policy p; persons and households may go on in the next block."""
    mine, own, kept = terms[p], year[p], carried[p]
    member_classes, groups, counties, fifths = people.member_class, people.group, people.county, people.fifth
    households, sampled = people.household, people.sampled
    months, tiers = sums.month[p].reshape(-1, len(PAID)), sums.tier[p].reshape(-1, len(PAID))
    by_fifth, illnesses, slips = sums.fifth[p], sums.illness[p], sums.slip[p]
    current, earlier = kept[P_ROW], kept[P_BILLS]
    negative = 0
    for at in range(count):
        row = bills[at, ROW]
        if row != current:
            close_person(terms, p, year, carried, people, sums)
            current, earlier = row, 0
            kept[P_ROW] = row
            kept[P_SELF_PAY] = 0
            kept[P_CASH] = 0
            if sampled[row] and households[row] != kept[H_ID]:
                close_household(p, carried, income_index, people, sums)
                kept[H_ID] = households[row]
                kept[H_BEFORE] = 0
                kept[H_BASIC] = 0
                kept[H_CII] = 0
                kept[H_CASH] = 0
        source, tier, illness, month = bills[at, SOURCE], bills[at, TIER], bills[at, ILLNESS], bills[at, MONTH]
        kind = OUTPATIENT_VISIT if source == 2 else INPATIENT
        billed, eligible, tcm, unreferred = bills[at, BILLED], bills[at, ELIGIBLE], bills[at, TCM], bills[at, UNREFERRED] == 1
        member_class, group, county = member_classes[row], groups[row], counties[row]
        basic, listed, outpatient, cii, assistance, cash, hospital, in_scope_left = settle_bill(
            mine, own, kind, tier, member_class, group, county, illness, 1, billed, eligible, tcm, unreferred)
        if earlier == 0 or (source == 2 and visit_untouched(mine, own, group, cii)):
            slips[source, 0] += basic + listed + outpatient
            slips[source, 1] += cii
            slips[source, 2] += assistance
            if source != 2:
                slips[source, 3] += max(in_scope_left - mine[SECONDARY_THRESHOLD], 0)
        else:
            slip_basic, slip_listed, slip_visit, slip_cii, slip_assistance, _, _, slip_left = settle_bill(
                mine, empty, kind, tier, member_class, group, county, illness, 1, billed, eligible, tcm, unreferred)
            slips[source, 0] += slip_basic + slip_listed + slip_visit
            slips[source, 1] += slip_cii
            slips[source, 2] += slip_assistance
            if source != 2:
                slips[source, 3] += max(slip_left - mine[SECONDARY_THRESHOLD], 0)
            for n in range(STATE):
                empty[n] = 0
        earlier += 1
        if (cash | basic | listed | outpatient | cii | assistance | hospital) < 0:
            negative += 1
        add(months, source * 12 + month, basic, listed, outpatient, cii, assistance, hospital)
        add(tiers, source * 4 + tier, basic, listed, outpatient, cii, assistance, hospital)
        if illness >= 0:
            add(illnesses, illness, basic, listed, outpatient, cii, assistance, hospital)
        if source != 2:
            kept[P_SELF_PAY] += in_scope_left
        if sampled[row]:
            add(by_fifth, fifths[row], basic, listed, outpatient, cii, assistance, hospital)
            after_basic = billed - hospital - basic - listed - outpatient
            kept[P_CASH] += cash
            kept[H_BEFORE] += billed
            kept[H_BASIC] += after_basic
            kept[H_CII] += after_basic - cii
            kept[H_CASH] += cash
    kept[P_BILLS] = earlier
    sums.person[p, 0, NEGATIVE] += negative


@compiled
def run_draw(draw, replicas, year_number, streams, tables, people, terms, price, inverse_use, inverse_visits, income_index, sums,
             drawn):
    """One draw of one year over all replicas, added to `sums` (Paid) and `drawn`.

    `terms` int64[P, TERMS]. `price` in 1/65,536 of the start year's prices; `inverse_use` and `inverse_visits` are 2^20
    over the draw's rate multiplier; `income_index` in 1/65,536 of the central path.
    """
    policies = len(terms)
    block = np.empty((BLOCK, BILL), dtype=np.int64)
    admissions = np.empty((BLOCK, BILL), dtype=np.int64)
    visits = np.empty((BLOCK, BILL), dtype=np.int64)
    listed = np.empty((4096 + len(people.household) // 2, BILL), dtype=np.int64)
    year = np.zeros((policies, STATE), dtype=np.int64)
    empty = np.zeros(STATE, dtype=np.int64)
    carried = np.zeros((policies, CARRIED), dtype=np.int64)
    for replica in range(replicas):
        carried[:, :] = 0
        carried[:, P_ROW] = -1
        carried[:, H_ID] = -1
        admission_cursor, visit_cursor = np.zeros(CURSOR, dtype=np.int64), np.zeros(CURSOR, dtype=np.int64)
        listed_count = draw_listed(streams, tables, listed, price, replica, draw, year_number)
        order = np.argsort(listed[:listed_count, KEY], kind="mergesort")      # stable: two courses may share a key
        a, a_count, v, v_count, taken, count = 0, 0, 0, 0, 0, 0
        while True:
            if a == a_count and admission_cursor[EXHAUSTED] == 0:
                a, a_count = 0, draw_admissions(streams, tables, admission_cursor, admissions, inverse_use, price, replica, draw,
                                                year_number)
            if v == v_count and visit_cursor[EXHAUSTED] == 0:
                v, v_count = 0, draw_visits(streams, tables, visit_cursor, visits, inverse_visits, price, replica, draw,
                                            year_number)
            a_key = admissions[a, KEY] if a < a_count else END
            v_key = visits[v, KEY] if v < v_count else END
            listed_key = listed[order[taken], KEY] >> 10 if taken < listed_count else END
            if a_key <= listed_key and a_key <= v_key:
                if a_key == END:
                    break
                block[count] = admissions[a]
                a += 1
            elif listed_key <= v_key:
                block[count] = listed[order[taken]]
                taken += 1
            else:
                block[count] = visits[v]
                v += 1
            count += 1
            if count == BLOCK:
                add_drawn(block, count, people, drawn)
                for p in range(policies):
                    settle_block(terms, p, block, count, people, income_index, year, empty, carried, sums)
                count = 0
        add_drawn(block, count, people, drawn)
        for p in range(policies):
            settle_block(terms, p, block, count, people, income_index, year, empty, carried, sums)
            close_person(terms, p, year, carried, people, sums)
            close_household(p, carried, income_index, people, sums)
