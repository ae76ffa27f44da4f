"""The claims kernel: draw a block of bills, settle it policy by policy, add it up in integers.

`run_draw` walks one draw of one year over replicas of the people and settles every bill under every policy. A block holds
complete households (`care/blocks.py`), so nothing is carried from block to block. Under a policy every bill is first settled
as a slip, from an empty year, in passes over columns (`kernel/first_bill.py`); what a year adds to that is `kernel/years.py`'s.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.bill import (
    BEHIND_ALL,
    BILLED,
    CHRONIC,
    COVER_RANK,
    ELIGIBLE,
    FACTS,
    GROUP,
    ILLNESS,
    MEMBER_CLASS,
    MONTH,
    PAYMENT_RANK,
    PILOT_RANK,
    ROW,
    TIER,
)
from simulator.care.blocks import (
    BILLS,
    LISTED_FROM,
    ROOM,
    SAME,
    SAME_AS,
    STREAM_ROOM,
    VISITS_FROM,
    Block,
    Walk,
    copy,
    fill,
    next_block,
    open_block,
    open_walk,
    start_replica,
)
from simulator.care.conduct import rework
from simulator.compiling.compiled import call_at, inlined, lean
from simulator.kernel.burden import add_burdens, add_persons
from simulator.kernel.columns import OWN, RARE, any_of, priced
from simulator.kernel.first_bill import clear, settle_slips
from simulator.kernel.persons import (
    CLASS_FROM,
    COUNTY_FROM,
    COVER_FROM,
    FACT_BITS,
    FIFTH_FROM,
    GROUP_FROM,
    GROUPED,
    HOME_FROM,
    Persons,
    fact,
    find_persons,
    open_persons,
)
from simulator.kernel.shared_visits import VISITS_ONLY, WHOLE, WITH_STAYS
from simulator.kernel.sums import COLUMN_OF, NEGATIVE, PAID, add_cash, add_drawn, add_payer, add_two
from simulator.kernel.years import Desk, add_years, open_desk, settle_later, settle_years
from simulator.law.rules import ENTITLED, IN_SCOPE_LEFT
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
    homes: np.ndarray              # int64[S, 4], a row a sampled household: income this year on the central path, poverty line x
                                   # members, subsistence x members, fifth
    facts: np.ndarray              # int64[R]: `facts_of` each row


def slip_terms(terms: np.ndarray) -> np.ndarray:
    """The terms slips are settled under: no commercial cover, no relief. What a slip leaves out, the control variate does not
    correct; its expectation (`kernel/expected.py`) is of the same terms."""
    plain = terms.copy()
    plain[:, t.COMMERCIAL_SHARE] = 0
    plain[:, t.RELIEF_RATIO] = 0
    return plain


def facts_of(member_class: np.ndarray, group: np.ndarray, cover: np.ndarray, county: np.ndarray, fifth: np.ndarray,
             sampled: np.ndarray, household: np.ndarray) -> np.ndarray:
    """int64[R]: what each bill must know of its person, in one word (FACT_BITS). ValueError if something has no room in it."""
    home = np.cumsum(sampled & (np.diff(household, prepend=-1) > 0)) - 1          # of those outside the sample whatever
    facts = home << HOME_FROM
    for (begin, end), column in zip(pairwise(FACT_BITS), (member_class, group, np.where(sampled, fifth + 1, 0), cover,
                                                          county), strict=True):
        if (np.asarray(column, np.int64) >> (end - begin)).any():                 # nor may it be negative
            raise ValueError(f"a person's facts from bit {begin} to {end}: {column.min()} to {column.max()}")
        facts |= column.astype(np.int64) << begin
    return facts


@inlined
def name_persons(block, people):
    """Write what the rules must know of the person beside each bill, and its place among the sums. (Visits take part in no pilot;
    their ranks are there already.)"""
    bills, listed, visits, count = block.bills, block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    row, facts = bills[ROW], block.place
    member_class, group, cover, month, tier = bills[MEMBER_CLASS], bills[GROUP], bills[COVER_RANK], bills[MONTH], bills[TIER]
    for i in range(count):
        facts[i] = people.facts[np.uint64(row[i])]
    # Bills of a course have no case group and no stay of their own: outside case and per-diem prices.
    pilot, payment = bills[PILOT_RANK], bills[PAYMENT_RANK]
    for i in range(visits):
        pilot[i] = fact(facts[i], COUNTY_FROM, HOME_FROM)
        payment[i] = pilot[i] if i < listed else BEHIND_ALL
    for i in range(count):
        member_class[i] = fact(facts[i], CLASS_FROM, GROUP_FROM)
        group[i] = fact(facts[i], GROUP_FROM, FIFTH_FROM)
    for i in range(count):
        cover[i] = fact(facts[i], COVER_FROM, COUNTY_FROM)
        source = (1 if i >= listed else 0) + (1 if i >= visits else 0)
        facts[i] = ((fact(facts[i], FIFTH_FROM, COVER_FROM) * 3 + source) * 12 + month[i]) * 4 + tier[i]


@inlined
def add_slips(block, paid, threshold, persons, odd, odds, slips):
    """Add the slips' payments to their accounts, int64[3, SLIPS]."""
    start, listed, visits, count = np.int64(0), block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    in_scope = paid[IN_SCOPE_LEFT]
    slips[0, 0] += total(paid[BASIC], start, listed)
    slips[1, 0] += total(paid[BASIC], listed, visits) + total(paid[LISTED], listed, visits)
    slips[2, 0] += total(paid[OUTPATIENT], visits, count)
    slips[0, 4] += total_above(in_scope, threshold, start, listed)
    slips[1, 4] += total_above(in_scope, threshold, listed, visits)
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        slips[source_of(block, i), 3] += paid[ASSISTANCE, i]
    for n in range(odds):
        i = odd[n]
        slips[source_of(block, i), 1] += paid[SUPPLEMENT, i]
        slips[source_of(block, i), 2] += paid[CII, i]


