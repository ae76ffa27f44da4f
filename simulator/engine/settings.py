"""The settings that worlds have of a region's uncertain values (parameters/distributions.py), by the values' names.

Positions that a scenario gives (`given`, by key) stand in the place of those by chance.

What acts on a result is asked for here, and noted: the values of `asked` are those whose settings a run's worlds differ by.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import NamedTuple

import numpy as np

from simulator.chance.positions import BY_CHANCE, Given, given_positions, positions, shared_positions
from simulator.parameters.growth import yearly_values
from simulator.parameters.regions import Region
from simulator.parameters.uncertain import key_of
from simulator.parameters.values import Value


class Asked(NamedTuple):
    """An uncertain value that acts, as it is in the first year in which it does, and its settings float64[D]."""

    value: Value
    settings: np.ndarray


class Settings:
    """The settings of some worlds in a region; where nothing is uncertain (`certain`) all are as stated."""

    def __init__(self, region: Region, seed: int, worlds: Sequence[int], certain: bool = False,
                 given: Given = BY_CHANCE) -> None:
        self.region, self.seed, self.worlds, self.certain, self.given = region, seed, worlds, certain, given
        self.asked: dict[str, Asked] = {}          # by key
        self._places: dict[tuple[str, str, Decimal], np.ndarray] = {}          # by key and what the value's law shares

    def times(self, path: str, year: int) -> np.ndarray:
        """The multiples of a value that worlds have in a year, float64[D]; one where it is certain."""
        value = self.region.value(path, year, required=False)
        return np.ones(len(self.worlds)) if value is None or value.distribution is None else self._of(value)

    def growth(self, rate: str, dated: Value, year: int) -> np.ndarray:
        """How far a dated value has grown by `year` at the rates of each world, relative to the stated rates, float64[D]."""
        return self.compound(yearly_values(self.region.value, rate, dated, year))

    def compound(self, rates: Sequence[Value]) -> np.ndarray:
        """What yearly rates in percent come to in each world, relative to what they do as stated, float64[D]."""
        factors = [(1.0 + (float(rate.value) + self._of(rate)) / 100.0) / (1.0 + float(rate.value) / 100.0)
                   for rate in rates if rate.distribution is not None]
        return reduce(mul, factors, np.ones(len(self.worlds)))

    def _of(self, value: Value) -> np.ndarray:
        law, key = value.distribution, key_of(value)
        assert law is not None
        if self.certain:
            return np.full(len(self.worlds), law.stated)
        known = key, law.shares, law.correlation
        if known not in self._places:
            place = given_positions(self.given, key, self.worlds)
            if place is None:
                place = (shared_positions(self.seed, key, law.shares, float(law.correlation), self.worlds) if law.shares else
                         positions(self.seed, key, self.worlds))
            self._places[known] = place
        settings = law.table[self._places[known]]
        self.asked.setdefault(key, Asked(value, settings))
        return settings
