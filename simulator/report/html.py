"""The report of a run: one self-contained HTML file for screen and paper, in English or Chinese.

Its first page is the answer. Everything else is folded behind it on screen; on paper stands as much of it as its pages hold
(paper.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
    provenance_table,
    rule_tables,
    status_rows,
)
from simulator.report.inside import image_address
from simulator.report.levels import level_rows
from simulator.report.paper import Section, Table
from simulator.report.precision import precision_part
from simulator.report.prose import PAGE, REPORT, say
from simulator.report.select import Selection
from simulator.report.style import columns_of
from simulator.report.what_if_page import digest_for_policy, what_if_part
from simulator.report.what_if_words import WHAT_IF
from simulator.report.write import names, with_sliders
from simulator.results import Run

# What is printed, in this order, and what only unfolds on screen; each with the run's files that hold all of its figures
ON_PAPER = {"question": ("manifest.json",), "main": ("summary.csv", "comparison.csv"), "effects": ("comparison.csv",),
            "box": ("assumptions.csv", "assumed.csv", "targets.csv"), "fund": ("summary.csv",), "levels": ("manifest.json",),
            "precision": ("summary.csv",), "not_for": ()}
ON_SCREEN = {"values": ("manifest.json",), "rules": ("rules.csv",), "accounts": ("summary.csv",),
             "burden": ("summary.csv", "comparison.csv"), "illnesses": ("summary.csv",), "provenance": ("parameters.csv",)}
SECTIONS = (*ON_PAPER, "figures", *ON_SCREEN)
FUND_COLUMNS, DENSE_COLUMNS = 158, 140       # half ems in a row of tables in smaller letters
FUND_HEAD = 10                 # of these in a heading
VIEW_BOX = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')


def write_report(run: Run, folder: Path, lang: str, figures: list[tuple[str, str]] | Callable[[], list[tuple[str, str]]],
                 extra: dict) -> Path:
    """Write the report into `folder` under its name (write.names) and return its path.

    `figures` has the name and the caption of each figure in their folder there, or waits for them. `extra` may have
    `assumptions`, `assumed`, `rules` and `what_if` (see write.finish_run); a section whose part is missing says so, and without
    the last there are no sliders. `lang` is en or zh.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    page, (report, place) = FirstPage(run, lang, extra), names(run, lang)
    sliders = what_if_part(extra["what_if"], lang) if extra.get("what_if") else None
    selection = page.selection
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    parts = {
        "main": compared(selection, MAIN, lang), "effects": effect_tables(selection, lang),
        "box": assumption_box(selection, extra, lang), "fund": fund_tables(selection, lang),
        "levels": level_rows(selection, lang), "precision": precision_part(selection, lang),
        "values": status_rows(selection, lang), "rules": rule_tables(extra.get("rules"), selection, lang),
        "accounts": account_tables(selection, lang), "burden": compared(selection, BURDEN, lang),
        "illnesses": illness_table(selection, lang), "provenance": provenance_table(selection, lang)}
    parts["question"] = {"asked": page.asked(), "how": how(selection, lang), "changes": change_rows(selection, lang)}
    drawn = embedded(folder / place, figures() if callable(figures) else figures)
    first = page.parts({name: (caption, tall) for name, (caption, _, tall) in drawn.items()}, facts(selection, lang))
    others = [name for name in drawn if name != first["figure"]]
    on_paper = sections_on_paper(parts, lang)
    counts = {name: sum(table.rows for table in section.tables) for name, section in on_paper.items()}
    counts |= {name: _count(part) for name, part in parts.items() if name in ON_SCREEN} | {"figures": len(others)}
    if not first["cut"] and not first["more_changes"]:            # the first page has it all
        del on_paper["question"]
    printed = paper.fit(on_paper, len(others), 1 if sliders is None else 2)
    files = {name: [file for file in named if (folder / file).exists() or (run.folder / file).exists()]
             for name, named in (ON_PAPER | ON_SCREEN | {"figures": (place,)}).items()}
    text = environment.get_template("report.html.j2").render(
        lang={"zh": "zh-CN"}.get(lang, lang), say=partial(say, REPORT, lang=lang), tell=partial(say, PAGE, lang=lang),
        joined=say(REPORT, "comma", lang).join, scenario=selection.scenario["name"], year=selection.years[0], answer=first,
        place=place, parts=parts, paper=on_paper, counts=counts, files=files,
        sections=[name for name in SECTIONS if name != "effects" or parts["effects"]], screen=list(ON_SCREEN), drawn=drawn,
        numbers={name: nth for nth, name in enumerate(sorted(drawn, key=lambda name: name != first["figure"]), 1)},
        others=others, printed=printed, what_if=sliders, ask=partial(say, WHAT_IF, lang=lang),
        script=sliders and digest_for_policy(sliders["script"]))
    path = folder / (with_sliders(report) if sliders else report)
    path.write_text(text, encoding="utf-8")
    return path


