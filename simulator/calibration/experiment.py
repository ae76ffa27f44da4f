"""Worlds run beside the evidence: which runs meet the figures, what is uncertain in them, and what they come to in given worlds.

A fund has a run from the first year of its figures to the last, which growth is learnt from, and where that is not its last year
a run of the last year alone, which is where forecasts begin. A figure that two runs simulate counts half in each.

The uncertain values of all funds are one *latent* vector of independent normal numbers for each world; values that share a factor
have scores that are correlated as their files state. A score's rank among 65,536 is the position (chance/positions.py) that the
run is given, so worlds are run truly with any settings, and all funds of a world share its values and its economy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.answers.backtest import values_of
from simulator.calibration.targets import FIRST_EVIDENCE, Target
from simulator.care.paths import KEY_OF_ECONOMY, economy_keys
from simulator.engine.given import acting_here, choices, uncertain_values
from simulator.engine.outcome import SchemeResult
from simulator.engine.rule_books import AS_STATED, HIGHER, LOWER, RuleBook, books_of_worlds
from simulator.engine.simulate import simulate_worlds
from simulator.engine.worlds import ROSTERS
from simulator.parameters.distribution_tables import POSITIONS
from simulator.parameters.levers import PLUS, TIMES
from simulator.parameters.regions import Regions
from simulator.parameters.values import Value
from simulator.scenario import Scenario

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Met:
    """A figure as one run simulates it; `runs` simulate it in all."""

    target: Target
    first: int                     # the year in which the run starts
    runs: int


@dataclass(frozen=True)
class Choice:
    """A choice among rule books, in two columns: which rules, and how far the level lies from the stated one."""

    key: str
    region: str
    scheme: str
    books: list[RuleBook]

    def columns(self, positions: np.ndarray) -> np.ndarray:
        """The columns of worlds at positions int64[D], float64[D, 2]."""
        held = books_of_worlds(self.books, 0, self.region, self.scheme, range(len(positions)), {self.key: positions.tolist()})
        names = [_rules_of(book.name) for book in self.books]
        order = list(dict.fromkeys(names))
        told = np.array([[order.index(name), float(book.share)] for name, book in zip(names, self.books, strict=True)])
        return told[held]


def _rules_of(name: str) -> str:
    """A book's name without its level."""
    return "+".join(part for part in name.split("+") if part not in (LOWER, HIGHER)) or AS_STATED


@dataclass(frozen=True)
class Experiment:
    """The runs that meet some figures. `values` are the uncertain ones by key, `choices` those among rule books."""

    regions: Regions
    met: tuple[Met, ...]
    values: dict[str, Value]
    choices: tuple[Choice, ...]
    economy: tuple[str, ...]
    scenario: Scenario             # of all funds, of the first year

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The uncertain values' names, in the order of the latent numbers."""
        return (*self.values, *(choice.key for choice in self.choices), *self.economy)

    @cached_property
    def mixing(self) -> np.ndarray:
        """The factor float64[V, V] that makes scores of latent numbers: scores = latent @ mixing.T."""
        correlation = np.eye(len(self.keys))
        laws = [value.distribution for value in self.values.values()]
        for i, one in enumerate(laws):
            for j, other in enumerate(laws):
                if i != j and one is not None and other is not None and one.shares and one.shares == other.shares:
                    both = float(one.correlation) * float(other.correlation)
                    correlation[i, j] = np.sign(both) * np.sqrt(abs(both))
        return np.linalg.cholesky(correlation + 1e-9 * np.eye(len(correlation)))

    @property
    def places_of_choices(self) -> range:
        """The places of choices among the latent numbers."""
        return range(len(self.values), len(self.values) + len(self.choices))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of what an emulator sees of a world: a column for a value's score, two for a choice."""
        of_choices = [f"{choice.key} {which}" for choice in self.choices for which in ("rules", "level")]
        return (*self.values, *of_choices, *self.economy)

    def scores(self, latent: np.ndarray) -> np.ndarray:
        """The normal scores of worlds, float64[D, V]."""
        return latent @ self.mixing.T

    def positions(self, latent: np.ndarray) -> np.ndarray:
        """The positions of worlds, int64[D, V]."""
        from scipy import special
        return np.clip((special.ndtr(self.scores(latent)) * POSITIONS).astype(np.int64), 0, POSITIONS - 1)

    def seen(self, latent: np.ndarray) -> np.ndarray:
        """What an emulator sees of worlds, float64[D, columns]."""
        scores, values = self.scores(latent), len(self.values)
        if not self.choices:
            return scores
        places = self.positions(latent)
        made = [choice.columns(places[:, values + n]) for n, choice in enumerate(self.choices)]
        return np.concatenate([scores[:, :values], *made, scores[:, values + len(self.choices):]], axis=1)

    def acting(self, met: Met) -> list[int]:
        """The columns that can move a figure: values of its scheme or of none that its region's line states, its rules, and the
        economy up to its year."""
        region, scheme = met.target.of_fund
        lineage = set(self.regions[region].lineage)
        found = []
        for n, name in enumerate(self.columns):
            if name.startswith(KEY_OF_ECONOMY):
                year = name.rpartition(".")[2]
                if not year.isdecimal() or met.first < int(year) <= met.target.figure.year:
                    found.append(n)
            else:
                origin, path = name.split(":", 1)
                parts = path.split(" ")[0].split(".")
                if (origin in lineage or origin == region) and (len(parts) < 2 or not _of_other_scheme(parts, scheme)):
                    found.append(n)
        return found

    def run(self, latent: np.ndarray, seed: int, threads: int | None = None, progress: Progress | None = None) -> np.ndarray:
        """What worlds with these latent numbers float64[D, V] come to in every figure, on its scale, float64[D, K]."""
        worlds, given = len(latent), dict(zip(self.keys, self.positions(latent).T.tolist(), strict=True))
        found = np.empty((worlds, len(self.met)))
        asked = dict.fromkeys((*met.target.of_fund, met.first) for met in self.met)
        for done, (region, scheme, first) in enumerate(asked):
            if progress:
                progress(f"{region} {scheme} {first}", done, len(asked))
            own = [(n, met) for n, met in enumerate(self.met) if (*met.target.of_fund, met.first) == (region, scheme, first)]
            last = max(met.target.figure.year for _, met in own)
            scenario = self.scenario.but(year=first, horizon=last - first + 1, draws=worlds, seed=seed)
            scenario = scenario.but(given=acting_here(given, scenario, self.regions))
            result = simulate_worlds(scenario, self.regions, range(worlds), threads, only=(region, scheme)).schemes[0]
            for n, met in own:
                found[:, n] = met.target.scaled(simulated_of(result, met.target))
        return found

    def rosters(self, worlds: int, wave: int) -> np.ndarray:
        """The numbers of the rosters that a wave's worlds live on, int64[D]: other ones in each wave, whose seeds differ."""
        return np.arange(worlds) % ROSTERS + ROSTERS * wave


