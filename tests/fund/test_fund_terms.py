"""The fund's terms: from a region's parameters to fen and ten thousandths."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from simulator.fund import control
from simulator.fund.calendar import Calendar
from simulator.fund.control import CUMULATIVE_BASES
from simulator.fund.terms import PAYMENT_METHODS, fund_terms, stack_terms
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Layer, Region, load_regions
from simulator.parameters.values import Entry
from tests.support.fund_years import FARMERS, flows, order

TOY = {
    "funding.nrcms.subsidy": {2010: "120", 2012: "240"}, "funding.nrcms.premium": {2010: "60"},
    "funding.nrcms.local_top_up": {2010: "-1.5"}, "funding.nrcms.funding_growth": {2010: "10", 2014: "5"},
    "funding.nrcms.collection_ratio": {2010: "98.5"}, "funding.nrcms.pooled_share": {2010: "100"},
    "funding.nrcms.interest_rate": {2010: "2.5"}, "funding.nrcms.reserve_share": {2010: "3"},
    "funding.nrcms.reserve_limit": {2010: "10"}, "funding.nrcms.claim_lag": {2010: "1"},
    "funding.nrcms.subsidy_lags": {2010: {"central": "3", "provincial": "2", "county": "0"}},
    "funding.nrcms.subsidy_shares": {2010: {"central": "50", "provincial": "25.5", "county": "24.5"}},
    "funding.nrcms.duplicate_share": {2010: "3"}, "funding.nrcms.duplicates_removed": {2010: "false", 2013: "true"},
    "funding.nrcms.opening_balance": {2010: "37.1", 2012: "95.4"}, "cii.nrcms.in_force": {2010: "false", 2013: "true"},
    "cii.nrcms.premium": {2010: "20"}, "cii.nrcms.surplus_first": {2010: "true"}, "cii.nrcms.margin": {2010: "5"},
    "cii.nrcms.clawback": {2010: "50"}, "cii.nrcms.loss_share": {2010: "0"},
    "control.nrcms.annual_limit": {2010: "15", 2012: "0"},
    "control.nrcms.annual_tolerance": {2010: "5"},
    "control.nrcms.cumulative_base": {2010: "months_of_expenditure", 2012: "share_of_funding"},
    "control.nrcms.cumulative_limit": {2010: "4.5", 2012: "20"}, "control.nrcms.secondary_threshold": {2010: "10000"},
    "control.nrcms.secondary_max_share": {2010: "50"}, "control.nrcms.warning_yellow": {2010: "3"},
    "control.nrcms.warning_red": {2010: "1.5"}, "population.nrcms.assisted_shares": {2010: {"dibao": "6.24", "disabled": "0.55"}},
    "control.nrcms.surplus_response": {2010: "secondary"},
    "control.nrcms.deficit_response": {2010: [], 2013: ["premium", "reserve"]},
    "control.nrcms.factor_step": {2010: "5"}, "control.nrcms.factor_low": {2010: "0"}, "control.nrcms.factor_high": {2010: "200"},
    "control.nrcms.premium_step_limit": {2010: "20"}, "control.nrcms.top_up_limit": {2010: "5"},
    "account.nrcms.use": {2010: "outpatient"}, "account.nrcms.other_use": {2010: "10"},
    "account.nrcms.opening_balance": {2010: "12.5"}, "supplement.nrcms.in_force": {2010: "false", 2013: "true"},
    "supplement.nrcms.premium": {2010: "60"}, "relief.in_force": {2010: "false", 2013: "true"}, "relief.funding": {2010: "1.5"},
    "relief.donations": {2010: "0.2"}, "assistance.donations": {2010: "0.75"}, "payment.nrcms.counties_share": {2010: "50"},
    "payment.nrcms.outpatient_counties_share": {2010: "80"},
    "payment.nrcms.inpatient_method": {2010: {"township": "global_budget", "county": "case", "city": "per_diem",
                                              "outside": "fee_for_service"}},
    "payment.nrcms.outpatient_method": {2010: {"township": "capitation", "county": "fee_for_service",
                                               "city": "fee_for_service", "outside": "global_budget"}},
    "payment.nrcms.budget_growth": {2010: "-5"}, "payment.nrcms.overrun_share": {2010: "30"},
    "payment.nrcms.saving_share": {2010: "100"}, "payment.nrcms.capitation": {2010: "45"},
    "payment.nrcms.gp_contract_fee": {2010: "120"}, "payment.nrcms.gp_fund_share": {2010: "40"},
    "payment.nrcms.gp_signed_share": {2010: "30"}, "pooling.nrcms.level": {2010: "county", 2013: "city"},
    "pooling.nrcms.county_cost_sd": {2010: "15"}, "pooling.nrcms.county_shock_sd": {2010: "5"},
    "pooling.nrcms.adjustment_share": {2010: "5"}, "pooling.nrcms.cities": {2010: "13"},
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
    assert (terms.claim_lag, terms.subsidy_lags, terms.opening_balance) == (1, (3, 2, 0), 95_40)
    assert terms.subsidy_shares == (5_000, 2_550, 2_450)
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


def test_what_is_not_in_force_costs_nothing():
    before, after = (fund_terms(toy(), "nrcms", year, 2012) for year in (2012, 2013))
    assert (before.supplement_premium, before.relief_funding, before.relief_donations, before.duplicates) == (0, 0, 0, 0)
    assert (after.supplement_premium, after.relief_funding, after.relief_donations, after.duplicates) == (60_00, 1_50, 20, 300)


def test_methods_responses_and_levels_are_read_by_name():
    terms = fund_terms(toy(), "nrcms", 2013, 2012)
    assert [PAYMENT_METHODS[m] for m in terms.inpatient_methods] == ["global_budget", "case", "per_diem", "fee_for_service"]
    assert [PAYMENT_METHODS[m] for m in terms.outpatient_methods] == ["capitation", "fee_for_service", "fee_for_service",
                                                                      "global_budget"]
    assert terms.deficit_response == order("premium", "reserve") and terms.surplus_response == control.SECONDARY
    assert (terms.pooling_level, terms.cities, terms.account_use, terms.account_opening) == (1, 13, 1, 12_50)
    assert (terms.budget_growth, terms.capitation, terms.payment_share, terms.outpatient_share) == (-500, 45_00, 5_000, 8_000)


def test_terms_are_stacked_by_policy():
    stacked = stack_terms([FARMERS, replace(FARMERS, subsidy_lags=(1, 2, 3))])
    assert stacked.subsidy.tolist() == [240_00, 240_00] and stacked.subsidy_lags.tolist() == [[0, 0, 0], [1, 2, 3]]


def test_subsidy_shares_that_do_not_make_the_whole_are_refused():
    shares = {2010: {"central": "50", "provincial": "25", "county": "24.99"}}
    with pytest.raises(InputError, match=r"funding.nrcms.subsidy_shares in 2012 .*'99.99%'"):
        fund_terms(toy(subsidy_shares=shares), "nrcms", 2012, 2012)


def test_a_response_named_twice_is_refused():
    with pytest.raises(InputError, match="control.nrcms.deficit_response in 2012"):
        fund_terms(toy(deficit_response={2010: ["reserve", "reserve"]}), "nrcms", 2012, 2012)


def test_the_merged_scheme_of_zibo_has_terms():
    terms = fund_terms(load_regions()["zibo"], "urrbmi", 2014, 2014)
    assert terms.subsidy > 0 and sum(terms.subsidy_shares) == 10_000


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




def test_an_amount_that_grows_beyond_what_can_be_summed_is_refused():
    stack_terms([replace(FARMERS, subsidy=10**9)])
    with pytest.raises(InputError, match=r"subsidy of .* grows in \d+ beyond what can be summed: '10000000.01 yuan a member'"):
        stack_terms([replace(FARMERS, subsidy=10**9 + 1)])
