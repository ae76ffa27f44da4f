"""Severities by name, or as a sample: `lognormal:mean=8000,cv=2`, `sample:FILE`. Amounts are yuan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import PydanticCustomError

from simulator.chance.compound import Limited
from simulator.chance.quantiles import QuantileTable, table_of, table_of_sample
from simulator.money import LARGEST_BILL
from simulator.parameters.errors import InputError, display_path, nearest, one_of
from simulator.parameters.files import read_file
from simulator.parameters.read import decode
from simulator.parameters.scalars import parse_number

LARGEST_YUAN = LARGEST_BILL / 100                # yuan; a larger amount is taken for this one
NOTHING = 1e-9                              # of the mean: what may lie above the largest bill and be left there
LARGEST_SAMPLE = 256 * 2**20           # bytes
FEWEST_AMOUNTS, MOST_AMOUNTS = 30, 10_000_000        # of a sample; the cells of a table would blur fewer different ones


@dataclass(frozen=True)
class Severity:
    """The distribution of a bill, no bill being above the largest: its words, E[min(X, u)] at u (float64), and what its quantile
    table is made of: a frozen SciPy distribution or a sample float64[n]."""

    name: str
    limited_without_end: Limited
    made_of: Any

    def limited(self, limit: np.ndarray) -> np.ndarray:
        """E[min(X, u)] at each u, float64 of its shape."""
        return self.limited_without_end(np.minimum(np.asarray(limit, dtype=np.float64), LARGEST_YUAN))

    @property
    def mean(self) -> float:
        return float(self.limited(np.array(np.inf)))

    @property
    def cut(self) -> float:
        """The part of the mean that lies above the largest bill and is left out; 0 where it does not matter."""
        whole = float(self.limited_without_end(np.array(np.inf)))
        return 1 - self.mean / whole if whole - self.mean > NOTHING * whole else 0.0

    @cached_property
    def table(self) -> QuantileTable:
        """Quantiles in fen. InputError for a distribution that a table of whole fen cannot hold."""
        if isinstance(self.made_of, np.ndarray):
            return table_of_sample(self.made_of, scale=100.0)
        try:
            return table_of(_Cut(self) if self.cut else self.made_of, 100.0)
        except (OverflowError, ArithmeticError) as error:
            raise InputError("--severity:", value=self.name, expected="a distribution that a table of quantiles in fen can hold",
                             next_step=str(error)) from error


class _Cut:
    """A distribution with all that is above the largest bill moved down to it, as far as a quantile table asks."""

    def __init__(self, severity: Severity) -> None:
        self.made_of, self.whole = severity.made_of, severity.mean

    def mean(self) -> float:
        return self.whole

    def support(self) -> tuple[float, float]:
        return self.made_of.support()[0], LARGEST_YUAN

    def isf(self, survival: np.ndarray) -> np.ndarray:
        return np.minimum(self.made_of.isf(survival), LARGEST_YUAN)


# --------------------------------------------------------------------------------------------------
# The distributions (Klugman, Panjer and Willmot, appendix A): limited expected values in closed form
# --------------------------------------------------------------------------------------------------

def _kept(chance_of_more: Callable, limit: np.ndarray) -> np.ndarray:
    """u P(X > u), which is nothing at infinity."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(limit), 0.0, limit * chance_of_more(limit))


