"""Two finished batches side by side: which questions belong together, and what their differences are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator import Policy, Scenario, batch
from simulator.engine.measures import half_width, summarise
from simulator.report.two_batches import BATCH_GAPS, Batches
from simulator.report.two_runs import INDEPENDENT, PAIRED
from tests.support.command import fundsim

CAP, LOW = {"inpatient.nrcms.annual_cap": "20000"}, {"inpatient.nrcms.annual_cap": "9000"}
ASKED = Scenario("asked", ("linyi",), schemes=("nrcms",), horizon=2, draws=12, people=300,
                 policies=(Policy("baseline"), Policy("cap", CAP), Policy("none", {"inpatient.nrcms.annual_cap": "1"})))


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def first(out) -> Path:
    return batch(ASKED, out=out, threads=1, report=False).folder


@pytest.fixture(scope="module")
def second(out) -> Path:
    """A lower cap under the same name, the first one's cap under another name, more draws, and a question of its own."""
    policies = Policy("baseline"), Policy("cap", LOW), Policy("renamed", {"inpatient.nrcms.annual_cap": "1"})
    return batch(ASKED.but(draws=15, policies=policies), out=out, threads=1, report=False).folder


def test_questions_of_one_label_belong_together_and_else_those_that_ask_the_same(first, second, out):
    policies = *ASKED.policies[:1], Policy("renamed", ASKED.policies[2].changes), Policy("own", LOW)
    other = batch(ASKED.but(policies=policies), out=out, threads=1, report=False).folder
    pairs = [(one.labels[3], other.labels[3]) for one, other in Batches.of([first, other]).pairs]
    assert pairs == [("baseline", "baseline"), ("none", "renamed")]
    assert Batches.of([first, other]).alone == (1, 1)


def test_differences_are_taken_world_by_world_under_one_seed(first, second):
    batches = Batches.of([first, second])
    table = batches.table
    assert tuple(table) == BATCH_GAPS and set(table["how"]) == {PAIRED} and set(table["policy"]) >= {"baseline", "cap"}
    assert (table[table["policy"] == "baseline"]["difference"] == 0).all()
    one, other = next(pair for pair in batches.pairs if pair[0].labels[3] == "cap")
    a, b = batches.a.worlds(one, [2012, 2013])["oop_per_head"], batches.b.worlds(other, [2012, 2013])["oop_per_head"]
    assert a.shape == (12, 2) and b.shape == (15, 2)
    gap = b[:12, 1] - a[:, 1]
    row = table[(table["policy"] == "cap") & (table["measure"] == "oop_per_head") & (table["year"] == 2013)].iloc[0]
    assert row["difference"] == pytest.approx(gap.mean()) and row["difference"] > 0
    assert row["se"] == pytest.approx(summarise(gap)["se"])
    assert row["high"] - row["difference"] == pytest.approx(half_width(row["se"], 12))


def test_batches_of_two_seeds_are_independent(first, out):
    other = batch(ASKED.but(seed=7, policies=ASKED.policies[:2]), out=out, threads=1, report=False).folder
    table = Batches.of([first, other]).table
    assert set(table["how"]) == {INDEPENDENT} and set(table["policy"]) == {"baseline", "cap"}
    row = table[(table["measure"] == "oop_per_head") & (table["policy"] == "cap")].iloc[0]
    assert row["difference"] == pytest.approx(row["b"] - row["a"]) and np.isfinite(row["low"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_compares_batches_and_leaves_them_alone(lang, first, second):
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    said = fundsim("compare", first, second, "--lang", lang)
    assert said.code == 0 and said.err == "" and ("Paired by world" if lang == "en" else "按模拟未来配对") in said.out
    assert ("questions that both have" if lang == "en" else "两批共有") in said.out
    data = json.loads(fundsim("compare", first, second, "--json").out)
    assert data["questions"] == 3 and data["alone"] == [0, 0] and len(data["comparison"]) > 100
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before


def test_what_cannot_be_compared_is_refused_in_one_line(first, second, out):
    later = batch(ASKED.but(name="later", year=2020, policies=ASKED.policies[:1]), out=out, threads=1, report=False).folder
    for words, message in (((first, first), "a batch with itself"), ((first, second, later), "two batches"),
                           ((first,), "two batches"),
                           ((first, later), "no answered question in common"), ((first, "linyi"), "a run and a region"),
                           ((first, second, "--draws", "5"), "'--draws'")):
        said = fundsim("compare", *words)
        assert said.code == 2 and message in said.err and said.err.count("\n") == 1 and said.out == "", (words, said)
