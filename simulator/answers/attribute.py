"""What the gap between two regions comes from: every mixture of their blocks is simulated, and the gap split among the blocks.

A pass has the people of one mixture of the blocks that people and claims are made from, and settles their claims under all
mixtures of the other blocks at once. Its baseline is the rules of the region whose people they are, for what lies before the
first year (subsidies under way, claims not yet paid, usual premiums and conduct) is theirs. `attribute` asks for every mixture of
two regions and splits the gap by Shapley value (answers/shapley.py); `swap` asks for the rules of each region on the people of
each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations

import numpy as np

from simulator.answers.blocks import Block, default_blocks, differs, the_one
from simulator.answers.hybrid import Mixture, at_its_level
from simulator.answers.shapley import Split, nearest_unit, rounded, shapley
from simulator.engine.given import acting_here
from simulator.engine.level import Level
from simulator.engine.measures import ends, summarise, tail_mean
from simulator.engine.outcome import SchemeResult
from simulator.engine.simulate import Progress, simulate, simulate_worlds
from simulator.parameters.errors import InputError, nearest, one_of
from simulator.parameters.names import canonical, canonical_group
from simulator.parameters.regions import Regions
from simulator.results import warnings
from simulator.scenario import BASELINE, Policy, Scenario, check
from simulator.words import MEASURE_NAMES

STORED = Fraction(1, 10**6)        # figures are stored in millionths of the measure's unit
TAIL = "balance_tvar95"            # the one figure of a summary that is no measure: the mean of the lowest balances
HYBRID = "hybrid"


@dataclass(frozen=True)
class Question:
    """What is asked: a measure of the year `at`, of a scheme in each of `regions`, with the size of the simulation."""

    regions: tuple[str, ...]
    measure: str
    group: str = ""
    scheme: str = "nrcms"
    year: int = 2012
    horizon: int = 1
    at: int = 2012
    draws: int = 50
    people: int = 5000
    seed: int = 20120321
    blocks: tuple[Block, ...] = field(default_factory=default_blocks)
    given: Mapping[str, int | Sequence[int]] = field(default_factory=dict)      # positions of worlds (`Scenario.given`)

    def __post_init__(self) -> None:
        """Put Chinese names of the scheme and of the group into the catalogue's."""
        object.__setattr__(self, "scheme", canonical("scheme", self.scheme) if isinstance(self.scheme, str) else self.scheme)
        object.__setattr__(self, "group", canonical_group(self.group) if isinstance(self.group, str) else self.group)

    def in_names_of(self, regions: Regions) -> Question:
        """The same question with Chinese names of regions in their canonical ones. InputError for a name that several have."""
        return replace(self, regions=tuple(map(regions.canonical, self.regions)))

    def scenario(self, name: str, regions: tuple[str, ...], policies: tuple[Policy, ...] = (Policy(BASELINE),)) -> Scenario:
        """The simulation of regions under policies in this size."""
        return Scenario(name, regions, self.year, (self.scheme,), self.horizon, self.draws, self.people, seed=self.seed,
                        policies=policies, given=dict(self.given))

    def as_dict(self) -> dict:
        """Plain data for the manifest: all that is needed to ask again."""
        return {"regions": list(self.regions), "measure": self.measure, "group": self.group, "scheme": self.scheme,
                "year": self.year, "horizon": self.horizon, "at": self.at, "draws": self.draws, "people": self.people,
                "seed": self.seed, "blocks": {block.name: list(block.patterns) for block in self.blocks if block.patterns},
                **({"given": dict(self.given)} if self.given else {})}


@dataclass(frozen=True)
class Figure:
    """A mean over worlds in millionths of the unit, with its standard error, 95% interval (Student's t) and warning."""

    millionths: int
    se: float
    low: float
    high: float
    warning: str = ""

    @property
    def exact(self) -> Fraction:
        """The figure as stored."""
        return self.millionths * STORED


@dataclass(frozen=True)
class Part:
    """What one block contributes to the gap, and the least and the most it does in any order of the blocks."""

    block: str
    differs: bool                  # whether the regions differ in it at all
    figure: Figure
    order_low: float
    order_high: float


@dataclass(frozen=True)
class Answer:
    """What both answers have: the question, the measure's unit, the levels k, the worlds behind an error, the digest."""

    question: Question
    unit: str
    levels: tuple[Level, ...]
    worlds: int
    settled: int                   # mixtures simulated
    digest: str                    # SHA-256 of the digests of every pass


@dataclass(frozen=True)
class Attribution(Answer):
    """The gap between the second region `b` and the first `a`: a + parts = b in the stored units. `split` has every world."""

    a: Figure
    b: Figure
    gap: Figure
    parts: tuple[Part, ...]
    split: Split


@dataclass(frozen=True)
class Cell:
    """The measure of one region's people under the rules of another, and its difference to their own region's rules."""

    people: str
    rules: str
    figure: Figure
    difference: Figure


@dataclass(frozen=True)
class Swap(Answer):
    """The rules of each region on the people of each: people by people, rules in the order of the regions."""

    cells: tuple[Cell, ...]


