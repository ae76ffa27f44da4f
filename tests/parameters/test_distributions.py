"""Distributions of uncertain values: their tables have the stated moments, and a world's position hangs on its name alone."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal

import numpy as np
import pytest

from simulator.chance.positions import positions, shared_positions
from simulator.chance.quantiles import normal_table
from simulator.parameters.catalogue import CATALOGUE, PER, SCHEMES
from simulator.parameters.distributions import NUMBERS_OF, Distribution
from simulator.parameters.errors import InputError
from simulator.parameters.levers import LEVERS, PLUS, TIMES, lever_of
from simulator.parameters.regions import load_regions, params_path
from simulator.parameters.uncertain import key_of, uncertain_rows
from tests.support.command import fundsim

WORLDS = range(20_000)
STATED = """rural_net_income:
  unit: CNY/person/year
  values:
    - {{from: 2011-01-01, value: 10000, status: estimate, source: a guess, {said}}}
"""


def law(lever: str, name: str, *numbers: float) -> Distribution:
    return Distribution(lever, name, tuple(Decimal(str(number)) for number in numbers))


@pytest.mark.parametrize(("stated", "mean", "sd"), [
    (law(TIMES, "normal", 5), 1, 0.05), (law(TIMES, "lognormal", 30), 1, 0.3), (law(PLUS, "normal", "1.5"), 0, 1.5),
    (law(TIMES, "uniform", 80, 130), 1.05, 0.5 / 12**0.5), (law(PLUS, "triangular", -2, 0, 4), 2 / 3, (28 / 18) ** 0.5),
    (law(TIMES, "beta", 60, 120, 95, 10), 0.95, 0.1)])
def test_a_table_has_the_moments_of_its_law(stated, mean, sd):
    table = stated.table
    assert table.mean() == pytest.approx(mean, abs=1e-5 + 1e-4 * sd) and table.std() == pytest.approx(sd, rel=2e-3)
    assert (np.diff(table) >= 0).all() and (table * 65536 == np.round(table * 65536)).all()


def test_every_law_is_tried_above():
    assert {"normal", "lognormal", "uniform", "triangular", "beta"} == set(NUMBERS_OF)


def test_both_ends_leave_a_twentieth_outside():
    low, high = law(TIMES, "uniform", 50, 150).ends
    assert (low, high) == (pytest.approx(0.55, abs=1e-4), pytest.approx(1.45, abs=1e-4))


def test_a_position_hangs_on_seed_name_and_world_and_on_nothing_else():
    whole = positions(2012, "national:care.nrcms.bill_mean", WORLDS)
    assert np.array_equal(positions(2012, "national:care.nrcms.bill_mean", range(100, 200)), whole[100:200])
    assert np.array_equal(positions(2012, "national:care.nrcms.bill_mean", [7]), whole[7:8])
    others = (positions(2013, "national:care.nrcms.bill_mean", WORLDS), positions(2012, "jiangsu:care.nrcms.bill_mean", WORLDS))
    assert all(abs(np.corrcoef(whole, other)[0, 1]) < 0.03 for other in others)


def test_positions_are_even():
    found = positions(2012, "national:care.nrcms.visit_rate", WORLDS)
    counts = np.bincount(found >> 12, minlength=16)
    assert counts.sum() == len(WORLDS) and ((counts - 1250) ** 2 / 1250).sum() < 40          # chi-squared of 15 degrees


@pytest.mark.parametrize(("one", "other", "wanted"), [(1, 1, 1), (0.6, 0.6, 0.6), (0.9, 0.4, 0.6), (0.5, -0.5, -0.5)])
def test_values_that_share_a_factor_have_the_stated_correlation(one, other, wanted):
    scores = [normal_table()[shared_positions(5, name, "use", correlation, WORLDS)]
              for name, correlation in (("a", one), ("b", other))]
    assert np.corrcoef(*scores)[0, 1] == pytest.approx(wanted, abs=0.02)
    assert all(abs(score.mean()) < 2000 and score.std() == pytest.approx(65536, rel=0.02) for score in scores)


def test_a_factor_leaves_the_position_of_others_alone():
    assert np.array_equal(positions(5, "a", WORLDS), positions(5, "a", WORLDS))
    assert not np.array_equal(shared_positions(5, "a", "use", 0.5, WORLDS), positions(5, "a", WORLDS))


def test_every_lever_is_of_a_parameter_that_there_is():
    assert all(name.partition(".")[2] in CATALOGUE[name.partition(".")[0]] for name in LEVERS)
    assert lever_of("care.nrcms.bill_mean") == TIMES and lever_of("income.cpi") == ""


def with_incomes(folder, said: str):
    shutil.copytree(params_path(), folder / "params")
    (folder / "params" / "jiangsu" / "income.yaml").write_text(STATED.format(said=said), encoding="utf-8")
    return load_regions(folder / "params")


def test_a_region_s_own_value_has_a_setting_of_its_own_and_inherited_ones_are_shared(tmp_path):
    regions = with_incomes(tmp_path, "spread: 10")
    path = "income.rural_net_income"
    assert [key_of(regions[name].value(path, 2012)) for name in ("jiangsu", "nanjing")] == [f"jiangsu:{path}", f"nanjing:{path}"]
    growth = "care.nrcms.bill_growth"
    assert key_of(regions["jiangsu"].value(growth, 2012)) == key_of(regions["linyi"].value(growth, 2012)) == f"national:{growth}"


def test_a_scenario_that_moves_a_value_keeps_its_setting_and_one_that_states_it_makes_it_certain(tmp_path):
    region, path = with_incomes(tmp_path, "distribution: {law: triangular, low: 90, mode: 100, high: 120}")["jiangsu"], \
        "income.rural_net_income"
    stated = region.value(path, 2012)
    moved = region.with_changes({path: {"times": "1.1"}}, "try").value(path, 2012)
    again = region.with_changes({path: {"times": "1.1"}}, "try").with_changes({path: {"plus": "5"}}, "more").value(path, 2012)
    assert moved.distribution == again.distribution == stated.distribution and stated.distribution is not None
    assert key_of(moved) == key_of(again) == key_of(stated) == f"jiangsu:{path}"
    assert region.with_changes({path: "9000"}, "try").value(path, 2012).distribution is None


def test_a_spread_is_lognormal_of_what_is_multiplied_and_normal_of_what_is_added(tmp_path):
    region = with_incomes(tmp_path, "spread: 10")["jiangsu"]
    assert region.value("income.rural_net_income", 2012).distribution.text == "lognormal(sd=10%)"
    growth = region.value("care.nrcms.bill_growth", 2012)
    assert growth.distribution.lever == PLUS and growth.distribution.law == "normal"


def test_a_factor_that_one_value_alone_shares_is_refused(tmp_path):
    with pytest.raises(InputError, match="no other value shares the factor 'incomess'"):
        with_incomes(tmp_path, "spread: 10, shares: incomess")


def test_the_list_of_uncertain_values_names_each_once_in_both_languages():
    found = json.loads(fundsim("params", "uncertain", "--json").out)
    keys = [row["key"] for row in found if row["lever"] in (TIMES, PLUS)]
    assert len(keys) == len(set(keys)) > 10
    assert all(row["en"] and row["zh"] and row["law"] and row["status"] != "law" for row in found)
    english, chinese = (fundsim("params", "uncertain", "--region", "linyi", "--lang", lang).out.splitlines()
                        for lang in ("en", "zh"))
    assert len(english) == len(chinese) and english[0] != chinese[0] and "加" in "".join(chinese)


def test_rows_stand_for_what_is_in_force(regions):
    for row in uncertain_rows(regions["linyi"], 2012):
        topic = row.path.split(".")[0]
        assert (row.scheme in SCHEMES) == (PER[topic] == "scheme")
        assert row.key == f"{row.region}:{row.path}" and row.region in regions["linyi"].lineage
