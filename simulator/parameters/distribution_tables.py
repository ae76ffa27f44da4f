"""The table of a law: its settings at the middles of 65,536 equal parts of probability, in whole 65,536ths.

Exponentials and SciPy's quantiles differ between processors in their last bits, which rounding takes away; what a result hangs on
is the table.
"""

from __future__ import annotations

import numpy as np

from simulator.chance.quantiles import normal_table
from simulator.compiling.arrays import cached_array

POSITIONS = 1 << 16                # of a setting, and of probability


def settings_at(law: str, numbers: tuple[float, ...], middle: float) -> np.ndarray:
    """The settings of a law of `distributions.NUMBERS_OF` with these numbers, about `middle` where it states no mean,
    float64[POSITIONS], rising."""
    place = (np.arange(POSITIONS) + 0.5) / POSITIONS
    if law == "normal":
        settings = middle + numbers[0] * (normal_table() / POSITIONS)
    elif law == "lognormal":
        settings = np.exp(np.sqrt(np.log1p(numbers[0] * numbers[0])) * (normal_table() / POSITIONS))
        settings = middle * settings / settings.mean()
    elif law == "uniform":
        settings = numbers[0] + place * (numbers[1] - numbers[0])
    elif law == "triangular":
        settings = _triangular(place, *numbers)
    else:
        settings = cached_array(("beta", *numbers), lambda: _beta(place, *numbers))
    return np.floor(settings * POSITIONS + 0.5) / POSITIONS


def _triangular(place: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    rising = (mode - low) / (high - low)
    return np.where(place < rising, low + np.sqrt(place * (high - low) * (mode - low)),
                    high - np.sqrt((1 - place) * (high - low) * (high - mode)))


def _beta(place: np.ndarray, low: float, high: float, mean: float, sd: float) -> np.ndarray:
    from scipy import stats  # a second to load, and few values have this law
    share = (mean - low) / (high - low)
    weight = share * (1 - share) * ((high - low) / sd) ** 2 - 1
    return low + (high - low) * stats.beta.ppf(place, share * weight, (1 - share) * weight)
