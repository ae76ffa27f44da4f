"""Whose the bills of a block are: what of persons and households is the same under every policy.

Most persons outside the sampled households have one admission in a year and nothing else; all others have a row, which a policy's
years are added up in (`kernel/years.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.care.blocks import BILL_COUNT, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Ints, Ints2
from simulator.kernel.people import (
    COVER_FROM,
    FOOD,
    HOME_FROM,
    INCOME,
    INCOME_QUINTILE,
    POVERTY_LINE,
    QUINTILE_FROM,
    SUBSISTENCE,
    fact,
)
from simulator.kernel.sums import BURDENS, SHAPE
from simulator.money import UNLIMITED
from simulator.tables import OUTPATIENT_VISIT, Fact

if TYPE_CHECKING:
    from simulator.care.blocks import Block
    from simulator.kernel.people import People

# What the bills of a person are: several, several of a kind, a course beside others, one of it a visit (which no walk draws).
SEVERAL_BILLS, SEVERAL_ADMISSIONS, SEVERAL_VISITS, COURSE, COURSE_VISIT = 1, 2, 4, 8, 16
ROWS, LATER, INPATIENT_BILLS, GROUPED, HOUSEHOLDS, INCOME_INDEX = range(6)
# Where the counts of inpatient bills, visits and rows begin when they are packed into one number; bills are the lowest. A block
# has less than 2^16 of each.
INPATIENT_AT, VISIT_AT, ROW_AT = 16, 32, 48
SAMPLED = SHAPE[1] * SHAPE[2] * SHAPE[3]                  # the first place of the sums that is a sampled person's


class Persons(NamedTuple):
    """The persons with a row and the households of a block; arrays have ROOM places or a few more."""

    count: Ints                    # [6]: ROWS, ...
    row: Ints                      # row of each bill, -1 if its person has none
    start: Ints                    # where each row's bills begin in the block's order
    last: Ints                     # and end
    inpatient_from: Ints           # where each row's admissions and listed illnesses begin in `inpatient`
    visits_from: Ints              # where each row's visits begin in the block
    inpatient: Ints                # admissions and listed illnesses of persons with a row, row by row
    quintile: Ints                 # of each row of a sampled household
    flags: Ints                    # of each row, a sum of SEVERAL_BILLS, SEVERAL_ADMISSIONS, ...
    home: Ints                     # of each row the household, -1 if it is not sampled
    first: Ints                    # the first row of each household
    later: Ints                    # the bills of later admissions, where there is no course
    rank: Ints                     # of these, how many admissions come before
    grouped: Ints                  # the bills of persons whom medical assistance may help
    homes: Ints                    # of each sampled household the row of `People.homes`
    burden_free: Ints              # and the payment up to which it bears none of the burdens
    running: Ints                  # scratch
    users: Ints                    # [5]: persons of sampled households, by income quintile
    before: Ints2                  # [4 burdens, 5]: what households would bear without insurance


def open_persons() -> Persons:
    """A record with nobody in it."""
    columns = {name: np.empty(ROOM + 2, np.int64) for name in Persons._fields}
    return Persons(**{**columns, "count": np.zeros(6, np.int64), "users": np.zeros(5, np.int64),
                      "before": np.zeros((4, 5), np.int64)})


@inlined
def find_persons(block: Block, people: People, income_index: int, persons: Persons) -> None:
    """Find the rows and the sampled households of a block."""
    order, row, inpatient, visits, count, found_of, steps, begin = (
        block.order, persons.row, persons.inpatient, block.count[VISITS_FROM], block.count[BILL_COUNT], persons.count,
        persons.flags, persons.home)
    find_steps(block, persons.running, steps)
    at, inpatient_at, lowest = np.uint64(visits) << np.uint64(VISIT_AT), np.uint64(INPATIENT_AT), np.uint64(0xFFFF)
    for m in range(np.uint64(count)):
        i, step = order[m], np.uint64(steps[m])
        begin[at >> np.uint64(ROW_AT)] = np.int64(at)                         # written over unless a row begins
        inpatient[(at >> inpatient_at) & lowest] = i
        at += step
        row[np.uint64(i)] = -1 if step == np.uint64(1) else np.int64(at >> np.uint64(ROW_AT)) - 1
    rows = at >> np.uint64(ROW_AT)
    begin[rows] = np.int64(at)
    found_of[ROWS], found_of[INPATIENT_BILLS] = np.int64(rows), np.int64((at >> inpatient_at) & lowest)
    start, admissions, visits_from = persons.start, persons.inpatient_from, persons.visits_from
    for r in range(rows + np.uint64(1)):
        start[r] = begin[r] & 0xFFFF
        admissions[r] = (begin[r] >> INPATIENT_AT) & 0xFFFF
        visits_from[r] = (begin[r] >> VISIT_AT) & 0xFFFF
    group, grouped, groups = block.bills[Fact.GROUP], persons.grouped, np.uint64(0)
    for i in range(np.uint64(count)):
        grouped[groups] = i
        groups += np.uint64(1 if group[i] > 0 else 0)
    found_of[GROUPED] = groups
    find_rows(block, people, persons)
    find_households(block, people, income_index, persons)
    find_later(block.bills[Fact.BILLED], persons)


@lean
def find_steps(block: Block, own: Ints, steps: Ints) -> None:
    """Note how far each bill, in order, moves on among bills, inpatient bills, visits and rows: the counts packed into one
    number. Only a bill that is the only one of a person who has no row moves on by 1; `own` is scratch."""
    order, place, roster, count = block.order, block.place, block.bills[Fact.ROW], np.uint64(block.count[BILL_COUNT])
    visits, one, two = block.count[VISITS_FROM], np.uint64(1), np.uint64(2)
    own[0], own[count + one] = -1, -1
    for m in range(count):
        i = np.uint64(order[m])
        own[m + one], steps[m] = roster[i], place[i]
    for m in range(count):
        begins = (1 << ROW_AT) if own[m + one] != own[m] else 0
        several = (begins == 0) | (own[m + two] == own[m + one])
        step = (1 << VISIT_AT) if order[m] >= visits else (1 << INPATIENT_AT) if several | (steps[m] >= SAMPLED) else 0
        steps[m] = 1 + (step + begins if step > 0 else 0)


@inlined
def find_rows(block: Block, people: People, persons: Persons) -> None:
    """Find what the bills of each row are, and which households there are. `find_steps` has left the roster's rows in order."""
    bills, visits, start, inpatient_from, visits_from, flags, users, home, where = (
        block.bills, block.count[VISITS_FROM], persons.start, persons.inpatient_from, persons.visits_from, persons.flags,
        persons.users, persons.home, persons.homes)
    own, homes, before, rows, one = persons.running, np.uint64(0), np.int64(-1), np.uint64(persons.count[ROWS]), np.uint64(1)
    for r in range(rows):
        admissions, seen = inpatient_from[r + one] - inpatient_from[r], visits_from[r + one] - visits_from[r]
        persons.last[r] = start[r] + admissions + seen
        flags[r] = ((SEVERAL_BILLS if admissions + seen > 1 else 0) | (SEVERAL_ADMISSIONS if admissions > 1 else 0)
                   | (SEVERAL_VISITS if seen > 1 else 0))
    for quintile in range(5):
        users[quintile] = 0
    for r in range(rows):
        facts = people.facts[np.uint64(own[np.uint64(start[r]) + one])]
        quintile, at = fact(facts, QUINTILE_FROM, COVER_FROM), facts >> HOME_FROM       # quintile 0: not sampled
        sampled = 1 if quintile > 0 else 0
        persons.quintile[r] = quintile - sampled
        users[np.uint64(quintile - sampled)] += sampled
        where[homes], persons.first[homes] = at, r
        homes += np.uint64(sampled if at != before else 0)
        home[r] = np.int64(homes) - 1 if sampled == 1 else -1
        before = at
    persons.first[homes], persons.count[HOUSEHOLDS] = rows, homes
    for i in range(block.count[LISTED_FROM], visits):
        r = persons.row[i]
        if r >= 0 and flags[r] > 0:
            flags[r] |= COURSE | (COURSE_VISIT if bills[Fact.KIND, i] == OUTPATIENT_VISIT else 0)


