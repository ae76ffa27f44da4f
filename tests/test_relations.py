"""Relations between settlements, each on tens of thousands of random pairs, and what holds for a year as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simulator.benefits.rules import SELF_PAY_YEAR
from simulator.money import ONE, UNLIMITED
from tests.bill_arrays import BILLED, ELIGIBLE, IN_SCOPE_LEFT, KIND, PAYERS, PERSON, POLICY, settle_each, settle_years
from tests.both_programs import random_policies, random_year
from tests.relations import CONCERNED, EITHER, FEWER, MORE, RELATIONS, SAME
from tests.worlds import World

PAIRS = 20_000
BASIC, CII, CASH = PAYERS.index("basic"), PAYERS.index("cii"), PAYERS.index("cash")


@pytest.fixture(scope="module")
def world():
    """140,000 random bills of 31,000 persons under 800 random plans; each with the state its year has come to."""
    rng = np.random.default_rng(20130617)
    policies = random_policies(rng, 800)
    bills = random_year(rng, policies, 140_000)
    return World(policies.terms, bills, settle_years(policies.terms, bills)[1])


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: f"{'+'.join(relation.payers)}: {relation.says}")
def test_relation(relation, world):
    without = world.copy()
    relation.given(without)
    with_it = without.copy()
    relation.change(with_it)
    paid, changed = without.paid(), with_it.paid()
    columns = [PAYERS.index(payer) for payer in relation.payers]
    here = (relation.where or CONCERNED[relation.payers[0]])(without, paid, changed)
    more = (changed - paid)[here][:, columns].sum(axis=1)
    assert len(more) >= PAIRS
    if relation.order == SAME:
        assert (more == 0).all()
        assert any((getattr(with_it, part) != getattr(without, part)).any() for part in ("terms", "bills", "years"))
    elif relation.order == EITHER:
        assert (more > 0).any() and (more < 0).any()
    else:
        wrong = more > 0 if relation.order == FEWER else more < 0
        assert not wrong.any(), f"{wrong.sum()} of {len(more)} bills, by up to {np.abs(more[wrong]).max()} fen"
        assert (more != 0).sum() >= 100, "the change hardly ever matters"


def test_every_payer_has_ten_relations_and_no_sentence_stands_twice():
    count = Counter(payer for relation in RELATIONS for payer in relation.payers if relation.order != EITHER)
    assert set(count) == set(PAYERS) and min(count.values()) >= 10
    assert len({(relation.payers, relation.says) for relation in RELATIONS}) == len(RELATIONS)
    assert {relation.order for relation in RELATIONS} == {FEWER, MORE, SAME, EITHER}


def test_a_broken_relation_is_noticed(world):
    """The opposite of a true relation fails, so that the test above can."""
    relation = next(r for r in RELATIONS if r.says == "A higher ratio never lowers it" and r.payers == ("basic",))
    with pytest.raises(AssertionError, match="bills, by up to"):
        test_relation(replace(relation, order=FEWER), world)


def test_the_parts_make_up_the_bill_and_none_is_negative(world):
    paid, _ = settle_years(world.terms, world.bills)
    assert (paid[:, :len(PAYERS)].sum(axis=1) == world.bills[:, BILLED]).all()
    assert (paid >= 0).all()
    assert (paid[:, IN_SCOPE_LEFT] <= paid[:, CASH]).all()


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


def test_bills_of_nothing_change_nothing_but_the_count_of_admissions(world):
    empty = world.bills.copy()
    empty[:, BILLED:] = 0
    paid, after = settle_each(world.terms, empty, world.years)
    assert (paid == 0).all()
    assert (after[:, 1:] == world.years[:, 1:]).all()


def test_the_first_bill_of_a_person_does_not_know_those_before(world):
    first = np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1))
    assert (settle_years(world.terms, world.bills[first])[0] == settle_years(world.terms, world.bills)[0][first]).all()


def nobody_else_pays(world) -> tuple[np.ndarray, np.ndarray]:
    """Terms under which only CII pays, at most 90% of each fen, and admissions of 100 fen or more, all in scope.

    Then no bill's increase is cut to what the patient has left, which is where CII would lose a fen of rounding.
    """
    only_cii = World(world.terms.copy(), world.bills.copy(), world.years)
    for name in ("ratio", "tcm_bonus", "guaranteed_share", "listed", "primary_bonus", "cii_listed_only", "ma_inpatient_ratio"):
        only_cii.field(name)[...] = 0
    only_cii.field("cii_ratio")[...] = np.minimum(only_cii.field("cii_ratio"), 9000)
    only_cii.field("cii_threshold")[...] = np.minimum(only_cii.field("cii_threshold"), 100_000)
    only_cii.bills[:, KIND] = 0
    only_cii.bills[:, ELIGIBLE] = only_cii.bills[:, BILLED] = np.maximum(only_cii.bills[:, ELIGIBLE], 100)
    return only_cii.terms, only_cii.bills


def cii_of_persons(terms, bills) -> np.ndarray:
    """What CII pays each person in the year, int64[persons]."""
    paid, _ = settle_years(terms, bills)
    total = np.zeros(bills[-1, PERSON] + 1, dtype=np.int64)
    np.add.at(total, bills[:, PERSON], paid[:, CII])
    return total


def test_splitting_an_admission_in_two_leaves_the_year_of_cii_the_same(world):
    """Basic pays otherwise (a second deductible, another rounding); CII counts the year, to the fen."""
    terms, bills = nobody_else_pays(world)
    bills[:, [BILLED, ELIGIBLE]] = np.minimum(bills[:, [BILLED, ELIGIBLE]], 10**9) + 100
    halves = np.repeat(bills, 2, axis=0)
    halves[::2, ELIGIBLE] = halves[::2, BILLED] = bills[:, ELIGIBLE] // 2
    halves[1::2, ELIGIBLE] = halves[1::2, BILLED] = bills[:, ELIGIBLE] - bills[:, ELIGIBLE] // 2
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
    bills[:, [BILLED, ELIGIBLE]] = np.minimum(bills[:, [BILLED, ELIGIBLE]], 10**9)
    last = np.flatnonzero(np.diff(bills[:, PERSON], append=-1))
    one = bills[last]
    one[:, BILLED] = one[:, ELIGIBLE] = np.bincount(bills[:, PERSON], weights=bills[:, BILLED]).astype(np.int64)
    _, after = settle_each(terms, one, np.zeros((len(one), world.years.shape[1]), dtype=np.int64))
    assert (after[:, SELF_PAY_YEAR] == one[:, BILLED]).all()
    assert (cii_of_persons(terms, one) == cii_of_persons(terms, bills)).all()


def test_in_a_year_a_higher_ratio_can_lower_a_later_bill_under_the_cap(world):
    """Why the relations are held bill by bill: an earlier bill is paid more, and less of the cap is left."""
    richer = world.copy()
    richer.field("ratio")[...] = np.minimum(richer.field("ratio") + 700, ONE)
    paid, changed = settle_years(world.terms, world.bills)[0], settle_years(richer.terms, world.bills)[0]
    assert (changed[:, BASIC] < paid[:, BASIC]).any()
    first = np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1))
    assert (changed[first, BASIC] >= paid[first, BASIC]).all()


def test_a_year_pays_no_more_than_its_caps(world):
    paid, _ = settle_years(world.terms, world.bills)
    policy = world.bills[np.flatnonzero(np.diff(world.bills[:, PERSON], prepend=-1)), POLICY]
    fields = World(world.terms, world.bills, world.years)
    capped = {"cii": fields.field("cii_cap"), "outpatient": fields.field("outpatient_year_limit")}
    for payer, cap in capped.items():
        total = np.zeros(len(policy), dtype=np.int64)
        np.add.at(total, world.bills[:, PERSON], paid[:, PAYERS.index(payer)])
        limit = cap.reshape(-1)[policy]
        assert (total <= limit).all() and ((total == limit) & (limit < UNLIMITED)).sum() >= 100
