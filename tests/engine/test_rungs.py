"""The plans of a ladder, settled in one pass: what a rung is, and that nothing else moves with it."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine.rungs import mix_of, moved_amounts, moved_ratios, rows_of_rungs, settling_of
from simulator.engine.simulate import simulate
from simulator.fund.columns import Columns
from simulator.money import UNLIMITED
from simulator.parameters.errors import InputError
from simulator.parameters.ladder import NO_LADDER, Ladder
from simulator.parameters.regions import load_regions
from simulator.plan import PLAN_WIDTH, places
from simulator.scenario import BASELINE, Policy, Scenario

LADDER = {"control.nrcms.ladder_ratio": ["0", "5"]}
ALWAYS_UP = {"control.nrcms.surplus_response": "ladder", "control.nrcms.annual_limit": "-100",
             "control.nrcms.annual_tolerance": "0", "control.nrcms.cumulative_base": "none", **LADDER}
NEVER = {"control.nrcms.surplus_response": "none"}
RAISED = {"inpatient.nrcms.ratio": {"from": "2013-01-01", "plus": "5"}, **NEVER}


def ladder_of(**lists: list[int]) -> Ladder:
    rungs = len(next(iter(lists.values())))
    whole = {"ratio": [0] * rungs, "deductible": [10_000] * rungs, "cap": [10_000] * rungs, "outpatient_ratio": [0] * rungs,
             "outpatient_limit": [10_000] * rungs, **lists}
    return Ladder._make([*(np.array(items, dtype=np.int64) for items in whole.values()), 3_000, 9_500, 1])


def test_a_bound_limits_a_step_and_causes_none_and_what_is_not_paid_stays_unpaid():
    ratios = np.array([0, 2_000, 7_000, 9_400, 9_800])
    assert moved_ratios(ratios, 500, 3_000, 9_500).tolist() == [0, 2_500, 7_500, 9_500, 9_800]
    assert moved_ratios(ratios, -5_000, 3_000, 9_500).tolist() == [0, 2_000, 3_000, 4_400, 4_800]


def test_amounts_of_a_rung_are_rounded_half_up_and_no_limit_stays_none():
    assert moved_amounts(np.array([0, 101, 50_000, UNLIMITED]), 5_000).tolist() == [0, 51, 25_000, UNLIMITED]


def test_a_rung_changes_the_terms_it_states_and_no_other():
    row = np.arange(1, PLAN_WIDTH + 1)
    rows = rows_of_rungs(row, ladder_of(ratio=[-100, 0, 100], cap=[5_000, 10_000, 20_000]), 10**6)
    moved = np.flatnonzero((rows != row).any(axis=0))
    assert set(moved) <= {*places("ratio"), *places("annual_cap")} and np.array_equal(rows[1], row)


def test_a_rung_s_cap_stops_at_the_law_s_floor_and_a_lower_plan_at_itself():
    row = np.full(PLAN_WIDTH, 100)
    cap = places("annual_cap")
    lower = ladder_of(cap=[5_000, 10_000, 20_000])
    assert rows_of_rungs(row, lower, 80)[:, cap[0]].tolist() == [80, 100, 200]
    assert rows_of_rungs(row, lower, 150)[:, cap[-1]].tolist() == [100, 100, 200]


def test_the_plans_of_a_policy_lie_together_and_its_own_may_stand_apart():
    settling = settling_of([NO_LADDER, ladder_of(ratio=[-100, 0, 100]), NO_LADDER], apart=True)
    assert settling.policy.tolist() == [0, 1, 1, 1, 2, 0, 1, 2]
    assert settling.own.tolist() == [0, 2, 4] and settling.unchanged.tolist() == [5, 6, 7]
    assert settling.places(np.array([[0, 1, 0], [5, -7, 2]]), np.arange(3)).tolist() == [[0, 3, 4], [0, 1, 4]]
    assert settling.places(np.array([[1, -1, 0, 0]]), np.array([1, 1, 1, 2])).tolist() == [[3, 1, 2, 4]]
    assert settling.by_rung.tolist() == [[0, 0, 0], [1, 2, 3], [4, 4, 4]]
    assert settling.of_plans(np.array([[10, 11, 12]]), np.array([[7, 8, 9]])).tolist() == [[10, 11, 11, 11, 12, 7, 8, 9]]


def test_units_on_several_rungs_are_shown_as_their_mean_by_members():
    settling, columns = settling_of([NO_LADDER, ladder_of(ratio=[-100, 0, 100])]), Columns.of([1, 3])
    rung, heads = np.array([[0, 1, 1, -1]]), np.array([[50, 10, 20, 10]])
    mix = mix_of(settling, rung, heads, columns)
    assert mix.weights.tolist() == [[[1_024, 0, 0], [256, 0, 768]]]
    assert mix.of_world(0, np.array([7, 100, 500, 200])).tolist() == [7, 175]
    assert np.array_equal(mix_of(settling, np.array([[0, 3, 2, -5]]), heads, columns).weights, mix.weights)   # beyond its ends
    alone = mix_of(settling, np.array([[0, 1]]), np.array([[50, 40]]), Columns.of([1, 1]))
    assert alone.weights is None and alone.of_world(0, np.array([7, 100, 500, 200])).tolist() == [7, 200]


@pytest.fixture(scope="module")
def climbing():
    asked = Scenario("rungs", ("jiangsu",), 2012, ("nrcms",), 3, 3, 400, policies=(
        Policy(BASELINE), Policy("climbs", ALWAYS_UP), Policy("raised", RAISED), Policy("stays", NEVER)))
    alone = asked.but(policies=(Policy(BASELINE),))
    return simulate(asked, load_regions()).schemes[0], simulate(alone, load_regions()).schemes[0]


def values(scheme, year: int) -> dict[tuple[str, str], np.ndarray]:
    return {measure[:2]: measure.values for measure in scheme.of_worlds[year]}


def test_a_fund_on_a_rung_has_the_claims_of_the_policy_that_states_the_same(climbing):
    found = values(climbing[0], 2013)
    assert (found["rung", ""][:, 1] == 1).all()
    for name in ("in_scope_ratio", "oop_per_head", "expenditure", "balance", "net_burden_per_head", "catastrophic_10"):
        group = "layer:account" if name.startswith("catastrophic") else ""
        assert np.array_equal(found[name, group][:, 1], found[name, group][:, 2]), name
        assert name == "catastrophic_10" or (found[name, group][:, 1] != found[name, group][:, 3]).all(), name


def test_the_rung_is_chosen_for_the_next_year_never_for_the_year_itself(climbing):
    first = values(climbing[0], 2012)
    assert (first["rung", ""] == 0).all()
    assert np.array_equal(first["expenditure", ""][:, 1], first["expenditure", ""][:, 3])


def test_a_ladder_beside_it_moves_no_bit_of_another_policy(climbing):
    both, alone = climbing
    for year in alone.years:
        beside = values(both, year)
        for name, own in values(alone, year).items():
            assert np.array_equal(own[:, 0], beside[name][:, 0], equal_nan=True), (year, *name)


def test_beside_every_fund_stands_the_one_that_changes_nothing(climbing):
    last = values(climbing[0], 2014)
    for name in ("balance", "expenditure", "months_held", "surplus_rate"):
        unchanged = last[f"unchanged_{name}", ""]
        assert np.array_equal(unchanged[:, 3], last[name, ""][:, 3])
        assert np.array_equal(unchanged[:, 1], unchanged[:, 3])
        assert (unchanged[:, 1] != last[name, ""][:, 1]).all()


@pytest.mark.parametrize(("changes", "fault"), [
    ({"control.nrcms.ladder_ratio": [str(n) for n in range(9)]}, "a ladder of 9 rungs"),
    ({"control.nrcms.ladder_ratio": ["0", "5", "5"]}, "rung 3 changes nothing"),
    ({"control.nrcms.ladder_ratio": ["0", "5", "0"]}, "rung 3 changes nothing"),
    ({"control.nrcms.ladder_ratio": ["1", "5"]}, "no rung leaves the plan as it is"),
    ({"control.nrcms.ladder_ratio": ["0", "5"], "control.nrcms.ladder_deductible": ["100", "90", "80"]}, "3 rungs in"),
    ({"control.nrcms.ladder_ratio": ["0", "5"], "control.nrcms.ladder_ratio_low": "96"}, "above the other bound"),
    ({"control.nrcms.surplus_response": "ladder", "control.nrcms.ladder_ratio": [], "control.nrcms.ladder_deductible": [],
      "control.nrcms.ladder_cap": []}, "asks for a ladder of benefits that is not stated"),
    ({"control.nrcms.ladder_ratio": ["-5", "0"], "control.nrcms.ladder_cap": ["10", "100"]}, "goes below a floor of the law"),
])
def test_a_ladder_that_is_none_is_refused_with_its_place_and_what_was_expected(changes, fault):
    bare = {f"control.nrcms.{name}": [] for name in ("ladder_ratio", "ladder_deductible", "ladder_cap")}
    bare |= {"control.nrcms.surplus_response": "secondary", "inpatient.nrcms.annual_cap": "150000"}
    with pytest.raises(InputError, match=fault) as error:
        load_regions()["jiangsu"].with_changes({**bare, **changes}, "a test", 2012)
    assert "control.nrcms." in str(error.value) and error.value.expected
