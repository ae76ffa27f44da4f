"""The events of a fund in each draw, and 95% intervals of their probabilities that stay within what a probability can be."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.report.probability import paired_interval, share_interval

if TYPE_CHECKING:
    from simulator.report.select import Difference, Number, Selection, Side

BELOW_ZERO = {"deficit": "surplus", "exhausted": "accrued_closing"}      # the event: below zero; exhaustion lasts


class Events:
    """Whether a fund is in deficit in a year, and whether it has been exhausted, from the run's paths by draw."""

    def __init__(self, selection: Selection) -> None:
        self.selection, self.years = selection, selection.years

    @cached_property
    def _below(self) -> dict[tuple[str, str, str, str], np.ndarray]:
        """Region, scheme, policy, measure -> bool[draws, years]."""
        found = {}
        paths = self.selection.run.paths.sort_values(["draw", "year"], kind="stable")
        for key, rows in paths.groupby(["region", "scheme", "policy"], sort=False):
            for measure, column in BELOW_ZERO.items():
                below = (rows[column].to_numpy(dtype=np.float64) < 0).reshape(-1, len(self.years))
                found[(*key, measure)] = np.logical_or.accumulate(below, axis=1) if measure == "exhausted" else below
        return found

    def seen(self, side: Side, scheme: str, year: int, measure: str) -> np.ndarray:
        """Whether an event was there in a year, bool[draws]."""
        return self._below[side.region, scheme, side.policy, measure][:, year - self.years[0]]

    def alone(self, number: Number) -> tuple[float, float]:
        """The interval of a probability (Wilson's), from how often its event was seen."""
        draws = self.selection.run.manifest["draws"]
        return share_interval(round(number.mean * draws), draws)

    def apart(self, sides: tuple[Side, Side], scheme: str, year: int, measure: str, found: Difference) -> Difference:
        """The difference of two probabilities with an interval that stays within -1 and 1: Agresti and Min's where the run's
        paths tell the event of each draw, else Student's as far as a difference can go."""
        if measure in BELOW_ZERO:
            a, b = (self.seen(side, scheme, year, measure) for side in sides)
            low, high = paired_interval(int((a & ~b).sum()), int((b & ~a).sum()), len(a))
            return found._replace(low=low, high=high)
        return found._replace(low=max(found.low, -1.0), high=min(found.high, 1.0))       # NaN stays NaN
