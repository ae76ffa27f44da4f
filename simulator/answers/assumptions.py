"""How much of the gap between two regions comes from values of status `assumption`.

Two experiments on the first year answer it, with few draws and with the same people and random numbers throughout. One gives
the deductible three shapes, each with the schedule's level solved to its target and left unsolved. The other gives the second
region the first region's value wherever the two differ and one of them is assumed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from simulator.engine.measures import half_width, summarise
from simulator.engine.outcome import Result
from simulator.engine.simulate import simulate
from simulator.parameters.catalogue import PER, TIERS
from simulator.parameters.merged import origins
from simulator.parameters.regions import Region, Regions
from simulator.scenario import BASELINE, Policy, Scenario, parts_of

MEASURES = (("expenditure_per_head", ""), ("oop_per_head", ""), ("oop_share_of_income", ""),
            ("catastrophic_25", "layer:assistance"), ("in_scope_ratio", ""))
DEDUCTIBLE_SHAPES = ("shipped", "flat", "steep")
MOST_DRAWS, MOST_PEOPLE = 16, 20_000           # of the small runs


def deductible_shape(region: Region, scheme: str, year: int, shape: str) -> dict[str, list[Decimal]]:
    """The deductible by tier and order in a shape: `shipped`; `flat`, the county hospital's everywhere; or `steep`, half of the
    shipped one in townships and twice in city and out-of-area hospitals."""
    shipped = region.value(f"inpatient.{scheme}.deductible", year).value
    if shape == "flat":
        return {tier: shipped["county"] for tier in TIERS}
    if shape == "steep":
        factor = {"township": Decimal("0.5"), "county": Decimal(1), "city": Decimal(2), "outside": Decimal(2)}
        return {tier: [amount * factor[tier] for amount in shipped[tier]] for tier in TIERS}
    return dict(shipped)


def _small(scenario: Scenario, **changes: Any) -> Scenario:
    """The scenario in a small size: its first year, few draws and people, without the fund's or the patients' response."""
    people = min(scenario.people or MOST_PEOPLE, MOST_PEOPLE)
    return scenario.but(horizon=1, draws=min(scenario.draws, MOST_DRAWS), people=people, replicas=1, response="none",
                        demand=False, precision=None, **changes)    # patients do not respond to a change of an assumption


def _values(result: Result, name: str, group: str) -> dict[tuple[str, str, str], np.ndarray]:
    """The values float64[D] of a measure in the first year, by region, scheme and policy."""
    found = {}
    for scheme in result.schemes:
        for measure in scheme.measures[scheme.years[0]]:
            if (measure.name, measure.group) == (name, group):
                for p, policy in enumerate(scheme.policies):
                    found[scheme.region, scheme.scheme, policy] = measure.values[:, p]
    return found


def shape_gaps(scenario: Scenario, regions: Regions, threads: int | None = None) -> pd.DataFrame:
    """The gap (first region less second) under each shape and level, in a row each."""
    first, second = scenario.regions[:2]
    rows = []
    for scheme in scenario.schemes:
        results = {}
        for name in (first, second):
            policies = [Policy(BASELINE)]
            for shape in DEDUCTIBLE_SHAPES:
                changes: dict[str, object] = {} if shape == "shipped" else {
                    f"inpatient.{part}.deductible": deductible_shape(regions[name], part, scenario.year, shape)
                    for part in dict.fromkeys((*origins(scheme), scheme))
                    if regions[name].value(f"inpatient.{part}.deductible", scenario.year, required=False)}
                policies += [Policy(f"{shape} solved", changes, "own"), Policy(f"{shape} unsolved", changes, "none")]
            results[name] = simulate(_small(scenario, regions=(name,), schemes=(scheme,), policies=tuple(policies)), regions,
                                     threads)
        for measure, group in MEASURES:
            a, b = (_values(results[name], measure, group) for name in (first, second))
            for shape in DEDUCTIBLE_SHAPES:
                for level in ("solved", "unsolved"):
                    policy = f"{shape} {level}"
                    left, right = a[first, scheme, policy], b[second, scheme, policy]
                    gap = summarise(left - right)
                    rows.append((measure, group, scheme, shape, level, float(left.mean()), float(right.mean()), gap["mean"],
                                 gap["se"]))
    return pd.DataFrame(rows, columns=("measure", "group", "scheme", "shape", "level", "a", "b", "gap", "se"))


def assumed_differences(a: Region, b: Region, schemes: tuple[str, ...], year: int) -> dict[str, object]:
    """The values of `a` wherever the two regions differ and either value is an assumption.

    Head counts and the date of a merger are not among them.
    """
    changes: dict[str, object] = {}
    for path in a.paths():
        topic, *middle, name = path.split(".")
        if name == "participants" or topic == "merger":
            continue
        if PER[topic] == "scheme" and middle[0] not in parts_of(schemes):
            continue
        one, two = a.value(path, year, required=False), b.value(path, year, required=False)
        if one is not None and two is not None and one.value != two.value and "assumption" in (one.status, two.status):
            changes[path] = one.value
    return changes


def swap_gaps(scenario: Scenario, regions: Regions, threads: int | None = None) -> tuple[pd.DataFrame, list[str]]:
    """The gap as shipped, and with the second region under the first's assumed values (its level solved anew to its own target).

    Returns a row for each measure and scheme, and the paths of the values that were swapped.
    """
    first, second = scenario.regions[:2]
    changes = assumed_differences(regions[first], regions[second], scenario.schemes, scenario.year)
    plain = simulate(_small(scenario, regions=(first, second), policies=(Policy(BASELINE),)), regions, threads)
    swapped = simulate(_small(scenario, regions=(second,), policies=(Policy(BASELINE),), changes={**scenario.changes, **changes}),
                       regions, threads)
    rows = []
    for measure, group in MEASURES:
        as_is, other = _values(plain, measure, group), _values(swapped, measure, group)
        for scheme in scenario.schemes:
            a, b = as_is[first, scheme, BASELINE], as_is[second, scheme, BASELINE]
            c = other[second, scheme, BASELINE]
            moved = summarise(c - b)
            half = half_width(moved["se"], len(b))
            rows.append((measure, group, scheme, float((a - b).mean()), float((a - c).mean()), moved["mean"], moved["se"],
                         moved["mean"] - half, moved["mean"] + half))
    columns = ("measure", "group", "scheme", "gap", "gap_without_assumptions", "from_assumptions", "se", "low", "high")
    return pd.DataFrame(rows, columns=columns), sorted(changes)
