"""The sheet of checks: each TRUE while the workbook is as it was written, FALSE once an input that it reads is altered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.report.prose import say
from simulator.words import word
from simulator.workbook.book_words import CALCULATION, CONTROL, ITEM_NAMES, SHEET_NAMES
from simulator.workbook.calculation import Block
from simulator.workbook.inputs import PERCENTILES, FigureSheet
from simulator.workbook.ledger import (
    EXPENSES,
    OTHER_PAYMENTS,
    OTHER_RECEIPTS,
    REVENUES,
    FundLedger,
    present,
)
from simulator.workbook.ledger_sheet import START_COLUMN, YEARS_FROM, LedgerSheet
from simulator.workbook.sheets import Book, Sheet, area, letter, quoted

Formula = Callable[[int], str | None]          # of a fund, by its number; None where it does not apply
FUND_COLUMN = 3
HELD_TO_RUN = {"mean_revenue": ("revenue", "revenue"), "mean_expenditure": ("expenditure", "expenditure"),
               "mean_surplus": ("surplus", "surplus"), "mean_bank": ("closing", "bank_balance"),
               "mean_accrued": ("accrued_closing", "balance")}


def write_control(book: Book, funds: Sequence[FundLedger], ledger: LedgerSheet, figures: FigureSheet,
                  blocks: tuple[list[Block], list[Block]], copies: dict[str, str], of_run: int) -> tuple[Sheet, list[str]]:
    """Write the sheet; `blocks` are those of the mean and of the draw, `copies` the formulas that compare inputs with their
    copies. Returns the sheet and the keys of the checks in their order."""
    lang, whole = book.lang, of_run == len(funds[0].draws["closing"])
    wide = max(len(funds), 2 * len(ledger.years) + 2)
    sheet = book.sheet(word(SHEET_NAMES, "control", lang), (6, 58, 12, *(20 for _ in range(wide))), (5, 3), colour="#F4B183")
    sheet.title(say(CONTROL, "title", lang), say(CONTROL, "note", lang))
    checks = _of_funds(funds, ledger, figures, *blocks)
    below = 5 + len(checks) + 3 + len(copies) + 2       # under three checks more
    totals, agree, mean_agrees, below = _totals(sheet, book, funds, ledger, below, whole)
    checks["totals"] = lambda nth: f"AND({area(sheet.name, totals[nth], (agree, agree))})"
    if whole:
        checks["means"] = lambda nth: f"AND({area(sheet.name, totals[nth], (mean_agrees, mean_agrees))})"
        rows = _percentiles(sheet, book, funds, ledger, below + 2)
        checks["percentiles"] = lambda nth: _near_percentiles(sheet, figures, nth, rows[nth])
    row = 4
    sheet.heading(row, [say(CONTROL, "number", lang), say(CONTROL, "check", lang), say(CONTROL, "every", lang),
                        *(fund.name(lang) for fund in funds)])
    first, last = FUND_COLUMN, FUND_COLUMN + len(funds) - 1
    for number, (key, formula) in enumerate(checks.items(), 1):
        row += 1
        sheet.text(row, 0, str(number))
        sheet.text(row, 1, say(CONTROL, key, lang))
        sheet.formula(row, 2, f"=AND({letter(first)}{row + 1}:{letter(last)}{row + 1})", True, "result")
        for nth in range(len(funds)):
            found = formula(nth)
            if found is None:
                sheet.text(row, FUND_COLUMN + nth, say(CONTROL, "none", lang), align="right")
            else:
                sheet.formula(row, FUND_COLUMN + nth, f"={found}", True)
    for number, (key, compared) in enumerate(copies.items(), len(checks) + 1):
        row += 1
        sheet.text(row, 0, str(number))
        sheet.text(row, 1, say(CONTROL, key, lang))
        sheet.formula(row, 2, compared, True, "result")
    sheet.text(2, 1, say(CONTROL, "all", lang), bold=True, font_size=11)
    sheet.formula(2, 2, f"=AND(C6:C{row + 1})", True, "result")
    book.book.define_name("all_checks", f"={quoted(sheet.name)}!$C$3")
    for verdict, ink, fill in (("C3", "#006100", "#C6EFCE"), ("NOT(C3)", "#9C0006", "#FFC7CE")):
        style = book.format(font_color=ink, bg_color=fill, bold=True)
        sheet.page.conditional_format(2, 2, row, last, {                # a cell without a verdict equals FALSE, and has no colour
            "type": "formula", "criteria": f"=AND(ISLOGICAL(C3),{verdict})", "format": style})
    sheet.page.print_area(0, 0, row, last)
    return sheet, [*checks, *copies]


def _of_funds(funds: Sequence[FundLedger], ledger: LedgerSheet, figures: FigureSheet, means: list[Block],
              draws: list[Block]) -> dict[str, Formula]:
    """The checks that each fund has, by key."""
    def held(item: str, measure: str) -> Formula:
        return lambda nth: _all_small(f"{means[nth].area(item)}-{figures.area(nth, measure)}*fen_in_100m")

    def booked(blocks: list[Block], item: str) -> Formula:
        return lambda nth: _all_small(f"{blocks[nth].area(item)}-{blocks[nth].area(f'booked_{item}')}")

    def cash(nth: int) -> str:
        plus = "+".join(ledger.of_draws(nth, item) for item in ("opening", *present(funds[nth], (*REVENUES, *OTHER_RECEIPTS))))
        minus = "".join(f"-{ledger.of_draws(nth, item)}" for item in present(funds[nth], (
            "claims_paid", *EXPENSES, *OTHER_PAYMENTS, "closing")))
        return _none(f"{plus}{minus}")

    def before(nth: int, item: str) -> str:
        return ledger.of_draws(nth, item, (START_COLUMN, ledger.last - 1))

    def payable(nth: int) -> str:
        return _none(f"{before(nth, 'payable')}+{ledger.of_draws(nth, 'claims_incurred')}-{ledger.of_draws(nth, 'claims_paid')}-"
                     f"{ledger.of_draws(nth, 'payable')}")

    def payers(nth: int) -> str:
        groups = [group for fund, measure, group, _ in figures.rows if fund == nth and measure == "payer_share"]
        return _all_small("+".join(figures.area(nth, "payer_share", group) for group in groups) + "-whole", "small")

    def units(nth: int) -> str | None:
        if nth not in figures.units:
            return None
        columns = [letter(column) for column in range(YEARS_FROM, figures.last + 1)]
        first, last = (row + 1 for row in figures.units[nth])
        name = quoted(figures.sheet.name)
        return "AND(" + ",".join(
            f"ABS((SUM({name}!{column}{first}:{column}{last})-{figures.cell(nth, 'top_up_needed', column)})*fen_in_100m)<half_fen"
            for column in columns) + ")"

    checks: dict[str, Formula] = {key: held(*of) for key, of in HELD_TO_RUN.items()}
    checks |= {"mean_opening": booked(means, "opening"), "draw_bank": booked(draws, "closing"),
               "draw_accrued": booked(draws, "accrued_closing"), "draw_opening": booked(draws, "opening"), "all_cash": cash,
               "all_opening": lambda nth: _none(f"{ledger.of_draws(nth, 'opening')}-{before(nth, 'closing')}"),
               "all_payable": payable,
               "all_accrued": lambda nth: _none(
                   f"{ledger.of_draws(nth, 'closing')}+{ledger.of_draws(nth, 'receivable')}-{ledger.of_draws(nth, 'payable')}-"
                   f"{ledger.of_draws(nth, 'accrued_closing')}"),
               "payers": payers, "units": units}
    return checks


def _totals(sheet: Sheet, book: Book, funds: Sequence[FundLedger], ledger: LedgerSheet, row: int,
            whole: bool) -> tuple[list[tuple[int, int]], int, int, int]:
    """Sums over the draws of each item: as written, and as formulas. Returns each fund's rows, the columns of the two verdicts,
    and the last row."""
    lang, years = book.lang, len(ledger.years)
    now, agree = FUND_COLUMN + years, FUND_COLUMN + 2 * years
    sheet.text(row, 1, say(CONTROL, "totals_title", lang), bold=True)
    sheet.heading(row + 1, ["", say(CALCULATION, "fund_item", lang), "",
                            *(say(CONTROL, key, lang) + str(year) for key in ("stored", "now") for year in ledger.years),
                            *(say(CONTROL, key, lang) for key in ("agree", "mean_agrees")[:1 + whole])])
    row += 1
    found = []
    for nth, fund in enumerate(funds):
        first = row + 1
        for item in fund.items:
            row += 1
            sheet.text(row, 1, f"{fund.name(lang)}: {word(ITEM_NAMES, item, lang)}")
            sums = fund.draws[item].sum(axis=0)
            for at, total in enumerate(sums.tolist()):
                sheet.input(row, FUND_COLUMN + at, total, "fen")
                draws = ledger.draw_cells(nth, item, letter(YEARS_FROM + at))
                sheet.formula(row, now + at, f"=SUM({draws})", total, numbers="fen")
            stored, live = (area(sheet.name, (row, row), (start, start + years - 1)) for start in (FUND_COLUMN, now))
            sheet.formula(row, agree, f"={_none(f'{stored}-{live}')}", True)
            if whole:
                rows_of = f"ROWS({ledger.of_draws(nth, item, (YEARS_FROM, YEARS_FROM))})"
                sheet.formula(row, agree + 1, "=" + _all_small(f"{live}/{rows_of}-{ledger.of_mean(nth, item)}"), True)
        found.append((first, row))
    return found, agree, agree + 1, row


def _percentiles(sheet: Sheet, book: Book, funds: Sequence[FundLedger], ledger: LedgerSheet, row: int) -> list[int]:
    """The percentiles of each fund's balance as formulas on its draws; returns each fund's first row."""
    lang, found = book.lang, []
    sheet.text(row, 1, say(CONTROL, "percentile_title", lang), bold=True)
    sheet.heading(row + 1, ["", say(CALCULATION, "fund", lang), say(CALCULATION, "statistic", lang), *ledger.years])
    row += 2
    for nth, fund in enumerate(funds):
        found.append(row)
        for percent in PERCENTILES:
            sheet.text(row, 1, fund.name(lang))
            sheet.text(row, 2, f"P{percent}")
            share = f"INDEX(percentile_shares,ROWS($C${found[nth] + 1}:$C${row + 1}))"
            values = np.quantile(fund.draws["accrued_closing"], percent / 100, axis=0).tolist()
            for column, value in enumerate(values, YEARS_FROM):
                sheet.formula(row, column, f"=PERCENTILE({ledger.draw_cells(nth, 'accrued_closing', letter(column))},{share})",
                              value, numbers="fen")
            row += 1
    return found


def _near_percentiles(sheet: Sheet, figures: FigureSheet, nth: int, row: int) -> str:
    """Whether a fund's percentiles are those of the run."""
    pairs = (_all_small(f"{area(sheet.name, (row + at, row + at), (YEARS_FROM, figures.last))}-"
                        f"{figures.area(nth, 'balance', statistic=f'p{percent:02}')}*fen_in_100m")
             for at, percent in enumerate(PERCENTILES))
    return f"AND({','.join(pairs)})"


def _none(difference: str) -> str:
    """Whether a difference of whole amounts is zero everywhere."""
    return f"NOT(SUMPRODUCT(ABS({difference})))"


def _all_small(difference: str, tolerance: str = "half_fen") -> str:
    """Whether a difference is below the tolerance everywhere."""
    return f"NOT(SUMPRODUCT(--(ABS({difference})>={tolerance})))"
