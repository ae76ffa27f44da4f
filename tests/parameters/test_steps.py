"""Changes with dates: what holds from which day on, and how amounts that grow go on from there."""

import datetime
from decimal import Decimal

import pytest

from simulator.answers.questions import questions_of
from simulator.care.severity import mean_bill
from simulator.fund.terms import fund_terms
from simulator.parameters.days import first_year_of
from simulator.parameters.errors import InputError
from simulator.parameters.plans import series_value
from simulator.parameters.steps import GROWS, Step, growth_path, steps_of
from simulator.parameters.values import quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, check

COUNTY = "inpatient.nrcms.deductible.county"
SUBSIDY = "funding.nrcms.subsidy"


def county(region, at) -> list[str]:
    return [str(number) for number in region.value("inpatient.nrcms.deductible", at).value["county"]]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_a_dated_value_holds_from_its_day_and_leaves_what_was_before(regions):
    linyi = regions["linyi"]
    changed = linyi.with_changes({COUNTY: {"from": "2014-01-01", "value": ["0"]}}, "a test", 2012)
    assert [county(changed, year) for year in (2012, 2013)] == [county(linyi, year) for year in (2012, 2013)]
    assert county(changed, 2014) == county(changed, 2020) == ["0"]
    assert county(changed, day("2013-12-31")) == county(linyi, 2013) and county(changed, day("2014-01-01")) == ["0"]


def test_steps_change_what_the_steps_before_them_have_made(regions):
    changed = regions["linyi"].with_changes({"inpatient.nrcms.annual_cap": [
        {"value": "100000"}, {"from": "2014-01-01", "times": "1.1"}, {"from": "2016-01-01", "plus": "-10000"},
        {"from": "2017-01-01", "value": "90000"}]}, "a test", 2012)
    assert [int(changed.value("inpatient.nrcms.annual_cap", year).value) for year in range(2012, 2019)] == [
        100000, 100000, 110000, 110000, 100000, 90000, 90000]


def test_what_is_moved_from_a_day_keeps_its_own_later_dates(regions):
    plain = regions["jiangsu"]
    own = plain.series(SUBSIDY)
    later = max(own)
    changed = plain.with_changes({SUBSIDY: {"from": f"{later - 1}-01-01", "plus": "7"}}, "a test", 2012)
    assert changed.value(SUBSIDY, later).value == own[later].value + 7
    assert changed.value(SUBSIDY, later - 2).value == plain.value(SUBSIDY, later - 2).value


@pytest.mark.parametrize("first", [2012, 2021])
def test_an_amount_that_grows_holds_as_stated_in_the_first_year_and_grows_from_there(regions, first):
    changed = regions["linyi"].with_changes({SUBSIDY: "300"}, "a test", first)
    growth = 1 + changed.value("funding.nrcms.funding_growth", first + 1).value / 100
    assert [fund_terms(changed, "nrcms", first + after, first).subsidy for after in (0, 1)] == [
        30000, int((30000 * growth).to_integral_value())]


def test_an_amount_that_grows_is_moved_from_a_day_on_as_it_has_grown_by_then(regions):
    """Linyi's subsidy grows after its last date; ten per cent more from 2020 on is ten per cent more in every year from then."""
    plain = regions["linyi"]
    changed = plain.with_changes({SUBSIDY: {"from": "2020-01-01", "times": "1.1"}}, "a test", 2012)
    for year in range(2012, 2024):
        before, after = (fund_terms(region, "nrcms", year, 2012).subsidy for region in (plain, changed))
        assert after == before if year < 2020 else abs(after - before * 1.1) < 2, year
    more = plain.with_changes({SUBSIDY: {"plus": "50"}}, "a test", 2021)
    assert abs(fund_terms(more, "nrcms", 2021, 2021).subsidy - fund_terms(plain, "nrcms", 2021, 2021).subsidy - 5000) < 2


def test_a_growth_rate_and_what_grows_by_it_are_changed_together(regions):
    changed = regions["linyi"].with_changes({"funding.nrcms.funding_growth": "0", SUBSIDY: {"from": "2020-01-01", "plus": "1"}},
                                            "a test", 2012)
    flat = regions["linyi"].with_changes({"funding.nrcms.funding_growth": "0"}, "a test", 2012)
    assert changed.value(SUBSIDY, 2020).value == flat.value(SUBSIDY, 2020).value + 1


def test_every_parameter_that_grows_does_so_by_a_rate_of_the_catalogue():
    for name in GROWS:
        topic, own = name.split(".")
        path = {"income": name, "illness": f"illness.esrd.{own}"}.get(topic, f"{topic}.nrcms.{own}")
        rate = growth_path(quantity_at(path)[0])
        assert rate is not None and quantity_at(rate)[1].unit == "%/year"


