"""The rows of a claims file in their order (docs/claims.md): each person's year carried along, the bills of a stay settled as
one admission, a stay over the turn of the insured year split, the deductibles of a family counted together.

A bill is settled by `law/settle.py`; this file says from which state of the year, and in how many parts. A file without stays,
families and several rule books takes the same way, with -1 in their places.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import compiled, lean
from simulator.compiling.types import Ints, Ints2
from simulator.law import rules
from simulator.law.rules import left_of
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE, Trace, YearState
from simulator.money import UNLIMITED
from simulator.tables import FACTS, INPATIENT, LEFT, Fact


class Row(IntEnum):
    """What is known of a row beside its bill, int64[ROW_FACTS]. Days are counted from 1970-01-01; -1 stands for none.

    PERSON, STAY and FAMILY are places in the tables of `Years` and of stays; TERMS is the row of terms, WHEN what may not fall
    within a person, YEAR the insured year, TURN and TURN_BEFORE the days on which it and the one before began, PLACE the
    hospital tier among all that the plan tells apart.
    """

    PERSON, WHEN, YEAR, TERMS, FAMILY, PLACE = range(6)
    STAY, NAMED, FROM = range(6, 9)              # NAMED: the file says which stay it is; FROM: the stay it was transferred from
    ADMITTED, DISCHARGED, TURN, TURN_BEFORE = range(9, 13)
    UNDONE, WATCHED = 13, 14                     # 1: a bill that is taken back leaves no trace; a bill of which more is kept


ROW_FACTS = len(Row)
LAST_STAY = -2                                   # FROM: the stay before this one of the same person


class StayRule(IntEnum):
    """What a plan says of stays and families, int64[STAY_RULES] (`parameters/claims_terms.py`)."""

    READMISSION_DAYS, READMISSION_SAME_TIER, TRANSFER, NEW_YEAR, FAMILY_VISITS, FAMILY_ADMISSIONS = range(6)
    FAMILY_MOST = 6              # fen: most that deductibles take of a family in a year beside each person's own


STAY_RULES = len(StayRule)
UNSAID = -1                                      # READMISSION_DAYS: there is no such rule; TRANSFER, NEW_YEAR: a row is refused
FULL_DEDUCTIBLE, DIFFERENCE, NO_DEDUCTIBLE = range(3)            # TRANSFER
OF_DISCHARGE, SPLIT_BY_DAYS = range(2)                                   # NEW_YEAR


class Stay(IntEnum):
    """What is carried along of a stay, int64[STAY]: where it began in the order, and what it has taken and counted so far."""

    OPEN, DISCHARGED, PLACE, ORDER, ORDER_AT, DEDUCTIBLE, COPAY, ELIGIBLE, BASE = range(9)


STAY = len(Stay)


class Mark(IntEnum):
    """What is carried along of a person or family beside the state of the year, int64[MARKS]."""

    YEAR, LAST, YEAR_BEFORE, STAY = range(4)     # of the state; the last bill's WHEN; of the state before; 1 + the last stay


MARKS = len(Mark)


class Years(NamedTuple):
    """The years of persons, or of families: the state of the year, of the year with bills before it, and marks.

    `before` has no rows where no stay is split. Where a plan tells more hospital tiers apart than the care tiers, the admissions
    at each of them are counted behind the state.
    """

    state: Ints2                   # [n, STATE, or more]
    before: Ints2                  # [n or 0, the same]
    marks: Ints2                   # [n, MARKS]


def empty_years(count: int, before: bool = False, tiers: int = 0) -> Years:
    """The years of so many persons, without a bill; `tiers` of a plan's own."""
    return Years(np.zeros((count, STATE + tiers), np.int64), np.zeros((count if before else 0, STATE + tiers), np.int64),
                 np.zeros((count, MARKS), np.int64))


