"""How a year goes: people claim care, their bills are settled, the fund pays them, and the year is measured.

A `Course` follows one scheme of one region from year to year, in some worlds, which never wait for each other. Work is shared out
by draws and replicas, never by people, and every sum is an integer, so that workers and chunks leave no trace in a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from simulator.care.paths import Paths
from simulator.engine.enrolment import GroupYear, people_of
from simulator.engine.flows import Claims, added, check, joined_claims, population_claims
from simulator.engine.funds import UnitYears
from simulator.engine.in_common import InCommon
from simulator.engine.local_economy import of_funds
from simulator.engine.measures import Measure, Sample, joined_sample, year_measures
from simulator.engine.memo import memo_measures, quality_measures
from simulator.engine.net_burden import net_burden_measures
from simulator.engine.readers import readers_of
from simulator.engine.rules_of_worlds import RulesOfWorlds
from simulator.engine.two_funds import TwoFunds
from simulator.engine.unit_measures import unit_measures
from simulator.engine.workers import Workers
from simulator.fund.accounts import YearLedger
from simulator.fund.control import finds_threshold
from simulator.fund.terms import FundTerms, fund_terms_of
from simulator.kernel.sums import Sums
from simulator.parameters.regions import Region
from simulator.scenario import Scenario
from simulator.tables import FundEconomy


class SchemeYear(NamedTuple):
    """One year of a scheme in D worlds under P policies."""

    year: int
    economy: FundEconomy           # of the scheme's funds
    active: np.ndarray             # float64[D]: the share of active members
    groups: list[GroupYear]
    terms: list[FundTerms]
    factor: np.ndarray             # int64[D, P]: the control factor in force, 1/10,000
    heads: np.ndarray              # int64[D, P]
    claiming: np.ndarray           # float64[D, P]: what members claim in all, relative to the baseline's
    claims: Claims                 # of the members there are under each policy
    sums: Sums                     # of the sample, all groups together
    sample: Sample
    ledger: YearLedger
    units: UnitYears               # what is kept of the pooling units
    digests: list[list[bytes]]     # of each group's claims, by world
    care: list[Measure]            # that hang on care alone
    fund: list[Measure]            # that the ledger has
    net: list[Measure]             # that hang on both
    memo: list[Measure]            # beside both


class Course:
    """One scheme of a region under all policies of a scenario, in some worlds: its people, its rules, and its years as they come
    one after the other."""

    def __init__(self, scenario: Scenario, region: Region, scheme: str, worlds: range, paths: Paths, workers: Workers) -> None:
        self.scenario, self.scheme, self.worlds, self.paths, self.workers = scenario, scheme, worlds, paths, workers
        self.readers = readers_of(region, scenario, keep=not workers.whole)
        self.groups = people_of(scenario, self.readers.region, scheme, worlds)
        self.settings = self.groups[0].settings
        self.rules = RulesOfWorlds(scenario, scheme, [group.people for group in self.groups], self.readers, worlds)

    def years(self, tell: Callable[[str], None], factors: Sequence[np.ndarray] = ()) -> Iterator[SchemeYear]:
        """Every year of the scenario. `factors` int64[P], one a year, are set in all worlds; without them the control factor is
        what the fund's responses make of it. IdentityError where sums that must agree do not."""
        scenario, scheme, readers = self.scenario, self.scheme, self.readers
        funds: TwoFunds | None = None
        for y, year in enumerate(scenario.years):
            name = f"{readers.region.name} {scheme} {year}"
            tell(name)
            national = self.paths.year(y)

            # People: who is insured this year, and what policies move in it.
            groups = [group.year(year, national) for group in self.groups]
            economy = of_funds(national, self.settings, scheme, year, scenario.year)
            active = groups[0].active
            terms, announced = (readers.once(("fund", scheme, at, scenario.year), partial(
                fund_terms_of, readers, scheme, at, scenario.year)) for at in (year, year + 1))
            funds = funds or TwoFunds(scenario, groups, readers, self.workers.whole)
            funds.begin(terms, announced)
            if factors:
                funds.run.set_factor(factors[y])
            factor = funds.run.factor
            settling = self.rules.stated.settling(year, terms, funds.unchanged is not None)
            in_force, mix = funds.in_force(settling, terms, groups, economy), funds.run.mix(settling)
            heads = funds.insured.heads

            # Care and settlement: the claims of each group, settled bill by bill, then raised from the sample to its members.
            claims, sums, samples, digests, common = [], [], [], [], []
            for number, group in enumerate(groups):
                settled = self.rules.settle(number, group, in_force[:2], settling, funds.pressure(settling), mix, self.workers)
                check(settled.sums, name)
                samples.append(group.sample())
                claims.append(population_claims(settled.sums, settled.expected, samples[-1], group.members, in_force[2],
                                                any(finds_threshold(of) for of in terms), settled.common))
                sums.append(settled.shown)
                digests.append(settled.digests)
                common.append(settled.common.of_policy.tolist())

            # The funds of its units: twelve months of receipts and payments, and the year end with its tests and responses.
            whole, ledger, units, of_fund = funds.advance(joined_claims(claims), settling, economy, active)

            # Measures: of care and burden from the sample, of the fund from its ledger, and memo figures beside both.
            together, sample = added(sums), joined_sample(samples)
            shared = InCommon.by(zip(*common, strict=True) if len(common[0]) == len(terms) else range(len(terms)))
            of_care = [row._replace(values=shared.each(row.values)) for row in year_measures(shared.sums(together), sample)]
            yield SchemeYear(
                year, economy, active, groups, terms, factor, heads, funds.insured.claiming, whole, together, sample, ledger,
                units, digests, of_care, of_fund + unit_measures(units),
                net_burden_measures(together, sample, ledger, terms, readers, heads, economy.premium),
                memo_measures(readers, scheme, year, scenario.year, together, heads, sample, shared)
                + quality_measures(readers, ledger))
