"""Scenario files: what is read from good ones, and where and how bad ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.parameters.values import quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, from_dict, read_scenario

NOTHING = SimpleNamespace(value=None)           # of a parameter that may be absent
EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))

# what is wrong -> (the file, line:column of the fault, words of the message)
BAD = {
    "an unknown key": ("regions: [jiangsu]\nhorzion: 5\n", "2:1", ("'horzion'", "did you mean 'horizon'?")),
    "an unknown key of a policy": ("regions: [jiangsu]\npolicies:\n  low:\n    change: {}\n", "4:5", ("'changes'",)),
    "no regions": ("year: 2012\n", "1:1", ("names no regions",)),
    "regions that are no list": ("regions: jiangsu\n", "1:10", ("not a list", "'jiangsu'")),
    "an empty list of regions": ("regions: []\n", "1:10", ("not a list",)),
    "a region inside a list inside the list": ("regions: [[jiangsu]]\n", "1:11", ("not a name",)),
    "a mapping for a region": ("regions: [{a: b}]\n", "1:11", ("not a name",)),
    "an unknown region": ("regions: [jiangsu, linyj]\n", "1:20", ("'linyj'", "did you mean 'linyi'?")),
    "a region twice": ("regions: [linyi, linyi]\n", "1:10", ("twice",)),
    "an unknown scheme": ("regions: [linyi]\nschemes: [nrcms, urmbi]\n", "2:18", ("'urmbi'", "did you mean 'urbmi'?")),
    "a change of a scheme that is not simulated": (
        "regions: [zibo]\nschemes: [nrcms]\nchanges: {inpatient.urrbmi.annual_cap: 1}\n", "3:11", ("not simulated", "nrcms")),
    "a year before the first": ("regions: [linyi]\nyear: 2009\n", "2:7", ("year:", "from 2010 to 2030")),
    "a year that is no number": ("regions: [linyi]\nyear: twelve\n", "2:7", ("'twelve'",)),
    "no draws": ("regions: [linyi]\ndraws: 0\n", "2:8", ("draws:", "from 1 to 100000")),
    "a leading zero": ("regions: [linyi]\ndraws: 010\n", "2:8", ("'010'",)),
    "full-width digits": ("regions: [linyi]\ndraws: １０\n", "2:8", ("draws:",)),
    "a fraction of a draw": ("regions: [linyi]\ndraws: 1.5\n", "2:8", ("'1.5'",)),
    "a number of thousands of digits": (f"regions: [linyi]\nseed: {'9' * 5000}\n", "2:7", ("seed:",)),
    "a seed above 32 bits": ("regions: [linyi]\nseed: 4294967296\n", "2:7", ("4294967295",)),
    "a negative horizon": ("regions: [linyi]\nhorizon: -1\n", "2:10", ("'-1'",)),
    "people in words": ("regions: [linyi]\npeople: everybody\n", "2:9", ("'everybody'",)),
    "a share above one": ("regions: [linyi]\noutpatient_share: 9/8\n", "2:19", ("'9/8'", "1/8")),
    "a share of nothing": ("regions: [linyi]\noutpatient_share: 0/8\n", "2:19", ("'0/8'",)),
    "a share as a decimal": ("regions: [linyi]\noutpatient_share: 0.125\n", "2:19", ("'0.125'",)),
    "an unknown response": ("regions: [linyi]\nresponse: secondry\n", "2:11", ("did you mean 'secondary'?",)),
    "a flag in capitals": ("regions: [linyi]\nsystematic: True\n", "2:13", ("did you mean 'true'?",)),
    "a flag that is none": ("regions: [linyi]\ndemand: yes\n", "2:9", ("demand:", "'yes'")),
    "a policy called baseline": ("regions: [linyi]\npolicies:\n  baseline: {}\n", "3:13", ("another name",)),
    "a policy with a formula for a name": ("regions: [linyi]\npolicies:\n  =1+1: {level: own}\n", "3:3",
                                           ("'=1+1'", "letters, digits")),
    "a scenario with a formula for a name": ('regions: [linyi]\nname: "@SUM(A1)"\n', "2:7", ("'@SUM(A1)'",)),
    "a scenario whose name leads out of the folder": ("regions: [linyi]\nname: ../../etc\n", "2:7", ("'../../etc'",)),
    "a scenario with a list for a name": ("regions: [linyi]\nname: [a]\n", "2:7", ("name:",)),
    "a policy that would change the people": (
        "regions: [linyi]\npolicies:\n  a:\n    changes:\n      care.nrcms.admission_rate: 9\n",
        "5:7", ("the people or their illnesses", "care.nrcms.admission_rate", "under `changes` of the scenario")),
    "a policy that would change how often patients go without referral": (
        "regions: [linyi]\npolicies:\n  a:\n    changes: {inpatient.nrcms.unreferred_share: 9}\n",
        "4:15", ("the people or their illnesses",)),
    "an unknown level": ("regions: [linyi]\npolicies:\n  a: {level: ownn}\n", "3:14", ("did you mean 'own'?",)),
    "a policy that is no mapping": ("regions: [linyi]\npolicies:\n  a: cheap\n", "3:6", ("not a mapping",)),
    "an unknown parameter": (
        "regions: [linyi]\npolicies:\n  a:\n    changes:\n      inpatient.nrcms.annual_cap: 80000\n"
        "      inpatient.nrcms.deductable: 1\n",
        "6:7", ("inpatient.nrcms.deductable", "deductible")),
    "a value out of range": ("regions: [linyi]\nchanges:\n  funding.nrcms.collection_ratio: 130\n", "3:3",
                             ("'130'", "from 10 to 120")),
    "a value of the wrong shape": ("regions: [linyi]\nchanges:\n  inpatient.nrcms.annual_cap: [1, 2]\n", "3:3",
                                   ("a list, not a number",)),
    "a percent sign in a value": ("regions: [linyi]\nchanges: {funding.nrcms.collection_ratio: 90%}\n", "2:11",
                                  ("percent sign",)),
    "ratios that do not fit the bands": (
        "regions: [linyi]\nchanges:\n  inpatient.nrcms.annual_cap: 80000\n  inpatient.nrcms.band_tops: [10000]\n",
        "4:3", ("2, one more than the tops",)),
    "an anchor": ("regions: &r [linyi]\n", "1:10", ("an anchor",)),
    "an alias": ("regions: [linyi]\nname: *r\n", "2:7", ("an alias",)),
    "a tag": ("regions: [linyi]\nname: !!str x\n", "2:7", ("a tag",)),
    "a key twice": ("regions: [linyi]\ndraws: 5\ndraws: 6\n", "3:1", ("stands twice", "line 2")),
    "a key without a value": ("regions: [linyi]\ndraws:\n", "2:1", ("no value",)),
    "a tab": ("regions: [linyi]\npolicies:\n\ta: {}\n", "3:1", ("a tab",)),
    "what is not YAML": ("regions: [linyi\n", "2:1", ("not YAML",)),
    "a full-width colon": ("draws: 5\nregions：[linyi]\n", "2:8", ("full-width colon",)),
    "a list of scenarios": ("- regions: [linyi]\n", "1:1", ("no names at its first level",)),
    "an empty file": ("", "1:1", ("empty",)),
    "only a comment": ("# nothing\n", "1:1", ("empty",)),
}


def write(folder: Path, text: str, name: str = "question.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_file_is_refused_with_its_place(wrong, tmp_path):
    text, place, words = BAD[wrong]
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    said = str(caught.value)
    assert said.startswith(f"{path}:{place}: "), said
    assert "\n" not in said and all(word in said for word in words), said


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(InputError, match="cannot read the scenario") as caught:
            read_scenario(path)
        assert str(path)[:57] in str(caught.value)


def test_a_file_that_is_not_utf_8_is_refused_with_its_place(tmp_path):
    (tmp_path / "gbk.yaml").write_bytes("regions: [linyi]\nname: 临沂\n".encode("gbk"))
    with pytest.raises(InputError, match=r"gbk.yaml:2:7: the file is not UTF-8"):
        read_scenario(tmp_path / "gbk.yaml")


def test_a_file_name_that_cannot_name_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="name: '=2'"):
        read_scenario(write(tmp_path, "regions: [linyi]\n", "=2.yaml"))


def test_what_a_file_does_not_say_is_the_default(tmp_path):
    assert read_scenario(write(tmp_path, "regions: [jiangsu]\n")) == Scenario("question", ("jiangsu",))


def test_everything_a_file_can_say_is_read(tmp_path):
    found = read_scenario(write(tmp_path, """
