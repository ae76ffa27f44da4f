"""The first sheet: question, answer in sentences, what it rests on, the run, the sheets, and a certification to be signed."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.report.answer import FirstPage
from simulator.report.format import number
from simulator.report.prose import say
from simulator.report.style import columns_of
from simulator.words import word
from simulator.workbook.book_words import COVER_WORDS, SHEET_NAMES, SHEET_PURPOSES
from simulator.workbook.sheets import CELL_KINDS, Book, Sheet

LABEL_WIDTH, TEXT_WIDTH = 24, 78      # characters of the two columns
LINE_HEIGHT, LINE_COLUMNS = 12.5, 90     # points, and half ems in a line of the text
SIGNED = ("purpose", "reliance", "exceptions", "name", "position", "qualification", "date", "signature")
TALL = {"purpose": 2, "reliance": 2, "exceptions": 2, "signature": 3}


def begin_cover(book: Book) -> Sheet:
    """The sheet, so that it stands first; its checks are known last."""
    return book.sheet(word(SHEET_NAMES, "cover", book.lang), (LABEL_WIDTH, TEXT_WIDTH), portrait=True, colour="#4472C4")


def write_cover(sheet: Sheet, page: FirstPage) -> None:
    """Write the sheet from the report's first page."""
    book, lang, manifest = sheet.book, sheet.book.lang, page.selection.run.manifest
    sheet.page.merge_range(0, 0, 0, 1, "", book.format(bold=True, font_size=16, text_wrap=True))
    sheet.text(0, 0, page.title(), bold=True, font_size=16, text_wrap=True)
    sheet.page.set_row(0, 22 * -(-columns_of(page.title()) // 60))
    row = _texts(sheet, 2, "asked", [page.asked()])
    row = _texts(sheet, row, "answer", page.sentences())
    row = _texts(sheet, row, "rests", page.rests())
    people = manifest["people"]
    facts = {"run": page.selection.run_id, "version": f"fundsim {manifest['versions'].get('fundsim', '')}",
             "digest": manifest["result_digest"], "parameters": manifest.get("parameter_digest", ""),
             "seed": str(manifest.get("seed", "")),
             "draws": number(manifest["draws"]), "people": people if people == "all" else number(people)}
    row = _pairs(sheet, row + 1, [(say(COVER_WORDS, key, lang), text) for key, text in facts.items()])
    sheet.text(row, 0, say(COVER_WORDS, "checks", lang), bold=True)
    sheet.formula(row, 1, "=all_checks", True, "result", align="left")
    sheet.text(row + 2, 0, say(COVER_WORDS, "sheets", lang), bold=True, bottom=1)
    sheet.text(row + 2, 1, "", bottom=1)
    row += 3
    for key, purpose in SHEET_PURPOSES.items():
        name = word(SHEET_NAMES, key, lang)
        sheet.page.write_url(row, 0, f"internal:'{name}'!A1", book.format(font_color="#1F3FBF", underline=1), name)
        sheet.text(row, 1, purpose[lang == "zh"])
        row += 1
    sheet.text(row + 1, 0, say(COVER_WORDS, "colours", lang), bold=True)
    for at, kind in enumerate(CELL_KINDS, row + 1):
        sheet.text(at, 1, say(COVER_WORDS, kind, lang), **CELL_KINDS[kind])
    _certification(sheet, row + 2 + len(CELL_KINDS), lang)


def _texts(sheet: Sheet, row: int, key: str, texts: Sequence[str]) -> int:
    """A part of the cover: its name, and a paragraph a row. Returns the row after it."""
    sheet.text(row, 0, say(COVER_WORDS, key, sheet.book.lang), bold=True)
    for text in texts:
        _paragraph(sheet, row, text)
        row += 1
    return row


def _paragraph(sheet: Sheet, row: int, text: str) -> None:
    """A row of running text as high as its lines."""
    sheet.text(row, 1, text, text_wrap=True)
    lines = sum(-(-max(columns_of(line), 1) // LINE_COLUMNS) for line in text.splitlines() or [""])
    sheet.page.set_row(row, LINE_HEIGHT * lines + 3)


def _pairs(sheet: Sheet, row: int, pairs: Sequence[tuple[str, str]]) -> int:
    for label, text in pairs:
        sheet.text(row, 0, label, bold=True)
        sheet.text(row, 1, text)
        row += 1
    return row


def _certification(sheet: Sheet, row: int, lang: str) -> None:
    """The statement that somebody with a name may sign, on a page of its own."""
    sheet.page.set_h_pagebreaks([row])
    sheet.text(row, 0, say(COVER_WORDS, "certification", lang), bold=True, font_size=13)
    sheet.text(row + 1, 0, say(COVER_WORDS, "unsigned", lang), italic=True, font_color="#666666")
    _paragraph(sheet, row + 2, say(COVER_WORDS, "statement", lang))
    for at, key in enumerate(SIGNED, row + 3):
        sheet.text(at, 0, say(COVER_WORDS, key, lang), bold=True, border=1)
        sheet.text(at, 1, "", border=1, bg_color="#FFF9DB", text_wrap=True)
        sheet.page.set_row(at, LINE_HEIGHT * TALL.get(key, 1) + 6)
