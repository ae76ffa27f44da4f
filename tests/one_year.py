"""One year of one scheme through the program's own rooms, with what a run adds up and then throws away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from simulator.benefits.kernel import Sums
from simulator.benefits.terms import pack
from simulator.care.paths import VARIABLES, Paths, sample_paths
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import load_regions
from simulator.scenario import Scenario
from simulator.setup import SchemePeople, YearPeople, prepare
from simulator.simulate import LevelBook, settle_year, year_flows
from simulator.tables import ASSISTANCE, BASIC, CII, LISTED, OUTPATIENT, Plan, YearFlows

YEAR = 2012
ACCOUNTS = {"pooled": (BASIC, LISTED, OUTPATIENT), "cii": (CII,), "assistance": (ASSISTANCE,)}


@dataclass(frozen=True)
class OneYear:
    """D draws of one policy; every sum is of the sample, `flows` of the population."""

    people: SchemePeople
    ready: YearPeople
    plan: Plan
    terms: np.ndarray              # int64[TERMS]
    persons: float                 # simulated, replicas included
    sums: Sums
    expected: np.ndarray           # float64[D, kinds, accounts] slips
    flows: YearFlows
    chance: np.ndarray             # float64[D] fen: the population's own

    def weighted(self, amounts: np.ndarray) -> np.ndarray:
        """Amounts [D, kinds, ...] with the visits of sampled households raised to everybody's, float64."""
        amounts = amounts.astype(np.float64)
        amounts[:, 2] *= self.ready.sample.visit_weight
        return amounts

    def paid(self) -> np.ndarray:
        """What the accounts paid, float64[D, kinds, accounts]."""
        kinds = self.sums.month[:, 0].sum(axis=2)
        return self.weighted(np.stack([kinds[..., list(columns)].sum(axis=-1) for columns in ACCOUNTS.values()], axis=-1))

    def slips(self) -> np.ndarray:
        """Stateless slips, float64[D, kinds, accounts]."""
        return self.weighted(self.sums.slip[:, 0])

    def claims(self) -> np.ndarray:
        """The pooled fund's claims of the year for the population, fen, float64[D]."""
        return self.flows.pooled_claims[:, 0].sum(axis=1).astype(np.float64)


def even_paths(draws: int, price: float = 1.0) -> Paths:
    """Central paths, prices apart."""
    return Paths(**{name: np.full((draws, 1), price if name == "price" else 1.0) for name in VARIABLES})


def simulate_one_year(scheme: str, draws: int, rows: int, replicas: int = 1, outpatient_share: tuple[int, int] = (1, 8),
                      changes: dict | None = None, paths: Paths | None = None, systematic: bool = False, seed: int = 2012,
                      threads: int = 2) -> OneYear:
    """Jiangsu's `scheme` in its first year, at its solved level; `paths` instead of sampled ones."""
    region = load_regions()["jiangsu"]
    if changes:
        region = region.with_changes(changes, "a test")
    scenario = Scenario("one year", ("jiangsu",), YEAR, (scheme,), 1, draws, rows, replicas, seed, outpatient_share,
                        systematic=systematic)
    people = prepare(region, scheme, YEAR, 1, rows, outpatient_share, seed)
    plan = region_plan(people.reader, scheme, YEAR, LevelBook(people, people.reader).k(YEAR))
    if paths is None:
        paths = sample_paths(region.value, seed, range(draws), YEAR, 1, systematic)
    ready = people.year(YEAR)
    with ThreadPoolExecutor(threads) as pool:
        sums, expected = settle_year(scenario, people, ready, pack([plan]), [plan], paths, 0, YEAR, replicas, pool)
    members = np.floor(people.roster.participants * paths.enrolment[:, 0] + 0.5).astype(np.int64)
    flows, chance = year_flows(scenario, people, ready, sums, expected, members, paths, 0, YEAR, replicas)
    return OneYear(people, ready, plan, pack([plan])[0], float(ready.sample.persons * replicas), sums, expected[:, 0], flows,
                   chance[:, 0])
