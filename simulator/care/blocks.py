"""Blocks of bills: the three streams of a replica merged by row and time, a block at a time.

A block holds complete households only: whoever adds up a person's or a household's year finds all of
it in one block. Bills of a household that may not be complete yet wait in their streams.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import (
    CASE_PRICE,
    CHRONIC,
    DAYS,
    EMERGENCY,
    ILLNESS,
    INPATIENT,
    KEEP_WORD,
    KEY,
    KIND,
    MONTH,
    NEW_DRUG,
    NO_ILLNESS,
    OUTPATIENT_VISIT,
    ROW,
    SOURCE,
    TCM,
    UNITS,
    UNREFERRED,
)
from simulator.care.courses import COLUMNS, draw_listed
from simulator.care.walk import (
    END,
    EXHAUSTED,
    FACTS,
    FIRST,
    LAST,
    STAY_FACTS,
    VISIT_FACTS,
    WORDS,
    Stream,
    draw_admissions,
    draw_visits,
    open_stream,
    rewind,
    waiting,
)
from simulator.compiled import compiled, lean

ROOM = 4096                  # bills of a block
STREAM_ROOM = 2048           # bills of a stream that are drawn and wait
# Columns that are first the same for all bills, and what a visit has in them.
SAME = np.array([TCM, CASE_PRICE, UNREFERRED, CHRONIC, EMERGENCY, NEW_DRUG, UNITS, DAYS, SOURCE, KIND, ILLNESS])
SAME_AS = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, OUTPATIENT_VISIT, NO_ILLNESS])


class Walk(NamedTuple):
    """Where the walk through a replica stands. Listed illnesses are drawn at its start."""

    admissions: Stream
    visits: Stream
    onsets: Stream                 # scratch of the listed illnesses
    listed: Stream                 # unsorted; the cursor counts along `keys`
    keys: np.ndarray               # int64[n + 1]: keys of listed illnesses as the other streams have them, rising, END behind
    order: np.ndarray              # int64[n]: the column of each of them


@compiled
def open_walk(listed_room, stream_room):
    """A walk with room for so many bills of listed illnesses, and for so many of each of the other streams at once."""
    return Walk(open_stream(stream_room), open_stream(stream_room), open_stream(stream_room), open_stream(listed_room),
                np.zeros(listed_room + 1, np.int64), np.zeros(listed_room, np.int64))


@lean
def sort_keys(keys, order, spare, count):
    """Put into `order` the places of the first `count` keys, rising, equal ones as they stand (a merge sort from below)."""
    for i in range(count):
        order[i] = i
    width = 1
    while width < count:
        for low in range(0, count, 2 * width):
            middle, high = min(low + width, count), min(low + 2 * width, count)
            a, b = low, middle
            for at in range(low, high):
                if a < middle and (b == high or keys[order[a]] <= keys[order[b]]):
                    spare[at] = order[a]
                    a += 1
                else:
                    spare[at] = order[b]
                    b += 1
        for i in range(count):
            order[i] = spare[i]
        width *= 2


@lean
def start_replica(walk, streams, tables, price, replica, draw, year):
    """Begin a replica's year: nothing is drawn yet but the listed illnesses."""
    rewind(walk.admissions)
    rewind(walk.visits)
    rewind(walk.listed)
    listed = walk.listed
    count = draw_listed(streams, tables, walk.onsets, listed.bills, price, replica, draw, year)
    keys = listed.bills[KEY]
    sort_keys(keys, walk.order, listed.scratch, count)                    # two courses may share a key
    for i in range(count):
        walk.keys[i] = keys[walk.order[i]] >> 10
    walk.keys[count] = END
    listed.cursor[LAST] = count


@lean
def household_start(household, key):
    """The first key of the household that a bill's key lies in."""
    row = key >> 16
    while row > 0 and household[row - 1] == household[row]:
        row -= 1
    return row << 16


@lean
def complete_below(stream, household):
    """The key up to which a stream has drawn its households completely."""
    if stream.cursor[EXHAUSTED] == 1:
        return END
    return household_start(household, stream.bills[KEY, stream.cursor[LAST] - 1])


@lean
def find_places(walk, limit):
    """Give each bill with a key below `limit` its place in order of keys; with equal ones admissions come first, then listed
    illnesses, then visits. Returns how many of each there are."""
    a_key, v_key, l_key = walk.admissions.bills[KEY], walk.visits.bills[KEY], walk.keys
    a_place, v_place, l_place = walk.admissions.place, walk.visits.place, walk.listed.place
    a, v, n = walk.admissions.cursor[FIRST], walk.visits.cursor[FIRST], walk.listed.cursor[FIRST]
    at = 0
    while True:
        stay = min(a_key[a], l_key[n], limit)
        while v_key[v] < stay:
            v_place[v] = at
            v += 1
            at += 1
        if stay == limit:
            return a, n, v
        if a_key[a] == stay:
            a_place[a] = at
            a += 1
        else:
            l_place[n] = at
            n += 1
        at += 1


@lean
def key_of(keys, place, first, last, wanted):
    """The key of the bill that goes to a place, END if it is none of these."""
    for i in range(first, last):
        if place[i] == wanted:
            return keys[i]
    return END


