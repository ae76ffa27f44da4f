"""Runs whose fund paths are made by hand, for tests of what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.engine.measures import summarise
from simulator.folders import MANIFEST, sealed, table_of
from simulator.results import COMPARISON, PARAMETERS, PATHS, SUMMARY, Run, csv_bytes
from simulator.scenario import Policy, Scenario

FIRST_YEAR = 2012


def fund_run(folder: Path, balances: Mapping[tuple[str, str, str], np.ndarray], *, premium: float = 60.0,
             members: np.ndarray | float = 1000.0, marks: tuple[str, str] | None = ("3", "1.5"), lang: str = "en",
             **columns: np.ndarray | float) -> Run:
    """A run in `folder` whose funds (region, scheme, policy) have these balances at year end, float64[worlds, years], yuan.

    `members` and other columns of the paths, yuan, are numbers or arrays of that shape; where not given, revenue, expenditure and
    funding are 1,200,000 and the rest 0. Each member pays `premium`; `marks` are the yellow and the red one of early warning.
    """
    shape = next(iter(balances.values())).shape
    regions, schemes, policies = (tuple(dict.fromkeys(key[n] for key in balances)) for n in range(3))
    scenario = Scenario("by-hand", regions, year=FIRST_YEAR, schemes=schemes, horizon=shape[1], draws=shape[0],
                        policies=tuple(map(Policy, policies)))
    whole = dict.fromkeys(PATHS, 0.0) | dict.fromkeys(("revenue", "expenditure", "funding", "pooled_funding"), 1_200_000.0)
    frames, summary, parameters = [], [], []
    draws, years = np.meshgrid(np.arange(shape[0]), FIRST_YEAR + np.arange(shape[1]), indexing="ij")
    for (region, scheme, policy), balance in balances.items():
        values = {"members": members, **whole, **columns, "accrued_closing": balance}
        frames.append(pd.DataFrame({"region": region, "scheme": scheme, "policy": policy, "draw": draws.ravel(),
                                    "year": years.ravel(), **{name: np.broadcast_to(value, shape).ravel()
                                                              for name, value in values.items()}}))
        paid = 0.0 if scheme == "uebmi" else premium
        summary.append((region, scheme, policy, FIRST_YEAR, "premium_per_head", "", "CNY/person/year",
                        *summarise(np.full(shape[0], paid)).values(), ""))
        summary.append((region, scheme, policy, FIRST_YEAR, "oop_per_head", "quintile:q1", "CNY/person/year",
                        *summarise(np.full(shape[0], 300.0)).values(), ""))
    for scheme in schemes:
        parameters += [(f"control.{scheme}.warning_{colour}", mark, "month", "2010-01-01", "assumption: by hand", "assumption",
                        "national") for colour, mark in zip(("yellow", "red"), marks or (), strict=False)]
    tables = {"summary": pd.DataFrame(summary, columns=SUMMARY), "comparison": pd.DataFrame([], columns=COMPARISON),
              "parameters": pd.DataFrame(parameters, columns=PARAMETERS)}
    folder.mkdir(exist_ok=True)
    pd.concat(frames).sample(frac=1, random_state=1).to_parquet(folder / "paths.parquet", index=False)      # in no order
    for name, table in tables.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(table))
    manifest = {"scenario": scenario.as_dict(), "seed": scenario.seed, "draws": shape[0], "people": 1000, "versions": {},
                "result_digest": "0" * 64,
                "values_by_status": {"assumption": 2}, "levels": [], "rosters": [], "language": lang}
    (folder / MANIFEST).write_bytes(sealed(manifest, table_of(folder)))
    return Run(folder, manifest | {"files": table_of(folder)}, **tables)
