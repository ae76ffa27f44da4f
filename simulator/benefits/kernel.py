"""The claims kernel: draw a block of bills, settle it policy by policy, add it up in integers.

`run_draw` walks one draw of one year over replicas of the people and settles every bill under every policy. A block holds
complete households (`care/blocks.py`), so nothing is carried from block to block. Under a policy every bill is first settled
as a slip, from an empty year, in passes over columns (`benefits/slips.py`); what a year adds to that is `benefits/persons.py`'s.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits import terms as t
from simulator.benefits.persons import add_persons, add_years, find_persons, open_persons, open_year, settle_later, settle_years
from simulator.benefits.rules import ENTITLED, IN_SCOPE_LEFT
from simulator.benefits.slips import COLUMNS, RARE, WORK, clear, settle_slips, zero
from simulator.benefits.sums import COLUMN_OF, NEGATIVE, PAID, add_drawn, add_payer, places_of
from simulator.bill import (
    BEHIND_ALL,
    BILL,
    COVER_RANK,
    GROUP,
    ILLNESS,
    MEMBER_CLASS,
    PAYMENT_RANK,
    PILOT_RANK,
    ROW,
)
from simulator.care.blocks import (
    BILLS,
    LISTED_FROM,
    ROOM,
    STREAM_ROOM,
    VISITS_FROM,
    next_block,
    open_block,
    open_walk,
    start_replica,
)
from simulator.care.conduct import rework
from simulator.compiled import call_at, compiled, lean
from simulator.tables import (
    ACCOUNT,
    ASSISTANCE,
    BASIC,
    CASH,
    CII,
    HOSPITAL,
    LISTED,
    OUTPATIENT,
    SUPPLEMENT,
)


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


class Desk(NamedTuple):
    """Where a block is settled under one policy."""

    paid: np.ndarray               # int64[COLUMNS, ROOM]
    work: np.ndarray               # int64[WORK, ROOM]
    odd: np.ndarray                # int64[ROOM + 1]: bills that the law has settled
    scratch: np.ndarray            # int64[3, n]: a bill, a year, what it leaves


def slip_terms(terms: np.ndarray) -> np.ndarray:
    """The terms slips are settled under: no commercial cover, no relief. What a slip leaves out, the control variate does not
    correct; its expectation (`benefits/expected.py`) is of the same terms."""
    plain = terms.copy()
    plain[:, t.COMMERCIAL_SHARE] = 0
    plain[:, t.RELIEF_RATIO] = 0
    return plain


@lean
def name_persons(block, people):
    """Write what the rules must know of the person beside each bill."""
    bills, listed, visits, count = block.bills, block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    row = bills[ROW]
    member_class, group, cover = bills[MEMBER_CLASS], bills[GROUP], bills[COVER_RANK]
    for i in range(count):
        of = np.uint64(row[i])
        member_class[i] = people.member_class[of]
        group[i] = people.group[of]
        cover[i] = people.cover[of]
    # Bills of a course have no case group and no stay of their own: outside case and per-diem prices.
    pilot, payment = bills[PILOT_RANK], bills[PAYMENT_RANK]
    for i in range(visits):
        pilot[i] = people.county[np.uint64(row[i])]
        payment[i] = pilot[i] if i < listed else BEHIND_ALL
    for i in range(visits, count):
        pilot[i] = BEHIND_ALL
        payment[i] = BEHIND_ALL


@lean
def add_slips(block, paid, threshold, odd, odds, slips):
    """Add the slips' payments to their accounts, int64[3, SLIPS]."""
    first = 0
    for source in range(3):
        last = block.count[source]
        pooled = paid[OUTPATIENT] if source == 2 else paid[BASIC]
        assistance, in_scope = paid[ASSISTANCE], paid[IN_SCOPE_LEFT]
        whole, assisted, above = np.int64(0), np.int64(0), np.int64(0)
        for i in range(np.uint64(first), np.uint64(last)):
            whole += pooled[i]
            assisted += assistance[i]
        if source != 2:
            for i in range(np.uint64(first), np.uint64(last)):
                above += max(in_scope[i] - threshold, 0)
        slips[source, 0] += whole
        slips[source, 3] += assisted
        slips[source, 4] += above
        first = last
    for n in range(odds):
        i = odd[n]
        source = 0 if i < block.count[LISTED_FROM] else 1 if i < block.count[VISITS_FROM] else 2
        slips[source, 0] += paid[LISTED, i]
        slips[source, 1] += paid[SUPPLEMENT, i]
        slips[source, 2] += paid[CII, i]


@lean
def add_places(block, desk, odds, places, illnesses):
    """Add up what the payers pay: `places` int64[PAID, PLACES], `illnesses` int64[20, PAID]; returns how many bills have a
    negative payment (a hospital alone may gain, under a price)."""
    paid, place, listed, visits, count = (desk.paid, block.place, block.count[LISTED_FROM], block.count[VISITS_FROM],
                                          block.count[BILLS])
    start = np.int64(0)
    for payer in (BASIC, HOSPITAL):
        add_payer(paid[payer], place, start, visits, places[payer])
    add_payer(paid[ENTITLED], place, start, visits, places[PAID - 1])
    add_payer(paid[OUTPATIENT], place, visits, count, places[OUTPATIENT])
    for payer in (ASSISTANCE, ACCOUNT, CASH):
        add_payer(paid[payer], place, start, count, places[payer])
    for n in range(odds):
        i = desk.odd[n]
        for payer in RARE:
            places[payer, place[i]] += paid[payer, i]
    for i in range(listed, visits):
        target = illnesses[block.bills[ILLNESS, i]]
        for payer in range(PAID):
            target[payer] += paid[COLUMN_OF[payer], i]
    negative = 0
    basic, outpatient, assistance, account, cash = (paid[BASIC], paid[OUTPATIENT], paid[ASSISTANCE], paid[ACCOUNT], paid[CASH])
    for i in range(count):
        negative += 1 if (basic[i] | outpatient[i] | assistance[i] | account[i] | cash[i]) < 0 else 0
    for n in range(odds):
        least = np.int64(0)
        for payer in RARE:
            least = min(least, paid[payer, desk.odd[n]])
        negative += 1 if least < 0 else 0
    return negative


