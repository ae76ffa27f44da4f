"""Runs from Python: made, checked, opened, found, and looked at in tables, figures, SQL and words."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import simulator
from simulator.answers.solve import ANSWER, NOT_ATTAINABLE, NOT_CONFIRMED
from simulator.api import TABLES, Opened, latest, open_run, run, solve
from simulator.parameters.errors import InputError
from simulator.results import read_run
from simulator.scenario import Policy, Scenario

SMALL = Scenario("small", ("jiangsu",), schemes=("urbmi", "nrcms"), horizon=2, draws=3, people=500, title="<b>What if?</b>",
                 policies=(Policy("baseline"), Policy("rich", {"inpatient.nrcms.deductible": {"times": "0.5"}})))


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def opened(out) -> Opened:
    return run(SMALL, out=out, threads=1, report=False)


def test_a_run_is_what_its_folder_says_opened(opened, out):
    assert opened.folder.parent == out / "small" and not (opened.folder / "report.html").exists()
    again = open_run(opened.folder)
    assert isinstance(again, Opened) and again.manifest == opened.manifest == read_run(opened.folder).manifest
    pd.testing.assert_frame_equal(again.summary, opened.summary)
    assert latest(out).folder == opened.folder


def test_the_newest_run_is_found_by_the_time_in_its_name_and_halves_are_not(tmp_path, opened):
    for name in ("a/20120101-000000-aaaaaaaa", "b/20130101-000000-00000000", "a/.partial-20990101-000000-cccccccc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(opened.folder)
    assert latest(tmp_path).folder == tmp_path / "b" / "20130101-000000-00000000"
    (tmp_path / "halves" / "a").mkdir(parents=True)
    (tmp_path / "halves" / "a" / ".partial-20990101-000000-cccccccc").symlink_to(opened.folder)
    for empty in ("nowhere", "halves"):
        with pytest.raises(InputError, match="no run folder in"):
            latest(tmp_path / empty)
    with pytest.raises(InputError, match="not a run folder"):
        open_run(tmp_path)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_there_and_can_be_narrowed(opened, name):
    whole = opened.table(name)
    column = "scheme" if "scheme" in whole else "region"
    part = opened.table(name, **{column: whole[column].iloc[0]})
    assert 0 < len(part) <= len(whole) and set(part[column]) == {whole[column].iloc[0]}
    assert len(opened.table(name, **{column: list(whole[column].unique())})) == len(whole)


def test_the_answers_table_is_what_the_sentences_are_made_of(opened):
    table = opened.table(scheme="nrcms").set_index("subject")
    assert list(table["side_a"]) == ["jiangsu: rich"] * 3 and list(table["side_b"]) == ["jiangsu: baseline"] * 3
    row = opened.table("comparison", scheme="nrcms", year=2012, measure="oop_per_head", group="").iloc[0]
    assert table.loc["burden", ["a", "b", "low", "high"]].tolist() == row[["a", "b", "low", "high"]].tolist()
    paths = opened.table("paths", scheme="nrcms", year=2013)
    per_head = (paths["accrued_closing"] / paths["members"]).groupby(paths["policy"]).mean()
    assert table.loc["balance", ["a", "b"]].tolist() == pytest.approx([per_head["rich"], per_head["baseline"]])


@pytest.mark.parametrize(("ask", "words"), [
    (lambda one: one.table("summry"), "did you mean 'summary'"), (lambda one: one.table("summary", shceme="x"), "'scheme'"),
    (lambda one: one.plot.balance(), "a figure of one scheme"), (lambda one: one.plot.balance("nrmcs"), "did you mean 'nrcms'"),
    (lambda one: one.plot.payers(lang="fr"), "lang: 'fr'"), (lambda one: one.brief("fr"), "lang: 'fr'")])
def test_a_wrong_word_is_refused_with_the_nearest_right_one(opened, ask, words):
    with pytest.raises(InputError) as refused:
        ask(opened)
    assert words in str(refused.value)


@pytest.mark.parametrize("kind", ["balance", "surplus", "burden", "catastrophic", "illnesses"])
def test_a_figure_is_returned_with_its_fonts(opened, kind, tmp_path):
    figure = getattr(opened.plot, kind)("nrcms", lang="zh")
    assert figure.axes and {text.get_fontfamily()[0] for text in figure.texts} == {"Noto Sans SC"}
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000 and kind in repr(opened.plot)
    assert opened.plot.payers().axes


def test_a_run_shows_itself_shortly_in_words(opened):
    lines = repr(opened).splitlines()
    assert len(lines) == 4 and opened.folder.name in lines[0] and "3 draws" in lines[0] and "balance per member" in lines[1]
    shown = opened._repr_html_()
    assert "<b>" not in shown and "&lt;b&gt;What if?" in shown and shown.count("<p>") == 4 and "nrcms" in shown
    assert len(shown) < 10_000


def test_a_question_in_sql_reads_the_tables_and_nothing_else(opened, tmp_path):
    found = opened.query("""select policy, mean from summary where measure = 'revenue' and scheme = 'nrcms' and "year" = 2012""")
    assert list(found["policy"]) == ["baseline", "rich"] and len(opened.query("select * from paths")) == 2 * 2 * 3 * 2
    for sql in ("select * from nothing", "selec", f"copy summary to '{tmp_path / 'x.csv'}'", "select * from opened",
                f"select * from read_csv('{opened.folder / 'summary.csv'}')"):
        with pytest.raises(InputError, match="cannot be answered"):
            opened.query(sql)
    assert list(tmp_path.iterdir()) == []


def test_without_duckdb_a_question_in_sql_says_what_to_install(opened, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"DuckDB is not installed.*pip install 'fundsim\[query\]'"):
        opened.query("select 1")


def test_a_file_a_change_and_a_field_can_be_asked_for(tmp_path, monkeypatch):
    path = tmp_path / "q.yaml"
    path.write_text("regions: [linyi]\nschemes: [nrcms]\nchanges: {inpatient.nrcms.annual_cap: 70000}\n", encoding="utf-8")
    asked = []

    def stop(scenario, *_):
        asked.append(scenario)
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.engine.side_by_side.simulate_at", stop)
    with pytest.raises(KeyboardInterrupt):
        run(path, out=tmp_path, sets={"inpatient.nrcms.annual_cap": 90000}, draws=7)
    assert asked[0].changes == {"inpatient.nrcms.annual_cap": 90000} and asked[0].draws == 7 and asked[0].name == "q"


@pytest.mark.parametrize(("scenario", "more", "words"), [
    (SMALL.but(name="../../x"), {}, "name: '../../x'"), (SMALL, {"draws": -1}, "draws: '-1'"),
    (SMALL, {"drawz": 1}, "did you mean 'draws'"), (SMALL, {"sets": {"inpatient.nrcms.anual_cap": 1}}, "did you mean"),
    (SMALL, {"regions": None, "lang": "fr"}, "lang: 'fr'"), (SMALL, {"out": "/dev/null/x"}, "out: '/dev/null/x'"),
    ("nowhere.yaml", {}, "cannot read the scenario")])
def test_what_a_file_would_be_refused_for_is_refused_before_any_work(scenario, more, words, monkeypatch, tmp_path):
    monkeypatch.setattr("simulator.engine.side_by_side.simulate_at", lambda *_: pytest.fail("simulated"))
    with pytest.raises(InputError) as refused:
        run(scenario, **({"out": tmp_path} | more))
    assert words in str(refused.value) and list(tmp_path.iterdir()) == []


def test_the_package_names_its_version_and_the_api():
    assert simulator.__version__ == version("fundsim") and "__version__" in dir(simulator)
    assert simulator.open_run is open_run and simulator.latest is latest


def test_a_policy_is_solved_for_from_python_as_from_the_command():
    asked = Scenario("ask", ("linyi",), schemes=("nrcms",), horizon=1, draws=20, people=200,
                     changes={"pooling.nrcms.level": "province"})
    found = solve(asked, vary=["funding.nrcms.premium=60:240"], until=["P(exhausted by 2012) <= 30%"], least="funding_per_head",
                  confirm=40, threads=1)
    assert found.verdict in (ANSWER, NOT_CONFIRMED, NOT_ATTAINABLE) and -1 <= found.point[0] <= 1 and found.confirm == 40
    with pytest.raises(InputError, match="premium"):
        solve(asked, vary=["funding.nrcms.premum=60:240"], until=["P(exhausted by 2012) <= 30%"], least="funding_per_head")
