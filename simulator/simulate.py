"""One scenario, the whole pipeline: people, care, settlement, fund, measures, year by year.

Years are barriers: all draws of a year are walked and settled, then the funds have their year. Work
is shared out by draws, never by people, and every sum is an integer, so threads and chunks leave no
trace in the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from simulator.benefits.kernel import SLIPS, Sums, empty_sums, run_draw, whole_sums
from simulator.benefits.terms import pack
from simulator.care.paths import Paths, sample_paths
from simulator.care.walk import PRICE, RATE
from simulator.fund.accounts import YearLedger
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.terms import fund_terms
from simulator.level import Level, solve_level
from simulator.measures import Measure, ledger_measures, ratio, year_measures
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import Value
from simulator.scenario import Policy, Scenario
from simulator.setup import SchemePeople, YearPeople, prepare
from simulator.tables import ASSISTANCE, BASIC, BILLED, CII, LISTED, OUTPATIENT, PAYERS, Plan, YearFlows

Progress = Callable[[str, int, int], None]        # what is being done, steps done, steps in all


class IdentityError(Exception):
    """Payments do not add up to the bills, or a payer got a negative amount: a fault of the program."""


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


def simulate(scenario: Scenario, regions: Regions, threads: int | None = None, progress: Progress | None = None) -> Result:
    """Simulate a scenario; `threads` (default: all cores) never changes a result. InputError for bad changes."""
    tell = progress or (lambda what, done, steps: None)
    steps = len(scenario.regions) * len(scenario.schemes) * scenario.horizon
    done = 0
    results = []
    base = regions[scenario.regions[0]]
    paths = sample_paths(base.value, scenario.seed, range(scenario.draws), scenario.year, scenario.horizon, scenario.systematic)
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:
        for name in scenario.regions:
            for scheme in scenario.schemes:
                def step(what: str, at: int = done) -> None:
                    tell(what, at + int(what.rsplit(" ", 1)[-1]) - scenario.year, steps)
                results.append(simulate_scheme(scenario, regions[name], scheme, paths, pool, step))
                done += scenario.horizon
    tell("done", steps, steps)
    return Result(scenario, results, paths)


def simulate_scheme(scenario: Scenario, region: Region, scheme: str, paths: Paths, pool: ThreadPoolExecutor,
                    tell: Callable[[str], None]) -> SchemeResult:
    """One region and scheme under all policies of a scenario: the same people fall ill the same way under each."""
    everywhere = region.with_changes(scenario.changes, scenario.name) if scenario.changes else region
    rows = scenario.people or 50_000
    people = prepare(everywhere, scheme, scenario.year, scenario.horizon, rows, scenario.outpatient_share, scenario.seed)
    replicas = scenario.replicas if scenario.people else -(-people.roster.participants // rows)
    ruled = [policy_reader(everywhere, policy, scenario.name) for policy in scenario.policies]
    levels = LevelBook(people, people.reader)
    own_levels = [LevelBook(people, reader) if policy.level == "own" else levels
                  for reader, policy in zip(ruled, scenario.policies, strict=True)]
    calendar, measures, ledgers, heads = None, {}, {}, {}
    exhausted = np.zeros((scenario.draws, len(ruled)), dtype=bool)
    start_rows = int(people.roster.present(scenario.year).sum())
    central = 1.0
    digest = hashlib.sha256()
    for y, year in enumerate(scenario.years):
        tell(f"{region.name} {scheme} {year}")
        ready = people.year(year)
        plans = [region_plan(reader, scheme, year, Decimal(1) if policy.level == "none" else book.k(year))
                 for reader, policy, book in zip(ruled, scenario.policies, own_levels, strict=True)]
        terms = pack(plans)
        central = enrolment(people, scheme, year, ready.present / start_rows, central)
        members = nearest(people.roster.participants * (ready.present / start_rows) * central * paths.enrolment[:, y])
        sums, expected = settle_year(scenario, people, ready, terms, plans, paths, y, year, replicas, pool)
        check(sums, f"{region.name} {scheme} {year}")
        flows, chance = year_flows(scenario, people, ready, sums, expected, members, paths, y, year, replicas)
        fund = [fund_terms(reader, scheme, year, scenario.year) for reader in ruled]
        if calendar is None:
            opening = opening_accounts(fund, members)
            calendar = Calendar(year, (scenario.draws, len(ruled)), opening, response=scenario.response)
        ledger = calendar.advance(fund, flows)
        exhausted = exhausted | (ledger.accrued_closing < 0)
        sample = ready.sample._replace(
            persons=ready.sample.persons * replicas, households=ready.sample.households * replicas,
            sampled_persons=ready.sample.sampled_persons * replicas, income=ready.sample.income * replicas,
            income_index=paths.income[:, y])
        measures[year] = year_measures(sums, sample) + ledger_measures(ledger, members, exhausted, chance)
        ledgers[year], heads[year] = ledger, members
        digest_year(digest, sums, ledger)
    used = {(v.region, v.path, v.from_, v.source): v for reader in (people.reader, *ruled) for v in reader.used}
    return SchemeResult(region.name, scheme, tuple(policy.name for policy in scenario.policies), scenario.years, measures,
                        ledgers, heads, levels.solved(), list(used.values()), people.roster.rows, people.roster.participants,
                        digest.hexdigest())


def digest_year(digest, sums: Sums, ledger: YearLedger) -> None:
    """Add a year to the digest: int64, little-endian, in the order of the fields."""
    for array in (*sums, *(column for column in ledger.columns().values() if column.dtype == np.int64)):
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())


def policy_reader(region: Region, policy: Policy, label: str):
    """The region under a policy's changes, recording what is read."""
    return (region.with_changes(policy.changes, f"{label}: {policy.name}") if policy.changes else region).reading()


