"""The claims kernel: draw a block of bills, settle it policy by policy, add it up in integers.

`settle_draw` walks one draw of one year over replicas of the people and settles every bill under every policy. A block holds
complete households (`care/blocks.py`), so nothing is carried from block to block. Under a policy every bill is settled first as
if it were its person's first of the year, column by column (`kernel/first_bill.py`); what a year adds to that is
`kernel/years.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.care.blocks import (
    BILL_COUNT,
    LISTED_FROM,
    ROOM,
    STREAM_ROOM,
    VISITS_FROM,
    Block,
    Walk,
    next_block,
    open_block,
    open_walk,
    start_replica,
)
from simulator.care.conduct import Conduct, reprice
from simulator.care.walk import BillTables, DrawTask, Streams
from simulator.compiling.compiled import call_at, inlined, lean
from simulator.compiling.types import Flags, Int8s, Ints, Ints2
from simulator.kernel.burden import add_burdens, add_persons
from simulator.kernel.by_row import settle_first_bills_by_row, settle_later_by_row
from simulator.kernel.columns import RARE, Column, any_of, priced
from simulator.kernel.first_bill import clear, settle_first_bills
from simulator.kernel.parts import copy_block, part_block, rework_block
from simulator.kernel.people import (
    CLASS_FROM,
    COUNTY_FROM,
    COVER_FROM,
    GROUP_FROM,
    HOME_FROM,
    QUINTILE_FROM,
    People,
    fact,
)
from simulator.kernel.persons import GROUPED, Persons, find_persons, open_persons
from simulator.kernel.rows import OwnRows, PolicyRows, find_row_of_bills, put_rows
from simulator.kernel.shared_visits import VISITS_ONLY, WHOLE, WITH_ADMISSIONS
from simulator.kernel.sums import (
    COLUMN_OF,
    NEGATIVE,
    PAID,
    DrawSums,
    OnePolicySums,
    add_cash,
    add_drawn,
    add_payer,
    add_two,
)
from simulator.kernel.years import SettlingSpace, add_years, open_settling_space, settle_later, settle_years
from simulator.tables import BEHIND_ALL, Fact, Paid


class YearInputs(NamedTuple):
    """What all draws of a scheme's year have in common."""

    streams: Streams
    tables: BillTables
    people: People


class Policies(NamedTuple):
    """The P rows that a block is settled under, and what their policies do to care."""

    terms: Ints2                   # [P, TERMS]
    first_bill_terms: Ints2        # `people.first_bill_terms` of them
    same_terms: Flags              # [P]: whether these are the policy's own
    part: Ints                     # [P]: whose bills each row pays (`shared_visits.py`)
    conduct: Conduct
    rows: PolicyRows


class OnePolicy(NamedTuple):
    """The terms of one of the `Policies`."""

    terms: Ints
    first_bill_terms: Ints
    same_terms: bool
    rows: OwnRows


class Workspace(NamedTuple):
    """Where a thread draws and settles, from call to call: fresh memory would cost more than what is done in it."""

    walk: Walk
    block: Block
    own: Block                     # the bills that a variant of care keeps
    aside: Block                   # the bills of some of the households
    persons: Persons
    settling: SettlingSpace
    kept: Ints                     # [ROOM]
    marked: Int8s                  # [H], of every household, 0 between blocks


def open_workspace(listed_room: int, households: int) -> Workspace:
    """A workspace with room for so many bills of listed illnesses in a replica's year, and so many households."""
    return Workspace(open_walk(listed_room, STREAM_ROOM), open_block(ROOM), open_block(ROOM), open_block(ROOM), open_persons(),
                     open_settling_space(), np.empty(ROOM, np.int64), np.zeros(households, np.int8))


