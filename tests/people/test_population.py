"""The roster: its counts, its households, its incomes and its years (simulator/people/roster.py)."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import fields
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.parameters.catalogue import AGE_BANDS, GROUPS, HOUSEHOLD_SIZES, QUINTILES, SCHEMES
from simulator.people.apportion import classes_evenly, evenly, largest_remainder
from simulator.people.households import form_households, household_sizes
from simulator.people.incomes import incomes, quintile_of
from simulator.people.roster import FIRST_OTHER_ID, PEOPLE_ID, active_share, build_roster, members, people_id
from simulator.tables import Roster

ROWS, YEARS = 50_000, 10
MANY = [("national", "nrcms", 2012), ("jiangsu", "urbmi", 2012), ("linyi", "uebmi", 2012), ("huantai", "urrbmi", 2013)]


@pytest.fixture(scope="module")
def rosters(regions):
    return {name: build_roster(regions[name], scheme, year, YEARS, ROWS) for name, scheme, year in MANY}


@pytest.fixture(params=[name for name, _, _ in MANY])
def roster(request, rosters):
    return rosters[request.param]


def population(regions, roster, name, year=None):
    return regions[roster.region].value(f"population.{roster.scheme}.{name}", year or roster.start_year).value


def now(roster):
    """Rows present in the start year."""
    return np.flatnonzero(roster.present(roster.start_year))


def exact(total, shares):
    return largest_remainder(total, [int(Decimal(share) * 10**9) for share in shares])


def ages(roster):
    return roster.age(roster.start_year)[now(roster)]


def toy_region(**changes):
    """A region whose parameters never change, so that its roster's bits can be recorded."""
    bands = {band: Decimal(6) for band in AGE_BANDS}
    values = {
        "population.nrcms.age_shares": bands, "population.nrcms.male_share": Decimal("51.3"),
        "population.nrcms.urban_share": Decimal(20), "population.nrcms.student_share": Decimal(45),
        "population.nrcms.household_size": dict(zip(HOUSEHOLD_SIZES, map(Decimal, ("15", "24", "27", "17", "10", "7")),
                                                    strict=True)),
        "population.nrcms.assisted_shares": {**dict.fromkeys(GROUPS, Decimal(0)), "dibao": Decimal("6.6"),
                                             "wubao": Decimal("0.7"), "low_income": Decimal(1),
                                             "disabled": Decimal("0.5"), "elderly": Decimal("0.5")},
        "population.nrcms.mortality": {band: Decimal(2 + at * at) / 2 for at, band in enumerate(AGE_BANDS)},
        "population.nrcms.birth_rate": Decimal(12), "population.nrcms.entrants": Decimal(3),
        "population.nrcms.counties": Decimal(7), "population.nrcms.participants": Decimal(10**6),
        "care.nrcms.risk_shares": [Decimal(70), Decimal(22), Decimal(7), Decimal(1)],
        "income.rural_fifths": dict(zip(QUINTILES, map(Decimal, (2316, 4808, 7041, 10142, 19009)), strict=True)),
        "income.rural_net_income": Decimal(7917), "income.income_growth": Decimal(8),
    } | changes
    published = datetime.date(2012, 1, 1)
    return SimpleNamespace(name="toy", value=lambda path, year: SimpleNamespace(value=values[path], from_=published))


def bits(roster):
    digest = hashlib.sha256()
    for field in fields(Roster):
        value = getattr(roster, field.name)
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()


# --- counts -----------------------------------------------------------------------------------------

