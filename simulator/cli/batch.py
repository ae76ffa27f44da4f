"""`fundsim batch`: many scenarios, run to the end, their answers together.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import (
    Json,
    Lang,
    Language,
    NoReport,
    Out,
    Params,
    Sets,
    SettingsOf,
    ShownProgress,
    Threads,
    asked_for,
    make_writable,
    tell_settings,
)

if TYPE_CHECKING:
    from simulator.answers.batch import Batch, Plan


def batch(
    files: Annotated[list[Path], typer.Argument(metavar="FILE|DIR ...", help="Scenario files, designs, folders of such.")],
    sets: Sets = None,
    settings: SettingsOf = None,
    year: Annotated[int | None, typer.Option("--year", min=2010, max=2030, help="First year of every scenario.")] = None,
    draws: Annotated[int | None, typer.Option(min=1, max=100_000, help="Worlds of every scenario.")] = None,
    people: Annotated[str | None, typer.Option(help="Persons on each roster, or: all")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1)] = None,
    horizon: Annotated[int | None, typer.Option(min=1, max=50, help="Years.")] = None,
    name: Annotated[str, typer.Option("--name", help="The folder of the results within --out.")] = "batch",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, its time and disk; do nothing.")] = False,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=0, max=256, help="Spawned processes; 0: threads of this one. "
                                             "By default one a core where there is much to do.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A Dask scheduler: an address or a scheduler file.")] = None,
    params: Params = None, threads: Threads = None, out: Out = Path("results"),
    no_report: NoReport = False,
    lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Run many scenarios to the end; what was done before, by any batch, is not done again.

    Example: fundsim batch scenarios --draws 20 --people 2000 --horizon 3
    """
    from simulator.answers.batch import engine_here, plan_batch, run_batch
    from simulator.answers.cluster import pool_of
    from simulator.answers.parts import Store
    from simulator.calibration.sets import with_settings
    from simulator.designs import scenarios_of
    from simulator.parameters.regions import load_regions
    from simulator.report.batch_folder import write_batch
    from simulator.scenario import safe_name

    safe_name("--name", name)
    regions = load_regions()
    sizes = {"year": year, "horizon": horizon, "draws": draws, "people": people, "seed": seed}
    scenarios = [asked_for(scenario, regions, sets, sizes) for scenario in scenarios_of(files)]
    held = [with_settings(scenario, regions, settings) for scenario in scenarios]
    scenarios = [scenario for scenario, _ in held]
    for one in {repr(told): told for _, told in held}.values():
        tell_settings(one, lang.value)
    if dry_run:
        engine = engine_here()
        show_plan(plan_batch(scenarios, regions, Store(out / "parts", engine), engine), as_json)
        return
    make_writable(out, name)
    tell_half_parts(out / "parts")
    start = time.monotonic()
    with ShownProgress() as tell, pool_of(scheduler) as pool:
        made = run_batch(scenarios, regions, out / "parts", threads, jobs, tell, pool)
    folder = write_batch(made, out / name, lang.value, report=not no_report)
    show(made, folder, lang, as_json, time.monotonic() - start)
    if made.failures:
        raise typer.Exit(1)


def tell_half_parts(parts: Path) -> None:
    """Say on standard error, in a line, how many half-written parts interrupted batches have left, and how to remove them."""
    from simulator.folders import leftovers
    left = sum(len(leftovers(folder)) for folder in parts.glob("*/*"))
    if left:
        print(f"note: interrupted batches have left {left} half-written parts; nothing reads them: "
              f"find '{parts}' -name '.partial-*' -delete", file=sys.stderr)


def show_plan(plan: Plan, as_json: bool) -> None:
    """Print what a batch would do."""
    from simulator.answers.batch import foretold, slowness
    seconds, size = foretold(plan, slowness())
    told = {"scenarios": len(plan.scenarios), "questions": len(plan.questions),
            "different questions": len({question.name for question in plan.questions}),
            "parts kept": plan.kept, "parts to do": plan.missing, "passes": len(plan.passes),
            "policy-world-years": plan.work, "seconds of processor": round(seconds), "megabytes": round(size / 1e6, 1)}
    print(json.dumps(told) if as_json else "\n".join(f"{name + ':':22}{value:>14,}" for name, value in told.items()))


def show(made: Batch, folder: Path, lang: Lang, as_json: bool, seconds: float) -> None:
    """Print a batch's answers, at most a screen of them, and on standard error what was damaged."""
    for path in made.damaged:
        print(f"damaged, so simulated again; it may be deleted: {path}", file=sys.stderr)
    if as_json:
        print(json.dumps({"batch": str(folder), "digest": made.digest, "questions": len(made.plan.questions),
                          "simulated": made.plan.missing, "kept": made.plan.kept, "failed": made.failures}, ensure_ascii=False))
        return
    from simulator.report.gallery import print_answers
    print_answers(made, lang.value)
    page = folder / ("index.html" if lang == Lang.en else "index.zh.html")
    print(f"{page if page.exists() else folder}  ({seconds:.0f} {'s' if lang == Lang.en else '秒'})")