def lognormal(mu: float, sigma: float) -> tuple[Limited, Any]:
    from scipy import special, stats

    law, mean = stats.lognorm(s=sigma, scale=np.exp(mu)), np.exp(mu + 0.5 * sigma * sigma)

    def limited(limit: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            z = (np.log(limit) - mu) / sigma
        return mean * special.ndtr(z - sigma) + _kept(law.sf, limit)

    return limited, law


def gamma(shape: float, scale: float) -> tuple[Limited, Any]:
    from scipy import special, stats

    law = stats.gamma(shape, scale=scale)
    return lambda limit: shape * scale * special.gammainc(shape + 1, limit / scale) + _kept(law.sf, limit), law


def exponential(mean: float) -> tuple[Limited, Any]:
    from scipy import stats

    return lambda limit: -mean * np.expm1(-limit / mean), stats.expon(scale=mean)


def pareto(alpha: float, scale: float) -> tuple[Limited, Any]:
    """The Pareto of the second kind (Lomax), which begins at 0."""
    from scipy import stats

    return (lambda limit: -scale / (alpha - 1) * np.expm1((1 - alpha) * np.log1p(limit / scale))), stats.lomax(alpha, scale=scale)


def burr(alpha: float, gamma: float, scale: float) -> tuple[Limited, Any]:
    """Burr of type XII (Singh-Maddala): P(X > x) = (1 + (x / scale)^gamma)^-alpha."""
    from scipy import special, stats

    law, first = stats.burr12(gamma, alpha, scale=scale), 1 + 1 / gamma
    mean = scale * np.exp(special.gammaln(first) + special.gammaln(alpha - 1 / gamma) - special.gammaln(alpha))

    def limited(limit: np.ndarray) -> np.ndarray:
        power = (limit / scale) ** gamma
        with np.errstate(invalid="ignore"):
            share = np.where(np.isinf(power), 1.0, power / (1 + power))
        return mean * special.betainc(first, alpha - 1 / gamma, share) + _kept(law.sf, limit)

    return limited, law


def sample(amounts: np.ndarray) -> tuple[Limited, np.ndarray]:
    amounts = np.sort(np.minimum(amounts, LARGEST_YUAN))
    below = np.append(0.0, np.cumsum(amounts))

    def limited(limit: np.ndarray) -> np.ndarray:
        number = np.searchsorted(amounts, limit, side="right")
        more = len(amounts) - number
        return (below[number] + np.where(more > 0, more * np.minimum(limit, LARGEST_YUAN), 0.0)) / len(amounts)

    return limited, amounts


def _lognormal_of(mean: float, cv: float) -> tuple[Limited, Any]:
    variance = np.log1p(cv * cv)
    return lognormal(float(np.log(mean) - 0.5 * variance), float(np.sqrt(variance)))


def _burr_of(mean: float, alpha: float, gamma: float) -> tuple[Limited, Any]:
    return burr(alpha, gamma, mean / float(burr(alpha, gamma, 1.0)[0](np.array(np.inf))))


# What a parameter may be, from and to; a mean and a scale are yuan.
BOUNDS = {"mean": (0.01, LARGEST_YUAN), "scale": (0.01, LARGEST_YUAN), "cv": (0.01, 100.0), "mu": (-5.0, 18.0), "sigma": (0.01,
                                                                                                                          6.0),
          "shape": (0.01, 1000.0), "alpha": (1.01, 1000.0), "gamma": (0.1, 100.0)}
# Name -> the ways to say it: parameters, and what makes the distribution of them.
DISTRIBUTIONS: dict[str, dict[tuple[str, ...], Callable]] = {
    "lognormal": {("mean", "cv"): _lognormal_of, ("mu", "sigma"): lognormal},
    "gamma": {("mean", "cv"): lambda mean, cv: gamma(1 / (cv * cv), mean * cv * cv), ("shape", "scale"): gamma},
    "exponential": {("mean",): exponential},
    "pareto": {("mean", "alpha"): lambda mean, alpha: pareto(alpha, mean * (alpha - 1)), ("alpha", "scale"): pareto},
    "burr": {("mean", "alpha", "gamma"): _burr_of, ("alpha", "gamma", "scale"): burr},
}
OTHER_NAMES = {"lomax": "pareto"}
EXAMPLE = "for example lognormal:mean=8000,cv=2, or sample:FILE"


# --------------------------------------------------------------------------------------------------
# From text
# --------------------------------------------------------------------------------------------------

def read_severity(text: str) -> Severity:
    """The severity that `text` names. InputError with the value, what was expected and the nearest right name."""
    name, colon, rest = text.partition(":")
    if name == "sample":
        return Severity(text, *sample(_read_amounts(Path(rest), text)))
    names = (*DISTRIBUTIONS, *OTHER_NAMES, "sample")
    if name not in names:
        raise InputError("--severity: unknown distribution", value=name, expected=one_of(names), suggestion=nearest(name, names),
                         next_step="" if colon else EXAMPLE)
    ways = DISTRIBUTIONS[OTHER_NAMES.get(name, name)]
    known = tuple(dict.fromkeys(parameter for way in ways for parameter in way))
    said: dict[str, float] = {}
    for part in rest.split(",") if rest else []:
        parameter, equals, number = part.partition("=")
        if not equals:
            raise InputError(f"--severity: not a parameter of {name}:", value=part, expected=_ways(name),
                             next_step="numbers have no thousands separators" if part.isdigit() else None)
        if parameter not in known or parameter in said:
            raise InputError(f"--severity: {'repeated' if parameter in said else 'unknown'} parameter of {name}:",
                             value=parameter, expected=_ways(name),
                             suggestion=nearest(parameter, known) if parameter not in known else None)
        said[parameter] = _number(f"--severity: {parameter} of {name}:", number, *BOUNDS[parameter])
    for way, make in ways.items():
        if set(way) == set(said):
            if name == "burr" and said["alpha"] * said["gamma"] <= 1.01:
                raise InputError("--severity: alpha x gamma of burr:", value=f"{said['alpha'] * said['gamma']:g}",
                                 expected="more than 1.01, or the mean is infinite")
            return Severity(text, *make(**said))
    raise InputError(f"--severity: parameters of {name}:", value=rest, expected=_ways(name))


def _ways(name: str) -> str:
    return " or ".join(f"{name}:{','.join(f'{parameter}=...' for parameter in way)}"
                       for way in DISTRIBUTIONS[OTHER_NAMES.get(name, name)])


def _number(problem: str, text: str, low: float, high: float, **place: Any) -> float:
    """A number from `low` to `high`. InputError that says what is wrong with it."""
    try:
        return float(parse_number(text, low, high))
    except PydanticCustomError as error:
        said = error.context or {}
        raise InputError(f"{problem} {said['problem'].rstrip(':')}:" if said["value"] else f"{problem} {said['problem']}",
                         value=said["value"], expected=said["expected"], suggestion=said["suggestion"],
                         next_step=said["next_step"], **place) from None


def _read_amounts(path: Path, text: str) -> np.ndarray:
    """The amounts in a file, one a line; empty lines and those that begin with # are left out."""
    shown = display_path(path)
    try:
        raw = read_file(path, "sample", "a file with one amount in yuan a line", LARGEST_SAMPLE)
    except InputError as error:
        error.problem = f"--severity: {error.problem}"
        raise
    read = partial(_number, "not an amount:", low=0.0, high=LARGEST_YUAN, file=shown)
    amounts = [read(line.strip(), line=number) for number, line in enumerate(decode(raw, shown).splitlines(), start=1)
               if line.strip() and not line.startswith("#")]
    if len(set(amounts)) < FEWEST_AMOUNTS:
        raise InputError("--severity: different amounts in the sample:", value=len(set(amounts)),
                         expected=f"at least {FEWEST_AMOUNTS}, one in yuan a line: a table of quantiles would blur fewer",
                         file=shown)
    if len(amounts) > MOST_AMOUNTS:
        raise InputError("--severity: amounts in the sample:", value=len(amounts), expected=f"at most {MOST_AMOUNTS:,}",
                         file=shown)
    return np.array(amounts)
