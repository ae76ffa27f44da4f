"""How much of the gap between two regions hangs on values that nobody has published.

Every value of status assumption or estimate that states alternatives, or how uncertain it is, is moved to them on the side where
it stands; a value that both regions inherit moves on both sides. Nothing is put in place of law or statistic, and no value of one
region in place of the other's; what worlds vary (parameters/levers.py) is not tried again. The run's own people, in its first
worlds, live its first year once more, and all alternatives of its rules are settled on the same claims; the values that people
and their care are made from move together, to their upper ends, in another pass. Where the level of a schedule is solved to an
outcome it is solved anew under the alternative schedule. The gap that moves is the run's, of all its worlds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from simulator.answers.followed import follow
from simulator.engine.level import OUTCOME, SCHEDULE_PATHS, UNKNOWN, level_of
from simulator.engine.measures import half_width, summarise
from simulator.engine.outcome import SchemeResult
from simulator.parameters.catalogue import PER, TIERS
from simulator.parameters.change import as_written, holds_numbers, smallest_part
from simulator.parameters.distributions import Distribution
from simulator.parameters.errors import InputError
from simulator.parameters.levers import ONE_BY_ONE, PLUS, lever_of
from simulator.parameters.quantities import Quantity
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value, quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, of_people, parts_of

MEASURES = (("expenditure_per_head", ""), ("oop_per_head", ""), ("oop_share_of_income", ""),
            ("catastrophic_25", "layer:assistance"), ("in_scope_ratio", ""))
UNPUBLISHED = ("assumption", "estimate")
BOTH_APART = "gap"                                    # in the place of a side: first region less second
BOTH_SIDES = "both"                                  # sides on which a value stands, beside the names of the regions
LOW, HIGH, DEDUCTIBLE_SHAPES, TARGET_MET = "low", "high", ("flat", "steep"), "target"
FIFTH = Decimal("1.645")                       # standard deviations from the mean to the 5% and the 95% point
PEOPLE_AND_CARE = "people-and-care"            # all values that people and their care are made from
TARGETS = "targets-met"                        # the policy under which the plan's target is met, where there is one
OF_TARGETS = (("expenditure_per_head", ""), ("surplus_rate", ""))             # what is told of it
MOST_DRAWS, MOST_PEOPLE = 16, 20_000           # of a run's, for which alternatives are tried
VARIED = ("measure", "group", "scheme", "side", "what", "end", "status", "gap", "gap_then", "moved", "se", "low", "high")
AT_TARGETS = ("measure", "group", "scheme", "side", "evidence", "target", "moved", "se", "low", "high")
COUNTED = ("scheme", "status", "varied", "fixed")


@dataclass(frozen=True)
class Alternative:
    """What might hold in place of one value, or of several that hold together: on which side, under which name, which end of it
    (or the name of a like place), by which changes, at whose level."""

    side: str
    what: str
    end: str
    status: str
    changes: Mapping[str, object]
    level: str = "region"

    @property
    def name(self) -> str:
        """The name of its policy."""
        return f"{self.side}-{self.what}-{self.end}"


class FirstYear(NamedTuple):
    """The first year of a region's scheme, in some worlds of a run, under what might hold in place of its unpublished values:
    float64[D] by measure and group, and by policy (the baseline, each alternative, TARGETS)."""

    alternatives: list[Alternative]
    values: Mapping[tuple[str, str], Mapping[str, np.ndarray]]
    high: Mapping[tuple[str, str], np.ndarray]      # with people and care at their upper ends


def first_year(scenario: Scenario, regions: Regions, name: str, scheme: str, threads: int | None = None) -> FirstYear:
    """Try the alternatives of one of the two first regions of a scenario, on its own people, who do not respond to it.
    InputError for bad changes."""
    here, there = (scenario.changed(regions[region])
                   for region in (name, *(other for other in scenario.regions[:2] if other != name)))
    found = alternatives(here, there, scheme, scenario.year)
    asked = scenario.but(regions=(name,), schemes=(scheme,), draws=min(scenario.draws, MOST_DRAWS), replicas=1, precision=None,
                         people=min(scenario.people or MOST_PEOPLE, MOST_PEOPLE), demand=False)
    policies = (Policy(BASELINE), *(Policy(one.name, dict(one.changes), one.level) for one in found),
                Policy(TARGETS, {}, "target"))
    values = _values(asked.but(policies=policies), regions, threads)
    high = _values(asked.but(policies=policies[:1], changes={
        **scenario.changes, **upper_ends(here, scheme, scenario.year)}), regions, threads)
    return FirstYear(found, values, {measure: of_policy[BASELINE] for measure, of_policy in high.items()})


def _values(asked: Scenario, regions: Regions, threads: int | None) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """The first year of a scenario's one region and scheme."""
    with closing(follow(asked, regions, range(asked.draws), threads)) as years:
        year = next(years)
    measures = {measure[:2]: measure.values for measure in (*year.care, *year.fund, *year.net)}
    return {measure: {policy.name: measures[measure][:, p] for p, policy in enumerate(asked.policies)}
            for measure in {*MEASURES, *OF_TARGETS}}


