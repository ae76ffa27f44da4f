"""The balance of each fund as formulas, year by year: opening + revenue - expenditure = closing (docs/fund.md).

The same rows serve the mean of all draws and the draw that a reader chooses. A row has one formula along all years, without
numbers in it; the values beside the formulas are worked out here by the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from simulator.report.prose import say
from simulator.words import word
from simulator.workbook.book_words import CALCULATION, ITEM_NAMES, SHEET_NAMES
from simulator.workbook.inputs import InputSheet
from simulator.workbook.ledger import (
    BOOKED_RESULTS,
    EXPENSES,
    OTHER_PAYMENTS,
    OTHER_RECEIPTS,
    REVENUES,
    FundLedger,
    present,
)
from simulator.workbook.ledger_sheet import START_COLUMN, YEARS_FROM, LedgerSheet
from simulator.workbook.sheets import Book, Sheet, area, letter, quoted

FIRST_BLOCK = 4                # row; above it stand the title, the choice and the years
CHOSEN_CELL = (1, 3)
DEFAULT_CHOICE = 2             # the third percentile of the list: the median


@dataclass
class Block:
    """One fund's rows: the row of each item, and its values float64[years] (fen, or a share, or months)."""

    sheet: str
    last: int
    rows: dict[str, int] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)

    def area(self, item: str) -> str:
        """The reference to an item in all years."""
        return area(self.sheet, (self.rows[item], self.rows[item]), (YEARS_FROM, self.last))

    def cell(self, item: str, column: str) -> str:
        """The reference to an item in a column, which moves along the row."""
        return f"{quoted(self.sheet)}!{column}${self.rows[item] + 1}"


def write_mean(book: Book, funds: Sequence[FundLedger], ledger: LedgerSheet, inputs: InputSheet) -> list[Block]:
    """Write the sheet of means and return each fund's block."""
    sheet = _begun(book, "mean", ledger)
    blocks, row = [], FIRST_BLOCK
    for nth, fund in enumerate(funds):
        found = _Rows(book, sheet, fund, nth, ledger, inputs, row, partial(ledger.mean_cell, nth), fund.means, fund.initial_mean)
        blocks.append(found.write())
        row = found.row + 1
    return blocks


def write_draw(book: Book, funds: Sequence[FundLedger], ledger: LedgerSheet, inputs: InputSheet) -> list[Block]:
    """Write the sheet of the draw that is chosen, at first the median one of each fund, and return each fund's block."""
    lang, sheet = book.lang, _begun(book, "draw", ledger)
    sheet.text(CHOSEN_CELL[0], 0, say(CALCULATION, "chosen", lang), bold=True)
    style = book.format(bold=True, border=2, font_color="#1F3FBF", bg_color="#FFF9DB")
    sheet.page.merge_range(CHOSEN_CELL[0], 1, CHOSEN_CELL[0], CHOSEN_CELL[1], inputs.choices[DEFAULT_CHOICE], style)
    sheet.page.data_validation(CHOSEN_CELL[0], 1, CHOSEN_CELL[0], 1, {"validate": "list", "source": "=choices"})
    book.book.define_name("chosen_draw", f"={quoted(sheet.name)}!$B${CHOSEN_CELL[0] + 1}")
    blocks, row = [], FIRST_BLOCK
    for nth, fund in enumerate(funds):
        place = f"$C${row + 2}"
        balances = fund.draws["accrued_closing"][:, -1]
        at = int(np.flatnonzero(balances == np.sort(balances)[inputs.ranks[DEFAULT_CHOICE] - 1])[0])
        last = ledger.of_draws(nth, "accrued_closing", (ledger.last, ledger.last))
        number = "MATCH(chosen_draw,choices,FALSE)"
        sheet.text(row + 1, 0, say(CALCULATION, "position", lang), italic=True)
        of_rank = f"INDEX(percentile_ranks,MIN({number},ROWS(percentile_ranks)))"
        sheet.formula(row + 1, START_COLUMN, f"=IF({number}<=ROWS(percentile_ranks),MATCH(SMALL({last},{of_rank}),{last},FALSE),"
                      f"{number}-ROWS(percentile_ranks))", at + 1)
        found = _Rows(book, sheet, fund, nth, ledger, inputs, row,
                      partial(ledger.draw_cell, nth, place),
                      {item: values[at] for item, values in fund.draws.items()},
                      {item: float(values[at]) for item, values in fund.initial.items()}, above=2)
        blocks.append(found.write())
        row = found.row + 1
    return blocks


