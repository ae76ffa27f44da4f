"""Groups of chronic diseases as a region's: their terms, how often each is drawn, and that every door knows them."""

import datetime

import numpy as np
import pytest

from simulator.care.walk import CHANCE
from simulator.engine.chosen_plan import plan_of_day
from simulator.engine.doors import explain_bill
from simulator.engine.prepare import prepare
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.plans import region_plan
from simulator.plan import FULL_RULES_FOR, VISITS_IN_FULL
from simulator.scenario import BASELINE, Policy, Scenario, check
from simulator.tables import Fact
from tests.care.test_walk import bills_of, draw_visits

SHARES, LIMIT = "care.uebmi.chronic_group_shares", "outpatient.uebmi.chronic_group_limit"
RATIO, DEDUCTIBLE = "outpatient.uebmi.chronic_group_ratio", "outpatient.uebmi.chronic_group_deductible"
TIERS = ("township", "county", "city", "outside")


def test_nanjings_two_classes_have_their_own_limits_and_the_rest_of_the_members_the_schemes(regions):
    plan = region_plan(regions["nanjing"], "uebmi", 2013)
    assert plan.chronic_year_limit[:, 3].tolist() == [200_000] + [400_000] * 3
    assert plan.chronic_year_limit[:, 4].tolist() == [300_000] + [500_000] * 3
    assert (plan.chronic_year_limit[:, :3] == 200_000).all()
    assert plan.chronic_deductible[1].tolist() == [100_000] * 4 + [80_000]
    assert plan.chronic_ratio[1, 0].tolist() == [7_000] * 4 + [8_500]
    assert plan.chronic_ratio[0, 2].tolist() == [6_000] * 4 + [7_500]


def test_ratios_and_deductibles_by_group_stand_where_they_are_stated_alone(regions):
    region = regions["nanjing"].with_changes({RATIO: {"county": ["50", "65"]}, DEDUCTIBLE: {"retired": ["0", "500", "700"]}}, "a")
    plan = region_plan(region, "uebmi", 2013)
    assert plan.chronic_ratio[:, 1, 0].tolist() == [5_000, 6_500, 6_500, 6_500]
    assert (plan.chronic_ratio[:, 0, :4] == 7_000).all() and plan.chronic_ratio[:, 1, 4].tolist() == [6_500, 8_000, 8_000, 8_000]
    assert plan.chronic_deductible[:, 4].tolist() == [0, 50_000, 70_000, 70_000]
    assert (plan.chronic_deductible[:, 3] == 100_000).all()


def test_points_of_a_class_leave_a_tier_that_is_not_paid_without_payment_and_others_within_all(regions):
    changes = {"outpatient.uebmi.chronic_ratio.county": "0",
               "outpatient.uebmi.chronic_class_bonus": {"retired": "45", "child": "-80"}}
    plan = region_plan(regions["nanjing"].with_changes(changes, "a"), "uebmi", 2013)
    assert not plan.chronic_ratio[:, 1].any() and plan.chronic_ratio[0, 0].tolist() == [7_000, 0, 7_000, 7_000, 10_000]


def test_a_slip_knows_the_groups_of_a_region(regions):
    bill = {"tier": "county", "bill": "9000", "in_scope": "100", "region": "nanjing", "scheme": "uebmi", "year": 2013,
            "level": "1", "outpatient": True, "chronic": True, "member": "active"}
    paid = [next(step.amount for step in explain_bill(**bill, chronic_group=group)[0] if step.name == "outpatient")
            for group in ("1", "2")]
    assert paid == [200_000, 400_000]
    day = plan_of_day(regions["nanjing"], "uebmi", datetime.date(2013, 7, 1), level=1).plan
    assert np.array_equal(day.chronic_year_limit, region_plan(regions["nanjing"], "uebmi", 2013).chronic_year_limit)


def test_visits_are_drawn_by_the_shares_of_the_groups_and_none_moves_where_there_is_one(regions):
    changes = {"care.uebmi.chronic_visit_share": "40"}
    one, several = (prepare(regions["nanjing"].with_changes(changes | {SHARES: shares}, "a"), "uebmi", 2013, 1, 2_000, (1, 1),
                            2013) for shares in (["100"], ["50", "30", "20"]))
    bills = [np.concatenate([bills_of(draw_visits, people.year(2013).streams, people.tables, replica)
                             for replica in range(2)])[:, Fact.CHRONIC] for people in (one, several)]
    assert np.array_equal(bills[0] > 0, bills[1] > 0) and set(bills[0].tolist()) == {0, 1}
    found = np.bincount(bills[1], minlength=5) / (bills[1] > 0).sum()
    assert abs(found[1:] - [0.5, 0.3, 0.2, 0.0]).max() < 0.03
    assert several.tables.chronic_groups.tolist() == [round(0.2 * CHANCE), round(0.32 * CHANCE), CHANCE]


@pytest.fixture(scope="module")
def spent():
    """Expenditure, claims and the share of the sampling error of policies with and without groups, float64[D, P]."""
    from simulator.parameters.regions import load_regions
    same = {"active": ["2000", "2000"], "retired": ["3000", "3000"]}
    asked = Scenario("groups", ("nanjing",), 2013, ("uebmi",), 1, 3, 1_500, response="none", policies=(
        Policy(BASELINE), Policy("same", {LIMIT: same}), Policy("richer", {RATIO: dict.fromkeys(TIERS, ["60", "90"])})))
    regions = load_regions()
    check(asked, regions)
    found = simulate(asked, regions, threads=1).schemes[0].of_worlds[2013]
    return {measure[:2]: measure.values for measure in found}["expenditure", ""]


def test_a_run_pays_each_group_by_its_own_terms(spent):
    assert (spent[:, 1] < spent[:, 0]).all() and (spent[:, 2] > spent[:, 0]).all()


def test_visits_are_left_to_the_full_rules_where_people_have_diseases_of_several_groups(regions, monkeypatch):
    import simulator.engine.rules_of_worlds as module
    flags, original = [], module.settle_year

    def noted(group, policies, *others):
        flags.append(policies.terms[0, :, FULL_RULES_FOR] & VISITS_IN_FULL)
        return original(group, policies, *others)

    monkeypatch.setattr(module, "settle_year", noted)
    simulate(Scenario("groups", ("nanjing",), 2013, ("uebmi",), 1, 1, 300, response="none", systematic=False), regions, threads=1)
    assert (flags[0] > 0).all()


@pytest.mark.parametrize(("changes", "words"), [
    ({LIMIT: {"active": ["1"] * 5}}, "too many groups of diseases: .?5.?; expected at most 4"),
    ({SHARES: ["50", "40"]}, "the shares sum to .?90"), ({SHARES: ["20"] * 5}, "too many groups of diseases"),
    ({RATIO: {"county": ["120"]}}, "120")])
def test_groups_that_are_none_are_refused_with_their_place(changes, words, regions):
    with pytest.raises(InputError, match=words):
        regions["nanjing"].with_changes(changes, "a test")