def unpublished(region: Region, scheme: str, year: int) -> list[Value]:
    """The values of the scheme, and those of no scheme, that are assumed or estimated: head counts, the merger's date and what
    sets levels are not among them."""
    found = []
    for path in region.paths():
        topic, *middle, name = path.split(".")
        if name in ("participants", "target_ratio", "outcome_ratio", "solve_level") or topic == "merger":
            continue
        if PER[topic] == "scheme" and middle[0] not in parts_of((scheme,)):
            continue
        value = region.value(path, year, required=False)
        if value is not None and value.status in UNPUBLISHED:
            found.append(value)
    return found


def moved(value: Value, quantity: Quantity, factor: Decimal) -> object:
    """What a file would state for a value of which every number is multiplied, within its range, half up to its smallest part."""
    part = smallest_part(quantity)

    def times(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: times(item) for key, item in data.items()}
        if isinstance(data, list):
            return [times(item) for item in data]
        number = min(max(data * factor, Decimal(str(quantity.low))), Decimal(str(quantity.high)))
        return number.quantize(part or Decimal("0.000001"), ROUND_HALF_UP)

    return as_written(times(value.value), value.path)


def shape(value: Value, name: str) -> dict[str, list[str]]:
    """A deductible in another shape: `flat`, the county hospital's everywhere; or `steep`, half in townships and twice in city
    and out-of-area hospitals."""
    factor = {"township": Decimal("0.5"), "county": Decimal(1), "city": Decimal(2), "outside": Decimal(2)}
    shaped = ({tier: value.value["county"] for tier in TIERS} if name == "flat" else
              {tier: [amount * factor[tier] for amount in value.value[tier]] for tier in TIERS})
    return {tier: [f"{amount.quantize(Decimal('0.01')):f}" for amount in amounts] for tier, amounts in shaped.items()}


def alternatives(region: Region, other: Region, scheme: str, year: int) -> list[Alternative]:
    """What might hold in place of a region's unpublished values of its rules and incomes, and of its level where that is not
    known. Values that the other region has from the same place stand on both sides."""
    found: list[Alternative] = []
    named: dict[tuple[str, str], dict[str, object]] = {}
    level = level_of(region, scheme, year)
    anew = "own" if level.basis == OUTCOME else "region"
    schedule = {path.format(scheme=scheme) for path in SCHEDULE_PATHS}

    def one(value: Value, side: str, what: str, end: str, data: object) -> None:
        changes = {value.path: data}
        if _holds(region, changes):
            found.append(Alternative(side, what, end, value.status, changes, anew if value.path in schedule else "region"))

    for value in unpublished(region, scheme, year):
        if of_people(value.path):
            continue
        theirs = other.value(value.path, year, required=False)
        side = BOTH_SIDES if theirs is not None and (theirs.region, theirs.from_) == (value.region, value.from_) else region.name
        quantity = quantity_at(value.path)[1]
        for alternative in value.alternatives:
            named.setdefault((side, alternative.name), {})[value.path] = as_written(alternative.value, value.path)
        known = value.path == f"inpatient.{scheme}.ratio" and level.basis == OUTCOME      # its level, by what was paid
        if value.spread and holds_numbers(quantity) and not known and lever_of(value.path) == ONE_BY_ONE:
            for end, sign in ((LOW, -1), (HIGH, 1)):
                one(value, side, value.path, end, moved(value, quantity, 1 + sign * FIFTH * value.spread / 100))
        if value.path == f"inpatient.{scheme}.deductible":
            for end in DEDUCTIBLE_SHAPES:
                one(value, side, value.path, end, shape(value, end))
    for (side, name), changes in named.items():
        if _holds(region, changes):
            of_schedule = not schedule.isdisjoint(changes)
            found.append(Alternative(side, "like-places", name, "estimate", changes, anew if of_schedule else "region"))
    if level.basis == UNKNOWN:
        found.append(Alternative(region.name, "level", TARGET_MET, level.status, {}, "target"))
    return found