@inlined
def find_households(block: Block, people: People, income_index: int, persons: Persons) -> None:
    """Find up to which payments the sampled households bear no burden, and what they would bear without insurance. Visits are of
    sampled persons alone, so those of a household lie together."""
    homes, first, burden_free, visits_from, running, billed = (
        persons.homes, persons.first, persons.burden_free, persons.visits_from, persons.running, block.bills[Fact.BILLED])
    whole, some, number, found = persons.rank, persons.later, persons.count[HOUSEHOLDS], np.uint64(0)
    persons.count[INCOME_INDEX] = income_index
    for h in range(np.uint64(number)):
        burden_free[h] = burden_free_of(people.homes, np.uint64(homes[h]), income_index)
    run(billed, block.count[VISITS_FROM], block.count[BILL_COUNT], running)
    whole[0] = 0                                           # of those outside the sample whatever
    for h in range(np.uint64(number)):
        whole[h + np.uint64(1)] = (running[np.uint64(visits_from[np.uint64(first[h + np.uint64(1)])])]
                                   - running[np.uint64(visits_from[np.uint64(first[h])])])
    for n in range(np.uint64(persons.count[INPATIENT_BILLS])):
        i = np.uint64(persons.inpatient[n])
        whole[np.uint64(persons.home[np.uint64(persons.row[i])] + 1)] += billed[i]
    for burden in range(len(BURDENS)):
        for quintile in range(5):
            persons.before[burden, quintile] = 0
    for h in range(np.uint64(number)):
        some[found] = h
        found += np.uint64(1 if whole[h + np.uint64(1)] > burden_free[h] else 0)
    for n in range(found):
        h = some[n]
        judge(people, persons, h, whole[h + 1], persons.before)


