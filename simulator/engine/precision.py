"""Enough draws: batches of draws are added until the 95% intervals are as narrow as was asked.

What counts is the pooled fund's mean expenditure per member in each region, scheme, policy and year: half of its 95% interval
must be at most the asked percentage of it. The rule looks at the draws alone, so that threads and machines change nothing, and
draws are only ever added: the result is, bit by bit, that of a run that was asked for so many draws in the first place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import TYPE_CHECKING, NamedTuple

from simulator.engine.measures import half_width, summarise
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.engine.outcome import SchemeResult

MEASURE = "expenditure_per_head"
FEWEST_DRAWS = 50             # in the first batch: with fewer the error itself is too uncertain to stop on
MARGIN = 1.05                 # more draws than the error calls for, or half of the batches would just miss the target
FASTEST_GROWTH = 10           # a batch multiplies the draws by at most this factor


class Figure(NamedTuple):
    """A mean, and half of its 95% interval in percent of it."""

    half: float
    region: str
    scheme: str
    policy: str
    year: int


@dataclass(frozen=True)
class Precision:
    """The precision asked and the precision reached, both as half of a 95% interval in percent of the mean."""

    asked: float
    widest: Figure
    batches: tuple[int, ...]           # the number of draws after each batch
    max_draws: int

    @property
    def draws(self) -> int:
        return self.batches[-1]

    @property
    def met(self) -> bool:
        return self.widest.half <= self.asked

    def as_dict(self) -> dict:
        """Plain data, for the manifest."""
        return {"measure": MEASURE, "asked": self.asked, "met": self.met, "draws": self.draws,
                "reached": self.widest.half if isfinite(self.widest.half) else None, "max_draws": self.max_draws,
                "batches": list(self.batches),
                "widest": {name: value for name, value in self.widest._asdict().items() if name != "half"}}


def first_draws(scenario: Scenario) -> int:
    """The draws of the first batch."""
    return min(max(scenario.draws, FEWEST_DRAWS), most_draws(scenario))


def most_draws(scenario: Scenario) -> int:
    """The most draws allowed, which are no fewer than those asked for."""
    return max(scenario.max_draws, scenario.draws)


def reached(schemes: Sequence[SchemeResult], scenario: Scenario, before: Precision | None) -> Precision:
    """The precision reached by the results of the schemes so far; `before` is what the previous batch reached."""
    widest = max(figures(schemes), key=lambda figure: figure.half)
    done = len(schemes[0].worlds)
    return Precision(scenario.precision or 0.0, widest, (*(before.batches if before else ()), done), most_draws(scenario))


def figures(schemes: Sequence[SchemeResult]) -> list[Figure]:
    """Half of the 95% interval of every mean that counts; infinite for one draw, 0 for a mean of zero."""
    found = []
    for scheme in schemes:
        for year, measures in scheme.measures.items():
            values = next(measure.values for measure in measures if measure.name == MEASURE)
            for p, policy in enumerate(scheme.policies):
                summary = summarise(values[:, p])
                half = 100 * half_width(summary["se"], len(values)) / summary["mean"] if summary["mean"] else 0.0
                found.append(Figure(half if isfinite(half) else float("inf"), scheme.region, scheme.scheme, policy, year))
    return found


def more_draws(found: Precision, tell: Callable[[str, int, int], None]) -> int | None:
    """The number of draws after the next batch, or None when the precision is met or no more draws are allowed.

    The error falls with the square root of the number of draws, so the draws so far tell how many are needed.
    """
    if found.met or found.draws >= found.max_draws:
        return None
    ratio = min((found.widest.half / found.asked) ** 2 * MARGIN, FASTEST_GROWTH)
    draws = min(ceil(found.draws * ratio), found.max_draws)
    tell(f"{found.draws} draws: {found.widest.half:.2g}% - {draws}", 0, 1)
    return draws
