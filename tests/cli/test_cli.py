"""The command line: every verb's help, what it writes and prints, its exit codes, and one clear line for bad input."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from simulator import tables
from simulator.care.severity import bill_table
from simulator.compiling import cache
from simulator.parameters.planfile import plan_schema
from simulator.results import COMPARISON, PARAMETERS, PATHS, SUMMARY
from simulator.slip.words import LABELS
from tests.support.command import Said, fundsim

TINY = ("--draws", "2", "--people", "500", "--horizon", "2", "--schemes", "nrcms", "--threads", "1")
VERBS = [("compare",), ("run",), ("explain",), ("settle",), ("losses",), ("solve",), ("backtest",), ("report",), ("verify",),
         *(("params", verb) for verb in ("list", "show", "diff", "check", "schema"))]
PAYERS = {lang: tuple(LABELS[payer][at] for payer in tables.PAYERS) for at, lang in enumerate(("en", "zh"))}


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> tuple[Said, Path]:
    """A tiny comparison, printed; its run folder."""
    out = tmp_path_factory.mktemp("results")
    said = fundsim("compare", "jiangsu", "linyi", *TINY, "--out", out)
    return said, next(out.glob("*/*"))


@pytest.fixture
def policies(tmp_path) -> Path:
    """A scenario of one region and two policies."""
    path = tmp_path / "caps.yaml"
    path.write_text("regions: [jiangsu]\nschemes: [nrcms]\nhorizon: 2\ndraws: 2\npeople: 500\n"
                    "policies:\n  no-deductible:\n    changes:\n      inpatient.nrcms.deductible:\n"
                    "        {township: [0], county: [0], city: [0], outside: [0]}\n", encoding="utf-8")
    return path


# --- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [(), *VERBS], ids=" ".join)
def test_help_ends_well_and_shows_an_example(verb):
    said = fundsim(*verb, "--help")
    assert said.code == 0 and said.err == ""
    assert re.search(r"Example:\s+fundsim\s+" + r"\s+".join(verb or ("compare",)), said.out), said.out


def test_help_is_instant():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "simulator.cli", "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "compare" in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.4


# --- compare and run -------------------------------------------------------------------------------


def test_a_comparison_writes_every_file_of_the_contract(compared):
    said, folder = compared
    assert said.code == 0 and str(folder) in said.out
    assert {path.name for path in folder.iterdir()} >= {
        "manifest.json", "parameters.csv", "summary.csv", "paths.parquet", "comparison.csv", "report.html", "figures"}
    figures = {path.suffix: {p.stem for p in folder.glob(f"figures/*{path.suffix}")} for path in folder.glob("figures/*")}
    assert figures[".svg"] == figures[".png"] and len(figures[".svg"]) >= 4
    for name, columns in (("summary", SUMMARY), ("comparison", COMPARISON), ("parameters", PARAMETERS)):
        raw = (folder / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw
        assert tuple(pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig").columns) == columns
    paths = pd.read_parquet(folder / "paths.parquet")
    assert tuple(paths.columns) == ("region", "scheme", "policy", "draw", "year", "members", *PATHS)
    assert len(paths) == 2 * 2 * 2
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"scenario", "seed", "draws", "people", "versions", "parameter_digest", "result_digest"} <= manifest.keys()
    assert folder.name.endswith(manifest["result_digest"][:8]) and folder.parent.name == "compare-jiangsu-linyi-2012"
    assert not list(folder.parent.glob(".partial*"))


def test_a_comparison_prints_the_answer_first(compared):
    said, _ = compared
    for words in ("Rules that differ", "Jiangsu - Linyi, 2012", "Jiangsu - Linyi, 2013", "95% interval", "from assumptions"):
        assert words in said.out, words
    assert "Traceback" not in said.err and "done  4/4" in said.err


@pytest.mark.parametrize(("words", "asked"), [
    ((), (("uebmi", "urbmi", "nrcms"), "stated", False)),
    (("--schemes", "urrbmi,uebmi", "--response", "none", "--demand"), (("urrbmi", "uebmi"), "none", True)),
    (("--response", "secondary", "--no-demand"), (("uebmi", "urbmi", "nrcms"), "secondary", False))], ids=str)
def test_a_comparison_asks_what_its_options_say(words, asked, tmp_path, monkeypatch):
    def stop(scenario, *_):
        assert (scenario.schemes, scenario.response, scenario.demand) == asked
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("simulator.run.simulate"), "simulate", stop)
    assert fundsim("compare", "zibo", "huantai", "--year", "2013", *words, "--out", tmp_path / "results").code == 3


def test_policies_of_one_region_are_set_beside_its_baseline(policies, tmp_path):
    said = fundsim("run", policies, "--threads", "1", "--out", tmp_path, "--lang", "zh")
    assert said.code == 0 and "江苏: no-deductible - 江苏: 基线, 2012" in said.out
    folder = next(tmp_path.glob("caps/*"))
    rows = pd.read_csv(folder / "comparison.csv", encoding="utf-8-sig").set_index(["measure", "group", "year"])
    assert set(rows["side_a"]) == {"jiangsu: no-deductible"} and set(rows["side_b"]) == {"jiangsu: baseline"}
    plain = rows[rows.index.get_level_values("group").isna()].droplevel("group")["difference"]
    assert plain["expenditure_per_head", 2012] > 0 > plain["oop_per_head", 2012] and plain["admissions_per_100", 2012] == 0
    assert "no-deductible" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_run_that_compares_nothing_prints_its_main_figures(policies, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    policies.write_text(policies.read_text(encoding="utf-8").split("policies:")[0], encoding="utf-8")
    said = fundsim("run", policies, "--threads", "1", "--out", tmp_path)
    assert said.code == 0 and "Jiangsu" in said.out
    assert len(re.findall("NRCMS", said.out)) == 13 and "5% .. 95%" in said.out


def test_json_of_a_run_has_the_folder_the_digest_and_the_first_year(policies, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    said = fundsim("run", policies, "--threads", "1", "--out", tmp_path, "--json")
    found = json.loads(said.out)
    assert Path(found["run"]).is_dir() and found["run"].endswith(found["result_digest"][:8])
    assert {row["year"] for row in found["comparison"]} == {2012} and set(COMPARISON) == set(found["comparison"][0])


# --- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "expected"), [
    (("compare", "jiangsu", "lingyi"), "did you mean 'linyi'?"),
    (("compare", "jiangsu"), "at least two different regions"),
    (("compare", "linyi", "linyi"), "at least two different regions"),
    (("compare", "jiangsu", "linyi", "--schemes", "nrcm"), "did you mean 'nrcms'?"),
    (("compare", "jiangsu", "linyi", "--people", "some"), "--people: 'some'"),
    (("compare", "jiangsu", "linyi", "--people", "0"), "--people: '0'"),
    (("compare", "jiangsu", "linyi", "--outpatient-share", "9/8"), "--outpatient-share: '9/8'"),
    (("compare", "jiangsu", "linyi", "--response", "seconary"), "did you mean 'secondary'?"),
    (("run", "nowhere.yaml"), "cannot read the scenario"),
    (("report", "nowhere"), "not a run folder: 'nowhere'"),
    (("verify", "nowhere"), "not a run folder: 'nowhere'"),
    (("params", "show", "jangsu"), "did you mean 'jiangsu'?"),
    (("params", "diff", "jiangsu", "lini"), "did you mean 'linyi'?"),
    (("params", "check", "nowhere"), "unknown region 'nowhere'"),
    (("explain", "--region", "jiangsu", "--tier", "citty", "--bill", "1"), "did you mean 'city'?"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "-1"), "--bill: '-1'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "nan"), "--bill: 'nan'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1.005"), "at most two decimals"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--in-scope", "nan"), "--in-scope: 'nan'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--level", "²"), "--level: '²'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--scheme", "nrmcs"), "did you mean 'nrcms'?"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--illness", "leukaemia"), "--illness"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--tcm", "2"), "at most the in-scope expense"),
])
def test_bad_input_is_one_clear_line_and_exit_code_2(words, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = fundsim(*words)
    assert said.code == 2 and said.out == ""
    assert said.err.startswith("error: ") and said.err.count("\n") == 1 and expected in said.err, said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("compare", "jiangsu", "linyi", "--year", "1999"), ("run", "a.yaml", "--colour"), ("compar",)],
                         ids=" ".join)
def test_an_unknown_option_or_verb_is_refused_without_a_traceback(words):
    said = fundsim(*words)
    assert said.code == 2 and said.out == "" and "Traceback" not in said.err
    assert said.err.rstrip().split("\n")[-1].startswith("Error: ")


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(policies, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("simulator.run.simulate"), "simulate", lambda *_: pytest.fail("it has begun to work"))
    said = fundsim("run", policies, "--out", policies)
    assert said.code == 2 and said.err.startswith("error: --out:") and said.err.count("\n") == 1


def test_a_manifest_that_is_none_is_refused(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    for text in ("[]", "{}", "{", '{"scenario": {}, "result_digest": ""}'):
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        said = fundsim("verify", folder)
        assert said.code == 2 and said.err.count("\n") == 1, said.err


# --- interruption ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["simulator.run.simulate simulate", "simulator.report.write finish_run"])
def test_an_interruption_ends_with_3_and_leaves_no_half_a_run(where, policies, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    module, name = where.split()
    monkeypatch.setattr(import_module(module), name, interrupt)
    out = tmp_path / "results"
    said = fundsim("run", policies, "--threads", "1", "--out", out)
    assert said.code == 3 and "interrupted" in said.err and "Traceback" not in said.err
    assert [path for path in out.rglob("*") if path.is_file()] == [] and not list(out.glob("*/*"))


# --- explain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", PAYERS)
@pytest.mark.parametrize("more", [(), ("--illness", "childhood-leukaemia"), ("--outpatient",), ("--assisted",),
                                  ("--illness", "childhood-leukaemia", "--assisted", "--units", "2")], ids=" ".join)
def test_a_slip_adds_up_to_the_bill(lang, more):
    said = fundsim("explain", "--region", "jiangsu", "--tier", "city", "--bill", "180000", "--level", "1", "--lang", lang, *more)
    assert said.code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:3]] for line in said.out.split("\n") if line.startswith("│")]
    paid = [Decimal(yuan.replace(",", "")) for label, yuan in rows if yuan and label in PAYERS[lang]]
    assert len(paid) >= 2 and sum(paid) == 180000, said.out


def test_a_slip_as_json_adds_up_and_cites():
    said = fundsim("explain", "--region", "linyi", "--tier", "county", "--bill", "8000", "--json")
    found = json.loads(said.out)
    paid = [step["amount"] for step in found["steps"] if step["payer"]]
    assert sum(paid) == 800_000 and any("target" in note or "level k" in note for note in found["notes"])
    assert next(step for step in found["steps"] if step["en"] == "Deductible")["source"]


# --- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("list",), ("show", "jiangsu", "--topic", "inpatient"), ("diff", "jiangsu", "linyi"),
                                   ("check", "jiangsu", "linyi", "--year", "2012")], ids=" ".join)
def test_the_parameter_verbs_print_tables_and_json(words):
    plain, data = fundsim("params", *words), fundsim("params", *words, "--json")
    assert plain.code == data.code and plain.code in ((0, 1) if words[0] == "check" else (0,))
    rows = json.loads(data.out)
    assert rows and plain.out.split("\n")[0].split("\t") == list(rows[0])


def test_schemas_are_written_for_every_topic(tmp_path):
    said = fundsim("params", "schema", tmp_path)
    assert said.code == 0 and len(said.out.split()) == len(list(tmp_path.glob("*.json"))) >= 10
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == plan_schema()


# --- verify and report -----------------------------------------------------------------------------


def test_a_run_is_verified_from_its_manifest_alone(compared):
    said = fundsim("verify", compared[1], "--threads", "2")
    assert said.code == 0 and said.out.endswith("the same bits\n")


def test_verifying_reads_nothing_that_an_earlier_run_has_cached(compared, monkeypatch):
    here, read, asked = cache.base_folder(), cache.read, []
    monkeypatch.setattr(cache, "read", lambda folder, name: asked.append((cache.base_folder(), folder)) or read(folder, name))
    bill_table.cache_clear()
    assert fundsim("verify", compared[1], "--threads", "1").code == 0
    assert {folder.split("/")[0] for _, folder in asked} == {"kernels", "parameters"}
    assert here not in {base for base, _ in asked} and not any(base.exists() for base, _ in asked)
    assert cache.base_folder() == here


def test_a_digest_that_was_edited_is_found_out(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["result_digest"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = fundsim("verify", folder, "--threads", "1")
    assert said.code == 1 and "the results differ" in said.out


def test_a_report_is_written_again_in_the_other_language(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    said = fundsim("report", folder, "--lang", "zh")
    assert said.code == 0 and said.out.strip() == str(folder / "report.html")
    text, first = ((path / "report.html").read_text(encoding="utf-8") for path in (folder, compared[1]))
    assert '<html lang="zh-CN">' in text and '<html lang="en">' in first and "江苏" in text
