"""The figures of a run: each function takes a Selection and returns a matplotlib Figure.

Make them within `style.style()`; `write_figures` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from simulator.kernel.sums import BURDENS, LAYERS
from simulator.parameters.catalogue import QUINTILES
from simulator.report.figure_parts import (
    UNBROKEN,
    band_legend,
    drawn_sides,
    fan,
    page,
    panel_title,
    percent_of,
    side_legend,
    source_line,
    stacked_bar,
    step_line,
)
from simulator.report.format import percent, points
from simulator.report.fund_figures import MOST_GAPS, balance_fan, balance_gaps, balance_overlay
from simulator.report.prose import FIGURES, say
from simulator.report.select import Selection, Side
from simulator.report.style import BEARER_COLOURS, FAINT, PAYER_COLOURS, SIDES, frame, thousands, write
from simulator.report.unit_figures import has_units, pooling_units
from simulator.results import Run
from simulator.words import PAYER_NAMES, group_name, measure_name, short_scheme, word

if TYPE_CHECKING:
    from simulator.engine.places import Hear, Places
    from simulator.parameters.regions import Regions

OF_ALL_SIDES = ("overlay-", "gap-")     # names of the figures that show every side
VISIBLE = 0.05                 # % of a bar: the least part that can be seen
BEARERS = {"fund_share": "payer_fund", "later_layers_share": "payer_later", "hospital_share": "payer_hospital",
           "account_share": "payer_account", "cash_share": "payer_cash"}


def begin_figures(run: Run, folder: Path, lang: str, places: Places | None,
                  kind: str = "svg") -> Callable[[], list[tuple[str, str]]]:
    """Have every figure of a run written into `folder` as a file of one kind, `svg` or `png`, at `places`, or write them now
    where there are none. Returns what waits for them and gives the name and caption of each, in order."""
    selection = Selection(run)
    folder.mkdir(parents=True, exist_ok=True)
    shown = drawn_sides(selection)
    rest = "" if len(shown) == len(selection.sides) else say(FIGURES, "first_sides", lang, shown=len(shown),
                                                             all=len(selection.sides))
    made = list(figures(selection, lang))
    parts = []
    if places is None or places.count == 1:
        draw(selection, folder, lang, kind, range(len(made)))
    else:
        apart = 4 * places.count                           # so that the last ones end together
        parts = [places.submit(draw_part, run, folder, lang, kind, range(len(made))[n::apart]) for n in range(apart)]

    def drawn() -> list[tuple[str, str]]:
        for part in parts:
            part.result()
        return [(name, caption if name.startswith(OF_ALL_SIDES) else caption + rest) for name, _, caption in made]

    return drawn


def draw_part(hear: Hear, regions: Regions, run: Run, folder: Path, lang: str, kind: str, which: range) -> None:
    """The task of drawing some of a run's figures, by their places in the order."""
    draw(Selection(run), folder, lang, kind, which)


def draw(selection: Selection, folder: Path, lang: str, kind: str, which: Sequence[int]) -> None:
    """Write some figures, by their places in the order."""
    for n, (name, make, _) in enumerate(figures(selection, lang)):
        if n in which:
            write(make, folder, name, (kind,))


def figures(selection: Selection, lang: str) -> Iterator[tuple[str, partial[Figure], str]]:
    """The name, the maker and the caption of every figure of a run."""
    year = selection.years[0]
    kinds = (("balance", balance_fan), ("surplus", surplus_limits), ("oop", oop_by_quintile),
             ("catastrophic", catastrophic_by_layer))
    for kind, draw in kinds:
        for scheme in selection.schemes:
            caption = say(FIGURES, f"{kind}_caption", lang, scheme=short_scheme(scheme, lang), year=year)
            caption += say(FIGURES, "strip_caption", lang) if kind == "balance" else ""
            yield f"{kind}-{scheme}", partial(draw, selection, scheme, lang), caption
            if kind == "balance":
                yield from figures_of_all(selection, scheme, lang)
                if has_units(selection, scheme):
                    caption = say(FIGURES, "units_caption", lang, scheme=short_scheme(scheme, lang), year=selection.years[-1])
                    yield f"units-{scheme}", partial(pooling_units, selection, scheme, lang), caption
    yield "payers", partial(payer_shares, selection, lang), say(FIGURES, "payers_caption", lang, year=year)
    scheme = "nrcms" if "nrcms" in selection.schemes else selection.schemes[0]     # the documents list illnesses for the NRCMS
    if illness_order(selection, scheme):
        caption = say(FIGURES, "illness_caption", lang, scheme=short_scheme(scheme, lang), year=year)
        yield f"illness-{scheme}", partial(illness_burden, selection, scheme, lang), caption


