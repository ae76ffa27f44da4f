"""The `params` verbs of the command line.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Force, Json, Lang, Params, Year

params_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None,
                         help="Look at the parameter sets, begin one, or edit one in a workbook: list, show, diff, check, "
                              "uncertain, plans, new, export, import, schema.")

@params_app.command("list")
def params_list(params: Params = None, as_json: Json = False) -> None:
    """List the regions and what they state.

    Example: fundsim params list
    """
    from simulator.parameters import show
    from simulator.parameters.regions import load_regions
    regions = load_regions()
    rows = show.list_rows(regions)
    _print_rows(rows, as_json, f"{show.coverage(regions)}")


@params_app.command("show")
def params_show(region: str, year: Year = 2012, topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
                date: Annotated[str | None, typer.Option("--date", help="A day, in place of the year: 2014-04-15.")] = None,
                params: Params = None, as_json: Json = False) -> None:
    """Show every value in force in a region, with unit, date, source and status.

    Example: fundsim params show jiangsu --year 2012 --topic inpatient
    """
    from simulator.parameters import show
    from simulator.parameters.days import day_named
    from simulator.parameters.regions import load_regions
    day = None if date is None else day_named("--date", date)
    _print_rows(show.show_rows(load_regions()[region], day or year, topic), as_json, f"{region} {day or year}")


@params_app.command("diff")
def params_diff(a: str, b: str, year: Year = 2012, topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
                params: Params = None, as_json: Json = False) -> None:
    """Show where two regions differ, with clauses.

    Example: fundsim params diff jiangsu linyi --year 2012
    """
    from simulator.parameters import show
    from simulator.parameters.regions import load_regions
    regions = load_regions()
    _print_rows(show.diff_rows(regions[a], regions[b], year, topic), as_json, f"{a} and {b}, {year}")


@params_app.command("check")
def params_check(
    regions: Annotated[list[str] | None, typer.Argument(help="Regions; default: all.")] = None,
    year: Annotated[int | None, typer.Option("--year", min=2010, max=2030, help="Default: each region's plan year.")] = None,
    params: Params = None, as_json: Json = False,
) -> None:
    """Test each region's operating values and simulated outcomes against the floors and targets of every
    ancestor; exit code 1 if one is not met.

    Example: fundsim params check jiangsu linyi --year 2012
    """
    from simulator.answers import floors
    from simulator.parameters.regions import load_regions
    loaded = load_regions()
    found = []
    for name in regions or list(loaded):
        found += floors.check_floors(loaded[name], year or floors.plan_year(loaded[name]))
    rows, unmet = floors.rows(found), floors.counts(found)[floors.NOT_MET]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        _print_table(rows, "floors")
        tested, simulated = floors.count_tests(found)
        print(f"{len(rows)} statements: {tested} tested, {simulated} of them by simulated outcomes, {unmet} not met; "
              f"{floors.counts(found)[floors.COPIED]} held against values copied from them, no test")
    if unmet:
        raise typer.Exit(1)


@params_app.command("uncertain")
def params_uncertain(
    region: Annotated[list[str] | None, typer.Option("--region", help="A region, with what it inherits; may be repeated. "
                                                     "Default: all.")] = None,
    year: Year = 2012, lang: Annotated[Lang, typer.Option("--lang", help="Language of the names.")] = Lang.en,
    params: Params = None, as_json: Json = False,
) -> None:
    """List the uncertain values: the law that each follows over the worlds, what 5% of worlds are below and above, and how it
    acts (times, plus; tried: one by one; economy: yearly shocks).

    Example: fundsim params uncertain --region linyi
    """
    from simulator.parameters import show
    from simulator.parameters.regions import load_regions
    from simulator.parameters.uncertain import UncertainRow, uncertain_rows
    from simulator.words import LEVER_NAMES, STATUS_NAMES, UNCERTAIN_HEADINGS, word
    regions, language = load_regions(), lang.value
    found = {row.key + row.lever: row for name in region or list(regions) for row in uncertain_rows(regions[name], year)}
    if as_json:
        print(json.dumps(show.as_dicts(found.values()), ensure_ascii=False))
        return
    named = {"status": STATUS_NAMES, "lever": LEVER_NAMES}

    def cell(row: UncertainRow, name: str) -> str:
        said = getattr(row, language if name == "name" else name)
        return word(named[name], said, language) if name in named else said

    _print_table([{word(UNCERTAIN_HEADINGS, name, language): cell(row, name) for name in UNCERTAIN_HEADINGS}
                  for row in found.values()], str(year))


@params_app.command("plans")
def params_plans(as_json: Json = False) -> None:
    """List the plan files that are shipped, real schedules with their sources; `--plan NAME` takes each by its name.

    Example: fundsim params plans
    """
    from simulator.parameters import show
    from simulator.parameters.planfile import shipped_plans
    _print_rows(show.plan_rows(shipped_plans()), as_json, "plans")


@params_app.command("new")
def params_new(
    name: Annotated[str, typer.Argument(help="Its name in commands and files, for example nanjing2.")],
    parent: Annotated[str, typer.Option("--parent", help="The region it descends from, for example jiangsu.")],
    zh: Annotated[str | None, typer.Option("--zh", help="Its Chinese name. Default: NAME.")] = None,
    en: Annotated[str | None, typer.Option("--en", help="Its English name. Default: NAME.")] = None,
    folder: Annotated[Path, typer.Option("--params", metavar="DIR", help="The folder of your own regions; made if it is not "
                                         "there.")] = Path("params"),
) -> None:
    """Write the files of a new region, to be filled in: what it inherits stands in them as comments. Nothing is overwritten.

    Example: fundsim params new nanjing2 --parent jiangsu --zh 南京
    """
    from simulator.folders import new_folder
    from simulator.parameters.errors import InputError, display_path
    from simulator.parameters.new import check_new, files_of_new
    from simulator.parameters.regions import load_regions, params_path
    if folder.exists() and not folder.is_dir():
        raise InputError("--params:", value=str(folder), expected="a folder; a file has this name")
    own = folder.is_dir() and folder.resolve() != params_path().resolve() and any(folder.glob("*/region.yaml"))
    regions = load_regions(params=folder if own else None)
    above = regions[parent]
    check_new(name, regions, folder)
    for option, text in (("--zh", zh), ("--en", en)):
        if text is not None and not (text.strip() and text.isprintable() and len(text) <= 80):
            raise InputError(f"{option}:", value=text, expected="a printable name of at most 80 characters")
    files = files_of_new(name, en or name.capitalize(), zh or name, above, regions)
    with new_folder(folder / name) as aside:
        for file, text in files.items():
            (aside.path / file).write_text(text, encoding="utf-8")
    place = display_path(folder)
    print(f"{display_path(aside.final)}: {len(files)} files; population.yaml first, which lacks the insured persons")
    print(f"已写出 {len(files)} 个文件; 请先在 population.yaml 中填写参保人数")
    print(f"fundsim params show {name} --params {place}\nfundsim params check {name} --params {place}")


@params_app.command("export")
def params_export(
    file: Annotated[Path, typer.Argument(metavar="X.xlsx", help="The workbook to write.")],
    region: Annotated[list[str] | None, typer.Option("--region", help="Only this region; may be repeated. Default: all.")] = None,
    params: Params = None, force: Force = False,
) -> None:
    """Write what regions state as a workbook to be edited: a row for each dated value, units and statuses as drop-downs.

    Example: fundsim params export jiangsu.xlsx --region jiangsu
    """
    from simulator.output import check_place, write_new
    from simulator.parameters.regions import load_regions
    from simulator.workbook.parameter_book import parameters_workbook
    check_place(file, "X.xlsx", force)
    regions = load_regions()
    names = list(dict.fromkeys(regions[name].name for name in region or regions))
    write_new({file: parameters_workbook(regions, names)}, force)
    print(f"{file}: {', '.join(names)}")


@params_app.command("import")
def params_import(
    file: Annotated[Path, typer.Argument(metavar="X.xlsx", help="The workbook to read.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The parameter folder to make; nothing may have this name.")],
    params: Params = None, as_json: Json = False,
) -> None:
    """Make a parameter folder of a workbook, for --params DIR, and say what is changed in it, with clauses. A fault is told by
    its sheet and cell, and then nothing is written.

    Example: fundsim params import jiangsu.xlsx --out mine
    """
    from simulator.folders import new_folder
    from simulator.output import check_folder
    from simulator.parameters import show
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    from simulator.workbook.parameter_reader import changed_rows, digest_of_regions, read_parameters
    check_folder(out, "--out")
    before, files = load_regions(), read_parameters(file)
    with new_folder(out) as aside:
        for name, text in files.texts.items():
            (aside.path / name).parent.mkdir(exist_ok=True)
            (aside.path / name).write_text(text, encoding="utf-8")
        try:
            after = load_regions(params=aside.path)
        except InputError as error:
            raise files.located(error) from None
    names = [name for name in after if f"{name}/region.yaml" in files.texts]
    known = [name for name in names if name in before]
    digests = digest_of_regions(before, known), digest_of_regions(after, names)
    rows = [{"region": name, "year": year} | show.as_dicts([row])[0] for name in known
            for year, row in changed_rows(before[name], after[name])]
    if as_json:
        print(json.dumps({"folder": str(aside.final), "regions": names, "digest": digests[1], "digest_before": digests[0],
                          "changes": rows}, ensure_ascii=False))
        return
    print(f"{aside.final}: {', '.join(names)}")
    if digests[0] == digests[1]:
        print(f"nothing is changed; digest of the values {digests[1][:16]} (没有改动)")
        return
    _print_table(rows, "changes")
    restated = sum(digest_of_regions(before, [name]) != digest_of_regions(after, [name]) for name in known)
    print(f"{len(rows)} changed values, {restated} of {len(known)} regions state something else, {len(names) - len(known)} are "
          f"new; digest {digests[0][:16]} -> {digests[1][:16]}")


@params_app.command("schema")
def params_schema(folder: Path, force: Force = False) -> None:
    """Write the JSON Schemas that editors use for completion: of each topic's files, of plans, scenarios and mappings of claims.

    Example: fundsim params schema params/schema
    """
    from simulator.claims.mapping_schema import mapping_schema
    from simulator.cli.scenario_schema import scenario_schema
    from simulator.folders import make_folder
    from simulator.output import write_new
    from simulator.parameters.planfile import plan_schema
    from simulator.parameters.schema import schemas
    make_folder(folder)
    made = {**schemas(), "plan": plan_schema(), "scenario": scenario_schema(), "claims-map": mapping_schema()}
    files = {folder / f"{name}.json": text.encode() for name, text in made.items()}
    write_new(files, force)
    print("\n".join(map(str, files)))


def _print_rows(rows: list, as_json: bool, title: str) -> None:
    from simulator.parameters import show
    data = show.as_dicts(rows)
    if as_json:
        print(json.dumps(data, ensure_ascii=False, default=str))
    else:
        _print_table(data, title)


def _print_table(rows: list[dict], title: str) -> None:
    """A table fitted to the terminal; plain tab-separated lines where there is none."""
    if not rows:
        print(f"{title}: nothing")
        return
    if not sys.stdout.isatty():
        print("\t".join(rows[0]))
        for row in rows:
            print("\t".join("" if value is None else str(value) for value in row.values()))
        return
    from rich.table import Table

    from simulator.output import console
    table = Table(title=title, show_lines=False)
    for column in rows[0]:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console().print(table)
