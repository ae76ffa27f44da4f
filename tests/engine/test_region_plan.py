"""A plan file in a region's own folder: the same rules behind every door, from its day on."""

import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.answers.held import cap, in_place_of
from simulator.answers.held_care import outpatients_pooled, plan_held
from simulator.engine.chosen_plan import choose, plan_of_day
from simulator.engine.doors import rule_books
from simulator.engine.level import level_of
from simulator.engine.policies import Rules
from simulator.engine.readers import policy_reader
from simulator.engine.simulate import simulate
from simulator.money import yuan
from simulator.parameters.added import adding
from simulator.parameters.errors import InputError
from simulator.parameters.overlay import plans_over, thresholds
from simulator.parameters.planfile import read_plan, text_of_plan
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import load_regions
from simulator.plan import OFFSETS, pack
from simulator.scenario import BASELINE, Policy, Scenario, check
from tests.support.command import fundsim

PLAN = """tiers:
  {甲: {of: township, share: 70}, 乙: {of: township, share: 30}, 县: {of: county}, 市: {of: city}, 外: {of: outside}}
deductible: {甲: ["100"], 乙: ["300"], 县: ["500"], 市: ["800"], 外: ["1000"]}
ratio: {甲: ["90"], 乙: ["60"], 县: ["70"], 市: ["55"], 外: ["45"]}
chronic_list: true
chronic_groups: [高血压, 透析]
chronic_ratio: {高血压: {乙: {adult: "50", child: "60"}}, 透析: {乙: {adult: "80", child: "80"}}}
annual_cap: "150000"
"""
HEADS = """nrcms:
  participants:
    unit: person
    values:
      - {from: 2010-01-01, value: "500000", status: assumption, source: "assumption: for the test"}
"""
STATED = """nrcms:
  file:
    unit: name
    values:
      - {from: 2012-01-01, value: mine, status: law, source: "本府发〔2012〕1号 一(一)"}
      - {from: 2014-07-01, value: none, status: law, source: "本府发〔2014〕2号 一(一)"}
"""
FULL = {"level": None, "plan": None}


