"""One scenario, the whole pipeline: people, care, settlement, fund, measures, year by year.

Years are barriers: all draws of a year are walked and settled, then the funds have their year. Work
is shared out by draws and replicas, never by people, and every sum is an integer, so workers and
chunks leave no trace in the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from simulator.care.conduct import Variant, stack
from simulator.care.paths import Paths, sample_paths
from simulator.care.reforms import power
from simulator.care.walk import CHANCE, PRICE, RATE
from simulator.fund.accounts import YearLedger
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.pooling import Counties
from simulator.fund.terms import FundTerms, fund_terms
from simulator.kernel.draw import slip_terms
from simulator.kernel.programs import start_compiling
from simulator.kernel.sums import SLIPS, Sums
from simulator.money import ONE, UNLIMITED
from simulator.parameters.catalogue import CLASSES as CLASS_NAMES
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value
from simulator.plan import (
    ACCOUNT_BALANCE,
    CLASSES,
    FACTOR,
    PAYMENT_COUNTIES,
    PILOT_COUNTIES,
    REFERENCE_PRICE,
    RELIEF_RATIO,
    pack,
)
from simulator.run.demand import MAJORANT
from simulator.run.flows import Claims, check, joined, nearest, population_claims, total_of
from simulator.run.level import Level
from simulator.run.measures import Measure, Sample, ledger_measures, year_measures
from simulator.run.memo import memo_measures
from simulator.run.merger import merger_terms, origins
from simulator.run.policies import Rules, policy_reader
from simulator.run.precision import Finished, Precision, first_draws, more_draws, reached
from simulator.run.prepare import SchemePeople, YearPeople, prepare
from simulator.run.workers import Futures, Pool, Workers, YearWork, walk_all
from simulator.scenario import Scenario
from simulator.tables import YearFlows

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
    members: dict[int, np.ndarray]
    levels: list[Level]
    used: list[Value]
    rows: int
    participants: int
    digest: str                    # SHA-256 of every integer the years left: sums and ledgers


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


def simulate_draws(scenario: Scenario, regions: Regions, threads: int | None, tell: Progress, settle: Callable,
                   pool: Pool | None = None, chunk: int | None = None) -> Result:
    """Simulate as many draws as the scenario has; `settle` settles a year as `settle_year` does."""
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    begun = count()
    base = regions[scenario.regions[0]]
    paths = sample_paths(base.value, scenario.seed, range(scenario.draws), scenario.year, scenario.horizon, scenario.systematic)
    cores = threads or os.cpu_count() or 1
    # Two schemes at a time, so that the draws of one are walked while the other's people and funds are worked out.
    with ThreadPoolExecutor(cores) as own, ThreadPoolExecutor(min(cores, 2)) as pair:
        workers = Workers(pool or own, chunk, own.map)

        def one(asked: tuple[Region, str]) -> SchemeResult:
            return simulate_scheme(scenario, *asked, paths, workers, lambda what: tell(what, next(begun), steps), settle)

        try:
            results = list(pair.map(one, [(regions[name], scheme) for name in scenario.regions for scheme in scenario.schemes]))
        except BaseException:
            own.shutdown(cancel_futures=True)                # the other scheme ends with its next draw
            raise
    return Result(scenario, results, paths)


@dataclass
class Group:
    """People of one origin within a scheme (urrbmi has two), and what the simulation remembers of them."""

    people: SchemePeople
    scheme: str                    # whose: the merged scheme has groups of other schemes
    replicas: int
    start_rows: int
    central: float = 1.0           # members relative to what births and deaths alone would leave

    def members(self, ready: YearPeople, year: int, paths: Paths, y: int) -> np.ndarray:
        """Members of each draw, int64[D]."""
        here = ready.present / self.start_rows
        self.central = enrolment(self.people, year, here, self.central)
        return nearest(self.people.roster.participants * here * self.central * paths.enrolment[:, y])


def simulate_scheme(scenario: Scenario, region: Region, scheme: str, paths: Paths, workers: Workers,
                    tell: Callable[[str], None], settle: Callable | None = None) -> SchemeResult:
    """One region and scheme under all policies of a scenario: the same people fall ill the same way under each."""
    everywhere = region.with_changes(scenario.changes, scenario.name) if scenario.changes else region
    ruled = [policy_reader(everywhere, policy, scenario.name) for policy in scenario.policies]
    groups = people_of(scenario, everywhere, scheme)
    rules = Rules(scenario, scheme, [group.people for group in groups], ruled)
    shape = scenario.draws, len(ruled)
    calendar, measures, ledgers, heads = None, {}, {}, {}
    exhausted = np.zeros(shape, dtype=bool)
    digest = hashlib.sha256()
    for y, year in enumerate(scenario.years):
        tell(f"{region.name} {scheme} {year}")
        fund = [fund_terms(reader, scheme, year, scenario.year) for reader in ruled]
        ready = [group.people.year(year) for group in groups]
        base = [group.members(here, year, paths, y) for group, here in zip(groups, ready, strict=True)]
        if calendar is None:
            calendar = open_calendar(scenario, groups, ruled, base, shape)
        enrolled, claiming = joining(fund, calendar.premium_step, ruled, scheme, year)
        members = [nearest(own[:, None] * enrolled) for own in base]
        heads[year] = total_of(members)
        per_head = calendar.account_per_head(fund, heads[year], paths.funding[:, y], paths.income[:, y], ready[0].active)
        claims, sums, samples = [], [], []
        for group, here, own, number in zip(groups, ready, base, range(len(groups)), strict=True):
            plans, variants = rules.of_year(number, here, year)
            terms = with_state(pack(plans), calendar.factor, per_head, ruled, scheme, year, here.active)
            own_sums, expected = (settle or settle_year)(scenario, group, here, terms, variants, paths, y, year, workers)
            check(own_sums, f"{region.name} {scheme} {year}")
            sample = whole_sample(here.sample, group.replicas, paths.income[:, y])
            claims.append(population_claims(own_sums, expected, sample, own, claiming))
            sums.append(own_sums)
            samples.append(sample)
            digest_arrays(digest, own_sums)
        whole = joined(claims)
        ledger = calendar.advance(fund, year_flows(year, heads[year], whole, paths, y, ready[0].active))
        exhausted = exhausted | (ledger.accrued_closing < 0)
        measures[year] = (year_measures(added(sums), added_samples(samples))
                          + ledger_measures(ledger, heads[year], exhausted, whole.chance)
                          + memo_measures(ruled, scheme, year, scenario.year, added(sums), heads[year], added_samples(samples)))
        ledgers[year] = ledger
        digest_arrays(digest, [column for column in ledger.columns().values() if column.dtype == np.int64])
    used = {(v.region, v.path, v.from_, v.source): v for reader in (*(group.people.reader for group in groups), *ruled)
            for v in reader.used}
    rows, participants = (sum(getattr(group.people.roster, name) for group in groups) for name in ("rows", "participants"))
    return SchemeResult(region.name, scheme, tuple(policy.name for policy in scenario.policies), scenario.years, measures,
                        ledgers, heads, rules.solved(), list(used.values()), rows, participants, digest.hexdigest())


def people_of(scenario: Scenario, region: Region, scheme: str) -> list[Group]:
    """The scheme's people; a merged scheme's rows are shared out by participants, so that all rows weigh alike."""
    parts = origins(scheme)
    if len(parts) > 1:
        merger_terms(region.value, region.name, scenario.year)
    participants = [int(region.value(f"population.{part}.participants", scenario.year).value) for part in parts]
    rows = scenario.people or 50_000
    groups = []
    for part, persons in zip(parts, participants, strict=True):
        mine = max((2 * rows * persons + sum(participants)) // (2 * sum(participants)), 1)
        people = prepare(region, part, scenario.year, scenario.horizon, mine, scenario.outpatient_share, scenario.seed)
        replicas = scenario.replicas if scenario.people else -(-people.roster.participants // mine)
        groups.append(Group(people, scheme, replicas, int(people.roster.present(scenario.year).sum())))
    return groups


def open_calendar(scenario: Scenario, groups: list[Group], ruled: list, members: list[np.ndarray], shape) -> Calendar:
    """The scheme's accounts at the start: those of its people's own schemes together.

    A policy begins with the first year, so what is under way before it is the baseline's under every policy.
    """
    opening: dict[str, np.ndarray] = {}
    for group, own in zip(groups, members, strict=True):
        terms = [fund_terms(reader, group.people.scheme, scenario.year, scenario.year) for reader in ruled]
        terms = [replace(terms[0], opening_balance=t.opening_balance, account_opening=t.account_opening) for t in terms]
        for name, amount in opening_accounts(terms, np.broadcast_to(own[:, None], shape)).items():
            opening[name] = opening.get(name, 0) + amount
    roster = groups[0].people.roster
    return Calendar(scenario.year, shape, opening, response=scenario.response,
                    counties=Counties(scenario.seed, roster.people_id, roster.counties))


def joining(fund: list[FundTerms], premium_step: np.ndarray, ruled: list, scheme: str,
            year: int) -> tuple[np.ndarray, np.ndarray]:
    """Members and what they claim in all, relative to the baseline's premium and participation, float64[D, P] each.

    Members move with the participation rate, and with (premium / baseline premium)^elasticity; those who leave or join claim
    `leaver_use` of the mean.
    """
    def number(reader, path: str) -> float:
        return float(reader.value(path, year).value)

    members, claims = np.ones(premium_step.shape), np.ones(premium_step.shape)
    def participation(reader) -> float:
        stated = reader.value(f"population.{scheme}.participation_rate", year, required=False)
        return 1.0 if stated is None else float(stated.value)

    usual = participation(ruled[0])
    for p, (terms, reader) in enumerate(zip(fund, ruled, strict=True)):
        elasticity = number(reader, f"demand.{scheme}.premium_elasticity")
        members[:, p] = participation(reader) / usual
        if elasticity != 0.0 and fund[0].premium > 0:
            for d in range(len(members)):
                ratio = terms.premium * (ONE + int(premium_step[d, p])) / (fund[0].premium * ONE)
                members[d, p] *= min(power(max(ratio, 0.01), elasticity), 1.5)
        claims[:, p] = np.maximum(1.0 + (members[:, p] - 1.0) * number(reader, f"demand.{scheme}.leaver_use") / 100.0, 0.0)
    return members, claims


def with_state(terms: np.ndarray, factor: np.ndarray, per_head: np.ndarray, ruled: list, scheme: str, year: int,
               active: float) -> np.ndarray:
    """Each draw's terms int64[D, P, TERMS]: the control factor and the individual accounts the fund's years have left."""
    result = np.repeat(terms[None], len(factor), axis=0)
    result[..., FACTOR] = factor
    share_active = int(active * ONE + 0.5)
    for p, reader in enumerate(ruled):
        if not per_head[:, p].any():
            continue
        relative = reader.value(f"account.{scheme}.class_ratio", year).value
        weights = [int(relative[name] * 100) for name in CLASS_NAMES]
        mean = max(weights[3] * share_active + weights[4] * (ONE - share_active), 1)       # active and retired members
        for c in range(CLASSES):
            result[:, p, ACCOUNT_BALANCE + c] = per_head[:, p] * weights[c] * ONE // mean
    return result


def whole_sample(sample: Sample, replicas: int, income_index: np.ndarray) -> Sample:
    """The sample with its replicas and the draws' incomes."""
    return sample._replace(persons=sample.persons * replicas, households=sample.households * replicas,
                           sampled_persons=sample.sampled_persons * replicas, income=sample.income * replicas,
                           income_index=income_index)


