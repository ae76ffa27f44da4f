"""Persons' years settled as the simulation's kernel settles them: in blocks of columns."""

from __future__ import annotations

import numpy as np

from simulator.care.blocks import BILL_COUNT, LISTED_FROM, ROOM, VISITS_FROM, Block, open_block
from simulator.compiling.compiled import compiled
from simulator.kernel.columns import RARE, any_of
from simulator.kernel.first_bill import clear, settle_first_bills
from simulator.kernel.people import HOME_FROM, OF_HOME, QUINTILE_FROM, People
from simulator.kernel.persons import GROUPED, SAMPLED, find_persons, open_persons
from simulator.kernel.years import add_years, open_settling_space, settle_later, settle_years
from simulator.plan import ACCOUNT_BALANCE, N_CLASSES
from simulator.tables import FACTS, INPATIENT, LEFT, Fact, Paid
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY


def one_household_each(persons: int) -> People:
    """Persons who live alone, all sampled, of the lowest income quintile, without an income."""
    def zeros(kind) -> np.ndarray:
        return np.zeros(persons, dtype=kind)

    return People(zeros(np.int8), zeros(np.int8), zeros(np.int16), zeros(np.int16), zeros(np.int8),
                  np.zeros((persons, len(OF_HOME)), dtype=np.int64),
                  1 << QUINTILE_FROM | np.arange(persons, dtype=np.int64) << HOME_FROM)


@compiled
def _read(terms, block, paid, rows):
    """What each bill leaves, int64[n, LEFT], of the columns that are defined for it."""
    listed, visits = block.count[LISTED_FROM], block.count[VISITS_FROM]
    for i in range(block.count[BILL_COUNT]):
        rows[i] = 0
        for payer in (*RARE, Paid.ASSISTANCE, Paid.CASH):
            rows[i, payer] = paid[payer, i]
        if i < visits:
            for column in (Paid.BASIC, Paid.HOSPITAL, Paid.ENTITLED, Paid.IN_SCOPE_LEFT):
                rows[i, column] = paid[column, i]
        if i >= listed:
            rows[i, Paid.OUTPATIENT] = paid[Paid.OUTPATIENT, i]
        if listed <= i < visits:
            rows[i, Paid.LISTED] = paid[Paid.LISTED, i]
        if any_of(terms, ACCOUNT_BALANCE, N_CLASSES):
            rows[i, Paid.ACCOUNT] = paid[Paid.ACCOUNT, i]
            rows[i, Paid.CASH] -= paid[Paid.ACCOUNT, i]


@compiled
def _settle(terms, block, persons, space, first, paid):
    """First-bill payments and payments of a block, int64[n, LEFT] each; returns how many are exceptions."""
    grouped, n_grouped = persons.grouped, persons.count[GROUPED]
    n_exceptions = settle_first_bills(terms, block.bills, block.count, grouped, n_grouped, space)
    _read(terms, block, space.paid, first)
    n_exceptions = settle_later(terms, block, persons, space, n_exceptions)
    add_years(terms, block, persons, space)
    n_exceptions = settle_years(terms, block, persons, space, n_exceptions)
    _read(terms, block, space.paid, paid)
    clear(space.paid, space.exceptions, n_exceptions, grouped, n_grouped)
    return n_exceptions


def in_columns(bills: np.ndarray, block: Block) -> np.ndarray:
    """Put bills of persons into a block: admissions, then bills with an illness, then visits; returns the order they stand in."""
    source = np.where(bills[:, Fact.ILLNESS] >= 0, 1, np.where(bills[:, Fact.KIND] == INPATIENT, 0, 2))
    stand = np.argsort(source, kind="stable")
    block.bills[:FACTS, :len(bills)] = bills[stand, :FACTS].T
    block.bills[Fact.ROW, :len(bills)] = bills[stand, PERSON]
    block.count[[LISTED_FROM, VISITS_FROM, BILL_COUNT]] = (source < 1).sum(), (source < 2).sum(), len(bills)
    block.place[:len(bills)] = SAMPLED
    block.order[:len(bills)] = np.argsort(stand, kind="stable")
    return stand


def as_walked(bills: np.ndarray, groups: int = 1) -> np.ndarray:
    """The bills without the facts that no walk draws, for which the kernel's passes do not look, and with so many groups of
    chronic diseases. The columns know the first alone: with more, terms are to leave visits to the full rules
    (`bill_rows.leave_diseases`)."""
    walked = bills.copy()
    walked[:, [*range(Fact.FIRST_PAY, Fact.INSURED_YEARS + 1)]] = 0
    walked[:, Fact.CHRONIC] = np.minimum(walked[:, Fact.CHRONIC], groups)
    return walked


def kernel_knows(bills: np.ndarray, paid: np.ndarray) -> np.ndarray:
    """Of what bills leave, int64[N, COLUMNS], all but what is in scope of a visit's cash, which the kernel never needs."""
    known = paid.copy()
    known[(bills[:, Fact.ILLNESS] < 0) & (bills[:, Fact.KIND] != INPATIENT), COLUMNS.index("in_scope_left")] = 0
    return known


def kernel_pays(terms: np.ndarray, bills: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """What is paid of each bill int64[N, COLUMNS], its first-bill payment, both as far as the kernel knows, and the share of
    exceptions, which the full rules settled.

    The bills of a person are adjacent and of one policy.
    """
    paid, slips = (np.zeros((len(bills), LEFT), dtype=np.int64) for _ in range(2))
    block, persons, space, odd = open_block(ROOM), open_persons(), open_settling_space(), 0
    people = one_household_each(int(bills[:, PERSON].max(initial=0)) + 1)
    for policy in np.unique(bills[:, POLICY]).tolist():
        mine = np.flatnonzero(bills[:, POLICY] == policy)
        begins = np.append(np.flatnonzero(np.diff(bills[mine, PERSON], prepend=-1)), len(mine))
        first = 0
        while first < len(mine):
            last = int(begins[np.searchsorted(begins, first + ROOM, side="right") - 1])
            here = mine[first:last]
            stand = here[in_columns(bills[here], block)]
            find_persons(block, people, 65536, persons)
            own_slips, own_paid = (np.zeros((len(here), LEFT), dtype=np.int64) for _ in range(2))
            odd += _settle(terms[policy], block, persons, space, own_slips, own_paid)
            slips[stand], paid[stand] = own_slips, own_paid
            first = last
    return paid[:, :len(COLUMNS)], slips[:, :len(COLUMNS)], odd / max(len(bills), 1)
