"""The analysis of a run's funds as a PDF on A4: `report.pdf`, in English or Chinese, from the report's own sentences and figures.

It is typeset by Typst with the fonts of the package, so text can be selected and is the same everywhere; no date is written into
it, so that the same run gives the same bytes.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.parameters.errors import InputError
from simulator.report.analysis import analyses
from simulator.report.analysis_words import ANALYSIS
from simulator.report.answer import FirstPage
from simulator.report.html import facts
from simulator.report.plots import draw, figures
from simulator.report.prose import PAGE, say
from simulator.report.style import FONTS
from simulator.report.write import add_files, names
from simulator.results import Run

PAGE_LAYOUT = Path(__file__).with_name("analysis.typ")
FUND_WIDTHS = (6, 9, 9, 11, 9, 10, 12, 9, 12, 14)        # of the columns of a fund's table


def pdf_name(run: Run, lang: str) -> str:
    """The file's name: `report.pdf` in the run's own language, else with `lang`."""
    return Path(names(run, lang)[0]).with_suffix(".pdf").name


def add_pdf(run: Run, lang: str, extra: Callable[[], dict]) -> Path:
    """Add the analysis in a language to a run folder that has none, and register it; one that is there stays as it is. `extra`
    gives what write.finish_run takes. Returns its path. InputError where Typst is not installed."""
    name = pdf_name(run, lang)
    if name not in run.manifest["files"]:
        made = pdf(run, lang, extra())
        add_files(run, lang, lambda aside: (aside / name).write_bytes(made))
    return run.folder / name


def pdf(run: Run, lang: str, extra: dict) -> bytes:
    """The analysis of a run as a PDF, in en or zh. InputError where Typst is not installed."""
    try:
        import typst
    except ImportError as error:
        raise InputError("Typst is not installed, which the PDF needs", expected="pip install 'fundsim[pdf]'",
                         next_step="the report in HTML prints from a browser on at most 15 pages") from error
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        page = FirstPage(run, lang, extra)
        captions = {name: caption for name, _, caption in figures(page.selection, lang)}
        document = told(page, captions)
        (place / "data.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        shown = {one["figure"]["name"] for one in (document, *document["funds"]) if one["figure"]}
        draw(page.selection, place, lang, "svg", [n for n, name in enumerate(captions) if name in shown])
        shutil.copy(PAGE_LAYOUT, place)
        return typst.compile(str(place / PAGE_LAYOUT.name), root=str(place), font_paths=[str(FONTS)], ignore_system_fonts=True)


def told(page: FirstPage, captions: dict[str, str]) -> dict[str, Any]:
    """Every word of the document; `captions` are those of the figures there are, by name."""
    lang = page.lang

    def figure(name: str) -> dict[str, str] | None:
        return {"name": name, "file": f"{name}.svg", "caption": captions[name]} if name in captions else None

    run_facts = facts(page.selection, lang)
    first, (drawn, _) = page.parts({}, run_facts), page.figure(captions)
    head = ["", "", *first["head"]]
    funds = [{**{name: one[name] for name in ("name", "unit", "grade", "reasons", "measures")},
              "table": {"head": one["columns"], "rows": one["rows"], "widths": FUND_WIDTHS},
              "figure": figure(one["figure"]),
              "reasons_head": say(ANALYSIS, "reasons", lang), "measures_head": say(ANALYSIS, "measures", lang)}
             for one in analyses(page.selection, lang)]
    return {"lang": lang, "kind": say(ANALYSIS, "heading", lang), "title": first["title"], "asked": first["asked"],
            "answer": say(PAGE, "answer", lang), "sentences": first["sentences"],
            "main": {"head": head, "rows": first["rows"], "widths": [10, 6, *[8] * (len(head) - 2)]}, "figure": figure(drawn),
            "rests_head": say(PAGE, "rests", lang), "rests": first["rests"], "funds": funds, "facts": run_facts,
            "facts_short": f"fundsim {page.selection.run_id}",
            "page": say(ANALYSIS, "page", lang, page="{page}", pages="{pages}")}
