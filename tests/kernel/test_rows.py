"""Bills of one policy under several rows of terms, by month and local tier, settled as the rules settle them one by one."""

import numpy as np
import pytest

from simulator import plan as t
from simulator.care.blocks import BILL_COUNT, ROOM, open_block
from simulator.compiling.compiled import compiled
from simulator.engine.bill_rows import ONE_TIER, Rows, leave_diseases, policy_rows
from simulator.kernel import rows as kernel_rows
from simulator.kernel.by_row import settle_first_bills_by_row, settle_later_by_row
from simulator.kernel.first_bill import clear
from simulator.kernel.persons import GROUPED, LATER, find_persons, open_persons
from simulator.kernel.rows import OwnRows, find_row_of_bills, no_rows, put_rows, together
from simulator.kernel.years import add_years, open_settling_space, settle_years
from simulator.law.year import STATE
from simulator.parameters.claims_terms import TIER_KEYED
from simulator.parameters.errors import InputError
from simulator.tables import LEFT, Fact
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY, settle_each
from tests.support.bill_arrays import settle_years as rules_pay
from tests.support.both_programs import Policies, differing_fen, random_policies, random_year
from tests.support.kernel_pays import _read, as_walked, in_columns, kernel_knows, one_household_each
from tests.support.rows_judge import SEVERAL_GROUPS, asks_together

ROUNDS, BILLS = 60, 1_000


@compiled
def _settle(terms, rows, block, persons, space, first, paid):
    """As `kernel_pays._settle`, by rows."""
    grouped, n_grouped = persons.grouped, persons.count[GROUPED]
    put_rows(rows.terms, rows.number, space.rows)
    find_row_of_bills(rows, block.bills, block.count[BILL_COUNT], 1, space.rows.of)
    n_exceptions = settle_first_bills_by_row(block, space)
    _read(terms, block, space.paid, first)
    n_exceptions = settle_later_by_row(terms, block, persons, space, n_exceptions)
    add_years(terms, block, persons, space)
    n_exceptions = settle_years(terms, block, persons, space, n_exceptions)
    _read(terms, block, space.paid, paid)
    clear(space.paid, space.exceptions, n_exceptions, grouped, n_grouped)
    return n_exceptions


def local_tiers(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The terms `one` int64[TERMS] with what is stated by tier as in each of `others` int64[n, TERMS]."""
    rows = np.repeat(one[None], len(others), axis=0)
    places = t.places(*TIER_KEYED)
    rows[:, places] = others[:, places]
    for row in rows:
        row[t.FULL_RULES_FOR] = t.full_rules_for(row)
    return rows


def kernel_pays(rng: np.random.Generator, rows: Rows, bills: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel pays of each bill, its first-bill payment, and the row of terms that each bill has."""
    made = policy_rows([rows])
    assert made is not None
    own = OwnRows(int(made.number[0]), int(made.locals[0]), made.terms[0], made.first[0], made.local[0], made.months[0])
    block, persons, space = open_block(ROOM), open_persons(), open_settling_space()
    stand = in_columns(bills, block)
    month = np.zeros(len(bills), dtype=np.int64)
    for person in np.unique(bills[:, PERSON]):
        here = bills[:, PERSON] == person
        month[here] = np.sort(rng.integers(12, size=here.sum()))
    block.bills[Fact.MONTH, :len(bills)] = month[stand]
    block.bills[Fact.LOCAL_BITS, :len(bills)] = rng.integers(1 << 32, size=len(bills))
    find_persons(block, one_household_each(int(bills[:, PERSON].max()) + 1), 65536, persons)
    first, paid = (np.zeros((len(bills), LEFT), dtype=np.int64) for _ in range(2))
    usual = rows.terms[rows.usual, 0][None]
    later = [persons.count.copy(), persons.later.copy(), persons.rank.copy()]
    _settle(together(usual, made)[0], own, block, persons, space, first, paid)
    number = later[0][LATER]                                         # the next policy finds the persons as this one did
    assert np.array_equal(later[0], persons.count) and np.array_equal(later[1][:number], persons.later[:number])
    assert np.array_equal(later[2][:number], persons.rank[:number])
    back = np.argsort(stand)
    return paid[back, :len(COLUMNS)], first[back, :len(COLUMNS)], space.rows.of[:len(bills)][back]


@pytest.mark.parametrize(("times", "tiers"), [(2, 1), (1, 3), (3, 2)])
def test_bills_of_several_rows_are_paid_as_the_rules_pay_them_in_order_of_time(times, tiers):
    rng = np.random.default_rng(20140307 + 10 * times + tiers)
    met = 0
    for everything in (False, True) * (ROUNDS // 2):
        plans = random_policies(rng, times + tiers, everything)
        balance = t.places("account_balance")
        plans.terms[:, balance] = plans.terms[:1, balance]                       # of one year
        terms = np.stack([local_tiers(one, plans.terms[times:]) for one in plans.terms[:times]]) if tiers > 1 else \
            plans.terms[:times, None]
        shares = np.sort(rng.integers(1 << 32, size=(t.N_TIERS, tiers)), axis=1)
        shares[:, -1] = 1 << 32
        if everything:
            terms = leave_diseases(terms, SEVERAL_GROUPS)
        rows = Rows(terms, tuple(np.sort(rng.integers(times, size=12)).tolist()), times - 1, shares if tiers > 1 else ONE_TIER)
        bills = as_walked(random_year(rng, Policies(["one"], terms[:1, 0], plans.texts[:1]), BILLS),
                          t.N_CHRONIC if everything else 1)
        if len(set(rows.months)) < times:
            continue
        paid, first, of = kernel_pays(rng, rows, bills)
        bills[:, POLICY] = of
        every = terms.reshape(-1, t.PLAN_WIDTH)
        assert differing_fen(paid, kernel_knows(bills, rules_pay(every, bills)[0])) == 0
        alone = settle_each(every, bills, np.zeros((len(bills), STATE), dtype=np.int64))[0]
        assert differing_fen(first, kernel_knows(bills, alone)) == 0
        assert len(np.unique(of)) == times * tiers
        met += 1
    assert met > ROUNDS // 4


def test_times_with_the_same_terms_are_one_and_one_row_is_none():
    terms = np.zeros((3, 1, t.PLAN_WIDTH), dtype=np.int64)
    months = (0,) * 4 + (1,) * 4 + (2,) * 4
    assert policy_rows([Rows(terms, months, 1, ONE_TIER), None]) is None
    terms[2, 0, t.ANNUAL_CAP] = 5
    made = policy_rows([None, Rows(terms, months, 1, ONE_TIER)])
    assert made.number.tolist() == [0, 2] and made.months[1].tolist() == [0] * 8 + [1] * 4
    assert made.first[1, 0, t.ANNUAL_CAP] == 0                                    # the usual time's
    assert not no_rows(2).number.any()


def test_rows_together_ask_for_what_one_of_them_does():
    assert asks_together(kernel_rows)


def test_more_rows_than_there_is_room_for_are_refused():
    terms = np.arange(50)[:, None, None] * np.ones((1, 1, t.PLAN_WIDTH), dtype=np.int64)
    with pytest.raises(InputError, match="too many sets of rules in a year: .?50.?; expected at most 48"):
        policy_rows([Rows(terms, tuple(range(12)), 0, ONE_TIER)])
