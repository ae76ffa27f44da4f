"""The distribution of an uncertain value: its law, what it shares with others, and the settings it gives.

A *setting* is what a world has in place of a value: a multiple of it where its lever multiplies, points beside it where its lever
adds (levers.py). A distribution is one of settings. So its numbers are in percent of the value, 100 as stated, or in points, 0 as
stated; they go with the value when a scenario moves it. `distribution_tables.py` makes the table of settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from .levers import PLUS

if TYPE_CHECKING:
    import numpy as np

# law -> the numbers that state it
NUMBERS_OF = {"normal": ("sd",), "lognormal": ("sd",), "triangular": ("low", "mode", "high"), "uniform": ("low", "high"),
        "beta": ("low", "high", "mean", "sd")}


@dataclass(frozen=True, slots=True)
class Distribution:
    """Of the settings of a value under its `lever`. `numbers` are those of NUMBERS_OF, in percent or in points. Values that have
    `shares` in common move together: the normal scores of two of them have the correlation sqrt(c1 c2), of their
    `correlation` each; below 0 a value moves against the others."""

    lever: str
    law: str
    numbers: tuple[Decimal, ...]
    shares: str = ""
    correlation: Decimal = Decimal(1)

    @property
    def text(self) -> str:
        """The law in one word: `lognormal(sd=10%)`, `normal(sd=1.5)`."""
        sign = "" if self.lever == PLUS else "%"
        return f"{self.law}({', '.join(f'{name}={number:f}{sign}' for name, number in self.said.items())})"

    @property
    def whole_text(self) -> str:
        """The law, what it moves and what it shares: `lognormal(sd=10%), times; shares use (0.6)`."""
        shares = f"; shares {self.shares} ({self.correlation:f})" if self.shares else ""
        return f"{self.text}, {self.lever}{shares}"

    @property
    def said(self) -> dict[str, Decimal]:
        """The numbers by name."""
        return dict(zip(NUMBERS_OF[self.law], self.numbers, strict=True))

    @property
    def stated(self) -> float:
        """The setting of the value as stated."""
        return 0.0 if self.lever == PLUS else 1.0

    @property
    def table(self) -> np.ndarray:
        """The settings in 65,536 equal parts of probability, rising, float64: multiples, or points."""
        return _table(self.lever, self.law, tuple(map(float, self.numbers)))

    @property
    def ends(self) -> tuple[float, float]:
        """The settings that 5% of worlds are below, and that 5% are above."""
        tail = len(self.table) // 20
        return float(self.table[tail]), float(self.table[-1 - tail])


def distribution_of(lever: str, spread: str, said: Mapping[str, str], shares: str, correlation: str,
                    value: object) -> Distribution | None:
    """The distribution of a value that has been checked, as its file states it: in full, or as a spread, a relative standard
    deviation in percent (lognormal where the lever multiplies, normal where it adds to the number `value`); None of neither."""
    if said:
        law, numbers = said["law"], tuple(Decimal(said[name]) for name in NUMBERS_OF[said["law"]])
    elif not spread or not Decimal(spread):
        return None
    elif lever == PLUS:
        law, numbers = "normal", (abs(Decimal(str(value))) * Decimal(spread) / 100,)
    else:
        law, numbers = "lognormal", (Decimal(spread),)
    return Distribution(lever, law, numbers, shares, Decimal(correlation or 1))


@lru_cache(maxsize=1024)
def _table(lever: str, law: str, numbers: tuple[float, ...]) -> np.ndarray:
    from .distribution_tables import settings_at  # needs the compiled look-ups, which files do not
    middle, scale = (0.0, 1.0) if lever == PLUS else (1.0, 0.01)
    return settings_at(law, tuple(number * scale for number in numbers), middle)