def figures_of_all(selection: Selection, scheme: str, lang: str) -> Iterator[tuple[str, partial[Figure], str]]:
    """The figures that set all regions and policies side by side, where there are several."""
    name, pairs = short_scheme(scheme, lang), len(selection.pairs)
    if len(selection.sides) > 1:
        caption = say(FIGURES, "overlay_caption", lang, scheme=name)
        yield f"overlay-{scheme}", partial(balance_overlay, selection, scheme, lang), caption
    if pairs:
        caption = say(FIGURES, "gap_caption", lang, scheme=name)
        caption += say(FIGURES, "first_pairs", lang, shown=MOST_GAPS, all=pairs) if pairs > MOST_GAPS else ""
        yield f"gap-{scheme}", partial(balance_gaps, selection, scheme, lang), caption


def surplus_limits(selection: Selection, scheme: str, lang: str) -> Figure:
    """The annual surplus rate (above) and the cumulative surplus on the base of its limit (below), a column for each side."""
    def finding(side: Side) -> str:
        median = np.median(selection.fund_path(side, scheme, "surplus_rate"), axis=0)
        if len(median) == 1:
            return percent(median[0])
        return say(FIGURES, "change", lang, a=percent(median[0]), b=percent(median[-1]))

    legend = band_legend(lang, Line2D([], [], color="black", ls="--", lw=1.2, label=say(FIGURES, "limit", lang)),
                          Line2D([], [], color="black", ls=":", lw=1.2, label=say(FIGURES, "tolerated", lang)))
    figure = page(selection, "surplus", scheme, lang, 5.4, legend, finding)
    sides, years = drawn_sides(selection), selection.years
    panels = figure.subplots(2, len(sides), squeeze=False)
    bases = {selection.limits(side, scheme, years[0]).base for side in sides}
    for column, (side, colour) in enumerate(zip(sides, SIDES, strict=False)):
        limits, name = [selection.limits(side, scheme, year) for year in years], selection.side_name(side, lang)
        above, below, now = panels[0, column], panels[1, column], limits[0]
        if column:
            above.sharey(panels[0, 0])
            if len(bases) == 1:
                below.sharey(panels[1, 0])
        fan(above, years, selection.fund_path(side, scheme, "surplus_rate"), colour)
        above.axhline(0, color="#AAAAAA", lw=0.8)
        step_line(above, years, [limit.annual for limit in limits], "--")
        step_line(above, years, [limit.annual + limit.tolerance if limit.annual is not None and limit.tolerance else None
                             for limit in limits], ":")
        key = "no_annual" if now.annual is None else "annual_tolerance" if now.tolerance else "annual_limit"
        panel_title(above, say(FIGURES, key, lang, side=name, limit=percent(now.annual or 0, 0),
                                tolerance=points(now.tolerance)), len(sides))
        base = "months_of_expenditure" if now.base == "none" else now.base
        fan(below, years, selection.fund_path(side, scheme, base), colour)
        below.axhline(0, color="#AAAAAA", lw=0.8)
        step_line(below, years, [limit.cumulative for limit in limits], "--")
        amount = now.cumulative or 0
        text = say(FIGURES, "some_months", lang, number=points(amount)) if base == "months_of_expenditure" else percent(amount, 0)
        panel_title(below, say(FIGURES, "no_cumulative" if now.cumulative is None else "cumulative_limit", lang, side=name,
                                limit=text), len(sides))
        below.set_ylabel(say(FIGURES, base, lang))
    panels[0, 0].set_ylabel(say(FIGURES, "surplus_axis", lang))
    return figure


