"""The sheets of a workbook: cells as text, number or formula, in a few styles, on A4.

Text is always written as text, so that no name or source becomes a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from simulator.parameters.errors import shown

LONGEST_CELL = 32_000          # characters; a cell takes 32,767
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
INPUT_INK, INPUT_FILL, LINK_INK, HEAD_FILL, RESULT_FILL = "#1F3FBF", "#FFF9DB", "#00664B", "#DCE6F1", "#F2F2F2"
NUMBER_FORMATS = {"fen": "#,##0.00,,;[Red]-#,##0.00,,", "amount": "#,##0.00;[Red]-#,##0.00", "share": "0.00%;[Red]-0.00%",
                  "plain": "General", "year": "0", "text": "@", "flag": '"TRUE";"TRUE";"FALSE"'}
CELL_KINDS: Mapping[str, Mapping[str, Any]] = {         # what a cell is: the colours of the FAST standard
    "input": {"font_color": INPUT_INK, "bg_color": INPUT_FILL}, "link": {"font_color": LINK_INK}, "calculation": {},
    "result": {"bold": True, "top": 1, "bg_color": RESULT_FILL}}
FONTS_OF_CELLS = {"en": "Arial", "zh": "Microsoft YaHei"}


class Book:
    """A workbook in memory. `created` dates it, so that the same run gives the same bytes."""

    def __init__(self, title: str, lang: str, created: datetime) -> None:
        self.lang, self._file = lang, BytesIO()
        self.book = Workbook(self._file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                          "strings_to_numbers": False})
        self.book.set_properties({"title": shown(title)[:250], "comments": "fundsim", "created": created})
        self.book.set_calc_mode("auto")
        self._formats: dict[tuple, Any] = {}

    def format(self, **properties: Any) -> Any:
        """A format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            style = {"font_name": FONTS_OF_CELLS[self.lang], "font_size": 9, "valign": "top", **properties}
            self._formats[key] = self.book.add_format(style)
        return self._formats[key]

    def cell(self, kind: str, numbers: str) -> Any:
        """The format of a cell of a kind (CELL_KINDS) with numbers of a form (NUMBER_FORMATS)."""
        return self.format(num_format=NUMBER_FORMATS[numbers], **CELL_KINDS[kind])

    def sheet(self, name: str, widths: Sequence[float], frozen: tuple[int, int] = (0, 0), portrait: bool = False,
              colour: str = "") -> Sheet:
        """A new sheet: the widths of its columns in characters, and how many rows and columns stay in sight."""
        page = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            page.set_column(column, column, width, self.format())
        if any(frozen):
            page.freeze_panes(*frozen)
        page.set_paper(9)
        if not portrait:
            page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(0.5, 0.5, 0.6, 0.6)
        page.set_footer("&L&8&A&R&8&P / &N")
        page.hide_gridlines(2)
        if frozen[0]:
            page.repeat_rows(0, frozen[0] - 1)
        if colour:
            page.set_tab_color(colour)
        return Sheet(self, page, name)

    def bytes(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self._file.getvalue()


class Sheet:
    """One sheet. `cells` holds what stands in it as text or number, by place."""

    def __init__(self, book: Book, page: Any, name: str) -> None:
        self.book, self.page, self.name = book, page, name
        self.cells: dict[tuple[int, int], str | float] = {}

    def text(self, row: int, column: int, text: str, **properties: Any) -> None:
        """A cell of text."""
        self.cells[row, column] = cell_text(text)
        self.page.write_string(row, column, cell_text(text), self.book.format(**properties))

    def input(self, row: int, column: int, value: str | float, numbers: str = "plain", **properties: Any) -> None:
        """A cell that a reader may change; NaN leaves it empty."""
        style = self.book.format(num_format=NUMBER_FORMATS[numbers], **CELL_KINDS["input"], **properties)
        if isinstance(value, str):
            value = cell_text(value)
            self.page.write_string(row, column, value, style)
        elif math.isfinite(value):
            self.page.write_number(row, column, value, style)
        else:
            return
        self.cells[row, column] = value

    def formula(self, row: int, column: int, formula: str, value: float | bool | str, kind: str = "calculation",
                numbers: str = "plain", **properties: Any) -> None:
        """A formula with the value that it has."""
        form = "flag" if isinstance(value, bool) else numbers
        style = self.book.format(num_format=NUMBER_FORMATS[form], **CELL_KINDS[kind], **properties)
        self.page.write_formula(row, column, formula, style, value if isinstance(value, (bool, str)) else float(value))

    def heading(self, row: int, texts: Sequence[str | int], column: int = 0) -> None:
        """A row of headings; numbers are years."""
        for at, text in enumerate(texts, column):
            style = self.book.format(bold=True, bg_color=HEAD_FILL, bottom=1, text_wrap=isinstance(text, str),
                                     num_format=NUMBER_FORMATS["year"], align="left" if isinstance(text, str) else "right")
            self.cells[row, at] = text
            if isinstance(text, str):
                self.page.write_string(row, at, text, style)
            else:
                self.page.write_number(row, at, text, style)

    def title(self, text: str, note: str = "") -> None:
        """The title in the first row, and a note in the second."""
        self.text(0, 0, text, bold=True, font_size=14)
        if note:
            self.text(1, 0, note, italic=True, font_color="#666666")


def cell_text(text: str) -> str:
    """Text as a cell can hold it: whole characters, and no more of them than a cell takes."""
    return LONE_SURROGATE.sub("\ufffd", text)[:LONGEST_CELL]


def area(sheet: str, rows: tuple[int, int], columns: tuple[int, int]) -> str:
    """The reference to an area, first and last row and column counted from 0, that stays when it is copied."""
    one, other = (xl_rowcol_to_cell(row, column, True, True) for row, column in zip(rows, columns, strict=True))
    return f"{quoted(sheet)}!{one}:{other}"


def quoted(sheet: str) -> str:
    """The name of a sheet in a formula."""
    return "'" + sheet.replace("'", "''") + "'"


def letter(column: int) -> str:
    """The letters of a column that counts from 0."""
    return xl_col_to_name(column)
