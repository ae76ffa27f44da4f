"""Walking the claims of one draw, replica and year through the roster, merged by row and time.

A stream is a Poisson process along the cumulative hazard of the roster: gaps are exponential, the
position gives the row, its fraction within the row the time of year. Only rows with a claim cost
anything. Listed illnesses have no memory: the onsets of earlier years are walked again and their
courses laid out anew (design, section 4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import (
    AMOUNT_WORD,
    BILLED,
    CASE_PRICE,
    CHRONIC,
    DAYS,
    ELIGIBLE,
    EMERGENCY,
    ILLNESS,
    INPATIENT,
    KEEP_WORD,
    KEY,
    KIND,
    MIX_WORD,
    MONTH,
    NEW_DRUG,
    NO_ILLNESS,
    OUTPATIENT_VISIT,
    ROW,
    SOURCE,
    TCM,
    TIER,
    TIER_WORD,
    UNITS,
    UNREFERRED,
)
from simulator.compiled import lean
from simulator.money import LARGEST_BILL, share
from simulator.random import ADMISSION, ADMISSION_MORE, COURSE_BILL, ONSET, VISIT, philox, quantile, quantile_of

BLOCK = 512                  # bills drawn before they are settled plan by plan
HAZARD = 1 << 24             # hazard units of one expected claim a year
RATE = 1 << 20               # fixed point of the rate multipliers
PRICE = 1 << 16              # fixed point of the price index
BILLS = 1 << 16              # fixed point of mean numbers of bills
LEVELS = 4                   # equally likely levels of the in-scope share
CASE_GROUPS = 8              # case groups of a tier: each holds the dearer half of what the one before it leaves
CHANCE = 1 << 16             # fixed point of a chance given by a word
END = np.int64(1) << 62

# Where a stream stands, int64[CURSOR].
POSITION, CLAIM, ROW_REACHED, EXHAUSTED = range(4)
CURSOR = 4

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
    policy_from: int               # first year of the policies: earlier onsets are nobody's to prevent
    gap_base: np.ndarray           # the exponential gap's quantile table
    gap_width: np.ndarray


class BillTables(NamedTuple):
    """Amounts of the bills at the start year's prices: T tiers, I illnesses, L levels, 1,024 cells."""

    tier_of: np.ndarray            # int64[T]: cumulative thresholds of admissions
    base: np.ndarray               # int64[T, 1024]
    width: np.ndarray
    in_scope: np.ndarray           # int64[T, L], 1/10,000
    tcm_share: np.ndarray          # int64[T]
    unreferred: np.ndarray         # int64[T]: of CHANCE
    case_price: np.ndarray         # int64[T, CASE_GROUPS]: mean bill of the group
    stay: np.ndarray               # int64[T, CASE_GROUPS]: days
    emergency: np.int64            # of CHANCE
    new_drug: np.int64             # admissions with a new drug, of CHANCE
    new_drug_part: np.int64        # of their eligible expense, 1/10,000
    visit_tier_of: np.ndarray      # int64[T]
    visit_base: np.ndarray         # int64[T, 1024]
    visit_width: np.ndarray
    visit_in_scope: np.ndarray     # int64[T]
    chronic: np.int64              # visits for diseases on the chronic list, of CHANCE
    illness_base: np.ndarray       # int64[I, 2, 1024]: first year, later years
    illness_width: np.ndarray
    illness_bills: np.ndarray      # int64[I, 2]: mean bills in the first and in a later year, 1/BILLS
    illness_tier_of: np.ndarray    # int64[I, T]
    illness_in_scope: np.ndarray   # int64[I]
    survival: np.ndarray           # int64[I, Y]: of 2^32, still in treatment k years after onset


