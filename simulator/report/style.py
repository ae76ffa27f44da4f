"""The style of every figure: font, colours, a frame with room for title, legend and source line, and the files.

pyplot is not used: a figure is an object, and its style is set only while it is made and written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulator.report.columns import columns_of as columns_of
from simulator.report.columns import wrap as wrap

# The palette of Okabe and Ito: distinct for colour-blind readers, and in this order in grey too
SIDES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
BEARER_COLOURS = {"fund_share": "#0072B2", "later_layers_share": "#56B4E9", "hospital_share": "#999999",
                  "account_share": "#F0E442", "cash_share": "#E69F00"}
PAYER_COLOURS = {"basic": "#0072B2", "listed": "#4A4E9E", "outpatient": "#56B4E9", "supplement": "#00664B", "cii": "#009E73",
                 "commercial": "#A6D8C4", "assistance": "#CC79A7", "relief": "#8F2D5E", "hospital": "#999999",
                 "account": "#F0E442", "cash": "#E69F00"}
WIDTH = 10.0                  # inches, of every figure
DPI = 150
TITLE_LINE = 0.22             # inches, of a line of the title
INK, FAINT = "#222222", "#666666"
FONTS = Path(__file__).parent / "fonts"


@cache
def add_fonts() -> None:
    """Register the shipped Chinese font with matplotlib, once."""
    for path in sorted(FONTS.glob("*.ttf")):
        font_manager.fontManager.addfont(path)


def style() -> AbstractContextManager[None]:
    """The settings under which figures are made and written."""
    add_fonts()
    return rc_context({
        "font.family": ["Noto Sans SC", "DejaVu Sans"], "font.size": 9, "axes.titlesize": 10, "axes.labelsize": 9,
        "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "legend.fontsize": 9, "text.color": INK, "axes.labelcolor": INK,
        "axes.edgecolor": "#999999", "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#DDDDDD", "grid.linewidth": 0.6, "axes.axisbelow": True,
        "text.parse_math": False,                      # a policy may be called "$5"
        "axes.titley": 1.0,                            # where a title above no ticks would be put
        "svg.hashsalt": "fundsim", "svg.fonttype": "path", "path.simplify": False,
    })


def legend_shape(labels: Sequence[str]) -> tuple[int, int]:
    """The columns and rows of a legend that fits a figure's width; (0, 0) without labels."""
    if not labels:
        return 0, 0
    fit = max(150 // (max(map(columns_of, labels)) + 7), 1)
    rows = -(-len(labels) // fit)
    return -(-len(labels) // rows), rows


def frame(height: float, title: str, subtitle: str, source: str, handles: Sequence[Artist]) -> Figure:
    """A figure whose title, legend and source line have their own bands around axes of `height` inches.

    The legend lies above the axes, so that it covers nothing.
    """
    heading, under, foot = wrap(title, 98), wrap(subtitle, 130), wrap(source, 160)
    columns, rows = legend_shape([str(handle.get_label()) for handle in handles])
    top = 0.12 + TITLE_LINE * len(heading) + 0.19 * len(under) + (0.08 + 0.19 * rows if handles else 0.05)
    bottom = 0.1 + 0.15 * len(foot)
    height += top + bottom
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    figure.set_layout_engine("constrained", rect=(0.005, bottom / height, 0.99, 1 - (top + bottom) / height), h_pad=0.06,
                             w_pad=0.08)
    left = 0.012

    def put(at: float, text: str, **kw: Any) -> None:
        figure.text(left, 1 - at / height, text, ha="left", va="top", **kw)

    at = 0.1
    for line in heading:
        put(at, line, fontsize=12, fontweight="bold")
        at += TITLE_LINE
    for line in under:
        put(at, line, fontsize=9.5, color=FAINT)
        at += 0.19
    if handles:
        figure.legend(handles=list(handles), loc="upper left", bbox_to_anchor=(left, 1 - (at + 0.04) / height), ncol=columns,
                      frameon=False, borderaxespad=0, borderpad=0, columnspacing=1.4, handlelength=1.6)
    for i, line in enumerate(reversed(foot)):
        figure.text(left, (0.07 + 0.15 * i) / height, line, ha="left", va="bottom", fontsize=7.5, color=FAINT)
    return figure


def thousands() -> FuncFormatter:
    """A formatter of axis numbers with grouped thousands and a true minus sign."""
    return FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "\N{MINUS SIGN}"))


BOTH = ("png", "svg")          # the kinds of file a figure is written as


def save(figure: Figure, folder: Path, name: str, kinds: Sequence[str] = BOTH) -> None:
    """Write `name`.png and `name`.svg, or one of the two; equal figures give equal files.

    The axes are laid out once for both files, and the canvases are used directly: `savefig` would draw everything again for
    each file.
    """
    layout = figure.get_layout_engine()
    if layout is not None:
        layout.execute(figure)
    figure.set_layout_engine("none")
    if "png" in kinds:
        FigureCanvasAgg(figure).print_png(folder / f"{name}.png", metadata={"Software": None})
    if "svg" in kinds:
        FigureCanvasSVG(figure).print_svg(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})


def write(make: Callable[[], Figure], folder: Path, name: str, kinds: Sequence[str] = BOTH) -> None:
    """Make a figure under the style and write it."""
    with style():
        save(make(), folder, name, kinds)
