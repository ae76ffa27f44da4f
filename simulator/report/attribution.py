"""An attributed gap and a swap matrix in words and numbers, in English and Chinese: tables, and sentences true by construction.

Shown numbers are rounded together, so that what a reader adds up is what stands below.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from simulator.answers.attribute import Answer, Attribution, Figure, Swap
from simulator.answers.shapley import nearest_unit, rounded
from simulator.report.format import MARK, number, places_of, signed
from simulator.report.prose import say
from simulator.report.style import columns_of, wrap
from simulator.words import Words, measure_and_group, region_name, short_scheme, unit_name, word

BLOCK_NAMES: Words = {
    "deductible-cap": ("Deductible and cap", "起付线和封顶线"), "ratio": ("Reimbursement ratio", "报销比例"),
    "list": ("Catastrophic list", "重大疾病病种"), "outpatient": ("Outpatient rules", "门诊待遇"),
    "later-layers": ("Later layers", "后续各层保障"), "funding-limits": ("Funding and limits", "筹资与结余控制"),
    "people-incomes": ("People and incomes", "人口与收入"), "use-prices": ("Use and prices", "就医与费用"),
    "rest": ("Everything else", "其余各项"),
}
SPLIT: Words = {
    "title": ("{measure}, {scheme}, {year} ({unit})", "{scheme} {year}年 {measure}（{unit}）"),
    "part": ("mean", "均值"), "half": ("\N{PLUS-MINUS SIGN} 95%", "\N{PLUS-MINUS SIGN} 95%"),
    "orders": ("over all orders", "各种顺序下的范围"), "to": ("{low} to {high}", "{low} 至 {high}"),
    "higher": ("{b} is above {a} by {gap} {unit} (95% interval {low} to {high}).",
               "{b}比{a}高 {gap} {unit}（95%区间 {low} 至 {high}）。"),
    "lower": ("{b} is below {a} by {gap} {unit} (95% interval {low} to {high}).",
              "{b}比{a}低 {gap} {unit}（95%区间 {low} 至 {high}）。"),
    "none": ("{a} and {b} have the same figure.", "{a}与{b}的数值相同。"),
    "largest": ("No part is larger than that of {name}: {part}.", "没有一项大于{name}：{part}。"),
    "either": ("Which way these work depends on the order of the blocks: {names}.", "作用方向取决于各项的先后顺序：{names}。"),
    "one_way": ("To the digits shown, no part changes its sign with the order of the blocks.",
                "按所示位数，各项的作用方向均不随先后顺序改变。"),
    "unsure": ("The 95% interval of these holds zero: {names}.", "95%区间包含零：{names}。"),
    "idle": ("They differ, but leave this figure as it is: {names}.", "有差异但不影响该数值：{names}。"),
    "same": ("No difference between the two in: {names}.", "两地无差异：{names}。"),
    "pooled": ("The figure is pooled over all worlds, so it has no error.", "该数值由全部情景合并得出，没有误差。"),
    "heavy": ("{mark} a few worlds make up this figure: no interval is given.", "{mark} 该数由少数情景决定，不给出区间。"),
    "points": ("percentage points", "百分点"), "join": (", ", "、"),
    "of_gap": ("{measure}: the gap from {a} to {b} in its parts", "{measure}：从{a}到{b}的差距构成"),
    "waterfall_sub": ("{scheme}, {year}. From the mean of {a} through the parts of the gap (Shapley values) to that of {b}, "
                      "{unit}.", "{scheme}，{year}年。从{a}的均值经各项差距（沙普利值）到{b}的均值，{unit}。"),
    "source": ("fundsim: {settled} mixtures of the regions, {worlds} worlds with rules as stated, {people} simulated people "
               "each, seed {seed}; run {digest}.",
               "fundsim：地区组合 {settled} 种，情景 {worlds} 个（规则按现行取值），各模拟 {people} 人，"
               "种子 {seed}；运行 {digest}。"),
    "raises": ("raises it", "使其升高"), "reduces": ("reduces it", "使其降低"),
    "whisker": ("95% interval of a part", "95%区间"), "bracket": ("its range over all orders of the blocks", "各种顺序下的范围"),
    "matrix": ("{measure}: the rules of each on the people of each", "{measure}：各地规则用于各地人口"),
    "matrix_sub": ("{scheme}, {year}, {unit}. Small figures: half of the 95% interval; difference to the rules at home.",
                   "{scheme}，{year}年，{unit}。小字：95%区间半宽；与本地规则之差。"),
    "rules": ("rules of {region}", "{region}规则"), "people": ("people of {region}", "{region}人口"),
    "rules_axis": ("Rules", "规则"), "people_axis": ("People, their incomes, use and prices", "人口、收入、就医与费用"),
    "row_spread": ("On the people of {region}, the rules move the figure between {low} ({least}) and {high} ({most}).",
                   "用于{region}人口时，数值介于 {low}（{least}规则）与 {high}（{most}规则）之间。"),
}
TERMINAL_LINES, TERMINAL_WIDTH = 23, 80            # of a table with its sentences on the terminal; a line is left for the folder


def block_name(block: str, lang: str) -> str:
    """The name of a default block in words; a user's as it was given."""
    return word(BLOCK_NAMES, block, lang)


