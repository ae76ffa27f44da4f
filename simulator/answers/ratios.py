"""The inpatient ratios that a region's rules pay, simulated at central values: what clauses about outcomes are held against.

A ratio is simulated on the people whom levels are solved on (engine/level.py), at the level in use: paid as written, solved to a
published outcome, or not known and taken as 1. No level is solved to the clause, so a ratio may miss it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.parameters.catalogue import MERGED
from simulator.parameters.regions import Region

if TYPE_CHECKING:
    from simulator.engine.level import Level


@dataclass(frozen=True)
class Ratios:
    """What basic insurance pays of the in-scope expense of inpatients and of their whole bills in a year, in percent, and at
    which level."""

    level: Level
    in_scope: Decimal
    actual: Decimal

    @property
    def gap(self) -> Decimal:
        """How far the actual ratio lies below the in-scope one, percentage points."""
        return self.in_scope - self.actual


def simulated_ratios(region: Region, scheme: str, year: int) -> Ratios | None:
    """The ratios of a scheme that has people and a schedule in the region in `year`; None for any other. A tenth of a second."""
    from simulator.engine.level import inpatient_ratios, level_of, people_for  # heavy: brings the compiled kernel

    counted = region.value(f"population.{scheme}.participants", year, required=False) if scheme != MERGED else None
    if region.value(f"inpatient.{scheme}.ratio", year, required=False) is None or scheme != MERGED and counted is None:
        return None
    people = people_for(region, scheme, year)
    if people is None:
        return None
    level = level_of(region, scheme, year)
    found = inpatient_ratios(people, region, scheme, year, [level.k])[:, 0]
    in_scope, actual = (Decimal(float(ratio)).quantize(Decimal("0.01")) for ratio in found)
    return Ratios(level, in_scope, actual)


Asked = tuple[str, int]                # a scheme and a year


def ratios_of(region: Region, asked: Iterable[Asked]) -> dict[Asked, Ratios | None]:
    """The ratios of each scheme and year that is asked for."""
    return {(scheme, year): simulated_ratios(region, scheme, year) for scheme, year in dict.fromkeys(asked)}
