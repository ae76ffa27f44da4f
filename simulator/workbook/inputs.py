"""The sheets of inputs: constants, the draws that can be chosen, limits; the values used; the run's own figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import NamedTuple

import pandas as pd

from simulator.folders import read_checked
from simulator.report.codes import parameter_name
from simulator.report.prose import say
from simulator.report.select import Selection
from simulator.words import STATUS_NAMES, measure_and_group, measure_name, region_name, unit_name, word
from simulator.workbook.book_words import CALCULATION, INPUT_WORDS, SHEET_NAMES, VALUE_WORDS
from simulator.workbook.ledger import FundLedger
from simulator.workbook.ledger_sheet import YEARS_FROM
from simulator.workbook.sheets import Book, Sheet, area, quoted

CONSTANTS = {"half_fen": 0.5, "months_in_year": 12.0, "fen_in_100m": 1e10, "whole": 100.0, "small": 1e-6}
PLAIN_NUMBER, DIGITS_OF_A_CELL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"), 15
PERCENTILES = (5, 25, 50, 75, 95)
MEAN_MEASURES = ("revenue", "expenditure", "surplus", "bank_balance", "balance", "surplus_rate", "months_held", "exhausted",
                 "top_up_needed")
BURDEN_MEASURE, BURDEN_GROUPS = "net_burden_share_of_income", tuple(f"quintile:q{nth}" for nth in range(1, 6))


class FundLimits(NamedTuple):
    """A fund's annual limits and tolerances (percent; None: no limit) by year; `row` has the limits, the next the tolerances."""

    row: int
    values: list[tuple[float, float] | None]


@dataclass(frozen=True)
class InputSheet:
    """What other sheets refer to: the list of choices, the ranks of the percentiles, the limits of each fund."""

    sheet: Sheet
    choices: list[str]
    ranks: list[int]
    limits: list[FundLimits]

    def cell(self, row: int, column: str) -> str:
        """The reference to a row in a column, which moves along the row."""
        return f"{quoted(self.sheet.name)}!{column}${row + 1}"


@dataclass(frozen=True)
class FigureSheet:
    """Where the run's own figures stand: fund, measure, group and statistic -> row; and the rows of each fund's units."""

    sheet: Sheet
    rows: dict[tuple[int, str, str, str], int]
    units: dict[int, tuple[int, int]]
    last: int

    def area(self, fund: int, measure: str, group: str = "", statistic: str = "mean", until: str = "") -> str:
        """The reference to a figure in all years, or from its group to the group `until`, which stand below each other."""
        first, last = (self.rows[fund, measure, name, statistic] for name in (group, until or group))
        return area(self.sheet.name, (first, last), (YEARS_FROM, self.last))

    def cell(self, fund: int, measure: str, column: str, group: str = "", statistic: str = "mean") -> str:
        """The reference to a figure in a column, which moves along the row."""
        return f"{quoted(self.sheet.name)}!{column}${self.rows[fund, measure, group, statistic] + 1}"


