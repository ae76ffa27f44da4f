"""Simple forecasts of a published series, each a distribution: what a model has to beat.

A series is the known figures of one quantity: years int64[n], rising, and values float64[n]. A forecast is a sample
float64[POINTS] of the value `ahead` years after the last known one, at even steps of a normal distribution with the variance that
the residuals leave, as the usual programs have it. Amounts that are all above zero are forecast in logarithms, others as they
are. A rival that needs more figures than are known gives no forecast (None).

Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, section 5.2 (no change, drift); Deng (1982), Systems &
Control Letters 1:288-294 (GM(1,1)); Box and Jenkins (1970) (ARIMA by conditional least squares, the order by AICc); ILO,
Modelling in health care finance (1999), for members x cost per head x growth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

POINTS = 201                 # of a sample
FEWEST_GREY, FEWEST_ARIMA = 4, 4


class Spread(NamedTuple):
    """A normal distribution, of logarithms where `logarithm`."""

    middle: float
    scale: float
    logarithm: bool

    def sample(self) -> np.ndarray:
        """The distribution at even steps, float64[POINTS]."""
        from scipy.special import ndtri
        steps = self.middle + self.scale * ndtri((np.arange(POINTS) + 0.5) / POINTS)
        return np.exp(np.minimum(steps, 700.0)) if self.logarithm else steps


def _scaled(values: np.ndarray) -> tuple[np.ndarray, bool]:
    logarithm = bool((values > 0).all())
    return (np.log(values) if logarithm else values.astype(np.float64)), logarithm


def no_change(years: np.ndarray, values: np.ndarray, ahead: int) -> np.ndarray | None:
    """The last figure, with the spread of a random walk without drift. Needs two figures; years may be missing."""
    if len(values) < 2:
        return None
    x, logarithm = _scaled(values)
    variance = (np.diff(x) ** 2 / np.diff(years)).mean()
    return Spread(x[-1], np.sqrt(variance * ahead), logarithm).sample()


def drift(years: np.ndarray, values: np.ndarray, ahead: int) -> np.ndarray | None:
    """The last figure and the mean growth of the known years, with the spread of a random walk and of its drift. Needs three."""
    if len(values) < 3:
        return None
    x, logarithm = _scaled(values)
    gaps, span = np.diff(years), years[-1] - years[0]
    slope = (x[-1] - x[0]) / span
    variance = ((np.diff(x) - slope * gaps) ** 2 / gaps).sum() / (len(x) - 2)
    return Spread(x[-1] + slope * ahead, np.sqrt(variance * (ahead + ahead * ahead / span)), logarithm).sample()


def grey(years: np.ndarray, values: np.ndarray, ahead: int) -> np.ndarray | None:
    """GM(1,1) on the last unbroken years, with the spread of its residuals. Needs four figures, all above zero."""
    values = values[-_unbroken(years):]
    n = len(values)
    if n < FEWEST_GREY or (values <= 0).any():
        return None
    summed = np.cumsum(values)
    background = (summed[1:] + summed[:-1]) / 2
    (a, b), *_ = np.linalg.lstsq(np.stack([-background, np.ones(n - 1)], axis=1), values[1:], rcond=None)
    k = np.arange(n + ahead)
    fitted = np.diff((values[0] - b / a) * np.exp(-a * k) + b / a) if abs(a) > 1e-12 else np.full(n + ahead - 1, b)
    residuals = values[1:] - fitted[:n - 1]
    return Spread(float(fitted[-1]), np.sqrt((residuals ** 2).sum() / (n - 3)), False).sample()


def arima(years: np.ndarray, values: np.ndarray, ahead: int) -> np.ndarray | None:
    """ARIMA(0,1,0), (0,1,1) or (1,1,0), each with drift, on the last unbroken years, by conditional least squares; the order of
    the least AICc. Needs four figures."""
    values = values[-_unbroken(years):]
    if len(values) < FEWEST_ARIMA:
        return None
    x, logarithm = _scaled(values)
    steps = np.diff(x)
    n = len(steps)
    best: tuple[float, float, float] | None = None
    for order in (_walk, _moving_average, _autoregressive):
        found = order(steps, ahead)
        if found is None:
            continue
        residuals, path, weights, used = found
        mean_square = max(float((residuals ** 2).mean()), 1e-12)
        judged = n * np.log(mean_square) + 2 * (used + 1) + 2 * (used + 1) * (used + 2) / max(n - used - 2, 0.1)
        if best is None or judged < best[0]:
            scale = np.cumsum(weights)                               # of the level: sums of the weights of the steps
            variance = (residuals ** 2).sum() / max(n - used, 1) * (scale ** 2).sum()
            best = judged, float(path.sum()), float(variance)
    assert best is not None
    return Spread(x[-1] + best[1], float(np.sqrt(best[2])), logarithm).sample()


Fitted = tuple[np.ndarray, np.ndarray, np.ndarray, int]      # residuals; steps ahead; their weights on past shocks; parameters


def _walk(steps: np.ndarray, ahead: int) -> Fitted | None:
    mean = steps.mean()
    return steps - mean, np.full(ahead, mean), np.array([1.0] + [0.0] * (ahead - 1)), 1


def _moving_average(steps: np.ndarray, ahead: int) -> Fitted | None:
    """step[t] = mean + shock[t] + theta shock[t-1], the shock before the first being 0."""
    from scipy.optimize import minimize_scalar

    def shocks(theta: float) -> tuple[float, np.ndarray]:
        # Shocks are linear in the mean, so that it is a regression once theta is given.
        of_steps, of_mean = np.zeros(len(steps)), np.zeros(len(steps))
        for t in range(len(steps)):
            of_steps[t] = steps[t] - theta * (of_steps[t - 1] if t else 0.0)
            of_mean[t] = 1.0 - theta * (of_mean[t - 1] if t else 0.0)
        mean = float((of_steps * of_mean).sum() / (of_mean ** 2).sum())
        return mean, of_steps - mean * of_mean

    if len(steps) < 4:
        return None
    theta = float(minimize_scalar(lambda theta: (shocks(theta)[1] ** 2).sum(), bounds=(-0.95, 0.95), method="bounded").x)
    mean, found = shocks(theta)
    path = np.full(ahead, mean)
    path[0] += theta * found[-1]
    return found, path, np.array([1.0, theta] + [0.0] * ahead)[:ahead], 2


def _autoregressive(steps: np.ndarray, ahead: int) -> Fitted | None:
    """step[t] - mean = phi (step[t-1] - mean) + shock[t], given the first step."""
    if len(steps) < 4:
        return None
    before, after = steps[:-1], steps[1:]
    centred = before - before.mean()
    if not (centred ** 2).sum() > 0:
        return None
    phi = float(np.clip((centred * (after - after.mean())).sum() / (centred ** 2).sum(), -0.95, 0.95))
    mean = float((after - phi * before).mean() / (1 - phi))
    path = mean + phi ** np.arange(1, ahead + 1) * (steps[-1] - mean)
    return after - mean - phi * (before - mean), path, phi ** np.arange(ahead), 2


def _unbroken(years: np.ndarray) -> int:
    """How many of the last years follow each other without a gap."""
    breaks = np.flatnonzero(np.diff(years) != 1)
    return len(years) - (int(breaks[-1]) + 1 if len(breaks) else 0)


def one_line(years: np.ndarray, members: np.ndarray, amounts: np.ndarray, ahead: int) -> np.ndarray | None:
    """Members x amount per head x growth: both grow at the mean rate of the last three steps, with the spread of those steps.
    Needs three years in which members and amount are known."""
    if len(years) < 3:
        return None
    years, parts = years[-4:], [np.log(column[-4:]) for column in (members, amounts / members)]
    gaps, span = np.diff(years), years[-1] - years[0]
    middle = variance = 0.0
    for x in parts:
        slope = (x[-1] - x[0]) / span
        middle += x[-1] + slope * ahead
        variance += ((np.diff(x) - slope * gaps) ** 2 / gaps).sum() / (len(x) - 2) * (ahead + ahead * ahead / span)
    return Spread(float(middle), float(np.sqrt(variance)), True).sample()


Rival = Callable[[np.ndarray, np.ndarray, int], np.ndarray | None]
RIVALS: dict[str, Rival] = {"no change": no_change, "drift": drift, "GM(1,1)": grey, "ARIMA": arima}
ILO = "ILO line"             # `one_line`, which needs two series
