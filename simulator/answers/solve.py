"""Solve: the policy of a box that meets conditions with the best goal, confirmed on worlds it was not chosen by.

`solve` knows no engine: it is given an `Evaluate`, which simulates policies in so many worlds and fits an emulator of every world
to some 64 of them. It judges the emulator on 32 more, searches, simulates exact policies around what it finds, and then simulates
the choice in fresh worlds. There each condition must hold with 95% confidence, so the search aims somewhat inside the bounds that
are asked: by what chance may take away in both sets of worlds. If it fails the aim is moved further in, at most twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from simulator.answers.box import Box
from simulator.answers.conditions import Condition, Event, Figure, Goal, Latent
from simulator.answers.emulator import DESIGN, HELD_OUT, Emulator, Error, certificate, design, joined_outcomes
from simulator.answers.optimum import Optimum, Search, frontier_levels
from simulator.answers.outcomes import CONFIDENCE, Interval, figure_of, highest_share, interval_of
from simulator.parameters.errors import InputError

AIMS = (1.0, 1.7, 2.4)           # by how many standard errors each attempt aims inside a bound
NEAR = 16                        # exact policies around the answer
NEAR_RADIUS = 0.15               # of the box's half-width
SLACK_OF_A_STEP = 0.01           # of a scale: what rounding to a step may cost a policy that lies on a bound
POOR = 0.05                      # an emulator with larger errors on held-out policies is only a guide to exact ones
SHARE_SCALE = 0.1                # ten points of a probability count like the whole spread of another figure
ANSWER, NOT_CONFIRMED, NOT_ATTAINABLE = "answer", "not confirmed", "not attainable"

class Evaluated(NamedTuple):
    """The outcomes of policies in the same worlds, float64[D, P] each, and those of the unchanged rules, float64[D, 1]."""

    outcomes: Mapping[Latent, np.ndarray]
    baseline: Mapping[Latent, np.ndarray]


class Evaluate(Protocol):
    """Simulates policies at points float64[P, L] of the box in `draws` worlds."""

    def __call__(self, points: np.ndarray, draws: int, batch: int) -> Evaluated:
        """Their outcomes; `batch` 0 are the worlds of the search, 1, 2 ... fresh ones."""

    def surveyed(self, points: np.ndarray, fitted: int, draws: int) -> tuple[Evaluated, Emulator]:
        """Their outcomes in the worlds of the search, and an emulator of these worlds that is fitted to the first policies; it
        may have its certificate by the others already."""


@dataclass(frozen=True)
class Tried:
    """An exact policy in the worlds of the search: its role, its point, and its figures by their text."""

    role: str                    # fit, held out, near
    point: tuple[float, ...]
    figures: dict[str, float]


@dataclass(frozen=True)
class Answer:
    """What `solve` found. Figures are in the order of the conditions, the goal last."""

    verdict: str
    point: np.ndarray            # float64[L]: the answer, or the nearest there is
    figures: tuple[Figure, ...]
    exact: tuple[float, ...]     # each figure of the answer in the worlds of the search
    fresh: tuple[Interval, ...]  # and in fresh worlds
    baseline: tuple[float, ...]  # each figure of the unchanged rules in the worlds of the search
    met: tuple[bool, ...]        # whether each condition holds with 95% confidence in fresh worlds
    draws: int
    confirm: int                 # fresh worlds
    attempts: int
    emulator: Emulator           # with its certificate
    prices: tuple[float, ...]    # what one point of each condition is worth in the goal; none where no policy meets them
    binding: int | None          # the condition with the highest price
    which: int                   # the condition whose levels the frontier goes through
    traded: Goal                 # what is best at each level: the goal or, where none is attainable, another figure
    levels: tuple[float, ...]
    frontier: tuple[Optimum, ...]
    tried: tuple[Tried, ...]


def solve(box: Box, goal: Goal, conditions: Sequence[Condition], evaluate: Evaluate, draws: int, confirm: int,
          seed: int) -> Answer:
    """Find the policy, confirm it, and price its conditions. InputError where `confirm` worlds could prove no condition."""
    conditions = tuple(conditions)
    for condition in conditions:
        check_provable(condition, confirm)
    figures = (*(condition.figure for condition in conditions), goal.figure)

    points = box.snapped(np.concatenate([design(len(box.levers), seed, DESIGN, box.corners()),
                                         design(len(box.levers), seed + 1, HELD_OUT)]))
    (designed, baseline), emulator = evaluate.surveyed(points, DESIGN, draws)
    held = {latent: values[:, DESIGN:] for latent, values in designed.items()}
    if not emulator.errors:
        emulator = emulator.certified(certificate(emulator, figures, points[DESIGN:], held))

    search = Search(emulator, goal, conditions, scales_of(conditions, designed), seed)
    asked = search.best()
    aims = [aimed(conditions, emulator.outcomes(asked.point), draws, confirm, aim) for aim in AIMS]
    inside = [search.under(aim).best([asked.point]) for aim in aims]

    near = near_points(box, [asked.point, *(one.point for one in inside)], inside[0].point, seed)
    nearby = evaluate(near, draws, 0).outcomes
    every, outcomes = np.concatenate([points, near]), joined_outcomes([designed, nearby])
    exact = np.stack([figure_of(figure, outcomes) for figure in figures], axis=1)          # [P, figures]

    attempt, chosen = 0, every[0]
    fresh: tuple[Interval, ...] = ()
    met: tuple[bool, ...] = ()
    attainable = bool((slacks_of(conditions, exact) >= 0).all(axis=1).any()) or (
        all(trusted(error) for error in emulator.errors) and asked.feasible)
    for attempt, aim in enumerate(aims if attainable else aims[:1], start=1):
        chosen = choice(search, aim if attainable else conditions, every, outcomes)
        confirmed = evaluate(chosen[None], confirm, attempt).outcomes
        fresh = tuple(interval_of(figure, confirmed) for figure in figures)
        met = tuple(holds_surely(condition, found) for condition, found in zip(conditions, fresh, strict=False))
        if all(met):
            break

    priced = search.under(aims[attempt - 1] if attainable else conditions)
    best = priced.best([chosen])
    prices = priced.prices(best) if best.feasible else np.zeros(0)
    binding = int(np.argmax(prices)) if prices.max(initial=0.0) > 0 else None
    reached = of_point(figures, chosen, every, outcomes)
    which, traded = (binding or 0, search) if attainable else trade(search, reached)
    levels = frontier_levels(conditions[which], float(search.scales[which]), None if attainable else reached[which])
    return Answer(
        verdict=ANSWER if all(met) else NOT_CONFIRMED if attainable else NOT_ATTAINABLE, point=chosen, figures=figures,
        exact=reached, fresh=fresh,
        baseline=tuple(float(figure_of(figure, baseline)[0]) for figure in figures), met=met, draws=draws, confirm=confirm,
        attempts=attempt, emulator=emulator, prices=tuple(float(price) for price in prices), binding=binding,
        which=which, traded=traded.goal, levels=tuple(levels), tried=tried(figures, every, exact),
        frontier=tuple(traded.frontier(min(which, len(traded.conditions) - 1), levels, chosen)))


def check_provable(condition: Condition, confirm: int) -> None:
    """Refuse a condition that `confirm` worlds could not prove even if all of them met it. InputError says how many could."""
    share = share_missing(condition)
    if share is not None and highest_share(0, confirm, CONFIDENCE) > share:
        needed = int(np.ceil(np.log(1 - CONFIDENCE) / np.log1p(-share))) if share > 0 else None
        raise InputError(f"--confirm: '{condition.text}' cannot be proved in", value=f"{confirm} worlds",
                         expected=f"at least {needed}" if needed else "a bound that leaves some chance, such as 1%")


def share_missing(condition: Condition) -> float | None:
    """The share of worlds that may miss a condition: 5% for P(...) <= 5%, q05(...) >= 0 and q95(...) <= 9; None for a mean."""
    if isinstance(condition.figure.of, Event):
        return condition.bound if condition.sense > 0 else 1 - condition.bound
    if condition.figure.statistic == "quantile":
        return 1 - condition.figure.level if condition.sense > 0 else condition.figure.level
    return None


def aimed(conditions: Sequence[Condition], outcomes: Mapping[Latent, np.ndarray], draws: int, confirm: int,
          aim: float) -> tuple[Condition, ...]:
    """The conditions moved so far in that fresh worlds will prove them, `aim` standard errors of both sets of worlds allowed for.

    `outcomes` of one policy tell how far means scatter.
    """
    found = []
    for condition in conditions:
        share, figure = share_missing(condition), condition.figure
        if share is None:
            from scipy.special import stdtrit
            deviation = float(np.std(outcomes[figure.latents()[0]]))
            margin = float(stdtrit(max(confirm - 1, 1), CONFIDENCE)) / confirm**0.5 + aim * (1 / draws + 1 / confirm) ** 0.5
            found.append(condition.at(condition.bound - condition.sense * margin * deviation))
            continue
        share = aimed_share(share, draws, confirm, aim)
        if figure.statistic == "quantile":
            found.append(replace(condition, figure=replace(figure, level=1 - share if condition.sense > 0 else share)))
        else:
            found.append(condition.at(share if condition.sense > 0 else 1 - share))
    return tuple(found)


def aimed_share(share: float, draws: int, confirm: int, aim: float) -> float:
    """The share to aim at in `draws` worlds, so that `aim` standard errors above it `confirm` worlds still prove `share`."""
    counts = bisect_right(range(confirm + 1), share, key=lambda count: highest_share(count, confirm, CONFIDENCE))
    provable = max(counts - 1, 0) / confirm
    spread = aim**2 * (1 / draws + 1 / confirm)                 # (limit - p)^2 = spread p (1 - p), the smaller root
    half = (2 * provable + spread) / (2 * (1 + spread))
    return float(half - np.sqrt(max(half**2 - provable**2 / (1 + spread), 0.0)))


def holds_surely(condition: Condition, found: Interval) -> bool:
    """Whether a figure's one-sided 95% bound lies on the allowed side."""
    return found.at_most <= condition.bound if condition.sense > 0 else found.at_least >= condition.bound


