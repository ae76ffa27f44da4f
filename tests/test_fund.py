"""The fund: hand-computed years, identities on random years, and a plain twin without SimPy or arrays."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulator.fund import control
from simulator.fund.accounts import Account, LedgerError, instalments, portion, rounded
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.control import CUMULATIVE_BASES
from simulator.fund.terms import FundTerms, fund_terms
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Layer, Region, load_regions
from simulator.parameters.values import Entry
from simulator.tables import YearFlows

NOBODY_PAYS = FundTerms(
    region="test", scheme="nrcms", year=2012, subsidy=0, premium=0, local_top_up=0, collection_ratio=10_000,
    contribution_rate=0, contribution_base_ratio=0, average_wage=0, pooled_share=10_000, interest_rate=0,
    reserve_share=0, reserve_limit=0, claim_lag=0, subsidy_lag=0, cii_premium=0, annual_limit=10_000,
    annual_tolerance=0, cumulative_limit=0, cumulative_base=0, secondary_threshold=0, secondary_max_share=0,
    warning_yellow=0, warning_red=0, premium_help=0, opening_balance=0)
FARMERS = replace(NOBODY_PAYS, premium=60_00, subsidy=240_00)         # 1,000 of them: 300,000 yuan a year
WORKERS = replace(NOBODY_PAYS, scheme="uebmi", contribution_rate=800, contribution_base_ratio=8_000,
                  average_wage=40_000_00, pooled_share=6_000)


def flows(year=2012, claims=0, members=1000, cii=0, assistance=0, secondary_base=0, index=1.0, wage=1.0,
          active=0.7, shape=(1, 1)) -> YearFlows:
    """Flows with the same `claims` fen in every month, or twelve of them."""
    def by_month(amount):
        return np.broadcast_to(np.asarray(amount, dtype=np.int64), (*shape, 12)).copy()
    return YearFlows(
        year=year, members=np.full(shape[0], members), funding_index=np.full(shape[0], float(index)),
        wage_index=np.full(shape[0], float(wage)), active_share=active, pooled_claims=by_month(claims),
        cii_claims=by_month(cii), assistance_claims=by_month(assistance),
        secondary_base=np.full(shape, secondary_base, dtype=np.int64))


def one(amount):
    assert amount.shape == (1, 1)
    return amount[0, 0].item()


def run(terms, flows_, opening=0, response="secondary", **balances):
    """The ledger of a single year."""
    opening_ = {name: np.int64(amount) for name, amount in {"pooled": opening, **balances}.items()}
    return Calendar(2012, (1, 1), opening_, response).advance(terms, flows_)


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
    late = replace(FARMERS, subsidy_lag=3)
    first = calendar.advance(late, flows(claims=20_000_00))
    assert one(first.subsidy) == 180_000_00 and one(first.receivable) == 60_000_00
    assert one(first.revenue) == 240_000_00 and one(first.revenue_due) == 300_000_00
    assert one(first.surplus) == 0 and one(first.closing) == 0 and one(first.accrued_closing) == 60_000_00
    second = calendar.advance(replace(late, year=2013, subsidy=280_00), flows(2013, claims=20_000_00))
    assert one(second.subsidy) == 60_000_00 + 3 * 70_000_00 and one(second.receivable) == 70_000_00


def test_a_subsidy_two_months_late_still_arrives_in_its_year():
    assert one(run(replace(FARMERS, subsidy_lag=2), flows()).receivable) == 0


def test_a_subsidy_a_year_late_leaves_the_first_year_without():
    calendar = Calendar(2012, (1, 1))
    first = calendar.advance(replace(FARMERS, subsidy_lag=12), flows())
    second = calendar.advance(replace(FARMERS, year=2013, subsidy_lag=12), flows(2013))
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
    assert one(ledger.surplus_rate) < -1 and one(ledger.warning) == control.RED


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
    late = replace(terms, subsidy_lag=3, claim_lag=0)
    poor = run(late, flows(claims=10_000_00, secondary_base=10**9), opening=-100_000_00)
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
    ledger = run(NOBODY_PAYS, flows(), opening=10_00, receivable=5_00, payable=3_00)
    assert one(ledger.opening) == 10_00 and one(ledger.accrued_opening) == 12_00
    assert one(ledger.subsidy) == 5_00 and one(ledger.claims_paid) == 3_00 and one(ledger.closing) == 12_00
    assert one(ledger.revenue_due) == 0 and one(ledger.claims_incurred) == 0


def test_a_fund_opens_with_its_published_balance_and_the_quarters_under_way():
    terms = replace(FARMERS, opening_balance=95_40, subsidy_lag=6, claim_lag=1)
    opening = opening_accounts(terms, np.array([1000, 2000]), monthly_claims=np.array([[7_00], [9_00]]))
    assert opening["pooled"].tolist() == [[95_400_00], [190_800_00]]
    assert opening["receivable"].tolist() == [[120_000_00], [240_000_00]]            # July's and October's
    assert opening["payable"].tolist() == [[7_00], [9_00]]
    ledger = Calendar(2012, (2, 1), (terms, np.array([1000, 1000]))).advance(terms, flows(shape=(2, 1)))
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
    calendar.reserve.turn = lambda: setattr(calendar.reserve, "opening", np.array([[5]]))
    calendar.reserve.ins, calendar.reserve.outs = {}, {}
    with pytest.raises(LedgerError, match="risk reserve, 2012: .* by 5 fen"):
        calendar.advance(FARMERS, flows())


def test_a_changed_ledger_fails_its_check():
    ledger = run(FARMERS, flows(claims=20_000_00))
    for name in ("premium", "claims_paid", "closing", "accrued_closing", "reserve", "individual_account", "cii_closing",
                 "surplus"):
        with pytest.raises(LedgerError):
            replace(ledger, **{name: getattr(ledger, name) + 1}).check()


def test_money_that_is_not_whole_fen_is_refused():
    with pytest.raises(TypeError, match="pooled fund: an amount is float64"):
        Account("pooled fund", np.zeros((1, 1), dtype=np.int64)).receive("premium", np.array([[1.0]]))


@pytest.mark.parametrize(("terms", "year", "message"), [
    (FARMERS, flows(2013), "flows of 2013, expected 2012"),
    (replace(FARMERS, year=2013), flows(), "terms of 2013, expected 2012"),
    ([FARMERS] * 3, flows(), "terms of 3 policies, expected 1 or 1"),
    ([FARMERS, WORKERS], flows(), "one scheme and one year"),
    (FARMERS, flows(shape=(2, 1)), "members is int64"),
    (FARMERS, replace(flows(), pooled_claims=np.zeros((1, 1, 12))), "pooled_claims is float64"),
    (FARMERS, flows(members=-1), "members goes from -1"),
    (FARMERS, flows(index=np.nan), "funding_index goes from nan")])
def test_flows_that_do_not_fit_are_refused(terms, year, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Calendar(2012, (1, 1)).advance(terms, year)


def test_an_unknown_response_or_opening_is_refused_by_name():
    with pytest.raises(ValueError, match="response 'secundary', expected one of none, secondary"):
        Calendar(2012, (1, 1), response="secundary")
    with pytest.raises(ValueError, match="opening 'pool', expected some of pooled, reserve"):
        Calendar(2012, (1, 1), {"pool": np.int64(1)})
    with pytest.raises(ValueError, match="opening 'pooled' is float64"):
        Calendar(2012, (1, 1), {"pooled": np.float64(1)})


# --- terms from a region's parameters

TOY = {
    "funding.nrcms.subsidy": {2010: "120", 2012: "240"}, "funding.nrcms.premium": {2010: "60"},
    "funding.nrcms.local_top_up": {2010: "-1.5"}, "funding.nrcms.funding_growth": {2010: "10", 2014: "5"},
    "funding.nrcms.collection_ratio": {2010: "98.5"}, "funding.nrcms.pooled_share": {2010: "100"},
    "funding.nrcms.interest_rate": {2010: "2.5"}, "funding.nrcms.reserve_share": {2010: "3"},
    "funding.nrcms.reserve_limit": {2010: "10"}, "funding.nrcms.claim_lag": {2010: "1"}, "funding.nrcms.subsidy_lag": {2010: "2"},
    "funding.nrcms.opening_balance": {2010: "37.1", 2012: "95.4"}, "cii.nrcms.in_force": {2010: "false", 2013: "true"},
    "cii.nrcms.premium": {2010: "20"}, "control.nrcms.annual_limit": {2010: "15", 2012: "0"},
    "control.nrcms.annual_tolerance": {2010: "5"},
    "control.nrcms.cumulative_base": {2010: "months_of_expenditure", 2012: "share_of_funding"},
    "control.nrcms.cumulative_limit": {2010: "4.5", 2012: "20"}, "control.nrcms.secondary_threshold": {2010: "10000"},
    "control.nrcms.secondary_max_share": {2010: "50"}, "control.nrcms.warning_yellow": {2010: "3"},
    "control.nrcms.warning_red": {2010: "1.5"}, "population.nrcms.assisted_shares": {2010: {"dibao": "6.24", "disabled": "0.55"}},
    "assistance.premium_help": {2010: {"dibao": "100", "disabled": "50", "elderly": "100"}},
}


def toy(**changes) -> Region:
    """A region that states everything itself; `changes`: name of a parameter -> year -> value."""
    stated = {path: changes.get(path.rpartition(".")[2], values) for path, values in TOY.items()}
    layer = {path: tuple(Entry(path, "", date(year, 1, 1), value, "assumption", "toy") for year, value in values.items())
             for path, values in stated.items()}
    return Region("toy", {}, (Layer("toy", layer),))


def test_amounts_become_fen_and_shares_ten_thousandths():
    terms = fund_terms(toy(), "nrcms", 2012, 2012)
    assert (terms.subsidy, terms.local_top_up, terms.collection_ratio, terms.interest_rate) == (240_00, -1_50, 9_850, 250)
    assert (terms.claim_lag, terms.subsidy_lag, terms.opening_balance) == (1, 2, 95_40)
    assert (terms.annual_limit, terms.annual_tolerance, terms.warning_red) == (0, 500, 15_000)
    assert terms.premium_help == 652                # 6.24% in full and half of 0.55%: 6.515%


def test_subsidy_and_premium_grow_only_after_their_last_dated_value():
    terms = {year: fund_terms(toy(), "nrcms", year, 2010) for year in range(2010, 2016)}
    assert [t.subsidy for t in terms.values()] == [120_00, 120_00, 240_00, 264_00, 277_20, 291_06]
    assert [t.premium for t in terms.values()] == [60_00, 66_00, 72_60, 79_86, 83_85, 88_05]     # 83.853, 88.04565
    assert all(t.local_top_up == -1_50 and t.opening_balance == 37_10 for t in terms.values())


def test_a_change_of_a_scenario_counts_as_a_value_of_the_base_year():
    changed = toy().with_changes({"funding.nrcms.subsidy": "300"}, "more")
    assert [fund_terms(changed, "nrcms", year, 2012).subsidy for year in (2012, 2013, 2014)] == [300_00, 330_00, 346_50]


def test_a_limit_follows_the_base_of_its_year():
    before, after = fund_terms(toy(), "nrcms", 2011, 2011), fund_terms(toy(), "nrcms", 2012, 2011)
    assert (CUMULATIVE_BASES[before.cumulative_base], before.cumulative_limit) == ("months_of_expenditure", 45_000)
    assert (CUMULATIVE_BASES[after.cumulative_base], after.cumulative_limit) == ("share_of_funding", 2_000)
    assert fund_terms(toy(cumulative_base={2010: "none"}), "nrcms", 2012, 2011).cumulative_limit == 0


def test_the_cii_premium_is_due_only_while_cii_is_in_force():
    assert [fund_terms(toy(), "nrcms", year, 2012).cii_premium for year in (2012, 2013)] == [0, 20_00]


def test_a_lag_of_half_a_month_is_refused():
    with pytest.raises(InputError, match=r"funding.nrcms.claim_lag in 2012 .* months: '1.5'"):
        fund_terms(toy(claim_lag={2010: "1.5"}), "nrcms", 2012, 2012)


def test_jiangsu_limits_the_surplus_of_2012_as_its_plan_says():
    jiangsu = load_regions()["jiangsu"]              # 江苏省2012年度医改主要工作安排 二(一)8
    farmers, residents = fund_terms(jiangsu, "nrcms", 2012, 2012), fund_terms(jiangsu, "urbmi", 2012, 2012)
    assert (farmers.annual_limit, farmers.cumulative_limit) == (1_000, 2_000)
    assert CUMULATIVE_BASES[farmers.cumulative_base] == "share_of_funding"
    assert (residents.annual_limit, residents.cumulative_limit) == (1_000, 40_000)
    assert CUMULATIVE_BASES[residents.cumulative_base] == "months_of_expenditure"


def test_the_nation_raises_the_subsidy_from_200_to_240():
    nation = load_regions()["national"]              # 国办发〔2011〕8号, 国办发〔2012〕20号 二(一)2(1)
    assert [fund_terms(nation, "nrcms", year, 2011).subsidy for year in (2011, 2012)] == [200_00, 240_00]


@pytest.mark.parametrize("scheme", ["uebmi", "urbmi", "nrcms"])
def test_every_region_has_terms_for_ten_years(scheme):
    for region in load_regions().values():
        calendar, shape = Calendar(2012, (2, 1)), (2, 1)
        for year in range(2012, 2022):
            terms = fund_terms(region, scheme, year, 2012)
            ledger = calendar.advance(terms, flows(year, shape=shape))
            assert (ledger.revenue > 0).all()
            assert (terms.average_wage > 0) == (scheme == "uebmi") != (terms.subsidy > 0)


# --- random years

def random_terms(year: int, scheme: str, random: np.random.Generator) -> FundTerms:
    def between(low, high):
        return int(random.integers(low, high + 1))
    if scheme == "uebmi":
        heads = {"contribution_rate": between(600, 1_000), "contribution_base_ratio": between(6_000, 9_000),
                 "average_wage": between(3_000_000, 6_000_000), "pooled_share": between(5_000, 7_000)}
    else:
        heads = {"premium": between(3_000, 9_000), "subsidy": between(12_000, 32_000), "local_top_up": between(-500, 4_000),
                 "pooled_share": between(9_000, 10_000), "subsidy_lag": between(0, 12), "premium_help": between(0, 800)}
    base = between(0, 3)
    return replace(
        NOBODY_PAYS, scheme=scheme, year=year, collection_ratio=between(9_500, 10_100), interest_rate=between(-50, 400),
        reserve_share=between(0, 300), reserve_limit=between(0, 1_000), claim_lag=between(0, 6), cii_premium=between(0, 2_000),
        annual_limit=between(-500, 1_500), annual_tolerance=between(0, 500), cumulative_base=base,
        cumulative_limit=between(0, 60_000) if base == 1 else between(0, 4_000), secondary_max_share=between(0, 10_000),
        warning_yellow=60_000, warning_red=15_000, **heads)


def random_flows(year: int, scheme: str, shape: tuple[int, int], random: np.random.Generator,
                 members=8_000_000) -> YearFlows:
    """About 300 yuan a member, or 1,000 in uebmi, spread over the months; draws and policies apart."""
    month = members * (100_000 if scheme == "uebmi" else 30_000) // 12
    draws = shape[0]
    return YearFlows(
        year=year, members=random.integers(members, members * 11 // 10, draws), funding_index=random.uniform(0.8, 1.3, draws),
        wage_index=random.uniform(0.8, 1.3, draws), active_share=float(random.uniform(0.6, 0.9)),
        pooled_claims=random.integers(month // 2, month * 3 // 2, (*shape, 12)),
        cii_claims=random.integers(0, month // 20, (*shape, 12)), assistance_claims=random.integers(0, month // 20, (*shape, 12)),
        secondary_base=random.integers(0, month * 4, shape))


def ten_years(scheme: str, shape: tuple[int, int], seed: int, members=8_000_000):
    random = np.random.default_rng(seed)
    return [(random_terms(year, scheme, random), random_flows(year, scheme, shape, random, members))
            for year in range(2012, 2022)]


def part_of(year: YearFlows, draws: slice, policies: slice) -> YearFlows:
    return replace(year, members=year.members[draws], funding_index=year.funding_index[draws], wage_index=year.wage_index[draws],
                   **{name: getattr(year, name)[draws, policies]
                      for name in ("pooled_claims", "cii_claims", "assistance_claims", "secondary_base")})


def assert_same(whole, part, draws=slice(None), policies=slice(None)):
    for name, amount in whole.columns().items():
        assert np.array_equal(amount[draws, policies], part.columns()[name]), name


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
def test_every_account_rolls_forward_to_the_fen_over_ten_random_years(scheme):
    opening = {"pooled": np.random.default_rng(7).integers(-10**10, 10**11, (200, 3)),
               "receivable": np.int64(10**9), "payable": np.int64(10**8)}
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
             for name in ("revenue_due", "expenditure", "reserve_transfer", "claims_paid", "claims_incurred")}
    assert np.array_equal(last.accrued_closing, first.accrued_opening + total["revenue_due"] - total["expenditure"]
                          - total["reserve_transfer"])
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


def plain_years(years, opening):
    """The fund of one draw and policy in plain Python integers: a loop over months, no SimPy, no arrays."""
    def half_up(amount, numerator, denominator=10_000):
        return (2 * amount * numerator + denominator) // (2 * denominator)

    def parts(amount, count):
        return [amount // count] * (count - 1) + [amount - (count - 1) * (amount // count)]

    bank, reserve, own, cii, owed_to, owed_by = opening, 0, 0, 0, 0, 0
    arrivals, payments = {}, {}                    # month since the start -> fen
    for number, (t, f) in enumerate(years):
        start = 12 * number
        members, index = int(f.members[0]), float(f.funding_index[0])
        active = int(members * f.active_share + 0.5)
        payroll = active * int(t.average_wage * float(f.wage_index[0]) + 0.5)
        due = {"premium": members * int(t.premium * index + 0.5), "subsidy": members * int(t.subsidy * index + 0.5),
               "top_up": members * t.local_top_up,
               "contributions": half_up(half_up(payroll, t.contribution_base_ratio), t.contribution_rate)}
        due = {head: half_up(amount, t.collection_ratio) for head, amount in due.items()}
        accrued_opening, due_pooled = bank + owed_to - owed_by, 0
        for head, amount in due.items():
            pooled = half_up(amount, t.pooled_share)
            due_pooled += pooled
            months = {"premium": [0], "contributions": list(range(12))}.get(head, [0, 3, 6, 9])
            lag = t.subsidy_lag if head in ("subsidy", "top_up") else 0
            for month, to_fund, to_people in zip(months, parts(pooled, len(months)),
                                                 parts(amount - pooled, len(months)), strict=True):
                arrivals.setdefault(start + month + lag, []).append((to_fund, to_people))
        for month in range(12):
            payments.setdefault(start + month + t.claim_lag, []).append(int(f.pooled_claims[0, 0, month]))
        revenue = held = own_held = reserve_held = paid = 0
        for month in range(start, start + 12):
            for to_fund, to_people in arrivals.pop(month, []):
                bank, revenue, own = bank + to_fund, revenue + to_fund, own + to_people
            for claims in payments.pop(month, []):
                bank, paid = bank - claims, paid + claims
            held, own_held, reserve_held = held + max(bank, 0), own_held + max(own, 0), reserve_held + max(reserve, 0)
        owed_to = sum(to_fund for later in arrivals.values() for to_fund, _ in later)
        owed_by = sum(sum(later) for later in payments.values())
        interest = half_up(held, t.interest_rate, 120_000)
        own += half_up(own_held, t.interest_rate, 120_000)
        reserve += half_up(reserve_held, t.interest_rate, 120_000)
        bank, revenue = bank + interest, revenue + interest
        premium = members * t.cii_premium
        bank, cii = bank - premium, cii + premium - int(f.cii_claims.sum())
        transfer = max(min(half_up(revenue, t.reserve_share), half_up(revenue, t.reserve_limit) - reserve, bank), 0)
        bank, reserve = bank - transfer, reserve + transfer
        spent = int(f.pooled_claims.sum()) + premium
        surplus, balance = revenue - spent, bank + owed_to - owed_by
        excess = 0
        if surplus > half_up(revenue, t.annual_limit + t.annual_tolerance):
            excess = surplus - half_up(revenue, t.annual_limit)
        allowed = {0: balance, 1: half_up(spent, t.cumulative_limit, 120_000), 2: half_up(sum(due.values()), t.cumulative_limit),
                   3: half_up(due_pooled, t.cumulative_limit)}[t.cumulative_base]
        excess = max(min(max(excess, balance - allowed, 0), balance, bank), 0)
        refund = min(excess, half_up(int(f.secondary_base[0, 0]), t.secondary_max_share))
        bank -= refund
        yield {"revenue": revenue, "interest": interest, "claims_paid": paid, "secondary": refund,
               "reserve_transfer": transfer, "reserve": reserve, "expenditure": spent + refund,
               "surplus": surplus - refund, "closing": bank, "accrued_opening": accrued_opening,
               "accrued_closing": bank + owed_to - owed_by, "receivable": owed_to, "payable": owed_by,
               "individual_account": own, "cii_closing": cii}


@pytest.mark.parametrize("scheme", ["nrcms", "uebmi"])
@pytest.mark.parametrize("members", [1_000, 8_000_000, 800_000_000])
def test_the_calendar_agrees_with_a_plain_loop_over_months(scheme, members):
    for seed in range(10):
        years = ten_years(scheme, (1, 1), seed, members)
        opening = members * 3_000
        calendar = Calendar(2012, (1, 1), {"pooled": np.int64(opening)})
        for (terms, year), plain in zip(years, plain_years(years, opening), strict=True):
            ledger = calendar.advance(terms, year)
            assert {name: one(ledger.columns()[name]) for name in plain} == plain


def test_ten_years_of_two_hundred_draws_and_six_policies_take_less_than_half_a_second():
    years, best = ten_years("nrcms", (200, 6), seed=5), np.inf
    for _ in range(3):
        calendar, begun = Calendar(2012, (200, 6)), time.perf_counter()
        for terms, year in years:
            calendar.advance(terms, year)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.5
