"""Designs: what a grid, a Sobol sequence or a Latin hypercube expands to, how it is named, and what is refused where."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.designs import LARGEST_DESIGN, expand
from simulator.parameters.errors import InputError
from simulator.scenario import BASELINE, SAFE_NAME, Scenario, from_dict, read_scenario

HEAD = "regions: [jiangsu]\nschemes: [nrcms]\nhorizon: 1\n"
DEDUCTIBLE, RATIO = "inpatient.nrcms.deductible.county", "inpatient.nrcms.ratio.county"


def expanded(folder: Path, text: str, name: str = "try.yaml") -> list[Scenario]:
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return expand(path)


def test_a_file_without_a_design_is_itself(tmp_path):
    (found,) = expanded(tmp_path, "policies: {cap: {changes: {inpatient.nrcms.annual_cap: 90000}}}\n")
    assert found == read_scenario(tmp_path / "try.yaml")


def test_a_grid_multiplies_policies_and_names_them_by_what_they_change(tmp_path):
    (found,) = expanded(tmp_path, f"design: {{grid: {{{DEDUCTIBLE}: [300, 500], {RATIO}: [70, 75]}}}}\n")
    assert [policy.name for policy in found.policies] == [
        BASELINE, "deductible-300_ratio-70", "deductible-300_ratio-75", "deductible-500_ratio-70", "deductible-500_ratio-75"]
    assert found.policies[2].changes == {DEDUCTIBLE: ["300"], RATIO: ["75"]} and found.policies[0].changes == {}
    assert found.name == "try" and found.changes == {}
    assert from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_from_to_step_is_every_number_up_to_the_end_exactly(tmp_path):
    (found,) = expanded(tmp_path, f"design: {{grid: {{{RATIO}: {{from: 70, to: 70.35, step: 0.1}}}}}}\n")
    assert [policy.changes[RATIO] for policy in found.policies[1:]] == [["70"], ["70.1"], ["70.2"], ["70.3"]]


def test_verbs_stand_before_the_values_of_an_axis(tmp_path):
    (found,) = expanded(tmp_path, "design:\n  level: own\n  grid:\n    inpatient.nrcms.deductible: {times: [0.5, 2]}\n"
                                  f"    {RATIO}: {{plus: {{from: -5, to: 5, step: 5}}}}\n"
                                  "    outpatient.nrcms.year_limit: {value: [400]}\n")
    assert [policy.name for policy in found.policies[1:4]] == [
        f"deductible-x0.5_ratio-{points}_year_limit-400" for points in ("minus5", "plus0", "plus5")]
    assert found.policies[1].changes == {"inpatient.nrcms.deductible": {"times": "0.5"}, RATIO: {"plus": "-5"},
                                         "outpatient.nrcms.year_limit": "400"}
    assert {policy.level for policy in found.policies[1:]} == {"own"} and found.policies[0].level == "region"


def test_the_files_own_policies_are_kept_and_set_at_every_point(tmp_path):
    (found,) = expanded(tmp_path, "policies: {cap: {changes: {inpatient.nrcms.annual_cap: 90000}, level: none}}\n"
                                  f"design: {{grid: {{{DEDUCTIBLE}: [300, 500]}}}}\n")
    assert [policy.name for policy in found.policies] == [
        BASELINE, "cap", "deductible-300", "deductible-500", "cap_deductible-300", "cap_deductible-500"]
    assert found.policies[5].changes == {"inpatient.nrcms.annual_cap": "90000", DEDUCTIBLE: ["500"]}
    assert found.policies[5].level == "none"


def test_what_policies_cannot_change_multiplies_scenarios(tmp_path):
    found = expanded(tmp_path, "changes: {care.nrcms.bill_growth: 6, inpatient.nrcms.annual_cap: 80000}\n"
                               f"design:\n  grid: {{{DEDUCTIBLE}: [300]}}\n"
                               "  people: {care.nrcms.bill_growth: [5, 8], population.nrcms.participants: {times: [1, 1.1]}}\n")
    assert [scenario.name for scenario in found] == [
        f"try_bill_growth-{growth}_participants-x{size}" for growth in (5, 8) for size in (1, 1.1)]
    assert found[3].changes == {"inpatient.nrcms.annual_cap": "80000", "care.nrcms.bill_growth": "8",
                                "population.nrcms.participants": {"times": "1.1"}}
    assert all(scenario.policies == found[0].policies and len(scenario.policies) == 2 for scenario in found)


def test_sets_of_changes_are_values_of_an_axis(tmp_path):
    (found,) = expanded(tmp_path, "sets:\n  generous: {outpatient.nrcms.year_limit: 400, inpatient.nrcms.annual_cap: 120000}\n"
                                  "  strict: {inpatient.nrcms.annual_cap: 60000}\n"
                                  f"design: {{grid: {{package: [generous, strict], {DEDUCTIBLE}: [300]}}}}\n")
    assert {policy.name: policy.changes for policy in found.policies[1:]} == {
        "package-generous_deductible-300": {"outpatient.nrcms.year_limit": "400", "inpatient.nrcms.annual_cap": "120000",
                                            DEDUCTIBLE: ["300"]},
        "package-strict_deductible-300": {"inpatient.nrcms.annual_cap": "60000", DEDUCTIBLE: ["300"]}}


@pytest.mark.parametrize("kind", ["sobol", "lhs"])
def test_sampled_points_fill_their_ranges_and_fit_their_units(kind, tmp_path):
    text = f"design:\n  {kind}:\n    n: 64\n    ranges: {{{DEDUCTIBLE}: [200, 600], {RATIO}: {{plus: [-8, 8]}}}}\n"
    (found,) = expanded(tmp_path, text)
    (again,) = expanded(tmp_path, text)
    (other,) = expanded(tmp_path, f"seed: 7\n{text}")
    assert found == again and found.policies != other.policies
    assert [policy.name for policy in found.policies[:3]] == [BASELINE, f"{kind}-01", f"{kind}-02"] and len(found.policies) == 65
    first = sorted(Decimal(policy.changes[DEDUCTIBLE][0]) for policy in found.policies[1:])
    second = sorted(Decimal(policy.changes[RATIO]["plus"]) for policy in found.policies[1:])
    for values, low, width in ((first, Decimal(200), 400), (second, Decimal(-8), 16)):
        assert all(value % Decimal("0.01") == 0 for value in values)
        cells = [min(int((value - low) * 64 / width), 63) for value in values]      # rounding may lead over an edge
        assert all(abs(cell - nth) <= 1 for nth, cell in enumerate(cells)), "one point in each of 64 equal parts"


def test_names_are_safe_short_and_unique_however_long_the_axes(tmp_path):
    axes = "".join(f"    {path}: [{low}, {low + 1}]\n" for path, low in (
        (DEDUCTIBLE, 300), ("inpatient.nrcms.deductible.city", 600), ("outpatient.nrcms.deductible", 10),
        ("inpatient.nrcms.annual_cap", 100000), ("outpatient.nrcms.year_limit", 300)))
    (found,) = expanded(tmp_path, f"design:\n  grid:\n{axes}")
    names = [policy.name for policy in found.policies]
    assert len(set(names)) == len(names) == 33 and all(SAFE_NAME.fullmatch(name) for name in names)
    assert names[1] == "deductible-county-300_deductible-city-600_deductible-10_annua-01"


def test_a_point_does_not_take_the_name_of_a_policy(tmp_path):
    (found,) = expanded(tmp_path, f"policies: {{deductible-300: {{}}}}\ndesign: {{grid: {{{DEDUCTIBLE}: [300]}}}}\n")
    names = [policy.name for policy in found.policies]
    assert len(set(names)) == len(names) == 4


def test_keys_of_one_parameter_are_told_apart_in_names(tmp_path):
    (found,) = expanded(tmp_path, f"design: {{grid: {{{DEDUCTIBLE}: [[300, 150]], inpatient.nrcms.deductible.city: [600]}}}}\n")
    assert found.policies[1].name == "deductible-county-300-150_deductible-city-600"


@pytest.mark.parametrize(("values", "size"), [
    ("{from: 1, to: 10000000, step: 1}", "10,000,001"),
    ("{from: 1, to: 1000000000000, step: 0.000000000001}", "999,999,999,999,000,000,000,002")])
def test_a_design_that_is_too_large_is_refused_with_its_size_before_anything_is_made(values, size, tmp_path):
    start = time.process_time()
    with pytest.raises(InputError) as refused:
        expanded(tmp_path, f"design: {{grid: {{outpatient.nrcms.year_limit: {values}}}}}\n")
    assert f"too large: '{size} policies in 1 scenario'" in str(refused.value)
    assert f"at most {LARGEST_DESIGN:,}" in str(refused.value) and time.process_time() - start < 1


BAD = {  # what is wrong -> (the lines after three, line:column, words)
    "an unknown key": ("design: {gird: {}}\n", "4:10", ("'gird'", "did you mean 'grid'?")),
    "an unknown path": ("design:\n  grid:\n    inpatient.nrcms.deductable.county: [1]\n", "6:5", ("did you mean",)),
    "an axis without values": (f"design:\n  grid:\n    {DEDUCTIBLE}: []\n", "6:40", ("not a list",)),
    "an empty grid": ("design: {grid: {}}\n", "4:16", ("no axis",)),
    "a value twice": (f"design:\n  grid:\n    {DEDUCTIBLE}: [300, 300]\n", "6:46", ("stands twice: '300'",)),
    "a change of the people": ("design:\n  grid:\n    care.nrcms.visit_rate: [5]\n", "6:5", ("under `people` of the design",)),
    "an unknown set": ("design:\n  grid:\n    package: [generous]\n", "6:15", ("no such set: 'generous'",)),
    "a misspelt set": ("sets: {generous: {}}\ndesign:\n  grid:\n    package: [generuos]\n", "7:15",
                      ("did you mean 'generous'?",)),
    "a set that changes the people": ("sets: {old: {care.nrcms.admission_rate: 1}}\ndesign:\n  grid:\n    a: [old]\n", "7:9",
                                      ("under `people`",)),
    "sets without a design": ("sets: {generous: {}}\n", "4:1", ("sets without a design",)),
    "a parameter on two axes": (f"design:\n  grid:\n    {DEDUCTIBLE}: [300]\n    inpatient.nrcms.deductible: {{times: [2]}}\n",
                                "7:5", ("a parameter on two axes", DEDUCTIBLE)),
    "two kinds of design": (f"design:\n  grid: {{{DEDUCTIBLE}: [300]}}\n  lhs: {{n: 2, ranges: {{{RATIO}: [1, 2]}}}}\n", "6:3",
                            ("grid and lhs",)),
    "a step of nothing": (f"design:\n  grid:\n    {DEDUCTIBLE}: {{from: 1, to: 2, step: 0}}\n", "6:40", ("a step above 0",)),
    "no step": (f"design:\n  grid:\n    {DEDUCTIBLE}: {{from: 1, to: 2}}\n", "6:40", ("no `step`",)),
    "a step that is no number": (f"design:\n  grid:\n    {DEDUCTIBLE}: {{from: 1, to: 2, step: 1%}}\n", "6:63",
                                 ("step: not a number: '1%'",)),
    "points that are no power of two": (f"design:\n  sobol: {{n: 60, ranges: {{{RATIO}: [60, 70]}}}}\n", "5:14",
                                       ("a power of two",)),
    "no points": (f"design:\n  lhs: {{n: 0, ranges: {{{RATIO}: [60, 70]}}}}\n", "5:12", ("n: '0'",)),
    "no ranges": ("design:\n  lhs: {n: 4}\n", "5:8", ("no `ranges`",)),
    "a range of three": (f"design:\n  lhs: {{n: 4, ranges: {{{RATIO}: [60, 65, 70]}}}}\n", "5:54", ("not a range",)),
    "a range upside down": (f"design:\n  lhs: {{n: 4, ranges: {{{RATIO}: [70, 60]}}}}\n", "5:54", ("an empty range",)),
    "a value out of range": (f"design:\n  grid:\n    {RATIO}: [70, 170]\n", "6:5", ("ratio-170", "out of range")),
    "factors with parts of a fen": (f"design:\n  grid:\n    {DEDUCTIBLE}: {{times: [1.00001]}}\n", "6:5",
                                    ("finer than its unit",)),
    "a scheme that is not simulated": ("design:\n  grid:\n    inpatient.urbmi.annual_cap: [90000]\n", "6:5", ("not simulated",)),
    "an unsafe name of a set": ("sets: {../x: {}}\ndesign: {grid: {a: [b]}}\n", "4:8", ("name of a set",)),
}


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_design_is_refused_with_its_place(wrong, tmp_path):
    text, place, words = BAD[wrong]
    with pytest.raises(InputError) as refused:
        expanded(tmp_path, text)
    said = str(refused.value)
    assert said.startswith(f"{tmp_path / 'try.yaml'}:{place}: "), said
    assert all(word in said for word in words), said


def test_an_axis_with_a_date_is_refused_at_its_place(tmp_path):
    path = tmp_path / "dated.yaml"
    path.write_text("regions: [linyi]\nschemes: [nrcms]\ndesign:\n  grid:\n"
                    "    inpatient.nrcms.annual_cap: {from: 2014-01-01, value: [\"80000\"]}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dated.yaml:5:52: .*an axis with a date.*name dated changes under `sets`"):
        expand(path)
