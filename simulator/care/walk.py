"""Drawing ordinary admissions and outpatient visits of one draw, replica and year: whose they are, when, and what they cost.

A stream is a Poisson process along the cumulative hazard of the roster: gaps are exponential, the
position gives the row, its fraction within the row the time of year. Only rows with a claim cost
anything.

Bills lie in columns, int64[BILL, n]: a pass reads few columns and writes one or two without branches,
so that the compiler works on eight claims at once. `courses.py` draws the listed illnesses, `blocks.py`
merges all three.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import (
    AMOUNT_WORD,
    BILL,
    BILLED,
    CASE_PRICE,
    CHRONIC,
    DAYS,
    ELIGIBLE,
    EMERGENCY,
    KEEP_WORD,
    KEY,
    MIX_WORD,
    NEW_DRUG,
    ROW,
    TCM,
    TIER,
    TIER_WORD,
    UNREFERRED,
)
from simulator.compiled import lean
from simulator.money import LARGEST_BILL, quick_share, share
from simulator.random import (
    ADMISSION,
    ADMISSION_MORE,
    OCTAVES,
    VISIT,
    amount_at,
    philox,
    philox_columns,
    survival_cell,
)

HAZARD = 1 << 24             # hazard units of one expected claim a year
RATE = 1 << 20               # fixed point of the rate multipliers
PRICE = 1 << 16              # fixed point of the price index
BILLS = 1 << 16              # fixed point of mean numbers of bills
LEVELS = 4                   # equally likely levels of the in-scope share
CASE_GROUPS = 8              # case groups of a tier: each holds the dearer half of what the one before it leaves
CHANCE = 1 << 16             # fixed point of a chance given by a word
END = np.int64(1) << 62      # a key behind every bill's

# Where a stream stands, int64[5]: on the hazard, in its claims, and which of its columns hold bills that wait.
POSITION, CLAIM, EXHAUSTED, FIRST, LAST = range(5)
# The columns in which the bills of a stream differ; the rest is the same for all of them, or follows from the key.
FACTS = np.array([TIER, BILLED, ELIGIBLE])
STAY_FACTS = np.array([TCM, UNREFERRED, CASE_PRICE, DAYS])
VISIT_FACTS = np.array([CHRONIC, TIER_WORD, AMOUNT_WORD, KEEP_WORD])
WORDS = np.array([TIER_WORD, AMOUNT_WORD, KEEP_WORD, MIX_WORD])
STREAM_COLUMNS = np.array([KEY, *FACTS, *STAY_FACTS, CHRONIC, *WORDS, EMERGENCY, NEW_DRUG])


class Rows(NamedTuple):
    """Cumulative hazard of the A rows that have any."""

    edge: np.ndarray               # int64[A+1], HAZARD units
    row: np.ndarray                # uint32[A]
    first: np.ndarray              # uint32[B]: in whose hazard position b << shift lies
    shift: int


class Onsets(NamedTuple):
    """Cumulative hazards of R rows for the onset years `year`, year-1, ..., latest first."""

    edge: np.ndarray               # int64[Y, R+1], HAZARD units
    row: np.ndarray                # uint32[R]: 0, 1, ...
    first: np.ndarray              # uint32[Y, B]: the row in whose hazard position b << shift lies
    shift: int


def shift_to(total: int, steps: int) -> int:
    """How far to shift a position below `total` for about so many steps."""
    return max(int(total) // (steps + 1), 1).bit_length()


def first_rows(edge: np.ndarray, total: int, shift: int) -> np.ndarray:
    """uint32[B]: the row in whose hazard each step lies."""
    return np.searchsorted(edge[1:], np.arange((int(total) >> shift) + 1) << shift, side="right").astype(np.uint32)


def rows_of(cumulative: np.ndarray) -> Rows:
    """The rows that have any of a cumulative hazard int64[R + 1]."""
    row = np.flatnonzero(np.diff(cumulative)).astype(np.uint32)
    edge = np.append(cumulative[:1], cumulative[row + 1])
    shift = shift_to(edge[-1], 4 * len(row))
    return Rows(edge, row, first_rows(edge, edge[-1], shift), shift)


def onsets_of(cumulative: np.ndarray) -> Onsets:
    """Of cumulative hazards int64[Y, R + 1]; onsets are rare, and their index is small enough to stay in the cache."""
    total, rows = cumulative[:, -1].max(), cumulative.shape[1] - 1
    shift = shift_to(total, rows // 2)
    return Onsets(cumulative, np.arange(rows, dtype=np.uint32),
                  np.stack([first_rows(edge, total, shift) for edge in cumulative]), shift)


class Streams(NamedTuple):
    """What the walk needs of the people in one year: R rows, Y years of onsets, I illnesses."""

    key0: np.uint64                # seed
    key1: np.uint64                # people-id
    admissions: Rows
    visits: Rows                   # of sampled households only
    onsets: Onsets
    illness_of: np.ndarray         # int64[2, A, I]: cumulative 2^32 thresholds by sex and age
    persons: np.ndarray            # int16[R]: birth year << 2 | sex << 1 | whether present
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
    return min((amount * price + PRICE // 2) >> 16, LARGEST_BILL)


@lean
def choose(thresholds, word):
    """The first index whose cumulative threshold lies above the word; the last one lies above every word."""
    index = 0
    for n in range(len(thresholds) - 1):
        index += 1 if word >= thresholds[n] else 0
    return index


@lean
def by_tier(values, tiers, chosen):
    """What stands in int64[4] for each bill's tier: a chain of selections vectorises, a look-up does not."""
    zero, one, two, three = values[0], values[1], values[2], values[3]
    for i in range(len(tiers)):
        chosen[i] = three if tiers[i] == 3 else two if tiers[i] == 2 else one if tiers[i] == 1 else zero


