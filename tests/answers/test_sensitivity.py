"""Variance shares told from given worlds, against brute force and closed forms."""

from __future__ import annotations

import json
import re
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from simulator.answers.chaos import Polynomials
from simulator.answers.sensitivity import FEWEST_WORLDS, of_orders, shares
from simulator.answers.variance import VARIANCE_FILE, VARIANCE_GROUPS, put_variance, sensitivity
from simulator.api import open_run
from simulator.engine.worlds import ROSTERS
from simulator.parameters.errors import InputError
from simulator.report.brief import MOST_LINES
from simulator.report.style import columns_of
from simulator.report.varied import VARIED_COLUMNS
from simulator.report.varied_page import page_sentence, whole_percents
from tests.support.command import fundsim
from tests.support.synthetic_worlds import ECONOMY, ROWS, synthetic_run, synthetic_settings

KEYS = [row[0] for row in ROWS]
CLOSE = 0.03


def rosters(worlds: int) -> np.ndarray:
    return np.arange(worlds) % ROSTERS


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def pick_freeze(model, count: int, rows: int, seed: int) -> np.ndarray:
    """First-order shares by Saltelli's brute force: the covariance of outcomes that have one uniform input in common."""
    random = np.random.default_rng(seed)
    a, b = random.random((2, rows, count))
    of_a, of_b = model(a), model(b)
    found = []
    for v in range(count):
        mixed = b.copy()
        mixed[:, v] = a[:, v]
        found.append(np.mean(of_a * (model(mixed) - of_b)))
    return np.array(found) / np.var(np.concatenate([of_a, of_b]))


def fund_of_ten_years(u: np.ndarray) -> np.ndarray:
    """The balance of a fund after ten years whose spending and funding grow, with a cap on the surplus."""
    spending, funding = 90 + 20 * u[:, 0], 100 + 10 * u[:, 1]
    balance = np.zeros(len(u))
    for _ in range(10):
        balance = np.minimum(balance + funding - spending, 0.25 * funding * (1 + u[:, 4]))
        spending, funding = spending * (1.04 + 0.04 * u[:, 2]), funding * (1.05 + 0.02 * u[:, 3])
    return balance


def test_the_ishigami_functions_shares_are_found_within_three_points_in_two_thousand_worlds():
    x = np.random.default_rng(5).uniform(-np.pi, np.pi, (2000, 3))
    found = shares(x, ishigami(x), rosters(2000))
    assert np.abs(found.first - [0.314, 0.442, 0.0]).max() < CLOSE
    assert np.abs(found.shapley - [0.436, 0.442, 0.122]).max() < CLOSE


@pytest.mark.parametrize("more", [0, 75])
def test_a_small_funds_shares_agree_with_brute_force_also_beside_values_without_effect(more):
    truth = pick_freeze(fund_of_ten_years, 5, 200_000, 1)
    u = np.random.default_rng(2).random((1000, 5 + more))
    found = shares(u, fund_of_ten_years(u), rosters(1000))
    assert np.abs(found.first[:5] - truth).max() < CLOSE
    assert found.first[5:].sum() < CLOSE


def test_correlated_values_have_the_shapley_shares_of_the_closed_form():
    correlation = np.eye(6)
    correlation[:3, :3] += 0.6 * (1 - np.eye(3))
    correlation[3:5, 3:5] += -0.5 * (1 - np.eye(2))
    slopes, noise = np.array([1, 0.5, 0, 0.8, 0.8, 0.6]), 0.5
    with_y = correlation @ slopes
    total = slopes @ with_y + noise**2

    def explained(known: tuple[int, ...]) -> float:
        return with_y[list(known)] @ np.linalg.solve(correlation[np.ix_(known, known)], with_y[list(known)]) if known else 0.0

    truth = np.zeros(6)
    orders = list(permutations(range(6)))
    for order in orders:
        for nth, v in enumerate(order):
            truth[v] += (explained(order[:nth + 1]) - explained(order[:nth])) / total / len(orders)
    random = np.random.default_rng(3)
    x = random.multivariate_normal(np.zeros(6), correlation, 1000)
    found = shares(x, x @ slopes + noise * random.standard_normal(1000), rosters(1000), (), ("a", "a", "a", "b", "b", ""))
    assert np.abs(found.shapley - truth).max() < CLOSE
    assert np.abs(found.first - with_y**2 / total).max() < CLOSE
    assert truth[2] > 0.05                                   # without a slope of its own, it tells of the others
    assert found.shapley.sum() + found.of_groups[-2:].sum() == pytest.approx(1)


