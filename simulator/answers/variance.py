"""What a finished run's outcome varies with: the settings of its worlds, the shares of each value and group, and tables of both.

A run folder has every world's setting of every uncertain value in worlds.parquet, a column for each by its key, and what the keys
are in uncertain.csv; columns that this does not name are the economy's. A fund is moved by the values that its region or an
ancestor states, of its own scheme or of none; the others are left out, so that fewer shares are to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.answers.by_world import by_world
from simulator.answers.sensitivity import CHANCE_GROUP, ROSTERS_GROUP, Shares, shares
from simulator.engine.world_tables import UNCERTAIN_COLUMNS
from simulator.engine.worlds import roster_numbers
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.regions import known_regions
from simulator.results import UNCERTAIN_FILE, WORLDS_FILE, Run, csv_bytes
from simulator.scenario import parts_of

VARIANCE_FILE = "variance.csv"
ECONOMY_GROUP = "economy"
VARIANCE_GROUPS = ("statistic", "estimate", "assumption", ECONOMY_GROUP, ROSTERS_GROUP, CHANCE_GROUP)
OF_VALUES = ("first_order", "first_order_se", "share", "share_se", "at_low", "at_low_se", "at_high", "at_high_se")
HEADLINE = "balance"             # the measure of the first page
DIGITS_KEPT = 6


@dataclass(frozen=True)
class Settings:
    """The settings of a run's worlds: what the values are (the columns UNCERTAIN_COLUMNS, a row each), the economy's columns, and
    all of them by world float64[D, V], in this order."""

    table: pd.DataFrame
    economy: tuple[str, ...]
    values: np.ndarray

    def of_fund(self, region: str, scheme: str) -> np.ndarray:
        """The places of the columns that move a fund, int64."""
        known = known_regions()
        lineage = set(known[region].lineage) if region in known else set(self.table["region"])
        schemes = {"", *parts_of((scheme,))}
        own = self.table["region"].isin(lineage) & self.table["scheme"].isin(schemes)
        return np.flatnonzero(np.concatenate([own.to_numpy(dtype=bool), np.ones(len(self.economy), dtype=bool)]))


def has_settings(run: Run) -> bool:
    """Whether a run keeps the settings of its worlds."""
    return {WORLDS_FILE, UNCERTAIN_FILE} <= run.manifest["files"].keys()


def read_settings(run: Run) -> Settings:
    """The settings of a run's worlds. InputError where it has none, or they are not as they were written."""
    worlds, table = run.worlds, run.uncertain
    if "world" not in worlds or not set(UNCERTAIN_COLUMNS) <= set(table) or len(worlds) != run.manifest["draws"]:
        raise InputError("a run of another version: the settings of its worlds have another form:", value=str(run.folder),
                         expected="a run of this version", next_step="run its scenario anew")
    worlds = worlds.sort_values("world")
    table = table[table["key"].isin(worlds.columns)].drop_duplicates("key").reset_index(drop=True)
    economy = tuple(name for name in worlds.columns if name != "world" and name not in set(table["key"]))
    return Settings(table, economy, worlds[[*table["key"], *economy]].to_numpy(dtype=np.float64))


@dataclass(frozen=True)
class Sensitivity:
    """The shares of one outcome of a run: of which fund, measure and year, and the values that they are of, a row each."""

    run: Run
    region: str
    scheme: str
    policy: str
    measure: str
    year: int
    table: pd.DataFrame
    shares: Shares

    @cached_property
    def values(self) -> pd.DataFrame:
        """The values with their shares, the largest first: the columns UNCERTAIN_COLUMNS and OF_VALUES."""
        s = self.shares
        columns = (s.first, s.first_se, s.shapley, s.shapley_se, s.low, s.low_se, s.high, s.high_se)
        found = self.table.assign(**dict(zip(OF_VALUES, columns, strict=True)))
        return found.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)

    @cached_property
    def groups(self) -> dict[str, tuple[float, float]]:
        """The share of each group, in the order of VARIANCE_GROUPS, and its standard error; no share where it has no value."""
        found = dict(zip(self.shares.groups, zip(self.shares.of_groups.tolist(), self.shares.of_groups_se.tolist(), strict=True),
                         strict=True))
        return {name: found.get(name, (0.0, 0.0)) for name in VARIANCE_GROUPS}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Groups and values in one table, columns VARIANCE; shares of one, outcomes in the measure's unit."""
        head = {"region": self.region, "scheme": self.scheme, "policy": self.policy, "measure": self.measure, "year": self.year}
        groups = pd.DataFrame([{"kind": "group", "name": name, "share": share, "share_se": se}
                               for name, (share, se) in self.groups.items()])
        values = self.values.rename(columns={"region": "stated_by", "scheme": "of_scheme"}).assign(kind="value")
        values = values.rename(columns={"key": "name"})
        both = pd.concat([groups, values], ignore_index=True).assign(**head)
        order = [*head, "kind", "name", "stated_by", "path", "of_scheme", *UNCERTAIN_COLUMNS[4:], *OF_VALUES]
        numbers = both.reindex(columns=order)
        return numbers.assign(**{name: numbers[name].astype(float).round(DIGITS_KEPT) for name in OF_VALUES})


