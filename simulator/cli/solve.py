"""The verb `solve`: which policy meets conditions with the least of something.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    known_word,
    make_writable,
    people_of_text,
    tell_settings,
)

if TYPE_CHECKING:
    from simulator.answers.certificates import Certificates
    from simulator.scenario import Scenario

PEOPLE, DRAWS = 2_000, 200       # of a region without a scenario file
Asked = Annotated[str, typer.Argument(metavar="SCENARIO|REGION", help="A scenario file without policies, or a region.")]


def solve(
    asked: Asked,
    vary: Annotated[list[str], typer.Option("--vary", help="One to four of: path=60:240, path=x0.5:x2, path=+0:+30.")],
    until: Annotated[list[str], typer.Option("--until", help='Conditions: "P(exhausted by 2021) <= 5%". See docs/solve.md.')],
    least: Annotated[str | None, typer.Option("--least", help='The figure to make least: "oop_per_head in 2021".')] = None,
    most: Annotated[str | None, typer.Option("--most", help="The figure to make most.")] = None,
    year: Annotated[int | None, typer.Option("--year", min=2010, max=2030, help="First year. Default: 2012.")] = None,
    schemes: Annotated[str | None, typer.Option("--schemes", help="The scheme. Default: nrcms.")] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", min=1, max=50, help="Years. Default: 10.")] = None,
    draws: Annotated[int | None, typer.Option("--draws", min=20, max=100_000, help="Worlds of the search. Default: 200.")] = None,
    confirm: Annotated[int, typer.Option("--confirm", min=20, max=100_000, help="Fresh worlds that must prove it.")] = 500,
    people: Annotated[str | None, typer.Option("--people", help="Simulated persons, or: all. Default: 2000.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, max=2**32 - 1)] = None,
    settings: SettingsOf = None, params: Params = None, threads: Threads = None, out: Out = Path("results"),
    lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Find the policy that meets conditions with the least (or most) of a figure, and prove it in fresh worlds.

    Exit code 1 where no policy meets them, or fresh worlds do not prove it.

    Example: fundsim solve linyi --vary funding.nrcms.premium=60:240 --until "P(exhausted by 2021) <= 5%" --least funding_per_head
    """
    from simulator.answers.certificates import Certificates
    from simulator.answers.question import answer, read_question
    from simulator.answers.solve import ANSWER
    from simulator.calibration.sets import with_settings
    from simulator.parameters.regions import load_regions
    from simulator.report.solved import answer_text, as_dict, put_answer

    start = time.monotonic()
    sizes = {"year": year, "horizon": horizon, "draws": draws, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in sizes.items() if value is not None}
    if schemes is not None:
        given["schemes"] = tuple(schemes.split(","))
    if people is not None:
        given["people"] = people_of_text(people)
    scenario = asked_scenario(asked, given)
    regions = load_regions()
    make_writable(out, scenario.name)
    scenario, held = with_settings(scenario, regions, settings)
    tell_settings(held, lang.value)
    question = read_question(scenario, regions, vary, until, least, most)
    certificates = Certificates(out / "parts")
    with ShownProgress() as tell:
        found = answer(question, regions, confirm, threads, tell, certificates)
    tell_certificates(certificates, lang.value)
    folder = put_answer(out, question, found, lang.value)
    if as_json:
        print(json.dumps({"folder": str(folder), **as_dict(question, found)}, ensure_ascii=False))
    else:
        print(answer_text(question, found, lang.value))
        print(f"{folder}  ({time.monotonic() - start:.0f} s)")
    if found.verdict != ANSWER:
        raise typer.Exit(1)


def tell_certificates(certificates: Certificates, lang: str) -> None:
    """Say on standard error which certificate was read in place of a survey, and what was damaged."""
    damaged, read = {
        "en": ("damaged, so measured again", "note: measured before, read from"),
        "zh": ("文件已损坏，已重新测定", "提示：此前已测定，读自"),
    }[lang]
    for said, paths in ((damaged, certificates.damaged), (read, certificates.read)):
        for path in paths:
            print(f"{said}{': ' if lang == 'en' else '：'}{path}", file=sys.stderr)


def asked_scenario(asked: str, given: dict[str, Any]) -> Scenario:
    """The scenario of a file, or one for a region, with the options that were given in place of its fields. InputError for a file
    that is none."""
    from simulator.parameters.catalogue import SCHEMES
    from simulator.parameters.regions import load_regions
    from simulator.scenario import Scenario, read_scenario

    if "schemes" in given:
        given["schemes"] = tuple(known_word("--schemes", scheme, SCHEMES) for scheme in given["schemes"])
    if Path(asked).suffix in (".yaml", ".yml"):
        return read_scenario(Path(asked)).but(**given)
    asked = load_regions()[asked].name
    whole = {"year": 2012, "schemes": ("nrcms",), "draws": DRAWS, "people": PEOPLE, **given}
    return Scenario(f"solve-{asked}-{whole['year']}", (asked,), **whole)
