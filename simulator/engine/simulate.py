"""The model in one sentence: people claim care, their bills are settled, the fund pays them, and each year is measured.

`simulate` answers a scenario; `simulate_scheme` follows one scheme of one region from year to year, in some worlds, which never
wait for each other: more of them can be simulated later and put beside (`joined`). Work is shared out by draws and replicas,
never by people, and every sum is an integer, so that workers and chunks leave no trace in a result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count

import numpy as np

from simulator.care.paths import Paths
from simulator.engine.enrolment import enrolment_response, people_of
from simulator.engine.flows import added, check, joined_claims, nearest, population_claims, total_of, year_flows
from simulator.engine.measures import joined_sample, ledger_measures, pooled_sums, year_measures
from simulator.engine.memo import memo_measures
from simulator.engine.net_burden import net_burden_measures
from simulator.engine.openings import open_calendar
from simulator.engine.outcome import Result, SchemeResult, joined
from simulator.engine.policies import Rules, readers_of
from simulator.engine.precision import first_draws, more_draws, reached
from simulator.engine.settle_year import digest_of, settle_year
from simulator.engine.workers import Pool, Serial, Workers
from simulator.engine.worlds import paths_of
from simulator.fund.accounts import YearLedger
from simulator.fund.terms import fund_terms_of, stack_terms
from simulator.kernel.programs import start_compiling
from simulator.parameters.regions import Region, Regions
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
        workers = Workers(pool or own, chunk, own.map)

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
    readers = readers_of(region, scenario, keep=not workers.whole)
    groups = people_of(scenario, readers.region, scheme, worlds)
    rules = Rules(scenario, scheme, [group.people for group in groups], readers)
    calendar, measures, pooled, ledgers, heads = None, {}, {}, {}, {}
    left: list[list[bytes]] = [[] for _ in worlds]
    exhausted = np.zeros((len(worlds), len(readers)), dtype=bool)
    for y, year in enumerate(scenario.years):
        tell(f"{region.name} {scheme} {year}")
        economy = paths.year(y)

        # People: who is insured this year, and what policies move in it.
        group_years = [group.year(year, economy) for group in groups]
        active = group_years[0].active
        terms = readers.once(("fund", scheme, year, scenario.year), partial(fund_terms_of, readers, scheme, year, scenario.year))
        stacked = stack_terms(terms)
        calendar = calendar or open_calendar(scenario, group_years, readers)
        enrolled, claiming = enrolment_response(terms, calendar.premium_step, readers, scheme, year)
        heads[year] = total_of(nearest(group_year.members[:, None] * enrolled) for group_year in group_years)

        # Care and settlement: each group's claims, drawn and settled bill by bill, then raised from the sample to its members.
        account = calendar.account_per_head(stacked, heads[year], economy.funding, economy.income, active)
        claims, sums, samples = [], [], []
        for number, group_year in enumerate(group_years):
            policies = rules.in_force(number, group_year, calendar.factor, account)
            settled = settle_year(group_year, policies, economy, workers)
            check(settled.sums, f"{region.name} {scheme} {year}")
            sample = group_year.sample(economy.income)
            claims.append(population_claims(settled.sums, settled.expected, sample, group_year.members, claiming))
            sums.append(settled.sums)
            samples.append(sample)
            for of_world, digest in zip(left, settled.digests, strict=True):
                of_world.append(digest)

        # The fund: twelve months of receipts and payments, and the year end with its tests and responses.
        whole = joined_claims(claims)
        ledger = ledgers[year] = calendar.advance(stacked, year_flows(year, heads[year], whole, economy, active))
        for of_world, digest in zip(left, ledger_digests(ledger) if workers.whole else (), strict=workers.whole):
            of_world.append(digest)

        # Measures: of care and burden from the sample, of the fund from its ledger, and memo figures beside both.
        exhausted = exhausted | (ledger.accrued_closing < 0)
        together, sample = added(sums), joined_sample(samples)
        if workers.whole:
            pooled[year] = pooled_sums(together, sample, groups[0].roster)
        measures[year] = (year_measures(together, sample) + ledger_measures(ledger, heads[year], exhausted, whole.chance)
                          + net_burden_measures(together, sample, ledger, stacked, readers, heads[year], economy.funding)
                          + memo_measures(readers, scheme, year, scenario.year, together, heads[year], sample))
    used = {(v.region, v.path, v.from_, v.source): v for reader in (*(group.people.reader for group in groups), *readers)
            for v in reader.used}
    rows, participants = (sum(getattr(group.people.roster, name) for group in groups) for name in ("rows", "participants"))
    return SchemeResult(region.name, scheme, tuple(policy.name for policy in scenario.policies), scenario.years, worlds, measures,
                        pooled, ledgers, heads, rules.levels(), list(used.values()), rows, participants,
                        tuple(hashlib.sha256(b"".join(of_world)).digest() for of_world in left))


def ledger_digests(ledger: YearLedger) -> list[bytes]:
    """The digest of what a year's ledger holds in each world."""
    columns = np.stack([column for column in ledger.columns().values() if column.dtype == np.int64], axis=1)
    return [digest_of([of_world]) for of_world in columns]
