"""Whose the bills of a block are: what of persons and households is the same under every policy.

Most persons outside the sampled households have one admission in a year and nothing else; all others have a row, which a policy's
years are added up in (`benefits/years.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.benefits.sums import BURDENS
from simulator.bill import BILLED, GROUP, KIND, OUTPATIENT_VISIT, ROW
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiled import lean
from simulator.money import UNLIMITED

# What the bills of a person are: several, several of a kind, a course beside others, one of it a visit (which no walk draws).
MANY, MANY_ADMISSIONS, MANY_VISITS, COURSE, COURSE_VISIT = 1, 2, 4, 8, 16
PERSONS, ROWS, REPEATED, LATER, INSIDE, GROUPED, HOUSEHOLDS = range(7)
# A household, row of `Persons.household`: what was billed, income, ability to pay, poverty line, fifth, and up to which payments
# it bears none of the burdens.
H_BILLED, H_INCOME, H_CAPACITY, H_LINE, H_FIFTH, H_CALM = range(6)


class Persons(NamedTuple):
    """The persons and households of a block."""

    count: np.ndarray              # int64[7]: PERSONS, ROWS, ...
    start: np.ndarray              # int64[ROOM + 1]: where each person's bills begin in the block's order
    owner: np.ndarray              # int64[ROOM]: the person of each bill
    row: np.ndarray                # int64[ROOM]: row of each person, -1 if none
    person: np.ndarray             # int64[ROOM]: the person of each row
    roster: np.ndarray             # int64[ROOM]: the roster's row of each row
    stays: np.ndarray              # int64[ROOM]: admissions and listed illnesses of each row
    visits: np.ndarray             # int64[ROOM + 1]: where each row's visits begin in the block
    fifth: np.ndarray              # int64[ROOM]: of each row
    many: np.ndarray               # int64[ROOM]: of each row, a sum of MANY, MANY_ADMISSIONS, ...
    home: np.ndarray               # int64[ROOM]: of each row the household, -1 if it is not sampled
    first: np.ndarray              # int64[ROOM + 1]: the first row of each household
    repeated: np.ndarray           # int64[ROOM]: the rows with more than one admission or listed illness
    inside: np.ndarray             # int64[ROOM]: admissions and listed illnesses of persons with a row
    inside_row: np.ndarray         # int64[ROOM]: of these, the row
    later: np.ndarray              # int64[ROOM]: the bills of later admissions, where there is no course
    rank: np.ndarray               # int64[ROOM]: of these, how many admissions come before
    grouped: np.ndarray            # int64[ROOM]: the bills of persons whom medical assistance may help
    running: np.ndarray            # int64[ROOM + 1]: scratch
    users: np.ndarray              # int64[5]: persons of sampled households, by fifth
    household: np.ndarray          # int64[ROOM, 6]
    before: np.ndarray             # int64[4 burdens, 5]: what households would bear without insurance


def open_persons():
    """Nobody yet."""
    def column():
        return np.empty(ROOM + 1, np.int64)
    return Persons(np.zeros(7, np.int64), column(), column(), column(), column(), column(), column(), column(), column(),
                   column(), column(), column(), column(), column(), column(), column(), column(), column(),
                   column(), np.zeros(5, np.int64), np.empty((ROOM, 6), np.int64), np.zeros((4, 5), np.int64))


@lean
def find_persons(block, people, income_index, persons):
    """Find the persons and the sampled households of a block."""
    order, start, owner, row, person, stays, of_row = (block.order, persons.start, persons.owner, persons.row, persons.person,
                                                       persons.stays, persons.roster)
    roster, group, visits, count = block.bills[ROW], block.bills[GROUP], block.count[VISITS_FROM], block.count[BILLS]
    number, before = np.uint64(0), np.int64(-1)
    start[0] = 0
    for m in range(count):
        i = np.uint64(order[m])
        number += np.uint64(1 if roster[i] != before else 0)
        before = roster[i]
        owner[i] = np.int64(number) - 1
        start[number] = m + 1
    found = np.uint64(0)
    for k in range(number):
        first = order[np.uint64(start[k])]
        own = roster[np.uint64(first)]
        alone = 1 if (start[k + np.uint64(1)] - start[k] == 1) & (first < visits) else 0
        person[found], stays[found], of_row[found] = k, 0, own
        has = 1 - (alone & (0 if people.sampled[np.uint64(own)] else 1))
        row[k] = np.int64(found) * has + has - 1
        found += np.uint64(has)
    inside, of, entered, grouped, groups = persons.inside, persons.inside_row, np.uint64(0), persons.grouped, np.uint64(0)
    for i in range(np.uint64(visits)):
        r = row[np.uint64(owner[i])]
        inside[entered], of[entered] = i, r
        entered += np.uint64(1 if r >= 0 else 0)
        stays[np.uint64(max(r, 0))] += 1 if r >= 0 else 0
    for i in range(np.uint64(count)):
        grouped[groups] = i
        groups += np.uint64(1 if group[i] > 0 else 0)
    found_of = persons.count
    found_of[PERSONS], found_of[ROWS], found_of[INSIDE], found_of[GROUPED] = number, found, entered, groups
    find_rows(block, people, persons)
    find_households(block, people, income_index, persons)
    find_later(block, persons)


@lean
def find_rows(block, people, persons):
    """Find what the bills of each row are, and which households there are (in the scratch column)."""
    bills, listed, visits = block.bills, block.count[LISTED_FROM], block.count[VISITS_FROM]
    start, stays, many, users, home, where = (persons.start, persons.stays, persons.many, persons.users, persons.home,
                                              persons.running)
    roster, repeated, homes, before = persons.roster, np.uint64(0), np.uint64(0), np.int64(-1)
    for fifth in range(5):
        users[fifth] = 0
    for r in range(np.uint64(persons.count[ROWS])):
        k = np.uint64(persons.person[r])
        number, own = start[k + np.uint64(1)] - start[k], np.uint64(roster[r])
        persons.visits[r] = visits
        visits += number - stays[r]
        many[r] = ((MANY if number > 1 else 0) | (MANY_ADMISSIONS if stays[r] > 1 else 0)
                   | (MANY_VISITS if number - stays[r] > 1 else 0))
        persons.repeated[repeated] = r
        repeated += np.uint64(1 if stays[r] > 1 else 0)
        fifth, sampled, at = np.int64(people.fifth[own]), 1 if people.sampled[own] else 0, np.int64(people.household[own])
        persons.fifth[r] = fifth
        users[np.uint64(fifth)] += sampled
        where[homes], persons.first[homes] = at, r
        homes += np.uint64(sampled if at != before else 0)
        home[r] = np.int64(homes) - 1 if sampled == 1 else -1
        before = at
    persons.visits[persons.count[ROWS]], persons.first[homes] = visits, persons.count[ROWS]
    persons.count[REPEATED], persons.count[HOUSEHOLDS] = repeated, homes
    for i in range(listed, block.count[VISITS_FROM]):
        r = persons.row[persons.owner[i]]
        if r >= 0 and many[r] > 0:
            many[r] |= COURSE | (COURSE_VISIT if bills[KIND, i] == OUTPATIENT_VISIT else 0)


@lean
def find_households(block, people, income_index, persons):
    """Find what burden is measured by of the households whose places stand in the scratch column."""
    home, household, running, billed = persons.home, persons.household, persons.running, block.bills[BILLED]
    for h in range(persons.count[HOUSEHOLDS]):
        at, found = np.uint64(running[h]), household[h]
        income, line = (people.household_income[at] * income_index) >> 16, people.household_line[at]
        capacity = max(income - people.household_need[at], 0)
        found[H_BILLED] = 0
        found[H_INCOME] = income
        found[H_CAPACITY] = capacity
        found[H_LINE] = line
        found[H_FIFTH] = people.household_fifth[at]
        found[H_CALM] = min(min(income // 10, capacity * 4 // 10), income - line if income >= line else UNLIMITED)
    run(billed, block.count[VISITS_FROM], block.count[BILLS], running)
    for r in range(np.uint64(persons.count[ROWS])):
        if home[r] >= 0:
            household[np.uint64(home[r]), H_BILLED] += (running[np.uint64(persons.visits[r + np.uint64(1)])]
                                                       - running[np.uint64(persons.visits[r])])
    for n in range(persons.count[INSIDE]):
        h = home[persons.inside_row[n]]
        if h >= 0:
            household[h, H_BILLED] += billed[persons.inside[n]]
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


@lean
def find_later(block, persons):
    """Find the later admissions of persons without a course."""
    later, visits = 0, block.count[VISITS_FROM]
    for n in range(persons.count[REPEATED]):
        r = persons.repeated[n]
        if persons.many[r] & COURSE == 0:
            rank, k = 0, persons.person[r]
            for m in range(persons.start[k], persons.start[k + 1]):
                if block.order[m] < visits:
                    persons.later[later], persons.rank[later] = block.order[m], rank
                    later += 1 if rank > 0 else 0
                    rank += 1
    persons.count[LATER] = later
