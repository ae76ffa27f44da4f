"""Operating values held against the floors and targets of the planning documents (simulator/answers/floors.py)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.answers.floors import (
    COPIED,
    MET,
    NO_PARAMETER,
    NOT_APPLICABLE,
    NOT_MET,
    RECORDED,
    STRICTER,
    VERDICTS,
    Verdict,
    check_floors,
    count_tests,
    counts,
    rows,
)
from simulator.answers.ratios import Ratios, ratios_of
from simulator.engine.level import OUTCOME, UNKNOWN, Level
from simulator.parameters.catalogue import ILLNESSES
from simulator.parameters.regions import Region, load_regions
from simulator.parameters.values import Entry, Layer

TOY = Path(__file__).parents[1] / "toy_country"
SHIPPED = [("national", 2011), ("national", 2012), ("jiangsu", 2012), ("shandong", 2012), ("linyi", 2012), ("zibo", 2013),
           ("huantai", 2013)]
JIANGSU, NATIONAL = "江苏省2012年度医改主要工作安排", "国办发〔2012〕20号"

# what the documents ask of hospitals and care without a number: the shipped values leave it to scenarios
LEFT_TO_SCENARIOS = {
    "immediate_settlement_out_of_area", "yearly_change_of_service_prices", "yearly_change_of_equipment_test_prices",
    "yearly_change_of_in_county_share", "yearly_change_of_out_of_county_transfers", "beds_per_1000_limit",
    "drug_markup_pilot_county_hospitals", "public_hospital_income_channels", "pilot_areas_county_hospital_reform",
    "childhood_illnesses_pilot", "listed_eligible_coverage", "treatment_before_payment"}


@pytest.fixture(scope="module")
def jiangsu(regions):
    return regions["jiangsu"]


def ratios(in_scope: str, actual: str = "50", basis: str = OUTCOME) -> Ratios:
    """Simulated ratios at a level solved to a published 64%, or not known."""
    known = Level("jiangsu", "urbmi", 2012, Decimal(1), basis, "assumption", "ours", "national")
    if basis == OUTCOME:
        known = Level("jiangsu", "urbmi", 2012, Decimal("0.9"), basis, "statistic", "a bulletin", "national", Decimal(64),
                      None, 2012, 64.0, 60.0)
    return Ratios(known, Decimal(in_scope), Decimal(actual))


def judged(region, path: str, year: int = 2012, simulated=None, **changes) -> dict[str, Verdict]:
    """The verdicts on one statement, by the region that states it, under changes written with __ for a dot."""
    if changes:
        region = region.with_changes({key.replace("__", "."): value for key, value in changes.items()}, "a test")
    return {v.floor_region: v for v in check_floors(region, year, simulated or {}) if v.path == f"law.{path}"}


def stating(region: Region, path: str, unit: str, values: dict[int, object]) -> Region:
    """The region with values of its own from 1 January of the years."""
    entries = tuple(Entry(path, unit, datetime.date(year, 1, 1), data, "statistic", "a test") for year, data in values.items())
    layers = region.layers
    return Region(region.name, region.names, (Layer(region.name, {**layers[0].entries, path: entries}), *layers[1:]))


def words(found: dict[str, Verdict]) -> dict[str, str]:
    return {region: verdict.verdict for region, verdict in found.items()}


# --- the shipped regions --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "year"), SHIPPED)
def test_each_floor_of_the_shipped_regions_is_met_or_the_note_says_why_not(regions, name, year):
    verdicts = check_floors(regions[name], year, {})
    assert len(verdicts) == len(regions[name].statements(year))
    short = {v.name for v in verdicts if v.verdict == NOT_MET and v.ground == "value"} - LEFT_TO_SCENARIOS
    assert short == ({"annual_cap_multiple_of_local_wage"} if name == "linyi" else set())
    assert all(v.clause and v.quote and v.unit for v in verdicts)


def test_ten_verdicts_at_least_rest_on_simulated_outcomes_and_can_fail(regions):
    found = [verdict for name, year in SHIPPED for verdict in check_floors(regions[name], year)]
    simulated = [v for v in found if v.ground == "simulated"]
    assert len(simulated) >= 10 and {v.verdict for v in simulated} <= {MET, NOT_MET, STRICTER}
    assert NOT_MET in {v.verdict for v in simulated} and all("simulated" in v.note for v in simulated)
    assert count_tests(found)[1] == len(simulated)


def test_ratios_are_simulated_only_for_schemes_that_have_people_and_a_schedule(regions):
    found = ratios_of(regions["linyi"], [("urrbmi", 2012), ("urbmi", 2012), ("urbmi", 2012)])
    assert found["urrbmi", 2012] is None and len(found) == 2
    known = found["urbmi", 2012]
    assert known is not None and known.level.scheme == "urbmi" and 0 < known.gap == known.in_scope - known.actual
# --- floors accumulate ----------------------------------------------------------------------------


def test_six_times_local_income_of_the_national_plan_binds_beside_jiangsus_100000(jiangsu):
    multiple = judged(jiangsu, "urbmi.annual_cap_multiple_of_local_urban_income")["national"]
    assert (multiple.floor, multiple.unit, multiple.verdict) == (Decimal(158046), "CNY/person/year", COPIED)
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


@pytest.mark.parametrize(("reached", "verdict"), [("70", MET), ("69.6", MET), ("69.4", NOT_MET), ("81", MET)])
def test_an_in_scope_ratio_within_half_a_point_counts_as_reached(jiangsu, reached, verdict):
    found = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", simulated={("urbmi", 2012): ratios(reached)})["jiangsu"]
    assert (found.verdict, found.value, found.ground) == (verdict, Decimal(reached), "simulated")


def test_a_verdict_on_an_outcome_says_what_the_level_rests_on(jiangsu):
    found = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", simulated={("urbmi", 2012): ratios("64")})
    assert words(found) == {"national": NOT_MET, "jiangsu": NOT_MET}
    assert "64 is below 70 by more than 0.5: simulated, k = 0.9" in found["jiangsu"].note
    assert "solved to the 64% that were paid in 2012 (statistic" in found["jiangsu"].note
    unknown = judged(jiangsu, "urbmi.inpatient_in_scope_ratio", simulated={("urbmi", 2012): ratios("64", basis=UNKNOWN)})
    assert "k is not known and taken as 1" in unknown["jiangsu"].note


def test_a_scheme_without_people_has_no_ratio_to_hold_against_the_clause(jiangsu):
    assert words(judged(jiangsu, "urbmi.inpatient_in_scope_ratio")) == {"national": NO_PARAMETER, "jiangsu": NO_PARAMETER}


# --- copies and directions ------------------------------------------------------------------------


def test_a_value_copied_from_the_clause_is_no_test_and_another_value_is_one(jiangsu):
    found = judged(jiangsu, "nrcms.annual_surplus_rate")["jiangsu"]
    assert (found.verdict, found.ground) == (COPIED, "copy") and "no test" in found.note
    tighter = judged(jiangsu, "nrcms.annual_surplus_rate", control__nrcms__annual_limit="8")["jiangsu"]
    assert (tighter.verdict, tighter.ground) == (MET, "value")
    assert judged(jiangsu, "nrcms.annual_surplus_rate", control__nrcms__annual_limit="12")["jiangsu"].verdict == NOT_MET


def test_copies_are_not_counted_as_tests(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    number = counts(verdicts)
    assert count_tests(verdicts) == (number[MET] + number[STRICTER] + number[NOT_MET], 0) and number[COPIED] > 0


@pytest.mark.parametrize(("now", "before", "verdict"), [("61", "60", MET), ("60", "60", NOT_MET), ("55", "60", NOT_MET)])
def test_a_direction_is_held_against_the_value_of_the_year_before(jiangsu, now, before, verdict):
    place = stating(jiangsu, "funding.nrcms.premium", "CNY/person/year", {2011: before, 2012: now})
    found = judged(place, "nrcms.yearly_change_of_individual_premium")
    assert words(found)["jiangsu"] == verdict and found["jiangsu"].ground == "before"
    assert found["jiangsu"].value == Decimal(now) - Decimal(before)


def test_a_direction_is_not_followed_where_one_part_goes_back(jiangsu):
    moved = {year: {"township": one, "county": two, "city": "0", "outside": "0"}
             for year, one, two in ((2011, "40", "20"), (2012, "50", "15"))}
    place = stating(jiangsu, "outpatient.nrcms.ratio", "%", moved)
    found = next(v for v in check_floors(place, 2012, {}) if v.path == "law.nrcms.yearly_change_of_outpatient_pooling_ratio")
    assert (found.verdict, found.value) == (NOT_MET, -5)


def test_the_gap_between_the_ratios_is_simulated_in_both_years(jiangsu):
    both = {("nrcms", 2011): ratios("60", "45"), ("nrcms", 2012): ratios("64", "50")}
    path = "nrcms.yearly_change_of_gap_between_in_scope_and_actual_ratio"
    found = judged(jiangsu, path, simulated=both)["national"]
    assert (found.verdict, found.value, found.ground) == (MET, -1, "simulated")
    wider = judged(jiangsu, path, simulated=both | {("nrcms", 2012): ratios("66", "50")})["national"]
    assert (wider.verdict, wider.value) == (NOT_MET, 1)


def test_the_tilt_to_primary_care_is_the_least_of_all_schemes_ratios_as_they_are_paid(jiangsu):
    known = {("nrcms", year): ratios("64", basis=UNKNOWN) for year in (2011, 2012)}
    even = {f"inpatient__nrcms__ratio__{tier}": ["70"] for tier in ("township", "county")}
    assert judged(jiangsu, "general.primary_ratio_advantage", simulated=known)["national"].verdict == MET
    level = judged(jiangsu, "general.primary_ratio_advantage", simulated=known, **even)["national"]
    assert (level.verdict, level.value) == (NOT_MET, 0)
    raised = judged(jiangsu, "general.primary_ratio_advantage", simulated=known, inpatient__nrcms__primary_bonus="5", **even)
    assert raised["national"].value == 5


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
    assert words(judged(jiangsu, "assistance.ma_deductible")) == {"national": COPIED}
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
    ({}, COPIED, COPIED), ({"cml": "none"}, MET, NOT_MET), ({"esrd": "pilot"}, NOT_MET, MET),
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
    assert own.verdict == COPIED and "binding" not in own.note      # the other base is no rival


def test_a_region_without_a_cumulative_limit_does_not_keep_to_one(jiangsu):
    found = judged(jiangsu, "urbmi.cumulative_surplus_months", control__urbmi__cumulative_base="none")["jiangsu"]
    assert (found.verdict, found.value) == (NOT_MET, None) and "no cumulative limit is in force" in found.note


def test_a_cumulative_limit_of_five_months_breaks_jiangsus_four(jiangsu):
    assert words(judged(jiangsu, "urbmi.cumulative_surplus_months", control__urbmi__cumulative_limit="5")) == {"jiangsu": NOT_MET}


# --- what is not tested ---------------------------------------------------------------------------


def test_a_direction_is_recorded_and_a_number_without_a_parameter_is_said_to_have_none(jiangsu):
    assert words(judged(jiangsu, "general.yearly_change_of_health_share_of_spending")) == {"national": RECORDED}
    assert words(judged(jiangsu, "general.plan_ends")) == {"national": RECORDED}
    assert words(judged(jiangsu, "general.villages_with_clinic")) == {"national": NO_PARAMETER}
    assert words(judged(jiangsu, "general.drug_markup_primary")) == {"national": NO_PARAMETER}


def test_balance_each_year_is_a_principle_shown_with_the_funds_limit(jiangsu):
    found = judged(jiangsu, "nrcms.annual_surplus_balance")["national"]
    assert found.verdict == RECORDED and "annual limit is 10%" in found.note


# --- hospitals, payment and care -------------------------------------------------------------------


@pytest.mark.parametrize(("share", "markup", "channels"), [("8.3", (MET, 0), (MET, 2)), ("0", (NOT_MET, 15), (NOT_MET, 3))])
def test_pilot_county_hospitals_have_no_markup_where_some_have_ended_it(jiangsu, share, markup, channels):
    change = {f"conduct__{scheme}__zero_markup_share": {"county": share} for scheme in ("uebmi", "urbmi", "nrcms")}
    for path, expected in (("drug_markup_pilot_county_hospitals", markup), ("public_hospital_income_channels", channels)):
        found = judged(jiangsu, f"general.{path}", **change)["national"]
        assert (found.verdict, found.value) == expected


def test_one_of_twelve_counties_of_linyi_is_a_pilot_and_the_nations_300_say_nothing_of_it(regions):
    found = judged(regions["linyi"], "general.pilot_areas_county_hospital_reform")
    assert (found["linyi"].value, found["linyi"].verdict) == (1, COPIED)
    assert found["national"].verdict == NOT_APPLICABLE and "national as a whole" in found["national"].note
    more = {f"conduct__{scheme}__zero_markup_share": {"county": "25"} for scheme in ("uebmi", "urbmi", "nrcms")}
    found = judged(regions["linyi"], "general.pilot_areas_county_hospital_reform", **more)["linyi"]
    assert (found.value, found.verdict) == (3, NOT_MET)


@pytest.mark.parametrize(("level", "limit", "verdict"), [("3.9", "4", MET), ("4.2", "4", NOT_MET), ("3.9", "3.5", MET)])
def test_beds_are_held_against_the_four_of_a_thousand(jiangsu, level, limit, verdict):
    change = {f"conduct__{scheme}__beds_{name}": value for scheme in ("uebmi", "urbmi", "nrcms")
              for name, value in (("per_1000", level), ("limit", limit))}
    found = judged(jiangsu, "general.beds_per_1000_limit", **change)["national"]
    assert (found.verdict, found.value) == (verdict, Decimal(level))


@pytest.mark.parametrize(("path", "changed", "verdict", "value"), [
    ("nrcms.case_payment_area_share", {"payment__nrcms__counties_share": "40"}, NOT_MET, 40),
    ("nrcms.case_payment_area_share", {"payment__nrcms__inpatient_method": {"county": "global_budget"}}, NOT_MET, 0),
    ("nrcms.case_payment_coverage", {"payment__nrcms__inpatient_method": {"county": "case"}}, NOT_MET, Decimal(100) / 3),
    ("nrcms.outpatient_global_payment_share", {"payment__nrcms__outpatient_counties_share": "80"}, NOT_MET, 80),
    ("nrcms.outpatient_global_payment_share", {"payment__nrcms__outpatient_method": {"county": "capitation"}}, NOT_MET, 0),
    ("assistance.ma_one_stop_settlement", {"assistance__one_stop": False}, NOT_MET, 0),
    ("nrcms.listed_eligible_coverage", {"listed__nrcms__pilot_area_share": "100"}, MET, 100)])
def test_payment_reform_one_stop_and_the_list_are_held_against_their_parameters(jiangsu, path, changed, verdict, value):
    found = judged(jiangsu, path, **changed)["jiangsu"]
    assert (found.verdict, found.value, found.ground) == (verdict, value, "value")


@pytest.mark.parametrize(("path", "parameter", "value"), [
    ("yearly_change_of_in_county_share", "retention", "5"), ("yearly_change_of_out_of_county_transfers", "retention", "5"),
    ("yearly_change_of_service_prices", "fee_recovery", "80"),
    ("yearly_change_of_equipment_test_prices", "equipment_price_cut", "10")])
def test_a_direction_about_care_is_followed_where_every_scheme_moves_that_way(jiangsu, path, parameter, value):
    schemes = ("uebmi", "urbmi", "nrcms")
    some = {f"conduct__{scheme}__{parameter}": value for scheme in schemes[1:]}
    assert judged(jiangsu, f"general.{path}", **some)["national"].verdict == NOT_MET
    found = judged(jiangsu, f"general.{path}", **some, **{f"conduct__uebmi__{parameter}": value})["national"]
    assert found.verdict == MET and f"conduct.uebmi.{parameter}" in found.note


def test_settlement_out_of_area_is_held_against_the_share_settled_at_once(jiangsu):
    shares = {f"conduct__{scheme}__outside_immediate": "98" for scheme in ("uebmi", "urbmi", "nrcms")}
    assert words(judged(jiangsu, "general.immediate_settlement_out_of_area", **shares)) == {"national": MET, "jiangsu": MET}


def test_settlement_in_the_area_is_held_against_what_a_region_states_and_holds_where_it_states_nothing(jiangsu):
    path, some = "general.immediate_settlement", {"conduct__urbmi__local_immediate": "80"}
    assert words(judged(jiangsu, path)) == {"national": MET} and words(judged(jiangsu, path, **some)) == {"national": NOT_MET}


def test_treatment_before_payment_is_met_where_every_scheme_has_it_and_a_copy_in_the_plan_s_own_words(jiangsu, regions):
    path = "general.treatment_before_payment"
    some = {f"conduct__{scheme}__pay_after": {"county": "50"} for scheme in ("uebmi", "urbmi")}
    assert judged(jiangsu, path, **some)["national"].verdict == NOT_MET
    assert judged(jiangsu, path, **some, conduct__nrcms__pay_after={"township": "1"})["national"].verdict == MET
    assert words(judged(regions["linyi"], path)) == {"national": MET, "linyi": COPIED}


@pytest.mark.parametrize(("response", "down", "refunded"),
                         [("secondary", MET, MET), ("factor", MET, NOT_MET), ("none", NOT_MET, NOT_MET)])
def test_a_surplus_is_brought_down_by_a_response_and_paid_on_high_bills_by_refunds_only(jiangsu, response, down, refunded):
    change = {"control__urbmi__surplus_response": response}
    assert judged(jiangsu, "urbmi.yearly_change_of_excess_cumulative_surplus", **change)["national"].verdict == down
    assert judged(jiangsu, "urbmi.yearly_change_of_high_cost_payment", **change)["national"].verdict == refunded


def test_outpatients_are_pooled_where_some_tier_is_paid_and_both_childhood_illnesses_are_on_the_list(jiangsu):
    assert judged(jiangsu, "nrcms.outpatient_pooling_everywhere")["jiangsu"].verdict == MET
    none = {"outpatient__nrcms__ratio": {"township": "0", "county": "0", "city": "0", "outside": "0"}}
    assert judged(jiangsu, "nrcms.outpatient_pooling_everywhere", **none)["jiangsu"].verdict == NOT_MET
    one = {"listed__urbmi__membership": {"childhood-leukaemia": "full", "esrd": "full"}}
    assert judged(jiangsu, "urbmi.childhood_illnesses_pilot", **one)["national"].value == 1


# --- merged schemes -------------------------------------------------------------------------------


def test_the_merged_scheme_answers_for_the_two_before_it_unless_it_has_its_own_clause(regions):
    zibo = regions["zibo"]
    subsidy = judged(zibo, "nrcms.government_subsidy_per_head", 2013)["national"]
    assert (subsidy.scheme, subsidy.value, subsidy.verdict) == ("urrbmi", 280, STRICTER)
    assert "stated for nrcms, which is merged into urrbmi" in subsidy.note
    ratio = judged(zibo, "nrcms.inpatient_in_scope_ratio", 2013, {("urrbmi", 2013): ratios("70")})["national"]
    assert ratio.verdict == NOT_APPLICABLE and "zibo says ≥ 70 % of the merged scheme" in ratio.note


def test_a_clause_set_aside_by_the_merged_schemes_own_does_not_bind_it(regions):
    own = judged(regions["zibo"], "urrbmi.inpatient_in_scope_ratio", 2013, {("urrbmi", 2013): ratios("70")})["zibo"]
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
    assert (found.floor, found.value, found.verdict) == (50000, 50000, COPIED) and "set at the largest floor" in found.note


# --- printing -------------------------------------------------------------------------------------


def test_rows_print_the_statement_and_the_verdict_in_both_languages(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    english, chinese = rows(verdicts), rows(verdicts, "zh")
    at = next(i for i, v in enumerate(verdicts) if v.path == "law.urbmi.annual_cap_multiple_of_local_urban_income")
    assert english[at] | {"note": ""} == {
        "region": "jiangsu", "scheme": "urbmi", "statement": "Annual cap as a multiple of local disposable income per head",
        "floor": "≥ 158046", "unit": "CNY/person/year", "value": "158046", "verdict": "copied, no test",
        "held against": "copy of the clause", "clause": f"{NATIONAL} 二(一)2(2)",
        "note": ""}
    assert chinese[at]["statement"].startswith("最高支付限额为当地居民") and chinese[at]["verdict"] == "抄自该条，不构成检验"


def test_verdicts_stand_by_scheme_then_by_statement_with_the_root_first(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    schemes = list(dict.fromkeys(v.scheme for v in verdicts))
    assert schemes == ["uebmi", "urbmi", "nrcms", "assistance", "general"]
    assert [v.floor_region for v in verdicts if v.path == "law.nrcms.annual_cap_minimum"] == ["national", "jiangsu"]


def test_counts_name_every_verdict_and_add_up(jiangsu):
    verdicts = check_floors(jiangsu, 2012, {})
    assert list(counts(verdicts)) == list(VERDICTS) and sum(counts(verdicts).values()) == len(verdicts)