def sensitivity(run: Run, measure: str = HEADLINE, year: int | None = None, region: str | None = None, scheme: str | None = None,
                policy: str | None = None, settings: Settings | None = None) -> Sensitivity:
    """The variance shares of a measure of one fund of a run in a year: by default the balance at the end of the last year, of the
    first region, its residents' scheme (`default_scheme`), under the first policy. InputError for what the run does not have."""
    scenario = run.manifest["scenario"]
    years = range(scenario["year"], scenario["year"] + scenario["horizon"])
    region = _known("--region", region or scenario["regions"][0], scenario["regions"])
    scheme = _known("--scheme", scheme or default_scheme(scenario["schemes"]), scenario["schemes"])
    policies = [one["name"] for one in scenario["policies"]]
    policy = _known("--policy", policy or policies[0], policies)
    if year is not None and year not in years:
        raise InputError("--year:", value=year, expected=f"a year of the run, {years[0]} to {years[-1]}")
    settings = settings or read_settings(run)
    outcomes = by_world(run.paths, region, scheme, policy, years)
    measure = _known("--measure", measure, sorted(outcomes))
    if not outcomes[measure].size:
        raise InputError("the run has no such fund:", value=f"{region} {scheme} {policy}", expected="one that it simulated")
    year = years[-1] if year is None else year
    own = settings.of_fund(region, scheme)
    economy = pd.DataFrame({name: settings.economy if name in ("key", "path", "en", "zh") else "" for name in UNCERTAIN_COLUMNS},
                           index=range(len(settings.economy))).assign(status=ECONOMY_GROUP, shares=ECONOMY_GROUP)
    table = pd.concat([settings.table[list(UNCERTAIN_COLUMNS)], economy], ignore_index=True).iloc[own].reset_index(drop=True)
    places = roster_numbers(range(run.manifest["draws"]))[1]
    found = shares(settings.values[:, own], outcomes[measure][:, years.index(year)], places, tuple(table["status"]),
                   tuple(table["shares"]))
    return Sensitivity(run, region, scheme, policy, measure, year, table, found)


def default_scheme(schemes: Sequence[str]) -> str:
    """The scheme that is told where none is named."""
    return "nrcms" if "nrcms" in schemes else schemes[0]


def _known(what: str, name: str, known: Sequence[str]) -> str:
    if name not in known:
        raise InputError(f"{what}: the run has no such name by world:", value=name, expected=one_of(known, most=30),
                         suggestion=nearest(name, known))
    return name


def variance_frame(run: Run) -> pd.DataFrame:
    """The shares of every fund's balance at the end of the last year, each under the first policy, in one table, columns as
    `Sensitivity.frame`; empty where the run keeps no settings, or has too few worlds or nothing that varies."""
    if not has_settings(run):
        return pd.DataFrame()
    scenario, settings, frames = run.manifest["scenario"], read_settings(run), []
    for region in scenario["regions"]:
        for scheme in scenario["schemes"]:
            try:
                frames.append(sensitivity(run, region=region, scheme=scheme, settings=settings).frame)
            except InputError:
                continue
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def put_variance(folder: Path, run: Run) -> None:
    """Write a run's variance.csv into its folder while this is written; none where there is nothing to tell."""
    frame = variance_frame(run)
    if len(frame):
        (folder / VARIANCE_FILE).write_bytes(csv_bytes(frame))
