"""The figure of pooling units: whose fund has run out by when, how far apart units are, and what would fill their deficits."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simulator.report.figure_parts import drawn_sides, page, percent_of, side_legend
from simulator.report.format import number, signed
from simulator.report.prose import say
from simulator.report.select import Selection, Side
from simulator.report.style import SIDES, thousands
from simulator.report.unit_words import AXES

QUANTILES = ("p10", "p50", "p90")


def has_units(selection: Selection, scheme: str) -> bool:
    """Whether some side pools the scheme in several units."""
    years = selection.years
    found = [selection.number(side, scheme, year, "units") for side in drawn_sides(selection) for year in (years[0], years[-1])]
    return any(one is not None and one.mean > 1 for one in found)


def pooling_units(selection: Selection, scheme: str, lang: str) -> Figure:
    """Three panels with every side: the share of members whose fund has run out by each year; the balance a head of the unit that
    a tenth are below, of the middle one, and of the one that a tenth are above, in the last year; and in that year the top-up
    that would fill all deficits, with its 95% interval and what the adjustment fund has moved."""
    sides, years = drawn_sides(selection), selection.years
    figure = page(selection, "units", scheme, lang, 3.4, side_legend(selection, lang),
                  lambda side: percent_of(selection, side, scheme, years[-1], "exhausted"))
    gone, apart, need = figure.subplots(1, 3, width_ratios=(1.1, 1, 1))
    at = np.arange(len(sides))[::-1]
    for place, side, colour in zip(at, sides, SIDES, strict=False):
        shares = [100 * _mean(selection, side, scheme, year, "exhausted") for year in years]
        gone.plot(years, shares, color=colour, lw=2, marker="o", markersize=4 if len(years) > 1 else 7, clip_on=False)
        low, middle, high = (_mean(selection, side, scheme, years[-1], "unit_balance_per_head", f"units:{name}")
                             for name in QUANTILES)
        apart.plot([low, high], [place, place], color=colour, lw=7, alpha=0.4, solid_capstyle="butt")
        apart.plot([middle], [place], color=colour, marker="o", markersize=8, lw=0)
        top_up = selection.number(side, scheme, years[-1], "top_up_needed")
        half = selection.half(top_up)
        need.barh([place], [_mean(selection, side, scheme, years[-1], "top_up_needed")], height=0.5, color=colour, alpha=0.75,
                  xerr=None if np.isnan(half) else [half], error_kw={"lw": 1.1, "capsize": 3})
        moved = _mean(selection, side, scheme, years[-1], "adjustment_received")
        if moved > 0:
            need.barh([place - 0.36], [moved], height=0.16, color="white", edgecolor=colour, hatch="////")
            need.annotate(say(AXES, "moved", lang, value=number(moved, 1)), xy=(moved, place - 0.36), xytext=(3, 0),
                          textcoords="offset points", fontsize=7, va="center")
        need.annotate(_gap(selection, side, scheme, years[-1], "top_up_needed", lang), xy=(0.02, place + 0.36),
                      xycoords=("axes fraction", "data"), fontsize=7.5, va="center")
    gone.set(ylim=(0, 100))
    beside = [(colour, _gap(selection, side, scheme, years[-1], "exhausted", lang))
              for side, colour in zip(sides, SIDES, strict=False) if _pair(selection, side)]
    for row, (colour, text) in enumerate([("black", say(AXES, "beside", lang, year=years[-1])), *beside] if beside else ()):
        gone.annotate(text, xy=(0.03, 0.97 - 0.085 * row), xycoords="axes fraction", fontsize=7.5, va="center", color=colour,
                      zorder=1, bbox={"color": "white", "pad": 1})
    apart.set_title(say(AXES, "spread", lang), fontsize=7.5, loc="left", color="dimgrey")
    gone.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    gone.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    gone.set_ylabel(say(AXES, "gone", lang))
    apart.axvline(0, color="black", lw=0.9)
    for axes, label in ((apart, "apart"), (need, "need")):
        axes.set_yticks([])
        axes.set_ylim(-0.7, len(sides) - 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.xaxis.set_major_formatter(thousands())
        axes.set_xlabel(say(AXES, label, lang, year=years[-1]))
    need.set_xlim(left=0)
    return figure


def _mean(selection: Selection, side: Side, scheme: str, year: int, measure: str, group: str = "") -> float:
    found = selection.number(side, scheme, year, measure, group)
    return found.mean if found else float("nan")


def _pair(selection: Selection, side: Side) -> tuple[str, str] | None:
    """The policy and its baseline, of a side that is compared with one."""
    return next((pair for pair in selection.policy_pairs if selection.side_of(pair[0]) == side), None)


def _gap(selection: Selection, side: Side, scheme: str, year: int, measure: str, lang: str) -> str:
    """A mean, of a probability in percent, and beside the baseline its paired difference with half of its 95% interval."""
    scale, pair = 100 if measure == "exhausted" else 1, _pair(selection, side)
    value = number(scale * _mean(selection, side, scheme, year, measure), 1)
    if pair is None or (gap := selection.difference(pair, scheme, year, measure)) is None:
        return value
    half = scale * (gap.high - gap.low) / 2
    error = "" if np.isnan(half) else f" ± {number(half, 1)}"
    return say(AXES, "gap", lang, value=value, gap=signed(scale * gap.difference, 1), error=error)
