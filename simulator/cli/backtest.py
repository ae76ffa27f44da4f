"""The verb that sets simulated beside published figures: as a fit, as forecasts from a past year, as a ledger of frozen ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import Json, Lang, Language, Params, SettingsOf, ShownProgress, Threads

if TYPE_CHECKING:
    import pandas as pd

FROZEN_YEARS = 5            # of a forecast that is frozen


def backtest(
    from_: Annotated[int | None, typer.Option("--from", min=2005, max=2030, metavar="YEAR", help="Forecast with what was known "
                     "at the end of this year, and score by the figures that were published afterwards.")] = None,
    published: Annotated[Path | None, typer.Option("--published", metavar="FILE", help="Figures of further years to score by "
                         "(docs/evidence-files.md). Forecasts know the shipped ones alone.")] = None,
    freeze: Annotated[Path | None, typer.Option("--freeze", metavar="FILE", help="With --from: write the forecasts of the years "
                      "after it into a new file of the ledger; nothing is overwritten.")] = None,
    frozen: Annotated[Path | None, typer.Option("--frozen", metavar="FILE", help="Score the forecasts of a ledger's file by "
                      "--published.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="With --from: a new folder for scores.csv, fans.csv "
                   "and the figures.")] = None,
    draws: Annotated[int | None, typer.Option(min=1, help="Worlds. Default: 200 of a forecast, 20 without --from.")] = None,
    people: Annotated[int | None, typer.Option(min=100, help="Persons on a roster. Default: 2000; 5000 without --from.")] = None,
    settings: SettingsOf = None, params: Params = None, threads: Threads = None, lang: Language = Lang.en, as_json: Json = False,
) -> None:
    """Set simulated beside published figures, with the gap (2010-2012); exit code 1 if the gaps are too many. With --from, make
    forecasts with what was known at the end of a year and score them.

    Example: fundsim backtest --published FILE --from 2012
    """
    from simulator.output import check_folder
    from simulator.parameters.errors import InputError
    if from_ is None and (freeze or out):
        raise InputError("--freeze and --out:", value=str(freeze or out), expected="the year of the forecast too",
                         next_step="name it with --from")
    if published is not None and (from_ is None) == (frozen is None):
        raise InputError("--published:", value=str(published), expected="one of --from YEAR and --frozen FILE beside it")
    if frozen is not None and published is None:
        raise InputError("--frozen:", value=str(frozen), expected="the figures to score it by",
                         next_step="name them with --published")
    if settings is not None and from_ is None:
        raise InputError("--settings:", value=settings, expected="the year of a forecast too", next_step="name it with --from")
    if out is not None:
        check_folder(out, "--out")
    if frozen is not None and published is not None:
        _score_frozen(frozen, published, lang.value, as_json)
    elif from_ is not None:
        _forecast(from_, published, freeze, out, draws or 200, people or 2_000, threads, lang.value, as_json, settings)
    else:
        _fit(draws or 20, people or 5_000, threads, as_json)


def _fit(draws: int, people: int, threads: int | None, as_json: bool) -> None:
    from simulator.answers.backtest import backtest as run_backtest
    from simulator.answers.backtest import judge, table_text
    from simulator.parameters.regions import load_regions
    frame = run_backtest(load_regions(), draws=draws, people=people, threads=threads)
    print(frame.to_json(orient="records", force_ascii=False) if as_json else table_text(frame))
    if judge(frame):
        raise typer.Exit(1)


def _forecast(year: int, published: Path | None, freeze: Path | None, out: Path | None, draws: int, people: int,
              threads: int | None, lang: str, as_json: bool, settings: str | None = None) -> None:
    import datetime

    from simulator.answers.evidence import read_figures
    from simulator.calibration.sets import chosen_set
    from simulator.forecasts.ledger import ledger_text
    from simulator.forecasts.origins import origins, score
    from simulator.output import check_place, write_new
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    regions, cut = load_regions(), datetime.date(year, 12, 31)
    shipped = read_figures(regions=regions)
    scored = shipped if published is None else read_figures(published, regions)
    if freeze is not None:
        check_place(freeze, "--freeze", False)
    with ShownProgress() as tell:
        made = origins(regions, shipped, scored, [cut], draws, people, threads=threads, progress=tell,
                       until=year + FROZEN_YEARS if freeze is not None else None,
                       settings=chosen_set(settings))
    if not made:
        raise InputError("--from:", value=year, expected="a year by whose end accounts were known, and figures of later years to "
                         "score by", next_step="see docs/evidence-files.md")
    if freeze is not None:
        from simulator.results import versions
        write_new({freeze: ledger_text(versions()["fundsim"], made).encode()}, False)
        print(freeze)
        return
    table = score(made, scored)
    if out is not None:
        from simulator.report.forecasts import write_folder
        write_folder(out, made, table, scored if published is None else [*shipped, *scored], draws, lang)
    _print(table, lang, as_json)


def _score_frozen(frozen: Path, published: Path, lang: str, as_json: bool) -> None:
    from simulator.answers.evidence import read_figures
    from simulator.forecasts.ledger import read_ledger, score_ledger
    from simulator.parameters.errors import InputError
    from simulator.parameters.regions import load_regions
    table = score_ledger(read_ledger(frozen), read_figures(published, load_regions()))
    if table.empty:
        raise InputError("no figure to score the ledger by:", value=str(published),
                         expected="figures of its regions, schemes, years and measures that were not known at its cut")
    _print(table, lang, as_json)


def _print(table: pd.DataFrame, lang: str, as_json: bool) -> None:
    from simulator.report.forecasts import point_text, score_text
    if as_json:
        print(table.to_json(orient="records", force_ascii=False, date_format="iso"))
    else:
        print(f"{point_text(table)}\n\n{score_text(table, lang)}")
