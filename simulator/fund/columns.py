"""Which pooling unit of which policy each column of a fund is, and how amounts go from policies to units and back.

A policy has one column for each of its pooling units, side by side: hundreds under a policy that pools by county, one under a
policy that pools the whole region. Everything in `simulator.fund` works column by column. Amounts of a policy are divided among
its units by fixed-point shares up to and including each unit, so that the units add up to the policy to the fen; with one unit
it has the whole, to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from simulator.fund.amounts import FINE_BITS, portion
from simulator.fund.terms import FundTerms

FINE_ONE = 1 << FINE_BITS           # a share of one, in the fixed-point shares


@dataclass(frozen=True, eq=False)
class Columns:
    """C columns of P policies. `starts` int64[P] is the first column of each policy, `count` is C."""

    starts: np.ndarray
    count: int

    @classmethod
    def of(cls, counts: Sequence[int]) -> Columns:
        """The columns of policies with so many units each."""
        ends = np.cumsum(np.asarray(counts, dtype=np.int64))
        return cls(ends - np.asarray(counts), int(ends[-1]))

    @cached_property
    def counts(self) -> np.ndarray:
        """How many units each policy has, int64[P]."""
        return np.diff(self.starts, append=self.count)

    @cached_property
    def policy(self) -> np.ndarray:
        """The policy of each column, int64[C]."""
        return np.repeat(np.arange(len(self.starts)), self.counts)

    @cached_property
    def alone(self) -> np.ndarray:
        """Whether a column is its policy's only unit, bool[C]."""
        return (self.counts == 1)[self.policy]

    @property
    def whole(self) -> bool:
        """Whether every policy has one unit: its columns are the policies."""
        return self.count == len(self.starts)

    def total(self, amount: np.ndarray) -> np.ndarray:
        """The sum over the units of each policy, of [D, C, ...]: [D, P, ...]."""
        return amount if self.whole else np.add.reduceat(amount, self.starts, axis=1)

    def spread(self, amount: np.ndarray) -> np.ndarray:
        """What a policy has, at each of its units: [D, P, ...] becomes [D, C, ...]."""
        return amount if self.whole else amount[:, self.policy]

    def spread_terms(self, terms: FundTerms) -> FundTerms:
        """Stacked terms of the policies as those of the columns."""
        if self.whole:
            return terms
        return replace(terms, **{f.name: getattr(terms, f.name)[self.policy] for f in fields(FundTerms)
                                 if f.name not in ("region", "scheme", "year")})

    def divide(self, amount: np.ndarray, up_to: np.ndarray) -> np.ndarray:
        """Divide amounts int64[D, P, ...] among units: int64[D, C, ...], which add up to them.

        `up_to` int64[D or 1, C] is the share of the units up to and including this one, in 2^-30 (FINE_ONE at the last). What the
        units up to one have together is rounded half up.
        """
        if self.whole:
            return amount
        if not amount.any():
            return np.zeros((amount.shape[0], self.count, *amount.shape[2:]), dtype=np.int64)
        reached = _reached(amount, up_to, self.policy)
        parts = reached.copy()
        parts[:, 1:] -= reached[:, :-1]
        parts[:, self.starts] = reached[:, self.starts]
        return parts

    def part(self, amount: np.ndarray, up_to: np.ndarray) -> np.ndarray:
        """As `divide`, of amounts int64[D, C, ...] of which each unit may have its policy's in another way (under another rung):
        a unit's part is what the units up to it would have together, less what those before it would."""
        if self.whole:
            return amount
        return _reached(amount, up_to) - _reached(amount, self._of_the_one_before(up_to))

    def _of_the_one_before(self, values: np.ndarray) -> np.ndarray:
        """What the unit before has, of [D, C, ...]; 0 for the first of each policy."""
        before = np.concatenate([np.zeros_like(values[:, :1]), values[:, :-1]], axis=1)
        before[:, self.starts] = 0
        return before

    def mean(self, value: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """The mean over each policy's units weighted by their members `heads` int64[D, C], half up, int64[D, P]; that of the
        units alike where there are no members."""
        if self.whole:
            return value
        weight = self._weights(heads)
        total = self.total(weight)
        return (2 * self.total(value * weight) + total) // (2 * total)

    def share(self, flag: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """The share of the members `heads` int64[D, C] in units with a flag, or the mean of a ratio weighted by what it is of,
        float64[D, P]; that of the units alike where the weights are zero."""
        if self.whole:
            return np.asarray(flag, dtype=np.float64)
        weight = self._weights(heads)
        return self.total(flag * weight) / self.total(weight)

    def _weights(self, heads: np.ndarray) -> np.ndarray:
        return np.where(self.spread(self.total(heads)) > 0, heads, 1)


def _reached(amount: np.ndarray, up_to: np.ndarray, policy: np.ndarray | None = None) -> np.ndarray:
    """Amounts int64[D, C, ...] x shares int64[D or 1, C] in 2^-30, half up; those of each column's `policy` int64[C] from
    amounts int64[D, P, ...]. Most of a fund's year is waiting for memory, so no array is made that can be done without."""
    share = up_to.reshape(*up_to.shape, *(1,) * (amount.ndim - 2))
    whole, rest = amount >> FINE_BITS, amount & (FINE_ONE - 1)
    if policy is not None:
        whole, rest = whole[:, policy], rest[:, policy]
    rest *= share
    rest += FINE_ONE >> 1
    rest >>= FINE_BITS
    whole *= share
    whole += rest
    return whole


def shares_up_to(weights: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The fixed-point share of the first units of one policy up to each of its pooled units, in 2^-30, int64[..., U].

    `weights` int64[..., n] (>= 0, not all zero) are those of the parts that units are made of, neighbours side by side, and
    `ends` int64[U] is how many parts there are up to the end of each unit. Of sums of more than 30 binary digits the low ones are
    dropped, alike from all; then each share is rounded half up.
    """
    up_to = np.cumsum(weights, axis=-1)
    whole = up_to[..., -1:]
    drop = np.maximum(np.frexp(whole.astype(np.float64))[1].astype(np.int64) - FINE_BITS, 0)
    return portion(up_to[..., ends - 1] >> drop, FINE_ONE, np.maximum(whole >> drop, 1))
