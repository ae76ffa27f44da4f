"""Finished runs side by side: which worlds belong together, which errors add up, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import Policy, Scenario, batch, run
from simulator.engine.measures import half_width, summarise
from simulator.folders import MANIFEST, read_manifest, sealed, table_of
from simulator.report.brief import MOST_LINES
from simulator.report.runs_brief import RUNS, RunsBrief
from simulator.report.style import columns_of
from simulator.report.two_runs import INDEPENDENT, PAIRED, WIDEST, Runs, apart, paired, read_asked, welch
from simulator.results import BORNE
from tests.support.command import fundsim

CAP = {"inpatient.nrcms.annual_cap": "20000"}
SMALL = Scenario("small", ("linyi",), schemes=("nrcms",), horizon=2, draws=12, people=300,
                 policies=(Policy("baseline"), Policy("cap", CAP)))


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


def folder(scenario: Scenario, out: Path) -> Path:
    return run(scenario, out=out, threads=1, report=False).folder


@pytest.fixture(scope="module")
def first(out) -> Path:
    return folder(SMALL, out)


@pytest.fixture(scope="module")
def capped(out) -> Path:
    """The cap for everybody, and more draws."""
    return folder(SMALL.but(name="capped", policies=SMALL.policies[:1], changes=CAP, draws=15), out)


@pytest.fixture(scope="module")
def seeded(out) -> Path:
    return folder(SMALL.but(name="seeded", seed=7, horizon=3, policies=SMALL.policies[:1]), out)


def runs_of(*words: object) -> Runs:
    return Runs.of([read_asked(str(word)) for word in words])


def row_of(runs: Runs, measure: str, year: int = 2013, group: str = "", **where: object) -> pd.Series:
    table = runs.table
    found = table[(table["measure"] == measure) & (table["year"] == year) & (table["group"] == group)]
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def test_two_policies_of_one_run_differ_as_the_run_itself_says(first):
    runs = runs_of(f"{first}:baseline", f"{first}:cap")
    own = pd.read_csv(first / "comparison.csv", encoding="utf-8-sig").fillna({"group": ""})
    own = own[own["group"] == ""].set_index(["measure", "year"])
    paired_ones = runs.table[runs.table["how"] == PAIRED]
    assert len(paired_ones) > 2 * 20 and set(BORNE) <= set(paired_ones["measure"])
    for row in paired_ones.itertuples():
        mine = own.loc[(row.measure, row.year)]
        assert [row.b, row.a, row.difference, row.se, row.low, row.high] == pytest.approx(
            mine[["a", "b", "difference", "se", "low", "high"]].tolist(), rel=1e-9, abs=1e-9), row.measure


def test_runs_of_one_seed_are_paired_over_the_worlds_that_both_have(first, capped):
    runs = runs_of(first, capped)
    assert runs.is_paired(runs.pairs[0]) and runs.worlds(runs.pairs[0]) == 12
    row = row_of(runs, "oop_per_head")
    paths = [pd.read_parquet(place / "paths.parquet").query("policy == 'baseline' and year == 2013") for place in (first, capped)]
    worlds = [frame["oop_per_head"].to_numpy()[:12] for frame in paths]
    gap = summarise(worlds[1] - worlds[0])
    assert row["how"] == PAIRED and [row["difference"], row["se"]] == pytest.approx([gap["mean"], gap["se"]])
    assert row["high"] - row["difference"] == pytest.approx(half_width(gap["se"], 12))
    other = row_of(runs, "catastrophic_25", group="quintile:q1")
    both = [pd.read_csv(place / "summary.csv", encoding="utf-8-sig").query(
        "policy == 'baseline' and year == 2013 and measure == 'catastrophic_25' and group == 'quintile:q1'").iloc[0]
        for place in (first, capped)]
    assert other["how"] == WIDEST and other["se"] == pytest.approx(both[0]["se"] + both[1]["se"])


def test_runs_of_two_seeds_are_independent_and_share_the_years_that_both_have(first, seeded):
    runs = runs_of(f"{first}:baseline", seeded)
    assert set(runs.table["how"]) == {INDEPENDENT} and list(runs.years) == [2012, 2013]
    row = row_of(runs, "revenue")
    own = [pd.read_csv(place / "summary.csv", encoding="utf-8-sig").query(
        "policy == 'baseline' and year == 2013 and measure == 'revenue'").iloc[0] for place in (first, seeded)]
    assert row["se"] == pytest.approx(np.hypot(own[0]["se"], own[1]["se"]))
    assert row["difference"] == pytest.approx(own[1]["mean"] - own[0]["mean"])


def test_intervals_hold_what_they_say():
    """Paired worlds that depend on each other, independent ones, and the widest: 95% of 2,000 repetitions, or more."""
    rng, held = np.random.default_rng(5), {PAIRED: 0, INDEPENDENT: 0, WIDEST: 0}
    repeats = 2000
    for _ in range(repeats):
        shared, own = rng.normal(size=20), rng.normal(size=(2, 20))
        a, b = 3 * shared + own[0], -3 * shared + own[1] + 1       # as unlike as can be: errors add up
        one, other, free, wide = ((found["mean"], found["se"], "") for found in map(summarise, (a, b, own[0], own[1] * 5 + 1)))
        for how, gap in ((PAIRED, paired(a, b)), (WIDEST, apart(one, other, True, (20, 20))),
                         (INDEPENDENT, apart(free, wide, False, (20, 20)))):
            held[how] += gap.low <= 1 <= gap.high
    shares = {how: count / repeats for how, count in held.items()}
    assert 0.93 < shares[PAIRED] < 0.97 and 0.93 < shares[INDEPENDENT] < 0.97 and shares[WIDEST] >= 0.93


def test_welch_is_student_where_one_side_has_no_error():
    assert welch(0.5, 0.0, (20, 20)) == (0.5, pytest.approx(half_width(0.5, 20)))
    assert welch(0.0, 0.0, (20, 20)) == (0.0, 0.0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_fits_24_lines_and_says_how_runs_were_compared(lang, first, capped, seeded):
    for words in ((first, capped), (f"{first}:baseline", seeded), (f"{first}:baseline", capped, seeded, f"{first}:cap")):
        brief = RunsBrief(runs_of(*words), lang)
        lines = brief.lines()
        assert len(lines) <= MOST_LINES and max(map(columns_of, lines)) <= 80
        text = "".join(lines).replace(" ", "")
        key = "paired" if words[1] == capped else "independent"
        assert RUNS[key][lang == "zh"][:4].replace(" ", "") in text and "20000" in text or seeded in words
    assert ("seed 20120321 -> 7" in "\n".join(RunsBrief(runs_of(f"{first}:baseline", seeded), "en").lines()))


def test_runs_of_before_worlds_were_kept_have_the_widest_interval_of_burden_and_say_so(first, capped, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(first, old)
    pd.read_parquet(old / "paths.parquet").drop(columns=list(BORNE)).to_parquet(old / "paths.parquet", index=False)
    (old / MANIFEST).write_bytes(sealed(read_manifest(first), table_of(old)))
    runs = runs_of(old, capped)
    assert row_of(runs, "oop_per_head")["how"] == WIDEST and row_of(runs, "revenue")["how"] == PAIRED
    assert "not kept by world" in "\n".join(RunsBrief(runs, "en", 200).lines())


def test_the_command_compares_runs_and_leaves_them_alone(first, capped, seeded):
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    said = fundsim("compare", first, capped)
    assert said.code == 0 and said.err == "" and "Paired by world" in said.out and len(said.out.splitlines()) <= 24
    data = json.loads(fundsim("compare", first, seeded, "--json").out)
    assert data["pairs"][0]["paired"] is False and data["comparison"][0]["how"] == INDEPENDENT
    assert "how" in fundsim("compare", first, capped, "-v").out
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before


def test_what_cannot_be_compared_is_refused_in_one_line(first, capped, out, tmp_path):
    urbmi = folder(SMALL.but(name="urbmi", schemes=("urbmi",), policies=SMALL.policies[:1]), out)
    later = folder(SMALL.but(name="later", year=2020), out)
    two = folder(SMALL.but(name="two", regions=("jiangsu", "zibo"), draws=2), out)
    of_batch = batch(SMALL.but(draws=2), out=tmp_path, threads=1, report=False).folder
    damaged = tmp_path / "damaged"
    shutil.copytree(first, damaged)
    (damaged / "summary.csv").write_bytes(b"x")
    for words, message in (((first, "linyi"), "a run and a region"), (("linyi", first), "'linyi and"),
                           ((first, first), "a run with itself"), ((first,), "at least two runs"),
                           ((first, tmp_path / "nowhere"), "not a run folder"),
                           ((first, of_batch), "a batch and a run"), ((first, damaged), "summary.csv is not as it was written"),
                           ((first, urbmi), "no schemes in common"), ((first, later), "no years in common"),
                           ((first, two), "no region in common"), ((first, f"{capped}:cp"), "no such policy"),
                           ((f"{first}:cpa", capped), "did you mean 'cap'"), ((first, capped, "--draws", "5"), "'--draws'"),
                           ((first, capped, "--out", tmp_path), "'--out'")):
        said = fundsim("compare", *words)
        assert said.code == 2 and message in said.err and said.err.count("\n") == 1 and said.out == "", (words, said)
