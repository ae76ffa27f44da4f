"""What would turn a run's comparison: planted settings, what may move, the words, and runs with the values set."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from simulator.answers import turns as module
from simulator.answers.turns import TURNS_FILE, confirm, put_turns, turns
from simulator.parameters.errors import InputError
from simulator.report.style import columns_of
from simulator.report.turned import lines_of_turns, turned_line, turned_sentence
from simulator.results import Run
from tests.support.command import fundsim
from tests.support.synthetic_worlds import synthetic_run

STATISTIC, BILLS, VISITS = "jiangsu:care.nrcms.admission_rate", "national:care.nrcms.bill_mean", "national:care.nrcms.visit_rate"
GROWTH = "national:income.income_growth"


def linear(settings: pd.DataFrame) -> np.ndarray:
    """A balance of 10,000 yuan that a growth of income 1.2 points lower takes, and that a statistic alone would take too."""
    return 10_000 + 8_000 / 1.2 * settings[GROWTH] * 1.25 + 100_000 * (settings[STATISTIC] - 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("turns") / "run", linear, beside="linyi")


def test_an_assumption_turns_the_gap_at_its_root_and_a_statistic_is_never_moved(run):
    found = turns(run)
    assert (found.gap.scheme, found.gap.measure, found.gap.year) == ("nrcms", "balance_per_head", 2013)
    frame = found.frame
    assert frame["key"].tolist()[0] == GROWTH and STATISTIC not in set(frame["key"])
    assert frame["setting"][0] == pytest.approx(-1.2, abs=0.05) and frame["direction"][0] == "below"


def test_the_sentence_says_that_it_is_not_confirmed_and_the_line_fits_the_screen(run):
    frame = turns(run).frame
    said = turned_sentence(frame, "en")
    assert said.startswith("NRCMS balance a head 2013, Jiangsu less Linyi, turns if growth of") and "is below -0." in said
    assert "not confirmed" in said and "未经另行模拟确认" in turned_sentence(frame, "zh")
    for lang in ("en", "zh"):
        assert 0 < columns_of(turned_line(frame, lang, 80)) <= 80
    assert turned_sentence(None, "en") == turned_line(None, "en", 80) == ""


def test_where_nothing_turns_it_this_is_said(tmp_path):
    made = synthetic_run(tmp_path / "run", lambda settings: 10_000 + 500 * settings[GROWTH], beside="linyi")
    frame = turns(made).frame
    assert len(frame) == 1 and frame["key"][0] == ""
    assert "no 4 estimates or assumptions" in turned_sentence(frame, "en") and "均不能" in turned_sentence(frame, "zh")
    put_turns(made.folder, made)
    assert len(pd.read_csv(made.folder / TURNS_FILE)) == 1


@pytest.mark.parametrize(("slope", "turned", "runs"), [(1.0, True, 1), (0.94, True, 2), (0.1, False, 3)])
def test_a_run_with_the_value_set_confirms_it_or_does_not(run, monkeypatch, slope, turned, runs):
    """The runs here are a straight line of the setting that is given, steeper or flatter than the emulator has it."""
    found, asked = turns(run), []
    monkeypatch.setattr(module, "_given", lambda scenario, regions, found, held: {"setting": held[0]})
    monkeypatch.setattr(module, "paths_frame", lambda made: made.paths)
    monkeypatch.setattr(module, "from_dict", lambda data, regions: SimpleScenario(given={"held": [1, 2], "setting": 5}))
    monkeypatch.setattr(module, "acting_here", lambda given, *_: given)

    def runner(scenario, one, worlds):
        assert scenario.given["held"] == [1, 2]                  # what the run's worlds were given they are given again
        asked.append(scenario.given["setting"])
        here = run.paths[run.paths["region"] == one[0]].copy()
        if one[0] == "jiangsu":
            here["accrued_closing"] = 10_000 * (1 - 0.05) + 8_000 / 1.2 * 1.25 * slope * asked[-1] + 600
        return SimpleNamespace(paths=here)

    checked = confirm(found, None, runner=runner)                                      # type: ignore[arg-type]
    assert checked.turned is turned and len(set(asked)) == runs
    assert checked.frame["setting"][0] == asked[-1]
    said = lines_of_turns(found.frame, "en", checked)[-1]
    assert said.startswith("Confirmed by a run of 400 worlds" if turned else "Not confirmed")


class SimpleScenario(SimpleNamespace):
    """As much of a scenario as confirming reads."""

    years = range(2012, 2014)

    def but(self, **changes):
        return SimpleScenario(**{**vars(self), **changes})


def test_a_gap_without_a_sign_and_a_run_that_compares_nothing_are_refused(tmp_path):
    for name, beside in (("even", "linyi"), ("alone", "")):
        made = synthetic_run(tmp_path / name, lambda found: 500 * (found[GROWTH] - found[GROWTH].mean()), beside=beside)
        with pytest.raises(InputError):
            turns(made)
        put_turns(made.folder, made)
        assert not (made.folder / TURNS_FILE).exists()


def test_the_verb_tells_it_in_words_and_in_figures(run: Run):
    said = fundsim("sensitivity", run.folder, "--turns")
    words = " ".join(said.out.split())
    assert said.code == 0 and "turns if growth of" in words and "not confirmed" in words
    told = json.loads(fundsim("sensitivity", run.folder, "--turns", "--json").out)
    assert told["turns"][0]["key"] == GROWTH and told["confirmed"] is None
    for wrong in (("--confirm",), ("--turns", "--region", "linyi"), ("--turns", "--year", "1999")):
        assert fundsim("sensitivity", run.folder, *wrong).code == 2
    assert Path(run.folder).is_dir()
