"""The sheet of tables and charts: what the calculation and the run's figures show, scheme by scheme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.report.prose import say
from simulator.report.select import Selection
from simulator.report.style import SIDES
from simulator.words import group_name, scheme_name, unit_name, word
from simulator.workbook.book_words import CALCULATION, SHEET_NAMES, SHOWN_WORDS
from simulator.workbook.calculation import Block
from simulator.workbook.inputs import BURDEN_GROUPS, BURDEN_MEASURE, PERCENTILES, FigureSheet
from simulator.workbook.ledger import FundLedger
from simulator.workbook.ledger_sheet import YEARS_FROM
from simulator.workbook.sheets import Book, Sheet, letter, quoted

MOST_DRAWN = 24                # funds
CHART_ROWS, CHART_WIDTH, CHART_HEIGHT = 17, 620, 320
SECOND_CHART, CHARTS_A_PAGE = 6, 4       # column of the right one of two charts
FAN = ((5, "dash", 1.0), (25, "solid", 1.25), (50, "solid", 2.75), (75, "solid", 1.25), (95, "dash", 1.0))
CHOSEN_INK, LIMIT_DASH = "#C00000", "square_dot"


def write_presentation(book: Book, selection: Selection, funds: Sequence[FundLedger], figures: FigureSheet,
                       blocks: tuple[list[Block], list[Block]]) -> Sheet:
    """Write the sheet; `blocks` are those of the mean and of the draw that is chosen."""
    lang, years = book.lang, selection.years
    sheet = book.sheet(word(SHEET_NAMES, "presentation", lang), (44, 14, 4, *(11 for _ in range(max(len(years), 10)))), (3, 2),
                       colour="#8EA9DB")
    note = say(SHOWN_WORDS, "note", lang)
    if len(funds) > MOST_DRAWN:
        note += " " * (lang == "en") + say(SHOWN_WORDS, "some", lang, shown=MOST_DRAWN, all=len(funds))
    sheet.title(say(SHOWN_WORDS, "title", lang), note)
    sheet.heading(2, ["", say(CALCULATION, "unit", lang), "", *years])
    shown, row = funds[:MOST_DRAWN], 4
    breaks = []
    for scheme in dict.fromkeys(fund.scheme for fund in shown):
        numbers = [nth for nth, fund in enumerate(shown) if fund.scheme == scheme]
        if row > 4:
            breaks.append(row)
        sheet.text(row, 0, scheme_name(scheme, lang), bold=True, font_size=13)
        row += 1
        tables: dict[int, int] = {}
        for nth in numbers:
            tables[nth] = row
            row = _table(sheet, book, funds[nth], nth, row, figures, blocks, len(years)) + 1
        burden, row = row, _burden(sheet, selection, funds, numbers, row, figures, lang) + 1
        charts = [_rates(book, scheme, selection, funds, numbers, sheet, tables, years),
                  _burden_chart(book, scheme, funds, numbers, sheet, burden, years[-1]),
                  *(_fan(book, funds[nth], sheet, tables[nth], years) for nth in numbers)]
        for at, chart in enumerate(charts):
            if at % CHARTS_A_PAGE == 0:
                breaks.append(row)
            sheet.page.insert_chart(row, SECOND_CHART * (at % 2), chart)
            row += CHART_ROWS * (at % 2 == 1 or at == len(charts) - 1)
        row += 1
    sheet.page.set_h_pagebreaks(breaks)
    return sheet


def _table(sheet: Sheet, book: Book, fund: FundLedger, nth: int, row: int, figures: FigureSheet,
           blocks: tuple[list[Block], list[Block]], years: int) -> int:
    """A fund's table: percentiles of its balance, the draw chosen, surplus rates, limit, months. Returns the row after it."""
    lang, (means, draws) = book.lang, blocks
    mean, draw = means[nth], draws[nth]
    sheet.text(row, 0, fund.name(lang), bold=True, bg_color="#DCE6F1")
    hundred = unit_name("1e8 CNY", lang)
    lines: list[tuple[str, str, str, Sequence[Any] | np.ndarray, str]] = [
        (say(SHOWN_WORDS, "balance", lang, percent=percent), hundred,
         figures.cell(nth, "balance", "{c}", statistic=f"p{percent:02}"),
         _stored(figures, nth, "balance", f"p{percent:02}", years), "amount") for percent in PERCENTILES]
    lines += [
        (say(SHOWN_WORDS, "balance_draw", lang), hundred, draw.cell("accrued_closing", "{c}") + "/fen_in_100m",
         draw.values["accrued_closing"] / 1e10, "amount"),
        (say(SHOWN_WORDS, "balance_mean", lang), hundred, mean.cell("accrued_closing", "{c}") + "/fen_in_100m",
         mean.values["accrued_closing"] / 1e10, "amount"),
        (say(SHOWN_WORDS, "rate", lang), "%", mean.cell("surplus_rate", "{c}"), mean.values["surplus_rate"], "share"),
        (say(SHOWN_WORDS, "rate_draw", lang), "%", draw.cell("surplus_rate", "{c}"), draw.values["surplus_rate"], "share"),
        (say(SHOWN_WORDS, "limit", lang), "%", mean.cell("annual_limit", "{c}"), mean.values["annual_limit"].tolist(), "share"),
        (say(SHOWN_WORDS, "months", lang), unit_name("month", lang), mean.cell("months_held", "{c}"),
         mean.values["months_held"], "amount"),
        (say(SHOWN_WORDS, "exhausted", lang), "%", figures.cell(nth, "exhausted", "{c}"),
         _stored(figures, nth, "exhausted", "mean", years), "share")]
    for label, unit, formula, values, numbers in lines:
        row += 1
        sheet.text(row, 0, label)
        sheet.text(row, 1, unit, font_color="#666666")
        for at, value in enumerate(values):
            number = as_stored(value)
            sheet.formula(row, YEARS_FROM + at, "=" + formula.replace("{c}", letter(YEARS_FROM + at)), number, "link", numbers,
                          **({"align": "right"} if isinstance(number, str) else {}))
    return row + 1


