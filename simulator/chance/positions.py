"""Where a world stands in a law: a position for each uncertain value, by its name.

The position of a world is one of 65,536 equal parts of probability. It hangs on (seed, name, world) alone, so that a value more
or fewer, another order, or other worlds beside it change none. Positions can be *given* by name, in place of those by chance: one
for all worlds, or a list that worlds take by their numbers, from the first again where it is shorter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from simulator.chance.quantiles import normal_table
from simulator.chance.random import SETTING, philox_words, year_stream

NAME_OF_FACTOR = "factor:"     # before the name of a factor, which no name of a value begins with

Given = Mapping[str, int | Sequence[int]]      # the name of a value -> its position in all worlds, or by their numbers
BY_CHANCE: Given = {}


def positions(seed: int, name: str, worlds: Sequence[int]) -> np.ndarray:
    """The parts of probability, 0 .. 65,535, in which worlds have the value of this name, int64[D]."""
    digest = hashlib.sha256(name.encode()).digest()
    key, place = (int.from_bytes(digest[n:n + 4], "little") for n in (0, 4))
    words = philox_words(seed, key, np.asarray(worlds, dtype=np.uint64), place, 0, year_stream(0, SETTING))[:, 0]
    return (words >> np.uint32(16)).astype(np.int64)


def shared_positions(seed: int, name: str, factor: str, correlation: float, worlds: Sequence[int]) -> np.ndarray:
    """As `positions`, of a value that moves with others of a factor: its normal score is that of the factor, with the loading
    sqrt(|correlation|) and the correlation's sign, and one of its own."""
    normal, loading = normal_table(), np.sqrt(abs(correlation)) * (1.0 if correlation > 0 else -1.0)
    of_factor, own = normal[positions(seed, NAME_OF_FACTOR + factor, worlds)], normal[positions(seed, name, worlds)]
    score = np.floor(loading * of_factor + np.sqrt(1.0 - abs(correlation)) * own + 0.5)
    return np.minimum(np.searchsorted(normal, score), len(normal) - 1)


def given_positions(given: Given, name: str, worlds: Sequence[int]) -> np.ndarray | None:
    """The positions that are given to worlds for the value of this name, int64[D]; None where chance has them."""
    if name not in given:
        return None
    held = np.asarray(given[name], dtype=np.int64)
    return np.full(len(worlds), held) if held.ndim == 0 else held[np.asarray(worlds, dtype=np.int64) % len(held)]
