"""How often: claims a person-year by age band, sex, class and year, Poisson and negative binomial.

Generalised linear models with a logarithmic link and the exposure as offset (McCullagh & Nelder 1989), fitted by iteratively
reweighted least squares. Errors are clustered by person (Liang & Zeger 1986), for a person's claims of several years hang
together and vary more than Poisson's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

from simulator.fitting.members import NOT_STATED
from simulator.parameters.errors import InputError

MOST_STEPS, CLOSE_ENOUGH = 100, 1e-10
NO_CLAIM_AT_MOST = 3.689        # the upper end of the exact 95% interval of a Poisson mean of which nothing was seen


class Rate(NamedTuple):
    """Claims a person-year with their standard error and 95% interval."""

    claims: float
    exposure: float
    rate: float
    se: float
    low: float
    high: float


@dataclass(frozen=True)
class RateModel:
    """A fitted model of K coefficients. `coefficients` and `errors` (clustered) are logarithms of ratios to the base levels;
    `deviance` and `pearson` are of the rows, `freedom` their degrees of freedom, `dispersion` Pearson's statistic over it.
    `alpha` is the negative binomial's: variance mu + alpha mu^2. `score_z` is the score test of Poisson against it (Cameron &
    Trivedi 1990), standard normal under Poisson; `ratio_p` the p-value of the likelihood ratio, at its boundary."""

    names: tuple[str, ...]
    coefficients: np.ndarray
    errors: np.ndarray
    nb_coefficients: np.ndarray
    rows: int
    freedom: int
    deviance: float
    pearson: float
    dispersion: float
    score_z: float
    alpha: float
    log_poisson: float
    log_nb: float
    ratio_p: float

    def aic(self, nb: bool = False) -> float:
        """Akaike's criterion of the Poisson or the negative binomial model."""
        return 2 * (len(self.names) + nb) - 2 * (self.log_nb if nb else self.log_poisson)


def rate_of(counts: np.ndarray, exposure: np.ndarray, times: np.ndarray, cluster: np.ndarray) -> Rate:
    """A rate as claims over exposure, float64[R] each; its error from the persons' own differences, the interval on its log."""
    claims, total = float(times @ counts), float(times @ exposure)
    if total <= 0:
        return Rate(claims, total, np.nan, np.nan, np.nan, np.nan)
    rate = claims / total
    if claims == 0:
        return Rate(0.0, total, 0.0, np.nan, 0.0, NO_CLAIM_AT_MOST / total)
    _, which = np.unique(cluster, return_inverse=True)
    differences = np.bincount(which, counts - rate * exposure)
    weights = np.zeros(len(differences))
    weights[which] = times
    se = float(np.sqrt(weights @ differences**2)) / total
    if se == 0:                                            # a single person: Poisson's own error
        se = rate / np.sqrt(claims)
    reach = np.exp(1.96 * se / rate)
    return Rate(claims, total, rate, se, rate / reach, rate * reach)