@inlined
def name_persons(block: Block, people: People) -> None:
    """Write what the rules must know of the person beside each bill, and its place among the sums. (Visits take part in no pilot;
    their ranks are there already.)"""
    bills, listed, visits, count = block.bills, block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILL_COUNT]
    row, facts = bills[Fact.ROW], block.place
    member_class, group, cover = bills[Fact.MEMBER_CLASS], bills[Fact.GROUP], bills[Fact.COVER_RANK]
    month, tier = bills[Fact.MONTH], bills[Fact.TIER]
    for i in range(count):
        facts[i] = people.facts[np.uint64(row[i])]
    # Bills of a course have no case group and no length of stay of their own: outside case and per-diem prices.
    pilot, payment = bills[Fact.PILOT_RANK], bills[Fact.PAYMENT_RANK]
    for i in range(visits):
        pilot[i] = fact(facts[i], COUNTY_FROM, HOME_FROM)
        payment[i] = pilot[i] if i < listed else BEHIND_ALL
    for i in range(count):
        member_class[i] = fact(facts[i], CLASS_FROM, GROUP_FROM)
        group[i] = fact(facts[i], GROUP_FROM, QUINTILE_FROM)
    for i in range(count):
        cover[i] = fact(facts[i], COVER_FROM, COUNTY_FROM)
        source = (1 if i >= listed else 0) + (1 if i >= visits else 0)
        facts[i] = ((fact(facts[i], QUINTILE_FROM, COVER_FROM) * 3 + source) * 12 + month[i]) * 4 + tier[i]


@inlined
def add_first_bills(block: Block, paid: Ints2, threshold: int, persons: Persons, exceptions: Ints, n_exceptions: int,
                    sums: Ints2) -> None:
    """Add the first-bill payments to their accounts, int64[3, ACCOUNTS]."""
    start, listed, visits, count = np.int64(0), block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILL_COUNT]
    in_scope = paid[Paid.IN_SCOPE_LEFT]
    sums[0, 0] += total(paid[Paid.BASIC], start, listed)
    sums[1, 0] += total(paid[Paid.BASIC], listed, visits) + total(paid[Paid.LISTED], listed, visits)
    sums[2, 0] += total(paid[Paid.OUTPATIENT], visits, count)
    sums[0, 4] += total_above(in_scope, threshold, start, listed)
    sums[1, 4] += total_above(in_scope, threshold, listed, visits)
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        sums[source_of(block, i), 3] += paid[Paid.ASSISTANCE, i]
    for n in range(n_exceptions):
        i = exceptions[n]
        sums[source_of(block, i), 1] += paid[Paid.SUPPLEMENT, i]
        sums[source_of(block, i), 2] += paid[Paid.CII, i]


@lean
def source_of(block: Block, i: int) -> int:
    """0 for an admission, 1 for a listed illness, 2 for a visit."""
    return 0 if i < block.count[LISTED_FROM] else 1 if i < block.count[VISITS_FROM] else 2


@lean
def total(values: Ints, first: int, last: int) -> int:
    """What values come to."""
    whole = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        whole += values[i]
    return whole


@lean
def total_above(values: Ints, threshold: int, first: int, last: int) -> int:
    """What values come to above a threshold each."""
    whole = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        whole += max(values[i] - threshold, 0)
    return whole


