"""An attributed gap and a swap matrix in words, numbers, figures and files: made-up answers, so that every sentence is tried."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from simulator import words
from simulator.answers.attribute import Attribution, Cell, Figure, Part, Question, Swap, figure
from simulator.answers.blocks import DEFAULT_BLOCKS, REST, blocks_of
from simulator.answers.shapley import nearest_unit, rounded, shapley
from simulator.report.attribution import (
    BLOCK_NAMES,
    SPLIT,
    TERMINAL_LINES,
    TERMINAL_WIDTH,
    Scale,
    attribution_text,
    block_name,
    scale_of,
    sentences,
    shown_parts,
    swap_text,
)
from simulator.report.attribution_figures import heat_map, waterfall
from simulator.report.attribution_folder import MATRIX, PARTS, attribution_frame, stored, write_answer
from simulator.report.prose import say
from simulator.report.style import columns_of, style
from simulator.results import HEAVY_TAIL, run_folder
from tests.support.command import fundsim

ASKED = Question(("jiangsu", "linyi"), "oop_share_of_income", draws=40, people=500)
HAN = re.compile(r"[\u4e00-\u9fff]")
MILLIONTH = Figure(1, 0.0, 0.0, 0.0).exact


def answer(effects: dict[str, float], start: float = 5.0, noise: float = 0.1, crossed: float = 0.0, unit: str = "%",
           draws: int = 40) -> Attribution:
    """An additive gap of the effects by block, with noise by world; the first two blocks also have an effect together."""
    names = list(effects)
    chance = np.random.default_rng(3)
    own = [effect + noise * chance.normal(size=draws) for effect in effects.values()]
    level = start + noise * chance.normal(size=draws)
    values = np.array([level + sum((own[i] for i in range(len(names)) if mask >> i & 1), np.zeros(draws))
                       + crossed * (mask & 3 == 3) for mask in range(1 << len(names))])
    split = shapley(values)
    a, b = (nearest_unit(split.mean(row), MILLIONTH) for row in (split.values[0], split.values[-1]))
    units = rounded([split.mean(part) for part in split.parts], MILLIONTH, b - a)
    parts = {name: Part(name, True, figure(split.worlds(split.parts[i]), units[i], unit), float(split.low[i]),
                        float(split.high[i])) for i, name in enumerate(names)}
    none = Part("", False, Figure(0, 0.0, 0.0, 0.0), 0.0, 0.0)
    return Attribution(ASKED, unit, (), draws, 2 ** len(names), "ab" * 32, figure(values[0], a, unit),
                       figure(values[-1], b, unit), figure(values[-1] - values[0], b - a, unit),
                       tuple(parts.get(name, replace(none, block=name)) for name in DEFAULT_BLOCKS), split)


PLAIN = answer({"ratio": -0.5, "later-layers": 0.31234567, "people-incomes": 1.7}, crossed=0.9)


def said(found: Attribution, lang: str = "en") -> str:
    return "\n".join(sentences(found, scale_of(found), lang))


def numbers(line: str) -> list[Decimal]:
    return [Decimal(text.replace("\N{MINUS SIGN}", "-")) for text in re.findall(r"(?<![\w.])[+\N{MINUS SIGN}]?\d+\.\d+", line)]


def test_every_default_block_has_a_name_in_both_languages_and_a_users_block_keeps_its_own():
    assert set(BLOCK_NAMES) == {*DEFAULT_BLOCKS, REST}
    for names in (BLOCK_NAMES, SPLIT):
        for en, zh in names.values():
            assert en and zh and not HAN.search(en)
    assert [block_name("my block", lang) for lang in words.LANGUAGES] == ["my block"] * 2


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_table_fits_a_terminal_and_its_column_adds_up(lang):
    text = attribution_text(PLAIN, lang).splitlines()
    assert len(text) <= TERMINAL_LINES and max(map(columns_of, text)) <= TERMINAL_WIDTH
    start = next(i for i, line in enumerate(text) if line.startswith(("Jiangsu", "江苏")))
    means = [numbers(line)[0] for line in text[start:start + 10]]
    assert sum(means[:9]) == means[9]
    assert ("percentage points" if lang == "en" else "百分点") in "".join(text)


def test_shown_digits_add_up_whatever_they_are():
    for seed in range(40):
        chance = np.random.default_rng(seed)
        found = answer({name: float(chance.normal() * 10.0 ** chance.integers(-4, 3)) for name in list(DEFAULT_BLOCKS)[:4]},
                       start=float(chance.normal(50, 20)), noise=0.0, draws=2)
        a, parts, b = shown_parts(found, scale_of(found))
        assert a + sum(parts) == b


def test_the_gap_is_told_with_its_side_and_the_interval_of_that_side():
    up, down = said(PLAIN), said(answer({"ratio": -1.0}))
    assert re.match(r"Linyi is above Jiangsu by 2\.\d+ percentage points \(95% interval 2\.\d+ to 2\.\d+\)\.", up)
    assert re.match(r"Linyi is below Jiangsu by (0\.9\d+|1\.0\d+) percentage points \(95% interval 0\.9\d+ to 1\.0\d+\)\.", down)
    for found in (PLAIN, answer({"ratio": -1.0})):
        gap, low, high = numbers(said(found).splitlines()[0])
        assert low < gap < high


def test_the_largest_part_is_named_whatever_its_sign():
    assert "No part is larger than that of people and incomes: +1.7" in said(PLAIN)
    assert "No part is larger than that of reimbursement ratio: \N{MINUS SIGN}1.0" in said(answer({"ratio": -1.0, "list": 0.9}))


def test_parts_that_turn_with_the_order_are_named_and_otherwise_that_none_does():
    assert "Which way these work depends on the order of the blocks: reimbursement ratio." in said(PLAIN)
    assert "no part changes its sign with the order" in said(answer({"ratio": -1.0, "list": 0.9}))


def test_doubtful_idle_and_alike_blocks_are_named():
    text = said(answer({"ratio": 1.0, "list": 0.0}, noise=0.5))
    assert "The 95% interval of these holds zero: catastrophic list." in text
    assert "No difference between the two in: deductible and cap, outpatient rules" in text
    idle = answer({"ratio": 1.0, "list": 0.0}, noise=0.0)
    assert "They differ, but leave this figure as it is: catastrophic list." in said(idle)


def test_no_gap_no_worlds_and_an_error_not_to_be_trusted_are_told():
    same = said(answer({"ratio": 0.0}, noise=0.0))
    assert same.startswith("Jiangsu and Linyi have the same figure.") and "No part is larger" not in same
    pooled = answer({"ratio": 1.0}, draws=1)
    assert "no error" in said(pooled) and "nan" not in attribution_text(pooled, "en")
    heavy = replace(PLAIN, parts=tuple(replace(part, figure=replace(part.figure, warning=HEAVY_TAIL)) for part in PLAIN.parts))
    assert "no interval is given" in said(heavy) and "holds zero" not in said(heavy)
    assert "\N{DAGGER}" in attribution_text(heavy, "en")
    side = replace(PLAIN, b=replace(PLAIN.b, warning=HEAVY_TAIL))
    last = attribution_text(side, "en").splitlines()[len(PLAIN.parts) + 3]
    assert "no interval is given" in said(side) and "\N{DAGGER}" in last


def test_probabilities_are_shown_in_percent():
    found = replace(answer({"ratio": 0.25}, start=0.5, noise=0.0, unit="probability"))
    assert numbers(attribution_text(found, "en").splitlines()[2])[0] == 50 and "(%)" in attribution_text(found, "en")


def test_the_digits_shown_follow_the_largest_difference():
    assert [Scale("%", [size], 5.0).places for size in (1234.0, 12.0, 1.2, 0.012, 1e-9)] == [0, 1, 2, 4, 6]
    assert Scale("%", [0.0], 5.0).places == 1


def test_more_sentences_than_a_terminal_has_room_for_are_left_out_from_the_end():
    many = replace(ASKED, blocks=blocks_of({f"a block with a long name number {n}": (topic,) for n, topic in enumerate(
        ("law", "care", "cii", "account", "funding", "relief", "income", "control", "listed"))}))
    parts = tuple(replace(PLAIN.parts[1], block=block.name) for block in many.blocks)
    found = replace(PLAIN, question=many, parts=parts)
    total = sum(part.figure.millionths for part in parts)
    found = replace(found, b=replace(found.b, millionths=found.a.millionths + total), gap=replace(found.gap, millionths=total))
    text = attribution_text(found, "en").splitlines()
    assert 14 < len(text) <= TERMINAL_LINES and text[-1].endswith((".", ")"))


# --- files and figures -----------------------------------------------------------------------------


def test_the_stored_means_add_up_to_the_last_digit():
    frame = attribution_frame(PLAIN)
    assert tuple(frame.columns) == PARTS and list(frame["kind"]) == ["side", *["part"] * 8, "side", "gap"]
    means = [Decimal(text) for text in frame["mean"]]
    assert sum(means[:9]) == means[9] and means[9] - means[0] == means[10]
    assert stored(Figure(-1234567, 0, 0, 0)) == "-1.234567"


MATRIX_FOUND = Swap(ASKED, "%", (), 40, 4, "cd" * 32, tuple(
    Cell(people, rules, figure(np.linspace(x, x + 1, 40), round((x + 0.5) * 1e6), "%"),
         figure(np.full(40, y), round(y * 1e6), "%"))
    for people, rules, x, y in (("jiangsu", "jiangsu", 5.0, 0.0), ("jiangsu", "linyi", 5.5, 0.5),
                                ("linyi", "jiangsu", 6.0, -0.25), ("linyi", "linyi", 6.25, 0.0))))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_matrix_names_its_rows_columns_and_extremes(lang):
    text = swap_text(MATRIX_FOUND, lang)
    row = ("On the people of Linyi, the rules move the figure between 6.500 (Jiangsu) and 6.750 (Linyi)." if lang == "en" else
           "用于临沂人口时，数值介于 6.500（江苏规则）与 6.750（临沂规则）之间。")
    assert row in text.replace("\n", " ")
    assert numbers(text.splitlines()[2])[0] == Decimal("5.500") and max(map(columns_of, text.splitlines())) <= TERMINAL_WIDTH


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_figures_carry_the_numbers_of_the_table(lang):
    with style():
        figures = waterfall(PLAIN, lang), heat_map(MATRIX_FOUND, lang)
    drawn = [" ".join(text.get_text() for text in made.findobj(lambda artist: hasattr(artist, "get_text"))) for made in figures]
    scale = scale_of(PLAIN)
    a, parts, b = shown_parts(PLAIN, scale)
    for steps in (a, b):
        assert scale.text(steps) in drawn[0]
    assert say(SPLIT, "raises", lang) in drawn[0] and block_name("people-incomes", lang) in drawn[0]
    assert "5.500" in drawn[1] and "+0.500" in drawn[1] and say(SPLIT, "rules_axis", lang) in drawn[1]


def test_equal_answers_give_equal_folders_and_a_second_one_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.attribution_folder.run_folder", lambda out, scenario, digest: run_folder(
        out, scenario, digest, datetime(2012, 3, 21, tzinfo=UTC)))
    first, second = (write_answer(PLAIN, tmp_path, "en") for _ in range(2))
    assert first == tmp_path / "attribute-jiangsu-linyi-2012" / "20120321-000000-abababab"
    assert second == first.with_name(f"{first.name}-2")
    assert {path.name for path in first.iterdir()} == {"attribution.csv", "manifest.json", "waterfall.svg", "waterfall.png"}
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
    manifest = json.loads((first / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["question"]["draws"] == 40 and manifest["result_digest"] == PLAIN.digest
    assert manifest["versions"]["random_layout"]


def test_a_folder_that_cannot_be_finished_is_not_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.attribution_folder.manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_answer(PLAIN, tmp_path, "en")
    assert list(tmp_path.glob("*/*")) == []


# --- the command -----------------------------------------------------------------------------------

TINY = ("--draws", 2, "--people", 300, "--threads", 1)


def test_attribute_writes_a_folder_and_prints_a_table_that_fits_a_terminal(tmp_path):
    done = fundsim("attribute", "jiangsu", "linyi", *TINY, "--blocks", "rules=inpatient,law,listed,cii;people=population,income",
                   "--out", tmp_path, "--lang", "zh")
    (folder,) = tmp_path.glob("attribute-jiangsu-linyi-2012/*")
    lines = done.out.splitlines()
    assert done.code == 0 and len(lines) <= 24 and lines[-1].startswith(str(folder)) and HAN.search(done.out)
    frame = pd.read_csv(folder / "attribution.csv", encoding="utf-8-sig")
    assert list(frame["name"]) == ["jiangsu", "rules", "people", "rest", "linyi", "linyi less jiangsu"]


def test_swap_prints_json_that_machines_read(tmp_path):
    done = fundsim("swap", "jiangsu", "linyi", "--measure", "oop_per_head[quintile:q1]", *TINY, "--out", tmp_path, "--json")
    answer = json.loads(done.out)
    assert done.code == 0 and len(answer["cells"]) == 4 and set(answer["cells"][0]) == set(MATRIX)
    assert answer["question"]["group"] == "quintile:q1" and answer["unit"] == "CNY/person/year"
    assert {path.name for path in next(tmp_path.glob("swap-jiangsu-linyi-2012/*")).iterdir()} == {
        "swap-matrix.csv", "manifest.json", "swap-matrix.svg", "swap-matrix.png"}


@pytest.mark.parametrize(("options", "line"), [
    (("attribute", "jiangsu", "linyi", "--measure", "oop_share_of_incme"), "did you mean 'oop_share_of_income'?"),
    (("attribute", "jiangsu", "linyi", "--measure", "oop[quintile"), "--measure: 'oop[quintile'"),
    (("attribute", "jiangsu", "lnyi"), "did you mean 'linyi'?"), (("swap", "jiangsu"), "at least two different regions"),
    (("attribute", "jiangsu", "linyi", "--scheme", "nrcm"), "did you mean 'nrcms'?"),
    (("attribute", "jiangsu", "linyi", "--horizon", 2, "--at", 2014), "expected a year from 2012 to 2013"),
    (("attribute", "jiangsu", "linyi", "--blocks", "a=inpatient.*.deductibel"), "did you mean 'inpatient.*.deductible'?")])
def test_bad_input_ends_with_one_line_and_code_2(options, line, tmp_path):
    done = fundsim(*options, "--out", tmp_path)
    assert done.code == 2 and done.out == "" and line in done.err and done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
