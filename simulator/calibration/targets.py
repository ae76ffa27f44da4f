"""What published figures ask of a run: the scale on which each is met, its error, the model's, and which follow from others.

An amount, a rate or a number of members is met on the scale of logarithms, so that its errors are shares of it; a ratio in
percent and a difference of amounts as they are. Beside the stated error of a figure stands the *model error*: how far the model
may miss it under the right settings. It is a share s of an amount, 100 s points of a ratio, and of a difference 100 s times the
figure's own error; at least LEAST_MODEL_ERROR, a judgement that was fixed before anything was fitted, and more where the figures
of a run say so (waves.py). A figure that others of its cell give (a surplus beside revenue and expenditure) would be counted
twice: it is set beside the runs and looked at for contradictions, and weighs nothing; so is a second publisher's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from simulator.answers.backtest import DIFFERENCES
from simulator.answers.evidence import Figure

FIRST_EVIDENCE = 2010                          # the year from which on parameters are stated
LEAST_MODEL_ERROR = 0.01
NO_LOGARITHM = -50.0                           # of what is not above zero


@dataclass(frozen=True)
class Identity:
    """What a measure is made of: each part a measure, and how many years before."""

    parts: tuple[tuple[str, int], ...]
    made: Callable[..., float]


IDENTITIES = {
    "surplus": (Identity((("revenue", 0), ("expenditure", 0)), lambda revenue, spent: revenue - spent),),
    "expenditure_over_revenue": (Identity((("revenue", 0), ("expenditure", 0)), lambda revenue, spent: 100 * spent / revenue),),
    "revenue_per_head": (Identity((("revenue", 0), ("members", 0)), lambda revenue, heads: 1e4 * revenue / heads),),
    "expenditure_per_head": (Identity((("expenditure", 0), ("members", 0)), lambda spent, heads: 1e4 * spent / heads),),
    "balance": (Identity((("balance", 1), ("revenue", 0), ("expenditure", 0)), lambda held, got, spent: held + got - spent),),
    "balance_with_accounts": (
        Identity((("balance", 0), ("individual_accounts", 0)), lambda pooled, own: pooled + own),
        Identity((("balance_with_accounts", 1), ("revenue_with_accounts", 0), ("expenditure_with_accounts", 0)),
                 lambda held, got, spent: held + got - spent)),
}


@dataclass(frozen=True)
class Target:
    """A figure as a run is to meet it: `value`, `error` and what a model error of one is (`size`) are on its scale. `weighs`:
    whether it counts as evidence of its own."""

    figure: Figure
    logarithm: bool
    value: float
    error: float
    size: float
    weighs: bool

    @property
    def of_fund(self) -> tuple[str, str]:
        return self.figure.region, self.figure.scheme

    def scaled(self, raw: np.ndarray) -> np.ndarray:
        """Simulated values on the figure's scale; far below where they have no logarithm."""
        if not self.logarithm:
            return raw
        return np.where(raw > 0, np.log(np.where(raw > 0, raw, 1.0)), NO_LOGARITHM)

    def raw(self, scaled: np.ndarray) -> np.ndarray:
        """Values on the figure's scale in its unit."""
        return np.exp(scaled) if self.logarithm else scaled


def targets(figures: Sequence[Figure], until: int) -> list[Target]:
    """The figures of the years from FIRST_EVIDENCE to `until`, as runs are to meet them, in their order."""
    some = [f for f in figures if f.kind != "none" and FIRST_EVIDENCE <= f.year <= until]
    cells = by_cell(some)
    return [_target(f, not f.family and not made_of(f, cells)) for f in some]


def _target(f: Figure, weighs: bool) -> Target:
    if f.unit != "%" and f.measure not in DIFFERENCES and f.value > 0:
        return Target(f, True, log(f.value), f.error / f.value, 1.0, weighs)
    return Target(f, False, f.value, f.error, 100.0 if f.unit == "%" else 100 * f.error, weighs)


def by_cell(figures: Sequence[Figure]) -> dict[tuple, Figure]:
    """The first publisher's figures by their cell."""
    return {f.cell: f for f in figures if f.kind == "figure" and not f.family}


def made_of(figure: Figure, cells: Mapping[tuple, Figure]) -> list[tuple[list[Figure], float, float]]:
    """What a figure follows from: of each identity whose parts are there the parts, what they make, and its standard error."""
    found = []
    for identity in IDENTITIES.get(figure.measure, ()) if figure.kind == "figure" and not figure.family else ():
        wanted = [(figure.region, figure.scheme, figure.year - back, measure, "", "") for measure, back in identity.parts]
        if not all(cell in cells for cell in wanted):
            continue
        parts = [cells[cell] for cell in wanted]
        values = [part.value for part in parts]
        made = identity.made(*values)
        moved = [identity.made(*(f.value + f.error * (f is part) for f in parts)) - made for part in parts]
        found.append((parts, made, float(np.hypot.reduce(moved))))
    return found
