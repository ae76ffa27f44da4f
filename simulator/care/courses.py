"""Drawing the bills of listed illnesses of one draw, replica and year.

They have no memory: the onsets of earlier years are walked again and their courses laid out anew
(design, section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.care.walk import (
    BILLS_UNIT,
    EXHAUSTED,
    FIRST,
    Rows,
    at_level,
    choose,
    find_cells,
    make_room,
    place_claims,
    priced,
    rewind,
)
from simulator.chance.random import COURSE_BILL, ONSET, philox, philox_columns, quantile_of
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints2
from simulator.money import share
from simulator.tables import Fact

if TYPE_CHECKING:
    from simulator.care.walk import BillTables, DrawTask, Stream, Streams

# in which bills of courses differ, beside KEY and KEEP_WORD
COURSE_COLUMNS = np.array([Fact.TIER, Fact.ILLNESS, Fact.BILLED, Fact.ELIGIBLE])


@lean
def draw_listed(streams: Streams, tables: BillTables, onsets: Stream, bills: Ints2, task: DrawTask, replica: int) -> int:
    """All bills of listed illnesses of the year, from the onsets of this and earlier years, unsorted; returns how many.

    Fills KEY (that of the other streams << 10 | illness << 5 | bill of the course), COLUMNS and KEEP_WORD of `bills`
    int64[BILL, n]; ValueError if it has too little room. `onsets` is a scratch stream.
    """
    count, year, draw = np.int64(0), task.year, task.draw
    for back in range(len(streams.onsets.edge)):
        onset_year = (year - back) << 16
        rows = Rows(streams.onsets.edge[back], streams.onsets.row, streams.onsets.first[back], streams.onsets.shift)
        rewind(onsets)
        claim = np.int64(0)
        while onsets.cursor[EXHAUSTED] == 0:
            _, stop = make_room(rows, onsets, tables.onset_gap)
            gaps, own = onsets.bills[Fact.KEY, :stop], onsets.bills
            philox_columns(np.uint32(streams.key0), np.uint32(streams.key1), claim, np.uint32(replica), np.uint32(draw),
                           np.uint32(onset_year | ONSET), gaps, own[Fact.TIER_BITS, :stop], own[Fact.AMOUNT_BITS, :stop],
                           own[Fact.KEEP_BITS, :stop])
            find_cells(gaps, gaps)
            waiting = place_claims(streams, rows, onsets, np.int64(0), stop, tables.onset_gap)
            number = find_courses(streams, tables, onsets, waiting, year, back)
            first = count
            for n in range(number):
                at = onsets.scratch[n]
                count = plan_bills(streams, tables, onsets.bills, at, claim + at, bills, count, replica, draw, year, back)
            draw_bills(streams, tables, bills, first, count, min(back, 1), task.price, replica, draw, onset_year | COURSE_BILL)
            claim += waiting
            onsets.cursor[FIRST] = waiting
    return count


@lean
def find_courses(streams: Streams, tables: BillTables, onsets: Stream, count: int, year: int, back: int) -> int:
    """Find each onset's illness, and note in `scratch` the onsets that are still treated, of members; returns how many. A word
    fixes each course's length; another says whether the onset is kept in its world, and what is left of it, 16 bits, whether a
    policy keeps it."""
    row, words, lengths, illnesses = (onsets.bills[Fact.ROW], onsets.bills[Fact.TIER_BITS], onsets.bills[Fact.AMOUNT_BITS],
                                      onsets.bills[Fact.ILLNESS])
    illness_of, persons, number, survival, words_kept = (streams.illness_of, streams.persons, 0, tables.survival,
                                                         onsets.bills[Fact.KEEP_BITS])
    for i in range(count):
        person = np.int64(persons[np.uint64(row[i])])
        age = min(max(year - back - (person >> 2), 0), illness_of.shape[1] - 1)
        illness = choose(illness_of[np.uint64((person >> 1) & 1), np.uint64(age)], words[i])
        illnesses[i] = illness
        onsets.scratch[number] = i
        kept = tables.onset_kept[np.uint64(illness)]
        number += (person & 1) * (1 if lengths[i] < survival[np.uint64(illness), back] and words_kept[i] < kept else 0)
        words_kept[i] = (words_kept[i] << 16) // max(kept, 1)
    return number


@lean
def plan_bills(streams: Streams, tables: BillTables, onsets: Ints2, at: int, claim: int, bills: Ints2, count: int, replica: int,
               draw: int, year: int, back: int) -> int:
    """Lay out the year's bills of a course behind `count` others: what they do not draw, and in AMOUNT_WORD the counter of what
    they do. Returns how many there are then."""
    illness, later = onsets[Fact.ILLNESS, at], min(back, 1)
    number, part = tables.illness_bills[illness, later] >> 16, tables.illness_bills[illness, later] & (BILLS_UNIT - 1)
    if part > 0:                                                     # a part of a bill is a chance of one more
        extra, _, _, _ = philox(streams.key0, streams.key1, (claim << 8) | (back << 4) | 15, replica, draw,
                                ((year - back) << 16) | COURSE_BILL)
        number += 1 if np.int64(extra) >> 16 < part else 0
    if count + number > bills.shape[1]:
        raise ValueError("more bills of listed illnesses than the walk has room for")
    start = onsets[Fact.KEY, at] & 0xFFFF if back == 0 else np.int64(0)
    keep = onsets[Fact.KEEP_BITS, at] if year - back >= streams.policy_from else np.int64(-1)
    for j in range(number):
        time = start + ((65536 - start) * (2 * j + 1)) // (2 * number)
        bills[Fact.KEY, count] = (((onsets[Fact.ROW, at] << 16) | time) << 10) | (illness << 5) | j
        bills[Fact.ILLNESS, count] = illness
        bills[Fact.KEEP_BITS, count] = keep
        bills[Fact.AMOUNT_BITS, count] = (claim << 8) | (back << 4) | j
        count += 1
    return count


@lean
def draw_bills(streams: Streams, tables: BillTables, bills: Ints2, first: int, last: int, later: int, price: int, replica: int,
               draw: int, stream: int) -> None:
    """Draw tiers and amounts of the bills that `plan_bills` has laid out."""
    tiers, words, illnesses, local = bills[Fact.TIER_BITS], bills[Fact.AMOUNT_BITS], bills[Fact.ILLNESS], bills[Fact.LOCAL_BITS]
    key0, key1 = np.uint32(streams.key0), np.uint32(streams.key1)
    c1, c2, c3 = np.uint32(replica), np.uint32(draw), np.uint32(stream)
    for i in range(np.uint64(first), np.uint64(last)):
        word0, word1, word2, _ = philox(key0, key1, np.uint32(words[i]), c1, c2, c3)
        tiers[i] = word0
        words[i] = word1
        local[i] = word2
    for i in range(first, last):
        illness = np.uint64(illnesses[i])
        billed = priced(quantile_of(tables.illness_base[illness], tables.illness_width[illness], later, words[i]),
                        at_level(price, tables.illness_level[illness, later]))
        bills[Fact.TIER, i] = choose(tables.illness_tier_of[illness], tiers[i])
        bills[Fact.BILLED, i] = billed
        bills[Fact.ELIGIBLE, i] = share(billed, tables.illness_in_scope[illness])
