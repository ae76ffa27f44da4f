"""A change that does nothing is refused with the reason; one that acts, or states what holds anyway, is not."""

import shutil
import time

import pytest

from simulator.answers.question import read_question
from simulator.parameters.errors import InputError
from simulator.parameters.idle import silent
from simulator.parameters.regions import load_regions, params_path
from simulator.scenario import BASELINE, Policy, Scenario, check, read_scenario

NONE = {"township": ["0"], "county": ["0"], "city": ["0"], "outside": ["0"]}
SILENT = {  # what is done in vain -> (region, year, scheme, the change, words of the reason)
    "an amount under a multiple": ("jiangsu", 2013, "nrcms", {"cii.nrcms.in_force": "true", "cii.nrcms.threshold_multiple": "1",
                                                               "cii.nrcms.threshold": "9000"}, "threshold_multiple"),
    "a layer that is not in force": ("linyi", 2012, "nrcms", {"supplement.nrcms.cap": "90000"}, "supplement is not in force"),
    "employees' critical illness insurance": ("linyi", 2013, "uebmi", {"cii.uebmi.cap": "90000"}, "is not in force"),
    "a list's ratio without a list": ("linyi", 2013, "uebmi", {"listed.uebmi.ratio.esrd": "90"}, "no illness is on the list"),
    "managing without an effect": ("linyi", 2012, "nrcms", {"conduct.nrcms.managed_effect": {"times": "0"},
                                                            "conduct.nrcms.managed_share": "50"}, "managed_effect"),
    "an effect of managing no more": ("linyi", 2012, "nrcms", {"conduct.nrcms.managed_effect": {"esrd": "30"}}, "managed_share"),
    "a method that holds nowhere": ("linyi", 2012, "nrcms", {"payment.nrcms.counties_share": "50"}, "fee for service"),
    "a share of no county": ("linyi", 2012, "nrcms", {"listed.nrcms.pilot_area_share": [
        {"value": "50.1"}, {"from": "2013-01-01", "value": "99.9"}]}, "the same as without it"),
    "the merged scheme's own rules": ("zibo", 2013, "urrbmi", {"inpatient.urrbmi.deductible": NONE}, "better of the rules"),
    "rules of a scheme that has stated others": ("zibo", 2013, "urrbmi", {
        "merger.benefit": "stated", "inpatient.nrcms.deductible": NONE}, "own rules"),
    "funding of a scheme that has merged": ("zibo", 2013, "urrbmi", {"funding.nrcms.premium": "90"}, "urrbmi is simulated"),
    "a target that no policy is solved to": ("linyi", 2012, "nrcms", {"inpatient.nrcms.target_ratio": "60"}, "level: target"),
    "an outcome of a known schedule": ("linyi", 2014, "uebmi", {"inpatient.uebmi.outcome_ratio": "60"}, "paid as written"),
    "premiums of employees": ("linyi", 2012, "uebmi", {"funding.uebmi.premium": "90"}, "contributions on wages"),
    "a factor that nothing moves": ("linyi", 2012, "nrcms", {"control.nrcms.factor_low": "70"}, "factor"),
    "incomes of a policy": ("linyi", 2012, "nrcms", {"income.rural_net_income": "9000"}, "under `changes`"),
}


@pytest.mark.parametrize("what", SILENT)
def test_a_change_that_does_nothing_is_refused_with_the_reason(what, regions):
    name, year, scheme, changes, words = SILENT[what]
    scenario = Scenario("a", (name,), year, (scheme,), 2, policies=(Policy(BASELINE), Policy("p", changes)))
    (place, fault), = silent(scenario, regions)
    assert place == ("policies", "p", "changes", list(changes)[-1]) and words in str(fault)
    with pytest.raises(InputError, match="does nothing here"):
        check(scenario, regions)


