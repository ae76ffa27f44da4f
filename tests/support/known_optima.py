"""Problems for `solve` whose answer is known in closed form: balances that are linear in the levers, with normal shocks.

In world w the balance is a . x + b + s e_w and the cost c . x k_w: x from 0 to 2 in each lever, e_w normal, k_w of mean 1.
P(balance < 0) <= q holds where a . x + b >= z s, so the least cost is a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.special import ndtr, ndtri

from simulator.answers.box import Box, Lever
from simulator.answers.conditions import Condition, Event, Figure, Goal, Latent
from simulator.answers.emulator import Direct, fit
from simulator.answers.solve import Answer, Evaluated, solve

BALANCE, COST = Latent("balance", "", 2012), Latent("cost", "", 2012)
NOWHERE: Any = None               # the problems have no region


@dataclass(frozen=True)
class LinearFund:
    """One problem; it is an `Evaluate`."""

    seed: int
    levers: int
    effect: np.ndarray            # a
    price: np.ndarray             # c
    share: float                  # q
    wanted: float                 # what share of the levers' whole effect the condition needs; above 1 it cannot be met
    spread: float = 0.5           # s

    @property
    def needed(self) -> float:
        """The mean balance above `base` at which P(balance < 0) is the share allowed."""
        return self.wanted * 2 * float(self.effect.sum())

    @property
    def base(self) -> float:
        return float(ndtri(1 - self.share)) * self.spread - self.needed

    @property
    def box(self) -> Box:
        return Box(tuple(Lever(f"lever {n}", "value", Decimal(0), Decimal(2), Decimal("0.0001"), "CNY")
                         for n in range(self.levers)), NOWHERE, 2012)

    def __call__(self, points: np.ndarray, draws: int, batch: int) -> Evaluated:
        random = np.random.default_rng([self.seed, batch])
        shock, growth = random.normal(size=(draws, 1)), 1 + 0.1 * random.normal(size=(draws, 1))
        found = {BALANCE: (points + 1) @ self.effect + self.base + self.spread * shock,
                 COST: growth * ((points + 1) @ self.price)}
        return Evaluated(found, {latent: values[:, :1] for latent, values in found.items()})

    def surveyed(self, points: np.ndarray, fitted: int, draws: int) -> tuple[Evaluated, Direct]:
        """The points' outcomes, and an emulator fitted to the first of them."""
        found = self(points, draws, 0)
        return found, fit(self.box, points[:fitted], {latent: values[:, :fitted] for latent, values in found.outcomes.items()})

    def question(self) -> tuple[Goal, tuple[Condition, ...]]:
        """The goal and the condition."""
        event = Event((BALANCE[:2],), (2012,))
        condition = Condition(Figure("P", event, "probability", "P(balance in 2012 < 0)"), 1, self.share)
        return Goal(Figure("mean", COST, "CNY", "mean(cost in 2012)"), 1), (condition,)

    def solved(self, draws: int = 100, confirm: int = 400) -> Answer:
        """The answer that `solve` finds."""
        return solve(self.box, *self.question(), self, draws, confirm, self.seed)

    def true_share(self, point: np.ndarray) -> float:
        """The probability of a balance below zero at a point of the box."""
        return float(ndtr(-((point + 1) @ self.effect + self.base) / self.spread))

    def true_cost(self, point: np.ndarray) -> float:
        return float((point + 1) @ self.price)

    def least_cost(self) -> float:
        """The least cost with which the condition can be met."""
        found = linprog(self.price, A_ub=[-self.effect], b_ub=[-self.needed], bounds=[(0, 2)] * len(self.price))
        return float(found.fun)


def problem(seed: int, wanted: float | None = None) -> LinearFund:
    """A random problem of one to three levers."""
    random = np.random.default_rng(seed)
    levers = int(random.integers(1, 4))
    effect, price = random.uniform(0.5, 2.0, (2, levers))
    share, middle = float(random.choice([0.05, 0.1, 0.2])), float(random.uniform(0.3, 0.7))
    return LinearFund(seed, levers, effect, price, share, middle if wanted is None else wanted)
