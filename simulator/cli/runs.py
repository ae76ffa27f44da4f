"""Verbs that simulate and look at runs: compare, run, report, verify.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from simulator.cli.options import (
    Json,
    Lang,
    Language,
    Most,
    NoReport,
    Out,
    Params,
    Precise,
    Sets,
    SettingsOf,
    ShownProgress,
    Threads,
    Verbose,
    Year,
    asked_for,
    known_word,
    make_writable,
    people_of_text,
    precision_changes,
    tell_older,
    tell_settings,
    tell_within_year,
)

if TYPE_CHECKING:
    from simulator.parameters.regions import Regions
    from simulator.results import Run
    from simulator.scenario import Scenario


def compare(
    context: typer.Context,
    regions: Annotated[list[str], typer.Argument(metavar="REGION ...|RUN ...", help="Two regions or more, for example: jiangsu "
                                                 "linyi; or finished runs, each its folder or FOLDER:POLICY.")],
    year: Year = 2012,
    schemes: Annotated[str, typer.Option(help="Schemes, separated by commas.")] = "uebmi,urbmi,nrcms",
    horizon: Annotated[int, typer.Option(min=1, max=50, help="Years.")] = 10,
    draws: Annotated[int, typer.Option(min=1, max=100_000, help="Sampled futures; with --precision the first ones.")] = 200,
    precision: Precise = None,
    max_draws: Most = None,
    people: Annotated[str, typer.Option(help="Persons on each of the ten rosters of a scheme and region, or: all")] = "5000",
    outpatient_share: Annotated[str, typer.Option(help="Share of households whose outpatient visits are simulated.")] = "1/2",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 20120321,
    response: Annotated[str, typer.Option(help="What the fund does beyond its limits: stated, secondary or none.")] = "stated",
    demand: Annotated[bool, typer.Option("--demand/--no-demand", help="Use and choice of hospital respond to price.")] = False,
    sets: Sets = None,
    settings: SettingsOf = None,
    params: Params = None,
    threads: Threads = None,
    out: Out = Path("results"),
    lang: Language = Lang.en,
    no_report: NoReport = False,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Compare regions: rules that differ, funds, burden; tables, figures and a report. Or finished runs, without simulating.

    Example: fundsim compare jiangsu linyi --year 2012 --draws 200 --lang zh
    """
    from simulator.cli.finished import are_runs, compare_runs
    if are_runs(regions):
        compare_runs(context, regions, lang.value, verbose, as_json)
        return
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    from simulator.scenario import A_SHARE, RESPONSES, Scenario, read_share

    if len(regions) < 2 or len(set(regions)) != len(regions):
        raise InputError("compare needs at least two different regions, got", value=" ".join(regions),
                         expected="for example: jiangsu linyi")
    chosen = tuple(known_word("--schemes", scheme, SCHEMES) for scheme in schemes.split(","))
    loaded = load_regions()
    regions = [loaded.canonical(region) for region in regions]
    if len(set(regions)) != len(regions):
        raise InputError("compare needs different regions, got", value=" ".join(regions), expected="for example: jiangsu linyi")
    name = f"compare-{'-'.join(regions)}-{year}"
    scenario = Scenario(
        name, tuple(regions), year=year, schemes=chosen, horizon=horizon, draws=draws, people=people_of_text(people), seed=seed,
        response=known_word("--response", response, RESPONSES), demand=demand,
        **precision_changes(precision, max_draws, draws),
        outpatient_share=read_share(outpatient_share,
                                    lambda text: InputError("--outpatient-share:", value=text, expected=A_SHARE)))
    _run(asked_for(scenario, loaded, sets, {}), loaded, out, lang, threads, verbose, as_json, not no_report, settings)


def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, see scenarios/")],
    sets: Sets = None, settings: SettingsOf = None, params: Params = None,
    year: Annotated[int | None, typer.Option("--year", min=2010, max=2030, help="First year, in place of the file's.")] = None,
    horizon: Annotated[int | None, typer.Option(min=1, max=50, help="Years.")] = None,
    draws: Annotated[int | None, typer.Option(min=1, max=100_000, help="Sampled futures.")] = None,
    people: Annotated[str | None, typer.Option(help="Persons on each of the ten rosters, or: all")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1)] = None,
    precision: Precise = None, max_draws: Most = None,
    threads: Threads = None, out: Out = Path("results"), lang: Language = Lang.en, no_report: NoReport = False,
    verbose: Verbose = False, as_json: Json = False,
) -> None:
    """Run a scenario file.

    Example: fundsim run scenarios/deductible.yaml --set inpatient.nrcms.annual_cap=100000 --draws 50
    """
    from simulator.parameters.regions import load_regions
    from simulator.scenario import read_scenario
    loaded, found = load_regions(), read_scenario(scenario)
    found = found.but(**precision_changes(precision, max_draws, draws or found.draws, found))
    sizes = {"year": year, "horizon": horizon, "draws": draws, "people": people, "seed": seed}
    _run(asked_for(found, loaded, sets, sizes), loaded, out, lang, threads, verbose, as_json, not no_report, settings)


