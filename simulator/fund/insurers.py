"""Covers that an insurer runs beside the fund, critical illness insurance (CII) and the large-sum supplement: what a year's
premium is, and by how much last year's claims move it.

The premium is stated, and re-rated every year by the claims of the year before, so that claims come to a share of the premium
within stated bounds. What fund and insurer owe each other after a year is settled in January of the next one. Amounts are int64
fen, ratios and rates in 1/10,000, and arrays [D, C].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.fund.amounts import Integers, portion
from simulator.fund.columns import Columns
from simulator.money import ONE

LOWEST_RATE, HIGHEST_RATE = ONE // 4, 4 * ONE          # a premium stays between a quarter of the stated one and four times it


@dataclass(frozen=True)
class Cover:
    """What last year has left of a cover: `rate` in 1/10,000 of the `stated` premium a head (fen, -1 before the first year), and
    what is owed in January: the insurer returns `clawback`, the fund pays its part of a `loss`."""

    rate: np.ndarray
    stated: np.ndarray
    clawback: np.ndarray
    loss: np.ndarray

    def of_year(self, stated: Integers) -> Cover:
        """The cover as the year begins: a premium that is stated anew is what was agreed, so its rate begins again at one."""
        stated = np.zeros_like(self.rate) + stated
        return Cover(np.where(stated == self.stated, self.rate, ONE), stated, self.clawback, self.loss)

    def premium(self, heads: np.ndarray) -> np.ndarray:
        """The year's premium of all heads, rounded half up."""
        return portion(heads * self.stated, self.rate)


def merged(cover: Cover, units: Columns, heads: np.ndarray) -> Cover:
    """The covers of units that become one: their mean rate by `heads`, half up, and what is owed to and by all of them."""
    return Cover(units.mean(cover.rate, heads), cover.stated[:, units.starts], units.total(cover.clawback),
                 units.total(cover.loss))


def new_cover(zero: np.ndarray) -> Cover:
    """A cover that has had no year yet."""
    return Cover(zero + ONE, zero - 1, zero, zero)


@dataclass(frozen=True)
class Rating:
    """How an insurer rates a cover: claims stay between `low` and `high` of the premium, which moves by at most `step` a year."""

    low: Integers
    high: Integers
    step: Integers


def rerated(cover: Cover, rating: Rating, heads: np.ndarray, claims: np.ndarray) -> np.ndarray:
    """Next year's rate, int64 [D, C], by this year's `claims` and the premium of this year's `heads`.

    Claims below `low` of the premium, or above `high`, ask for the rate at which they would have come to that bound. The rate
    moves towards it by at most `step` of itself, and stays between LOWEST_RATE and HIGHEST_RATE. Without a premium it stays.
    """
    if not np.any(rating.step):
        return cover.rate
    at_one, paid, claims = heads * cover.stated, cover.premium(heads), np.maximum(claims, 0)
    under, over = claims < portion(paid, rating.low), claims > portion(paid, rating.high)
    wanted = np.where(over, portion(claims, ONE, np.maximum(rating.high, 1)), portion(claims, ONE, np.maximum(rating.low, 1)))
    asked = np.minimum(wanted, at_one * (HIGHEST_RATE // ONE))                   # keeps the product below within 64 bits
    rate = portion(np.zeros_like(at_one) + ONE, np.maximum(asked, 0), np.maximum(at_one, 1))
    step = portion(cover.rate, rating.step)
    rate = np.clip(np.clip(rate, cover.rate - step, cover.rate + step), LOWEST_RATE, HIGHEST_RATE)
    return np.where((under | over) & (at_one > 0), rate, cover.rate)
