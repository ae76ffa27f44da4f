"""The run folder: written aside, never half, safe in a spreadsheet, and true to the draws."""

from __future__ import annotations

import json
import math
import shutil
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from simulator import results
from simulator.engine.outcome import Result
from simulator.engine.simulate import simulate
from simulator.engine.unit_tables import UNIT_COLUMNS
from simulator.folders import sealed, table_of
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.results import comparison_frame, parameters_frame, read_run, result_digest, sides, summary_frame, write_run
from simulator.scenario import Policy, Scenario

T95 = 3.182446305284263              # Student's t, 3 degrees of freedom
TINY = Scenario("tiny", ("jiangsu", "linyi"), schemes=("nrcms",), horizon=1, draws=4, people=500,
                policies=(Policy("baseline"), Policy("cap", {"inpatient.nrcms.annual_cap": "20000"})))


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(TINY, load_regions(), threads=1)


@pytest.fixture(scope="module")
def run(result, tmp_path_factory):
    return read_run(write_run(result, tmp_path_factory.mktemp("results")))


def measure(result: Result, region: int, name: str, policy: int, group: str = "") -> np.ndarray:
    """float64[draws] of a measure of a region in the start year."""
    found = next(m for m in result.schemes[region].measures[TINY.year] if (m.name, m.group) == (name, group))
    return found.values[:, policy]


# --- writing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, InputError])
def test_a_failure_while_finishing_leaves_nothing(result, tmp_path, fault):
    def finish(folder, run):
        assert folder.name.startswith(".partial-") and (folder / "summary.csv").exists()
        raise fault("no")

    with pytest.raises(fault):
        write_run(result, tmp_path, finish)
    assert list(tmp_path.glob("*/*")) == []


def test_a_run_has_its_name_only_when_it_is_whole(result, tmp_path):
    seen = []
    folder = write_run(result, tmp_path, lambda aside, run: seen.append(sorted(path.name for path in aside.parent.iterdir())))
    assert [name.startswith(".partial-") for name in seen[0]] == [True]
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "parameters.csv", "summary.csv", "comparison.csv",
                                                        "paths.parquet", "units.csv", "worlds.parquet", "uncertain.csv"}
    table = pd.read_csv(folder / "units.csv", encoding="utf-8-sig")
    assert tuple(table.columns) == UNIT_COLUMNS and table["exhausted"].between(0, 1).all()
    units = table.groupby(["region", "scheme", "policy", "year"])["unit"].agg(["min", "max", "count"])
    assert (units["min"] == 1).all() and (units["max"] == units["count"]).all() and (units["count"] > 1).all()


def test_two_runs_of_the_same_second_get_different_folders(result, tmp_path, monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2012, 3, 21, 12, 0, 0, tzinfo=UTC)

    monkeypatch.setattr(results, "datetime", Clock)
    names = [write_run(result, tmp_path).name for _ in range(3)]
    first = f"20120321-120000-{result_digest(result)[:8]}"
    assert names == [first, f"{first}-2", f"{first}-3"]


def test_a_folder_of_a_version_without_checksums_is_refused_with_the_reason(tmp_path):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="no checksums.*run the scenario anew"):
        read_run(tmp_path)


@pytest.mark.parametrize("manifest", [{}, {"scenario": []}, {"scenario": {}, "draws": "4"}], ids=str)
def test_a_whole_folder_that_holds_no_run_is_refused(manifest, run, tmp_path):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    (folder / "manifest.json").write_bytes(sealed(manifest, table_of(folder)))
    with pytest.raises(InputError, match="not a run's manifest"):
        read_run(folder)


# --- tables in a spreadsheet -----------------------------------------------------------------------


def test_the_tables_open_with_their_chinese_words_and_their_numbers(run):
    for name in ("summary", "comparison", "parameters"):
        frame = pd.read_csv(run.folder / f"{name}.csv", encoding="utf-8-sig")
        assert len(frame) and not frame.columns[0].startswith("\ufeff")
    assert run.parameters["source"].str.contains("国办发").any()
    assert all(run.summary[name].dtype == np.float64 for name in ("mean", "se", "p05", "p95"))
    assert (run.summary["group"] == "").any() and (run.comparison["group"] == "").any()


def test_no_cell_of_text_is_taken_for_a_formula(run):
    for frame in (run.summary, run.comparison, run.parameters):
        for name in frame.columns:
            cells = [cell for cell in frame[name] if isinstance(cell, str)]
            assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")], name


def test_a_table_read_back_is_the_table_written(run, result):
    pd.testing.assert_frame_equal(run.summary, summary_frame(result), check_dtype=False)
    pd.testing.assert_frame_equal(run.comparison, comparison_frame(result), check_dtype=False)


# --- numbers ---------------------------------------------------------------------------------------


def test_the_summary_is_the_mean_error_and_quantiles_of_the_draws(run, result):
    rows = run.summary.set_index(["region", "policy", "measure", "group"])
    for region, place in enumerate(TINY.regions):
        for p, policy in enumerate(("baseline", "cap")):
            values = sorted(measure(result, region, "expenditure_per_head", p))
            row = rows.loc[place, policy, "expenditure_per_head", ""]
            mean = math.fsum(values) / 4
            assert row["mean"] == pytest.approx(mean)
            assert row["se"] == pytest.approx(math.sqrt(math.fsum((v - mean) ** 2 for v in values) / 3 / 4))
            assert row["p50"] == pytest.approx((values[1] + values[2]) / 2)
            assert row["p25"] == pytest.approx(values[0] + 0.75 * (values[1] - values[0]))
            assert row["p95"] == pytest.approx(values[2] + 0.85 * (values[3] - values[2]))


