"""What a region states of its counties, for a scheme and year: members, cities, costs, means, wages, opening balances.

Shares of members are in millionths, other levels in 1/10,000 of a percent or of the mean; a list that is not stated is empty, and
the counties are then alike.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from simulator.money import ONE

if TYPE_CHECKING:
    from simulator.parameters.regions import Reader, Region


class UnitTerms(NamedTuple):
    """Levels of the n counties in the order in which they stand side by side."""

    members: tuple[int, ...] = ()
    city_counties: tuple[int, ...] = ()
    costs: tuple[int, ...] = ()    # lasting cost level, 1/10,000 of the mean; 0: drawn
    means: tuple[int, ...] = ()
    wages: tuple[int, ...] = ()
    openings: tuple[int, ...] = ()


def unit_terms(region: Region | Reader, scheme: str, year: int, base_year: int) -> UnitTerms:
    """The terms in force in `year`; opening balances are those of `base_year`. A list that an ancestor states of other counties
    than the region's own does not count."""
    counties = region.value(f"population.{scheme}.counties", base_year)

    def listed(name: str, parts: int, at: int = year) -> tuple[int, ...]:
        found = region.value(f"pooling.{scheme}.{name}", at, required=False)
        if found is None or region.lineage.index(found.region) > region.lineage.index(counties.region):
            return ()
        return tuple(int(parts * number + Decimal("0.5")) for number in found.value)

    return UnitTerms(listed("unit_members", ONE), listed("city_counties", 1), listed("unit_costs", 100),
                     listed("unit_means", 100), listed("unit_wages", 100), listed("unit_openings", 100, base_year))
