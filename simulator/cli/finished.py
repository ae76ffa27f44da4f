"""`fundsim compare RUN RUN`: finished runs, or two batches, put side by side; nothing is simulated and nothing written.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
from pathlib import Path
from shutil import get_terminal_size

import typer

KEPT = ("regions", "lang", "params", "verbose", "as_json")       # what `compare` heeds between finished runs


def are_runs(words: list[str]) -> bool:
    """Whether the words name finished runs. InputError where some do and some are regions."""
    from simulator.folders import MANIFEST
    from simulator.parameters.errors import InputError
    runs = [word for word in words if "/" in word or any((Path(place) / MANIFEST).is_file() for place in (
        word, word.rpartition(":")[0]) if place)]
    others = [word for word in words if word not in runs]
    if runs and others:
        raise InputError("a run and a region cannot be compared:", value=f"{others[0]} and {runs[0]}",
                         expected="regions alone, or folders of finished runs alone",
                         next_step=f"simulate the region first: fundsim run FILE, then compare its folder with {runs[0]}")
    return bool(runs)


def compare_runs(context: typer.Context, words: list[str], lang: str, verbose: bool, as_json: bool) -> None:
    """Print the comparison of finished runs. InputError for an option that means nothing between them."""
    from simulator.cli.query import as_records, print_frame
    from simulator.parameters.errors import InputError
    from simulator.report.overview import HEADLINES
    from simulator.report.runs_brief import RunsBrief
    from simulator.report.two_runs import Runs, read_asked
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in KEPT and source is not None and source.name == "COMMANDLINE":
            raise InputError("between finished runs this option means nothing:", value=f"--{name.replace('_', '-')}",
                             expected="--lang, --verbose or --json")
    if any(is_a_batch(word) for word in words):
        compare_batches([Path(word) for word in words], lang, verbose, as_json)
        return
    if len(words) < 2:
        raise InputError("compare needs at least two runs, got", value=" ".join(words), expected="RUN RUN, or RUN:POLICY RUN")
    runs = Runs.of([read_asked(word) for word in words])
    if as_json:
        print(json.dumps({"runs": [str(one.run.folder) for one in runs.asked],
                          "pairs": [{"a": pair[0]._asdict(), "b": pair[1]._asdict(), "paired": runs.is_paired(pair),
                                     "seeds": runs.seeds(pair), "worlds": runs.worlds(pair)} for pair in runs.pairs],
                          "comparison": as_records(runs.table)}, ensure_ascii=False))
    elif verbose:
        table = runs.table
        shown = table[table["measure"].isin(HEADLINES) & table["group"].isin(("", "layer:assistance"))
                      & table["year"].isin((runs.years[0], runs.years[-1]))]
        names = [name for name in ("run_b", "region_b", "policy_b") if shown[name].nunique() > 1]
        columns = [*names, "scheme", "year", "measure", "a", "b", "difference", "low", "high", "how"]
        print_frame(shown[columns], 1_000_000, "--json has all")
    else:
        print("\n".join(RunsBrief(runs, lang, get_terminal_size().columns).lines()))


def is_a_batch(word: str) -> bool:
    """Whether a word is the folder of a batch."""
    from simulator.answers.tables import is_batch
    from simulator.folders import MANIFEST, read_manifest
    return (Path(word) / MANIFEST).is_file() and is_batch(read_manifest(Path(word)))


def compare_batches(folders: list[Path], lang: str, verbose: bool, as_json: bool) -> None:
    """Print the differences between the answers of two batches."""
    from simulator.api import OVERVIEW
    from simulator.cli.query import as_records, print_frame
    from simulator.report.overview import HEADLINES
    from simulator.report.two_batches import Batches, printed
    batches = Batches.of(folders)
    if as_json:
        print(json.dumps({"batches": [str(folder) for folder in folders], "questions": len(batches.pairs),
                          "alone": batches.alone, "comparison": as_records(batches.table)}, ensure_ascii=False))
        return
    said, shown = printed(batches, HEADLINES if verbose else OVERVIEW, lang)
    print("\n".join(said) + "\n")
    print_frame(shown, 1_000_000, "--json 有全部" if lang == "zh" else "--json has all")
