"""The best point of a box by an emulator: search, the point that comes nearest, prices of conditions, and the frontier.

A condition's slack is its distance from the bound on the allowed side, in its own unit; divided by a scale, slacks of a
probability and of months can be weighed against each other where no point meets them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.answers.conditions import Condition, Figure, Goal
from simulator.answers.emulator import Emulator, basis, design
from simulator.answers.outcomes import figure_of

GRID, STARTS, ROUNDS = 512, 3, 50
AROUND = 4                       # points around the best so far for each term of the quadratics that are fitted there
RADII = (0.4, 0.15, 0.05, 0.015, 0.005)        # of ever smaller neighbourhoods, in half-widths of the box
REACH = 1.5                      # of a quadratic, in radii
TOLERANCE = 1e-4                 # of a slack, relative to its scale: what a search leaves of a binding condition
POINT = 0.01                     # a percentage point


@dataclass(frozen=True)
class Optimum:
    """A point of the box with its goal and the slack of each condition; `feasible` if none is below zero."""

    point: np.ndarray            # float64[L]
    goal: float
    slacks: np.ndarray           # float64[C], in the units of the conditions
    feasible: bool


@dataclass(frozen=True)
class Search:
    """Finds the best point of an emulator under conditions. Figures are smoothed, so that they bend where they would jump."""

    emulator: Emulator
    goal: Goal
    conditions: tuple[Condition, ...]
    scales: np.ndarray           # float64[C]: how much of each condition's figure counts the same
    seed: int = 0
    _on_grid: dict[Figure, np.ndarray] = field(default_factory=dict, repr=False)

    def best(self, starts: Sequence[np.ndarray] = ()) -> Optimum:
        """The point that meets every condition with the best goal, or else the one whose worst slack is least bad.

        It begins with the most promising of `starts` and a grid, and goes on in ever smaller neighbourhoods of the best so far:
        figures of few worlds are bumpy and a fund's answers have edges, so there are no slopes to be followed further.
        """
        grid, goals = self.grid(), self.goal.sense * self._grid_figure(self.goal.figure)
        worst = self._slacks([self._grid_figure(condition.figure) for condition in self.conditions]).min(axis=1)
        order = np.argsort(np.where(worst >= 0, goals, np.inf) if (worst >= 0).any() else -worst)[:STARTS]
        best = min(self._optima(np.stack([*starts, *grid[order]])), key=self._rank)
        for radius in RADII:
            best = self._closer(best, radius)
        return best

    def _rank(self, one: Optimum) -> tuple[bool, float]:
        """What is better comes first: what meets all conditions by its goal, and what does not by its worst slack."""
        return not one.feasible, float(self.goal.sense * one.goal if one.feasible else -(one.slacks / self.scales).min())

    def _closer(self, best: Optimum, radius: float) -> Optimum:
        """The best of points around the best so far, and of the point at which quadratics through their figures are best."""
        terms = basis(best.point[None]).shape[1]
        points = np.clip(best.point + radius * design(len(best.point), self.seed + 3, AROUND * terms), -1, 1)
        found = [best, *self._optima(points)]
        at = np.stack([one.point for one in found])
        values = np.array([[self.goal.sense * one.goal, *(one.slacks / self.scales)] for one in found])
        fitted = np.linalg.lstsq(basis((at - best.point) / radius), values, rcond=None)[0]                # [terms, 1 + C]
        best = min(found, key=self._rank)
        starts = [(best.point - at[0]) / radius]
        low, high = (np.clip((edge - at[0]) / radius, -REACH, REACH) for edge in (-1.0, 1.0))
        suggested = np.clip(at[0] + radius * extreme(fitted, starts[0], low, high, best.feasible), -1, 1)
        return min(best, *self._optima(suggested[None]), key=self._rank)

    def _optima(self, points: np.ndarray) -> list[Optimum]:
        """What the emulator says of points float64[P, L]."""
        return [Optimum(point, float(self.goal.sense * row[0]), row[1:] * self.scales, bool((row[1:] >= -TOLERANCE).all()))
                for point, row in zip(points, self._at(points), strict=True)]

    def grid(self) -> np.ndarray:
        """The corners of the box and Sobol points in it, float64[P, L]."""
        corners = self.emulator.box.corners()
        return design(corners.shape[1], self.seed, GRID + len(corners), corners)

    def _grid_figure(self, figure: Figure) -> np.ndarray:
        """A figure on the grid, float64[P]; it is kept, for searches under other bounds ask for it again."""
        if figure not in self._on_grid:
            self._on_grid[figure] = figure_of(figure, self.emulator.outcomes(self.grid()), smooth=True)
        return self._on_grid[figure]

    def _slacks(self, figures: Sequence[np.ndarray]) -> np.ndarray:
        """The scaled slack of each condition, float64[P, C], from its figure float64[P]."""
        return np.stack([condition.sense * (condition.bound - figure) / scale
                         for condition, figure, scale in zip(self.conditions, figures, self.scales, strict=True)], axis=1)

    def _at(self, points: np.ndarray) -> np.ndarray:
        """The goal (less is better) and the scaled slacks at points float64[P, L], float64[P, 1 + C]."""
        outcomes = self.emulator.outcomes(points)
        slacks = self._slacks([figure_of(condition.figure, outcomes, smooth=True) for condition in self.conditions])
        return np.column_stack([self.goal.sense * figure_of(self.goal.figure, outcomes, smooth=True), slacks])

    def under(self, conditions: Sequence[Condition]) -> Search:
        """The same search under other conditions."""
        return replace(self, conditions=tuple(conditions))

    def prices(self, best: Optimum) -> np.ndarray:
        """How much better the goal would be were each condition one point looser (a percentage point, or one in its unit),
        float64[C]; 0 where it would not."""
        gains = []
        for c, condition in enumerate(self.conditions):
            looser = [*self.conditions]
            looser[c] = condition.at(condition.bound + condition.sense * point_of(condition))
            found = self.under(looser).best([best.point])
            gains.append(max(self.goal.sense * (best.goal - found.goal), 0.0) if found.feasible else 0.0)
        return np.array(gains)

    def frontier(self, which: int, levels: Sequence[float], start: np.ndarray) -> list[Optimum]:
        """The best point at each level of one condition's bound, in the order of the levels."""
        found: list[Optimum] = []
        for level in levels:
            conditions = [*self.conditions]
            conditions[which] = conditions[which].at(level)
            found.append(self.under(conditions).best([start, *(one.point for one in found[-1:])]))
        return found


