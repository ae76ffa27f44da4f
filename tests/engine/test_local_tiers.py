"""Plan files in a simulation: whose rules they are, and claims that fall to local tiers by their own random bits."""

import json

import numpy as np
import pytest

import simulator.engine.rules_of_worlds as module
from simulator.answers.questions import questions_of
from simulator.engine.chosen_plan import choose
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.overlay import plans_over, read, thresholds, topic_of
from simulator.parameters.planfile import shipped_plans
from simulator.parameters.plans import region_plan
from simulator.plan import TERMS
from simulator.scenario import BASELINE, Policy, Scenario, check, from_dict, read_scenario

ZIBO = "zibo-urrbmi-2020"
PLAN = {"deductible": {"a": ["100"], "b": ["300"], "c": ["500"]}, "ratio": {"a": ["90"], "b": ["60"], "c": ["55"]},
        "annual_cap": "150000"}


def tiers(**of: str) -> dict:
    """Local tiers with their care tier and share: `a="township 70"`."""
    return {name: dict(zip(("of", "share"), said.split(), strict=False)) for name, said in of.items()}


def plan(local: dict, **stated) -> dict:
    """A plan of admissions by local tiers, what is stated of others left out."""
    made = {"tiers": local, **PLAN, **stated}
    return {**made, **{key: {tier: row for tier, row in made[key].items() if tier in local} for key in ("deductible", "ratio")}}


def asked(*plans: dict | str, **more) -> Scenario:
    named = [Policy(BASELINE), *(Policy(f"p{n}", plans={"nrcms": own}) for n, own in enumerate(plans, start=1))]
    return Scenario("local", ("jiangsu",), 2012, ("nrcms",), 1, 3, 1_500, systematic=False, response="none",
                    policies=tuple(named), **more)


@pytest.fixture
def settled(regions, monkeypatch):
    """What the kernel has summed up and what first bills were expected to come to."""
    def of(scenario: Scenario):
        check(scenario, regions)
        found, original = [], module.settle_year

        def noted(*arguments):
            found.append(original(*arguments))
            return found[-1]

        with monkeypatch.context() as patch:
            patch.setattr(module, "settle_year", noted)
            simulate(scenario, regions, threads=1)
        return found[0].sums, found[0].expected, found[0].digests
    return of


def alike(sums, one: int, other: int) -> bool:
    """Whether two policies came to the same, integer by integer; the histogram is by roster."""
    return all(np.array_equal(array[:, one], array[:, other]) for array in sums)


def test_tiers_with_the_same_terms_are_one_tier_and_a_tier_without_a_share_has_no_bill(settled):
    one = plan(tiers(b="township", c="county"))
    same = plan(tiers(a="township 70", b="township 30", c="county"), ratio={"a": ["60"], "b": ["60"], "c": ["55"]},
                deductible={"a": ["300"], "b": ["300"], "c": ["500"]})
    none = plan(tiers(a="township 0", b="township 100", c="county"))
    sums, expected, _ = settled(asked(one, same, none))
    assert alike(sums, 1, 2) and alike(sums, 1, 3) and not alike(sums, 0, 1)
    assert np.allclose(expected[:, 1], expected[:, 2], rtol=1e-12) and np.allclose(expected[:, 1], expected[:, 3], rtol=1e-12)


def test_bills_fall_to_local_tiers_by_their_shares_and_expectations_know_it(settled):
    one, other = plan(tiers(a="township", c="county")), plan(tiers(b="township", c="county"))
    mixed, turned = (plan(tiers(a=f"township {share}", b=f"township {100 - share}", c="county")) for share in (70, 30))
    sums, expected, _ = settled(asked(one, other, mixed, turned))
    stays = expected[:, 1:, 0, 0]
    assert np.allclose(stays[:, 2], 0.7 * stays[:, 0] + 0.3 * stays[:, 1], rtol=1e-9)
    assert np.allclose(stays[:, 3], 0.3 * stays[:, 0] + 0.7 * stays[:, 1], rtol=1e-9)
    first = sums.first_bill[:, 1:, 0, 0].sum(axis=0)
    assert first[1] < first[3] < first[2] < first[0]
    assert abs((first[2] - first[1]) / (first[0] - first[1]) - 0.7) < 0.05
    assert abs((first[3] - first[1]) / (first[0] - first[1]) - 0.3) < 0.05


def test_a_policy_with_local_tiers_changes_nothing_in_the_others(settled):
    one, several = plan(tiers(a="township", c="county")), plan(tiers(a="township 70", b="township 30", c="county"))
    (alone, _, _), (beside, _, _) = settled(asked(one)), settled(asked(one, several))
    assert all(np.array_equal(one[:, :2], other[:, :2]) for one, other in zip(alone, beside, strict=True))


