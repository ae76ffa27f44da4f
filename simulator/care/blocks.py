"""Blocks of bills: the three streams of a replica merged by row and time, a block at a time.

A block holds complete households only: whoever adds up a person's or a household's year finds all of
it in one block. Bills of a household that may not be complete yet wait in their streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.care.amounts import write_admissions, write_visits
from simulator.care.courses import COURSE_COLUMNS, draw_listed
from simulator.care.walk import END, EXHAUSTED, FIRST, LAST, Stream, draw_claims, open_stream, rewind, waiting
from simulator.chance.random import ADMISSION, VISIT
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Int32s, Ints, Ints2
from simulator.tables import BEHIND_ALL, BILL_COLUMNS, INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact

if TYPE_CHECKING:
    from simulator.care.walk import BillTables, DrawTask, Streams

ROOM = 4104                  # bills of a block: not a power of two, or all its columns would share the same lines of the cache
STREAM_ROOM = 2048           # bills of a stream that are drawn and wait
# What `Block.count` tells: where listed illnesses and visits begin, how many bills there are, and between which places the SAME
# columns are already a visit's.
LISTED_FROM, VISITS_FROM, BILL_COUNT, SAME_FROM, SAME_TO = range(5)
# Columns that are the same for all visits, and what a visit has in them; listed illnesses write over these.
SAME = np.array([Fact.TCM, Fact.CASE_PRICE, Fact.UNREFERRED, Fact.EMERGENCY, Fact.NEW_DRUG, Fact.DAYS, Fact.SOURCE, Fact.KIND,
                 Fact.ILLNESS, Fact.UNITS, Fact.PILOT_RANK, Fact.PAYMENT_RANK])
SAME_AS = np.array([0, 0, 0, 0, 0, 1, 2, OUTPATIENT_VISIT, NO_ILLNESS, 1, BEHIND_ALL, BEHIND_ALL])
OF_CLAIM = np.array([Fact.TIER, Fact.BILLED, Fact.MIX_BITS])              # what a stream knows of an admission beside its key
EXTRA_BITS = np.array([Fact.TIER_BITS, Fact.AMOUNT_BITS, Fact.KEEP_BITS, Fact.MIX_BITS])   # written only where a policy asks


class Block(NamedTuple):
    """Bills of complete households, a bill a column."""

    bills: Ints2                   # [BILL_COLUMNS, ROOM]: ordinary admissions, then listed illnesses, then visits
    count: Ints                    # [5]: LISTED_FROM, VISITS_FROM, BILL_COUNT, SAME_FROM, SAME_TO
    order: Ints                    # [ROOM]: the bills person by person, in order of time
    place: Ints                    # [ROOM]: each bill's place among the sums


def open_block(room: int) -> Block:
    """An empty block with room for so many bills."""
    return Block(np.zeros((BILL_COLUMNS, room), np.int64), np.zeros(5, np.int64), np.empty(room, np.int64),
                 np.empty(room, np.int64))


class Walk(NamedTuple):
    """Where the walk through a replica stands. Listed illnesses are drawn at its start."""

    admissions: Stream
    visits: Stream
    onsets: Stream                 # scratch of the listed illnesses
    listed: Stream                 # unsorted; the cursor counts along `keys`
    keys: Ints                     # [n + 1]: keys of listed illnesses as the other streams have them, rising, END behind
    order: Ints                    # [n]: the column of each of them
    replica: Ints                  # [1]: the replica that is walked, -1 between replicas


def open_walk(listed_room: int, stream_room: int) -> Walk:
    """A walk with room for so many bills of listed illnesses, and for so many of each of the other streams at once."""
    return Walk(open_stream(stream_room), open_stream(stream_room), open_stream(stream_room), open_stream(listed_room),
                np.empty(listed_room + 1, np.int64), np.empty(listed_room, np.int64), np.full(1, -1, np.int64))


@lean
def sort_keys(keys: Ints, order: Ints, spare: Ints, count: int) -> None:
    """Put into `order` the places of the first `count` keys, rising, equal ones as they stand: by as many equal intervals, then
    by insertion."""
    low, high, shift = END, np.int64(0), np.int64(0)
    for i in range(count):
        low, high = min(low, keys[i]), max(high, keys[i])
        spare[i] = 0
    while (high - low) >> shift >= max(count, 1):
        shift += 1
    for i in range(count):
        spare[(keys[i] - low) >> shift] += 1
    begin = np.int64(0)
    for n in range(count):
        here = spare[n]
        spare[n] = begin
        begin += here
    for i in range(count):
        n = (keys[i] - low) >> shift
        order[spare[n]] = i
        spare[n] += 1
    for m in range(1, count):
        i, at = order[m], m
        while at > 0 and keys[order[at - 1]] > keys[i]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = i


@lean
def start_replica(walk: Walk, streams: Streams, tables: BillTables, task: DrawTask, replica: int) -> None:
    """Begin a replica's year: nothing is drawn yet but the listed illnesses."""
    rewind(walk.admissions)
    rewind(walk.visits)
    rewind(walk.listed)
    listed = walk.listed
    count = draw_listed(streams, tables, walk.onsets, listed.bills, task, replica)
    keys = listed.bills[Fact.KEY]
    sort_keys(keys, walk.order, listed.scratch, count)                    # two courses may share a key
    for i in range(count):
        walk.keys[i] = keys[walk.order[i]] >> 10
    walk.keys[count] = END
    listed.cursor[LAST] = count


