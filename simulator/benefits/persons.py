"""Whose the bills of a block are: what of persons and households is the same under every policy.

Most persons outside the sampled households have one admission in a year and nothing else; all others have a row, which a policy's
years are added up in (`benefits/years.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits.sums import BURDENS, SHAPE
from simulator.bill import BILLED, GROUP, KIND, OUTPATIENT_VISIT, ROW
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiled import inlined, lean
from simulator.money import UNLIMITED

# What the bills of a person are: several, several of a kind, a course beside others, one of it a visit (which no walk draws).
MANY, MANY_ADMISSIONS, MANY_VISITS, COURSE, COURSE_VISIT = 1, 2, 4, 8, 16
ROWS, LATER, INSIDE, GROUPED, HOUSEHOLDS = range(5)
BEGINS, ALONE = 1, 2            # a bill in order: begins a row, is the only one of a person who has none
SAMPLED = SHAPE[1] * SHAPE[2] * SHAPE[3]                  # the first place of the sums that is a sampled person's
HOME_FROM = 35                 # where in a person's facts the row of `People.homes` begins
# Such a row.
INCOME, LINE, NEED, FIFTH = range(4)
# A household, row of `Persons.household`: what was billed, income, ability to pay, poverty line, fifth, and up to which payments
# it bears none of the burdens.
H_BILLED, H_INCOME, H_CAPACITY, H_LINE, H_FIFTH, H_CALM = range(6)


class Persons(NamedTuple):
    """The persons with a row and the households of a block."""

    count: np.ndarray              # int64[5]: ROWS, ...
    row: np.ndarray                # int64[ROOM]: row of each bill, -1 if its person has none
    start: np.ndarray              # int64[ROOM + 1]: where each row's bills begin in the block's order
    last: np.ndarray               # int64[ROOM]: and end
    stays: np.ndarray              # int64[ROOM + 1]: where each row's admissions and listed illnesses begin in `inside`
    visits: np.ndarray             # int64[ROOM + 1]: where each row's visits begin in the block
    inside: np.ndarray             # int64[ROOM + 1]: admissions and listed illnesses of persons with a row, row by row
    fifth: np.ndarray              # int64[ROOM]: of each row of a sampled household
    many: np.ndarray               # int64[ROOM]: of each row, a sum of MANY, MANY_ADMISSIONS, ...
    home: np.ndarray               # int64[ROOM]: of each row the household, -1 if it is not sampled
    first: np.ndarray              # int64[ROOM + 1]: the first row of each household
    later: np.ndarray              # int64[ROOM]: the bills of later admissions, where there is no course
    rank: np.ndarray               # int64[ROOM]: of these, how many admissions come before
    grouped: np.ndarray            # int64[ROOM]: the bills of persons whom medical assistance may help
    running: np.ndarray            # int64[ROOM + 2]: scratch
    users: np.ndarray              # int64[5]: persons of sampled households, by fifth
    household: np.ndarray          # int64[ROOM, 6]
    before: np.ndarray             # int64[4 burdens, 5]: what households would bear without insurance


def open_persons():
    """Nobody yet."""
    columns = {name: np.empty(ROOM + 2, np.int64) for name in Persons._fields}
    return Persons(**{**columns, "count": np.zeros(5, np.int64), "users": np.zeros(5, np.int64),
                      "household": np.empty((ROOM, 6), np.int64), "before": np.zeros((4, 5), np.int64)})


@inlined
def find_persons(block, people, income_index, persons):
    """Find the rows and the sampled households of a block."""
    order, row, start, stays, of_visits, inside, visits, count, found_of = (
        block.order, persons.row, persons.start, persons.stays, persons.visits, persons.inside, block.count[VISITS_FROM],
        block.count[BILLS], persons.count)
    kind = persons.many                                                       # of each bill in order: BEGINS a row, ALONE
    find_kinds(block, persons.running, kind)
    rows, entered, visit = np.uint64(0), np.uint64(0), visits
    for m in range(np.uint64(count)):
        i, alone = order[m], kind[m] >> 1
        stay = 1 if i < visits else 0
        start[rows], stays[rows], of_visits[rows] = m, entered, visit         # written over unless a row begins
        rows += np.uint64(kind[m] & BEGINS)
        row[np.uint64(i)] = -1 if alone == 1 else np.int64(rows) - 1
        inside[entered] = i
        entered += np.uint64(stay - alone)
        visit += 1 - stay
    stays[rows], of_visits[rows] = entered, visit
    found_of[ROWS], found_of[INSIDE] = rows, entered
    group, grouped, groups = block.bills[GROUP], persons.grouped, np.uint64(0)
    for i in range(np.uint64(count)):
        grouped[groups] = i
        groups += np.uint64(1 if group[i] > 0 else 0)
    found_of[GROUPED] = groups
    find_rows(block, people, persons)
    find_households(block, people, income_index, persons)
    find_later(persons)


@lean
def find_kinds(block, own, kind):
    """Note of each bill in order whether it BEGINS a person's row, or is ALONE: the only one of a person who has none; `own` is
    scratch."""
    order, place, roster, count = block.order, block.place, block.bills[ROW], np.uint64(block.count[BILLS])
    visits, one, two = np.uint64(block.count[VISITS_FROM]), np.uint64(1), np.uint64(2)
    own[0], own[count + one] = -1, -1
    for m in range(count):
        i = np.uint64(order[m])
        own[m + one] = roster[i]
        kind[m] = ALONE if (i < visits) & (place[i] < SAMPLED) else 0
    for m in range(count):
        begins = 1 if own[m + one] != own[m] else 0
        alone = kind[m] if (begins == 1) & (own[m + two] != own[m + one]) else 0
        kind[m] = alone if alone > 0 else begins


@inlined
def find_rows(block, people, persons):
    """Find what the bills of each row are, and which households there are (in the scratch column)."""
    bills, visits, start, of_stays, of_visits, many, users, home, where = (
        block.bills, block.count[VISITS_FROM], persons.start, persons.stays, persons.visits, persons.many, persons.users,
        persons.home, persons.running)
    order, homes, before, rows, one = block.order, np.uint64(0), np.int64(-1), np.uint64(persons.count[ROWS]), np.uint64(1)
    for r in range(rows):
        stays, seen = of_stays[r + one] - of_stays[r], of_visits[r + one] - of_visits[r]
        persons.last[r] = start[r] + stays + seen
        many[r] = ((MANY if stays + seen > 1 else 0) | (MANY_ADMISSIONS if stays > 1 else 0)
                   | (MANY_VISITS if seen > 1 else 0))
    for fifth in range(5):
        users[fifth] = 0
    for r in range(rows):
        i = np.uint64(order[np.uint64(start[r])])
        own, sampled = np.uint64(bills[ROW, i]), 1 if block.place[i] >= SAMPLED else 0
        fifth, at = block.place[i] // SAMPLED - sampled, people.facts[own] >> HOME_FROM
        persons.fifth[r] = fifth
        users[np.uint64(fifth)] += sampled
        where[homes], persons.first[homes] = at, r
        homes += np.uint64(sampled if at != before else 0)
        home[r] = np.int64(homes) - 1 if sampled == 1 else -1
        before = at
    persons.first[homes], persons.count[HOUSEHOLDS] = rows, homes
    for i in range(block.count[LISTED_FROM], visits):
        r = persons.row[i]
        if r >= 0 and many[r] > 0:
            many[r] |= COURSE | (COURSE_VISIT if bills[KIND, i] == OUTPATIENT_VISIT else 0)


@inlined
def find_households(block, people, income_index, persons):
    """Find what burden is measured by of the households whose places stand in the scratch column."""
    home, household, running, billed = persons.home, persons.household, persons.running, block.bills[BILLED]
    for h in range(persons.count[HOUSEHOLDS]):
        mine, found = people.homes[np.uint64(running[h])], household[h]
        income, line = (mine[INCOME] * income_index) >> 16, mine[LINE]
        capacity = max(income - mine[NEED], 0)
        found[H_BILLED] = 0
        found[H_INCOME] = income
        found[H_CAPACITY] = capacity
        found[H_LINE] = line
        found[H_FIFTH] = mine[FIFTH]
        found[H_CALM] = min(np.int64(np.uint64(min(income, capacity * 4)) // np.uint64(10)),
                            income - line if income >= line else UNLIMITED)
    run(billed, block.count[VISITS_FROM], block.count[BILLS], running)
    for r in range(np.uint64(persons.count[ROWS])):
        if home[r] >= 0:
            household[np.uint64(home[r]), H_BILLED] += (running[np.uint64(persons.visits[r + np.uint64(1)])]
                                                       - running[np.uint64(persons.visits[r])])
    for n in range(persons.count[INSIDE]):
        i = persons.inside[n]
        h = home[persons.row[i]]
        if h >= 0:
            household[h, H_BILLED] += billed[i]
    for burden in range(len(BURDENS)):
        for fifth in range(5):
            persons.before[burden, fifth] = 0
    for h in range(persons.count[HOUSEHOLDS]):
        if household[h, H_BILLED] > household[h, H_CALM]:
            judge(household[h], household[h, H_BILLED], persons.before)


@lean
def judge(found, left, burdens):
    """Judge what a household is left to pay: catastrophic expenditure and impoverishment, int64[4 burdens, 5 fifths]."""
    income, fifth = found[H_INCOME], found[H_FIFTH]
    if left > 0:
        burdens[0, fifth] += 1 if left * 10 > income else 0
        burdens[1, fifth] += 1 if left * 4 > income else 0
        burdens[2, fifth] += 1 if left * 10 > found[H_CAPACITY] * 4 else 0
        burdens[3, fifth] += 1 if income >= found[H_LINE] and income - left < found[H_LINE] else 0


@lean
def run(values, first, last, running):
    """Put into `running` the sum of what stands from `first` on before each place up to `last`."""
    total = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        running[i] = total
        total += values[i]
    running[last] = total


@inlined
def find_later(persons):
    """Find the later admissions of persons without a course."""
    inside, later, found = persons.inside, persons.later, np.uint64(0)
    for n in range(np.uint64(persons.count[INSIDE])):
        i = inside[n]
        r = np.uint64(persons.row[np.uint64(i)])
        rank = np.int64(n) - persons.stays[r]
        later[found], persons.rank[found] = i, rank
        found += np.uint64(1 if (rank > 0) & (persons.many[r] & COURSE == 0) else 0)
    persons.count[LATER] = found