def _run(scenario: Scenario, regions: Regions, out: Path, lang: Lang, threads: int | None, verbose: bool,
         as_json: bool, report: bool, settings: str | None) -> None:
    """Simulate, analyse, write the run folder and print the answer, or every table; without a report, the folder's path last."""
    import atexit
    import gc
    import time

    from simulator import api
    from simulator.engine.places import RARELY
    from simulator.needs import processes_for
    from simulator.report.overview import print_brief, print_overview, read_extra

    start = time.monotonic()
    gc.set_threshold(*RARELY)
    atexit.register(gc.freeze)         # the end of the program looks for no garbage, which took half a second
    make_writable(out, scenario.name)
    with ShownProgress() as tell:
        made = api.run(scenario, regions=regions, out=out, lang=lang.value, threads=threads,
                       processes=processes_for(scenario, threads), tell=tell, settings=settings,
                       report=report)
    folder, precision = made.folder, made.manifest["precision"]
    place = f"{folder}/report.html" if report else str(folder)
    tell_settings(made.manifest.get("settings"), lang.value)
    tell_older(made.manifest["older"], scenario.year, lang.value)
    tell_within_year(made.manifest["within_year"], lang.value)
    if as_json:
        rows = made.comparison[made.comparison["year"] == scenario.year]
        print(json.dumps({"run": str(folder), "result_digest": made.manifest["result_digest"],
                          "precision": precision,
                          "comparison": json.loads(rows.to_json(orient="records", force_ascii=False))}, ensure_ascii=False))
    elif verbose:
        print_overview(made, read_extra(made), lang.value)
        print(f"\n{place}  ({time.monotonic() - start:.0f} s)")
    else:
        print_brief(made, lang.value, place, time.monotonic() - start)
    if precision and not precision["met"]:
        raise typer.Exit(1)


def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN")],
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language of report and figures. Default: the run's.")] = None,
    png: Annotated[bool, typer.Option("--png", help="Add the figures as PNG too, in figures-png/.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Add the workbook: the fund's balance as formulas, with charts "
                                       "and checks.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Add the analysis of each fund's operation as a PDF on A4.")] = False,
    sliders: Annotated[bool, typer.Option("--what-if", help="Add a report with sliders that answers in the reader's browser; "
                                          "simulates some 112 policies.")] = False,
    vary: Annotated[list[str] | None, typer.Option("--vary", help="A slider: path=60:240, path=x0.5:x2, path=+0:+30, or "
                                                   "a switch: path=a|b; up to six. Default: premium, deductible, ratio, "
                                                   "cap, growth.")] = None,
    fund: Annotated[str | None, typer.Option("--fund", help="REGION:SCHEME whose rules the sliders move. Default: the first "
                                             "region's nrcms.")] = None,
    threads: Threads = None,
    params: Params = None,
) -> None:
    """Add a report in another language to a run: report.zh.html, figures-zh/; with --xlsx a workbook, report.xlsx or
    report.zh.xlsx; with --pdf report.pdf or report.zh.pdf; with --what-if report.what-if.html or report.what-if.zh.html. Nothing
    that is there is overwritten.

    A run whose files are not as they were written is refused.

    Example: fundsim report results/compare-jiangsu-linyi-2012/RUN-ID --lang zh
    """
    from simulator.report.overview import for_report, read_extra
    from simulator.report.write import add_pictures, add_report
    from simulator.results import read_run
    made = read_run(run_folder)
    language = lang.value if lang else made.manifest.get("language", Lang.en.value)
    if sliders or vary or fund:
        print(_with_sliders(made, language, vary or [], fund, threads))
        return
    print(add_report(made, language, lambda: for_report(read_extra(made))))
    if png:
        print(add_pictures(read_run(run_folder), language))
    if pdf:
        from simulator.report.pdf import add_pdf
        made = read_run(run_folder)
        print(add_pdf(made, language, lambda: for_report(read_extra(made))))
    if xlsx:
        from simulator.workbook.run_book import add_workbook
        made = read_run(run_folder)
        print(add_workbook(made, language, for_report(read_extra(made))))


