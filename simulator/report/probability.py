"""95% intervals of probabilities and of their paired differences, which never leave what a probability can be."""

from __future__ import annotations

from math import sqrt

import numpy as np

Z = 1.959963984540054         # 97.5% quantile of the normal law


def share_interval(count: float, n: int) -> tuple[float, float]:
    """Wilson's interval of a probability seen in `count` of `n` draws; within [0, 1], and never a point. Where draws have a share
    of an event `count` is their sum, and the interval no narrower than it has to be: shares vary less than events."""
    middle, spread = count + Z * Z / 2, Z * sqrt(count * (n - count) / n + Z * Z / 4)
    return max((middle - spread) / (n + Z * Z), 0.0), min((middle + spread) / (n + Z * Z), 1.0)


def paired_interval(only_a: float, only_b: float, n: int) -> tuple[float, float]:
    """Agresti and Min's interval (2005, Statistics in Medicine 24) of the difference of two probabilities seen in the same `n`
    draws, of which `only_a` have the one and `only_b` the other event alone; within [-1, 1], and never a point. Of
    shares of an event, `only_a` is the sum of what a draw has of the one beyond the other, and `only_b` the reverse."""
    a, b, size = only_a + 0.5, only_b + 0.5, n + 2
    middle, spread = (a - b) / size, Z * sqrt(a + b - (a - b) ** 2 / size) / size
    return max(middle - spread, -1.0), min(middle + spread, 1.0)


def apart_in(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """`paired_interval` of events, or shares of them, in the same draws: float64[draws] each."""
    return paired_interval(float(np.maximum(a - b, 0).sum()), float(np.maximum(b - a, 0).sum()), len(a))
