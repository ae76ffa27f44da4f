"""A solved question in words and files: at most 24 lines for a terminal, the record, and the folder.

The folder holds answer.json, answer.yaml (a scenario that `fundsim run` takes), design.csv with every policy that was simulated,
the emulator with its certificate, the frontier as a picture, and manifest.json.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from rich.cells import cell_len

from simulator.answers.box import Lever
from simulator.answers.conditions import Figure
from simulator.answers.question import Question, worlds_of
from simulator.answers.solve import ANSWER, NOT_ATTAINABLE, NOT_CONFIRMED, Answer, trusted
from simulator.folders import MANIFEST, new_folder, sealed, table_of
from simulator.report.format import places_of
from simulator.report.frontier import frontier
from simulator.report.policy_file import policy_line, scenario_lines
from simulator.report.style import write
from simulator.results import run_folder, versions
from simulator.words import region_name, short_scheme, unit_name, word

SHOWN_FIGURES = 4                # of the terminal; the rest stands in answer.json
TERMINAL_COLUMNS = 80

ANSWER_WORDS = {  # English and Chinese
    "head": ("{fund}, {first}-{last}: {policies} policies in {draws} worlds of {people} people",
             "{fund}，{first}-{last}年：{draws}个情景、{people}人中模拟了{policies}个方案"),
    ANSWER: ("ANSWER, confirmed in {confirm} fresh worlds{after}:", "已求得方案，并在{confirm}个新情景中得到证实{after}："),
    NOT_CONFIRMED: ("NOT CONFIRMED: {confirm} fresh worlds did not prove the best of {attempts} policies:",
                    "未获证实：{attempts}个方案在{confirm}个新情景中均未得到证实，其中最后一个："),
    NOT_ATTAINABLE: ("NOT ATTAINABLE: no policy of the box meets the conditions. The nearest:",
                     "无法达到：范围内没有方案满足全部约束。最接近的方案："),
    "after": (" at attempt {attempts}", "（第{attempts}次尝试）"),
    "lever": ("  {path} {operand}  (from {low} to {high}{edge})", "  {path} {operand}  （{low}至{high}{edge}）"),
    "edge": (", at its edge", "，已到边界"),
    "values": ("    unchanged rules {baseline}, these worlds {exact}, fresh {fresh} ({low} to {high})",
               "    现行规则 {baseline}，检索情景 {exact}，新情景 {fresh}（{low}至{high}）"),
    "met": ("met", "已证实"), "missed": ("NOT PROVED", "未证实"),
    "surely_less": ("95% sure: at most {bound}", "95%把握：至多{bound}"),
    "surely_more": ("95% sure: at least {bound}", "95%把握：至少{bound}"),
    "least": ("least", "最小"), "most": ("most", "最大"),
    "price": ("Binding: {condition}. One {point} looser is worth {price} of the goal.",
              "起约束作用：{condition}；每放宽{point}，目标改善{price}。"),
    "free": ("No condition binds: the goal is at its best inside them all.", "没有起约束作用的条件：目标值不受任何约束限制。"),
    "share_point": ("percentage point", "1个百分点"), "unit_point": ("unit ({unit})", "1个单位（{unit}）"),
    "points": ("{points:.1f} points", "{points:.1f}个百分点"),
    "certificate": ("Emulator, worst error on {policies} held-out policies: {errors}",
                    "模拟器在{policies}个留出方案上的最大误差：{errors}"),
    "premium": ("Warning: a premium may be raised, and the goal does not count premiums: raising\nthem is free here.",
                "注意：方案可以提高缴费，而目标值不计缴费，因此这里提高缴费没有代价。"),
    "sum": ("Exhaustion, deficits and limits here are of all pooling units together.",
            "此处的耗尽、赤字和限额均按各统筹单位合计判断。"),
    "poor": ("Warning: the emulator is poor here. Only policies that were simulated count, and price\nand frontier mean little.",
             "注意：模拟器在此误差较大，只有精确模拟过的方案可信，约束的代价和前沿图意义不大。"),
    "more": ("({more} more conditions in answer.json)", "（另有{more}项约束，见answer.json）"),
}


def say(key: str, lang: str, **figures: object) -> str:
    """A sentence of the answer in a language."""
    return word(ANSWER_WORDS, key, lang).format(**figures)


def shown_figure(value: float, figure: Figure) -> str:
    """A figure's value, a probability in percent with one decimal; units but percent stand once, behind the figure's name."""
    if figure.unit == "probability":
        return f"{100 * value:.1f}%"
    if figure.unit == "%":
        return f"{value:.{places_of(value, figure.unit) + 1}f}%"
    return f"{value:,.{places_of(value, figure.unit)}f}"


def lever_line(lever: Lever, operand: Decimal, at: float, lang: str) -> str:
    """What becomes of one lever."""
    edge = say("edge", lang) if abs(at) > 1 - 1e-9 else ""
    return say("lever", lang, path=lever.path, operand=lever.written(operand), low=lever.written(lever.low),
               high=lever.written(lever.high), edge=edge)


def answer_text(question: Question, found: Answer, lang: str) -> str:
    """The answer in at most 24 lines of 80 columns."""
    scenario = question.scenario
    fund = f"{region_name(scenario.regions[0], lang)} {short_scheme(scenario.schemes[0], lang)}"
    people = f"{scenario.people:,}" if scenario.people else "all"
    lines = [say("head", lang, fund=fund, first=scenario.years[0], last=scenario.years[-1], policies=len(found.tried) + 1,
                 draws=found.draws, people=people),
             say(found.verdict, lang, confirm=found.confirm, attempts=found.attempts,
                 after=say("after", lang, attempts=found.attempts) if found.attempts > 1 else "")]
    operands = question.box.operands(found.point)
    lines += [lever_line(*of_lever, lang) for of_lever in zip(question.box.levers, operands, found.point, strict=True)]
    shown = min(len(question.conditions), SHOWN_FIGURES - 1)
    for c in [*range(shown), len(question.conditions)]:
        lines += figure_lines(question, found, c, lang)
    if shown < len(question.conditions):
        lines.append(say("more", lang, more=len(question.conditions) - shown))
    if found.prices:
        lines.append(price_line(question, found, lang))
    errors = "; ".join(say("points", lang, points=100 * error.worst) if error.unit == "probability"
                       else f"{error.worst:.2g} {unit_name(error.unit, lang)}" for error in found.emulator.errors[:SHOWN_FIGURES])
    lines.append(say("certificate", lang, policies=found.emulator.errors[0].policies, errors=errors))
    if not all(trusted(error) for error in found.emulator.errors):
        lines.append(say("poor", lang))
    if question.sums_units:
        lines.append(say("sum", lang))
    if question.premium_is_free:
        lines.append(say("premium", lang))
    return "\n".join(part for line in lines for part in cut(line))


def figure_lines(question: Question, found: Answer, c: int, lang: str) -> list[str]:
    """Two lines for condition `c`, or for the goal behind the last: what is asked, and what it is."""
    figure, fresh = found.figures[c], found.fresh[c]
    unit = "" if figure.unit in ("probability", "%") else f" {unit_name(figure.unit, lang)}"
    if c < len(question.conditions):
        condition = question.conditions[c]
        sure = say("surely_less", lang, bound=shown_figure(fresh.at_most, figure)) if condition.sense > 0 else \
            say("surely_more", lang, bound=shown_figure(fresh.at_least, figure))
        head = f"{condition.text}{unit}: {say('met' if found.met[c] else 'missed', lang)}; {sure}"
    else:
        head = f"{figure.text}{unit}: {say('least' if question.goal.sense > 0 else 'most', lang)}"
    values = {name: shown_figure(value, figure) for name, value in (
        ("baseline", found.baseline[c]), ("exact", found.exact[c]), ("fresh", fresh.estimate), ("low", fresh.low),
        ("high", fresh.high))}
    return [head, say("values", lang, **values)]


def price_line(question: Question, found: Answer, lang: str) -> str:
    """The binding condition and its price, or that none binds."""
    if found.binding is None:
        return say("free", lang)
    condition = question.conditions[found.binding]
    unit = condition.figure.unit
    point = say("share_point", lang) if unit == "probability" else say("unit_point", lang, unit=unit_name(unit, lang))
    goal, price = question.goal.figure, found.prices[found.binding]
    scaled = f"{100 * price:.2g}%" if goal.unit == "probability" else f"{price:.2g} {unit_name(goal.unit, lang)}"
    return say("price", lang, condition=condition.text, point=point, price=scaled)


def cut(line: str) -> list[str]:
    """A line as lines of at most 80 columns, broken at spaces, or between characters of Chinese text; the rest is indented."""
    lines = [""]
    for piece in (piece for part in line.split("\n") for piece in [*_pieces(part), "\n"]):
        if piece == "\n":
            lines.append("")
        elif cell_len(lines[-1] + piece.rstrip()) > TERMINAL_COLUMNS:
            lines.append("    " + piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines[:-1]]


def _pieces(text: str) -> list[str]:
    """Words with the spaces behind them; each wide character is a piece of its own."""
    pieces = [""]
    for character in text:
        if cell_len(character) > 1:
            pieces += [character, ""]
        elif character == " ":
            pieces += [pieces.pop() + " ", ""]
        else:
            pieces[-1] += character
    return [piece for piece in pieces if piece]


def as_dict(question: Question, found: Answer) -> dict:
    """The answer as plain data, for answer.json and --json."""
    box, goal = question.box, question.goal
    of_conditions = [{"condition": condition.text, "met": found.met[c], "price": found.prices[c] if found.prices else None,
                      **_told(found, c)} for c, condition in enumerate(question.conditions)]
    points = [{"level": level, "attainable": one.feasible, "best": one.goal, **_levers(box.levers, box.operands(one.point))}
              for level, one in zip(found.levels, found.frontier, strict=True)]
    return {
        "verdict": found.verdict, "levers": _levers(box.levers, box.operands(found.point)), "changes": box.changes(found.point),
        "conditions": of_conditions,
        "goal": {"figure": goal.figure.text, "unit": goal.figure.unit, "least": goal.sense > 0, **_told(found, -1)},
        "binding": None if found.binding is None else question.conditions[found.binding].text,
        "draws": found.draws, "fresh_worlds": found.confirm, "attempts": found.attempts,
        "premium_not_counted": question.premium_is_free, "units_together": question.sums_units,
        "emulator_trusted": all(trusted(error) for error in found.emulator.errors),
        "emulator": [asdict(error) for error in found.emulator.errors],
        "frontier": {"condition": question.conditions[found.which].text, "of": found.traded.figure.text,
                     "points": points},
    }


def _told(found: Answer, at: int) -> dict[str, object]:
    """One figure of the unchanged rules, of the answer in the worlds of the search, and in fresh ones."""
    return {"baseline": found.baseline[at], "searched": found.exact[at], "fresh": found.fresh[at]._asdict()}


def _levers(levers: tuple[Lever, ...], operands: tuple) -> dict[str, str]:
    return {lever.path: lever.written(operand) for lever, operand in zip(levers, operands, strict=True)}


def answer_yaml(question: Question, found: Answer) -> str:
    """The answer as a scenario file: the question's scenario with the answer as its policy."""
    scenario = question.scenario
    lines = [*scenario_lines(scenario, f"{scenario.name[:57]}-answer", found.draws),
             policy_line("answer", question.box.changes(found.point))]
    asked = [f"# {found.verdict}", *(f"# until {condition.text}" for condition in question.conditions),
             f"# {'least' if question.goal.sense > 0 else 'most'} {question.goal.figure.text}"]
    return "\n".join([*asked, *lines]) + "\n"


