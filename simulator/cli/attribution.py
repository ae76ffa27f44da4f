"""Verbs that mix regions: attribute, swap.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from simulator.cli.options import (
    Json,
    Lang,
    Language,
    Out,
    Params,
    SettingsOf,
    ShownProgress,
    Threads,
    Year,
    known_word,
    make_writable,
    tell_settings,
)

if TYPE_CHECKING:
    import pandas as pd

    from simulator.answers.attribute import Attribution, Question, Swap
    from simulator.engine.simulate import Progress
    from simulator.parameters.regions import Regions

Found = TypeVar("Found", "Attribution", "Swap")
Measured = Annotated[str, typer.Option(
    "--measure", help="A measure of summary.csv, with its group: balance, oop_share_of_income, "
    "'oop_share_of_income[quintile:q1]'.")]
OfScheme = Annotated[str, typer.Option("--scheme", "--schemes", help="uebmi, urbmi, nrcms or urrbmi.")]
Horizon = Annotated[int, typer.Option("--horizon", min=1, max=50, help="Years.")]
At = Annotated[int | None, typer.Option("--at", help="The year whose figure is taken; default: the last.")]
Draws = Annotated[int, typer.Option("--draws", min=1, max=100_000, help="Sampled futures.")]
People = Annotated[int, typer.Option("--people", min=1, max=10_000_000, help="Simulated persons a region.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1)]
BlocksGiven = Annotated[str | None, typer.Option(
    "--blocks", help="Blocks in place of the eight: 'name=pattern,pattern; name=pattern', or a YAML file of name: [patterns].")]


def attribute(
    a: Annotated[str, typer.Argument(metavar="A", help="The region from which the gap is counted, for example jiangsu.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The region to which it leads, for example linyi.")],
    measure: Measured = "oop_share_of_income", scheme: OfScheme = "nrcms", year: Year = 2012, horizon: Horizon = 1, at: At = None,
    draws: Draws = 50, people: People = 5000, seed: Seed = 20120321,
    blocks: BlocksGiven = None, settings: SettingsOf = None, params: Params = None, threads: Threads = None,
    out: Out = Path("results"), lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Say what a gap between two regions comes from: exact Shapley values of eight blocks of rules, people and prices.

    Example: fundsim attribute jiangsu linyi --measure oop_share_of_income
    """
    from simulator.answers.attribute import attribute as answer
    from simulator.report.attribution import attribution_text
    from simulator.report.attribution_folder import attribution_frame, write_answer

    question = _question((a, b), measure, scheme, year, horizon, at, draws, people, seed, blocks)
    found, folder, seconds = _answered(answer, question, settings, out, lang, threads, write_answer)
    if as_json:
        _print_json(found, folder, "parts", attribution_frame(found))
    else:
        print(f"{attribution_text(found, lang.value)}\n{folder}  ({seconds:.0f} s)")


def swap(
    regions: Annotated[list[str], typer.Argument(help="Two regions or more, for example: jiangsu linyi zibo")],
    measure: Measured = "expenditure_per_head", scheme: OfScheme = "nrcms", year: Year = 2012, horizon: Horizon = 1,
    at: At = None, draws: Draws = 50, people: People = 5000, seed: Seed = 20120321,
    settings: SettingsOf = None, params: Params = None, threads: Threads = None, out: Out = Path("results"),
    lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Put the rules of each region on the people of each, with their incomes, use and prices: a matrix and its heat map.

    Example: fundsim swap jiangsu linyi zibo --measure expenditure_per_head
    """
    from simulator.answers.attribute import swap as answer
    from simulator.parameters.errors import InputError
    from simulator.report.attribution import swap_text
    from simulator.report.attribution_folder import swap_frame, write_answer

    if len(regions) < 2 or len(set(regions)) != len(regions):
        raise InputError("swap needs at least two different regions, got", value=" ".join(regions),
                         expected="for example: jiangsu linyi")
    question = _question(tuple(regions), measure, scheme, year, horizon, at, draws, people, seed, None)
    found, folder, seconds = _answered(answer, question, settings, out, lang, threads, write_answer)
    if as_json:
        _print_json(found, folder, "cells", swap_frame(found))
    else:
        print(f"{swap_text(found, lang.value)}\n{folder}  ({seconds:.0f} s)")


def _question(regions: tuple[str, ...], measure: str, scheme: str, year: int, horizon: int, at: int | None, draws: int,
              people: int, seed: int, blocks: str | None) -> Question:
    """The question that the options ask. InputError for a word or year that does not fit."""
    from simulator.answers.attribute import Question, check_measure
    from simulator.answers.blocks import default_blocks, read_blocks
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.errors import InputError
    from simulator.parameters.names import canonical_group

    found = re.fullmatch(r"([^\[\]]*)(?:\[([^\[\]]*)\])?", measure)
    if found is None:
        raise InputError("--measure:", value=measure, expected="a measure, or one with its group, as oop_per_head[quintile:q1]")
    name, group = found[1], canonical_group(found[2] or "")
    check_measure(name)
    last = year + horizon - 1
    if at is not None and not year <= at <= last:
        raise InputError("--at:", value=at, expected=f"a year from {year} to {last} (--year, --horizon)")
    return Question(regions, name, group, known_word("--scheme", scheme, SCHEMES), year, horizon, last if at is None else at,
                    draws, people, seed, default_blocks() if blocks is None else read_blocks(blocks))


def _answered(answer: Callable[[Question, Regions, int | None, Progress | None], Found], question: Question,
              settings: str | None, out: Path, lang: Lang, threads: int | None,
              write: Callable[[Found, Path, str], Path]) -> tuple[Found, Path, float]:
    """The answer to a question, the folder it was written to, and the seconds it took."""
    from simulator.calibration.sets import with_settings
    from simulator.parameters.regions import load_regions

    start = time.monotonic()
    regions = load_regions()
    question = replace(question, regions=tuple(regions[name].name for name in question.regions))
    held, told = with_settings(question.scenario("settings", question.regions), regions, settings)
    tell_settings(told, lang.value)
    question = replace(question, given=held.given)
    make_writable(out, f"{answer.__name__}-{'-'.join(question.regions)}-{question.year}")
    with ShownProgress() as tell:
        found = answer(question, regions, threads, tell)
    folder = write(found, out, lang.value)
    return found, folder, time.monotonic() - start


def _print_json(found: Attribution | Swap, folder: Path, what: str, frame: pd.DataFrame) -> None:
    """The answer for machines; means are texts, so that they add up to the last digit."""
    print(json.dumps({"run": str(folder), "result_digest": found.digest, "unit": found.unit, "worlds": found.worlds,
                      "question": found.question.as_dict(),
                      what: json.loads(frame.to_json(orient="records", force_ascii=False))}, ensure_ascii=False))