@lean
def household_start(household: Int32s, key: int) -> int:
    """The first key of the household that a bill's key lies in."""
    row = key >> 16
    while row > 0 and household[row - 1] == household[row]:
        row -= 1
    return row << 16


@lean
def complete_below(stream: Stream, household: Int32s) -> int:
    """The key up to which a stream has drawn its households completely."""
    if stream.cursor[EXHAUSTED] == 1:
        return END
    return household_start(household, stream.bills[Fact.KEY, stream.cursor[LAST] - 1])


@lean
def place_of(keys: Ints, low: int, high: int, limit: int) -> int:
    """Where among the rising keys low .. high the first stands that is not below `limit`."""
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < limit:
            low = middle + 1
        else:
            high = middle
    return low


@lean
def find_ends(walk: Walk, limit: int) -> tuple[int, int, int, int]:
    """Where in each stream the bills with a key below `limit` end, and how many these are."""
    a, n, v = walk.admissions.cursor, walk.listed.cursor, walk.visits.cursor
    a_last = place_of(walk.admissions.bills[Fact.KEY], a[FIRST], a[LAST], limit)
    n_last = place_of(walk.keys, n[FIRST], n[LAST], limit)
    v_last = place_of(walk.visits.bills[Fact.KEY], v[FIRST], v[LAST], limit)
    return a_last, n_last, v_last, a_last - a[FIRST] + n_last - n[FIRST] + v_last - v[FIRST]


@lean
def key_at(walk: Walk, place: int) -> int:
    """The key of the bill at a place in the order of all streams."""
    a_key, v_key, l_key, key = walk.admissions.bills[Fact.KEY], walk.visits.bills[Fact.KEY], walk.keys, END
    a, v, n = walk.admissions.cursor[FIRST], walk.visits.cursor[FIRST], walk.listed.cursor[FIRST]
    for _ in range(place + 1):
        key = min(a_key[a], v_key[v], l_key[n])
        if a_key[a] == key:
            a += 1
        elif l_key[n] == key:
            n += 1
        else:
            v += 1
    return key


@lean
def merge_admissions(walk: Walk, course: int, keys: Ints, places: Ints) -> None:
    """Note the keys and places in the block of its admissions, which come first among equal keys, and listed illnesses, these
    from `course` on."""
    a_key, l_key, one = walk.admissions.bills[Fact.KEY], walk.keys, np.uint64(1)
    a, n = np.uint64(walk.admissions.cursor[FIRST]), np.uint64(walk.listed.cursor[FIRST])
    to_place, to_course = -np.int64(a), course - np.int64(n)
    for k in range(len(keys)):
        if a_key[a] <= l_key[n]:
            keys[k], places[k] = a_key[a], np.int64(a) + to_place
            a += one
        else:
            keys[k], places[k] = l_key[n], np.int64(n) + to_course
            n += one


@inlined
def merge_step(keys: Ints, v_key: Ints, k: int, v: int, visit: int, before: Ints, order: Ints) -> tuple[int, int]:
    """Note the next visit in the order, and how many are before the next admission; what comes then. If the admission comes
    first, it takes the visit's place later: of a choice the compiler makes a branch, which is guessed wrong once in six bills."""
    order[k + v], before[k] = np.int64(v) + visit, v
    is_visit = np.uint64(1 if v_key[v] < keys[k] else 0)
    return k + np.uint64(1) - is_visit, v + is_visit