def oop_by_quintile(selection: Selection, scheme: str, lang: str) -> Figure:
    """Out-of-pocket payments by income quintile in the first year: amount (left) and share of income (right)."""
    year = selection.years[0]

    def finding(side: Side) -> str:
        return say(FIGURES, "two", lang, a=percent_of(selection, side, scheme, year, "oop_share_of_income", "quintile:q1", 1),
                   b=percent_of(selection, side, scheme, year, "oop_share_of_income", "quintile:q5", 1))

    figure = page(selection, "oop", scheme, lang, 3.2, side_legend(selection, lang), finding)
    names = [group_name(f"quintile:{quintile}", lang).replace(" ", "\n") for quintile in QUINTILES]
    for axes, measure, unit in zip(figure.subplots(1, 2), ("oop_per_head", "oop_share_of_income"), ("oop_amount", "oop_share"),
                                   strict=True):
        _bars(axes, selection, scheme, year, measure, [f"quintile:{quintile}" for quintile in QUINTILES])
        axes.set_xticks(range(len(QUINTILES)), names)
        axes.set_ylabel(say(FIGURES, unit, lang))
        panel_title(axes, measure_name(measure, lang))
    return figure


def catastrophic_by_layer(selection: Selection, scheme: str, lang: str) -> Figure:
    """Households with catastrophic expenditure (by three thresholds) and impoverished ones, before and after each layer."""
    year = selection.years[0]

    def finding(side: Side) -> str:
        return say(FIGURES, "before_after", lang, a=percent_of(selection, side, scheme, year, "catastrophic_25", "layer:before",
                                                                1),
                   b=percent_of(selection, side, scheme, year, "catastrophic_25", "layer:assistance", 1))

    figure = page(selection, "catastrophic", scheme, lang, 5.6, side_legend(selection, lang), finding)
    layers = LAYERS if accounts_pay(selection, scheme) else LAYERS[:-1]
    names = [say(FIGURES, f"layer_{layer}", lang) for layer in layers]
    for axes, burden in zip(figure.subplots(2, 2).flat, BURDENS, strict=True):
        _bars(axes, selection, scheme, year, burden, [f"layer:{layer}" for layer in layers])
        axes.set_xticks(range(len(layers)), names)
        axes.set_ylabel(say(FIGURES, "catastrophic_axis", lang))
        panel_title(axes, measure_name(burden, lang))
    return figure


def accounts_pay(selection: Selection, scheme: str) -> bool:
    """Whether individual accounts pay any bill in the first year, so that cash is less than the out-of-pocket payment."""
    found = [selection.number(side, scheme, selection.years[0], "payer_share", "payer:account")
             for side in drawn_sides(selection)]
    return any(number and number.mean > 0 for number in found)


def payer_shares(selection: Selection, lang: str) -> Figure:
    """Who pays all medical expense in the first year: a stacked bar for each scheme and side."""
    year, sides = selection.years[0], drawn_sides(selection)
    bars = [(scheme, side) for scheme in selection.schemes for side in sides]
    found = {(scheme, side): {payer: number.mean for payer in PAYER_COLOURS
                              if (number := selection.number(side, scheme, year, "payer_share", f"payer:{payer}"))}
             for scheme, side in bars}
    shown = [payer for payer in PAYER_COLOURS if any(abs(shares.get(payer, 0.0)) >= VISIBLE for shares in found.values())]

    def patients(scheme: str, side: Side) -> str:
        return percent(sum(found[scheme, side].get(payer, 0.0) for payer in ("account", "cash")), 0)

    def shares(scheme: str) -> str:
        return say(FIGURES, "enumerated", lang).join(
            say(FIGURES, "pair", lang, side=selection.side_name(side, lang), text=patients(scheme, side)).replace(" ", UNBROKEN)
            for side in sides)

    findings = say(FIGURES, "joined", lang).join(
        say(FIGURES, "payers_finding", lang, scheme=short_scheme(scheme, lang), shares=shares(scheme))
        for scheme in selection.schemes)
    legend = [Patch(color=PAYER_COLOURS[payer], label=word(PAYER_NAMES, payer, lang)) for payer in shown]
    figure = frame(0.6 + 0.3 * len(bars), say(FIGURES, "payers_title", lang, year=year, findings=findings),
                   say(FIGURES, "payers_under", lang), source_line(selection, lang), legend)
    axes = figure.subplots()
    axes.margins(x=0, y=0.02)
    for row, (scheme, side) in enumerate(bars):
        parts = [(found[scheme, side].get(payer, 0.0), PAYER_COLOURS[payer]) for payer in shown]
        axes.text(stacked_bar(axes, row, parts), row, f" {patients(scheme, side)}", va="center", fontsize=8.5, color=FAINT)
    axes.set_yticks(range(len(bars)), [say(FIGURES, "bar", lang, scheme=short_scheme(scheme, lang),
                                           side=selection.side_name(side, lang)) for scheme, side in bars])
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.set_xlim(right=max(axes.get_xlim()[1], 105))
    axes.set_xlabel(say(FIGURES, "payers_axis", lang))
    axes.invert_yaxis()
    return figure