@lean
def case_group(cell):
    """Group of a case by the cell of its survival word: 0 the cheaper half, 1 the cheaper half of the rest, and so on."""
    return min(OCTAVES - 1 - (cell >> 22), CASE_GROUPS - 1)


@lean
def find_amounts(base, width, tiers, price, billed):
    """Turn the cells of the amounts' words into amounts by each tier's table (int64[T, 1024]), at this year's prices."""
    for i in range(len(tiers)):
        tier = np.uint64(tiers[i])
        billed[i] = amount_at(base[tier], width[tier], billed[i])
    for i in range(len(tiers)):
        billed[i] = priced(billed[i], price)


@lean
def admission_amounts(tables, bills, first, last, price, list_price):
    """Fill in BILLED (so far the cell of the amount's word), ELIGIBLE, TCM, UNREFERRED, CASE_PRICE and DAYS of the ordinary
    admissions first .. last of `bills` int64[BILL, n]. Standard case prices follow the central path (`list_price`), not the
    draw's. (Not a slice of all columns: the compiler would not know that its columns are without gaps.)"""
    billed, eligible, tcm = bills[BILLED, first:last], bills[ELIGIBLE, first:last], bills[TCM, first:last]
    unreferred, case_price, days = bills[UNREFERRED, first:last], bills[CASE_PRICE, first:last], bills[DAYS, first:last]
    tiers, mix = bills[TIER, first:last], bills[MIX_WORD, first:last]
    for i in range(len(tiers)):                                          # places in the tables, then look-ups one at a time
        days[i] = tiers[i] * CASE_GROUPS + case_group(billed[i])
        eligible[i] = tiers[i] * LEVELS + (mix[i] & (LEVELS - 1))
    prices, stays, in_scope = tables.case_price.reshape(-1), tables.stay.reshape(-1), tables.in_scope.reshape(-1)
    for i in range(len(tiers)):
        case_price[i] = prices[np.uint64(days[i])]
        days[i] = stays[np.uint64(days[i])]
        eligible[i] = in_scope[np.uint64(eligible[i])]
    by_tier(tables.tcm_share, tiers, tcm)
    by_tier(tables.unreferred, tiers, unreferred)
    find_amounts(tables.base, tables.width, tiers, price, billed)
    for i in range(len(tiers)):
        eligible[i] = quick_share(billed[i], eligible[i])
        tcm[i] = quick_share(eligible[i], tcm[i])
    for i in range(len(tiers)):
        unreferred[i] = 1 if (mix[i] >> 16) < unreferred[i] else 0
        case_price[i] = priced(case_price[i], list_price)


@lean
def visit_amounts(tables, tiers, price, billed, eligible):
    """Fill in both amounts of outpatient visits at their tiers; `billed` is so far the cell of the amount's word."""
    find_amounts(tables.visit_base, tables.visit_width, tiers, price, billed)
    by_tier(tables.visit_in_scope, tiers, eligible)
    for i in range(len(tiers)):
        eligible[i] = quick_share(billed[i], eligible[i])