@lean
def source_of(block, i):
    """0 for an admission, 1 for a listed illness, 2 for a visit."""
    return 0 if i < block.count[LISTED_FROM] else 1 if i < block.count[VISITS_FROM] else 2


@lean
def total(values, first, last):
    """What values come to."""
    whole = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        whole += values[i]
    return whole


@lean
def total_above(values, threshold, first, last):
    """What values come to above a threshold each."""
    whole = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        whole += max(values[i] - threshold, 0)
    return whole


@inlined
def add_places(terms, block, persons, desk, odds, places, illnesses):
    """Add up what the payers pay: `places` int64[PAID, PLACES], `illnesses` int64[20, PAID]; returns how many bills have a
    negative payment (a hospital alone may gain, under a price)."""
    paid, place, listed, visits, count = (desk.paid, block.place, block.count[LISTED_FROM], block.count[VISITS_FROM],
                                          block.count[BILLS])
    start, accounts = np.int64(0), any_of(terms, t.ACCOUNT_BALANCE, t.CLASSES)
    signs = add_payer(paid[LISTED], place, listed, visits, places[LISTED])
    if accounts:
        signs |= (add_cash(paid[OWN], paid[ACCOUNT], place, count, places[CASH], places[ACCOUNT])
                  | add_payer(paid[BASIC], place, start, visits, places[BASIC])
                  | add_payer(paid[OUTPATIENT], place, visits, count, places[OUTPATIENT]))
    else:
        signs |= (add_two(paid[BASIC], paid[OWN], place, start, visits, places[BASIC], places[CASH])
                  | add_two(paid[OUTPATIENT], paid[OWN], place, visits, count, places[OUTPATIENT], places[CASH]))
    add_payer(paid[ENTITLED], place, start, visits, places[PAID - 1])
    if priced(terms):
        add_payer(paid[HOSPITAL], place, start, listed, places[HOSPITAL])
    add_payer(paid[HOSPITAL], place, listed, visits, places[HOSPITAL])
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        places[ASSISTANCE, place[i]] += paid[ASSISTANCE, i]
        signs |= paid[ASSISTANCE, i]
    for n in range(odds):
        i = desk.odd[n]
        for payer in RARE:
            places[payer, place[i]] += paid[payer, i]
            signs |= paid[payer, i]
    for i in range(listed, visits):
        target, account = illnesses[block.bills[ILLNESS, i]], paid[ACCOUNT, i] if accounts else 0
        for payer in range(PAID):
            if payer != ACCOUNT:
                target[payer] += paid[COLUMN_OF[payer], i]
        target[ACCOUNT] += account
        target[CASH] -= account
    return count_negative(block, paid, accounts) if signs < 0 else 0


