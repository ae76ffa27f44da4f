"""Verbs that simulate and look at runs: compare, run, backtest, report, verify.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import (
    Json,
    Lang,
    Language,
    Most,
    Out,
    Precise,
    Sets,
    ShownProgress,
    Threads,
    Verbose,
    Year,
    asked_for,
    known_word,
    make_writable,
    people_of_text,
    precision_changes,
)

if TYPE_CHECKING:
    from simulator.parameters.regions import Regions
    from simulator.scenario import Scenario


def compare(
    regions: Annotated[list[str], typer.Argument(help="Two regions or more, for example: jiangsu linyi")],
    year: Year = 2012,
    schemes: Annotated[str, typer.Option(help="Schemes, separated by commas.")] = "uebmi,urbmi,nrcms",
    horizon: Annotated[int, typer.Option(min=1, max=50, help="Years.")] = 10,
    draws: Annotated[int, typer.Option(min=1, max=100_000, help="Sampled futures; with --precision the first ones.")] = 200,
    precision: Precise = None,
    max_draws: Most = None,
    people: Annotated[str, typer.Option(help="Simulated persons a scheme and region, or: all")] = "50000",
    outpatient_share: Annotated[str, typer.Option(help="Share of households whose outpatient visits are simulated.")] = "1/8",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 20120321,
    response: Annotated[str, typer.Option(help="What the fund does beyond its limits: stated, secondary or none.")] = "stated",
    demand: Annotated[bool, typer.Option("--demand/--no-demand", help="Use and choice of hospital respond to price.")] = False,
    sets: Sets = None,
    threads: Threads = None,
    out: Out = Path("results"),
    lang: Language = Lang.en,
    verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Compare regions: rules that differ, funds, burden; tables, figures and a report.

    Example: fundsim compare jiangsu linyi --year 2012 --draws 200 --lang zh
    """
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    from simulator.scenario import A_SHARE, RESPONSES, Scenario, read_share

    if len(regions) < 2 or len(set(regions)) != len(regions):
        raise InputError("compare needs at least two different regions, got", value=" ".join(regions),
                         expected="for example: jiangsu linyi")
    chosen = tuple(schemes.split(","))
    for scheme in chosen:
        known_word("--schemes", scheme, SCHEMES)
    name = f"compare-{'-'.join(regions)}-{year}"
    scenario = Scenario(
        name, tuple(regions), year=year, schemes=chosen, horizon=horizon, draws=draws, people=people_of_text(people), seed=seed,
        response=known_word("--response", response, RESPONSES), demand=demand,
        **precision_changes(precision, max_draws, draws),
        outpatient_share=read_share(outpatient_share,
                                    lambda text: InputError("--outpatient-share:", value=text, expected=A_SHARE)))
    loaded = load_regions()
    _run(asked_for(scenario, loaded, sets, {}), loaded, out, lang, threads, verbose, as_json)


def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, see scenarios/")],
    sets: Sets = None,
    year: Annotated[int | None, typer.Option("--year", min=2010, max=2030, help="First year, in place of the file's.")] = None,
    horizon: Annotated[int | None, typer.Option(min=1, max=50, help="Years.")] = None,
    draws: Annotated[int | None, typer.Option(min=1, max=100_000, help="Sampled futures.")] = None,
    people: Annotated[str | None, typer.Option(help="Simulated persons a scheme and region, or: all")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1)] = None,
    precision: Precise = None, max_draws: Most = None,
    threads: Threads = None, out: Out = Path("results"), lang: Language = Lang.en, verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Run a scenario file.

    Example: fundsim run scenarios/deductible.yaml --set inpatient.nrcms.annual_cap=100000 --draws 50
    """
    from simulator.parameters.regions import load_regions
    from simulator.scenario import read_scenario
    loaded, found = load_regions(), read_scenario(scenario)
    found = found.but(**precision_changes(precision, max_draws, draws or found.draws, found))
    sizes = {"year": year, "horizon": horizon, "draws": draws, "people": people, "seed": seed}
    _run(asked_for(found, loaded, sets, sizes), loaded, out, lang, threads, verbose, as_json)


def _run(scenario: Scenario, regions: Regions, out: Path, lang: Lang, threads: int | None, verbose: bool,
         as_json: bool) -> None:
    """Simulate, analyse, write the run folder and print the answer, or every table."""
    import time

    from simulator import api
    from simulator.report.overview import print_brief, print_overview, read_extra

    start = time.monotonic()
    make_writable(out)
    with ShownProgress() as tell:
        made = api.run(scenario, regions=regions, out=out, lang=lang.value, threads=threads, tell=tell)
    folder, precision = made.folder, made.manifest["precision"]
    if as_json:
        rows = made.comparison[made.comparison["year"] == scenario.year]
        print(json.dumps({"run": str(folder), "result_digest": made.manifest["result_digest"],
                          "precision": precision,
                          "comparison": json.loads(rows.to_json(orient="records", force_ascii=False))}, ensure_ascii=False))
    elif verbose:
        print_overview(made, read_extra(made), lang.value)
        print(f"\n{folder}/report.html  ({time.monotonic() - start:.0f} s)")
    else:
        print_brief(made, lang.value, f"{folder}/report.html", time.monotonic() - start)
    if precision and not precision["met"]:
        raise typer.Exit(1)


def backtest(
    draws: Annotated[int, typer.Option(min=1)] = 20,
    people: Annotated[int, typer.Option(min=100)] = 50_000,
    threads: Threads = None, as_json: Json = False,
) -> None:
    """Set simulated beside published figures, with the gap (three schemes, 2010-2012); exit code 1 if the gaps are too many.

    Example: fundsim backtest --draws 20
    """
    from simulator.answers.backtest import backtest as run_backtest
    from simulator.answers.backtest import judge, table_text
    from simulator.parameters.regions import load_regions
    frame = run_backtest(load_regions(), draws=draws, people=people, threads=threads)
    print(frame.to_json(orient="records", force_ascii=False) if as_json else table_text(frame))
    if judge(frame):
        raise typer.Exit(1)


def report(run_folder: Annotated[Path, typer.Argument(metavar="RUN")], lang: Language = Lang.en) -> None:
    """Write a run's figures and report anew, for example in the other language.

    Example: fundsim report results/compare-jiangsu-linyi-2012/RUN-ID --lang zh
    """
    from simulator.report.overview import for_report, read_extra
    from simulator.report.write import finish_run
    from simulator.results import read_run
    made = read_run(run_folder)
    finish_run(run_folder, made, lang.value, for_report(read_extra(made)))
    print(run_folder / "report.html")


def verify(run_folder: Annotated[Path, typer.Argument(metavar="RUN")], threads: Threads = None) -> None:
    """Simulate a run again from its manifest alone and compare the digests; exit code 1 if they differ.

    Nothing is read from the cache: rules are compiled, tables and parameters made anew.

    Example: fundsim verify results/compare-jiangsu-linyi-2012/RUN-ID
    """
    from simulator.compiling.cache import empty_cache
    from simulator.parameters.regions import load_regions
    from simulator.results import read_run, result_digest
    from simulator.run.simulate import simulate
    from simulator.scenario import from_dict
    made = read_run(run_folder)
    with empty_cache(), ShownProgress() as tell:
        result = simulate(from_dict(made.manifest["scenario"]), load_regions(), threads, tell)
    found, expected = result_digest(result), made.manifest["result_digest"]
    print(f"manifest  {expected}\nrun again {found}")
    if found != expected:
        print("the results differ: other versions or other parameters than the run's (see manifest.json)")
        raise typer.Exit(1)
    print("the same bits")
