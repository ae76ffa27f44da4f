"""The figures of a fit: rates by age, quantiles against the law, mean excess, months."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from simulator.fitting.found import KINDS_OF_CARE, Fitted
from simulator.fitting.severity import mean_excess
from simulator.parameters.catalogue import SURVEY_AGE_BANDS, TIERS
from simulator.report.figure_parts import panel_title
from simulator.report.fitted_tables import amounts_of, month_text
from simulator.report.fitted_words import FIT_CELLS, FIT_FIGURES
from simulator.report.prose import say
from simulator.report.style import INK, SIDES, frame, thousands
from simulator.words import TIER_NAMES, word

CLAIMS_COLOUR, OTHER_COLOUR = SIDES[:2]
MOST_QUANTILES = 200
MOST_ACROSS = 3                 # panels in a row
PANEL_HEIGHT = 2.7                     # inches, the height of a row of panels


def fit_figures(found: Fitted, lang: str) -> dict[str, Callable[[], Figure]]:
    """The figures that there is something to draw for, name -> how it is made."""
    made: dict[str, Callable[[], Figure]] = {}
    if any(by == "age" for _, by, _ in found.rates):
        made["rates"] = lambda: rates_figure(found, lang)
    if any(one.chosen for one in found.amounts.values()):
        made["qq"] = lambda: qq_figure(found, lang)
        made["mean_excess"] = lambda: mean_excess_figure(found, lang)
    if len({month for _, month, *_ in found.monthly}) > 1:
        made["trend"] = lambda: trend_figure(found, lang)
    return made


def _page(found: Fitted, name: str, lang: str, height: float, handles: list) -> Figure:
    source = f"{found.file.name}, {found.window}; fundsim fit"
    return frame(height, say(FIT_FIGURES, name, lang), say(FIT_FIGURES, f"{name}_under", lang), source, handles)


def _kinds(found: Fitted) -> list[str]:
    return [kind for kind in KINDS_OF_CARE if kind in found.models]


def rates_figure(found: Fitted, lang: str) -> Figure:
    """Rates by age of each kind of care beside the region's at the same level."""
    handles = [Line2D([], [], color=CLAIMS_COLOUR, marker="o", lw=1.2, ls="", label=say(FIT_FIGURES, "claims", lang)),
               Line2D([], [], color=OTHER_COLOUR, lw=1.4, label=say(FIT_FIGURES, "region", lang))]
    kinds = [kind for kind in _kinds(found) if any((kind, "age", band) in found.rates for band in SURVEY_AGE_BANDS)]
    figure = _page(found, "rates", lang, PANEL_HEIGHT, handles)
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        bands = [band for band in SURVEY_AGE_BANDS if (kind, "age", band) in found.rates]
        rates = [found.rates[kind, "age", band] for band in bands]
        at = np.arange(len(bands))
        middle = np.array([rate.rate for rate in rates])
        reach = np.abs(np.array([[rate.low, rate.high] for rate in rates]).T - middle)
        axes.errorbar(at, middle, reach, fmt="o", color=CLAIMS_COLOUR, ms=4, lw=1.2, capsize=2)
        name = "admission_by_age" if kind == "inpatient" else "visit_by_age"
        stated = found.asked.region.value(f"care.{found.asked.scheme}.{name}", found.years[-1], required=False)
        if stated is not None:
            theirs = np.array([float(stated.value[band]) for band in bands])
            exposure = np.array([rate.exposure for rate in rates])
            axes.plot(at, theirs * (sum(rate.claims for rate in rates) / (theirs @ exposure)), color=OTHER_COLOUR, lw=1.4)
        axes.set_xticks(at, bands)
        axes.set_ylim(bottom=0)
        panel_title(axes, word(FIT_CELLS, kind, lang))
        axes.set_xlabel(say(FIT_FIGURES, "ages", lang))
        axes.set_ylabel(say(FIT_FIGURES, "yearly", lang))
    return figure


def _groups(found: Fitted) -> list[tuple[str, str]]:
    """Kinds and tiers whose amounts have a law."""
    return [(kind, tier) for kind in KINDS_OF_CARE for tier in TIERS
            if (one := found.amounts.get((kind, tier, ""))) is not None and one.chosen is not None]


def _title(kind: str, tier: str, lang: str) -> str:
    return f"{word(FIT_CELLS, kind, lang)} · {word(TIER_NAMES, tier, lang)}"


