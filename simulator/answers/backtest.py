"""The back-test: simulated beside published figures of years whose accounts are known.

The published figures stand in `params/tables/published.csv` (evidence.py), the runs that they are compared with in
`params/tables/fitted_runs.csv`. A figure's column `fitted` tells whether parameters were set from it: agreement there shows that
the arithmetic holds and validates nothing. Runs are made at central values, without systematic risk and without control. A run
reads what was known at its `cut` and nothing later (`Region.known_by`), apart from the model's own coefficients (MODEL_TOPICS),
which are those of today: a back-test tries today's model on what was known then. A figure that became known after the cut can
have set no parameter of the run, and is a forecast.
"""

from __future__ import annotations

import csv
import datetime
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pandas as pd

from simulator.answers.evidence import FITTED, Figure, read_figures
from simulator.engine.measures import summarise
from simulator.engine.outcome import SchemeResult
from simulator.engine.simulate import simulate
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Regions, params_path
from simulator.scenario import Scenario

BACKTEST_COLUMNS = ("region", "scheme", "started", "cut", "year", "measure", "unit", "simulated", "se", "published", "error",
                    "gap_percent", "kind", "fitted", "status", "family", "source", "known_from", "remark")
MODEL_TOPICS = ("illness", "demand", "risk")     # how illnesses run and people respond: the model, not what it is told of a place
DIFFERENCES = ("surplus", "balance", "balance_with_accounts", "surplus_rate", "share_of_funding", "months_held")
REVENUE_GAP, LARGE_GAP, LARGE_GAPS = 1.0, 30.0, 2                 # percent, percent, how many may be large


@dataclass(frozen=True)
class FittedRun:
    """A run that is compared with a scheme's published figures from `started` to `until`, reading what was known at `cut`."""

    region: str
    scheme: str
    started: int
    cut: datetime.date
    until: int

    def meets(self, figure: Figure) -> bool:
        """Whether the run simulates a figure."""
        return (figure.region, figure.scheme) == (self.region, self.scheme) and self.started <= figure.year <= self.until


def fitted_runs() -> list[FittedRun]:
    """The runs of the package's own table."""
    with open(params_path() / "tables" / "fitted_runs.csv", encoding="utf-8", newline="") as file:
        return [FittedRun(row["region"], row["scheme"], int(row["started"]), datetime.date.fromisoformat(row["cut"]),
                          int(row["until"])) for row in csv.DictReader(file)]


def backtest(regions: Regions, draws: int = 20, people: int = 5_000, threads: int | None = None,
             figures: list[Figure] | None = None, runs: list[FittedRun] | None = None,
             progress: Callable[[str, int, int], None] | None = None) -> pd.DataFrame:
    """Simulate the runs and set them beside the published figures of their years: a row a figure of a run, BACKTEST_COLUMNS.

    `simulated` and `se` are the mean over draws and its Monte Carlo error (chance alone); `error` is the published figure's own;
    `gap_percent` is 100 x (simulated / published - 1), NaN beside a bound and where nothing is published. Revenue is what the
    pooled fund received in the year, interest included, as in the published accounts. `progress(what, done, in all)`.
    """
    figures = read_figures(regions=regions) if figures is None else figures
    runs = [run for run in (fitted_runs() if runs is None else runs) if any(map(run.meets, figures))]
    known = {cut: regions.known_by(cut, MODEL_TOPICS) for cut in {run.cut for run in runs}}
    rows = []
    for done, run in enumerate(runs):
        if progress:
            progress(f"{run.region} {run.scheme} {run.started}", done, len(runs))
        scenario = Scenario("backtest", (run.region,), year=run.started, schemes=(run.scheme,), draws=draws, people=people,
                            horizon=run.until - run.started + 1, response="none", systematic=False)
        result = simulate(scenario, known[run.cut], threads).schemes[0]
        for f in filter(run.meets, figures):
            mean, error = simulated(result, f.year, f.measure, f.group)
            rows.append((f.region, f.scheme, run.started, run.cut, f.year, f.measure + (f" {f.group}" if f.group else ""), f.unit,
                         mean, error, f.value, f.error, gap_percent(mean, f.value) if f.kind == "figure" else nan, f.kind,
                         "no" if later(f.known_from, run.cut) else f.fitted, f.status, f.family, f.source, f.known_from,
                         f.remark))
    return pd.DataFrame(rows, columns=BACKTEST_COLUMNS)


