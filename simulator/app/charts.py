"""Drawings of a page as SVG text: the fan of the fund's balance, the probability that it has run out, what members bear.

Colours and their meaning are those of a report with sliders; every number and label is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from simulator.report.format import number

DRAWN_WIDTH = 430                # of a drawing, in its own units, in which letters are 12 high
EDGE_LEFT, EDGE_RIGHT, EDGE_TOP, EDGE_BELOW = 46, 8, 8, 22
ALONE_HALF = 50                       # half of the width of a year that has none beside it


def fan(rows: np.ndarray, before: np.ndarray, years: Sequence[int], ends: tuple[float, float], label: str,
        height: int = 220) -> str:
    """Bands of the worlds by year from float64[Y, 5], the median, and that of the unchanged rules, float64[Y], dashed; the axis
    goes from one of `ends` to the other."""
    y, axis = _axis(ends, height)
    middle = at = _places(len(years))
    low, high = ends
    if len(years) == 1:                                    # a year alone is as wide as a bar
        at, rows, before = [at[0] - ALONE_HALF, at[0] + ALONE_HALF], rows.repeat(2, axis=0), before.repeat(2)
    of = [np.clip(rows[:, level], low, high) for level in range(rows.shape[1])]
    bands = [_band(at, y, of[level], of[-1 - level], name) for level, name in ((0, "wide-band"), (1, "narrow-band"))]
    lines = [_line(at, y, of[2], "median"), _line(at, y, np.clip(before, low, high), "before")]
    return _svg("".join([*bands, axis, *lines, _years(middle, years, height)]), height, label)


def strip(shares: np.ndarray, years: Sequence[int], label: str, height: int = 62) -> str:
    """The probability of each year, float64[Y], as a field that fills, with its number in percent."""
    wide, tall, found = DRAWN_WIDTH / len(years), height - EDGE_TOP - EDGE_BELOW + 4, list[str]()
    for n, (year, share) in enumerate(zip(years, shares.tolist(), strict=True)):
        x, filled = n * wide, max(share, 0.0) * tall
        shown = f"{number(100 * share, 1 if wide > 40 else 0)}%"
        found.append(f'{_rect(x + 1, 4, wide - 2, tall, "cell")}{_rect(x + 1, 4 + tall - filled, wide - 2, filled, "filled")}'
                     f'{_text(x + wide / 2, 4 + tall / 2 + 4, shown)}'
                     f'{_text(x + wide / 2, height - 5, str(year) if wide > 34 else f"{year % 100:02d}")}')
    return _svg("".join(found), height, label)


def bars(shares: np.ndarray, before: np.ndarray, names: Sequence[str], ends: tuple[float, float], label: str,
         height: int = 190) -> str:
    """What each quintile bears, float64[5], as bars with their numbers, and a mark where the unchanged rules stand."""
    y, axis = _axis(ends, height)
    wide, found = (DRAWN_WIDTH - EDGE_LEFT - EDGE_RIGHT) / len(names), [axis]
    for n, name in enumerate(names):
        x, top, zero = EDGE_LEFT + n * wide + wide * 0.2, y(float(shares[n])), y(max(min(0.0, ends[1]), ends[0]))
        mark = y(float(before[n]))
        found.append(f'{_rect(x, min(top, zero), wide * 0.6, abs(zero - top), "bar")}'
                     f'<line x1="{x - 4:.1f}" x2="{x + wide * 0.6 + 4:.1f}" y1="{mark:.1f}" y2="{mark:.1f}" class="before"/>'
                     f'{_text(x + wide * 0.3, max(min(top, zero) - 5, 12), f"{number(float(shares[n]), 1)}%")}'
                     f'{_text(x + wide * 0.3, height - 5, name)}')
    return _svg("".join(found), height, label)


def ends_of(*figures: np.ndarray, room: float = 0.03) -> tuple[float, float]:
    """The ends of an axis that holds some figures, and zero."""
    every = np.concatenate([np.asarray(figure, dtype=np.float64).ravel() for figure in figures])
    low, high = min(float(every.min()), 0.0), max(float(every.max()), 0.0)
    return low, high + room * (high - low) if high > low else low + 1.0


def _axis(ends: tuple[float, float], height: int) -> tuple[Callable[[float], float], str]:
    """Where a value lies, and the lines of the axis with their numbers."""
    low, high = ends
    step, found = _step(high - low), []
    places = max(0, -math.floor(math.log10(step))) if step < 1 else 0

    def y(value: float) -> float:
        return height - EDGE_BELOW - (value - low) / (high - low) * (height - EDGE_BELOW - EDGE_TOP)

    for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        at, value, kind = y(n * step), n * step, "grid" if n else "zero"
        found.append(f'<line x1="{EDGE_LEFT}" x2="{DRAWN_WIDTH - EDGE_RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="{kind}"/>'
                     f'{_text(EDGE_LEFT - 6, at + 4, number(value, places), "end")}')
    return y, "".join(found)


def _step(length: float) -> float:
    power = 10.0 ** math.floor(math.log10(length))
    over = length / power
    return power * (0.2 if over < 1.5 else 0.5 if over < 3.5 else 1.0 if over < 7.5 else 2.0)


def _places(count: int) -> list[float]:
    """Where each year stands."""
    if count == 1:
        return [(EDGE_LEFT + DRAWN_WIDTH - EDGE_RIGHT) / 2]
    return [EDGE_LEFT + 14 + n * (DRAWN_WIDTH - EDGE_LEFT - EDGE_RIGHT - 28) / (count - 1) for n in range(count)]


def _points(at: Sequence[float], y: Callable[[float], float], values: np.ndarray) -> list[str]:
    return [f"{x:.1f} {y(value):.1f}" for x, value in zip(at, values.tolist(), strict=True)]


def _line(at: Sequence[float], y: Callable[[float], float], values: np.ndarray, name: str) -> str:
    return f'<path d="M{" L".join(_points(at, y, values))}" class="{name}"/>'


def _band(at: Sequence[float], y: Callable[[float], float], low: np.ndarray, high: np.ndarray, name: str) -> str:
    return f'<path d="M{" L".join([*_points(at, y, high), *reversed(_points(at, y, low))])}Z" class="{name}"/>'


def _years(at: Sequence[float], years: Sequence[int], height: int) -> str:
    every = math.ceil(len(years) * 38 / (DRAWN_WIDTH - EDGE_LEFT - EDGE_RIGHT))
    return "".join(_text(at[n], height - 5, str(year)) for n, year in enumerate(years) if (len(years) - 1 - n) % every == 0)


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(inside: str, height: int, label: str) -> str:
    return f'<svg viewBox="0 0 {DRAWN_WIDTH} {height}" role="img" aria-label="{escape(label, quote=True)}">{inside}</svg>'
