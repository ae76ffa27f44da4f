"""The manual builds without a warning in both languages, leaves nothing out, and shows what commands print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.manual import reference
from docs.manual.glossary import GLOSSARY, entries
from simulator import words
from simulator.cli import help_words, helping
from simulator.definitions import DEFINITIONS, SYMBOLS
from simulator.engine.measures import summarise  # noqa: F401  (the engine can be loaded before Sphinx is)
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.results import summary_frame
from simulator.scenario import Scenario
from simulator.tables import PAYERS
from tests.support import manual_pages

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ["tutorial.md", *sorted(path.name for path in (ROOT / "docs").glob("how-to-*.md"))]
AGAIN = "python -m tests.support.manual_pages"
SMALL = Scenario("small", ("jiangsu",), schemes=("nrcms",), horizon=2, draws=3, people=500)


@pytest.fixture(scope="module")
def summary():
    return summary_frame(simulate(SMALL, load_regions()))


def test_every_measure_of_a_run_is_defined_with_its_unit_and_its_groups(summary):
    for (measure, unit), rows in summary.groupby(["measure", "unit"]):
        found = {group.partition(":")[0] for group in rows["group"].fillna("")}
        assert measure in DEFINITIONS, measure
        assert found <= set(DEFINITIONS[measure].groups), measure
        if not (measure == "mean_bill" and found == {"illness"}):                  # which is by the bill there
            assert DEFINITIONS[measure].unit == unit, measure


def test_what_is_defined_has_a_name_and_what_has_a_name_is_defined():
    assert DEFINITIONS.keys() == words.MEASURE_NAMES.keys()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_is_in_both_languages_and_its_formula_speaks_of_known_figures(name):
    found = DEFINITIONS[name]
    assert found.en.endswith(".") and found.zh.endswith("。")
    assert re.search(r"[\u4e00-\u9fff]", found.zh) and not re.search(r"[\u4e00-\u9fff]", found.en + found.formula)
    assert found.unit in words.UNIT_NAMES
    for word in re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", found.formula):
        assert word in DEFINITIONS or word in SYMBOLS or word in PAYERS, word


def test_every_verb_and_option_is_said_in_chinese():
    names = {name for name, _ in reference.verbs()}
    assert names == help_words.VERB_HELP.keys()
    for name, verb in reference.verbs():
        for parameter in verb.params:
            if parameter.name != "help":
                assert helping.said_of(name, parameter, "zh"), (name, parameter.name)


def test_nothing_is_said_of_options_that_there_are_not():
    known = {helping.of_parameter(parameter).split(" ")[0].rstrip(",")
             for _, verb in reference.verbs() for parameter in verb.params}
    assert help_words.OPTIONS.keys() | {option for verb, option in help_words.OF_VERBS if verb} <= known


def test_the_glossary_has_each_term_once_and_in_both_languages():
    terms = [found for _, section in GLOSSARY for found in entries(section)]
    assert len({en for en, *_ in terms}) == len({zh for _, zh, *_ in terms}) == len(terms) > 50
    for en, zh, said_en, said_zh in terms:
        assert said_en.endswith(".") and said_zh.endswith("。"), en
        assert re.search(r"[\u4e00-\u9fff]", zh) and not re.search(r"[\u4e00-\u9fff]", en)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_page_of_reference_is_whole(lang):
    pages = reference.pages(lang)
    assert all(f"\n`{name}` " in pages["measures.md"] for name in DEFINITIONS)
    assert all(f"`fundsim {name}`" in pages["commands.md"] for name in help_words.VERB_HELP)
    assert "`cap_counts_outpatient`" in pages["parameters.md"] and "`deductible[tier][order][class]`" in pages["terms.md"]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_manual_builds_without_a_warning(lang, tmp_path):
    sources = ["docs"] if lang == "en" else ["-c", "docs", "-D", "language=zh_CN", "docs/zh"]
    done = subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html",
                           "-d", str(tmp_path / "doctrees"), *sources, str(tmp_path / "built")],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "built" / "reference" / "measures.html").is_file()
    if lang == "zh":                                       # the words of the field are found whole
        text = (tmp_path / "built" / "searchindex.js").read_text(encoding="utf-8")
        index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
        assert {"累计结余可支付月数", "起付线", "二次补偿"} <= index["terms"].keys()
        script = (tmp_path / "built" / "_static" / "language_data.js").read_text(encoding="utf-8")
        (stemmer,) = re.findall(r"window\.Stemmer = (\w+);", script)
        assert f"var {stemmer}=" in script                  # without it the search page never ends searching


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_runs_as_it_is_written_and_prints_what_it_shows(name, tmp_path):
    page = ROOT / "docs" / name
    assert manual_pages.missing(page, manual_pages.run(page, tmp_path)) == [], f"{AGAIN} docs/{name}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_chinese_page_has_the_same_commands(name):
    assert manual_pages.commands(ROOT / "docs" / "zh" / name) == manual_pages.commands(ROOT / "docs" / name) != []


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_chinese_page_prints_what_it_shows(name, tmp_path):
    page = ROOT / "docs" / "zh" / name
    assert manual_pages.missing(page, manual_pages.run(page, tmp_path)) == [], f"{AGAIN} docs/zh/{name}"


def test_what_a_page_does_not_run_is_what_a_newcomer_installs_by():
    fences = [block for folder in ("docs", "docs/zh") for name in PROGRAMS for block in manual_pages.blocks(ROOT / folder / name)]
    assert {block.kind for block in fences} == {"sh", "python", "text", "console"}
    lines = {line for block in fences if block.kind == "console" for line in block.text.splitlines()}
    assert lines == {"make run", "source .venv/bin/activate"}
    assert "\nmake run\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_lines_are_compared_without_figures_and_frames():
    shown, printed = "Deductible  300.00  county, first ...", "│ Deductible │ 1,250.00 │ county, first admission of the year │"
    page = ROOT / "docs" / "tutorial.md"
    assert manual_pages.plain(printed) == "Deductible # county, first admission of the year"
    assert manual_pages.plain("balance −82.2 .. +3 in 20261201-155146-b8f51480") == "balance # .. # in RUN-ID"
    blocks = [manual_pages.Block("sh", ""), manual_pages.Block("text", shown + "\nRatio 3\n")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manual_pages, "blocks", lambda _: blocks)
        assert manual_pages.missing(page, {0: printed + "\n"}) == ["Ratio 3"]


def test_the_notebook_runs_cell_by_cell(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "tutorial_notebook.py").read_text(encoding="utf-8")
    cells = re.split(r"^# %%.*\n", text, flags=re.MULTILINE)[1:]
    assert len(cells) >= 10 and len(re.findall(r"^# %% \[markdown\]$", text, re.MULTILINE)) >= 5
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    found: dict = {"__name__": "__main__"}
    for cell in cells:
        exec(compile(cell, "tutorial_notebook.py", "exec"), found)
    assert set(found["whole"]["policy"]) == {"baseline", "ten-points"} and len(found["figure"].axes) > 0
    assert (found["paid"]["paid_basic"] > 0).all()
