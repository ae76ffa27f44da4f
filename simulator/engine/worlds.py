"""Worlds and the rosters they live on.

A draw is a *world*, and has a number: its economy, its claims and its roster hang on that number alone. World i lives on roster
i mod ROSTERS, however many worlds there are, so that which households happened to be simulated is part of every error. More
worlds continue the numbering; what two sets of worlds left can be put together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.care.paths import Paths, sample_paths
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario

ROSTERS = 10


def roster_numbers(worlds: Sequence[int]) -> tuple[list[int], np.ndarray]:
    """The rosters that worlds live on, in rising order, and the place of each world's own among them, int64[D]."""
    numbers, places = np.unique(np.asarray(worlds, dtype=np.int64) % ROSTERS, return_inverse=True)
    return numbers.tolist(), places


def paths_of(scenario: Scenario, regions: Regions, worlds: range) -> Paths:
    """The economy of some worlds of a scenario: that of its first region, under the changes for everybody."""
    return sample_paths(scenario.changed(regions[scenario.regions[0]]).value, scenario.seed, worlds, scenario.year,
                        scenario.horizon, scenario.systematic, scenario.given)
