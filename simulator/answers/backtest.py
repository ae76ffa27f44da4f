"""The back-test: simulated beside published figures of years whose accounts are known.

`params/tables/published.csv` holds the published figures, one in a row, with unit, status and source. Its column `fitted` tells
whether parameters were set from the figure: agreement there shows that the arithmetic holds and validates nothing. Runs are
made at central values, without systematic risk and without control. A run reads what was known at its `cut` and nothing later
(`Region.known_by`), apart from the model's own coefficients (MODEL_TOPICS), which are those of today: a back-test tries today's
model on what was known then. A figure that became known after the cut can have set no parameter, and is a forecast.
"""

from __future__ import annotations

import csv
import datetime
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path

import pandas as pd

from simulator.engine.measures import summarise
from simulator.engine.outcome import SchemeResult
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, params_path
from simulator.scenario import Scenario

BACKTEST_COLUMNS = ("region", "scheme", "started", "cut", "year", "measure", "unit", "simulated", "se", "published",
                    "gap_percent", "kind", "fitted", "status", "source", "known_from", "remark")
MODEL_TOPICS = ("illness", "demand", "risk")     # how illnesses run and people respond: the model, not what it is told of a place
FIGURE_KINDS = ("figure", "bound", "none")       # to be met; not to be passed; nothing published
FITTED = ("yes", "partly", "no")
PUBLISHED_STATUSES = ("statistic", "estimate")      # published; derived with a supposition, or recalled
REVENUE_GAP, LARGE_GAP, LARGE_GAPS = 1.0, 30.0, 2                 # percent, percent, how many may be large


@dataclass(frozen=True)
class Published:
    """One published figure of one scheme and year, met by a run that started in `started` and reads what was known at `cut`.

    `known_from` is the day of the figure's publication; it is None, and `value` NaN, where nothing is published.
    """

    region: str
    scheme: str
    started: int
    cut: datetime.date
    year: int
    measure: str
    unit: str
    value: float
    kind: str
    status: str
    fitted: str
    source: str
    known_from: datetime.date | None
    remark: str


