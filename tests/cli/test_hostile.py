"""Any file and any name is borne: the campaigns in short form, and what they have found."""

from __future__ import annotations

import json
import random
from io import BytesIO
from types import SimpleNamespace

import pandas as pd
import pytest

from simulator.claims import mapping
from simulator.folders import MANIFEST, read_manifest
from simulator.parameters.check import check_topic
from simulator.parameters.errors import InputError
from simulator.parameters.read import LONGEST_SLOWLY, MOST_NODES, parse_yaml
from simulator.parameters.regions import load_regions
from simulator.report.overview import RULE_COLUMNS, rules_between
from simulator.report.precision import settings_held
from simulator.results import csv_bytes
from tests.campaigns import hostile
from tests.campaigns.hostile_names import TEXTS, Names, own_region, page_faults
from tests.support.command import fundsim
from tests.support.damaged_files import misspelt


def test_damaged_files_of_every_kind_are_refused_in_words_or_usable():
    said: list[str] = []
    count = hostile.run(90, 1, seed=2, tell=said.append, toy=True)
    assert len(said) == 1 and count["bad"] == 0, said
    assert count["refused"] > 45 and count["taken"] > 5 and count["settings"] == count["parameters"] == 15


def test_the_campaign_would_see_a_misspelt_key_that_nobody_tells_of(monkeypatch):
    monkeypatch.setattr(mapping, "_known", lambda *_: None)
    monkeypatch.setattr(hostile, "damage_tree", _misspell)
    said: list[str] = []
    assert hostile.run(12, 0, seed=3, tell=said.append, only="mapping", toy=True)["bad"] > 0
    assert any("misspelt key" in line for line in said)


def _misspell(tree, others, chance):
    pair = chance.choice(tree)
    pair[0] = misspelt(pair[0], chance)
    return "misspell"


def test_a_misspelt_key_is_another_key():
    chance = random.Random(1)
    assert all(misspelt(key, chance) != key for key in ("ratio", "aa", "A", "county") for _ in range(50))


def test_hostile_texts_in_claims_and_names_stay_what_they_are(tmp_path):
    said: list[str] = []
    names = Names(tmp_path, said.append)
    names.of_claims(TEXTS[::9])
    names.of_refused(TEXTS[::9])
    assert said == [] and names.count["cells"] > 100 and len(TEXTS) >= 300


def test_the_campaign_would_see_a_formula(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.output.FORMULA", "^$a")
    monkeypatch.setattr("simulator.claims.outputs.FORMULA", "^$a", raising=False)
    monkeypatch.setattr("simulator.output.is_formula", lambda cell: False)
    said: list[str] = []
    Names(tmp_path, said.append).of_claims(("=HX()", "@HX"))
    assert any("a formula" in line for line in said)


def test_the_campaign_would_see_an_element_that_comes_of_a_text():
    assert page_faults("<p>&lt;b&gt;HX</p>", "<p>x</p>") == []
    for text in ("<p><b>HX</b></p>", "<p onclick=HX()></p>", "<p><a href='javascript:HX()'>x</a></p>", "<p>\x1b[31m</p>"):
        assert page_faults(text, "<p>x</p>"), text


def test_marks_of_rich_text_in_a_source_are_printed_as_they_are(tmp_path):
    used = own_region(tmp_path / "own", ("[red]HX[/red]", "[/b]HX"), ["[/b]HX"] * 300)
    assert used > 200
    for words in (("explain", "--region", "mine", "--tier", "county", "--bill", "8000"), ("params", "list"),
                  ("params", "show", "mine", "--topic", "inpatient")):
        said = fundsim(*words, "--params", tmp_path / "own")
        assert said.code == 0 and "[/" in said.out, said.err


@pytest.mark.parametrize("mark", ["\x1b[31m", "\u202e", "\x00", "\u2028"])
def test_a_text_that_would_steer_a_terminal_is_no_source(tmp_path, mark):
    own_region(tmp_path / "own", ("Mine", "我的"), [f"x{mark}"])
    said = fundsim("params", "list", "--params", tmp_path / "own")
    assert said.code == 2 and "a character that does not show: 'U+" in said.err and mark not in said.err


def test_a_set_of_settings_of_which_no_value_acts_is_told_of():
    told = {"settings": {"name": "few", "until": 2012, "worlds": 4}, "scenario": {"name": "asked"}}
    selection = SimpleNamespace(run=SimpleNamespace(manifest=told))
    assert all("few" in sentence for lang in ("en", "zh") for sentence in settings_held(selection, lang))


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "f")
    return caught.value


def test_a_file_of_more_names_than_anybody_writes_is_refused_at_the_first_too_many():
    error = refusal("a: [" + "1," * MOST_NODES + "1]")
    assert (error.problem, error.line) == ("too many names and values", 1)


def test_a_long_file_is_refused_by_the_quick_parser_at_its_place():
    long = "a: 1\n# " + "x" * LONGEST_SLOWLY + "\n"
    assert (refusal(f"{long}b: [1\nc: 2\n").line, refusal(f"{long}b: 'x\x07'\n").problem) == (
        4, "a character that YAML does not allow")
    assert refusal(f"{long}b: x\x85y\n").problem.startswith("a character that ends lines for some readers")
    assert parse_yaml(f"{long}b: 2\n".replace("\n", "\r\n"), "f").data() == {"a": "1", "b": "2"}


def test_a_list_that_no_value_has_is_refused_as_a_whole():
    root = parse_yaml("cpi: {unit: '%', values: [" + "1, " * 3_000 + "1]}", "f")
    with pytest.raises(InputError) as caught:
        check_topic("income", root, "f")
    assert caught.value.problem == "too many items in a list:" and not caught.value.others


def test_a_key_as_long_as_a_page_is_refused_in_a_line():
    assert len(str(refusal(f"{'k' * 900}:\n"))) < 1_200 and refusal(f"? {'k' * 1_500}\n: 1\n").problem == "the key is too long:"


@pytest.mark.parametrize("text", ['{"a": ' + "[" * 50_000, '{"a": ' + "9" * 6_000 + "}", "{]", "\x00", "[1]"])
def test_a_damaged_manifest_is_refused_and_listed_as_damaged(tmp_path, text):
    home = tmp_path / "asked" / "run"
    home.mkdir(parents=True)
    (home / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_manifest(home)
    said = fundsim("ls", tmp_path, "--json")
    assert said.code == 0 and json.loads(said.out)[0]["kind"] == "damaged"


@pytest.mark.parametrize("told", [{"scenario": [1]}, {"scenario": {"regions": [1]}}, {"kind": 5}, {"kind": "batch",
    "questions": 7},
                                  {"scenario": {"regions": ["linyi"], "name": "\x1b[2J"}, "draws": 2, "result_digest": "ab"}])
def test_whatever_a_manifest_says_it_is_listed_on_a_line(tmp_path, told):
    home = tmp_path / "asked" / "run"
    home.mkdir(parents=True)
    (home / MANIFEST).write_text(json.dumps(told), encoding="utf-8")
    said = fundsim("ls", tmp_path)
    assert said.code == 0 and "\x1b" not in said.out and len(said.out.splitlines()) == 2


def test_rules_of_alike_regions_are_a_table_that_can_be_read_again():
    linyi = load_regions()["linyi"]
    same, other = (rules_between(linyi, region, 2012) for region in (linyi, load_regions()["zibo"]))
    assert list(same) == list(other) == list(RULE_COLUMNS) and same.empty and len(other) > 50
    assert list(pd.read_csv(BytesIO(csv_bytes(same)), encoding="utf-8-sig")) == list(RULE_COLUMNS)
