"""The page of a batch: each question's answer in a sentence, curves of all policies on one axis, a table that sorts, and a heat
map where two parameters were varied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.answers.batch import Batch, Outline
from simulator.answers.parts import column_of
from simulator.answers.questions import Question
from simulator.output import console
from simulator.report.codes import parameter_name
from simulator.report.format import MINUS, amount, percent
from simulator.report.prose import say
from simulator.report.style import FAINT, SIDES, frame, thousands, write
from simulator.scenario import BASELINE
from simulator.words import measure_name, policy_name, region_name, scheme_name, short_scheme, unit_name

IN_LEGEND, LABELLED = 8, 26         # curves told apart by colour and legend; by a name at their end; more by their shade alone
IN_TABLE = ("exhausted", "balance", "months_held", "surplus_rate", "expenditure_per_head", "in_scope_ratio",
         "oop_share_of_income", "net_burden_share_of_income")
SHORT = {"exhausted": ("Exhausted", "结余耗尽"), "months_held": ("Months held", "可支付月数"),
         "net_burden_share_of_income": ("Net burden", "净负担占收入")}
IN_TERMINAL, LINES = ("exhausted", "months_held", "net_burden_share_of_income"), 16
SAID = (("exhausted", ""), ("months_held", ""), ("expenditure_per_head", ""), ("net_burden_share_of_income", ""),
        ("net_burden_share_of_income", "quintile:q1"))
MATTERS = 0.005                 # of the baseline, or of a probability: a smaller difference is not told
MAPPED = ("exhausted", "net_burden_share_of_income")
TEXT = {
    "title": ("Batch", "批量情景"), "answers": ("Answers", "结论"), "curves": ("Sustainability curves", "可持续性曲线"),
    "grid": ("Grid", "参数网格"), "table": ("All questions", "全部问题"), "failed": ("Not answered", "未能回答"),
    "facts": ("{questions} questions, {scenarios} scenarios; digest {digest}",
              "{questions}个问题, {scenarios}个情景; 摘要 {digest}"),
    "curve_title": ("{region}, {scheme}: cumulative surplus per member", "{region}{scheme}: 人均累计结余"),
    "curve_under": ("Mean over worlds; black is the baseline", "各模拟世界的均值; 黑线为基准方案"),
    "curve_axis": ("CNY a member", "元/人"), "source": ("fundsim, batch {digest}", "fundsim, 批次 {digest}"),
    "map_title": ("{region}, {scheme}, {year}: {measure}", "{region}{scheme}, {year}年: {measure}"),
    "region": ("Region", "地区"), "scheme": ("Scheme", "制度"), "policy": ("Policy", "方案"), "scenario": ("Scenario", "情景"),
    "last": ("Values of {year}; click a heading to sort", "{year}年的数值; 点击表头排序"),
    "sure": ("{measure} {a}, baseline {b} ({gap}; 95%: {low} to {high})", "{measure}{a}, 基准{b} ({gap}; 95%区间{low}至{high})"),
    "rest": ("no difference of note: {measures}", "无明显差异: {measures}"),
    "poorest": ("poorest fifth's {measure}", "最低收入组{measure}"), "and": ("; ", "; "),
    "alone": ("{who}: a member's fund is exhausted by {year} with probability {p}; {measure} is {a}.",
              "{who}: 参保人所在基金截至{year}年末累计结余耗尽的概率为{p}; {measure}为{a}."),
    "more": ("and {n} more, in the table of the page", "另有{n}项, 见网页中的表"),
}


def write_gallery(batch: Batch, differences: pd.DataFrame, folder: Path, lang: str,
                  kinds: Sequence[str] = ("svg",)) -> Path:
    """Write index.html (index.zh.html) and its figures, as files of these kinds, into a batch's folder;
    returns the page's path."""
    figures = folder / ("figures" if lang == "en" else "figures-zh")
    figures.mkdir(exist_ok=True)
    curves, maps = [], []
    for name, make in _curves(batch, lang):
        write(make, figures, name, kinds)
        curves.append(f"{figures.name}/{name}.svg")
    for name, make in _maps(batch, lang):
        write(make, figures, name, kinds)
        maps.append(f"{figures.name}/{name}.svg")
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    last = max(scenario.years[-1] for scenario in batch.plan.scenarios)
    page = environment.get_template("gallery.html.j2").render(
        lang=lang, say=partial(say, TEXT, lang=lang), title=say(TEXT, "title", lang),
        facts=say(TEXT, "facts", lang, questions=len(batch.plan.questions), scenarios=len(batch.plan.scenarios),
                  digest=batch.digest[:16]),
        answers=list(sentences(batch, differences, lang)), curves=curves, maps=maps, headings=_headings(batch, lang),
        rows=list(_rows(batch, lang)), note=say(TEXT, "last", lang, year=last),
        failed=[(_who(batch, question, lang), batch.failures[question.name]) for question in batch.plan.questions
                if question.name in batch.failures])
    path = folder / ("index.html" if lang == "en" else "index.zh.html")
    path.write_text(page, encoding="utf-8")
    return path


