"""Responses: what a fund does about a broken limit and about a deficit, and what it leaves for the next year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.fund import control
from simulator.fund.calendar import Calendar
from tests.support.fund_years import FARMERS, WORKERS, flows, one, order, run, run_years

RAISING = replace(FARMERS, surplus_response=control.RAISE_FACTOR, annual_limit=1_000, factor_step=500)
YEAR = 300_000_00                # the farmers' revenue


def spending(amount, year=2012, **more):
    """Flows with claims of a whole year in January."""
    return flows(year, claims=[amount] + [0] * 11, **more)


def test_neutral_terms_leave_factor_and_premium_alone():
    ledgers, calendar = run_years(FARMERS, [spending(2 * YEAR, year) for year in (2012, 2013, 2014)])
    assert [one(ledger.factor) for ledger in ledgers] == [10_000] * 3 and one(calendar.factor) == 10_000
    assert all(one(ledger.deficit_top_up) == one(ledger.reserve_used) == one(ledger.premium_step) == 0 for ledger in ledgers)
    assert one(ledgers[-1].accrued_closing) == -3 * YEAR


def test_a_breached_limit_raises_the_next_years_factor_by_a_step():
    ledgers, calendar = run_years(RAISING, [spending(YEAR * 9 // 10 - 1)])
    assert one(ledgers[0].breach_annual) and one(ledgers[0].secondary) == 0
    assert one(ledgers[0].factor) == 10_000 and one(calendar.factor) == 10_500
    assert one(run_years(RAISING, [spending(YEAR * 9 // 10)])[1].factor) == 10_000      # a fen less: the limit is kept


def test_the_factor_stops_at_its_highest_and_returns_by_steps():
    years = [spending(0, 2012), spending(0, 2013), spending(0, 2014), spending(YEAR, 2015), spending(YEAR, 2016)]
    ledgers, calendar = run_years(replace(RAISING, factor_high=10_800), years)
    assert [one(ledger.factor) for ledger in ledgers] == [10_000, 10_500, 10_800, 10_800, 10_300]
    assert one(calendar.factor) == 10_000


def test_a_deficit_lowers_the_factor_to_its_lowest_and_no_further():
    terms = replace(FARMERS, deficit_response=order("factor"), factor_step=700, factor_low=8_800)
    ledgers, calendar = run_years(terms, [spending(YEAR + 1), spending(YEAR, 2013), spending(YEAR - 1, 2014)])
    assert [one(ledger.factor) for ledger in ledgers] == [10_000, 9_300, 8_800]
    assert one(ledgers[-1].accrued_closing) == 0 and one(calendar.factor) == 9_500         # nothing holds it any more


def test_a_balance_of_nothing_is_no_deficit():
    terms = replace(FARMERS, deficit_response=order("factor"), factor_step=700)
    assert one(run_years(terms, [spending(YEAR)])[1].factor) == 10_000
    assert one(run_years(terms, [spending(YEAR + 1)])[1].factor) == 9_300


def test_bounds_stop_a_move_but_start_none():
    factor = control.next_factor(np.full(3, 10_000), np.array([False, True, False]), np.array([False, False, True]),
                                 500, 10_200, 9_900)
    assert factor.tolist() == [10_000] * 3


def test_a_deficit_goes_before_a_surplus():
    assert control.next_factor(np.array([10_000]), np.array([True]), np.array([True]), 500, 0, 20_000).tolist() == [9_500]


def test_the_reserve_meets_a_deficit_as_far_as_it_reaches():
    terms = replace(FARMERS, deficit_response=order("reserve"))
    within, beyond = (run(terms, spending(YEAR + 50_00), reserve=held) for held in (50_01, 49_99))
    assert (one(within.reserve_used), one(within.reserve), one(within.accrued_closing)) == (50_00, 1, 0)
    assert (one(beyond.reserve_used), one(beyond.reserve), one(beyond.accrued_closing)) == (49_99, 0, -1)
    assert one(within.revenue) == YEAR and one(within.surplus) == -50_00              # a transfer, no revenue


def test_the_government_tops_up_at_most_its_share_of_funding_and_hides_no_deficit():
    terms = replace(FARMERS, deficit_response=order("top_up"), top_up_limit=100)
    whole, part = run(terms, spending(YEAR + 3_000_00)), run(terms, spending(YEAR + 3_000_01))
    assert one(whole.deficit_top_up) == one(part.deficit_top_up) == 3_000_00
    assert (one(whole.accrued_closing), one(part.accrued_closing)) == (0, -1)
    assert one(whole.revenue) == YEAR + 3_000_00 and one(whole.surplus) == -3_000_00


def test_next_years_premium_rises_by_what_is_missing():
    terms = replace(FARMERS, deficit_response=order("premium"), premium_step_limit=2_000)
    (first, second, third), calendar = run_years(terms, [spending(YEAR + 6_000_00), spending(YEAR, 2013), spending(YEAR, 2014)])
    assert one(first.premium_step) == 0 and one(second.premium_step) == 1_000            # 6 yuan on 60
    assert one(second.premium) == 66_000_00 and one(second.accrued_closing) == 0
    assert one(third.premium) == 60_000_00 and one(calendar.premium_step) == 0


def test_the_premium_step_is_rounded_up_and_bounded():
    terms = replace(FARMERS, deficit_response=order("premium"), premium_step_limit=1_000)
    steps = [one(run_years(terms, [spending(YEAR + missing)])[1].premium_step)
             for missing in (1, 600, 601, 6_000_00, 6_000_01, 10**12)]
    assert steps == [1, 1, 2, 1_000, 1_000, 1_000]


def test_the_rate_of_a_wages_scheme_rises_by_the_same_factor():
    terms = replace(WORKERS, deficit_response=order("premium"), premium_step_limit=500)
    (first, second), _ = run_years(terms, [spending(10**10), spending(0, 2013)])
    assert one(second.contributions) * 100 == one(first.contributions) * 105
    assert one(second.individual_credit) * 100 == one(first.individual_credit) * 105


def test_responses_take_their_turn_in_the_stated_order():
    terms = replace(FARMERS, top_up_limit=100, premium_step_limit=500, factor_step=300)
    missing = 2_000_00 + 3_000_00 + 3_000_00                # the reserve's, the government's, a rise of 5%

    def response(amount, *names):
        calendar = Calendar(2012, (1, 1), {"reserve": np.int64(2_000_00)})
        ledger = calendar.advance(replace(terms, deficit_response=order(*names)), spending(YEAR + amount))
        return one(ledger.reserve_used), one(ledger.deficit_top_up), one(calendar.premium_step), one(calendar.factor)

    assert response(missing, "reserve", "top_up", "premium", "factor") == (2_000_00, 3_000_00, 500, 10_000)
    assert response(missing + 1, "reserve", "top_up", "premium", "factor") == (2_000_00, 3_000_00, 500, 9_700)
    assert response(2_000_00, "top_up", "reserve", "premium", "factor") == (0, 2_000_00, 0, 10_000)
    assert response(1, "factor", "premium", "reserve") == (0, 0, 1, 9_700)


@pytest.mark.parametrize("response", ["none", "secondary"])
def test_a_response_of_the_run_overrules_what_is_stated(response):
    terms = replace(RAISING, deficit_response=order("reserve", "top_up", "factor"), top_up_limit=10_000,
                    secondary_max_share=10_000)
    poor = run(terms, spending(2 * YEAR), reserve=10_00, response=response)
    assert one(poor.accrued_closing) == -YEAR and one(poor.reserve_used) == one(poor.deficit_top_up) == 0
    rich = run(terms, spending(0, secondary_base=10**12), response=response)
    assert one(rich.secondary) == (YEAR * 9 // 10 if response == "secondary" else 0)


def test_the_threshold_comes_down_by_halves_until_the_excess_is_spent_and_no_further_than_the_least():
    terms = replace(FARMERS, surplus_response=control.SECONDARY, annual_limit=1_000, secondary_max_share=5_000,
                    secondary_threshold=10_000_00, secondary_least=3_000_00)
    excess = YEAR * 9 // 10                                               # of a year without claims: 270,000 yuan

    def refunded(*bases: int):
        above = spending(0, secondary_base=bases[0])
        ledger = run(terms, replace(above, lower_bases=np.array([[bases[1:]]], dtype=np.int64)))
        return one(ledger.secondary), one(ledger.secondary_threshold), one(ledger.rho), one(ledger.at_bounds)

    lower = [540_000_00] * 6
    assert refunded(540_000_00, 600_000_00, *lower) == (excess, 10_000_00, 0.5, False)
    assert refunded(539_999_98, 600_000_00, *lower) == (excess, 5_000_00, 0.45, False)
    assert refunded(1, 2, *lower) == (excess, 3_000_00, 0.5, False)
    assert refunded(1, 2, *[400_000_00] * 6) == (200_000_00, 3_000_00, 0.5, True)
    unknown = run(terms, spending(0, secondary_base=400_000_00))
    assert one(unknown.secondary) == 200_000_00 and one(unknown.secondary_threshold) == 10_000_00


def test_policies_respond_each_in_their_own_way():
    calendar = Calendar(2012, (1, 3))
    policies = [RAISING, replace(FARMERS, deficit_response=order("factor"), factor_step=200), FARMERS]
    claims = np.zeros((1, 3, 12), dtype=np.int64)
    claims[0, 1, 0] = YEAR + 1
    calendar.advance(policies, replace(flows(shape=(1, 3)), pooled_claims=claims))
    assert calendar.factor.tolist() == [[10_500, 9_800, 10_000]]