def _with_sliders(made: Run, lang: str, vary: list[str], fund: str | None, threads: int | None) -> Path:
    """Add a report with sliders to a run, after simulating what it rests on, unless the run has that."""
    from simulator.answers.what_if import WhatIf, one_fund, sliders, what_if
    from simulator.parameters.regions import load_regions
    from simulator.report.overview import for_report, read_extra
    from simulator.report.what_if_page import add_what_if
    from simulator.scenario import from_dict

    def survey() -> WhatIf:
        regions = load_regions()
        scenario = one_fund(from_dict(made.manifest["scenario"], regions=regions), regions, fund)
        moved = sliders(scenario, regions, vary)
        with ShownProgress() as tell:
            return what_if(scenario, regions, moved, threads, tell, made.manifest.get("settings", {}).get("name"))

    return add_what_if(made, lang, lambda: for_report(read_extra(made)), vary, fund, survey)


def verify(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN")],
    sample: Annotated[str | None, typer.Option(
        "--sample", help="Simulate only this share of the draws again, for example 1%: the first ones, at least one. Their "
        "paths, the parameters and the solved levels are compared; summary and comparison, which are of all draws, are not.",
    )] = None,
    files_only: Annotated[bool, typer.Option("--files-only", help="Check the files, simulate nothing.")] = False,
    params: Params = None,
    threads: Threads = None,
) -> None:
    """Check a run: its files by their checksums, then its numbers by simulating it again; exit code 1 if anything differs.

    The manifest alone says what to simulate. Nothing is read from the cache: rules are compiled, tables and parameters made anew.

    Example: fundsim verify results/compare-jiangsu-linyi-2012/RUN-ID
    """
    from simulator.folders import faults, read_manifest
    share = _sample_share(sample)
    manifest = read_manifest(run_folder)
    wrong = [f"{fault.file} {fault.problem}" for fault in faults(run_folder, manifest)]
    if wrong:
        _say_no(wrong, len(wrong), "the files are not those that the run wrote")
    print(f"files     {len(manifest['files']) + 1}, each as it was written")
    if not files_only:
        _verify_numbers(run_folder, share, threads)


def _sample_share(text: str | None) -> float:
    """The share of draws that --sample asks for: 1 without it."""
    from simulator.parameters.errors import InputError
    if text is None:
        return 1.0
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%", text)
    if found is None or not 0 < float(found[1]) <= 100:
        raise InputError("--sample:", value=text, expected="a percentage such as 1%, above 0% and at most 100%")
    return float(found[1]) / 100


def _verify_numbers(run_folder: Path, share: float, threads: int | None) -> None:
    """Simulate a run, or its first draws, again and name each difference."""
    from simulator.answers.verification import differences
    from simulator.compiling.cache import empty_cache
    from simulator.engine.simulate import simulate
    from simulator.folders import MANIFEST
    from simulator.needs import refuse_too_large
    from simulator.parameters.regions import load_regions
    from simulator.results import code_digest, read_run, result_digest, versions
    from simulator.scenario import from_dict
    made = read_run(run_folder)
    with empty_cache(), ShownProgress() as tell:
        scenario = from_dict(made.manifest["scenario"], str(run_folder / MANIFEST))
        draws = math.ceil(scenario.draws * share)
        refuse_too_large(scenario.but(draws=draws))
        result = simulate(scenario.but(draws=draws), load_regions(), threads, tell)
    if draws == scenario.draws:
        print(f"manifest  {made.manifest['result_digest']}\nrun again {result_digest(result)}")
    else:
        print(f"draws     {draws} of {scenario.draws}")
    found = differences(made, result)
    if found.count:
        here = versions() | {"code": code_digest()}
        then = made.manifest["versions"] | {"code": made.manifest.get("code_digest")}
        other = ", ".join(name for name in here if here[name] != then.get(name))
        _say_no(found.named, found.count, f"the results differ{f'; other than at the run: {other}' if other else ''}")
    print("the same bits")


def _say_no(named: list[str], count: int, verdict: str) -> NoReturn:
    """Print the first differences, their number, the verdict; end with exit code 1."""
    most = 20
    for line in named[:most]:
        print(line)
    if count > most:
        print(f"... and {count - most} more")
    print(f"{verdict} ({count} in all)")
    raise typer.Exit(1)