def _places(batch: Batch) -> dict[str, int]:
    """Where each measure of everybody stands among the batch's labels."""
    return {label.name: m for m, label in enumerate(batch.labels) if label.group == ""}


def _words(batch: Batch, question: Question, lang: str) -> tuple[str, str, str, str]:
    """The names of a question's scenario, region, scheme and policy."""
    return (batch.plan.scenarios[question.scenario].name, region_name(question.region, lang), short_scheme(question.scheme, lang),
            policy_name(question.policy.name, lang))


def _who(batch: Batch, question: Question, lang: str) -> str:
    return " · ".join(_words(batch, question, lang))


def _shared(batch: Batch, questions: list[Question]) -> list[bool]:
    """Which of a question's four names all questions have alike."""
    return [len(set(column)) == 1 for column in zip(*(_words(batch, question, "en") for question in questions), strict=True)]


def sentences(batch: Batch, differences: pd.DataFrame, lang: str) -> Iterator[str]:
    """What each policy does to fund and burden in the last year, where the difference matters and its interval leaves out zero;
    of a baseline, where it stands."""
    at = {scenario.name: scenario.years[-1] for scenario in batch.plan.scenarios}
    rows = differences[differences["measure"].isin([measure for measure, _ in SAID])]
    found = {(row["question"], row["scenario"], row["region"], row["scheme"], row["policy"], row["measure"], row["group"]): row
             for row in rows.to_dict("records") if row["year"] == at[row["scenario"]]}
    for question, outline in batch.outlined():
        scenario = batch.plan.scenarios[question.scenario]
        who, last = _who(batch, question, lang), scenario.years[-1]
        if question.policy.name == BASELINE:
            of = {column_of(label): (outline.means[-1, m], label.unit) for m, label in enumerate(batch.labels)}
            share, unit = of["net_burden_share_of_income"]
            yield say(TEXT, "alone", lang, who=who, year=last, p=percent(100 * of["exhausted"][0]),
                      measure=measure_name("net_burden_share_of_income", lang), a=_with_unit(share, unit, lang))
            continue
        key = question.name[:16], scenario.name, question.region, question.scheme, question.policy.name
        moved, rest = [], []
        for measure, group in SAID:
            row, name = found[*key, measure, group], measure_name(measure, lang)
            name = say(TEXT, "poorest", lang, measure=name) if group else name
            least = MATTERS if row["unit"] == "probability" else MATTERS * abs(row["baseline"])
            if (row["low"] > 0 or row["high"] < 0) and abs(row["difference"]) >= least:
                gap, low, high = (_change(row[part], row["difference"], row["unit"]) for part in ("difference", "low", "high"))
                a, b = (_with_unit(row[part], row["unit"], lang) for part in ("value", "baseline"))
                moved.append(say(TEXT, "sure", lang, measure=name, a=a, b=b, gap=gap, low=low, high=high))
            else:
                rest.append(name)
        if rest:
            moved.append(say(TEXT, "rest", lang, measures=", ".join(rest)))
        yield f"{who}: {say(TEXT, 'and', lang).join(moved)}."


def _change(value: float, size: float, unit: str) -> str:
    """A difference with its sign, with as many digits as its size wants."""
    text = amount(value, unit if abs(size) >= 0.1 or unit == "probability" else "index", size)
    return text if text.startswith(MINUS) else f"+{text}"


def _with_unit(value: float, unit: str, lang: str, size: float | None = None) -> str:
    if unit in ("%", "probability"):
        return f"{amount(value, unit, size)}%"
    return f"{amount(value, unit, size)} {unit_name(unit, lang)}"


def _headings(batch: Batch, lang: str) -> list[str]:
    return [say(TEXT, key, lang) for key in ("scenario", "region", "scheme", "policy")] + [
        f"{measure_name(name, lang)} ({unit_name(unit, lang)})" for name in IN_TABLE
        for unit in [next((label.unit for label in batch.labels if label.name == name), "")]]