def test_everything_of_a_topic_that_a_plan_states_is_the_plans_and_the_rest_the_regions(regions):
    text = Policy("p", plans={"urrbmi": {"plan": ZIBO, "share": {"基层": "70", "一级": "30"}}}).plans["urrbmi"]
    region = region_plan(regions["zibo"], "nrcms", 2013)
    rows, stated = plans_over(region, text), set(json.loads(text))
    assert len(rows) == 2
    from_file = {topic_of(name) for name in stated & set(TERMS)}
    for row, own in zip(rows, read(text).plans, strict=True):
        for name in TERMS:
            theirs = getattr(row, name)
            if topic_of(name) not in from_file or name in ("pilot_counties", "payment_counties"):
                assert np.array_equal(theirs, getattr(region, name)), name
            elif "tier" not in TERMS[name].shape and name != "band_tops":
                assert np.array_equal(theirs, getattr(own, name)), name
        known = slice(3 if row is rows[0] else 1)          # only the lowest care tier has a second local one
        assert np.array_equal(row.deductible[known], own.deductible[known])
        assert np.array_equal(row.deductible[3], region.deductible[3])
    door = choose(None, 2013, "urrbmi", None, shipped_plans()[ZIBO])
    assert door.rows.shape[0] == 2
    assert thresholds(read(text))[0].tolist() == [round(0.7 * 2**32), 2**32]


BAD = {
    "no shares": ({"urrbmi": ZIBO}, "how bills at township fall to its local tiers is not stated: '基层, 一级'"),
    "no scheme": ({"ubmi": ZIBO}, "plans: unknown scheme 'ubmi'.*did you mean 'urbmi'"),
    "another scheme": ({"nrcms": ZIBO}, "the plan says that it is one of 'urrbmi'; expected nrcms"),
    "no plan": ({"nrcms": "no-plan-2011"}, "neither a plan file nor a plan that is shipped"),
    "no tier": ({"urrbmi": {"plan": ZIBO, "share": {"基": "1"}}}, "share: unknown tier '基'"),
    "a family's": ({"nrcms": {"ratio": {"county": ["70"]}, "deductible_of": "family"}}, "deductible_of: a simulation has"),
    "no ratio": ({"nrcms": {"annual_cap": "70000"}}, "rules of admissions without a ratio: .*annual_cap"),
    "a price": ({"nrcms": {"ratio": {"county": ["70"]}, "case_level": {"county": "90"}}}, "how hospitals are paid is the reg"),
    "an account": ({"uebmi": {"ratio": {"county": ["70"]}, "account_balance": {"adult": "5"}}}, "what accounts hold is the"),
    "an order by tier": ({"uebmi": "changsha-uebmi-2025"}, "order_counted: a simulation counts admissions by care tier"),
    "a number": ({"nrcms": 5}, "plans.nrcms: not a plan: '5'"),
    "a fault": ({"nrcms": {"ratio": {"county": ["170"]}}}, "the policy's plan.*170"),
}


@pytest.mark.parametrize("what", BAD)
def test_plans_that_a_simulation_cannot_settle_are_refused_with_the_reason(what):
    stated, words = BAD[what]
    with pytest.raises(InputError, match=words):
        Policy("p", plans=stated)


def test_what_would_do_nothing_beside_a_plan_is_refused(regions):
    one = Policy("p", plans={"nrcms": plan(tiers(a="township", c="county"))})
    moved = {"inpatient.nrcms.deductible.county": ["1"]}
    for policy, words in ((Policy("p", moved, plans=one.plans), "a change of what the policy's plan states"),
                          (Policy("p", level="target", plans=one.plans), "a plan's ratios are paid as written")):
        with pytest.raises(InputError, match=words):
            check(asked().but(policies=(Policy(BASELINE), policy)), regions)
    with pytest.raises(InputError, match="a plan of a scheme that is not simulated: 'nrcms'"):
        check(asked().but(schemes=("urbmi",), policies=(Policy(BASELINE), one)), regions)


def test_a_plan_is_part_of_the_question_and_of_the_manifest(regions):
    scenario = asked(*(plan(tiers(a=f"township {share}", b=f"township {100 - share}", c="county")) for share in (70, 60)))
    names = {question.name for question in questions_of([scenario], regions)}
    assert len(names) == 3
    assert from_dict(json.loads(json.dumps(scenario.as_dict(), default=list)), regions=regions) == scenario


def test_the_shipped_scenario_of_local_tiers_reads_and_a_bad_one_names_its_place(regions, tmp_path):
    scenario = read_scenario("scenarios/local-tiers.yaml", regions)
    assert scenario.schemes == ("urrbmi",) and all(policy.plans for policy in scenario.policies[1:])
    bad = tmp_path / "bad.yaml"
    bad.write_text(f"regions: [zibo]\nschemes: [urrbmi]\npolicies:\n  p:\n    plans: {{urrbmi: {ZIBO}}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad.yaml:5:12: .*local tiers is not stated"):
        read_scenario(bad, regions)
