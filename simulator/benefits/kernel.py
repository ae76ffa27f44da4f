"""The claims kernel: draw a block of bills, settle it plan by plan, add it up in integers.

`run_draw` walks one draw of one year over all replicas of the people and settles every bill under
every policy. Nothing leaves it but sums of integers, so no order of work can change a result.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits.rules import CAP_USED, ELIGIBLE_YEAR, ENTITLED, IN_SCOPE_LEFT, LEFT, STATE, settle_bill, visit_untouched
from simulator.benefits.terms import ANNUAL_CAP, CAP_ON_EXPENSE, COMMERCIAL_SHARE, RELIEF_RATIO, SECONDARY_THRESHOLD
from simulator.bill import (
    BEHIND_ALL,
    BILL,
    BILLED,
    COVER_RANK,
    ELIGIBLE,
    GROUP,
    ILLNESS,
    MEMBER_CLASS,
    MONTH,
    PAYMENT_RANK,
    PILOT_RANK,
    ROW,
    SOURCE,
    TIER,
)
from simulator.care.blocks import ROOM, STREAM_ROOM, next_block, open_walk, start_replica
from simulator.care.conduct import rework
from simulator.compiled import compiled, lean
from simulator.tables import (
    ASSISTANCE,
    BASIC,
    CASH,
    CII,
    COMMERCIAL,
    HOSPITAL,
    LISTED,
    OUTPATIENT,
    PAYERS,
    RELIEF,
    SUPPLEMENT,
)

LAYERS = ("before", "basic", "cii", "assistance", "account")  # what a household pays after each layer; the last is cash alone
BURDENS = ("catastrophic_10", "catastrophic_25", "catastrophic_40_capacity", "impoverished")
# What the control variate corrects; self_pay: above the threshold of secondary reimbursement.
ACCOUNTS = ("pooled", "supplement", "cii", "assistance", "self_pay")
SLIPS = len(ACCOUNTS)
HISTOGRAM = 640                                               # 16 bins an octave, 40 octaves of fen
PERSON_SUMS = ("secondary_base", "users", "capped", "over_cap", "negative")
SECONDARY_BASE, USERS, CAPPED, OVER_CAP, NEGATIVE = range(5)
PAID = len(PAYERS) + 1                                        # the payers, and what the patient is entitled to
DRAWN = 3                                                     # billed, eligible, bills

# What one person and one household of one policy carry from block to block.
(P_ROW, P_BILLS, P_SELF_PAY, P_OWN, H_ID, H_BEFORE, H_BASIC, H_CII, H_OWN, H_CASH) = range(10)
CARRIED = 10


class People(NamedTuple):
    """Rows (R) and households (H) as the kernel reads them in one year; money in fen."""

    member_class: np.ndarray       # int8[R]
    group: np.ndarray              # int8[R]
    county: np.ndarray             # int16[R]
    cover: np.ndarray              # int16[R]: place in line for the commercial supplement, 0 .. 9,999
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
    household: np.ndarray          # int64[P, 5 layers, 4 burdens, 5 fifths], sampled households only
    histogram: np.ndarray          # int64[P, 5 fifths, 640]: account and cash of a person in the year, sampled households


MARGINS = ("place", "fifth", "illness")                       # while they are added up: place is kind x month x tier


class Paid(NamedTuple):
    """The margins while they are being added up: int64[P, margin..., payers]; the other fields as in Sums."""

    place: np.ndarray              # int64[P, 3 kinds, 12 months, 4 tiers, payers]
    fifth: np.ndarray
    illness: np.ndarray
    slip: np.ndarray
    person: np.ndarray
    household: np.ndarray
    histogram: np.ndarray


class Drawn(NamedTuple):
    """Billed, eligible and bills of the same margins by variant of care: int64[V, margin..., DRAWN]."""

    place: np.ndarray
    fifth: np.ndarray
    illness: np.ndarray


def empty_sums(policies: int, variants: int = 1) -> tuple[Paid, Drawn]:
    """All-zero sums for P policies and V variants of care."""
    margins = ((3, 12, 4), (5,), (20,))
    others = ((3, SLIPS), (5, len(PERSON_SUMS)), (len(LAYERS), len(BURDENS), 5), (5, HISTOGRAM))
    paid = Paid(*(np.zeros((policies, *shape, PAID), dtype=np.int64) for shape in margins),
                *(np.zeros((policies, *shape), dtype=np.int64) for shape in others))
    return paid, Drawn(*(np.zeros((variants, *shape, DRAWN), dtype=np.int64) for shape in margins))


def whole_sums(paid: Paid, drawn: Drawn, variant: np.ndarray) -> Sums:
    """The sums with all columns; `variant` int64[P] tells whose claims a policy paid."""
    place, fifth, illness = (np.concatenate([getattr(paid, name), getattr(drawn, name)[variant]], axis=-1) for name in MARGINS)
    return Sums(place.sum(axis=3), place.sum(axis=2), fifth, illness, *paid[len(MARGINS):])


def slip_terms(terms: np.ndarray) -> np.ndarray:
    """The terms slips are settled under: no commercial cover, no relief. What a slip leaves out, the control variate does not
    correct; its expectation (`benefits/expected.py`) is of the same terms."""
    plain = terms.copy()
    plain[:, COMMERCIAL_SHARE] = 0
    plain[:, RELIEF_RATIO] = 0
    return plain


@lean
def name_persons(bills, count, people):
    """Write what the rules must know of the person beside each bill of a block."""
    for at in range(count):
        bill = bills[at]
        row = bill[ROW]
        bill[MEMBER_CLASS] = people.member_class[row]
        bill[GROUP] = people.group[row]
        bill[PILOT_RANK] = people.county[row]
        # Bills of a course have no case group and no stay of their own: outside case and per-diem prices.
        bill[PAYMENT_RANK] = BEHIND_ALL if bill[SOURCE] == 1 else np.int64(people.county[row])
        bill[COVER_RANK] = people.cover[row]


@lean
def add_drawn(bills, count, people, v, drawn):
    """Add up what of a block is the same under every policy of variant v."""
    place, fifth, illness = drawn.place[v], drawn.fifth[v], drawn.illness[v]
    fifths, sampled = people.fifth, people.sampled
    for at in range(count):
        bill = bills[at]
        row, source, ill = bill[ROW], bill[SOURCE], bill[ILLNESS]
        add_bill(place[source, bill[MONTH], bill[TIER]], bill)
        if sampled[row]:
            add_bill(fifth[fifths[row]], bill)
        if ill >= 0:
            add_bill(illness[ill], bill)


@lean
def add_bill(target, bill):
    """Add billed, eligible and one bill to int64[DRAWN]."""
    target[0] += bill[BILLED]
    target[1] += bill[ELIGIBLE]
    target[2] += 1


@lean
def add(target, paid):
    """Add what the payers pay of a bill, and `entitled`, to int64[PAID]."""
    for payer in range(PAID - 1):
        target[payer] += paid[payer]
    target[PAID - 1] += paid[ENTITLED]


@lean
def add_slip(slips, source, paid, threshold):
    """Add a slip's payments to its accounts, int64[3, SLIPS]."""
    slips[source, 0] += paid[BASIC] + paid[LISTED] + paid[OUTPATIENT]
    slips[source, 1] += paid[SUPPLEMENT]
    slips[source, 2] += paid[CII]
    slips[source, 3] += paid[ASSISTANCE]
    if source != 2:
        slips[source, 4] += max(paid[IN_SCOPE_LEFT] - threshold, 0)


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
    most = carried[p, H_BEFORE]
    for layer in range(1, len(LAYERS)):                    # a price may leave more to pay than was billed
        most = max(most, carried[p, H_BEFORE + layer])
    if most * 10 <= income and most * 10 <= capacity * 4 and (income < line or income - most >= line):
        return
    for layer in range(len(LAYERS)):
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
    reached = year[p, ELIGIBLE_YEAR] if terms[p, CAP_ON_EXPENSE] == 1 else year[p, CAP_USED]
    if reached >= terms[p, ANNUAL_CAP]:
        sums.person[p, fifth, CAPPED] += 1
        sums.person[p, fifth, OVER_CAP] += 1 if year[p, CAP_USED] > terms[p, ANNUAL_CAP] else 0
    if people.sampled[row]:
        sums.person[p, fifth, USERS] += 1
        if carried[p, P_OWN] > 0:
            sums.histogram[p, fifth, histogram_bin(carried[p, P_OWN])] += 1
    for n in range(STATE):
        year[p, n] = 0