class Stream(NamedTuple):
    """A stream's bills that wait to be settled, in order: columns FIRST to LAST of `bills`."""

    cursor: np.ndarray             # int64[5]: POSITION, CLAIM, EXHAUSTED, FIRST, LAST
    bills: np.ndarray              # int64[BILL, n + 1]: the key behind the last bill is END
    scratch: np.ndarray            # int64[n]


def open_stream(room):
    """A stream at its start, with room for so many bills."""
    return Stream(np.zeros(5, np.int64), np.empty((BILL, room + 1), np.int64), np.empty(room, np.int64))


@lean
def rewind(stream):
    """Back to the start: nothing drawn, nothing waiting."""
    for n in range(len(stream.cursor)):
        stream.cursor[n] = 0


@lean
def waiting(stream):
    """How many bills wait."""
    return stream.cursor[LAST] - stream.cursor[FIRST]


@lean
def find_cells(words, cells):
    """The quantile table's cell of each word."""
    for i in range(len(words)):
        cells[i] = survival_cell(words[i])


@lean
def find_positions(gap_base, gap_width, cells, inverse_rate, position, end):
    """Turn the cells of gaps into positions, `position` being the last one; how many lie before `end`."""
    for i in range(len(cells)):
        position += (amount_at(gap_base, gap_width, cells[i]) * inverse_rate) >> 20
        if position >= end:
            return i
        cells[i] = position
    return len(cells)


@lean
def find_rows(rows, positions, row, width):
    """The row and its hazard at each position, which becomes the way into that hazard.

    In passes, the usual cases without a branch that could be guessed wrong: memory is waited for once for many positions.
    """
    edge, first, shift, one = rows.edge, rows.first, rows.shift, np.uint64(1)
    for i in range(len(positions)):
        row[i] = first[np.uint64(positions[i] >> shift)]
    for i in range(len(positions)):
        row[i] += 1 if edge[np.uint64(row[i]) + one] <= positions[i] else 0
    for i in range(len(positions)):
        position, at = positions[i], np.uint64(row[i])
        while edge[at + one] <= position:
            at += one
        row[i] = rows.row[at]
        width[i] = edge[at + one] - edge[at]
        positions[i] = position - edge[at]


@lean
def find_keys(ways, row, width):
    """Turn the ways into the rows' hazards into keys: row << 16 | time of year in 1/65,536.

    Hazards lie below 2^47 and are exact as floats, so the quotient errs by less than one part in 2^52, and its whole part by
    one above at most, which the product tells.
    """
    for i in range(len(ways)):
        time = np.int64(np.float64(ways[i]) * 65536.0 / np.float64(width[i]))
        time -= 1 if time * width[i] > ways[i] << 16 else 0
        ways[i] = (row[i] << 16) | time


@lean
def choose_all(tier_of, words, tiers):
    """As `choose`, of a column: the tier."""
    one, two, three = tier_of[0], tier_of[1], tier_of[2]
    for i in range(len(words)):
        tiers[i] = (1 if words[i] >= one else 0) + (1 if words[i] >= two else 0) + (1 if words[i] >= three else 0)


@lean
def draw_words(key0, key1, first, c1, c2, c3, tier_of, gaps, tiers, amounts, words3):
    """As `philox_columns`, but the gap's cell, the tier, the amount's cell, the last word; more columns would not vectorise."""
    one, two, three = tier_of[0], tier_of[1], tier_of[2]
    for i in range(len(gaps)):
        word0, word1, word2, word3 = philox(key0, key1, np.uint32(first + i), c1, c2, c3)
        gaps[i], amounts[i], words3[i] = survival_cell(word0), survival_cell(word2), word3
        word = np.int64(word1)
        tiers[i] = (1 if word >= one else 0) + (1 if word >= two else 0) + (1 if word >= three else 0)


@lean
def make_room(rows, stream, inverse_rate):
    """Bring the waiting bills to the front; where new ones may stand, a few more than the hazard left lets expect."""
    cursor, bills = stream.cursor, stream.bills
    first, start = cursor[FIRST], cursor[LAST] - cursor[FIRST]
    if first > 0:
        for column in STREAM_COLUMNS:
            values = bills[column]
            for i in range(start):
                values[i] = values[first + i]
    expected = ((rows.edge[-1] - cursor[POSITION]) >> 4) // max(inverse_rate, 1)
    return start, min(start + expected + (expected >> 3) + 8, len(stream.scratch))