def facts(selection: Selection, lang: str) -> str:
    """The facts by which the run is known again."""
    manifest = selection.run.manifest
    people = manifest["people"]
    found = say(REPORT, "facts", lang, run=selection.run_id, draws=number(manifest["draws"]), seed=manifest["seed"],
                people=people if people == "all" else number(people), version=manifest["versions"]["fundsim"],
                digest=manifest["result_digest"][:16])
    return f"{selection.scenario['name']}. {found}"


def how(selection: Selection, lang: str) -> str:
    """How funds and patients respond."""
    scenario = selection.scenario
    return say(REPORT, "how", lang, response=say(REPORT, f"response_{scenario['response']}", lang),
               demand=say(REPORT, "demand_on" if scenario["demand"] else "demand_off", lang))


def sections_on_paper(parts: dict, lang: str) -> dict[str, Section]:
    """The sections of ON_PAPER that the report has, as paper takes them."""
    def texts(*keys: str) -> list[str]:
        return [say(REPORT, key, lang) for key in keys]

    def listed(rows: Sequence[Sequence[str]], *wraps: int) -> list[Table]:
        return [Table(paper.TABLE_TITLE, [("", rows)], wraps=wraps)] if rows else []

    main, box, precision, effects = (parts[name] for name in ("main", "box", "precision", "effects"))
    found = {
        "question": Section([parts["question"]["asked"], parts["question"]["how"]],
                            listed(parts["question"]["changes"], 0, 1, 2, 3)),
        "main": Section([], [Table(paper.TABLE_TITLE + 4 * paper.ROW_LINE, [("", [
            [row["label"], row["unit"], *row["cells"]] for row in table["rows"]])]) for table in main["tables"]],
            notes=[main["text"], main["rest"]]),
        "box": Section(box["sentences"], listed([
            [row[key] for key in ("scheme_name", "label", "unit", "gap", "least", "most", "by")] for row in box["rows"]], 1, 6)),
        "fund": Section([], [_of_fund(table) for table in parts["fund"]], notes=texts("fund_text")),
        "levels": Section(texts("levels_text"), listed(parts["levels"], 6, 7, 8)),
        "precision": Section(precision["sentences"], listed(precision["rows"], 1, 2)),
        "not_for": Section(texts(*(f"not_for_{nth}" for nth in (1, 2, 3, 4)))),
        "elsewhere": Section([say(PAGE, "elsewhere_text", lang), *ON_SCREEN])}
    if effects is not None:
        heads = ["", "", *(say(REPORT, key, lang) for key in ("without_policy", "moved_by", "error", "verdict")
                           for _ in effects["years"])]
        found["effects"] = Section([], [Table(paper.TABLE_TITLE + 4 * paper.ROW_LINE, [
            (part["heading"], [[row["label"], row["unit"], *(text for cell in row["cells"]
                                                            for text in (*cell["texts"], cell["verdict"]))]
                               for row in part["rows"]]) for part in table["parts"]], DENSE_COLUMNS, heads)
            for table in effects["tables"]], notes=[*texts("effects_text"), effects["rest"]])
    return {name: found[name] for name in (*ON_PAPER, "elsewhere") if name in found}


def _of_fund(table: dict) -> Table:
    """A fund's table, whose headings stand in many lines."""
    lines = max(-(-columns_of(name) // FUND_HEAD) for name, _ in table["columns"]) + 2
    return Table(paper.TABLE_TITLE + lines * paper.ROW_LINE, [("", table["rows"])], FUND_COLUMNS)


def _count(part: dict | list | None) -> int:
    """The number of rows of a section that only unfolds on screen."""
    if isinstance(part, list):
        return sum(map(_count, part))
    if part is None:
        return 0
    return len(part["rows"]) if "rows" in part else sum(map(_count, part.get("parts", part.get("tables", []))))


def embedded(place: Path, figures: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str, float]]:
    """The caption, the SVG as an image's address and the height over the width of each figure."""
    found: dict[str, tuple[str, str, float]] = {}
    for name, caption in figures:
        svg = (place / f"{name}.svg").read_text(encoding="utf-8")
        shape = VIEW_BOX.search(svg)
        found[name] = (caption, image_address(svg), float(shape[2]) / float(shape[1]) if shape else 1.0)
    return found
