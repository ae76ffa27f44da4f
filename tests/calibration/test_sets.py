"""A set of settings is read as it was written, and what is no set of this version is refused with its place."""

from __future__ import annotations

import json

import pytest

from simulator.calibration.sets import FORM_OF_SETS, SettingsSet, find_set, read_set
from simulator.parameters.errors import InputError
from simulator.scenario import Scenario

RATE, LAW = "national:care.nrcms.admission_rate", "lognormal(sd=5%), times"
SOUND = SettingsSet("own", {"until": 2012}, {RATE: LAW}, {RATE: [1, 60_000, 7], "economy:use.2012": [3, 4, 5],
                                                          "economy:use.2011": [1, 1, 1]})
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
    ('"layout": 2', '"layout": 1', "3:2", "layout"), ("60000", "65536", "12:3", "position"),
    ("[3,4,5]", "[3,4]", "13:3", "positions"), ("}\n}", "}", "16:1", "no set of settings"),
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


def test_a_set_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(InputError, match="no set of settings"):
        find_set("no-such-set")


def test_the_file_holds_a_value_a_line():
    assert f'  "{RATE}": [1,60000,7],' in SOUND.text().splitlines() and json.loads(SOUND.text())["form"] == FORM_OF_SETS
