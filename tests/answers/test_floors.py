"""Operating values held against the floors and targets of the planning documents (simulator/answers/floors.py)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from simulator.answers.floors import (
    MET,
    NO_PARAMETER,
    NOT_APPLICABLE,
    NOT_MET,
    RECORDED,
    STRICTER,
    VERDICTS,
    Verdict,
    check_floors,
    counts,
    rows,
    solved_levels,
)
from simulator.engine.level import Level
from simulator.parameters.catalogue import ILLNESSES
from simulator.parameters.regions import load_regions

TOY = Path(__file__).parents[1] / "toy_country"
SHIPPED = [("national", 2011), ("national", 2012), ("jiangsu", 2012), ("shandong", 2012), ("linyi", 2012), ("zibo", 2013),
           ("huantai", 2013)]
JIANGSU, NATIONAL = "江苏省2012年度医改主要工作安排", "国办发〔2012〕20号"


@pytest.fixture(scope="module")
def jiangsu(regions):
    return regions["jiangsu"]


def level(scheme: str, reached: float, target: str = "70", status: str = "statistic", source: str = "a bulletin") -> Level:
    return Level("jiangsu", scheme, 2012, Decimal("0.9"), Decimal(target), status, source, reached, 60.0)


def judged(region, path: str, year: int = 2012, levels=None, **changes) -> dict[str, Verdict]:
    """The verdicts on one statement, by the region that states it, under changes written with __ for a dot."""
    if changes:
        region = region.with_changes({key.replace("__", "."): value for key, value in changes.items()}, "a test")
    return {v.floor_region: v for v in check_floors(region, year, levels or {}) if v.path == f"law.{path}"}


def words(found: dict[str, Verdict]) -> dict[str, str]:
    return {region: verdict.verdict for region, verdict in found.items()}


# --- the shipped regions --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "year"), SHIPPED)
def test_each_floor_of_the_shipped_regions_is_met_or_the_note_says_why_not(regions, name, year):
    verdicts = check_floors(regions[name], year)
    assert len(verdicts) == len(regions[name].statements(year))
    short = {v.name: v for v in verdicts if v.verdict == NOT_MET}
    merged = name in ("zibo", "huantai")
    assert set(short) == ({"listed_illnesses_full", "listed_illnesses_pilot"} if merged else
                          {"annual_cap_multiple_of_local_wage"} if name == "linyi" else set())
    assert all("are not carried over" in v.note and v.floor_region == "national" for v in short.values() if merged)
    assert all(v.clause and v.quote and v.unit for v in verdicts)
    solved = [v for v in verdicts if v.name == "inpatient_in_scope_ratio" and v.verdict != NOT_APPLICABLE]
    assert solved and all(v.verdict == MET and "by construction: solved to" in v.note for v in solved)


def test_levels_are_solved_only_for_schemes_that_have_people(regions):
    assert list(solved_levels(regions["linyi"], 2012, ["urrbmi", "urbmi", "urbmi"])) == ["urbmi"]


# --- floors accumulate ----------------------------------------------------------------------------


def test_six_times_local_income_of_the_national_plan_binds_beside_jiangsus_100000(jiangsu):
    multiple = judged(jiangsu, "urbmi.annual_cap_multiple_of_local_urban_income")["national"]
    assert (multiple.floor, multiple.unit, multiple.verdict) == (Decimal(158046), "CNY/person/year", MET)
    assert "6 x 26341" in multiple.note
    least = judged(jiangsu, "urbmi.annual_cap_minimum")
    assert words(least) == {"national": STRICTER, "jiangsu": STRICTER}
    assert f"binding: national ≥ 158046 CNY/person/year ({NATIONAL} 二(一)2(2))" in least["jiangsu"].note


def test_a_cap_of_90000_in_jiangsu_fails_the_province_and_the_multiple_but_not_the_nations_60000(jiangsu):
    change = {"inpatient__urbmi__annual_cap": "90000"}
    least = judged(jiangsu, "urbmi.annual_cap_minimum", **change)
    assert words(least) == {"national": STRICTER, "jiangsu": NOT_MET}
    assert least["jiangsu"].clause == f"{JIANGSU} 二(一)3" and least["jiangsu"].value == 90000
    assert least["jiangsu"].note.startswith("90000 is below 100000: jiangsu, assumption: scenario: a test")
    assert words(judged(jiangsu, "urbmi.annual_cap_multiple_of_local_urban_income", **change)) == {"national": NOT_MET}


def test_an_annual_limit_of_12_percent_fails_jiangsus_clause_and_keeps_to_the_nations(jiangsu):
    change = {"control__nrcms__annual_limit": "12"}
    assert words(judged(jiangsu, "nrcms.annual_surplus_rate", **change)) == {"jiangsu": NOT_MET}
    assert words(judged(jiangsu, "nrcms.annual_surplus_rate_of_pooled_fund", year=2011, **change)) == {"national": MET}
    assert judged(jiangsu, "nrcms.annual_surplus_rate_of_pooled_fund", **change) == {}                  # it ended with 2011


def test_the_tolerance_counts_with_the_annual_limit(jiangsu):
    found = judged(jiangsu, "urbmi.annual_surplus_rate", control__urbmi__annual_tolerance="1")["jiangsu"]
    assert (found.value, found.verdict) == (Decimal(11), NOT_MET)


# --- the rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reached", "verdict"), [(70.0, MET), (69.6, MET), (69.4, NOT_MET), (81.0, MET)])
def test_an_in_scope_ratio_within_half_a_point_counts_as_reached(jiangsu, reached, verdict):
    found = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", levels={"urbmi": level("urbmi", reached)})
    assert found["jiangsu"].verdict == verdict


def test_a_schedule_solved_to_a_published_outcome_under_the_floor_says_so(jiangsu):
    found = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", levels={"urbmi": level("urbmi", 64.0, "64")})
    assert words(found) == {"national": NOT_MET, "jiangsu": NOT_MET}
    assert "64 is below 70 by more than 0.5: the level is solved to 64% (statistic: a bulletin)" in found["jiangsu"].note


def test_a_target_out_of_reach_is_told_apart_from_one_that_is_low(jiangsu):
    found = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", levels={"urbmi": level("urbmi", 66.0, "70")})["jiangsu"]
    assert found.verdict == NOT_MET and "no k brings the schedule to its target of 70%" in found.note


@pytest.mark.parametrize(("top_up", "verdict"), [("0", MET), ("-6", MET), ("-7", NOT_MET), ("50", MET)])
def test_about_300_yuan_is_reached_from_294_yuan(regions, top_up, verdict):
    found = judged(regions["national"], "nrcms.total_funding_per_head", funding__nrcms__local_top_up=top_up)["national"]
    assert (found.rule, found.value, found.verdict) == ("about", 300 + Decimal(top_up), verdict)


@pytest.mark.parametrize(("subsidy", "verdict"), [("240", MET), ("260", MET), ("230", NOT_MET)])
def test_a_subsidy_of_exactly_240_is_kept_by_a_region_that_gives_more(regions, subsidy, verdict):
    found = judged(regions["national"], "urbmi.government_subsidy_per_head", funding__urbmi__subsidy=subsidy)["national"]
    assert (found.rule, found.verdict) == ("exactly", verdict)
    assert ("the clause asks to reach it" in found.note) == (subsidy == "260")


def test_an_abolished_deductible_of_assistance_may_not_come_back(jiangsu):
    assert words(judged(jiangsu, "assistance.ma_deductible")) == {"national": MET}
    assert words(judged(jiangsu, "assistance.ma_deductible", assistance__deductible="300")) == {"national": NOT_MET}


@pytest.mark.parametrize(("waived", "deductible", "verdict"), [(True, "300", MET), (False, "0", MET), (False, "300", NOT_MET)])
def test_major_illness_has_no_assistance_deductible_where_there_is_none_at_all(jiangsu, waived, deductible, verdict):
    found = judged(jiangsu, "assistance.ma_listed_waives_deductible",
                   assistance__listed_waives_deductible=waived, assistance__deductible=deductible)
    assert words(found) == {"jiangsu": verdict}


def test_the_least_assisted_group_is_held_against_the_ratio_of_assistance(jiangsu):
    found = judged(jiangsu, "assistance.ma_ratio_of_self_pay", assistance__inpatient_ratio__disabled="45")
    assert words(found) == {"national": NOT_MET, "jiangsu": NOT_MET}
    assert found["jiangsu"].value == 45 and "disabled" in found["jiangsu"].note
    assert words(judged(jiangsu, "assistance.ma_ratio_of_self_pay", assistance__inpatient_ratio__elderly="0"))["jiangsu"] == MET


@pytest.mark.parametrize(("changed", "full", "pilot"), [
    ({}, MET, MET), ({"cml": "none"}, MET, NOT_MET), ({"esrd": "pilot"}, NOT_MET, MET),
    (dict.fromkeys(ILLNESSES, "full"), MET, MET)])
def test_eight_illnesses_are_covered_everywhere_and_twelve_at_least_in_a_pilot(jiangsu, changed, full, pilot):
    member = {f"listed__nrcms__membership__{name}": word for name, word in changed.items()}
    assert judged(jiangsu, "nrcms.listed_illnesses_full", **member)["jiangsu"].verdict == full
    assert judged(jiangsu, "nrcms.listed_illnesses_pilot", **member)["jiangsu"].verdict == pilot


def test_a_cumulative_limit_on_another_base_is_not_held_against_the_clause(jiangsu):
    found = judged(jiangsu, "nrcms.cumulative_surplus_share_of_pooled_fund", year=2011, control__nrcms__cumulative_limit="20",
                   control__nrcms__cumulative_base="share_of_funding")["national"]
    assert (found.verdict, found.value) == (NOT_APPLICABLE, None)
    assert "20 on another base, share_of_funding" in found.note and "20% of the pooled fund" in found.note
    own = judged(jiangsu, "nrcms.cumulative_surplus_share_of_funding")["jiangsu"]
    assert (own.verdict, own.note) == (MET, "")      # the other base is no rival


def test_a_region_without_a_cumulative_limit_does_not_keep_to_one(jiangsu):
    found = judged(jiangsu, "urbmi.cumulative_surplus_months", control__urbmi__cumulative_base="none")["jiangsu"]
    assert (found.verdict, found.value) == (NOT_MET, None) and "no cumulative limit is in force" in found.note


def test_a_cumulative_limit_of_five_months_breaks_jiangsus_four(jiangsu):
    assert words(judged(jiangsu, "urbmi.cumulative_surplus_months", control__urbmi__cumulative_limit="5")) == {"jiangsu": NOT_MET}


# --- what is not tested ---------------------------------------------------------------------------


def test_a_direction_is_recorded_and_a_number_without_a_parameter_is_said_to_have_none(jiangsu):
    assert words(judged(jiangsu, "nrcms.yearly_change_of_individual_premium")) == {"national": RECORDED, "jiangsu": RECORDED}
    assert words(judged(jiangsu, "nrcms.case_payment_area_share")) == {"jiangsu": NO_PARAMETER}
    assert words(judged(jiangsu, "general.drug_markup_primary")) == {"national": NO_PARAMETER}


def test_balance_each_year_is_a_principle_shown_with_the_funds_limit(jiangsu):
    found = judged(jiangsu, "nrcms.annual_surplus_balance")["national"]
    assert found.verdict == RECORDED and "annual limit is 10%" in found.note


# --- merged schemes -------------------------------------------------------------------------------


def test_the_merged_scheme_answers_for_the_two_before_it_unless_it_has_its_own_clause(regions):
    zibo = regions["zibo"]
    subsidy = judged(zibo, "nrcms.government_subsidy_per_head", 2013)["national"]
    assert (subsidy.scheme, subsidy.value, subsidy.verdict) == ("urrbmi", 280, STRICTER)
    assert "stated for nrcms, which is merged into urrbmi" in subsidy.note
    ratio = judged(zibo, "nrcms.inpatient_in_scope_ratio", 2013, {"urrbmi": level("urrbmi", 70.0)})["national"]
    assert ratio.verdict == NOT_APPLICABLE and "zibo says ≥ 70 % of the merged scheme" in ratio.note


def test_a_clause_set_aside_by_the_merged_schemes_own_does_not_bind_it(regions):
    own = judged(regions["zibo"], "urrbmi.inpatient_in_scope_ratio", 2013, {"urrbmi": level("urrbmi", 70.0)})["zibo"]
    assert own.verdict == MET


def test_before_the_merger_each_residents_scheme_answers_for_itself(regions):
    assert judged(regions["zibo"], "nrcms.government_subsidy_per_head", 2012)["national"].scheme == "nrcms"


# --- the toy country ------------------------------------------------------------------------------


def test_a_cap_cut_under_the_provinces_floor_fails_the_provinces_clause_only():
    province = load_regions(TOY)["province"]
    assert words(judged(province, "nrcms.annual_cap_minimum")) == {"national": STRICTER, "province": MET}
    cut = judged(province, "nrcms.annual_cap_minimum", inpatient__nrcms__annual_cap="70000")
    assert words(cut) == {"national": STRICTER, "province": NOT_MET}
    assert (cut["province"].clause, cut["province"].quote) == ("《省计划》 (一)2", "提高到8万元")


def test_a_cap_that_no_text_states_is_set_at_the_largest_floor_and_says_so():
    found = judged(load_regions(TOY)["national"], "nrcms.annual_cap_minimum", 2011)["national"]
    assert (found.floor, found.value, found.verdict) == (50000, 50000, MET) and "set at the largest floor" in found.note


# --- printing -------------------------------------------------------------------------------------


def test_rows_print_the_statement_and_the_verdict_in_both_languages(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    english, chinese = rows(verdicts), rows(verdicts, "zh")
    at = next(i for i, v in enumerate(verdicts) if v.path == "law.urbmi.annual_cap_multiple_of_local_urban_income")
    assert english[at] | {"note": ""} == {
        "region": "jiangsu", "scheme": "urbmi", "statement": "Annual cap as a multiple of local disposable income per head",
        "floor": "≥ 158046", "unit": "CNY/person/year", "value": "158046", "verdict": "met", "clause": f"{NATIONAL} 二(一)2(2)",
        "note": ""}
    assert chinese[at]["statement"].startswith("最高支付限额为当地居民") and chinese[at]["verdict"] == "达到"


def test_verdicts_stand_by_scheme_then_by_statement_with_the_root_first(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    schemes = list(dict.fromkeys(v.scheme for v in verdicts))
    assert schemes == ["uebmi", "urbmi", "nrcms", "assistance", "general"]
    assert [v.floor_region for v in verdicts if v.path == "law.nrcms.annual_cap_minimum"] == ["national", "jiangsu"]


def test_counts_name_every_verdict_and_add_up(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    assert list(counts(verdicts)) == list(VERDICTS) and sum(counts(verdicts).values()) == len(verdicts)
