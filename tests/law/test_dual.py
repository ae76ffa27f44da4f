"""Two programs, one law: the compiled rules and the Decimal reference pay the same to the fen, on every bill tried."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import plan as terms
from simulator.care.blocks import ROOM, open_block
from simulator.kernel.persons import INCOME_INDEX, find_persons, open_persons
from simulator.law.year import STATE, YearState
from simulator.money import LARGEST_BILL, ONE, UNLIMITED, part_of, share, to_unit
from simulator.parameters.plans import PLAN_KEYS, plan_of
from simulator.plan import TERMS, pack
from simulator.tables import NO_ILLNESS, Fact, Paid
from tests.campaigns.dual import settle_chunk
from tests.support.bill_arrays import BILL, COLUMNS, PERSON, POLICY, settle_each
from tests.support.both_programs import (
    differing_fen,
    first_difference,
    joined,
    random_policies,
    random_year,
    reference_pays,
    rules_pay,
    shipped_policies,
)
from tests.support.kernel_pays import as_walked, in_columns, kernel_knows, kernel_pays, one_household_each
from tests.support.plain_law import PlainLaw
from tests.support.threshold_bills import MISSES, finite, rows_of
from tests.support.threshold_families import AIMED, FAMILIES, in_force

BILLS = 200_000


@pytest.fixture(scope="module")
def shipped(regions):
    """Each shipped plan once, as it stands in the parameter files."""
    return shipped_policies(regions).distinct()


@pytest.fixture(scope="module")
def featured():
    """Random plans, which have the features that no shipped plan has."""
    return random_policies(np.random.default_rng(20120707), 40, everything=True)


@pytest.fixture(scope="module")
def sample():
    """20,000 random bills under 300 random plans, and what the reference pays."""
    rng = np.random.default_rng(15)
    policies = random_policies(rng, 300, everything=True)
    bills = random_year(rng, policies, 20_000, everything=True)
    return policies, bills, reference_pays(policies, bills)


def assert_agree(policies, bills):
    paid, reference = rules_pay(policies.terms, bills), reference_pays(policies, bills)
    assert differing_fen(paid, reference) == 0, first_difference(policies, bills, paid, reference)
    return paid


def test_a_plan_survives_being_written_as_text(regions):
    policies = shipped_policies(regions, np.random.default_rng(1))
    said = terms.places(*PLAN_KEYS)
    again = pack([plan_of(text) for text in policies.texts])
    assert (again[:, said] == policies.terms[:, said]).all()


def test_both_programs_settle_random_bills_alike(regions):
    rng = np.random.default_rng(20120314)
    of_all_kinds = joined(random_policies(rng, 174), random_policies(rng, 300, everything=True))
    policies = joined(shipped_policies(regions, rng), of_all_kinds)
    bills = random_year(rng, policies, BILLS, everything=True)
    paid = assert_agree(policies, bills)
    assert len(bills) == BILLS
    assert ((paid > 0).sum(axis=0) > 2000).all(), "a payer was hardly tried"
    assert (paid[:, Paid.HOSPITAL] < 0).sum() > 2000, "a hospital hardly ever kept a part of a price"
    assert {0, LARGEST_BILL - 1, LARGEST_BILL} <= set(bills[:, Fact.BILLED].tolist())


def assert_kernel_agrees(terms, bills) -> float:
    """Payments and slips of the kernel are those of the rules; returns the share of bills that it left to them."""
    bills = as_walked(bills)
    paid, slips, odd = kernel_pays(terms, bills)
    assert differing_fen(paid, kernel_knows(bills, rules_pay(terms, bills))) == 0
    alone = settle_each(terms, bills, np.zeros((len(bills), STATE), dtype=np.int64))[0]
    assert differing_fen(slips, kernel_knows(bills, alone)) == 0
    return odd


def test_the_passes_round_as_the_rules_do():
    rng = np.random.default_rng(3)
    amounts = np.concatenate([rng.integers(0, LARGEST_BILL + 1, 4000), np.arange(200), LARGEST_BILL - np.arange(200)])
    for ratio in (0, 1, 3333, 5000, 8125, 9999, ONE):
        halves = (np.arange(1, 400, 2) * 5000) // max(ratio, 1)            # products on half a fen, and beside it
        for amount in (*amounts.tolist(), *halves.tolist(), *(halves + 1).tolist()):
            assert share(amount, ratio) == (amount * ratio + 5000) // ONE


def test_a_part_of_an_amount_is_an_exact_fraction_rounded_once_up_to_the_largest_bill():
    rng = np.random.default_rng(4)
    sizes = [1, 2, 3, 7, 99_999, 100_000, 100_001, 2**31 - 1, 2**31, 2**31 + 1, LARGEST_BILL - 1, LARGEST_BILL]
    wholes = sizes + np.exp(rng.uniform(0, np.log(LARGEST_BILL), 300)).astype(np.int64).tolist()
    for whole in wholes:
        for part in {0, 1, whole // 3, whole // 2, whole - 1, whole}:
            for amount in (0, 1, whole, *rng.integers(0, LARGEST_BILL, 3).tolist(), LARGEST_BILL - 1, LARGEST_BILL):
                assert part_of(np.int64(amount), np.int64(part), np.int64(whole)) == (2 * amount * part + whole) // (2 * whole)


def test_a_sum_is_rounded_to_whole_units_half_up_or_cut_off():
    for total, half_up, cut_off in ((0, 0, 0), (4999, 0, 0), (5000, 1, 0), (9999, 1, 0), (10_000, 1, 1)):
        for unit in (1, 10, 100):
            assert to_unit(total * unit, ONE, unit, 0) == half_up * unit and to_unit(total * unit, ONE, unit, 1) == cut_off * unit


def test_a_block_without_bills_has_nobody():
    """A variant of care may keep none of a block's bills; what the block before left does not count."""
    block, persons, people = open_block(ROOM), open_persons(), one_household_each(3)
    bills = np.zeros((3, BILL), dtype=np.int64)
    bills[:, Fact.ILLNESS], bills[:, PERSON], bills[:, Fact.BILLED] = NO_ILLNESS, [0, 0, 2], 1
    in_columns(bills, block)
    find_persons(block, people, 65536, persons)
    assert persons.count[:INCOME_INDEX].tolist() == [2, 1, 3, 0, 2]                     # rows, later admissions, ...
    in_columns(bills[:0], block)
    find_persons(block, people, 65536, persons)
    assert persons.count[:INCOME_INDEX].tolist() == [0] * 5


