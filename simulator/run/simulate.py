"""The model in one sentence: people claim care, their bills are settled, the fund pays them, and each year is measured.

`simulate` answers a scenario; `simulate_scheme` follows one scheme of one region from year to year. Years are barriers: all
draws of a year are settled before the fund closes it, and what the fund decides (a control factor, a rise of the premium) holds
in the next. Work is shared out by draws and replicas, never by people, and every sum is an integer, so that workers and chunks
leave no trace in a result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from simulator.care.paths import Paths, sample_paths
from simulator.fund.accounts import YearLedger
from simulator.fund.terms import fund_terms
from simulator.kernel.programs import start_compiling
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value
from simulator.run.enrolment import enrolment_response, people_of
from simulator.run.flows import added, check, joined, nearest, population_claims, total_of, year_flows
from simulator.run.level import Level
from simulator.run.measures import Measure, joined_sample, ledger_measures, year_measures
from simulator.run.memo import memo_measures
from simulator.run.openings import open_calendar
from simulator.run.policies import Rules, policy_reader
from simulator.run.precision import Finished, Precision, first_draws, more_draws, reached
from simulator.run.settle_year import SettleYear, settle_year
from simulator.run.workers import Pool, Workers
from simulator.scenario import Scenario

Progress = Callable[[str, int, int], None]        # what is being done, steps done, steps in all


@dataclass(frozen=True)
class SchemeResult:
    """One region and scheme over all years: measures [D, P] by year, ledgers, levels, and what it was made of."""

    region: str
    scheme: str
    policies: tuple[str, ...]
    years: range
    measures: dict[int, list[Measure]]
    ledgers: dict[int, YearLedger]
    members: dict[int, np.ndarray]             # int64[D, P]
    levels: list[Level]
    used: list[Value]                          # every parameter value that was read
    rows: int                                  # of the roster
    participants: int                          # whom the rows of the first year stand for
    digest: str                                # SHA-256 of every integer the years left: sums and ledgers


@dataclass(frozen=True)
class Result:
    """All schemes of all regions of a scenario."""

    scenario: Scenario
    schemes: list[SchemeResult]
    paths: Paths = field(repr=False)
    precision: Precision | None = None         # where one was asked; `scenario` is then that of the draws it took


def simulate(scenario: Scenario, regions: Regions, threads: int | None = None, progress: Progress | None = None,
             pool: Pool | None = None, chunk: int | None = None) -> Result:
    """Simulate a scenario. InputError for bad changes.

    `threads` (default: all cores) walk the draws, or `pool`: an executor of `concurrent.futures` (processes started by `spawn`,
    never by `fork`) or Dask's `client.get_executor()`, `chunk` walks (replicas of a draw) a task. None of them changes a result.
    Where a precision is asked, draws are added until it is met: the result is that of the scenario with so many draws.
    """
    start_compiling()
    tell = progress or (lambda what, done, steps: None)
    if scenario.precision is None:
        result = simulate_draws(scenario, regions, threads, tell, settle_year, pool, chunk)
    else:
        with Finished(settle_year) as finished:
            draws: int | None = first_draws(scenario)
            found: Precision | None = None
            while draws:
                result = simulate_draws(scenario.but(draws=draws, precision=None), regions, threads, tell, finished,
                                        pool, chunk)
                found = reached(result.schemes, scenario, found)
                draws = more_draws(found, tell)
            result = replace(result, precision=found)
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    tell("done", steps, steps)
    return result


def simulate_draws(scenario: Scenario, regions: Regions, threads: int | None, tell: Progress, settle: SettleYear,
                   pool: Pool | None = None, chunk: int | None = None) -> Result:
    """Simulate as many draws as the scenario has; `settle` settles a group's year."""
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    begun = count()
    base = regions[scenario.regions[0]]
    paths = sample_paths(base.value, scenario.seed, range(scenario.draws), scenario.year, scenario.horizon, scenario.systematic)
    cores = threads or os.cpu_count() or 1
    # Two schemes at a time, so that the draws of one are walked while the other's people and funds are worked out.
    with ThreadPoolExecutor(cores) as walkers, ThreadPoolExecutor(min(cores, 2)) as pair:
        workers = Workers(pool or walkers, chunk, walkers.map)

        def scheme_of(asked: tuple[Region, str]) -> SchemeResult:
            return simulate_scheme(scenario, *asked, paths, workers, lambda what: tell(what, next(begun), steps), settle)

        try:
            asked = [(regions[name], scheme) for name in scenario.regions for scheme in scenario.schemes]
            schemes = list(pair.map(scheme_of, asked))
        except BaseException:
            walkers.shutdown(cancel_futures=True)            # the other scheme ends with its next draw
            raise
    return Result(scenario, schemes, paths)


