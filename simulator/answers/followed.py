"""A scheme followed from year to year with what its people bring to the fund kept, which an ordinary simulation lets go.

The years are those of `simulate_scheme`: the same people, claims, ledgers and measures, to the last bit. Beside them stands what
an emulator fits, claims and their like, and what the fund hangs on besides (members, the economy). The control factor of a year
may be set from outside, so that claims are known under factors that no policy has led to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import NamedTuple

import numpy as np

from simulator.answers.conditions import ANNUAL, CUMULATIVE, Latent
from simulator.answers.outcomes import margin_of_limit
from simulator.care.paths import Economy
from simulator.engine.enrolment import GroupYear, enrolment_response, people_of
from simulator.engine.flows import Claims, added, check, joined_claims, nearest, population_claims, total_of, year_flows
from simulator.engine.measures import Measure, Sample, joined_sample, ledger_measures, year_measures
from simulator.engine.memo import memo_measures
from simulator.engine.net_burden import net_burden_measures
from simulator.engine.openings import open_calendar
from simulator.engine.policies import Rules, policy_reader
from simulator.engine.settle_year import settle_year
from simulator.engine.workers import Workers
from simulator.engine.worlds import paths_of
from simulator.fund.accounts import YearLedger
from simulator.fund.terms import FundTerms, fund_terms
from simulator.kernel.programs import start_compiling
from simulator.kernel.sums import SECONDARY_BASE, Sums
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario
from simulator.tables import Paid

Tell = Callable[[str, int, int], None]


class FollowedYear(NamedTuple):
    """One year in D worlds under P policies."""

    year: int
    economy: Economy
    active: np.ndarray             # float64[D]
    groups: list[GroupYear]
    factor: np.ndarray             # int64[D, P]: the control factor in force, 1/10,000
    claims: Claims                 # of the members there are under each policy
    claiming: np.ndarray           # float64[D, P]: what members claim in all, relative to the baseline's
    burden: np.ndarray             # float64[D, P, 10]: account and cash, then the secondary base, by income quintile
    sample: Sample
    terms: list[FundTerms]
    ledger: YearLedger
    care: list[Measure]            # that hang on care alone
    fund: list[Measure]            # that the ledger has
    net: list[Measure]             # that hang on both


def follow(scenario: Scenario, regions: Regions, worlds: range, threads: int | None = None, tell: Tell | None = None,
           factors: Sequence[np.ndarray] = ()) -> Iterator[FollowedYear]:
    """Every year of the scenario's one region and scheme in some worlds.

    `factors` int64[P], one a year, are set in all worlds; without them the factor is what the fund's responses make of it.
    """
    start_compiling()
    region, scheme = regions[scenario.regions[0]], scenario.schemes[0]
    paths, changed = paths_of(scenario, regions, worlds), scenario.changed(region)
    readers = [policy_reader(changed, policy, scenario.name, scenario.year) for policy in scenario.policies]
    groups = people_of(scenario, changed, scheme, worlds)
    rules = Rules(scenario, scheme, [group.people for group in groups], readers)
    calendar = None
    exhausted = np.zeros((len(worlds), len(readers)), dtype=bool)
    with ThreadPoolExecutor(threads or cpu_count() or 1) as walkers:
        workers = Workers(walkers, None, walkers.map)
        for y, year in enumerate(scenario.years):
            if tell:
                tell(f"{region.name} {scheme} {year}", y, scenario.horizon)
            economy = paths.year(y)
            group_years = [group.year(year, economy) for group in groups]
            active = group_years[0].active
            terms = [fund_terms(reader, scheme, year, scenario.year) for reader in readers]
            calendar = calendar or open_calendar(scenario, group_years, readers)
            if factors:
                calendar.factor = np.zeros_like(calendar.factor) + factors[y]
            enrolled, claiming = enrolment_response(terms, calendar.premium_step, readers, scheme, year)
            heads = members_of(group_years, enrolled)
            account = calendar.account_per_head(terms, heads, economy.funding, economy.income, active)
            claims, sums, samples = [], [], []
            for number, group_year in enumerate(group_years):
                settled = settle_year(group_year, rules.in_force(number, group_year, calendar.factor, account), economy, workers)
                check(settled.sums, f"{region.name} {scheme} {year}")
                sample = group_year.sample(economy.income)
                claims.append(population_claims(settled.sums, settled.expected, sample, group_year.members, claiming))
                sums.append(settled.sums)
                samples.append(sample)
            whole, together, sample = joined_claims(claims), added(sums), joined_sample(samples)
            factor = calendar.factor
            ledger = calendar.advance(terms, year_flows(year, heads, whole, economy, active))
            exhausted = exhausted | (ledger.accrued_closing < 0)
            yield FollowedYear(
                year, economy, active, group_years, factor, whole, claiming, burden_of(together), sample, terms, ledger,
                year_measures(together, sample) + memo_measures(readers, scheme, year, scenario.year, together, heads, sample),
                ledger_measures(ledger, heads, exhausted, whole.chance),
                net_burden_measures(together, sample, ledger, terms, readers, heads, economy.funding))


def members_of(group_years: Sequence[GroupYear], enrolled: np.ndarray) -> np.ndarray:
    """The members of a scheme, int64[D, P], of whom `enrolled` float64[D, P] are there relative to the baseline."""
    return total_of(nearest(group_year.members[:, None] * enrolled) for group_year in group_years)


def burden_of(sums: Sums) -> np.ndarray:
    """What the net burden is made of, float64[D, P, 10]."""
    own = sums.quintile[..., Paid.ACCOUNT] + sums.quintile[..., Paid.CASH]
    return np.concatenate([own, sums.person[..., SECONDARY_BASE]], axis=-1).astype(np.float64)


def policies_from(year: FollowedYear, first: int, count: int, latents: Iterable[Latent]) -> FollowedYear:
    """What an emulator fits of a year, under `count` policies from `first` on; of care only what is asked."""
    of = slice(first, first + count)
    claims = year.claims
    cut = Claims({name: months[:, of] for name, months in claims.months.items()},
                 *(getattr(claims, name)[:, of] for name in ("segments", "secondary_base", "chance")))
    asked = {latent[:2] for latent in latents if latent.year == year.year}
    care = [measure._replace(values=measure.values[:, of]) for measure in year.care if measure[:2] in asked]
    return year._replace(factor=year.factor[:, of], claims=cut, claiming=year.claiming[:, of], burden=year.burden[:, of],
                         care=care, fund=[], net=[])


def followed_outcomes(year: FollowedYear, latents: Iterable[Latent]) -> dict[Latent, np.ndarray]:
    """The latent figures of a year as they were simulated, float64[D, P] each."""
    measures = {measure[:2]: measure.values for measure in (*year.care, *year.fund, *year.net)}
    return {latent: margin_of_limit(year.ledger, latent.name, year.terms) if latent.name in (ANNUAL, CUMULATIVE)
            else measures[latent[:2]] for latent in latents if latent.year == year.year}
