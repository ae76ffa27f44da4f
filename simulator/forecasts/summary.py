"""What scores of forecasts come to: coverage by measure and lead, and the model beside the best of its rivals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.forecasts.rivals import ILO, RIVALS
from simulator.forecasts.scores import Interval, mean_by_blocks, skill

ALL_RIVALS = (*RIVALS, ILO)
ENOUGH_POINTS = 60                                   # that coverage is judged by
JUDGED = {"spending": ("expenditure", "expenditure_with_accounts"), "balance": ("balance", "balance_with_accounts")}
LEADS = range(1, 4)                                  # years ahead by which the headlines are compared
COVERAGE_COLUMNS = ("by", "of", "points", "in50", "in50_low", "in50_high", "in90", "in90_low", "in90_high", "pit", "crps")
RIVAL_COLUMNS = ("scheme", "what", "points", "origins", "crps", "best", "crps_best", "skill", "low", "high")


def blocks(table: pd.DataFrame) -> list[tuple]:
    """What the points of a table are blocks of: a forecast, whose points miss together."""
    return list(zip(table["region"], table["scheme"], table["cut"], strict=True))


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """How many points the 50 and 90% bands hold, in percent with 95% intervals by block bootstrap, the mean PIT and the mean CRPS
    in percent of its scale: of all points, by lead, by measure and by scheme. COVERAGE_COLUMNS."""
    rows = []
    for by, column in (("all", None), ("lead", "lead"), ("scheme", "scheme"), ("measure", "measure")):
        groups = [("", table)] if column is None else list(table.groupby(column, sort=column == "lead"))
        for of, part in groups:
            half, most = (mean_by_blocks(100.0 * part[name].astype(float).to_numpy(), blocks(part)) for name in ("in50", "in90"))
            rows.append((by, str(of), len(part), *half, *most, float(part["pit"].mean()),
                         float((part["crps"] / part["scale"]).mean() * 100)))
    return pd.DataFrame(rows, columns=COVERAGE_COLUMNS)


def beside_rivals(table: pd.DataFrame) -> pd.DataFrame:
    """The model's mean CRPS of spending and balance, LEADS years ahead and in percent of its scale, beside the best rival:
    the one with the least mean on the points that it has, among those that have the most points. `skill` is 1 - model / rival
    on those points, with its 95% interval by block bootstrap. The last row is of all points of the others together."""
    ahead = table[table["lead"].isin(LEADS)]
    rows, pooled = [], []
    for scheme in dict.fromkeys(ahead["scheme"]):
        for what, measures in JUDGED.items():
            part = ahead[(ahead["scheme"] == scheme) & ahead["measure"].isin(measures)]
            if (best := best_rival(part)) is None:
                continue
            part = part[part[best].notna()]
            pooled.append(part.assign(best=part[best] / part["scale"]))
            rows.append((scheme, what, *_compared(part, part[best] / part["scale"], best)))
    if pooled:
        together = pd.concat(pooled)
        rows.append(("", "all", *_compared(together, together["best"], "")))
    return pd.DataFrame(rows, columns=RIVAL_COLUMNS)


def beside_each(table: pd.DataFrame) -> pd.DataFrame:
    """The model beside every rival in turn, on the points of spending and balance, LEADS years ahead, for which the rival has a
    forecast: RIVAL_COLUMNS, `best` being the rival's name."""
    measures = [name for names in JUDGED.values() for name in names]
    ahead = table[table["lead"].isin(LEADS) & table["measure"].isin(measures)]
    rows = []
    for name in ALL_RIVALS:
        part = ahead[ahead[name].notna()]
        if len(part):
            rows.append(("", "all", *_compared(part, part[name] / part["scale"], name)))
    return pd.DataFrame(rows, columns=RIVAL_COLUMNS)


def best_rival(part: pd.DataFrame) -> str | None:
    """The rival with the least mean scaled CRPS among those with the most points; None if none has any."""
    counts = {name: int(part[name].notna().sum()) for name in ALL_RIVALS}
    most = max(counts.values(), default=0)
    if not most:
        return None
    return min((name for name in ALL_RIVALS if counts[name] == most),
               key=lambda name: float((part[name] / part["scale"]).mean()))


def _compared(part: pd.DataFrame, rival: pd.Series, best: str) -> tuple:
    mine = (part["crps"] / part["scale"]).to_numpy()
    found: Interval = skill(mine, rival.to_numpy(), blocks(part))
    return (len(part), len(set(blocks(part))), float(mine.mean() * 100), best, float(np.mean(rival) * 100), *found)