@inlined
def add_places(terms: Ints, block: Block, persons: Persons, space: SettlingSpace, n_exceptions: int, sums: OnePolicySums) -> int:
    """Add up what the payers pay to the places and illnesses of a `OnePolicySums`; returns how many bills have a negative
    payment (a hospital alone may gain, under a price)."""
    places, illnesses = sums.place, sums.illness
    paid, place, listed, visits, count = (space.paid, block.place, block.count[LISTED_FROM], block.count[VISITS_FROM],
                                          block.count[BILL_COUNT])
    start, accounts = np.int64(0), any_of(terms, t.ACCOUNT_BALANCE, t.N_CLASSES)
    signs = add_payer(paid[Paid.LISTED], place, listed, visits, places[Paid.LISTED])
    if accounts:
        signs |= (add_cash(paid[Column.OWN], paid[Paid.ACCOUNT], place, count, places[Paid.CASH], places[Paid.ACCOUNT])
                  | add_payer(paid[Paid.BASIC], place, start, visits, places[Paid.BASIC])
                  | add_payer(paid[Paid.OUTPATIENT], place, visits, count, places[Paid.OUTPATIENT]))
    else:
        signs |= (add_two(paid[Paid.BASIC], paid[Column.OWN], place, start, visits, places[Paid.BASIC], places[Paid.CASH])
                  | add_two(paid[Paid.OUTPATIENT], paid[Column.OWN], place, visits, count, places[Paid.OUTPATIENT],
                            places[Paid.CASH]))
    add_payer(paid[Paid.ENTITLED], place, start, visits, places[PAID - 1])
    if priced(terms):
        add_payer(paid[Paid.HOSPITAL], place, start, listed, places[Paid.HOSPITAL])
    add_payer(paid[Paid.HOSPITAL], place, listed, visits, places[Paid.HOSPITAL])
    for n in range(persons.count[GROUPED]):
        i = persons.grouped[n]
        places[Paid.ASSISTANCE, place[i]] += paid[Paid.ASSISTANCE, i]
        signs |= paid[Paid.ASSISTANCE, i]
    for n in range(n_exceptions):
        i = space.exceptions[n]
        for payer in RARE:
            places[payer, place[i]] += paid[payer, i]
            signs |= paid[payer, i]
    for i in range(listed, visits):
        target, account = illnesses[block.bills[Fact.ILLNESS, i]], paid[Paid.ACCOUNT, i] if accounts else 0
        for payer in range(PAID):
            if payer != Paid.ACCOUNT:
                target[payer] += paid[COLUMN_OF[payer], i]
        target[Paid.ACCOUNT] += account
        target[Paid.CASH] -= account
    return count_negative(block, paid, accounts) if signs < 0 else 0


@lean
def count_negative(block: Block, paid: Ints2, accounts: bool) -> int:
    """How many bills have a negative payment."""
    negative = 0
    for i in range(block.count[BILL_COUNT]):
        account = paid[Paid.ACCOUNT, i] if accounts else 0
        least = min(min(account, paid[Column.OWN, i] - account), paid[Paid.ASSISTANCE, i])
        for payer in RARE:
            least = min(least, paid[payer, i])
        source = source_of(block, i)
        least = min(least, paid[Paid.OUTPATIENT, i] if source == 2 else paid[Paid.BASIC, i])
        negative += 1 if least < 0 or (source == 1 and paid[Paid.LISTED, i] < 0) else 0
    return negative


@lean
def use_rows(rows: OwnRows, first_bills: bool, block: Block, space: SettlingSpace) -> bool:
    """Note by which row of terms each bill is settled, where there are several; returns whether there are. First-bill payments
    are those of the year's usual rules in all months."""
    number = rows.number
    if first_bills:
        number = rows.locals if rows.locals > 1 else np.int64(0)
    space.rows.count[0] = 0
    if number > 0:
        put_rows(rows.first if first_bills else rows.terms, number, space.rows)
        find_row_of_bills(rows, block.bills, block.count[BILL_COUNT], 0 if first_bills else 1, space.rows.of)
    return number > 0


@lean
def settle_block(policy: OnePolicy, block: Block, people: People, persons: Persons, space: SettlingSpace,
                 sums: OnePolicySums) -> int:
    """Settle a block under one policy; returns how many exceptions the full rules have settled. A program of its own, as
    `draw_block` is."""
    terms, paid, exceptions, grouped, n_grouped = (policy.terms, space.paid, space.exceptions, persons.grouped,
                                                   persons.count[GROUPED])
    n_exceptions = np.int64(0)
    for settled in range(1 if policy.same_terms else 2):   # under the terms of first bills, then under the policy's own
        clear(paid, exceptions, n_exceptions, grouped, n_grouped)
        if use_rows(policy.rows, settled == 0 and not policy.same_terms, block, space):
            n_exceptions = settle_first_bills_by_row(block, space)
        else:
            n_exceptions = settle_first_bills(policy.first_bill_terms if settled == 0 else terms, block.bills, block.count,
                                              grouped, n_grouped, space)
        if settled == 0:
            add_first_bills(block, paid, terms[t.SECONDARY_THRESHOLD], persons, exceptions, n_exceptions, sums.first_bill)
    if space.rows.count[0] > 0:
        n_exceptions = settle_later_by_row(terms, block, persons, space, n_exceptions)
    else:
        n_exceptions = settle_later(terms, block, persons, space, n_exceptions)
    add_years(terms, block, persons, space)
    n_exceptions = settle_years(terms, block, persons, space, n_exceptions)
    sums.person[0, NEGATIVE] += add_places(terms, block, persons, space, n_exceptions, sums)
    add_persons(terms, block, people, persons, space, sums.person)
    add_burdens(people, persons, space, sums.person, sums.histogram, sums.household)
    clear(paid, exceptions, n_exceptions, grouped, n_grouped)
    return n_exceptions