@lean
def merge_rest(keys: Ints, v_key: Ints, k: int, v: int, end: int, visit: int, before: Ints, order: Ints) -> None:
    """Note the bills up to the one at `end` in the order."""
    while k + v < np.uint64(end):
        k, v = merge_step(keys, v_key, k, v, visit, before, order)


@lean
def merge(keys: Ints, places: Ints, v_key: Ints, visit: int, before: Ints, order: Ints) -> None:
    """Note in `order` the bills of the block: admissions at these places with these keys, and visits from place `visit` on;
    with equal keys visits come last.

    Four quarters at once, since each step waits for the one before it; each but the last ends with an admission, or the next
    admission's visits would be counted twice. The keys behind the last ones are larger than all.
    """
    visits, admissions = len(v_key) - 1, len(places)
    k1, k2, k3 = (admissions + 3) >> 2, (2 * admissions + 3) >> 2, (3 * admissions + 3) >> 2
    v1, v2, v3 = (place_of(v_key, 0, visits, keys[max(k1 - 1, 0)]), place_of(v_key, 0, visits, keys[max(k2 - 1, 0)]),
                  place_of(v_key, 0, visits, keys[max(k3 - 1, 0)]))
    end1, end2, end3, end4 = k1 + v1, k2 + v2, k3 + v3, admissions + visits
    a, b, c, d = np.uint64(0), np.uint64(k1), np.uint64(k2), np.uint64(k3)
    s, t, u, v = np.uint64(0), np.uint64(v1), np.uint64(v2), np.uint64(v3)
    for _ in range(min(end1, end2 - end1, end3 - end2, end4 - end3)):
        a, s = merge_step(keys, v_key, a, s, visit, before, order)
        b, t = merge_step(keys, v_key, b, t, visit, before, order)
        c, u = merge_step(keys, v_key, c, u, visit, before, order)
        d, v = merge_step(keys, v_key, d, v, visit, before, order)
    merge_rest(keys, v_key, a, s, end1, visit, before, order)
    merge_rest(keys, v_key, b, t, end2, visit, before, order)
    merge_rest(keys, v_key, c, u, end3, visit, before, order)
    merge_rest(keys, v_key, d, v, end4, visit, before, order)
    for k in range(np.uint64(admissions)):
        order[k + np.uint64(before[k])] = places[k]


@lean
def write_order(walk: Walk, v_last: int, course: int, visit: int, block: Block) -> None:
    """Note in `order` the bills of the block, person by person and in order of time. Columns that are written later are
    scratch."""
    keys, places, before, visits = (block.bills[Fact.BILLED], block.bills[Fact.ELIGIBLE, :visit], block.bills[Fact.TIER],
                                    walk.visits)
    merge_admissions(walk, course, keys[:visit], places)
    if visit < len(keys):
        keys[visit] = END
    merge(keys, places, visits.bills[Fact.KEY, visits.cursor[FIRST]:v_last + 1], visit, before, block.order)


@lean
def copy(values: Ints, first: int, last: int, column: Ints, at: int) -> None:
    """Copy values first .. last to `at` and the places behind it."""
    for i in range(np.uint64(last - first)):
        column[np.uint64(at) + i] = values[np.uint64(first) + i]


@lean
def take(values: Ints, order: Ints, first: int, last: int, column: Ints, at: int) -> None:
    """Copy the values named in places first .. last of `order` to `at` and the places behind it."""
    for i in range(np.uint64(last - first)):
        column[np.uint64(at) + i] = values[np.uint64(order[np.uint64(first) + i])]


@lean
def fill(column: Ints, first: int, last: int, value: int) -> None:
    """One value in the places first .. last."""
    for i in range(np.uint64(first), np.uint64(last)):
        column[i] = value


@lean
def copy_keys(keys: Ints, first: int, last: int, bills: Ints2, at: int) -> None:
    """Copy keys to `at` and the places behind it, with the rows and months in them."""
    key, row, month = bills[Fact.KEY], bills[Fact.ROW], bills[Fact.MONTH]
    for i in range(np.uint64(last - first)):
        value = keys[np.uint64(first) + i]
        key[np.uint64(at) + i] = value
        row[np.uint64(at) + i] = value >> 16
        month[np.uint64(at) + i] = ((value & 0xFFFF) * 12) >> 16


