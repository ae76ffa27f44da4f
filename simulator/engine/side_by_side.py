"""A run's schemes simulated side by side, each where there is a place for it: the result is that of `simulate`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from simulator.engine.outcome import Result, SchemeResult
from simulator.engine.places import Hear, Places
from simulator.engine.simulate import Progress, simulate, simulate_worlds
from simulator.engine.worlds import paths_of
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario


def simulate_at(scenario: Scenario, places: Places, progress: Progress | None = None,
                behind: Callable[[], None] = lambda: None) -> Result:
    """Simulate a scenario, the schemes of its regions side by side. `behind` submits what places may do once no scheme is left
    to begin. InputError for bad changes."""
    regions = places.regions
    asked = [(region, scheme) for region in scenario.regions for scheme in scenario.schemes]
    steps, begun = len(asked) * scenario.horizon, count()
    tell: Progress = progress or (lambda what, done, steps: None)

    def worlds(some: range) -> Result:
        places.hear = lambda what: tell(what, next(begun), steps)
        done = [places.submit(scheme_of, scenario, one, some, places.threads) for one in asked]
        if some.start == 0:
            behind()
        return Result(scenario, [future.result() for future in done], paths_of(scenario, regions, some))

    if places.count > 1:
        return simulate(scenario, regions, places.threads, tell, worlds=worlds)
    result = simulate(scenario, regions, places.threads, tell)
    behind()
    return result


def scheme_of(hear: Hear, regions: Regions, scenario: Scenario, one: tuple[str, str], worlds: range,
              threads: int) -> SchemeResult:
    """One region and scheme of a scenario in some worlds, as it is beside the others."""
    return simulate_worlds(scenario, regions, worlds, threads, lambda what, done, steps: hear(what), only=one).schemes[0]
