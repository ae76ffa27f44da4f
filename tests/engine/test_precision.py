"""Draws until the intervals are met; intervals of few draws; the warning of heavy tails; the control variate's gain."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from simulator.engine.measures import FEWEST_JUDGED, half_width, heavy_tailed, heavy_tails, summarise
from simulator.engine.outcome import Result
from simulator.engine.precision import FASTEST_GROWTH, FEWEST_DRAWS, MEASURE, Figure, Precision, figures, first_draws, more_draws
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.report.html import write_report
from simulator.results import HEAVY_TAIL, comparison_frame, read_run, result_digest, summary_frame, write_run
from simulator.scenario import Policy, Scenario, from_dict
from simulator.words import LANGUAGES
from tests.campaigns.precision import INFINITE, stopped, stopped_coverage, variances, warned
from tests.support.closed_forms import BOUNDED, coverage
from tests.support.command import fundsim

ASKED = Scenario("asked", ("linyi",), schemes=("nrcms",), horizon=2, draws=20, people=300, precision=2.8, max_draws=400,
                 policies=(Policy("baseline", level="none"), Policy("cap", {"inpatient.nrcms.annual_cap": "20000"}, "none")))


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(ASKED, load_regions(), threads=2)


def found(half: float, draws: int, asked: float = 1.0, most: int = 10_000) -> Precision:
    return Precision(asked, Figure(half, "linyi", "nrcms", "baseline", 2012), (draws,), most)


# --- draws until it is met -------------------------------------------------------------------------


def test_draws_are_added_until_every_interval_is_as_narrow_as_asked(result):
    assert result.precision.met and len(result.precision.batches) > 1 and result.precision.batches[0] == FEWEST_DRAWS
    assert result.precision.widest.half <= ASKED.precision
    widths = []
    for year, measures in result.schemes[0].measures.items():
        values = next(measure.values for measure in measures if measure.name == MEASURE)
        assert len(values) == result.precision.draws
        for p in range(2):
            of = summarise(values[:, p])
            widths.append((100 * half_width(of["se"], len(values)) / of["mean"], year, ("baseline", "cap")[p]))
    widest = max(widths)
    assert result.precision.widest[3:] == (widest[2], widest[1])
    assert result.precision.widest.half == pytest.approx(widest[0], rel=1e-12)


def test_the_result_is_that_of_so_many_draws_to_the_last_bit(result):
    assert result.scenario.draws == result.precision.draws and result.scenario.precision is None
    plain = simulate(result.scenario, load_regions(), threads=1)
    assert result_digest(plain) == result_digest(result)
    pd.testing.assert_frame_equal(summary_frame(plain), summary_frame(result), check_exact=True)
    pd.testing.assert_frame_equal(comparison_frame(plain), comparison_frame(result), check_exact=True)


def test_the_number_of_draws_does_not_hang_on_threads(result):
    assert simulate(ASKED, load_regions(), threads=1).precision == result.precision


def test_no_draw_is_walked_twice(monkeypatch):
    room, walked = import_module("simulator.engine.workers"), []
    run_draw = room.run_draw

    def counted(inputs, policies, task, sums):
        walked.append((task.year, task.draw))
        return run_draw(inputs, policies, task, sums)

    monkeypatch.setattr(room, "run_draw", counted)
    took = simulate(ASKED, load_regions(), threads=1).precision
    assert len(took.batches) > 1
    assert sorted(walked) == [(year, draw) for year in ASKED.years for draw in range(took.draws)]


def test_a_precision_out_of_reach_ends_with_the_most_draws_and_says_so():
    took = simulate(ASKED.but(precision=0.01, max_draws=60, policies=ASKED.policies[:1]), load_regions()).precision
    assert not took.met and took.batches == (FEWEST_DRAWS, 60) and took.widest.half > 0.01


def test_the_next_batch_follows_from_the_error_of_the_draws_there_are():
    def silent(*_):
        return None
    assert more_draws(found(1.0, 200), silent) is None                     # met
    assert more_draws(found(2.0, 200), silent) == 840                      # four times the draws, and a twentieth
    assert more_draws(found(1.01, 200), silent) > 200
    assert more_draws(found(50.0, 200), silent) == 200 * FASTEST_GROWTH
    assert more_draws(found(2.0, 200, most=500), silent) == 500
    assert more_draws(found(2.0, 500, most=500), silent) is None


@pytest.mark.parametrize(("draws", "most", "first"), [(200, 10_000, 200), (5, 10_000, FEWEST_DRAWS), (5, 30, 30),
                                                      (20_000, 10_000, 20_000)])
def test_the_first_batch_is_what_is_asked_but_no_handful(draws, most, first):
    assert first_draws(ASKED.but(draws=draws, max_draws=most)) == first


def test_a_difference_of_policies_is_never_less_sure_than_both_sides_together(result):
    rows = comparison_frame(result)
    rows = rows[(rows["measure"] == MEASURE)]
    assert len(rows) == 2
    n = result.precision.draws
    sides = {(figure.policy, figure.year): figure.half for figure in figures(result.schemes)}
    for row in rows.itertuples():
        both = (sides["cap", row.year] * row.a + sides["baseline", row.year] * row.b) / 100
        assert 0 < half_width(row.se, n) <= both
        shown = np.nan if "heavy_tail" in row.warning else 2 * half_width(row.se, n)      # a heavy tail has no interval
        assert row.high - row.low == pytest.approx(shown, nan_ok=True)


def test_stopping_on_the_draws_there_are_leaves_the_intervals_their_coverage():
    share, draws, times = stopped_coverage(0.1, 1.0, 1000)
    # Ten rosters tell the error less surely than all draws would: 1.33 times as many for Student's t, the rest for bad luck.
    assert 0.93 <= share <= 0.97 and draws > 4 * FEWEST_DRAWS and 1.3 < times < 1.8
    assert stopped(np.linspace(0.999, 1.001, 100), 1.0) == FEWEST_DRAWS


# --- the command -----------------------------------------------------------------------------------


def test_a_run_says_what_was_asked_what_was_reached_and_in_how_many_draws(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    monkeypatch.setattr("simulator.report.overview.experiments", lambda *_: None)
    monkeypatch.setattr("simulator.report.overview.analyse", lambda *_: {})
    monkeypatch.setattr("simulator.compiling.cache.empty_cache", nullcontext)       # what is cached is read
    said = fundsim("compare", "jiangsu", "linyi", "--schemes", "nrcms", "--horizon", 1, "--people", 300, "--precision", "3.5%",
                   "--max-draws", 800, "--draws", 50, "--threads", 1, "--out", tmp_path)
    assert said.code == 0, said.err
    folder = next(tmp_path.glob("*/*"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    asked = manifest["precision"]
    assert asked["asked"] == 3.5 and asked["met"] and asked["reached"] <= 3.5 and asked["max_draws"] == 800
    assert len(asked["batches"]) > 1
    assert asked["draws"] == manifest["draws"] == manifest["scenario"]["draws"] == asked["batches"][-1]
    assert f"Reached with {asked['draws']} draws" in said.out.replace("\n", " ")
    assert fundsim("verify", folder).code == 0
    run = read_run(folder)
    for lang, words in (("en", f"Reached with {asked['draws']} draws: at most"), ("zh", f"模拟{asked['draws']}次后达到：最大")):
        text = write_report(run, folder, lang, [], {}).read_text(encoding="utf-8")
        assert words in text and "3.5%" in text and ("自由度" in text) == (lang == "zh")


def test_a_precision_that_is_not_reached_is_the_answer_no(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    path = tmp_path / "hard.yaml"
    path.write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\npeople: 300\ndraws: 10\nprecision: 0.1%\nmax_draws: 55\n",
                    encoding="utf-8")
    said = fundsim("run", path, "--threads", 1, "--lang", "zh", "--out", tmp_path / "results")
    assert said.code == 1 and "模拟55次（允许的上限）后未达到" in said.out and "Traceback" not in said.err
    assert list((tmp_path / "results").glob("hard/*/manifest.json"))
    easy = fundsim("run", path, "--threads", 1, "--precision", "50%", "--out", tmp_path / "results")
    assert easy.code == 0 and "Reached with 50 draws" in easy.out.replace("\n", " ")


@pytest.mark.parametrize("text", ["5", "0%", "-1%", "500%", "0.001%", "half", "", "0.5 %", "1e-1%", "٥%"])
def test_a_precision_is_a_percentage_and_nothing_else(text, tmp_path):
    said = fundsim("compare", "jiangsu", "linyi", f"--precision={text}", "--out", tmp_path / "results")
    assert said.code == 2 and said.err.count("\n") == 1
    assert said.err.startswith(f"error: --precision: '{text}'; expected a percentage of the mean such as 0.5%")
    path = tmp_path / "bad.yaml"
    path.write_text(f'regions: [linyi]\nprecision: "{text}"\n', encoding="utf-8")
    said = fundsim("run", path, "--out", tmp_path / "results")
    assert said.code == 2 and f"bad.yaml:2:12: precision: '{text}'; expected a percentage" in said.err


def test_the_most_draws_are_no_fewer_than_the_first_and_mean_nothing_alone(tmp_path):
    few = fundsim("compare", "jiangsu", "linyi", "--precision", "1%", "--max-draws", 100, "--out", tmp_path)
    assert few.code == 2 and "--max-draws: '100'; expected no fewer than the 200 draws" in few.err
    alone = fundsim("compare", "jiangsu", "linyi", "--max-draws", 300, "--out", tmp_path)
    assert alone.code == 2 and "expected --precision beside it" in alone.err
    path = tmp_path / "bad.yaml"
    path.write_text("regions: [linyi]\nprecision: 1%\nmax_draws: 20\n", encoding="utf-8")
    said = fundsim("run", path, "--out", tmp_path)
    assert said.code == 2 and "bad.yaml:3:12: max_draws: '20'; expected no fewer than the 200 first draws" in said.err


def test_a_scenario_with_a_precision_survives_its_manifest():
    assert from_dict(json.loads(json.dumps(ASKED.as_dict()))) == ASKED


# --- intervals -------------------------------------------------------------------------------------


def test_the_interval_of_few_draws_is_students():
    assert half_width(1.0, 2) == pytest.approx(12.7062, rel=1e-5)
    assert half_width(1.0, 8) == pytest.approx(2.36462, rel=1e-5)
    assert half_width(2.0, 200) == pytest.approx(2 * 2.262157, rel=1e-6)          # by rosters, of which there are ten
    assert np.isnan(half_width(float("nan"), 1))


@pytest.mark.parametrize("draws", [3, 10])
def test_intervals_of_few_draws_have_the_mean_in_them_as_often_as_those_of_many(draws):
    case = BOUNDED[1]
    assert 0.93 <= coverage(case, 1000, draws, 100) <= 0.97


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_draw_has_no_interval(lang, tmp_path, monkeypatch):
    scenario = ASKED.but(draws=1, horizon=1, precision=None)
    one = simulate(scenario, load_regions(), threads=1)
    frame = comparison_frame(one)
    assert frame[["se", "low", "high"]].isna().all().all() and frame["difference"].notna().any()
    folder = write_run(one, tmp_path)
    text = write_report(read_run(folder), folder, lang, [], {}).read_text(encoding="utf-8")
    assert ("One draw gives no interval." if lang == "en" else "只有一次模拟，不给出区间。") in text and ">nan" not in text


def test_the_terminal_shows_a_dash_where_there_is_no_interval(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.write.finish_run", lambda *_: None)
    monkeypatch.setattr("simulator.report.overview.experiments", lambda *_: None)
    monkeypatch.setattr("simulator.report.overview.analyse", lambda *_: {})
    said = fundsim("compare", "jiangsu", "linyi", "--schemes", "nrcms", "--horizon", 1, "--people", 300, "--draws", 1,
                   "--threads", 1, "--out", tmp_path)
    assert said.code == 0 and "- .. -" not in said.out and "nan" not in said.out


# --- heavy tails -----------------------------------------------------------------------------------


def test_bounded_payments_carry_no_warning():
    for case in BOUNDED:
        assert warned(case, 40, 200, round(200 / case.frequency.mean)) <= 0.025, case


def test_payments_of_infinite_variance_carry_the_warning():
    for case in INFINITE:
        assert warned(case, 40, 200, round(200 / case.frequency.mean)) >= 0.8, case


def test_a_normal_and_a_moderately_skewed_spread_carry_no_warning():
    rng = np.random.default_rng(3)
    for n in (20, 50, 200, 2000):
        assert not any(heavy_tailed(rng.standard_normal(n)) for _ in range(200))
        assert sum(heavy_tailed(np.exp(0.2 * rng.standard_normal(n))) for _ in range(200)) <= 4


def test_a_mean_that_rests_on_few_draws_carries_the_warning():
    values = np.zeros(200)
    values[:3] = (1.0, 5.0, 2.0)
    assert heavy_tailed(values) and not heavy_tailed(np.zeros(200)) and not heavy_tailed(np.full(200, 0.1 + 0.2))
    assert heavy_tailed(np.append(values, np.nan))
    assert not heavy_tailed(np.append(np.zeros(FEWEST_JUDGED - 2), 9.0))                  # too few to tell
    rounded = 0.3 + np.where(np.arange(200) == 7, 1e-16, 0.0)
    assert not heavy_tailed(rounded)


def test_the_tenth_that_a_mean_must_rest_on_need_not_stand_out():
    for seen, marked in ((0, False), (1, True), (15, True), (20, True), (21, False), (179, False), (180, True)):
        values = np.where(np.arange(200) * 77 % 200 < seen, 1.0, 0.0)                      # households, scattered over the worlds
        assert heavy_tailed(values) == marked and heavy_tails([values, np.arange(200.0)]) == [marked, False]


def test_a_warning_stands_in_the_tables_and_in_the_report(result, tmp_path):
    name, group = "expenditure_per_head", ""               # of which paths.parquet has no column
    values = np.zeros((200, 2))
    values[:2, 0] = (3.0, 900.0)

    def with_tail(measures):
        return [measure._replace(values=values) if (measure.name, measure.group) == (name, group) else measure
                for measure in measures]

    scheme = replace(result.schemes[0], of_worlds={year: with_tail(rows) for year, rows in result.schemes[0].of_worlds.items()})
    tailed = replace(result, schemes=[scheme])
    summary = summary_frame(tailed).set_index(["measure", "group", "policy", "year"])["warning"]
    assert summary[name, group, "baseline", 2012] == HEAVY_TAIL and summary[name, group, "cap", 2012] == ""
    rows = comparison_frame(tailed).set_index(["measure", "group", "year"])
    assert rows["warning"][name, group, 2013] == HEAVY_TAIL and rows.loc[(name, group, 2013), ["low", "high"]].isna().all()
    given = rows["warning"].eq("") & rows["se"].notna()
    assert given.any() and rows.loc[given, ["low", "high"]].notna().all().all()
    folder = write_run(tailed, tmp_path)
    run = read_run(folder)
    assert set(run.summary["warning"]) == {"", HEAVY_TAIL}
    for lang, words in (("en", "marks figures with a heavy tail"), ("zh", "表示厚尾")):
        text = write_report(run, folder, lang, [], {}).read_text(encoding="utf-8")
        assert words in text and text.count("\N{DAGGER}") >= 3


def test_what_is_0_or_1_in_a_draw_has_no_tail(result):
    frame = summary_frame(result)
    assert (frame.loc[frame["unit"] == "probability", "warning"] == "").all() and (frame["unit"] == "probability").any()


# --- the control variate ---------------------------------------------------------------------------


def test_the_control_variate_takes_the_samples_own_chance_out_and_leaves_the_mean():
    without, corrected, apart = variances("nrcms", 120, 3000, systematic=False)
    assert without / corrected > 30 and abs(apart) < 4


def test_means_that_count_are_those_of_the_fund_s_spending(result):
    of = summarise(next(m.values for m in result.schemes[0].measures[2013] if m.name == MEASURE)[:, 1])
    figure = next(one for one in figures(result.schemes) if (one.policy, one.year) == ("cap", 2013))
    assert figure.half == pytest.approx(100 * half_width(of["se"], result.precision.draws) / of["mean"])