def test_every_age_band_has_its_published_share_to_the_row(regions, roster):
    shares = population(regions, roster, "age_shares")
    counted = np.bincount(np.minimum(ages(roster) // 5, 17), minlength=18)
    assert counted.tolist() == exact(ROWS, shares.values()).tolist()


def test_men_towns_and_groups_have_their_published_shares_to_the_row(regions, roster):
    rows = now(roster)
    assert len(rows) == ROWS
    for column, name in ((roster.sex == 0, "male_share"), (roster.urban == 1, "urban_share")):
        assert np.count_nonzero(column[rows]) == int(ROWS * population(regions, roster, name) / 100 + Decimal("0.5"))
    shares = population(regions, roster, "assisted_shares") | {"none": Decimal(0)}
    shares["none"] = 100 - sum(shares.values())
    assert np.bincount(roster.group[rows], minlength=6).tolist() == exact(ROWS, shares.values()).tolist()


def test_men_and_towns_are_spread_over_the_ages_to_a_row(regions, roster):
    rows, band = now(roster), np.minimum(ages(roster) // 5, 17)
    man, town = (float(population(regions, roster, name)) / 100 for name in ("male_share", "urban_share"))
    for each in range(18):
        mine = rows[band == each]
        assert abs(np.count_nonzero(roster.sex[mine] == 0) - man * len(mine)) <= 1
        for sex in (0, 1):
            theirs = mine[roster.sex[mine] == sex]
            assert abs(roster.urban[theirs].sum() - town * len(theirs)) <= 1


def test_students_are_the_published_share_of_those_aged_15_to_24(regions, roster):
    young = now(roster)[(ages(roster) >= 15) & (ages(roster) < 25)]
    share = population(regions, roster, "student_share") if roster.scheme != "uebmi" else Decimal(0)
    assert roster.student[young].sum() == int(len(young) * share / 100 + Decimal("0.5"))


def test_employees_are_adults_and_three_quarters_of_them_active(regions, rosters):
    employees = rosters["linyi"]
    assert ages(employees).min() >= 18
    assert 0.7 < active_share(employees, 2012) < 0.8
    assert active_share(employees, 2021) < active_share(employees, 2012)
    assert active_share(rosters["national"], 2012) == 0
    assert employees.retirement_age == (60, 50)


def test_elderly_aid_and_wubao_start_at_sixty(roster):
    for group in ("elderly", "wubao"):
        assert np.all(ages(roster)[roster.group[now(roster)] == GROUPS.index(group)] >= 60)


def test_wubao_are_rural_where_old_rural_people_are_members_and_else_old_people_of_the_town():
    for town, urban in ((Decimal(20), 0), (Decimal(100), 1)):
        roster = build_roster(toy_region(**{"population.nrcms.urban_share": town}), "nrcms", 2012, 2, 1000)
        wubao = now(roster)[roster.group[now(roster)] == GROUPS.index("wubao")]
        assert len(wubao) == 7 and np.all(roster.urban[wubao] == urban) and roster.age(2012)[wubao].min() >= 60


def test_a_roster_of_employees_with_children_is_refused(regions):
    region = regions["linyi"].with_changes({"population.uebmi.age_shares": {"0-4": "50", "30-34": "50"}}, "children")
    with pytest.raises(ValueError, match="under 15"):
        build_roster(region, "uebmi", 2012, 2, 100)


# --- households -------------------------------------------------------------------------------------

def test_households_stand_in_adjacent_rows(roster):
    step = np.diff(roster.household)
    assert roster.household[0] == 0 and np.all((step == 0) | (step == 1))


def test_a_household_shares_its_place_quintile_income_county_and_sample_mark(roster):
    same = np.diff(roster.household) == 0
    for column in (roster.urban, roster.quintile, roster.income, roster.county, roster.sampled):
        assert np.all(np.diff(column.astype(np.int64))[same] == 0)


def test_households_have_the_published_sizes(regions, roster):
    sizes = np.bincount(np.bincount(roster.household[now(roster)]), minlength=7)[1:]
    shares = np.array([float(share) for share in population(regions, roster, "household_size").values()])
    assert len(sizes) == 6
    assert np.all(np.abs(100 * sizes / sizes.sum() - 100 * shares / shares.sum()) < 0.15)


def test_every_child_lives_with_an_adult_and_nearly_every_one_with_a_parent_20_to_45_years_older(roster):
    home, age = roster.household[now(roster)], ages(roster).astype(int)
    children = np.flatnonzero(age < 18)
    adults = np.bincount(home, weights=age >= 18)
    assert np.all(adults[home[children]] >= 1)
    starts = np.searchsorted(home, np.arange(home[-1] + 2))
    with_parent = sum(bool(np.any((gap >= 20) & (gap <= 45)))
                      for gap in (age[starts[home[c]]:starts[home[c] + 1]] - age[c] for c in children))
    assert with_parent >= 0.99 * len(children)


def test_couples_are_of_near_ages(rosters):
    nrcms = rosters["national"]
    rows, age = now(nrcms), ages(nrcms).astype(int)
    home, adult = nrcms.household[rows], ages(nrcms) >= 18
    two = np.flatnonzero(np.bincount(home, weights=adult) == 2)
    pair = np.flatnonzero(adult & np.isin(home, two)).reshape(-1, 2)
    assert np.mean(nrcms.sex[rows[pair[:, 0]]] != nrcms.sex[rows[pair[:, 1]]]) > 0.95
    assert np.quantile(np.abs(age[pair[:, 0]] - age[pair[:, 1]]), 0.9) <= 6


def test_a_third_adult_is_mostly_a_generation_away(rosters):
    employees = rosters["linyi"]
    home, age = employees.household[now(employees)], ages(employees).astype(int)
    three = age[np.isin(home, np.flatnonzero(np.bincount(home) == 3))].reshape(-1, 3)       # oldest first
    between = np.minimum(three[:, 0] - three[:, 2], 99)
    assert np.mean((between >= 18) & (between <= 48)) > 0.9


def test_some_old_people_live_alone_and_most_do_not(roster):
    home = roster.household[now(roster)]
    alone = np.bincount(home)[home][ages(roster) >= 60] == 1
    assert 0.05 < alone.mean() < 0.3


def test_dibao_and_low_income_are_whole_households_and_wubao_live_alone(roster):
    home, group = roster.household[now(roster)], roster.group[now(roster)]
    size = np.bincount(home)
    for name in ("dibao", "low_income", "wubao"):
        mine = home[group == GROUPS.index(name)]
        assert np.array_equal(np.bincount(mine, minlength=len(size))[np.unique(mine)], size[np.unique(mine)])
        if name == "wubao":
            assert np.all(size[mine] == 1)


def test_household_sizes_add_up_and_never_exceed_the_adults():
    for persons in (1, 2, 7, 100, 1001):
        for adults in (1, 2, 50, 1001):
            sizes = household_sizes(persons, min(adults, persons), [15, 24, 27, 18, 10, 6])
            assert sizes.sum() == persons and sizes.min() >= 1 and len(sizes) <= max(adults, 1)


def test_households_are_formed_even_where_adults_are_few_or_of_one_sex():
    words = np.random.default_rng(1).integers(0, 2**32, (300, 2), dtype=np.uint64)
    for adults, sex in ((1, 0), (30, 0), (100, 1), (300, 1), (0, 0)):
        age = np.concatenate([np.full(adults, 40), np.arange(300 - adults) % 18])
        adult = age >= min(18, age.max())
        sizes = household_sizes(300, int(adult.sum()), [15, 24, 27, 18, 10, 6])
        home = form_households(age, np.full(300, sex), sizes, words)
        assert np.array_equal(np.bincount(home, minlength=len(sizes)), sizes)
        assert np.all(np.bincount(home, weights=adult) >= 1)


# --- incomes ----------------------------------------------------------------------------------------

def published_quintiles(regions, roster, place):
    region, year = regions[roster.region], roster.start_year
    fifths = [float(each) for each in region.value(f"income.{place}_fifths", year).value.values()]
    name = "rural_net_income" if place == "rural" else "urban_disposable_income"
    mean = region.value(f"income.{name}", year)
    growth = float(region.value("income.income_growth", year).value) / 100
    return np.array(fifths) / np.mean(fifths) * float(mean.value) * (1 + growth) ** (year - mean.from_.year)


def test_quintiles_hold_equal_numbers_of_persons(roster):
    counted = np.bincount(roster.quintile[now(roster)], minlength=5)
    assert np.all(np.abs(counted - ROWS / 5) <= 6)


@pytest.mark.parametrize("name", [name for name, scheme, _ in MANY if scheme != "urrbmi"])      # it mixes two places: next test
def test_the_mean_incomes_of_the_quintiles_are_the_published_ones(regions, rosters, name):
    roster = rosters[name]
    rows = now(roster)
    means = [roster.income[rows][roster.quintile[rows] == k].mean() / 100 for k in range(5)]
    expected = published_quintiles(regions, roster, "rural" if roster.scheme == "nrcms" else "urban")
    assert np.allclose(means, expected, rtol=1e-3)
    assert np.allclose(means, expected, rtol=0, atol=0.01)


def test_merged_residents_have_the_incomes_of_their_place(regions, rosters):
    merged = rosters["huantai"]
    rows = now(merged)
    for urban, place in ((0, "rural"), (1, "urban")):
        mine = rows[merged.urban[rows] == urban]
        assert merged.income[mine].mean() / 100 == pytest.approx(published_quintiles(regions, merged, place).mean(), rel=1e-3)
    assert np.all(np.diff([merged.income[rows][merged.quintile[rows] == k].max() for k in range(5)]) > 0)


def test_incomes_rise_from_quintile_to_quintile_and_the_gini_is_that_of_the_country(rosters):
    for name, low, high in (("national", 0.37, 0.40), ("jiangsu", 0.31, 0.35)):
        roster = rosters[name]
        rows = now(roster)
        income, quintile = np.sort(roster.income[rows]), roster.quintile[rows]
        rank = np.arange(1, len(income) + 1)
        gini = 2 * np.sum(rank * income.astype(float)) / (len(income) * income.sum(dtype=float)) - (len(income) + 1) / len(income)
        print(f"{name} {roster.scheme}: Gini of income per head {gini:.4f}")
        assert low < gini < high
        assert all(roster.income[rows][quintile == k].max() <= roster.income[rows][quintile == k + 1].min() for k in range(4))


def test_the_top_quintile_has_a_heavy_tail(roster):
    income = roster.income[now(roster)].astype(float)
    top = income[roster.quintile[now(roster)] == 4]
    above = top[top >= np.quantile(top, 0.9)]
    assert above.mean() / above.min() > 1.4               # a Pareto law with index 3: 1.5; an exponential tail less and less
    assert income.max() > 10 * top.mean()


def test_the_poorest_quintiles_hold_dibao_and_wubao(roster):
    rows = now(roster)
    poor = np.isin(roster.group[rows], (GROUPS.index("dibao"), GROUPS.index("wubao")))
    assert roster.quintile[rows][poor].max() <= (1 if roster.scheme == "urrbmi" else 0)


def test_incomes_keep_the_mean_of_every_quintile_whatever_the_sizes():
    means = [231600, 480800, 704100, 1014200, 1900900]
    for count in (5, 40, 3000):
        persons = np.random.default_rng(count).integers(1, 7, count)
        got, quintile = incomes(persons, means), quintile_of(persons)
        assert np.all(np.diff(got) >= 0)
        for k in np.unique(quintile):
            assert np.average(got[quintile == k], weights=persons[quintile == k]) == pytest.approx(means[k], abs=1)


def test_incomes_of_a_year_without_publication_grow_from_the_last_one(regions):
    near, far = (build_roster(regions["national"], "nrcms", year, 1, 1000) for year in (2015, 2018))
    ratio = 1 + float(regions["national"].value("income.income_growth", 2018).value) / 100
    assert far.income.mean() / near.income.mean() == pytest.approx(ratio**3, rel=1e-3)


# --- risk, sample, counties -------------------------------------------------------------------------

def test_the_mean_risk_multiplier_is_the_same_in_every_cell(regions, roster):
    value = regions[roster.region].value
    shares, multipliers = (np.array([float(each) for each in value(f"care.{roster.scheme}.{name}", roster.start_year).value])
                           for name in ("risk_shares", "risk_multipliers"))
    multipliers = multipliers / np.average(multipliers, weights=shares)
    rows = now(roster)
    risk = multipliers[roster.risk[rows]]
    assert risk.mean() == pytest.approx(1, abs=1e-3)
    cell = 2 * np.minimum(ages(roster) // 5, 17) + roster.sex[rows]
    for each in np.unique(cell):
        mine = cell == each
        assert abs(risk[mine].sum() - mine.sum()) <= 2.5 * multipliers.max()      # two or three rows of the highest class
    assert risk[roster.sampled[rows]].mean() == pytest.approx(1, abs=5e-3)


def test_the_mean_risk_multiplier_stays_one_as_people_come_and_go(regions, roster):
    path = f"care.{roster.scheme}.risk_shares"
    shares = np.array([float(each) for each in regions[roster.region].value(path, roster.start_year).value])
    for year in range(roster.start_year, roster.start_year + YEARS):
        counted = np.bincount(roster.risk[roster.present(year)], minlength=len(shares)) / members(roster, year)
        assert np.allclose(counted, shares / shares.sum(), atol=0.003)


def test_the_sample_holds_an_eighth_of_the_persons_in_every_quintile_and_in_every_year(roster):
    rows = now(roster)
    assert roster.sampled[rows].mean() == pytest.approx(1 / 8, rel=0.01)
    for quintile in range(5):
        assert roster.sampled[rows][roster.quintile[rows] == quintile].mean() == pytest.approx(1 / 8, rel=0.02)
    assert roster.sampled[rows][ages(roster) >= 60].mean() == pytest.approx(1 / 8, rel=0.05)
    for year in range(roster.start_year, roster.start_year + YEARS):
        assert roster.sampled[roster.present(year)].mean() == pytest.approx(1 / 8, rel=0.015)


def test_a_share_of_one_samples_everyone_and_a_small_roster_at_least_one(regions):
    assert build_roster(regions["linyi"], "nrcms", 2012, 2, 500, outpatient_share=(1, 1)).sampled.all()
    assert build_roster(regions["linyi"], "nrcms", 2012, 2, 3).sampled.any()


def test_the_outpatient_share_changes_nothing_but_the_sample_mark():
    eighth, half = (build_roster(toy_region(), "nrcms", 2012, YEARS, 1000, outpatient_share=share) for share in ((1, 8), (1, 2)))
    assert not np.array_equal(eighth.sampled, half.sampled)
    for field in fields(Roster):
        if field.name != "sampled":
            assert np.array_equal(getattr(eighth, field.name), getattr(half, field.name)), field.name


def test_counties_have_equal_shares(regions, roster):
    counted = np.bincount(roster.county[now(roster)], minlength=roster.counties)
    assert len(counted) == roster.counties == int(population(regions, roster, "counties"))
    assert counted.max() - counted.min() <= 12


# --- years ------------------------------------------------------------------------------------------

def test_ages_advance_by_a_year_each_year(roster):
    assert np.all(roster.age(roster.start_year + 3) - roster.age(roster.start_year) == 3)


def test_deaths_are_as_published_within_one_percent(regions, roster):
    died = expected = 0
    for year in range(roster.start_year, roster.start_year + YEARS):
        present = roster.present(year)
        rates = np.array([float(rate) for rate in population(regions, roster, "mortality", year).values()]) / 1000
        due = rates[np.minimum(roster.age(year)[present] // 5, 17)].sum()
        gone = np.count_nonzero(roster.exit == year + 1)
        assert gone == pytest.approx(due, rel=0.01, abs=1.5)
        died, expected = died + gone, expected + due
        assert abs(died - expected) <= 1.5                # fractions of a death are carried on, so years do not add up errors


def test_newcomers_are_as_published_and_join_households_that_are_there(regions, roster):
    for year in range(roster.start_year + 1, roster.start_year + YEARS):
        new = np.flatnonzero(roster.entry == year)
        before = np.count_nonzero((roster.entry < year) & (roster.exit > year))
        rate = sum(float(population(regions, roster, name, year)) for name in ("birth_rate", "entrants")) / 1000
        assert abs(len(new) - rate * before) <= 2
        age = roster.age(year)[new]
        assert np.all((age == 0) | (age >= 20) & (age <= 29))
        if roster.scheme == "uebmi":
            assert age.min() >= 20
        there = np.unique(roster.household[(roster.entry < year) & (roster.exit > year)])
        assert np.all(np.isin(roster.household[new], there))


def test_newborns_have_a_woman_of_20_to_40_in_the_household(rosters):
    nrcms = rosters["national"]
    for year in (2013, 2021):
        new = nrcms.household[nrcms.birth_year == year]
        age = nrcms.age(year)
        mothers = nrcms.household[nrcms.present(year) & (nrcms.sex == 1) & (age >= 20) & (age <= 40)]
        assert len(new) and np.all(np.isin(new, mothers))


def test_newcomers_take_on_the_group_of_a_poor_household_but_no_personal_group(rosters):
    nrcms = rosters["national"]
    new = nrcms.entry > 2012
    assert set(np.unique(nrcms.group[new])) <= {GROUPS.index(name) for name in ("none", "dibao", "low_income")}
    assert np.mean(nrcms.group[new] == GROUPS.index("dibao")) == pytest.approx(0.066, abs=0.02)


def test_a_longer_horizon_changes_nothing_in_the_earlier_years():
    short, long = (build_roster(toy_region(), "nrcms", 2012, years, 1000) for years in (4, 9))
    kept = long.entry < 2016
    assert short.rows == np.count_nonzero(kept)
    for column in ("household", "birth_year", "sex", "risk", "group", "income", "entry"):
        assert np.array_equal(getattr(short, column), getattr(long, column)[kept]), column
    assert np.array_equal(np.minimum(short.exit, 2016), np.minimum(long.exit[kept], 2016))


def test_those_of_the_start_year_were_members_since_birth(roster):
    rows = now(roster)
    assert np.array_equal(roster.entry[rows], roster.birth_year[rows])
    assert roster.exit.min() > roster.start_year
    assert members(roster, roster.start_year) == ROWS


# --- the same bits ----------------------------------------------------------------------------------

def test_two_builds_have_identical_bits():
    one, two = (build_roster(toy_region(), "nrcms", 2012, YEARS, 2000) for _ in range(2))
    assert bits(one) == bits(two)


def test_the_bits_of_a_roster_are_the_recorded_ones_on_every_machine():
    roster = build_roster(toy_region(), "nrcms", 2012, YEARS, 2000)
    assert bits(roster) == "5b8b21d10631c6a6813099e9d2055fd932e2bde10271d046999a8d30dea940fc"


def test_people_of_two_regions_two_schemes_and_two_seeds_differ():
    one = build_roster(toy_region(), "nrcms", 2012, 2, 1000)
    other_region = build_roster(SimpleNamespace(name="elsewhere", value=toy_region().value), "nrcms", 2012, 2, 1000)
    other_seed = build_roster(toy_region(), "nrcms", 2012, 2, 1000, seed=1)
    assert one.people_id != other_region.people_id
    assert not np.array_equal(one.county, other_region.county)
    assert one.people_id == other_seed.people_id and not np.array_equal(one.county, other_seed.county)


def test_people_numbers_are_fixed_and_no_two_are_equal():
    known = [people_id(region, scheme) for region in PEOPLE_ID for scheme in SCHEMES]
    assert known == list(range(1, 25))
    assert people_id("linyi", "nrcms") == 15
    assert people_id("toy", "nrcms") == people_id("toy", "nrcms") >= FIRST_OTHER_ID
    assert people_id("toy", "nrcms") != people_id("toy", "urbmi")


def test_a_scenario_reads_through_its_own_reader(regions):
    seen = []

    def read(path, year):
        seen.append(path)
        return regions["linyi"].value(path, year)

    build_roster(regions["linyi"], "nrcms", 2012, 2, 10, read=read)
    assert {"population.nrcms.mortality", "income.rural_fifths", "care.nrcms.risk_shares"} <= set(seen)


# --- small rosters and the sharing-out --------------------------------------------------------------

@pytest.mark.parametrize("rows", [1, 2, 3, 10, 37, 100])
@pytest.mark.parametrize("region, scheme, year", MANY)
def test_small_rosters_are_whole(regions, region, scheme, year, rows):
    roster = build_roster(regions[region], scheme, year, YEARS, rows)
    assert members(roster, year) == rows
    assert np.all(np.isin(np.diff(roster.household), (0, 1)))
    home, adult = roster.household[now(roster)], ages(roster) >= 18
    assert not adult.any() or np.all(np.bincount(home, weights=adult) >= 1)
    assert roster.income.min() > 0 and roster.sampled.any()


def test_one_person_is_an_adult_alone_with_a_middling_income(regions):
    roster = build_roster(regions["national"], "nrcms", 2012, 1, 1)
    assert roster.rows == 1 and ages(roster)[0] >= 18 and roster.quintile[0] == 2
    assert roster.income[0] / 100 == pytest.approx(published_quintiles(regions, roster, "rural")[2], abs=0.01)


@pytest.mark.parametrize("rows, years, share", [(0, 1, (1, 8)), (10, 0, (1, 8)), (10, 1, (0, 8)), (10, 1, (9, 8))])
def test_a_roster_of_nobody_no_years_or_no_sample_is_refused(rows, years, share):
    with pytest.raises(ValueError, match="must be"):
        build_roster(toy_region(), "nrcms", 2012, years, rows, outpatient_share=share)


def test_everyone_may_die():
    deadly = toy_region(**{"population.nrcms.mortality": {band: Decimal(1000) for band in AGE_BANDS}})
    roster = build_roster(deadly, "nrcms", 2012, 3, 50)
    assert members(roster, 2012) == 50 and members(roster, 2013) == 0 and roster.rows == 50


def test_largest_remainders_get_the_last_rows():
    assert largest_remainder(10, [1, 1, 1]).tolist() == [4, 3, 3]
    assert largest_remainder(7, [50, 30, 20]).tolist() == [4, 2, 1]
    with pytest.raises(ValueError, match="more than 0"):
        largest_remainder(3, [0, 0])


def test_even_spreading_gives_every_run_its_share_to_a_row():
    marks = evenly(1000, 513, 1000)
    assert marks.sum() == 513
    runs = np.cumsum(np.concatenate([[0], marks]))
    for length in (1, 10, 137):
        assert np.all(np.abs(runs[length:] - runs[:-length] - 0.513 * length) < 1)


def test_classes_spread_evenly_have_their_exact_counts():
    classes = classes_evenly(1000, [70, 22, 7, 1])
    assert np.bincount(classes).tolist() == [700, 220, 70, 10]
    assert all(np.count_nonzero(classes[start:start + 100] == 0) in range(68, 73) for start in range(0, 1000, 100))
