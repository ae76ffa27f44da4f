"""What accompanies a run: the rules that differ, the part of the gap due to assumptions, and what the terminal shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from simulator.folders import read_checked
from simulator.output import console
from simulator.parameters import show
from simulator.parameters.regions import Region, Regions
from simulator.results import Run, csv_bytes
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.answers.assumptions import FirstYear
    from simulator.engine.outcome import Result
    from simulator.engine.places import Hear

FILES = {"assumptions": "assumptions.csv", "assumed": "assumed.csv", "targets": "targets.csv", "rules": "rules.csv"}
RULE_COLUMNS = {"path": "参数", "a": "前者", "b": "后者", "unit": "单位", "a_status": "前者依据", "b_status": "后者依据",
                "a_source": "前者来源", "b_source": "后者来源"}
HEADLINES = ("revenue_per_head", "expenditure_per_head", "expenditure_over_revenue", "surplus_rate", "months_held", "deficit",
             "exhausted", "admissions_per_100", "in_scope_ratio", "payment_per_admission", "oop_per_head", "oop_share_of_income",
             "catastrophic_25")


def analyse(regions: Regions, result: Result, found: Mapping[tuple[str, str], FirstYear]) -> dict[str, pd.DataFrame]:
    """The tables that accompany a comparison of regions, of the first two: assumptions, targets, assumed, rules; none for one
    region. `found` has what experiments found by region and scheme."""
    from simulator.answers.assumptions import at_targets, counted, gaps
    scenario = result.scenario
    if len(scenario.regions) < 2:
        return {}
    names = scenario.regions[:2]
    own = {(one.region, one.scheme): one for one in result.schemes}
    first, second = (regions[name] for name in names)
    changed = [scenario.changed(region) for region in (first, second)]

    def of_schemes(table: Callable[..., pd.DataFrame]) -> pd.DataFrame:
        return pd.concat([table(scheme, (own[names[0], scheme], own[names[1], scheme]),
                                (found[names[0], scheme], found[names[1], scheme])) for scheme in scenario.schemes],
                         ignore_index=True)

    return {"assumptions": of_schemes(gaps), "targets": of_schemes(at_targets),
            "assumed": pd.concat([counted(changed, scheme, scenario.year) for scheme in scenario.schemes], ignore_index=True),
            "rules": rules_between(first, second, scenario.year)}


def rules_between(first: Region, second: Region, year: int) -> pd.DataFrame:
    """What differs between two regions in a year, a row each; none of alike ones."""
    return pd.DataFrame(show.as_dicts(show.diff_rows(first, second, year)), columns=list(RULE_COLUMNS))


def experiments(hear: Hear, regions: Regions, scenario: Scenario, one: tuple[str, str], threads: int) -> FirstYear | None:
    """The task of the experiments on the assumptions of a region's scheme (answers/assumptions.py); None where two regions are
    not compared, or others are."""
    from simulator.answers.assumptions import first_year
    if len(scenario.regions) < 2 or one[0] not in scenario.regions[:2]:
        return None
    return first_year(scenario, regions, *one, threads)


def for_report(extra: dict[str, pd.DataFrame]) -> dict:
    """The same tables in the form that the report takes, with the rules as rows."""
    return {name: rows_of(frame) if name == "rules" else frame for name, frame in extra.items()}


def rows_of(frame: pd.DataFrame) -> list[dict]:
    """A table as a list of rows; an absent value is None."""
    return [{key: None if value != value else value for key, value in row.items()} for row in frame.to_dict("records")]


def write_extra(folder: Path, extra: dict[str, pd.DataFrame]) -> None:
    """Write the tables into the run folder, so that the report can be written again."""
    for name, frame in extra.items():
        (folder / FILES[name]).write_bytes(csv_bytes(frame))


def read_extra(run: Run) -> dict[str, pd.DataFrame]:
    """The tables of a run folder; those the run was made without are absent. InputError if one is not as it was written."""
    frames = {name: pd.read_csv(BytesIO(read_checked(run.folder, run.manifest, file)), encoding="utf-8-sig")
              for name, file in FILES.items() if file in run.manifest["files"]}
    for name, frame in frames.items():
        if name == "rules":
            frames[name] = frame.fillna("")        # where a region has no value, as diff_rows has it
        elif "group" in frame:
            frame["group"] = frame["group"].fillna("")
    return frames


def print_brief(run: Run, lang: str, report: str, seconds: float) -> None:
    """Print the answer in at most 24 lines as wide as the terminal (or COLUMNS), with the report's place last."""
    from shutil import get_terminal_size

    from simulator.report.brief import Brief
    width = get_terminal_size().columns
    place = f"{report}  ({seconds:.0f} s)"
    if len(place) > width:
        folder, _, name = report.rpartition("/")
        place = f"{folder}/\n  {name}" if len(folder) < width < len(report) else report
    below = sum(-(-len(line) // width) for line in place.splitlines())
    print("\n".join(Brief(run, lang, width, below=below).lines()))
    print(place)


def print_overview(run: Run, extra: dict[str, pd.DataFrame], lang: str) -> None:
    """Print the rules that differ, the main figures of the first and last year with paired errors, and what is assumption."""
    from rich.table import Table

    from simulator.report.assumed import assumption_box
    from simulator.report.format import marked
    from simulator.report.html_tables import baseline_first
    from simulator.report.precision import asked_and_reached, heavy_tails
    from simulator.report.select import Selection
    from simulator.words import STATUS_NAMES, measure_name, short_scheme, unit_name, word
    terminal = console()
    if not terminal.is_terminal and "COLUMNS" not in os.environ:
        terminal = console(width=170)
    zh = lang == "zh"
    if "rules" in extra:
        table = Table(title="规则差异" if zh else "Rules that differ")
        rules = extra["rules"]
        for column in rules.columns:
            table.add_column(RULE_COLUMNS.get(column, column) if zh else str(column), overflow="fold")
        clauses = rules[rules["path"].str.startswith("law.")] if "path" in rules else rules
        for row in clauses.itertuples(index=False):
            table.add_row(*("" if pd.isna(value) else str(value) for value in row))
        terminal.print(table)
        terminal.print(f"{len(rules) - len(clauses)} " + ("项运行参数不同, 见 rules.csv" if zh
                                                          else "operating values differ too: rules.csv"))
    selection, years = Selection(run), sorted(run.summary["year"].unique())
    for side_a, side_b in run.comparison[["side_a", "side_b"]].drop_duplicates().itertuples(index=False):
        pairs = run.comparison[(run.comparison["side_a"] == side_a) & (run.comparison["side_b"] == side_b)]
        for year in dict.fromkeys((years[0], years[-1])):
            names = [side_name(side, lang) for side in (side_a, side_b)]
            table = Table(title=f"{names[0]} - {names[1]}, {year}")
            names = [side_name(side, lang) for side in baseline_first((side_a, side_b))]
            for head in (("制度", "指标", "单位", *names, "差", "95%") if zh
                         else ("scheme", "measure", "unit", *names, "difference", "95% interval")):
                table.add_column(str(head), overflow="fold", justify="left" if head in (
                    "scheme", "measure", "unit", "制度", "指标", "单位") else "right")
            shown = pairs[(pairs["year"] == year) & pairs["measure"].isin(HEADLINES)
                          & pairs["group"].isin(("", "layer:assistance"))]
            for scheme in shown["scheme"].unique():
                for name in HEADLINES:
                    for group in shown[(shown["scheme"] == scheme) & (shown["measure"] == name)]["group"]:
                        row = selection.difference((side_a, side_b), scheme, year, name, group)
                        assert row is not None                       # the table's own row
                        sides = (row.b, row.a) if ": " in side_a else (row.a, row.b)
                        table.add_row(short_scheme(scheme, lang), measure_name(name, lang), unit_name(row.unit, lang),
                                      *map(number, sides), number(row.difference), marked(_ends(row.low, row.high), row.warning))
            terminal.print(table)
    if run.comparison.empty:
        terminal.print(single_table(run, (years[0], years[-1]), lang))
    box = assumption_box(selection, for_report(extra), lang)
    if box["rows"]:
        table = Table(title="假设和估计的取值改用其他可能时的差距 (首年)" if zh
                      else "The gap as assumed and estimated values take their alternatives (first year)")
        for head in (("制度", "指标", "差距", "最低", "最高", "影响最大者") if zh
                     else ("scheme", "measure", "gap", "least", "most", "moved most by")):
            table.add_column(head, overflow="fold", justify="left" if head in (
                "scheme", "measure", "moved most by", "制度", "指标", "影响最大者") else "right")
        for row in box["rows"]:
            table.add_row(row["scheme_name"], row["label"], row["gap"], row["least"], row["most"], row["by"])
        terminal.print(table)
    for sentence in (*asked_and_reached(selection, lang), heavy_tails(selection, lang)):
        terminal.print(sentence)
    counts = run.manifest["values_by_status"]
    terminal.print(("取值依据: " if zh else "Values used, by status: ")
                  + ", ".join(f"{word(STATUS_NAMES, status, lang)} {n}" for status, n in counts.items()))


def side_name(label: str, lang: str) -> str:
    """A side of the comparison (`jiangsu`, `jiangsu: baseline`) in words; a policy keeps the name it was given."""
    from simulator.words import policy_name, region_name
    region, colon, policy = label.partition(": ")
    return region_name(region, lang) + f"{colon}{policy_name(policy, lang)}"


def single_table(run: Run, years: tuple[int, int], lang: str) -> Table:
    """The main figures of a run without comparison: the mean and the middle 90% of the draws in the first and the last year."""
    from rich.table import Table

    from simulator.report.format import marked
    from simulator.words import measure_name, short_scheme, unit_name
    zh, shown = lang == "zh", dict.fromkeys(years)
    table = Table(title=side_name(run.summary["region"].iloc[0], lang))
    for head in ("制度", "指标", "单位") if zh else ("scheme", "measure", "unit"):
        table.add_column(head, overflow="fold")
    for head in (text for year in shown for text in (str(year), "5% .. 95%")):
        table.add_column(head, overflow="fold", justify="right")
    main = run.summary[run.summary["group"].isin(("", "layer:assistance"))].set_index(["scheme", "measure", "year"])
    for scheme in run.summary["scheme"].unique():
        for name in HEADLINES:
            rows = [main.loc[scheme, name, year] for year in shown]
            table.add_row(short_scheme(scheme, lang), measure_name(name, lang), unit_name(rows[0]["unit"], lang),
                          *(text for row in rows for text in (marked(number(row["mean"]), row["warning"]), _span(row))))
    return table


def _span(row: pd.Series) -> str:
    """The middle 90% of the draws; empty for a probability, which is 0 or 1 in a draw."""
    return "" if row["unit"] == "probability" else _ends(row["p05"], row["p95"])


def _ends(low: float, high: float) -> str:
    """An interval, or a dash where there is none (one draw, a pooled quantile)."""
    return "-" if low != low else f"{number(low)} .. {number(high)}"


def number(value: float) -> str:
    """A number with four significant digits and grouped thousands; a dash for an absent one."""
    if value is None or value != value:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 1e-9 else "0"
