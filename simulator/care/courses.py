"""Drawing the bills of listed illnesses of one draw, replica and year.

They have no memory: the onsets of earlier years are walked again and their courses laid out anew
(design, section 4).
"""

from __future__ import annotations

import numpy as np

from simulator.bill import (
    AMOUNT_WORD,
    BILLED,
    ELIGIBLE,
    ILLNESS,
    INPATIENT,
    KEEP_WORD,
    KEY,
    KIND,
    MONTH,
    ROW,
    SOURCE,
    TIER,
    TIER_WORD,
)
from simulator.care.walk import BILLS, EXHAUSTED, FIRST, LAST, RATE, Rows, choose, draw_claims, priced, rewind
from simulator.compiled import lean
from simulator.money import share
from simulator.random import COURSE_BILL, ONSET, philox, quantile_of

COLUMNS = np.array([KEY, ROW, SOURCE, KIND, MONTH, TIER, ILLNESS, BILLED, ELIGIBLE])          # and KEEP_WORD


@lean
def draw_listed(streams, tables, onsets, bills, price, replica, draw, year):
    """All bills of listed illnesses of the year, from the onsets of this and earlier years, unsorted; returns how many.

    A word fixes each course's length. `onsets` is a scratch stream. ValueError if `bills` int64[BILL, n] has too little room.
    """
    edge, first, survival = streams.onsets.edge, streams.onsets.first, tables.survival
    count = np.int64(0)
    for back in range(len(edge)):
        rows = Rows(edge[back], streams.onsets.row, first[back], streams.onsets.shift)
        longest = np.int64(0)
        for illness in range(len(survival)):
            longest = max(longest, survival[illness, back])
        rewind(onsets)
        claim = np.int64(0)
        while onsets.cursor[EXHAUSTED] == 0:
            draw_claims(streams, rows, onsets, np.int64(KEEP_WORD), np.int64(RATE), replica, draw, ((year - back) << 16) | ONSET)
            waiting = onsets.cursor[LAST]
            for i in range(waiting):
                if onsets.bills[AMOUNT_WORD, i] < longest:           # others are over, whatever the illness
                    count = draw_course(streams, tables, onsets.bills, i, claim + i, bills, count, price, replica, draw, year,
                                        back)
            claim += waiting
            onsets.cursor[FIRST] = waiting
    return count


@lean
def draw_course(streams, tables, onsets, at, claim, bills, count, price, replica, draw, year, back):
    """The year's bills of the course that began with an onset `back` years ago, behind `count` others; returns how many then."""
    key0, key1, stream = streams.key0, streams.key1, ((year - back) << 16) | COURSE_BILL
    row, later = onsets[ROW, at], 1 if back > 0 else 0
    if not streams.present[row]:
        return count
    illness_of = streams.illness_of
    age = min(max(year - back - streams.birth_year[row], 0), illness_of.shape[1] - 1)
    illness = choose(illness_of[streams.sex[row], age], onsets[TIER_WORD, at])
    if onsets[AMOUNT_WORD, at] >= tables.survival[illness, back]:
        return count
    number, part = tables.illness_bills[illness, later] >> 16, tables.illness_bills[illness, later] & (BILLS - 1)
    if part > 0:                                                     # a part of a bill is a chance of one more
        extra, _, _, _ = philox(key0, key1, (claim << 8) | (back << 4) | 15, replica, draw, stream)
        number += 1 if np.int64(extra) >> 16 < part else 0
    start = onsets[KEY, at] & 0xFFFF if back == 0 else np.int64(0)
    for j in range(number):
        if count == bills.shape[1]:
            raise ValueError("more bills of listed illnesses than the walk has room for")
        time = start + ((65536 - start) * (2 * j + 1)) // (2 * number)
        b0, b1, _, _ = philox(key0, key1, (claim << 8) | (back << 4) | j, replica, draw, stream)
        billed = priced(quantile_of(tables.illness_base[illness], tables.illness_width[illness], later, np.int64(b1)), price)
        bills[KEY, count] = (((row << 16) | time) << 10) | (illness << 5) | j
        bills[ROW, count] = row
        bills[SOURCE, count] = 1
        bills[KIND, count] = INPATIENT
        bills[KEEP_WORD, count] = onsets[KEEP_WORD, at] >> 16 if year - back >= streams.policy_from else -1
        bills[MONTH, count] = (time * 12) >> 16
        bills[TIER, count] = choose(tables.illness_tier_of[illness], np.int64(b0))
        bills[ILLNESS, count] = illness
        bills[BILLED, count] = billed
        bills[ELIGIBLE, count] = share(billed, tables.illness_in_scope[illness])
        count += 1
    return count