def qq_figure(found: Fitted, lang: str) -> Figure:
    """Quantiles of the bills against those of the chosen law, both on logarithmic axes."""
    groups = _groups(found)
    columns = min(MOST_ACROSS, len(groups))
    rows = -(-len(groups) // columns)
    figure = _page(found, "qq", lang, PANEL_HEIGHT * rows, [])
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (kind, tier) in zip(panels, groups, strict=False):
        one = found.amounts[kind, tier, ""]
        values = np.sort(amounts_of(found, kind, tier))
        values = values[values < one.cap]
        n = len(values)
        at = np.unique(np.linspace(0, n - 1, min(n, MOST_QUANTILES)).astype(int))
        at = np.unique(np.concatenate([at, np.arange(max(n - 10, 0), n)]))           # the largest singly
        law = one.chosen.law.of("ppf", (at + 0.5) / (n + one.capped)) if one.chosen else values[at]
        axes.plot(law, values[at], ls="", marker=".", ms=3.5, color=CLAIMS_COLOUR)
        ends = [min(law[0], values[0]), max(law[-1], values[-1])]
        axes.plot(ends, ends, color=INK, lw=0.8)
        axes.set_xscale("log")
        axes.set_yscale("log")
        panel_title(axes, _title(kind, tier, lang), MOST_ACROSS)
        axes.set_xlabel(say(FIT_FIGURES, "law", lang, law=one.chosen.name if one.chosen else ""))
        axes.set_ylabel(say(FIT_FIGURES, "bills", lang))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(thousands())
            axis.set_minor_formatter("")
    for axes in panels[len(groups):]:
        axes.set_axis_off()
    return figure


def mean_excess_figure(found: Fitted, lang: str) -> Figure:
    """Mean excess by threshold, and the fitted tail where there is one."""
    groups = _groups(found)
    columns = min(MOST_ACROSS, len(groups))
    rows = -(-len(groups) // columns)
    handles = [Line2D([], [], color=CLAIMS_COLOUR, marker=".", ls="", label=say(FIT_FIGURES, "excess", lang)),
               Line2D([], [], color=OTHER_COLOUR, lw=1.4, label=say(FIT_FIGURES, "tail", lang))]
    figure = _page(found, "mean_excess", lang, PANEL_HEIGHT * rows, handles)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (kind, tier) in zip(panels, groups, strict=False):
        one, values = found.amounts[kind, tier, ""], amounts_of(found, kind, tier)
        highest = 1 - min(10 / len(values), 0.5)
        at = np.unique(np.quantile(values, np.concatenate([np.linspace(0, 0.9, 25), np.linspace(0.9, max(highest, 0.9), 15)])))
        means, errors = mean_excess(values, at)
        axes.errorbar(at, means, 2 * errors, fmt=".", color=CLAIMS_COLOUR, ms=4, lw=0.8)
        if one.tail is not None and one.tail.xi < 1:
            ends = np.array([one.tail.threshold, at[-1]])
            line = (one.tail.beta + one.tail.xi * (ends - one.tail.threshold)) / (1 - one.tail.xi)
            axes.plot(ends, line, color=OTHER_COLOUR, lw=1.4)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.xaxis.set_major_formatter(thousands())
        axes.yaxis.set_major_formatter(thousands())
        panel_title(axes, _title(kind, tier, lang), MOST_ACROSS)
        axes.set_xlabel(say(FIT_FIGURES, "over", lang))
    for axes in panels[len(groups):]:
        axes.set_axis_off()
    return figure


def trend_figure(found: Fitted, lang: str) -> Figure:
    """Rates and mean bills by month, a row for each kind of care."""
    kinds = _kinds(found)
    figure = _page(found, "trend", lang, 1.9 * len(kinds), [])
    panels = figure.subplots(len(kinds), 2, squeeze=False)
    for (left, right), kind in zip(panels, kinds, strict=True):
        rows = [row for row in found.monthly if row[0] == kind]
        at = np.arange(len(rows))
        paces = [claims / exposure if exposure else np.nan for _, _, claims, exposure, _ in rows]
        left.plot(at, paces, color=CLAIMS_COLOUR, lw=1.4, marker=".", ms=4)
        right.plot(at, [mean for *_, mean in rows], color=OTHER_COLOUR, lw=1.4, marker=".", ms=4)
        for axes, label in ((left, "yearly"), (right, "mean")):
            ticks = at[::max(1, -(-len(at) // 6))]
            axes.set_xticks(ticks, [month_text(rows[n][1]) for n in ticks])
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(thousands())
            panel_title(axes, word(FIT_CELLS, kind, lang))
            axes.set_ylabel(say(FIT_FIGURES, label, lang))
    return figure