def test_the_split_over_orders_gives_all_that_is_explained():
    for k in (2, 6, 9):
        correlation = 0.4 + 0.6 * np.eye(k)
        assert np.allclose(of_orders(correlation).sum(axis=0), correlation, atol=1e-6)


def test_with_a_hundred_values_in_two_hundred_worlds_shares_are_unbiased_and_errors_honest():
    truth = np.array([0.25, 0.15, 0.1, *[0.005] * 30, *[0.0] * 67])
    of_rosters = 0.05
    gaps, errors = [], []
    for seed in range(6):
        random = np.random.default_rng(seed)
        x = random.standard_normal((200, 100))
        y = x @ np.sqrt(truth) + np.sqrt(of_rosters) * random.standard_normal(ROSTERS)[rosters(200)] + np.sqrt(
            1 - truth.sum() - of_rosters) * random.standard_normal(200)
        found = shares(x, y, rosters(200), ("many",) * 33 + ("none",) * 67)
        gaps.append(np.concatenate([found.shapley[:3] - truth[:3], found.of_groups - [0.65, 0, of_rosters, 0.3]]))
        errors.append(np.concatenate([found.shapley_se[:3], found.of_groups_se]))
        assert found.of_groups.sum() == pytest.approx(1)
    assert np.abs(np.mean(gaps, axis=0)).max() < 0.05
    assert np.mean(np.abs(gaps) < 2 * np.array(errors)) > 0.8


def test_an_outcome_that_nothing_moves_is_left_to_chance():
    random = np.random.default_rng(9)
    found = shares(random.standard_normal((300, 60)), random.standard_normal(300), rosters(300))
    assert found.of_groups[0] < 0.1 and found.of_groups[-1] > 0.85


def test_polynomials_are_orthonormal_over_the_worlds_and_no_more_than_there_are_values():
    values = np.random.default_rng(1).lognormal(size=300)
    found = Polynomials.of(values, 5).at(values)
    assert np.allclose(found.T @ found / 300, np.eye(5), atol=1e-8) and np.allclose(found.mean(axis=0), 0, atol=1e-8)
    for few, degrees in ((np.arange(30) % 3.0, 2), (np.ones(30), 0)):
        assert Polynomials.of(few, 5).at(few).shape == (30, degrees)


def test_too_few_worlds_and_an_outcome_that_does_not_vary_are_refused():
    x = np.random.default_rng(1).random((60, 3))
    for y, rows in ((x[:, 0], FEWEST_WORLDS - 1), (np.ones(60), 60), (np.full(60, np.nan), 60)):
        with pytest.raises(InputError):
            shares(x[:rows], y[:rows], rosters(rows))


# --- of a run ---

def yuan(settings: pd.DataFrame) -> np.ndarray:
    """A balance that rests on a statistic, two estimates of one factor, a choice, the economy and a value of another scheme."""
    terms = (10 * (settings[KEYS[0]] - 1) + 10 * (settings[KEYS[1]] - 1) + 0.5 * (settings[KEYS[5]] == 1)
             + 10 * (settings[ECONOMY] - 1) + 0.2 * settings["chance"])
    return 1e9 * (5 + terms.to_numpy())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    def balance(settings):
        return yuan(settings.assign(chance=np.random.default_rng(4).standard_normal(len(settings))))
    return synthetic_run(tmp_path_factory.mktemp("sensitivity") / "run", balance)