def published_figures(path: Path | None = None) -> list[Published]:
    """The published figures of a CSV file (the package's own by default). InputError with the line for a bad row."""
    path = path or params_path() / "tables" / "published.csv"
    found = []
    with open(path, encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            absent = row["kind"] == "none"
            statuses = ("",) if absent else PUBLISHED_STATUSES
            for column, known in (("kind", FIGURE_KINDS), ("fitted", FITTED), ("status", statuses)):
                if row[column] not in known:
                    raise InputError(f"{column}:", value=row[column], expected=" or ".join(known) or "nothing",
                                     file=path, line=line)
            if (row["published"] == "") != absent or not row["remark" if absent else "source"]:
                raise InputError("a figure needs a value and a source, its absence a remark:", value=row["measure"],
                                 file=path, line=line)
            cut = _day(row, "cut", path, line)
            day = None if absent else _day(row, "known_from", path, line)
            if day and day > cut and row["fitted"] != "no":
                raise InputError("fitted:", value=row["fitted"], expected=f"no: the figure became known after the cut, {cut}",
                                 file=path, line=line)
            found.append(Published(
                region=row["region"], scheme=row["scheme"], started=int(row["started"]), cut=cut, year=int(row["year"]),
                measure=row["measure"], unit=row["unit"], value=float(row["published"] or nan), kind=row["kind"],
                status=row["status"], fitted=row["fitted"], source=row["source"], known_from=day, remark=row["remark"]))
    return found


def _day(row: dict[str, str], column: str, path: Path, line: int) -> datetime.date:
    try:
        return datetime.date.fromisoformat(row[column])
    except ValueError:
        raise InputError(f"{column}:", value=row[column], expected="a day as YYYY-MM-DD", file=path, line=line) from None


def backtest(regions: Regions, draws: int = 20, people: int = 5_000, threads: int | None = None,
             figures: list[Published] | None = None, progress: Callable[[str, int, int], None] | None = None) -> pd.DataFrame:
    """Simulate every region, scheme and year of the published figures: a row a figure, BACKTEST_COLUMNS.

    `simulated` and `se` are the mean over draws and its Monte Carlo error (chance alone); `gap_percent` is
    100 x (simulated / published - 1), NaN beside a bound and where nothing is published. Revenue is what the pooled
    fund received in the year, interest included, as in the published accounts. `progress(what, done, in all)`.
    """
    figures = published_figures() if figures is None else figures
    runs = list(dict.fromkeys((f.region, f.scheme, f.started, f.cut) for f in figures))
    known = {cut: regions.known_by(cut, MODEL_TOPICS) for cut in {f.cut for f in figures}}
    results = {}
    for done, run in enumerate(runs):
        if progress:
            progress(" ".join(map(str, run)), done, len(runs))
        region, scheme, started, cut = run
        horizon = max(f.year for f in figures if (f.region, f.scheme, f.started, f.cut) == run) - started + 1
        scenario = Scenario("backtest", (region,), year=started, schemes=(scheme,), horizon=horizon, draws=draws, people=people,
                            response="none", systematic=False)
        results[run] = simulate(scenario, known[cut], threads).schemes[0]
    rows = []
    for f in figures:
        mean, error = simulated(results[f.region, f.scheme, f.started, f.cut], f.year, f.measure)
        rows.append((f.region, f.scheme, f.started, f.cut, f.year, f.measure, f.unit, mean, error, f.value,
                     gap_percent(mean, f.value) if f.kind == "figure" else nan, f.kind, f.fitted, f.status, f.source,
                     f.known_from, f.remark))
    return pd.DataFrame(rows, columns=BACKTEST_COLUMNS)


def simulated(result: SchemeResult, year: int, measure: str) -> tuple[float, float]:
    """Mean over draws of a measure for everybody, and its standard error. InputError if there is no such measure."""
    for found in result.measures[year]:
        if (found.name, found.group) == (measure, ""):
            summary = summarise(found.values[:, 0])
            return summary["mean"], summary["se"]
    raise InputError("no such measure:", value=measure, expected="a measure of simulator/engine/measures.py")


def later(known: datetime.date | None, cut: datetime.date) -> bool:
    """Whether a figure became known after the cut: a forecast has been met, or missed."""
    return isinstance(known, datetime.date) and known > cut


def gap_percent(mean: float, value: float) -> float:
    """How far the simulated figure is above (+) or below (-) the published one, in percent of the published."""
    return 100.0 * (mean / value - 1.0)


def judge(frame: pd.DataFrame) -> list[str]:
    """What the table should not show, a sentence each; empty when the back-test is passed.

    Revenue within 1% in the year a run starts (a later year's total carries the simulated enrolment, so there it is the revenue
    per head) where it was known at the cut; at most two gaps above 30%, each with its cause as a remark; no bound passed.
    """
    faults = []
    for row in frame.itertuples():
        name = f"{row.region} {row.scheme} {row.year} (run from {row.started}) {row.measure}"
        if row.measure == ("revenue" if row.year == row.started else "revenue_per_head") and \
                not later(row.known_from, row.cut) and abs(row.gap_percent) > REVENUE_GAP:
            faults.append(f"{name}: {row.gap_percent:+.1f}%, more than {REVENUE_GAP:g}% from the published revenue")
        if abs(row.gap_percent) > LARGE_GAP and not row.remark:
            faults.append(f"{name}: {row.gap_percent:+.1f}% without a cause in params/tables/published.csv")
        if row.kind == "bound" and row.simulated > row.published:
            faults.append(f"{name}: {row.simulated:.2f} is above the bound of {row.published:g}")
    large = int((frame["gap_percent"].abs() > LARGE_GAP).sum())
    if large > LARGE_GAPS:
        faults.append(f"{large} gaps above {LARGE_GAP:g}%, at most {LARGE_GAPS} are allowed")
    return faults


def table_text(frame: pd.DataFrame, width: int = 130) -> str:
    """The table as plain text: a line a figure, "-" where nothing is published, remarks and verdict underneath."""
    notes = list(dict.fromkeys(remark for remark in frame["remark"] if remark))
    head = ("region", "scheme", "year", "from", "measure", "unit", "simulated", "se", "published", "gap %", "fitted", "note")
    body = []
    for row in frame.itertuples():
        limit = "<= " if row.kind == "bound" else ""
        body.append((row.region, row.scheme, str(row.year), str(row.started), row.measure, row.unit, number(row.simulated),
                     number(row.se), limit + number(row.published), "-" if isnan(row.gap_percent) else f"{row.gap_percent:+.1f}",
                     "-" if row.kind == "none" else row.fitted, str(notes.index(row.remark) + 1) if row.remark else ""))
    widths = [max(len(line[c]) for line in (head, *body)) for c in range(len(head))]
    numbers = range(6, 10)                # columns set to the right
    lines = ["  ".join(text.rjust(widths[c]) if c in numbers else text.ljust(widths[c]) for c, text in enumerate(line)).rstrip()
             for line in (head, *body)]
    lines += [""] if notes else []
    for n, note in enumerate(notes, start=1):
        lines += textwrap.wrap(f"{n}. {note}", width, subsequent_indent="   ")
    figures = frame[frame["kind"] == "figure"]
    set_from = {word: int((figures["fitted"] == word).sum()) for word in FITTED}
    large = int((figures["gap_percent"].abs() > LARGE_GAP).sum())
    lines += ["", f"{len(figures)} published figures: parameters were set from {set_from['yes']} of them, "
              f"partly from {set_from['partly']}, not from {set_from['no']}; {large} gaps above {LARGE_GAP:g}%."]
    lines += [f"fault: {fault}" for fault in judge(frame)]
    return "\n".join(lines)


def number(value: float) -> str:
    """A figure with about four digits that matter; "-" for none."""
    if isnan(value):
        return "-"
    for least, digits in ((1000, 0), (100, 1), (1, 2)):
        if abs(value) >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"
