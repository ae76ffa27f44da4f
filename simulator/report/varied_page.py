"""The sentence of the first page on what the balance rests on by variance: statistics, estimates, assumptions, the rest."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from simulator.answers.variance import VARIANCE_GROUPS
from simulator.report.varied_words import told
from simulator.words import region_name, short_scheme


def page_sentence(frame: pd.DataFrame | None, lang: str, short: bool = False) -> str:
    """What the balance of the last year rests on, of a run's variance.csv: of its one fund, or on the mean of its funds; empty
    without the table. `short`: the values' shares alone, for a line of the terminal."""
    if frame is None or not len(frame):
        return ""
    groups = frame[frame["kind"] == "group"]
    funds = groups[["region", "scheme"]].drop_duplicates()
    means = groups.groupby("name")["share"].mean()
    shares = whole_percents({name: float(means.get(name, 0.0)) for name in VARIANCE_GROUPS})
    of = told("of_mean", lang, count=len(funds)) if len(funds) > 1 else told(
        "of_one", lang, region=region_name(funds["region"].iloc[0], lang), scheme=short_scheme(funds["scheme"].iloc[0], lang))
    return told("of_terminal" if short else "of_page", lang, year=int(groups["year"].iloc[0]), of=of,
                rest=shares["rosters"] + shares["chance"], **shares)


def whole_percents(parts: Mapping[str, float]) -> dict[str, int]:
    """Shares of one in whole percent that add up as the shares do (largest remainder)."""
    exact = {name: 100 * part for name, part in parts.items()}
    found = {name: int(part) for name, part in exact.items()}
    missing = round(sum(exact.values())) - sum(found.values())
    for name in sorted(exact, key=lambda name: found[name] - exact[name])[:max(missing, 0)]:
        found[name] += 1
    return found
