"""Drawing ordinary admissions and outpatient visits of one draw, replica and year: whose they are and when.

A stream is a Poisson process along the cumulative hazard of the roster: gaps are exponential, the
position gives the row, its fraction within the row the time of year. Only rows with a claim cost
anything.

Bills lie in columns, int64[BILL, n]: a pass reads few columns and writes one or two without branches,
so that the compiler works on eight claims at once. `courses.py` draws the listed illnesses, `blocks.py`
merges all three, `amounts.py` finds what they cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.chance.random import VISIT, amount_at, philox, survival_cell
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Int16s, Int32s, Ints, Ints2, Ints3, UInt32s, UInt32s2, UInt64
from simulator.money import LARGEST_BILL
from simulator.tables import BILL_COLUMNS, Fact

HAZARD = 1 << 24             # hazard units of one expected claim a year
RATE = 1 << 20               # fixed point of the rate multipliers
PRICE = 1 << 16              # fixed point of the price index
BILLS_UNIT = 1 << 16         # fixed point of mean numbers of bills
LEVELS = 4                   # equally likely levels of the in-scope share
CASE_GROUPS = 8              # case groups of a tier: each holds the dearer half of what the one before it leaves
CHANCE = 1 << 16             # fixed point of a chance given by a word
END = np.int64(1) << 62      # a key behind every bill's

# Where a stream stands, int64[5]: on the hazard, in its claims, and which of its columns hold bills that wait.
POSITION, CLAIM, EXHAUSTED, FIRST, LAST = range(5)
# What a stream keeps of a claim until its bill is written.
STREAM_COLUMNS = np.array([Fact.KEY, Fact.TIER, Fact.BILLED, Fact.MIX_BITS])


class Rows(NamedTuple):
    """Cumulative hazard of the A rows that have any, or of all rows if most have."""

    edge: Ints                     # [A + 1], HAZARD units
    row: UInt32s                   # [A], or empty if they are 0, 1, ...
    first: UInt32s                 # [B]: in whose hazard position b << shift lies
    shift: int


class Onsets(NamedTuple):
    """Cumulative hazards of R rows for the onset years `year`, year-1, ..., latest first."""

    edge: Ints2                    # [Y, R + 1], HAZARD units
    row: UInt32s                   # [0], see Rows
    first: UInt32s2                # [Y, B]: the row in whose hazard position b << shift lies
    shift: int


def shift_to(total: int, steps: int) -> int:
    """How far to shift a position below `total` for about so many steps."""
    return max(int(total) // (steps + 1), 1).bit_length()


def first_rows(edge: np.ndarray, total: int, shift: int) -> np.ndarray:
    """uint32[B]: the row in whose hazard each step lies."""
    return np.searchsorted(edge[1:], np.arange((int(total) >> shift) + 1) << shift, side="right").astype(np.uint32)


def rows_of(cumulative: np.ndarray) -> Rows:
    """Of a cumulative hazard int64[R + 1]. Where there are fewer claims than rows it is memory that takes time: the index is
    coarser then."""
    row, total = np.flatnonzero(np.diff(cumulative)).astype(np.uint32), cumulative[-1]
    edge = np.append(cumulative[:1], cumulative[row + 1])
    if 2 * len(row) > len(cumulative):
        edge, row = cumulative, row[:0]
    shift = shift_to(total, (len(edge) - 1) * (4 if total > len(edge) * HAZARD else 2))
    return Rows(edge, row, first_rows(edge, total, shift), shift)


def onsets_of(cumulative: np.ndarray) -> Onsets:
    """Of cumulative hazards int64[Y, R + 1]; onsets are rare, and their index is small enough to stay in the cache."""
    total, rows = cumulative[:, -1].max(), cumulative.shape[1] - 1
    shift = shift_to(total, rows // 2)
    return Onsets(cumulative, np.empty(0, np.uint32), np.stack([first_rows(edge, total, shift) for edge in cumulative]), shift)


class Streams(NamedTuple):
    """What the walk needs of the people in one year: R rows, Y years of onsets, I illnesses."""

    key0: UInt64                   # seed
    key1: UInt64                   # people-id
    admissions: Rows
    visits: Rows                   # of sampled households only
    onsets: Onsets
    illness_of: Ints3              # [2, A, I]: cumulative 2^32 thresholds by sex and age
    persons: Int16s                # [R]: birth year << 2 | sex << 1 | whether present
    policy_from: int               # first year of the policies: earlier onsets are nobody's to prevent
    gap_base: Ints                 # the exponential gap's quantile table
    gap_width: Ints
    household: Int32s              # [R], ascending


class BillTables(NamedTuple):
    """Amounts of the bills at the start year's prices: T tiers, I illnesses, L levels, 1,024 cells."""

    tier_of: Ints                  # [T]: cumulative thresholds of admissions
    base: Ints2                    # [T, 1024]
    width: Ints2
    in_scope: Ints2                # [T, L], 1/10,000
    tcm_share: Ints                # [T]
    unreferred: Ints               # [T]: of CHANCE
    case_price: Ints2              # [T, CASE_GROUPS]: mean bill of the group
    stay: Ints2                    # [T, CASE_GROUPS]: days
    emergency: np.int64            # of CHANCE
    new_drug: np.int64             # admissions with a new drug, of CHANCE
    new_drug_part: np.int64        # of their eligible expense, 1/10,000
    visit_tier_of: Ints            # [T]
    visit_base: Ints2              # [T, 1024]
    visit_width: Ints2
    visit_in_scope: Ints           # [T]
    chronic: np.int64              # visits for diseases on the chronic list, of CHANCE
    chronic_groups: Ints           # [N_CHRONIC - 1]: cumulative thresholds, of CHANCE, of their groups but the last
    illness_base: Ints3            # [I, 2, 1024]: first year, later years
    illness_width: Ints3
    illness_bills: Ints2           # [I, 2]: mean bills in the first and in a later year, 1/BILLS_UNIT
    illness_tier_of: Ints2         # [I, T]
    illness_in_scope: Ints         # [I]
    survival: Ints2                # [I, Y]: of 2^32, still in treatment k years after onset
    # What a world has in place of what is stated (levers.py), multiples in 1/PRICE.
    level: Ints                    # [T]: of the amounts of admissions
    visit_level: Ints              # [T]
    illness_level: Ints2           # [I, 2]
    onset_gap: int                 # RATE over the multiple of the onsets' hazard at which they are drawn
    onset_kept: Ints               # [I]: of 2^32, onsets of an illness that are kept of those drawn


