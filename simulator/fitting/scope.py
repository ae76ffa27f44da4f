"""What share of bills is in scope: the mean share, and how far bills lie from it.

The shares of bills are known as far as their in-scope amounts are, which stand in whole fen. Rounding takes all bills to one side
as the rule says (half up, in the model and mostly at hospitals), so that it does not even out over bills, as chance does: it is
part of the error, and all of it where every bill has one share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.care.walk import LEVELS
from simulator.fitting.intervals import NO_FIGURE, Figure, mean_se, on_log, on_logit, persons_of, together


@dataclass(frozen=True)
class Scope:
    """Bills of a group: the mean in-scope share with its error, in percent; how far each bill's lies from it, float64[n] in
    percentage points; whose the bills are, int64[n]."""

    mean: Figure
    away: np.ndarray
    person: np.ndarray

    @property
    def sd(self) -> float:
        """The standard deviation of the shares in percentage points."""
        return float(np.sqrt(self.away @ self.away / (len(self.away) - 1))) if len(self.away) > 1 else math.nan


def scope_of(billed: np.ndarray, eligible: np.ndarray, person: np.ndarray) -> Scope:
    """The in-scope shares of bills above zero, int64[n] fen, of persons int64[n]."""
    share = 100.0 * eligible / billed
    mean = float(share.mean())
    rounding = float((100.0 / billed).mean()) / math.sqrt(12)                # of a fen, anywhere within half of one
    error = math.hypot(mean_se(share, person), rounding)
    return Scope(on_logit(len(share), mean, error, persons_of(person) - 1), share - mean, person)


def half_width(groups: list[Scope]) -> Figure:
    """The half-width of an even spread about the mean with the same standard deviation, over the groups together. The model has
    it in LEVELS equally likely steps, the middles of as many parts: their variance is less than that of a smooth one."""
    away = np.concatenate([one.away for one in groups]) if groups else np.zeros(0)
    freedom = len(away) - len(groups)
    if freedom < 1 or not away.any():
        return NO_FIGURE
    variance = float(away @ away) / freedom
    half = math.sqrt(3 * variance / (1 - 1 / LEVELS**2))
    person = np.concatenate([one.person for one in groups])
    influences = away**2 - variance
    error = half / 2 * math.sqrt(together(influences, person) * float(influences @ influences)) / freedom / variance
    return on_log(len(away), half, error)