def plain_rows(person: np.ndarray, when: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Rows of persons under one rule book, without stays and families, int64[n, ROW_FACTS]."""
    rows = np.full((len(person), ROW_FACTS), -1, dtype=np.int64)
    rows[:, Row.PERSON], rows[:, Row.WHEN], rows[:, Row.YEAR] = person, when, year
    rows[:, [Row.TERMS, Row.PLACE, Row.NAMED]] = 0
    return rows


NOT_SEEN = np.zeros((0, 0), dtype=np.int64)      # no row is watched
NO_STAY_RULES = np.array([UNSAID, 0, FULL_DEDUCTIBLE, OF_DISCHARGE, 0, 0, UNLIMITED], dtype=np.int64)
SETTLED, REFUSED, BACKWARDS, FAMILY_BACKWARDS = range(4)         # what became of a row
NOTHING_BEFORE, TRANSFER_UNSAID, NEW_YEAR_UNSAID, TWO_TURNS = range(4, 8)
# The facts of a bill that are divided by days where a stay is split.
BY_DAYS = np.array([Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.ESSENTIAL, Fact.CASE_PRICE, Fact.NEW_DRUG, Fact.FIRST_PAY,
                  Fact.DAYS])
NEW, CONTINUES, WAIVED = range(3)                # a bill begins a stay, shares its deductible, or has none


@lean
def link_of(stay_rules: Ints, row: Ints, stays: Ints2, last: int) -> tuple[int, int]:
    """How a bill belongs to an earlier stay, and the place of that stay; minus a fate where it cannot be settled."""
    own, days = row[Row.STAY], stay_rules[StayRule.READMISSION_DAYS]
    if row[Row.NAMED] == 1 and stays[own, Stay.OPEN] == 1 and stays[own, Stay.PLACE] == row[Row.PLACE]:
        return CONTINUES, own
    source = row[Row.FROM]
    if source == LAST_STAY:
        source = last
        if source < 0:
            return -NOTHING_BEFORE, source
    elif source < 0 and row[Row.NAMED] == 1 and stays[own, Stay.OPEN] == 1:
        source = own
    if source >= 0:
        if stay_rules[StayRule.TRANSFER] == UNSAID:
            return -TRANSFER_UNSAID, source
        if stays[source, Stay.OPEN] == 0:
            return -NOTHING_BEFORE, source
        if stay_rules[StayRule.TRANSFER] == FULL_DEDUCTIBLE:
            return NEW, own
        return (CONTINUES if stay_rules[StayRule.TRANSFER] == DIFFERENCE else WAIVED), source
    if days >= 0 and last >= 0 and row[Row.ADMITTED] - stays[last, Stay.DISCHARGED] <= days:
        if stays[last, Stay.PLACE] == row[Row.PLACE]:
            return CONTINUES, last
        if stay_rules[StayRule.READMISSION_SAME_TIER] == 0:
            return WAIVED, last
    return NEW, own


@lean
def days_before(stay_rules: Ints, row: Ints, begun: int) -> int:
    """How many days of a stay that began on the day `begun` fall into the insured year before that of its discharge; minus a
    fate where it cannot be settled."""
    if begun >= row[Row.TURN] or stay_rules[StayRule.NEW_YEAR] == OF_DISCHARGE:
        return 0
    if stay_rules[StayRule.NEW_YEAR] == UNSAID:
        return -NEW_YEAR_UNSAID
    return row[Row.TURN] - begun if begun >= row[Row.TURN_BEFORE] else -TWO_TURNS


@lean
def is_admission(terms: Ints, bill: Ints) -> bool:
    """Whether a bill is an ordinary admission that counts: it cost something, and the list does not pay it."""
    illness = bill[Fact.ILLNESS]
    listed = illness >= 0 and rules.is_listed(terms[t.LISTED + illness], bill[Fact.PILOT_RANK] < terms[t.PILOT_COUNTIES])
    return bill[Fact.KIND] == INPATIENT and bill[Fact.BILLED] > 0 and not listed


@lean
def cut_bill(bill: Ints, part: Ints, days: int, whole: int) -> None:
    """The bill's part of so many days of the whole: each amount half up."""
    for fact in range(FACTS):
        part[fact] = bill[fact]
    for fact in BY_DAYS:
        part[fact] = (2 * bill[fact] * days + whole) // (2 * whole)


@lean
def take_rest(bill: Ints, part: Ints) -> None:
    """What the first part leaves of the bill, for the last one."""
    for fact in BY_DAYS:
        part[fact] = bill[fact] - part[fact]


@lean
def borrow_of_family(stay_rules: Ints, year: Ints, family: Ints) -> None:
    """Put what the family has used of its common deductibles in the place of the person's own."""
    if stay_rules[StayRule.FAMILY_VISITS] == 1:
        year[YearState.OUTPATIENT_DEDUCTIBLE_USED] = family[YearState.OUTPATIENT_DEDUCTIBLE_USED]
    if stay_rules[StayRule.FAMILY_ADMISSIONS] == 1:
        year[YearState.ADMISSIONS] = family[YearState.ADMISSIONS]
        year[YearState.DEDUCTIBLE_USED] = family[YearState.DEDUCTIBLE_USED]
        for tier in range(t.N_TIERS):
            year[YearState.ADMISSIONS_AT + tier] = family[YearState.ADMISSIONS_AT + tier]
        for place in range(STATE, len(year)):
            year[place] = family[place]


@lean
def limit_of_family(terms: Ints, most: int, year: Ints, family: Ints, bill: Ints) -> None:
    """Limit the deductible of a bill, in a copy of the terms, to what is left of the family's, whose sum stands in the place of
    its deductibles of admissions."""
    used, place = year[YearState.DEDUCTIBLE_USED], t.DEDUCTIBLE_YEAR_LIMIT
    if bill[Fact.KIND] != INPATIENT:
        used, place = year[YearState.OUTPATIENT_DEDUCTIBLE_USED], (
            t.OUTPATIENT_DEDUCTIBLE + bill[Fact.TIER] * t.N_CLASSES + bill[Fact.MEMBER_CLASS])
        if terms[t.DEDUCTIBLE_SHARED] == 1:
            used += year[YearState.DEDUCTIBLE_USED]
        if terms[t.OUTPATIENT_DEDUCTIBLE_PERIOD] == t.DEDUCTIBLE_OF_VISIT:
            used = UNLIMITED                               # such deductibles are not counted
    terms[place] = min(terms[place], used + left_of(most, family[YearState.DEDUCTIBLE_USED]))


@lean
def enter_stay(year: Ints, stay: Ints, link: int, tier: int) -> tuple[int, int]:
    """Set the year's state as the stay needs it for a further bill; how many admissions it counted, at all tiers and at this."""
    counted, counted_at = year[YearState.ADMISSIONS], year[YearState.ADMISSIONS_AT + tier]
    if link != NEW:
        year[YearState.ADMISSIONS], year[YearState.ADMISSIONS_AT + tier] = stay[Stay.ORDER], stay[Stay.ORDER_AT]
        year[YearState.STAY_DEDUCTIBLE] = UNLIMITED if link == WAIVED else stay[Stay.DEDUCTIBLE]
        year[YearState.STAY_COPAY] = UNLIMITED if link == WAIVED else stay[Stay.COPAY]
        year[YearState.STAY_ELIGIBLE], year[YearState.STAY_BASE] = stay[Stay.ELIGIBLE], stay[Stay.BASE]
    return counted, counted_at


@lean
def leave_stay(year: Ints, stay: Ints, link: int, tier: int, counted: tuple[int, int], trace: Ints, eligible: int,
               base: int) -> None:
    """Carry on what a bill has taken of the stay's deductible and moved on in its bands; the state stands for the year again."""
    if link == NEW:
        stay[Stay.OPEN] = 1
        stay[Stay.ORDER], stay[Stay.ORDER_AT] = counted
        stay[Stay.DEDUCTIBLE], stay[Stay.COPAY], stay[Stay.ELIGIBLE], stay[Stay.BASE] = 0, 0, 0, 0
    else:
        year[YearState.ADMISSIONS], year[YearState.ADMISSIONS_AT + tier] = counted
    stay[Stay.DEDUCTIBLE] += trace[Trace.COUNTED] - trace[Trace.COPAY] - trace[Trace.BASE]
    stay[Stay.COPAY] += trace[Trace.COPAY]
    stay[Stay.ELIGIBLE] += year[YearState.ELIGIBLE_YEAR] - eligible
    stay[Stay.BASE] += year[YearState.BASE_YEAR] - base
    year[YearState.STAY_DEDUCTIBLE], year[YearState.STAY_COPAY] = 0, 0
    year[YearState.STAY_ELIGIBLE], year[YearState.STAY_BASE] = 0, 0


@lean
def keep_or_restore(kept: Ints2, years: Years, who: int, restore: bool) -> None:
    """Keep all that is carried along of a person or family, int64[3, width], or put it back as it was kept."""
    width = years.state.shape[1]
    for n in range(width):
        if restore:
            years.state[who, n] = kept[0, n]
            if len(years.before) > 0:
                years.before[who, n] = kept[1, n]
        else:
            kept[0, n] = years.state[who, n]
            if len(years.before) > 0:
                kept[1, n] = years.before[who, n]
    for n in range(MARKS):
        if restore:
            years.marks[who, n] = kept[2, n]
        else:
            kept[2, n] = years.marks[who, n]


@lean
def open_year(years: Years, who: int, year: int) -> bool:
    """Make the state of a person or family that of a year, empty where it has no bill yet; whether it stands in `state`, not in
    `before`. Years come in their order, but that the year before the present one may be asked for."""
    state, before, marks = years.state, years.before, years.marks
    if year < marks[who, Mark.YEAR]:
        if marks[who, Mark.YEAR_BEFORE] != year:
            marks[who, Mark.YEAR_BEFORE] = year
            for n in range(state.shape[1]):
                before[who, n] = 0
        return False
    if year != marks[who, Mark.YEAR]:
        for n in range(state.shape[1]):
            if len(before) > 0:
                before[who, n] = state[who, n]
            state[who, n] = 0
        marks[who, Mark.YEAR_BEFORE], marks[who, Mark.YEAR] = marks[who, Mark.YEAR], year
    return True


@compiled
def settle_rows(terms: Ints2, stay_rules: Ints, rows: Ints2, bills: Ints2, persons: Years, families: Years, stays: Ints2,
                paid: Ints2, fate: Ints, seen: Ints2) -> None:
    """Settle the rows of a block of claims in their order, the years of persons, families and stays carried from block to block.

    `terms` int64[books, PLAN_WIDTH], `stay_rules` int64[STAY_RULES], `rows` int64[n, ROW_FACTS], `bills` int64[n, FACTS]. Rows
    whose `fate` is not SETTLED on entry are left out; others get SETTLED, or why they cannot be: then nothing moves on. `paid`
    int64[n, LEFT] is filled. A row that is UNDONE is settled and leaves all as it was before. Of a row that is WATCHED `seen`
    int64[2 or 0, PLAN_WIDTH + STATE + FACTS] gets the terms, the state before and the bill, of both parts where it is cut.
    """
    trace, part, left = np.zeros(TRACE, np.int64), np.zeros(FACTS, np.int64), np.zeros(LEFT, np.int64)
    family_most, limited = stay_rules[StayRule.FAMILY_MOST], np.zeros(terms.shape[1], np.int64)
    alone, no_stay, width = np.zeros(STATE, np.int64), np.zeros(STAY, np.int64), persons.state.shape[1]
    kept, kept_family, kept_stay = np.zeros((3, width), np.int64), np.zeros((3, width), np.int64), np.zeros(STAY, np.int64)
    for n in range(len(bills)):
        if fate[n] != SETTLED:
            continue
        row, bill = rows[n], bills[n]
        who, family, own, year = row[Row.PERSON], row[Row.FAMILY], row[Row.STAY], row[Row.YEAR]
        if row[Row.WHEN] < persons.marks[who, Mark.LAST]:
            fate[n] = BACKWARDS
            continue
        if family >= 0 and row[Row.WHEN] < families.marks[family, Mark.LAST]:
            fate[n] = FAMILY_BACKWARDS
            continue
        undone = row[Row.UNDONE] == 1
        if undone:
            keep_or_restore(kept, persons, who, False)
            if family >= 0:
                keep_or_restore(kept_family, families, family, False)
            if own >= 0:
                kept_stay[:] = stays[own]
        link, source, days, begun, stay = NEW, own, 0, row[Row.ADMITTED], no_stay
        book = terms[row[Row.TERMS]]
        in_stay = own >= 0 and is_admission(book, bill)
        if in_stay:
            link, source = link_of(stay_rules, row, stays, persons.marks[who, Mark.STAY] - 1)
            if row[Row.NAMED] == 1 and stays[own, Stay.OPEN] == 1:
                begun = max(begun, stays[own, Stay.DISCHARGED] + 1)
            days = link if link < 0 else days_before(stay_rules, row, begun)
            if days < 0:
                fate[n] = -days
                continue
            if link != NEW and source != own:
                stays[own, :] = stays[source]
            stay = stays[own]
        persons.marks[who, Mark.LAST] = row[Row.WHEN]
        if family >= 0:
            families.marks[family, Mark.LAST] = row[Row.WHEN]
        for later in range(0 if days > 0 else 1, 2):
            now = open_year(persons, who, year - 1 + later)
            state = persons.state[who] if now else persons.before[who]
            shared = alone
            if family >= 0:
                shared = families.state[family] if open_year(families, family, year - 1 + later) else families.before[family]
                borrow_of_family(stay_rules, state, shared)
            if days == 0:
                part[:] = bill
            elif later == 0:
                cut_bill(bill, part, days, row[Row.DISCHARGED] - begun + 1)
            else:
                take_rest(bill, part)
            if width > STATE:
                state[YearState.ADMISSIONS_AT + bill[Fact.TIER]] = state[STATE + row[Row.PLACE]]
            counted = enter_stay(state, stay, link, bill[Fact.TIER])         # changes nothing at the first bill of a stay
            eligible, base = state[YearState.ELIGIBLE_YEAR], state[YearState.BASE_YEAR]
            used = state[YearState.DEDUCTIBLE_USED] + state[YearState.OUTPATIENT_DEDUCTIBLE_USED]
            if family >= 0 and family_most < UNLIMITED:
                limited[:] = terms[row[Row.TERMS]]
                limit_of_family(limited, family_most, state, shared, part)
                book = limited
            if row[Row.WATCHED] == 1 and len(seen) > 0:
                seen[later, :terms.shape[1]] = book
                seen[later, terms.shape[1]:terms.shape[1] + STATE] = state[:STATE]
                seen[later, terms.shape[1] + STATE:] = part
            settle_bill(book, state, part, left, trace)
            if in_stay:
                leave_stay(state, stay, link, bill[Fact.TIER], counted, trace, eligible, base)
                if link == NEW:
                    link = CONTINUES
            if width > STATE:
                state[STATE + row[Row.PLACE]] = state[YearState.ADMISSIONS_AT + bill[Fact.TIER]]
            if family >= 0:
                borrow_of_family(stay_rules, shared, state)
                if family_most < UNLIMITED:
                    shared[YearState.DEDUCTIBLE_USED] += (state[YearState.DEDUCTIBLE_USED]
                                                          + state[YearState.OUTPATIENT_DEDUCTIBLE_USED] - used)
            paid[n, :] += left
        if in_stay:
            stay[Stay.DISCHARGED], stay[Stay.PLACE] = row[Row.DISCHARGED], row[Row.PLACE]
            persons.marks[who, Mark.STAY] = own + 1
        if undone:
            keep_or_restore(kept, persons, who, True)
            if family >= 0:
                keep_or_restore(kept_family, families, family, True)
            if own >= 0:
                stays[own, :] = kept_stay
