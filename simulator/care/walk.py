"""Walking the claims of one draw, replica and year through the roster, merged by row and time.

A stream is a Poisson process along the cumulative hazard of the roster: gaps are exponential, the
position gives the row, its fraction within the row the time of year. Only rows with a claim cost
anything. Listed illnesses have no memory: the onsets of earlier years are walked again and their
courses laid out anew (design, section 4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.compiled import compiled
from simulator.money import LARGEST_BILL, share
from simulator.random import ADMISSION, COURSE_BILL, ONSET, OUTPATIENT_VISIT, philox, quantile

BLOCK = 1024                 # bills drawn before they are settled plan by plan
HAZARD = 1 << 24             # hazard units of one expected claim a year
RATE = 1 << 20               # fixed point of the rate multipliers
PRICE = 1 << 16              # fixed point of the price index
LEVELS = 4                   # equally likely levels of the in-scope share
END = np.int64(1) << 62

# A cursor of a stream, int64[CURSOR]: where it stands and the claim it holds.
POSITION, CLAIM, ROW, KEY, WORD_TIER, WORD_AMOUNT, WORD_MIX = range(7)
CURSOR = 7


class Streams(NamedTuple):
    """What the walk needs of the people in one year: R rows, Y years of onsets, I illnesses.

    Hazards are cumulative, int64[R + 1], HAZARD units; a row without hazard is never hit.
    """

    key0: np.uint64                # seed
    key1: np.uint64                # people-id
    admissions: np.ndarray         # int64[R+1]
    visits: np.ndarray             # int64[R+1], only rows of sampled households
    onsets: np.ndarray             # int64[Y, R+1]: onset year `year`, year-1, ..., latest first
    illness_of: np.ndarray         # int64[2, A, I]: cumulative 2^32 thresholds by sex and age
    birth_year: np.ndarray         # int16[R]
    sex: np.ndarray                # int8[R]
    present: np.ndarray            # bool[R]
    gap_base: np.ndarray           # the exponential gap's quantile table
    gap_width: np.ndarray


class BillTables(NamedTuple):
    """Amounts of the bills at the start year's prices: T tiers, I illnesses, L levels, 1,024 cells."""

    tier_of: np.ndarray            # int64[T]: cumulative thresholds of admissions
    base: np.ndarray               # int64[T, 1024]
    width: np.ndarray
    in_scope: np.ndarray           # int64[T, L], 1/10,000
    tcm_share: np.ndarray          # int64[T]
    unreferred: np.ndarray         # int64[T]: of 65,536
    visit_tier_of: np.ndarray      # int64[T]
    visit_base: np.ndarray         # int64[T, 1024]
    visit_width: np.ndarray
    visit_in_scope: np.ndarray     # int64[T]
    illness_base: np.ndarray       # int64[I, 2, 1024]: first year, later years
    illness_width: np.ndarray
    illness_bills: np.ndarray      # int64[I, 2]
    illness_tier_of: np.ndarray    # int64[I, T]
    illness_in_scope: np.ndarray   # int64[I]
    survival: np.ndarray           # int64[I, Y]: of 2^32, still in treatment k years after onset


class Bills(NamedTuple):
    """A block of drawn bills, int64[BLOCK] each; `source` is the kind of stream (tables.KINDS)."""

    row: np.ndarray
    source: np.ndarray
    month: np.ndarray
    tier: np.ndarray
    illness: np.ndarray
    billed: np.ndarray
    eligible: np.ndarray
    tcm: np.ndarray
    unreferred: np.ndarray