def write_inputs(book: Book, selection: Selection, funds: Sequence[FundLedger]) -> InputSheet:
    """Write the sheet of constants, choices and limits, and define their names."""
    lang, years = book.lang, selection.years
    sheet = book.sheet(word(SHEET_NAMES, "inputs", lang), (46, 42, 16, *(13 for _ in years)), (2, 1), colour="#FFD966")
    sheet.title(say(INPUT_WORDS, "title", lang), say(INPUT_WORDS, "note", lang))
    row = 3
    sheet.heading(row, [say(INPUT_WORDS, key, lang) for key in ("constants", "name", "value")])
    for name, value in CONSTANTS.items():
        row += 1
        sheet.text(row, 0, say(INPUT_WORDS, name, lang))
        sheet.text(row, 1, name)
        sheet.input(row, 2, value)
        book.book.define_name(name, f"={quoted(sheet.name)}!$C${row + 1}")
    row += 2
    sheet.heading(row, [say(INPUT_WORDS, "limits", lang), say(INPUT_WORDS, "path", lang), say(VALUE_WORDS, "unit", lang), *years])
    limits = []
    for fund in funds:
        found = [selection.limits(fund.side, fund.scheme, year) for year in years]
        row += 1
        for at, key in enumerate(("limit", "tolerance")):
            sheet.text(row + at, 0, f"{fund.name(lang)}: {say(INPUT_WORDS, key, lang)}")
            sheet.text(row + at, 1, f"control.{fund.scheme}.annual_{key}")
            sheet.text(row + at, 2, "%")
            for column, one in enumerate(found, YEARS_FROM):
                number = one.annual if key == "limit" else one.tolerance
                sheet.input(row + at, column, say(CALCULATION, "no_limit", lang) if number is None else number)
        limits.append(FundLimits(row, [None if one.annual is None else (one.annual, one.tolerance) for one in found]))
        row += 1
    row += 2
    sheet.heading(row, [say(INPUT_WORDS, key, lang) for key in ("percentiles", "share", "rank")])
    listed = len(funds[0].draws["closing"])
    ranks = [max(ceil(percent * listed / 100), 1) for percent in PERCENTILES]
    names = [say(CALCULATION, "percentile", lang, percent=percent, year=years[-1]) for percent in PERCENTILES]
    for name, percent, rank in zip(names, PERCENTILES, ranks, strict=True):
        row += 1
        sheet.text(row, 0, name)
        sheet.input(row, 1, percent / 100, "share")
        sheet.input(row, 2, float(rank))
    many = len(PERCENTILES)
    book.book.define_name("percentile_shares", "=" + area(sheet.name, (row - many + 1, row), (1, 1)))
    book.book.define_name("percentile_ranks", "=" + area(sheet.name, (row - many + 1, row), (2, 2)))
    row += 2
    sheet.heading(row, [say(INPUT_WORDS, "choices", lang)])
    choices = [*names, *(say(CALCULATION, "draw", lang, number=number) for number in range(listed))]
    for at, choice in enumerate(choices, row + 1):
        sheet.input(at, 0, choice, "text")
    book.book.define_name("choices", "=" + area(sheet.name, (row + 1, row + len(choices)), (0, 0)))
    return InputSheet(sheet, choices, ranks, limits)


def write_values(book: Book, selection: Selection) -> Sheet:
    """Write every value that the run used, with unit, day, source and status."""
    lang = book.lang
    sheet = book.sheet(word(SHEET_NAMES, "values", lang), (46, 40, 30, 16, 12, 12, 12, 90), (3, 1), colour="#FFD966")
    sheet.title(say(VALUE_WORDS, "title", lang), say(CALCULATION, "values_note", lang))
    columns = ("name", "path", "value", "unit", "from", "status", "region", "source")
    sheet.heading(2, [say(VALUE_WORDS, key, lang) for key in columns])
    table = selection.run.parameters
    for row, value in enumerate(table.to_dict("records"), 3):
        cells = (parameter_name(value["path"], lang), value["path"], value["value"], unit_name(value["unit"], lang),
                 value["from"], word(STATUS_NAMES, value["status"], lang), region_name(value["region"], lang), value["source"])
        for column, cell in enumerate(cells):
            sheet.input(row, column, number_or_text(str(cell)) if columns[column] == "value" else str(cell))
    sheet.page.autofilter(2, 0, 2 + len(table), len(columns) - 1)
    return sheet


