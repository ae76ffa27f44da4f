"""Parameters out into a workbook and back: the same regions, each change with its clause, each fault with its cell."""

from __future__ import annotations

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from simulator.cli.main import app
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, load_regions
from simulator.workbook.parameter_book import COLUMNS_OF_VALUES, HEADED_BY, parameters_workbook, stated_by
from simulator.workbook.parameter_reader import read_parameters
from tests.support.cells_of_books import altered, formulas


@pytest.fixture(scope="module")
def book(regions) -> bytes:
    return parameters_workbook(regions, ["heze"])


def call(*words: object) -> None:
    app([str(word) for word in words], standalone_mode=False)


def place(book: bytes, path: str, column: str, region: str = "heze") -> tuple[str, str]:
    """The sheet and cell of a column of the first row of a path."""
    rows = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_name("Values").to_python(skip_empty_area=False)
    columns = list(COLUMNS_OF_VALUES)
    at = next(nth for nth, row in enumerate(rows) if nth > HEADED_BY and row[:2] == [region, path])
    return "Values", f"{chr(ord('A') + columns.index(column))}{at + 1}"


def test_every_region_comes_back_as_its_files_state_it(regions, tmp_path):
    (tmp_path / "all.xlsx").write_bytes(parameters_workbook(regions, list(regions)))
    files = read_parameters(tmp_path / "all.xlsx")
    for name, text in files.texts.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
    mine = Regions(regions, regions.parents, tmp_path / "mine")
    for name in regions:
        there, here = ([(one.path, one.unit, {key: node.data() for key, node in one.said.items()}) for one in stated_by(of, name)]
                       for of in (regions, mine))
        assert here == there


def test_values_stand_as_text_and_numbers_without_a_formula(book):
    assert {name: cells for name, cells in formulas(book).items() if cells} == {}


def test_units_and_statuses_are_chosen_from_lists(book):
    from zipfile import ZipFile
    with ZipFile(BytesIO(book)) as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    assert text.count("<dataValidation ") == 5


def test_nothing_changed_is_said_so_and_a_folder_is_made(book, tmp_path, capsys):
    (tmp_path / "x.xlsx").write_bytes(book)
    call("params", "import", tmp_path / "x.xlsx", "--out", tmp_path / "mine")
    assert "nothing is changed" in capsys.readouterr().out
    assert (tmp_path / "mine" / "heze" / "funding.yaml").is_file()


def test_a_change_is_told_with_its_clause(book, tmp_path, capsys):
    (tmp_path / "x.xlsx").write_bytes(altered(book, {place(book, "funding.nrcms.premium", "value"): 70.0}))
    call("params", "import", tmp_path / "x.xlsx", "--out", tmp_path / "mine")
    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if "funding.nrcms.premium" in line)
    assert line.split("\t")[:5] == ["heze", "2010", "funding.nrcms.premium", "30", "70"]
    assert "Heze Daily 2011-04-09" in line
    assert load_regions(params=tmp_path / "mine")["heze"].value("funding.nrcms.premium", 2010).value == 70


@pytest.mark.parametrize(("column", "value", "said"), [
    ("value", "sixty", "a number"), ("status", "lwa", "did you mean 'law'"), ("unit", "CNY", "CNY/person/year"),
    ("from", "2010-13-01", "a day of the calendar"), ("source", "", "expected"), ("region", "hese", "did you mean 'heze'"),
    ("path", "fundin.nrcms.premium", "did you mean 'funding'"), ("path", "funding.nrcms.premum", "did you mean 'premium'")])
def test_a_fault_is_told_by_sheet_cell_value_and_expectation(book, tmp_path, column, value, said):
    sheet, cell = place(book, "funding.nrcms.premium", column)
    (tmp_path / "x.xlsx").write_bytes(altered(book, {(sheet, cell): value}))
    with pytest.raises(InputError) as caught:
        call("params", "import", tmp_path / "x.xlsx", "--out", tmp_path / "mine")
    text = str(caught.value)
    assert f"{sheet}!{cell}" in text and said in text
    assert [path.name for path in tmp_path.iterdir()] == ["x.xlsx"]


def test_nothing_that_is_there_is_overwritten(book, tmp_path):
    (tmp_path / "x.xlsx").write_bytes(book)
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="a new folder"):
        call("params", "import", tmp_path / "x.xlsx", "--out", tmp_path / "mine")
    with pytest.raises(InputError, match="it is there already"):
        call("params", "export", tmp_path / "x.xlsx")


def test_what_is_no_workbook_of_parameters_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError, match="not a workbook"):
        read_parameters(tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="cannot read the workbook"):
        read_parameters(tmp_path / "absent.xlsx")
