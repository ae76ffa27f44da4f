"""How dear: distributions fitted to the amounts of bills by maximum likelihood, bills at a cap as censored.

Four laws are tried: lognormal, gamma, Burr XII (Singh & Maddala 1976), and the Burr that the model simulates, whose tail exponent
is 2.8 (care/severity.py). Akaike's and Schwarz's criteria, Kolmogorov and Smirnov's and Anderson and Darling's distances with
p-values by parametric bootstrap (for the parameters are fitted), the tail above a threshold as a generalised Pareto (Pickands
1975), and the empirical table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, stats

MOST_FITTED = 20_000            # amounts that a law is fitted to; of more a sample is
MOST_TESTED, REPEATS, SLOW_REPEATS = 1_000, 99, 19          # slow: laws without a closed form, or with capped bills
FEWEST_BILLS = 30                     # amounts to which laws are fitted
SAMPLE_SEED = 20120321
MODEL_TAIL = 2.8                # of the Burr law that the model has
MODEL_CVS = (0.7, 1.85)         # between which that law can be scaled
TABLE_AT = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)
FEWEST_ABOVE = 50               # amounts above a threshold
THRESHOLDS = (0.70, 0.75, 0.80, 0.85, 0.90, 0.925, 0.95, 0.97, 0.98, 0.99)


class Law(NamedTuple):
    """A distribution of SciPy with its shapes and scale, called without freezing it, which costs more than the call."""

    family: Any
    shapes: tuple[float, ...]
    scale: float

    def of(self, function: str, *values: Any, **more: Any) -> Any:
        """What a function of the distribution gives (logpdf, logsf, cdf, ppf, mean, std, rvs)."""
        return getattr(self.family, function)(*values, *self.shapes, scale=self.scale, **more)


@dataclass(frozen=True)
class Fit:
    """A law fitted to n amounts: the distribution, its criteria and distances. `model` is the family's name as parameter
    files have it, or empty; p-values are NaN where the law was not tested."""

    name: str
    law: Law
    at: tuple[float, ...]                  # its logarithmic parameters
    parameters: dict[str, float]
    mean: float
    cv: float
    aic: float
    bic: float
    ks: float
    ks_p: float
    ad: float
    ad_p: float
    model: str


@dataclass(frozen=True)
class Tail:
    """Amounts above a threshold as a generalised Pareto with shape xi (1 / tail index) and scale beta; `above` how many."""

    threshold: float
    above: int
    xi: float
    xi_se: float
    beta: float


@dataclass(frozen=True)
class Amounts:
    """The bills of one group: moments with their errors, laws, tail and table, yuan.

    `mean` and `cv` are the sample's, or where bills are capped the chosen law's. `fits` are in order of AIC; `chosen` is the best
    that the model has.
    """

    n: int
    capped: int
    cap: float
    mean: float
    mean_se: float
    cv: float
    cv_se: float
    fits: tuple[Fit, ...]
    chosen: Fit | None
    tail: Tail | None
    fitted_to: int


def fit_amounts(yuan: np.ndarray, cap: float = np.inf, repeats: int = REPEATS) -> Amounts | None:
    """Fit the laws to positive amounts float64[n]; at `cap` they are known only to be as large. None without amounts."""
    values = np.minimum(yuan[yuan > 0], cap)
    n = len(values)
    if n == 0:
        return None
    capped = int((values >= cap).sum())
    spread = n > 1 and values.std() > 0
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if n > 1 else 0.0
    cv = sd / mean
    empty = Amounts(n, capped, cap, mean, sd / np.sqrt(n) if n > 1 else np.nan, cv, np.nan, (), None, None, 0)
    if n < FEWEST_BILLS or not spread or n - capped < FEWEST_BILLS:
        return empty
    generator = np.random.default_rng(SAMPLE_SEED)
    sample = values if n <= MOST_FITTED else generator.choice(values, MOST_FITTED, replace=False)
    fits = sorted((_fit(name, sample, cap) for name in LAWS), key=lambda fit: fit.aic)
    able = [fit for fit in fits if fit.model and (fit.model != "burr" or MODEL_CVS[0] < fit.cv < MODEL_CVS[1])]
    chosen = able[0] if able else None
    wanted = [chosen, fits[0]] if repeats else []
    fits = [_tested(fit, sample, cap, generator, repeats) if fit in wanted else fit for fit in fits]
    if chosen is not None:
        chosen = next(fit for fit in fits if fit.name == chosen.name)
    mean_se, cv_se = sd / np.sqrt(n), np.nan
    if chosen is not None:
        errors = _moment_errors(chosen, sample, cap) * np.sqrt(len(sample) / n)
        cv, cv_se = chosen.cv, float(errors[1])
        if capped:
            mean, mean_se = chosen.mean, float(errors[0])
    return Amounts(n, capped, cap, mean, mean_se, cv, cv_se, tuple(fits), chosen, _tail(values, cap), len(sample))


# --- the laws -------------------------------------------------------------------------------------


def censored(values: np.ndarray, cap: float) -> stats.CensoredData:
    """The amounts as SciPy fits them: those at the cap are known only to be as large."""
    return stats.CensoredData.right_censored(values, values >= cap)


def _start_lognormal(values: np.ndarray) -> tuple[float, ...]:
    logs = np.log(values)
    return float(logs.mean()), float(np.log(logs.std()))


def _lognormal(at: np.ndarray) -> Law:
    return Law(stats.lognorm, (np.exp(at[1]),), np.exp(at[0]))


def _start_gamma(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(values.mean() ** 2 / values.var())), float(np.log(values.var() / values.mean()))


def _gamma(at: np.ndarray) -> Law:
    return Law(stats.gamma, (np.exp(at[0]),), np.exp(at[1]))


def _start_burr(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(np.pi / np.sqrt(3) / np.log(values).std())), 0.0, float(np.log(np.median(values)))


def _burr(at: np.ndarray) -> Law:
    return Law(stats.burr12, (np.exp(at[0]), np.exp(at[1])), np.exp(at[2]))


def _start_model_burr(values: np.ndarray) -> tuple[float, ...]:
    return float(np.log(1.3 / np.log(values).std())), float(np.log(np.median(values)))


def _model_burr(at: np.ndarray) -> Law:
    c = np.exp(at[0])
    return Law(stats.burr12, (c, MODEL_TAIL / c), np.exp(at[1]))


# name -> how its logarithmic parameters become a law, where the search begins, the family in parameter files
LAWS: dict[str, tuple[Callable[[np.ndarray], Law], Callable[[np.ndarray], tuple[float, ...]], str]] = {
    "lognormal": (_lognormal, _start_lognormal, "lognormal"), "gamma": (_gamma, _start_gamma, "gamma"),
    "burr": (_burr, _start_burr, ""), "burr 2.8": (_model_burr, _start_model_burr, "burr")}


def negative_log_likelihood(law: Law, values: np.ndarray, cap: float) -> float:
    """Of a law, amounts at the cap counting by their survival function."""
    full = values < cap
    with np.errstate(all="ignore"):                          # far off on the way of a search
        total = -float(law.of("logpdf", values[full]).sum())
    if capped := int((~full).sum()):
        total -= capped * float(law.of("logsf", cap))
    return total if np.isfinite(total) else 1e300


def _search(name: str, values: np.ndarray, cap: float) -> np.ndarray:
    """The logarithmic parameters that maximise the likelihood."""
    make, start, _ = LAWS[name]
    if not (values >= cap).any() and name == "lognormal":
        return np.array(start(values))
    if not (values >= cap).any() and name == "gamma":
        shape, _, scale = stats.gamma.fit(values, floc=0)
        return np.log([shape, scale])
    if name in ("lognormal", "gamma"):                       # SciPy's own, with censoring
        family = stats.lognorm if name == "lognormal" else stats.gamma
        shape, _, scale = family.fit(censored(values, cap), floc=0)
        return np.array([np.log(scale), np.log(shape)] if name == "lognormal" else [np.log(shape), np.log(scale)])
    found = optimize.minimize(lambda at: negative_log_likelihood(make(np.clip(at, -30, 30)), values, cap), start(values),
                              method="Nelder-Mead", options={"maxiter": 600, "xatol": 1e-4, "fatol": 1e-3})
    return np.clip(found.x, -30, 30)


def _fit(name: str, values: np.ndarray, cap: float) -> Fit:
    make, _, model = LAWS[name]
    at = _search(name, values, cap)
    law = make(at)
    loss, n = negative_log_likelihood(law, values, cap), len(values)
    mean, sd = float(law.of("mean")), float(law.of("std"))
    cv = sd / mean if np.isfinite(mean) and mean > 0 and np.isfinite(sd) else np.inf
    ks, ad = distances(law, values, cap)
    return Fit(name, law, tuple(at), _named(name, at), mean, cv, 2 * len(at) + 2 * loss, np.log(n) * len(at) + 2 * loss,
               ks, np.nan, ad, np.nan, model)


def _named(name: str, at: np.ndarray) -> dict[str, float]:
    if name == "lognormal":
        return {"mu": float(at[0]), "sigma": float(np.exp(at[1]))}
    if name == "gamma":
        return {"shape": float(np.exp(at[0])), "scale": float(np.exp(at[1]))}
    c = float(np.exp(at[0]))
    d = float(np.exp(at[1])) if name == "burr" else MODEL_TAIL / c
    return {"c": c, "d": d, "scale": float(np.exp(at[-1]))}


def distances(law: Law, values: np.ndarray, cap: float = np.inf) -> tuple[float, float]:
    """Kolmogorov and Smirnov's distance below the cap, and Anderson and Darling's of the amounts below it, by their law there."""
    ordered = np.sort(values[values < cap])
    n, below = len(ordered), len(ordered) / len(values)
    at = law.of("cdf", ordered)
    ks = float(max(np.abs(np.arange(1, n + 1) / len(values) - at).max(), np.abs(at - np.arange(n) / len(values)).max()))
    inside = np.clip(at / (law.of("cdf", cap) if below < 1 else 1.0), 1e-12, 1 - 1e-12)
    weights = 2 * np.arange(1, n + 1) - 1
    return ks, float(-n - np.mean(weights * (np.log(inside) + np.log1p(-inside[::-1]))))


def _tested(fit: Fit, values: np.ndarray, cap: float, generator: np.random.Generator, repeats: int) -> Fit:
    """The fit with p-values of both distances: of samples of the fitted law, fitted anew, the share that lie as far. At most
    MOST_TESTED amounts are tested: of many more every law is refuted."""
    sample = values if len(values) <= MOST_TESTED else generator.choice(values, MOST_TESTED, replace=False)
    make = LAWS[fit.name][0]
    own = distances(fit.law if sample is values else make(_search(fit.name, sample, cap)), sample, cap)
    beyond = np.zeros(2)
    repeats = repeats if fit.name in ("lognormal", "gamma") and cap == np.inf else min(repeats, SLOW_REPEATS)
    for _ in range(repeats):
        drawn = np.minimum(fit.law.of("rvs", size=len(sample), random_state=generator), cap)
        beyond += np.array(distances(make(_search(fit.name, drawn, cap)), drawn, cap)) >= own
    ks_p, ad_p = (beyond + 1) / (repeats + 1)
    return replace(fit, ks_p=float(ks_p), ad_p=float(ad_p))


def _moment_errors(fit: Fit, values: np.ndarray, cap: float) -> np.ndarray:
    """Standard errors of the law's mean and coefficient of variation, float64[2]: by the delta method from the curvature of the
    likelihood."""
    make = LAWS[fit.name][0]
    at = np.array(fit.at)
    k, step = len(at), 1e-3
    eye = np.eye(k) * step

    def loss(point: np.ndarray) -> float:
        return negative_log_likelihood(make(point), values, cap)

    def moments(point: np.ndarray) -> np.ndarray:
        law = make(point)
        return np.array([law.of("mean"), law.of("std") / law.of("mean")])

    curvature = np.array([[(loss(at + eye[i] + eye[j]) - loss(at + eye[i] - eye[j]) - loss(at - eye[i] + eye[j])
                            + loss(at - eye[i] - eye[j])) / (4 * step * step) for j in range(k)] for i in range(k)])
    slope = np.stack([(moments(at + eye[i]) - moments(at - eye[i])) / (2 * step) for i in range(k)])
    variance = np.einsum("ia,ij,ja->a", slope, np.linalg.pinv(curvature), slope)
    return np.sqrt(np.maximum(variance, 0.0))


# --- the tail and the table -----------------------------------------------------------------------


def mean_excess(values: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of what amounts above each threshold exceed it by, and its standard error, float64[len(at)] each."""
    means, errors = np.full(len(at), np.nan), np.full(len(at), np.nan)
    for n, threshold in enumerate(at):
        above = values[values > threshold] - threshold
        if len(above) > 1:
            means[n], errors[n] = above.mean(), above.std(ddof=1) / np.sqrt(len(above))
    return means, errors


def _tail(values: np.ndarray, cap: float) -> Tail | None:
    """The generalised Pareto above the lowest threshold from which the mean excess is straight: within twice its error on the
    fitted line at each threshold above. None where there is none, or where bills are capped."""
    if (values >= cap).any():
        return None
    at = np.array([threshold for threshold in np.unique(np.quantile(values, THRESHOLDS))
                   if (values > threshold).sum() >= FEWEST_ABOVE])
    means, errors = mean_excess(values, at)
    for n, threshold in enumerate(at):
        above = values[values > threshold] - threshold
        xi, _, beta = stats.genpareto.fit(above, 0.2, floc=0, scale=above.mean())
        line = (beta + xi * (at[n:] - threshold)) / (1 - xi) if xi < 1 else np.full(len(at) - n, np.inf)
        if (np.abs(line - means[n:]) <= 2 * errors[n:]).all():
            return Tail(float(threshold), len(above), float(xi), float(max(1 + xi, 0.0) / np.sqrt(len(above))), float(beta))
    return None


def empirical_table(values: np.ndarray) -> dict[float, float]:
    """Quantiles of amounts, share -> yuan."""
    return {share: float(np.quantile(values, share)) for share in TABLE_AT}
