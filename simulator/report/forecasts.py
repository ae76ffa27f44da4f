"""Forecasts from past years in words and as a figure: fans with the published points, bands held, the model beside its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isnan
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.answers.backtest import number
from simulator.answers.evidence import Figure as Published
from simulator.forecasts.origins import FAN_QUANTILES, Origin, fans
from simulator.forecasts.summary import ENOUGH_POINTS, beside_each, beside_rivals, coverage
from simulator.report.figure_parts import band_legend, panel_title
from simulator.report.forecast_words import FORECAST_WORDS
from simulator.report.format import percent
from simulator.report.style import SIDES, columns_of, frame, thousands, write
from simulator.words import measure_name, region_name, short_scheme, word

PICTURED = ("revenue", "expenditure", "surplus", "balance")
PICTURED_WITH_ACCOUNTS = ("revenue_with_accounts", "expenditure_with_accounts", "balance_with_accounts", "members")


def score_text(table: pd.DataFrame, lang: str) -> str:
    """The scores on a terminal: what was scored, how many points the bands hold by lead, scheme and measure, and the rivals."""
    origins = len(table.drop_duplicates(["region", "scheme", "cut"]))
    few = "" if len(table) >= ENOUGH_POINTS else f" ({word(FORECAST_WORDS, 'few', lang).format(fewest=ENOUGH_POINTS)})"
    lines = [word(FORECAST_WORDS, "points", lang).format(points=len(table), origins=origins) + few, ""]
    head = [word(FORECAST_WORDS, "bands", lang), "", *(word(FORECAST_WORDS, name, lang) for name in ("count", "half", "most")),
            "PIT", word(FORECAST_WORDS, "crps", lang)]
    body = [[word(FORECAST_WORDS, row.by, lang), _named(row.by, row.of, lang), str(row.points),
             _held(row.in50, row.in50_low, row.in50_high), _held(row.in90, row.in90_low, row.in90_high), f"{row.pit:.2f}",
             f"{row.crps:.1f}"] for row in coverage(table).itertuples()]
    lines += columns([head, *body])
    beside = beside_rivals(table)
    if len(beside):
        head = [word(FORECAST_WORDS, "rivals", lang), "", word(FORECAST_WORDS, "count", lang), word(FORECAST_WORDS, "crps", lang),
                word(FORECAST_WORDS, "best", lang), "CRPS", word(FORECAST_WORDS, "skill", lang)]
        body = [[short_scheme(row.scheme, lang) if row.scheme else "", word(FORECAST_WORDS, row.what, lang), str(row.points),
                 f"{row.crps:.1f}", row.best or "-", f"{row.crps_best:.1f}", _skill(row)] for row in beside.itertuples()]
        lines += ["", *columns([head, *body])]
        head = [word(FORECAST_WORDS, "each", lang), "", *head[2:4], word(FORECAST_WORDS, "rival", lang), *head[5:]]
        body = [["", "", str(row.points), f"{row.crps:.1f}", row.best, f"{row.crps_best:.1f}", _skill(row)]
                for row in beside_each(table).itertuples()]
        lines += ["", *columns([head, *body])]
    return "\n".join(lines)


def _named(by: str, of: str, lang: str) -> str:
    if by == "measure":
        return measure_name(of, lang)
    return short_scheme(of, lang) if by == "scheme" else of


def _held(share: float, low: float, high: float) -> str:
    return percent(share, 0) + ("" if isnan(low) else f" ({low:.0f}-{high:.0f})")


def _skill(row: object) -> str:
    found, low, high = (100 * float(getattr(row, name)) for name in ("skill", "low", "high"))
    return f"{found:+.0f}%" + ("" if isnan(low) else f" ({low:+.0f} - {high:+.0f})")


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines whose columns stand under each other; the first two to the left, the others to the right."""
    widths = [max(columns_of(row[c]) for row in rows) for c in range(len(rows[0]))]
    return ["  ".join((" " * (widths[c] - columns_of(cell)) + cell) if c > 1 else (cell + " " * (widths[c] - columns_of(cell)))
                      for c, cell in enumerate(row)).rstrip() for row in rows]


