"""The kernel's settling of a block, read again and without the compiler, so that a part of it can be put wrong.

`kernel/columns.py`, `first_bill.py` and `years.py`, `rows.py` and `by_row.py`, or files in their places, run on lists of whole
numbers; under them stand the rules as they are, or another file of them.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from simulator.care.blocks import BILL_COUNT, LISTED_FROM, VISITS_FROM, Block, open_block
from simulator.kernel import by_row, columns, first_bill, years
from simulator.kernel import rows as kernel_rows
from simulator.kernel.columns import PAID_COLUMNS, SCRATCH_COLUMNS, Column
from simulator.kernel.people import QUINTILE_FROM
from simulator.kernel.persons import GROUPED, ROWS, Persons, find_persons, open_persons
from simulator.kernel.rows import MOST_ROWS, OwnRows, PolicyRows, RowSpace
from simulator.kernel.years import SettlingSpace, YearSum
from simulator.law import rules
from simulator.law.year import STATE, TRACE, YearState
from simulator.money import UNLIMITED
from simulator.plan import (
    ACCOUNT_BALANCE,
    CAP_BASIS,
    CII_COUNTS_OUTPATIENT,
    CII_LISTED_ONLY,
    CII_THRESHOLD,
    N_CLASSES,
    PLAN_WIDTH,
)
from simulator.tables import FACTS, LEFT, Fact, Paid
from tests.support.bill_arrays import PERSON
from tests.support.kernel_pays import in_columns, one_household_each
from tests.support.plain_law import PlainLaw, plain

# What `clear` leaves empty for the next block.
CLEARED = (*columns.RARE, Paid.ASSISTANCE, Column.FULL_RULES)
# The sums of a year that are complete when a block is settled; the others are asked for on the way only.
COMPLETE = (YearSum.OWN, YearSum.ACCOUNT, YearSum.ASSISTANCE, YearSum.COUNTED, YearSum.IN_SCOPE, YearSum.EARLY, YearSum.LATE)
ELIGIBLE_OR_PAID = (YearState.CAP_USED, YearState.ELIGIBLE_YEAR)          # what the annual cap counts, by its basis
STALE = 987_654_321                    # or its opposite stands wherever nothing has been written yet


class Grid(list):
    """A list of columns, whose entries are also found by `grid[column, i]`."""

    def __getitem__(self, index):
        return list.__getitem__(self, index[0])[index[1]] if isinstance(index, tuple) else list.__getitem__(self, index)

    def __setitem__(self, index, value):
        if isinstance(index, tuple):
            list.__getitem__(self, index[0])[index[1]] = value
        else:
            list.__setitem__(self, index, value)


class PlainBlock(NamedTuple):
    """Bills of some persons under one plan as the kernel has them: everything a list or a list of lists."""

    terms: list[int]
    block: Block
    persons: Persons


class Settled(NamedTuple):
    """What settling a block leaves, as far as it is defined; the exceptions are bills by their place in the block."""

    first_bills: list[list[int]]       # columns of payments, and what counts towards the annual cap and the threshold of CII
    payments: list[list[int]]          # columns
    years: list[list[int]]             # by row, the sums of COMPLETE


class SettledRows(NamedTuple):
    """What settling a block under several rows of terms leaves."""

    first_bills: list[list[int]]
    payments: list[list[int]]
    years: list[int]                   # by row, what patients bear


def plain_block(terms: np.ndarray, bills: np.ndarray, sampled: np.ndarray) -> tuple[PlainBlock, np.ndarray]:
    """Some persons' bills under one row of terms, and the order they stand in; `sampled` bool[N] is true for the bills of persons
    whose households are sampled. Persons are 0, 1, ..."""
    block, persons, people = open_block(len(bills) + 3), open_persons(), one_household_each(int(bills[:, PERSON].max()) + 1)
    stand = in_columns(bills, block)
    people.facts[np.unique(bills[~sampled, PERSON])] &= ~(7 << QUINTILE_FROM)
    block.place[:len(bills)] *= sampled[stand]
    find_persons(block, people, 65536, persons)
    size, number = len(bills) + 3, len(bills)
    return PlainBlock(terms.tolist(),
                      Block(Grid(block.bills[:, :number].tolist()), block.count.tolist(), block.order[:number].tolist(), []),
                      Persons(*(values.tolist()[:size] for values in persons))), stand


def open_plain_space(size: int) -> SettlingSpace:
    """A settling space of lists that holds nothing but stale figures where the kernel may find some, above zero in every second
    size."""
    def stale(width: int) -> list[int]:
        return [STALE if size % 2 else -STALE] * width

    paid = Grid([0] * size if column in CLEARED else stale(size) for column in range(PAID_COLUMNS))
    one = first_bill.FullRules([1] * FACTS if size % 2 else stale(FACTS), stale(STATE), stale(LEFT), stale(TRACE))
    return SettlingSpace(paid, Grid(stale(size) for _ in range(SCRATCH_COLUMNS)), stale(size), one,
                         Grid(stale(size) for _ in range(FACTS)), Grid(stale(size) for _ in range(PAID_COLUMNS)), stale(size),
                         Grid(stale(size) for _ in YearSum), stale(size), RowSpace([0], *[[]] * 6))


def defined(case: PlainBlock, paid: list[list[int]]) -> list[list[int]]:
    """The columns of payments as far as the kernel fills them."""
    listed, visits, count = (case.block.count[n] for n in (LISTED_FROM, VISITS_FROM, BILL_COUNT))
    whole = [paid[column][:count] for column in (*columns.RARE, Paid.ASSISTANCE)]
    inpatient = [paid[column][:visits] for column in (Paid.BASIC, Paid.HOSPITAL, Paid.ENTITLED, Paid.IN_SCOPE_LEFT)]
    account = [paid[Paid.ACCOUNT][:count]] if any(case.terms[ACCOUNT_BALANCE:ACCOUNT_BALANCE + N_CLASSES]) else []
    return [*whole, *inpatient, *account, paid[Paid.OUTPATIENT][listed:count], paid[Paid.LISTED][listed:visits],
            paid[Column.OWN][:count]]


def _counted(case: PlainBlock, paid: list[list[int]]) -> list[list[int]]:
    """What first bills count towards the annual cap and the threshold of CII, as far as the kernel fills it."""
    terms, visits, count = case.terms, case.block.count[VISITS_FROM], case.block.count[BILL_COUNT]
    in_cii = terms[CII_THRESHOLD] < UNLIMITED
    with_visits = in_cii and terms[CII_COUNTS_OUTPATIENT] == 1 and terms[CII_LISTED_ONLY] == 0
    return [paid[Column.COUNTED][:visits], paid[Column.SELF_PAY][:count if with_visits else visits if in_cii else 0]]


class PlainKernel:
    """The files as plain Python on lists."""

    def __init__(self, columns_file: str | Path = columns.__file__, first_bill_file: str | Path = first_bill.__file__,
                 years_file: str | Path = years.__file__, rules_file: str | Path = rules.__file__,
                 by_row_file: str | Path = by_row.__file__, kernel_rows_file: str | Path = kernel_rows.__file__) -> None:
        law = PlainLaw(rules_file=rules_file)
        below, self.first_bill, self.years, self.by_row, self.kernel_rows = (
            plain(file) for file in (columns_file, first_bill_file, years_file, by_row_file, kernel_rows_file))
        for module in (below, self.first_bill, self.years):
            module.rules = law.rules                                                     # type: ignore[attr-defined]
        for module, imported in ((self.first_bill, law.settle), (self.first_bill, below), (self.years, below),
                                 (self.years, self.first_bill), (self.by_row, below), (self.by_row, self.first_bill),
                                 (self.by_row, self.years)):
            take_over(module, imported)

    def settle(self, case: PlainBlock) -> tuple[Settled, list[int], bool]:
        """What the kernel leaves of a block, which bills are exceptions, and whether it cleans up behind itself."""
        terms, block, persons = case
        space = open_plain_space(block.count[BILL_COUNT] + 3)
        persons.running[:] = [STALE] * len(persons.running)
        grouped, n_grouped = persons.grouped, persons.count[GROUPED]
        n_exceptions = self.first_bill.settle_first_bills(terms, block.bills, block.count, grouped, n_grouped, space)
        first_bills = defined(case, space.paid) + _counted(case, space.paid)
        n_exceptions = self.years.settle_later(terms, block, persons, space, n_exceptions)
        self.years.add_years(terms, block, persons, space)
        n_exceptions = self.years.settle_years(terms, block, persons, space, n_exceptions)
        left = Settled(first_bills, defined(case, space.paid), [space.year[column][:persons.count[ROWS]] for column in COMPLETE])
        exceptions = sorted(int(i) for i in space.exceptions[:n_exceptions])
        self.first_bill.clear(space.paid, space.exceptions, n_exceptions, grouped, n_grouped)
        return left, exceptions, not any(any(space.paid[column]) for column in CLEARED)

    def settle_rows(self, rows: PolicyRows, usual: np.ndarray, case: PlainBlock) -> tuple[SettledRows, list[int], bool]:
        """What the kernel leaves of a block under several rows of terms of one policy, of which `usual` int64[1, TERMS] is that
        of first bills at first local tiers; which bills are exceptions, and whether the persons are for the next policy as they
        were."""
        own_lists = {name: list(getattr(case.persons, name)) for name in ("later", "rank", "count")}
        block, persons, terms = case.block, case.persons._replace(**own_lists), self.kernel_rows.together(usual, rows)[0].tolist()
        count = block.count[BILL_COUNT]
        space = open_plain_space(count + 3)
        space = space._replace(rows=RowSpace([0], Grid([STALE] * PLAN_WIDTH for _ in range(MOST_ROWS)),
                                             *([STALE] * max(count + 3, 3) for _ in range(5))))
        of_policy = OwnRows(*(array[0].tolist() for array in rows))
        own = of_policy._replace(terms=Grid(of_policy.terms), first=Grid(of_policy.first), local=Grid(of_policy.local))
        persons.running[:] = [STALE] * len(persons.running)
        grouped, n_grouped = persons.grouped, persons.count[GROUPED]
        self.kernel_rows.put_rows(own.first, own.locals, space.rows)
        self.kernel_rows.find_row_of_bills(own, block.bills, count, 0, space.rows.of)
        n_exceptions = self.by_row.settle_first_bills_by_row(block, space)
        first_bills = defined(case, space.paid)
        self.first_bill.clear(space.paid, space.exceptions, n_exceptions, grouped, n_grouped)
        self.kernel_rows.put_rows(own.terms, own.number, space.rows)
        self.kernel_rows.find_row_of_bills(own, block.bills, count, 1, space.rows.of)
        n_exceptions = self.by_row.settle_first_bills_by_row(block, space)
        n_exceptions = self.by_row.settle_later_by_row(terms, block, persons, space, n_exceptions)
        self.years.add_years(terms, block, persons, space)
        n_exceptions = self.years.settle_years(terms, block, persons, space, n_exceptions)
        left = SettledRows(first_bills, defined(case, space.paid), space.year[YearSum.OWN][:persons.count[ROWS]])
        kept = all(list(getattr(persons, name)) == list(getattr(case.persons, name)) for name in own_lists)
        return left, sorted(int(i) for i in space.exceptions[:n_exceptions]), kept


def take_over(module: ModuleType, imported: ModuleType) -> None:
    """What a module imports from another is what that other, read again, has now."""
    for name, value in vars(imported).items():
        if name.isupper() or getattr(value, "__module__", "") == imported.__name__ and not isinstance(value, type):
            if name in vars(module) and getattr(vars(module)[name], "__module__", "") != module.__name__:
                setattr(module, name, value)


def rules_leave(law: PlainLaw, case: PlainBlock) -> Settled:
    """What the rules leave of the same block, person by person and bill by bill."""
    terms, block, persons = case
    count, visits = block.count[BILL_COUNT], block.count[VISITS_FROM]
    bills = [list(bill[:FACTS]) for bill in zip(*block.bills, strict=True)]
    alone, paid = ([[0] * count for _ in range(PAID_COLUMNS)] for _ in range(2))
    sums, counts = [[0] * persons.count[ROWS] for _ in YearSum], ELIGIBLE_OR_PAID[terms[CAP_BASIS]]
    for person in persons_of(case):
        year, row = [0] * STATE, persons.row[person[0]]
        for i, left in zip(person, law.settle_year(terms, [bills[i] for i in person], year), strict=True):
            of_one_bill = [0] * STATE
            own, = law.settle_year(terms, [bills[i]], of_one_bill)
            own += [of_one_bill[counts], of_one_bill[YearState.SELF_PAY_YEAR]]
            for columns_of_all, payments in ((paid, left), (alone, own)):
                payments[Column.OWN] += payments[Paid.ACCOUNT]
                for column, amount in enumerate(payments):
                    columns_of_all[column][i] = amount
            if row >= 0:
                sums[YearSum.OWN][row] += left[Column.OWN]
                sums[YearSum.ACCOUNT][row] += left[Paid.ACCOUNT]
                sums[YearSum.ASSISTANCE][row] += left[Paid.ASSISTANCE]
                sums[YearSum.IN_SCOPE][row] += left[Paid.IN_SCOPE_LEFT] if i < visits else 0
                sums[YearSum.EARLY][row] += left[Paid.SUPPLEMENT] + left[Paid.CII]
                sums[YearSum.LATE][row] += left[Paid.COMMERCIAL] + left[Paid.RELIEF]
        if row >= 0:
            sums[YearSum.COUNTED][row] = year[counts]
    return Settled(defined(case, alone) + _counted(case, alone), defined(case, paid), [sums[column] for column in COMPLETE])


def persons_of(case: PlainBlock) -> list[list[int]]:
    """The bills of each person, in order of time."""
    rows, result = case.block.bills[Fact.ROW], []
    for i in case.block.order:
        if not result or rows[result[-1][0]] != rows[i]:
            result.append([])
        result[-1].append(i)
    return result
