"""Rules that were found for a place stand as they were published, from their day, and settle a bill to the fen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from simulator import explain
from simulator.engine.simulate import simulate
from simulator.money import UNLIMITED
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario


@pytest.fixture(scope="module")
def regions():
    return load_regions()


def paid(bill: int, payer: str = "basic", **asked) -> Decimal:
    """What a payer pays of a bill wholly in scope, in yuan, by the schedule as it is written."""
    steps = explain(bill=bill, in_scope=100, level=1, **asked).steps
    return Decimal(sum(step.amount for step in steps if step.payer and step.name == payer)) / 100


def test_the_employees_of_linyi_have_the_schedule_of_march_2014(regions):
    linyi = regions["linyi"]
    read = {name: linyi.value(f"inpatient.uebmi.{name}", 2014) for name in ("deductible", "ratio", "band_tops", "annual_cap")}
    assert {value.from_.isoformat() for value in read.values()} == {"2014-03-07"}
    assert {value.status for value in read.values()} == {"statistic"}
    assert read["deductible"].value == {"township": [300, 100], "county": [400, 150], "city": [600, 200], "outside": [600, 200]}
    assert read["ratio"].value["city"] == [80, 85, 90] and read["ratio"].value["township"] == [90, 85, 90]
    assert read["band_tops"].value == [30_000, 100_000] and read["annual_cap"].value == 180_000
    assert linyi.value("inpatient.uebmi.annual_cap", 2013).value == 120_000
    assert linyi.value("inpatient.uebmi.ratio", 2013).status == "estimate"
    assert linyi.value("outpatient.uebmi.chronic_deductible", 2014).value == 600
    assert linyi.value("supplement.uebmi.ratio", 2014).value == 90


def test_bills_of_linyi_s_employees_come_out_as_the_notice_reckons_them():
    april = {"region": "linyi", "year": 2014, "scheme": "uebmi", "tier": "city", "member": "active"}
    assert paid(20_000, **april) == Decimal("15520.00")                                             # (20,000 - 600) x 80%
    assert paid(20_000, admissions=1, **april) == Decimal("15840.00")                               # (20,000 - 200) x 80%
    assert paid(50_000, **april) == 29_400 * Decimal("0.8") + 20_000 * Decimal("0.85")
    assert paid(200_000, **april) == 29_400 * Decimal("0.8") + 70_000 * Decimal("0.85") + 80_000 * Decimal("0.9")
    assert paid(200_000, "supplement", **april) == 18_000                 # 90% of what is above 180,000
    assert paid(600_000, "supplement", **april) == 288_000                 # up to 500,000 yuan of expense


def test_the_state_s_280_yuan_hold_for_everybody_in_2013(regions):
    for name, region in regions.items():
        for scheme in ("nrcms", "urbmi"):
            own = (name, scheme) == ("nanjing", "urbmi")             # which gives its elderly more
            assert region.value(f"funding.{scheme}.subsidy", 2013).value == (300 if own else 280), name
            assert region.value(f"funding.{scheme}.subsidy", 2012).value == 240, name
    assert regions["jiangsu"].value("funding.urbmi.subsidy", 2010).value == 134


def test_the_province_passes_seventy_percent_of_the_subsidy_on_to_linyi(regions):
    shares = regions["linyi"].value("funding.nrcms.subsidy_shares", 2012).value
    assert shares["central"] + shares["provincial"] == 70 and shares["county"] == 30


def test_shandong_s_critical_illness_insurance_is_for_twenty_illnesses_in_2013_and_for_all_from_10_000_yuan_in_2014(regions):
    linyi = regions["linyi"]
    terms = ("listed_only", "threshold", "tops", "ratio", "cap", "premium")
    assert [linyi.value(f"cii.nrcms.{name}", 2013).value for name in terms] == [True, 0, [8_000], [17, 73], 200_000, 15]
    assert linyi.value("cii.urbmi.in_force", 2013).value is False
    for scheme in ("nrcms", "urbmi"):
        assert [linyi.value(f"cii.{scheme}.{name}", 2014).value for name in ("in_force", *terms)] \
            == [True, False, 10_000, [100_000], [50, 60], 200_000, 32]


def test_jiangsu_s_critical_illness_insurance_holds_in_the_whole_province_from_2014(regions):
    jiangsu = regions["jiangsu"]
    assert [jiangsu.value("cii.nrcms.in_force", year).value for year in (2013, 2014)] == [False, True]
    assert jiangsu.value("cii.urbmi.premium", 2014).value == 15


def test_markups_end_in_the_county_that_linyi_s_plan_names(regions):
    assert regions["linyi"].value("conduct.nrcms.zero_markup_share", 2012).value["county"] == Decimal("8.3")
    assert not any(regions["jiangsu"].value("conduct.nrcms.zero_markup_share", 2012).value.values())


def test_linyi_s_rural_scheme_is_estimated_by_dezhou_with_heze_and_jiaonan_as_alternatives(regions):
    ratio = regions["linyi"].value("inpatient.nrcms.ratio", 2012)
    assert ratio.status == "estimate" and "Dezhou" in ratio.source
    assert ratio.value == {"township": [80], "county": [65], "city": [50], "outside": [50]}
    assert {other.name: (other.value["township"], other.weight) for other in ratio.alternatives} \
        == {"heze": ([70], 25), "jiaonan": ([85], 25)}
    assert regions["linyi"].value("inpatient.urbmi.ratio", 2012).value["city"] == [55]


def test_outpatients_of_the_rural_schemes_get_half_up_to_a_small_limit_and_terms_for_chronic_illnesses(regions):
    for name in ("national", "jiangsu", "shandong", "linyi"):
        read = {term: regions[name].value(f"outpatient.nrcms.{term}", 2012) for term in ("ratio", "year_limit", "chronic_list")}
        assert read["ratio"].value["township"] == 50 and 60 <= read["year_limit"].value <= 200, name
        assert read["chronic_list"].value is True
        assert {value.status for value in read.values()} == {"estimate"}


CITIES = {"nanjing": "jiangsu", "yancheng": "jiangsu", "heze": "shandong", "dezhou": "shandong"}


@pytest.mark.parametrize("name", CITIES)
def test_the_cities_found_have_heads_and_incomes_of_their_own_and_run(regions, name):
    city, parent = regions[name], regions[CITIES[name]]
    assert regions.parents[name] == CITIES[name] and set(city.names) == {"en", "zh"}
    for path in (*(f"population.{scheme}.participants" for scheme in ("uebmi", "urbmi", "nrcms")), "income.rural_net_income"):
        assert city.value(path, 2012).region == name and city.value(path, 2012).value != parent.value(path, 2012).value
    asked = Scenario("a test", (name,), year=2012, schemes=("nrcms",), horizon=1, draws=1, people=200)
    assert simulate(asked, regions, threads=1).schemes[0].region == name


def test_bills_of_the_cities_found_come_out_by_their_own_schedules():
    assert paid(20_000, region="nanjing", year=2012, scheme="uebmi", tier="city", member="active") == 17_190      # 19,100 x 90%
    assert paid(20_000, region="dezhou", year=2011, scheme="nrcms", tier="county", member="adult") == Decimal("12805.00")
    yancheng = {"region": "yancheng", "year": 2012, "scheme": "urbmi", "tier": "county", "member": "adult"}
    assert paid(20_300, **yancheng) == 5_000 * Decimal("0.65") + 5_000 * Decimal("0.7") + 10_000 * Decimal("0.75")
    heze = {"region": "heze", "year": 2011, "scheme": "nrcms", "tier": "city", "member": "adult"}
    assert paid(20_000, **heze) == Decimal("9750.00") and paid(1_000, **heze) == Decimal("350.00")     # 35% of the bill at least


def test_jiangsu_s_threshold_is_half_of_what_townspeople_earn_for_villagers_too_and_nothing_caps_its_insurance(regions):
    jiangsu = regions["jiangsu"]
    urban = jiangsu.value("income.urban_disposable_income", 2013).value
    for scheme in ("nrcms", "urbmi"):
        plan = region_plan(jiangsu, scheme, 2014)
        assert plan.cii_threshold == urban * 100 / 2 and plan.cii_cap == UNLIMITED
    rural = regions["national"].value("income.rural_net_income", 2013).value
    assert region_plan(regions["national"], "nrcms", 2014).cii_threshold == rural * 100