def design_of(factors: dict[str, tuple[np.ndarray, tuple[str, ...]]], exposure: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The design of factors, name -> (level of each row, names of the levels): an intercept and a column for each level with
    exposure, but for the one with the most, which is the base. Levels NOT_STATED are one of their own."""
    columns, names = [np.ones(len(exposure))], ["base"]
    for name, (levels, labels) in factors.items():
        seen = np.unique(levels)
        base = max(seen, key=lambda level: exposure[levels == level].sum())
        for level in seen:
            if level != base:
                columns.append((levels == level).astype(float))
                names.append(f"{name} {'not stated' if level == NOT_STATED else labels[level]}")
    return np.stack(columns, axis=1), tuple(names)


def _weighted_step(design: np.ndarray, weights: np.ndarray, target: np.ndarray) -> np.ndarray:
    root = np.sqrt(weights)
    return np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]


def _fitted(design: np.ndarray, counts: np.ndarray, offset: np.ndarray, times: np.ndarray, alpha: float) -> np.ndarray:
    """Coefficients by iteratively reweighted least squares; alpha 0 is Poisson. InputError where they do not settle."""
    start = np.log(max(times @ counts, 0.5) / (times @ np.exp(offset)))
    beta = np.zeros(design.shape[1])
    beta[0] = start
    for _ in range(MOST_STEPS):
        mean = np.exp(np.clip(design @ beta + offset, -50, 50))
        step = _weighted_step(design, times * mean / (1 + alpha * mean), (counts - mean) / mean)
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < CLOSE_ENOUGH or np.abs(beta).max() > 40:
            return beta
    if np.abs(step).max() < 1e-5:
        return beta
    raise InputError("the model of rates does not settle:", value=f"{design.shape[1]} coefficients", expected="more claims")


def _log_nb(counts: np.ndarray, mean: np.ndarray, alpha: float) -> np.ndarray:
    size = 1 / alpha
    return (special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1)
            - size * np.log1p(alpha * mean) + counts * (np.log(alpha * mean) - np.log1p(alpha * mean)))


def fit_rates(counts: np.ndarray, exposure: np.ndarray, times: np.ndarray, cluster: np.ndarray, design: np.ndarray,
              names: tuple[str, ...]) -> RateModel:
    """Fit both models to rows of counts (float64[R]) with their exposure in person-years, `times` as many of each, of persons
    `cluster` int64[R], by a design float64[R, K] whose levels all have claims. Alike rows are fitted as one."""
    rows = np.column_stack([design, np.round(exposure, 6), counts])
    different, which = np.unique(rows, axis=0, return_inverse=True)
    which = which.ravel()
    weights = np.bincount(which, times)
    x, offset, y = different[:, :-2], np.log(different[:, -2]), different[:, -1]
    beta = _fitted(x, y, offset, weights, 0.0)
    mean = np.exp(x @ beta + offset)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = 2 * float(weights @ (np.where(y > 0, y * np.log(y / mean), 0.0) - (y - mean)))
    pearson = float(weights @ ((y - mean) ** 2 / mean))
    freedom = int(times.sum()) - x.shape[1]
    score = float((weights @ ((y - mean) ** 2 - y)) / np.sqrt(2 * (weights @ mean**2)))
    log_poisson = float(weights @ (y * np.log(mean) - mean - special.gammaln(y + 1)))
    alpha, nb_beta, log_nb = _negative_binomial(x, y, offset, weights, beta, log_poisson)
    ratio = max(2 * (log_nb - log_poisson), 0.0)
    bread = np.linalg.pinv((x * (weights * mean)[:, None]).T @ x)
    errors = np.sqrt(np.diag(bread @ _meat(x, y - mean, which, times, cluster) @ bread))
    return RateModel(names, beta, errors, nb_beta, int(times.sum()), freedom, deviance, pearson, pearson / max(freedom, 1), score,
                     alpha, log_poisson, log_nb, float(0.5 * stats.chi2.sf(ratio, 1)) if ratio > 0 else 1.0)


def _meat(x: np.ndarray, residual: np.ndarray, which: np.ndarray, times: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """The persons' scores times themselves, summed, float64[K, K]."""
    _, person = np.unique(cluster, return_inverse=True)
    scores = np.stack([np.bincount(person, (x[:, k] * residual)[which]) for k in range(x.shape[1])], axis=1)
    weight = np.zeros(len(scores))
    weight[person] = times
    return (scores * weight[:, None]).T @ scores


def _negative_binomial(x: np.ndarray, y: np.ndarray, offset: np.ndarray, weights: np.ndarray, beta: np.ndarray,
                       log_poisson: float) -> tuple[float, np.ndarray, float]:
    """Alpha, coefficients and log likelihood of the negative binomial, by turns until they stand; alpha 0 where Poisson is best.
    """
    found, last = beta, -np.inf
    for _ in range(20):
        mean = np.exp(x @ found + offset)
        best = optimize.minimize_scalar(lambda log_alpha, mean=mean: -float(weights @ _log_nb(y, mean, np.exp(log_alpha))),
                                        bounds=(-16.0, 6.0), method="bounded", options={"xatol": 1e-7})
        alpha, reached = float(np.exp(best.x)), -float(best.fun)
        if reached - last < 1e-7:
            break
        last, found = reached, _fitted(x, y, offset, weights, alpha)
    return (alpha, found, reached) if reached > log_poisson + 1e-6 else (0.0, beta, log_poisson)
