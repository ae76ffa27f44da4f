"""The smallest set of values that, set within their ranges, reverses the sign of an outcome: found on its emulator.

The outcome of the worlds is written as a polynomial of their settings (chaos.py). To *set* a value is to give it one setting in
all worlds while every other varies as it does: what the outcome is then expected to be is the mean of the model over the worlds.
A value goes from the middle of its worlds towards one of its ends, the setting that 5% of worlds are below or above, by the same
share of the way in standard scores for all values of a set; a choice is one of its alternatives, of at least 5% of the worlds,
and goes as far as its rarity says. Single values come first, of them the one that goes least far; then pairs, threes and fours
of the values that move the outcome most towards zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from simulator.answers.chaos import FEW_LEVELS, Chaos, fit
from simulator.answers.sensitivity import FEWEST_WORLDS, HIGH_END, LOW_END
from simulator.parameters.errors import InputError

MOST_TURNING, TRIED_TOGETHER = 4, 8          # of a set; values whose sets are tried
PARTS_OF_WAY, TURN_HALVINGS = 8, 20            # of the way, in which the turn is looked for, and halved as often
LEVEL = ""                          # the direction of a choice
UPWARDS, DOWNWARDS = "above", "below"


class Move(NamedTuple):
    """A value that is set: the place of its column, its setting, and on which side of it the outcome is turned (LEVEL: at it)."""

    place: int
    setting: float
    direction: str


class Turn(NamedTuple):
    """Values that together reverse the sign, at the settings at which it is zero, how far that is of the way to the ends of their
    ranges (0 to 1), also without choices (`way`), and the outcome expected with all of them at their ends."""

    moves: tuple[Move, ...]
    reach: float
    way: float
    at_ends: float


@dataclass(frozen=True)
class Turns:
    """What turns an outcome whose mean is `mean`: sets of the least size, the one that goes least far first. Where there is none,
    `nearest` is the outcome with the MOST_TURNING values that move it most towards zero at their ends."""

    mean: float
    sets: tuple[Turn, ...]
    nearest: float


class _Way(NamedTuple):
    """One way that a value can go: its column, its direction, and the setting of a choice with how far that is."""

    place: int
    direction: str
    level: float = 0.0
    reach: float = 0.0


class _Emulated:
    """An outcome expected with some values set."""

    def __init__(self, settings: np.ndarray, outcome: np.ndarray, places: np.ndarray) -> None:
        self.settings, self.mean, self.sd = settings, float(outcome.mean()), float(outcome.std())
        self.model: Chaos = fit(settings, (outcome - self.mean) / self.sd, np.unique(places, return_inverse=True)[1])
        self.terms_of: dict[int, list[int]] = {}
        for nth, term in enumerate(self.model.terms):
            for v in term.settings:
                self.terms_of.setdefault(v, []).append(nth)

    def at(self, moved: Mapping[int, float]) -> float:
        """The outcome expected with values set, by their places; terms of other values have mean zero."""
        terms = {nth for v in moved for nth in self.terms_of.get(v, ())}
        return self.mean + self.sd * sum(self._term(nth, moved) for nth in sorted(terms))

    def _term(self, nth: int, moved: Mapping[int, float]) -> float:
        term, (taken, size) = self.model.terms[nth], self.model.scales[nth]
        product: np.ndarray = np.ones(1)
        for v, degree in zip(term.settings, term.degrees, strict=True):
            at = np.array([moved[v]]) if v in moved else self.settings[:, v]
            product = product * self.model.bases[v].at(at, degree)[:, degree - 1]
        return float(self.model.mean[nth] * (product.mean() - taken) / size)


def turning(settings: np.ndarray, outcome: np.ndarray, places: np.ndarray, movable: Collection[int]) -> Turns:
    """What turns an outcome float64[D] of worlds with settings float64[D, V] on rosters at `places` int64[D], of the values in
    the columns `movable`. InputError for too few worlds and an outcome that does not vary."""
    if len(outcome) < FEWEST_WORLDS:
        raise InputError("too few worlds to tell what would turn an outcome:", value=len(outcome),
                         expected=f"at least {FEWEST_WORLDS} draws", next_step="run the scenario with --draws 200")
    if not np.isfinite(outcome).all() or not outcome.std() > 1e-12 * max(abs(outcome.mean()), 1e-300):
        raise InputError("the outcome is the same in every world, or no number in some", value=f"{outcome.mean():g}",
                         expected="one that varies")
    emulated = _Emulated(settings, outcome, places)
    ways = sorted(((emulated.at(_set(settings, (way,), 1.0)) * np.sign(emulated.mean), way) for v in movable
                   for way in _ways(settings[:, v], v)), key=lambda one: one[0])
    by_place: dict[int, _Way] = {}                                     # each value by the way that goes furthest, those first
    for _, way in ways:
        by_place.setdefault(way.place, way)
    best = list(by_place.values())
    for size in range(1, MOST_TURNING + 1):
        tried = [(way,) for _, way in ways] if size == 1 else list(combinations(best[:TRIED_TOGETHER], size))
        sets = [found for few in tried if (found := _turned(emulated, settings, few)) is not None]
        if sets:
            return Turns(emulated.mean, tuple(sorted(sets, key=lambda found: (found.reach, found.way))), 0.0)
    return Turns(emulated.mean, (), emulated.at(_set(settings, best[:MOST_TURNING], 1.0)))


def _ways(values: np.ndarray, place: int) -> Iterator[_Way]:
    """The ways of a value with these settings: up and down, or to each alternative of a choice that is not too rare."""
    from scipy import special
    levels, counts = np.unique(values, return_counts=True)
    if len(levels) > FEW_LEVELS:
        yield from (_Way(place, direction) for direction in (UPWARDS, DOWNWARDS))
        return
    shares = counts / len(values)
    for level, share in zip(levels.tolist(), shares.tolist(), strict=True):
        if LOW_END <= share < 1:
            yield _Way(place, LEVEL, level, min(float(special.ndtri(1 - share / 2) / special.ndtri(HIGH_END)), 1.0))


def _set(settings: np.ndarray, ways: Sequence[_Way], reach: float) -> dict[int, float]:
    """The settings of values that go so far, by place."""
    return {way.place: way.level if way.direction == LEVEL else settings_at(settings[:, way.place], way.direction, reach)
            for way in ways}


def settings_at(values: np.ndarray, direction: str, reach: float) -> float:
    """The setting of a value with these settings of worlds, so far on its way up or down."""
    from scipy import special
    score = reach * float(special.ndtri(HIGH_END))
    return float(np.quantile(values, special.ndtr(score if direction == UPWARDS else -score)))


def _turned(emulated: _Emulated, settings: np.ndarray, ways: Sequence[_Way]) -> Turn | None:
    """Where values that go their ways together turn the outcome first; None where they do not."""
    def is_turned(reach: float) -> bool:
        return emulated.at(_set(settings, ways, reach)) * emulated.mean < 0

    least = max(way.reach for way in ways)
    if all(way.direction == LEVEL for way in ways):
        low = high = 1.0
        if not is_turned(1.0):
            return None
    else:
        first = next((part for part in range(1, PARTS_OF_WAY + 1) if is_turned(part / PARTS_OF_WAY)), None)
        if first is None:
            return None
        low, high = (first - 1) / PARTS_OF_WAY, first / PARTS_OF_WAY
        for _ in range(TURN_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_turned(middle) else (middle, high)
        least = max(least, high)
    there = _set(settings, ways, high)
    return Turn(tuple(Move(way.place, there[way.place], way.direction) for way in ways), least, high,
                emulated.at(_set(settings, ways, 1.0)))