@lean
def settle_block(terms, plain, p, alike, bills, count, people, income_index, year, empty, paid, carried, sums):
    """Settle a block of bills under policy p; persons and households may go on in the next block.

    `plain` are the terms of slips, `alike` tells that they are the policy's own.
    """
    mine, own, kept = terms[p], year[p], carried[p]
    fifths, households, sampled = people.fifth, people.household, people.sampled
    places, by_fifth, illnesses, slips = sums.place[p], sums.fifth[p], sums.illness[p], sums.slip[p]
    threshold = mine[SECONDARY_THRESHOLD]
    current, earlier = kept[P_ROW], kept[P_BILLS]
    negative = 0
    for at in range(count):
        bill = bills[at]
        row = bill[ROW]
        if row != current:
            close_person(terms, p, year, carried, people, sums)
            current, earlier = row, 0
            kept[P_ROW] = row
            kept[P_SELF_PAY] = 0
            kept[P_OWN] = 0
            if sampled[row] and households[row] != kept[H_ID]:
                close_household(p, carried, income_index, people, sums)
                kept[H_ID] = households[row]
                for n in range(H_BEFORE, CARRIED):
                    kept[n] = 0
        source, illness = bill[SOURCE], bill[ILLNESS]
        settle_bill(mine, own, bill, paid)
        add(places[source, bill[MONTH], bill[TIER]], paid)
        if illness >= 0:
            add(illnesses[illness], paid)
        if source != 2:
            kept[P_SELF_PAY] += paid[IN_SCOPE_LEFT]
        least = paid[BASIC]
        for payer in range(1, HOSPITAL):                  # a hospital may gain under a case or per-diem price
            least = min(least, paid[payer])
        if least < 0:
            negative += 1
        if sampled[row]:
            add(by_fifth[fifths[row]], paid)
            after_basic = bill[BILLED] - paid[HOSPITAL] - paid[BASIC] - paid[LISTED] - paid[OUTPATIENT]
            after_cii = after_basic - paid[SUPPLEMENT] - paid[CII]
            patient = after_cii - paid[COMMERCIAL] - paid[ASSISTANCE] - paid[RELIEF]
            kept[P_OWN] += patient
            kept[H_BEFORE] += bill[BILLED]
            kept[H_BASIC] += after_basic
            kept[H_CII] += after_cii
            kept[H_OWN] += patient
            kept[H_CASH] += paid[CASH]
        if not alike or (earlier > 0 and not (source == 2 and visit_untouched(mine, own, bill[GROUP], paid[CII]))):
            settle_bill(plain[p], empty, bill, paid)
            for n in range(STATE):
                empty[n] = 0
        add_slip(slips, source, paid, threshold)
        earlier += 1
    kept[P_BILLS] = earlier
    sums.person[p, 0, NEGATIVE] += negative


