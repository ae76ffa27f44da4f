"""The report of a run: one self-contained HTML file for screen and paper, in English or Chinese.

Its first page is the answer. Everything else is folded behind it on screen; on paper stands as much of it as fits paper.py's pages.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from simulator.report import paper
from simulator.report.accounts import account_tables
from simulator.report.answer import FirstPage
from simulator.report.assumed import assumption_box
from simulator.report.changes import change_rows
from simulator.report.effects import effect_tables
from simulator.report.format import number
from simulator.report.html_tables import (
    BURDEN,
    MAIN,
    compared,
    fund_tables,
    illness_table,
    level_rows,
    provenance_table,
    rule_tables,
    status_rows,
)
from simulator.report.paper import Section, Table
from simulator.report.precision import precision_part
from simulator.report.prose import PAGE, REPORT, say
from simulator.report.select import Selection
from simulator.report.style import columns_of
from simulator.report.write import names
from simulator.results import Run

# What is printed, in this order, and what only unfolds on screen; each with the run's files that hold all of its figures
ON_PAPER = {"question": ("manifest.json",), "main": ("summary.csv", "comparison.csv"), "effects": ("comparison.csv",),
            "box": ("swap.csv", "assumptions.csv"), "fund": ("summary.csv",), "levels": ("manifest.json",),
            "precision": ("summary.csv",), "not_for": ()}
ON_SCREEN = {"values": ("manifest.json",), "rules": ("rules.csv",), "accounts": ("summary.csv",),
             "burden": ("summary.csv", "comparison.csv"), "illnesses": ("summary.csv",), "provenance": ("parameters.csv",)}
SECTIONS = (*ON_PAPER, "figures", *ON_SCREEN)
FUND_COLUMNS = 158             # half ems in a row of a fund's table, which has smaller letters
FUND_HEAD = 10                 # of these in a heading


def write_report(run: Run, folder: Path, lang: str, figures: list[tuple[str, str]], extra: dict) -> Path:
    """Write the report into `folder` under its name (write.names) and return its path.

    `figures` has the name and the caption of each figure in their folder there. `extra` may have `assumptions`, `swap`, `swapped`
    and `rules` (see write.finish_run); a section whose part is missing says so. `lang` is en or zh.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    selection, (report, place) = Selection(run), names(run, lang)
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    parts = {
        "main": compared(selection, MAIN, lang), "effects": effect_tables(selection, lang),
        "box": assumption_box(selection, extra, lang), "fund": fund_tables(selection, lang), "levels": level_rows(selection, lang),
        "precision": precision_part(selection, lang), "values": status_rows(selection, lang),
        "rules": rule_tables(extra.get("rules"), selection, lang), "accounts": account_tables(selection, lang),
        "burden": compared(selection, BURDEN, lang), "illnesses": illness_table(selection, lang),
        "provenance": provenance_table(selection, lang)}
    page = FirstPage(run, lang, extra)
    parts["question"] = {"asked": page.asked(), "how": how(selection, lang), "changes": change_rows(selection, lang)}
    first = page.parts([name for name, _ in figures])
    others = [figure for figure in figures if figure[0] != first["figure"]]
    on_paper = sections_on_paper(parts, lang)
    printed = paper.fit(on_paper, len(others))
    counts = {name: sum(len(rows) for table in section.tables for _, rows in table.parts) for name, section in on_paper.items()}
    counts |= {name: _count(part) for name, part in parts.items() if name in ON_SCREEN} | {"figures": len(others)}
    files = {name: [file for file in named if (folder / file).exists() or (run.folder / file).exists()]
             for name, named in (ON_PAPER | ON_SCREEN | {"figures": (place,)}).items()}
    text = environment.get_template("report.html.j2").render(
        lang={"zh": "zh-CN"}.get(lang, lang), say=partial(say, REPORT, lang=lang), tell=partial(say, PAGE, lang=lang),
        joined=say(REPORT, "comma", lang).join, facts=facts(selection, lang), scenario=selection.scenario["name"],
        year=selection.years[0], answer=first, place=place, parts=parts, paper=on_paper, counts=counts, files=files,
        sections=[name for name in SECTIONS if parts.get(name, True) is not None or name != "effects"], screen=list(ON_SCREEN),
        drawn=embedded(folder / place, figures), numbers={name: nth for nth, (name, _) in enumerate(
            sorted(figures, key=lambda figure: figure[0] != first["figure"]), 1)}, others=[name for name, _ in others],
        printed=printed)
    path = folder / report
    path.write_text(text, encoding="utf-8")
    return path