def _rows(batch: Batch, lang: str) -> Iterator[list[tuple[str, float | str]]]:
    """The cells of the table: what is shown, and what it is sorted by."""
    place = _places(batch)
    for question, outline in batch.outlined():
        means = outline.means[-1]
        heads = _words(batch, question, lang)
        cells = [(amount(means[place[name]], batch.labels[place[name]].unit), float(means[place[name]])) for name in IN_TABLE]
        yield [*((text, text) for text in heads), *cells]


def _groups(batch: Batch) -> dict[tuple[str, str], list[tuple[Question, Outline]]]:
    found: dict[tuple[str, str], list[tuple[Question, Outline]]] = defaultdict(list)
    for question, outline in batch.outlined():
        found[question.region, question.scheme].append((question, outline))
    return found


def _curves(batch: Batch, lang: str) -> Iterator[tuple[str, partial[Figure]]]:
    """All curves of a region and scheme on one axis; then, where several scenarios share it, those of each that has policies."""
    for (region, scheme), questions in _groups(batch).items():
        yield f"curves-{region}-{scheme}", partial(curves, batch, questions, region, scheme, lang)
        numbers = dict.fromkeys(question.scenario for question, _ in questions)
        for scenario in numbers if len(numbers) > 1 else ():
            own = [one for one in questions if one[0].scenario == scenario]
            if len(own) > 1:
                yield f"curves-{scenario:03}-{region}-{scheme}", partial(curves, batch, own, region, scheme, lang)


