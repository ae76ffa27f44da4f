"""The folder of a fit: report, tables, figures, parameter files and a scenario that reads them; and its answer on a terminal."""

from __future__ import annotations

import base64
import datetime
import math
from pathlib import Path

import pandas as pd

from simulator.fitting.bills import UNKNOWN_DAY
from simulator.fitting.found import Fitted, provenance_of, summary_of
from simulator.fitting.overlay import Estimate, files_of_overlay
from simulator.fitting.stated import estimates_of
from simulator.folders import MANIFEST, new_folder, sealed, table_of
from simulator.parameters.errors import shown
from simulator.parameters.regions import load_regions
from simulator.report.fitted_figures import fit_figures
from simulator.report.fitted_tables import fit_tables
from simulator.report.fitted_words import FIT_CELLS, FIT_COLUMNS, FIT_DONE, FIT_FIGURES, FIT_TITLES
from simulator.report.format import NONE, number
from simulator.report.prose import say
from simulator.report.style import columns_of
from simulator.report.style import write as write_figure
from simulator.results import csv_bytes, versions
from simulator.words import TIER_NAMES, Words, region_name, short_scheme, word

NOTES = {"rates": "how_rates", "models": "how_rates", "tests": "how_tests", "amounts": "how_amounts", "laws": "how_laws",
         "parameters": "how_weight", "completion": "how_completion"}
SCENARIO = """# Written by fundsim fit: the fund as its claims describe it.
# fundsim run {place}/scenario.yaml --params {place}/params
name: {name}
regions: [{name}]
year: {year}
schemes: [{scheme}]
"""
MOST_TERMINAL_ROWS = 12