def as_stored(value: Any) -> float | str:
    """A value beside its formula: numbers that NumPy has turned into text with the word for no limit are numbers again."""
    try:
        return float(value)
    except ValueError:
        return str(value)


def _stored(figures: FigureSheet, nth: int, measure: str, statistic: str, years: int, group: str = "") -> list[float]:
    """The values of a figure, 0 where there is none, as an empty cell counts."""
    row = figures.rows[nth, measure, group, statistic]
    return [float(figures.sheet.cells.get((row, column), 0.0)) for column in range(YEARS_FROM, YEARS_FROM + years)]


def _burden(sheet: Sheet, selection: Selection, funds: Sequence[FundLedger], numbers: Sequence[int], row: int,
            figures: FigureSheet, lang: str) -> int:
    """The table of the burden by income quintile in the last year, under its headings. Returns the row after it."""
    last = letter(figures.last)
    sheet.text(row, 0, say(SHOWN_WORDS, "burden_title", lang, year=selection.years[-1]), bold=True)
    for at, group in enumerate(BURDEN_GROUPS):
        sheet.text(row + 1, YEARS_FROM + at, group_name(group, lang), bold=True, align="right", text_wrap=True)
    for line, nth in enumerate(numbers, row + 2):
        sheet.text(line, 0, funds[nth].name(lang))
        sheet.text(line, 1, "%", font_color="#666666")
        for at, group in enumerate(BURDEN_GROUPS):
            value = _stored(figures, nth, BURDEN_MEASURE, "mean", len(selection.years), group)[-1]
            sheet.formula(line, YEARS_FROM + at, "=" + figures.cell(nth, BURDEN_MEASURE, last, group), value, "link", "amount")
    return row + 2 + len(numbers)


def _fan(book: Book, fund: FundLedger, sheet: Sheet, table: int, years: range) -> Any:
    """A fund's balance: percentiles of all draws, and the draw chosen."""
    chart = book.book.add_chart({"type": "line"})
    for at, (percent, dash, width) in enumerate(FAN, table + 1):
        _series(chart, sheet, at, years, say(SHOWN_WORDS, "percent", book.lang, percent=percent), SIDES[0], dash, width)
    _series(chart, sheet, table + 1 + len(FAN), years, say(SHOWN_WORDS, "chosen", book.lang), CHOSEN_INK, "solid", 1.5)
    title = say(SHOWN_WORDS, "fan", book.lang, fund=fund.name(book.lang))
    _finish(chart, book, title, say(SHOWN_WORDS, "axis", book.lang), "#,##0")
    return chart


def _rates(book: Book, scheme: str, selection: Selection, funds: Sequence[FundLedger], numbers: Sequence[int], sheet: Sheet,
           tables: dict[int, int], years: range) -> Any:
    """Surplus rates of a scheme's funds, and the limits of those that have one in every year."""
    chart, lang = book.book.add_chart({"type": "line"}), book.lang
    first = len(PERCENTILES) + 3
    for at, nth in enumerate(numbers):
        ink, side = SIDES[at % len(SIDES)], selection.side_name(funds[nth].side, lang)
        _series(chart, sheet, tables[nth] + first, years, side, ink, "solid", 2.0)
        if all(selection.limits(funds[nth].side, scheme, year).annual is not None for year in years):
            limit = say(SHOWN_WORDS, "limit_of", lang, side=side)
            _series(chart, sheet, tables[nth] + first + 2, years, limit, ink, LIMIT_DASH, 1.25)
    _finish(chart, book, say(SHOWN_WORDS, "rates", lang, scheme=scheme_name(scheme, lang)), "", "0%")
    return chart


def _burden_chart(book: Book, scheme: str, funds: Sequence[FundLedger], numbers: Sequence[int], sheet: Sheet, table: int,
                  year: int) -> Any:
    """The burden by income quintile of a scheme's funds in the last year."""
    chart, name, last = book.book.add_chart({"type": "column"}), quoted(sheet.name), YEARS_FROM + len(BURDEN_GROUPS) - 1
    for at in range(len(numbers)):
        line = table + 2 + at
        chart.add_series({"name": f"={name}!$A${line + 1}", "categories": [sheet.name, table + 1, YEARS_FROM, table + 1, last],
                          "values": [sheet.name, line, YEARS_FROM, line, last], "fill": {"color": SIDES[at % len(SIDES)]},
                          "gap": 80})
    _finish(chart, book, say(SHOWN_WORDS, "burden", book.lang, scheme=scheme_name(scheme, book.lang), year=year), "%", "0.0")
    return chart


def _series(chart: Any, sheet: Sheet, row: int, years: range, name: str, ink: str, dash: str, width: float) -> None:
    last = YEARS_FROM + len(years) - 1
    chart.add_series({"name": name, "categories": [sheet.name, 2, YEARS_FROM, 2, last],
                      "values": [sheet.name, row, YEARS_FROM, row, last],
                      "line": {"color": ink, "dash_type": dash, "width": width}, "marker": {"type": "none"}})


def _finish(chart: Any, book: Book, title: str, axis: str, numbers: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
    chart.set_y_axis({"name": axis, "num_format": numbers, "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
                      "name_font": {"size": 9, "bold": False}})
    chart.set_x_axis({"label_position": "low"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