def check_measure(name: str) -> None:
    """Refuse a measure that no run has, before any work begins. InputError with the nearest right name."""
    if not isinstance(name, str) or name not in MEASURE_NAMES:
        raise InputError("--measure: unknown name", value=name, expected="a measure of a run's summary.csv",
                         suggestion=nearest(str(name), MEASURE_NAMES))


def check_question(question: Question, regions: Regions, count: int | None = None) -> None:
    """Refuse a question that the command line would refuse, before any work begins. `count` is the number of its regions (None:
    any). InputError for the first fault."""
    if not isinstance(question, Question):
        raise InputError("not a question:", value=type(question).__name__, expected="simulator.Question(regions, measure)")
    names = question.regions
    if not isinstance(names, tuple) or not names or count is not None and len(names) != count:
        raise InputError("regions:", value=names, expected=f"a tuple of {count or 'region'} names")
    different = tuple(dict.fromkeys(names)) if all(isinstance(name, str) for name in names) else names
    check(question.scenario("question", different), regions)      # a region may stand beside itself
    check_measure(question.measure)
    if not isinstance(question.group, str):
        raise InputError("group:", value=question.group, expected="text such as quintile:q1, or none")
    last = question.year + question.horizon - 1
    if type(question.at) is not int or not question.year <= question.at <= last:
        raise InputError("at:", value=question.at, expected=f"a year from {question.year} to {last}")
    if not isinstance(question.blocks, tuple) or not all(isinstance(block, Block) for block in question.blocks):
        raise InputError("blocks:", value=question.blocks, expected="a tuple of blocks")


def attribute(question: Question, regions: Regions, threads: int | None = None, tell: Progress | None = None) -> Attribution:
    """Split the gap of a measure between two regions among the question's blocks. InputError for an unknown measure or group."""
    check_question(question, regions, count=2)
    question = question.in_names_of(regions)
    asked = Asked(question, regions, threads, tell)
    one, other = (asked.mixture.sources[name] for name in question.regions)
    differing = [block for block in question.blocks if differs(block, one, other, question.scheme)]
    table = finite(mixtures(asked, differing), question)
    split = shapley(table)
    ends = split.values[0], split.values[-1]
    a, b = (nearest_unit(split.mean(end), STORED) for end in ends)
    units = rounded([split.mean(part) for part in split.parts], STORED, b - a)
    own = {block.name: Part(block.name, True, figure(split.worlds(split.parts[i]), units[i], asked.unit), float(split.low[i]),
                            float(split.high[i])) for i, block in enumerate(differing)}
    none = Figure(0, 0.0, 0.0, 0.0)
    return Attribution(question, asked.unit, tuple(asked.levels), table.shape[1], asked.settled, asked.digest.hexdigest(),
                       figure(table[0], a, asked.unit), figure(table[-1], b, asked.unit),
                       figure(split.worlds(ends[1] - ends[0]), b - a, asked.unit),
                       tuple(own.get(block.name, Part(block.name, False, none, 0.0, 0.0)) for block in question.blocks), split)