def facts(selection: Selection, lang: str) -> str:
    """The facts by which the run is known again."""
    manifest = selection.run.manifest
    people = manifest["people"]
    return say(REPORT, "facts", lang, run=selection.run_id, draws=number(manifest["draws"]), seed=manifest["seed"],
               people=people if people == "all" else number(people), version=manifest["versions"]["fundsim"],
               digest=manifest["result_digest"][:16])


def how(selection: Selection, lang: str) -> str:
    """How funds and patients respond."""
    scenario = selection.scenario
    return say(REPORT, "how", lang, response=say(REPORT, f"response_{scenario['response']}", lang),
               demand=say(REPORT, "demand_on" if scenario["demand"] else "demand_off", lang))


def sections_on_paper(parts: dict, lang: str) -> dict[str, Section]:
    """The sections of ON_PAPER that the report has, as paper takes them."""
    def texts(*keys: str) -> list[str]:
        return [say(REPORT, key, lang) for key in keys]

    def listed(rows: Sequence[Sequence[str]]) -> list[Table]:
        return [Table(2 * paper.ROW_LINE + paper.TITLE, [("", rows)])] if rows else []

    def two_years(table: dict) -> list[list[str]]:
        return [[row["label"], row["unit"], *row["cells"]] for row in table["rows"]]

    box, precision, effects = parts["box"], parts["precision"], parts["effects"]
    found = {
        "question": Section([parts["question"]["asked"], parts["question"]["how"]], listed(parts["question"]["changes"])),
        "main": Section([parts["main"]["text"], parts["main"]["rest"]], [
            Table(paper.TITLE + 4 * paper.ROW_LINE, [("", two_years(table))]) for table in parts["main"]["tables"]]),
        "box": Section(box["sentences"], listed([[*row.values()] for row in box["rows"]])),
        "fund": Section(texts("fund_text"), [_of_fund(table) for table in parts["fund"]]),
        "levels": Section(texts("levels_text"), listed(parts["levels"])),
        "precision": Section(precision["sentences"], listed(precision["rows"])),
        "not_for": Section(texts(*(f"not_for_{nth}" for nth in (1, 2, 3, 4)))),
    }
    if effects is not None:
        found["effects"] = Section([*texts("effects_text"), effects["rest"]], [Table(paper.TITLE + 4 * paper.ROW_LINE, [
            (part["heading"], [[row["label"], row["unit"], *(text for cell in row["cells"]
                                                            for text in (*cell["texts"], cell["verdict"]))]
                               for row in part["rows"]]) for part in table["parts"]]) for table in effects["tables"]])
    return {name: found[name] for name in ON_PAPER if name in found}


def _of_fund(table: dict) -> Table:
    """A fund's table, whose headings stand in many lines."""
    lines = max(-(-columns_of(name) // FUND_HEAD) for name, _ in table["columns"]) + 2
    return Table(paper.TITLE + lines * paper.ROW_LINE, [("", table["rows"])], FUND_COLUMNS)


def _count(part: dict | list | None) -> int:
    """The number of rows of a section that only unfolds on screen."""
    if isinstance(part, list):
        return sum(map(_count, part))
    if part is None:
        return 0
    return len(part["rows"]) if "rows" in part else sum(map(_count, part.get("parts", part.get("tables", []))))


def embedded(place: Path, figures: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The caption and the SVG in base64 of each figure."""
    return {name: (caption, base64.b64encode((place / f"{name}.svg").read_bytes()).decode()) for name, caption in figures}
