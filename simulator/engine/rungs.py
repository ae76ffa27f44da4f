"""The plans that are settled in a year: those of each policy's ladder, in one pass on the same claims.

A policy without a ladder, or whose fund never uses one, has one plan, its own. A rung changes a plan's row of terms and nothing
else (docs/fund.md, The ladder).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.fund.amounts import portion
from simulator.fund.columns import Columns
from simulator.money import ONE, UNLIMITED
from simulator.parameters.ladder import Ladder
from simulator.plan import places

MIX_ONE = 1_024                # weights of rungs are integers of this


class Settling(NamedTuple):
    """The Q plans that are settled in a year: those of a policy lie together, from its lowest rung up; where `apart`, every
    policy's own plan stands once more behind them, for a fund that changes nothing."""

    ladders: tuple[Ladder, ...]    # of each policy
    policy: np.ndarray             # int64[Q]: whose plan it is
    first: np.ndarray              # int64[P]: where the policy's plans begin
    below: np.ndarray              # int64[P]: its rungs below its own plan
    above: np.ndarray              # int64[P]
    apart: bool

    def places(self, rung: np.ndarray, policy: np.ndarray) -> np.ndarray:
        """Where the plan of each world's rung int64[D, C], counted from the own plan of the `policy` int64[C], stands among the
        Q; a rung beyond the ladder counts as its end."""
        below = self.below[policy]
        return self.first[policy] + below + np.clip(rung, -below, self.above[policy])

    @property
    def by_rung(self) -> np.ndarray:
        """Where each policy's rungs stand from the lowest up, int64[P, R]; behind the highest it stands again."""
        rungs = np.arange(int((self.below + self.above).max()) + 1)
        return self.first[:, None] + np.minimum(rungs, (self.below + self.above)[:, None])

    @property
    def own(self) -> np.ndarray:
        """Where each policy's own plan stands, int64[P]."""
        return self.first + self.below

    @property
    def unchanged(self) -> np.ndarray:
        """Where each policy's own plan stands apart, int64[P]."""
        return np.arange(len(self.policy) - len(self.first), len(self.policy))

    def of_plans(self, of_policies: np.ndarray, unchanged: np.ndarray) -> np.ndarray:
        """What each policy has in force, [D, P], for the Q plans; `unchanged` [D, P] for those that stand apart."""
        laddered = of_policies[:, self.policy[:len(self.policy) - len(self.first) * self.apart]]
        return np.concatenate([laddered, unchanged], axis=1) if self.apart else laddered


@dataclass(frozen=True)
class Mix:
    """What is shown of each policy in each world: one of the plans that are settled, or, where its units are on several rungs, a
    mean of them by members."""

    plans: np.ndarray              # int64[D, P]: the one plan
    by_rung: np.ndarray            # int64[P, R]: the plans that are mixed
    weights: np.ndarray | None     # int64[D, P, R] in 1/MIX_ONE; None: nothing is mixed

    def only(self, worlds: np.ndarray) -> Mix:
        """The same in some worlds, by their places int64."""
        return Mix(self.plans[worlds], self.by_rung, None if self.weights is None else self.weights[worlds])

    def own_plans(self, settled: int) -> bool:
        """Whether the plans that are `settled` are the policies' own, so that of each policy its plan is shown."""
        return self.weights is None and self.plans.shape[1] == settled and bool((self.plans == np.arange(settled)).all())

    def among(self, settled: np.ndarray) -> Mix:
        """The same where the plans int64[Q] have been settled as some of fewer."""
        return Mix(settled[self.plans], settled[self.by_rung], self.weights)

    def of_world(self, world: int, of_plans: np.ndarray) -> np.ndarray:
        """The integers of policies [P, ...] from those of plans [Q, ...] in one world; of a mean half up."""
        if self.weights is None:
            return of_plans[self.plans[world]]
        weights = self.weights[world].reshape(*self.weights.shape[1:], *(1,) * (of_plans.ndim - 1))
        return ((of_plans[self.by_rung] * weights).sum(axis=1) + MIX_ONE // 2) // MIX_ONE


def mix_of(settling: Settling, rung: np.ndarray, heads: np.ndarray, columns: Columns) -> Mix:
    """What is shown of each policy whose units are on the rungs int64[D, C] and have had `heads` int64[D, C]."""
    first = settling.places(rung[:, columns.starts], np.arange(len(settling.first)))
    if columns.whole or settling.by_rung.shape[1] == 1:
        return Mix(first, settling.by_rung, None)
    weight = np.where(columns.spread(columns.total(heads)) > 0, heads, 1)
    at = settling.places(rung, columns.policy) - settling.first[columns.policy]
    of_rungs = np.stack([columns.total(np.where(at == r, weight, 0)) for r in range(settling.by_rung.shape[1])], axis=2)
    return Mix(first, settling.by_rung, np.diff(portion(MIX_ONE, np.cumsum(of_rungs, axis=2), of_rungs.sum(axis=2)[..., None]),
                                                axis=2, prepend=0))


def settling_of(ladders: Sequence[Ladder], apart: bool = False) -> Settling:
    """The plans to settle, from each policy's ladder."""
    rungs, below = (np.array(counts, dtype=np.int64) for counts in zip(*((one.rungs, one.plan) for one in ladders), strict=True))
    policies = np.arange(len(rungs))
    policy = np.concatenate([np.repeat(policies, rungs), policies[:len(rungs) * apart]])
    return Settling(tuple(ladders), policy, np.cumsum(rungs) - rungs, below, rungs - 1 - below, apart)


def rows_of_rungs(row: np.ndarray, ladder: Ladder, cap_floor: int = 0) -> np.ndarray:
    """A plan's rows int64[..., TERMS] at each rung, int64[R, ..., TERMS]; `cap_floor` (fen) is the law's floor on the annual cap,
    which limits a rung."""
    rows = np.repeat(row[None], ladder.rungs, axis=0)
    if ladder.rungs == 1:
        return rows
    for n in range(ladder.rungs):
        for name, points in (("ratio", ladder.ratio[n]), ("outpatient_ratio", ladder.outpatient_ratio[n])):
            at = places(name)
            rows[n][..., at] = moved_ratios(row[..., at], points, ladder.low, ladder.high)
        for name, share in (("deductible", ladder.deductible[n]), ("annual_cap", ladder.cap[n]),
                            ("outpatient_year_limit", ladder.outpatient_limit[n])):
            at = places(name)
            rows[n][..., at] = moved_amounts(row[..., at], share)
    cap = places("annual_cap")
    rows[..., cap] = np.maximum(rows[..., cap], np.minimum(row[..., cap], cap_floor))
    return rows


def moved_ratios(ratios: np.ndarray, points: int, low: int, high: int) -> np.ndarray:
    """Ratios with points added. What is paid no share stays so; a bound limits a step and causes none."""
    moved = ratios + points
    moved = np.minimum(moved, np.maximum(ratios, high)) if points > 0 else np.maximum(moved, np.minimum(ratios, low))
    return np.where(ratios > 0, moved, ratios)


def moved_amounts(amounts: np.ndarray, share: int) -> np.ndarray:
    """Amounts times a share in 1/10,000, half up to the fen; what is unlimited stays so."""
    return np.where(amounts < UNLIMITED, (amounts * share + ONE // 2) // ONE, amounts)