def named(blocks: Iterable[str], lang: str) -> str:
    """Several blocks within a sentence."""
    names = [block_name(block, lang) for block in blocks]
    return say(SPLIT, "join", lang).join(name[0].lower() + name[1:] if block in BLOCK_NAMES else name
                                         for block, name in zip(blocks, names, strict=True))


class Scale:
    """How the figures of an answer are shown: in percent for probabilities, with digits for their largest difference."""

    def __init__(self, unit: str, differences: Sequence[float], level: float) -> None:
        self.unit, self.times = unit, 100 if unit == "probability" else 1
        largest = max((abs(difference) for difference in differences), default=0.0) * self.times
        self.places = min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else places_of(level, unit)
        self.step = Fraction(1, 10 ** self.places * self.times)

    def steps(self, figure: Figure) -> int:
        """A stored figure in the last digit that is shown."""
        return nearest_unit(figure.exact, self.step)

    def rounded(self, value: float) -> float:
        """A value to the digits that are shown."""
        return round(value * self.times, self.places)

    def text(self, steps: int) -> str:
        """A number of such digits."""
        return number(steps / 10 ** self.places, self.places)

    def of(self, value: float, plus: bool = False) -> str:
        """Any value in the measure's unit, with a sign if asked."""
        return (signed if plus else number)(value * self.times, self.places)

    def half(self, figure: Figure) -> str:
        """Half of the 95% interval; "-" without an error."""
        return self.of((figure.high - figure.low) / 2)

    def unit_text(self, lang: str, difference: bool = False) -> str:
        """The unit in words; differences of percentages are in points."""
        percent = self.unit in ("%", "probability")
        return say(SPLIT, "points", lang) if percent and difference else "%" if percent else unit_name(self.unit, lang)


def scale_of(found: Attribution) -> Scale:
    """How an attribution is shown."""
    return Scale(found.unit, [float(figure.exact) for figure in (found.gap, *(part.figure for part in found.parts))],
                 float(found.a.exact))


def shown_parts(found: Attribution, scale: Scale) -> tuple[int, list[int], int]:
    """The first side, the parts and the second side in the last digit that is shown; they add up."""
    a, b = scale.steps(found.a), scale.steps(found.b)
    return a, rounded([part.figure.exact for part in found.parts], scale.step, b - a), b


def title(answer: Answer, scale: Scale, lang: str) -> str:
    """What is measured: measure and group, scheme, year and unit."""
    asked = answer.question
    return say(SPLIT, "title", lang, measure=measure_and_group(asked.measure, asked.group, lang), year=asked.at,
               scheme=short_scheme(asked.scheme, lang), unit=scale.unit_text(lang))


def attribution_text(found: Attribution, lang: str) -> str:
    """The answer on a terminal: from one side through the parts to the other, and what there is to say about it."""
    scale = scale_of(found)
    a, parts, b = shown_parts(found, scale)
    sides = [region_name(name, lang) for name in found.question.regions]
    rows = [("", say(SPLIT, "part", lang), say(SPLIT, "half", lang), say(SPLIT, "orders", lang)),
            (sides[0], scale.text(a), mark(scale.half(found.a), found.a), "")]
    for part, steps in zip(found.parts, parts, strict=True):
        mean = signed(steps / 10 ** scale.places, scale.places)
        orders = say(SPLIT, "to", lang, low=scale.of(part.order_low, True), high=scale.of(part.order_high, True))
        rows.append((f"  {block_name(part.block, lang)}", mean, mark(scale.half(part.figure), part.figure), orders))
    rows.append((sides[1], scale.text(b), mark(scale.half(found.b), found.b), ""))
    lines = [*wrap(title(found, scale, lang), TERMINAL_WIDTH), *aligned(rows), ""]
    return "\n".join(fitted(lines, sentences(found, scale, lang)))


def fitted(lines: list[str], said: Sequence[str]) -> list[str]:
    """Lines, and as many of the sentences below them, the first ones first, as a terminal has room for."""
    lines = list(lines)
    for sentence in said:
        more = wrap(sentence, TERMINAL_WIDTH)
        if len(lines) + len(more) <= TERMINAL_LINES:
            lines += more
    return lines