ACTING = {
    "a multiple in place of an amount": ("jiangsu", 2013, "nrcms", {"cii.nrcms.in_force": "true",
                                                                     "cii.nrcms.threshold_multiple": "0.5"}),
    "an amount, and no multiple": ("jiangsu", 2013, "nrcms", {"cii.nrcms.in_force": "true", "cii.nrcms.threshold": "9000",
                                                               "cii.nrcms.threshold_multiple": "0"}),
    "a cap that is the law's floor": ("linyi", 2012, "nrcms", {"inpatient.nrcms.annual_cap": "120000"}),
    "what holds anyway": ("linyi", 2012, "nrcms", {"inpatient.nrcms.deductible": {"times": "1"}}),
    "rules of one of two that merge": ("zibo", 2013, "urrbmi", {"inpatient.nrcms.deductible": NONE}),
    "the merged scheme's rules where they are stated": ("zibo", 2013, "urrbmi", {"merger.benefit": "stated",
                                                                                "inpatient.urrbmi.deductible": NONE}),
    "bands and ratios, which only fit together": ("linyi", 2012, "nrcms", {
        "inpatient.nrcms.band_tops": ["10000"],
        "inpatient.nrcms.ratio": {tier: ["60", "70"] for tier in ("township", "county", "city", "outside")}}),
}


@pytest.mark.parametrize("what", ACTING)
def test_a_change_that_acts_or_states_what_holds_is_taken(what, regions):
    name, year, scheme, changes = ACTING[what]
    scenario = Scenario("a", (name,), year, (scheme,), 2, policies=(Policy(BASELINE), Policy("p", changes)))
    assert list(silent(scenario, regions)) == []


def test_a_change_of_a_file_is_refused_at_its_line(tmp_path):
    path = tmp_path / "idle.yaml"
    path.write_text("regions: [linyi]\nschemes: [nrcms]\npolicies:\n  p:\n    changes:\n      supplement.nrcms.cap: 90000\n")
    with pytest.raises(InputError, match=r"idle.yaml:6:7: a change that does nothing here: 'supplement.nrcms.cap'"):
        read_scenario(path)


def test_a_change_for_everybody_may_act_through_a_policy_alone(regions):
    everybody = {"care.nrcms.new_drug_share": "10", "care.nrcms.new_drug_part": "40"}
    asked = Scenario("a", ("linyi",), 2012, ("nrcms",), 2, changes=everybody)
    assert {place[-1] for place, _ in silent(asked, regions)} == everybody.keys()
    priced = Policy("priced", {"inpatient.nrcms.reference_price": "2000"})
    assert list(silent(asked.but(policies=(Policy(BASELINE), priced)), regions)) == []


def test_a_change_is_to_act_in_one_region_of_those_asked_for(regions):
    """Jiangsu pays admissions by day and case in 2012, Linyi does not."""
    change = Policy("p", {"payment.nrcms.case_level": "90"})
    for names, refused in ((("linyi",), 1), (("jiangsu",), 0), (("linyi", "jiangsu"), 0)):
        scenario = Scenario("a", names, 2012, ("nrcms",), 1, policies=(Policy(BASELINE), change))
        assert len(list(silent(scenario, regions))) == refused


def test_a_region_with_its_parents_head_count_is_refused_unless_told(tmp_path):
    folder = tmp_path / "params"
    shutil.copytree(params_path(), folder)
    (folder / "lanshan").mkdir()
    (folder / "lanshan" / "region.yaml").write_text("name: {en: Lanshan, zh: 兰山}\nparent: linyi\n", encoding="utf-8")
    loaded, asked = load_regions(folder), Scenario("a", ("lanshan",), 2012, ("nrcms",), 1)
    with pytest.raises(InputError, match="lanshan has no head count of its own: '8000000 insured in nrcms'.*that of linyi"):
        check(asked, loaded)
    check(asked.but(changes={"population.nrcms.participants": "900000"}), loaded)


def test_a_thousand_policies_are_looked_at_in_a_second_or_two(regions):
    policies = [Policy(f"p{n}", {"inpatient.nrcms.deductible.county": [str(200 + n)], "funding.nrcms.subsidy": str(100 + n)})
                for n in range(1000)]
    asked = Scenario("many", ("jiangsu",), 2012, ("nrcms",), 10, policies=(Policy(BASELINE), *policies))
    begun = time.process_time()
    assert list(silent(asked, regions)) == []
    assert time.process_time() - begun < 15


def test_a_lever_that_does_nothing_is_refused(regions):
    asked = Scenario("s", ("linyi",), 2012, ("nrcms",), 1, 4, 300)
    with pytest.raises(InputError, match="--vary: a parameter that does nothing here: 'supplement.nrcms.cap'.*not in force"):
        read_question(asked, regions, ["supplement.nrcms.cap=50000:90000"], ["mean(surplus_rate) >= 0"], "oop_per_head", None)