def added_samples(samples: list[Sample]) -> Sample:
    """Samples of several groups as one; the weight of visits is their mean by persons."""
    persons = sum(sample.persons for sample in samples)
    weight = sum(sample.visit_weight * sample.persons for sample in samples) / max(persons, 1)
    return samples[0]._replace(persons=persons, visit_weight=weight,
                               **{name: sum(getattr(sample, name) for sample in samples)
                                  for name in ("households", "sampled_persons", "income")})


def added(sums: list[Sums]) -> Sums:
    """The sums of several groups together."""
    return sums[0] if len(sums) == 1 else Sums(*(total_of(arrays) for arrays in zip(*sums, strict=True)))


def digest_arrays(digest, arrays) -> None:
    """Add arrays to the digest: int64, little-endian, in their order."""
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())


def enrolment(people: SchemePeople, year: int, present: float, before: float) -> float:
    """Members relative to what births and deaths alone would leave (`present`): the year's stated head count, else last year's
    factor grown by `enrolment_growth`."""
    read, scheme = people.reader.value, people.scheme
    stated = read(f"population.{scheme}.participants", year)
    if year == people.first_year:
        return 1.0
    if stated.from_.year == year:
        return float(stated.value) / (people.roster.participants * present)
    return before * (1.0 + float(read(f"population.{scheme}.enrolment_growth", year).value) / 100.0)


