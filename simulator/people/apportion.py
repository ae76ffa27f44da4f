"""Exact apportionment of whole rows: largest remainder, sort orders, and even spreading along an order.

Only integers are used, so that a share comes out the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

SCALE = 10**9                   # the weight of one: decimals keep nine places


def weight(value: Decimal) -> int:
    """Turn a decimal into an integer in 1/10^9."""
    return int(Decimal(value) * SCALE)


def largest_remainder(total: int, weights: Sequence[int]) -> np.ndarray:
    """Apportion `total` rows by `weights`, int64[len(weights)]; the largest remainders get the last rows.

    Of equal remainders the earlier one goes first. ValueError if the weights add up to nothing.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError(f"shares {list(weights)} must add up to more than 0")
    counts = [total * each // whole for each in weights]
    by_remainder = sorted(range(len(weights)), key=lambda k: (-(total * weights[k] % whole), k))
    for k in by_remainder[: total - sum(counts)]:
        counts[k] += 1
    return np.array(counts, dtype=np.int64)


def evenly(length: int, share: int, of: int) -> np.ndarray:
    """Choose `share` of every `of` positions, bool[length], as evenly as whole positions allow.

    Every run of L positions holds L x share / of chosen ones to within one, and the first n positions hold n x share / of of
    them, rounded half up.
    """
    position = np.arange(length, dtype=np.int64)
    start = of // 2
    return ((position + 1) * share + start) // of > (position * share + start) // of


def classes_evenly(length: int, weights: Sequence[int]) -> np.ndarray:
    """Assign classes by `weights` evenly along the positions, the rare classes first, int64[length].

    Each class has its largest-remainder count, and in every run of positions its share to within about one.
    """
    counts = largest_remainder(length, weights)
    classes = np.full(length, int(np.argmax(counts)), dtype=np.int64)
    left = np.arange(length)
    for k in np.argsort(counts, kind="stable")[:-1]:
        chosen = evenly(len(left), int(counts[k]), max(len(left), 1))
        classes[left[chosen]] = k
        left = left[~chosen]
    return classes


def sorted_by(*keys_and_bits: tuple[np.ndarray, int]) -> np.ndarray:
    """The stable order by several non-negative keys, the most significant first, each with the number of its bits."""
    key = np.zeros(len(keys_and_bits[0][0]), dtype=np.int64)
    for column, bits in keys_and_bits:
        key = (key << bits) | np.asarray(column, dtype=np.int64)
    return np.argsort(key, kind="stable")
