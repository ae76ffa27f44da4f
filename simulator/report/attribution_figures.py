"""The figures of an attributed gap (a waterfall) and of a swap matrix (a heat map)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from simulator.answers.attribute import Attribution, Swap
from simulator.answers.attribute import Figure as Stored
from simulator.report.attribution import (
    SPLIT,
    block_name,
    gap_sentence,
    mark,
    scale_of,
    shown_parts,
    source,
    swap_scale,
)
from simulator.report.format import signed
from simulator.report.prose import say
from simulator.report.style import INK, SIDES, frame, thousands, wrap
from simulator.words import measure_and_group, region_name, short_scheme

DOWN, UP = SIDES[:2]               # of what lowers the figure and what raises it
SIDE_BAR = "#666666"
ROW, SMALL_PRINT, LARGE_PRINT = 0.42, 8.0, 11.0       # inches of a row; points of the figures in a cell
BAR, BRACKET = 0.27, 0.36          # half the height of a bar, and how far below its middle the range lies, in rows


def waterfall(found: Attribution, lang: str) -> Figure:
    """From one side's mean through the parts of the gap to the other's, with each part's interval and range over all orders."""
    scale, asked = scale_of(found), found.question
    sides = [region_name(name, lang) for name in asked.regions]
    handles = [Patch(facecolor=UP, label=say(SPLIT, "raises", lang)), Patch(facecolor=DOWN, label=say(SPLIT, "reduces", lang)),
               Line2D([], [], color=INK, lw=1.2, label=say(SPLIT, "whisker", lang)),
               Line2D([], [], color="#999999", lw=2.5, label=say(SPLIT, "bracket", lang))]
    measure = measure_and_group(asked.measure, asked.group, lang)
    under = say(SPLIT, "waterfall_sub", lang, a=sides[0], b=sides[1], scheme=short_scheme(asked.scheme, lang), year=asked.at,
                unit=scale.unit_text(lang))
    figure = frame(ROW * (len(found.parts) + 3) + 0.3, say(SPLIT, "of_gap", lang, a=sides[0], b=sides[1], measure=measure),
                   under + " " * (lang == "en") + gap_sentence(found, scale, lang),
                   source(found, [part.figure for part in found.parts], lang), handles)
    axes = figure.subplots()
    a, parts, b = shown_parts(found, scale)
    names, notes, reach = [sides[0]], [scale.text(a)], [float(found.a.exact)]
    level, last = float(found.a.exact), len(found.parts) + 1
    axes.plot([level * scale.times], [0], marker="D", color=SIDE_BAR, ms=7, ls="")
    for row, (part, steps) in enumerate(zip(found.parts, parts, strict=True), start=1):
        after = level + float(part.figure.exact)
        colour = UP if after >= level else DOWN
        axes.plot([level * scale.times] * 2, [row - 1 + BAR, row + BAR], color="#BBBBBB", lw=0.8, zorder=1)
        axes.barh(row, (after - level) * scale.times, left=level * scale.times, height=2 * BAR, color=colour, zorder=2)
        whiskers(axes, part.figure, level, scale.times, row)
        if part.order_high > part.order_low:
            axes.plot([(level + part.order_low) * scale.times, (level + part.order_high) * scale.times], [row + BRACKET] * 2,
                      color="#999999", lw=2.5, solid_capstyle="butt", zorder=2)
        reach += [after, level + part.order_low, level + part.order_high,
                  *(level + end for end in (part.figure.low, part.figure.high) if np.isfinite(end))]
        names.append(block_name(part.block, lang))
        notes.append(mark(signed(steps / 10 ** scale.places, scale.places), part.figure))
        level = after
    axes.plot([level * scale.times] * 2, [last - 1 + BAR, last], color="#BBBBBB", lw=0.8, zorder=1)
    axes.plot([level * scale.times], [last], marker="D", color=SIDE_BAR, ms=7, ls="")
    names.append(sides[1])
    notes.append(scale.text(b))
    axes.set_yticks(range(last + 1), names)
    axes.set_ylim(last + 0.6, -0.6)
    spread = (max(reach) - min(reach)) or abs(level) or 1.0
    axes.set_xlim((min(reach) - 0.04 * spread) * scale.times, (max(reach) + 0.16 * spread) * scale.times)
    for row, note in enumerate(notes):
        axes.text(0.995, row, note, transform=axes.get_yaxis_transform(), ha="right", va="center",
                  fontweight="bold" if row in (0, last) else "normal",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    axes.xaxis.set_major_formatter(thousands())
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(scale.unit_text(lang))
    return figure


def whiskers(axes: Axes, figure: Stored, start: float, times: int, row: int) -> None:
    """The 95% interval of a part that begins at `start`, if it has one."""
    if np.isfinite([figure.low, figure.high]).all() and figure.high > figure.low:
        axes.plot([(start + figure.low) * times, (start + figure.high) * times], [row, row], color=INK, lw=1.2, zorder=3)
        for end in (figure.low, figure.high):
            axes.plot([(start + end) * times] * 2, [row - 0.1, row + 0.1], color=INK, lw=1.2, zorder=3)


def heat_map(found: Swap, lang: str) -> Figure:
    """The rules of each region (columns) on the people of each (rows)."""
    from matplotlib import colormaps

    scale, asked = swap_scale(found), found.question
    n = len(asked.regions)
    names = [region_name(name, lang) for name in asked.regions]
    measure = measure_and_group(asked.measure, asked.group, lang)
    figure = frame(max(0.75 * n, 2.0) + 0.7, say(SPLIT, "matrix", lang, measure=measure),
                   say(SPLIT, "matrix_sub", lang, scheme=short_scheme(asked.scheme, lang), year=asked.at,
                       unit=scale.unit_text(lang)), source(found, [cell.figure for cell in found.cells], lang), ())
    axes = figure.subplots()
    values = np.array([float(cell.figure.exact) * scale.times for cell in found.cells]).reshape(n, n)
    image = axes.imshow(values, cmap="cividis", aspect="auto")
    low, high = image.get_clim()
    for place, cell in enumerate(found.cells):
        row, column = divmod(place, n)
        shade = (values[row, column] - low) / (high - low) if high > low else 0.0
        red, green, blue, _ = colormaps["cividis"](shade)
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
        size = max(LARGE_PRINT - 0.6 * max(n - 3, 0), SMALL_PRINT)
        axes.text(column, row - 0.13, scale.text(scale.steps(cell.figure)), ha="center", va="center", color=ink,
                  fontsize=size + 1, fontweight="bold")
        under = f"\N{PLUS-MINUS SIGN}{mark(scale.half(cell.figure), cell.figure)}"
        if cell.people != cell.rules:
            under += f"   {scale.of(float(cell.difference.exact), plus=True)}"
        else:
            axes.add_patch(Rectangle((column - 0.49, row - 0.49), 0.98, 0.98, fill=False, edgecolor=ink, lw=1.2))
        axes.text(column, row + 0.2, under, ha="center", va="center", color=ink, fontsize=size - 2)
    axes.set_xticks(range(n), names)
    axes.set_yticks(range(n), names)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(say(SPLIT, "rules_axis", lang))
    axes.set_ylabel("\n".join(wrap(say(SPLIT, "people_axis", lang), 24)))
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=axes, pad=0.02, format=thousands())
    bar.outline.set_visible(False)
    return figure