def illness_order(selection: Selection, scheme: str) -> list[str]:
    """Listed illnesses with bills in the first year, the costliest first (by the mean over the sides shown)."""
    costs = {}
    for illness in selection.illnesses:
        found = [selection.illness_bill(side, scheme, selection.years[0], illness) for side in drawn_sides(selection)]
        bills = [bill["mean_bill"] for bill in found if bill]
        if bills:
            costs[illness] = sum(bills) / len(bills)
    return sorted(costs, key=lambda illness: -costs[illness])


def illness_burden(selection: Selection, scheme: str, lang: str) -> Figure:
    """The mean bill of each listed illness in the first year, split by who bears it, a panel for each side."""
    year, order, sides = selection.years[0], illness_order(selection, scheme), drawn_sides(selection)

    def finding(side: Side) -> str:
        bills = [selection.illness_bill(side, scheme, year, illness) for illness in order]
        shares = [bill["cash_share"] for bill in bills if bill]
        return say(FIGURES, "change", lang, a=percent(min(shares), 0),
                   b=percent(max(shares), 0)) if shares else say(FIGURES, "no_bills", lang)

    bills = [selection.illness_bill(side, scheme, year, illness) for side in sides for illness in order]
    bearers = {key: words for key, words in BEARERS.items() if any(bill and bill[key] for bill in bills)}
    legend = [Patch(color=BEARER_COLOURS[key], label=say(FIGURES, words, lang)) for key, words in bearers.items()]
    figure = page(selection, "illness", scheme, lang, 0.7 + 0.26 * len(order), legend, finding)
    panels = figure.subplots(1, len(sides), sharex=True, sharey=True, squeeze=False)[0]
    for axes, side in zip(panels, sides, strict=True):
        for row, illness in enumerate(order):
            bill = selection.illness_bill(side, scheme, year, illness)
            if bill is None:
                axes.text(0, row, f" {say(FIGURES, 'no_bills', lang)}", va="center", fontsize=8, color=FAINT)
                continue
            end = stacked_bar(axes, row, [(bill["mean_bill"] * bill[key] / 100 / 1000, BEARER_COLOURS[key]) for key in bearers])
            axes.text(end, row, f" {percent(bill['cash_share'], 0)}", va="center", fontsize=7.5, color=FAINT)
        axes.set_yticks(range(len(order)), [group_name(illness, lang) for illness in order])
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        axes.set_xlabel(say(FIGURES, "illness_axis", lang))
        axes.margins(x=0.1, y=0.02)
        axes.xaxis.set_major_formatter(thousands())
        panel_title(axes, selection.side_name(side, lang), len(sides))
    panels[0].invert_yaxis()
    return figure


def _bars(axes: Axes, selection: Selection, scheme: str, year: int, measure: str, groups: list[str]) -> None:
    """Draw grouped bars, a colour for each side, with 95% Monte Carlo errors and the values above them."""
    sides = drawn_sides(selection)
    width = 0.8 / len(sides)
    for i, (side, colour) in enumerate(zip(sides, SIDES, strict=False)):
        found = [selection.number(side, scheme, year, measure, group) for group in groups]
        means = np.array([number.mean if number else np.nan for number in found])
        errors = np.nan_to_num([selection.half(number) for number in found])
        at = np.arange(len(groups)) + (i - (len(sides) - 1) / 2) * width
        axes.bar(at, means, width * 0.94, color=colour)
        axes.errorbar(at, means, yerr=errors, fmt="none", ecolor="black", elinewidth=0.9, capsize=2)
        for x, mean, error in zip(at, means, errors, strict=True):
            if len(sides) <= 2 and np.isfinite(mean):
                axes.annotate(f"{mean:,.0f}" if abs(mean) >= 100 else f"{mean:.1f}", (x, mean + error), xytext=(0, 2),
                              textcoords="offset points", ha="center", va="bottom", fontsize=7.5, color=FAINT)
    axes.margins(y=0.12)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(thousands())