@compiled
def priced(amount, price):
    """An amount at the start year's prices moved to this year's, fen; never above the largest bill."""
    return min((amount * price + PRICE // 2) // PRICE, LARGEST_BILL)


@compiled
def choose(thresholds, word):
    """The first index whose cumulative threshold lies above the word."""
    index = 0
    while word >= thresholds[index]:
        index += 1
    return index


@compiled
def advance(cursor, hazard, inverse_rate, streams, replica, draw, year_stream):
    """Move a cursor to its stream's next claim; its KEY becomes END after the last row."""
    w0, w1, w2, w3 = philox(streams.key0, streams.key1, cursor[CLAIM], replica, draw, year_stream)
    cursor[CLAIM] += 1
    gap = quantile(streams.gap_base, streams.gap_width, np.int64(w0))
    position = cursor[POSITION] + ((gap * inverse_rate) >> 20)
    if position >= hazard[len(hazard) - 1]:
        cursor[KEY] = END
        return
    row = cursor[ROW]
    while hazard[row + 1] <= position:
        row += 1
    time = ((position - hazard[row]) << 16) // (hazard[row + 1] - hazard[row])
    cursor[POSITION] = position
    cursor[ROW] = row
    cursor[KEY] = (row << 16) | time
    cursor[WORD_TIER] = np.int64(w1)
    cursor[WORD_AMOUNT] = np.int64(w2)
    cursor[WORD_MIX] = np.int64(w3)


@compiled
def put_admission(bills, at, cursor, tables, price):
    """Write the admission a cursor holds into the block."""
    tier = choose(tables.tier_of, cursor[WORD_TIER])
    mix = cursor[WORD_MIX]
    billed = priced(quantile(tables.base[tier], tables.width[tier], cursor[WORD_AMOUNT]), price)
    eligible = share(billed, tables.in_scope[tier, mix & (LEVELS - 1)])
    bills.row[at] = cursor[ROW]
    bills.source[at] = 0
    bills.month[at] = ((cursor[KEY] & 0xFFFF) * 12) >> 16
    bills.tier[at] = tier
    bills.illness[at] = -1
    bills.billed[at] = billed
    bills.eligible[at] = eligible
    bills.tcm[at] = share(eligible, tables.tcm_share[tier])
    bills.unreferred[at] = 1 if (mix >> 16) < tables.unreferred[tier] else 0


@compiled
def put_visit(bills, at, cursor, tables, price):
    """Write the outpatient visit a cursor holds into the block."""
    tier = choose(tables.visit_tier_of, cursor[WORD_TIER])
    billed = priced(quantile(tables.visit_base[tier], tables.visit_width[tier], cursor[WORD_AMOUNT]), price)
    bills.row[at] = cursor[ROW]
    bills.source[at] = 2
    bills.month[at] = ((cursor[KEY] & 0xFFFF) * 12) >> 16
    bills.tier[at] = tier
    bills.illness[at] = -1
    bills.billed[at] = billed
    bills.eligible[at] = share(billed, tables.visit_in_scope[tier])
    bills.tcm[at] = 0
    bills.unreferred[at] = 0


@compiled
def listed_events(streams, tables, replica, draw, year, keys, words):
    """Lay out the year's bills of listed illnesses from the onsets of this and earlier years.

    Fills keys int64[n] (row, time, illness, bill) and words int64[n, 4] (tier word, amount word,
    illness, 0 first or 1 later year), unsorted; returns n.
    """
    count = 0
    cursor = np.zeros(CURSOR, dtype=np.int64)
    for back in range(len(streams.onsets)):
        hazard = streams.onsets[back]
        onset_year = year - back
        later = 1 if back > 0 else 0
        cursor[:] = 0
        advance(cursor, hazard, RATE, streams, replica, draw, (onset_year << 16) | ONSET)
        while cursor[KEY] < END:
            row = cursor[ROW]
            age = min(max(onset_year - streams.birth_year[row], 0), streams.illness_of.shape[1] - 1)
            illness = choose(streams.illness_of[streams.sex[row], age], cursor[WORD_TIER])
            if streams.present[row] and cursor[WORD_AMOUNT] < tables.survival[illness, back]:
                bills = tables.illness_bills[illness, later]
                start = (cursor[KEY] & 0xFFFF) if back == 0 else 0
                for j in range(bills):
                    if count == len(keys):
                        raise ValueError("more bills of listed illnesses than the walk has room for")
                    time = start + ((65536 - start) * (2 * j + 1)) // (2 * bills)
                    w0, w1, w2, w3 = philox(streams.key0, streams.key1, ((cursor[CLAIM] - 1) << 8) | (back << 4) | j,
                                            replica, draw, (onset_year << 16) | COURSE_BILL)
                    keys[count] = (((row << 16) | time) << 10) | (illness << 5) | j
                    words[count, 0] = np.int64(w0)
                    words[count, 1] = np.int64(w1)
                    words[count, 2] = illness
                    words[count, 3] = later
                    count += 1
            advance(cursor, hazard, RATE, streams, replica, draw, (onset_year << 16) | ONSET)
    return count


@compiled
def put_listed(bills, at, key, words, tables, price):
    """Write one bill of a listed illness into the block."""
    illness = words[2]
    later = words[3]
    tier = choose(tables.illness_tier_of[illness], words[0])
    billed = priced(quantile(tables.illness_base[illness, later], tables.illness_width[illness, later], words[1]), price)
    bills.row[at] = key >> 26
    bills.source[at] = 1
    bills.month[at] = (((key >> 10) & 0xFFFF) * 12) >> 16
    bills.tier[at] = tier
    bills.illness[at] = illness
    bills.billed[at] = billed
    bills.eligible[at] = share(billed, tables.illness_in_scope[illness])
    bills.tcm[at] = 0
    bills.unreferred[at] = 0
