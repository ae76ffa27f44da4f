"""Random funds through the calendar and the plain program of docs/fund.md: `python -m tests.campaigns.fund --funds 20000`.

A fund is one policy's in one world, with one pooling unit or many. Batches are made one after the other, each from the seed and
its number alone. Ends with 1 at the first figure in which the two programs differ.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context

import numpy as np

from simulator.engine.flows import MAY_BE_UNKNOWN
from simulator.fund.calendar import Calendar, opening_accounts
from simulator.fund.terms import POOLING_LEVELS, stack_terms
from simulator.fund.unit_terms import UnitTerms
from simulator.fund.units import Scheme, Units, UnitsYear
from simulator.fund.whole import of_policies
from simulator.tables import YearFlows
from tests.reference.fund_plain import FLAGS, Flows, Region, normal_table, opening_of_units, unit_years
from tests.support.fund_years import random_flows, random_terms

DRAWS, POLICIES, YEARS = 5, 6, 4
OPENED = ("pooled", "reserve", "individual", "cii", "supplement", "relief", "subsidy_county", "payable")
DRAWN = (1, 1, 2, 3, 5, 8, 12)              # counties of a region
SHARES = (*FLAGS, "rho")                    # of several units: weighted means in binary64


class DifferError(AssertionError):
    """A figure in which the two programs differ."""


@dataclass(frozen=True)
class Batch:
    """Funds of one region: terms[y][p], flows[y][rung], the rungs below each policy's plan and above it."""

    scheme: Scheme
    response: str
    terms: list
    flows: list
    below: np.ndarray       # int64 [P, years]
    above: np.ndarray       # int64 [P, years]
    stated: list            # UnitTerms of each policy
    random_opening: bool
    members: int            # about


def stated_of(counties: int, cities: int, random: np.random.Generator) -> UnitTerms:
    """What is stated of counties, each list now and then."""
    def some(low, high):
        return tuple(map(int, random.integers(low, high, counties))) if random.random() < 0.3 else ()

    cuts = sorted(map(int, random.permutation(counties - 1)[:cities - 1] + 1)) if cities <= counties else []
    in_cities = tuple(np.diff([0, *cuts, counties]).tolist()) if random.random() < 0.3 and cities <= counties else ()
    return UnitTerms(some(1, 400_000), in_cities, some(0, 20_000), some(1, 20_000), some(1, 20_000), some(1, 20_000))


def batch_of(seed: int, number: int) -> Batch:
    """Small and large schemes, every mechanism, opening and response."""
    random = np.random.default_rng([seed, number])
    scheme = ("nrcms", "uebmi")[number % 2]
    members = int(random.choice([0, 3, 40, 1_000, 60_000, 8_000_000, 800_000_000]))
    counties = int(random.choice(DRAWN)) if random.random() < 0.98 else int(random.integers(200, 3_000))
    cities = random.integers(1, 6, POLICIES)
    levels = np.sort(random.integers(0 if counties <= 12 else 1, len(POOLING_LEVELS), (YEARS, POLICIES)), axis=0)
    steady = random.random(POLICIES) < 0.5                        # policies that keep their level
    levels = np.where(steady, levels[random.integers(0, YEARS)], levels)
    below, above = random.integers(0, 4, (2, POLICIES, 1)) * (random.random() < 0.7) + np.zeros((1, 1, YEARS), dtype=np.int64)
    changing = random.random((POLICIES, 1)) < 0.2                 # ladders whose length changes between years
    below, above = (np.where(changing, random.integers(0, 4, (POLICIES, YEARS)), rungs) for rungs in (below, above))
    terms, flows = [], []
    for y in range(YEARS):
        terms.append([replace(random_terms(2012 + y, scheme, random), pooling_level=int(levels[y, p]), cities=int(cities[p]),
                              opening_balance=int(random.integers(0, 20_000)), account_opening=int(random.integers(0, 900)))
                      for p in range(POLICIES)])
        rungs = [random_flows(2012 + y, scheme, (DRAWS, POLICIES), random, max(members, 10)) for _ in range(8)]
        if members < 1_000:                                       # heads and amounts so few that every rounding shows
            rungs[0] = replace(rungs[0], members=random.integers(0, members + 1, (DRAWS, POLICIES)))
        unknown = {name: None for name in MAY_BE_UNKNOWN if any(getattr(rung, name) is None for rung in rungs)}
        flows.append([one_people(rung, rungs[0], unknown) for rung in rungs[:int((below + above)[:, y].max()) + 1]])
    stated = [stated_of(min(counties, 200), int(cities[p]), random) if counties <= 12 else UnitTerms() for p in range(POLICIES)]
    if random.random() < 0.7:                                     # covers and payment that stay for years
        terms = [[replace(one, **{name: getattr(first, name) for name in (
            "cii_premium", "supplement_premium", "inpatient_methods", "outpatient_methods", "budget_base", "response_limit")})
            for one, first in zip(year, terms[0], strict=True)] for year in terms]
    return Batch(Scheme(int(random.integers(0, 99)), 3, counties, int(members * random.uniform(0, 3))),
                 ("stated", "stated", "stated", "secondary", "none")[number % 5], terms, flows, below, above, stated,
                 bool(random.random() < 0.8), members)


