"""A scheme followed from year to year with what its people bring to the fund kept, which an ordinary simulation lets go.

The years are those of the engine's `Course`: the same people, claims, ledgers and measures. Beside them stands what an emulator
fits, claims and their like, and what the fund hangs on besides (members, the economy). The control factor of a year may be set
from outside, so that claims are known under factors that no policy has led to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from os import cpu_count
from typing import NamedTuple

import numpy as np

from simulator.answers.conditions import ANNUAL, CUMULATIVE, Latent
from simulator.answers.outcomes import margin_of_limit
from simulator.engine.course import Course
from simulator.engine.enrolment import GroupYear, people_of
from simulator.engine.flows import Claims
from simulator.engine.local_economy import of_funds
from simulator.engine.measures import Measure, Sample, joined_sample
from simulator.engine.workers import Workers
from simulator.engine.worlds import paths_of
from simulator.fund.accounts import YearLedger
from simulator.fund.terms import FundTerms
from simulator.kernel.programs import start_compiling
from simulator.kernel.sums import SECONDARY_BASE, Sums
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario
from simulator.tables import FundEconomy, Paid

Tell = Callable[[str, int, int], None]


class FollowedYear(NamedTuple):
    """One year in D worlds under P policies."""

    year: int
    economy: FundEconomy
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
           factors: Sequence[np.ndarray] = ()) -> Generator[FollowedYear]:
    """Every year of the scenario's one region and scheme in some worlds.

    `factors` int64[P], one a year, are set in all worlds; without them the factor is what the fund's responses make of it.
    """
    start_compiling()
    steps = count()
    with ThreadPoolExecutor(threads or cpu_count() or 1) as walkers:
        course = Course(scenario, regions[scenario.regions[0]], scenario.schemes[0], worlds, paths_of(scenario, regions, worlds),
                        Workers(walkers, None, walkers.map, whole=False))
        for left in course.years(lambda what: tell(what, next(steps), scenario.horizon) if tell else None, factors):
            yield FollowedYear(left.year, left.economy, left.active, left.groups, left.factor, left.claims, left.claiming,
                               burden_of(left.sums), left.sample, left.terms, left.ledger, left.care + left.memo, left.fund,
                               left.net)


def peopled(scenario: Scenario, regions: Regions, worlds: range) -> Iterator[tuple[int, FundEconomy, list[GroupYear], Sample]]:
    """The people of every year and the economy they live in, as `follow` has them, without their care."""
    paths, region = paths_of(scenario, regions, worlds), scenario.changed(regions[scenario.regions[0]])
    groups = people_of(scenario, region, scenario.schemes[0], worlds)
    for y, year in enumerate(scenario.years):
        national = paths.year(y)
        of_year = [group.year(year, national) for group in groups]
        economy = of_funds(national, groups[0].settings, scenario.schemes[0], year, scenario.year)
        yield year, economy, of_year, joined_sample([group.sample() for group in of_year])


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
