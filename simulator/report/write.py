"""The last step of a run folder: its figures and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simulator.results import Run


def finish_run(folder: Path, run: Run, lang: str, extra: dict | Callable[[], dict] | None = None) -> Path:
    """Write figures/*.svg and *.png and report.html into `folder`; the path of the report. `lang` is en or zh.

    `extra` may hold `assumptions` and `swap` (DataFrames of simulator.answers.assumptions), `swapped` (the paths
    that were swapped) and `rules` (rows of simulator.parameters.show.diff_rows as dicts), or be what gives them when the
    figures are done.
    """
    from simulator.report.html import write_report  # with plots: half a second of matplotlib, which other verbs do not need
    from simulator.report.plots import write_figures

    figures = write_figures(run, folder / "figures", lang)
    return write_report(run, folder, lang, figures, (extra() if callable(extra) else extra) or {})
