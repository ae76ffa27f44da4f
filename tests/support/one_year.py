"""One year of one scheme through the program's own rooms, with what a run adds up and then throws away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from simulator.care.conduct import Variant
from simulator.care.levers import CareLevers
from simulator.care.paths import VARIABLES, Paths, sample_paths
from simulator.engine.demand import rate_cap
from simulator.engine.enrolment import Group
from simulator.engine.flows import CORRECTED, Claims, check, population_claims
from simulator.engine.measures import Sample
from simulator.engine.policies import Rules
from simulator.engine.prepare import SchemePeople, YearPeople, prepare
from simulator.engine.readers import policy_reader
from simulator.engine.settle_year import PolicyYear, settle_year
from simulator.engine.workers import Workers
from simulator.kernel.sums import Sums
from simulator.money import ONE
from simulator.parameters.regions import load_regions
from simulator.plan import FACTOR, Plan, pack
from simulator.scenario import BASELINE, Policy, Scenario

YEAR = 2012
ACCOUNTS = CORRECTED             # account: the payers' columns it pays


@dataclass(frozen=True)
class OneYear:
    """D draws of P policies; every sum is of the sample, `claims_of` are the population's. Arrays are those of one policy."""

    people: SchemePeople
    ready: YearPeople
    plans: list[Plan]
    variants: list[Variant]
    terms: np.ndarray              # int64[P, PLAN_WIDTH]
    persons: float                 # simulated, replicas included
    members: np.ndarray            # int64[D]
    sums: Sums
    expected_of: np.ndarray        # float64[D, P, kinds, accounts] slips
    claims_of: Claims
    sample: Sample

    @property
    def plan(self) -> Plan:
        return self.plans[0]

    @property
    def expected(self) -> np.ndarray:
        """Expected slips of the first policy, float64[D, kinds, accounts]."""
        return self.expected_of[:, 0]

    @property
    def chance(self) -> np.ndarray:
        """The population's own chance in the first policy's claims, fen, float64[D]."""
        return self.claims_of.chance[:, 0]

    def weighted(self, amounts: np.ndarray) -> np.ndarray:
        """Amounts [D, kinds, ...] with the visits of sampled households raised to everybody's, float64."""
        amounts = amounts.astype(np.float64)
        amounts[:, 2] *= self.ready.sample.visit_weight
        return amounts

    def paid(self, policy: int = 0) -> np.ndarray:
        """What the accounts paid, float64[D, kinds, accounts]."""
        kinds = self.sums.month[:, policy].sum(axis=2)
        return self.weighted(np.stack([kinds[..., list(columns)].sum(axis=-1) for columns in ACCOUNTS.values()], axis=-1))

    def first_bills(self, policy: int = 0) -> np.ndarray:
        """First-bill payments, float64[D, kinds, accounts]."""
        return self.weighted(self.sums.first_bill[:, policy])

    def claims(self, policy: int = 0) -> np.ndarray:
        """The pooled fund's claims of the year for the population, fen, float64[D]."""
        return self.claims_of.months["pooled"][:, policy].sum(axis=1).astype(np.float64)


def even_paths(draws: int, price: float = 1.0) -> Paths:
    """Central paths, prices apart."""
    return Paths(**{name: np.full((draws, 1), price if name == "price" else 1.0) for name in VARIABLES})


def simulate_one_year(scheme: str, draws: int, rows: int, replicas: int = 1, outpatient_share: tuple[int, int] = (1, 8),
                      changes: dict | None = None, paths: Paths | None = None, systematic: bool = False, seed: int = 2012,
                      threads: int = 2, policies: tuple[dict, ...] = ({},), demand: bool = False, factor: float = 1.0,
                      level: str = "region", region: str = "jiangsu", levers: CareLevers | None = None) -> OneYear:
    """Jiangsu's `scheme` in its first year, at its solved level; `paths` instead of sampled ones.

    `policies` are changes against the region under `changes`, the first the baseline; `factor` is the control factor of all;
    `levers` are those of the draws.
    """
    everywhere = load_regions()[region]
    if changes:
        everywhere = everywhere.with_changes(changes, "a test", YEAR)
    named = tuple(Policy(BASELINE if p == 0 else f"policy-{p}", own, level) for p, own in enumerate(policies))
    scenario = Scenario("one year", (region,), YEAR, (scheme,), 1, draws, rows, replicas, seed, outpatient_share,
                        systematic=systematic, demand=demand, policies=named)
    people = prepare(everywhere, scheme, YEAR, 1, rows, outpatient_share, seed)
    rules = Rules(scenario, scheme, [people], [policy_reader(everywhere, policy, "a test") for policy in named])
    ready = people.year(YEAR)
    plans, variants = rules.of_year(0, ready.price, YEAR)
    if paths is None:
        paths = sample_paths(everywhere.value, seed, range(draws), YEAR, 1, systematic)
    terms = np.repeat(pack(plans)[None], draws, axis=0)
    terms[..., FACTOR] = int(factor * ONE + 0.5)
    group = Group(people, people.scheme, replicas, range(draws), [people], np.zeros(draws, dtype=np.int64), levers).year(
        YEAR, paths.year(0))
    policies_of_year = PolicyYear(terms, variants, rate_cap(demand))
    with ThreadPoolExecutor(threads) as pool:
        settled = settle_year(group, policies_of_year, Workers(pool, here=pool.map))
    sums, expected = settled.sums, settled.expected
    check(sums, "a test")
    whole = np.ones((draws, len(named)))
    sample = group.sample()
    claims = population_claims(sums, expected, sample, group.members, whole)
    return OneYear(people, ready, plans, variants, terms[0], float(ready.sample.persons * replicas), group.members, sums,
                   expected, claims, sample)
