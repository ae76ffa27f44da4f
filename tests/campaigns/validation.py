"""Write docs/validation.md whole, with its pictures: the fit, forecasts from the end of past years, their scores beside rivals.

`python -m tests.campaigns.validation` (`make validation`). Every figure in the page is worked out here; the sentences around them
say what they mean and hold no figure of their own.
"""

from __future__ import annotations

import argparse
import datetime
from math import isnan
from pathlib import Path
from string import Template

import pandas as pd

from simulator.answers.backtest import DIFFERENCES, backtest, table_text
from simulator.answers.evidence import read_figures
from simulator.forecasts.origins import Origin, fans, origins, score
from simulator.forecasts.summary import ENOUGH_POINTS, JUDGED, beside_rivals, coverage
from simulator.parameters.regions import load_regions
from simulator.report.forecasts import pictured, point_text, score_text, write_fans

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE, PICTURES = ROOT / "docs" / "validation.md", ROOT / "docs" / "validation"
SENTENCES = Path(__file__).with_name("validation_page.md")
CUTS = [datetime.date(year, 12, 31) for year in range(2009, 2013)]
SHOWN = ("members", "revenue", "revenue_with_accounts", *(name for names in JUDGED.values() for name in names), "surplus")
HALF, MOST = (40.0, 60.0), (82.0, 98.0)            # percent of points that the bands are to hold
BETTER = 0.20                                      # pooled, than the best rivals


def fit_lines(frame: pd.DataFrame) -> list[str]:
    """What the fitted table comes to: gaps in percent and in stated errors."""
    figures = frame[(frame["kind"] == "figure") & (frame["family"] == "")]
    levels = figures[~figures["measure"].isin(DIFFERENCES)]
    close = (figures["simulated"] - figures["published"]).abs() <= 3 * figures["error"]
    gaps, free = levels["gap_percent"].abs(), figures["fitted"] == "no"
    return [f"- {len(levels)} comparisons of amounts, rates and ratios: the median gap is {gaps.median():.1f}%, "
            f"{int((gaps > 10).sum())} are above 10%.",
            f"- Of all {len(figures)} comparisons, balances too, {int(close.sum())} lie within three stated errors.",
            f"- Of the {int(free.sum())} from which nothing was set, {int(close[free].sum())} lie within three stated errors."]


def bar_lines(table: pd.DataFrame) -> list[str]:
    """The bars, each with what was measured and whether it is met."""
    every = coverage(table).iloc[0]
    lines = ["| bar | at least | measured | |", "|---|---|---|---|"]

    def line(what: str, asked: str, measured: str, met: bool) -> None:
        lines.append(f"| {what} | {asked} | {measured} | {'met' if met else '**missed**'} |")

    line("points", str(ENOUGH_POINTS), str(len(table)), len(table) >= ENOUGH_POINTS)
    for what, (low, high), name in (("50% bands hold", HALF, "in50"), ("90% bands hold", MOST, "in90")):
        share, least, most = every[name], every[f"{name}_low"], every[f"{name}_high"]
        line(what, f"{low:.0f}-{high:.0f}%", f"{share:.0f}% ({least:.0f}-{most:.0f})", low <= share <= high)
    for row in beside_rivals(table).itertuples():
        spread = "" if isnan(row.low) else f" ({100 * row.low:+.0f} to {100 * row.high:+.0f})"
        measured = f"{100 * row.skill:+.0f}%{spread}, {row.points} points of {row.origins} forecasts"
        if row.what == "all":
            line("CRPS, pooled, against the best rivals", f"{100 * BETTER:.0f}% better", measured, row.skill >= BETTER)
        else:
            line(f"CRPS, {row.scheme} {row.what}, against {row.best}", "not significantly worse", measured, not row.high < 0)
    return lines


def page(frame: pd.DataFrame, forecasts: list[Origin], table: pd.DataFrame, names: list[str], draws: int, people: int,
         day: datetime.date) -> str:
    """The whole page: the sentences of validation_page.md around what is worked out."""
    shown = table[(table["region"] == "national") & table["measure"].isin(SHOWN)]
    started = [(*origin.key, origin.known.start, len(origin.known.figures), len(origin.known.stand_ins), f"{origin.use:.2f}")
               for origin in forecasts]
    return Template(SENTENCES.read_text(encoding="utf-8")).substitute(
        day=f"{day.day} {day:%B %Y}", draws=draws, people=f"{people:,}", bars="\n".join(bar_lines(table)),
        origins="\n".join(f"| {' | '.join(map(str, row))} |" for row in started), scores=score_text(table, "en"),
        pictures="\n\n".join(f"![{name}](validation/{name}.svg)" for name in names if not name.endswith(".zh")),
        points=point_text(shown), fit="\n".join(fit_lines(frame)), table=table_text(frame))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=None, help="a folder in place of docs/")
    asked = parser.parse_args()
    to, pictures = (PAGE, PICTURES) if asked.out is None else (asked.out / PAGE.name, asked.out / PICTURES.name)
    write(asked.draws, asked.people, to, pictures)


def write(draws: int, people: int, to: Path, pictures: Path, regions_of: tuple[str, ...] = ()) -> pd.DataFrame:
    """Make everything and write page and pictures; the scores. `regions_of`: these regions alone (a small version for tests)."""
    regions = load_regions()
    figures = read_figures(regions=regions)
    scored = [f for f in figures if not regions_of or f.region in regions_of]
    forecasts = origins(regions, figures, scored, CUTS if not regions_of else CUTS[:1], draws, people,
                        progress=lambda what, done, of: print(f"{what}  {done + 1}/{of}", flush=True))
    table = score(forecasts, scored)
    pictures.mkdir(exist_ok=True)
    table.to_csv(pictures / "scores.csv", index=False, float_format="%.6g")
    drawn = pd.concat([fans([origin], pictured(origin.scheme)) for origin in forecasts
                       if origin.region in (regions_of or ("national",))])
    names = [name for lang in ("en", "zh") for name in write_fans(pictures, drawn, figures, draws, lang)]
    frame = backtest(regions, draws=min(draws, 20), people=min(2 * people + 1_000, 5_000), figures=scored)
    to.write_text(page(frame, forecasts, table, names, draws, people, datetime.date.today()), encoding="utf-8")
    return table


if __name__ == "__main__":
    main()