name: 临沂-2013.1
description: Does the cap matter?
regions: [linyi, jiangsu]
year: 2013
schemes: [nrcms]
horizon: 1
draws: 3
people: all
replicas: 2
seed: 0
outpatient_share: 1/1
response: none
systematic: false
demand: true
changes: {funding.nrcms.claim_lag: 2}
policies:
  cap: {changes: {inpatient.nrcms.annual_cap: "80000"}, level: own}
  plain: {}
"""))
    assert found == Scenario(
        "临沂-2013.1", ("linyi", "jiangsu"), 2013, ("nrcms",), 1, 3, None, 2, 0, (1, 1), "none", False, True,
        (Policy(BASELINE), Policy("cap", {"inpatient.nrcms.annual_cap": "80000"}, "own"), Policy("plain")),
        {"funding.nrcms.claim_lag": "2"})


def test_the_merged_scheme_can_be_asked_for_with_changes_of_its_parts(tmp_path):
    text = "regions: [zibo]\nyear: 2013\nschemes: [urrbmi]\nchanges: {care.nrcms.bill_growth: 7}\n"
    found = read_scenario(write(tmp_path, text))
    assert found.schemes == ("urrbmi",) and found.response == "stated" and found.demand is False


def test_bands_and_their_ratios_are_changed_together(tmp_path):
    ratios = "{township: [80, 85], county: [70, 75], city: [60, 65], outside: [50, 55]}"
    text = f"regions: [linyi]\nchanges:\n  inpatient.nrcms.band_tops: [10000]\n  inpatient.nrcms.ratio: {ratios}\n"
    assert len(read_scenario(write(tmp_path, text)).changes) == 2
    policy = f"policies:\n  steep:\n    changes: {{inpatient.nrcms.ratio: {ratios.replace('85', '90')}}}\n"
    assert read_scenario(write(tmp_path, text + policy)).policies[1].name == "steep"
    with pytest.raises(InputError, match=r"question.yaml:4:15: .*inpatient.nrcms.ratio"):
        read_scenario(write(tmp_path, "regions: [linyi]\n" + policy))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_asks_and_is_read(path):
    asked = path.read_text(encoding="utf-8").split("\nname:")[0]
    assert all(line.startswith("# ") for line in asked.splitlines()) and len(asked) > 40
    scenario = read_scenario(path)
    assert scenario.name == path.stem
    assert from_dict(json.loads(json.dumps(scenario.as_dict(), ensure_ascii=False))) == scenario


def test_the_examples_are_there():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_policy_of_an_example_changes_something(path):
    scenario = read_scenario(path)
    for policy in scenario.policies[1:]:
        for name in scenario.regions:
            everywhere = load_regions()[name].with_changes(scenario.changes, scenario.name)
            changed = everywhere.with_changes(policy.changes, policy.name)
            assert policy.level != "region" or any(
                changed.value(own, year, required=False).value != before.value
                for own in {quantity_at(p)[0] for p in policy.changes} for year in scenario.years
                if (before := everywhere.value(own, year, required=False) or NOTHING)), f"{policy.name} in {name}"


@pytest.mark.parametrize("data", [{}, {"regions": ["linyi"]}, Scenario("a", ("linyi",)).as_dict() | {"colour": "red"}])
def test_a_manifest_of_another_version_is_refused(data):
    with pytest.raises(InputError, match="no scenario of this version"):
        from_dict(data)