def mixtures(asked: Asked, differing: Sequence[Block]) -> list[np.ndarray]:
    """The measure by world under every mixture of the blocks: 2**n arrays, bit i set where block i comes from the second."""
    first, second = asked.question.regions
    bit = {block.name: 1 << place for place, block in enumerate(differing)}
    made = [block.name for block in differing if block.of_people]
    ruled = [block.name for block in differing if not block.of_people]
    who = the_one(asked.question.blocks, "has_the_people").name
    asked.steps = (1 << len(made)) * asked.question.horizon
    values: dict[int, np.ndarray] = {}
    for taken in subsets(made):
        choice = {**asked.mixture.all_from(first), **dict.fromkeys(taken, second)}
        home = choice[who]
        choice |= dict.fromkeys(ruled, home)
        away = first if home == second else second
        policies = [dict.fromkeys(names, away) for names in subsets(ruled)]
        for changes, measured in zip(policies, asked.measured(choice, policies), strict=True):
            mixed = {**choice, **changes}
            values[sum(bit[name] for name in bit if mixed[name] == second)] = measured
    return [values[mask] for mask in range(1 << len(differing))]


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Every subset, the empty one first."""
    return [subset for size in range(len(names) + 1) for subset in combinations(names, size)]


def swap(question: Question, regions: Regions, threads: int | None = None, tell: Progress | None = None) -> Swap:
    """The measure under the rules of each region on the people of each: rules are the blocks of no people."""
    check_question(question, regions)
    question = question.in_names_of(regions)
    asked = Asked(question, regions, threads, tell)
    asked.steps = len(question.regions) * question.horizon
    rules = [block.name for block in question.blocks if not block.of_people]
    rows = []
    for people in question.regions:
        names = [people, *(name for name in question.regions if name != people)]
        values = asked.measured(asked.mixture.all_from(people), [{}, *(dict.fromkeys(rules, name) for name in names[1:])])
        by_name = dict(zip(names, values, strict=True))
        rows.append([by_name[name] for name in question.regions])
    table = finite([values for row in rows for values in row], question).reshape(len(rows), len(rows), -1)
    cells = []
    for p, people in enumerate(question.regions):
        for r, ruler in enumerate(question.regions):
            apart = table[p, r] - table[p, p]
            cells.append(Cell(people, ruler, *(figure(values, nearest_unit(Fraction(float(values.mean())), STORED), asked.unit)
                                               for values in (table[p, r], apart))))
    return Swap(question, asked.unit, tuple(asked.levels), table.shape[2], asked.settled, asked.digest.hexdigest(), tuple(cells))


class Asked:
    """A question on its way: the regions at their levels, and what the passes have left so far."""

    def __init__(self, question: Question, regions: Regions, threads: int | None, tell: Progress | None) -> None:
        """Solve the levels by one draw of each region as it is, which tells the measures there are, too."""
        self.question, self.threads, self.path = question, threads, regions.path
        self.tell = tell or (lambda what, done, steps: None)
        self.steps = self.done = self.settled = 0
        self.digest = hashlib.sha256()
        names = tuple(dict.fromkeys(question.regions))
        plain = simulate(question.scenario("levels", names).but(draws=1), regions, threads)
        self.unit = unit_of(plain.schemes[0], question)
        self.levels = [level for scheme in plain.schemes for level in scheme.levels]
        ks: dict[str, dict[str, dict]] = {name: {} for name in names}
        for level in self.levels:
            ks[level.region].setdefault(level.scheme, {})[level.year] = level.k
        self.mixture = Mixture({name: at_its_level(regions[name], ks[name], question.scheme, plain.schemes[0].years)
                                for name in names}, question.blocks)

    def measured(self, choice: Mapping[str, str], policies: Iterable[Mapping[str, str]]) -> list[np.ndarray]:
        """The measure by world under each of `policies` (changes to `choice`; the first has none), float64[worlds] each."""
        question = self.question
        named = tuple(Policy(str(number) if number else BASELINE, dict(changes), "none")
                      for number, changes in enumerate(policies))
        tree = Regions({HYBRID: self.mixture.region(choice)}, {HYBRID: None}, self.path)
        begun = self.done
        scenario = question.scenario(HYBRID, (HYBRID,), named)
        scenario = scenario.but(given=acting_here(question.given, scenario.but(policies=(Policy(BASELINE),)), tree))
        result = simulate_worlds(scenario, tree, range(scenario.draws), self.threads,
                                 lambda what, done, steps: self.tell(what, begun + done, self.steps))
        self.done += question.horizon
        self.settled += len(named)
        scheme = result.schemes[0]
        self.digest.update(scheme.digest.encode())
        return list(values_of(scheme, question).T)


def unit_of(scheme: SchemeResult, question: Question) -> str:
    """The unit of the measure that is asked for. InputError with the nearest right name where the run has no such figure."""
    measures = scheme.measures[question.at]
    groups = [measure.group for measure in measures if measure.name == measured_as(question)]
    if question.group not in groups:
        shown = [f"{question.measure}[{group}]" if group else question.measure for group in groups]
        asked = f"{question.measure}[{question.group}]" if question.group else question.measure
        raise InputError("--measure: no such figure in this run:", value=asked, suggestion=nearest(asked, shown),
                         expected=one_of(shown) if shown else "another one")
    return next(measure.unit for measure in measures if (measure.name, measure.group) == (measured_as(question), question.group))


def measured_as(question: Question) -> str:
    """The measure behind a figure: the tail of the balance is one of the balance."""
    return "balance" if question.measure == TAIL else question.measure


def values_of(scheme: SchemeResult, question: Question) -> np.ndarray:
    """The figure by world (or by group of worlds, where it is pooled) and policy, float64[worlds, P].

    A figure that one side lacks (bills of a rare illness) is NaN.
    """
    for measure in scheme.measures[question.at]:
        if (measure.name, measure.group) == (measured_as(question), question.group):
            if question.measure == TAIL:
                return np.array([[tail_mean(draws) for draws in measure.values.T]])
            return measure.values
    return np.full((1, len(scheme.policies)), np.nan)


def finite(values: list[np.ndarray], question: Question) -> np.ndarray:
    """The worlds in which every mixture has the figure, float64[mixtures, worlds]. InputError where there is none."""
    worlds = max(map(len, values))
    table = np.stack([np.broadcast_to(row, worlds) for row in values])
    table = table[:, np.isfinite(table).all(axis=0)]
    if not table.shape[1]:
        raise InputError("--measure: no world has this figure under every mixture:", value=question.measure,
                         expected="a figure of which there is something to measure", next_step="simulate more people or draws")
    return table


def figure(values: np.ndarray, millionths: int, unit: str) -> Figure:
    """A stored mean with the error of its worlds, float64[worlds]."""
    se, warning = summarise(values)["se"], warnings([unit], [values])[0]
    return Figure(millionths, se, *ends(float(millionths * STORED), se, len(values), warning), warning)
