"""What would turn the answer of a run's comparison: the first side less the second, in one fund, measure and year.

The first region is compared with the second, or the first policy with the baseline. Only estimates and assumptions may move, of
those of both sides: not law, not statistics, not the economy. What is found on the emulator of the run's own worlds is kept in
turns.csv; `confirm` runs the fund again with the values set in every world (`Scenario.given`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.by_world import by_world
from simulator.answers.turning import LEVEL, Turns, settings_at, turning
from simulator.answers.variance import Settings, default_scheme, has_settings, read_settings
from simulator.engine.given import acting_here, uncertain_values
from simulator.engine.measures import ends, heavy_tailed, summarise
from simulator.engine.outcome import Result
from simulator.engine.rule_books import position_of_book, rule_books
from simulator.engine.simulate import Progress, simulate_worlds
from simulator.engine.worlds import roster_numbers
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.levers import CHOICE
from simulator.parameters.regions import Regions
from simulator.results import Run, csv_bytes, paths_frame
from simulator.scenario import Scenario, from_dict

TURNS_FILE = "turns.csv"
MAY_MOVE = ("estimate", "assumption")
MAY_TURN = ("balance_per_head", "oop_per_head")         # measures of the first page's sentences, the first that has a sign
OF_FIRST_YEAR = ("oop_per_head",)                         # of these; of others the last
HEAD = ("scheme", "measure", "year", "region_a", "policy_a", "region_b", "policy_b", "difference", "low", "high", "worlds",
        "nearest")
MOVED = ("set", "reach", "at_ends", "key", "direction", "setting")
OF_VALUE = ("region", "path", "en", "zh", "status", "unit", "law", "central", "lever")
SETS_KEPT = 8


class Side(NamedTuple):
    """One region under one policy."""

    region: str
    policy: str


@dataclass(frozen=True)
class Gap:
    """The difference of two sides by world: which fund, measure and year, float64[D], its mean and 95% interval."""

    sides: tuple[Side, Side]
    scheme: str
    measure: str
    year: int
    values: np.ndarray

    @property
    def interval(self) -> tuple[float, float, float]:
        found = summarise(self.values)
        return (found["mean"], *ends(found["mean"], found["se"], len(self.values), heavy_tailed(self.values)))

    @property
    def has_sign(self) -> bool:
        """Whether the 95% interval holds no zero."""
        _, low, high = self.interval
        return low > 0 or high < 0


@dataclass(frozen=True)
class RunTurns:
    """What turns a gap of a run; `table` has the values (variance.UNCERTAIN) in the order of the columns of their settings."""

    run: Run
    gap: Gap
    found: Turns
    table: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each value of each set, or one without a value where nothing turns the gap: HEAD, MOVED, OF_VALUE."""
        gap, (mean, low, high) = self.gap, self.gap.interval
        head = (gap.scheme, gap.measure, gap.year, *gap.sides[0], *gap.sides[1], mean, low, high, len(gap.values),
                self.found.nearest)
        rows = [(*head, nth, turn.reach, turn.at_ends, self.table["key"][move.place], move.direction, move.setting,
                 *(self.table[name][move.place] for name in OF_VALUE))
                for nth, turn in enumerate(self.found.sets[:SETS_KEPT]) for move in turn.moves]
        return pd.DataFrame(rows or [(*head, -1, 1.0, self.found.nearest, "", "", 0.0, *("" for _ in OF_VALUE))],
                            columns=[*HEAD, *MOVED, *OF_VALUE])


def sides_of(scenario: dict) -> tuple[Side, Side] | None:
    """The sides of a run's first sentence: its first two regions, or its first policy and the baseline; None where it compares
    nothing."""
    regions, policies = scenario["regions"], [policy["name"] for policy in scenario["policies"]]
    if len(policies) > 1:
        return Side(regions[0], policies[1]), Side(regions[0], policies[0])
    return (Side(regions[0], policies[0]), Side(regions[1], policies[0])) if len(regions) > 1 else None


def gap_of(paths: pd.DataFrame, sides: tuple[Side, Side], scheme: str, measure: str, year: int, years: range) -> Gap:
    """The gap of two sides in every world of the paths. InputError for a measure that is not kept by world."""
    outcomes = [by_world(paths, *(side.region, scheme, side.policy), years) for side in sides]
    if measure not in outcomes[0]:
        raise InputError("--measure: the run has no such name by world:", value=measure,
                         expected=one_of(sorted(outcomes[0]), most=30), suggestion=nearest(measure, outcomes[0]))
    one, other = (outcome[measure][:, years.index(year)] for outcome in outcomes)
    return Gap(sides, scheme, measure, year, one - other)


