"""The back-test: gaps, bounds, what was fitted, and the table's shape. The figures themselves stand in docs/validation.md."""

import datetime
from dataclasses import replace
from math import isnan, nan

import pandas as pd
import pytest

from simulator.answers import backtest as module
from simulator.answers.backtest import (
    BACKTEST_COLUMNS,
    MODEL_TOPICS,
    FittedRun,
    backtest,
    fitted_runs,
    gap_percent,
    judge,
    table_text,
    values_of,
)
from simulator.answers.evidence import read_figures
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario

PAIRS = {("national", "nrcms", 2011), ("national", "nrcms", 2012), ("jiangsu", "nrcms", 2011), ("shandong", "nrcms", 2011),
         ("national", "uebmi", 2010), ("national", "uebmi", 2012), ("national", "urbmi", 2010), ("national", "urbmi", 2012)}
ASKED = {"revenue", "claims_per_head", "admissions_per_100", "payment_per_admission", "expenditure_over_revenue"}
CUT = datetime.date(2012, 12, 31)
JIANGSU = FittedRun("jiangsu", "nrcms", 2011, CUT, 2011)


@pytest.fixture(scope="module")
def small():
    return backtest(load_regions(), draws=2, people=5_000, threads=2, runs=[JIANGSU])


def frame(**changes) -> pd.DataFrame:
    row = {"region": "national", "scheme": "nrcms", "started": 2011, "cut": CUT, "year": 2011, "measure": "revenue",
           "unit": "1e8 CNY", "simulated": 100.0, "se": 0.1, "published": 100.0, "error": 1.0,
           "gap_percent": 0.0, "kind": "figure", "fitted": "yes",
           "status": "statistic", "family": "", "source": "a yearbook", "known_from": CUT, "remark": ""}
    return pd.DataFrame([{**row, **changes}], columns=BACKTEST_COLUMNS)


def test_every_pair_has_a_row_for_every_measure_that_was_asked_for():
    figures = read_figures()
    for region, scheme, year in PAIRS:
        assert any((run.region, run.scheme, run.started) == (region, scheme, year) for run in fitted_runs())
        assert ASKED <= {f.measure for f in figures if (f.region, f.scheme, f.year) == (region, scheme, year)}


def test_the_step_from_2011_to_2012_is_run_as_well_as_2012_alone():
    nation = {run.started for run in fitted_runs() if (run.region, run.scheme, run.until) == ("national", "nrcms", 2012)}
    assert nation >= {2011, 2012}


def test_the_derived_admissions_of_employees_are_bounds_and_not_figures():
    bounds = {(f.year, f.value) for f in read_figures() if (f.scheme, f.measure) == ("uebmi", "admissions_per_100")}
    assert bounds == {(2010, 15.2), (2012, 17.7)}
    assert {f.kind for f in read_figures() if (f.scheme, f.measure) == ("uebmi", "admissions_per_100")} == {"bound"}


def test_urban_residents_of_2012_are_solved_to_the_published_64_percent_and_before_it_was_known_to_nothing():
    nation = load_regions()["national"]
    assert nation.value("inpatient.urbmi.outcome_ratio", 2012).value == 64
    assert nation.known_by(datetime.date(2012, 12, 31)).value("inpatient.urbmi.outcome_ratio", 2012, required=False) is None


def test_the_table_has_its_columns_and_simulates_every_row(small):
    assert tuple(small.columns) == BACKTEST_COLUMNS
    assert set(small["measure"]) == ASKED | {"members", "revenue_per_head"}
    assert small["simulated"].notna().all() and (small["se"] >= 0).all()


def test_simulated_revenue_is_within_one_percent_of_the_published_even_with_few_people(small):
    revenue = small[small["measure"] == "revenue"].iloc[0]
    assert abs(revenue.gap_percent) < 1.0


def test_rows_without_a_published_figure_are_shown_with_a_dash(small):
    unpublished = small[small["kind"] == "none"]
    assert len(unpublished) == 3 and unpublished["gap_percent"].isna().all() and (unpublished["remark"] != "").all()
    line = next(line for line in table_text(small).splitlines() if "payment_per_admission" in line)
    assert line.split()[-6:-1] == ["-"] * 5


def test_a_run_reads_no_value_that_became_known_after_its_cut(monkeypatch):
    read = []

    def stand_in(scenario, regions, threads):
        read.append(regions)
        raise InterruptedError

    monkeypatch.setattr(module, "simulate", stand_in)
    shipped = load_regions()
    for run in fitted_runs():
        with pytest.raises(InterruptedError):
            backtest(shipped, runs=[run])
        entries = [entry for layer in read[-1][run.region].layers for path, dated in layer.entries.items() for entry in dated
                   if path.partition(".")[0] not in MODEL_TOPICS]
        assert entries and max(entry.known for entry in entries) <= run.cut
    assert max(e.known for r in shipped.values() for dated in r.layers[0].entries.values() for e in dated) > run.cut


