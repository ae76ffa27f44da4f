"""The verb `sensitivity`: what an outcome of a run varies with, from the settings of its worlds.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import Json, Lang, Params, Verbose

if TYPE_CHECKING:
    from simulator.results import Run


def sensitivity(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    measure: Annotated[str | None, typer.Option("--measure", help="A measure that the run keeps by world: balance, surplus_rate, "
                                         "expenditure_per_head, oop_per_head ...")] = None,
    year: Annotated[int | None, typer.Option("--year", help="A year of the run; default: the last.")] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", help="A scheme of the run; default: nrcms, or the first.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="A region of the run; default: the first.")] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="A policy of the run; default: the first.")] = None,
    turns: Annotated[bool, typer.Option("--turns", help="Say instead which few estimates and assumptions, within their ranges, "
                                        "would reverse the run's first comparison.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="With --turns: run the fund with these values set.")] = False,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language. Default: the run's.")] = None,
    params: Params = None, verbose: Verbose = False, as_json: Json = False,
) -> None:
    """Say which uncertain values an outcome of a run varies with: shares of its variance between worlds by value and by status,
    of the economy, the people sampled and chance; a table and a figure are added to the run's folder.

    Example: fundsim sensitivity results/compare-jiangsu-linyi-2012/RUN-ID --measure balance --year 2021
    """
    from simulator.answers.variance import HEADLINE
    from simulator.answers.variance import sensitivity as answer
    from simulator.cli.query import as_records
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.errors import InputError
    from simulator.parameters.names import canonical
    from simulator.results import read_run

    made = read_run(run_folder)
    asked = canonical("scheme", scheme) if scheme and scheme not in SCHEMES else scheme
    language = lang.value if lang else made.manifest.get("language", Lang.en.value)
    if confirm and not turns:
        raise InputError("--confirm:", value="without --turns", expected="--turns --confirm")
    if turns:
        if region or policy:
            raise InputError("--turns is of the run's first comparison; no", value="--region" if region else "--policy",
                             expected="--measure, --year and --scheme alone")
        _print_turns(made, measure, year, asked, confirm, language, as_json)
        return
    found = answer(made, measure or HEADLINE, year, named_region(region), asked, policy)
    if as_json:
        print(json.dumps({"run": str(run_folder), "result_digest": made.manifest["result_digest"], "region": found.region,
                          "scheme": found.scheme, "policy": found.policy, "measure": found.measure, "year": found.year,
                          "worlds": found.shares.worlds, "mean": found.shares.mean, "sd": found.shares.sd,
                          "shares": as_records(found.frame)}, ensure_ascii=False))
        return
    from simulator.report.varied import lines_of
    from simulator.report.varied_figure import add_sensitivity
    files = add_sensitivity(found, language)
    print("\n".join(lines_of(found, language, files[0], 1, 1_000_000 if verbose else None)))
    print(f"{run_folder}/{files[1]}")


def _print_turns(made: Run, measure: str | None, year: int | None, scheme: str | None, confirmed: bool, lang: str,
                 as_json: bool) -> None:
    """Print what would turn a run's comparison, and what a run with it set found."""
    from simulator.answers.turns import confirm, turns
    from simulator.cli.options import ShownProgress
    from simulator.cli.query import as_records
    from simulator.parameters.regions import load_regions
    from simulator.report.style import wrap
    from simulator.report.turned import lines_of_turns

    found = turns(made, measure, year, scheme)
    checked = None
    if confirmed and found.found.sets:
        with ShownProgress() as tell:
            checked = confirm(found, load_regions(), progress=tell)
    if as_json:
        told = None if checked is None else {**checked._asdict(), "frame": as_records(checked.frame)}
        print(json.dumps({"run": str(made.folder), "result_digest": made.manifest["result_digest"],
                          "turns": as_records(found.frame), "confirmed": told}, ensure_ascii=False))
        return
    print("\n".join(line for text in lines_of_turns(found.frame, lang, checked) for line in wrap(text, 80)))


def named_region(region: str | None) -> str | None:
    """A region's name as runs have it, where it is typed in Chinese."""
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    if region is None:
        return None
    try:
        return load_regions().canonical(region)
    except InputError:
        return region
