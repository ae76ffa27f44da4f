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

from simulator.cli.options import Json, Lang, Language, Out, Sets, ShownProgress, Threads, asked_for, make_writable

if TYPE_CHECKING:
    from simulator.answers.batch import Batch, Plan
    from simulator.scenario import Scenario


def batch(
    files: Annotated[list[Path], typer.Argument(metavar="FILE|DIR ...", help="Scenario files, designs, folders of such.")],
    sets: Sets = None,
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
    threads: Threads = None, out: Out = Path("results"), no_report: Annotated[bool, typer.Option("--no-report")] = False,
    lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Run many scenarios to the end; what was done before, by any batch, is not done again.

    Example: fundsim batch scenarios --draws 20 --people 2000 --horizon 3
    """
    from simulator.answers.batch import plan_batch, run_batch
    from simulator.answers.cluster import pool_of
    from simulator.answers.parts import Store
    from simulator.answers.probe import engine_digest
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    from simulator.scenario import SAFE_NAME

    if not SAFE_NAME.fullmatch(name):
        raise InputError("--name:", value=name, expected="letters, digits, - _ and . with a letter or digit first, at most 64")
    regions = load_regions()
    sizes = {"year": year, "horizon": horizon, "draws": draws, "people": people, "seed": seed}
    scenarios = [asked_for(scenario, regions, sets, sizes) for scenario in scenarios_of(files)]
    if dry_run:
        engine = engine_digest()
        show_plan(plan_batch(scenarios, regions, Store(out / "parts", engine), engine), as_json)
        return
    make_writable(out, name)
    start = time.monotonic()
    with ShownProgress() as tell, pool_of(scheduler) as pool:
        made = run_batch(scenarios, regions, out / "parts", threads, jobs, tell, pool)
    folder = write_batch(made, out / name, lang, report=not no_report)
    show(made, folder, lang, as_json, time.monotonic() - start)
    if made.failures:
        raise typer.Exit(1)


def scenarios_of(files: list[Path]) -> list[Scenario]:
    """The scenarios of files and folders, designs expanded, in the order of their names. InputError for two of one name."""
    from simulator.designs import expand
    from simulator.parameters.errors import InputError
    found: dict[str, Scenario] = {}
    for place in files:
        inside = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
        if not inside:
            raise InputError("no scenario file in", value=str(place), expected="a folder with files *.yaml")
        for path in inside:
            for scenario in expand(path):
                if scenario.name in found:
                    raise InputError("two scenarios have the name", value=scenario.name, file=path, line=1, column=1,
                                     expected="a name of its own for each scenario of a batch")
                found[scenario.name] = scenario
    return list(found.values())


def write_batch(made: Batch, place: Path, lang: Lang, report: bool) -> Path:
    """Write a batch's folder: tables as Parquet, the worlds, the page, the manifest last."""
    from datetime import UTC, datetime

    from simulator.answers.batch_tables import write_tables
    from simulator.folders import MANIFEST, new_folder, sealed, table_of
    from simulator.results import versions
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    with new_folder(place / f"{stamp}-{made.digest[:8]}") as aside:
        differences = write_tables(made, aside.path)
        if report:
            from simulator.report.gallery import write_gallery
            write_gallery(made, differences, aside.path, lang.value)
        manifest = {"kind": "batch", "digest": made.digest, "versions": versions(),
                    "scenarios": [scenario.as_dict() for scenario in made.plan.scenarios],
                    "questions": [{"name": one.name, "scenario": one.scenario, "region": one.region, "scheme": one.scheme,
                                   "policy": one.policy.name, "failed": made.failures.get(one.name)}
                                  for one in made.plan.questions]}
        (aside.path / MANIFEST).write_bytes(sealed(manifest, table_of(aside.path)))
    return aside.final


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
    print(f"{folder}/index.html  ({seconds:.0f} s)" if lang == Lang.en else f"{folder}/index.zh.html  ({seconds:.0f} 秒)")