def one_people(rung: YearFlows, first: YearFlows, unknown: dict) -> YearFlows:
    """The claims of one year with the people and the economy of another, and with what is `unknown` left out."""
    return replace(rung, **{name: getattr(first, name) for name in ("members", "economy", "active_share")},
                   **unknown)


def divided(year: UnitsYear, flows: YearFlows) -> YearFlows:
    return replace(flows, **{name: year.columns.divide(value, year.members if name == "members" else year.claims)
                             for name, value in vars(flows).items() if getattr(value, "ndim", 0) > 1})


def claims_of(year: UnitsYear, batch: Batch, y: int, rung: np.ndarray) -> YearFlows:
    """The flows of units on the rungs `rung` int64[D, C], with their claims of the year under every rung."""
    rungs = batch.flows[y]
    below, above = (year.columns.spread(rungs_[:, y][None])[0] for rungs_ in (batch.below, batch.above))
    at = np.clip(rung, -below, above) + below
    each = [divided(year, flows) for flows in rungs]

    def chosen(name):
        stacked = np.stack([getattr(flows, name) for flows in each])
        return np.take_along_axis(stacked, at.reshape(1, *at.shape, *(1,) * (stacked.ndim - 3)), axis=0)[0]

    names = [name for name, value in vars(each[0]).items() if getattr(value, "ndim", 0) > 1]
    totals = np.stack([flows.pooled_claims.sum(axis=2) for flows in each], axis=2)
    return replace(each[0], **{name: chosen(name) for name in names}, by_rung=(totals, below, above))


def by_the_calendar(batch: Batch, opening: dict | None) -> list:
    """Of each year: the units, their ledger, that of the policies, and what a head's bills may take from accounts [D, P]."""
    units, found, calendar, before = Units(batch.scheme), [], None, None
    for y, terms in enumerate(batch.terms):
        year = units.year(terms, batch.stated, 2012 + y, DRAWS)
        own = year.terms(stack_terms(terms))
        if calendar is None:
            members = year.columns.divide(batch.flows[0][0].members, year.members)
            given = opening_accounts(own, members) if opening is None else opening
            if opening is None:
                given |= {name: year.opened(given[name]) for name in ("pooled", "individual")}
            calendar = Calendar(2012, (DRAWS, year.columns.count), given, batch.response, columns=year.columns)
        elif year.columns.count != before.columns.count:
            calendar.merge(year.columns, year.merged_from(before))
        flows, before = claims_of(year, batch, y, calendar.rung), year
        per_head = calendar.account_per_head(own, flows.members, flows.economy, flows.active_share)
        after = year.terms(stack_terms(batch.terms[min(y + 1, YEARS - 1)]))
        ledger = calendar.advance(own, flows, after)
        found.append((year, ledger.columns(), of_policies(ledger, year.columns, flows.secondary_base).columns(), per_head))
    return found


