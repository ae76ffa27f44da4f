"""The fund: hand-computed years, identities on random years, and a plain twin without SimPy or arrays."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import replace

import numpy as np
import pytest

from simulator.fund import control
from simulator.fund.accounts import Account, LedgerError
from simulator.fund.amounts import fine_part, fine_share, instalments, portion, rounded, split
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.control import CUMULATIVE_BASES
from tests.reference.fund_plain import plain_years
from tests.support.fund_years import (
    FARMERS,
    NOBODY_PAYS,
    WORKERS,
    flows,
    late,
    one,
    part_of,
    random_flows,
    random_terms,
    run,
    ten_years,
)

# --- one draw, one policy, by hand

def test_a_year_without_claims_keeps_all_its_funding():
    ledger = run(FARMERS, flows())
    assert (one(ledger.premium), one(ledger.subsidy), one(ledger.revenue)) == (60_000_00, 240_000_00, 300_000_00)
    assert one(ledger.closing) == one(ledger.accrued_closing) == one(ledger.surplus) == 300_000_00
    assert one(ledger.surplus_rate) == 1.0 and one(ledger.months_held) == np.inf and one(ledger.share_of_funding) == 1.0


def test_a_fund_without_anything_has_measures_of_nothing():
    ledger = run(NOBODY_PAYS, flows())
    assert one(ledger.surplus_rate) == one(ledger.months_held) == one(ledger.share_of_funding) == 0.0
    assert not one(ledger.breach_annual) and not one(ledger.breach_cumulative)


def test_the_fourth_quarter_subsidy_of_a_late_government_falls_into_the_next_year():
    calendar = Calendar(2012, (1, 1))
    behind = late(FARMERS, 3)
    first = calendar.advance(behind, flows(claims=20_000_00))
    assert one(first.subsidy) == 180_000_00 and one(first.receivable) == 60_000_00
    assert one(first.revenue) == 240_000_00 and one(first.revenue_due) == 300_000_00
    assert one(first.surplus) == 0 and one(first.closing) == 0 and one(first.accrued_closing) == 60_000_00
    second = calendar.advance(replace(behind, year=2013, subsidy=280_00), flows(2013, claims=20_000_00))
    assert one(second.subsidy) == 60_000_00 + 3 * 70_000_00 and one(second.receivable) == 70_000_00


def test_a_subsidy_two_months_late_still_arrives_in_its_year():
    assert one(run(late(FARMERS, 2), flows()).receivable) == 0


def test_a_subsidy_a_year_late_leaves_the_first_year_without():
    calendar = Calendar(2012, (1, 1))
    first = calendar.advance(late(FARMERS, 12), flows())
    second = calendar.advance(late(replace(FARMERS, year=2013), 12), flows(2013))
    assert one(first.subsidy) == 0 and one(first.receivable) == 240_000_00
    assert one(second.subsidy) == 240_000_00 and one(second.receivable) == 240_000_00


def test_claims_of_the_last_months_are_paid_next_year_but_spent_in_this_one():
    calendar = Calendar(2012, (1, 1))
    months = [1_00, 2_00, 3_00, 4_00, 5_00, 6_00, 7_00, 8_00, 9_00, 10_00, 11_00, 12_00]
    first = calendar.advance(replace(FARMERS, claim_lag=2), flows(claims=months))
    assert one(first.claims_incurred) == 78_00 and one(first.claims_paid) == 55_00 and one(first.payable) == 23_00
    assert one(first.surplus) == 300_000_00 - 78_00
    assert one(first.closing) - one(first.accrued_closing) == 23_00
    second = calendar.advance(replace(FARMERS, year=2013, claim_lag=0), flows(2013))
    assert one(second.claims_paid) == 23_00 and one(second.claims_incurred) == 0 and one(second.payable) == 0


def test_a_deficit_shows_as_a_balance_below_zero_and_bears_no_interest():
    ledger = run(replace(FARMERS, interest_rate=250), flows(claims=60_000_00), opening=100_000_00)
    # 100 + 60 + 60 (first quarter) - 60 at the end of January = 160, then 100, 40, 40, -20, and below zero after,
    # in thousands of yuan: 340 / 12 x 2.5%
    assert one(ledger.interest) == 708_33
    assert one(ledger.closing) == 100_000_00 + 300_000_00 - 720_000_00 + 708_33
    assert one(ledger.surplus_rate) < -1 and one(ledger.warning_red)


def test_interest_is_credited_on_the_average_of_the_month_ends_half_up():
    assert one(run(replace(NOBODY_PAYS, interest_rate=250), flows(), opening=20).interest) == 1      # 0.5 fen
    assert one(run(replace(NOBODY_PAYS, interest_rate=250), flows(), opening=19).interest) == 0
    wages = replace(WORKERS, interest_rate=240, pooled_share=10_000)
    assert one(run(wages, flows()).interest) == round(1_792_000_00 / 12 * 6.5 * 0.024)


def test_contributions_are_split_between_the_pooled_fund_and_the_individual_accounts():
    ledger = run(WORKERS, flows())        # 700 active x 40,000 x 80% x 8% = 1,792,000
    assert one(ledger.contributions) == 1_075_200_00 and one(ledger.individual_credit) == 716_800_00
    assert one(ledger.individual_account) == 716_800_00
    assert one(ledger.funding) == 1_792_000_00 and one(ledger.pooled_funding) == 1_075_200_00
    assert one(ledger.share_of_funding) == pytest.approx(0.6)
    richer = run(WORKERS, flows(wage=1.1))
    assert one(richer.funding) == 1_971_200_00


def test_the_draw_moves_premium_and_subsidy_but_not_the_local_top_up():
    ledger = run(replace(FARMERS, local_top_up=10_00), flows(index=1.1))
    assert (one(ledger.premium), one(ledger.subsidy), one(ledger.top_up)) == (66_000_00, 264_000_00, 10_000_00)


def test_what_is_not_collected_is_no_revenue():
    assert one(run(replace(FARMERS, collection_ratio=9_850), flows()).revenue) == 295_500_00


def test_secondary_reimbursement_pays_what_is_above_the_annual_limit():
    terms = replace(FARMERS, annual_limit=1_000, secondary_max_share=5_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=200_000_00))
    # 300 - 240 = 60 thousand of surplus, 30 allowed
    assert one(ledger.breach_annual) and one(ledger.secondary) == 30_000_00
    assert one(ledger.rho) == 0.15 and one(ledger.surplus) == 30_000_00 and one(ledger.surplus_rate) == 0.1


def test_secondary_reimbursement_stops_at_the_highest_share_refunded():
    terms = replace(FARMERS, annual_limit=1_000, secondary_max_share=5_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=20_000_01))
    assert one(ledger.rho) == 0.5 and one(ledger.secondary) == 10_000_01      # 10,000.005 yuan, half up
    assert one(ledger.closing) == 50_000_00 - 1


def test_secondary_reimbursement_without_anyone_to_refund_pays_nothing():
    ledger = run(replace(FARMERS, annual_limit=1_000, secondary_max_share=5_000), flows(claims=20_000_00))
    assert one(ledger.breach_annual) and one(ledger.rho) == 0.0 and one(ledger.secondary) == 0


def test_the_tolerance_opens_the_door_and_the_limit_says_how_far_to_go():
    terms = replace(FARMERS, annual_limit=0, annual_tolerance=500, secondary_max_share=10_000)
    kept = run(terms, flows(claims=[285_000_00] + [0] * 11, secondary_base=10**9))       # 5% exactly
    broken = run(terms, flows(claims=[284_999_99] + [0] * 11, secondary_base=10**9))
    assert not one(kept.breach_annual) and one(kept.secondary) == 0
    assert one(broken.breach_annual) and one(broken.secondary) == 15_000_01 and one(broken.surplus) == 0


def test_the_response_can_be_switched_off_and_the_breach_still_shows():
    terms = replace(FARMERS, annual_limit=1_000, secondary_max_share=5_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=200_000_00), response="none")
    assert one(ledger.breach_annual) and one(ledger.secondary) == 0 and one(ledger.surplus_rate) == 0.2


@pytest.mark.parametrize(("base", "limit", "excess"), [
    ("none", 0, 0),
    ("months_of_expenditure", 40_000, 40_000_00),       # 4 months of 20 thousand; balance 120
    ("share_of_funding", 2_000, 60_000_00),             # 20% of 300
    ("share_of_pooled_fund", 2_500, 45_000_00)])        # 25% of 300
def test_the_cumulative_limit_is_read_in_its_stated_base(base, limit, excess):
    terms = replace(FARMERS, cumulative_limit=limit, cumulative_base=CUMULATIVE_BASES.index(base), secondary_max_share=10_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=10**9), opening=60_000_00)
    assert one(ledger.secondary) == excess and one(ledger.breach_cumulative) == (excess > 0)
    assert not one(ledger.breach_annual)


def test_the_share_of_the_pooled_fund_leaves_individual_accounts_out():
    by_funding = replace(WORKERS, cumulative_limit=2_500, cumulative_base=2, secondary_max_share=10_000)
    by_pool = replace(by_funding, cumulative_base=3)
    year = flows(secondary_base=10**12)
    assert one(run(by_funding, year).secondary) == 1_075_200_00 - 448_000_00
    assert one(run(by_pool, year).secondary) == 1_075_200_00 - 268_800_00


def test_the_larger_of_two_violated_limits_is_refunded():
    terms = replace(FARMERS, annual_limit=1_000, cumulative_limit=2_000, cumulative_base=2, secondary_max_share=10_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=10**9), opening=90_000_00)
    assert one(ledger.secondary) == 90_000_00         # 150 held, 60 allowed; 60 of surplus, 30 allowed


def test_secondary_reimbursement_never_pays_more_than_the_balance():
    terms = replace(FARMERS, annual_limit=1_000, secondary_max_share=10_000)
    ledger = run(terms, flows(claims=20_000_00, secondary_base=10**9), opening=-50_000_00)
    assert one(ledger.secondary) == 10_000_00 and one(ledger.closing) == 0
    poor = run(late(terms, 3), flows(claims=10_000_00, secondary_base=10**9), opening=-100_000_00)
    assert one(poor.secondary) == 20_000_00 and one(poor.closing) == 0 and one(poor.accrued_closing) == 60_000_00


def test_the_cii_premium_is_spent_by_the_fund_and_received_by_the_cii_account():
    ledger = run(replace(FARMERS, cii_premium=20_00), flows(claims=20_000_00, cii=1_000_00), opening=15_000_00)
    assert one(ledger.cii_premium) == 20_000_00 and one(ledger.expenditure) == 260_000_00
    assert one(ledger.cii_from_surplus) == 15_000_00                 # the other 5 thousand from the year's revenue
    assert one(ledger.cii_claims) == 12_000_00 and one(ledger.cii_closing) == 8_000_00
    assert one(ledger.closing) == 15_000_00 + 300_000_00 - 260_000_00


def test_the_cii_premium_of_a_rich_fund_comes_wholly_from_accumulated_surplus():
    ledger = run(replace(FARMERS, cii_premium=20_00), flows(), opening=500_000_00)
    assert one(ledger.cii_from_surplus) == one(ledger.cii_premium) == 20_000_00
    poor = run(replace(FARMERS, cii_premium=20_00), flows(), opening=-1)
    assert one(poor.cii_from_surplus) == 0 and one(poor.cii_premium) == 20_000_00


def test_the_risk_reserve_grows_by_its_share_until_its_limit():
    calendar = Calendar(2012, (1, 1))
    seen = []
    for year in range(2012, 2017):
        terms = replace(FARMERS, year=year, reserve_share=300, reserve_limit=1_000)
        ledger = calendar.advance(terms, flows(year, claims=20_000_00))
        seen.append((one(ledger.reserve_transfer), one(ledger.reserve)))
    assert seen == [(9_000_00, 9_000_00), (9_000_00, 18_000_00), (9_000_00, 27_000_00), (3_000_00, 30_000_00), (0, 30_000_00)]
    assert one(ledger.surplus) == 60_000_00               # the transfer is no expenditure
    assert one(ledger.closing) == 5 * 60_000_00 - 30_000_00


def test_an_overdrawn_fund_puts_nothing_into_the_risk_reserve():
    terms = replace(FARMERS, reserve_share=300, reserve_limit=1_000)
    assert one(run(terms, flows(claims=30_000_00)).reserve_transfer) == 0
    assert one(run(terms, flows(claims=[299_000_00] + [0] * 11)).reserve_transfer) == 1_000_00


def test_medical_assistance_is_paid_from_the_budget_and_helps_with_premiums():
    ledger = run(replace(FARMERS, premium_help=741), flows(assistance=100_00))
    assert one(ledger.assistance) == 1_200_00 and one(ledger.premium_help) == 4_446_00
    assert one(ledger.premium) == 60_000_00               # the help is part of the premiums


def test_a_leap_of_rules_between_two_years_takes_effect_on_new_year():
    calendar = Calendar(2011, (1, 1))
    old = replace(FARMERS, year=2011, subsidy=200_00, premium=50_00, claim_lag=1, annual_limit=1_500, secondary_max_share=10_000)
    new = replace(FARMERS, year=2012, claim_lag=2, annual_limit=0, annual_tolerance=500, secondary_max_share=10_000)
    before = calendar.advance(old, flows(2011, claims=18_000_00, secondary_base=10**9))
    after = calendar.advance(new, flows(2012, claims=22_000_00, secondary_base=10**9))
    assert one(before.revenue) == 250_000_00 and not one(before.breach_annual) and one(before.payable) == 18_000_00
    assert one(after.revenue) == 300_000_00 and one(after.breach_annual) and one(after.secondary) == 36_000_00
    assert one(after.claims_paid) == 18_000_00 + 10 * 22_000_00 and one(after.payable) == 44_000_00
    after.follow(before)


def test_what_was_owed_at_the_start_is_settled_in_the_first_month():
    ledger = run(NOBODY_PAYS, flows(), opening=10_00, subsidy_central=2_00, subsidy_county=3_00, payable=3_00)
    assert one(ledger.opening) == 10_00 and one(ledger.accrued_opening) == 12_00
    assert one(ledger.subsidy) == 5_00 and one(ledger.claims_paid) == 3_00 and one(ledger.closing) == 12_00
    assert one(ledger.revenue_due) == 0 and one(ledger.claims_incurred) == 0


def test_a_fund_opens_with_its_published_balance_and_the_quarters_under_way():
    terms = replace(late(FARMERS, 6), opening_balance=95_40, claim_lag=1)
    opening = opening_accounts(terms, np.array([[1000], [2000]]), monthly_claims=np.array([[7_00], [9_00]]))
    assert opening["pooled"].tolist() == [[95_400_00], [190_800_00]]
    assert opening["subsidy_county"].tolist() == [[120_000_00], [240_000_00]]            # July's and October's
    assert opening["payable"].tolist() == [[7_00], [9_00]]
    ledger = Calendar(2012, (2, 1), (terms, np.array([[1000], [1000]]))).advance(terms, flows(shape=(2, 1)))
    assert ledger.opening.tolist() == [[95_400_00]] * 2 and ledger.subsidy.tolist() == [[240_000_00]] * 2


def test_early_warning_reads_months_of_expenditure():
    held = np.array([30_00, 29_99, 15_00, 14_99, -1])
    assert control.warning(held, np.int64(120_00), 30_000, 15_000).tolist() == [0, 1, 1, 2, 2]


# --- arithmetic

def test_a_portion_is_exact_and_half_up_at_national_scale():
    random = np.random.default_rng(1)
    amounts = np.concatenate([random.integers(-10**17, 10**17, 500), [5000, 4999, -5000, -5001, 0]])
    for numerator, denominator in ((9_850, 10_000), (1, 10_000), (150_000, 120_000), (250, 120_000), (3, 4)):
        expected = [(2 * int(a) * numerator + denominator) // (2 * denominator) for a in amounts]
        assert portion(amounts, numerator, denominator).tolist() == expected


def test_rounding_is_half_up():
    assert rounded([0.5, 1.5, 2.4999, 2.5, 0.0]).tolist() == [1, 2, 2, 3, 0]


def test_the_last_instalment_takes_the_rounding():
    parts = instalments(np.array([100, 3, -5]), 12)
    assert np.sum(parts, axis=0).tolist() == [100, 3, -5]
    assert parts[0].tolist() == [8, 0, -1] and parts[-1].tolist() == [12, 3, 6]

def test_a_sum_split_by_weights_loses_no_fen_at_national_scale():
    random = np.random.default_rng(2)
    amounts, weights = random.integers(-10**16, 10**16, 50), random.integers(0, 10**15, (50, 7))
    parts = split(amounts, weights)
    assert np.array_equal(parts.sum(axis=1), amounts)
    exact = amounts[:, None] * (weights / weights.sum(axis=1, keepdims=True))
    assert np.abs(parts - exact).max() < 10**16 / 2**28
    assert split(np.array([100]), np.array([[0, 0]])).tolist() == [[0, 0]]
    assert split(np.array([10]), np.array([[1, 1, 1]])).tolist() == [[3, 4, 3]]


def test_a_fine_share_never_gives_more_than_there_is():
    random = np.random.default_rng(3)
    short = random.integers(0, 10**13, (200, 9))
    fund = np.minimum(random.integers(0, 10**14, 200), short.sum(axis=1))
    met = fine_part(short, fine_share(fund, short.sum(axis=1))[:, None])
    assert (met.sum(axis=1) <= fund).all() and (met <= short).all()
    assert (fund - met.sum(axis=1) < 10**14 / 2**28).all()
    whole = fund == short.sum(axis=1)
    assert whole.any() and np.array_equal(met[whole], short[whole])


# --- errors

def test_a_gap_in_an_account_names_account_year_and_gap():
    account = Account("pooled fund", np.zeros((2, 2), dtype=np.int64))
    account.receive("premium", np.int64(100))
    account.balance = account.balance + np.array([[0, 0], [0, 7]])
    with pytest.raises(LedgerError) as caught:
        account.check(2012)
    assert (caught.value.account, caught.value.year, caught.value.gap) == ("pooled fund", 2012, -7)
    assert "pooled fund, 2012" in str(caught.value)


def test_a_gap_found_inside_the_calendar_keeps_its_name():
    calendar = Calendar(2012, (1, 1))
    reserve = calendar.accounts.reserve
    reserve.start_year = lambda: setattr(reserve, "opening", np.array([[5]]))
    reserve.ins, reserve.outs = {}, {}
    with pytest.raises(LedgerError, match="risk reserve, 2012: .* by 5 fen"):
        calendar.advance(FARMERS, flows())


def test_a_changed_ledger_fails_its_check():
    ledger = run(FARMERS, flows(claims=20_000_00))
    for name in ("premium", "subsidy_central", "claims_paid", "closing", "accrued_closing", "reserve", "individual_account",
                 "cii_closing", "supplement_closing", "relief_closing", "assistance_closing", "surplus", "adjustment_closing"):
        with pytest.raises(LedgerError):
            replace(ledger, **{name: getattr(ledger, name) + 1}).check()


def test_money_that_is_not_whole_fen_is_refused():
    with pytest.raises(TypeError, match="pooled fund: an amount is float64"):
        Account("pooled fund", np.zeros((1, 1), dtype=np.int64)).receive("premium", np.array([[1.0]]))


@pytest.mark.parametrize(("terms", "year", "message"), [
    (FARMERS, flows(2013), "flows of 2013, expected 2012"),
    (replace(FARMERS, year=2013), flows(), "terms of 2013, expected 2012"),
    ([FARMERS] * 3, flows(), "terms of 3 columns, expected 1 or 1"),
    ([FARMERS, WORKERS], flows(), "one scheme and one year"),
    (FARMERS, flows(shape=(2, 1)), "members is int64"),
    (FARMERS, replace(flows(), members=np.full(1, 1000)), "members is int64 (1,), expected int64 (1, 1)"),
    (FARMERS, flows(secondary_base=-1), "secondary_base goes from -1"),
    (FARMERS, replace(flows(), pooled_claims=np.zeros((1, 1, 12))), "pooled_claims is float64"),
    (FARMERS, flows(members=-1), "members goes from -1"),
    (FARMERS, flows(index=np.nan), "premium goes from nan")])
def test_flows_that_do_not_fit_are_refused(terms, year, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Calendar(2012, (1, 1)).advance(terms, year)


def test_an_unknown_response_or_opening_is_refused_by_name():
    with pytest.raises(ValueError, match="response 'secundary', expected one of stated, secondary, none"):
        Calendar(2012, (1, 1), response="secundary")
    with pytest.raises(ValueError, match="opening 'pool', expected some of pooled, reserve"):
        Calendar(2012, (1, 1), {"pool": np.int64(1)})
    with pytest.raises(ValueError, match="opening 'pooled' is float64"):
        Calendar(2012, (1, 1), {"pooled": np.float64(1)})


# --- random years

def assert_same(whole, part, draws=slice(None), policies=slice(None)):
    for name, amount in whole.columns().items():
        assert np.array_equal(amount[draws, policies], part.columns()[name]), name


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
def test_every_account_rolls_forward_to_the_fen_over_ten_random_years(scheme):
    opening = {"pooled": np.random.default_rng(7).integers(-10**10, 10**11, (200, 3)),
               "subsidy_county": np.int64(10**9), "payable": np.int64(10**8)}
    calendar = Calendar(2012, (200, 3), opening)
    ledgers = [calendar.advance(terms, year) for terms, year in ten_years(scheme, (200, 3), seed=2)]
    for before, after in itertools.pairwise(ledgers):
        after.follow(before)
    for ledger, (_, year) in zip(ledgers, ten_years(scheme, (200, 3), seed=2), strict=True):
        ledger.check()
        assert np.array_equal(ledger.claims_incurred, year.pooled_claims.sum(axis=2))
        assert all(amount.shape == (200, 3) for amount in ledger.columns().values())
    first, last = ledgers[0], ledgers[-1]
    total = {name: sum(ledger.columns()[name] for ledger in ledgers)
             for name in ("revenue_due", "expenditure", "reserve_transfer", "reserve_used",
                          "claims_paid", "claims_incurred", "cii_clawback")}
    assert np.array_equal(last.accrued_closing, first.accrued_opening + total["revenue_due"] + total["cii_clawback"]
                          - total["expenditure"] - total["reserve_transfer"] + total["reserve_used"])
    assert np.array_equal(total["claims_paid"] + last.payable, total["claims_incurred"] + 10**8)
    assert any((ledger.secondary > 0).any() for ledger in ledgers) and any((ledger.closing < 0).any() for ledger in ledgers)


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
def test_draws_and_policies_at_once_are_the_same_as_each_alone(scheme):
    years = ten_years(scheme, (5, 3), seed=3)
    together = Calendar(2012, (5, 3))
    whole = [together.advance(terms, year) for terms, year in years]
    for draw in range(5):
        for policy in range(3):
            cell = slice(draw, draw + 1), slice(policy, policy + 1)
            alone = Calendar(2012, (1, 1))
            for ledger, (terms, year) in zip(whole, years, strict=True):
                assert_same(ledger, alone.advance(terms, part_of(year, *cell)), *cell)


def test_policies_with_terms_of_their_own_are_the_same_as_each_alone():
    random = np.random.default_rng(4)
    years = [([random_terms(year, "nrcms", random) for _ in range(4)], random_flows(year, "nrcms", (3, 4), random))
             for year in range(2012, 2022)]
    together = Calendar(2012, (3, 4))
    whole = [together.advance(terms, year) for terms, year in years]
    for policy in range(4):
        alone, column = Calendar(2012, (3, 1)), (slice(None), slice(policy, policy + 1))
        for ledger, (terms, year) in zip(whole, years, strict=True):
            assert_same(ledger, alone.advance(terms[policy], part_of(year, *column)), *column)


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
@pytest.mark.parametrize("members", [1_000, 8_000_000, 800_000_000])
def test_the_calendar_agrees_with_a_plain_loop_over_months(scheme, members):
    for seed in range(10):
        years = ten_years(scheme, (1, 1), seed, members)
        opening = members * 3_000
        calendar = Calendar(2012, (1, 1), {"pooled": np.int64(opening)})
        announced = [terms for terms, _ in (*years[1:], years[-1])]
        for (terms, year), after, plain in zip(years, announced, plain_years(years, opening), strict=True):
            ledger = calendar.advance(terms, year, after)
            del plain["account_per_head"]
            assert {name: one(amount) for name, amount in ledger.columns().items()} == plain


def test_ten_years_of_two_hundred_draws_and_six_policies_take_less_than_half_a_second():
    years, best = ten_years("nrcms", (200, 6), seed=5), np.inf
    for _ in range(3):
        calendar, begun = Calendar(2012, (200, 6)), time.perf_counter()
        for terms, year in years:
            calendar.advance(terms, year)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.5


def test_those_who_enter_from_state_enterprises_contribute_on_their_own_base_and_their_entry_is_paid_once():
    terms = replace(WORKERS, entrant_share=2_000, entering_share=1_000, entrant_retired=6_000, entrant_base_ratio=5_000,
                    entry_payment=100_00)
    ledger = run(terms, flows(members=1_000, active=0.5))
    # 800 others, half of them active, on 80% of the wage; 200 entrants, 80 employed, on half of it; 60 retirees enter
    wage = 40_000_00
    assert one(ledger.entry) == 60 * 100_00
    assert one(ledger.contributions) == (400 * wage * 8 // 10 + 80 * wage // 2) * 8 // 100 * 6 // 10
    assert one(ledger.revenue) == one(ledger.contributions) + one(ledger.entry)
    assert one(run(replace(terms, entering_share=0), flows(members=1_000, active=0.5)).entry) == 0
