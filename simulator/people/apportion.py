"""Exact sharing-out of whole rows: largest remainder, orders, and even spreading along an order.

Integers only, so a share comes out the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

SCALE = 10**9                   # weights of decimals: nine places are kept


def weight(value: Decimal) -> int:
    """A decimal as an integer in 1/10^9."""
    return int(Decimal(value) * SCALE)


def largest_remainder(total: int, weights: Sequence[int]) -> np.ndarray:
    """int64[len(weights)]: `total` shared out by `weights`; the largest remainders get the last rows.

    Equal remainders go to the earlier place. ValueError if the weights add up to nothing.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError(f"shares {list(weights)} must add up to more than 0")
    counts = [total * each // whole for each in weights]
    by_remainder = sorted(range(len(weights)), key=lambda k: (-(total * weights[k] % whole), k))
    for k in by_remainder[: total - sum(counts)]:
        counts[k] += 1
    return np.array(counts, dtype=np.int64)


def evenly(places: int, share: int, of: int) -> np.ndarray:
    """bool[places]: `share` of every `of` places, as evenly as whole places allow.

    Every run of L places holds L x share / of of them to within one, and places 0 .. n-1 together
    hold n x share / of, rounded half up.
    """
    place = np.arange(places, dtype=np.int64)
    start = of // 2
    return ((place + 1) * share + start) // of > (place * share + start) // of


def classes_evenly(places: int, weights: Sequence[int]) -> np.ndarray:
    """int64[places]: classes shared out by `weights`, the rare ones first, evenly along the places.

    Each class has its largest-remainder count, and in every run its share to within about one.
    """
    counts = largest_remainder(places, weights)
    classes = np.full(places, int(np.argmax(counts)), dtype=np.int64)
    left = np.arange(places)
    for k in np.argsort(counts, kind="stable")[:-1]:
        chosen = evenly(len(left), int(counts[k]), max(len(left), 1))
        classes[left[chosen]] = k
        left = left[~chosen]
    return classes


def sorted_by(*keys_and_bits) -> np.ndarray:
    """Stable order by several non-negative keys, the first the most significant: (key, bits of it), ..., (word, 32)."""
    key = np.zeros(len(keys_and_bits[0][0]), dtype=np.int64)
    for column, bits in keys_and_bits:
        key = (key << bits) | np.asarray(column, dtype=np.int64)
    return np.argsort(key, kind="stable")
