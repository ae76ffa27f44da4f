"""The pooling units of a scheme: counties, the cities that they make up, or the whole region, as the level of the year says.

Counties are what units are made of. A county has a share of the members, and its people's claims are some multiple of the mean:
a lasting level of cost, a yearly shock, and the chance of so few people. The region's claims are divided in proportion, so the
counties add up to the region to the fen, whatever the level: a city's claims are those of its counties. Only integer products,
quotients and table look-ups decide, which give the same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from simulator.chance.quantiles import normal_table
from simulator.chance.random import COUNTY, philox_words, year_stream
from simulator.fund.amounts import portion
from simulator.fund.columns import Columns, shares_up_to
from simulator.fund.terms import FundTerms
from simulator.fund.unit_terms import UnitTerms
from simulator.money import ONE
from simulator.parameters.catalogue import POOLING_LEVELS
from simulator.parameters.quantities import MOST_COUNTIES

COST_ONE = 1 << 16               # a cost multiplier of one; also the unit of the normal table
LEAST_COST = COST_ONE // 10      # no county's cost is below a tenth of the mean
# Chance makes 3.5% of a year's payments to 50,000 people (docs/model.md), so one person's have 7.83 times their mean as s.d.
PERSON_SPREAD = 78_300           # that standard deviation, in 1/10,000 of the mean payment
COUNTY_LEVEL, CITY_LEVEL = POOLING_LEVELS.index("county"), POOLING_LEVELS.index("city")


class Counties(NamedTuple):
    """The counties of a scheme under one policy in one year, neighbours side by side, and the units that they make up."""

    members: tuple[int, ...]       # of each, in parts of any size
    ends: tuple[int, ...]          # how many counties there are up to the end of each pooling unit
    persons: tuple[int, ...]       # of each in the first year, for the chance of its size
    costs: tuple[int, ...]         # the lasting cost level of each, 1/10,000; 0: drawn
    cost_sd: int                   # of those drawn, 1/10,000
    shock_sd: int                  # of the yearly shock
    means: tuple[int, ...]         # of each unit relative to the mean by members, 1/10,000; () where units are alike
    wages: tuple[int, ...]
    openings: tuple[int, ...]      # what each county opens with, in parts of any size; () where that goes by members


@dataclass(frozen=True)
class Scheme:
    """What is the same in all years: how many counties and persons a scheme has, and the key of its randomness with the numbers
    of the D draws (None: 0, 1, 2, ...)."""

    seed: int
    people_id: int
    counties: int
    persons: int
    draws: tuple[int, ...] | None = None


@lru_cache(maxsize=4096)
def counties_of(terms: FundTerms, stated: UnitTerms, scheme: Scheme) -> Counties:
    """The counties of a policy's year, from its own terms (not stacked) and what is stated of them."""
    count = min(scheme.counties, MOST_COUNTIES)
    own = stated if count == scheme.counties else UnitTerms()
    members = own.members or (1,) * count
    if terms.pooling_level == CITY_LEVEL and own.city_counties:
        ends = tuple(accumulate(own.city_counties))
    else:
        groups = {COUNTY_LEVEL: count, CITY_LEVEL: cities_of(terms.cities, scheme.counties, count)}.get(terms.pooling_level, 1)
        ends = tuple(-(-(group * count) // groups) for group in range(1, groups + 1))   # county i is in unit i x groups // count
    whole = sum(members) * scheme.counties // count
    persons = tuple(max(scheme.persons * part // whole, 1) for part in members)
    openings = tuple(part * level for part, level in zip(members, own.openings, strict=True)) if own.openings else ()
    return Counties(members, ends, persons, own.costs or (0,) * count, terms.county_cost_sd, terms.county_shock_sd,
                    relative(own.means, members, ends), relative(own.wages, members, ends), openings)


def relative(levels: Sequence[int], members: Sequence[int], ends: Sequence[int]) -> tuple[int, ...]:
    """The mean level by members of each unit relative to that of all, in 1/10,000, rounded half up; () without levels."""
    if not levels:
        return ()
    parts = [(part * level, part) for part, level in zip(members, levels, strict=True)]
    whole, every = (sum(column) for column in zip(*parts, strict=True))
    found = []
    for first, end in zip((0, *ends), ends, strict=False):
        level, heads = (sum(column) for column in zip(*parts[first:end], strict=True))
        found.append((2 * ONE * level * every + whole * heads) // (2 * whole * heads))
    return tuple(found)


def cities_of(cities: int, counties: int, followed: int) -> int:
    """How many cities the counties make up, of which `followed` are followed: at least one, at most as many as those."""
    return min(max((2 * cities * followed + counties) // (2 * counties), 1), followed)


class Units:
    """The units of a scheme's policies: their columns, and how members and claims are divided among them."""

    def __init__(self, scheme: Scheme) -> None:
        if scheme.counties < 1:
            raise ValueError(f"{scheme.counties} counties, expected one at least")
        self.scheme = scheme
        self._normal: np.ndarray | None = None

    def year(self, terms: Sequence[FundTerms], stated: Sequence[UnitTerms], year: int, draws: int) -> UnitsYear:
        """The units in a year under each policy's terms, with what is stated of its counties, in `draws` worlds."""
        policies = [counties_of(one, own, self.scheme) for one, own in zip(terms, stated, strict=True)]
        columns = Columns.of([len(counties.ends) for counties in policies])
        if columns.whole:
            whole = np.full((1, columns.count), 1, dtype=np.int64)
            return UnitsYear(columns, policies, whole, whole)
        members, claims = {}, {}
        for counties in dict.fromkeys(policies):
            ends = np.array(counties.ends)
            members[counties] = shares_up_to(np.array([counties.members]), ends)
            claims[counties] = (shares_up_to(self.weights(counties, year, draws), ends) if len(ends) > 1
                                else np.broadcast_to(members[counties], (draws, 1)))
        return UnitsYear(columns, policies, np.concatenate([members[one] for one in policies], axis=1),
                         np.concatenate([claims[one] for one in policies], axis=1))

    def weights(self, counties: Counties, year: int, draws: int) -> np.ndarray:
        """What the counties claim relative to each other, int64[D, n]: members x lasting level x the year's shock and chance, in
        1/65,536. Neither of the two factors is less than a tenth. The random bits depend on county, draw and year alone."""
        count = len(counties.members)
        lasting, yearly = self._normals(count, draws, 0)[..., 0], self._normals(count, draws, year)
        chance = np.sqrt(PERSON_SPREAD**2 / np.maximum(np.array(counties.persons), 1))       # correctly rounded everywhere
        chance = np.minimum(chance, ONE).astype(np.int64)
        costs = np.array(counties.costs)
        level = np.where(costs > 0, (2 * COST_ONE * costs + ONE) // (2 * ONE), COST_ONE + counties.cost_sd * lasting // ONE)
        shock = COST_ONE + (counties.shock_sd * yearly[..., 0] + chance * yearly[..., 1]) // ONE
        return np.array(counties.members) * (np.maximum(level, LEAST_COST) * np.maximum(shock, LEAST_COST) // COST_ONE)

    def _normals(self, count: int, draws: int, year: int) -> np.ndarray:
        """Two standard normals in 1/65,536 for each draw and county, int64[D, n, 2]; year 0 is for the lasting level."""
        if self._normal is None:
            self._normal = normal_table()
        key, county = (self.scheme.seed, self.scheme.people_id), np.arange(count)
        words = np.stack([philox_words(*key, county, 0, draw, year_stream(year, COUNTY))
                          for draw in self.scheme.draws or range(draws)])
        return self._normal[words[..., :2] >> 16]


@dataclass(frozen=True)
class UnitsYear:
    """The units of a year: the columns, the counties of each policy, and the fixed-point shares of members (int64[1, C]) and of
    claims (int64[D, C]) up to each unit."""

    columns: Columns
    policies: list[Counties]
    members: np.ndarray
    claims: np.ndarray

    def opened(self, balance: np.ndarray) -> np.ndarray:
        """An opening balance int64[D, C] of the units: of a policy that states what each county has of it, divided so."""
        stated = np.array([bool(counties.openings) for counties in self.policies])
        if not stated.any():
            return balance
        shares = np.concatenate([shares_up_to(np.array([counties.openings or counties.members]), np.array(counties.ends))
                                 for counties in self.policies], axis=1)
        columns = self.columns
        return np.where(stated[columns.policy], columns.divide(columns.total(balance), shares), balance)

    def terms(self, stacked: FundTerms) -> FundTerms:
        """Stacked terms of the policies as those of their units: wages, and the county's share of the subsidy, by what is stated
        of them."""
        terms, own = self.columns.spread_terms(stacked), dict[str, Any]()
        wages, means = (np.array([level for counties in self.policies for level in getattr(counties, name) or
                                  (ONE,) * len(counties.ends)]) for name in ("wages", "means"))
        if (wages != ONE).any():
            own["average_wage"] = portion(np.asarray(terms.average_wage), wages)
        if (means != ONE).any():
            shares = np.asarray(terms.subsidy_shares)
            own["subsidy_shares"] = np.where((means == ONE)[:, None], shares, shares_by_means(shares, means))
        return replace(terms, **own) if own else terms

    def merged_from(self, before: UnitsYear) -> np.ndarray:
        """The first of the units of the year before that each unit is made of, int64[C]. ValueError, with the policy's number,
        where a unit of the year before would have to be split."""
        first: list[int] = []
        for policy, (then, now) in enumerate(zip(before.policies, self.policies, strict=True)):
            if not set(now.ends) <= set(then.ends) or then.ends[-1] != now.ends[-1]:
                raise ValueError(policy)
            start = int(before.columns.starts[policy])
            first += [start, *(start + then.ends.index(end) + 1 for end in now.ends[:-1])]
        return np.array(first)


def shares_by_means(shares: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The governments' shares of the subsidy, int64[C, 3], where the county's goes by its means (1/10,000 of the mean), at most
    all of it; central and provincial government share the rest as they do elsewhere."""
    central, provincial, county = shares.T
    above = central + provincial
    county = np.where(above > 0, np.minimum(portion(county, means), ONE), ONE)
    central = np.where(above > 0, portion(ONE - county, central, np.maximum(above, 1)), 0)
    return np.stack([central, ONE - county - central, county], axis=1)
