"""How dear: distributions fitted to the amounts of bills by maximum likelihood, bills at a cap as censored.

The laws of laws.py are tried: Akaike's and Schwarz's criteria, Kolmogorov and Smirnov's and Anderson and Darling's distances with
p-values by parametric bootstrap (for the parameters are fitted), the tail above a threshold as a generalised Pareto (Pickands
1975), and the empirical table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from simulator.fitting.intervals import NO_FIGURE, Figure, mean_figure
from simulator.fitting.laws import LAWS, Law, named, negative_log_likelihood, search
from simulator.fitting.profiles import CV, MEAN, cv_of, law_figure

MOST_FITTED = 20_000            # amounts that a law is fitted to; of more a sample is
MOST_TESTED, REPEATS, SLOW_REPEATS = 1_000, 99, 19          # slow: laws without a closed form, or with capped bills
FEWEST_BILLS = 30                     # amounts to which laws are fitted
SAMPLE_SEED = 20120321
MODEL_CVS = (0.7, 1.85)         # between which the model's Burr law can be scaled
LAWS_OF_ADMISSIONS, OTHER_LAWS = ("lognormal", "gamma", "burr 2.8"), ("lognormal",)       # that the model has
TABLE_AT = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)
FEWEST_ABOVE = 50               # amounts above a threshold
THRESHOLDS = (0.70, 0.75, 0.80, 0.85, 0.90, 0.925, 0.95, 0.97, 0.98, 0.99)


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

    `mean` is the sample's, or where bills are capped the chosen law's, and `cv` the chosen law's, without a figure where none is
    chosen; `sample_cv` is that of the bills as they are. `fits` are in order of AIC; `chosen` is the best that the model has.
    """

    n: int
    capped: int
    cap: float
    mean: Figure
    cv: Figure
    sample_cv: float
    fits: tuple[Fit, ...]
    chosen: Fit | None
    tail: Tail | None
    fitted_to: int


def fit_amounts(yuan: np.ndarray, cap: float = np.inf, repeats: int = REPEATS, person: np.ndarray | None = None,
                able: Sequence[str] = LAWS_OF_ADMISSIONS) -> Amounts:
    """Fit the laws to positive amounts float64[n]; at `cap` they are known only to be as large. `person` int64[n] says whose they
    are (None: each another's), `able` which laws the model has for them."""
    those = yuan > 0
    values = np.minimum(yuan[those], cap)
    person = np.arange(len(values)) if person is None else person[those]
    n = len(values)
    capped = int((values >= cap).sum())
    sample_cv = float(values.std(ddof=1) / values.mean()) if n > 1 else np.nan
    if n < FEWEST_BILLS or not sample_cv > 0 or n - capped < FEWEST_BILLS:
        return Amounts(n, capped, cap, mean_figure(values, person), NO_FIGURE, sample_cv, (), None, None, 0)
    generator = np.random.default_rng(SAMPLE_SEED)
    taken = np.arange(n) if n <= MOST_FITTED else generator.choice(n, MOST_FITTED, replace=False)
    sample, of_sample = values[taken], person[taken]
    fits = sorted((_fit(name, sample, cap) for name in LAWS), key=lambda fit: fit.aic)
    had = [fit for fit in fits if fit.name in able]
    chosen = next((fit for fit in had if fit.model != "burr" or MODEL_CVS[0] < fit.cv < MODEL_CVS[1]), None)
    wanted = [chosen, fits[0]] if repeats else []
    fits = [_tested(fit, sample, cap, generator, repeats) if fit in wanted else fit for fit in fits]
    if chosen is None:
        return Amounts(n, capped, cap, mean_figure(values, person), NO_FIGURE, sample_cv, tuple(fits), None, _tail(values, cap),
                       len(sample))
    chosen = next(fit for fit in fits if fit.name == chosen.name)
    laws = {fit.name: fit.at for fit in [chosen, *had]}
    cv = law_figure(CV, laws, sample, cap, of_sample)
    mean = law_figure(MEAN, laws, sample, cap, of_sample) if capped else mean_figure(values, person, chosen.cv)
    return Amounts(n, capped, cap, mean._replace(n=n), cv._replace(n=n), sample_cv, tuple(fits), chosen, _tail(values, cap),
                   len(sample))


# --- the laws ---------------------------------------------------------------------------------------


def _fit(name: str, values: np.ndarray, cap: float) -> Fit:
    at = search(name, values, cap)
    law, loss, n = LAWS[name].make(at), negative_log_likelihood(name, at, values, cap), len(values)
    ks, ad = distances(law, values, cap)
    return Fit(name, law, tuple(at), named(name, at), float(law.of("mean")), cv_of(law), 2 * len(at) + 2 * loss,
               np.log(n) * len(at) + 2 * loss, ks, np.nan, ad, np.nan, LAWS[name].model)


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
    make = LAWS[fit.name].make
    own = distances(fit.law if sample is values else make(search(fit.name, sample, cap)), sample, cap)
    beyond = np.zeros(2)
    repeats = repeats if fit.name in ("lognormal", "gamma") and cap == np.inf else min(repeats, SLOW_REPEATS)
    for _ in range(repeats):
        drawn = np.minimum(fit.law.of("rvs", size=len(sample), random_state=generator), cap)
        beyond += np.array(distances(make(search(fit.name, drawn, cap)), drawn, cap)) >= own
    ks_p, ad_p = (beyond + 1) / (repeats + 1)
    return replace(fit, ks_p=float(ks_p), ad_p=float(ad_p))


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