def folder(home, stated=STATED, plan=PLAN):
    """A folder with one region, ours, that descends from Linyi, and its plan file."""
    (home / "ours").mkdir(parents=True)
    (home / "plans").mkdir()
    (home / "ours" / "region.yaml").write_text("name: {en: Ours, zh: 我们}\nparent: linyi\n", encoding="utf-8")
    (home / "ours" / "population.yaml").write_text(HEADS, encoding="utf-8")
    (home / "plans" / "mine.yaml").write_text(plan, encoding="utf-8")
    if stated:
        (home / "ours" / "plans.yaml").write_text(stated, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return folder(tmp_path_factory.mktemp("own") / "params")


@pytest.fixture(scope="module")
def ours(own):
    return load_regions(params=own)["ours"]


def rules(region, year, *policies):
    named = policies or (Policy(BASELINE),)
    asked = Scenario("doors", (region.name,), year, ("nrcms",), 1, policies=named)
    return Rules(asked, "nrcms", [SimpleNamespace(scheme="nrcms", region=region)],
                 [policy_reader(region, policy, "doors", year) for policy in named])


@pytest.mark.parametrize("day", ["2012-07-01", "2013-02-01", "2014-06-30"])
def test_the_plan_of_a_region_s_folder_is_the_same_in_a_run_on_a_slip_in_a_file_and_in_a_check(day, own, ours):
    at = datetime.date.fromisoformat(day)
    linyi = region_plan(load_regions()["linyi"].on(at), "nrcms", at.year)
    wanted = pack(plans_over(linyi, text_of_plan(own / "plans" / "mine.yaml")))
    assert len(wanted) == 2
    with adding(own):
        explained = choose("ours", at, "nrcms", **FULL)
        settled = rule_books("ours", at.year, "nrcms", None, None, None, "en")
        assert settled.of_day is not None
        assert np.array_equal(explained.rows, wanted) and np.array_equal(settled.of_day(int(f"{at:%Y%m%d}")).terms, wanted)
    assert [tier.name for tier in settled.claims.tiers] == ["甲", "乙", "县", "市", "外"]
    assert explained.claims.chronic_groups == settled.claims.chronic_groups == ("高血压", "透析")
    assert np.array_equal(pack(rules(ours, at.year).plans_on("nrcms", 0, at)), wanted)
    assert np.array_equal(pack(plan_of_day(ours, "nrcms", at).plans), wanted)
    assert np.array_equal(pack([plan_held(ours.on(at), at.year, "nrcms")])[0], wanted[0])
    assert level_of(ours.on(at), "nrcms", at.year).basis == "written"


def test_a_check_holds_clauses_against_the_file_and_no_parameter_in_whose_place_it_stands(ours):
    reading, said = cap(ours, 2012, "nrcms")
    assert reading.value == 150_000 and [value.path for value in said] == ["plans.nrcms.file"]
    assert in_place_of(ours, 2012, "nrcms", "outpatient.{scheme}.year_limit").path == "plans.nrcms.file"
    assert in_place_of(ours, 2012, "nrcms", "conduct.{scheme}.retention") is None
    assert in_place_of(ours, 2011, "nrcms", "outpatient.{scheme}.year_limit") is None
    assert outpatients_pooled(ours, 2011, "nrcms")[0] == 1 and outpatients_pooled(ours, 2012, "nrcms")[0] == 0


def test_before_and_after_its_days_the_region_s_own_rules_hold(own, ours):
    parent = load_regions()["linyi"]
    for day in (datetime.date(2011, 12, 31), datetime.date(2014, 7, 1)):
        plans = plan_of_day(ours, "nrcms", day, level=1).plans
        assert np.array_equal(pack(list(plans)), pack([region_plan(parent.on(day), "nrcms", day.year, 1)]))
    with adding(own):
        settled = rule_books("ours", 2013, "nrcms", "1", None, None, "en")
        with pytest.raises(InputError, match="no level"):
            settled.of_day(20130701)
        later = settled.of_day(20140801).terms
        assert len(later) == 2 and np.array_equal(*later)             # local tiers without terms of their own


def test_a_year_in_which_it_ends_has_rows_of_both_times_and_shares_of_its_tiers(own, ours):
    usual = pack(rules(ours, 2014, Policy(BASELINE, level="none"))._regions_plans("nrcms", 0, 2014))[0]
    people = SimpleNamespace(scheme="nrcms", region=ours, tables=SimpleNamespace(chronic_groups=np.zeros(3), chronic=0))
    made = rules(ours, 2014, Policy(BASELINE, level="none"))
    made.people = [people]
    rows = made._rows(0, 0, 2014, usual)
    first, last = rows.terms[rows.months[0]], rows.terms[rows.months[11]]
    assert [yuan(int(row[OFFSETS["deductible"]])) for row in first] == ["100.00", "300.00"]
    assert np.array_equal(*last) and rows.months.index(rows.months[11]) == 6
    assert np.array_equal(rows.local, thresholds(read_plan(own / "plans" / "mine.yaml")))


def test_a_run_under_it_is_one_under_a_policy_with_the_same_file(own, tmp_path):
    plain, spent = folder(tmp_path / "plain", stated=""), []
    by_policy = Policy(BASELINE, level="none"), Policy("file", plans={"nrcms": str(own / "plans" / "mine.yaml")})
    for where, policies in ((own, (Policy(BASELINE),)), (plain, by_policy)):
        regions = load_regions(params=where)
        asked = Scenario("run", ("ours",), 2012, ("nrcms",), 1, 2, 800, response="none", policies=policies)
        check(asked, regions)
        found = simulate(asked, regions, threads=1).schemes[0].of_worlds[2012]
        spent.append({measure[:2]: measure.values for measure in found}["expenditure", ""][:, -1])
    assert np.array_equal(*spent)


def test_the_command_line_pays_by_it_and_says_whose_plan_it_is(own):
    asked = ("explain", "--region", "ours", "--params", own, "--scheme", "nrcms", "--tier", "乙", "--in-scope", "100", "--year",
             "2012", "--bill")
    said = fundsim(*asked, "1300")
    assert said.code == 0 and "600.00" in said.out and "plans.nrcms.file" in said.out, said
    said = fundsim(*asked, "100", "--outpatient", "--chronic", "--chronic-group", "透析", "--member-class", "child")
    assert said.code == 0 and "80.00" in said.out, said


FAULTS = {
    "an unknown plan": (STATED.replace("mine", "minne"), PLAN, ("ours/plans.yaml:5", "'minne'")),
    "tiers without shares": (STATED, PLAN.replace(", share: 70", "").replace(", share: 30", ""), ("ours/plans.yaml:5", "甲, 乙")),
    "a fault in the plan": (STATED, PLAN.replace('"90"', '"190"'), ("plans/mine.yaml:4", "190")),
    "neither a name nor a mapping": (STATED.replace("value: mine", "value: [mine]"), PLAN, ("ours/plans.yaml:5", "a plan file")),
    "other keys": (STATED.replace("value: mine", "value: {plan: mine, shares: {}}"), PLAN, ("ours/plans.yaml:5", "a plan file")),
    "the account": (STATED, PLAN + 'account_balance: {adult: "5"}\n', ("ours/plans.yaml:5", "account_balance")),
}


@pytest.mark.parametrize(("stated", "plan", "said"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_in_a_region_s_plan_is_told_with_its_place(stated, plan, said, tmp_path):
    with pytest.raises(InputError) as found:
        load_regions(params=folder(tmp_path / "own", stated, plan))
    text = str(found.value)
    assert all(part in text for part in said), text


def test_no_change_of_what_the_file_states_and_no_level_of_a_policy_is_silent(own):
    regions = load_regions(params=own)

    def refused(policy):
        with pytest.raises(InputError) as found:
            check(Scenario("a", ("ours",), 2012, ("nrcms",), 1, policies=(Policy(BASELINE), policy)), regions)
        return str(found.value)

    assert "does nothing" in refused(Policy("p", {"inpatient.nrcms.deductible.county": ["900"]}, level="none"))
    assert "paid as written" in refused(Policy("p", {"inpatient.nrcms.ratio.county": ["50"]}, level="target"))
    assert "`plans: {nrcms: NAME}` of a policy" in refused(Policy("p", {"plans.nrcms.file": "none"}, level="none"))
    assert "local tiers" in refused(Policy("p", plans={"nrcms": str(own / "plans" / "mine.yaml")}))