def _begun(book: Book, key: str, ledger: LedgerSheet) -> Sheet:
    """A sheet of the calculation with its title and the years."""
    lang = book.lang
    sheet = book.sheet(word(SHEET_NAMES, key, lang), (46, 26, 13, *(13 for _ in ledger.years)), (FIRST_BLOCK - 1, 2),
                       colour="#A9D18E")
    sheet.title(say(CALCULATION, f"{key}_title", lang), say(CALCULATION, "calculation_note", lang) if key == "mean" else "")
    sheet.heading(FIRST_BLOCK - 2, [*(say(CALCULATION, part, lang) for part in ("item", "unit", "start")), *ledger.years])
    return sheet


class _Rows:
    """Writes the block of one fund, row by row from `row` on. `link(item, column)` refers to the ledger; `values` and `initial`
    are what it holds; the first row of the block stands `above` rows under `row`."""

    def __init__(self, book: Book, sheet: Sheet, fund: FundLedger, nth: int, ledger: LedgerSheet, inputs: InputSheet, row: int,
                 link: Callable[[str, str], str], values: dict[str, np.ndarray], initial: dict[str, float],
                 above: int = 1) -> None:
        self.lang, self.sheet, self.fund, self.nth, self.inputs = book.lang, sheet, fund, nth, inputs
        self.link, self.booked, self.initial = link, values, initial
        self.count = len(ledger.years)
        self.block = Block(sheet.name, ledger.last)
        sheet.text(row, 0, fund.name(self.lang), bold=True, font_size=11, bg_color="#DCE6F1")
        for column in range(1, ledger.last + 1):
            sheet.text(row, column, "", bg_color="#DCE6F1")
        self.row = row + above

    def write(self) -> Block:
        """Write all rows."""
        found, values = self.block, self.block.values
        receipts, beside = present(self.fund, REVENUES), present(self.fund, OTHER_RECEIPTS)
        expenses, set_aside = present(self.fund, EXPENSES), present(self.fund, OTHER_PAYMENTS)
        self._part("cash")
        opening = self.row
        self.row += 1
        for item in receipts:
            self._linked(item)
        self._row("revenue", f"=SUM({{c}}{self._number(receipts[0])}:{{c}}{self._number(receipts[-1])})",
                  sum((self.booked[item] for item in receipts), np.zeros(self.count)), "result")
        for item in (*beside, "claims_paid", *expenses, *set_aside):
            self._linked(item)
        plus = "".join(f"+{{c}}{self._number(item)}" for item in ("revenue", *beside))
        minus = "".join(f"-{{c}}{self._number(item)}" for item in ("claims_paid", *expenses, *set_aside))
        change = values["revenue"] + sum((self.booked[item] for item in beside), np.zeros(self.count)) - sum(
            self.booked[item] for item in ("claims_paid", *expenses, *set_aside))
        closing = self.initial["closing"] + np.cumsum(change)
        self._row("closing", f"={{c}}{opening + 1}{plus}{minus}", closing, "result", start="closing")
        after, self.row = self.row, opening
        self._row("opening", f"={{p}}{self._number('closing')}", closing - change)
        self.row = after
        self._part("accrual")
        opening, self.row = self.row, self.row + 1
        self._linked("claims_incurred")
        self._row("paid_again", f"={{c}}{self._number('claims_paid')}", self.booked["claims_paid"], label="claims_paid")
        flow = self.booked["claims_incurred"] - self.booked["claims_paid"]
        payable = self.initial["payable"] + np.cumsum(flow)
        self._row("payable", f"={{c}}{opening + 1}+{{c}}{self._number('claims_incurred')}-{{c}}{self._number('paid_again')}",
                  payable, start="payable")
        after, self.row = self.row, opening
        self._row("payable_opening", f"={{p}}{self._number('payable')}", payable - flow)
        self.row = after
        self._linked("receivable")
        parts = [self._number(item) for item in ("closing", "receivable", "payable")]
        self._row("accrued_closing", "={{c}}{}+{{c}}{}-{{c}}{}".format(*parts), closing + self.booked["receivable"] - payable,
                  "result")
        self._results(expenses)
        self._part("booked")
        for item in BOOKED_RESULTS:
            self._linked(item, f"booked_{item}")
        return found

    def _results(self, expenses: list[str]) -> None:
        values, number = self.block.values, self._number
        self._part("results")
        spent = self.booked["claims_incurred"] + sum((self.booked[item] for item in expenses), np.zeros(self.count))
        added = "+".join(f"{{c}}{number(item)}" for item in ("claims_incurred", *expenses))
        self._row("expenditure", f"={added}", spent, "result")
        top_up = "deficit_top_up" in self.block.rows
        less = f"-{{c}}{number('deficit_top_up')}" if top_up else ""
        base = values["revenue"] - (self.booked["deficit_top_up"] if top_up else 0.0)
        self._row("surplus_base", f"={{c}}{number('revenue')}{less}", base, label="surplus_base")
        self._row("surplus", f"={{c}}{number('surplus_base')}-{{c}}{number('expenditure')}", base - spent, "result")
        rate = np.divide(base - spent, base, out=np.zeros(self.count), where=base != 0)
        of_mean = self.sheet.name == word(SHEET_NAMES, "mean", self.lang)
        self._row("surplus_rate", f"=IF({{c}}{number('surplus_base')},{{c}}{number('surplus')}/{{c}}{number('surplus_base')})",
                  rate, "result", "share", "share", "surplus_rate_of_mean" if of_mean else "surplus_rate")
        limits = self.inputs.limits[self.nth]
        sums = [None if limit is None else limit[0] + limit[1] for limit in limits.values]
        refers = [self.inputs.cell(limits.row + at, "{c}") for at in range(2)]
        self._row("annual_limit", f"=IF(ISNUMBER({refers[0]}),({refers[0]}+{refers[1]})/whole,{refers[0]})",
                  [say(CALCULATION, "no_limit", self.lang) if limit is None else limit / 100 for limit in sums], "link",
                  "share", "share")
        limit_cell = f"{{c}}{number('annual_limit')}"
        self._row("within", f"=IF(ISNUMBER({limit_cell}),{{c}}{number('surplus_rate')}<={limit_cell},TRUE)",
                  [limit is None or one <= limit / 100 for one, limit in zip(rate.tolist(), sums, strict=True)], "calculation",
                  "plain", "flag")
        months = np.divide(values["accrued_closing"], spent / 12, out=np.zeros(self.count), where=spent != 0)
        spent_cell = f"{{c}}{number('expenditure')}"
        self._row("months_held", f"=IF({spent_cell},{{c}}{number('accrued_closing')}/({spent_cell}/months_in_year))", months,
                  "result", "amount", "months")

    def _number(self, item: str) -> int:
        """The number of an item's row in formulas."""
        return self.block.rows[item] + 1

    def _part(self, key: str) -> None:
        self.sheet.text(self.row, 0, say(CALCULATION, key, self.lang), italic=True, bold=True, font_color="#666666")
        self.row += 1

    def _linked(self, item: str, name: str = "") -> None:
        """A row that takes an item from the ledger."""
        self._row(name or item, "=" + self.link(item, "{c}"), self.booked[item], "link", label=item)

    def _row(self, item: str, formula: str, values: np.ndarray | Sequence, kind: str = "calculation", numbers: str = "fen",
             unit: str = "wan", label: str = "", start: str = "") -> None:
        """A row of one formula: {c} stands for the column of the year, {p} for the one before it. `start` names the item of the
        ledger whose first column it begins with."""
        name = label or item
        self.sheet.text(self.row, 0, word(CALCULATION if name in CALCULATION else ITEM_NAMES, name, self.lang),
                        bold=kind == "result")
        self.sheet.text(self.row, 1, say(CALCULATION, unit, self.lang), font_color="#666666")
        if start:
            before = self.link(start, letter(START_COLUMN))
            self.sheet.formula(self.row, START_COLUMN, f"={before}", self.initial[start], "link", "fen")
        for year in range(self.count):
            column = YEARS_FROM + year
            value = values[year]
            self.sheet.formula(self.row, column, formula.replace("{c}", letter(column)).replace("{p}", letter(column - 1)),
                               value if isinstance(value, (bool, str)) else float(value), kind, numbers)
        self.block.rows[item] = self.row
        self.block.values[item] = np.asarray(values)
        self.row += 1
