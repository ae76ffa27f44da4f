"""The economy of each draw: systematic paths of prices, use, incomes and wages, funding, and enrolment.

With millions insured, chance between persons averages out; these paths are what makes the ten-year balance uncertain. A
variable's growth in a year is its central growth plus a shock, whose standard deviation stands in `risk.*` and of which a share
`persistence` carries over into the next year; the starting levels of prices and use are uncertain too. The random bits depend
on (seed, draw, year, variable) alone, so that every region and policy lives through the same futures. Positions can be given to
worlds in their place (chance/positions.py), of a variable's starting level or of its shock in a year, by the keys of
`economy_keys`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.chance.positions import BY_CHANCE, Given, given_positions
from simulator.chance.quantiles import normal_table
from simulator.chance.random import SYSTEMATIC, philox_words, year_stream
from simulator.parameters.growth import yearly_rates
from simulator.parameters.values import Read, Value

VARIABLES = ("price", "use", "income", "funding", "enrolment")
LEVEL_SD = {"price": "risk.bill_level_sd", "use": "risk.use_level_sd"}
GROWTH_SD = {"price": "risk.bill_growth_sd", "use": "risk.use_growth_sd", "income": "risk.income_growth_sd",
             "funding": "risk.funding_growth_sd", "enrolment": "risk.enrolment_growth_sd"}
KEY_OF_ECONOMY, STARTING = "economy:", "start"


class Economy(NamedTuple):
    """Each variable of one year relative to its central path, float64[draws]."""

    price: np.ndarray
    use: np.ndarray
    income: np.ndarray
    funding: np.ndarray
    enrolment: np.ndarray


@dataclass(frozen=True)
class Paths:
    """Each variable relative to its central path, float64[draws, years]; 1.0 everywhere without systematic risk."""

    price: np.ndarray
    use: np.ndarray
    income: np.ndarray
    funding: np.ndarray
    enrolment: np.ndarray

    def year(self, y: int) -> Economy:
        """The year `y`, counted from 0."""
        return Economy(*(getattr(self, name)[:, y] for name in Economy._fields))


def economy_keys(years: range) -> dict[str, tuple[int, int, int]]:
    """The names of what the paths of some years are made of, each with its place among the normals: year, variable, and 0 for the
    year's shock or 1 for the starting level. The shock of the first year moves nothing in it and is carried into the next."""
    found = {f"{KEY_OF_ECONOMY}{name}.{STARTING}": (0, v, 1) for v, name in enumerate(VARIABLES) if name in LEVEL_SD}
    return found | {f"{KEY_OF_ECONOMY}{name}.{year}": (y, v, 0) for y, year in enumerate(years)
                    for v, name in enumerate(VARIABLES)}


def sample_paths(read: Read, seed: int, draws: range, first_year: int, years: int, systematic: bool = True,
                 given: Given = BY_CHANCE) -> Paths:
    """Sample the paths of `draws`, but for what is `given`. Only products and sums are used, so that every machine gets the same
    bits."""
    normal = normal_table()
    shape = (len(draws), years)
    result = {name: np.ones(shape) for name in VARIABLES}
    if systematic:
        persistence = float(read("risk.persistence", first_year).value)
        fresh = (1.0 - persistence * persistence) ** 0.5
        which = np.arange(len(VARIABLES))
        words = [[philox_words(seed, 0, which, 0, draw, year_stream(first_year + y, SYSTEMATIC))[:, :2] for y in range(years)]
                 for draw in draws]
        places = np.array(words) >> 16                                 # [draw, year, variable, 2]
        for key, (y, v, which_of) in economy_keys(range(first_year, first_year + years)).items() if given else ():
            if (held := given_positions(given, key, draws)) is not None:
                places[:, y, v, which_of] = held
        normals = normal[places] / 65536.0
        for v, name in enumerate(VARIABLES):
            growth_sds = [float(read(GROWTH_SD[name], first_year + y).value) / 100.0 for y in range(years)]
            level_sd = float(read(LEVEL_SD[name], first_year).value) / 100.0 if name in LEVEL_SD else 0.0
            for d in range(len(draws)):
                shock, level = 0.0, 1.0
                for y, (z, at_start) in enumerate(normals[d, :, v].tolist()):
                    if y == 0:
                        level = max(1.0 + level_sd * at_start, 0.1)
                        shock = z
                    else:
                        shock = persistence * shock + fresh * z
                        level = level * max(1.0 + growth_sds[y] * shock, 0.1)
                    result[name][d, y] = level
    return Paths(**result)


def growth_factor(read: Read, rate: str, dated: Value, year: int) -> float:
    """How far a dated value has grown by `year` at the parameter `rate`: it is the level of the year of its date and grows every
    year after, by the rate of that year."""
    factor = 1.0
    for percent in yearly_rates(read, rate, dated, year):
        factor = factor * (1.0 + float(percent) / 100.0)
    return factor


def grown(read: Read, rate: str, dated: Value, year: int) -> float:
    """A dated number, moved from the year of its date to `year` at the parameter `rate`."""
    return float(dated.value) * growth_factor(read, rate, dated, year)
