"""The doors of the simulation and of batches from Python: a scenario that was made in Python is checked as a file's is."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.parameters.regions import Regions, load_regions
from simulator.scenario import Scenario, check

if TYPE_CHECKING:
    from simulator.answers.batch import Batch
    from simulator.engine.outcome import Result
    from simulator.engine.simulate import Progress
    from simulator.engine.workers import Pool


def simulate(scenario: Scenario, regions: Regions | None = None, threads: int | None = None, progress: Progress | None = None,
             pool: Pool | None = None, chunk: int | None = None) -> Result:
    """Simulate a scenario in memory, as `engine.simulate.simulate` does; nothing is written. InputError for what would be refused
    in a scenario file."""
    from simulator.engine.simulate import simulate as simulated
    regions = regions or load_regions()
    scenario = scenario.in_names_of(regions) if isinstance(scenario, Scenario) else scenario
    check(scenario, regions)
    return simulated(scenario, regions, threads, progress, pool, chunk)


def run_batch(scenarios: Iterable[Scenario], regions: Regions | None = None, store_folder: Path | str = "results/parts",
              threads: int | None = None, jobs: int = 0, tell: Progress | None = None, pool: Executor | None = None) -> Batch:
    """Answer every question of the scenarios, in memory beside the parts kept in `store_folder`, as `answers.batch.run_batch`
    does; `batch` writes a folder as well. InputError for what would be refused in a scenario file."""
    from simulator.answers.batch import run_batch as answered
    regions = regions or load_regions()
    scenarios = [one.in_names_of(regions) if isinstance(one, Scenario) else one for one in scenarios]
    check_all(scenarios, regions)
    return answered(scenarios, regions, Path(store_folder), threads, jobs, tell or (lambda what, done, steps: None), pool)


def check_all(scenarios: Iterable[Scenario], regions: Regions) -> None:
    """Refuse the first scenario that would be refused as a file. InputError."""
    for scenario in scenarios:
        check(scenario, regions)
