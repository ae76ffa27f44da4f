"""The workbook of a run: question and answer, inputs, the balance of each fund as formulas, charts, checks, by the FAST rules."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from simulator.report.answer import FirstPage
from simulator.report.write import add_files
from simulator.results import Run
from simulator.workbook.calculation import write_draw, write_mean
from simulator.workbook.control import write_control
from simulator.workbook.cover import begin_cover, write_cover
from simulator.workbook.inputs import write_copy, write_figures, write_inputs, write_values
from simulator.workbook.ledger import ledgers
from simulator.workbook.ledger_sheet import write_ledgers
from simulator.workbook.presentation import write_presentation
from simulator.workbook.sheets import Book

LONG_AGO = datetime(2000, 1, 1)


def workbook_name(run: Run, lang: str) -> str:
    """The name of a run's workbook: `report.xlsx` in the run's own language, else with `lang`."""
    return "report.xlsx" if run.manifest.get("language", lang) == lang else f"report.{lang}.xlsx"


def add_workbook(run: Run, lang: str, extra: dict) -> Path:
    """Add the workbook in a language to a run folder that has none, and register it; one that is there stays as it is. `extra` is
    as in write.finish_run. Returns its path. InputError for a run of a version that kept no ledgers."""
    name = workbook_name(run, lang)
    if name not in run.manifest["files"]:
        data = workbook(run, lang, extra)
        add_files(run, lang, lambda aside: (aside / name).write_bytes(data))
    return run.folder / name


def workbook(run: Run, lang: str, extra: dict) -> bytes:
    """The workbook of a run as a file, in en or zh. The same run gives the same bytes."""
    page = FirstPage(run, lang, extra)
    selection = page.selection
    funds = ledgers(selection)
    book = Book(page.title(), lang, _created(selection.run_id))
    cover = begin_cover(book)
    inputs = write_inputs(book, selection, funds)
    values = write_values(book, selection)
    ledger = write_ledgers(book, funds, selection.years, run.manifest["draws"])
    figures = write_figures(book, selection, funds)
    blocks = write_mean(book, funds, ledger, inputs), write_draw(book, funds, ledger, inputs)
    write_presentation(book, selection, funds, figures, blocks)
    copies = {"inputs": inputs.sheet, "values": values, "figures": figures.sheet}
    write_control(book, funds, ledger, figures, blocks,
                  {key: write_copy(book, f"stored_{key}", sheet) for key, sheet in copies.items()}, run.manifest["draws"])
    write_cover(cover, page)
    cover.page.activate()
    return book.bytes()


def _created(run_id: str) -> datetime:
    """When a run was made, by its name."""
    try:
        return datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        return LONG_AGO