class DrawTask(NamedTuple):
    """Which replicas of a draw's year are walked, and how that draw moves rates, prices and incomes."""

    draw: int
    first_replica: int
    replicas: int
    year: int
    price: int                     # in 1/PRICE of the start year's prices
    list_price: int                # the central path's price index, which prices of cases follow
    inverse_rate: int              # RATE over the rate multiplier of admissions
    inverse_visit_rate: int        # the same of visits
    income_index: int              # in 1/65,536 of the central path
    needs_extra_bits: bool         # a policy asks for emergencies, new drugs, thinning or local tiers: all bits are written
    needs_local_bits: bool = False     # a policy has local tiers: those of visits, too, that choose among them


@lean
def priced(amount: int, price: int) -> int:
    """An amount at the start year's prices moved to this year's, fen; never above the largest bill."""
    return min((amount * price + PRICE // 2) >> 16, LARGEST_BILL)


@lean
def at_level(price: int, level: int) -> int:
    """A price index times a level, both in 1/PRICE."""
    return (price * level + PRICE // 2) >> 16


@lean
def choose(thresholds: Ints, word: int) -> int:
    """The first index whose cumulative threshold lies above the word; the last one lies above every word."""
    index = 0
    for n in range(len(thresholds) - 1):
        index += 1 if word >= thresholds[n] else 0
    return index


class Stream(NamedTuple):
    """A stream's bills that wait to be settled, in order: columns FIRST to LAST of `bills`."""

    cursor: Ints                   # [5]: POSITION, CLAIM, EXHAUSTED, FIRST, LAST
    bills: Ints2                   # [BILL_COLUMNS, n + 1]: the key behind the last bill is END
    scratch: Ints                  # [n]


def open_stream(room: int) -> Stream:
    """A stream at its start, with room for so many bills."""
    return Stream(np.zeros(5, np.int64), np.empty((BILL_COLUMNS, room + 1), np.int64), np.empty(room, np.int64))


@lean
def rewind(stream: Stream) -> None:
    """Back to the start: nothing drawn, nothing waiting."""
    for n in range(len(stream.cursor)):
        stream.cursor[n] = 0


@lean
def waiting(stream: Stream) -> int:
    """How many bills wait."""
    return stream.cursor[LAST] - stream.cursor[FIRST]


@lean
def find_cells(words: Ints, cells: Ints) -> None:
    """The quantile table's cell of each word."""
    for i in range(len(words)):
        cells[i] = survival_cell(words[i])


@lean
def find_positions(gap_base: Ints, gap_width: Ints, cells: Ints, inverse_rate: int, position: int, end: int) -> int:
    """Turn the cells of gaps into positions, `position` being the last one; how many lie before `end`."""
    for i in range(len(cells)):
        position += (amount_at(gap_base, gap_width, cells[i]) * inverse_rate) >> 20
        if position >= end:
            return i
        cells[i] = position
    return len(cells)


@lean
def find_rows(rows: Rows, positions: Ints, row: Ints, width: Ints) -> None:
    """The row and its hazard at each position, which becomes the way into that hazard.

    In two passes, the first without a branch that could be guessed wrong: memory is waited for once for many positions.
    """
    edge, first, own, shift, one = rows.edge, rows.first, rows.row, rows.shift, np.uint64(1)
    named = len(own) > 0
    for i in range(len(positions)):
        at = np.uint64(first[np.uint64(positions[i] >> shift)])
        row[i] = np.int64(at) + (1 if edge[at + one] <= positions[i] else 0)
    for i in range(len(positions)):
        position, at = positions[i], np.uint64(row[i])
        while edge[at + one] <= position:
            at += one
        row[i] = own[at] if named else np.int64(at)
        width[i] = edge[at + one] - edge[at]
        positions[i] = position - edge[at]


@lean
def find_keys(ways: Ints, row: Ints, width: Ints) -> None:
    """Turn the ways into the rows' hazards into keys: row << 16 | time of year in 1/65,536.

    Hazards lie below 2^47 and are exact as floats, so the quotient errs by less than one part in 2^52, and its whole part by
    one above at most, which the product tells.
    """
    for i in range(len(ways)):
        time = np.int64(np.float64(ways[i]) * 65536.0 / np.float64(width[i]))
        time -= 1 if time * width[i] > ways[i] << 16 else 0
        ways[i] = (row[i] << 16) | time


@inlined
def tier_and_place(one: int, two: int, three: int, tier_word: int, amount_word: int) -> tuple[int, int]:
    """The tier that a word chooses, these being the thresholds between tiers, and where the amount's word stands in the tables
    of all tiers, one behind the other: 1,024 cells of 2^17 places each."""
    word = np.int64(tier_word)
    tier = (1 if word >= one else 0) + (1 if word >= two else 0) + (1 if word >= three else 0)
    return tier, (tier << 27) + survival_cell(amount_word)


@lean
def draw_words(key0: int, key1: int, first: int, c1: int, c2: int, c3: int, tier_of: Ints, gaps: Ints, tiers: Ints, places: Ints,
               words3: Ints) -> None:
    """As `philox_columns`, but the gap's cell, tier and place (`tier_and_place`), the last word; more columns would not
    vectorise."""
    one, two, three = tier_of[0], tier_of[1], tier_of[2]
    for i in range(len(gaps)):
        word0, word1, word2, word3 = philox(key0, key1, np.uint32(first + i), c1, c2, c3)
        gaps[i], words3[i] = survival_cell(word0), word3
        tiers[i], places[i] = tier_and_place(one, two, three, word1, word2)


@lean
def make_room(rows: Rows, stream: Stream, inverse_rate: int) -> tuple[int, int]:
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
def place_claims(streams: Streams, rows: Rows, stream: Stream, start: int, stop: int, inverse_rate: int) -> int:
    """Turn the cells of the gaps before the claims start .. stop, their KEY, into keys; returns how many lie on the hazard."""
    cursor, bills = stream.cursor, stream.bills
    keys, row, width = bills[Fact.KEY, start:stop], bills[Fact.ROW, start:stop], stream.scratch[start:stop]
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
    bills[Fact.KEY, start + count] = END
    return count


@lean
def draw_claims(streams: Streams, rows: Rows, tier_of: Ints, stream: Stream, task: DrawTask, replica: int, kind: int) -> None:
    """Draw the next claims of a stream of a kind (`chance.random`) behind those that wait: KEY, TIER, BILLED (so far the
    place in the tiers' tables) and MIX_BITS, the last random bits of each."""
    bills, claim = stream.bills, stream.cursor[CLAIM]
    inverse_rate = task.inverse_visit_rate if kind == VISIT else task.inverse_rate
    start, stop = make_room(rows, stream, inverse_rate)
    draw_words(np.uint32(streams.key0), np.uint32(streams.key1), claim, np.uint32(replica), np.uint32(task.draw),
               np.uint32((task.year << 16) | kind), tier_of, bills[Fact.KEY, start:stop], bills[Fact.TIER, start:stop],
               bills[Fact.BILLED, start:stop], bills[Fact.MIX_BITS, start:stop])
    place_claims(streams, rows, stream, start, stop, inverse_rate)


@lean
def first_claim(stream: Stream) -> int:
    """The number of the first claim that waits."""
    return stream.cursor[CLAIM] - waiting(stream)