def point_text(table: pd.DataFrame) -> str:
    """Every scored figure on a line: forecast (median, 90% band), published figure, PIT and CRPS."""
    rows = [["region scheme", "measure", "cut", "year", "median", "90% band", "published", "PIT", "CRPS"]]
    for row in table.itertuples():
        rows.append([f"{row.region} {row.scheme}", f"{row.measure} {row.group}".strip(), str(row.cut.year), str(row.year),
                     number(row.p50), f"{number(row.p05)} .. {number(row.p95)}", number(row.published), f"{row.pit:.2f}",
                     number(row.crps)])
    return "\n".join(columns(rows))


def fan_figure(fans: pd.DataFrame, published: Sequence[Published], region: str, scheme: str, draws: int, lang: str) -> Figure:
    """The forecasts of a region and scheme from each of their cuts, a panel a measure, with the published points."""
    mine = fans[(fans["region"] == region) & (fans["scheme"] == scheme)]
    cuts = list(dict.fromkeys(mine["cut"]))
    colours = dict(zip(cuts, SIDES, strict=False))
    measures = list(dict.fromkeys(mine["measure"]))
    handles = [*band_legend(lang),
               Line2D([], [], color="black", marker="o", ls="", ms=4, label=word(FORECAST_WORDS, "published", lang)),
               *(Line2D([], [], color=colour, lw=3, label=word(FORECAST_WORDS, "known_then", lang).format(year=cut.year))
                 for cut, colour in colours.items())]
    figure = frame(2.7 * ((len(measures) + 1) // 2), word(FORECAST_WORDS, "title", lang).format(
        scheme=short_scheme(scheme, lang), region=region_name(region, lang)), word(FORECAST_WORDS, "under", lang),
        word(FORECAST_WORDS, "source", lang).format(draws=draws), handles)
    panels = figure.subplots((len(measures) + 1) // 2, 2, squeeze=False).ravel()
    for axes in panels[len(measures):]:
        axes.set_visible(False)
    for axes, measure in zip(panels, measures, strict=False):
        points = {f.year: f.value for f in published if (f.region, f.scheme, f.measure, f.family, f.kind) == (
            region, scheme, measure, "", "figure")}
        for cut, colour in colours.items():
            part = mine[(mine["cut"] == cut) & (mine["measure"] == measure)]
            start = int(part["start"].iloc[0])
            known = start in points
            years = [*([start] if known else []), *part["year"]]
            p05, p25, p50, p75, p95 = ([*([points[start]] if known else []), *part[name]] for name in FAN_QUANTILES)
            axes.fill_between(years, p05, p95, color=colour, alpha=0.18, lw=0)
            axes.fill_between(years, p25, p75, color=colour, alpha=0.35, lw=0)
            axes.plot(years, p50, color=colour, lw=1.6)
        axes.plot(list(points), list(points.values()), "o", color="black", ms=4)
        axes.yaxis.set_major_formatter(thousands())
        axes.xaxis.get_major_locator().set_params(integer=True)
        panel_title(axes, measure_name(measure, lang))
    return figure



def pictured(scheme: str) -> tuple[str, ...]:
    """The measures of a scheme's picture: those that its accounts are published in."""
    return PICTURED_WITH_ACCOUNTS if scheme == "uebmi" else PICTURED


def write_folder(folder: Path, made: Sequence[Origin], table: pd.DataFrame, published: Sequence[Published], draws: int,
                 lang: str) -> list[str]:
    """Write scores.csv, fans.csv and a figure for each region and scheme into a new folder. Returns the figures' names."""
    folder.mkdir()
    table.to_csv(folder / "scores.csv", index=False)
    drawn = pd.concat([fans([origin], pictured(origin.scheme)) for origin in made], ignore_index=True)
    drawn.to_csv(folder / "fans.csv", index=False)
    return write_fans(folder, drawn, published, draws, lang)


def write_fans(folder: Path, drawn: pd.DataFrame, published: Sequence[Published], draws: int, lang: str) -> list[str]:
    """Draw a figure for each region and scheme of FAN_COLUMNS into a folder, as SVG; their names."""
    names = []
    for region, scheme in dict.fromkeys(zip(drawn["region"], drawn["scheme"], strict=True)):
        names.append(f"fan-{region}-{scheme}" + ("" if lang == "en" else f".{lang}"))
        write(partial(fan_figure, drawn, published, region, scheme, draws, lang), folder, names[-1], ("svg",))
    return names
