"""The figures of how funds fare: each side's fan with its exhaustion strip, all sides on one axis, and paired differences.

Each function takes a Selection and returns a matplotlib Figure; make them within `style.style()`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from simulator.report.figure_parts import (
    MAX_SIDES,
    UNBROKEN,
    band_legend,
    drawn_sides,
    fan,
    page,
    panel_title,
    percent_of,
    source_line,
    spread,
)
from simulator.report.format import number, percent, places_of, signed
from simulator.report.prose import FIGURES, say
from simulator.report.select import Selection, Side
from simulator.report.style import INK, SIDES, frame, thousands, wrap
from simulator.words import short_scheme

LINE_COLOURS = (*SIDES, "#56B4E9", "#E69F00", "#8F2D5E", "#00664B")      # of the overlay, then again in another dash
DASHES = ("-", "--", ":", "-.")
GAP_COLOUR = "#4A4E9E"
MOST_LABELS, MOST_GAPS = 24, 12       # labels at the lines' ends, panels of differences
LABEL_COLUMNS, LABEL_INCHES = 34, 0.15
GAPS_ACROSS = 4
FIRST_SHOWN = 0.01                    # the least share that has its number


def balance_fan(selection: Selection, scheme: str, lang: str) -> Figure:
    """Cumulative surplus per member by year: median and bands over draws, a panel for each side, on one scale. Below each, the
    share of draws in which the fund is exhausted by then."""
    years, sides = selection.years, drawn_sides(selection)
    unchanged = {side: unchanged_balance(selection, side, scheme) for side in sides}
    shown = [Line2D([], [], color="#444444", lw=1.2, ls="--", label=say(FIGURES, "unchanged", lang))] * any(unchanged.values())
    legend = band_legend(lang, *shown, Line2D([], [], color="black", lw=0.9, label=say(FIGURES, "zero", lang)))
    figure = page(selection, "balance", scheme, lang, 3.6, legend,
                  lambda side: percent_of(selection, side, scheme, years[-1], "exhausted", places=1))
    panels = figure.subplots(2, len(sides), sharex=True, sharey="row", squeeze=False, height_ratios=(1, 0.085))
    for axes, strip, side, colour in zip(*panels, sides, SIDES, strict=False):
        balance, gone = selection.fund_path(side, scheme, "balance_per_head"), selection.events.path(side, scheme, "exhausted")
        fan(axes, years, balance, colour)
        if unchanged[side]:
            axes.plot(list(years), unchanged[side], color="#444444", lw=1.2, ls="--")
        axes.axhline(0, color="black", lw=0.9)
        panel_title(axes, selection.side_name(side, lang), len(sides))
        exhaustion_strip(strip, years, gone.mean(axis=0), colour, len(sides))
    panels[0, 0].set_ylabel(say(FIGURES, "balance_axis", lang))
    panels[1, 0].set_yticks([0.5], [say(FIGURES, "strip_axis", lang)])
    return figure


def unchanged_balance(selection: Selection, side: Side, scheme: str) -> list[float]:
    """The median balance per member in yuan, by year, of the fund that changes nothing; empty where the run has none."""
    found = [(selection.number(side, scheme, year, "unchanged_balance"), selection.number(side, scheme, year, "members"))
             for year in selection.years]
    return [balance.p50 * 1e4 / members.mean for balance, members in found if balance and members and members.mean]


def exhaustion_strip(axes: Axes, years: range, shares: np.ndarray, colour: str, across: int) -> None:
    """Draw a cell a year, the darker the larger the share, with its percentage where that is 1 or more and there is room."""
    axes.bar(years, 1.0, width=1.0, color="#F2F2F2", edgecolor="white", linewidth=0.8)
    axes.bar(years, 1.0, width=1.0, color=[to_rgba(colour, 0.85 * share) for share in shares], edgecolor="white", linewidth=0.8)
    every = -(-len(years) * across // 40)              # cells that a number takes where `across` panels stand side by side
    for year, share in list(zip(years, shares, strict=True))[::-1][::every]:
        if share >= FIRST_SHOWN:
            axes.text(year, 0.47, number(100 * share), ha="center", va="center", fontsize=7.5,
                      color="white" if share > 0.6 else INK)
    axes.set(xlim=(years[0] - 0.5, years[-1] + 0.5), ylim=(0, 1))
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def balance_overlay(selection: Selection, scheme: str, lang: str) -> Figure:
    """The median balance per member of every region and policy on one axis, each line named at its end with the probability of
    exhaustion. Up to four have their band of nine tenths of the draws; of more, the first."""
    sides, years = selection.sides, selection.years
    paths = {side: selection.fund_path(side, scheme, "balance_per_head") for side in sides}
    medians = {side: np.median(path, axis=0) for side, path in paths.items()}
    gone = {side: selection.events.path(side, scheme, "exhausted").mean(axis=0) for side in sides}
    few = len(sides) <= MAX_SIDES
    labels = end_labels({side: (float(medians[side][-1]), selection.side_name(side, lang)) for side in sides}, {
        side: percent(100 * by[-1]) for side, by in gone.items()})
    height = max(3.6, 0.5 + LABEL_INCHES * sum(map(len, labels.values())))
    legend = [Line2D([], [], color="#444444", lw=2 if few else 1.2, label=say(FIGURES, "median", lang)),
              Patch(color="#444444", alpha=0.14, lw=0, label=say(FIGURES, "most" if few else "most_first", lang)),
              _ring([], [], "#444444", say(FIGURES, "half_exhausted", lang)),
              Line2D([], [], color="black", lw=0.9, label=say(FIGURES, "zero", lang))]
    figure = frame(height, _overlay_title(selection, scheme, medians, lang), say(FIGURES, "overlay_under", lang,
                                                                                 last=years[-1]),
                   source_line(selection, lang), legend)
    axes = figure.subplots()
    ends: list[End] = []
    for nth, side in enumerate(sides):
        colour, dash = LINE_COLOURS[nth % len(LINE_COLOURS)], DASHES[nth // len(LINE_COLOURS) % len(DASHES)]
        at, (low, median, high) = spread(years, np.quantile(paths[side], (0.05, 0.5, 0.95), axis=0))
        if few or nth == 0:
            axes.fill_between(at, low, high, color=colour, alpha=0.12, lw=0)
            for edge in (low, high):
                axes.plot(at, edge, color=colour, lw=0.7, alpha=0.5)
        axes.plot(at, median, color=colour, ls=dash, lw=2 if few else 1.2)
        by = gone[side]
        if by[-1] >= 0.5:
            first = int(np.argmax(by >= 0.5))
            axes.add_line(_ring([years[first]], [medians[side][first]], colour))
        if side in labels:
            ends.append(End(float(median[-1]), float(at[-1]), labels[side], colour))
    axes.axhline(0, color="black", lw=0.9)
    _finish_axis(axes, say(FIGURES, "balance_axis", lang))
    label_ends(axes, ends, height)
    return figure


def _ring(at: list[int], height: list[float], colour: str, label: str = "") -> Line2D:
    return Line2D(at, height, color=colour, lw=0, marker="o", markerfacecolor="white", markersize=6, markeredgewidth=1.4,
                  zorder=4, label=label)


def _overlay_title(selection: Selection, scheme: str, medians: dict[Side, np.ndarray], lang: str) -> str:
    """The median balance of each side at the end, or of the lowest and the highest."""
    ends = sorted(medians, key=lambda side: float(medians[side][-1]))
    named = selection.sides if len(ends) <= MAX_SIDES else [ends[0], ends[-1]]
    return say(FIGURES, "overlay_title" if named is selection.sides else "overlay_title_ends", lang,
               scheme=short_scheme(scheme, lang), last=selection.years[-1], findings=say(FIGURES, "joined", lang).join(
                   say(FIGURES, "named", lang, side=selection.side_name(side, lang),
                       text=_yuan(float(medians[side][-1]), lang, sign=False)).replace(" ", UNBROKEN) for side in named))


def balance_gaps(selection: Selection, scheme: str, lang: str) -> Figure:
    """Each pair's difference of the balance per member in the same draw, by year: median and bands, a panel a pair, one scale."""
    pairs, years = selection.pairs[:MOST_GAPS], selection.years
    gaps = {pair: balance_gap(selection, pair, scheme) for pair in pairs}
    across = min(len(pairs), GAPS_ACROSS)
    down = -(-len(pairs) // across)

    def finding(pair: tuple[str, str]) -> str:
        end = gaps[pair][:, -1]
        return say(FIGURES, "gap_finding", lang, gap=_yuan(float(np.median(end)), lang), above=percent(100 * (end > 0).mean()))

    order = sorted(pairs, key=lambda pair: float(np.median(gaps[pair][:, -1])))
    shown = pairs if len(pairs) <= MAX_SIDES else [order[0], order[-1]]
    title = say(FIGURES, "gap_title" if len(shown) == len(pairs) else "gap_title_ends", lang, scheme=short_scheme(scheme, lang),
                last=years[-1], findings=say(FIGURES, "joined", lang).join(
                    say(FIGURES, "named", lang, side=pair_name(selection, pair, lang), text=finding(pair)) for pair in shown))
    zero = Line2D([], [], color="black", lw=0.9, label=say(FIGURES, "no_gap", lang))
    figure = frame(0.4 + 2.6 * down, title, say(FIGURES, "gap_under", lang), source_line(selection, lang),
                   band_legend(lang, zero))
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for axes, pair in zip(panels.flat, pairs, strict=False):
        fan(axes, years, gaps[pair], GAP_COLOUR)
        axes.axhline(0, color="black", lw=0.9)
        panel_title(axes, pair_name(selection, pair, lang), across)
    for axes in panels.flat[len(pairs):]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel(say(FIGURES, "balance_axis", lang))
    return figure


def balance_gap(selection: Selection, pair: tuple[str, str], scheme: str) -> np.ndarray:
    """The balance per member of the first side less that of the second in the same draw, float64[D, years], yuan."""
    first, second = (selection.fund_path(_side_of(selection, label), scheme, "balance_per_head") for label in pair)
    return first - second


def pair_name(selection: Selection, pair: tuple[str, str], lang: str) -> str:
    """A pair in words: a policy stands for itself less its baseline."""
    if ": " in pair[0]:
        return selection.label_name(pair[0], lang)
    return say(FIGURES, "less", lang, a=selection.label_name(pair[0], lang), b=selection.label_name(pair[1], lang))


def _side_of(selection: Selection, label: str) -> Side:
    region, _, policy = label.partition(": ")
    return Side(region, policy or selection.scenario["policies"][0]["name"])


# --- marks ----------------------------------------------------------------------------------------


class End(NamedTuple):
    """The right end of a line, and the lines of text that name it."""

    height: float
    at: float
    texts: list[str]
    colour: str


def end_labels(sides: dict[Side, tuple[float, str]], figures: dict[Side, str]) -> dict[Side, list[str]]:
    """The names of lines by side, each with its figure before it, in lines of text; `sides` has where each ends and its name. Of
    more than MOST_LABELS, as many of them from the lowest to the highest have one."""
    order = sorted(sides, key=lambda side: sides[side][0])
    if len(order) > MOST_LABELS:
        order = [order[round(nth * (len(order) - 1) / (MOST_LABELS - 1))] for nth in range(MOST_LABELS)]
    return {side: wrap(f"{figures[side]}  {sides[side][1]}", LABEL_COLUMNS) for side in order}


def label_ends(axes: Axes, ends: list[End], height: float) -> None:
    """Name lines at their right ends, moved apart where they would overlap on axes some `height` inches high."""
    ends = sorted(ends)
    low, high = axes.get_ylim()
    line = (high - low) * LABEL_INCHES / (height - 0.4)
    places = moved_apart([end.height for end in ends], [line * len(end.texts) for end in ends], low, high)
    left, right = axes.get_xlim()
    for end, place in zip(ends, places, strict=True):
        axes.annotate("\n".join(end.texts), xy=(end.at, end.height), xytext=(right + 0.02 * (right - left), place), fontsize=8,
                      color=end.colour, va="center", annotation_clip=False, linespacing=1.05,
                      arrowprops={"arrowstyle": "-", "color": end.colour, "lw": 0.5, "shrinkA": 0, "shrinkB": 1,
                                  "relpos": (0, 0.5)})


def moved_apart(wanted: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """The places nearest to those `wanted`, in rising order, of things of these sizes, none of which overlaps the next; they stay
    within low and high where there is room."""
    offsets = np.concatenate([[0.0], np.cumsum((np.array(sizes[:-1]) + sizes[1:]) / 2)])
    groups: list[tuple[float, int]] = []                    # of things that touch: their mean place without offsets, their number
    for want in np.array(wanted) - offsets:
        mean, count = float(want), 1
        while groups and groups[-1][0] > mean:
            before, many = groups.pop()
            mean, count = (mean * count + before * many) / (count + many), count + many
        groups.append((mean, count))
    least, most = low + sizes[0] / 2, high - sizes[-1] / 2 - offsets[-1]
    places = np.repeat([mean for mean, _ in groups], [count for _, count in groups])
    return (places.clip(least, max(least, most)) + offsets).tolist()


def _finish_axis(axes: Axes, label: str) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.yaxis.set_major_formatter(thousands())
    axes.margins(x=0.01)
    axes.set_ylabel(label)


def _yuan(value: float, lang: str, sign: bool = True) -> str:
    """An amount a member with sensible digits."""
    places = places_of(value, "")
    text = signed(value, places)
    return say(FIGURES, "yuan", lang, amount=text if sign else text.lstrip("+"))
