"""The sheet of ledgers: for each fund and item a row with the mean of the draws, then a row for each draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.report.prose import say
from simulator.words import word
from simulator.workbook.book_words import CALCULATION, ITEM_NAMES, SHEET_NAMES
from simulator.workbook.ledger import FundLedger
from simulator.workbook.sheets import Book, area, quoted

HEADER_ROW = 2
START_COLUMN, YEARS_FROM = 2, 3        # what stood before the first year, and the first year, here and in the calculation


@dataclass(frozen=True)
class LedgerSheet:
    """Where each item of each fund stands: `means` has the row of the mean; `draws` rows follow it."""

    name: str
    means: dict[tuple[int, str], int]
    draws: int
    years: range

    @property
    def last(self) -> int:
        """The column of the last year."""
        return YEARS_FROM + len(self.years) - 1

    def of_draws(self, fund: int, item: str, columns: tuple[int, int] | None = None) -> str:
        """The reference to an item's rows of draws, in all years or in some columns."""
        mean = self.means[fund, item]
        return area(self.name, (mean + 1, mean + self.draws), columns or (YEARS_FROM, self.last))

    def of_mean(self, fund: int, item: str) -> str:
        """The reference to an item's means."""
        mean = self.means[fund, item]
        return area(self.name, (mean, mean), (YEARS_FROM, self.last))

    def mean_cell(self, fund: int, item: str, column: str) -> str:
        """The reference to the mean in a column, which moves along the row."""
        return f"{quoted(self.name)}!{column}${self.means[fund, item] + 1}"

    def draw_cell(self, fund: int, place: str, item: str, column: str) -> str:
        """The value in a column of the draw whose position stands in a cell, `place`."""
        return f"INDEX({self.draw_cells(fund, item, column)},{place})"

    def draw_cells(self, fund: int, item: str, column: str) -> str:
        """The reference to the draws in a column, which moves along the row."""
        mean = self.means[fund, item]
        return f"{quoted(self.name)}!{column}${mean + 2}:{column}${mean + 1 + self.draws}"


def write_ledgers(book: Book, funds: Sequence[FundLedger], years: range, of_run: int) -> LedgerSheet:
    """Write the sheet; `of_run` is how many draws the run has."""
    lang = book.lang
    listed = len(funds[0].draws["closing"])
    sheet = book.sheet(word(SHEET_NAMES, "ledger", lang), (52, 18, 16, *(14 for _ in years)), (HEADER_ROW + 1, 2),
                       colour="#FFD966")
    note = say(CALCULATION, "ledger_note", lang)
    if listed < of_run:
        note += " " * (lang == "en") + say(CALCULATION, "ledger_some", lang, shown=listed, all=of_run)
    sheet.title(sheet.name, note)
    sheet.heading(HEADER_ROW, [*(say(CALCULATION, key, lang) for key in ("fund_item", "statistic", "start")), *years])
    means: dict[tuple[int, str], int] = {}
    row = HEADER_ROW + 1
    labels = [say(CALCULATION, "mean", lang), *(say(CALCULATION, "draw", lang, number=number) for number in range(listed))]
    plain, style = book.format(), book.cell("input", "fen")
    page = sheet.page
    for nth, fund in enumerate(funds):
        for item in fund.items:
            name = f"{fund.name(lang)}: {word(ITEM_NAMES, item, lang)}"
            means[nth, item] = row
            initial = [fund.initial_mean[item], *fund.initial[item].tolist()] if item in fund.initial else None
            for at, values in enumerate([fund.means[item].tolist(), *fund.draws[item].tolist()]):
                page.write_string(row, 0, name, plain)
                page.write_string(row, 1, labels[at], plain)
                if initial is not None:
                    page.write_number(row, START_COLUMN, initial[at], style)
                for column, value in enumerate(values, YEARS_FROM):
                    page.write_number(row, column, value, style)
                row += 1
    page.autofilter(HEADER_ROW, 0, row - 1, YEARS_FROM + len(years) - 1)
    return LedgerSheet(sheet.name, means, listed, years)
