"""Relations between settlements, each on tens of thousands of random pairs, and what holds for a year as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simulator.law.year import YearState
from simulator.money import LARGEST_BILL, ONE, UNLIMITED
from simulator.plan import N_TIERS, TERMS
from simulator.tables import PAYERS, Fact, Paid
from tests.support import claimed_for as on
from tests.support import worlds as w
from tests.support.bill_arrays import COLUMNS, PERSON, POLICY, settle_each, settle_years
from tests.support.both_programs import mixed_year
from tests.support.relation import ALIKE, EITHER, FEWER, MORE, SAME, held, held_in_years, verdict
from tests.support.relations import RELATIONS, YEARS
from tests.support.worlds import World, to, together

PAIRS = 20_000


@pytest.fixture(scope="module")
def world():
    """136,000 random bills of 30,000 persons under 800 random plans, half of them with the terms that few schedules have; each
    with the state its year has come to."""
    policies, bills = mixed_year(np.random.default_rng(20130617), 800, 136_000)
    return World(policies.terms, bills, settle_years(policies.terms, bills)[1])


@pytest.mark.parametrize("relation", RELATIONS, ids=str)
def test_relation(relation, world):
    assert verdict(relation, held(relation, world), PAIRS) == ""


@pytest.mark.parametrize("relation", YEARS, ids=str)
def test_relation_of_whole_years(relation, world):
    assert verdict(relation, held_in_years(relation, world), PAIRS) == ""


def test_every_payer_has_ten_relations_and_no_sentence_stands_twice():
    count = Counter(payer for relation in RELATIONS for payer in relation.payers if relation.order != EITHER)
    assert set(count) == set(PAYERS) and min(count.values()) >= 10
    assert len({(relation.payers, relation.says) for relation in RELATIONS}) == len(RELATIONS)
    assert {relation.order for relation in RELATIONS} == {FEWER, MORE, SAME, EITHER, ALIKE}


def test_a_broken_relation_is_noticed(world):
    """The opposite of a true relation fails, so that the test above can."""
    relation = next(r for r in RELATIONS if r.says == "A higher ratio never lowers it" and r.payers == ("basic",))
    wrong = replace(relation, order=FEWER)
    assert "bills, by up to" in verdict(wrong, held(wrong, world), PAIRS)
    assert "pairs of bills" in verdict(relation, held(relation, world), 10**9)


def test_the_parts_make_up_the_bill_and_none_but_the_hospital_s_under_a_price_is_negative(world):
    paid, _ = settle_years(world.terms, world.bills)
    assert (paid[:, :len(PAYERS)].sum(axis=1) == world.bills[:, Fact.BILLED]).all()
    negative = paid < 0
    assert not negative[:, [n for n in range(len(COLUMNS)) if n != Paid.HOSPITAL]].any()
    assert negative[:, Paid.HOSPITAL].any() and world.priced()[negative[:, Paid.HOSPITAL]].all()
    assert (paid[:, Paid.IN_SCOPE_LEFT] <= paid[:, Paid.ACCOUNT] + paid[:, Paid.CASH]).all()


def test_the_order_of_persons_does_not_matter(world):
    paid, _ = settle_years(world.terms, world.bills)
    shuffled = np.random.default_rng(1).permutation(world.bills[-1, PERSON] + 1)[world.bills[:, PERSON]]
    order = np.argsort(shuffled, kind="stable")
    again, _ = settle_years(world.terms, world.bills[order])
    assert (again == paid[order]).all()


def test_the_order_of_policies_does_not_matter_and_equal_policies_pay_alike(world):
    paid, _ = settle_years(world.terms, world.bills)
    twice = np.concatenate([world.terms[::-1], world.terms])
    bills = world.bills.copy()
    there, mirrored = bills[:, POLICY] + len(world.terms), len(world.terms) - 1 - bills[:, POLICY]
    bills[:, POLICY] = np.where(bills[:, PERSON] % 2 == 0, there, mirrored)
    assert (settle_years(twice, bills)[0] == paid).all()


def test_bills_of_nothing_change_nothing(world):
    empty = world.bills.copy()
    empty[:, [Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.ESSENTIAL, Fact.CASE_PRICE, Fact.NEW_DRUG, Fact.FIRST_PAY]] = 0
    paid, after = settle_each(world.terms, empty, world.years)
    assert (paid == 0).all()
    assert (after == world.years).all()


def test_the_first_bill_of_a_person_does_not_know_those_before(world):
    first = np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1))
    assert (settle_years(world.terms, world.bills[first])[0] == settle_years(world.terms, world.bills)[0][first]).all()


def nobody_else_pays(world) -> tuple[np.ndarray, np.ndarray]:
    """Terms under which only CII pays, at most 90% of each fen, and admissions of 100 fen or more, all in scope.

    Then no bill's increase is cut to what the patient has left, which is where CII would lose a fen of rounding.
    """
    only_cii = World(world.terms.copy(), world.bills.copy(), world.years)
    for name, term in TERMS.items():
        if not name.startswith("cii_") or name == "cii_listed_only":
            only_cii.field(name)[...] = term.neutral
    only_cii.field("cii_ratio")[...] = np.minimum(only_cii.field("cii_ratio"), 6000)          # and at most 3000 for a group
    only_cii.field("cii_threshold")[...] = np.minimum(only_cii.field("cii_threshold"), 100_000)
    only_cii.bills[:, [Fact.KIND, Fact.FIRST_PAY]] = 0
    only_cii.bills[:, Fact.ELIGIBLE] = only_cii.bills[:, Fact.BILLED] = np.maximum(only_cii.bills[:, Fact.ELIGIBLE], 100)
    return only_cii.terms, only_cii.bills


def cii_of_persons(terms, bills) -> np.ndarray:
    """What CII pays each person in the year, int64[persons]."""
    paid, _ = settle_years(terms, bills)
    total = np.zeros(bills[-1, PERSON] + 1, dtype=np.int64)
    np.add.at(total, bills[:, PERSON], paid[:, Paid.CII])
    return total


def test_splitting_an_admission_in_two_leaves_the_year_of_cii_the_same(world):
    """Basic pays otherwise (a second deductible, another rounding); CII counts the year, to the fen."""
    terms, bills = nobody_else_pays(world)
    bills[:, [Fact.BILLED, Fact.ELIGIBLE]] = np.minimum(bills[:, [Fact.BILLED, Fact.ELIGIBLE]], 10**9) + 100
    halves = np.repeat(bills, 2, axis=0)
    halves[::2, Fact.ELIGIBLE] = halves[::2, Fact.BILLED] = bills[:, Fact.ELIGIBLE] // 2
    halves[1::2, Fact.ELIGIBLE] = halves[1::2, Fact.BILLED] = bills[:, Fact.ELIGIBLE] - bills[:, Fact.ELIGIBLE] // 2
    total = cii_of_persons(terms, bills)
    assert len(total) >= PAIRS and (total > 0).sum() >= PAIRS // 4
    assert (cii_of_persons(terms, halves) == total).all()


def test_the_order_of_bills_leaves_the_year_of_cii_the_same(world):
    terms, bills = nobody_else_pays(world)
    reversed_years = np.ascontiguousarray(bills[np.lexsort((-np.arange(len(bills)), bills[:, PERSON]))])
    total = cii_of_persons(terms, bills)
    assert (reversed_years != bills).any() and (total > 0).sum() >= PAIRS // 4
    assert (cii_of_persons(terms, reversed_years) == total).all()


def test_the_cii_of_a_year_is_that_of_one_bill_of_the_year_s_self_pay(world):
    terms, bills = nobody_else_pays(world)
    bills[:, [Fact.BILLED, Fact.ELIGIBLE]] = np.minimum(bills[:, [Fact.BILLED, Fact.ELIGIBLE]], 10**9)
    last = np.flatnonzero(np.diff(bills[:, PERSON], append=-1))
    one = bills[last]
    one[:, Fact.BILLED] = one[:, Fact.ELIGIBLE] = np.bincount(bills[:, PERSON], weights=bills[:, Fact.BILLED]).astype(np.int64)
    _, after = settle_each(terms, one, np.zeros((len(one), world.years.shape[1]), dtype=np.int64))
    assert (after[:, YearState.SELF_PAY_YEAR] == one[:, Fact.BILLED]).all()
    assert (cii_of_persons(terms, one) == cii_of_persons(terms, bills)).all()


def test_in_a_year_a_higher_ratio_can_lower_a_later_bill_under_the_cap(world):
    """Why the relations are held bill by bill: an earlier bill is paid more, and less of the cap is left."""
    richer = world.copy()
    richer.field("ratio")[...] = np.minimum(richer.field("ratio") + 700, ONE)
    paid, changed = settle_years(world.terms, world.bills)[0], settle_years(richer.terms, world.bills)[0]
    assert (changed[:, Paid.BASIC] < paid[:, Paid.BASIC]).any()
    first = np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1))
    assert (changed[first, Paid.BASIC] >= paid[first, Paid.BASIC]).all()


def test_a_year_pays_no_more_than_its_caps(world):
    paid, _ = settle_years(world.terms, world.bills)
    first = world.bills[np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1))]
    on_list = on.chronic_visits(world, paid, paid)
    chronic, civil = on_list & (world.bills[:, Fact.CHRONIC] == 1), world.bills[:, Fact.CIVIL_SERVANT] == 1
    covered = on.covered(world, paid, paid)
    capped = {"cii_cap": paid[:, Paid.CII], "supplement_cap": paid[:, Paid.SUPPLEMENT],
              "civil_cap": np.where(civil & ~covered, paid[:, Paid.COMMERCIAL], 0),
              "commercial_cap": np.where(civil, 0, paid[:, Paid.COMMERCIAL]),
              "outpatient_year_limit": np.where(on_list, 0, paid[:, Paid.OUTPATIENT]),
              "chronic_year_limit": np.where(chronic, paid[:, Paid.OUTPATIENT], 0), "account_balance": paid[:, Paid.ACCOUNT]}
    for name, amounts in capped.items():
        total = np.zeros(len(first), dtype=np.int64)
        np.add.at(total, world.bills[:, PERSON], amounts)
        limit = world.field(name)[first[:, POLICY]]
        if name == "chronic_year_limit":
            limit = limit[:, 0]                            # of the first group of diseases
        if limit.ndim == 2:
            limit = limit[np.arange(len(first)), first[:, Fact.MEMBER_CLASS]]
        assert (total <= limit).all() and ((total == limit) & (limit < UNLIMITED) & (limit > 0)).sum() >= 100, name


def test_a_currency_of_a_hundredth_pays_a_hundred_times_as_much_but_for_rounding(world):
    """The first layers, to a few fen a hundredfold: no amount is hidden in the rules. A franchise is left out, where a fen of its
    deductible moves the whole payment, and a price, which has a rounding more. A listed bill may be paid as an ordinary one."""
    small = world.copy()
    together(to("rounding_unit", 0), to("deductible_kind", 0), w.fee_for_service)(small)
    amounts = [Fact.BILLED, Fact.ELIGIBLE, Fact.TCM, Fact.ESSENTIAL, Fact.CASE_PRICE, Fact.QUOTA_PRICE, Fact.NEW_DRUG,
               Fact.FIRST_PAY]
    small.bills[:, amounts] = np.minimum(small.bills[:, amounts], LARGEST_BILL // 100)
    counts = [YearState.ADMISSIONS, *range(YearState.ADMISSIONS_AT, YearState.ADMISSIONS_AT + N_TIERS)]
    large = small.copy()
    large.bills[:, amounts] *= 100
    large.years[:, [n for n in range(large.years.shape[1]) if n not in counts]] *= 100
    for name, term in TERMS.items():
        if term.is_amount:
            field = large.field(name)
            field[...] = np.where(field < UNLIMITED, field * 100, field)
    paid, hundredfold = small.paid(), large.paid()
    for payer, most in ((Paid.BASIC, 5), (Paid.LISTED, 5), (Paid.OUTPATIENT, 3), (Paid.HOSPITAL, 0)):
        assert np.abs(hundredfold - 100 * paid)[:, payer].max() <= 100 * most and (paid[:, payer] > 0).sum() > 1_000, payer
