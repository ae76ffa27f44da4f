"""The verb `sensitivity`: what an outcome of a run varies with, from the settings of its worlds.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Json, Lang, Params, Verbose


def sensitivity(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    measure: Annotated[str, typer.Option("--measure", help="A measure that the run keeps by world: balance, surplus_rate, "
                                         "expenditure_per_head, oop_per_head ... (指标)")] = "balance",
    year: Annotated[int | None, typer.Option("--year", help="A year of the run; default: the last. (年份)")] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", help="A scheme of the run; default: nrcms, or the first. "
                                               "(制度)")] = None,
    region: Annotated[str | None, typer.Option("--region", help="A region of the run; default: the first. (地区)")] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="A policy of the run; default: the first. (方案)")] = None,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language. Default: the run's.")] = None,
    params: Params = None, verbose: Verbose = False, as_json: Json = False,
) -> None:
    """Say which uncertain values an outcome of a run varies with: shares of its variance between worlds by value and by status,
    of the economy, the people sampled and chance; a table and a figure are added to the run's folder.

    结果的不确定性取决于哪些参数: 按参数和依据类别分解情景之间的方差, 表和图写入运行文件夹.

    Example: fundsim sensitivity results/compare-jiangsu-linyi-2012/RUN-ID --measure balance --year 2021
    """
    from simulator.answers.variance import sensitivity as answer
    from simulator.cli.query import as_records
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.names import canonical
    from simulator.results import read_run

    made = read_run(run_folder)
    asked = canonical("scheme", scheme) if scheme and scheme not in SCHEMES else scheme
    found = answer(made, measure, year, named_region(region), asked, policy)
    language = lang.value if lang else made.manifest.get("language", Lang.en.value)
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