def enrolment(people: SchemePeople, scheme: str, year: int, present: float, before: float) -> float:
    """Members relative to what births and deaths alone would leave (`present`): the year's stated head count, else last year's
    factor grown by `enrolment_growth`."""
    read = people.reader.value
    stated = read(f"population.{scheme}.participants", year)
    if year == people.first_year:
        return 1.0
    if stated.from_.year == year:
        return float(stated.value) / (people.roster.participants * present)
    return before * (1.0 + float(read(f"population.{scheme}.enrolment_growth", year).value) / 100.0)


class LevelBook:
    """The solved level of each year: solved anew only when the schedule or its target changes."""

    WATCHED = ("target_ratio", "ratio", "deductible", "band_tops", "class_bonus")

    def __init__(self, people: SchemePeople, region):
        self.people, self.region = people, region
        self._by_terms: dict[tuple, Level] = {}

    def k(self, year: int) -> Decimal:
        """k in force in `year`."""
        read, scheme = self.region.value, self.people.scheme
        terms = tuple((v.region, v.from_) for v in (read(f"inpatient.{scheme}.{name}", year) for name in self.WATCHED))
        if terms not in self._by_terms:
            self._by_terms[terms] = solve_level(self.people, year, self.region)
        return self._by_terms[terms].k

    def solved(self) -> list[Level]:
        """Every level solved, in order of years."""
        return sorted(self._by_terms.values(), key=lambda level: level.year)


def settle_year(scenario: Scenario, people: SchemePeople, ready: YearPeople, terms: np.ndarray, plans: list[Plan], paths: Paths,
                y: int, year: int, replicas: int, pool: ThreadPoolExecutor) -> tuple[Sums, np.ndarray]:
    """All draws of one year: sums with a leading draw axis (histograms pooled, [1, P, ...]), expected slips [D, P, 3, SLIPS]."""
    policies = len(plans)
    prices = nearest(ready.price * PRICE * paths.price[:, y])
    inverse = nearest(RATE / paths.use[:, y])
    incomes = nearest(paths.income[:, y] * 65536)
    sums = [empty_sums(policies) for _ in range(scenario.draws)]

    def one(d: int) -> None:
        run_draw(d, replicas, year, ready.streams, people.tables, ready.people, terms, prices[d], inverse[d], inverse[d],
                 incomes[d], *sums[d])

    list(pool.map(one, range(scenario.draws)))
    histogram = np.sum([paid.histogram for paid, _ in sums], axis=0)[None]
    whole = [whole_sums(paid, drawn) for paid, drawn in sums]
    together = Sums(*(np.stack([getattr(own, name) for own in whole]) for name in Sums._fields if name != "histogram"), histogram)
    expected = np.empty((scenario.draws, policies, 3, SLIPS))

    for p, plan in enumerate(plans):
        listed = people.listed_expected(year, int(plan.pilot_counties))
        expected[:, p] = people.slips.expected(terms[p], prices, ready.claims, ready.visits, listed, pool.map)
    rate = (RATE / inverse)[:, None, None] * replicas
    expected[:, :, 0] *= rate
    expected[:, :, 2] *= rate
    expected[:, :, 1] *= replicas
    return together, expected


