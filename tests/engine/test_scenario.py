"""Scenario files: what is read from good ones, and where and how bad ones are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.parameters.values import quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, check, from_dict, read_scenario

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
    "a percent sign in an amount": ("regions: [linyi]\nchanges: {funding.nrcms.subsidy: 90%}\n", "2:11", ("percent sign",)),
    "a fraction in place of a percentage": (
        "regions: [linyi]\nchanges: {inpatient.nrcms.ratio.county: [0.75]}\n", "2:11", ("write 75, or 0.75% if that is meant",)),
    "ratios that do not fit the bands": (
        "regions: [linyi]\nchanges:\n  inpatient.nrcms.annual_cap: 80000\n  inpatient.nrcms.band_tops: [10000]\n",
        "4:3", ("2, one more than the tops",)),
    "a factor that is no number": ("regions: [linyi]\nchanges:\n  funding.nrcms.subsidy: {times: 10%}\n", "3:3",
                                   ("times: '10%'", "a number in digits")),
    "a factor that leads out of the range": (
        "regions: [linyi]\npolicies:\n  a:\n    changes: {inpatient.nrcms.ratio.county: {times: 2}}\n", "4:15",
        ("out of range", "from 0 to 100")),
    "a sum with parts of a fen": ("regions: [linyi]\nchanges: {inpatient.nrcms.deductible: {plus: 0.001}}\n", "2:11",
                                  ("finer than its unit (CNY/admission)", "a multiple of 0.01")),
    "a value with parts of a fen": ("regions: [linyi]\nchanges: {inpatient.nrcms.annual_cap: 80000.001}\n", "2:11",
                                    ("finer than its unit", "80000.00 or 80000.01")),
    "a misspelt verb": ("regions: [linyi]\nchanges: {funding.nrcms.subsidy: {tims: 2}}\n", "2:11", ("did you mean 'times'?",)),
    "two verbs": ("regions: [linyi]\nchanges: {funding.nrcms.subsidy: {times: 2, plus: 1}}\n", "2:11", ("'times, plus'",)),
    "a factor on a flag": ("regions: [linyi]\nchanges: {cii.nrcms.in_force: {times: 2}}\n", "2:11", ("no numbers",)),
    "a title with an escape sequence": ('regions: [linyi]\ntitle: "a\\x1b[2Jb"\n', "2:8", ("title:", "printable")),
    "a title that is a list": ("regions: [linyi]\ntitle: [a]\n", "2:8", ("title: not a text",)),
    "fewer draws at most than at first": ("regions: [linyi]\ndraws: 50\nmax_draws: 20\n", "3:12", ("the 50 first draws",)),
    "a design": ("regions: [linyi]\ndesign: {grid: {}}\n", "2:1", ("not one scenario but a batch", "fundsim batch")),
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
        with pytest.raises(InputError, match="cannot read the scenario|a folder, not a scenario") as caught:
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
title: The cap
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
        {"funding.nrcms.claim_lag": "2"}, title="The cap", description="Does the cap matter?")


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


def test_verbs_are_kept_so_that_each_region_moves_its_own_value_and_the_manifest_repeats_them(tmp_path):
    found = read_scenario(write(tmp_path, """
regions: [jiangsu, linyi]
schemes: [nrcms]
changes: {funding.nrcms.subsidy: {times: 1.1}}
policies:
  lower: {changes: {inpatient.nrcms.deductible: {plus: -50}, inpatient.nrcms.annual_cap: {value: 90000}}}
