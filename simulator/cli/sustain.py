"""The verb `sustain`: how long the funds of a run last, and what would keep them.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Json, Lang, Params, Verbose


def sustain(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    confidence: Annotated[int, typer.Option(
        "--confidence", min=51, max=99, help="Percent of the worlds in which the sums must be enough.")] = 95,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Language. Default: the run's.")] = None,
    params: Params = None, verbose: Verbose = False, as_json: Json = False,
) -> None:
    """Say how long each fund of a run lasts and what would keep it: year of exhaustion, months held, growth, balancing premium,
    sum needed today, value at risk, risk grade.

    Example: fundsim sustain results/compare-jiangsu-linyi-2012/RUN-ID --confidence 95
    """
    from simulator.answers.sustainability import CONFIDENCES, sustainability
    from simulator.report.select import Selection
    from simulator.report.sustained import Sustained
    from simulator.results import read_run

    made = read_run(run_folder)
    table = sustainability(made, sorted({*CONFIDENCES, confidence}))
    if as_json:
        rows = json.loads(table.to_json(orient="records", force_ascii=False, double_precision=15))
        print(json.dumps({"run": str(run_folder), "result_digest": made.manifest["result_digest"],
                          "draws": made.manifest["draws"], "figures": rows}, ensure_ascii=False))
        return
    language = lang.value if lang else made.manifest.get("language", Lang.en.value)
    said = Sustained(Selection(made), table, confidence, language)
    print("\n".join(said.whole() if verbose else said.lines()))