@lean
def priced(amount, price):
    """An amount at the start year's prices moved to this year's, fen; never above the largest bill."""
    return min((amount * price + PRICE // 2) // PRICE, LARGEST_BILL)


@lean
def choose(thresholds, word):
    """The first index whose cumulative threshold lies above the word."""
    index = 0
    while word >= thresholds[index]:
        index += 1
    return index


@lean
def next_claim(key0, key1, hazard, gap_base, gap_width, position, row, claim, inverse_rate, replica, draw, year_stream):
    """One step of a stream: (position, row, time of year in 1/65,536, three words for the claim); time -1 past the last row."""
    w0, w1, w2, w3 = philox(key0, key1, claim, replica, draw, year_stream)
    position += (quantile(gap_base, gap_width, np.int64(w0)) * inverse_rate) >> 20
    time = np.int64(-1)
    if position < hazard[len(hazard) - 1]:
        while hazard[row + 1] <= position:
            row += 1
        time = ((position - hazard[row]) << 16) // (hazard[row + 1] - hazard[row])
    return position, row, time, w1, w2, w3


@lean
def case_group(word):
    """Group of a case by its survival word: 0 the cheaper half, 1 the cheaper half of the rest, and so on."""
    group = 0
    while group < CASE_GROUPS - 1 and word < (1 << (31 - group)):
        group += 1
    return group


@lean
def fill_admission(tables, bill, tier, price, list_price):
    """The amounts of an ordinary admission at a tier, from the words it was drawn with. Standard case prices follow the
    central path (`list_price`), not the draw's."""
    word, mix = bill[AMOUNT_WORD], bill[MIX_WORD]
    group = case_group(word)
    billed = priced(quantile_of(tables.base, tables.width, tier, word), price)
    eligible = share(billed, tables.in_scope[tier, mix & (LEVELS - 1)])
    bill[TIER] = tier
    bill[BILLED] = billed
    bill[ELIGIBLE] = eligible
    bill[TCM] = share(eligible, tables.tcm_share[tier])
    bill[UNREFERRED] = 1 if (mix >> 16) < tables.unreferred[tier] else 0
    bill[CASE_PRICE] = priced(tables.case_price[tier, group], list_price)
    bill[DAYS] = tables.stay[tier, group]


@lean
def fill_visit(tables, bill, tier, price):
    """The amounts of an outpatient visit at a tier, from the word it was drawn with."""
    billed = priced(quantile_of(tables.visit_base, tables.visit_width, tier, bill[AMOUNT_WORD]), price)
    bill[TIER] = tier
    bill[BILLED] = billed
    bill[ELIGIBLE] = share(billed, tables.visit_in_scope[tier])


@lean
def draw_admissions(streams, tables, cursor, buffer, inverse_rate, price, list_price, more, replica, draw, year):
    """Fill `buffer` int64[n, BILL] with the stream's next ordinary admissions; returns how many (fewer: the stream has ended).

    `more`: draw the words for emergencies, new drugs and thinning too; without it these facts are 0, for nobody asks.
    """
    key0, key1 = streams.key0, streams.key1
    hazard, gap_base, gap_width = streams.admissions, streams.gap_base, streams.gap_width
    position, claim, row = cursor[POSITION], cursor[CLAIM], cursor[ROW_REACHED]
    count = 0
    while count < len(buffer) and cursor[EXHAUSTED] == 0:
        position, row, time, w1, w2, w3 = next_claim(key0, key1, hazard, gap_base, gap_width, position, row, claim, inverse_rate,
                                                    replica, draw, (year << 16) | ADMISSION)
        if time < 0:
            cursor[EXHAUSTED] = 1
            break
        bill = buffer[count]
        bill[:] = 0
        bill[KEY] = (row << 16) | time
        bill[ROW] = row
        bill[KIND] = INPATIENT
        bill[MONTH] = (time * 12) >> 16
        bill[ILLNESS] = NO_ILLNESS
        bill[UNITS] = 1
        bill[TIER_WORD] = np.int64(w1)
        bill[AMOUNT_WORD] = np.int64(w2)
        bill[MIX_WORD] = np.int64(w3)
        fill_admission(tables, bill, choose(tables.tier_of, np.int64(w1)), price, list_price)
        if more:
            m0, m1, m2, _ = philox(key0, key1, claim, replica, draw, (year << 16) | ADMISSION_MORE)
            bill[KEEP_WORD] = np.int64(m0) >> 16
            bill[EMERGENCY] = 1 if np.int64(m1) >> 16 < tables.emergency else 0
            bill[NEW_DRUG] = share(bill[ELIGIBLE], tables.new_drug_part) if np.int64(m2) >> 16 < tables.new_drug else 0
        claim += 1
        count += 1
    cursor[POSITION], cursor[CLAIM], cursor[ROW_REACHED] = position, claim, row
    return count


@lean
def draw_visits(streams, tables, cursor, buffer, inverse_rate, price, replica, draw, year):
    """Fill `buffer` int64[n, BILL] with the stream's next outpatient visits; returns how many (fewer: the stream has ended)."""
    key0, key1 = streams.key0, streams.key1
    hazard, gap_base, gap_width = streams.visits, streams.gap_base, streams.gap_width
    position, claim, row = cursor[POSITION], cursor[CLAIM], cursor[ROW_REACHED]
    count = 0
    while count < len(buffer) and cursor[EXHAUSTED] == 0:
        position, row, time, w1, w2, w3 = next_claim(key0, key1, hazard, gap_base, gap_width, position, row, claim, inverse_rate,
                                                    replica, draw, (year << 16) | VISIT)
        claim += 1
        if time < 0:
            cursor[EXHAUSTED] = 1
            break
        bill = buffer[count]
        bill[:] = 0
        bill[KEY] = (row << 16) | time
        bill[ROW] = row
        bill[SOURCE] = 2
        bill[KIND] = OUTPATIENT_VISIT
        bill[MONTH] = (time * 12) >> 16
        bill[ILLNESS] = NO_ILLNESS
        bill[UNITS] = 1
        bill[DAYS] = 1
        bill[TIER_WORD] = np.int64(w1)
        bill[AMOUNT_WORD] = np.int64(w2)
        bill[KEEP_WORD] = np.int64(w3) >> 16
        bill[CHRONIC] = 1 if np.int64(w3) & 0xFFFF < tables.chronic else 0
        fill_visit(tables, bill, choose(tables.visit_tier_of, np.int64(w1)), price)
        count += 1
    cursor[POSITION], cursor[CLAIM], cursor[ROW_REACHED] = position, claim, row
    return count


@lean
def draw_listed(streams, tables, buffer, price, replica, draw, year):
    """All bills of listed illnesses of the year, from the onsets of this and earlier years, unsorted; returns how many.

    A word fixes each course's length. ValueError if `buffer` int64[n, BILL] is too small.
    """
    key0, key1 = streams.key0, streams.key1
    gap_base, gap_width, birth_year, sex, present = (streams.gap_base, streams.gap_width, streams.birth_year, streams.sex,
                                                     streams.present)
    illness_of, survival, illness_bills = streams.illness_of, tables.survival, tables.illness_bills
    base, width, tier_of, in_scope = tables.illness_base, tables.illness_width, tables.illness_tier_of, tables.illness_in_scope
    oldest = illness_of.shape[1] - 1
    count = 0
    for back in range(len(streams.onsets)):
        hazard = streams.onsets[back]
        onset_year = year - back
        later = 1 if back > 0 else 0
        position, row, claim = np.int64(0), 0, 0
        while True:
            position, row, time_of_onset, w1, w2, w3 = next_claim(
                key0, key1, hazard, gap_base, gap_width, position, row, claim, RATE, replica, draw, (onset_year << 16) | ONSET)
            if time_of_onset < 0:
                break
            age = min(max(onset_year - birth_year[row], 0), oldest)
            illness = choose(illness_of[sex[row], age], np.int64(w1))
            if present[row] and np.int64(w2) < survival[illness, back]:
                bills, part = illness_bills[illness, later] >> 16, illness_bills[illness, later] & (BILLS - 1)
                if part > 0:                                       # a part of a bill is a chance of one more
                    extra, _, _, _ = philox(key0, key1, (claim << 8) | (back << 4) | 15, replica, draw,
                                            (onset_year << 16) | COURSE_BILL)
                    bills += 1 if np.int64(extra) >> 16 < part else 0
                start = time_of_onset if back == 0 else np.int64(0)
                for j in range(bills):
                    if count == len(buffer):
                        raise ValueError("more bills of listed illnesses than the walk has room for")
                    time = start + ((65536 - start) * (2 * j + 1)) // (2 * bills)
                    b0, b1, _, _ = philox(key0, key1, (claim << 8) | (back << 4) | j, replica, draw,
                                          (onset_year << 16) | COURSE_BILL)
                    billed = priced(quantile_of(base[illness], width[illness], later, np.int64(b1)), price)
                    bill = buffer[count]
                    bill[:] = 0
                    bill[KEY] = (((row << 16) | time) << 10) | (illness << 5) | j
                    bill[ROW] = row
                    bill[SOURCE] = 1
                    bill[KIND] = INPATIENT
                    bill[UNITS] = 1
                    bill[DAYS] = 1
                    bill[KEEP_WORD] = np.int64(w3) >> 16 if onset_year >= streams.policy_from else -1
                    bill[MONTH] = (time * 12) >> 16
                    bill[TIER] = choose(tier_of[illness], np.int64(b0))
                    bill[ILLNESS] = illness
                    bill[BILLED] = billed
                    bill[ELIGIBLE] = share(billed, in_scope[illness])
                    count += 1
            claim += 1
    return count
