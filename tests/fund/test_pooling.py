"""Pooling: counties and cities as funds of their own, beside the pooled ledger."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from simulator.fund.calendar import Calendar
from simulator.fund.pooling import COST_ONE, Counties, CountyFunds
from simulator.fund.terms import stack_terms
from tests.support.fund_years import FARMERS, flows, one, random_flows, random_terms, run_years

COUNTIES = Counties(seed=7, people_id=3, count=12)
APART = replace(FARMERS, pooling_level=0, county_cost_sd=1_500, county_shock_sd=500)
HEADS = 1_000_000
SPENT = flows(claims=HEADS * 25_00, members=HEADS)                     # as much as is received


def years(terms, counties=COUNTIES, count=3, spent=SPENT):
    return run_years(terms, [replace(spent, year=2012 + y) for y in range(count)], counties=counties)


def test_one_county_is_the_province():
    for counties in (None, Counties(7, 3, 1)):
        ledger = years(APART, counties, 1, replace(SPENT, pooled_claims=SPENT.pooled_claims + 10))[0][0]
        assert one(ledger.top_up_county) == one(ledger.top_up_city) == one(ledger.top_up_province) == 120
        assert one(ledger.value_of_pooling) == 0 and one(ledger.counties_in_deficit) == 1.0


def test_a_balanced_province_has_counties_in_deficit_and_pooling_has_a_value():
    ledger = years(replace(APART, pooling_level=2), count=1)[0][0]
    assert 0.2 < one(ledger.counties_in_deficit) < 0.8
    assert one(ledger.top_up_province) == 0 and one(ledger.value_of_pooling) == one(ledger.top_up_county) > 0


def test_the_wider_the_pool_the_less_is_needed():
    for ledger in years(replace(APART, pooling_level=1, cities=3))[0]:
        assert one(ledger.top_up_county) > one(ledger.top_up_city) > one(ledger.top_up_province) == 0
        assert one(ledger.value_of_pooling) == one(ledger.top_up_county) - one(ledger.top_up_city)


def test_one_city_is_the_province_and_a_city_for_each_county_the_county():
    whole, apart = (years(replace(APART, pooling_level=1, cities=cities), count=1)[0][0] for cities in (1, 12))
    assert one(whole.top_up_city) == one(whole.top_up_province)
    assert one(apart.top_up_city) == one(apart.top_up_county) and one(apart.value_of_pooling) == 0


def test_counties_without_an_adjustment_fund_gain_nothing():
    ledger = years(APART, count=1)[0][0]
    assert one(ledger.top_up_adjusted) == one(ledger.top_up_county) and one(ledger.adjustment_fund) == 0
    assert one(ledger.value_of_pooling) == 0


def test_the_adjustment_fund_meets_deficits_and_carries_the_rest():
    small = years(replace(APART, adjustment_share=300), count=1)[0][0]
    saving = flows(claims=HEADS * 22_00, members=HEADS)
    large = years(replace(APART, adjustment_share=3_000), count=1, spent=saving)[0][0]
    assert 0 < one(small.top_up_adjusted) < one(small.top_up_county) and 0 <= one(small.adjustment_fund) < 10_000
    assert one(small.value_of_pooling) == one(small.top_up_county) - one(small.top_up_adjusted)
    assert one(large.top_up_adjusted) == 0 and one(large.adjustment_fund) > 0


def test_the_counties_add_up_to_the_pooled_fund_to_the_fen():
    random = np.random.default_rng(5)
    calendar = Calendar(2012, (20, 2), {"pooled": random.integers(-10**10, 10**11, (20, 2))}, counties=COUNTIES)
    ledgers = []
    for year in range(2012, 2018):
        terms = [random_terms(year, "nrcms", random) for _ in range(2)]
        ledgers.append(calendar.advance(terms, random_flows(year, "nrcms", (20, 2), random)))
        counties = calendar.counties
        assert np.array_equal(counties.balances.sum(axis=2), ledgers[-1].accrued_closing)
        assert np.array_equal(counties.adjusted.sum(axis=2) + counties.fund, ledgers[-1].accrued_closing)
    for before, after in itertools.pairwise(ledgers):
        after.follow(before)


def test_dear_counties_stay_dear():
    steady = replace(APART, county_shock_sd=0)
    costs = [CountyFunds(COUNTIES, np.zeros((1, 1), dtype=np.int64)).weights(stack_terms(steady), year, np.full((1, 1), 10**12))
             for year in (2012, 2013)]
    assert np.array_equal(*costs)
    shaken = [CountyFunds(COUNTIES, np.zeros((1, 1), dtype=np.int64)).weights(stack_terms(APART), year, np.full((1, 1), 10**12))
              for year in (2012, 2013)]
    assert not np.array_equal(*shaken) and np.corrcoef(np.ravel(shaken[0]), np.ravel(shaken[1]))[0, 1] > 0.5


@pytest.mark.parametrize(("terms", "heads", "spread"), [
    (replace(APART, county_shock_sd=0), 10**14, 0.15), (replace(APART, county_cost_sd=0), 10**14, 0.05),
    (replace(APART, county_cost_sd=0, county_shock_sd=0), 200 * 50_000, 0.035)])       # chance of 50,000 people each
def test_multipliers_have_mean_one_and_the_stated_spread(terms, heads, spread):
    funds = CountyFunds(Counties(1, 2, 200), np.zeros((50, 1), dtype=np.int64))
    weights = funds.weights(stack_terms(terms), 2012, np.full((50, 1), heads)) / COST_ONE
    assert weights.mean() == pytest.approx(1, abs=4 * spread / 100) and weights.std() == pytest.approx(spread, rel=0.03)


def test_a_draw_has_the_same_counties_alone_and_among_others():
    terms = stack_terms([APART, replace(APART, county_cost_sd=3_000)])
    many = CountyFunds(COUNTIES, np.zeros((5, 2), dtype=np.int64)).weights(terms, 2013, np.full((5, 2), HEADS))
    first = CountyFunds(COUNTIES, np.zeros((1, 1), dtype=np.int64)).weights(stack_terms(APART), 2013, np.full((1, 1), HEADS))
    assert np.array_equal(many[:1, :1], first) and not np.array_equal(many[0], many[1])


def test_the_memo_changes_nothing_in_the_pooled_ledger():
    memo = ("counties_in_deficit", "top_up_county", "top_up_adjusted", "top_up_city", "adjustment_fund", "value_of_pooling")
    with_, without = (years(replace(APART, adjustment_share=500), counties)[0][-1] for counties in (COUNTIES, None))
    assert all(np.array_equal(amount, without.columns()[name]) for name, amount in with_.columns().items() if name not in memo)


def test_a_fund_without_members_or_without_counties_is_no_trouble():
    empty = flows(members=0)
    assert one(years(APART, spent=empty)[0][-1].top_up_county) == 0
    with pytest.raises(ValueError, match="0 counties, expected one at least"):
        Calendar(2012, (1, 1), counties=Counties(1, 1, 0))