@lean
def draw_block(walk: Walk, streams: Streams, tables: BillTables, block: Block, task: DrawTask, replica: int) -> int:
    """Draw the next block of a replica, the first one if the walk is not in it yet; returns the number of bills, 0 at its end.
    A program of its own, which `settle_draw` calls by its address: the kernel's programs can be compiled at the same time."""
    if walk.replica[0] != replica:
        start_replica(walk, streams, tables, task, replica)
        walk.replica[0] = replica
    count = next_block(walk, streams, tables, block, task, replica)
    if count == 0:
        walk.replica[0] = -1
    return count


class Drawing(NamedTuple):
    """Where the machine code of `draw_block` is, for `settle_draw` to call."""

    place: int

    @staticmethod
    def program() -> Callable:
        """What stands there."""
        return draw_block


class Settling(NamedTuple):
    """Where that of `settle_block` is."""

    place: int

    @staticmethod
    def program() -> Callable:
        """What stands there."""
        return settle_block


class Programs(NamedTuple):
    """The programs that `settle_draw` calls."""

    drawing: Drawing
    settling: Settling


@inlined
def settle_policies(settling: Settling, inputs: YearInputs, policies: Policies, task: DrawTask, space: Workspace,
                    sums: DrawSums) -> None:
    """Settle a block under every row of the policies, each on its own variant of the claims and part of the households."""
    conduct, part, people = policies.conduct, policies.part, inputs.people
    for v in range(len(conduct.neutral)):
        block = space.block
        if not conduct.same_claims[v]:
            rework_block(conduct, v, inputs.tables, task, space)
            block = space.own
        elif not conduct.neutral[v]:
            if v + 1 < len(conduct.neutral):               # the last one may have the bills that were drawn
                copy_block(block, space.own)
                block = space.own
            reprice(conduct, v, block.bills, block.count[VISITS_FROM], block.count[BILL_COUNT])
        name_persons(block, people)
        add_drawn(block, sums.drawn.place[v], sums.drawn.illness[v])
        for which in range(WHOLE, VISITS_ONLY + 1):
            rows = 0
            for p in range(len(part)):
                rows += 1 if conduct.variant[p] == v and part[p] == which else 0
            if rows > 0:
                bills = block
                if which != WHOLE:
                    part_block(block, inputs.streams.household, which == WITH_ADMISSIONS, space)
                    bills = space.aside
                find_persons(bills, people, task.income_index, space.persons)
                for p in range(len(part)):
                    if conduct.variant[p] == v and part[p] == which:
                        rows, paid = policies.rows, sums.paid
                        policy = OnePolicy(policies.terms[p], policies.first_bill_terms[p], policies.same_terms[p], OwnRows(
                            rows.number[p], rows.locals[p], rows.terms[p], rows.first[p], rows.local[p], rows.months[p]))
                        own = OnePolicySums(paid.place[p], paid.illness[p], paid.first_bill[p], paid.person[p],
                                            paid.household[p], paid.histogram[p])
                        call_at(settling, (policy, bills, people, space.persons, space.settling, own))


@lean
def settle_draw(programs: Programs, space: Workspace, inputs: YearInputs, policies: Policies, task: DrawTask,
                sums: DrawSums) -> None:
    """Walk the replicas of a draw's year and settle every bill under every policy, added to `sums`."""
    for replica in range(task.first_replica, task.first_replica + task.replicas):
        while call_at(programs.drawing, (space.walk, inputs.streams, inputs.tables, space.block, task, replica)):
            settle_policies(programs.settling, inputs, policies, task, space, sums)