"""))
    assert found.changes == {"funding.nrcms.subsidy": {"times": "1.1"}}
    assert from_dict(json.loads(json.dumps(found.as_dict()))) == found
    for name in found.regions:
        before = load_regions()[name]
        changed = before.with_changes(found.changes, "all").with_changes(found.policies[1].changes, "lower")
        path = "funding.nrcms.subsidy"
        assert changed.value(path, 2012).value == before.value(path, 2012).value * Decimal("1.1")
        assert changed.value("inpatient.nrcms.annual_cap", 2012).value == 90000


# --- scenarios made in Python ----------------------------------------------------------------------

CAP = {"inpatient.nrcms.annual_cap": 80000}
WRONG = {  # what is wrong -> (the scenario, words of the message)
    "a name that leads out of the folder": (Scenario("../../x", ("linyi",)), ("name: '../../x'",)),
    "no regions": (Scenario("a", ()), ("regions: not a list",)),
    "regions that are one word": (Scenario("a", "linyi"), ("regions: not a list: 'linyi'",)),
    "an unknown region": (Scenario("a", ("linyj",)), ("regions: unknown name 'linyj'", "did you mean 'linyi'?")),
    "a region twice": (Scenario("a", ("linyi", "linyi")), ("twice",)),
    "an unknown scheme": (Scenario("a", ("linyi",), schemes=("urmbi",)), ("did you mean 'urbmi'?",)),
    "no scheme": (Scenario("a", ("linyi",), schemes=()), ("schemes: not a list",)),
    "negative draws": (Scenario("a", ("linyi",), draws=-3), ("draws: '-3'", "from 1 to 100000")),
    "draws that are a flag": (Scenario("a", ("linyi",), draws=True), ("draws: 'True'",)),
    "draws as text": (Scenario("a", ("linyi",), draws="3"), ("draws: '3'",)),
    "half a person": (Scenario("a", ("linyi",), people=0.5), ("people:",)),
    "a year out of the tables": (Scenario("a", ("linyi",), year=1990), ("year: '1990'",)),
    "a share above one": (Scenario("a", ("linyi",), outpatient_share=(9, 8)), ("outpatient_share:",)),
    "an unknown response": (Scenario("a", ("linyi",), response="secondry"), ("did you mean 'secondary'?",)),
    "a flag that is a word": (Scenario("a", ("linyi",), demand="no"), ("demand: 'no'",)),
    "a precision of nothing": (Scenario("a", ("linyi",), precision=0.0), ("precision: '0.0'",)),
    "a precision that is no number": (Scenario("a", ("linyi",), precision=float("nan")), ("precision: 'nan'",)),
    "fewer draws at most": (Scenario("a", ("linyi",), draws=50, max_draws=20), ("max_draws: '20'", "the 50 first")),
    "no policy": (Scenario("a", ("linyi",), policies=()), ("policies: none",)),
    "a policy with a formula for a name": (Scenario("a", ("linyi",), policies=(Policy("=1+1"),)), ("policies: name: '=1+1'",)),
    "two policies of one name": (Scenario("a", ("linyi",), policies=(Policy("b", CAP), Policy("b"))), ("each name once",)),
    "a baseline that changes something": (Scenario("a", ("linyi",), policies=(Policy(BASELINE, CAP), Policy("b"))),
                                            ("another name",)),
    "an unknown level": (Scenario("a", ("linyi",), policies=(Policy("b", {}, "ownn"),)), ("policies.b: level: 'ownn'", "'own'")),
    "an unknown path": (Scenario("a", ("linyi",), changes={"inpatient.nrcms.anual_cap": 1}),
                        ("changes: unknown path", "did you mean 'inpatient.nrcms.annual_cap'?")),
    "changes that are a list": (Scenario("a", ("linyi",), changes=["x"]), ("changes: '['x']'", "a mapping")),
    "a value of no kind": (Scenario("a", ("linyi",), changes={"inpatient.nrcms.annual_cap": object()}), ("not a value",)),
    "a policy that changes the people": (
        Scenario("a", ("linyi",), policies=(Policy(BASELINE), Policy("b", {"care.nrcms.admission_rate": 9}))),
        ("policies.b.changes: a policy",)),
    "a scheme that is not simulated": (
        Scenario("a", ("linyi",), schemes=("uebmi",), changes=CAP), ("not simulated", "'inpatient.nrcms.annual_cap'")),
    "a policy's value out of range": (
        Scenario("a", ("linyi",), policies=(Policy(BASELINE), Policy("b", {"inpatient.nrcms.ratio.county": {"plus": 99}}))),
        ("policies.b.changes: ", "out of range")),
    "a title with an escape sequence": (Scenario("a", ("linyi",), title="\x1b[2J"), ("title:", "printable")),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_bad_scenario_made_in_python_is_refused_as_a_file_is(wrong):
    scenario, words = WRONG[wrong]
    with pytest.raises(InputError) as refused:
        check(scenario, load_regions())
    assert all(word in str(refused.value) for word in words), refused.value


def test_good_scenarios_made_in_python_pass():
    for changes in ({}, CAP, {"inpatient.nrcms.deductible.county": [300.5, Decimal("100")], "cii.nrcms.in_force": True}):
        check(Scenario("a", ("linyi", "jiangsu"), people=None, precision=2, draws=20_000, changes=changes,
                       policies=(Policy(BASELINE), Policy("b", changes, "own"))), load_regions())


def test_numbers_of_changes_reach_the_manifest_as_text():
    scenario = Scenario("a", ("linyi",), changes={"inpatient.nrcms.annual_cap": Decimal("80000.50")},
                        policies=(Policy(BASELINE), Policy("b", {"inpatient.nrcms.deductible.county": {"times": 0.5}})))
    data = json.loads(json.dumps(scenario.as_dict()))
    assert data["changes"] == {"inpatient.nrcms.annual_cap": "80000.50"}
    assert from_dict(data).policies[1].changes == {"inpatient.nrcms.deductible.county": {"times": "0.5"}}


def test_a_manifest_that_was_tampered_with_is_refused_by_name():
    data = Scenario("a", ("linyi",)).as_dict()
    for wrong, words in (({"name": "../x"}, "run/manifest.json: name: '../x'"), ({"draws": "5"}, "draws: '5'"),
                         ({"changes": {"a.b": 1}}, "run/manifest.json.changes: unknown path")):
        with pytest.raises(InputError) as refused:
            from_dict(data | wrong, "run/manifest.json")
        assert words in str(refused.value)


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
            assert policy.level != "region" or policy.plans or any(
                changed.value(own, year, required=False).value != before.value
                for own in {quantity_at(p)[0] for p in policy.changes} for year in scenario.years
                if (before := everywhere.value(own, year, required=False) or NOTHING)), f"{policy.name} in {name}"


@pytest.mark.parametrize("data", [{}, {"regions": ["linyi"]}, Scenario("a", ("linyi",)).as_dict() | {"colour": "red"}])
def test_a_manifest_of_another_version_is_refused(data):
    with pytest.raises(InputError, match="no scenario of this version"):
        from_dict(data)


def test_a_scenario_made_in_python_may_name_its_region_in_chinese(regions):
    asked = Scenario("named", ("江苏",), schemes=("新农合",), horizon=1)
    check(asked, regions)
    assert asked.in_names_of(regions).regions == ("jiangsu",) and asked.schemes == ("nrcms",)
