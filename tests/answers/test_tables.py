"""Questions in SQL to folders of runs and batches, and how the command prints, writes and refuses them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from simulator import InputError, OpenedBatch, Policy, Scenario, batch, open_run, run
from simulator.answers.tables import OF_A_BATCH, OF_A_RUN, ask, read_tables
from simulator.cli.query import as_records, print_frame
from simulator.folders import MANIFEST, read_manifest, sealed, table_of
from tests.support.command import fundsim

SMALL = Scenario("small", ("linyi",), schemes=("nrcms",), horizon=2, draws=3, people=300,
                 policies=(Policy("baseline"), Policy("cap", {"inpatient.nrcms.annual_cap": "20000"})))
OTHER = SMALL.but(name="other", policies=SMALL.policies[:1], changes={"inpatient.nrcms.annual_cap": "50000"})


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def a_run(out) -> Path:
    return run(SMALL, out=out, threads=1, report=False).folder


@pytest.fixture(scope="module")
def a_batch(out) -> OpenedBatch:
    return batch([SMALL, OTHER], out=out, name="two", threads=1, report=False)


def test_a_run_and_a_batch_have_their_tables(a_run, a_batch):
    assert tuple(read_tables(a_run)) == OF_A_RUN and tuple(read_tables(a_batch.folder)) == OF_A_BATCH
    worlds = a_batch.table("worlds")
    assert len(worlds) == 3 * 3 * 2 and set(worlds["scenario"]) == {"small", "other"}
    means = worlds[worlds["year"] == 2013].groupby(["scenario", "policy"])["oop_per_head"].mean()
    summary = a_batch.table(measure="oop_per_head", group="", year=2013).set_index(["scenario", "policy"])["mean"]
    assert means.to_dict() == pytest.approx(summary.to_dict())
    assert set(a_batch.table("differences")["policy"]) == {"cap"} and a_batch.failures == {}


def test_a_batch_shows_itself_and_refuses_what_it_has_not(a_batch, a_run):
    assert repr(a_batch).splitlines()[0].endswith("3 questions of 2 scenarios") and len(a_batch.overview()) == 3
    assert "<table" in a_batch._repr_html_() and "other" in repr(a_batch)
    for ask_for, words in ((lambda: a_batch.table("world"), "did you mean 'worlds'"),
                           (lambda: a_batch.table("worlds", polic="x"), "did you mean 'policy'"),
                           (lambda: OpenedBatch(a_run), "not a batch's folder"), (lambda: open_run(a_batch.folder), "not a run")):
        with pytest.raises(InputError, match=words):
            ask_for()


def test_the_batch_of_python_is_that_of_the_command(a_batch, out, tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text("name: small\nregions: [linyi]\nschemes: [nrcms]\nhorizon: 2\ndraws: 3\npeople: 300\npolicies:\n"
                    "  cap: {changes: {inpatient.nrcms.annual_cap: 20000}}\n", encoding="utf-8")
    again = batch([path, OTHER], out=out, name="again", threads=1, report=False)
    assert again.manifest["digest"] == a_batch.manifest["digest"]
    one = batch(path, out=tmp_path, draws=2, sets={"inpatient.nrcms.annual_cap": 90000}, threads=1, report=False)
    assert one.manifest["scenarios"][0]["draws"] == 2 and one.manifest["scenarios"][0]["changes"]
    said = fundsim("batch", path, "--out", tmp_path, "--no-report")
    assert said.code == 0 and Path(said.out.splitlines()[-1].split("  (")[0]).is_dir()       # and no page that is not there


@pytest.mark.parametrize(("scenarios", "options", "words"), [
    ([SMALL, SMALL], {}, "two scenarios have the name"), ([], {}, "no scenarios"), (5, {}, "not scenarios"),
    ([5], {}, "not a scenario"),
    ("nowhere.yaml", {}, "cannot read"), (SMALL, {"name": "../x"}, "name: '../x'"), (SMALL, {"drawz": 1}, "did you mean 'draws'"),
    (SMALL, {"lang": "fr"}, "lang: 'fr'"), (SMALL, {"out": "/dev/null/x"}, "out: '/dev/null/x'"),
    (SMALL, {"sets": {"inpatient.nrcms.anual_cap": 1}}, "did you mean")])
def test_a_batch_that_cannot_be_is_refused_and_nothing_is_written(scenarios, options, words, tmp_path):
    with pytest.raises(InputError) as refused:
        batch(scenarios, **({"out": tmp_path / "out"} | options))
    assert words in str(refused.value) and list(tmp_path.iterdir()) == []


def test_damaged_folders_and_folders_of_another_version_are_refused(a_run, a_batch, tmp_path):
    for of, file in ((a_run, "paths.parquet"), (a_batch.folder, "worlds/000-small.parquet")):
        copy = tmp_path / of.name
        shutil.copytree(of, copy)
        with open(copy / file, "ab") as stream:
            stream.write(b"x")
        said = fundsim("query", copy, "select 1")
        assert said.code == 2 and file in said.err and "not as it was written" in said.err
        shutil.copy(of / file, copy / file)
        lost = {"scenarios": None} if of != a_run else {"scenario": {"name": "x"}}
        (copy / MANIFEST).write_bytes(sealed(read_manifest(of) | lost, table_of(of)))
        said = fundsim("query", copy, "select 1")
        assert said.code == 2 and "of another version" in said.err and said.err.count("\n") == 1
    (tmp_path / "empty").mkdir()
    assert fundsim("query", tmp_path / "empty", "select 1").code == 2


def test_a_run_whose_tables_have_other_columns_is_of_another_version(a_run, tmp_path):
    for name, drop in (("summary.csv", "warning"), ("paths.parquet", "reserve")):
        copy = tmp_path / name
        shutil.copytree(a_run, copy)
        if name.endswith("csv"):
            pd.read_csv(a_run / name).drop(columns=drop).to_csv(copy / name, index=False)
        else:
            pd.read_parquet(a_run / name).drop(columns=drop).to_parquet(copy / name)
        (copy / MANIFEST).write_bytes(sealed(read_manifest(a_run), table_of(copy)))
        with pytest.raises(InputError, match=f"of another version: {name}"):
            _ = open_run(copy).paths


def test_without_duckdb_the_command_says_what_to_install(a_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    said = fundsim("query", a_run, "select 1")
    assert said.code == 2 and "pip install 'fundsim[query]'" in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize("options", [("--csv", "x.csv", "--json"), ("--csv", "/nowhere/x.csv"), ("--csv", "."), ("--rows", "0")])
def test_options_that_cannot_be_are_refused(options, a_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fundsim("query", a_run, "select 1", *options).code == 2 and list(tmp_path.iterdir()) == []
    inside = fundsim("query", a_run, "select 1", "--csv", a_run / "summary.csv")
    assert inside.code == 2 and "outside the folder" in inside.err


def test_the_command_prints_and_writes_what_was_asked(a_run, a_batch, tmp_path, monkeypatch):
    sql = "select policy, year, mean from summary where measure = 'revenue' order by all"
    rows = json.loads(fundsim("query", a_run, sql, "--json").out)
    assert [row["policy"] for row in rows] == ["baseline", "baseline", "cap", "cap"]
    assert rows == as_records(open_run(a_run).query(sql))
    assert fundsim("query", a_run, sql, "--csv", tmp_path / "x.csv").code == 0
    for text in ((tmp_path / "x.csv").read_text(encoding="utf-8-sig"), fundsim("query", a_run, sql, "--csv", "-").out):
        assert [float(row["mean"]) for row in csv.DictReader(io.StringIO(text))] == [row["mean"] for row in rows]
    monkeypatch.setenv("COLUMNS", "80")
    said = fundsim("query", a_batch.folder, "select * from worlds", "--rows", "3").out
    assert max(map(len, said.splitlines())) <= 140 and "columns that do not fit" in said and "rows not shown: 15 of 18" in said
    assert fundsim("query", a_run, "select * from sumary").code == 2


def test_an_answer_reads_the_tables_alone_and_writes_nothing(a_batch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables = read_tables(a_batch.folder)
    assert ask(tables, "select count(distinct world) n from worlds")["n"].tolist() == [3]
    for sql in ("copy summary to 'x.csv'", "select * from read_text('/etc/passwd')", "attach 'a.db'", "install httpfs",
    "select * from sql",
                "set enable_external_access = true", "export database 'x'", "", "select '\ud800'", "select", 5):
        with pytest.raises(InputError):
            ask(tables, sql)
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_printed_within_the_width_and_says_what_it_leaves_out(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    frame = pd.DataFrame({"name": ["[bold]x[/bold]", "中文"] * 3,
    "number": [1.0, float("nan")] * 3, **{f"long column {n}": n for n in range(9)}})
    print_frame(frame, 4, "--json has all")
    lines = capsys.readouterr().out.splitlines()
    assert "[bold]x[/bold]" in lines[2] and lines[-1] == "rows not shown: 2 of 6; --json has all"
    assert all(len(line) <= 60 for line in lines if "fit" not in line) and "columns that do not fit: long column 2" in lines[-2]
    print_frame(frame.iloc[:0, :1], 4, "")
    assert capsys.readouterr().out.splitlines()[0].strip() == "name"


def test_rows_for_machines_have_no_nan_and_lose_no_digit():
    found = as_records(pd.DataFrame({"a": [0.1 + 0.2, float("nan")], "b": [1, 2], "c": [None, "x"],
    "d": pd.to_datetime(["2012-01-01", None])}))
    assert found == [{"a": 0.1 + 0.2, "b": 1, "c": None, "d": "2012-01-01 00:00:00"}, {"a": None, "b": 2, "c": "x", "d": None}]
