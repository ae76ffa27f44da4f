"""The command line: every verb's help, what it writes and prints, its exit codes, and one clear line for bad input."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from simulator import tables
from simulator.care.severity import bill_table
from simulator.compiling import cache
from simulator.folders import read_manifest, sealed, table_of
from simulator.parameters.planfile import plan_schema
from simulator.report import plots
from simulator.report.overview import print_overview, read_extra
from simulator.report.style import columns_of
from simulator.results import BOOKED, BORNE, COMPARISON, EVENTS, PARAMETERS, PATHS, SUMMARY, csv_bytes, read_run
from simulator.slip.words import LABELS
from tests.support.command import Said, fundsim

TINY = ("--draws", "2", "--people", "500", "--horizon", "2", "--schemes", "nrcms", "--threads", "1")
VERBS = [*((verb,) for verb in ("compare", "run", "batch", "attribute", "swap", "solve", "explain", "settle", "losses",
                                "backtest", "report", "sustain", "sensitivity", "verify", "ls")),
         *(("params", verb) for verb in ("list", "show", "diff", "check", "schema"))]
PAYERS = {lang: tuple(LABELS[payer][at] for payer in tables.PAYERS) for at, lang in enumerate(("en", "zh"))}


@pytest.fixture(scope="module", autouse=True)
def few_figures() -> Iterator[None]:
    """Runs draw four of their figures, a third of a second each: the verbs are tried here, every figure in `tests/report`."""
    whole = plots.figures
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "figures", lambda *of: (one for one in whole(*of) if one[0].startswith(
            ("balance", "overlay", "gap", "payers"))))
        yield


@pytest.fixture
def warm(monkeypatch) -> None:
    """Verifying reads the cache of the tests, as elsewhere, and not every parameter file anew."""
    monkeypatch.setattr(cache, "empty_cache", nullcontext)


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
        "manifest.json", "parameters.csv", "summary.csv", "paths.parquet", "comparison.csv", "sustainability.csv", "report.html",
        "figures"}
    figures = {path.suffix: {p.stem for p in folder.glob(f"figures/*{path.suffix}")} for path in folder.glob("figures/*")}
    assert set(figures) == {".svg"} and len(figures[".svg"]) >= 4
    for name, columns in (("summary", SUMMARY), ("comparison", COMPARISON), ("parameters", PARAMETERS)):
        raw = (folder / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw
        assert tuple(pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig").columns) == columns
    paths = pd.read_parquet(folder / "paths.parquet")
    assert tuple(paths.columns) == ("region", "scheme", "policy", "draw", "year", "members", *PATHS, *BOOKED, *BORNE, *EVENTS)
    assert len(paths) == 2 * 2 * 2
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"scenario", "seed", "draws", "people", "versions", "parameter_digest", "result_digest"} <= manifest.keys()
    assert folder.name.endswith(manifest["result_digest"][:8]) and folder.parent.name == "compare-jiangsu-linyi-2012"
    assert not list(folder.parent.glob(".partial*"))


def test_a_comparison_prints_its_answer_in_24_lines_of_80_columns(compared):
    said, folder = compared
    lines = said.out.splitlines()
    assert len(lines) <= 24 and lines[0] == "Jiangsu and Linyi, 2012-2013"
    assert all(columns_of(line) <= 80 for line in lines if str(folder) not in line)
    for words in ("The fund's balance per member at the end of 2013", "out of pocket 2012, yuan", "95% interval"):
        assert words in said.out, words
    place = said.out.replace("/\n  report.html", "/report.html").splitlines()[-1]              # broken where that makes it fit
    assert place.startswith(f"{folder}/report.html") and "…" not in said.out
    assert "Traceback" not in said.err and "done  4/4" in said.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_verbose_prints_every_table_and_cuts_no_word_however_narrow(lang, compared, monkeypatch, capsys):
    made = read_run(compared[1])
    extra = read_extra(made)
    monkeypatch.delenv("COLUMNS", raising=False)
    print_overview(made, extra, lang)
    wide = capsys.readouterr().out
    titles = (("Rules that differ", "Jiangsu - Linyi, 2012", "Jiangsu - Linyi, 2013", "95% interval", "moved most by")
              if lang == "en" else ("规则差异", "江苏 - 临沂, 2012", "江苏 - 临沂, 2013", "95%", "影响最大者"))
    assert all(title in wide for title in titles)
    monkeypatch.setenv("COLUMNS", "80")
    print_overview(made, extra, lang)
    narrow = capsys.readouterr().out
    assert "…" not in wide + narrow and max(map(columns_of, narrow.splitlines())) <= 80 < max(map(columns_of, wide.splitlines()))


@pytest.mark.parametrize(("words", "asked"), [
    ((), (("uebmi", "urbmi", "nrcms"), "stated", False)),
    (("--schemes", "urrbmi,uebmi", "--response", "none", "--demand"), (("urrbmi", "uebmi"), "none", True)),
    (("--response", "secondary", "--no-demand"), (("uebmi", "urbmi", "nrcms"), "secondary", False))], ids=str)
def test_a_comparison_asks_what_its_options_say(words, asked, tmp_path, monkeypatch):
    def stop(scenario, *_):
        assert (scenario.schemes, scenario.response, scenario.demand) == asked
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at", stop)
    assert fundsim("compare", "zibo", "huantai", "--year", "2013", *words, "--out", tmp_path / "results").code == 3


@pytest.fixture
def asked(monkeypatch) -> list:
    """The scenarios that verbs would simulate; nothing is simulated."""
    found: list = []

    def stop(scenario, *_):
        found.append(scenario)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at", stop)
    return found


def test_options_of_run_stand_in_place_of_the_files_values(policies, asked, tmp_path):
    words = ("--draws", "7", "--people", "all", "--horizon", "3", "--year", "2013", "--seed", "9", "--out", tmp_path / "results")
    assert fundsim("run", policies, *words).code == 3
    (scenario,) = asked
    assert (scenario.draws, scenario.people, scenario.horizon, scenario.year, scenario.seed) == (7, None, 3, 2013, 9)
    assert scenario.name == "caps" and [policy.name for policy in scenario.policies] == ["baseline", "no-deductible"]


@pytest.mark.parametrize("verb", ["run", "compare"])
def test_set_changes_a_parameter_for_every_policy(verb, policies, asked, tmp_path):
    verbs = ("run", policies) if verb == "run" else ("compare", "jiangsu", "linyi")
    assert fundsim(*verbs, "--set", "inpatient.nrcms.annual_cap=100000", "--set", "funding.nrcms.subsidy={times: 1.1}",
                   "--set", "inpatient.nrcms.deductible.county=300", "--out", tmp_path / "results").code == 3
    assert asked[0].changes == {"inpatient.nrcms.annual_cap": "100000", "funding.nrcms.subsidy": {"times": "1.1"},
                                "inpatient.nrcms.deductible.county": ["300"]}


def test_set_stands_in_place_of_what_the_file_says_of_the_parameter_and_its_keys(asked, tmp_path):
    path = tmp_path / "q.yaml"
    path.write_text("regions: [linyi]\nchanges:\n  inpatient.nrcms.deductible.county: [500]\n"
                    "  inpatient.nrcms.annual_cap: 70000\n", encoding="utf-8")
    whole = "{township: [1], county: [2], city: [3], outside: [4]}"
    fundsim("run", path, "--set", f"inpatient.nrcms.deductible={whole}", "--out", tmp_path / "results")
    assert asked[0].changes == {"inpatient.nrcms.annual_cap": "70000", "inpatient.nrcms.deductible": {
        "township": ["1"], "county": ["2"], "city": ["3"], "outside": ["4"]}}


@pytest.mark.parametrize(("change", "words"), [
    ("inpatient.nrcms.anual_cap=1", ("--set: unknown path", "did you mean 'inpatient.nrcms.annual_cap'?")),
    ("inpatient.uebmi.annual_cap=80000", ("--set: a change of a scheme that is not simulated",)),
    ("inpatient.nrcms.annual_cap", ("--set: 'inpatient.nrcms.annual_cap'", "PATH=VALUE")),
    ("inpatient.nrcms.annual_cap=", ("PATH=VALUE",)), ("=5", ("PATH=VALUE",)),
    ("inpatient.nrcms.annual_cap=[", ("--set: not YAML",)),
    ("inpatient.nrcms.annual_cap=1\nx: 2", ("PATH=VALUE",)),
    ("inpatient.nrcms.annual_cap=10%", ("--set: inpatient.nrcms.annual_cap: a percent sign",)),
    ("inpatient.nrcms.ratio.county={times: 3}", ("--set: inpatient.nrcms.ratio.county", "out of range"))],
    ids=lambda value: str(value)[:40])
def test_a_set_that_does_not_fit_is_refused_in_one_line(change, words, policies, asked):
    said = fundsim("run", policies, "--set", change)
    assert said.code == 2 and asked == [] and said.err.count("\n") == 1 and "Traceback" not in said.err
    assert all(word in said.err for word in words), said.err


def test_draws_above_the_files_most_draws_are_refused(tmp_path, asked):
    path = tmp_path / "q.yaml"
    path.write_text("regions: [linyi]\nprecision: 5%\ndraws: 60\nmax_draws: 100\n", encoding="utf-8")
    said = fundsim("run", path, "--draws", "200")
    assert said.code == 2 and "max_draws: '100'" in said.err and asked == []


def test_policies_of_one_region_are_set_beside_its_baseline(policies, tmp_path):
    with policies.open("a", encoding="utf-8") as more:
        more.write("systematic: false\n")                     # two worlds that differ in every value are sure of no difference
    said = fundsim("run", policies, "--threads", "1", "--out", tmp_path, "--lang", "zh")
    assert said.code == 0 and len(said.out.splitlines()) <= 24
    assert re.search(r"no-deductible：inpatient.nrcms.deductible township \d+, .* -> township 0, county 0, city 0, outside 0",
                     said.out.replace("\n", " ")), said.out
    assert "比基准方案更低的有no-deductible（−" in said.out and re.search("基准方案 +方案 +差值 +95%区间", said.out)
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
    assert said.code == 0 and "5-95% of draws" in said.out and len(re.findall("NRCMS", said.out)) == 5
    said = fundsim("run", policies, "--threads", "1", "--out", tmp_path, "-v")
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
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--in-scope", "0.8"), "write 80, or 0.8%"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "1", "--in-scope", "80.005"), "at most two decimals"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "\u0663"), "--bill: '\u0663'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "8_000"), "--bill: '8_000'"),
    (("explain", "--region", "jiangsu", "--tier", "city", "--bill", "8e3"), "--bill: '8e3'"),
    (("losses", "medicare-part-d-2012", "--rate", "1", "--severity", "exponential:mean=8", "--in-scope", "0.8"),
     "write 80, or 0.8%"),
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
    monkeypatch.setattr(import_module("simulator.engine.side_by_side"), "simulate_at",
                        lambda *_: pytest.fail("it has begun to work"))
    said = fundsim("run", policies, "--out", policies)
    assert said.code == 2 and said.err.startswith("error: --out:") and said.err.count("\n") == 1


def test_a_manifest_that_is_none_is_refused(compared, tmp_path, warm):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    for text in ("[]", "{}", "{", '{"scenario": {}, "result_digest": ""}', "[" * 100_000):
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        said = fundsim("verify", folder)
        assert said.code == 2 and said.err.count("\n") == 1, said.err


# --- interruption ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["simulator.engine.side_by_side simulate_at", "simulator.report.write finish_run"])
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
    assert sum(paid) == 800_000 and any("k = " in note and "solved to" in note for note in found["notes"])
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


def edited(run: Path, folder: Path, change: Callable[[dict], object]) -> Path:
    """A copy of a run whose manifest was changed by somebody who knows how checksums are made."""
    shutil.copytree(run, folder)
    manifest = read_manifest(folder)
    change(manifest)
    (folder / "manifest.json").write_bytes(sealed(manifest, table_of(folder)))
    return folder


def test_a_digest_that_was_edited_is_found_out(compared, tmp_path, warm):
    folder = edited(compared[1], tmp_path / "run", lambda manifest: manifest.update(result_digest="0" * 64))
    said = fundsim("verify", folder, "--threads", "1")
    assert said.code == 1 and "manifest.json, result_digest: stored 0000" in said.out and "the results differ" in said.out


def test_a_manifest_edited_by_hand_is_named(compared, tmp_path, warm):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    for other in (text.replace('"seed": 20120321', '"seed": 20120322'), text + "\n", text.replace(" ", "  ", 1)):
        (folder / "manifest.json").write_text(other, encoding="utf-8")
        said = fundsim("verify", folder)
        assert said.code == 1 and "manifest.json is not as it was written" in said.out
        assert fundsim("report", folder, "--lang", "zh").code == 2


def test_every_number_that_was_forged_is_named_though_all_checksums_are_right(compared, tmp_path, warm):
    def forge(manifest):
        folder, places = tmp_path / "run", {}
        for name, column, value in (("summary", "mean", 1.5), ("comparison", "high", 2.5), ("parameters", "status", "law")):
            frame = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False, dtype=str)
            places[name] = frame.index[frame[column] != str(value)][0]
            frame.loc[places[name], column] = str(value)
            (folder / f"{name}.csv").write_bytes(csv_bytes(frame))
        paths = pd.read_parquet(folder / "paths.parquet")
        paths.loc[paths["draw"] == 0, "closing"] += 0.01
        paths.to_parquet(folder / "paths.parquet", index=False)
        manifest["values_by_status"]["law"] += 1

    said = fundsim("verify", edited(compared[1], tmp_path / "run", forge), "--threads", "1")
    assert said.code == 1
    for named in ("summary.csv, row 2 (jiangsu nrcms baseline 2012", "), mean: stored 1.5, found ", "high: stored 2.5, found ",
                  "status: stored law, found ", "paths.parquet, row 1 (jiangsu nrcms baseline 0 2012), closing: stored ",
                  "manifest.json, values_by_status: stored ", "(8 in all)"):
        assert named in said.out, (named, said.out)
    sampled = fundsim("verify", tmp_path / "run", "--threads", "1", "--sample", "1%")
    assert sampled.code == 1 and "draws     1 of 2" in sampled.out and "closing: stored" in sampled.out


def test_a_manifest_s_scenario_is_read_as_strictly_as_a_scenario_file(compared, tmp_path, warm):
    wrong = {"draws": 2.0, "people": "500", "horizon": True, "year": 1999, "regions": ["linyi", 1],
             "schemes": ["nrcm"], "seed": -1, "outpatient_share": [9, 8], "name": "../x", "response": "seconary", "systematic": 1,
             "policies": [], "colour": "red", "changes": {"inpatient.nrcms.annual_cp": "1"}}
    for name, value in wrong.items():
        change = partial(dict.update, **{name: value})
        folder = edited(compared[1], tmp_path / name, lambda manifest, change=change: change(manifest["scenario"]))
        said = fundsim("verify", folder, "--threads", "1")
        assert said.code == 2 and said.err.count("error:") == 1 and "manifest.json" in said.err, (name, said)


def test_files_missing_and_added_are_named(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    (folder / "paths.parquet").unlink()
    (folder / "figures" / "new.svg").touch()
    said = fundsim("verify", folder, "--files-only")
    assert said.code == 1 and said.out.split("\n")[:2] == ["figures/new.svg is not in the manifest", "paths.parquet is missing"]
    said = fundsim("report", folder, "--lang", "zh")
    assert said.code == 2 and "paths.parquet is missing" in said.err


def test_files_alone_are_checked_where_that_is_asked(compared, monkeypatch):
    monkeypatch.setattr(import_module("simulator.engine.simulate"), "simulate",
                        lambda *_: pytest.fail("it has begun to simulate"))
    said = fundsim("verify", compared[1], "--files-only")
    assert said.code == 0 and said.out.endswith("each as it was written\n")


@pytest.mark.parametrize("share", ["1", "0%", "101%", "one%", "-1%"])
def test_a_sample_is_a_percentage(share, compared):
    said = fundsim("verify", compared[1], "--sample", share)
    assert said.code == 2 and said.err.startswith("error: --sample:")


def test_a_report_in_the_other_language_is_added_and_overwrites_nothing(compared, tmp_path, monkeypatch):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    before = table_of(folder)
    monkeypatch.chdir(folder)
    said = fundsim("report", ".", "--lang", "zh")
    assert said.code == 0 and said.out.strip() == "report.zh.html"
    text, after = Path("report.zh.html").read_text(encoding="utf-8"), table_of(folder)
    assert '<html lang="zh-CN">' in text and "江苏" in text and "运行编号 run；" in text
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"report.zh.html", *(
        name.replace("figures/", "figures-zh/") for name in before if name.startswith("figures/"))}
    assert fundsim("verify", ".", "--files-only").code == 0 and [path.name for path in tmp_path.iterdir()] == ["run"]
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: pytest.fail("it is there already"))
    assert [fundsim("report", ".", *words).out for words in ((), ("--lang", "en"), ("--lang", "zh"))] == [
        "report.html\n", "report.html\n", "report.zh.html\n"]


def test_every_link_of_a_report_leads_to_a_file_of_the_run_or_a_place_of_the_page(compared):
    _, folder = compared
    text = (folder / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', text)
    assert any(link.endswith(".svg") for link in links)
    assert [link for link in links if not (f'id="{link[1:]}"' in text if link.startswith("#") else (folder / link).exists()
                                           or link.startswith("http"))] == []


def test_the_figures_are_added_as_png_where_asked_and_the_run_is_still_whole(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    before = table_of(folder)
    said = fundsim("report", folder, "--png")
    assert said.code == 0 and said.out.split() == [str(folder / "report.html"), str(folder / "figures-png")]
    after = table_of(folder)
    assert after.keys() - before.keys() == {
        name.replace("figures/", "figures-png/").replace(".svg", ".png") for name in before if name.startswith("figures/")}
    assert fundsim("verify", folder, "--files-only").code == 0 and table_of(folder) == after
    assert fundsim("report", folder, "--png").code == 0 and table_of(folder) == after


def test_a_report_of_somebody_else_is_not_overwritten(compared, tmp_path):
    folder = shutil.copytree(compared[1], tmp_path / "run")
    (folder / "report.zh.html").write_text("mine", encoding="utf-8")
    said = fundsim("report", folder, "--lang", "zh")
    assert said.code == 4 and str(folder / "report.zh.html") in said.err and said.err.count("\n") == 1
    assert (folder / "report.zh.html").read_text(encoding="utf-8") == "mine" and not (folder / "figures-zh").exists()


def test_a_report_that_was_cut_short_before_it_was_registered_is_completed(compared, tmp_path):
    folder, other = (shutil.copytree(compared[1], tmp_path / name / "run") for name in "ab")
    assert fundsim("report", other, "--lang", "zh").code == 0
    shutil.copytree(other / "figures-zh", folder / "figures-zh")
    assert "figures-zh/payers.svg is not in the manifest" in fundsim("verify", folder, "--files-only").out
    assert fundsim("report", folder, "--lang", "zh").code == 0
    assert table_of(folder) == table_of(other)
