"""A run's schemes simulated side by side, each where there is a place for it: the result is that of `simulate`."""

from __future__ import annotations

from itertools import count
from typing import Any

from simulator.engine.outcome import Result, SchemeResult
from simulator.engine.places import Hear, Places, Task
from simulator.engine.simulate import Progress, simulate, simulate_worlds
from simulator.engine.worlds import paths_of
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario

CLAIM_MOST = ("nrcms", "urrbmi")         # schemes whose people have most visits that are walked


def simulate_at(scenario: Scenario, places: Places, progress: Progress | None = None,
                after: Task | None = None) -> tuple[Result, dict[tuple[str, str], Any]]:
    """Simulate a scenario, the schemes of its regions side by side. Where the people of a region and scheme are, `after` is done
    with them: `after(hear, regions, scenario, (region, scheme), threads)`; what it gives is the second of what is returned.
    InputError for bad changes."""
    regions = places.regions
    asked = [(region, scheme) for region in scenario.regions for scheme in scenario.schemes]
    steps, begun = len(asked) * scenario.horizon, count()
    tell: Progress = progress or (lambda what, done, steps: None)
    found: dict[tuple[str, str], Any] = {}

    def worlds(some: range) -> Result:
        places.hear = lambda what: tell(what, next(begun), steps)
        first = after if some.start == 0 else None
        begun_at = {one: places.submit(scheme_of, scenario, one, some, places.threads, first) for one in longest_first(asked)}
        results = [begun_at[one].result() for one in asked]
        if first:
            found.update({one: more for one, (_, more) in zip(asked, results, strict=True)})
        return Result(scenario, [result for result, _ in results], paths_of(scenario, regions, some))

    if places.count > 1:
        return simulate(scenario, regions, places.threads, tell, worlds=worlds), found
    result = simulate(scenario, regions, places.threads, tell)
    if after:
        found.update({one: after(lambda what: None, regions, scenario, one, places.threads) for one in asked})
    return result, found


def longest_first(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Regions and schemes in an order in which places end together: those that claim most first, which take longest, urban
    residents, who claim least, last; a scheme's regions, which take about as long, one after the other."""
    return sorted(asked, key=lambda one: (one[1] not in CLAIM_MOST, one[1]))


def scheme_of(hear: Hear, regions: Regions, scenario: Scenario, one: tuple[str, str], worlds: range, threads: int,
              after: Task | None) -> tuple[SchemeResult, Any]:
    """One region and scheme of a scenario in some worlds, as it is beside the others, and what comes after it."""
    result = simulate_worlds(scenario, regions, worlds, threads, lambda what, done, steps: hear(what), only=one).schemes[0]
    return result, after(hear, regions, scenario, one, threads) if after else None
