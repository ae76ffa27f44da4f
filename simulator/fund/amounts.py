"""Arithmetic of fen on int64 arrays: exact, rounded half up, and safe at the size of a nation's fund."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.money import ONE

FINE_BITS = 30                   # parts of a whole are taken in 2^-30

Integers = np.ndarray | int      # int64 of a shape that broadcasts to draws and policies, or one number for all


def portion(amount: Integers, numerator: Integers, denominator: Integers = ONE) -> np.ndarray:
    """Return `amount` x `numerator` / `denominator`, rounded half up to the fen, for amounts up to 10^17 fen.

    The whole multiples of the denominator and the rest are multiplied apart, for the product itself could pass 9.2 x 10^18.
    Below zero half up means towards plus infinity.
    """
    if isinstance(denominator, int) and np.shape(numerator) in ((), np.shape(amount)[-1:]) and np.shape(amount):
        if np.all(numerator == denominator):         # nothing is multiplied, and most shares of a policy are all or nothing
            return np.asarray(amount)
        if not np.any(numerator):
            return np.zeros_like(amount)
    whole = np.floor_divide(amount, denominator)      # floor division by one number is vectorised, np.divmod is not
    rest = (amount - whole * denominator) * (2 * numerator)
    rest += denominator                               # in place: such arrays wait for memory
    rest //= 2 * denominator
    rest += whole * numerator
    return rest


def rounded(amount: np.ndarray | float) -> np.ndarray:
    """Round a float64 amount half up to int64; exact below 2^52."""
    return np.floor(np.asarray(amount, dtype=np.float64) + 0.5).astype(np.int64)


def instalments(amount: np.ndarray, count: int) -> list[np.ndarray]:
    """Divide an amount into `count` equal parts; the last takes the rounding."""
    part = amount // count
    return [part] * (count - 1) + [amount - (count - 1) * part]


def by_shares(amount: np.ndarray, shares: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Divide an amount by shares in 1/10,000 that sum to one; the last part takes the rounding."""
    parts = [portion(amount, share) for share in shares[:-1]]
    return [*parts, amount - sum(parts, np.zeros_like(amount))]


def split(amount: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Split `amount` [...] over the last axis of `weights` [..., n] (>= 0) in proportion; the parts add up to it.

    Each cumulative sum is rounded half up, so every part is within a fen of its exact share while the weights sum to less than
    2^30; above that their low bits are dropped. Where all weights are zero nothing is given out.
    """
    up_to = np.cumsum(weights, axis=-1)
    drop = np.maximum(_bits(up_to[..., -1:]) - FINE_BITS, 0)
    up_to = up_to >> drop
    reached = portion(np.asarray(amount)[..., None], up_to, np.maximum(up_to[..., -1:], 1))
    return np.diff(reached, axis=-1, prepend=0)


def fine_share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole in 2^-30, rounded down; it is one where `part` (>= 0) reaches `whole`, even a whole of zero."""
    drop = np.maximum(_bits(whole) - FINE_BITS, 0)
    below = ((part >> drop) << FINE_BITS) // ((whole >> drop) + 1)
    return np.where(part >= whole, 1 << FINE_BITS, below)


def fine_part(amount: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return `amount` x `share` (in 2^-30), rounded down: never more than the amount, and all of it at a share of one."""
    whole, rest = amount >> FINE_BITS, amount & ((1 << FINE_BITS) - 1)
    return whole * share + ((rest * share) >> FINE_BITS)


def _bits(amount: np.ndarray) -> np.ndarray:
    """Count the bits of an amount (one more where float64 rounds it up to a power of two)."""
    return np.frexp(np.asarray(amount, dtype=np.float64))[1].astype(np.int64)
