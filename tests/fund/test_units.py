"""Pooling units: how members and claims are divided among them, funds that merge, and the adjustment fund."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from simulator.fund.calendar import Calendar
from simulator.fund.columns import FINE_ONE, Columns, shares_up_to
from simulator.fund.terms import stack_terms
from simulator.fund.unit_terms import UnitTerms, unit_terms
from simulator.fund.units import COST_ONE, Counties, Scheme, Units, counties_of, relative, shares_by_means
from simulator.fund.whole import of_policies
from simulator.money import ONE
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario, check
from tests.support.fund_years import FARMERS, flows, one, random_flows, random_terms

SCHEME = Scheme(seed=7, people_id=3, counties=12, persons=1_000_000)
ALIKE = UnitTerms()
COUNTY, CITY, PROVINCE = (replace(FARMERS, pooling_level=level, cities=4, county_cost_sd=1_500, county_shock_sd=500)
                          for level in range(3))


def spread_over(columns: Columns, year, members, claims):
    return replace(year, **{name: columns.divide(value, members if name == "members" else claims)
                            for name, value in vars(year).items() if isinstance(value, np.ndarray) and value.ndim > 1})


def years_of(terms, scheme=SCHEME, count=3, spent=25_00, own=ALIKE):
    """The ledgers of policies and of units of some years in which every head claims `spent` fen a month."""
    units, found, calendar, before = Units(scheme), [], None, None
    for y in range(2012, 2012 + count):
        stated = [replace(one, year=y) for one in terms(y)]
        year = units.year(stated, [own] * len(stated), y, 1)
        flow = flows(y, claims=spent * scheme.persons, members=scheme.persons, shape=(1, len(stated)))
        flow = spread_over(year.columns, flow, year.members, year.claims)
        if calendar is None:
            calendar = Calendar(2012, (1, year.columns.count), columns=year.columns)
        elif year.columns.count != calendar.columns.count:
            calendar.merge(year.columns, year.merged_from(before))
        before = year
        ledger = calendar.advance(year.terms(stack_terms(stated)), flow)
        found.append((of_policies(ledger, year.columns, flow.secondary_base), ledger))
    return found


def test_amounts_are_divided_to_the_fen_whatever_their_size_and_sign():
    random, columns = np.random.default_rng(1), Columns.of([3, 1, 5])
    up_to = np.concatenate([shares_up_to(random.integers(1, 2**40, (4, n)), np.arange(1, n + 1)) for n in (3, 1, 5)], axis=1)
    assert (up_to[:, [2, 3, 8]] == FINE_ONE).all()
    for high in (3, 10**6, 10**17):
        amount = random.integers(-high, high, (4, 3, 12))
        divided = columns.divide(amount, up_to)
        assert divided.shape == (4, 9, 12) and np.array_equal(columns.total(divided), amount)
    exact = amount[0, 0, 0] * (up_to[0, 0] / FINE_ONE)
    assert divided[0, 0, 0] == pytest.approx(exact, rel=1e-9)


def test_a_policy_with_one_unit_has_the_whole_to_the_bit():
    columns, amount = Columns.of([1, 1]), np.arange(6).reshape(3, 2)
    assert columns.divide(amount, np.ones((1, 2), dtype=np.int64)) is amount is columns.total(amount) is columns.spread(amount)
    assert columns.mean(amount, amount) is amount


def test_shares_drop_low_digits_alike_and_a_city_has_what_its_counties_have():
    random = np.random.default_rng(2)
    weights = random.integers(0, 2**45, (5, 12))
    counties, cities = shares_up_to(weights, np.arange(1, 13)), shares_up_to(weights, np.array([3, 6, 12]))
    assert np.array_equal(cities, counties[:, [2, 5, 11]]) and (np.diff(counties) >= 0).all()


def test_a_mean_by_members_is_half_up_and_a_share_is_of_members():
    columns = Columns.of([2, 2])
    heads, value = np.array([[1, 1, 0, 0]]), np.array([[10_000, 9_999, 3, 4]])
    assert columns.mean(value, heads).tolist() == [[10_000, 4]]            # 9,999.5; without members, units alike: 3.5
    assert columns.share(np.array([[True, False, False, True]]), np.array([[3, 1, 5, 15]])).tolist() == [[0.75, 0.75]]


def test_counties_make_up_cities_of_neighbours_and_one_province():
    assert counties_of(COUNTY, ALIKE, SCHEME).ends == tuple(range(1, 13))
    assert counties_of(CITY, ALIKE, SCHEME).ends == (3, 6, 9, 12)
    assert counties_of(PROVINCE, ALIKE, SCHEME).ends == (12,)
    assert counties_of(replace(CITY, cities=50), ALIKE, SCHEME).ends == tuple(range(1, 13))
    many = replace(SCHEME, counties=2_678)
    assert len(counties_of(COUNTY, ALIKE, many).ends) == 200
    assert len(counties_of(replace(CITY, cities=340), ALIKE, many).ends) == 25
    with pytest.raises(ValueError, match="0 counties, expected one at least"):
        Units(replace(SCHEME, counties=0))


def test_units_add_up_to_the_region_to_the_fen_on_random_years():
    random = np.random.default_rng(5)
    columns = Columns.of([12, 1, 3])
    ends = [np.arange(1, n + 1) for n in (12, 1, 3)]
    members = np.concatenate([shares_up_to(random.integers(1, 99, (1, len(end))), end) for end in ends], axis=1)
    calendar = Calendar(2012, (20, 16), {"pooled": random.integers(-10**10, 10**11, (20, 16))}, columns=columns)
    wholes, ledgers = [], []
    for year in range(2012, 2018):
        terms = stack_terms([random_terms(year, "nrcms", random) for _ in range(3)])
        claims = np.concatenate([shares_up_to(random.integers(1, 99, (20, len(end))), end) for end in ends], axis=1)
        whole = random_flows(year, "nrcms", (20, 3), random)
        ledger = calendar.advance(columns.spread_terms(terms), spread_over(columns, whole, members, claims))
        ledgers.append(ledger)
        wholes.append(of_policies(ledger, columns, columns.divide(whole.secondary_base, claims)))
        assert np.array_equal(wholes[-1].claims_incurred, whole.pooled_claims.sum(axis=2))
        assert (wholes[-1].adjustment_closing >= 0).all() and not wholes[-1].adjustment_paid[:, 1].any()
    for before, after in (*itertools.pairwise(ledgers), *itertools.pairwise(wholes)):
        after.follow(before)


def test_the_wider_the_pool_the_less_is_needed():
    for whole, units in years_of(lambda year: [COUNTY, CITY, PROVINCE]):
        county, city, province = whole.needed_top_up[0]
        assert county > city > province == 0
        assert 0.2 < whole.exhausted[0, 0] <= 1 and whole.exhausted[0, 2] == 0
        assert len(set(whole.claims_incurred[0].tolist())) == 1 and units.heads.shape == (1, 17)


def test_units_that_merge_bring_their_money_with_them():
    levels = {2012: COUNTY, 2013: CITY, 2014: CITY, 2015: PROVINCE}
    found = years_of(lambda year: [levels[year], COUNTY], count=4)
    for (before, _), (after, _) in itertools.pairwise(found):
        after.follow(before)
    assert [units.heads.shape[1] for _, units in found] == [24, 16, 16, 13]
    always = years_of(lambda year: [COUNTY, COUNTY], count=4)
    assert all(np.array_equal(a.accrued_closing, b.accrued_closing) for (a, _), (b, _) in zip(found, always, strict=True))
    assert found[3][0].needed_top_up[0, 0] == 0 < always[3][0].needed_top_up[0, 0]
    assert found[3][0].exhausted[0, 0] == 0                      # the fund of the whole province is a new one


def test_claims_and_subsidies_on_their_way_reach_the_merged_fund():
    slow = replace(COUNTY, claim_lag=2, subsidy_lags=(6, 6, 6), deficit_response=(3, -1, -1, -1), factor_step=500)
    found = years_of(lambda year: [slow if year < 2014 else replace(slow, pooling_level=2)])
    last, units = found[-1]
    last.follow(found[-2][0])
    assert one(last.receivable) > 0 and one(last.payable) > 0
    heads, factor = found[-2][1].heads, found[-2][1].factor
    calendar_factor = (2 * (factor * heads).sum() + heads.sum()) // (2 * heads.sum())
    assert abs(one(units.factor) - calendar_factor) <= 500 and one(units.factor) <= ONE


def test_a_policy_whose_units_stay_keeps_their_pressure_where_another_s_merge():
    calendar = Calendar(2012, (1, 3), columns=Columns.of([2, 1]))
    calendar.advance([COUNTY] * 3, flows(shape=(1, 3)))
    calendar.pressure = np.array([[[25, 30], [40, 70], [37, 1]]])
    calendar.merge(Columns.of([1, 1]), np.array([0, 2]))
    assert calendar.pressure.tolist() == [[[50, 50], [37, 1]]]              # the mean, in steps of half a percent; its own


def test_a_unit_cannot_be_split_again():
    units = Units(SCHEME)
    low, high = (units.year([terms], [ALIKE], 2012, 1) for terms in (COUNTY, CITY))
    assert high.merged_from(low).tolist() == [0, 3, 6, 9]
    with pytest.raises(ValueError, match="0"):
        low.merged_from(high)


def test_the_adjustment_fund_meets_deficits_and_carries_the_rest():
    small, large = (years_of(lambda year, share=share: [COUNTY, replace(COUNTY, adjustment_share=share)], spent=spent)[-1][0]
                    for share, spent in ((100, 25_00), (2_000, 22_00)))
    assert 0 < small.needed_top_up[0, 1] < small.needed_top_up[0, 0] and 0 <= small.adjustment_closing[0, 1] < 12
    assert large.needed_top_up[0, 1] == 0 < large.adjustment_closing[0, 1]
    assert np.array_equal(small.accrued_closing[:, 0], small.accrued_closing[:, 1] + small.adjustment_closing[:, 1])


def test_what_is_left_of_an_adjustment_fund_goes_to_the_fund_that_its_units_become():
    paying = replace(COUNTY, adjustment_share=2_000)
    found = years_of(lambda year: [paying if year < 2014 else replace(paying, pooling_level=2)], spent=20_00)
    assert one(found[1][0].adjustment_closing) > 0 == one(found[2][0].adjustment_closing)
    assert one(found[2][0].adjustment_received) == one(found[1][0].adjustment_closing)


def test_dear_counties_stay_dear():
    units = Units(replace(SCHEME, persons=10**12))
    steady, shaken = (counties_of(terms, ALIKE, units.scheme) for terms in (replace(COUNTY, county_shock_sd=0), COUNTY))
    assert np.abs(units.weights(steady, 2012, 1) - units.weights(steady, 2013, 1)).max() <= 2
    then, now = (np.ravel(units.weights(shaken, year, 1)) for year in (2012, 2013))
    assert not np.array_equal(then, now) and np.corrcoef(then, now)[0, 1] > 0.5


@pytest.mark.parametrize(("cost", "shock", "persons", "spread"), [
    (1_500, 0, 10**14, 0.15), (0, 500, 10**14, 0.05), (0, 0, 50_000, 0.035)])       # chance of 50,000 people each
def test_multipliers_have_mean_one_and_the_stated_spread(cost, shock, persons, spread):
    units = Units(Scheme(1, 2, 200, 200 * persons))
    counties = Counties((1,) * 200, (200,), (persons,) * 200, (0,) * 200, cost, shock, (), (), ())
    weights = units.weights(counties, 2012, 50) / COST_ONE
    assert weights.mean() == pytest.approx(1, abs=4 * spread / 100) and weights.std() == pytest.approx(spread, rel=0.03)


def test_a_draw_has_the_same_counties_alone_and_among_others():
    counties = counties_of(COUNTY, ALIKE, SCHEME)
    many, third = Units(SCHEME).weights(counties, 2013, 5), Units(replace(SCHEME, draws=(2,))).weights(counties, 2013, 1)
    assert np.array_equal(many[2:3], third) and not np.array_equal(many[0], many[1])


def test_a_fund_without_members_is_no_trouble():
    whole, units = years_of(lambda year: [COUNTY], replace(SCHEME, persons=0))[-1]
    assert one(whole.needed_top_up) == 0 and not units.heads.any() and one(whole.exhausted) == 0


# --- what is stated of counties

THREE = Scheme(1, 2, 3, 1_000)


def test_stated_members_cities_and_costs_make_the_units():
    stated = UnitTerms(members=(500_000, 300_000, 200_000), city_counties=(1, 2), costs=(12_000, 0, 8_000))
    city = counties_of(replace(CITY, cities=2), stated, THREE)
    assert city.ends == (1, 3) and city.persons == (500, 300, 200)
    steady = replace(COUNTY, county_cost_sd=0, county_shock_sd=0)
    many = replace(THREE, persons=10**14)
    weights = Units(many).weights(counties_of(steady, stated, many), 2012, 2)
    assert weights[1] / COST_ONE / np.array([500_000, 300_000, 200_000]) == pytest.approx(np.array([1.2, 1, 0.8]), abs=2e-4)
    whole, units = years_of(lambda year: [replace(steady, year=year)], replace(THREE, persons=10**6), 1, own=stated)[0]
    assert units.heads.tolist() == [[500_000, 300_000, 200_000]] and one(whole.heads) == 10**6


def test_a_level_relative_to_the_mean_is_that_of_a_units_members():
    assert relative((), (1, 1), (1, 2)) == ()
    assert relative((50, 150), (1, 1), (1, 2)) == (5_000, 15_000) and relative((50, 150), (3, 1), (1, 2)) == (6_667, 20_000)
    assert relative((50, 150, 100), (1, 1, 2), (2, 3)) == (10_000, 10_000)


def test_poor_counties_pay_less_of_the_subsidy_and_others_more():
    assert shares_by_means(np.array([[2_000, 3_000, 5_000]] * 3), np.array([5_000, 10_000, 30_000])).tolist() == [
        [3_000, 4_500, 2_500], [2_000, 3_000, 5_000], [0, 0, 10_000]]
    assert shares_by_means(np.array([[0, 0, 10_000]]), np.array([5_000])).tolist() == [[0, 0, 10_000]]
    stated = UnitTerms(means=(5_000, 10_000, 15_000))
    split = replace(COUNTY, subsidy_shares=(2_000, 3_000, 5_000))
    whole, units = years_of(lambda year: [replace(split, year=year)], replace(THREE, persons=999_999), 1, own=stated)[0]
    county = units.subsidy_county[0] / units.subsidy[0]
    assert county == pytest.approx([0.25, 0.5, 0.75]) and len(set(units.subsidy[0])) == 1
    assert one(whole.subsidy_county) / one(whole.subsidy) == pytest.approx(0.5)


def test_wages_differ_among_units_and_their_mean_is_the_region_s():
    stated = UnitTerms(members=(500_000, 300_000, 200_000), wages=(12_000, 9_000, 6_500))
    terms = replace(COUNTY, scheme="uebmi", premium=0, subsidy=0, contribution_rate=800, contribution_base_ratio=10_000,
                    average_wage=40_000_00)
    whole, units = years_of(lambda year: [replace(terms, year=year)], replace(THREE, persons=10**6), 1, own=stated)[0]
    assert (units.contributions / units.heads)[0] == pytest.approx(0.7 * 0.08 * 40_000_00 * np.array([1.2, 0.9, 0.65]))
    assert one(whole.contributions) == pytest.approx(0.7 * 0.08 * 40_000_00 * 10**6, rel=1e-9)


def test_stated_opening_balances_move_no_fen_of_a_policy_that_states_none():
    year = Units(THREE).year([COUNTY, COUNTY], [ALIKE, UnitTerms(openings=(3, 1, 0))], 2012, 1)
    balance = np.array([[10**12 + 1, 5, 7, 10**12 + 1, 5, 7]])
    assert year.opened(balance).tolist() == [[10**12 + 1, 5, 7, 750_000_000_010, 250_000_000_003, 0]]


def test_a_list_counts_where_it_is_stated_as_near_as_the_number_of_counties():
    regions = load_regions()
    assert sum(unit_terms(regions["linyi"], "nrcms", 2012, 2012).members) == 1_000_000
    assert len(unit_terms(regions["jiangsu"], "nrcms", 2012, 2012).means) == 100
    assert unit_terms(regions["nanjing"], "nrcms", 2012, 2012) == unit_terms(regions["national"], "urbmi", 2012, 2012) == ALIKE
    changed = regions["nanjing"].with_changes({"pooling.nrcms.unit_members": ["40", *["5"] * 12]}, "test", 2012)
    assert unit_terms(changed, "nrcms", 2012, 2012).members[:2] == (400_000, 50_000)
    asked = Scenario("a", ("nanjing",), schemes=("nrcms",), horizon=1,
                     changes={"pooling.nrcms.unit_members": ["40", *["5"] * 12]})
    check(asked, regions)                                    # one-digit shares of a unit that has four digits behind the point


@pytest.mark.parametrize(("name", "value", "said"), [
    ("unit_members", ["50", "50"], "a list of other length than the region has counties: '2 numbers'; expected 12"),
    ("unit_members", ["20", *["7"] * 11], "the shares sum to '97'; expected a sum of 100"),
    ("unit_members", ["0", "12", *["8.8"] * 10], "a county without members: '0 at place 1'; expected a share above 0"),
    ("city_counties", ["6", "6"], "a list of other length than the region has cities: '2 numbers'; expected 1"),
    ("city_counties", ["11"], "the cities' counties are not those of the region: '11 in all'; expected 12"),
    ("unit_openings", ["0"] * 12, "no county has an opening balance"),
    ("unit_costs", ["100"] * 13, "a list of other length than the region has counties: '13 numbers'; expected 12"),
    ("level", "village", "village")])
def test_units_that_are_not_the_region_s_are_refused(name, value, said):
    with pytest.raises(InputError, match=re.escape(said)):
        load_regions()["linyi"].with_changes({f"pooling.nrcms.{name}": value}, "test", 2012)
