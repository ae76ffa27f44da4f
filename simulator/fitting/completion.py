"""Claims that are not yet reported: chain-ladder on the triangle of month of discharge by months to the report.

Volume-weighted factors of all months (Mack 1993); his standard error of each month's ultimate number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.fitting.bills import UNKNOWN_DAY, Bills, calendar
from simulator.fitting.exposure import Window

MOST_LAGS = 36                  # months of development


@dataclass(frozen=True)
class Completion:
    """Of M months of discharge (counted from 1970-01): claims reported, ultimate by chain-ladder, its standard error, and the
    factor between the two. `factors` float64[L - 1] develop from lag to lag."""

    months: np.ndarray
    reported: np.ndarray
    ultimate: np.ndarray
    errors: np.ndarray
    factors: np.ndarray
    unstated: int                  # claims without a day of report, taken as reported with the discharge

    @property
    def completed(self) -> np.ndarray:
        """Ultimate over reported, 1 where nothing is."""
        return np.where(self.reported > 0, self.ultimate / np.maximum(self.reported, 1e-12), 1.0)


def chain_ladder(triangle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors float64[L - 1], ultimates float64[M] and Mack's standard errors float64[M] of a cumulative triangle float64[M, L],
    NaN where not yet known."""
    months, lags = triangle.shape
    factors, sigma = np.ones(lags - 1), np.zeros(lags - 1)
    for lag in range(lags - 1):
        both = ~np.isnan(triangle[:, lag + 1]) & ~np.isnan(triangle[:, lag])
        base, after = triangle[both, lag], triangle[both, lag + 1]
        if base.sum() > 0:
            factors[lag] = after.sum() / base.sum()
            some = base > 0
            if some.sum() > 1:
                sigma[lag] = (base[some] * (after[some] / base[some] - factors[lag]) ** 2).sum() / (some.sum() - 1)
            elif lag == 1:                                                    # Mack's extrapolation of the last
                sigma[lag] = sigma[0]
            elif lag > 1 and sigma[lag - 2] > 0:
                sigma[lag] = min(sigma[lag - 1] ** 2 / sigma[lag - 2], sigma[lag - 2], sigma[lag - 1])
    ultimate, variance = np.zeros(months), np.zeros(months)
    for month in range(months):
        known = int((~np.isnan(triangle[month])).sum()) - 1
        level = triangle[month, known]
        for lag in range(known, lags - 1):
            both = ~np.isnan(triangle[:, lag + 1]) & ~np.isnan(triangle[:, lag])
            base = triangle[both, lag].sum()
            if level > 0 and base > 0:
                variance[month] += sigma[lag] / factors[lag] ** 2 * (1 / level + 1 / base)
            level *= factors[lag]
        ultimate[month] = level
        variance[month] *= level**2
    return factors, ultimate, np.sqrt(variance)


def complete(bills: Bills, window: Window, valued: int | None = None) -> Completion | None:
    """The completion of the claims of a window; `valued` is the day on which the file was made (default: the last report).

    None where no day of report is known.
    """
    known = bills.reported != UNKNOWN_DAY
    if not known.any():
        return None
    _, discharged = calendar(bills.day)
    _, reported = calendar(np.where(known, bills.reported, bills.day))
    _, (first, last) = calendar(np.array([window.first, window.last]))
    _, (until,) = calendar(np.array([bills.reported.max() if valued is None else valued]))
    months = np.arange(first, min(last, until) + 1)
    lags = int(min(max(until - first, 0), MOST_LAGS)) + 1
    lag = np.clip(reported - discharged, 0, lags - 1)
    counted = (discharged >= first) & (discharged <= months[-1]) & (reported <= until)
    triangle = np.bincount((discharged[counted] - first) * lags + lag[counted], minlength=len(months) * lags).astype(float)
    cumulative = triangle.reshape(len(months), lags).cumsum(axis=1)
    cumulative[months[:, None] + np.arange(lags)[None, :] > until] = np.nan
    factors, ultimate, errors = chain_ladder(cumulative)
    return Completion(months, np.nanmax(cumulative, axis=1), ultimate, errors, factors, int((~known).sum()))
