"""The table of pooling units: each unit's fund under each policy and in each year, summarised over the worlds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache

import numpy as np

from simulator.engine.measures import ratio
from simulator.engine.outcome import SchemeResult
from simulator.parameters.regions import params_path

UNIT_COLUMNS = ("region", "scheme", "policy", "year", "unit", "name", "funded", "balance_per_head", "p05", "p95", "months_held",
                "exhausted", "top_up_needed")


def unit_rows(result: SchemeResult) -> Iterator[tuple]:
    """A row for each unit of each policy and year, columns UNIT_COLUMNS, where a policy has several: its number from 1, its name
    where `params/tables/units.csv` has one, funded heads, balance a head (yuan: mean, 5% and 95% quantile), months held, how
    often its fund has run out, and the top-up needed (1e8 yuan), means over the worlds."""
    for year, units in result.units.items():
        balance, months = ratio(units.balance / 100, units.heads), ratio(12.0 * units.balance, units.expenditure)
        low, high = np.quantile(balance, (0.05, 0.95), axis=0)
        figures = np.stack([units.heads.mean(axis=0), balance.mean(axis=0), low, high, months.mean(axis=0),
                            units.exhausted.mean(axis=0), units.needed.mean(axis=0) / 1e10], axis=1).tolist()
        for column, policy in enumerate(units.columns.policy.tolist()):
            if units.columns.counts[policy] > 1:
                number = column - int(units.columns.starts[policy]) + 1
                name = unit_names(result.region, int(units.columns.counts[policy])).get(number, "")
                yield (result.region, result.scheme, result.policies[policy], year, number, name, *figures[column])


@cache
def unit_names(region: str, count: int) -> dict[int, str]:
    """The names of a region's counties, or cities, by number, where the table has as many of one kind as there are units."""
    with (params_path() / "tables" / "units.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["region"] == region]
    for kind in ("county", "city"):
        names = list(dict.fromkeys(row[kind] for row in rows if row[kind]))
        if len(names) == count:
            return dict(enumerate(names, 1))
    return {}
