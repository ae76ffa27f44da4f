"""The figure of what an outcome varies with: bars of the groups' shares, and a tornado of the values that matter most."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simulator.answers.variance import Sensitivity
from simulator.report.format import number
from simulator.report.prose import FIGURES, say
from simulator.report.style import INK, SIDES, frame, thousands, wrap
from simulator.report.varied import LEAST_TOLD, heading, records, unit_of
from simulator.report.varied_words import GROUP_NAMES, told, value_name
from simulator.words import unit_name, word

TORNADO_ROWS = 12              # values drawn
TORNADO_ROW = 0.36             # inches
GROUP_COLOURS = {"statistic": "#009E73", "estimate": "#56B4E9", "assumption": "#D55E00", "economy": "#E69F00",
                 "rosters": "#999999", "chance": "#CCCCCC"}


def tornado(found: Sensitivity, lang: str) -> Figure:
    """Shares by group with their errors on the left; on the right the outcome at both ends of each value, widest share on top."""
    rows = records(found.values[found.values["share"] >= LEAST_TOLD].head(TORNADO_ROWS))
    handles = [Patch(facecolor=SIDES[0], label=told("at_low", lang)), Patch(facecolor=SIDES[1], label=told("at_high", lang)),
               Line2D([], [], color=INK, lw=1.0, label=told("mean_line", lang))]
    manifest = found.run.manifest
    status, people = manifest["values_by_status"], manifest["people"]
    source = say(FIGURES, "source", lang, run=found.run.folder.name, draws=manifest["draws"], assumed=status.get("assumption", 0),
                 values=sum(status.values()), people=say(FIGURES, "everybody", lang) if people == "all" else f"{people:,}")
    figure = frame(max(TORNADO_ROW * max(len(rows), len(found.groups)) + 0.5, 2.6), heading(found, lang, "figure"),
                   told("figure_under", lang, worlds=number(found.shares.worlds)), source, handles)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.7))
    names = list(found.groups)
    sizes = 100 * np.array([found.groups[name] for name in names])
    left.barh(range(len(names)), sizes[:, 0], xerr=sizes[:, 1], color=[GROUP_COLOURS[name] for name in names], height=0.6,
              error_kw={"lw": 1.0, "ecolor": INK})
    left.set_yticks(range(len(names)), [word(GROUP_NAMES, name, lang) for name in names])
    left.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, None))
    left.set_xlabel(told("share_axis", lang))
    left.set_title(told("groups_title", lang), loc="left", fontweight="bold")
    mean = found.shares.mean
    for nth, row in enumerate(rows):
        for at, colour in ((row["at_low"], SIDES[0]), (row["at_high"], SIDES[1])):
            right.barh(nth, at - mean, left=mean, height=0.6, color=colour)
        right.text(1.0, nth, f"{number(100 * row['share'], 1)}%", transform=right.get_yaxis_transform(), ha="right",
                   va="center", fontsize=8)
    right.axvline(mean, color=INK, lw=1.0)
    right.set_yticks(range(len(rows)), ["\n".join(wrap(value_name(row, lang), 44)[:2]) for row in rows])
    right.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    low, high = right.get_xlim()
    right.set_xlim(low, high + 0.14 * (high - low))
    right.xaxis.set_major_formatter(thousands())
    right.set_xlabel(unit_name(unit_of(found), lang))
    right.set_title(told("values_title", lang), loc="left", fontweight="bold")
    for axes in (left, right):
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0, labelsize=7.5)
    return figure


def add_sensitivity(found: Sensitivity, lang: str) -> list[str]:
    """Add the table and the figure of an outcome to its run's folder, and register them; those that are there stay. Returns their
    names: sensitivity-REGION-SCHEME-MEASURE-YEAR.csv, and .svg, or .zh.svg in Chinese."""
    from simulator.report.style import save, style
    from simulator.report.write import add_files
    from simulator.results import csv_bytes

    policies = [one["name"] for one in found.run.manifest["scenario"]["policies"]]
    nth = policies.index(found.policy)
    name = "-".join(["sensitivity", found.region, found.scheme, *([f"policy{nth}"] if nth else []), found.measure,
                     str(found.year)])
    drawn = name if lang == "en" else f"{name}.{lang}"
    there = found.run.manifest["files"]
    files = [file for file in (f"{name}.csv", f"{drawn}.svg") if file not in there]
    if files:
        def write(aside: Path) -> None:
            if f"{name}.csv" in files:
                (aside / f"{name}.csv").write_bytes(csv_bytes(found.frame))
            if f"{drawn}.svg" in files:
                with style():
                    save(tornado(found, lang), aside, drawn, ("svg",))

        add_files(found.run, found.run.manifest.get("language", lang), write)
    return [f"{name}.csv", f"{drawn}.svg"]
