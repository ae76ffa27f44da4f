"""What the figures of a run share: the page with its title and source, the sides, legends, and the marks that are drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from simulator.report.format import percent
from simulator.report.prose import FIGURES, say
from simulator.report.select import Selection, Side
from simulator.report.style import SIDES, frame, thousands, wrap
from simulator.words import short_scheme

MAX_SIDES = len(SIDES)         # more panels or colours than this are not readable
UNBROKEN = "\N{NO-BREAK SPACE}"   # keeps a side's finding on one line of the title


def drawn_sides(selection: Selection) -> list[Side]:
    """The sides that figures show."""
    return selection.sides[:MAX_SIDES]


def page(selection: Selection, kind: str, scheme: str, lang: str, height: float, handles: list,
          finding: Callable[[Side], str]) -> Figure:
    """The frame of one kind of figure: a title with each side's finding, what is shown, and the source."""
    years = selection.years
    findings = say(FIGURES, "joined", lang).join(
        say(FIGURES, "pair", lang, side=selection.side_name(side, lang), text=finding(side)).replace(" ", UNBROKEN)
        for side in drawn_sides(selection))
    key = "surplus_title_year" if kind == "surplus" and len(years) == 1 else f"{kind}_title"
    title = say(FIGURES, key, lang, scheme=short_scheme(scheme, lang), year=years[0], first=years[0], last=years[-1],
                findings=findings)
    return frame(height, title, say(FIGURES, f"{kind}_under", lang), source_line(selection, lang), handles)


def source_line(selection: Selection, lang: str) -> str:
    """The line under every figure: the run, its size, and how many of its values are assumed."""
    manifest = selection.run.manifest
    status, people = manifest["values_by_status"], manifest["people"]
    return say(FIGURES, "source", lang, run=selection.run_id, draws=manifest["draws"], assumed=status.get("assumption", 0),
               values=sum(status.values()), people=say(FIGURES, "everybody", lang) if people == "all" else f"{people:,}")


def percent_of(selection: Selection, side: Side, scheme: str, year: int, measure: str, group: str = "", places: int = 0) -> str:
    number = selection.number(side, scheme, year, measure, group)
    if number is None:
        return "-"
    return percent(number.mean * (100 if number.unit == "probability" else 1), places)


def panel_title(axes: Axes, text: str, across: int = 2) -> None:
    """Set a panel's title, in as many lines as it needs where `across` panels stand side by side."""
    axes.set_title("\n".join(wrap(text, 104 // across)), loc="left", fontweight="bold")


def band_legend(lang: str, *more: Line2D) -> list:
    grey = "#444444"
    return [Line2D([], [], color=grey, lw=2, label=say(FIGURES, "median", lang)),
            Patch(color=grey, alpha=0.45, lw=0, label=say(FIGURES, "half", lang)),
            Patch(color=grey, alpha=0.18, lw=0, label=say(FIGURES, "most", lang)), *more]


def side_legend(selection: Selection, lang: str) -> list[Patch]:
    return [Patch(color=colour, label=selection.side_name(side, lang))
            for side, colour in zip(drawn_sides(selection), SIDES, strict=False)]


def spread(years: range, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The years and values [.., years] to draw; a single year becomes a short stretch so that it can be seen."""
    if len(years) > 1:
        return np.array(years), values
    return np.array([years[0] - 0.3, years[0] + 0.3]), np.repeat(values, 2, axis=-1)


def fan(axes: Axes, years: range, draws: np.ndarray, colour: str) -> None:
    """Draw the median and the bands over draws float64[D, years]."""
    at, (p05, p25, p50, p75, p95) = spread(years, np.quantile(draws, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0))
    axes.fill_between(at, p05, p95, color=colour, alpha=0.18, lw=0)
    axes.fill_between(at, p25, p75, color=colour, alpha=0.35, lw=0)
    axes.plot(at, p50, color=colour, lw=2)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.yaxis.set_major_formatter(thousands())
    axes.margins(x=0.02)


def step_line(axes: Axes, years: range, limits: list[float | None], line: str) -> None:
    """Draw a limit by year, with gaps in years without one."""
    values = np.array([np.nan if limit is None else limit for limit in limits])
    if not np.isnan(values).all():
        axes.plot(*spread(years, values), color="black", ls=line, lw=1.2)


def stacked_bar(axes: Axes, row: int, parts: list[tuple[float, str]]) -> float:
    """Draw one horizontal bar of (size, colour), negative parts to the left of zero. Returns where it ends."""
    end = 0.0
    for size, colour in parts:
        axes.barh(row, size, left=end if size > 0 else 0.0, height=0.72, color=colour, edgecolor="white", linewidth=0.4)
        end += max(size, 0.0)
    return end
