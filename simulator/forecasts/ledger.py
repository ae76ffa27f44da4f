"""A ledger of forecasts as they were made: one small CSV file a release, written once and never replaced.

A line is a forecast of a measure in a year: region, scheme, the day at whose end it was made, and POINTS_KEPT even quantiles of
its sample. A file is scored, when years have been published, by the same scores as a back-test.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.answers.evidence import UNITS_OF_MEASURES, Figure
from simulator.forecasts.origins import SCORE_COLUMNS, Origin, score_row
from simulator.parameters.errors import InputError, let_through

POINTS_KEPT = 40
EVEN_STEPS = [f"q{100 * (step + 0.5) / POINTS_KEPT:05.2f}" for step in range(POINTS_KEPT)]         # per cent below
LEDGER_COLUMNS = ("release", "region", "scheme", "cut", "start", "year", "measure", "unit", *EVEN_STEPS)
FROZEN = ("members", "revenue", "expenditure", "surplus", "balance", "revenue_per_head", "claims_per_head")
FROZEN_WITH_ACCOUNTS = ("revenue_with_accounts", "expenditure_with_accounts", "balance_with_accounts")


def ledger_text(release: str, forecasts: Sequence[Origin]) -> str:
    """The lines of a release: every year after the cut's last accounts, the measures that are frozen. Six digits a figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LEDGER_COLUMNS)
    steps = (np.arange(POINTS_KEPT) + 0.5) / POINTS_KEPT
    for origin in forecasts:
        for measure in FROZEN + (FROZEN_WITH_ACCOUNTS if origin.scheme == "uebmi" else ()):
            for year in origin.result.years[1:]:
                values = np.quantile(origin.sample(measure, year), steps)
                writer.writerow((release, origin.region, origin.scheme, origin.known.cut, origin.known.start, year, measure,
                                 UNITS_OF_MEASURES[measure], *(f"{value:.6g}" for value in values)))
    return out.getvalue()


def read_ledger(path: Path) -> pd.DataFrame:
    """The forecasts of a file, LEDGER_COLUMNS. InputError if it is not one that `ledger_text` wrote."""
    try:
        table = pd.read_csv(path, dtype={"release": str, "region": str, "scheme": str, "measure": str, "unit": str})
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        let_through(error, path)
        raise InputError("the ledger cannot be read:", value=path, expected="a file that --freeze wrote",
                         next_step=str(error).splitlines()[0]) from None
    if tuple(table.columns) != LEDGER_COLUMNS:
        raise InputError("no ledger of forecasts:", value=path, expected=f"the columns {', '.join(LEDGER_COLUMNS[:9])} ...",
                         file=path, line=1, column=1)
    try:
        table["cut"] = [datetime.date.fromisoformat(str(day)) for day in table["cut"]]
    except ValueError:
        raise InputError("no day in the column", value="cut", expected="days as YYYY-MM-DD", file=path, line=2) from None
    return table


def score_ledger(table: pd.DataFrame, published: Sequence[Figure]) -> pd.DataFrame:
    """The figures that were published after a frozen forecast, scored: SCORE_COLUMNS, without rivals."""
    kept = {(row["region"], row["scheme"], int(row["year"]), row["measure"]): row for row in table.to_dict("records")}
    spending = {cell: float(np.mean([row[step] for step in EVEN_STEPS])) for cell, row in kept.items()
                if cell[3] == "expenditure"}
    rows = []
    for f in published:
        row = kept.get((f.region, f.scheme, f.year, f.measure))
        if row is None or f.group or f.family or f.kind != "figure" or f.known_by(row["cut"]):
            continue
        sample = np.array([row[step] for step in EVEN_STEPS], dtype=np.float64)
        rows.append(score_row(f, sample, row["cut"], int(row["start"]), None,
                              spending.get((f.region, f.scheme, f.year, "expenditure"), abs(f.value)), {}))
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)
