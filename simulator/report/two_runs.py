"""Finished runs put side by side: what can be compared, world by world where that is right, with the interval that is right.

Two runs of one seed share their random numbers, whatever else differs: world i of the one and world i of the other depend on each
other, so their difference is taken world by world, over the worlds that both have, and its error is that of ten rosters. Runs of
two seeds are independent, and the errors of both add up (Welch). What a run keeps no world of (it has mean and error alone) is,
under one seed, given the widest interval that any dependence allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.by_world import by_world
from simulator.engine.measures import ends, half_width, heavy_tailed, summarise
from simulator.engine.worlds import ROSTERS
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.results import HEAVY_TAIL, Run, read_run

PAIRED, INDEPENDENT, WIDEST = "paired", "independent", "widest"
GAP_COLUMNS = ("run_a", "run_b", "region_a", "region_b", "policy_a", "policy_b", "scheme", "year", "measure", "group", "unit",
               "a", "b", "difference", "se", "low", "high", "warning", "how")


class Side(NamedTuple):
    """A region under a policy in one of the runs, by the run's place among them."""

    run: int
    region: str
    policy: str


class Gap(NamedTuple):
    """The mean of one side and of another, their difference (the other less the first), its error, interval, warning, and how the
    interval was found."""

    a: float
    b: float
    difference: float
    se: float
    low: float
    high: float
    warning: str
    how: str


@dataclass(frozen=True)
class Asked:
    """A run that is to be compared, and the policy of it that was named, if any."""

    run: Run
    policy: str | None

    @property
    def policies(self) -> list[str]:
        return [self.policy] if self.policy else [policy["name"] for policy in self.run.manifest["scenario"]["policies"]]


def read_asked(word: str) -> Asked:
    """The run that `RUN` or `RUN:POLICY` names. InputError if it is none, is damaged, or has no such policy."""
    folder, _, policy = (word, "", "") if ":" not in word or Path(word).exists() else word.rpartition(":")
    made = read_run(folder)
    known = [one["name"] for one in made.manifest["scenario"]["policies"]]
    if policy and policy not in known:
        raise InputError(f"no such policy in {folder}:", value=policy, expected=one_of(known), suggestion=nearest(policy, known))
    return Asked(made, policy or None)


