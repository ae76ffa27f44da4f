"""The accounts beside the pooled fund, subsidies by government, and CII's settlement with its insurer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from simulator.fund.calendar import Calendar
from simulator.tables import FundEconomy
from tests.support.fund_years import FARMERS, NOBODY_PAYS, WORKERS, flows, one, run, run_years

SHARED = replace(FARMERS, subsidy_shares=(5_000, 3_333, 1_667))
INSURED = replace(FARMERS, cii_premium=20_00)                     # 20,000 yuan a year


# --- subsidies by government, heads that are funded

def test_governments_share_the_subsidy_to_the_fen():
    ledger = run(replace(SHARED, subsidy=1), flows(members=1_001))
    assert [one(a) for a in (ledger.subsidy_central, ledger.subsidy_provincial, ledger.subsidy_county)] == [501, 334, 166]
    assert one(ledger.subsidy) == 1_001


def test_each_government_is_late_in_its_own_way():
    ledger = run(replace(SHARED, subsidy_lags=(6, 3, 0), local_top_up=10_00), flows())
    assert one(ledger.subsidy_central) == 60_000_00 and one(ledger.subsidy_provincial) == 59_994_00
    assert one(ledger.subsidy_county) == 40_008_00 and one(ledger.top_up) == 10_000_00
    assert one(ledger.receivable) == 60_000_00 + 19_998_00
    assert one(run(replace(FARMERS, subsidy_lags=(0, 0, 3), local_top_up=10_00), flows()).top_up) == 7_500_00


def test_the_shares_alone_move_no_money():
    whole, shared = run(FARMERS, flows(claims=1_00)), run(SHARED, flows(claims=1_00))
    assert all(np.array_equal(amount, shared.columns()[name]) for name, amount in whole.columns().items()
               if "subsidy_" not in name)


def test_persons_enrolled_twice_are_funded_once_and_their_claims_stay():
    ledger = run(replace(INSURED, duplicates=300), flows(claims=1_00))
    assert one(ledger.heads) == 970 and one(ledger.revenue) == 291_000_00 and one(ledger.cii_premium) == 19_400_00
    assert one(ledger.claims_incurred) == 12_00
    assert one(run(replace(FARMERS, duplicates=10_000), flows()).revenue) == 0


def test_members_may_differ_between_policies():
    year = replace(flows(shape=(1, 2)), members=np.array([[1_000, 900]]))
    assert Calendar(2012, (1, 2)).advance(FARMERS, year).revenue.tolist() == [[300_000_00, 270_000_00]]


# --- individual accounts

def test_individual_accounts_pay_claims_and_other_spending():
    ledger = run(replace(WORKERS, account_other_use=2_500), flows(account=10_000_00), individual=5_00)
    assert one(ledger.individual_credit) == 716_800_00 and one(ledger.individual_other) == 179_200_00
    assert one(ledger.individual_account) == 5_00 + 716_800_00 - 120_000_00 - 179_200_00


def test_individual_accounts_that_are_overdrawn_show_it():
    assert one(run(FARMERS, flows(account=1)).individual_account) == -12


def test_a_head_can_spend_the_balance_and_the_years_credit():
    calendar = Calendar(2012, (1, 1), {"individual": np.int64(999)})
    year = (np.array([[1_000]]), FundEconomy(*np.ones((3, 1))), 0.7)
    assert one(calendar.account_per_head(replace(WORKERS, account_use=2), *year)) == 716_80
    assert one(Calendar(2012, (1, 1), {"individual": np.int64(1_000)}).account_per_head(
        replace(WORKERS, account_use=1), *year)) == 716_81
    assert one(calendar.account_per_head(WORKERS, *year)) == 0
    assert one(calendar.account_per_head(replace(WORKERS, account_use=1), np.array([[0]]), *year[1:])) == 0


def test_a_head_can_spend_nothing_of_an_overdrawn_account():
    calendar = Calendar(2012, (1, 1), {"individual": np.int64(-10**12)})
    year = (np.array([[1_000]]), FundEconomy(*np.ones((3, 1))), 0.7)
    assert one(calendar.account_per_head(replace(WORKERS, account_use=2), *year)) == 0


def test_the_credit_foreseen_is_the_credit_booked():
    terms = [replace(WORKERS, account_use=1, collection_ratio=9_731), replace(WORKERS, account_use=1, duplicates=123)]
    year = replace(flows(shape=(2, 2), wage=1.0371, active=0.6931), members=np.array([[10_007, 9_001], [3, 1]]))
    calendar = Calendar(2012, (2, 2))
    foreseen = calendar.account_per_head(terms, year.members, year.economy, year.active_share)
    assert np.array_equal(foreseen, calendar.advance(terms, year).individual_credit // year.members)


# --- supplement, relief, assistance

def test_the_supplement_lives_on_its_own_premium():
    ledgers, _ = run_years(replace(WORKERS, supplement_premium=60_00), [flows(y, supplement=6_000_00)
                                                                         for y in (2012, 2013, 2014)])
    assert [one(ledger.supplement_closing) for ledger in ledgers] == [-12_000_00, -24_000_00, -36_000_00]
    assert one(ledgers[0].revenue) == one(run(WORKERS, flows()).revenue)


def test_the_relief_fund_has_funding_and_donations():
    ledger = run(replace(FARMERS, relief_funding=1_50, relief_donations=20), flows(relief=1_00), relief=3_00)
    assert (one(ledger.relief_funding), one(ledger.relief_donations)) == (1_500_00, 200_00)
    assert one(ledger.relief_closing) == 3_00 + 1_700_00 - 12_00


def test_donations_come_before_the_budgets_appropriation():
    terms = replace(FARMERS, premium_help=1_000)               # 6,000 yuan, and 1,200 of claims
    some, enough = (run(replace(terms, assistance_donations=amount), flows(assistance=100_00)) for amount in (5_00, 7_21))
    assert one(some.assistance_appropriation) == 2_200_00 and one(some.assistance_closing) == 0
    assert one(enough.assistance_appropriation) == 0 and one(enough.assistance_closing) == 10_00
    assert one(run(terms, flows(assistance=100_00)).assistance_appropriation) == 7_200_00


# --- CII

def test_without_an_agreement_the_cii_account_carries_on():
    ledgers, _ = run_years(INSURED, [flows(y, cii=c) for y, c in ((2012, 0), (2013, 3_000_00), (2014, 0))])
    assert [one(ledger.cii_closing) for ledger in ledgers] == [20_000_00, 4_000_00, 24_000_00]
    assert all(one(ledger.cii_insurer) == 0 for ledger in ledgers)


@pytest.mark.parametrize(("claims", "clawback", "borne", "insurer"), [
    (0, 9_500_00, 0, 9_500_00), (18_999_99, 1, 0, 0), (18_999_98, 1, 0, 1), (19_000_00, 0, 0, 0), (19_000_01, 0, 0, -1),
    (20_000_00, 0, 0, -1_000_00), (20_000_01, 0, 0, -1_000_01), (20_000_02, 0, 1, -1_000_01),
    (24_000_00, 0, 1_200_00, -3_800_00)])
def test_fund_and_insurer_share_profit_and_loss(claims, clawback, borne, insurer):
    terms = replace(INSURED, cii_margin=500, cii_clawback=5_000, cii_loss_share=3_000)
    (ledger, later), _ = run_years(terms, [flows(cii=[claims] + [0] * 11), flows(2013, cii=[19_000_00] + [0] * 11)])
    assert (one(ledger.cii_margin), one(ledger.cii_clawback), one(ledger.cii_loss_borne)) == (1_000_00, 0, 0)
    assert (one(ledger.cii_insurer), one(ledger.cii_closing)) == (insurer, clawback - borne)
    assert (one(later.cii_clawback), one(later.cii_loss_borne)) == (clawback, borne)
    assert one(later.revenue) == one(ledger.revenue) == 300_000_00               # what returns is no revenue
    assert (one(ledger.expenditure), one(later.expenditure)) == (20_000_00, 20_000_00 + borne)
    assert one(later.closing) == one(ledger.closing) + 280_000_00 + clawback - borne


def test_an_agreement_that_begins_later_closes_what_was_left():
    calendar = Calendar(2012, (1, 1))
    first = calendar.advance(INSURED, flows(cii=1_000_00))
    second = calendar.advance(replace(INSURED, year=2013, cii_margin=500), flows(2013, cii=1_000_00))
    assert one(first.cii_closing) == 8_000_00 and one(second.cii_closing) == 0
    assert one(second.cii_insurer) == 8_000_00 + 7_000_00
    second.follow(first)


def test_a_premium_that_is_not_met_by_surplus_first_is_met_by_the_year():
    assert one(run(replace(INSURED, cii_surplus_first=0), flows(), opening=500_000_00).cii_from_surplus) == 0


def test_every_account_follows_itself_over_three_years():
    terms = replace(SHARED, cii_premium=20_00, cii_margin=500, supplement_premium=10_00, relief_funding=1_00,
                    assistance_donations=2_00, account_other_use=1_000, pooled_share=9_000, subsidy_lags=(6, 2, 0), claim_lag=2)
    ledgers, _ = run_years(terms, [flows(y, claims=9_999_99, cii=77_77, assistance=5_55, supplement=1_11, account=2_22,
                                         relief=3_33)
                                   for y in (2012, 2013, 2014)])
    for before, after in itertools.pairwise(ledgers):
        after.follow(before)
        for name in ("supplement", "relief", "assistance"):
            changed = replace(after, **{f"{name}_opening": getattr(after, f"{name}_opening") + 1})
            with pytest.raises(Exception, match="by 1 fen"):
                changed.follow(before)


def test_a_fund_of_nobody_closes_its_year():
    ledger = run(replace(NOBODY_PAYS, cii_premium=20_00, gp_fee=1_00, relief_funding=1), flows(members=0))
    assert all(one(amount) in (0, False, 10_000) for amount in ledger.columns().values())
