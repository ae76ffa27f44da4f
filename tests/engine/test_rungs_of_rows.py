"""Rungs of a ladder over policies with several rows of terms: each rung settles as a policy of its own that states the same."""

import numpy as np
import pytest

import simulator.engine.rules_of_worlds as module
from simulator.engine.simulate import simulate
from simulator.scenario import BASELINE, Policy, Scenario, check

CAP, COUNTY, RATIO = "inpatient.nrcms.annual_cap", "inpatient.nrcms.deductible.county", "inpatient.nrcms.ratio"
TIERS = {"a": {"of": "township", "share": "70"}, "b": {"of": "township", "share": "30"}, "c": {"of": "county"},
         "d": {"of": "city"}, "e": {"of": "outside"}}
PLAN = {"tiers": TIERS, "deductible": {"a": ["100"], "b": ["300"], "c": ["500"], "d": ["800"], "e": ["900"]},
        "annual_cap": "20000", "ratio": {"a": ["90"], "b": ["60"], "c": ["55"], "d": ["50"], "e": ["40"]}}
RICHER = {**PLAN, "ratio": {"a": ["95"], "b": ["65"], "c": ["60"], "d": ["55"], "e": ["45"]}, "annual_cap": "30000"}
HALF_YEAR = {COUNTY: {"from": "2012-07-01", "value": ["0"]}, CAP: [{"from": "2012-01-01", "value": "5000"},
                                                                  {"from": "2012-10-01", "value": "8000"}]}
RICHER_HALF_YEAR = {**HALF_YEAR, RATIO: {"from": "2012-01-01", "plus": "5"}, CAP: [{"from": "2012-01-01", "value": "7500"},
                                                                                  {"from": "2012-10-01", "value": "12000"}]}


def ladder(scheme: str) -> dict:
    return {f"control.{scheme}.surplus_response": "ladder", f"control.{scheme}.ladder_ratio": ["0", "5"],
            f"control.{scheme}.ladder_cap": ["100", "150"]}


def without_ladder(scheme: str) -> dict:
    return {f"control.{scheme}.surplus_response": "none"}


@pytest.fixture
def settled(regions, monkeypatch):
    """What the kernel has summed up of each plan that was settled, what was expected of first bills, in the worlds of all rule
    books, and how many rows each plan had."""
    def of(scenario: Scenario):
        check(scenario, regions)
        found, rows, of_book, of_all = [], [], module.settle_year, module.RulesOfWorlds.settle

        def by_book(group, policies, *others):
            rows.append(policies.rows)
            return of_book(group, policies, *others)

        def of_year(*arguments):
            found.append(of_all(*arguments))
            return found[-1]

        monkeypatch.setattr(module, "settle_year", by_book)
        monkeypatch.setattr(module.RulesOfWorlds, "settle", of_year)
        simulate(scenario, regions, threads=1)
        return found[0].sums, found[0].expected, rows[0].number.tolist()
    return of


def same(sums, one: int, other: int) -> bool:
    """Whether two plans came to the same, integer by integer; the histogram is that of the policies."""
    return all(np.array_equal(array[:, one], array[:, other]) for array in sums[:-1])


@pytest.mark.parametrize("policies", [
    pytest.param((Policy("climbs", HALF_YEAR | ladder("nrcms")), Policy("lower", HALF_YEAR | without_ladder("nrcms")),
                  Policy("upper", RICHER_HALF_YEAR | without_ladder("nrcms"))), id="rules that change within the year"),
    pytest.param((Policy("climbs", ladder("nrcms"), plans={"nrcms": PLAN}),
                  Policy("lower", without_ladder("nrcms"), plans={"nrcms": PLAN}),
                  Policy("upper", without_ladder("nrcms"), plans={"nrcms": RICHER})), id="local tiers"),
    pytest.param((Policy("climbs", {"outpatient.nrcms.ratio.township": {"from": "2012-07-01", "value": "60"}} | ladder("nrcms"),
                         plans={"nrcms": PLAN}),
                  Policy("lower", {"outpatient.nrcms.ratio.township": {"from": "2012-07-01", "value": "60"}},
                         plans={"nrcms": PLAN}),
                  Policy("upper", {"outpatient.nrcms.ratio.township": {"from": "2012-07-01", "value": "60"}},
                         plans={"nrcms": RICHER})), id="local tiers and rules that change"),
])
def test_each_rung_settles_as_the_policy_that_states_the_same(policies, settled):
    asked = Scenario("rungs-of-rows", ("jiangsu",), 2012, ("nrcms",), 2, 3, 1_000, policies=(Policy(BASELINE), *policies))
    sums, expected, rows = settled(asked)
    assert rows[1] == rows[2] > 1 and rows[:5] == [0, rows[1], rows[1], rows[1], rows[1]]
    assert same(sums, 1, 3) and same(sums, 2, 4) and not same(sums, 1, 2) and not same(sums, 0, 1)
    assert np.array_equal(expected[:, 1:3], expected[:, 3:5]) and (expected[:, 1, 0] < expected[:, 2, 0]).any()
    apart = list(range(5, 9))                             # every policy's own plan once more, for funds without a response
    assert rows[5:] == [0, rows[1], rows[1], rows[1]] and all(same(sums, *pair) for pair in zip((0, 1, 3, 4), apart, strict=True))


def test_linyis_employees_of_2014_climb_with_the_cap_of_each_day(settled):
    cap = "inpatient.uebmi.annual_cap"
    steps = [{"from": "2014-01-01", "value": "6000"}, {"from": "2014-03-01", "value": "9000"}]
    richer = [{"from": "2014-01-01", "value": "9000"}, {"from": "2014-03-01", "value": "13500"}]
    asked = Scenario("linyi", ("linyi",), 2014, ("uebmi",), 2, 2, 1_000, policies=(
        Policy(BASELINE), Policy("climbs", {cap: steps, "control.uebmi.surplus_response": "ladder",
                                            "control.uebmi.ladder_cap": ["100", "150"]}),
        Policy("lower", {cap: steps}), Policy("upper", {cap: richer})))
    sums, _, rows = settled(asked)
    assert rows[:5] == [2] * 5 and same(sums, 1, 3) and not same(sums, 1, 2)
    assert same(sums, 2, 4)