def simulated(result: SchemeResult, year: int, measure: str, group: str = "") -> tuple[float, float]:
    """Mean over draws of a measure, and its standard error. InputError if there is no such measure."""
    summary = summarise(values_of(result, year, measure, group)[:, 0])
    return summary["mean"], summary["se"]


def values_of(result: SchemeResult, year: int, measure: str, group: str = "") -> np.ndarray:
    """A measure of published figures in every world and under every policy, float64[D, P]. InputError if there is none.

    A published balance holds the risk reserve; `_with_accounts` is the pooled fund and individual accounts together.
    """
    ledger = result.ledgers[year]
    accounts = {"balance": lambda: ledger.accrued_closing + ledger.reserve,
                "revenue_with_accounts": lambda: ledger.revenue + ledger.individual_credit + ledger.individual_interest,
                "expenditure_with_accounts": lambda: ledger.expenditure + ledger.individual_claims + ledger.individual_other,
                "balance_with_accounts": lambda: ledger.accrued_closing + ledger.reserve + ledger.individual_account}
    if measure in accounts:
        return accounts[measure]() / 1e10
    for found in result.of_worlds[year]:
        if (found.name, found.group) == (measure, group):
            return found.values
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
    per head) where it was known at the cut; at most two gaps above 30%, each with its cause as a remark; no bound passed. What is
    a difference of large amounts (DIFFERENCES) has no limit in percent of itself, and a second publisher's figure none at all.
    """
    faults = []
    frame = frame[frame["family"] == ""]
    for row in frame.itertuples():
        name = f"{row.region} {row.scheme} {row.year} (run from {row.started}) {row.measure}"
        if row.measure == ("revenue" if row.year == row.started else "revenue_per_head") and \
                not later(row.known_from, row.cut) and abs(row.gap_percent) > REVENUE_GAP:
            faults.append(f"{name}: {row.gap_percent:+.1f}%, more than {REVENUE_GAP:g}% from the published revenue")
        if row.measure not in DIFFERENCES and abs(row.gap_percent) > LARGE_GAP and not row.remark:
            faults.append(f"{name}: {row.gap_percent:+.1f}% without a cause in params/tables/published.csv")
        if row.kind == "bound" and row.simulated > row.published:
            faults.append(f"{name}: {row.simulated:.2f} is above the bound of {row.published:g}")
    large = len(large_gaps(frame))
    if large > LARGE_GAPS:
        faults.append(f"{large} gaps above {LARGE_GAP:g}%, at most {LARGE_GAPS} are allowed")
    return faults


def large_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with a gap above the limit."""
    return frame[~frame["measure"].isin(DIFFERENCES) & (frame["gap_percent"].abs() > LARGE_GAP)]


def table_text(frame: pd.DataFrame, width: int = 130) -> str:
    """The table as plain text: a line a figure, "-" where nothing is published, remarks and verdict underneath."""
    notes = list(dict.fromkeys(remark for remark in frame["remark"] if remark))
    head = ("region", "scheme", "year", "from", "measure", "unit", "simulated", "se", "published", "error", "gap %", "errors",
            "fitted", "note")
    body = []
    for row in frame.itertuples():
        limit = "<= " if row.kind == "bound" else ""
        body.append((row.region, row.scheme, str(row.year), str(row.started), row.measure, row.unit, number(row.simulated),
                     number(row.se), limit + number(row.published), number(row.error),
                     "-" if isnan(row.gap_percent) else f"{row.gap_percent:+.1f}",
                     "-" if isnan(row.gap_percent) else f"{(row.simulated - row.published) / row.error:+.1f}",
                     "-" if row.kind == "none" else row.fitted, str(notes.index(row.remark) + 1) if row.remark else ""))
    widths = [max(len(line[c]) for line in (head, *body)) for c in range(len(head))]
    numbers = range(6, 12)                # columns set to the right
    lines = ["  ".join(text.rjust(widths[c]) if c in numbers else text.ljust(widths[c]) for c, text in enumerate(line)).rstrip()
             for line in (head, *body)]
    lines += [""] if notes else []
    for n, note in enumerate(notes, start=1):
        lines += textwrap.wrap(f"{n}. {note}", width, subsequent_indent="   ")
    figures = frame[frame["kind"] == "figure"]
    set_from = {word: int((figures["fitted"] == word).sum()) for word in FITTED}
    large = len(large_gaps(figures))
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