def test_a_rate_of_growth_moves_the_years_from_its_day_on_and_none_before(regions):
    plain, scheme = regions["linyi"], "nrcms"
    slow = plain.with_changes({"care.nrcms.bill_growth": {"from": "2015-01-01", "value": "0"}}, "a test", 2012)
    before, after = ([mean_bill(region.value, scheme, year) for year in range(2012, 2018)] for region in (plain, slow))
    assert after[:3] == before[:3] and after[3:] == [before[2]] * 3
    flat = plain.with_changes({"income.income_growth": {"from": "2020-01-01", "value": "0"}}, "a test", 2012)
    path = "income.rural_net_income"
    assert [series_value(flat.value, path, year) for year in (2019, 2025)] == [series_value(plain.value, path, 2019)] * 2


BAD = {
    "two verbs": ({"from": "2014-01-01", "value": "1", "times": "2"}, "not a step"),
    "no verb": ({"from": "2014-01-01", "valeu": "1"}, "did you mean 'value'"),
    "no day": ({"from": "2014", "value": "1"}, "a day such as 2014-01-01"),
    "a day that is none": ({"from": "2014-02-30", "value": "1"}, "'2014-02-30'"),
    "dates that fall": ([{"from": "2015-01-01", "value": "1"}, {"from": "2014-01-01", "value": "2"}], "do not rise"),
    "a step without a date behind another": ([{"from": "2015-01-01", "value": "1"}, {"times": "2"}], "do not rise"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_step_is_refused(what):
    data, words = BAD[what]
    with pytest.raises(InputError, match=words):
        steps_of(data, SUBSIDY)


def test_days_may_be_days_of_python():
    assert steps_of({"from": datetime.date(2014, 1, 1), "value": 300}, SUBSIDY) == [Step(day("2014-01-01"), "value", "300")]


def asked(changes: dict, **more) -> Scenario:
    return Scenario("a", ("linyi",), 2012, ("nrcms",), 3, policies=(Policy(BASELINE), Policy("p", changes)), **more)


def test_a_year_that_is_never_reached_and_a_day_within_one_are_refused_in_a_simulation(regions):
    check(asked({COUNTY: {"from": "2014-01-01", "value": ["0"]}}), regions)
    with pytest.raises(InputError, match="does nothing here.*it begins in 2015, and the run ends with 2014"):
        check(asked({COUNTY: {"from": "2015-01-01", "value": ["0"]}}), regions)
    with pytest.raises(InputError, match="does nothing here.*it begins in 2015, and the run ends with 2014"):
        check(asked({"care.nrcms.bill_growth": {"from": "2015-01-01", "plus": 1}}), regions)
    for day in ("2013-07-01", "2014-12-01"):
        check(asked({COUNTY: {"from": day, "value": ["0"]}}), regions)
    with pytest.raises(InputError, match="begins within a year: '2013-07-01'; expected '2013-01-01' or '2014-01-01'"):
        check(asked({SUBSIDY: {"from": "2013-07-01", "value": "300"}}), regions)
    with pytest.raises(InputError, match="begins within a month: '2013-12-07'; expected '2013-12-01' or '2014-01-01'"):
        check(asked({COUNTY: {"from": "2013-12-07", "value": ["0"]}}), regions)


def test_a_change_that_states_what_holds_until_the_run_ends_is_allowed_although_the_region_moves_later(regions):
    growth = {year: regions["linyi"].value("care.nrcms.bill_growth", year).value for year in (2012, 2014, 2015)}
    assert growth[2012] == growth[2014] != growth[2015]
    check(asked({"care.nrcms.bill_growth": str(growth[2012])}), regions)


def test_spellings_of_one_question_have_one_name(regions):
    same = [{SUBSIDY: "300"}, {SUBSIDY: 300}, {SUBSIDY: {"value": "300.0"}}, {SUBSIDY: {"from": "2012-01-01", "value": "300"}},
            {SUBSIDY: [{"from": "2012-01-01", "value": Decimal(300)}]},
            {SUBSIDY: [{"value": "290"}, {"from": "2013-01-01", "value": "1"}, {"from": "2014-01-01", "value": "2"}]}]
    names = [questions_of([asked(changes)], regions)[1].name for changes in same]
    assert len(set(names[:5])) == 1 and names[5] != names[0]
    later = questions_of([asked({SUBSIDY: {"from": "2013-01-01", "value": "300"}})], regions)[1].name
    assert later not in names
    months = [questions_of([asked({COUNTY: {"from": f"2013-{month}-01", "value": ["0"]}})], regions)[1].name
              for month in ("01", "02", "07", "11")]
    assert len(set(months)) == 4


def test_a_year_has_the_rules_of_its_first_of_july(regions):
    assert [first_year_of(day(text)) for text in ("2014-01-01", "2014-07-01", "2014-07-02", "2014-12-31")] == [
        2014, 2014, 2015, 2015]
    changed = regions["linyi"].with_changes({COUNTY: {"from": "2012-07-01", "value": ["0"]}}, "a test")
    assert county(changed, 2012) == ["0"] and county(changed, day("2012-06-30")) != ["0"]
    late = regions["linyi"].with_changes({COUNTY: {"from": "2012-07-02", "value": ["0"]}}, "a test")
    assert county(late, 2012) != ["0"] and county(late, 2013) == ["0"]
    assert late.on(day("2012-08-01")).value("inpatient.nrcms.deductible", 2012).value["county"] == [0]