@lean
def as_rows(block, count, bills):
    """Copy the columns of a block into rows."""
    for i in range(count):
        for n in range(BILL):
            bills[i, n] = block[n, i]


@lean
def settle_policies(terms, plain, alike, conduct, tables, price, list_price, block, own_block, kept, bills, count, people,
                    income_index, year, empty, paid, carried, sums, drawn):
    """Settle a block under every policy, each on its own variant of the claims; `kept` and `bills` are scratch."""
    for v in range(len(conduct.neutral)):
        if conduct.neutral[v]:
            number = count
            as_rows(block, number, bills)
        else:
            number = rework(conduct, v, tables, block, count, price, list_price, kept, own_block)
            as_rows(own_block, number, bills)
        name_persons(bills, number, people)
        add_drawn(bills, number, people, v, drawn)
        for p in range(len(terms)):
            if conduct.variant[p] == v:
                settle_block(terms, plain, p, alike[p], bills, number, people, income_index, year, empty, paid, carried, sums)


@compiled
def run_draw(draw, replicas, year_number, streams, tables, people, terms, plain, conduct, more, price, list_price, inverse_use,
             inverse_visits, income_index, sums, drawn):
    """One draw of one year over all replicas, added to `sums` (Paid) and `drawn`.

    `terms` int64[P, TERMS], `plain` those of slips (`slip_terms`); `conduct` what policies do to care; `more` whether a policy
    asks for emergencies, new drugs or thinning. `price` is the draw's, `list_price` the central path's, in 1/65,536 of the
    start year's prices; `inverse_use` and `inverse_visits` are 2^20 over the rate multiplier of the walk; `income_index` in
    1/65,536 of the central path.
    """
    policies = len(terms)
    walk = open_walk(4096 + len(people.household) // 2, STREAM_ROOM)
    block, own_block = np.zeros((BILL, ROOM), dtype=np.int64), np.zeros((BILL, ROOM), dtype=np.int64)
    kept, bills = np.zeros(ROOM, dtype=np.int64), np.zeros((ROOM, BILL), dtype=np.int64)
    year = np.zeros((policies, STATE), dtype=np.int64)
    empty = np.zeros(STATE, dtype=np.int64)
    paid = np.zeros(LEFT, dtype=np.int64)
    carried = np.zeros((policies, CARRIED), dtype=np.int64)
    alike = np.ones(policies, dtype=np.bool_)
    for p in range(policies):
        for n in range(terms.shape[1]):
            if terms[p, n] != plain[p, n]:
                alike[p] = False
    for replica in range(replicas):
        carried[:, :] = 0
        carried[:, P_ROW] = -1
        carried[:, H_ID] = -1
        start_replica(walk, streams, tables, price, replica, draw, year_number)
        while True:
            count = next_block(walk, streams, tables, people.household, block, inverse_use, inverse_visits, price, list_price,
                               more, replica, draw, year_number)
            if count == 0:
                break
            settle_policies(terms, plain, alike, conduct, tables, price, list_price, block, own_block, kept, bills, count, people,
                            income_index, year, empty, paid, carried, sums, drawn)
        for p in range(policies):
            close_person(terms, p, year, carried, people, sums)
            close_household(p, carried, income_index, people, sums)