def trusted(error: Error) -> bool:
    """Whether an emulator is good enough to look for an answer where no policy was simulated: a worst error of five points of a
    probability, and of a twentieth of the range of single worlds for another figure."""
    return error.worst <= POOR if error.unit == "probability" else error.worst_world <= POOR


def scales_of(conditions: Sequence[Condition], outcomes: Mapping[Latent, np.ndarray]) -> np.ndarray:
    """How much of each condition's figure counts the same, float64[C]: ten points of a probability, or the spread of another
    figure over the design."""
    return np.array([SHARE_SCALE if isinstance(condition.figure.of, Event)
                     else max(float(np.ptp(figure_of(condition.figure, outcomes))), 1e-12) for condition in conditions])


def slacks_of(conditions: Sequence[Condition], figures: np.ndarray) -> np.ndarray:
    """The slack of each condition at policies whose figures are float64[P, C + 1], float64[P, C]."""
    return np.stack([condition.sense * (condition.bound - figures[:, c]) for c, condition in enumerate(conditions)], axis=1)


def near_points(box: Box, found: Sequence[np.ndarray], centre: np.ndarray, seed: int) -> np.ndarray:
    """The points that a search has found, and others around `centre`, NEAR in all, float64[NEAR, L]."""
    around = centre + NEAR_RADIUS * design(len(centre), seed + 2, NEAR)
    points = box.snapped(np.clip(np.concatenate([np.stack(list(found)), around]), -1, 1))
    _, first = np.unique(points.round(9), axis=0, return_index=True)
    return points[np.sort(first)[:NEAR]]