def test_a_figure_that_became_known_after_the_cut_is_a_forecast_and_may_miss():
    missed = frame(year=2012, measure="revenue_per_head", gap_percent=2.5)
    assert judge(missed) and judge(missed.assign(known_from=datetime.date(2013, 6, 30))) == []


def test_two_threads_and_one_thread_give_the_same_table(small):
    pd.testing.assert_frame_equal(small, backtest(load_regions(), draws=2, people=5_000, threads=1, runs=[JIANGSU]))


def test_a_gap_is_in_percent_of_the_published_figure():
    assert gap_percent(110.0, 100.0) == pytest.approx(10.0)
    assert gap_percent(30.0, 100.0) == pytest.approx(-70.0)
    assert isnan(gap_percent(1.0, nan))


def test_a_table_within_all_limits_is_passed():
    assert judge(frame()) == []


def test_revenue_more_than_one_percent_off_is_a_fault():
    assert "+1.5%" in judge(frame(gap_percent=1.5))[0]


def test_a_later_year_of_a_run_is_judged_by_revenue_per_head():
    assert judge(frame(year=2012, gap_percent=2.5)) == []
    assert len(judge(frame(year=2012, measure="revenue_per_head", gap_percent=2.5))) == 1


def test_a_large_gap_without_its_cause_is_a_fault():
    assert "without a cause" in judge(frame(measure="claims_per_head", gap_percent=-40.0))[0]
    assert judge(frame(measure="claims_per_head", gap_percent=-40.0, remark="the survey counts visits twice")) == []


def test_a_third_large_gap_is_a_fault():
    large = frame(measure="claims_per_head", gap_percent=31.0, remark="known")
    assert judge(pd.concat([large] * 2)) == []
    assert judge(pd.concat([large] * 3)) == ["3 gaps above 30%, at most 2 are allowed"]


def test_a_difference_of_large_amounts_has_no_limit_in_percent_and_a_second_publisher_none():
    assert judge(frame(measure="surplus", gap_percent=300.0)) == []
    assert judge(frame(measure="claims_per_head", gap_percent=80.0, family="minister")) == []


def test_a_passed_bound_is_a_fault():
    bound = {"measure": "admissions_per_100", "kind": "bound", "published": 15.2, "gap_percent": nan}
    assert judge(frame(simulated=13.7, **bound)) == []
    assert "above the bound of 15.2" in judge(frame(simulated=15.9, **bound))[0]


def test_the_text_says_how_many_figures_the_parameters_were_set_from():
    absent = frame(kind="none", published=nan, gap_percent=nan, remark="not published")
    text = table_text(pd.concat([frame(), frame(fitted="no"), absent]))
    assert "2 published figures: parameters were set from 1 of them, partly from 0, not from 1; 0 gaps above 30%." in text


def test_a_measure_that_is_not_simulated_is_refused_by_name():
    figure = replace(read_figures()[0], region="jiangsu", measure="happiness", year=2011)
    with pytest.raises(InputError, match="happiness"):
        backtest(load_regions(), draws=2, people=1_000, threads=1, figures=[figure], runs=[JIANGSU])


def test_a_figure_of_pooled_fund_and_accounts_together_is_more_than_the_pooled_fund_s():
    result = simulate(Scenario("accounts", ("jiangsu",), schemes=("uebmi",), horizon=1, draws=2, people=1_000), load_regions(), 1)
    for name in ("revenue", "expenditure", "balance"):
        assert (values_of(result.schemes[0], 2012, f"{name}_with_accounts") > values_of(result.schemes[0], 2012, name)).all()


def test_the_audit_of_shandong_is_a_forecast_and_jiangsu_s_outcomes_are_what_was_known():
    found = {(f.region, f.scheme, f.year): (f.value, f.fitted) for f in read_figures()
             if f.measure == "in_scope_ratio" and f.region != "national"}
    assert found == {("shandong", "nrcms", 2011): (56.84, "no"), ("shandong", "nrcms", 2013): (61.03, "no"),
                     ("jiangsu", "uebmi", 2010): (80.0, "yes"), ("jiangsu", "urbmi", 2008): (49.0, "no"),
                     ("jiangsu", "urbmi", 2010): (60.0, "yes"),
                     ("jiangsu", "urbmi", 2012): (70.0, "yes")}
