"""Does LibreOffice work a run's workbook out to the engine's fen? `python -m tests.campaigns.workbook`; ends with 1 if not, and
with 2 where there is no LibreOffice.

A small run of two regions and two schemes gets its workbook in both languages. LibreOffice works all of it out anew: every
balance of the mean, and of each draw that is asked for in the list, must be the engine's to the fen, every check TRUE. Then one
input after another is altered: each check must be FALSE for some of them, and none may leave all TRUE.
`--run FOLDER` takes a finished run in the place of the small one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from python_calamine import CalamineWorkbook

from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.report.select import Selection
from simulator.results import read_run, write_run
from simulator.scenario import Scenario
from simulator.words import LANGUAGES
from simulator.workbook.book_words import CALCULATION, CONTROL, ITEM_NAMES, SHEET_NAMES
from simulator.workbook.inputs import PERCENTILES
from simulator.workbook.ledger import FundLedger, ledgers
from simulator.workbook.run_book import workbook
from tests.support.cells_of_books import altered

SMALL = Scenario("workbook", ("jiangsu", "linyi"), schemes=("nrcms", "uebmi"), horizon=3, draws=12, people=300)
HALF_FEN = 0.5
# What a workbook is worked out by: always anew, whatever stands beside the formulas
ALWAYS_ANEW = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
ALTERED = ("interest", "claims_paid", "claims_incurred", "receivable", "opening", "closing", "accrued_closing")
Rows = list[list]


def office() -> str | None:
    """The path of LibreOffice."""
    return next((found for name in ("soffice", "libreoffice") if (found := shutil.which(name))), None)


def worked_out(program: str, books: list[bytes]) -> list[dict[str, Rows]]:
    """Every sheet of some workbooks as LibreOffice works them out, started once for all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(ALWAYS_ANEW, encoding="utf-8")
        names = [f"book{number}.xlsx" for number in range(len(books))]
        for file, data in zip(names, books, strict=True):
            (folder / file).write_bytes(data)
        subprocess.run([program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
                        "--outdir", str(folder / "out"), *(str(folder / file) for file in names)], check=True, timeout=3600,
                       capture_output=True)
        return [stored((folder / "out" / file).read_bytes()) for file in names]


def stored(data: bytes) -> dict[str, Rows]:
    """Every sheet of a workbook as its file has it."""
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}