def design_csv(question: Question, found: Answer) -> str:
    """Every policy that was simulated in the worlds of the search: its role, its levers and its figures."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    figures = dict(zip((figure.text for figure in found.figures), found.baseline, strict=True))
    table.writerow(["policy", "role", *(lever.path for lever in question.box.levers), *figures])
    table.writerow(["baseline", "", *("" for _ in question.box.levers), *figures.values()])
    for number, one in enumerate(found.tried, 1):
        operands = question.box.operands(one.point)
        table.writerow([f"policy-{number}", one.role, *_levers(question.box.levers, operands).values(), *one.figures.values()])
    return text.getvalue()


def manifest(question: Question, found: Answer) -> dict:
    """What reproduces the answer: scenario, question, sizes and seeds, versions."""
    scenario = question.scenario
    return {
        "scenario": scenario.as_dict(), "seed": scenario.seed,
        "vary": [f"{lever.path}={lever.written(lever.low)}:{lever.written(lever.high)}" for lever in question.box.levers],
        "until": [condition.text for condition in question.conditions],
        "goal": {"least" if question.goal.sense > 0 else "most": question.goal.figure.text},
        "draws": found.draws, "fresh_worlds": found.confirm, "attempts": found.attempts,
        "fresh_from": [worlds_of(found.confirm, attempt).start for attempt in range(1, found.attempts + 1)],
        "policies": len(found.tried), "versions": versions(),
    }


def write_answer(folder: Path, question: Question, found: Answer, lang: str) -> None:
    """Write every file of an answer but its manifest into a folder."""
    def put(name: str, text: str) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    put("answer.json", json.dumps(as_dict(question, found), ensure_ascii=False, indent=1) + "\n")
    put("answer.yaml", answer_yaml(question, found))
    put("design.csv", "\ufeff" + design_csv(question, found))
    found.emulator.save(folder)
    write(lambda: frontier(question, found, lang), folder, "frontier")


def put_answer(out: Path, question: Question, found: Answer, lang: str) -> Path:
    """Write an answer's folder aside, put it in place when it is whole and on the disk, and return where it stands."""
    digest = hashlib.sha256(json.dumps(as_dict(question, found)).encode()).hexdigest()
    with new_folder(run_folder(out, question.scenario, digest)) as aside:
        write_answer(aside.path, question, found, lang)
        (aside.path / MANIFEST).write_bytes(sealed(manifest(question, found), table_of(aside.path)))
    return aside.final