def differing(found: dict, expected: dict, exact: bool) -> dict:
    """Figures that differ: in binary64 a weighted mean may by its last digits, everything else not at all."""
    def same(name, a, b):
        return a == b or (name in SHARES and not exact and abs(a - b) <= 1e-12 * max(abs(a), abs(b)))

    missing = {name: (found.get(name), expected.get(name)) for name in found.keys() ^ expected.keys()}
    return missing | {name: (found[name], expected[name]) for name in found.keys() & expected.keys()
                      if not same(name, found[name], expected[name])}


@lru_cache(maxsize=1)
def normals() -> list[int]:
    return normal_table()


def compare_batch(seed: int, number: int, funds: int = DRAWS * POLICIES) -> int:
    """The number of figures of `funds` funds that were compared; DifferError at the first that differs."""
    batch, compared = batch_of(seed, number), 0
    columns = Units(batch.scheme).year(batch.terms[0], batch.stated, 2012, DRAWS).columns
    random, opening = np.random.default_rng([seed, number, 1]), None
    if batch.random_opening:
        low, high = -500 * batch.members - 9, 3_000 * batch.members + 9
        opening = {name: random.integers(low, high, (DRAWS, columns.count)) for name in OPENED}
    calendar = by_the_calendar(batch, opening)
    for d, p in list(np.ndindex(DRAWS, POLICIES))[:funds]:
        region = Region(batch.scheme.seed, batch.scheme.people_id, batch.scheme.counties, batch.scheme.persons, d,
                        **batch.stated[p]._asdict())
        years = []
        for y, rungs in enumerate(batch.flows):
            count, below = int(batch.below[p, y] + batch.above[p, y]) + 1, int(batch.below[p, y])
            years.append((batch.terms[y][p], [Flows(rung, d, p) for rung in rungs[:count]], below))
        first = columns.starts[p]
        many = len(region.units(batch.terms[0][p]))
        held = (opening_of_units(batch.terms[0][p], years[0][1][0].members, region) if opening is None else
                [{name: int(amount[d, first + u]) for name, amount in opening.items()} for u in range(many)])
        plain = unit_years(years, held, batch.response, region, normals())
        for y, ((whole, ledgers), (year, of_units, of_whole, per_head)) in enumerate(zip(plain, calendar, strict=True)):
            where = f"seed {seed}, batch {number}, world {d}, policy {p}, {2012 + y}"
            start = int(year.columns.starts[p])
            pairs = [(f"unit {u} of {len(ledgers)}", ledger, {name: x[d, start + u].item() for name, x in of_units.items()})
                     for u, ledger in enumerate(ledgers)]
            policy = {name: x[d, p].item() for name, x in of_whole.items()} | {"account_per_head": per_head[d, p].item()}
            for name, a, b in [*pairs, ("the policy", whole, policy)]:
                if wrong := differing(a, b, name != "the policy"):
                    raise DifferError(f"{where}, {name}: plain program and calendar differ: {wrong}")
                compared += len(a)
    return compared


def compare(funds: int, seed: int = 0) -> int:
    """Run `funds` random funds of four years through both programs; returns how many figures were compared."""
    each = DRAWS * POLICIES
    return sum(compare_batch(seed, number, min(each, funds - number * each)) for number in range(-(-funds // each)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the calendar and the plain program of the fund's year on random funds.")
    parser.add_argument("--funds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2014)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    begun, batches, compared = time.monotonic(), -(-asked.funds // (DRAWS * POLICIES)), 0
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        try:
            for done, figures in enumerate(pool.map(compare_batch, [asked.seed] * batches, range(batches), chunksize=4), 1):
                compared += figures
                if done % 100 == 0:
                    print(f"{done * DRAWS * POLICIES:,} funds, {time.monotonic() - begun:.0f} s", flush=True)
        except DifferError as error:
            pool.shutdown(cancel_futures=True)
            print(error)
            return 1
    print(f"{batches * DRAWS * POLICIES:,} funds of {YEARS} years, {compared:,} figures, none differs; seed {asked.seed}, "
          f"{time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
