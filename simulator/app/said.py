"""What a page says of a design: the answer in sentences, what is moved, and how exact it is. The sentences are those of a report
with sliders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from simulator.answers.what_if import WhatIf
from simulator.app.app_words import APP
from simulator.app.computing import Figures
from simulator.app.state import Board, Design
from simulator.parameters.change import plain_text
from simulator.report.format import number, places_of, signed
from simulator.report.prose import say
from simulator.report.what_if_page import worst_said
from simulator.report.what_if_words import WHAT_IF
from simulator.words import region_name, scheme_name


def fund_name(board: Board, lang: str) -> str:
    """The fund and its years in words."""
    region, scheme = region_name(board.scenario.regions[0], lang), scheme_name(board.scenario.schemes[0], lang)
    years = f"{board.scenario.years[0]}-{board.scenario.years[-1]}"
    return f"{region}{scheme}，{years}年" if lang == "zh" else f"{region}, {scheme}, {years}"


def operand_said(board: Board, nth: int, step: int, lang: str) -> str:
    """What a lever is at, in words: the number it makes where it is one number, else by how much."""
    one, operand = board.sliders(lang)[nth], board.operand(nth, step)
    text = plain_text(operand)
    if one["verb"] == "plus":
        return f"{'+' if operand > 0 else ''}{text}".replace("-", "\N{MINUS SIGN}") + f" {one['plus_unit']}".rstrip()
    if one["verb"] == "value":
        return f"{_grouped(text)} {one['unit_name']}".rstrip()
    if isinstance(one["template"], str):
        made = board.box.levers[nth].change(board.region, board.scenario.year, operand)
        return f"{_grouped(str(made))} {one['unit_name']}".rstrip()
    return f"×{text}"


def _grouped(text: str) -> str:
    """A number with its thousands apart, and its mark of percent."""
    digits, mark = text.removesuffix("%"), "%" if text.endswith("%") else ""
    return f"{Decimal(digits):,f}{mark}"


def moved_said(board: Board, design: Design, lang: str) -> str:
    """What the design moves, or that it moves nothing."""
    sliders, selects = board.sliders(lang), board.selects(lang)
    found = [f"{one['name']} {operand_said(board, nth, design.steps[nth], lang)}"
             for nth, one in enumerate(sliders) if board.is_moved(nth, design)]
    found += [f"{one['name']}{say(WHAT_IF, 'colon', lang)}{one['names'][setting - 1]}"
              for one, setting in zip(selects, design.settings, strict=True) if setting]
    if not found:
        return say(APP, "unchanged_rules", lang)
    return say(APP, "moved", lang, levers=say(APP, "between", lang).join(found))


def sentences(figures: Figures, before: Figures, moved: str, lang: str) -> list[str]:
    """The answer of one design: when the fund runs out, which is what is asked first, what is moved, and three sentences more."""
    now, old, last = figures.by_name, before.by_name, figures.years[-1]
    gone = now["exhausted"][:, 0]
    later = [year for year, share in zip(figures.years, gone.tolist(), strict=True) if share >= 0.5]
    half = say(WHAT_IF, "half", lang, year=later[0]) if later else ""
    low, _, middle, _, high = now["balance"][-1, :, 0].tolist()
    places = places_of(float(np.abs(now["balance"]).max()), "1e8 CNY")
    return [
        say(APP, "runs_out", lang, year=last, now=_points(gone[-1]), before=_points(old["exhausted"][-1, 0])) + half, moved,
        say(WHAT_IF, "balance", lang, year=last, middle=number(middle, places), low=number(low, places),
            high=number(high, places), before=number(float(old["balance"][-1, 2, 0]), places)),
        say(WHAT_IF, "limits", lang, year=last, annual=_points(now["breach_annual"][-1, 0]),
            cumulative=_points(now["breach_cumulative"][-1, 0])),
        say(WHAT_IF, "burden", lang, year=last, poor=number(float(now["burden"][0, 0]), 1),
            rich=number(float(now["burden"][4, 0]), 1), before=number(float(old["burden"][0, 0]), 1))]


def _points(share: float) -> str:
    return number(100 * float(share), 1)


def gap_said(first: Figures, second: Figures, lang: str) -> str:
    """By how much the second design's figures are above the first one's in the last year."""
    a, b = first.by_name, second.by_name
    gone = 100 * float(b["exhausted"][-1, 0] - a["exhausted"][-1, 0])
    middle = float(b["balance"][-1, 2, 0] - a["balance"][-1, 2, 0])
    poor = float(b["burden"][0, 0] - a["burden"][0, 0])
    places = places_of(float(np.abs(a["balance"]).max()), "1e8 CNY")
    return say(APP, "gap", lang, year=first.years[-1], gone=signed(gone, 1), middle=signed(middle, places), poor=signed(poor, 2))


def how_exact(figures: Figures, record: WhatIf | None, draws: int, lang: str) -> str:
    """Whether the figures were simulated or are the emulator's, and in that case the worst that it was found to err by."""
    if figures.exact:
        return say(APP, "is_exact", lang, draws=number(draws))
    assert record is not None
    worst = worst_said(record, "balance", lang)
    gone = worst_said(record, "exhausted", lang)
    return say(APP, "is_emulated", lang, judged=record.told["judged"], balance=worst, gone=gone)


def rows_by_year(figures: Figures, lang: str) -> list[dict[str, Any]]:
    """The figures of one design by year, as a table shows them."""
    now = figures.by_name
    places = places_of(float(np.abs(now["balance"]).max()), "1e8 CNY")
    return [{"year": str(year), **{name: number(float(now["balance"][n, level, 0]), places)
                                   for name, level in (("low", 0), ("middle", 2), ("high", 4))},
             **{name: f"{_points(now[of][n, 0])}%" for name, of in (
                 ("exhausted", "exhausted"), ("annual", "breach_annual"), ("cumulative", "breach_cumulative"))}}
            for n, year in enumerate(figures.years)]
