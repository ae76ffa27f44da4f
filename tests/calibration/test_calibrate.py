"""A fund is calibrated: its runs come nearer to what is published, whatever the threads, and the set is kept with its origin."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.answers.evidence import published_path, read_figures
from simulator.calibration.sets import read_set
from simulator.calibration.summary import fit_frame, moved_keys, set_of
from simulator.calibration.waves import Calibration, calibrate
from simulator.cli.main import app
from simulator.parameters.errors import InputError
from simulator.report.calibrated import calibration_text
from simulator.report.style import columns_of

MEASURES = ("members", "revenue", "expenditure", "surplus", "balance", "claims_per_head")


@pytest.fixture(scope="module")
def figures(regions):
    return [f for f in read_figures(regions=regions) if f.scheme == "urbmi" and f.region == "national" and f.measure in MEASURES
            and f.year in (2010, 2012)]


@pytest.fixture(scope="module")
def found(regions, figures) -> Calibration:
    return calibrate(regions, figures, 2012, worlds=60, people=300, threads=1)


def test_spending_comes_nearer_to_what_is_published(found):
    frame = fit_frame(found).set_index(["started", "year", "measure"])
    gaps = frame.loc[(2012, 2012, "expenditure"), ["gap_before", "gap_after"]].abs()
    assert gaps["gap_before"] > 8 and gaps["gap_after"] < gaps["gap_before"] / 2
    assert found.is_plausible and found.waves[-1].plausible > found.waves[0].plausible


def test_a_figure_of_the_last_year_is_met_by_two_runs_and_a_surplus_weighs_nothing(found):
    frame = fit_frame(found)
    assert sorted(frame.loc[frame["measure"] == "revenue", "started"]) == [2010, 2010, 2012]
    assert not frame.loc[frame["measure"] == "surplus", "weighs"].any() and frame["weighs"].any()


def test_neither_threads_nor_a_later_figure_move_the_set(found, regions, figures):
    later = [replace(f, year=2013, value=2 * f.value) for f in figures if f.year == 2012 and f.measure == "claims_per_head"]
    again = calibrate(regions, [*figures, *later], 2012, worlds=60, people=300, threads=2)
    assert np.array_equal(again.after, found.after)
    texts = [set_of(one, "a", published_path(), "1").text() for one in (found, again)]
    assert texts[0] == texts[1]


def test_a_set_names_what_moved_and_where_it_comes_from(found, tmp_path):
    made = set_of(found, "try", published_path(), "0.0")
    (tmp_path / "try.json").write_text(made.text(), encoding="utf-8")
    read = read_set(tmp_path / "try.json")
    assert read.positions == made.positions and read.laws == made.laws and read.worlds == 60
    assert "national:care.urbmi.admission_rate" in read.positions or "national:care.urbmi.bill_mean" in read.positions
    assert read.provenance["until"] == 2012 and read.provenance["known_until"] == "2013-06-19"
    assert len(read.positions) < len(found.experiment.keys)


def test_what_is_by_chance_has_not_moved():
    scores = np.random.default_rng(1).standard_normal((300, 40))
    scores[:, 0] += 0.5
    scores[:, 1] *= 0.5
    scores[:, 3] = 0.6 * scores[:, 2] + 0.8 * scores[:, 3]
    assert moved_keys(scores)[:4].all() and moved_keys(scores)[4:].mean() < 0.1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_answer_fits_a_terminal_in_both_languages(found, lang):
    text = calibration_text(found, lang)
    assert max(map(columns_of, text.splitlines())) <= 80 and len(text.splitlines()) <= 40
    assert ("矛盾" in text) == (lang == "zh")
    assert len(calibration_text(found, lang, verbose=True).splitlines()) > len(text.splitlines())


def test_without_a_figure_that_a_run_meets_nothing_is_calibrated(regions, figures):
    with pytest.raises(InputError, match="no figure to calibrate by"):
        calibrate(regions, [replace(f, year=2009) for f in figures], 2012, worlds=60, people=300)


@pytest.mark.parametrize(("row", "said"), [
    ("national,urbmi,1812,revenue,1e8 CNY,1,1,a", "2:16: unknown year"),
    ("national,urbmi,2012,revenues,1e8 CNY,1,1,a", "2:21: unknown measure"),
    ("national,urbmi,2012,revenue,1e8 CNY,1,,a", "2:39: no error stated"),
    ("national,urbmi,2012,revenue,mm,1,1,a", "2:29: revenue: unknown unit")])
def test_bad_evidence_ends_with_its_place(row, said, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(f"region,scheme,year,measure,unit,published,error,source\n{row}\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["calibrate", "--until", "2012", "--evidence", str(path), "--out", str(tmp_path / "a.json")])
    assert isinstance(result.exception, InputError) and f"own.csv:{said}" in str(result.exception)


def test_figures_that_exclude_each_other_leave_no_set(tmp_path):
    path, rows = tmp_path / "own.csv", ["region,scheme,year,measure,unit,published,error,source"]
    rows += [f"national,urbmi,2012,{name},{unit},{value},{error},a" for name, unit, value, error in (
        ("members", "1e4 persons", 27156, 10), ("revenue", "1e8 CNY", 2000, 2), ("expenditure", "1e8 CNY", 100, 0.5))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["calibrate", "--until", "2012", "--evidence", str(path), "--out", str(tmp_path / "a.json"),
                                      "--draws", "60", "--people", "300", "--json"])
    assert result.exit_code == 1 and not (tmp_path / "a.json").exists()
    told = json.loads(result.stdout)
    assert told["set"] is None and told["provenance"]["contradictions"]