@lean
def count_negative(block, paid, accounts):
    """How many bills have a negative payment."""
    negative = 0
    for i in range(block.count[BILLS]):
        account = paid[ACCOUNT, i] if accounts else 0
        least = min(min(account, paid[OWN, i] - account), paid[ASSISTANCE, i])
        for payer in RARE:
            least = min(least, paid[payer, i])
        source = source_of(block, i)
        least = min(least, paid[OUTPATIENT, i] if source == 2 else paid[BASIC, i])
        negative += 1 if least < 0 or (source == 1 and paid[LISTED, i] < 0) else 0
    return negative


@lean
def settle_block(terms, plain, alike, block, people, persons, desk, sums, p):
    """Settle a block under policy p; returns how many bills the law itself has settled. `plain` are the terms of slips, `alike`
    tells that they are the policy's own. A program of its own, as `draw_block` is."""
    paid, grouped, groups = desk.paid, persons.grouped, persons.count[GROUPED]
    odds = np.int64(0)
    for turn in range(1 if alike else 2):
        clear(paid, desk.odd, odds, grouped, groups)
        odds = settle_slips(plain if turn == 0 else terms, block.bills, block.count, grouped, groups, paid, desk.work, desk.odd,
                            desk.scratch)
        if turn == 0:
            add_slips(block, paid, terms[t.SECONDARY_THRESHOLD], persons, desk.odd, odds, sums.slip[p])
    odds = settle_later(terms, block, persons, desk, odds)
    add_years(terms, block, persons, desk)
    odds = settle_years(terms, block, persons, desk, odds)
    sums.person[p, 0, NEGATIVE] += add_places(terms, block, persons, desk, odds, sums.place[p], sums.illness[p])
    add_persons(terms, block, people, persons, desk, sums.person[p])
    add_burdens(people, persons, desk, sums.person[p], sums.histogram[p], sums.household[p])
    clear(paid, desk.odd, odds, grouped, groups)
    return odds


# What settling reads of a bill, and what of it differs from visit to visit.
SETTLED = np.array([*range(len(FACTS)), ROW])
OF_VISIT = np.array([ROW, TIER, BILLED, ELIGIBLE, CHRONIC, MEMBER_CLASS, GROUP, COVER_RANK])


class Workspace(NamedTuple):
    """Where a thread draws and settles, from call to call: fresh memory would cost more than what is done in it."""

    walk: Walk
    block: Block
    own: Block                     # the bills that a variant of care keeps
    aside: Block                   # the bills of some of the households
    persons: Persons
    desk: Desk
    kept: np.ndarray               # int64[ROOM]
    marked: np.ndarray             # int8[H], of every household, 0 between blocks


def open_workspace(listed_room: int, households: int) -> Workspace:
    """A workspace with room for so many bills of listed illnesses in a replica's year, and so many households."""
    return Workspace(open_walk(listed_room, STREAM_ROOM), open_block(ROOM), open_block(ROOM), open_block(ROOM), open_persons(),
                     open_desk(), np.empty(ROOM, np.int64), np.zeros(households, np.int8))


@lean
def rework_block(conduct, v, tables, price, list_price, block, own, kept):
    """The bills of a block that variant v keeps, as it has them, in the block `own`; `kept` is scratch."""
    listed, visits, count = block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    number = rework(conduct, v, tables, block.bills, count, price, list_price, kept, own.bills)
    own.count[LISTED_FROM], own.count[VISITS_FROM] = 0, 0
    where = own.place                                      # each kept bill's new place, -1 of the others
    for i in range(count):
        where[i] = -1
    for j in range(number):
        where[kept[j]] = j
        own.count[LISTED_FROM] += 1 if kept[j] < listed else 0
        own.count[VISITS_FROM] += 1 if kept[j] < visits else 0
    put_in_order(block, where, number, own)


@lean
def put_in_order(block, where, number, own):
    """The order of the `number` bills of a block that were kept: `where` tells each bill's new place, -1 of the others."""
    own.count[BILLS] = number
    order, placed = block.order, np.uint64(0)
    for m in range(np.uint64(block.count[BILLS])):
        j = where[np.uint64(order[m])]
        own.order[placed] = max(j, 0)
        placed += np.uint64(1 if j >= 0 else 0)