@inlined
def capacity_to_pay(homes: Ints2, h: int, income: int, income_index: int) -> int:
    """What a sampled household can pay: its income less subsistence or, where it spends less than that on food, less its food, as
    the World Health Organization has it (Xu 2005). So a household at or below subsistence has a capacity, a small one."""
    return income - min(homes[h, SUBSISTENCE], (homes[h, FOOD] * income_index) >> 16)


@inlined
def burden_free_of(homes: Ints2, h: int, income_index: int) -> int:
    """Up to which payments a sampled household bears none of the burdens."""
    income, line = (homes[h, INCOME] * income_index) >> 16, homes[h, POVERTY_LINE]
    capacity = capacity_to_pay(homes, h, income, income_index)
    return min(np.int64(np.uint64(min(income, capacity * 4)) // np.uint64(10)), income - line if income >= line else UNLIMITED)


@lean
def judge(people: People, persons: Persons, h: int, left: int, burdens: Ints2) -> None:
    """Judge what a household is left to pay: catastrophic expenditure and impoverishment, int64[4 burdens, 5 quintiles]."""
    home, index = persons.homes[h], persons.count[INCOME_INDEX]
    mine = people.homes[home]
    income, line, quintile = (mine[INCOME] * index) >> 16, mine[POVERTY_LINE], mine[INCOME_QUINTILE]
    if left > 0:
        burdens[0, quintile] += 1 if left * 10 > income else 0
        burdens[1, quintile] += 1 if left * 4 > income else 0
        burdens[2, quintile] += 1 if left * 10 > capacity_to_pay(people.homes, home, income, index) * 4 else 0
        burdens[3, quintile] += 1 if income >= line and income - left < line else 0


@lean
def run(values: Ints, first: int, last: int, running: Ints) -> None:
    """Put into `running` the sum of what stands from `first` on before each place up to `last`."""
    total = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        running[i] = total
        total += values[i]
    running[last] = total


@inlined
def find_later(billed: Ints, persons: Persons) -> None:
    """Find the later admissions of persons without a course; a stay that cost nothing does not count."""
    inpatient, later, found, free = persons.inpatient, persons.later, np.uint64(0), 0
    for n in range(np.uint64(persons.count[INPATIENT_BILLS])):
        i = inpatient[n]
        r = np.uint64(persons.row[np.uint64(i)])
        place = np.int64(n) - persons.inpatient_from[r]
        free = free if place > 0 else 0
        rank = place - free
        free += 1 if billed[np.uint64(i)] == 0 else 0
        later[found], persons.rank[found] = i, rank
        found += np.uint64(1 if (rank > 0) & (persons.flags[r] & COURSE == 0) else 0)
    persons.count[LATER] = found
