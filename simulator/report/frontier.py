"""The frontier of a solved question: the best goal, and where the levers then stand, as one condition is made tighter or looser.

Made from an answer alone, within `style.style()`.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.answers.box import Lever
from simulator.answers.question import Question
from simulator.answers.solve import ANSWER, NOT_ATTAINABLE, Answer
from simulator.report.style import FAINT, SIDES, frame, thousands
from simulator.words import region_name, short_scheme, unit_name, word

LEAST_SPAN = 0.02                # of the goal's axis, relative to the goal
NEWLINE = "\n"

FRONTIER_WORDS = {  # English and Chinese
    "title": ("{fund}: what {condition} costs", "{fund}：约束“{condition}”的代价"),
    "subtitle": ("{goal}, the {extreme} that the other conditions allow, at each level of this one",
                 "{goal}：在其他约束下，随该约束水平变化所能达到的{extreme}"),
    "title_not": ("{fund}: how near {condition} can be come", "{fund}：约束“{condition}”能达到的程度"),
    "subtitle_not": ("{goal}, the {extreme} that can be had at each level of this condition",
                     "{goal}：在该约束的各水平上所能达到的{extreme}"),
    "least": ("least", "最小值"), "most": ("most", "最大值"),
    "curve": ("best by the emulator", "模拟器给出的最优值"),
    "asked": ("level asked", "所要求的水平"), "answer": ("the answer, simulated", "所得方案（精确模拟）"),
    "nearest": ("the nearest policy, simulated", "最接近的方案（精确模拟）"),
    "none": ("no policy of the box meets the conditions at these levels", "在这些水平上，范围内没有方案满足全部约束"),
    "source": ("{draws} worlds of the search. An answer lies inside the bound, for fresh worlds must prove it.",
               "检索所用的{draws}个情景；方案留有余量，因为还须由新情景证实。"),
}


def say(key: str, lang: str, **figures: object) -> str:
    """A sentence of the frontier in a language."""
    return word(FRONTIER_WORDS, key, lang).format(**figures)


def frontier(question: Question, found: Answer, lang: str) -> Figure:
    """The goal against the level of the binding condition, and below it the position of each lever."""
    which, condition, goal, levers = found.which, question.conditions[found.which], found.traded, question.box.levers
    share = condition.figure.unit == "probability"
    levels = np.array(found.levels) * (100 if share else 1)
    met = np.array([one.feasible for one in found.frontier])
    scale = 100 if goal.figure.unit == "probability" else 1
    points = np.array([one.point for one in found.frontier])
    here = found.exact[which] * (100 if share else 1)
    lines = [Line2D([], [], color=SIDES[0], marker="o", ms=4, label=say("curve", lang)),
             Line2D([], [], color="black", ls="--", lw=1, label=say("asked", lang)),
             Line2D([], [], color=SIDES[1], marker="D", ls="", ms=7,
                    label=say("answer" if found.verdict == ANSWER else "nearest", lang))]
    fund = f"{region_name(question.scenario.regions[0], lang)} {short_scheme(question.scenario.schemes[0], lang)}"
    kind, extreme = "_not" if found.verdict == NOT_ATTAINABLE else "", say("least" if goal.sense > 0 else "most", lang)
    figure = frame(3.0 + 1.6, say(f"title{kind}", lang, fund=fund, condition=condition.text),
                   say(f"subtitle{kind}", lang, goal=goal.figure.text, extreme=extreme),
                   say("source", lang, draws=found.draws), lines)
    panels = figure.add_gridspec(2, len(levers), height_ratios=(3.0, 1.6))
    above = figure.add_subplot(panels[0, :])
    above.plot(levels[met], scale * np.array([one.goal for one in found.frontier])[met], color=SIDES[0], marker="o", ms=4)
    above.plot([here], [scale * found.exact[found.figures.index(goal.figure)]], color=SIDES[1], marker="D", ls="", ms=7, zorder=5)
    for other in question.conditions:
        if other.figure == goal.figure:                                      # the level asked of what is traded
            above.axhline(scale * other.bound, color="black", ls="--", lw=1)
    unit = "%" if scale == 100 else unit_name(goal.figure.unit, lang)
    above.set_ylabel(unit)
    low, high = above.get_ylim()
    if high - low < LEAST_SPAN * max(abs(low), abs(high)):                   # a goal that does not move is drawn as a flat line
        middle, reach = (low + high) / 2, LEAST_SPAN * max(abs(low), abs(high)) / 2
        above.set_ylim(middle - reach, middle + reach)
    if not met.any():
        above.text(0.5, 0.5, say("none", lang), transform=above.transAxes, ha="center", va="center", color=FAINT)
    axes_of = [above]
    for number, lever in enumerate(levers):
        axes = figure.add_subplot(panels[1, number])
        at = np.array([float(question.box.operands(point)[number]) for point in points])
        axes.plot(levels[met], at[met], color=SIDES[0], marker="o", ms=3)
        axes.plot([here], [float(question.box.operands(found.point)[number])], color=SIDES[1], marker="D", ls="", ms=6, zorder=5)
        low, high = float(lever.low), float(lever.high)
        axes.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        axes.set_title(f"{lever.path}{' ' if len(levers) < 3 else NEWLINE}({_unit(lever, lang)})", loc="left", fontsize=8.5)
        axes_of.append(axes)
    _share_level_axis(axes_of, levels, here, condition.bound * (100 if share else 1), condition.figure.text,
                      "%" if share else unit_name(condition.figure.unit, lang))
    return figure


def _unit(lever: Lever, lang: str) -> str:
    """The unit of a lever's operand: that of its parameter, or times."""
    return "\N{MULTIPLICATION SIGN}" if lever.verb == "times" else unit_name(lever.unit, lang)


def _share_level_axis(axes_of: list[Axes], levels: np.ndarray, here: float, asked: float, name: str, unit: str) -> None:
    """One scale of levels for all panels, with the level asked."""
    low, high = min(levels.min(), here), max(levels.max(), here)
    edge = 0.03 * max(high - low, 1e-9)
    for axes in axes_of:
        axes.axvline(asked, color="black", ls="--", lw=1)
        axes.set_xlim(low - edge, high + edge)
        axes.yaxis.set_major_formatter(thousands())
        axes.xaxis.set_major_formatter(thousands())
    axes_of[0].set_xlabel(f"{name} ({unit})" if unit else name)