@lean
def write_block(walk: Walk, streams: Streams, tables: BillTables, a_last: int, l_last: int, v_last: int, task: DrawTask,
                replica: int, block: Block) -> None:
    """Write the streams' next bills up to these into the block."""
    admissions, visits, listed, bills = walk.admissions, walk.visits, walk.listed, block.bills
    a_first, v_first, l_first = admissions.cursor[FIRST], visits.cursor[FIRST], listed.cursor[FIRST]
    course = a_last - a_first
    visit = course + l_last - l_first
    count = visit + v_last - v_first
    block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILL_COUNT] = course, visit, count
    write_order(walk, v_last, course, visit, block)
    same_from, same_to = max(block.count[SAME_FROM], visit), max(block.count[SAME_TO], visit)
    for n in range(len(SAME)):
        fill(bills[SAME[n]], course, same_from, SAME_AS[n])
        fill(bills[SAME[n]], same_to, max(same_to, count), SAME_AS[n])
    block.count[SAME_FROM], block.count[SAME_TO] = visit, max(same_to, count)
    copy_keys(admissions.bills[Fact.KEY], a_first, a_last, bills, np.int64(0))
    copy_keys(walk.keys, l_first, l_last, bills, course)
    copy_keys(visits.bills[Fact.KEY], v_first, v_last, bills, visit)
    for n in range(len(OF_CLAIM)):
        copy(admissions.bills[OF_CLAIM[n]], a_first, a_last, bills[OF_CLAIM[n]], np.int64(0))
    copy(visits.bills[Fact.TIER], v_first, v_last, bills[Fact.TIER], visit)
    write_admissions(streams, tables, admissions, a_last, bills, task, replica)
    write_visits(streams, tables, visits, v_last, bills, visit, task, replica)
    for n in range(len(COURSE_COLUMNS)):
        take(listed.bills[COURSE_COLUMNS[n]], walk.order, l_first, l_last, bills[COURSE_COLUMNS[n]], course)
    fill(bills[Fact.SOURCE], np.int64(0), course, np.int64(0))
    fill(bills[Fact.SOURCE], course, visit, np.int64(1))
    fill(bills[Fact.KIND], np.int64(0), visit, np.int64(INPATIENT))
    fill(bills[Fact.UNITS], np.int64(0), course, np.int64(1))
    fill(bills[Fact.ILLNESS], np.int64(0), course, np.int64(NO_ILLNESS))
    fill(bills[Fact.CHRONIC], np.int64(0), visit, np.int64(0))
    if task.needs_extra_bits:
        fill(bills[Fact.MIX_BITS], visit, count, np.int64(0))
        for n in range(len(EXTRA_BITS)):
            fill(bills[EXTRA_BITS[n]], course, visit, np.int64(0))
        take(listed.bills[Fact.KEEP_BITS], walk.order, l_first, l_last, bills[Fact.KEEP_BITS], course)
        take(listed.bills[Fact.LOCAL_BITS], walk.order, l_first, l_last, bills[Fact.LOCAL_BITS], course)
    else:
        fill(bills[Fact.EMERGENCY], np.int64(0), course, np.int64(0))
        fill(bills[Fact.NEW_DRUG], np.int64(0), course, np.int64(0))


@lean
def next_block(walk: Walk, streams: Streams, tables: BillTables, block: Block, task: DrawTask, replica: int) -> int:
    """Fill `block` with the replica's next bills; returns how many, 0 at the end.

    Random bits of admissions, EMERGENCY and NEW_DRUG are written only if the task needs extra bits. ValueError if one household
    has more bills than a block, or more of a stream's than half of the stream's room, which is as many as are drawn ahead.
    """
    admissions, visits, listed, household = walk.admissions, walk.visits, walk.listed, streams.household
    room = len(block.order)
    half = len(visits.scratch) >> 1
    while admissions.cursor[EXHAUSTED] == 0 and waiting(admissions) < half:
        draw_claims(streams, streams.admissions, tables.tier_of, admissions, task, replica, ADMISSION)
    while visits.cursor[EXHAUSTED] == 0 and waiting(visits) < half:
        draw_claims(streams, streams.visits, tables.visit_tier_of, visits, task, replica, VISIT)
    limit = min(complete_below(admissions, household), complete_below(visits, household))
    a, n, v, count = find_ends(walk, limit)
    if count > room:
        limit = household_start(household, key_at(walk, room))
        a, n, v, count = find_ends(walk, limit)
    if count == 0 and limit < END:
        raise ValueError("a household has more bills in a year than a block of the walk has room for")
    write_block(walk, streams, tables, a, n, v, task, replica, block)
    admissions.cursor[FIRST], listed.cursor[FIRST], visits.cursor[FIRST] = a, n, v
    return count