def test_the_tail_of_the_balance_is_the_mean_of_its_worst_draws(run, result):
    row = run.summary.query("measure == 'balance_tvar95' and region == 'linyi' and policy == 'cap'")
    assert row["mean"].item() == pytest.approx(measure(result, 1, "balance", 1).min())


def test_two_regions_and_two_policies_give_three_comparisons(result):
    found = [(a, b) for _, _, a, _, _, b in sides(result)]
    assert found == [("jiangsu: cap", "jiangsu: baseline"), ("linyi: cap", "linyi: baseline"), ("jiangsu", "linyi")]


def test_a_comparison_has_the_error_of_the_paired_difference(run, result):
    for side_a, side_b, a, b in (("jiangsu: cap", "jiangsu: baseline", (0, 1), (0, 0)), ("jiangsu", "linyi", (0, 0), (1, 0))):
        differences = [x - y for x, y in zip(measure(result, a[0], "oop_per_head", a[1]),
                                             measure(result, b[0], "oop_per_head", b[1]), strict=True)]
        mean = math.fsum(differences) / 4
        se = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / 3 / 4)
        rows = run.comparison[(run.comparison["side_a"] == side_a) & (run.comparison["side_b"] == side_b)]
        row = rows.query("measure == 'oop_per_head' and group == ''")
        assert row[["difference", "se", "low", "high"]].iloc[0].tolist() == pytest.approx(
            [mean, se, mean - T95 * se, mean + T95 * se])
        assert row["a"].item() - row["b"].item() == pytest.approx(mean)


def test_a_policy_equal_to_the_baseline_differs_by_exactly_nothing():
    scenario = TINY.but(regions=("linyi",), policies=(Policy("baseline"), Policy("same"), TINY.policies[1]))
    frame = comparison_frame(simulate(scenario, load_regions(), threads=1))
    same, cap = (frame[frame["side_a"] == f"linyi: {policy}"] for policy in ("same", "cap"))
    assert len(same) == len(cap) and set(frame["side_b"]) == {"linyi: baseline"}
    known = same[same["difference"].notna()]
    assert len(known) > 100 and not known["difference"].any() and not known["se"].fillna(0.0).any()
    assert cap["difference"].any()


def test_a_lower_cap_costs_the_fund_no_more_and_patients_no_less(result):
    for region in (0, 1):
        paid, cash = (measure(result, region, name, 1) - measure(result, region, name, 0)
                      for name in ("payment_per_admission", "oop_per_head"))
        assert (paid <= 0).all() and (cash >= 0).all()


def test_fund_paths_hold_every_draw_in_yuan(run, result):
    paths = run.paths
    assert len(paths) == 2 * 2 * TINY.draws * TINY.horizon
    here = paths[(paths["region"] == "linyi") & (paths["policy"] == "cap")].sort_values("draw")
    assert here["surplus"].to_numpy() == pytest.approx(measure(result, 1, "surplus", 1) * 1e8)
    assert here["surplus"].to_numpy() == pytest.approx((here["revenue"] - here["expenditure"]).to_numpy())


# --- what the run was made of ----------------------------------------------------------------------


def test_every_value_used_has_unit_date_source_status_and_region(run):
    rows = run.parameters
    assert not rows[["path", "unit", "from", "source", "status", "region"]].isna().any().any()
    assert set(rows["status"]) <= {"law", "statistic", "estimate", "assumption"}
    assert pd.to_datetime(rows["from"].str.slice(0, 10), format="%Y-%m-%d", errors="coerce").notna().all()
    assert not rows.duplicated(["path", "region", "from", "source"]).any()
    assert sum(run.manifest["values_by_status"].values()) == len(rows)


def test_the_clause_that_sets_the_annual_cap_is_among_the_values(run):
    laws = run.parameters[run.parameters["path"].str.startswith("law.nrcms.annual_cap")]
    assert set(laws["region"]) == {"jiangsu"} and set(laws["status"]) == {"law"}          # Linyi's cap is that of a like place
    assert laws["source"].str.contains("2012").all()


def test_a_policy_s_own_value_stands_beside_the_law_it_displaces(run):
    rows = run.parameters[run.parameters["path"] == "inpatient.nrcms.annual_cap"]
    changed = rows[rows["source"] == "scenario: tiny: cap"]
    assert set(changed["region"]) == {"jiangsu", "linyi"} and list(rows["region"][~rows.index.isin(changed.index)]) == ["linyi"]


def test_values_are_listed_in_one_order(result):
    frame = parameters_frame(result)
    assert frame["path"].is_monotonic_increasing


def test_the_manifest_says_what_reproduces_the_run(run, result):
    manifest = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["result_digest"] == result_digest(result) and manifest["seed"] == TINY.seed
    assert [(row["region"], row["scheme"], row["year"]) for row in manifest["levels"]] == [
        (region, "nrcms", 2012) for region in TINY.regions]
    assert manifest["versions"].keys() >= {"fundsim", "numpy", "numba", "python", "random_layout"}
    assert {row["rows"] for row in manifest["rosters"]} and all(row["participants"] > 1e6 for row in manifest["rosters"])
