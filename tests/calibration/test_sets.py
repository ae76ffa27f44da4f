"""A set of settings is read as it was written, and what is no set of this version is refused with its place."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from simulator.answers.evidence import read_figures
from simulator.api import OpenedBatch, run
from simulator.calibration.sets import (
    FORM_OF_SETS,
    SettingsSet,
    default_set,
    find_set,
    read_set,
    settings_path,
    shipped_sets,
    with_settings,
)
from simulator.cli.main import app
from simulator.cli.options import tell_settings
from simulator.engine.simulate import simulate
from simulator.forecasts.origins import origins
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions
from simulator.results import read_run, result_digest
from simulator.scenario import Scenario, from_dict

RATE, LAW = "national:care.nrcms.admission_rate", "lognormal(sd=5%), times"
ECONOMY = "normal(sd=3)"
SOUND = SettingsSet("own", {"until": 2012}, {RATE: LAW, "economy:use.2012": ECONOMY, "economy:use.2011": ECONOMY},
                    {RATE: [1, 60_000, 7], "economy:use.2012": [3, 4, 5], "economy:use.2011": [1, 1, 1]})
SMALL = Scenario("small", ("linyi",), 2012, ("nrcms",), 2, 4, 300, seed=5)


def written(tmp_path, text: str):
    path = tmp_path / "own.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_is_read_as_it_was_written(tmp_path):
    found = read_set(written(tmp_path, SOUND.text()))
    assert (found.name, found.provenance, found.laws, found.positions, found.worlds) == ("own", SOUND.provenance, SOUND.laws,
                                                                                         SOUND.positions, 3)
    assert find_set(str(tmp_path / "own.json")).digest == found.digest


@pytest.mark.parametrize(("before", "after", "place", "said"), [
    (f'"form": {FORM_OF_SETS}', '"form": 99', "2:2", "another version: form '99'"),
    ('"layout": 2', '"layout": 1', "3:2", "layout"), ("60000", "65536", "14:3", "position"),
    ("[3,4,5]", "[3,4]", "15:3", "positions"), ("}\n}", "}", "18:1", "no set of settings"),
    ('"laws"', '"lawns"', "8:2", "keys of a set")])
def test_what_is_no_set_of_this_version_is_refused_with_its_place(before, after, place, said, tmp_path):
    assert before in SOUND.text()
    with pytest.raises(InputError, match=said) as refused:
        read_set(written(tmp_path, SOUND.text().replace(before, after)))
    assert f"own.json:{place}:" in str(refused.value)


def test_a_scenario_is_given_what_acts_in_it_and_no_more(regions):
    assert SOUND.given(SMALL, regions) == {RATE: [1, 60_000, 7], "economy:use.2012": [3, 4, 5]}
    assert SOUND.given(SMALL.but(schemes=("urbmi",)), regions) == {"economy:use.2012": [3, 4, 5]}


def test_a_value_that_has_another_law_than_in_the_set_is_refused_with_its_place(regions, tmp_path):
    text = SOUND.text().replace("sd=5%", "sd=4%")
    with pytest.raises(InputError, match="another law") as refused:
        read_set(written(tmp_path, text)).given(SMALL, regions)
    assert "own.json:9:3:" in str(refused.value)


@pytest.mark.parametrize("name", shipped_sets())
def test_a_shipped_set_holds_for_the_shipped_parameters(name, regions):
    shipped = find_set(name)
    given = shipped.given(Scenario("c", ("jiangsu", "linyi")), regions)
    assert shipped.name == name and len(given) > 20 and shipped.worlds >= 200
    assert settings_path().joinpath(f"{name}.json").stat().st_size < 1_000_000


def test_an_economy_that_has_another_spread_than_in_the_set_is_refused(regions, tmp_path):
    path = written(tmp_path, SOUND.text().replace(ECONOMY, "normal(sd=99)"))
    with pytest.raises(InputError, match="another law"):
        read_set(path).given(SMALL, regions)


def test_a_set_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(InputError, match="no set of settings"):
        find_set("no-such-set")


def test_the_file_holds_a_value_a_line():
    assert f'  "{RATE}": [1,60000,7],' in SOUND.text().splitlines() and json.loads(SOUND.text())["form"] == FORM_OF_SETS


def test_a_run_takes_its_settings_from_a_set_and_keeps_where_they_come_from(tmp_path, regions):
    path = written(tmp_path, SOUND.text())
    made = run(SMALL, regions=regions, out=tmp_path / "results", report=False, settings=str(path), threads=1)
    asked = SMALL.but(given=SOUND.given(SMALL, regions))
    assert made.manifest["settings"]["sha256"] == read_set(path).digest and made.manifest["settings"]["until"] == 2012
    assert from_dict(made.manifest["scenario"], regions=regions).given == asked.given
    assert made.manifest["result_digest"] == result_digest(simulate(asked, regions, 1))
    rates = made.worlds[RATE]
    assert rates[0] == rates[3] != rates[1]                       # three settings in four worlds


def test_worlds_have_the_shipped_set_where_none_is_named_and_its_figures_are_of_no_later_year(tmp_path, regions):
    made = run(SMALL, regions=regions, out=tmp_path / "results", report=False, threads=1)
    held = made.manifest["settings"]
    assert held["by_default"] and held["left_to_chance"] == [] and held["until"] <= SMALL.year
    assert made.manifest["scenario"]["given"] == find_set(held["name"]).given(SMALL, regions)
    free = run(SMALL, regions=regions, out=tmp_path / "results", report=False, threads=1, settings="none")
    assert "settings" not in free.manifest and "given" not in free.manifest["scenario"]
    assert free.manifest["result_digest"] == result_digest(simulate(SMALL, regions, 1)) != made.manifest["result_digest"]
    assert with_settings(SMALL.but(year=held["until"] - 1), regions, None) == (SMALL.but(year=held["until"] - 1), None)
    assert default_set(SMALL.but(systematic=False)) is None


def test_the_shipped_set_leaves_a_value_that_has_another_law_here_to_chance_and_says_so(regions, monkeypatch, capsys):
    shipped = default_set(SMALL)
    key = next(key for key in shipped.given(SMALL, regions) if key.startswith("national:"))
    monkeypatch.setattr("simulator.calibration.sets.default_set",
                        lambda scenario: replace(shipped, laws={**shipped.laws, key: "lognormal(sd=99%), times"}))
    asked, told = with_settings(SMALL, regions, None)
    assert told["left_to_chance"] == [key] and key not in asked.given and len(asked.given) > 10
    tell_settings(told, "en")
    assert f"are left to chance: {key}" in capsys.readouterr().err


def test_a_gap_is_split_in_worlds_of_the_shipped_set(tmp_path):
    asked = ["attribute", "jiangsu", "linyi", "--draws", "2", "--people", "300", "--out", str(tmp_path), "--json"]
    held, free = (json.loads(CliRunner().invoke(app, [*asked, *more]).stdout) for more in ([], ["--settings", "none"]))
    scenario = Scenario("gap", ("jiangsu", "linyi"), 2012, ("nrcms",), 1)
    assert held["question"]["given"] == default_set(scenario).given(scenario, load_regions())
    assert "given" not in free["question"] and held["result_digest"] != free["result_digest"]


def test_a_set_does_not_hold_where_nothing_is_uncertain(regions):
    with pytest.raises(InputError, match="nothing is uncertain"):
        SOUND.held_by(SMALL.but(systematic=False), regions)


def test_the_commands_take_a_set_by_its_file_and_refuse_one_that_is_not_there(tmp_path):
    asked = ["compare", "linyi", "huantai", "--schemes", "nrcms", "--horizon", "1", "--draws", "2", "--people", "300", "--out",
             str(tmp_path / "results")]
    refused = CliRunner().invoke(app, [*asked, "--settings", "no-such-set"])
    assert isinstance(refused.exception, InputError) and not list(tmp_path.glob("results/*"))
    held = CliRunner().invoke(app, [*asked, "--settings", str(written(tmp_path, SOUND.text())), "--json"])
    assert held.exit_code == 0, held.output
    assert read_run(json.loads(held.stdout)["run"]).manifest["settings"]["name"] == "own"


def test_a_batch_takes_a_set_and_keeps_what_its_worlds_were_given(tmp_path, regions):
    path, asked = written(tmp_path, SOUND.text()), tmp_path / "small.yaml"
    asked.write_text("regions: [linyi]\nschemes: [nrcms]\nhorizon: 1\ndraws: 3\npeople: 300\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["batch", str(asked), "--settings", str(path), "--out", str(tmp_path / "results"), "-j", "0",
                                      "--no-report", "--json"])
    assert result.exit_code == 0, result.output
    kept = OpenedBatch(json.loads(result.stdout)["batch"]).manifest["scenarios"][0]["given"]
    assert kept == SOUND.given(SMALL.but(horizon=1), regions)


@pytest.mark.parametrize(("known_by", "said"), [({}, "not stated"), ({"known_by": 2013}, "2013")])
def test_a_back_test_refuses_a_set_that_may_rest_on_later_figures(known_by, said, tmp_path, regions):
    path = written(tmp_path, replace(SOUND, provenance=known_by).text())
    result = CliRunner().invoke(app, ["backtest", "--from", "2012", "--settings", str(path)])
    assert isinstance(result.exception, InputError) and f"known_by '{said}'" in str(result.exception)
    read_set(written(tmp_path, replace(SOUND, provenance={"known_by": 2012}).text())).refuse_later(2012)


def test_a_forecast_is_made_with_what_a_set_holds(tmp_path, regions):
    figures = [f for f in read_figures(regions=regions) if (f.region, f.scheme) == ("national", "nrcms")]
    known = read_set(written(tmp_path, replace(SOUND, provenance={"known_by": 2012}).text()))
    cut = [datetime.date(2012, 12, 31)]
    free, held = (origins(regions, figures, figures, cut, 4, 300, settings=one, threads=1)[0].result for one in (None, known))
    rates = held.settings[RATE].settings
    assert rates[0] == rates[3] != rates[1] and not np.array_equal(rates, free.settings[RATE].settings)