def simulate_scheme(scenario: Scenario, region: Region, scheme: str, paths: Paths, workers: Workers,
                    tell: Callable[[str], None], settle: SettleYear = settle_year) -> SchemeResult:
    """One scheme of a region under all policies of a scenario: the same people fall ill the same way under each."""
    changed = region.with_changes(scenario.changes, scenario.name) if scenario.changes else region
    readers = [policy_reader(changed, policy, scenario.name) for policy in scenario.policies]
    groups = people_of(scenario, changed, scheme)
    rules = Rules(scenario, scheme, [group.people for group in groups], readers)
    calendar, measures, ledgers, heads, digest = None, {}, {}, {}, hashlib.sha256()
    exhausted = np.zeros((scenario.draws, len(readers)), dtype=bool)
    for y, year in enumerate(scenario.years):
        tell(f"{region.name} {scheme} {year}")
        economy = paths.year(y)

        # People: who is insured this year, and what policies move in it.
        group_years = [group.year(year, economy) for group in groups]
        active = group_years[0].people.active
        terms = [fund_terms(reader, scheme, year, scenario.year) for reader in readers]
        calendar = calendar or open_calendar(scenario, group_years, readers)
        enrolled, claiming = enrolment_response(terms, calendar.premium_step, readers, scheme, year)
        heads[year] = total_of(nearest(group_year.members[:, None] * enrolled) for group_year in group_years)

        # Care and settlement: each group's claims, drawn and settled bill by bill, then raised from the sample to its members.
        account = calendar.account_per_head(terms, heads[year], economy.funding, economy.income, active)
        claims, sums, samples = [], [], []
        for number, group_year in enumerate(group_years):
            policies = rules.in_force(number, group_year, calendar.factor, account)
            group_sums, expected = settle(group_year, policies, economy, workers)
            check(group_sums, f"{region.name} {scheme} {year}")
            sample = group_year.people.sample.walked(group_year.group.replicas, economy.income)
            claims.append(population_claims(group_sums, expected, sample, group_year.members, claiming))
            sums.append(group_sums)
            samples.append(sample)
            add_to_digest(digest, group_sums)

        # The fund: twelve months of receipts and payments, and the year end with its tests and responses.
        whole = joined(claims)
        ledger = ledgers[year] = calendar.advance(terms, year_flows(year, heads[year], whole, economy, active))
        add_to_digest(digest, (column for column in ledger.columns().values() if column.dtype == np.int64))

        # Measures: of care and burden from the sample, of the fund from its ledger, and memo figures beside both.
        exhausted = exhausted | (ledger.accrued_closing < 0)
        settled, sample = added(sums), joined_sample(samples)
        measures[year] = (year_measures(settled, sample) + ledger_measures(ledger, heads[year], exhausted, whole.chance)
                          + memo_measures(readers, scheme, year, scenario.year, settled, heads[year], sample))
    used = {(v.region, v.path, v.from_, v.source): v for reader in (*(group.people.reader for group in groups), *readers)
            for v in reader.used}
    rows, participants = (sum(getattr(group.people.roster, name) for group in groups) for name in ("rows", "participants"))
    return SchemeResult(region.name, scheme, tuple(policy.name for policy in scenario.policies), scenario.years, measures,
                        ledgers, heads, rules.solved(), list(used.values()), rows, participants, digest.hexdigest())


def add_to_digest(digest: hashlib._Hash, arrays: Iterable[np.ndarray]) -> None:
    """Add arrays to a digest: int64, little-endian, in their order."""
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
