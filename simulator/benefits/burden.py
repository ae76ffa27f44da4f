"""What a block's persons and households are left to pay in the year, under one policy."""

from __future__ import annotations

import numpy as np

from simulator.benefits import terms as t
from simulator.benefits.passes import COUNTED
from simulator.benefits.persons import (
    H_BILLED,
    H_CALM,
    H_CAPACITY,
    H_FIFTH,
    H_INCOME,
    H_LINE,
    HOUSEHOLDS,
    ROWS,
)
from simulator.benefits.rules import IN_SCOPE_LEFT
from simulator.benefits.sums import CAPPED, LAYERS, OVER_CAP, SECONDARY_BASE, USERS, histogram_bin
from simulator.benefits.years import Y_ACCOUNT, Y_ASSISTANCE, Y_COUNTED, Y_EARLY, Y_IN_SCOPE, Y_LATE, Y_OWN
from simulator.bill import ROW
from simulator.care.blocks import VISITS_FROM
from simulator.compiled import lean

# A household's year, row of `Desk.household`: what is left to pay after each layer.
H_BASIC, H_CII, H_OWN, H_CASH = range(4)


@lean
def add_person(counted, in_scope, terms, person):
    """Add a person's year to what goes beyond the threshold of secondary reimbursement and the annual cap: int64[PERSON_SUMS]."""
    if in_scope > terms[t.SECONDARY_THRESHOLD]:
        person[SECONDARY_BASE] += in_scope - terms[t.SECONDARY_THRESHOLD]
    if counted >= terms[t.ANNUAL_CAP]:
        person[CAPPED] += 1
        person[OVER_CAP] += 1 if counted > terms[t.ANNUAL_CAP] and terms[t.CAP_ON_EXPENSE] == 0 else 0


@lean
def add_persons(terms, block, people, persons, desk, person):
    """Add up what goes beyond a limit of all persons' years: int64[5, PERSON_SUMS]."""
    threshold, cap, found, visits = terms[t.SECONDARY_THRESHOLD], terms[t.ANNUAL_CAP], np.int64(0), block.count[VISITS_FROM]
    in_scope, counted, beyond = desk.paid[IN_SCOPE_LEFT], desk.paid[COUNTED], persons.running
    for i in range(visits):
        beyond[np.uint64(found)] = i
        found += 1 if (in_scope[i] > threshold) | (counted[i] >= cap) else 0
    for n in range(found):
        i = beyond[n]
        if persons.row[persons.owner[i]] < 0:
            add_person(counted[i], in_scope[i], terms, person[people.fifth[block.bills[ROW, i]]])
    in_scope, counted, found = desk.person[Y_IN_SCOPE], desk.person[Y_COUNTED], np.int64(0)
    for r in range(persons.count[ROWS]):
        beyond[np.uint64(found)] = r
        found += 1 if (in_scope[r] > threshold) | (counted[r] >= cap) else 0
    for n in range(found):
        r = beyond[n]
        add_person(counted[r], in_scope[r], terms, person[persons.fifth[r]])


@lean
def add_burdens(persons, desk, person, histogram, household):
    """Add up what persons and households of the sample are left with: int64[5, PERSON_SUMS], int64[5, HISTOGRAM],
    int64[5 layers, 4 burdens, 5]."""
    own, account, assistance, early, late = (desk.person[Y_OWN], desk.person[Y_ACCOUNT], desk.person[Y_ASSISTANCE],
                                             desk.person[Y_EARLY], desk.person[Y_LATE])
    for fifth in range(5):
        person[fifth, USERS] += persons.users[fifth]
    for h in range(persons.count[HOUSEHOLDS]):
        for layer in range(4):
            desk.household[h, layer] = 0
    for r in range(np.uint64(persons.count[ROWS])):
        if persons.home[r] >= 0:
            left, home = own[r], desk.household[np.uint64(persons.home[r])]
            covered = left + late[r] + assistance[r]
            home[H_BASIC] += covered + early[r]
            home[H_CII] += covered
            home[H_OWN] += left
            home[H_CASH] += left - account[r]
            if left > 0:
                histogram[np.uint64(persons.fifth[r]), np.uint64(histogram_bin(left))] += 1
    for h in range(persons.count[HOUSEHOLDS]):
        found, paid = persons.household[h], desk.household[h]
        # A price may leave more to pay than was billed.
        if max(max(paid[H_BASIC], paid[H_CII]), max(paid[H_OWN], paid[H_CASH])) > found[H_CALM]:
            judge_household(found, paid, household)


@lean
def judge_household(found, paid, household):
    """Judge a household's year: catastrophic expenditure and impoverishment after each layer."""
    income, capacity, line, fifth = found[H_INCOME], found[H_CAPACITY], found[H_LINE], found[H_FIFTH]
    for layer in range(len(LAYERS)):
        left = found[H_BILLED] if layer == 0 else paid[layer - 1]
        if left > 0:
            if left * 10 > income:
                household[layer, 0, fifth] += 1
            if left * 4 > income:
                household[layer, 1, fifth] += 1
            if left * 10 > capacity * 4:
                household[layer, 2, fifth] += 1
            if income >= line and income - left < line:
                household[layer, 3, fifth] += 1
