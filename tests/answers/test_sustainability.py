"""How long funds last and what would keep them: hand-made paths with known answers, and what the sums promise."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulator import words
from simulator.answers.sustainability import (
    FEW_WORLDS,
    FEWEST_BEYOND,
    GRADES,
    RESPONDS,
    SUSTAINABILITY,
    Figures,
    FundPaths,
    balancing,
    checked_confidences,
    grade,
    growth,
    quantile_bounds,
    ranks,
    share_bounds,
    sustainability,
    top_up,
)
from simulator.answers.verification import differences
from simulator.api import Opened, run
from simulator.engine.measures import tail_mean
from simulator.engine.simulate import simulate
from simulator.folders import table_of
from simulator.parameters.errors import InputError
from simulator.report.brief import MOST_LINES
from simulator.report.select import Selection
from simulator.report.style import columns_of
from simulator.report.sustained import SUSTAIN_WORDS, TABLE_COLUMNS, Sustained
from simulator.results import csv_bytes
from simulator.scenario import Policy, Scenario, from_dict
from tests.support.command import fundsim
from tests.support.fund_runs import fund_run

NRCMS = ("linyi", "nrcms", "baseline")
BALANCES = np.array([[9.0, 5.0, 7.0], [5.0, -1.0, 4.0], [2.0, -3.0, -8.0], [-1.0, 1.0, -2.0]])      # four worlds, three years
NONE = np.array([np.nan])


def found(frame: pd.DataFrame, measure: str, at: str | None = None, year: int | None = None) -> pd.Series:
    """The one row of a measure."""
    rows = frame[frame["measure"] == measure]
    rows = rows if at is None else rows[rows["at"] == at]
    rows = rows if year is None else rows[rows["year"] == year]
    (row,) = (row for _, row in rows.iterrows())
    return row


def fund(balance: np.ndarray, members: np.ndarray | None = None, pooled: float = 100.0) -> FundPaths:
    """A fund of these balances, of one unit, and otherwise of round numbers."""
    like = np.full(balance.shape, 100.0)
    exhausted = np.maximum.accumulate(balance < 0, axis=1).astype(np.float64)
    years = tuple(range(2012, 2012 + balance.shape[1]))
    return FundPaths("linyi", "nrcms", "baseline", years, like if members is None else members, like, like, balance, like,
                     np.full(balance.shape, pooled), exhausted, False)


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    return sustainability(fund_run(tmp_path_factory.mktemp("run"), {NRCMS: BALANCES * 1e5}))


# --- exhaustion, months, growth -------------------------------------------------------------------


def test_a_fund_is_exhausted_from_its_first_year_end_below_zero_on_though_it_recovers(frame):
    assert [found(frame, "exhausted_in", year=year)["value"] for year in (2012, 2013, 2014)] == [0.25, 0.5, 0.0]
    assert [found(frame, "exhausted_by", year=year)["value"] for year in (2012, 2013, 2014)] == [0.25, 0.75, 0.75]
    assert found(frame, "lasts")["value"] == 0.25 and found(frame, "lasts")["worlds"] == 1
    assert sum(frame.loc[frame["measure"].isin(("exhausted_in", "lasts")), "value"]) == 1.0


def test_intervals_of_probabilities_hold_them_stay_within_0_and_1_and_are_never_a_point(frame):
    rows = frame[frame["unit"] == "probability"]
    assert len(rows) == 7
    assert ((0 <= rows["low"]) & (rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"]) & (rows["high"] <= 1)).all()
    assert (rows["high"] - rows["low"] > 0.5).all()                  # four worlds say little


def test_months_are_twelve_times_balance_over_the_year_s_expenditure(frame):
    months = np.quantile(12 * BALANCES[:, 1] * 1e5 / 1_200_000, (0.05, 0.5, 0.95))
    assert [found(frame, "months_held", at, 2013)["value"] for at in ("p05", "p50", "p95")] == pytest.approx(months.tolist())


def test_growth_is_on_the_year_before_in_all_and_a_head_and_a_top_up_is_no_revenue(tmp_path):
    shape = (2, 3)
    revenue, top = np.array([[100.0, 110, 132], [100.0, 90, 99]]), np.array([[0.0, 0, 12], [0.0, 0, 0]])
    frame = sustainability(fund_run(tmp_path, {NRCMS: np.ones(shape)}, revenue=revenue, deficit_top_up=top,
                                    expenditure=np.array([[50.0, 60, 75], [50.0, 50, 60]]),
                                    members=np.array([[10.0, 10, 20], [10.0, 10, 20]])))
    one, other = 100 * 10 / 100, 100 * -10 / 100
    row = found(frame, "revenue_growth", "mean", 2013)
    assert row["value"] == pytest.approx((one + other) / 2)
    assert row["high"] - row["value"] == pytest.approx(12.706204736 * abs(one - other) / 2, rel=1e-6)      # t of one degree
    assert found(frame, "revenue_growth", "mean", 2014)["value"] == pytest.approx((100 * 10 / 110 + 10) / 2)
    assert found(frame, "expenditure_growth", "mean", 2014)["value"] == pytest.approx((25 + 20) / 2)
    assert found(frame, "expenditure_growth_per_head", "mean", 2014)["value"] == pytest.approx((-37.5 - 40) / 2)
    assert "revenue_growth" not in set(frame.loc[frame["year"] == 2012, "measure"])


def test_growth_after_a_year_of_nothing_is_not_known():
    assert np.isnan(growth(np.array([[0.0, 5.0, 10.0]]))[0]).tolist() == [True, False]


def test_the_months_and_the_probability_are_those_of_the_summary(opened):
    frame, summary = opened.sustainability(), opened.summary
    for measure, name, at in (("exhausted", "exhausted_by", ""), ("months_held", "months_held", "mean")):
        of_summary = summary[(summary["measure"] == measure) & (summary["group"] == "")]
        rows = frame[(frame["measure"] == name) & (frame["at"] == at)]
        assert rows["value"].tolist() == pytest.approx(of_summary["mean"].tolist()) and len(rows) == 2 * 3


# --- what would be enough -------------------------------------------------------------------------

PATHS_BY_WORLD = arrays(np.float64, st.tuples(st.integers(1, 120), st.integers(1, 6)),
                        elements=st.integers(-10**13, 10**13).map(lambda fen: fen / 100))
PERCENTS = st.integers(51, 99)


@settings(max_examples=60, deadline=None)
@given(PATHS_BY_WORLD, PERCENTS)
def test_the_sum_today_leaves_no_more_worlds_exhausted_than_it_says_and_a_fen_less_leaves_more(balance, percent):
    table = Figures(fund(balance))
    top_up(table, [percent])
    value, worlds = table.rows[0][7], len(balance)
    assert 100 * int(((balance + value).min(axis=1) < 0).sum()) <= (100 - percent) * worlds
    if value > 0:
        assert 100 * int(((balance + (value - 0.01)).min(axis=1) < 0).sum()) > (100 - percent) * worlds
    assert table.rows[0][10] == int(((balance + value).min(axis=1) < 0).sum())


@settings(max_examples=60, deadline=None)
@given(PATHS_BY_WORLD, PERCENTS, st.integers(0, 2**32 - 1))
def test_the_addition_makes_the_mean_end_balance_zero_and_keeps_so_many_worlds_from_a_deficit(balance, percent, seed):
    members = np.random.default_rng(seed).integers(1000, 10**7, balance.shape).astype(np.float64)
    table = Figures(fund(balance, members))
    balancing(table, [percent], 60.0)
    addition = {row[5]: row[7] for row in table.rows if row[3] == "balancing_addition"}
    person_years, end = members.sum(axis=1), balance[:, -1]
    assert abs((end + addition["mean"] * person_years).mean()) < 0.01
    assert np.median(end / person_years) == pytest.approx(-addition["p50"], abs=1e-9)
    short = end + addition[f"p{percent}"] * person_years < -1e-3               # a tenth of a fen of rounding
    assert 100 * int(short.sum()) <= (100 - percent) * len(balance)
    less = end + (addition[f"p{percent}"] - 0.01) * person_years < -1e-3
    assert 100 * int(less.sum()) > (100 - percent) * len(balance)


def test_the_level_is_what_is_paid_now_with_the_addition_and_the_multiple_is_of_what_is_paid_now():
    table = Figures(fund(np.array([[-100.0, -600.0], [0.0, 200.0]]), np.full((2, 2), 10.0), pooled=1000.0))
    balancing(table, [95], 50.0)
    rows = {(row[3], row[5]): row[7] for row in table.rows}
    assert rows["balancing_addition", "mean"] == 10.0 and rows["balancing_addition", "p95"] == 30.0
    assert rows["balancing_level", "p95"] == 80.0 and rows["balancing_multiple", "p95"] == pytest.approx(1.6)
    assert rows["funding_multiple", "p95"] == pytest.approx(1.3) and rows["paid_now", "premium"] == 50.0


@pytest.mark.parametrize("scheme, premium, kind, paid", [("nrcms", 53.3, "premium", 53.3), ("uebmi", 0.0, "contribution", 800.0),
                                                         ("urbmi", 0.0, "revenue", 1200.0)])
def test_what_is_paid_now_is_the_premium_the_contributions_or_else_the_revenue(tmp_path, scheme, premium, kind, paid):
    frame = sustainability(fund_run(tmp_path, {("linyi", scheme, "baseline"): BALANCES}, premium=premium, funding=800_000.0))
    row = found(frame, "paid_now")
    assert (row["at"], row["value"]) == (kind, pytest.approx(paid))


def test_a_simulated_fund_that_gets_the_addition_ends_as_the_addition_says(regions, tmp_path):
    plain = {"funding.nrcms.collection_ratio": "100", "funding.nrcms.interest_rate": "0", "funding.nrcms.reserve_share": "0",
             "funding.nrcms.duplicates_removed": False}
    scenario = Scenario("exact", ("linyi",), schemes=("nrcms",), horizon=3, draws=10, people=300, response="none", changes=plain)
    base = run(scenario, out=tmp_path, threads=1, report=False)
    row = found(base.sustainability(), "balancing_addition", "p95")
    assert row["warning"] == FEW_WORLDS                                       # ten worlds, and nothing responds
    given = float(f"{row['value']:.2f}")
    more = Policy("more", {"funding.nrcms.local_top_up": {"plus": f"{given:.2f}"}})
    paths = run(scenario.but(policies=(Policy("baseline"), more)), out=tmp_path, threads=1, report=False).paths
    end = paths.pivot(index="draw", columns=["policy", "year"], values="accrued_closing")
    years = paths[paths["policy"] == "more"].groupby("draw")["members"].sum()
    assert (end["more", 2014] - end["baseline", 2014]).tolist() == pytest.approx((given * years).tolist(), abs=1.0)
    assert end["more", 2014].min() == pytest.approx(0.0, abs=0.01 * years.max())       # the worst of ten worlds ends at zero


def test_where_a_fund_responds_the_sums_say_so(tmp_path):
    plain = sustainability(fund_run(tmp_path / "a", {NRCMS: BALANCES}))
    refunded = sustainability(fund_run(tmp_path / "b", {NRCMS: BALANCES}, secondary=np.eye(4, 3)))
    for frame, says in ((plain, False), (refunded, True)):
        rows = frame[frame["measure"].isin(("balancing_addition", "top_up", "funding_multiple"))]
        assert rows["warning"].str.contains(RESPONDS).tolist() == [says] * len(rows)


# --- risk -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("worlds, few", [(60, True), (80, True), (200, False)])
def test_value_at_risk_and_its_tail_are_the_quantile_and_the_mean_of_the_worst(tmp_path, worlds, few):
    balance = np.random.default_rng(worlds).normal(0, 1e9, (worlds, 3)).cumsum(axis=1)
    frame = sustainability(fund_run(tmp_path, {NRCMS: balance}))
    for name, values in (("end", balance[:, -1]), ("lowest", balance.min(axis=1))):
        var, tail = found(frame, f"{name}_balance_var95"), found(frame, f"{name}_balance_tvar95")
        assert var["value"] == pytest.approx(np.quantile(values, 0.05) / 1e8)
        assert tail["value"] == pytest.approx(tail_mean(values) / 1e8) and tail["value"] <= var["value"]
        assert tail["worlds"] == -(-worlds // 20) and tail["low"] < tail["value"] < tail["high"]
        assert (tail["warning"] == FEW_WORLDS) is few is (tail["worlds"] < FEWEST_BEYOND)


@pytest.mark.parametrize("chance, months, expected", [
    (0.0, (4.0, 3.5), "low"), (0.0499, (3.0, 3.0), "low"), (0.05, (9.0, 9.0), "watch"), (0.0, (9.0, 2.9), "watch"),
    (0.2, (9.0, 9.0), "high"), (0.0, (1.4, 9.0), "high"), (0.4999, (0.1, 9.0), "high"), (0.5, (9.0, 9.0), "critical")])
def test_the_grade_is_the_worst_that_the_chance_and_the_months_give(chance, months, expected):
    yellow, red = np.full(2, 3.0), np.full(2, 1.5)
    assert GRADES[grade(chance, np.array(months), yellow, red)] == expected


def test_without_marks_of_early_warning_the_chance_alone_gives_the_grade(tmp_path):
    assert grade(0.0, np.array([-5.0]), NONE, NONE) == 0
    frame = sustainability(fund_run(tmp_path, {NRCMS: np.full((20, 2), 1.0)}, marks=None))
    row = found(frame, "risk_grade")
    assert row["at"] == "low" and row["low"] == 0 and row["high"] == 1           # 0 of 20 worlds may be 17%


def test_the_grade_is_read_from_the_region_s_own_marks(tmp_path):
    balance = np.full((40, 2), 2.0 * 100_000)                                  # two months of expenditure
    for marks, expected in ((("3", "1.5"), "watch"), (("6", "3"), "high"), (("1", "0.5"), "low")):
        assert found(sustainability(fund_run(tmp_path / marks[0], {NRCMS: balance}, marks=marks)), "risk_grade")["at"] == expected


# --- intervals ------------------------------------------------------------------------------------


def test_ranks_of_a_quantile_s_interval_are_those_of_tables():
    assert ranks(20, 50) == (6, 15) and ranks(100, 50) == (40, 61)              # Conover, Practical Nonparametric Statistics
    assert ranks(5, 50) == (0, 6) and ranks(1, 95) == (0, 2)                    # none


@pytest.mark.parametrize("alike", [0.0, 0.1])
def test_intervals_of_shares_and_quantiles_hold_the_truth_where_worlds_on_a_roster_are_alike(alike):
    rng, samples, n = np.random.default_rng(12), 2000, 200
    rosters = rng.normal(size=(samples, 10))[:, np.arange(n) % 10]
    values = np.sqrt(alike) * rosters + np.sqrt(1 - alike) * rng.normal(size=(samples, n))
    low, high = share_bounds(values < -0.2533471)                              # of which four in ten are below
    assert 0.9 <= ((low <= 0.4) & (0.4 <= high)).mean() <= 0.985
    low, high = quantile_bounds(values, 50)
    assert 0.9 <= ((low <= 0) & (0 <= high)).mean() <= 0.985
    low, high = quantile_bounds(values, 95)
    assert 0.9 <= ((low <= 1.6448536) & ~(high < 1.6448536)).mean() <= 0.99


def test_one_world_gives_figures_and_no_intervals(tmp_path):
    frame = sustainability(fund_run(tmp_path, {NRCMS: BALANCES[2:3]}), [95])
    shares = frame["unit"] == "probability"
    assert frame.loc[~shares & (frame["measure"] != "risk_grade"), ["low", "high"]].isna().all(axis=None)
    assert (frame.loc[shares, "high"] - frame.loc[shares, "low"] > 0.9).all() and found(frame, "top_up", "p95")["value"] == 8.0


# --- table, file, Python --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Opened:
    scenario = Scenario("small", ("linyi",), schemes=("urbmi", "nrcms"), horizon=3, draws=4, people=300)
    return run(scenario, out=tmp_path_factory.mktemp("results"), threads=1, report=False)


def test_every_run_has_the_table_as_a_file_under_its_checksum(opened):
    data = (opened.folder / "sustainability.csv").read_bytes()
    assert data == csv_bytes(opened.sustainability()) and "sustainability.csv" in opened.manifest["files"]
    table = pd.read_csv(opened.folder / "sustainability.csv", encoding="utf-8-sig")
    assert tuple(table.columns) == SUSTAINABILITY
    assert list(dict.fromkeys(zip(table["region"], table["scheme"], strict=True))) == [("linyi", "urbmi"), ("linyi", "nrcms")]


def test_a_forged_table_is_named_though_its_checksum_is_right(opened, tmp_path, regions):
    result = simulate(from_dict(opened.manifest["scenario"], regions=regions), regions, 1)
    assert differences(opened, result).count == 0
    for file in opened.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    table = opened.sustainability()
    table.loc[table["measure"] == "risk_grade", "at"] = "low,"
    (tmp_path / "sustainability.csv").write_bytes(csv_bytes(table))
    manifest = opened.manifest | {"files": table_of(tmp_path)}
    forged = Opened(tmp_path, manifest, opened.summary, opened.comparison, opened.parameters)
    told = differences(forged, result)
    assert told.count == 2 and told.named[0].startswith("sustainability.csv, row ") and "risk_grade" in told.named[0]


@pytest.mark.parametrize("wrong", [[50], [100], [95.0], [True], ["95"], []])
def test_a_confidence_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match="from 51 to 99"):
        checked_confidences(wrong)
    assert checked_confidences([95, 60, 95]) == (60, 95)


# --- the command ----------------------------------------------------------------------------------

HAN = re.compile(r"[\u4e00-\u9fff]")


def funds(count: int, scale: float = 1e9) -> dict[tuple[str, str, str], np.ndarray]:
    rng = np.random.default_rng(count)
    keys = [(region, scheme, policy) for policy in ("baseline", *(f"p{n}-" + "x" * 60 for n in range(count)))
            for region in ("jiangsu", "linyi") for scheme in ("uebmi", "urbmi", "nrcms")]
    return {key: rng.normal(0, scale, (60, 4)).cumsum(axis=1) for key in keys}


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("policies", [0, 5])
@pytest.mark.parametrize("scale", [1.0, 1e8, 1e13])
def test_the_answer_has_at_most_24_lines_of_80_columns_and_says_what_it_leaves_out(tmp_path, lang, policies, scale):
    made = fund_run(tmp_path, funds(policies, scale), members=123_456.0, secondary=1.0, expenditure=5e7)
    lines = Sustained(Selection(made), sustainability(made), 95, lang).lines()
    assert len(lines) <= MOST_LINES and max(map(columns_of, lines)) <= TABLE_COLUMNS
    shown = [line for line in lines if re.match(r"(UEBMI|URBMI|NRCMS|职工医保|城镇居民医保|新农合) ", line)]
    left = 6 * (policies + 1) - len(shown)
    told = [line for line in lines if re.match(r"rows not shown: |另有", line)]
    assert shown and bool(left) == bool(told) and all(re.search(rf"\D{left}\D", line) for line in told)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_verbose_tells_every_year_of_every_fund_in_80_columns(tmp_path, lang):
    made = fund_run(tmp_path, funds(1), members=123_456.0)
    lines = Sustained(Selection(made), sustainability(made), 95, lang).whole()
    assert sum(line.startswith("2013 ") for line in lines) == 12 and max(map(columns_of, lines)) <= TABLE_COLUMNS
    assert bool(HAN.search("".join(lines))) == (lang == "zh")


def test_every_word_stands_in_both_languages_with_the_same_figures():
    for key, (english, chinese) in SUSTAIN_WORDS.items():
        assert english and chinese and not HAN.search(english), key
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese)), key


def test_the_command_answers_in_the_run_s_language_or_the_asked_one_and_json_is_whole(tmp_path):
    folder = fund_run(tmp_path / "run", {NRCMS: BALANCES * 1e5}, lang="zh").folder
    said = fundsim("sustain", folder)
    assert said.code == 0 and said.err == "" and "新农合" in said.out and "极高" in said.out and "75 (19-99)" in said.out
    english = fundsim("sustain", folder, "--lang", "en", "--confidence", "80")
    assert english.code == 0 and re.search(r"NRCMS +critical +75 \(19-99\)", english.out) and "80% of the" in english.out
    assert not HAN.search(english.out) and fundsim("sustain", folder, "-v").code == 0
    whole = json.loads(fundsim("sustain", folder, "--json", "--confidence", "80").out)
    rows = pd.DataFrame(whole["figures"])
    assert tuple(rows.columns) == SUSTAINABILITY and whole["draws"] == 4
    assert set(rows.loc[rows["measure"] == "top_up", "at"]) == {"p80", "p90", "p95", "p99"}
    assert rows.loc[rows["measure"] == "top_up", "value"].tolist() == [8e5] * 4


@pytest.mark.parametrize("more", [("--confidence", "100"), ("--confidence", "50"), ("--lang", "fr")])
def test_bad_options_end_with_code_2(tmp_path, more):
    folder = fund_run(tmp_path / "run", {NRCMS: BALANCES}).folder
    assert fundsim("sustain", folder, *more).code == 2


def test_what_is_no_run_or_a_damaged_one_ends_with_code_2_and_one_line(tmp_path):
    assert fundsim("sustain", tmp_path).code == 2
    folder = fund_run(tmp_path / "run", {NRCMS: BALANCES}).folder
    with open(folder / "paths.parquet", "ab") as file:
        file.write(b"x")
    said = fundsim("sustain", folder)
    assert said.code == 2 and said.err.count("error:") == 1 and "paths.parquet" in said.err and "Traceback" not in said.err
