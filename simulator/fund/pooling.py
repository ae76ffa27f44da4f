"""Pooling: what the same year would have been if every county, or city, had kept a fund of its own.

This is a memo beside the ledger of the pooled fund, which remains the account of the province. Counties have equal heads and
equal funding; their claims differ by a persistent cost multiplier and a yearly shock, and add up to the pooled claims to the
fen, so that the counties' balances add up to the accrued balance of the pooled fund. Only integer products, quotients and table
look-ups are used, which give the same bits on every machine.
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

COST_ONE = 1 << 16               # a cost multiplier of one; also the unit of the normal table
LEAST_COST = COST_ONE // 10      # no county's cost is below a tenth of the mean
# Chance makes 3.5% of a year's payments to 50,000 people (docs/model.md), so one person's have 7.83 times their mean as s.d.
PERSON_SPREAD = 78_300           # that standard deviation, in 1/10,000 of the mean payment


@dataclass(frozen=True)
class Counties:
    """The counties of a scheme, and the key of their randomness (as in `simulator.chance.random`), with the numbers of the D
    draws (None: 0, 1, 2, ...)."""

    seed: int
    people_id: int
    count: int
    draws: tuple[int, ...] | None = None


class PoolingYear(NamedTuple):
    """A year of the memo, [D, P]. A top-up is what would fill every balance below zero, int64 fen."""

    counties_in_deficit: np.ndarray    # float64, the share of counties whose balance is below zero
    top_up_county: np.ndarray
    top_up_adjusted: np.ndarray        # counties with an adjustment fund
    top_up_city: np.ndarray
    top_up_province: np.ndarray
    adjustment_fund: np.ndarray        # its balance
    value_of_pooling: np.ndarray       # the top-up at county level less the top-up at the stated level


class CountyFunds:
    """The balances of n counties, int64 [D, P, n], without and with an adjustment fund; deficits are carried forward, not met.

    With `counties` None, or one county, the fund has no parts and every pooling level is the province. `opening` [D, P], the
    accrued balance of the pooled fund, is split equally.
    """

    def __init__(self, counties: Counties | None, opening: np.ndarray) -> None:
        self.counties = counties or Counties(0, 0, 1)
        if self.counties.count < 1:
            raise ValueError(f"{self.counties.count} counties, expected one at least")
        self.balances = equally(opening, self.counties.count)
        self.adjusted = self.balances
        self.fund = np.zeros_like(opening)
        if self.counties.count > 1:
            self.normal = normal_table()
            self.persistent = self._normals(len(opening), 0)[..., 0]

    def advance(self, terms: FundTerms, year: int, heads: np.ndarray, revenue: np.ndarray, claims: np.ndarray,
                change: np.ndarray) -> PoolingYear:
        """The year's memo, from the pooled fund's heads, revenue, claims incurred and change of the accrued balance, [D, P]."""
        count = self.counties.count
        borne = split(claims, self.weights(terms, year, heads))
        net = equally(change + claims, count) - borne
        self.balances = self.balances + net

        paid_in = portion(equally(revenue, count), np.asarray(terms.adjustment_share)[:, None])
        self.adjusted, self.fund = self.adjusted + net - paid_in, self.fund + paid_in.sum(axis=2)
        short = np.maximum(-self.adjusted, 0)
        met = fine_part(short, fine_share(np.maximum(self.fund, 0), short.sum(axis=2))[..., None])
        self.adjusted, self.fund = self.adjusted + met, self.fund - met.sum(axis=2)

        county, adjusted = top_up(self.balances), top_up(self.adjusted)
        city, province = self._city_top_up(np.asarray(terms.cities)), top_up(self.balances.sum(axis=2, keepdims=True))
        level = np.asarray(terms.pooling_level)
        stated = np.select([level == 0, level == 1], [adjusted, city], province)
        return PoolingYear((self.balances < 0).sum(axis=2) / count, county, adjusted, city, province, self.fund, county - stated)

    def weights(self, terms: FundTerms, year: int, heads: np.ndarray) -> np.ndarray:
        """Claims of the counties relative to their mean, in 1/65,536, int64 [D, P, n]; `heads` [D, P] are of all counties.

        A persistent multiplier (s.d. `county_cost_sd`) times the year's shock, which has the s.d. `county_shock_sd` and the
        sampling variation of so few people. Neither is less than a tenth. The random bits depend on county, draw and year alone.
        """
        shape = (*heads.shape, self.counties.count)
        if self.counties.count == 1:
            return np.full(shape, COST_ONE)
        shocks = self._normals(len(heads), year)
        chance = np.sqrt(PERSON_SPREAD**2 * self.counties.count / np.maximum(heads, 1))      # correctly rounded everywhere
        chance = np.minimum(chance, ONE).astype(np.int64)
        cost = np.asarray(terms.county_cost_sd)[:, None] * self.persistent[:, None]
        shock = np.asarray(terms.county_shock_sd)[:, None] * shocks[:, None, :, 0] + chance[..., None] * shocks[:, None, :, 1]
        result = np.maximum(COST_ONE + cost // ONE, LEAST_COST) * np.maximum(COST_ONE + shock // ONE, LEAST_COST) // COST_ONE
        return np.broadcast_to(result, shape)

    def _normals(self, draws: int, year: int) -> np.ndarray:
        """Two standard normals in 1/65,536 for each draw and county, int64 [D, n, 2]; year 0 is for the persistent multiplier."""
        key, county = (self.counties.seed, self.counties.people_id), np.arange(self.counties.count)
        numbers = self.counties.draws or range(draws)
        words = np.stack([philox_words(*key, county, 0, draw, year_stream(year, COUNTY)) for draw in numbers])
        return self.normal[words[..., :2] >> 16]

    def _city_top_up(self, cities: np.ndarray) -> np.ndarray:
        """What would fill the deficits of `cities` [1 or P] cities: groups of neighbouring counties of nearly equal number."""
        count = self.counties.count
        top_ups = []
        for groups in np.unique(cities):
            groups = int(min(max(groups, 1), count))
            starts = -(-np.arange(groups) * count // groups)                 # county c is in city c x groups // count
            top_ups.append(top_up(np.add.reduceat(self.balances, starts, axis=2)))
        return np.select([np.broadcast_to(cities == groups, top_ups[0].shape) for groups in np.unique(cities)], top_ups)


def equally(amount: np.ndarray, count: int) -> np.ndarray:
    """Divide an amount [D, P] into equal parts [D, P, count]; the last takes the rounding."""
    return np.stack(instalments(amount, count), axis=-1)


def top_up(balances: np.ndarray) -> np.ndarray:
    """What would fill every balance below zero, summed over the last axis."""
    return np.maximum(-balances, 0).sum(axis=-1)
