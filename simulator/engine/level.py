"""The level of an operating schedule: the patient-share scaling factor k of r' = 1 - k (1 - r), solved to a target ratio.

No operating ratios of 2012 were found. So the shape of a schedule is an assumption, and its level is solved: k is set so that
the simulated in-scope inpatient ratio under the region's own parameters, at central values and without control or price
response, meets the target of the planning documents. A policy's changes do not solve k anew unless it asks for that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from simulator.care.conduct import neutral_variant, stack
from simulator.care.walk import PRICE, RATE, DrawTask, rows_of
from simulator.compiling.arrays import cached_array
from simulator.engine.prepare import SchemePeople
from simulator.kernel.draw import YearInputs
from simulator.kernel.programs import policies_of, run_draw
from simulator.kernel.shared_visits import WHOLE
from simulator.kernel.sums import empty_sums, whole_sums
from simulator.parameters.catalogue import ILLNESSES
from simulator.parameters.plans import at_level, region_plan
from simulator.parameters.regions import Reader, Region
from simulator.plan import pack
from simulator.tables import Paid, Summed

SOLVE_DRAW = 0xFFFFFFFE             # the draw number of the random bits; no simulated draw has it
PERSON_YEARS = 600_000              # simulated at least
HIGHEST_K = Decimal(4)


@dataclass(frozen=True)
class Level:
    """The scaling factor k of one scheme and year, the target it was solved to, and the ratio it reaches."""

    region: str
    scheme: str
    year: int
    k: Decimal
    target: Decimal
    status: str                     # of the target: law, statistic, estimate, assumption
    source: str                     # of the target
    reached: float                  # the in-scope ratio in percent at k
    unsolved: float                 # the in-scope ratio in percent at k = 1

    @property
    def met(self) -> bool:
        """Whether the target is reached within half a point."""
        return abs(self.reached - float(self.target)) <= 0.5


def in_scope_ratios(people: SchemePeople, region: Region | Reader, scheme: str, year: int, levels: list[Decimal]) -> np.ndarray:
    """The in-scope inpatient ratio in percent at each level k, float64.

    The year's people and prices are at central values, and the rules are those of `scheme` without case or per-diem prices.
    """
    ready = people.year(year)
    replicas = max(-(-PERSON_YEARS // max(ready.present, 1)), 1)
    plan = region_plan(region, scheme, year)._replace(payment_counties=0)
    terms = pack([at_level(plan, region, scheme, year, level) for level in levels])
    streams = ready.streams._replace(visits=rows_of(np.zeros(1, dtype=np.int64)))
    price = int(ready.price * PRICE + 0.5)
    conduct = stack([neutral_variant(people.tables, len(ILLNESSES))] * len(levels), people.tables)

    def settled() -> np.ndarray:
        sums = empty_sums(len(levels))
        run_draw(YearInputs(streams, people.tables, ready.people), policies_of(terms, np.full(len(levels), WHOLE), conduct),
                 DrawTask(SOLVE_DRAW, 0, replicas, year, price, price, RATE, 65536, False), sums)
        return whole_sums(sums, conduct.variant).month

    key = _fingerprint(streams, people.tables, ready.people, terms, conduct, SOLVE_DRAW, replicas, year, price)
    inpatient = cached_array(("levels", key), settled).sum(axis=2)[:, :2].sum(axis=1)
    return (inpatient[:, Paid.BASIC] + inpatient[:, Paid.LISTED]) * 100.0 / np.maximum(inpatient[:, Summed.ELIGIBLE], 1)


def _fingerprint(*parts: object) -> str:
    """The SHA-256 of arrays and numbers, also of those within tuples, with their types and shapes."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, tuple):
            digest.update(_fingerprint(*part).encode())
        else:
            array = np.ascontiguousarray(part)
            digest.update(f"{array.dtype} {array.shape} ".encode())
            digest.update(array.data)
    return digest.hexdigest()


def solve_level(people: SchemePeople, year: int, region: Region | Reader | None = None, scheme: str | None = None) -> Level:
    """Solve k by two rounds of interpolation, for the ratio falls as k rises; k is limited to [0, 4].

    `region` and `scheme` have the rules and the target; by default they are the people's own.
    """
    region, scheme = region or people.reader, scheme or people.scheme
    target = region.value(f"inpatient.{scheme}.target_ratio", year)
    wanted = float(target.value)
    grid = [Decimal(k) / 4 for k in (0, 2, 4, 6, 8, 16)]
    ratios = in_scope_ratios(people, region, scheme, year, grid)
    unsolved = float(ratios[2])
    if not region.value(f"inpatient.{scheme}.solve_level", year).value:
        return Level(people.region.name, scheme, year, Decimal(1), target.value, target.status, target.source, unsolved,
                     unsolved)
    k = _crossing(grid, ratios, wanted)
    grid = [min(max(k + Decimal(step) / 50, Decimal(0)), HIGHEST_K) for step in (-2, -1, 0, 1, 2)]
    ratios = in_scope_ratios(people, region, scheme, year, grid)
    k = _crossing(grid, ratios, wanted)
    reached = float(in_scope_ratios(people, region, scheme, year, [k])[0])
    return Level(people.region.name, scheme, year, k, target.value, target.status, target.source, reached, unsolved)


def _crossing(grid: list[Decimal], ratios: np.ndarray, wanted: float) -> Decimal:
    """The k at which a falling curve passes `wanted`, to a millionth, or the end of the grid where it does not pass it."""
    for a in range(len(grid) - 1):
        high, low = ratios[a], ratios[a + 1]
        if high >= wanted >= low and high > low:
            part = Decimal((high - wanted) / (high - low))
            return (grid[a] + (grid[a + 1] - grid[a]) * part).quantize(Decimal("0.000001"))
    return grid[0] if wanted > ratios[0] else grid[-1]