def test_a_run_tells_the_shares_of_its_own_settings_and_leaves_out_other_regions_and_schemes(run):
    found = sensitivity(run)
    assert set(found.values["key"]) == {*KEYS[:6], ECONOMY}
    settings = synthetic_settings(400)
    parts = {"statistic": (10 * settings[KEYS[0]]).var(), "estimate": (10 * settings[KEYS[1]]).var(),
             "assumption": (0.5 * (settings[KEYS[5]] == 1)).var(), "economy": (10 * settings[ECONOMY]).var(), "chance": 0.04}
    for name, part in parts.items():
        assert found.groups[name][0] == pytest.approx(part / sum(parts.values()), abs=CLOSE), name
    one = found.values.set_index("key")
    assert one.loc[KEYS[2], "share"] > 0.03                         # tied to a value that acts, though it does not act itself
    for key in (KEYS[0], ECONOMY):
        assert one.loc[key, "at_high"] - one.loc[key, "at_low"] == pytest.approx(
            100 * np.ptp(np.quantile(settings[key], (0.05, 0.95))), rel=0.1)
    assert one.loc[KEYS[5], "at_high"] - one.loc[KEYS[5], "at_low"] == pytest.approx(5, rel=0.15)


def test_the_command_tells_them_in_24_lines_of_80_columns_in_both_languages_and_keeps_table_and_figure(run):
    for lang, rests in (("en", "Rests "), ("zh", "按方差")):
        said = fundsim("sensitivity", run.folder, "--year", "2013", "--lang", lang)
        lines = said.out.splitlines()
        assert said.code == 0, said.err
        assert len(lines) <= MOST_LINES and max(map(columns_of, lines[:-1])) <= VARIED_COLUMNS
        assert any(line.startswith(rests) for line in lines)
    assert fundsim("verify", run.folder, "--files-only").code == 0
    kept = pd.read_csv(run.folder / "sensitivity-jiangsu-nrcms-balance-2013.csv", encoding="utf-8-sig")
    assert kept.loc[kept["kind"] == "group", "name"].tolist() == list(VARIANCE_GROUPS)
    assert kept.loc[kept["kind"] == "group", "share"].sum() == pytest.approx(1, abs=1e-5)
    assert (run.folder / "sensitivity-jiangsu-nrcms-balance-2013.svg").stat().st_size > 10_000
    found = json.loads(fundsim("sensitivity", run.folder, "--json").out)["shares"]
    assert [row["share"] for row in found] == kept["share"].tolist()
    assert open_run(run.folder).sensitivity().frame["share"].tolist() == kept["share"].tolist()


@pytest.mark.parametrize(("words", "said"), [
    (("--measure", "balanse"), "did you mean 'balance'?"), (("--year", "2030"), "2012 to 2013"),
    (("--scheme", "uebmi"), "expected 'nrcms'"), (("--region", "zibo"), "expected 'jiangsu'"),
    (("--policy", "none"), "expected 'baseline'")])
def test_what_the_run_does_not_have_is_refused(run, words, said):
    found = fundsim("sensitivity", run.folder, *words)
    assert found.code == 2 and said in found.err and "Traceback" not in found.err


def test_a_run_without_settings_is_refused(tmp_path):
    from tests.support.fund_runs import fund_run
    fund_run(tmp_path / "run", {("jiangsu", "nrcms", "baseline"): np.ones((50, 2))})
    found = fundsim("sensitivity", tmp_path / "run")
    assert found.code == 2 and "keeps no settings" in found.err


def test_the_first_page_says_what_the_balance_rests_on_and_the_percents_add_up(run, tmp_path):
    put_variance(tmp_path, run)
    frame = pd.read_csv(tmp_path / VARIANCE_FILE, encoding="utf-8-sig")
    said = page_sentence(frame, "en")
    percent = int(re.search(r"(\d+)% on statistics", said)[1])
    assert percent == pytest.approx(100 * sensitivity(run).groups["statistic"][0], abs=1) and "Jiangsu, NRCMS" in said
    assert "取决于统计数据" in page_sentence(frame, "zh")
    assert sum(whole_percents({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}).values()) == 100
    assert page_sentence(None, "en") == ""