@lean
def part_block(block, people, with_stays, marked, own, kept):
    """The bills of the households in which somebody has a stay or a listed illness, or those of the others, in the block `own`;
    `kept` is scratch."""
    household, row, visits, count = people.household, block.bills[ROW], block.count[VISITS_FROM], block.count[BILLS]
    first, where, wanted = np.uint64(visits if with_stays else 0), own.place, 1 if with_stays else 0
    for i in range(np.uint64(visits)):
        marked[np.uint64(household[np.uint64(row[i])])] = 1
        where[i] = i if with_stays else -1
    number = first
    for i in range(np.uint64(visits), np.uint64(count)):
        mine = 1 if marked[np.uint64(household[np.uint64(row[i])])] == wanted else 0
        kept[number] = i
        where[i] = np.int64(number) * mine + mine - 1
        number += np.uint64(mine)
    for i in range(np.uint64(visits)):
        marked[np.uint64(household[np.uint64(row[i])])] = 0
    own.count[LISTED_FROM], own.count[VISITS_FROM] = block.count[LISTED_FROM] if with_stays else 0, first
    put_in_order(block, where, np.int64(number), own)
    if with_stays:
        for n in range(len(SETTLED)):
            copy(block.bills[SETTLED[n]], np.int64(0), visits, own.bills[SETTLED[n]], np.int64(0))
        copy(block.place, np.int64(0), visits, own.place, np.int64(0))
    for n in range(len(SAME)):
        fill(own.bills[SAME[n]], np.int64(first), np.int64(number), SAME_AS[n])
    for n in range(len(OF_VISIT)):
        values, mine = block.bills[OF_VISIT[n]], own.bills[OF_VISIT[n]]
        for i in range(first, number):
            mine[i] = values[np.uint64(kept[i])]
    for i in range(first, number):
        own.place[i] = block.place[np.uint64(kept[i])]


@lean
def settle_policies(settling, terms, plain, alike, part, conduct, tables, price, list_price, people, income_index, space, sums,
                    drawn):
    """Settle a block under every row of the terms, each on its own variant of the claims and its own part of the households."""
    for v in range(len(conduct.neutral)):
        mine = space.block
        if not conduct.neutral[v]:
            rework_block(conduct, v, tables, price, list_price, space.block, space.own, space.kept)
            mine = space.own
        name_persons(mine, people)
        add_drawn(mine.bills, mine.count[LISTED_FROM], mine.count[VISITS_FROM], mine.count[BILLS], mine.place, drawn.place[v],
                  drawn.illness[v])
        for which in range(WHOLE, VISITS_ONLY + 1):
            rows = 0
            for p in range(len(terms)):
                rows += 1 if conduct.variant[p] == v and part[p] == which else 0
            if rows > 0:
                these = mine
                if which != WHOLE:
                    part_block(mine, people, which == WITH_STAYS, space.marked, space.aside, space.kept)
                    these = space.aside
                find_persons(these, people, income_index, space.persons)
                for p in range(len(terms)):
                    if conduct.variant[p] == v and part[p] == which:
                        call_at(settling, (terms[p], plain[p], alike[p], these, people, space.persons, space.desk, sums, p))


@lean
def draw_block(walk, streams, tables, household, block, inverse_use, inverse_visits, price, list_price, more, replica, draw,
               year_number, first):
    """The next block of a replica, the `first` one or another; returns the number of bills. A program of its own, which
    `settle_draw` calls by its address: the parts of the kernel can be compiled at the same time."""
    if first:
        start_replica(walk, streams, tables, price, replica, draw, year_number)
    return next_block(walk, streams, tables, household, block, inverse_use, inverse_visits, price, list_price, more, replica,
                      draw, year_number)


@lean
def settle_draw(drawing, settling, space, draw, first_replica, replicas, year_number, streams, tables, people, terms, plain,
                alike, part, conduct, more, price, list_price, inverse_use, inverse_visits, income_index, sums, drawn):
    """`run_draw` in a workspace, the programs `draw_block` and `settle_block` being at `drawing` and `settling`; `alike` bool[P]
    tells under which policies slips have the policy's own terms."""
    for replica in range(first_replica, first_replica + replicas):
        first = True
        while call_at(drawing, (space.walk, streams, tables, people.household, space.block, inverse_use, inverse_visits, price,
                                list_price, more, replica, draw, year_number, first)):
            first = False
            settle_policies(settling, terms, plain, alike, part, conduct, tables, price, list_price, people, income_index, space,
                            sums, drawn)