def _holds(region: Region, changes: Mapping[str, object]) -> bool:
    """Whether the region can state these values together."""
    try:
        region.with_changes(changes, "alternative")
    except InputError:
        return False
    return True


def upper_ends(region: Region, scheme: str, year: int) -> dict[str, object]:
    """The 95% points of every uncertain unpublished value that people and their care are made from."""
    def factor(law: Distribution, value: Value) -> Decimal:
        return Decimal(law.ends[1]) if law.lever != PLUS else 1 + Decimal(law.ends[1]) / value.value

    return {value.path: moved(value, quantity_at(value.path)[1], factor(value.distribution, value))
            for value in unpublished(region, scheme, year)
            if of_people(value.path) and value.distribution is not None and value.value
            and holds_numbers(quantity_at(value.path)[1])}


def gaps(scheme: str, sides: tuple[SchemeResult, SchemeResult], years: tuple[FirstYear, FirstYear]) -> pd.DataFrame:
    """The gap (first region less second) of a scheme in a run's first year, and what it becomes under each alternative: a row
    for each measure and alternative (VARIED)."""
    rows = []
    for measure in MEASURES:
        gap = float((_own(sides[0], measure) - _own(sides[1], measure)).mean())
        left, right = (year.values[measure] for year in years)
        before = left[BASELINE] - right[BASELINE]

        def add(side: str, what: str, end: str, status: str, then: np.ndarray, measure: tuple[str, str] = measure,
                gap: float = gap, before: np.ndarray = before) -> None:
            change = summarise(then - before)
            half = half_width(change["se"], len(before))
            rows.append((*measure, scheme, side, what, end, status, gap, gap + change["mean"], change["mean"], change["se"],
                         change["mean"] - half, change["mean"] + half))

        each = {one.name: one for year in years for one in year.alternatives}
        for name, one in each.items():
            add(one.side, one.what, one.end, one.status, left.get(name, left[BASELINE]) - right.get(name, right[BASELINE]))
        add(BOTH_SIDES, PEOPLE_AND_CARE, HIGH, "assumption", years[0].high[measure] - years[1].high[measure])
    return pd.DataFrame(rows, columns=VARIED)


def _own(side: SchemeResult, measure: tuple[str, str]) -> np.ndarray:
    """A measure of the baseline in a run's first year, float64[D] of all its worlds."""
    return next(found.values[:, 0] for found in side.of_worlds[side.years[0]] if found[:2] == measure)


def at_targets(scheme: str, sides: tuple[SchemeResult, SchemeResult], years: tuple[FirstYear, FirstYear]) -> pd.DataFrame:
    """What a scheme spends and keeps in a run's first year, and what it would were the plans' targets met on both sides: a row
    for each measure, region and their gap (AT_TARGETS)."""
    rows = []
    for measure in OF_TARGETS:
        own = [_own(side, measure) for side in sides]
        moves = [year.values[measure][TARGETS] - year.values[measure][BASELINE] for year in years]
        for name, evidence, move in ((sides[0].region, own[0], moves[0]), (sides[1].region, own[1], moves[1]),
                                     (BOTH_APART, own[0] - own[1], moves[0] - moves[1])):
            change = summarise(move)
            half = half_width(change["se"], len(move))
            rows.append((*measure, scheme, name, float(evidence.mean()), float(evidence.mean()) + change["mean"], change["mean"],
                         change["se"], change["mean"] - half, change["mean"] + half))
    return pd.DataFrame(rows, columns=AT_TARGETS)


def counted(places: Iterable[Region], scheme: str, year: int) -> pd.DataFrame:
    """Of each status how many values of either region state alternatives, or how uncertain they are, and how many do not
    (COUNTED)."""
    values = {(value.region, value.path, value.from_): value for place in places for value in unpublished(place, scheme, year)}
    rows = []
    for status in UNPUBLISHED:
        uncertain = [bool(value.alternatives or value.distribution) for value in values.values() if value.status == status]
        rows.append((scheme, status, sum(uncertain), len(uncertain) - sum(uncertain)))
    return pd.DataFrame(rows, columns=COUNTED)