def _of_other_scheme(parts: Sequence[str], scheme: str) -> bool:
    from simulator.parameters.catalogue import PER
    return (parts[0] == "rules" or PER.get(parts[0]) == "scheme") and parts[1] != scheme


def simulated_of(result: SchemeResult, target: Target) -> np.ndarray:
    """A figure in every world, in its unit, float64[D]."""
    return values_of(result, target.figure.year, target.figure.measure, target.figure.group)[:, 0]


def experiment(regions: Regions, asked: Sequence[Target], people: int) -> Experiment:
    """The runs that meet some figures, of funds that have members of their own in the first year of their figures."""
    years: dict[tuple[str, str], list[int]] = {}
    for target in asked:
        if target.figure.kind == "figure":
            years.setdefault(target.of_fund, []).append(target.figure.year)
    funds = {fund: (min(own), max(own)) for fund, own in years.items() if _has_members(regions, *fund, min(own))}
    met = []
    for target in asked:
        if target.of_fund not in funds:
            continue
        first, last = funds[target.of_fund]
        starts = [first, last] if target.figure.year == last > first else [first]
        met += [Met(target, start, len(starts)) for start in starts]
    met.sort(key=lambda one: (*one.target.of_fund, one.first))
    names = list(dict.fromkeys(region for region, _ in funds))
    schemes = tuple(dict.fromkeys(scheme for _, scheme in funds))
    first = min((own[0] for own in funds.values()), default=FIRST_EVIDENCE)
    last = max((own[1] for own in funds.values()), default=FIRST_EVIDENCE)
    scenario = Scenario("calibrate", tuple(names), year=first, schemes=schemes, horizon=last - first + 1, people=people,
                        response="none")
    values = {key: value for key, value in uncertain_values(scenario, regions).items()
              if value.distribution is not None and value.distribution.lever in (TIMES, PLUS)} if funds else {}
    made = tuple(Choice(key, *_fund_of(key), books) for key, books in choices(scenario, regions).items()) if funds else ()
    return Experiment(regions, tuple(met), values, made, tuple(economy_keys(scenario.years)), scenario)


def _fund_of(key: str) -> tuple[str, str]:
    region, path = key.split(":", 1)
    return region, path.rpartition(".")[2]


def _has_members(regions: Regions, region: str, scheme: str, year: int) -> bool:
    if region not in regions:
        return False
    value = regions[region].value(f"population.{scheme}.participants", year, required=False)
    return value is not None and value.origin == region
