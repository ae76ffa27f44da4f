"""The few figures by which a run is judged on the terminal: of each fund its last balance, its exhaustion, its patients' burden.

A probability has an interval that stays within what a probability can be; the other intervals are Student's t.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from simulator.engine.measures import ends, heavy_tailed, ratio, summarise
from simulator.report.probability import apart_in, share_interval
from simulator.report.select import Selection, Side
from simulator.results import HEAVY_TAIL, Run


class Finding(NamedTuple):
    """One figure of two sides: their values, the difference and its 95% interval; percent for a probability.

    Of one side alone: `a` is the value, `low` and `high` its interval, `p05` and `p95` the middle nine tenths of the draws.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    warning: str = ""
    p05: float = float("nan")
    p95: float = float("nan")

    @property
    def verdict(self) -> str:
        """higher, lower or same; unsure where the interval holds zero or there is none."""
        if self.difference == self.low == self.high == 0:
            return "same"
        return "higher" if self.low > 0 else "lower" if self.high < 0 else "unsure"


class Findings:
    """The figures of a run: of its policies against their baselines, else of its regions, else of its one region alone."""

    def __init__(self, run: Run) -> None:
        self.selection = Selection(run)
        self.first, self.last = self.selection.years[0], self.selection.years[-1]
        self.pairs = self.selection.policy_pairs or self.selection.region_pairs

    @cached_property
    def subjects(self) -> tuple[str, str, str]:
        """What the three sentences are about: exhaustion, or months held where no fund is ever exhausted."""
        any_exhausted = any(self._exhausted(side, scheme).any() for side in self.sides for scheme in self.selection.schemes)
        return ("balance", "exhausted" if any_exhausted else "months", "burden")

    @cached_property
    def by_key(self) -> dict[tuple[int, str, str], Finding]:
        """Pair (or side, where nothing is compared), scheme and subject -> the figure."""
        made: dict[tuple[int, str, str], Finding] = {}
        for nth in range(len(self.pairs) or 1):
            for scheme in self.selection.schemes:
                for subject in self.subjects:
                    found = self._compared(self.pairs[nth], scheme, subject) if self.pairs else self._alone(scheme, subject)
                    if found is not None:
                        made[nth, scheme, subject] = found
        return made

    @property
    def sides(self) -> list[Side]:
        """The sides that the figures are of."""
        labels = dict.fromkeys(label for pair in self.pairs for label in pair)
        return [self.side(label) for label in labels] or [self.side(self.first_region)]

    @property
    def first_region(self) -> str:
        """The region that the others are compared with."""
        return self.selection.scenario["regions"][0]

    @property
    def first_policy(self) -> str:
        """The baseline."""
        return self.selection.scenario["policies"][0]["name"]

    def side(self, label: str) -> Side:
        """The side with this name in the comparison."""
        region, _, policy = label.partition(": ")
        return Side(region, policy or self.first_policy)

    @cached_property
    def _paths(self) -> dict[tuple[str, str, str], np.ndarray]:
        """Region, scheme, policy -> the balance per member in yuan, float64 [draws, years]."""
        paths = self.selection.run.paths.sort_values(["draw", "year"], kind="stable")
        found = {}
        for key, rows in paths.groupby(["region", "scheme", "policy"], sort=False):
            balance, heads = (rows[name].to_numpy(dtype=np.float64) for name in ("accrued_closing", "members"))
            found[key] = ratio(balance, heads).reshape(-1, len(self.selection.years))
        return found

    def _balance(self, side: Side, scheme: str) -> np.ndarray:
        return self._paths[side.region, scheme, side.policy]

    def _exhausted(self, side: Side, scheme: str) -> np.ndarray:
        """How far the fund is exhausted by the last year, float64[draws] from 0 to 1."""
        return self.selection.events.seen(side, scheme, self.last, "exhausted")

    def share_exhausted(self, scheme: str) -> list[float]:
        """In how many of the draws the fund is exhausted by the last year, on each side."""
        return [float(self._exhausted(side, scheme).mean()) for side in self.sides]

    def _compared(self, pair: tuple[str, str], scheme: str, subject: str) -> Finding | None:
        one, other = (self.side(label) for label in pair)
        if subject == "balance":
            a, b = (self._balance(side, scheme)[:, -1] for side in (one, other))
            gap, warning = summarise(a - b), HEAVY_TAIL if heavy_tailed(a - b) else ""
            return Finding(a.mean(), b.mean(), gap["mean"], *ends(gap["mean"], gap["se"], len(a), warning), warning)
        if subject == "exhausted":
            a, b = (self._exhausted(side, scheme) for side in (one, other))
            low, high = apart_in(a, b)
            return Finding(100 * a.mean(), 100 * b.mean(), 100 * (a.mean() - b.mean()), 100 * low, 100 * high)
        row = self.selection.difference(pair, scheme, *self._where(subject))
        return None if row is None else Finding(row.a, row.b, row.difference, row.low, row.high, row.warning)

    def _alone(self, scheme: str, subject: str) -> Finding | None:
        side = self.sides[0]
        if subject == "exhausted":
            gone = self._exhausted(side, scheme)
            low, high = share_interval(float(gone.sum()), len(gone))
            return Finding(100 * gone.mean(), np.nan, np.nan, 100 * low, 100 * high)
        if subject == "balance":
            values = self._balance(side, scheme)[:, -1]
            found = summarise(values)
            mean, se, p05, p95 = (found[name] for name in ("mean", "se", "p05", "p95"))
            warning = HEAVY_TAIL if heavy_tailed(values) else ""
        else:
            row = self.selection.number(side, scheme, *self._where(subject))
            if row is None:
                return None
            mean, se, p05, p95, warning = row.mean, row.se, row.p05, row.p95, row.warning
        low, high = ends(mean, se, self.selection.run.manifest["draws"], warning)
        return Finding(mean, np.nan, np.nan, low, high, warning, p05, p95)

    def _where(self, subject: str) -> tuple[int, str]:
        """The year and the measure of a subject."""
        return (self.year(subject), "months_held" if subject == "months" else "oop_per_head")

    def year(self, subject: str) -> int:
        """The year that a subject is about: the first for the burden, the last for the fund."""
        return self.first if subject == "burden" else self.last