def turns(run: Run, measure: str | None = None, year: int | None = None, scheme: str | None = None,
          settings: Settings | None = None) -> RunTurns:
    """What would turn a gap of a run: by default that of MAY_TURN which has a sign first, of `default_scheme`. InputError where
    nothing is compared, or the gap has no sign that could be turned."""
    scenario = run.manifest["scenario"]
    years, sides = range(scenario["year"], scenario["year"] + scenario["horizon"]), sides_of(scenario)
    if sides is None:
        raise InputError("nothing is compared in the run, so no answer can turn:", value=str(run.folder),
                         expected="a run of two regions or policies")
    scheme = scheme or default_scheme(scenario["schemes"])
    if scheme not in scenario["schemes"]:
        raise InputError("--scheme:", value=scheme, expected=one_of(scenario["schemes"]))
    if year is not None and year not in years:
        raise InputError("--year:", value=year, expected=f"a year of the run, {years[0]} to {years[-1]}")
    paths = run.paths
    kept = MAY_TURN if set(OF_FIRST_YEAR) <= set(paths) else MAY_TURN[:1]
    gaps = [gap_of(paths, sides, scheme, name, year or (years[0] if name in OF_FIRST_YEAR else years[-1]), years)
            for name in ((measure,) if measure else kept)]
    gap = next((gap for gap in gaps if gap.has_sign), None)
    if gap is None:
        raise InputError("the interval of the difference holds zero, so it has no sign that could turn:",
                         value=", ".join(f"{gap.measure} {gap.year}" for gap in gaps), expected="a difference with a sign",
                         next_step="ask for another --measure or --year, or run more draws")
    settings = settings or read_settings(run)
    own = np.union1d(*(settings.of_fund(side.region, scheme) for side in sides))
    own = own[own < len(settings.table)]                                # without the economy's, which no world can be given
    columns = np.union1d(own, np.arange(len(settings.table), settings.values.shape[1]))
    table = settings.table.iloc[own].reset_index(drop=True)
    movable = np.flatnonzero(table["status"].isin(MAY_MOVE).to_numpy())
    found = turning(settings.values[:, columns], gap.values, roster_numbers(range(run.manifest["draws"]))[1], movable.tolist())
    return RunTurns(run, gap, found, table)


def put_turns(folder: Path, run: Run) -> None:
    """Write a run's turns.csv into its folder while this is written; none where there is nothing to tell."""
    if has_settings(run):
        try:
            (folder / TURNS_FILE).write_bytes(csv_bytes(turns(run).frame))
        except InputError:
            return


class Confirmed(NamedTuple):
    """What runs with the values of a set given in every world found: how far they went, the gap with its interval, the number of
    worlds, and whether its sign is the other one."""

    reach: float
    frame: pd.DataFrame
    mean: float
    low: float
    high: float
    worlds: int
    turned: bool


Runner = Callable[[Scenario, tuple[str, str], range], Result]


def confirm(found: RunTurns, regions: Regions, draws: int | None = None, threads: int | None = None,
            progress: Progress | None = None, runner: Runner | None = None) -> Confirmed:
    """Run the gap's fund with the first set's values given: at the settings where the emulator has it turned, and if it is not,
    half way on to the ends of their ranges, and at these. The last one run is told."""
    scenario = from_dict(found.run.manifest["scenario"], regions=regions)
    scenario = scenario.but(schemes=(found.gap.scheme,), draws=draws or found.run.manifest["draws"], precision=None)
    scenario = scenario.but(given=acting_here(scenario.given, scenario, regions))
    first, read = found.found.sets[0], read_settings(found.run)
    by_key = dict(zip(read.table["key"], read.values.T, strict=False))
    values = [by_key[found.table["key"][move.place]] for move in first.moves]
    run_it = runner or (lambda asked, one, worlds: simulate_worlds(asked, regions, worlds, threads, progress, only=one))
    for reach in dict.fromkeys((first.way, (first.way + 1) / 2, 1.0)):
        held = [move.setting if move.direction == LEVEL or reach == first.way else settings_at(own, move.direction, reach)
                for move, own in zip(first.moves, values, strict=True)]
        given = _given(scenario, regions, found, held)
        asked = scenario.but(given={**scenario.given, **given})
        sides = dict.fromkeys(side.region for side in found.gap.sides)
        paths = pd.concat([paths_frame(run_it(asked, (region, found.gap.scheme), range(asked.draws))) for region in sides])
        gap = gap_of(paths, found.gap.sides, found.gap.scheme, found.gap.measure, found.gap.year, scenario.years)
        mean, low, high = gap.interval
        if mean * found.found.mean < 0:
            break
    own = found.frame[found.frame["set"] == 0].assign(setting=held, reach=reach)
    return Confirmed(reach, own, mean, low, high, asked.draws, mean * found.found.mean < 0)


def _given(scenario: Scenario, regions: Regions, found: RunTurns, settings: Sequence[float]) -> dict[str, int]:
    """The positions at which worlds have the settings of the first set, by key."""
    values, given = uncertain_values(scenario, regions), dict[str, int]()
    for move, setting in zip(found.found.sets[0].moves, settings, strict=True):
        row = found.table.iloc[move.place]
        if row["lever"] == CHOICE:
            books = rule_books(scenario, scenario.changed(regions[row["region"]]), row["scheme"])
            given[row["key"]] = position_of_book(books, int(setting))
        elif row["key"] in values:
            law = values[row["key"]].distribution
            assert law is not None
            given[row["key"]] = min(int(np.searchsorted(law.table, setting)), len(law.table) - 1)
        else:
            raise InputError("the run's parameters have changed: no longer uncertain is", value=row["key"],
                             expected="what the run's uncertain.csv lists", next_step="run its scenario anew")
    return given
