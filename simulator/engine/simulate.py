"""A scenario answered: its schemes, each in all worlds of its own course (course.py), and what they come to.

More worlds can be simulated later and put beside (`joined`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import numpy as np

from simulator.care.paths import Paths
from simulator.engine.course import Course
from simulator.engine.funds import UnitYears
from simulator.engine.given import refuse_given
from simulator.engine.measures import pooled_sums
from simulator.engine.outcome import Result, SchemeResult, joined
from simulator.engine.precision import first_draws, more_draws, reached
from simulator.engine.settle_year import digest_of
from simulator.engine.workers import EVERY_WALK, Pool, Serial, Workers
from simulator.engine.worlds import paths_of
from simulator.fund.accounts import YearLedger
from simulator.kernel.programs import start_compiling
from simulator.parameters.regions import Region, Regions
from simulator.parameters.uncertain import SHOCKS
from simulator.scenario import Scenario

Progress = Callable[[str, int, int], None]        # what is being done, steps done, steps in all


def simulate(scenario: Scenario, regions: Regions, threads: int | None = None, progress: Progress | None = None,
             pool: Pool | None = None, chunk: int | None = None, worlds: Callable[[range], Result] | None = None) -> Result:
    """Simulate a scenario. InputError for bad changes.

    `threads` (default: all cores) walk the draws, or `pool`: an executor of `concurrent.futures` (processes started by `spawn`,
    never by `fork`) or Dask's `client.get_executor()`, `chunk` walks (replicas of a draw) a task. `worlds` simulates some worlds
    in another way (`side_by_side.py`). None of them changes a result.
    Where a precision is asked, draws are added until it is met: the result is that of the scenario with so many draws.
    """
    tell = progress or (lambda what, done, steps: None)
    some = worlds or (lambda asked: simulate_worlds(scenario, regions, asked, threads, tell, pool, chunk))
    draws = scenario.draws if scenario.precision is None else first_draws(scenario)
    result = some(range(draws))
    if scenario.precision is not None:
        found = reached(result.schemes, scenario, None)
        while more := more_draws(found, tell):
            result = joined(result, some(range(found.draws, more)))
            found = reached(result.schemes, scenario, found)
        result = replace(result, scenario=scenario.but(draws=found.draws, precision=None), precision=found)
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    tell("done", steps, steps)
    return result


def simulate_worlds(scenario: Scenario, regions: Regions, worlds: range, threads: int | None = None,
                    progress: Progress | None = None, pool: Pool | None = None, chunk: int | None = None,
                    only: tuple[str, str] | None = None) -> Result:
    """Simulate some worlds of a scenario, whatever number of draws it asks for; `only` one region and scheme of it, as they are
    beside the others."""
    refuse_given(scenario, regions)
    start_compiling()
    tell = progress or (lambda what, done, steps: None)
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    begun = count()
    paths = paths_of(scenario, regions, worlds)
    cores = threads or os.cpu_count() or 1
    # Two schemes at a time, so that the draws of one are walked while the other's people and funds are worked out; one core does
    # one thing after the other.
    with ThreadPoolExecutor(cores) as walkers, ThreadPoolExecutor(min(cores, 2)) as pair:
        own: Pool = walkers if cores > 1 else Serial()
        workers = Workers(pool or own, EVERY_WALK if chunk is None and pool is None and cores == 1 else chunk, own.map)

        def scheme_of(asked: tuple[Region, str]) -> SchemeResult:
            return simulate_scheme(scenario, *asked, worlds, paths, workers, lambda what: tell(what, next(begun), steps))

        try:
            asked = [(regions[name], scheme) for name in scenario.regions for scheme in scenario.schemes
                     if only in (None, (name, scheme))]
            schemes = list(pair.map(scheme_of, asked))
        except BaseException:
            walkers.shutdown(cancel_futures=True)            # the other scheme ends with its next draw
            raise
    return Result(scenario, schemes, paths)


def simulate_scheme(scenario: Scenario, region: Region, scheme: str, worlds: range, paths: Paths, workers: Workers,
                    tell: Callable[[str], None]) -> SchemeResult:
    """One scheme of a region under all policies of a scenario, in some worlds: the same people fall ill the same way under
    each. `paths` are those of the worlds."""
    course = Course(scenario, region, scheme, worlds, paths, workers)
    roster = course.groups[0].roster
    measures, pooled, ledgers, units, heads = {}, {}, {}, {}, {}
    left: list[list[bytes]] = [[] for _ in worlds]
    for found in course.years(tell):
        year = found.year
        measures[year] = found.care + found.fund + found.net + found.memo
        if workers.whole:
            ledgers[year], units[year], heads[year] = found.ledger, found.units, found.heads
            pooled[year] = pooled_sums(found.sums, found.sample, roster)
            for of_world, *digests in zip(left, *found.digests, ledger_digests(found.ledger, found.units), strict=True):
                of_world.extend(digests)
    readers = (*(group.people.reader for group in course.groups), *course.readers)
    used = {(v.region, v.path, v.from_, v.source): v for reader in readers for v in reader.used}
    rows, participants = (sum(getattr(group.people.roster, name) for group in course.groups) for name in ("rows", "participants"))
    return SchemeResult(region.name, scheme, tuple(policy.name for policy in scenario.policies), scenario.years, worlds, measures,
                        pooled, ledgers, units, heads, course.rules.stated.levels(), list(used.values()), rows, participants,
                        tuple(hashlib.sha256(b"".join(of_world)).digest() for of_world in left), course.settings.asked,
                        course.rules.books, course.rules.book,
                        [course.readers.region.value(path, scenario.year) for path in SHOCKS])


def ledger_digests(ledger: YearLedger, units: UnitYears) -> list[bytes]:
    """The digest of what a year's ledger, and the balances of its units, hold in each world."""
    columns = np.stack([column for column in ledger.columns().values() if column.dtype == np.int64], axis=1)
    return [digest_of([of_world, of_units]) for of_world, of_units in zip(columns, units.balance, strict=True)]
