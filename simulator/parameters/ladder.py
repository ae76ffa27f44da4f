"""A scheme's ladder of benefits: what each rung changes of the plan in force (docs/fund.md, The ladder).

A rung is an item of every list `control.*.ladder_*`; one of them changes nothing, the plan itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from simulator.money import ONE, ratio
from simulator.parameters.errors import InputError
from simulator.parameters.values import Read

MOST_RUNGS = 8
# The lists that state a ladder, and what an item is that changes nothing.
RUNGS = {"ladder_ratio": 0, "ladder_deductible": 100, "ladder_cap": 100, "ladder_outpatient_ratio": 0,
         "ladder_outpatient_limit": 100}
LADDER_BOUNDS = ("ladder_ratio_low", "ladder_ratio_high")


class Ladder(NamedTuple):
    """The rungs of a scheme in a year, R of them from the leanest to the richest, int64[R] each, in 1/10,000."""

    ratio: np.ndarray              # points on inpatient ratios
    deductible: np.ndarray         # of the plan's
    cap: np.ndarray
    outpatient_ratio: np.ndarray   # points on outpatient ratios
    outpatient_limit: np.ndarray   # of the plan's, for a year
    low: int                       # no ratio is brought below it
    high: int                      # nor above it
    plan: int                      # the place of the rung that changes nothing

    @property
    def rungs(self) -> int:
        return len(self.ratio)


NO_LADDER = Ladder._make([*(np.array([item * 100]) for item in RUNGS.values()), 0, ONE, 0])


def ladder_faults(lists: dict[str, list[Decimal]], bounds: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a ladder: name of the list at fault, problem, value, expected. `lists` are those that are not empty;
    `bounds` holds LADDER_BOUNDS, None where they are not stated."""
    if not lists:
        return
    first = next(iter(lists))
    for name, items in lists.items():
        written = "[" + ", ".join(map(str, items)) + "]"
        if len(items) > MOST_RUNGS:
            yield name, f"a ladder of {len(items)} rungs:", written, f"at most {MOST_RUNGS}"
            return
        if len(items) != len(lists[first]):
            yield (name, f"{len(items)} rungs in", written, f"{len(lists[first])}, as {first} has: an item is a rung, and every "
                   "list has the same rungs")
            return
    rungs = list(zip(*lists.values(), strict=True))
    neutral = [n for n, rung in enumerate(rungs) if rung == tuple(RUNGS[name] for name in lists)]
    if not neutral:
        yield (first, "no rung leaves the plan as it is:", "[" + ", ".join(map(str, lists[first])) + "]",
               "one rung at 0 points and 100% in every list, from which the others go up and down")
    elif len(neutral) > 1:
        yield (first, f"rung {neutral[1] + 1} changes nothing:", f"{lists[first][neutral[1]]}",
               f"a change in one of the lists: rung {neutral[0] + 1} is the plan itself")
    for n, (one, other) in enumerate(zip(rungs, rungs[1:], strict=False)):
        if one == other and len(neutral) <= 1:
            yield first, f"rung {n + 2} changes nothing:", f"{lists[first][n + 1]}", f"another change than rung {n + 1} makes"
    for name in LADDER_BOUNDS:
        if bounds[name] is None:
            yield name, "a ladder without bounds:", "nothing stated", f"the {name[13:]}est ratio that a rung may pay, in %"
    low, high = (bounds[name] for name in LADDER_BOUNDS)
    if low is not None and high is not None and low > high:
        yield LADDER_BOUNDS[0], "above the other bound:", str(low), f"at most {high}, {LADDER_BOUNDS[1]}"


def ladder_of(read: Read, scheme: str, year: int) -> Ladder:
    """The ladder in force. InputError for one that is not in order (`ladder_faults`)."""
    def value(name: str) -> Any:
        found = read(f"control.{scheme}.{name}", year, required=False)
        return None if found is None else found.value

    lists = {name: items for name in RUNGS if (items := value(name))}
    if not lists:
        return NO_LADDER
    bounds = {name: value(name) for name in LADDER_BOUNDS}
    for name, problem, found, expected in ladder_faults(lists, bounds):
        raise InputError(f"control.{scheme}.{name} in {year}: {problem}", value=found, expected=expected)
    rungs = len(next(iter(lists.values())))
    items = {name: lists.get(name, [Decimal(neutral)] * rungs) for name, neutral in RUNGS.items()}
    plan = next(n for n in range(rungs) if all(items[name][n] == neutral for name, neutral in RUNGS.items()))
    columns = (np.array([ratio(item) for item in items[name]], dtype=np.int64) for name in RUNGS)
    return Ladder._make([*columns, *(ratio(bounds[name]) for name in LADDER_BOUNDS), plan])
