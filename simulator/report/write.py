"""The last step in writing a run folder: its figures and its report, with the run or afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.folders import MANIFEST, Aside, add_to, sealed, table_of
from simulator.results import Run

if TYPE_CHECKING:
    from simulator.engine.places import Places


def names(run: Run, lang: str) -> tuple[str, str]:
    """The names of a report and its folder of figures: `report.html`, `figures` in the run's own language, else with `lang`."""
    own = run.manifest.get("language", lang) == lang
    return ("report.html", "figures") if own else (f"report.{lang}.html", f"figures-{lang}")


def with_sliders(report: str) -> str:
    """The name of a report that answers what-if, from that of the report without sliders."""
    return report.replace("report", "report.what-if", 1)


def finish_run(folder: Path, run: Run, lang: str, extra: dict | Callable[[], dict] | None = None,
               places: Places | None = None) -> Path:
    """Write figures (SVG, drawn at `places`) and report into `folder`. Returns the report's path. `lang` is en or zh.

    `extra` may have `assumptions` and `assumed` (DataFrames of answers/assumptions.py), `rules` (rows of
    parameters.show.diff_rows as dicts) and `what_if` (a WhatIf, for a report with sliders), or be a function that returns them;
    it is called when the figures are begun.
    """
    from simulator.report.html import write_report  # loads matplotlib in half a second, which other commands do not need
    from simulator.report.plots import begin_figures

    figures = begin_figures(run, folder / names(run, lang)[1], lang, places)
    return write_report(run, folder, lang, figures, (extra() if callable(extra) else extra) or {})


def add_report(run: Run, lang: str, extra: Callable[[], dict]) -> Path:
    """Add figures and report in a language to a run folder that has none, and register them. Returns the path of the report.

    `extra` is as in `finish_run`. A report that the run has stays as it is. FileExistsError where another file has the name.
    """
    report = run.folder / names(run, lang)[0]
    if report.name not in run.manifest["files"]:
        add_files(run, lang, lambda aside: finish_run(aside, run, lang, extra))
    return report


def add_pictures(run: Run, lang: str) -> Path:
    """Add the figures in a language to a run folder as PNG, for slides and documents that take no SVG, and register them.
    Returns their folder, figures-png or figures-zh-png; one that the run has stays as it is."""
    from simulator.report.plots import begin_figures

    pictures = f"{names(run, lang)[1]}-png"
    if not any(name.startswith(f"{pictures}/") for name in run.manifest["files"]):
        add_files(run, lang, lambda aside: begin_figures(run, aside / pictures, lang, None, "png")())
    return run.folder / pictures


def add_files(run: Run, lang: str, write: Callable[[Path], object]) -> None:
    """Add what `write` puts into a folder to a run folder, and register it. FileExistsError where another file has the name."""
    aside = Aside(run.folder.resolve(), folder=True)
    try:
        write(aside.path)
        files = run.manifest["files"] | table_of(aside.path)
        (aside.path / MANIFEST).write_bytes(sealed({"language": lang} | run.manifest, dict(sorted(files.items()))))
        add_to(run.folder, aside.path)
    finally:
        aside.discard()
