"""Whose the bills of a block are: what of persons and households is the same under every policy.

Most persons outside the sampled households have one admission in a year and nothing else; all others have a row, which a policy's
years are added up in (`benefits/years.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import BILLED, GROUP, KIND, OUTPATIENT_VISIT, ROW
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiled import compiled, lean
from simulator.money import UNLIMITED

# What the bills of a person are: several, several of a kind, a course beside others, one of it a visit (which no walk draws).
MANY, MANY_ADMISSIONS, MANY_VISITS, COURSE, COURSE_VISIT = 1, 2, 4, 8, 16
PERSONS, ROWS, SEVERAL, LATER, INSIDE, GROUPED, HOUSEHOLDS = range(7)
# A household, row of `Persons.household`: what was billed, income, ability to pay, poverty line, fifth, and up to which payments
# there is nothing to tell of it.
H_BILLED, H_INCOME, H_CAPACITY, H_LINE, H_FIFTH, H_CALM = range(6)


class Persons(NamedTuple):
    """The persons and households of a block."""

    count: np.ndarray              # int64[7]: PERSONS, ROWS, ...
    start: np.ndarray              # int64[ROOM + 1]: where each person's bills begin in the block's order
    stays: np.ndarray              # int64[ROOM + 1]: how many admissions and listed illnesses stand before them there
    roster: np.ndarray             # int64[ROOM]: roster row of each person
    row: np.ndarray                # int64[ROOM]: row of each person, -1 if none
    owner: np.ndarray              # int64[ROOM]: the person of each bill
    person: np.ndarray             # int64[ROOM]: the person of each row
    visits: np.ndarray             # int64[ROOM + 1]: where each row's visits begin in the block
    fifth: np.ndarray              # int64[ROOM]: of each row
    many: np.ndarray               # int64[ROOM]: of each row, a sum of MANY, MANY_ADMISSIONS, ...
    home: np.ndarray               # int64[ROOM]: of each row the household, -1 if it is not sampled
    several: np.ndarray            # int64[ROOM]: the rows with more than one bill
    inside: np.ndarray             # int64[ROOM]: admissions and listed illnesses of persons with a row
    inside_row: np.ndarray         # int64[ROOM]: of these, the row
    later: np.ndarray              # int64[ROOM]: the bills of later admissions, where there is no course
    rank: np.ndarray               # int64[ROOM]: of these, how many admissions come before
    grouped: np.ndarray            # int64[ROOM]: the bills of persons whom medical assistance may help
    running: np.ndarray            # int64[ROOM + 1]: scratch
    users: np.ndarray              # int64[5]: persons of sampled households, by fifth
    household: np.ndarray          # int64[ROOM, 6]


@compiled
def open_persons():
    """Nobody yet."""
    def column():
        return np.zeros(ROOM + 1, np.int64)
    return Persons(np.zeros(7, np.int64), column(), column(), column(), column(), column(), column(), column(), column(),
                   column(), column(), column(), column(), column(), column(), column(), column(), column(),
                   np.zeros(5, np.int64), np.empty((ROOM, 6), np.int64))


@lean
def find_persons(block, people, income_index, persons):
    """Find the persons and the sampled households of a block."""
    bills, order, row, owner, start, stays, roster = (block.bills, block.order, persons.row, persons.owner, persons.start,
                                                      persons.stays, persons.roster)
    rows, group, visits, count = bills[ROW], bills[GROUP], block.count[VISITS_FROM], block.count[BILLS]
    number, before, inpatients = 0, np.int64(-1), 0
    for m in range(count):
        i = np.uint64(order[m])
        number += 1 if rows[i] != before else 0
        before = rows[i]
        inpatients += 1 if order[m] < visits else 0
        owner[i] = number - 1
        roster[np.uint64(number - 1)] = before
        start[np.uint64(number)] = m + 1
        stays[np.uint64(number)] = inpatients
    found, person = 0, persons.person
    for k in range(number):
        alone = start[k + 1] - start[k] == 1 and stays[k + 1] > stays[k]
        person[found] = k
        row[k] = -1 if alone and not people.sampled[roster[k]] else found
        found += 1 if row[k] >= 0 else 0
    persons.count[PERSONS], persons.count[ROWS] = number, found
    inside, of, entered, grouped, groups = persons.inside, persons.inside_row, 0, persons.grouped, 0
    for i in range(visits):
        inside[entered], of[entered] = i, row[owner[i]]
        entered += 1 if of[entered] >= 0 else 0
    for i in range(count):
        grouped[groups] = i
        groups += 1 if group[i] > 0 else 0
    persons.count[INSIDE], persons.count[GROUPED] = entered, groups
    find_rows(block, people, income_index, persons)
    find_later(block, persons)


@lean
def find_rows(block, people, income_index, persons):
    """Find what the bills of each row are, and its household."""
    bills, listed, visits, count = block.bills, block.count[LISTED_FROM], block.count[VISITS_FROM], block.count[BILLS]
    start, stays, many, home, household, users = (persons.start, persons.stays, persons.many, persons.home, persons.household,
                                                  persons.users)
    several, homes, before, rows = 0, -1, np.int64(-1), persons.count[ROWS]
    for fifth in range(5):
        users[fifth] = 0
    for r in range(rows):
        k = persons.person[r]
        own, number, inpatient = persons.roster[k], start[k + 1] - start[k], stays[k + 1] - stays[k]
        persons.visits[r] = visits + start[k] - stays[k]
        persons.fifth[r] = people.fifth[own]
        many[r] = ((MANY if number > 1 else 0) + (MANY_ADMISSIONS if inpatient > 1 else 0)
                   + (MANY_VISITS if number - inpatient > 1 else 0))
        persons.several[several] = r
        several += 1 if number > 1 else 0
        home[r] = -1
        if people.sampled[own]:
            if people.household[own] != before:
                before = np.int64(people.household[own])
                homes += 1
                find_household(people, before, income_index, household[homes])
            home[r] = homes
            users[people.fifth[own]] += 1
    persons.visits[rows] = count
    persons.count[SEVERAL], persons.count[HOUSEHOLDS] = several, homes + 1
    for i in range(listed, visits):
        r = persons.row[persons.owner[i]]
        if r >= 0 and many[r] > 0:
            many[r] |= COURSE + (COURSE_VISIT if bills[KIND, i] == OUTPATIENT_VISIT else 0)
    billed = bills[BILLED]
    run(billed, visits, count, persons.running)
    for r in range(rows):
        if home[r] >= 0:
            household[home[r], H_BILLED] += persons.running[persons.visits[r + 1]] - persons.running[persons.visits[r]]
    for n in range(persons.count[INSIDE]):
        h = home[persons.inside_row[n]]
        if h >= 0:
            household[h, H_BILLED] += billed[persons.inside[n]]
    for h in range(homes + 1):
        if household[h, H_BILLED] > household[h, H_CALM]:
            household[h, H_CALM] = -UNLIMITED


@lean
def run(values, first, last, running):
    """Put into `running` the sum of what stands from `first` on before each place up to `last`."""
    total = np.int64(0)
    for i in range(np.uint64(first), np.uint64(last)):
        running[i] = total
        total += values[i]
    running[last] = total


@lean
def find_household(people, at, income_index, found):
    """What burden is measured by, nothing billed yet."""
    income, line = (people.household_income[at] * income_index) >> 16, people.household_line[at]
    capacity = max(income - people.household_need[at], 0)
    found[H_BILLED] = 0
    found[H_INCOME] = income
    found[H_CAPACITY] = capacity
    found[H_LINE] = line
    found[H_FIFTH] = people.household_fifth[at]
    found[H_CALM] = min(min(income // 10, capacity * 4 // 10), income - line if income >= line else UNLIMITED)


@lean
def find_later(block, persons):
    """Find the later admissions of persons without a course."""
    later, visits = 0, block.count[VISITS_FROM]
    for n in range(persons.count[SEVERAL]):
        r = persons.several[n]
        if persons.many[r] & (MANY_ADMISSIONS | COURSE) == MANY_ADMISSIONS:
            rank, k = 0, persons.person[r]
            for m in range(persons.start[k], persons.start[k + 1]):
                if block.order[m] < visits:
                    persons.later[later], persons.rank[later] = block.order[m], rank
                    later += 1 if rank > 0 else 0
                    rank += 1
    persons.count[LATER] = later
