"""Whose the bills of a block are: what of persons and households is the same under every policy.

Most persons outside the sampled households have one admission in a year and nothing else; all others have a row, which a policy's
years are added up in (`kernel/years.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import BILLED, GROUP, KIND, OUTPATIENT_VISIT, ROW
from simulator.care.blocks import BILLS, LISTED_FROM, ROOM, VISITS_FROM
from simulator.compiling.compiled import inlined, lean
from simulator.kernel.sums import BURDENS, SHAPE
from simulator.money import UNLIMITED

# What the bills of a person are: several, several of a kind, a course beside others, one of it a visit (which no walk draws).
MANY, MANY_ADMISSIONS, MANY_VISITS, COURSE, COURSE_VISIT = 1, 2, 4, 8, 16
ROWS, LATER, INSIDE, GROUPED, HOUSEHOLDS, INCOME_INDEX = range(6)
# Where in a word the counts of those inside, visits and rows begin; bills are the lowest. A block has less than 2^16 of each.
INSIDE_AT, VISIT_AT, ROW_AT = 16, 32, 48
SAMPLED = SHAPE[1] * SHAPE[2] * SHAPE[3]                  # the first place of the sums that is a sampled person's
# A person's facts, one word: where class, group, first index of SHAPE, cover, county and row of `People.homes` begin.
FACT_BITS = CLASS_FROM, GROUP_FROM, FIFTH_FROM, COVER_FROM, COUNTY_FROM, HOME_FROM = 0, 3, 6, 9, 23, 35
# Such a row of `People.homes`.
INCOME, LINE, NEED, FIFTH = range(4)


class Persons(NamedTuple):
    """The persons with a row and the households of a block."""

    count: np.ndarray              # int64[6]: ROWS, ...
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
    homes: np.ndarray              # int64[ROOM]: of each sampled household the row of `People.homes`
    calm: np.ndarray               # int64[ROOM]: and up to which payments it bears none of the burdens
    running: np.ndarray            # int64[ROOM + 2]: scratch
    users: np.ndarray              # int64[5]: persons of sampled households, by fifth
    before: np.ndarray             # int64[4 burdens, 5]: what households would bear without insurance


def open_persons():
    """Nobody yet."""
    columns = {name: np.empty(ROOM + 2, np.int64) for name in Persons._fields}
    return Persons(**{**columns, "count": np.zeros(6, np.int64), "users": np.zeros(5, np.int64),
                      "before": np.zeros((4, 5), np.int64)})


@inlined
def fact(facts, begin, end):
    """What stands in a word from one bit up to another."""
    return (facts >> begin) & ((1 << (end - begin)) - 1)


@inlined
def find_persons(block, people, income_index, persons):
    """Find the rows and the sampled households of a block."""
    order, row, inside, visits, count, found_of, steps, begin = (
        block.order, persons.row, persons.inside, block.count[VISITS_FROM], block.count[BILLS], persons.count, persons.many,
        persons.home)
    find_steps(block, persons.running, steps)
    at, inside_at, lowest = np.uint64(visits) << np.uint64(VISIT_AT), np.uint64(INSIDE_AT), np.uint64(0xFFFF)
    for m in range(np.uint64(count)):
        i, step = order[m], np.uint64(steps[m])
        begin[at >> np.uint64(ROW_AT)] = np.int64(at)                         # written over unless a row begins
        inside[(at >> inside_at) & lowest] = i
        at += step
        row[np.uint64(i)] = -1 if step == np.uint64(1) else np.int64(at >> np.uint64(ROW_AT)) - 1
    rows = at >> np.uint64(ROW_AT)
    begin[rows] = np.int64(at)
    found_of[ROWS], found_of[INSIDE] = np.int64(rows), np.int64((at >> inside_at) & lowest)
    start, stays, of_visits = persons.start, persons.stays, persons.visits
    for r in range(rows + np.uint64(1)):
        start[r] = begin[r] & 0xFFFF
        stays[r] = (begin[r] >> INSIDE_AT) & 0xFFFF
        of_visits[r] = (begin[r] >> VISIT_AT) & 0xFFFF
    group, grouped, groups = block.bills[GROUP], persons.grouped, np.uint64(0)
    for i in range(np.uint64(count)):
        grouped[groups] = i
        groups += np.uint64(1 if group[i] > 0 else 0)
    found_of[GROUPED] = groups
    find_rows(block, people, persons)
    find_households(block, people, income_index, persons)
    find_later(persons)


@lean
def find_steps(block, own, steps):
    """Note how far each bill, in order, moves on among bills, those inside, visits and rows: the counts in one word. Only a bill
    that is the only one of a person who has no row moves on by 1; `own` is scratch."""
    order, place, roster, count = block.order, block.place, block.bills[ROW], np.uint64(block.count[BILLS])
    visits, one, two = block.count[VISITS_FROM], np.uint64(1), np.uint64(2)
    own[0], own[count + one] = -1, -1
    for m in range(count):
        i = np.uint64(order[m])
        own[m + one], steps[m] = roster[i], place[i]
    for m in range(count):
        begins = (1 << ROW_AT) if own[m + one] != own[m] else 0
        several = (begins == 0) | (own[m + two] == own[m + one])
        step = (1 << VISIT_AT) if order[m] >= visits else (1 << INSIDE_AT) if several | (steps[m] >= SAMPLED) else 0
        steps[m] = 1 + (step + begins if step > 0 else 0)


@inlined
def find_rows(block, people, persons):
    """Find what the bills of each row are, and which households there are. `find_steps` has left the roster's rows in order."""
    bills, visits, start, of_stays, of_visits, many, users, home, where = (
        block.bills, block.count[VISITS_FROM], persons.start, persons.stays, persons.visits, persons.many, persons.users,
        persons.home, persons.homes)
    own, homes, before, rows, one = persons.running, np.uint64(0), np.int64(-1), np.uint64(persons.count[ROWS]), np.uint64(1)
    for r in range(rows):
        stays, seen = of_stays[r + one] - of_stays[r], of_visits[r + one] - of_visits[r]
        persons.last[r] = start[r] + stays + seen
        many[r] = ((MANY if stays + seen > 1 else 0) | (MANY_ADMISSIONS if stays > 1 else 0)
                   | (MANY_VISITS if seen > 1 else 0))
    for fifth in range(5):
        users[fifth] = 0
    for r in range(rows):
        facts = people.facts[np.uint64(own[np.uint64(start[r]) + one])]
        fifth, at = fact(facts, FIFTH_FROM, COVER_FROM), facts >> HOME_FROM               # of those outside the sample fifth 0
        sampled = 1 if fifth > 0 else 0
        persons.fifth[r] = fifth - sampled
        users[np.uint64(fifth - sampled)] += sampled
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
    """Find up to which payments the sampled households bear no burden, and what they would bear without insurance. Visits are of
    sampled persons alone, so those of a household lie together."""
    homes, first, calm, of_visits, running, billed = (persons.homes, persons.first, persons.calm, persons.visits, persons.running,
                                                      block.bills[BILLED])
    whole, some, number, found = persons.rank, persons.later, persons.count[HOUSEHOLDS], np.uint64(0)
    persons.count[INCOME_INDEX] = income_index
    for h in range(np.uint64(number)):
        calm[h] = calm_of(people.homes, np.uint64(homes[h]), income_index)
    run(billed, block.count[VISITS_FROM], block.count[BILLS], running)
    whole[0] = 0                                           # of those outside the sample whatever
    for h in range(np.uint64(number)):
        whole[h + np.uint64(1)] = (running[np.uint64(of_visits[np.uint64(first[h + np.uint64(1)])])]
                                   - running[np.uint64(of_visits[np.uint64(first[h])])])
    for n in range(np.uint64(persons.count[INSIDE])):
        i = np.uint64(persons.inside[n])
        whole[np.uint64(persons.home[np.uint64(persons.row[i])] + 1)] += billed[i]
    for burden in range(len(BURDENS)):
        for fifth in range(5):
            persons.before[burden, fifth] = 0
    for h in range(np.uint64(number)):
        some[found] = h
        found += np.uint64(1 if whole[h + np.uint64(1)] > calm[h] else 0)
    for n in range(found):
        h = some[n]
        judge(people, persons, h, whole[h + 1], persons.before)


@inlined
def calm_of(homes, h, income_index):
    """Up to which payments a sampled household bears none of the burdens."""
    income, line = (homes[h, INCOME] * income_index) >> 16, homes[h, LINE]
    capacity = max(income - homes[h, NEED], 0)
    return min(np.int64(np.uint64(min(income, capacity * 4)) // np.uint64(10)), income - line if income >= line else UNLIMITED)


@lean
def judge(people, persons, h, left, burdens):
    """Judge what a household is left to pay: catastrophic expenditure and impoverishment, int64[4 burdens, 5 fifths]."""
    mine = people.homes[persons.homes[h]]
    income, line, fifth = (mine[INCOME] * persons.count[INCOME_INDEX]) >> 16, mine[LINE], mine[FIFTH]
    if left > 0:
        burdens[0, fifth] += 1 if left * 10 > income else 0
        burdens[1, fifth] += 1 if left * 4 > income else 0
        burdens[2, fifth] += 1 if left * 10 > max(income - mine[NEED], 0) * 4 else 0
        burdens[3, fifth] += 1 if income >= line and income - left < line else 0


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