@lean
def settle_block(terms, plain, alike, block, persons, desk, year, sums, p):
    """Settle a block under policy p. `plain` are the terms of slips, `alike` tells that they are the policy's own."""
    paid = desk.paid
    odds = settle_slips(plain, block.bills, block.count, paid, desk.work, desk.odd, desk.scratch)
    add_slips(block, paid, terms[t.SECONDARY_THRESHOLD], desk.odd, odds, sums.slip[p])
    if not alike:
        clear(paid, desk.odd, odds)
        odds = settle_slips(terms, block.bills, block.count, paid, desk.work, desk.odd, desk.scratch)
    odds = settle_later(terms, block, persons, desk, odds)
    add_years(block, persons, paid, year)
    odds = settle_years(terms, block, persons, desk, year, odds)
    sums.person[p, 0, NEGATIVE] += add_places(block, desk, odds, sums.place[p], sums.illness[p])
    add_persons(terms, persons, year, sums.person[p], sums.histogram[p], sums.household[p])
    clear(paid, desk.odd, odds)


@lean
def rework_block(conduct, v, tables, price, list_price, block, own, kept):
    """The bills of a block that variant v keeps, as it has them, in the block `own`; `kept` is scratch."""
    listed, visits, count = block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    number = rework(conduct, v, tables, block.bills, count, price, list_price, kept, own.bills)
    own.count[LISTED_FROM], own.count[VISITS_FROM], own.count[BILLS] = 0, 0, number
    where = own.place                                      # each kept bill's new place, -1 of the others
    for i in range(count):
        where[i] = -1
    for j in range(number):
        where[kept[j]] = j
        own.count[LISTED_FROM] += 1 if kept[j] < listed else 0
        own.count[VISITS_FROM] += 1 if kept[j] < visits else 0
    number = 0
    for m in range(count):
        j = where[block.order[m]]
        own.order[number] = max(j, 0)
        number += 1 if j >= 0 else 0


@lean
def settle_policies(terms, plain, alike, conduct, tables, price, list_price, block, own, kept, people, income_index, persons,
                    desk, year, sums, drawn):
    """Settle a block under every policy, each on its own variant of the claims."""
    for v in range(len(conduct.neutral)):
        mine = block
        if not conduct.neutral[v]:
            rework_block(conduct, v, tables, price, list_price, block, own, kept)
            mine = own
        name_persons(mine, people)
        find_persons(mine, people, income_index, persons)
        places_of(mine.bills, mine.count[BILLS], people, mine.place)
        add_drawn(mine.bills, mine.count[LISTED_FROM], mine.count[VISITS_FROM], mine.count[BILLS], mine.place, drawn.place[v],
                  drawn.illness[v])
        for p in range(len(terms)):
            if conduct.variant[p] == v:
                settle_block(terms[p], plain[p], alike[p], mine, persons, desk, year, sums, p)


@compiled
def draw_block(walk, streams, tables, household, block, inverse_use, inverse_visits, price, list_price, more, replica, draw,
               year_number, first):
    """The next block of a replica, the `first` one or another; returns the number of bills. A program of its own, which
    `settle_draw` calls by its address: the halves of the kernel can be compiled at the same time."""
    if first:
        start_replica(walk, streams, tables, price, replica, draw, year_number)
    return next_block(walk, streams, tables, household, block, inverse_use, inverse_visits, price, list_price, more, replica,
                      draw, year_number)


@compiled
def settle_draw(drawing, draw, first_replica, replicas, year_number, streams, tables, people, terms, plain, conduct, more, price,
                list_price, inverse_use, inverse_visits, income_index, sums, drawn):
    """`run_draw`, blocks being drawn by the program at `drawing` (`draw_block`)."""
    walk = open_walk(4096 + len(people.household) // 2, STREAM_ROOM)
    room = np.int64(ROOM)
    block, own, kept = open_block(room), open_block(room), np.empty(ROOM, np.int64)
    persons, desk, year = open_persons(), open_desk(), open_year()
    alike = np.ones(len(terms), dtype=np.bool_)
    for p in range(len(terms)):
        for n in range(terms.shape[1]):
            if terms[p, n] != plain[p, n]:
                alike[p] = False
    for replica in range(first_replica, first_replica + replicas):
        first = True
        while call_at(drawing, (walk, streams, tables, people.household, block, inverse_use, inverse_visits, price, list_price,
                                more, replica, draw, year_number, first)):
            first = False
            settle_policies(terms, plain, alike, conduct, tables, price, list_price, block, own, kept, people, income_index,
                            persons, desk, year, sums, drawn)


@compiled
def open_desk():
    """An empty desk."""
    paid = np.empty((COLUMNS, ROOM), np.int64)
    for payer in RARE:
        zero(paid[payer], np.int64(0), np.int64(ROOM))
    return Desk(paid, np.empty((WORK, ROOM), np.int64), np.empty(ROOM + 1, np.int64), np.empty((3, BILL), np.int64))
