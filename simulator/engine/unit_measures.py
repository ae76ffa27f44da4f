"""What the pooling units of a policy are like beside each other: how many have run out, and how far apart they are.

A unit counts once, however many members it has; shares of members are among the fund's own measures. Groups are `units:p10` and
their like: the unit that a tenth of the units are below.
"""

from __future__ import annotations

import numpy as np

from simulator.engine.funds import UnitYears
from simulator.engine.measures import Measure, ratio

SPREAD = (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))


def unit_measures(units: UnitYears) -> list[Measure]:
    """The measures of the units of a year, float64[D, P]."""
    columns, draws = units.columns, len(units.heads)
    counts = columns.counts.astype(np.float64)
    rows = [Measure("units", "", "count", np.broadcast_to(counts, (draws, len(counts))).copy()),
            Measure("units_exhausted", "", "%", 100 * columns.total(units.exhausted.astype(np.int64)) / counts)]
    for name, unit, values in (("unit_balance_per_head", "CNY/person", ratio(units.balance / 100, units.heads)),
                               ("unit_months_held", "month", ratio(12.0 * units.balance, units.expenditure))):
        found = np.empty((len(SPREAD), draws, len(counts)))
        for count in np.unique(columns.counts):
            policies = np.flatnonzero(columns.counts == count)
            own = np.sort(values[:, columns.starts[policies][:, None] + np.arange(count)], axis=2)       # [D, P, U]
            for nth, (_, share) in enumerate(SPREAD):
                place = share * (count - 1)
                below = int(place)
                low, high = own[:, :, below], own[:, :, min(below + 1, int(count) - 1)]
                found[nth][:, policies] = low + (high - low) * (place - below)
        rows += [Measure(name, f"units:{label}", unit, spread) for (label, _), spread in zip(SPREAD, found, strict=True)]
    return rows
