"""Written is what is paid: a region that states 75% and a deductible of 400 yuan as law pays 7,500.00 on 10,400 by every door."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.attribute import Asked, Question
from simulator.answers.floors import check_floors
from simulator.engine.chosen_plan import choose
from simulator.engine.doors import explain_bill
from simulator.engine.level import WRITTEN, level_of
from simulator.engine.policies import Rules
from simulator.engine.prepare import prepare
from simulator.engine.readers import Readers
from simulator.engine.simulate import simulate
from simulator.parameters.added import adding
from simulator.parameters.catalogue import TIERS
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import load_regions
from simulator.plan import pack
from simulator.results import read_run, write_run
from simulator.scenario import BASELINE, Policy, Scenario
from tests.support.command import fundsim

YEAR, SCHEME, TOWN = 2012, "nrcms", "town"
LAW = 'status: law, source: "\u300aRules of the town\u300b 1"'


def stated(name: str, unit: str, value: str, status: str = LAW) -> str:
    return f"  {name}: {{unit: {unit}, values: [{{from: 2010-01-01, value: {value}, {status}}}]}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A region with an inpatient schedule of its own, under Shandong, whose outcome and the nation's target it inherits."""
    home = tmp_path_factory.mktemp("params") / TOWN
    home.mkdir()
    (home / "region.yaml").write_text("name: {en: Town, zh: 镇}\nparent: shandong\n", encoding="utf-8")
    ours = 'status: assumption, source: "assumption: a test"'
    every = {name: "{" + ", ".join(f'{tier}: ["{number}"]' for tier in TIERS) + "}" for name, number in (
        ("ratio", 75), ("deductible", 400))}
    (home / "inpatient.yaml").write_text(f"{SCHEME}:\n" + "".join((
        stated("ratio", '"%"', every["ratio"]), stated("deductible", "CNY/admission", every["deductible"]),
        stated("guaranteed_share", '"%"', '"0"', ours), stated("tcm_bonus", "percentage point", '"0"', ours),
        stated("unreferred_penalty", "percentage point", '"0"', ours), stated("outside_penalty", "percentage point", '"0"', ours),
        stated("annual_cap", "CNY/person/year", '"10000000"', ours))), encoding="utf-8")
    (home / "population.yaml").write_text(f"{SCHEME}:\n" + stated("participants", "person", '"100000"', ours), encoding="utf-8")
    (home / "listed.yaml").write_text(f"{SCHEME}:\n" + stated("membership", "name", "{esrd: none}", ours), encoding="utf-8")
    return home.parent


@pytest.fixture
def town(folder):
    with adding(folder):
        yield load_regions()[TOWN]


def bill_of(path: Path) -> Path:
    path.write_text("person,date,tier,billed,eligible\np,2012-05-01,county,10400,10400\n", encoding="utf-8")
    return path


def test_explain_pays_it(town):
    steps, notes = explain_bill(region=TOWN, year=YEAR, scheme=SCHEME, tier="county", bill="10400", in_scope="100")
    assert next(step.amount for step in steps if step.payer and step.name == "basic") == 750_000
    assert any("paid as written (law" in note for note in notes)


def test_settle_pays_it(town, tmp_path):
    done = fundsim("settle", bill_of(tmp_path / "claims.csv"), "--out", tmp_path / "settled.csv", "--region", TOWN,
                   "--year", YEAR, "--scheme", SCHEME, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["basic"] == "7500.00"


def test_a_run_settles_its_bills_by_the_same_plan(town):
    asked = Scenario("town", (TOWN,), YEAR, (SCHEME,), 1, 2, 2_000, systematic=False)
    result = simulate(asked, load_regions(), threads=2).schemes[0]
    measured = {measure.name: measure.values for measure in result.measures[YEAR] if measure.group == ""}
    assert 60 < measured["in_scope_ratio"].mean() < 75            # 75% less what the deductible takes of bills of every size
    assert [(level.k, level.basis) for level in result.levels] == [(1, WRITTEN)]
    readers = Readers(town, asked)
    rules = Rules(asked, SCHEME, [prepare(town, SCHEME, YEAR, 1, 500, (1, 8), 1)], readers)
    assert np.array_equal(pack(rules.plans(0, YEAR)), pack([region_plan(town, SCHEME, YEAR)]))
    assert np.array_equal(choose(TOWN, YEAR, SCHEME, None, None).terms, pack(rules.plans(0, YEAR))[0])


def test_a_policy_in_a_batch_and_a_run_folder_keep_it(town, tmp_path):
    asked = Scenario("town", (TOWN,), YEAR, (SCHEME,), 1, 1, 300,
                     policies=(Policy(BASELINE), Policy("cap", {f"inpatient.{SCHEME}.annual_cap": "90000"})))
    readers = Readers(town, asked)
    plans = Rules(asked, SCHEME, [prepare(town, SCHEME, YEAR, 1, 300, (1, 8), 1)], readers).plans(0, YEAR)
    assert all((plan.ratio == 7500).all() for plan in plans)
    run = read_run(write_run(simulate(asked, load_regions(), threads=1), tmp_path))
    (level,) = run.manifest["levels"]
    assert (level["k"], level["basis"]) == ("1", "written")
    assert level["written"] == level["paid"] == {tier: ["75"] for tier in TIERS}


def test_the_check_simulates_it_as_written_and_attribution_mixes_it_as_written(town):
    found = next(v for v in check_floors(town, YEAR) if v.name == "inpatient_in_scope_ratio" and v.scheme == SCHEME)
    assert "paid as written (law" in found.note and found.ground == "simulated"
    asked = Asked(Question((TOWN, "linyi"), "in_scope_ratio", draws=1, people=200), load_regions(), 1, None)
    mixed = asked.mixture.sources[TOWN]
    assert (region_plan(mixed, SCHEME, YEAR).ratio == 7500).all()
    assert level_of(town, SCHEME, YEAR).k == 1


def test_the_command_takes_the_folder(folder):
    done = fundsim("explain", "--params", folder, "--region", TOWN, "--year", YEAR, "--scheme", SCHEME, "--tier", "county",
                   "--bill", 10400, "--in-scope", 100, "--json")
    assert done.code == 0, done.err
    assert next(step["amount"] for step in json.loads(done.out)["steps"] if step["name"] == "basic") == 750_000
