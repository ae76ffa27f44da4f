"""The inpatient ratios that a region's rules pay, simulated at central values: what clauses about outcomes are held against.

A ratio is simulated on the people whom levels are solved on (engine/level.py), at the level in use: paid as written, solved to a
published outcome, or not known and taken as 1. No level is solved to the clause, so a ratio may miss it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.parameters.catalogue import MERGED, ORIGINS
from simulator.parameters.merged import APART, rule_book
from simulator.parameters.plans import region_plan
from simulator.parameters.regions import Region
from simulator.parameters.rules_in_force import file_in_force, plans_in_force
from simulator.plan import Plan

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
    """The ratios of a scheme that has people and a schedule in the region in `year`, under the plan that settles its bills; None
    for any other. A tenth of a second. Where that plan is the better of two, the level is that of nrcms."""
    from simulator.engine.bill_rows import rows_of_tiers  # heavy: these bring the compiled kernel
    from simulator.engine.level import level_of, people_for, ratios_under

    here = (rule_book(region.value, year) != APART if scheme == MERGED else
            region.value(f"population.{scheme}.participants", year, required=False) is not None)
    if not here or region.value(f"inpatient.{scheme}.ratio", year, required=False) is None:
        return None
    people = people_for(region, scheme, year)
    if people is None:
        return None
    first = ORIGINS[-1] if scheme == MERGED and rule_book(region.value, year) == "better" else scheme
    level = level_of(region, first, year)
    origin = ORIGINS[-1] if scheme == MERGED else scheme

    def stated(part: str) -> Plan:
        return region_plan(region, part, year, level_of(region, part, year).k, scheme)

    plans = [plan._replace(payment_counties=0) for plan in plans_in_force(region.value, scheme, year, stated, origin)]
    found = ratios_under(people, plans[:1], year, rows_of_tiers(plans, file_in_force(region.value, scheme, year, origin)))[:, 0]
    in_scope, actual = (Decimal(float(ratio)).quantize(Decimal("0.01")) for ratio in found)
    return Ratios(level, in_scope, actual)


Asked = tuple[str, int]                # a scheme and a year


def ratios_of(region: Region, asked: Iterable[Asked]) -> dict[Asked, Ratios | None]:
    """The ratios of each scheme and year that is asked for."""
    return {(scheme, year): simulated_ratios(region, scheme, year) for scheme, year in dict.fromkeys(asked)}
