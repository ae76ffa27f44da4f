"""How much of the gap between two regions hangs on values that nobody has published.

Every value of status assumption or estimate that states alternatives, or how uncertain it is, is moved to them on the side where
it stands; a value that both regions inherit moves on both sides. Nothing is put in place of law or statistic, and no value of one
region in place of the other's. One simulation of a region's first year settles all alternatives of its rules on the same claims;
the values that people and their care are made from move together, to their upper ends, in another. Where the level of a schedule
is solved to an outcome it is solved anew under the alternative schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from simulator.engine.level import OUTCOME, SCHEDULE_PATHS, UNKNOWN, level_of
from simulator.engine.measures import half_width, summarise
from simulator.engine.outcome import Result
from simulator.engine.simulate import simulate
from simulator.parameters.catalogue import PER, TIERS
from simulator.parameters.change import as_written, holds_numbers, smallest_part
from simulator.parameters.errors import InputError
from simulator.parameters.quantities import Quantity
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value, quantity_at
from simulator.scenario import BASELINE, Policy, Scenario, of_people, parts_of

MEASURES = (("expenditure_per_head", ""), ("oop_per_head", ""), ("oop_share_of_income", ""),
            ("catastrophic_25", "layer:assistance"), ("in_scope_ratio", ""))
UNPUBLISHED = ("assumption", "estimate")
BOTH_SIDES = "both"                                  # sides on which a value stands, beside the names of the regions
LOW, HIGH, DEDUCTIBLE_SHAPES, TARGET_MET = "low", "high", ("flat", "steep"), "target"
FIFTH = Decimal("1.645")                       # standard deviations from the mean to the 5% and the 95% point
PEOPLE_AND_CARE = "people-and-care"            # all values that people and their care are made from
MOST_DRAWS, MOST_PEOPLE = 16, 20_000           # of the small runs
VARIED = ("measure", "group", "scheme", "side", "what", "end", "status", "gap", "gap_then", "moved", "se", "low", "high")
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


def _small(scenario: Scenario, **changes: Any) -> Scenario:
    """The scenario in a small size: its first year, few draws and people, without the fund's or the patients' response."""
    people = min(scenario.people or MOST_PEOPLE, MOST_PEOPLE)
    return scenario.but(horizon=1, draws=min(scenario.draws, MOST_DRAWS), people=people, replicas=1, response="none",
                        demand=False, precision=None, **changes)    # patients do not respond to a change of an assumption


def _values(result: Result, name: str, group: str) -> dict[str, np.ndarray]:
    """The values float64[D] of a measure in the first year of the one region and scheme, by policy."""
    scheme = result.schemes[0]
    return {policy: measure.values[:, p] for measure in scheme.measures[scheme.years[0]]
            if (measure.name, measure.group) == (name, group) for p, policy in enumerate(scheme.policies)}


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
        if value.spread and holds_numbers(quantity) and not known:
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
    return {value.path: moved(value, quantity_at(value.path)[1], 1 + FIFTH * value.spread / 100)
            for value in unpublished(region, scheme, year)
            if of_people(value.path) and value.spread and holds_numbers(quantity_at(value.path)[1])}


def gaps(scenario: Scenario, regions: Regions, threads: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The gap (first region less second) of a scenario with one scheme, and what it becomes under each alternative.

    Returns a row for each measure and alternative (VARIED), and how many unpublished values have alternatives (COUNTED).
    """
    (first, second), (scheme,) = scenario.regions[:2], scenario.schemes
    a, b = (regions[name].with_changes(scenario.changes, scenario.name) if scenario.changes else regions[name]
            for name in (first, second))
    sides = {first: alternatives(a, b, scheme, scenario.year), second: alternatives(b, a, scheme, scenario.year)}
    plain = {name: _simulated(scenario, regions, name, {}, [Policy(each.name, dict(each.changes), each.level) for each in found],
                              threads) for name, found in sides.items()}
    high = {name: _simulated(scenario, regions, name, upper_ends(place, scheme, scenario.year), (), threads)
            for name, place in ((first, a), (second, b))}
    rows = []
    for measure, group in MEASURES:
        left, right = (_values(plain[name], measure, group) for name in (first, second))
        gap = left[BASELINE] - right[BASELINE]

        def add(side: str, what: str, end: str, status: str, then: np.ndarray, gap: np.ndarray = gap, measure: str = measure,
                group: str = group) -> None:
            change = summarise(then - gap)
            half = half_width(change["se"], len(gap))
            rows.append((measure, group, scheme, side, what, end, status, float(gap.mean()), float(then.mean()), change["mean"],
                         change["se"], change["mean"] - half, change["mean"] + half))

        each = {one.name: one for one in (*sides[first], *sides[second])}
        for name, one in each.items():
            add(one.side, one.what, one.end, one.status, left.get(name, left[BASELINE]) - right.get(name, right[BASELINE]))
        ends = [_values(high[name], measure, group)[BASELINE] for name in (first, second)]
        add(BOTH_SIDES, PEOPLE_AND_CARE, HIGH, "assumption", ends[0] - ends[1])
    return pd.DataFrame(rows, columns=VARIED), pd.DataFrame(_counted((a, b), scheme, scenario.year), columns=COUNTED)


def _simulated(scenario: Scenario, regions: Regions, name: str, changes: Mapping[str, object], policies: Iterable[Policy],
               threads: int | None) -> Result:
    """A region's first year in a small size, under changes for everybody and policies."""
    return simulate(_small(scenario, regions=(name,), policies=(Policy(BASELINE), *policies),
                           changes={**scenario.changes, **changes}), regions, threads)


def _counted(places: Iterable[Region], scheme: str, year: int) -> list[tuple[str, str, int, int]]:
    """Of each status how many values of either region state alternatives, or how uncertain they are, and how many do not."""
    values = {(value.region, value.path, value.from_): value for place in places for value in unpublished(place, scheme, year)}
    rows = []
    for status in UNPUBLISHED:
        uncertain = [bool(value.alternatives or value.spread) for value in values.values() if value.status == status]
        rows.append((scheme, status, sum(uncertain), len(uncertain) - sum(uncertain)))
    return rows