def curves(batch: Batch, questions: list[tuple[Question, Outline]], region: str, scheme: str, lang: str) -> Figure:
    """Cumulative surplus per member by year, the mean over worlds, one line a question."""
    several = len({question.scenario for question, _ in questions}) > 1
    named = len(questions) <= IN_LEGEND
    shades = colormaps["viridis"](np.linspace(0.05, 0.9, max(len(questions), 2)))
    lines, handles = [], []
    for n, (question, outline) in enumerate(questions):
        base = question.policy.name == BASELINE
        label = policy_name(question.policy.name, lang)
        if several:
            label = f"{batch.plan.scenarios[question.scenario].name} · {label}"
        colour = "black" if base and not several else SIDES[n % len(SIDES)] if named else shades[n]
        dashes = ("-", "--", ":", "-.")[(n // len(SIDES)) % 4] if named else "-"
        lines.append((batch.plan.scenarios[question.scenario].years, outline.level, colour, dashes, 2.0 if base else 1.3, label))
        if named:
            handles.append(Line2D([], [], color=colour, ls=dashes, lw=2.0 if base else 1.3, label=label))
    title = say(TEXT, "curve_title", lang, region=region_name(region, lang), scheme=short_scheme(scheme, lang))
    if not several:
        asked = batch.plan.scenarios[questions[0][0].scenario]
        title = f"{asked.title or asked.name} {title}"
    height = 3.6 if len(lines) <= 12 else 4.8
    figure = frame(height, title, say(TEXT, "curve_under", lang), say(TEXT, "source", lang, digest=batch.digest[:16]), handles)
    axes = figure.subplots()
    for years, level, colour, dashes, width, _ in lines:
        axes.plot(list(years), level, color=colour, ls=dashes, lw=width)
    if IN_LEGEND < len(lines) <= LABELLED:
        _name_at_the_end(axes, lines)
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.set_ylabel(say(TEXT, "curve_axis", lang))
    axes.yaxis.set_major_formatter(thousands())
    axes.set_xticks(sorted({year for line in lines for year in line[0]}))
    return figure


def _name_at_the_end(axes: Axes, lines: list[tuple]) -> None:
    """Put each line's name behind its last point, names apart from each other where the points are not."""
    low, high = axes.get_ylim()
    apart, last = (high - low) / 26, None
    for years, level, colour, _, _, label in sorted(lines, key=lambda line: line[1][-1]):
        at = level[-1] if last is None else max(level[-1], last + apart)
        axes.annotate(label, (years[-1], level[-1]), (years[-1] + 0.02 * max(len(years), 4), at), fontsize=7, color=colour,
                      va="center", annotation_clip=False)
        last = at


def grid_of(questions: list[tuple[Question, Outline]]) -> tuple[list[str], dict[tuple[float, float], Outline]] | None:
    """Where exactly two parameters were varied over a whole grid: their paths, and what each pair of values comes to."""
    paths = sorted({path for question, _ in questions for path in question.policy.changes})
    if len(paths) != 2:
        return None
    found = {}
    for question, outline in questions:
        if question.policy.changes.keys() == set(paths):
            x, y = (_position(question.policy.changes[path]) for path in paths)
            if x is not None and y is not None:
                found[x, y] = outline
    sizes = [len({point[axis] for point in found}) for axis in (0, 1)]
    return (paths, found) if min(sizes) > 1 and sizes[0] * sizes[1] == len(found) else None


def _position(value: object) -> float | None:
    """The number in a change, where there is one: `300`, `[300]`, `{times: 1.1}`."""
    while isinstance(value, (list, tuple, dict)):
        inside = list(value.values()) if isinstance(value, dict) else list(value)
        if len(inside) != 1:
            return None
        value = inside[0]
    try:
        return float(str(value))
    except ValueError:
        return None


def _maps(batch: Batch, lang: str) -> Iterator[tuple[str, partial[Figure]]]:
    for (region, scheme), questions in _groups(batch).items():
        for scenario in dict.fromkeys(question.scenario for question, _ in questions):
            own = [one for one in questions if one[0].scenario == scenario]
            grid = grid_of(own)
            if grid:
                for measure in MAPPED:
                    yield (f"map-{scenario:03}-{region}-{scheme}-{measure}",
                           partial(heat_map, batch, own[0][0], *grid, measure, lang))


def heat_map(batch: Batch, question: Question, paths: list[str], found: dict[tuple[float, float], Outline], measure: str,
             lang: str) -> Figure:
    """A measure's mean in the last year over two varied parameters, with the figure in every cell."""
    m, unit = next((m, label.unit) for m, label in enumerate(batch.labels) if (label.name, label.group) == (measure, ""))
    across, up = (sorted({point[axis] for point in found}) for axis in (0, 1))
    level = np.array([[found[x, y].means[-1, m] for x in across] for y in up])
    title = say(TEXT, "map_title", lang, region=region_name(question.region, lang), scheme=scheme_name(question.scheme, lang),
                year=batch.plan.scenarios[question.scenario].years[-1], measure=measure_name(measure, lang))
    figure = frame(max(2.2, 0.34 * len(up) + 0.9), title, "", say(TEXT, "source", lang, digest=batch.digest[:16]), [])
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.imshow(level, cmap="cividis", aspect="auto", origin="lower")
    middle = (level.min() + level.max()) / 2
    for j, row in enumerate(level):
        for i, value in enumerate(row):
            axes.text(i, j, _with_unit(value, unit, lang), ha="center", va="center", fontsize=8,
                      color="white" if value <= middle else "black")
    axes.set_xticks(range(len(across)), [f"{value:g}" for value in across])
    axes.set_yticks(range(len(up)), [f"{value:g}" for value in up])
    axes.set_xlabel(parameter_name(paths[0], lang))
    axes.set_ylabel(parameter_name(paths[1], lang))
    return figure


def print_answers(batch: Batch, lang: str) -> None:
    """Print where each question stands in its last year, at most LINES of them."""
    from rich.table import Table
    place = _places(batch)
    table = Table(box=None, pad_edge=False)
    answered = list(batch.outlined())
    shared = _shared(batch, [question for question, _ in answered])
    table.add_column(say(TEXT, "policy", lang), overflow="fold")
    for name in IN_TERMINAL:
        table.add_column(SHORT[name][lang == "zh"], justify="right", no_wrap=True)
    for question, outline in answered[:LINES]:
        means = outline.means[-1]
        table.add_row(" · ".join(word for word, alike in zip(_words(batch, question, lang), shared, strict=True) if not alike)
                      or policy_name(question.policy.name, lang),
                      *(_with_unit(means[place[name]], batch.labels[place[name]].unit, lang) for name in IN_TERMINAL))
    terminal = console()
    if answered:
        years = {batch.plan.scenarios[question.scenario].years[-1] for question, _ in answered}
        head = [word for word, alike in zip(_words(batch, answered[0][0], lang), shared, strict=True) if alike]
        terminal.print(" · ".join([*head[:3], *(str(year) for year in sorted(years) if len(years) == 1)]))
        terminal.print(table)
    if len(answered) > LINES:
        terminal.print(say(TEXT, "more", lang, n=len(answered) - LINES))
    for failed, reason in list(batch.failures.items())[:3]:
        question = next(one for one in batch.plan.questions if one.name == failed)
        terminal.print(f"{say(TEXT, 'failed', lang)}: {_who(batch, question, lang)}: {reason}")
