"""Published figures that cannot be true together: by an identity of accounts, or under any setting of the model.

Under all settings by chance the figures of a run have a mean and a covariance; with the stated errors and the model's beside
them, what is published is expected to be one draw. A figure is judged by what all others say of it: its distance from the value
that they make most likely, in standard deviations (leave-one-out, Gaussian). Beyond LIMIT it is *set aside*, the worst first, and
the fewest others that already exclude it are named with it. One that no setting reaches even alone is named alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.evidence import Figure
from simulator.calibration.targets import LEAST_MODEL_ERROR, Target, by_cell, made_of

LIMIT = 3.0                     # standard deviations
MOST_EXCLUDING = 4                  # figures of one contradiction


@dataclass(frozen=True)
class Contradiction:
    """Figures that exclude each other: the first is the one that is set aside; `distance` in standard deviations, of what the
    others make of it (`made`, in its unit). `by_accounts`: an identity of accounts says so, whatever the model."""

    figures: tuple[Figure, ...]
    distance: float
    made: float
    by_accounts: bool


def of_accounts(asked: Sequence[Target]) -> list[Contradiction]:
    """Figures that break an identity of accounts, or that two publishers state apart, by their stated errors alone."""
    figures = [target.figure for target in asked if target.figure.kind == "figure"]
    cells, found = by_cell(figures), []
    for figure in figures:
        if figure.family and (own := cells.get((*figure.cell[:-1], ""))) is not None:
            found.append(_judged(figure, [own], own.value, own.error))
        found += [_judged(figure, parts, made, error) for parts, made, error in made_of(figure, cells)]
    return [one for one in found if abs(one.distance) > LIMIT]


def _judged(figure: Figure, parts: Sequence[Figure], made: float, error: float) -> Contradiction:
    return Contradiction((figure, *parts), (figure.value - made) / float(np.hypot(figure.error, error)), made, True)


def of_model(asked: Sequence[Target], expected: np.ndarray, left: np.ndarray) -> list[Contradiction]:
    """Figures that the model cannot meet together, the largest distance first: `expected` float64[N, K] are the targets in worlds
    by chance, `left` float64[K, K] the covariance of what emulators leave."""
    middle = expected.mean(axis=0)
    covariance = np.cov(expected.T).reshape(len(asked), len(asked)) + left + errors_of(asked)
    missed = np.array([target.value for target in asked]) - middle
    pool = [k for k, target in enumerate(asked) if target.figure.kind == "figure"]
    found = []
    while len(pool) > 1:
        inverse = np.linalg.inv(covariance[np.ix_(pool, pool)])
        apart = (inverse @ missed[pool]) / np.sqrt(np.diag(inverse))
        worst = int(np.argmax(np.abs(apart)))
        if abs(apart[worst]) <= LIMIT:
            break
        k = pool.pop(worst)
        named, distance, made = _fewest(k, pool, missed, covariance)
        raw = float(asked[k].raw(np.array(asked[k].value - made)))
        found.append(Contradiction(tuple(asked[n].figure for n in (k, *named)), distance, raw, False))
    return found


def errors_of(asked: Sequence[Target]) -> np.ndarray:
    """The covariance of the stated and the least model errors, float64[K, K]: of a figure that is published twice the model's is
    one."""
    found = np.diag([target.error ** 2 for target in asked])
    for i, one in enumerate(asked):
        for j, other in enumerate(asked):
            if one.figure.cell[:-1] == other.figure.cell[:-1]:
                found[i, j] += LEAST_MODEL_ERROR**2 * one.size * other.size
    return found


def _fewest(k: int, pool: Sequence[int], missed: np.ndarray, covariance: np.ndarray) -> tuple[list[int], float, float]:
    """The fewest figures of the pool that put figure `k` beyond LIMIT, each the one that does so most; its distance given them,
    and by how much it is missed, on its scale."""
    named: list[int] = []
    distance, made = _given(k, named, missed, covariance)
    while abs(distance) <= LIMIT and len(named) < MOST_EXCLUDING - 1:
        best = max((n for n in pool if n not in named), key=lambda n: abs(_given(k, [*named, n], missed, covariance)[0]))
        named.append(best)
        distance, made = _given(k, named, missed, covariance)
    if abs(distance) <= LIMIT:
        distance, made = _given(k, list(pool), missed, covariance)
    return named, distance, made


def _given(k: int, named: list[int], missed: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """The distance of a figure given others, and by how much it is missed."""
    if not named:
        return float(missed[k] / np.sqrt(covariance[k, k])), float(missed[k])
    gain = np.linalg.solve(covariance[np.ix_(named, named)], covariance[named, k])
    apart = missed[k] - gain @ missed[named]
    return float(apart / np.sqrt(covariance[k, k] - gain @ covariance[named, k])), float(apart)
