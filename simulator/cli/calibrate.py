"""The verb `calibrate`: what published figures say of uncertain values, as a set of settings.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Force, Json, Lang, Language, Params, ShownProgress, Threads, Verbose


def calibrate(
    until: Annotated[int, typer.Option("--until", min=2010, max=2030, metavar="YEAR",
                                       help="The last year whose figures count.")],
    evidence: Annotated[Path | None, typer.Option("--evidence", metavar="FILE", help="Published figures "
                        "(docs/evidence-files.md); default: the shipped ones.")] = None,
    known_by: Annotated[int | None, typer.Option("--known-by", min=2005, max=2030, metavar="YEAR", help="Read only figures and "
                        "values that were known at the end of this year, for a back-test.")] = None,
    regions: Annotated[str | None, typer.Option("--regions", help="Figures of these regions alone, separated by commas.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The set's name; default: until-YEAR.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.json", help="The file to write; "
                                             "default: NAME.json here.")] = None,
    draws: Annotated[int, typer.Option(min=60, max=5_000, help="Worlds of a wave, and of the set.")] = 300,
    people: Annotated[int, typer.Option(min=100, max=100_000, help="Persons on a roster.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 100)] = 20121231,
    threads: Threads = None, params: Params = None, lang: Language = Lang.en, force: Force = False, verbose: Verbose = False,
    as_json: Json = False,
) -> None:
    """Draw the uncertain values that published figures leave plausible, in waves of worlds, and write them as a named set of
    settings; print the fit before and after, and which figures contradict each other. Exit code 1 if no setting is plausible.

    Example: fundsim calibrate --until 2012 --regions national --out published-2012.json
    """
    import datetime
    import json

    from simulator.answers.backtest import MODEL_TOPICS
    from simulator.answers.evidence import published_path, read_figures
    from simulator.calibration.sets import SET_SUFFIX
    from simulator.calibration.summary import fit_frame, provenance, set_of
    from simulator.calibration.waves import calibrate as run_calibration
    from simulator.output import check_place, write_new
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    from simulator.report.calibrated import calibration_text
    from simulator.results import versions
    from simulator.scenario import safe_name
    loaded, path = load_regions(), evidence or published_path()
    figures = read_figures(path, loaded)
    if known_by is not None:
        day = datetime.date(known_by, 12, 31)
        loaded, figures = loaded.known_by(day, MODEL_TOPICS), [figure for figure in figures if figure.known_by(day)]
    if regions is not None:
        asked = [loaded[loaded.canonical(one)].name for one in regions.split(",")]
        figures = [figure for figure in figures if figure.region in asked]
    called = safe_name("--name", name or f"until-{until}")
    place = out or Path(f"{called}{SET_SUFFIX}")
    if place.suffix != SET_SUFFIX:
        raise InputError("--out:", value=str(place), expected=f"a file that ends in {SET_SUFFIX}")
    check_place(place, "--out", force, [path])
    with ShownProgress() as tell:
        found = run_calibration(loaded, figures, until, draws, people, seed, threads, tell)
    version = versions()["fundsim"]
    if found.is_plausible:
        write_new({place: set_of(found, called, path, version, known_by).text().encode()}, force)
    if as_json:
        told = {"set": str(place) if found.is_plausible else None, "provenance": provenance(found, path, version),
                "fit": fit_frame(found).to_dict(orient="records")}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print(calibration_text(found, lang.value, verbose) + (f"\n\n{place}" if found.is_plausible else ""))
    if not found.is_plausible:
        raise typer.Exit(1)