@dataclass(frozen=True)
class Runs:
    """Runs that can be compared, each with the first: pairs of the first run's side and the other's, common schemes, years."""

    asked: tuple[Asked, ...]
    pairs: tuple[tuple[Side, Side], ...]
    schemes: tuple[str, ...]
    years: range

    @classmethod
    def of(cls, asked: Sequence[Asked]) -> Runs:
        """InputError where two of them have no region, policy, scheme or year in common, and where one stands twice."""
        first, schemes, years = asked[0], list(asked[0].run.manifest["scenario"]["schemes"]), _years(asked[0].run)
        pairs: list[tuple[Side, Side]] = []
        for nth, other in enumerate(asked[1:], 1):
            for of_run, name, one in ((other.run, "schemes", schemes), (other.run, "years", list(years))):
                if not set(one) & set(of_run.manifest["scenario"]["schemes"] if name == "schemes" else _years(of_run)):
                    raise InputError(f"{first.run.folder} and {of_run.folder} have no {name} in common",
                                     expected="runs about the same schemes and years")
            schemes = [scheme for scheme in schemes if scheme in other.run.manifest["scenario"]["schemes"]]
            years = range(max(years.start, _years(other.run).start), min(years.stop, _years(other.run).stop))
            pairs += [(Side(0, *a), Side(nth, *b)) for a, b in _sides(first, other)]
        same = next((pair for pair in pairs if _is_same(asked, *pair)), None)
        if same is not None:
            raise InputError("a run with itself:", value=str(asked[same[1].run].run.folder), expected="another run or policy")
        return cls(tuple(asked), tuple(pairs), tuple(schemes), years)

    def run(self, side: Side) -> Run:
        return self.asked[side.run].run

    def seeds(self, pair: tuple[Side, Side]) -> tuple[int, int]:
        """The seeds of the two runs."""
        one, other = (self.run(side).manifest["scenario"]["seed"] for side in pair)
        return one, other

    def is_paired(self, pair: tuple[Side, Side]) -> bool:
        """Whether worlds of one number have the same random numbers."""
        return len(set(self.seeds(pair))) == 1

    def worlds(self, pair: tuple[Side, Side]) -> int:
        """The worlds that both runs have."""
        return min(self.run(side).manifest["draws"] for side in pair)

    @cached_property
    def _paths(self) -> list[pd.DataFrame]:
        return [one.run.paths for one in self.asked]

    def by_world(self, side: Side, scheme: str) -> dict[str, np.ndarray]:
        """The measures of a side that its run keeps by world, float64[D, Y] over the common years."""
        own = _years(self.run(side))
        kept = slice(self.years.start - own.start, self.years.stop - own.start)
        found = by_world(self._paths[side.run], side.region, scheme, side.policy, own)
        return {name: values[:, kept] for name, values in found.items()}

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure that both runs have, in each common year: the columns GAP_COLUMNS."""
        return pd.DataFrame([row for pair in self.pairs for scheme in self.schemes for row in self._rows(pair, scheme)],
                            columns=list(GAP_COLUMNS))

    def _rows(self, pair: tuple[Side, Side], scheme: str) -> list[tuple]:
        a, b = (self._summary(side, scheme) for side in pair)
        worlds = [self.by_world(side, scheme) for side in pair] if self.is_paired(pair) else [{}, {}]
        head = (*(str(self.run(side).folder) for side in pair), *(side.region for side in pair), *(side.policy for side in pair),
                scheme)
        rows = []
        for key in (key for key in a if key in b):
            year, measure, group, unit = key
            if not group and measure in worlds[0] and measure in worlds[1]:
                at = year - self.years.start
                gap = paired(worlds[0][measure][:, at], worlds[1][measure][:, at], unit == "probability")
            else:
                gap = apart(a[key], b[key], self.is_paired(pair), [self.run(side).manifest["draws"] for side in pair])
            rows.append((*head, year, measure, group, unit, *gap))
        return rows

    def _summary(self, side: Side, scheme: str) -> dict[tuple, tuple[float, float, str]]:
        """Year, measure, group, unit -> mean, standard error and warning."""
        table = self.run(side).summary
        rows = table[(table["region"] == side.region) & (table["scheme"] == scheme) & (table["policy"] == side.policy)
                     & table["year"].isin(self.years)]
        return {row[:4]: row[4:] for row in zip(*(rows[name].tolist() for name in (
            "year", "measure", "group", "unit", "mean", "se", "warning")), strict=True)}


def paired(a: np.ndarray, b: np.ndarray, probability: bool = False) -> Gap:
    """The difference world by world, over the worlds that both have, float64[D] each."""
    n = min(len(a), len(b))
    a, b = a[:n], b[:n]
    found = summarise(b - a)
    warning = HEAVY_TAIL if not probability and heavy_tailed(b - a) else ""
    interval = ends(found["mean"], found["se"], n, warning)
    return Gap(float(a.mean()), float(b.mean()), found["mean"], found["se"], *interval, warning, PAIRED)


def apart(a: tuple[float, float, str], b: tuple[float, float, str], one_seed: bool, draws: Sequence[int]) -> Gap:
    """The difference of two means, each with its standard error and warning: of independent runs, or at its widest."""
    difference, warning = b[0] - a[0], a[2] or b[2]
    if one_seed:
        se, half = a[1] + b[1], half_width(a[1], draws[0]) + half_width(b[1], draws[1])
    else:
        se, half = welch(a[1], b[1], draws)
    half = float("nan") if warning else half
    return Gap(a[0], b[0], difference, se, difference - half, difference + half, warning, WIDEST if one_seed else INDEPENDENT)


def welch(one: float, other: float, draws: Sequence[int]) -> tuple[float, float]:
    """The standard error of a difference of independent means with these errors, and half of its 95% interval by Student's t with
    Welch's degrees of freedom, each run having one less than rosters; NaN for one world."""
    from scipy import special
    se = float(np.hypot(one, other))
    if not se > 0:                                             # no spread at all, or one world
        return se, se
    freedom = [min(n, ROSTERS) - 1 for n in draws]
    degrees = se**4 / sum(own**4 / free for own, free in zip((one, other), freedom, strict=True))
    return se, float(special.stdtrit(degrees, 0.975)) * se


def _years(run: Run) -> range:
    scenario = run.manifest["scenario"]
    return range(scenario["year"], scenario["year"] + scenario["horizon"])


def _sides(first: Asked, other: Asked) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """The regions and policies that are put beside each other: those of one name, or the only ones of both."""
    names = []
    for what, mine, theirs in (
            ("region", first.run.manifest["scenario"]["regions"], other.run.manifest["scenario"]["regions"]),
            ("policy", first.policies, other.policies)):
        same = [(name, name) for name in mine if name in theirs]
        if len(mine) == len(theirs) == 1:
            same = [(mine[0], theirs[0])]
        if not same:
            raise InputError(f"no {what} in common:", value=f"{', '.join(mine)} and {', '.join(theirs)}",
                             expected=f"runs that share a {what}, or have one each",
                             next_step="name a policy: RUN:POLICY" if what == "policy" else None)
        names.append(same)
    return [((region_a, policy_a), (region_b, policy_b)) for region_a, region_b in names[0] for policy_a, policy_b in names[1]]


def _is_same(asked: Sequence[Asked], one: Side, other: Side) -> bool:
    return (asked[one.run].run.folder.resolve() == asked[other.run].run.folder.resolve() and one[1:] == other[1:])