@lean
def put(values, place, first, last, column):
    """Put the values of bills into a column of the block."""
    for i in range(first, last):
        column[np.uint64(place[i])] = values[i]


@lean
def put_four(bills, columns, place, first, last, block):
    """Put four columns of bills into the block."""
    c0, c1, c2, c3 = columns
    put_apart(bills[c0], bills[c1], bills[c2], bills[c3], place, first, last, block[c0], block[c1], block[c2], block[c3])


@lean
def put_apart(values0, values1, values2, values3, place, first, last, column0, column1, column2, column3):
    """Put the values of bills into four columns: together they take half the time."""
    for i in range(first, last):
        at = np.uint64(place[i])
        column0[at], column1[at], column2[at], column3[at] = values0[i], values1[i], values2[i], values3[i]


@lean
def put_all(value, place, first, last, column):
    """Put one value for each bill into a column of the block."""
    for i in range(first, last):
        column[np.uint64(place[i])] = value


@lean
def fill(column, count, value):
    """One value for every bill of a block."""
    for i in range(count):
        column[i] = value


@lean
def read_keys(keys, row, month, count):
    """Rows and months of bills."""
    for i in range(count):
        row[i] = keys[i] >> 16
        month[i] = ((keys[i] & 0xFFFF) * 12) >> 16


@lean
def write_block(walk, a_last, l_last, v_last, more, block, count):
    """Write the bills that have a place into the block: what is the same for all as a visit has it, then what differs."""
    admissions, visits, listed = walk.admissions, walk.visits, walk.listed
    a_first, v_first, l_first = admissions.cursor[FIRST], visits.cursor[FIRST], listed.cursor[FIRST]
    for n in range(len(SAME)):
        fill(block[SAME[n]], count, SAME_AS[n])
    put_four(visits.bills, FACTS, visits.place, v_first, v_last, block)
    put_four(admissions.bills, FACTS, admissions.place, a_first, a_last, block)
    put_four(admissions.bills, STAY_FACTS, admissions.place, a_first, a_last, block)
    put_all(np.int64(0), admissions.place, a_first, a_last, block[SOURCE])
    put_all(np.int64(INPATIENT), admissions.place, a_first, a_last, block[KIND])
    if more:
        for column in WORDS:
            fill(block[column], count, np.int64(0))
        put_four(visits.bills, VISIT_FACTS, visits.place, v_first, v_last, block)
        put_four(admissions.bills, WORDS, admissions.place, a_first, a_last, block)
        put(admissions.bills[EMERGENCY], admissions.place, a_first, a_last, block[EMERGENCY])
        put(admissions.bills[NEW_DRUG], admissions.place, a_first, a_last, block[NEW_DRUG])
    else:
        put(visits.bills[CHRONIC], visits.place, v_first, v_last, block[CHRONIC])
    read_keys(block[KEY], block[ROW], block[MONTH], count)
    for n in range(l_first, l_last):
        at, source = listed.place[n], walk.order[n]
        for column in COLUMNS:
            block[column, at] = listed.bills[column, source]
        if more:
            block[KEEP_WORD, at] = listed.bills[KEEP_WORD, source]


@lean
def next_block(walk, streams, tables, household, block, inverse_use, inverse_visits, price, list_price, more, replica, draw,
               year):
    """Fill `block` int64[BILL, n] with the replica's next bills, a bill a column; returns how many, 0 at the end.

    `household` int32[R] ascends. The columns of words are written only if `more`. ValueError if one household has more bills
    than a block.
    """
    admissions, visits, listed = walk.admissions, walk.visits, walk.listed
    room = block.shape[1]
    half = len(visits.place) >> 1
    while admissions.cursor[EXHAUSTED] == 0 and waiting(admissions) < half:
        draw_admissions(streams, tables, admissions, inverse_use, price, list_price, more, replica, draw, year)
    while visits.cursor[EXHAUSTED] == 0 and waiting(visits) < half:
        draw_visits(streams, tables, visits, inverse_visits, price, replica, draw, year)
    limit = min(complete_below(admissions, household), complete_below(visits, household))
    a, n, v = find_places(walk, limit)
    count = (a - admissions.cursor[FIRST]) + (n - listed.cursor[FIRST]) + (v - visits.cursor[FIRST])
    if count > room:
        key = min(key_of(admissions.bills[KEY], admissions.place, admissions.cursor[FIRST], a, room),
                  key_of(walk.keys, listed.place, listed.cursor[FIRST], n, room),
                  key_of(visits.bills[KEY], visits.place, visits.cursor[FIRST], v, room))
        limit = household_start(household, key)
        a, n, v = find_places(walk, limit)
        count = (a - admissions.cursor[FIRST]) + (n - listed.cursor[FIRST]) + (v - visits.cursor[FIRST])
    if count == 0 and limit < END:
        raise ValueError("a household has more bills in a year than a block of the walk has room for")
    write_block(walk, a, n, v, more, block, count)
    admissions.cursor[FIRST], listed.cursor[FIRST], visits.cursor[FIRST] = a, n, v
    return count