def extreme(fitted: np.ndarray, start: np.ndarray, low: np.ndarray, high: np.ndarray, feasible: bool) -> np.ndarray:
    """The point between `low` and `high` float64[L] at which the first of quadratics float64[T, 1 + C] is least while the others
    are not below zero or, where none is `feasible`, at which the lowest of the others is highest."""
    from scipy.optimize import minimize

    levers = len(start)
    scale = max(float(np.abs(fitted[1:, 0]).max()), 1e-12)

    def at(x: np.ndarray) -> np.ndarray:
        return basis(x[None, :levers])[0] @ fitted

    bounds = list(zip(low, high, strict=True))
    if feasible:
        found = minimize(lambda x: at(x)[0] / scale, start, method="SLSQP", bounds=bounds, options={"maxiter": ROUNDS},
                         constraints={"type": "ineq", "fun": lambda x: at(x)[1:]})
    else:
        found = minimize(lambda x: -x[-1], np.append(start, at(start)[1:].min()), method="SLSQP", bounds=[*bounds, (-1e3, 1e3)],
                         options={"maxiter": ROUNDS}, constraints={"type": "ineq", "fun": lambda x: at(x)[1:] - x[-1]})
    point = found.x[:levers]
    return np.clip(point, low, high) if np.isfinite(point).all() else start


def point_of(condition: Condition) -> float:
    """What a condition is loosened by to price it: a percentage point of a probability, or one in the figure's unit."""
    return POINT if condition.figure.unit == "probability" else 1.0


def frontier_levels(condition: Condition, scale: float, reached: float | None = None, count: int = 9) -> list[float]:
    """Levels of a condition's bound around the one asked, rising: for a probability from near 0 or 1 to some way beyond. Where
    only `reached` can be attained they go from the bound to as far again as half the way."""
    bound = condition.bound
    if reached is not None:
        low, high = sorted((bound, reached + (reached - bound) / 2))
        if condition.figure.unit == "probability":
            low, high = max(low, 0.0), min(high, 1.0)
        return [float(level) for level in np.linspace(low, high, count)]
    if condition.figure.unit == "probability":
        reach = min(max(bound if bound < 0.5 else 1 - bound, 0.02) * 2, 0.4)
        low, high = max(bound - reach, 0.005), min(bound + reach, 0.995)
    else:
        low, high = bound - scale / 2, bound + scale / 2
    levels = [*np.linspace(low, bound, count // 2 + 1), *np.linspace(bound, high, count // 2 + 1)[1:]]
    return [float(level) for level in dict.fromkeys(levels)]