def write_fit(found: Fitted, place: Path, name: str, lang: str, report: bool = True) -> tuple[Path, list[Estimate]]:
    """Write the folder of a fit at `place`, with a region called `name`, without figures and report unless `report`; where it
    stands, and the parameters in it.

    The parameter files are read again before anything gets its place. OSError where the folder cannot be written.
    """
    estimates = estimates_of(found)
    tables = fit_tables(found, estimates)
    with new_folder(place) as aside:
        folder = aside.path
        region = folder / "params" / name
        for made in (folder / "tables", region):
            made.mkdir(parents=True)
        for table, frame in tables.items():
            (folder / "tables" / f"{table}.csv").write_bytes(csv_bytes(frame))
        parent = found.asked.region
        called = f"{parent.names['en']}, fitted", f"{parent.names['zh']}（单据拟合）"
        overlay = files_of_overlay(name, called, parent.name, estimates, provenance_of(found), _known_from(found))
        for file, text in overlay.items():
            (region / file).write_text(text, encoding="utf-8")
        load_regions(params=folder / "params")
        scenario = SCENARIO.format(name=name, year=found.years[-1], scheme=found.asked.scheme, place=place.name)
        (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
        if found.bills.refused:
            refused = pd.DataFrame(found.bills.refused, columns=["line", "fault"])
            (folder / "tables" / "refused.csv").write_bytes(csv_bytes(refused))
        if report:
            figures = fit_figures(found, lang)
            (folder / "figures").mkdir()
            for figure, make in figures.items():
                write_figure(make, folder / "figures", figure, ("svg",))
            page = "report.html" if lang == "en" else f"report.{lang}.html"
            (folder / page).write_text(_report(found, tables, list(figures), folder, place, lang), encoding="utf-8")
        manifest = {"kind": "fit", "versions": versions(), "language": lang, "name": name, **summary_of(found)}
        (folder / MANIFEST).write_bytes(sealed(manifest, table_of(folder)))
    return aside.final, estimates


def _known_from(found: Fitted) -> datetime.date:
    """The day from which the claims could be known: that of the last report, or else the last day looked at."""
    reported = found.bills.reported[found.bills.reported != UNKNOWN_DAY]
    return found.window.date(int(max(reported.max(initial=0), found.window.last)))


# --- the report -----------------------------------------------------------------------------------


def facts_of(found: Fitted, lang: str) -> str:
    """The size of what was fitted, in a sentence."""
    summary = summary_of(found)
    return say(FIT_TITLES, "facts", lang, claims=number(summary["claims_used"]), claimants=number(summary["claimants"]),
               exposure=number(summary["person_years"]), heads=number(found.heads), window=found.window,
               region=region_name(found.asked.region.name, lang), scheme=short_scheme(found.asked.scheme, lang))


def _report(found: Fitted, tables: dict[str, pd.DataFrame], figures: list[str], folder: Path, place: Path,
            lang: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    parts = [{"name": name, "title": say(FIT_TITLES, name, lang),
              "note": say(FIT_TITLES, NOTES[name], lang) if name in NOTES else "",
              "heads": [word(FIT_COLUMNS, column, lang) for column in frame.columns], "rows": cells_of(name, frame, lang),
              "numbers": [n for n, column in enumerate(frame.columns, 1)
                          if pd.api.types.is_numeric_dtype(frame[column]) and column not in ("year", "from")]}
             for name, frame in tables.items()]
    drawn = [{"caption": say(FIT_FIGURES, name, lang),
              "data": base64.b64encode((folder / "figures" / f"{name}.svg").read_bytes()).decode()} for name in figures]
    return environment.get_template("fitted.html.j2").render(
        lang={"zh": "zh-CN"}.get(lang, lang), title=say(FIT_TITLES, "title", lang, file=shown(found.file.name)),
        facts=facts_of(found, lang),
        remarks=[shown(remark[lang == "zh"]) for remark in found.remarks], parts=parts, figures=drawn,
        figures_title=say(FIT_TITLES, "figures", lang),
        provenance=say(FIT_TITLES, "provenance", lang, sha256=found.sha256, rows=number(found.bills.rows)),
        next=_next(place, lang))


def _next(place: Path, lang: str) -> str:
    return say(FIT_TITLES, "next", lang, scenario=place / "scenario.yaml", params=place / "params")


def cells_of(name: str, frame: pd.DataFrame, lang: str) -> list[list[str]]:
    """The cells of a table in words of a language."""
    words = FIT_DONE if name == "validation" else {**FIT_CELLS, **TIER_NAMES}
    return [[_cell(column, cell, words, lang) for column, cell in zip(frame.columns, row, strict=True)]
            for row in frame.itertuples(index=False, name=None)]


def _cell(column: str, cell: object, words: Words, lang: str) -> str:
    if isinstance(cell, str):
        first, _, rest = cell.partition(" ")
        return word(words, cell, lang) if cell in words or not rest else f"{word(words, first, lang)} {word(words, rest, lang)}"
    value = float(cell)                                                    # type: ignore[arg-type]
    if not math.isfinite(value):
        return NONE
    if column in ("year", "from"):
        return str(int(value))
    return figure_text(value)


def figure_text(value: float) -> str:
    """A number with four digits that count, and no exponent."""
    if not math.isfinite(value):
        return NONE
    if value == 0 or abs(value) >= 1000:
        return number(value)
    places = 3 - math.floor(math.log10(abs(value)))
    if places > 6:
        return f"{value:.1g}"
    text = number(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- the terminal ---------------------------------------------------------------------------------


def terminal_lines(found: Fitted, estimates: list[Estimate], place: Path, name: str, lang: str) -> list[str]:
    """The answer for a terminal: what was fitted, the main parameters and their intervals, what was done to rows."""
    lines = [shown(say(FIT_TITLES, "title", lang, file=found.file.name)), facts_of(found, lang), ""]
    heads = [word(FIT_COLUMNS, column, lang) for column in ("path", "estimate", "low", "high", "weight", "region", "stated")]
    rows = [heads]
    last = {one.path: one for one in estimates}
    wanted = [one for path, one in last.items() if path.rpartition(".")[2] in
              ("admission_rate", "visit_rate", "bill_mean", "bill_cv", "in_scope_share", "visit_mean")]
    for one in wanted:
        for key, part in one.parts.items():
            if part.n and len(rows) <= MOST_TERMINAL_ROWS:
                figures = (part.estimate, part.low, part.high, 100 * part.weight, part.prior, part.value)
                rows.append([f"{one.path}{'.' + key if key else ''}", *map(figure_text, figures)])
    widths = [max(columns_of(row[n]) for row in rows) for n in range(len(heads))]
    for first, *others in rows:
        cells = [" " * (width - columns_of(text)) + text for text, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first + " " * (widths[0] - columns_of(first)), *cells]))
    lines.append("")
    for what, count in found.done.items():
        lines.append(f"{word(FIT_DONE, what, lang)}\t{count}")
    if found.members is not None:
        lines += [f"{word(FIT_DONE, what, lang)}\t{count}" for what, count in found.members.done.items()]
    lines.append(say(FIT_TITLES, "written", lang, folder=place, name=name))
    lines.append(_next(place, lang))
    return lines
