"""The last step in writing a run folder: its figures and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simulator.results import Run


def finish_run(folder: Path, run: Run, lang: str, extra: dict | Callable[[], dict] | None = None) -> Path:
    """Write figures/*.svg, figures/*.png and report.html into `folder`. Returns the path of the report. `lang` is en or zh.

    `extra` may have `assumptions` and `swap` (DataFrames of answers/assumptions.py), `swapped` (the paths that were swapped)
    and `rules` (rows of parameters.show.diff_rows as dicts), or be a function that returns them; it is called when the figures
    are done.
    """
    from simulator.report.html import write_report  # loads matplotlib in half a second, which other commands do not need
    from simulator.report.plots import write_figures

    figures = write_figures(run, folder / "figures", lang)
    return write_report(run, folder, lang, figures, (extra() if callable(extra) else extra) or {})
