"""Provider payment: budgets, capitation and contract fees, settled at year end to the fen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.fund.providers import CAPITATION, GLOBAL_BUDGET
from tests.support.fund_years import FARMERS, FEE, flows, one, run, run_years

BUDGET = replace(FARMERS, inpatient_methods=(FEE, GLOBAL_BUDGET, FEE, FEE), overrun_share=3_000, saving_share=6_000)
HEADS = replace(FARMERS, outpatient_methods=(CAPITATION, CAPITATION, CAPITATION, CAPITATION))


def care(county=0, visits=(0, 0, 0, 0), year=2012, **more):
    """A year with inpatient care at county hospitals and outpatient care by tier."""
    segments = np.array([[0, county, 0, 0], list(visits)])
    return flows(year, claims=[int(segments.sum())] + [0] * 11, segments=segments, **more)


def settled(terms, *years):
    return [one(ledger.provider_settlement) for ledger in run_years(terms, list(years))[0]]


def test_fee_for_service_case_and_per_diem_leave_nothing_to_settle():
    terms = replace(FARMERS, inpatient_methods=(0, 1, 2, 0), overrun_share=3_000, capitation=50_00)
    assert settled(terms, care(100_00), care(300_00, year=2013)) == [0, 0]


def test_the_first_years_budget_is_what_was_claimed():
    assert settled(BUDGET, care(100_00)) == [0]


@pytest.mark.parametrize(("claimed", "extra"), [(100_00, 0), (100_01, -1), (110_00, -7_00), (99_99, 1),
                                                (90_00, 6_00), (0, 60_00)])
def test_overrun_and_saving_of_a_global_budget_are_shared(claimed, extra):
    assert settled(BUDGET, care(100_00), care(claimed, year=2013)) == [0, extra]


def test_a_budget_grows_from_the_first_years_payment_year_by_year():
    grown = replace(BUDGET, budget_growth=1_000, overrun_share=0)
    assert settled(grown, care(100_00), care(110_00, year=2013), care(121_01, year=2014)) == [0, 0, -1]
    assert settled(grown, care(100_00), care(1, year=2013), care(121_01, year=2014))[2] == -1     # not from last year's


def test_budgets_hold_in_a_share_of_counties():
    half = replace(BUDGET, payment_share=5_000)
    assert settled(half, care(100_00), care(120_00, year=2013)) == [0, -7_00]
    assert settled(replace(BUDGET, payment_share=0), care(100_00), care(120_00, year=2013)) == [0, 0]


def test_only_the_tier_under_a_budget_is_settled():
    assert settled(BUDGET, care(100_00, (50, 50, 50, 50)), care(100_00, (9, 900, 9, 9), year=2013)) == [0, 0]


def test_capitation_pays_the_first_years_payment_a_head_whatever_is_claimed():
    years = care(visits=(60_00, 40_00, 0, 0)), care(visits=(90_00, 40_00, 0, 5_00), year=2013), care(year=2014)
    assert settled(HEADS, *years) == [0, -35_00, 100_00]
    assert settled(replace(HEADS, budget_growth=1_000), *years) == [0, -25_00, 121_00]


def test_capitation_follows_the_members():
    first, second = care(visits=(60_00, 40_00, 0, 0)), care(visits=(60_00, 40_00, 0, 0), year=2013, members=1_100)
    assert settled(HEADS, first, second) == [0, 10_00]


def test_a_stated_capitation_is_paid_from_the_first_year():
    stated = replace(HEADS, capitation=30_00)
    assert settled(stated, care(visits=(1, 1, 1, 0))) == [30_000_00 - 3]
    one_tier = replace(stated, outpatient_methods=(CAPITATION, FEE, FEE, FEE))
    assert settled(one_tier, care(visits=(60_00, 40_00, 0, 0))) == [18_000_00 - 60_00]


def test_a_stated_capitation_loses_no_fen_between_the_tiers():
    assert settled(replace(HEADS, capitation=1), care(visits=(1, 1, 1, 0))) == [1_000 - 3]
    assert settled(replace(HEADS, capitation=1), care(visits=(333, 10**12, 777, 10**11))) == [1_000 - 11 * 10**11 - 1_110]


def test_capitation_without_members_or_visits_pays_nothing():
    assert settled(HEADS, care(members=0), care(members=10, year=2013)) == [0, 0]
    assert settled(replace(HEADS, capitation=30_00), care(members=0)) == [0]
    assert settled(replace(HEADS, capitation=30_00), care()) == [0]


def test_the_settlement_is_expenditure_and_leaves_the_bank():
    first, second = run_years(BUDGET, [care(100_00), care(90_00, year=2013)])[0]
    assert one(second.claims_incurred) == 90_00 and one(second.expenditure) == 96_00
    assert one(second.closing) == one(first.closing) + 300_000_00 - 96_00
    second.follow(first)


def test_the_fund_pays_its_share_of_contract_fees_for_those_who_signed():
    terms = replace(FARMERS, gp_fee=120_00, gp_signed_share=3_000, gp_fund_share=4_000)
    ledger = run(terms, flows())
    assert one(ledger.gp_fees) == one(ledger.expenditure) == 14_400_00
    assert one(run(replace(terms, gp_signed_share=0), flows()).gp_fees) == 0
    assert one(run(terms, flows(members=0)).gp_fees) == 0


def test_neutral_payment_terms_change_nothing():
    plain, stated = (run(terms, care(100_00, (5, 6, 7, 8))) for terms in (FARMERS, replace(FARMERS, budget_growth=900)))
    assert all(np.array_equal(amount, stated.columns()[name]) for name, amount in plain.columns().items())