@lean
def place_claims(streams, rows, stream, start, stop, inverse_rate):
    """Turn the cells of the gaps before the claims start .. stop, their KEY, into keys; returns how many lie on the hazard."""
    cursor, bills = stream.cursor, stream.bills
    keys, row, width = bills[KEY, start:stop], bills[ROW, start:stop], stream.scratch[start:stop]
    end = rows.edge[-1]
    count = find_positions(streams.gap_base, streams.gap_width, keys, inverse_rate, cursor[POSITION], end)
    if count > 0:
        cursor[POSITION] = keys[count - 1]
    keys = keys[:count]
    find_rows(rows, keys, row, width)
    find_keys(keys, row, width)
    cursor[EXHAUSTED] = 1 if start + count < stop else 0
    cursor[CLAIM] += count
    cursor[FIRST], cursor[LAST] = 0, start + count
    bills[KEY, start + count] = END
    return count


@lean
def draw_admissions(streams, tables, stream, inverse_rate, price, list_price, more, replica, draw, year):
    """Draw the stream's next ordinary admissions behind those that wait; `more`: keep their words, and draw those for
    emergencies, new drugs and thinning too, which are left out where nobody asks."""
    rows, bills, claim, c3 = streams.admissions, stream.bills, stream.cursor[CLAIM], np.uint32((year << 16) | ADMISSION)
    key0, key1, c1, c2 = np.uint32(streams.key0), np.uint32(streams.key1), np.uint32(replica), np.uint32(draw)
    start, stop = make_room(rows, stream, inverse_rate)
    draw_words(key0, key1, claim, c1, c2, c3, tables.tier_of, bills[KEY, start:stop], bills[TIER, start:stop],
               bills[BILLED, start:stop], bills[MIX_WORD, start:stop])
    stop = start + place_claims(streams, rows, stream, start, stop, inverse_rate)
    admission_amounts(tables, bills, start, stop, price, list_price)
    if more:
        spare = stream.scratch[start:stop]
        philox_columns(key0, key1, claim, c1, c2, c3, spare, bills[TIER_WORD, start:stop], bills[AMOUNT_WORD, start:stop],
                       bills[MIX_WORD, start:stop])
        keep, urgent, drug = bills[KEEP_WORD, start:stop], bills[EMERGENCY, start:stop], bills[NEW_DRUG, start:stop]
        philox_columns(key0, key1, claim, c1, c2, np.uint32((year << 16) | ADMISSION_MORE), keep, urgent, drug, spare)
        for i in range(len(keep)):
            keep[i] = keep[i] >> 16
            urgent[i] = 1 if urgent[i] >> 16 < tables.emergency else 0
            drug[i] = share(bills[ELIGIBLE, start + i], tables.new_drug_part) if drug[i] >> 16 < tables.new_drug else 0


@lean
def draw_visits(streams, tables, stream, inverse_rate, price, more, replica, draw, year):
    """Draw the stream's next outpatient visits behind those that wait; `more`: keep their words."""
    rows, bills, claim, c3 = streams.visits, stream.bills, stream.cursor[CLAIM], np.uint32((year << 16) | VISIT)
    key0, key1, c1, c2 = np.uint32(streams.key0), np.uint32(streams.key1), np.uint32(replica), np.uint32(draw)
    start, stop = make_room(rows, stream, inverse_rate)
    draw_words(key0, key1, claim, c1, c2, c3, tables.visit_tier_of, bills[KEY, start:stop], bills[TIER, start:stop],
               bills[BILLED, start:stop], bills[KEEP_WORD, start:stop])
    stop = start + place_claims(streams, rows, stream, start, stop, inverse_rate)
    visit_amounts(tables, bills[TIER, start:stop], price, bills[BILLED, start:stop], bills[ELIGIBLE, start:stop])
    keep, chronic = bills[KEEP_WORD, start:stop], bills[CHRONIC, start:stop]
    for i in range(len(keep)):
        chronic[i] = 1 if keep[i] & 0xFFFF < tables.chronic else 0
    if more:
        philox_columns(key0, key1, claim, c1, c2, c3, stream.scratch[start:stop], bills[TIER_WORD, start:stop],
                       bills[AMOUNT_WORD, start:stop], keep)
        for i in range(len(keep)):
            keep[i] = keep[i] >> 16
