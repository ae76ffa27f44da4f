"""What is written: nothing of the user's is replaced, no cell is a formula, nothing is left of what could not be written."""

from __future__ import annotations

import csv
import resource
import zipfile
from pathlib import Path

import pytest

from simulator.output import FORMULA, as_cell, check_place, guarded, is_formula, write_new
from simulator.parameters.errors import InputError, shown
from tests.claims.test_claims import column, place, rows_of, run, write  # noqa: F401  (a fixture)
from tests.support.command import fundsim

pytestmark = pytest.mark.usefixtures("place")
HEADER = "person,date,tier,billed,eligible"
BAD = f"{HEADER}\nA,2012-01-05,county,8000,6000\nA,2012-01-06,conty,1,1\n"
SETTLE = ("settle", "claims.csv", "--plan", "plan.yaml", "--out", "out.csv")


def test_a_file_that_is_there_is_not_replaced_unless_told_and_the_claims_never():
    write(BAD)
    for name in ("out.csv", "out.bad.csv", "out.left-out.csv"):
        Path(name).write_text("mine", encoding="utf-8")
        said = fundsim(*SETTLE, "--on-error", "skip")
        assert said.code == 2 and f"it is there already: '{name}'" in said.err and "--force" in said.err
        assert Path(name).read_text(encoding="utf-8") == "mine"
        Path(name).unlink()
    assert fundsim(*SETTLE, "--on-error", "skip").code == 0
    assert fundsim(*SETTLE, "--on-error", "skip").code == 2 and len(rows_of()) == 1
    assert fundsim(*SETTLE, "--on-error", "skip", "--force").code == 0
    assert fundsim("settle", "claims.csv", "--plan", "plan.yaml", "--out", "claims.csv", "--force").code == 2


def test_a_mended_file_of_bad_rows_is_settled_and_stands_as_does_the_output_before():
    write(BAD)
    run(on_error="skip", force=False)
    bad = Path("out.bad.csv")
    bad.write_text(bad.read_text(encoding="utf-8-sig").replace("conty,", "county,"), encoding="utf-8")
    mended, before = bad.read_bytes(), Path("out.csv").read_bytes()
    for force in ([], ["--force"]):
        said = fundsim("settle", "out.bad.csv", "--plan", "plan.yaml", "--out", "out.csv", "--on-error", "skip", *force)
        assert said.code == 2 and bad.read_bytes() == mended and Path("out.csv").read_bytes() == before
    assert run("out.bad.csv", "mended.csv", on_error="skip", force=False).settled == 1


def test_places_that_cannot_be_are_refused_before_the_work(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "file.csv", Path("a\0b.csv"), Path("x" * 300 + ".csv")):
        with pytest.raises(InputError, match="--out:"):
            check_place(path, "--out", True)


def test_a_file_of_the_same_bytes_may_stand_there():
    write_new({Path("a.txt"): b"x"}, False)
    write_new({Path("a.txt"): b"x"}, False)
    with pytest.raises(InputError, match="there already"):
        write_new({Path("a.txt"): b"y"}, False)
    write_new({Path("a.txt"): b"y"}, True)
    assert Path("a.txt").read_bytes() == b"y"


def test_nothing_is_left_where_the_disk_is_full():
    write(HEADER + "\n" + "A,2012-01-05,county,8000,6000\n" * 20_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(OSError):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in Path().iterdir()) == ["claims.csv", "plan.yaml"]


@pytest.mark.parametrize("cell", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd", "-cmd", "-2+3+cmd|' /C calc'!A0", "\t=1",
                                  " =1", "-", "+1-1", "=\"320\"", "-e5", "-5e", "-5e+", "-5e5+1", "+5e-x", "-E5"])
def test_a_formula_becomes_text_in_a_cell(cell):
    assert is_formula(cell) and guarded(cell) == f"'{cell}" and not is_formula(str(guarded(cell)))
    quoted = cell.replace('"', '""')
    write(f'{HEADER},remark,"{quoted}"\nA,2012-01-05,county,8000,6000,"{quoted}",x\n')
    totals = run(passed=[cell.strip()])
    assert column("remark") == [f"'{cell}"] and totals.done["", "formulas"] == 2 and FORMULA


@pytest.mark.parametrize("cell", ["-5", "-3.9e-05", "+1E6", "-2e+3", "-1,234.50".replace(",", ""), "+5",
                                  "5-3", "a=b", "", "'=1", "2012-03-05", "x@y"])
def test_what_is_no_formula_stays(cell):
    assert guarded(cell) == cell and as_cell(cell) == cell


def test_what_would_steer_a_terminal_is_shown_as_an_escape():
    assert shown("a\x1b[31mb\u202ec\u200bd\x9b") == "a\\x1b[31mb\\u202ec\\u200bd\\x9b"
    write(f"{HEADER},\x1b]0;owned\x07\u202e日期\nA\x1b[31m,2012-01-05,con\x1b[2Jty,1,1,\n")
    for more in ([], ["--pass-through", "\x1b]0;owned\x07\u202e日期"]):
        said = fundsim(*SETTLE, *more)
        assert said.code == 2 and not {"\x1b", "\x07", "\u202e"} & set(said.err + said.out)


def test_a_workbook_has_amounts_as_numbers_and_texts_as_they_are():
    from python_calamine import CalamineWorkbook
    write("person,date,tier,billed,eligible,姓名,链接\n007,2012-01-05,county,8000,6000.5,=1+1,http://a.b\n"
          "3201,2012-01-06,county,1.00,1,+cmd|x,\n")
    run(out="out.xlsx")
    header, first, second = CalamineWorkbook.from_path("out.xlsx").get_sheet_by_index(0).to_python()
    assert first[:7] == ["007", "2012-01-05", "county", 8000.0, 6000.5, "=1+1", "http://a.b"] and header[7] == "paid_basic"
    assert second[5] == "+cmd|x" and sum(first[7:18]) == 8000.0 and all(isinstance(cell, float) for cell in second[7:18])
    assert not [path for path in Path().iterdir() if path.name.startswith(".partial")]
    run(out="out.csv", force=True)
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [[float(cell) for cell in row[7:]] for row in rows[1:]] == [first[7:], second[7:]]
    assert all(b"<f>" not in zipfile.ZipFile("out.xlsx").read(name) for name in zipfile.ZipFile("out.xlsx").namelist())


def test_more_rows_than_a_sheet_holds_are_refused_with_what_to_do_instead(monkeypatch):
    from simulator.claims import outputs
    monkeypatch.setattr(outputs, "SHEET_ROWS", 1)
    write(f"{HEADER}\nA,2012-01-05,county,8000,6000\nA,2012-01-06,county,1,1\n")
    with pytest.raises(InputError, match="than a sheet of a workbook holds: 'at least 2'; expected at most 1; name a file"):
        run(out="out.xlsx")
    assert not [path for path in Path().iterdir() if path.name.startswith((".partial", "out"))]
