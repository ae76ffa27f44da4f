"""The events of a fund in each draw, and 95% intervals of their probabilities that stay within what a probability can be."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.report.probability import apart_in, share_interval
from simulator.results import EVENTS

if TYPE_CHECKING:
    from simulator.report.select import Difference, Number, Selection, Side


class Events:
    """Whether a fund is in deficit in a year, and whether it has been exhausted, from the run's paths by draw; of a fund with
    several pooling units the share of the members whose unit is."""

    def __init__(self, selection: Selection) -> None:
        self.selection, self.years = selection, selection.years

    @cached_property
    def _shares(self) -> dict[tuple[str, str, str, str], np.ndarray]:
        """Region, scheme, policy, measure -> float64[draws, years]."""
        found = {}
        paths = self.selection.run.paths.sort_values(["draw", "year"], kind="stable")
        for key, rows in paths.groupby(["region", "scheme", "policy"], sort=False):
            for measure in EVENTS:
                found[(*key, measure)] = rows[measure].to_numpy(dtype=np.float64).reshape(-1, len(self.years))
        return found

    def path(self, side: Side, scheme: str, measure: str) -> np.ndarray:
        """How far an event was there in each year, float64[draws, years] from 0 to 1."""
        return self._shares[side.region, scheme, side.policy, measure]

    def seen(self, side: Side, scheme: str, year: int, measure: str) -> np.ndarray:
        """How far an event was there in a year, float64[draws] from 0 to 1."""
        return self.path(side, scheme, measure)[:, year - self.years[0]]

    def alone(self, number: Number) -> tuple[float, float]:
        """The interval of a probability (Wilson's), from how often its event was seen."""
        draws = self.selection.run.manifest["draws"]
        return share_interval(round(number.mean * draws, 6), draws)

    def apart(self, sides: tuple[Side, Side], scheme: str, year: int, measure: str, found: Difference) -> Difference:
        """The difference of two probabilities with an interval that stays within -1 and 1: Agresti and Min's where the run's
        paths tell the event of each draw, else Student's as far as a difference can go."""
        if measure in EVENTS:
            low, high = apart_in(*(self.seen(side, scheme, year, measure) for side in sides))
            return found._replace(low=low, high=high)
        return found._replace(low=max(found.low, -1.0), high=min(found.high, 1.0))       # NaN stays NaN
