"""The workbook of a run: text stays text, formulas are plain and alike along a row, stored values are the engine's."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.report.select import Selection
from simulator.results import BOOKED, Run, read_run, write_run
from simulator.scenario import Scenario
from simulator.workbook.book_words import CONTROL, ITEM_NAMES, SHEET_NAMES
from simulator.workbook.inputs import number_or_text
from simulator.workbook.ledger import ledgers
from simulator.workbook.run_book import LONG_AGO, add_workbook, workbook
from simulator.workbook.sheets import Book
from tests.support.cells_of_books import formulas

SMALL = Scenario("small", ("jiangsu", "linyi"), schemes=("nrcms",), horizon=2, draws=3, people=300)
NAME_OR_CELL = re.compile(r"'[^']+'!|\$?[A-Z]{1,3}\$?[0-9]+|[a-z_][a-z_0-9]*")
STARTS = ("=", "+", "-", "@", "\t=", " =", "'=", "=cmd|' /C calc'!A1", "=HYPERLINK(\"http://x\",\"y\")", "{=1+1}", "\ufeff=1",
          "\uff1d1", "=1+1\n", "+1-1", "-@SUM(1)", "<f>1</f>", "</t></si>", "&lt;f&gt;", "_x003D_1", "http://example.org",
          "internal:A1", "#REF!", "TRUE", "1e5", "\x01=1")
BODIES = ("", "SUM(1)", "1", "甲乙", "\"x\"", "a" * 40, "'!A1", "<b>", "& ", "\u202e", "]]>", "\ud800")
HOSTILE = [start + body for start in STARTS for body in BODIES]


@pytest.fixture(scope="module")
def made(tmp_path_factory, regions) -> Run:
    return read_run(write_run(simulate(SMALL, regions), tmp_path_factory.mktemp("book")))


@pytest.fixture(scope="module")
def books(made) -> dict[str, bytes]:
    return {lang: workbook(made, lang, {}) for lang in ("en", "zh")}


def rows_of(data: bytes, sheet: str) -> list[list]:
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def moved(formula: str) -> str:
    """The formula of column D as it stands when it is copied to column E."""
    return re.sub(r"(?<![$A-Z'a-z])[CD](?=\$?[0-9])", lambda letter: chr(ord(letter[0]) + 1), formula)


def test_of_300_hostile_texts_none_becomes_a_formula_or_a_link():
    assert len(set(HOSTILE)) >= 290
    book = Book("=1+1", "en", LONG_AGO)
    sheet = book.sheet("Texts", (20, 20))
    for row, text in enumerate(HOSTILE):
        sheet.text(row, 0, text)
        sheet.input(row, 1, text)
    data = book.bytes()
    assert formulas(data) == {"Texts": {}}
    with ZipFile(BytesIO(data)) as parts:
        assert not any(b"hyperlink" in parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/"))
    read = rows_of(data, "Texts")
    assert [row[0] for row in read] == [row[1] for row in read]
    assert read[1][0] == "=SUM(1)"


def test_no_formula_holds_a_number_or_moves_about(books):
    for lang in ("en", "zh"):
        for cells in formulas(books[lang]).values():
            for formula in cells.values():
                assert not re.search(r"[0-9]", NAME_OR_CELL.sub("", formula)), formula
                assert not re.search(r"OFFSET|INDIRECT|RAND|NOW|TODAY", formula), formula


def test_a_row_of_the_calculation_has_one_formula_along_all_years(books):
    found = formulas(books["en"])
    for sheet in ("Mean", "Draw"):
        pairs = [(found[sheet][cell], found[sheet][f"E{cell[1:]}"]) for cell in found[sheet] if re.fullmatch("D[0-9]+", cell)
                 and f"E{cell[1:]}" in found[sheet]]
        assert len(pairs) > 20
        for first, second in pairs:
            assert moved(first) == second


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_stored_values_are_the_engines_to_the_fen(made, books, lang):
    funds = ledgers(Selection(made))
    column = ("en", "zh").index(lang)
    for key in ("mean", "draw"):
        rows = rows_of(books[lang], SHEET_NAMES[key][column])
        labels = [row[0] for row in rows]
        at = 0
        for fund in funds:
            at = labels.index(fund.name(lang), at)
            for item in ("closing", "accrued_closing"):
                row = labels.index(ITEM_NAMES[item][column], at)
                ends = fund.draws["accrued_closing"][:, -1]
                expected = fund.means[item] if key == "mean" else fund.draws[item][np.argsort(ends)[1]]
                assert np.abs(np.array(rows[row][3:5]) - expected).max() < 0.01


def test_there_are_at_least_12_checks_in_both_languages(books):
    for lang, sheet in (("en", "Control"), ("zh", "校验")):
        rows = rows_of(books[lang], sheet)
        numbered = [row for row in rows if isinstance(row[0], str) and row[0].isdigit()]
        assert len(numbered) >= 12
        assert {row[2] for row in numbered} == {True}
    assert all(all(words) for words in CONTROL.values())


def test_a_run_gets_its_workbook_once_and_registered(made, books):
    first = add_workbook(made, "en", {})
    assert first.name == "report.en.xlsx" or first.name == "report.xlsx"
    again = read_run(made.folder)
    assert first.name in again.manifest["files"]
    assert add_workbook(again, "en", {}).read_bytes() == first.read_bytes() == books["en"]
    assert add_workbook(again, "zh", {}).name == "report.zh.xlsx"


def test_a_run_without_ledgers_is_refused_with_what_to_do(made, monkeypatch):
    paths = made.paths.drop(columns=list(BOOKED))
    monkeypatch.setattr(Run, "paths", property(lambda run: paths))
    with pytest.raises(InputError, match="run its scenario anew"):
        ledgers(Selection(made))


def test_of_many_draws_the_first_are_listed_and_the_mean_is_of_all(made, monkeypatch):
    monkeypatch.setattr("simulator.workbook.ledger.MOST_LEDGER_CELLS", 1)
    monkeypatch.setattr("simulator.workbook.ledger.FEWEST_LISTED", 2)
    fund = ledgers(Selection(made))[0]
    assert len(fund.draws["closing"]) == 2
    whole = made.paths[(made.paths["region"] == "jiangsu")].groupby("year")["closing"].mean().to_numpy()
    assert np.abs(fund.means["closing"] / 100 - whole).max() < 0.001
    assert workbook(made, "en", {})


@pytest.mark.parametrize("text", ["0.50", "007", "1e5", "75%", "", "-", "12345678901234567", "1.", "NaN"])
def test_a_value_that_would_change_as_a_number_stays_text(text):
    assert number_or_text(text) == text


def test_a_plain_number_is_a_number():
    assert [number_or_text(text) for text in ("75", "-0.25", "0", "62.5")] == [75.0, -0.25, 0.0, 62.5]