def check(sums: Sums, where: str) -> None:
    """The identity of every bill's payers, nobody negative, nobody above the cap; IdentityError otherwise."""
    total = sums.month.sum(axis=(0, 3))                       # [P, kind, column]
    gap = total[..., :len(PAYERS)].sum(axis=-1) - total[..., BILLED]
    if gap.any():
        raise IdentityError(f"{where}: payments and bills differ by {gap.tolist()} fen")
    negative, above = int(sums.person[..., 4].sum()), int(sums.person[..., 3].sum())
    if negative or above:
        raise IdentityError(f"{where}: {negative} bills with a negative payment, {above} persons paid above the cap")


def year_flows(scenario: Scenario, people: SchemePeople, ready: YearPeople, sums: Sums, expected: np.ndarray, members: np.ndarray,
               paths: Paths, y: int, year: int, replicas: int) -> tuple[YearFlows, np.ndarray]:
    """The sample's payments raised to the population, its own chance taken out and the population's put in.

    For each kind of care, S is the sample's sum, Z the sum of stateless slips less its expectation;
    the population's payment is (S - Z + sqrt(n / N) Z) x N / n. Returns the flows and the last term, fen [D, P].
    """
    month = sums.month.astype(np.float64)                     # [D, P, kind, 12, column]
    month[:, :, 2] *= ready.sample.visit_weight
    slip = sums.slip.astype(np.float64)                       # [D, P, kind, account]
    slip[:, :, 2] *= ready.sample.visit_weight
    accounts = ((BASIC, LISTED, OUTPATIENT), (CII,), (ASSISTANCE,))
    persons = float(ready.sample.persons * replicas)
    simulated = (persons, persons, persons / max(ready.sample.visit_weight, 1.0))
    luck = np.stack([np.minimum(np.sqrt(n / members), 1.0) for n in simulated], axis=1)       # [D, kind]
    scale = (members / persons)[:, None]
    by_month = []
    chance = np.zeros(slip.shape[:2])
    for a, columns in enumerate(accounts):
        paid = np.zeros((*slip.shape[:2], 12))
        for k in range(3):
            raw = sum(month[:, :, k, :, column] for column in columns)            # [D, P, 12]
            total = raw.sum(axis=2)
            surprise = slip[:, :, k, a] - expected[:, :, k, a]
            kept = surprise * luck[:, k, None]
            wanted = total - surprise + kept
            paid += np.where((total > 0)[:, :, None], raw * ratio(wanted, total)[:, :, None], (wanted / 12)[:, :, None])
            if a == 0:
                chance += kept * scale
        by_month.append(nearest(np.maximum(paid, 0.0) * scale[:, :, None]))
    self_pay = sums.person[..., 0].sum(axis=2).astype(np.float64)
    for k in range(3):
        surprise = slip[:, :, k, 3] - expected[:, :, k, 3]
        self_pay += surprise * (luck[:, k, None] - 1.0)
    flows = YearFlows(
        year=year, members=members, funding_index=paths.funding[:, y], wage_index=paths.income[:, y], active_share=ready.active,
        pooled_claims=by_month[0], cii_claims=by_month[1], assistance_claims=by_month[2],
        secondary_base=nearest(np.maximum(self_pay, 0.0) * scale))
    return flows, chance


def nearest(values: np.ndarray) -> np.ndarray:
    """Nearest integers, halves up, int64."""
    return np.floor(np.asarray(values, dtype=np.float64) + 0.5).astype(np.int64)