def test_the_kernel_settles_blocks_of_bills_as_the_rules_settle_bill_by_bill(regions):
    """The third program: passes over columns, and the law for what they leave to it."""
    rng = np.random.default_rng(20121122)
    policies = joined(shipped_policies(regions, rng), random_policies(rng, 300))
    assert_kernel_agrees(policies.terms, random_year(rng, policies, BILLS))


def test_the_kernel_settles_blocks_under_rare_terms_as_the_rules_do():
    """Of the facts, those that a walk draws."""
    rng = np.random.default_rng(20141201)
    policies = random_policies(rng, 200, everything=True)
    assert_kernel_agrees(policies.terms, random_year(rng, policies, BILLS // 4))


def test_the_kernels_passes_settle_most_bills_of_plans_without_limits_as_the_rules_do(regions):
    rng = np.random.default_rng(20121123)
    policies = joined(shipped_policies(regions, rng), random_policies(rng, 300))
    bills = random_year(rng, policies, BILLS)
    bills[:, Fact.ILLNESS] = NO_ILLNESS
    calm = policies.terms.copy()
    for name in ("reference_price", "annual_cap", "cii_threshold", "outpatient_year_limit", "chronic_year_limit", "ma_cap",
                 "relief_ratio", "outpatient_deductible", "chronic_deductible", "ma_deductible", "band_period", "cap_basis"):
        calm[np.ix_(rng.random(len(calm)) < 0.9, terms.places(name))] = TERMS[name].neutral
    calm[rng.random(len(calm)) < 0.9, terms.COMMERCIAL_SHARE] = 0
    assert assert_kernel_agrees(calm, bills) < 0.6


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_kernel_settles_the_thresholds_as_the_rules_do(family, shipped, featured):
    policies = joined(shipped, featured)
    assert_kernel_agrees(policies.terms, rows_of(family(policies.terms)))


def test_a_chunk_of_the_campaign_settles_what_it_is_asked_to():
    assert settle_chunk(seed=7, number=3, bills=2_000) == (2_000, 0, "")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_both_programs_settle_the_thresholds_alike(family, shipped, featured):
    policies = joined(shipped, featured)
    assert_agree(policies, rows_of(family(policies.terms)))


@pytest.mark.parametrize(("family", "name"), AIMED.items(), ids=AIMED.values())
def test_every_shipped_threshold_is_met_from_below_exactly_and_from_above(family, name, shipped):
    places = terms.places(name).tolist() + ([terms.CII_THRESHOLD] if name == "cii_tops" else [])
    there = finite(shipped.terms[:, places]) & in_force(name, shipped.terms)
    stated = {(policy, places[n], miss) for policy, n in np.argwhere(there).tolist() for miss in MISSES}
    assert stated <= set().union(*(years.met() for years in family(shipped.terms)))


# ---------------------------------------------------------------------------------------------------------
# The comparison can fail: a fault of one fen, of a hundredth of a point, of a flag or of a rule is noticed
# ---------------------------------------------------------------------------------------------------------

def faulted(policies: np.ndarray, name: str) -> np.ndarray:
    """The terms with one field a little wrong: a flag turned, a word another, an amount a fen more, a ratio a hundredth less."""
    wrong, term = policies.copy(), TERMS[name]
    field = wrong[:, terms.places(name)]
    if name == "listed":
        field = np.where(field == terms.PILOT, terms.FULL, field)
    elif term.words:
        field = (field + 1) % len(term.words)
    elif term.unit == "flag" or name in ("pilot_counties", "payment_counties", "commercial_share"):      # taking part is a flag
        field = 1 - field
    elif term.is_amount:
        field = np.where(finite(field), field + 1, field)
    else:
        field = np.maximum(field - 1, 0)
    wrong[:, terms.places(name)] = field
    return wrong


@pytest.mark.parametrize("name", [name for name in TERMS if not name.startswith("secondary_")])
def test_a_small_fault_in_a_term_is_noticed(name, sample):
    policies, bills, reference = sample
    assert differing_fen(rules_pay(policies.terms, bills), reference) == 0
    assert differing_fen(rules_pay(faulted(policies.terms, name), bills), reference) > 0


def plain_law_pays(law: PlainLaw, policies: np.ndarray, bills: np.ndarray) -> np.ndarray:
    """What the law in plain Python pays, int64[N, COLUMNS]."""
    policies, result = policies.tolist(), []
    for year in np.split(bills, np.flatnonzero(np.diff(bills[:, PERSON])) + 1):
        result += law.settle_year(policies[year[0, POLICY]], year.tolist())
    return np.array(result, dtype=np.int64)[:, :len(COLUMNS)]


def in_year(right, *places):
    """The rule as `right` has it, but in a year in which nothing stands at `places`, and which does not move on."""
    def wrong(terms, year, *rest):
        return right(terms, [0 if n in places else amount for n, amount in enumerate(year)], *rest)
    return wrong


def with_fact(bill, fact, value):
    """A bill with another fact."""
    return [value if n == fact else each for n, each in enumerate(bill)]


# function of the law -> what a plausible mistake makes of it
FAULTS = {
    "half a fen is rounded down in the bands": ("rules.half_up", lambda right: lambda total: (total + 4999) // 10000),
    "half a fen is rounded down in a share": ("rules.share", lambda right: lambda amount,
                                              ratio: (amount * ratio + 4999) // 10000),
    "a share is cut off": ("rules.share", lambda right: lambda amount, ratio: amount * ratio // 10000),
    "the pilot list is paid everywhere": ("rules.is_listed", lambda right: lambda membership, in_pilot: right(membership, True)),
    "every admission bears the first one's deductible":
        ("rules.deductible_of", lambda right: lambda terms, tier, admissions, *who: right(terms, tier, 0, *who)),
    "the third admission bears the second one's deductible":
        ("rules.deductible_of", lambda right: lambda terms, tier, admissions, *who: right(terms, tier, min(admissions, 1), *who)),
    "a bill without referral loses nothing":
        ("rules.points_of", lambda right: lambda tier, unreferred, *points: right(tier, 0, *points)),
    "the better of two terms is never looked for": ("basic.as_ordinary", lambda right: lambda *bill: 0),
    "prices hold at the tier above": ("basic.find_price", lambda right: lambda terms, bill: right(
        terms, with_fact(bill, Fact.TIER, min(bill[Fact.TIER] + 1, 3)))),
    "the supplement has no cap of the year":
        ("rules.supplement_payment", lambda right: lambda due, cap_left, unpaid: right(due, UNLIMITED, unpaid)),
    "the supplement's bands begin anew with each bill":
        ("layers.pay_supplement", lambda right: in_year(right, YearState.SUPPLEMENT_BASE)),
    "each bill has the second threshold for itself":
        ("layers.pay_second_assistance", lambda right: in_year(right, YearState.MA_SECOND_USED)),
    "visits for chronic diseases are paid like the others": ("basic.pay_visit", lambda right: lambda terms, year, bill, *rest:
        right(terms, year, with_fact(bill, Fact.CHRONIC, 0), *rest)),
    "CII pays a fen less on the far side of ten thousand yuan":
        ("layers.cii_by_bands", lambda right: lambda terms, low, self_pay, *rest:
            max(right(terms, low, self_pay, *rest) - (1 if self_pay > 10**6 else 0), 0)),
    "the deductible of commercial cover is one of each bill":
        ("layers.pay_commercial", lambda right: in_year(right, YearState.COMMERCIAL_DEDUCTIBLE_USED)),
    "listed bills are assisted as ordinary ones":
        ("layers.pay_assistance", lambda right: lambda terms, year, kind, listed, *rest: right(terms, year, kind, 0, *rest)),
    "the account has this year's balance for every bill": ("layers.pay_account", lambda right: in_year(right,
                                                                                                       YearState.ACCOUNT_USED)),
    "relief is paid without an emergency": ("layers.pay_relief", lambda right: lambda terms, bill, cash: right(
        terms, with_fact(bill, Fact.EMERGENCY, 1), cash)),
}


def test_the_law_without_the_compiler_settles_alike(sample):
    policies, bills, reference = sample
    paid = plain_law_pays(PlainLaw(), policies.terms, bills[:5000])
    assert differing_fen(paid, reference[:5000]) == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_rule_is_noticed(fault, sample):
    policies, bills, reference = sample
    law, (name, wrong) = PlainLaw(), FAULTS[fault]
    law.replace(name, wrong)
    assert differing_fen(plain_law_pays(law, policies.terms, bills[:5000]), reference[:5000]) > 0


def test_a_difference_is_shown_as_a_case(sample):
    policies, bills, reference = sample
    paid = rules_pay(faulted(policies.terms, "ratio"), bills)
    shown = first_difference(policies, bills, paid, reference)
    assert shown.startswith("random plan") and "plan: {'deductible'" in shown and "\n  reference: " in shown
    assert first_difference(policies, bills, reference, reference) == ""