def write_figures(book: Book, selection: Selection, funds: Sequence[FundLedger]) -> FigureSheet:
    """Write the run's figures that the workbook shows or is held to."""
    lang, years = book.lang, selection.years
    sheet = book.sheet(word(SHEET_NAMES, "figures", lang), (34, 58, 22, *(13 for _ in years)), (3, 3), colour="#FFD966")
    sheet.title(sheet.name, say(CALCULATION, "figures_note", lang))
    sheet.heading(2, [say(CALCULATION, key, lang) for key in ("fund", "measure", "statistic")] + list(years))
    payers = list(dict.fromkeys(group for group in selection.run.summary["group"] if group.startswith("payer:")))
    wanted = [(measure, "", "mean") for measure in MEAN_MEASURES]
    wanted += [("balance", "", f"p{percent:02}") for percent in PERCENTILES]
    wanted += [(BURDEN_MEASURE, group, "mean") for group in BURDEN_GROUPS] + [("payer_share", group, "mean") for group in payers]
    rows: dict[tuple[int, str, str, str], int] = {}
    units: dict[int, tuple[int, int]] = {}
    row, of_units = 3, _units(selection)
    for nth, fund in enumerate(funds):
        for measure, group, statistic in wanted:
            found = [selection.number(fund.side, fund.scheme, year, measure, group) for year in years]
            unit = next((unit_name(one.unit, lang) for one in found if one), "")
            sheet.text(row, 0, fund.name(lang))
            sheet.text(row, 1, measure_and_group(measure, group, lang) if group else measure_name(measure, lang))
            sheet.text(row, 2, f"{statistic}, {unit}")
            for column, one in enumerate(found, YEARS_FROM):
                sheet.input(row, column, float("nan") if one is None else float(getattr(one, statistic)))
            rows[nth, measure, group, statistic] = row
            row += 1
        mine = of_units.get((fund.side.region, fund.scheme, fund.side.policy), {})
        if mine and all(set(years) == set(of_year) for of_year in mine.values()):
            units[nth] = (row, row + len(mine) - 1)
            for name, of_year in mine.items():
                sheet.text(row, 0, fund.name(lang))
                sheet.text(row, 1, say(CALCULATION, "top_up_of", lang, unit=name))
                sheet.text(row, 2, f"mean, {unit_name('1e8 CNY', lang)}")
                for column, year in enumerate(years, YEARS_FROM):
                    sheet.input(row, column, of_year[year])
                row += 1
    sheet.page.autofilter(2, 0, row - 1, YEARS_FROM + len(years) - 1)
    return FigureSheet(sheet, rows, units, YEARS_FROM + len(years) - 1)


def _units(selection: Selection) -> dict[tuple[str, str, str], dict[str, dict[int, float]]]:
    """The top-up that each pooling unit needs, 1e8 yuan, by fund, unit and year; empty where all funds are one unit."""
    run = selection.run
    if "units.csv" not in run.manifest["files"]:
        return {}
    table = pd.read_csv(BytesIO(read_checked(run.folder, run.manifest, "units.csv")), encoding="utf-8-sig")
    found: dict[tuple[str, str, str], dict[str, dict[int, float]]] = {}
    for one in table.to_dict("records"):
        name = f"{one['unit']} {one['name']}" if isinstance(one["name"], str) else str(one["unit"])
        of_fund = found.setdefault((one["region"], one["scheme"], one["policy"]), {})
        of_fund.setdefault(name, {})[int(one["year"])] = float(one["top_up_needed"])
    return found


def number_or_text(text: str) -> str | float:
    """A value as a number where that says the same, else as the text it is."""
    return float(text) if PLAIN_NUMBER.fullmatch(text) and len(text) <= DIGITS_OF_A_CELL else text


def write_copy(book: Book, key: str, original: Sheet) -> str:
    """Write a hidden sheet with the inputs of another, and return the formula that says whether they still are the same."""
    copy = book.book.add_worksheet(word(SHEET_NAMES, key, book.lang))
    copy.hide()
    for (row, column), value in original.cells.items():
        if isinstance(value, str):
            copy.write_string(row, column, value)
        else:
            copy.write_number(row, column, value)
    rows, columns = ((min(places), max(places)) for places in zip(*original.cells, strict=True))
    one, other = (area(name, rows, columns) for name in (original.name, copy.get_name()))
    return f"=NOT(SUMPRODUCT(--NOT(EXACT({one},{other})),--ISTEXT({other}))+SUMPRODUCT(--({one}<>{other})))"