def choice(search: Search, conditions: Sequence[Condition], points: np.ndarray,
           outcomes: Mapping[Latent, np.ndarray]) -> np.ndarray:
    """Of exact policies the one that meets the conditions with the best goal, or else the one whose worst slack is least bad."""
    goal = search.goal.sense * figure_of(search.goal.figure, outcomes, smooth=True)
    slacks = np.stack([condition.sense * (condition.bound - figure_of(condition.figure, outcomes, smooth=True))
                       for condition in conditions], axis=1) / search.scales
    worst = slacks.min(axis=1)
    meets = worst >= -SLACK_OF_A_STEP
    return points[int(np.argmin(np.where(meets, goal, np.inf))) if meets.any() else int(np.argmax(worst))]


def trade(search: Search, reached: Sequence[float]) -> tuple[int, Search]:
    """Which of conditions that cannot all be met is missed most, and the search for what another one allows at levels of it.

    That other one is the condition missed most but one, alone with the first; a single condition is set against the goal.
    """
    slacks = [condition.sense * (condition.bound - figure) / scale
              for condition, figure, scale in zip(search.conditions, reached, search.scales, strict=False)]
    which, *others = np.argsort(slacks).tolist()
    if not others:
        return which, search
    other = search.conditions[others[0]]
    goal = Goal(other.figure, other.sense)
    return which, Search(search.emulator, goal, (search.conditions[which],), search.scales[[which]], search.seed)


def of_point(figures: Sequence[Figure], point: np.ndarray, points: np.ndarray,
             outcomes: Mapping[Latent, np.ndarray]) -> tuple[float, ...]:
    """The figures of the exact policy at a point."""
    at = int(np.argmin(np.abs(points - point).sum(axis=1)))
    return tuple(float(figure_of(figure, outcomes)[at]) for figure in figures)


def tried(figures: Sequence[Figure], points: np.ndarray, exact: np.ndarray) -> tuple[Tried, ...]:
    """Every exact policy with its role and figures float64[P, figures]."""
    roles = ["fit"] * DESIGN + ["held out"] * HELD_OUT
    roles += ["near"] * (len(points) - len(roles))
    return tuple(Tried(role, tuple(point.tolist()), dict(zip((figure.text for figure in figures), row.tolist(), strict=True)))
                 for role, point, row in zip(roles, points, exact, strict=True))
