"""`fundsim backtest --from`: figures of further years are scored, forecasts are frozen once, bad files are refused."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.answers.evidence import read_figures
from simulator.cli.main import app
from simulator.forecasts.ledger import EVEN_STEPS, LEDGER_COLUMNS, POINTS_KEPT, read_ledger, score_ledger
from simulator.forecasts.origins import FAN_COLUMNS, SCORE_COLUMNS
from simulator.forecasts.rivals import ILO, RIVALS
from simulator.forecasts.summary import beside_each, beside_rivals, best_rival, coverage
from simulator.parameters.errors import InputError
from simulator.report.forecasts import columns, fan_figure, point_text, score_text
from simulator.report.style import style

LATER = ("region,scheme,year,measure,unit,published,error,source,known_from\n"
         "national,nrcms,2013,revenue,1e8 CNY,2900,30,invented for this test,2014-06-30\n"
         "national,nrcms,2013,expenditure,1e8 CNY,2850,30,invented for this test,2014-06-30\n")
SMALL = ["--draws", "4", "--people", "600", "--threads", "1"]
CUT = datetime.date(2012, 12, 31)


@pytest.fixture(scope="module")
def later(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("published") / "later.csv"
    file.write_text(LATER, encoding="utf-8")
    return file


def run(*arguments):
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


def made(crps=1.0, **changes) -> dict:
    row = dict.fromkeys(SCORE_COLUMNS, 1.0) | {"region": "national", "scheme": "nrcms", "cut": CUT, "year": 2013, "lead": 1,
                                               "measure": "expenditure", "group": "", "scale": 10.0, "crps": crps, "in50": True,
                                               "in90": True, "pit": 0.5} | dict.fromkeys((*RIVALS, ILO), 2.0)
    return row | changes


def test_any_file_of_further_years_is_scored_and_drawn_in_chinese_too(later, tmp_path):
    found = run("--from", 2012, "--published", later, "--out", tmp_path / "made", "--lang", "zh", *SMALL)
    assert found.exit_code == 0, found.output
    assert "2个当时未知的公布数" in found.output and "2,850" in found.output
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["fan-national-nrcms.zh.svg", "fans.csv", "scores.csv"]
    table = pd.read_csv(tmp_path / "made" / "scores.csv")
    assert list(table["lead"]) == [1, 1] and set(table["start"]) == {2011} and tuple(table.columns) == SCORE_COLUMNS


def test_a_frozen_forecast_is_written_once_and_scored_when_years_have_come_true(later, tmp_path):
    row = {"release": "0", "region": "national", "scheme": "nrcms", "cut": "2012-12-31", "start": 2011, "year": 2013,
           "measure": "expenditure", "unit": "1e8 CNY"}
    row |= dict(zip(EVEN_STEPS, np.linspace(2600, 3000, POINTS_KEPT), strict=True))
    file = tmp_path / "release.csv"
    pd.DataFrame([row], columns=LEDGER_COLUMNS).to_csv(file, index=False)
    scored = score_ledger(read_ledger(file), read_figures(later))
    assert len(scored) == 1 and scored.iloc[0]["pit"] == pytest.approx(0.625, abs=0.02) and bool(scored.iloc[0]["in90"])
    shown = run("--frozen", file, "--published", later)
    assert shown.exit_code == 0 and "1 figures that were not known" in shown.output
    again = run("--from", 2013, "--freeze", file)
    assert again.exit_code != 0 and isinstance(again.exception, InputError) and "there already" in str(again.exception)


def test_a_file_that_is_no_ledger_is_refused(later):
    with pytest.raises(InputError, match="no ledger of forecasts"):
        read_ledger(later)


@pytest.mark.parametrize("arguments, word", [
    (["--published", "x.csv"], "one of --from YEAR and --frozen FILE"), (["--freeze", "x.csv"], "the year of the forecast too"),
    (["--frozen", "x.csv"], "the figures to score it by"), (["--from", "2012", "--published", "nothing.csv"], "cannot be read"),
    (["--from", "2029"], "a year by whose end accounts were known, and figures")])
def test_what_cannot_be_answered_is_refused(arguments, word):
    found = run(*arguments)
    assert isinstance(found.exception, InputError) and word in str(found.exception)


def test_coverage_is_counted_over_all_points_and_by_lead_measure_and_scheme():
    table = pd.DataFrame([made(), made(in50=False, lead=2, year=2014), made(in50=False, in90=False, scheme="uebmi", cut=CUT)])
    found = coverage(table).set_index(["by", "of"])
    assert found.loc[("all", ""), "in50"] == pytest.approx(100 / 3) and found.loc[("all", ""), "in90"] == pytest.approx(200 / 3)
    assert found.loc[("lead", "2"), "points"] == 1 and found.loc[("scheme", "uebmi"), "in90"] == 0


def test_the_best_rival_is_the_one_with_the_least_score_on_the_most_points():
    table = pd.DataFrame([made(drift=1.5), made(drift=1.5, year=2014, lead=2, cut=datetime.date(2011, 12, 31))])
    assert best_rival(table) == "drift"
    table.loc[0, "drift"] = np.nan
    assert best_rival(table) == "no change"
    row = beside_rivals(table).iloc[0]
    assert (row["points"], row["best"], row["skill"]) == (2, "no change", 0.5)
    assert beside_each(table).set_index("best").loc["drift", "points"] == 1


def test_scores_are_told_in_both_languages_in_columns():
    table = pd.DataFrame([made(), made(year=2014, lead=2)])
    assert "better by" in score_text(table, "en") and "最佳对照法" in score_text(table, "zh")
    assert len({line.index("PIT") for line in point_text(table).splitlines()[:1]}) == 1
    assert columns([["a", "b", "cc"], ["新", "b", "c"]]) == ["a   b  cc", "新  b   c"]


def test_a_fan_shows_every_measure_of_a_scheme(later):
    fans = pd.DataFrame([("national", "nrcms", CUT, 2011, year, measure, "1e8 CNY", 1.0, 2.0, 3.0, 4.0, 5.0)
                         for measure in ("revenue", "expenditure", "balance") for year in (2012, 2013)],
                        columns=FAN_COLUMNS)
    with style():
        figure = fan_figure(fans, read_figures(), "national", "nrcms", 4, "en")
    assert [axes.get_visible() for axes in figure.axes] == [True, True, True, False]