def settle_year(scenario: Scenario, group: Group, ready: YearPeople, terms: np.ndarray, variants: list[Variant], paths: Paths,
                y: int, year: int, workers: Workers, first: int = 0) -> tuple[Sums, np.ndarray]:
    """All draws of one year: sums with a leading draw axis (histograms pooled, [1, P, ...]), expected slips [D, P, 3, SLIPS].

    `terms` int64[D, P, TERMS]. From the draw `first` on: the others are left out.
    """
    people, replicas = group.people, group.replicas
    terms = terms[first:]
    draws, policies = terms.shape[:2]
    majorant = MAJORANT if scenario.demand else 1
    prices = nearest(ready.price * PRICE * paths.price[first:, y])
    list_price = int(ready.price * PRICE + 0.5)
    inverse = nearest(RATE / (paths.use[first:, y] * majorant))
    incomes = nearest(paths.income[first:, y] * 65536)
    conduct = stack(variants, people.tables)
    more = bool((~conduct.neutral).any() or terms[..., RELIEF_RATIO].any() or (terms[..., REFERENCE_PRICE] < UNLIMITED).any())
    work = YearWork(year, ready.streams, people.tables, ready.people, conduct, more, list_price)
    sums = walk_all(work, Futures(terms, prices, inverse, incomes), replicas, workers, first)
    histogram = np.sum([own.histogram for own in sums], axis=0)[None]
    together = Sums(*(histogram if name == "histogram" else np.stack([getattr(own, name) for own in sums])
                      for name in Sums._fields))
    expected = np.empty((draws, policies, 3, SLIPS))
    plain, listed = slip_terms(terms[0]), {}                  # most policies have the same listed illnesses
    for p in range(policies):
        alike = int(plain[p, PILOT_COUNTIES]), variants[p].keep_illness.tobytes()
        if alike not in listed:
            listed[alike] = people.listed_expected(year, alike[0], variants[p].keep_illness / CHANCE)
        claims = ready.claims(int(plain[p, PAYMENT_COUNTIES]))
        for factor in np.unique(terms[:, p, FACTOR]):              # few: it moves by steps
            mine = terms[:, p, FACTOR] == factor
            plain[p, FACTOR] = factor
            expected[mine, p] = people.slips.expected(plain[p], variants[p], prices[mine], list_price, claims, ready.visits,
                                                      listed[alike], workers.here)
    rate = (RATE / inverse)[:, None, None] * replicas
    expected[:, :, 0] *= rate
    expected[:, :, 2] *= rate
    expected[:, :, 1] *= replicas
    return together, expected


def year_flows(year: int, members: np.ndarray, claims: Claims, paths: Paths, y: int, active: float) -> YearFlows:
    """What the year's people bring to the fund."""
    return YearFlows(
        year=year, members=members, funding_index=paths.funding[:, y], wage_index=paths.income[:, y], active_share=active,
        pooled_claims=claims.months["pooled"], supplement_claims=claims.months["supplement"], cii_claims=claims.months["cii"],
        assistance_claims=claims.months["assistance"], account_claims=claims.months["account"],
        relief_claims=claims.months["relief"], segments=claims.segments, secondary_base=claims.secondary_base)
