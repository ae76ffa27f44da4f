"""Pooling: what the same year would have been had every county, or city, kept a fund of its own.

A memo beside the pooled ledger, which stays the truth for the province. Counties are alike in heads
and in funding a head; their claims differ by a persistent cost multiplier and a yearly shock, and add
up to the pooled claims to the fen. So the counties' balances add up to the accrued balance of the
pooled fund. Integers only: products, quotients and table look-ups, the same bits on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.chance.quantiles import normal_table
from simulator.chance.random import COUNTY, philox_words, year_stream
from simulator.fund.amounts import fine_part, fine_share, instalments, portion, split
from simulator.fund.terms import FundTerms
from simulator.money import ONE

UNIT = 1 << 16                   # a multiplier of one; also the unit of the normal table
LEAST = UNIT // 10               # no county is cheaper than a tenth of the mean
# Chance makes 3.5% of a year's payments to 50,000 people (docs/model.md): 7.83 times the mean of one person's.
PERSON_SPREAD = 78_300           # 1/10,000 of the mean payment


@dataclass(frozen=True)
class Counties:
    """The counties of a scheme, and the key of their randomness (as in `simulator.chance.random`)."""

    seed: int
    people_id: int
    count: int


class PoolingYear(NamedTuple):
    """A year of the memo, [D, P]: need is what would fill every balance below zero, int64 fen."""

    counties_in_deficit: np.ndarray    # float64, share of counties
    top_up_county: np.ndarray
    top_up_adjusted: np.ndarray        # counties with an adjustment fund
    top_up_city: np.ndarray
    top_up_province: np.ndarray
    adjustment_fund: np.ndarray        # its balance
    value_of_pooling: np.ndarray       # need at county level less the need at the stated level


class CountyFunds:
    """The balances of n counties, int64 [D, P, n], with and without an adjustment fund; deficits are carried, not met.

    `counties` None, or one county, is a fund without parts: every level is the province. `opening`
    [D, P], the pooled fund's accrued balance, is split equally.
    """

    def __init__(self, counties: Counties | None, opening: np.ndarray) -> None:
        self.counties = counties or Counties(0, 0, 1)
        if self.counties.count < 1:
            raise ValueError(f"{self.counties.count} counties, expected one at least")
        self.own = equally(opening, self.counties.count)
        self.adjusted = self.own
        self.fund = np.zeros_like(opening)
        if self.counties.count > 1:
            self.normal = normal_table()
            self.persistent = self._normals(len(opening), 0)[..., 0]

    def advance(self, terms: FundTerms, year: int, heads: np.ndarray, revenue: np.ndarray, claims: np.ndarray,
                change: np.ndarray) -> PoolingYear:
        """The year's memo from pooled [D, P] heads, revenue, claims incurred and change of the accrued balance."""
        count = self.counties.count
        borne = split(claims, self.weights(terms, year, heads))
        net = equally(change + claims, count) - borne
        self.own = self.own + net

        paid_in = portion(equally(revenue, count), np.asarray(terms.adjustment_share)[:, None])
        self.adjusted, self.fund = self.adjusted + net - paid_in, self.fund + paid_in.sum(axis=2)
        short = np.maximum(-self.adjusted, 0)
        met = fine_part(short, fine_share(np.maximum(self.fund, 0), short.sum(axis=2))[..., None])
        self.adjusted, self.fund = self.adjusted + met, self.fund - met.sum(axis=2)

        county, adjusted = need(self.own), need(self.adjusted)
        city, province = self._city_need(np.asarray(terms.cities)), need(self.own.sum(axis=2, keepdims=True))
        level = np.asarray(terms.pooling_level)
        stated = np.select([level == 0, level == 1], [adjusted, city], province)
        return PoolingYear((self.own < 0).sum(axis=2) / count, county, adjusted, city, province, self.fund, county - stated)

    def weights(self, terms: FundTerms, year: int, heads: np.ndarray) -> np.ndarray:
        """Claims of the counties relative to their mean, in 1/65,536, int64 [D, P, n]; `heads` [D, P] of all counties.

        A persistent multiplier, s.d. `county_cost_sd`, times a year's shock: s.d. `county_shock_sd`, and the
        chance of so few people. Neither is less than a tenth. The words depend on county, draw and year alone.
        """
        shape = (*heads.shape, self.counties.count)
        if self.counties.count == 1:
            return np.full(shape, UNIT)
        shocks = self._normals(len(heads), year)
        chance = np.sqrt(PERSON_SPREAD**2 * self.counties.count / np.maximum(heads, 1))      # correctly rounded everywhere
        chance = np.minimum(chance, ONE).astype(np.int64)
        cost = np.asarray(terms.county_cost_sd)[:, None] * self.persistent[:, None]
        shock = np.asarray(terms.county_shock_sd)[:, None] * shocks[:, None, :, 0] + chance[..., None] * shocks[:, None, :, 1]
        result = np.maximum(UNIT + cost // ONE, LEAST) * np.maximum(UNIT + shock // ONE, LEAST) // UNIT
        return np.broadcast_to(result, shape)

    def _normals(self, draws: int, year: int) -> np.ndarray:
        """Two standard normals in 1/65,536 for each draw and county, int64 [D, n, 2]; year 0 for what persists."""
        key, county = (self.counties.seed, self.counties.people_id), np.arange(self.counties.count)
        words = np.stack([philox_words(*key, county, 0, draw, year_stream(year, COUNTY)) for draw in range(draws)])
        return self.normal[words[..., :2] >> 16]

    def _city_need(self, cities: np.ndarray) -> np.ndarray:
        """What would fill the deficits of cities, `cities` [1 or P] groups of neighbouring counties, as equal as can be."""
        count = self.counties.count
        needs = []
        for groups in np.unique(cities):
            groups = int(min(max(groups, 1), count))
            starts = -(-np.arange(groups) * count // groups)                 # county c is in city c x groups // count
            needs.append(need(np.add.reduceat(self.own, starts, axis=2)))
        return np.select([np.broadcast_to(cities == groups, needs[0].shape) for groups in np.unique(cities)], needs)


def equally(amount: np.ndarray, count: int) -> np.ndarray:
    """An amount [D, P] in equal parts [D, P, count]; the last takes the rounding."""
    return np.stack(instalments(amount, count), axis=-1)


def need(balances: np.ndarray) -> np.ndarray:
    """What would fill every balance below zero, summed over the last axis."""
    return np.maximum(-balances, 0).sum(axis=-1)