def expected(fund: FundLedger, items: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the engine booked: the balances, and the sums that follow from them, in fen."""
    revenue = sum(items[name] for name in items if name in (
        "premium", "contributions", "subsidy_central", "subsidy_provincial", "subsidy_county", "top_up", "entry", "interest",
        "deficit_top_up"))
    spent = sum(items[name] for name in items if name in (
        "claims_incurred", "provider_settlement", "gp_fees", "cii_premium", "cii_loss_borne", "secondary"))
    found = {name: items[name] for name in ("opening", "closing", "payable", "accrued_closing")}
    return found | {"revenue": revenue, "expenditure": spent, "surplus": revenue - items.get("deficit_top_up", 0.0) - spent}


def widest_gap(rows: Rows, funds: list[FundLedger], lang: str, draws: list[int] | None) -> tuple[float, int]:
    """The widest gap in fen between a sheet of the calculation and the engine, and how many cells were compared; `draws` has the
    draw of each fund, None for the mean."""
    column, labels, at, widest, cells = LANGUAGES.index(lang), [row[0] for row in rows], 0, 0.0, 0
    for nth, fund in enumerate(funds):
        at = labels.index(fund.name(lang), at)
        items = fund.means if draws is None else {name: values[draws[nth]] for name, values in fund.draws.items()}
        for item, amounts in expected(fund, items).items():
            row = rows[labels.index(ITEM_NAMES[item][column], at)][3:3 + len(amounts)]
            widest, cells = max(widest, float(np.abs(np.array(row, dtype=float) - amounts).max())), cells + len(amounts)
    return widest, cells


def verdicts(sheets: dict[str, Rows], lang: str) -> dict[str, bool]:
    """Each check in words, and what it says."""
    rows = sheets[SHEET_NAMES["control"][LANGUAGES.index(lang)]]
    return {row[1]: row[2] == 1 for row in rows if isinstance(row[0], str) and row[0].isdigit()}


def edits(sheets: dict[str, Rows], funds: list[FundLedger]) -> dict[str, dict[tuple[str, str], str | float]]:
    """One input of each kind altered, in the English workbook: what it is -> its sheet, cell and other value."""
    def cell(sheet: str, row: int, column: int) -> tuple[str, str]:
        return sheet, f"{chr(ord('A') + column)}{row + 1}"

    def put(sheet: str, row: int, column: int) -> dict[tuple[str, str], str | float]:
        value = sheets[sheet][row][column]
        return {cell(sheet, row, column): f"{value} altered" if isinstance(value, str) else value + 1.0}

    ledger, figures = sheets["Ledger"], sheets["Figures"]
    labels = [f"{row[0]}|{row[1]}" for row in ledger]
    ends = funds[0].draws["accrued_closing"][:, -1]
    median = int(np.flatnonzero(ends == np.sort(ends)[int(np.ceil(0.5 * len(ends))) - 1])[0])
    other = (median + 1) % len(ends)
    found: dict[str, dict[tuple[str, str], str | float]] = {}
    for what, label in (("the mean", CALCULATION["mean"][0]), ("the draw shown", f"draw {median}"),
                        ("another draw", f"draw {other}")):
        for item in ALTERED:
            row = labels.index(f"{funds[0].name('en')}: {ITEM_NAMES[item][0]}|{label}")
            found[f"{item}, {what}"] = put("Ledger", row, 4)
    for what, words in (("payer", "Share of all medical expense"), ("unit", "Top-up needed by"),
                        ("balance", "Cumulative surplus")):
        row = next(nth for nth, cells in enumerate(figures) if words in str(cells[1]))
        found[f"figure of a {what}"] = put("Figures", row, 3)
    for measure in ("Revenue of", "Expenditure of", "Surplus of", "Balance in", "Top-up needed to"):
        row = next(nth for nth, cells in enumerate(figures) if str(cells[1]).startswith(measure))
        found[f"figure: {measure}"] = put("Figures", row, 3)
    row = next(nth for nth, cells in enumerate(figures) if str(cells[2]).startswith("p50"))
    found["percentile of the run"] = put("Figures", row, 3)
    found |= {f"value: {name}": put("Values", 5, column) for column, name in enumerate(sheets["Values"][2])}
    inputs = sheets["Inputs"]
    for name in ("half_fen", "months_in_year", "fen_in_100m", "whole", "small", "control.nrcms.annual_limit",
                 "control.nrcms.annual_tolerance"):
        row = next(nth for nth, cells in enumerate(inputs) if cells[1] == name)
        found[f"input: {name}"] = put("Inputs", row, 2 if inputs[row][2] != "%" else 3)
    row = next(nth for nth, cells in enumerate(inputs) if str(cells[0]).startswith(f"P{PERCENTILES[0]} "))
    found |= {"input: a rank": put("Inputs", row, 2), "input: a share": put("Inputs", row, 1),
              "input: a choice": put("Inputs", len(inputs) - 1, 0)}
    control = sheets["Control"]
    row = next(nth for nth, cells in enumerate(control) if str(cells[1]).endswith(ITEM_NAMES["interest"][0]))
    found["a sum as written"] = put("Control", row, 3)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--run", type=Path, help="a finished run in the place of the small one")
    parser.add_argument("--edits", type=int, default=None, help="only so many edits, evenly among all")
    asked = parser.parse_args(arguments)
    program = office()
    if program is None:
        print("check-workbook needs LibreOffice: apt-get install -y --no-install-recommends libreoffice-calc")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = asked.run or write_run(simulate(SMALL, load_regions()), Path(name))
        run = read_run(folder)
        funds, failed = ledgers(Selection(run)), False
        for lang in LANGUAGES:
            data = workbook(run, lang, {})
            column = LANGUAGES.index(lang)
            draw_sheet = SHEET_NAMES["draw"][column]
            listed = len(funds[0].draws["closing"])
            choices = {CALCULATION["draw"][column].format(number=listed - 1): [listed - 1] * len(funds)} if lang == "en" else {}
            for percent in PERCENTILES[-1:] if lang == "en" else PERCENTILES[2:3]:
                label = CALCULATION["percentile"][column].format(percent=percent, year=run.manifest["scenario"]["year"]
                                                                 + run.manifest["scenario"]["horizon"] - 1)
                ends = [fund.draws["accrued_closing"][:, -1] for fund in funds]
                rank = int(np.ceil(percent * listed / 100)) - 1
                choices[label] = [int(np.flatnonzero(one == np.sort(one)[rank])[0]) for one in ends]
            for label, draws in choices.items():
                (sheets,) = worked_out(program, [altered(data, {(draw_sheet, "B2"): label})])
                gaps = [widest_gap(sheets[SHEET_NAMES["mean"][column]], funds, lang, None),
                        widest_gap(sheets[draw_sheet], funds, lang, draws)]
                said = verdicts(sheets, lang)
                right = max(gap for gap, _ in gaps) < HALF_FEN and all(said.values())
                failed |= not right
                print(f"{lang}, {label}: {sum(cells for _, cells in gaps)} cells, widest gap {gaps[0][0]:.6f} fen (mean), "
                      f"{gaps[1][0]:.6f} (draw); {sum(said.values())} of {len(said)} checks TRUE", flush=True)
        data = workbook(run, "en", {})
        sheets = stored(data)
        found = edits(sheets, funds)
        every = list(found.items())[::max(len(found) // (asked.edits or len(found)), 1)]
        ever_false: dict[str, int] = {words[0]: 0 for key, words in CONTROL.items() if words[0] in verdicts(sheets, "en")}
        worked = worked_out(program, [altered(data, edit) for _, edit in every])
        for (what, _), now in zip(every, worked, strict=True):
            said = verdicts(now, "en")
            wrong = [words for words, holds in said.items() if not holds]
            for words in wrong:
                ever_false[words] += 1
            if not wrong:
                print(f"NOT noticed: {what}", flush=True)
                failed = True
        never = [words for words, times in ever_false.items() if not times]
        print(f"{len(every)} edits of one input each, all noticed: {not failed}; checks never FALSE: {never or 'none'}")
        return int(failed or bool(never and asked.edits is None))


if __name__ == "__main__":
    sys.exit(main())
