"""The laws that amounts of bills may have: how each is made of its parameters, and those of the greatest likelihood.

Lognormal, gamma, Burr XII (Singh & Maddala 1976), and the Burr that the model simulates, whose tail exponent is 2.8
(care/severity.py). Bills at a cap are censored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, special, stats

MODEL_TAIL = 2.8                # of the Burr law that the model has


class Law(NamedTuple):
    """A distribution of SciPy with its shapes and scale, called without freezing it, which costs more than the call."""

    family: Any
    shapes: tuple[float, ...]
    scale: float

    def of(self, function: str, *values: Any, **more: Any) -> Any:
        """What a function of the distribution gives (logsf, cdf, ppf, mean, std, rvs)."""
        with np.errstate(over="ignore"):                     # a power beyond any number: a probability of 0 or 1
            return getattr(self.family, function)(*values, *self.shapes, scale=self.scale, **more)


def censored(values: np.ndarray, cap: float) -> stats.CensoredData:
    """The amounts as SciPy fits them: those at the cap are known only to be as large."""
    return stats.CensoredData.right_censored(values, values >= cap)


def _start_lognormal(values: np.ndarray) -> tuple[float, ...]:
    logs = np.log(values)
    return float(logs.mean()), float(np.log(logs.std()))


def _lognormal(at: np.ndarray) -> Law:
    return Law(stats.lognorm, (np.exp(at[1]),), np.exp(at[0]))


def _density_lognormal(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    logs = np.log(values)
    return -0.5 * ((logs - at[0]) * np.exp(-at[1])) ** 2 - logs - at[1] - 0.5 * np.log(2 * np.pi)


def _start_gamma(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(values.mean() ** 2 / values.var())), float(np.log(values.var() / values.mean()))


def _gamma(at: np.ndarray) -> Law:
    return Law(stats.gamma, (np.exp(at[0]),), np.exp(at[1]))


def _density_gamma(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    shape = np.exp(at[0])
    return (shape - 1) * np.log(values) - values * np.exp(-at[1]) - special.gammaln(shape) - shape * at[1]


def _start_burr(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(np.pi / np.sqrt(3) / np.log(values).std())), 0.0, float(np.log(np.median(values)))


def _burr(at: np.ndarray) -> Law:
    return Law(stats.burr12, (np.exp(at[0]), np.exp(at[1])), np.exp(at[2]))


def _density_burr(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    logs = np.log(values)
    over = np.exp(at[0]) * (logs - at[2])
    return at[0] + at[1] + over - logs - (np.exp(at[1]) + 1) * np.logaddexp(0.0, over)


def _start_model_burr(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(1.3 / np.log(values).std())), float(np.log(np.median(values)))


def _model_burr(at: np.ndarray) -> Law:
    c = np.exp(at[0])
    return Law(stats.burr12, (c, MODEL_TAIL / c), np.exp(at[1]))


def _density_model_burr(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    return _density_burr(np.array([at[0], np.log(MODEL_TAIL) - at[0], at[1]]), values)


class Family(NamedTuple):
    """How a law's logarithmic parameters become a distribution, the logarithm of its density (SciPy's own costs ten times as much
    of few amounts), where the search for the parameters begins, the family's name in parameter files (empty: the model has none
    such), and which of the parameters is the scale: a law of two has its coefficient of variation in the other alone."""

    make: Callable[[np.ndarray], Law]
    density: Callable[[np.ndarray, np.ndarray], np.ndarray]
    start: Callable[[np.ndarray], tuple[float, ...]]
    model: str
    scale: int


LAWS = {"lognormal": Family(_lognormal, _density_lognormal, _start_lognormal, "lognormal", 0),
        "gamma": Family(_gamma, _density_gamma, _start_gamma, "gamma", 1),
        "burr": Family(_burr, _density_burr, _start_burr, "", 2),
        "burr 2.8": Family(_model_burr, _density_model_burr, _start_model_burr, "burr", 1)}


def log_likelihoods(name: str, at: np.ndarray, values: np.ndarray, cap: float) -> np.ndarray:
    """Of each amount under a law, those at the cap by their survival function, float64[n]."""
    full = values < cap
    with np.errstate(all="ignore"):                          # far off on the way of a search
        found = LAWS[name].density(at, values)
    return found if full.all() else np.where(full, found, float(LAWS[name].make(at).of("logsf", cap)))


def negative_log_likelihood(name: str, at: np.ndarray, values: np.ndarray, cap: float) -> float:
    """Of all amounts; very large where it is not finite."""
    total = -float(log_likelihoods(name, at, values, cap).sum())
    return total if np.isfinite(total) else 1e300


def search(name: str, values: np.ndarray, cap: float) -> np.ndarray:
    """The logarithmic parameters that maximise the likelihood."""
    if not (values >= cap).any() and name == "lognormal":
        return np.array(LAWS[name].start(values))
    if not (values >= cap).any() and name == "gamma":
        shape, _, scale = stats.gamma.fit(values, floc=0)
        return np.log([shape, scale])
    if name in ("lognormal", "gamma"):                       # SciPy's own, with censoring
        family = stats.lognorm if name == "lognormal" else stats.gamma
        shape, _, scale = family.fit(censored(values, cap), floc=0)
        return np.array([np.log(scale), np.log(shape)] if name == "lognormal" else [np.log(shape), np.log(scale)])
    found = optimize.minimize(lambda at: negative_log_likelihood(name, np.clip(at, -30, 30), values, cap),
                              LAWS[name].start(values), method="Nelder-Mead",
                              options={"maxiter": 600, "xatol": 1e-4, "fatol": 1e-3})
    return np.clip(found.x, -30, 30)


def named(name: str, at: np.ndarray) -> dict[str, float]:
    """The parameters of a law by their names in books."""
    if name == "lognormal":
        return {"mu": float(at[0]), "sigma": float(np.exp(at[1]))}
    if name == "gamma":
        return {"shape": float(np.exp(at[0])), "scale": float(np.exp(at[1]))}
    c = float(np.exp(at[0]))
    d = float(np.exp(at[1])) if name == "burr" else MODEL_TAIL / c
    return {"c": c, "d": d, "scale": float(np.exp(at[-1]))}
