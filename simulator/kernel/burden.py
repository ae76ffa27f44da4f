"""What a block's persons and households are left to pay in the year, under one policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator import plan as t
from simulator.care.blocks import VISITS_FROM
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Ints, Ints2, Ints3
from simulator.kernel.columns import Column, least_cap
from simulator.kernel.persons import HOUSEHOLDS, ROWS, judge
from simulator.kernel.sums import BURDENS, CAPPED, HALVINGS, LOWER_BASES, OVER_CAP, SECONDARY_BASE, USERS, histogram_bin
from simulator.kernel.years import YearSum, own_cap
from simulator.tables import Fact, Paid

if TYPE_CHECKING:
    from simulator.care.blocks import Block
    from simulator.kernel.people import People
    from simulator.kernel.persons import Persons
    from simulator.kernel.years import SettlingSpace


@lean
def add_person(counted: int, in_scope: int, cap: int, terms: Ints, person: Ints) -> None:
    """Add a person's year to what goes beyond the threshold of secondary reimbursement and the annual cap: int64[PERSON_SUMS].

    Where the threshold may come down to a least one, also to what goes beyond each halving of it.
    """
    threshold, least = terms[t.SECONDARY_THRESHOLD], terms[t.SECONDARY_LEAST]
    person[SECONDARY_BASE] += max(in_scope - threshold, 0)
    if least < min(threshold, in_scope):
        for n in range(HALVINGS):
            threshold = max(threshold >> 1, least)
            person[LOWER_BASES + n] += max(in_scope - threshold, 0)
    if counted >= cap:
        person[CAPPED] += 1
        person[OVER_CAP] += 1 if counted > cap and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT else 0


@inlined
def add_persons(terms: Ints, block: Block, people: People, persons: Persons, space: SettlingSpace, person: Ints2) -> None:
    """Add up what goes beyond a limit of all persons' years: int64[5, PERSON_SUMS]."""
    threshold, cap = min(terms[t.SECONDARY_THRESHOLD], terms[t.SECONDARY_LEAST]), least_cap(terms)
    found, visits = np.int64(0), block.count[VISITS_FROM]
    in_scope, counted, beyond = space.paid[Paid.IN_SCOPE_LEFT], space.paid[Column.COUNTED], persons.running
    for i in range(visits):
        beyond[np.uint64(found)] = i
        found += 1 if (in_scope[i] > threshold) | (counted[i] >= cap) else 0
    for n in range(found):
        i = beyond[n]
        if persons.row[i] < 0:
            add_person(counted[i], in_scope[i], own_cap(terms, block.bills, i), terms,
                       person[people.quintile[block.bills[Fact.ROW, i]]])
    in_scope, counted, found = space.year[YearSum.IN_SCOPE], space.year[YearSum.COUNTED], np.int64(0)
    for r in range(persons.count[ROWS]):
        beyond[np.uint64(found)] = r
        found += 1 if (in_scope[r] > threshold) | (counted[r] >= cap) else 0
    for n in range(found):
        r = beyond[n]
        one = block.order[persons.start[r]]
        add_person(counted[r], in_scope[r], own_cap(terms, block.bills, one), terms,
                   person[people.quintile[block.bills[Fact.ROW, one]]])


@inlined
def add_burdens(people: People, persons: Persons, space: SettlingSpace, person: Ints2, histogram: Ints2,
                household: Ints3) -> None:
    """Add up what persons and households of the sample are left with: int64[5, PERSON_SUMS], int64[5, HISTOGRAM],
    int64[5 layers, 4 burdens, 5]."""
    own, assistance, early, late, home = (space.year[YearSum.OWN], space.year[YearSum.ASSISTANCE], space.year[YearSum.EARLY],
                                          space.year[YearSum.LATE], persons.home)
    running, first, burden_free, some = persons.running, persons.first, persons.burden_free, space.household
    found, total = np.uint64(0), np.int64(0)
    for quintile in range(5):
        person[quintile, USERS] += persons.users[quintile]
    for r in range(np.uint64(persons.count[ROWS])):
        running[r] = total
        if home[r] >= 0:
            total += own[r] + assistance[r] + early[r] + late[r]
            if own[r] > 0:
                histogram[np.uint64(persons.quintile[r]), np.uint64(histogram_bin(own[r]))] += 1
    running[persons.count[ROWS]] = total
    for burden in range(len(BURDENS)):
        for quintile in range(5):
            household[0, burden, quintile] += persons.before[burden, quintile]
    for h in range(np.uint64(persons.count[HOUSEHOLDS])):
        some[found] = h
        left = running[np.uint64(first[h + np.uint64(1)])] - running[np.uint64(first[h])]
        found += np.uint64(1 if left > burden_free[h] else 0)
    for n in range(found):
        judge_household(people, persons, space.year, some[n], household)


@inlined
def judge_household(people: People, persons: Persons, person: Ints2, h: int, household: Ints3) -> None:
    """Judge what a household is left to pay after each layer of insurance: int64[5 layers, 4 burdens, 5]."""
    own, account, late, early = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for r in range(persons.first[h], persons.first[h + 1]):
        if persons.home[r] == h:
            own += person[YearSum.OWN, r]
            account += person[YearSum.ACCOUNT, r]
            late += person[YearSum.ASSISTANCE, r] + person[YearSum.LATE, r]
            early += person[YearSum.EARLY, r]
    judge(people, persons, h, own + late + early, household[1])
    judge(people, persons, h, own + late, household[2])
    judge(people, persons, h, own, household[3])
    judge(people, persons, h, own - account, household[4])