def mark(text: str, figure: Figure) -> str:
    """The error of a figure, marked where few worlds make it up."""
    return f"{text} {MARK}" if figure.warning else text


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table as lines: the first column to the left, the others to the right."""
    widths = [max(columns_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell + " " * (width - columns_of(cell)) if not column else " " * (width - columns_of(cell)) + cell
                      for column, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]


def gap_sentence(found: Attribution, scale: Scale, lang: str) -> str:
    """Which side is higher, by how much, and the interval of that."""
    a, b = (region_name(name, lang) for name in found.question.regions)
    steps = scale.steps(found.b) - scale.steps(found.a)
    if not found.gap.millionths:
        return say(SPLIT, "none", lang, a=a, b=b)
    up = found.gap.millionths > 0
    low, high = (found.gap.low, found.gap.high) if up else (-found.gap.high, -found.gap.low)
    return say(SPLIT, "higher" if up else "lower", lang, a=a, b=b, gap=scale.text(abs(steps)), low=scale.of(low),
               high=scale.of(high), unit=scale.unit_text(lang, difference=True))


def sentences(found: Attribution, scale: Scale, lang: str) -> list[str]:
    """What the numbers say, the most important first."""
    said = [gap_sentence(found, scale, lang)]
    moving = [part for part in found.parts if part.order_low or part.order_high]
    if any(part.figure.millionths for part in found.parts):
        at = max(range(len(found.parts)), key=lambda i: abs(found.parts[i].figure.millionths))
        steps = shown_parts(found, scale)[1][at]
        said.append(say(SPLIT, "largest", lang, name=named([found.parts[at].block], lang),
                        part=signed(steps / 10 ** scale.places, scale.places)))
    turning = [part.block for part in moving if scale.rounded(part.order_low) < 0 < scale.rounded(part.order_high)]
    if moving:
        said.append(say(SPLIT, "either", lang, names=named(turning, lang)) if turning else say(SPLIT, "one_way", lang))
    groups = {"unsure": [part.block for part in moving if not part.figure.warning and part.figure.low <= 0 <= part.figure.high],
              "idle": [part.block for part in found.parts if part.differs and part not in moving],
              "same": [part.block for part in found.parts if not part.differs]}
    said += [say(SPLIT, key, lang, names=named(blocks, lang)) for key, blocks in groups.items() if blocks]
    if found.worlds == 1:
        said.append(say(SPLIT, "pooled", lang))
    if any(figure.warning for figure in (found.a, found.b, *(part.figure for part in found.parts))):
        said.append(say(SPLIT, "heavy", lang, mark=MARK))
    return said


def source(answer: Answer, figures: Iterable[Figure], lang: str) -> str:
    """What a picture of `figures` was made from, and what their marks mean."""
    asked = answer.question
    made = say(SPLIT, "source", lang, settled=answer.settled, worlds=asked.draws, people=f"{asked.people:,}", seed=asked.seed,
               digest=answer.digest[:8])
    return " ".join([made, *([say(SPLIT, "heavy", lang, mark=MARK)] if any(figure.warning for figure in figures) else [])])


def swap_scale(found: Swap) -> Scale:
    """How a swap matrix is shown: with the digits of the differences between rules."""
    return Scale(found.unit, [float(cell.difference.exact) for cell in found.cells], float(found.cells[0].figure.exact))


def swap_text(found: Swap, lang: str) -> str:
    """The matrix on a terminal, a row for each region's people, and a sentence on each row."""
    scale, names = swap_scale(found), found.question.regions
    rows = [["", *(say(SPLIT, "rules", lang, region=region_name(name, lang)) for name in names)]]
    said = []
    for people in names:
        cells = [cell for cell in found.cells if cell.people == people]
        rows.append([say(SPLIT, "people", lang, region=region_name(people, lang)),
                     *(f"{scale.text(scale.steps(cell.figure))} \N{PLUS-MINUS SIGN}{scale.half(cell.figure)}" for cell in cells)])
        least, most = (choose(cells, key=lambda cell: cell.figure.millionths) for choose in (min, max))
        said.append(say(SPLIT, "row_spread", lang, region=region_name(people, lang), low=scale.text(scale.steps(least.figure)),
                        high=scale.text(scale.steps(most.figure)), least=region_name(least.rules, lang),
                        most=region_name(most.rules, lang)))
    return "\n".join(fitted([*wrap(title(found, scale, lang), TERMINAL_WIDTH), *aligned(rows), ""], said))

