"""Forecasts of the model from the end of past years, beside those of its rivals, scored by what was published afterwards.

From each origin (region, scheme, cut) one run starts in the last year whose accounts were known, with systematic risk, its fund
as funds are run (`as_run`), and the steps that had been announced by the cut. It is fitted twice: rates of use by one factor, so
that the first year's expenditure is the published one (`fitted_use`), and then each measure in each world to its last known
figure (`Origin.sample`), so that the forecast is the model's growth from there. Rivals are fitted to the same known figures and
nothing else. A figure is scored if it was not known at the cut.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan

import numpy as np
import pandas as pd

from simulator.answers.backtest import DIFFERENCES, values_of
from simulator.answers.evidence import Figure
from simulator.calibration.sets import SettingsSet
from simulator.engine.outcome import SchemeResult
from simulator.engine.simulate import simulate
from simulator.forecasts.knowledge import PUBLISHED_EXPENDITURES, Known, known_of
from simulator.forecasts.rivals import ILO, POINTS, RIVALS, one_line
from simulator.forecasts.scores import CENTRAL_BANDS, crps, held, pit
from simulator.parameters.regions import Regions
from simulator.scenario import Scenario

FITTING_DRAWS, MOST_USE = 10, 2.0
ENOUGH_CHANGES, MOST_SHOCK = 3, 30.0    # yearly changes that tell a spread; the largest spread of a shock, percentage points
FAN_QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
SCORE_COLUMNS = ("region", "scheme", "cut", "start", "last", "year", "lead", "measure", "group", "unit", "published", "error",
                 "mean", *FAN_QUANTILES, "scale", "crps", "pit", "in50", "in90", *RIVALS, ILO)
FAN_COLUMNS = ("region", "scheme", "cut", "start", "year", "measure", "unit", *FAN_QUANTILES)
BY_POINTS = ("in_scope_ratio", "actual_ratio", "actual_ratio_all_layers")      # levelled by adding, not by a factor
AS_RUN: dict[str, object] = {
    "deficit_response": ["reserve", "ladder"], "warning_trigger": "red", "surplus_response": "secondary_ladder",
    "secondary_least": "100", "secondary_max_share": "90", "ladder_step": "7",
    "ladder_ratio": ["-10", "0", "5", "10", "15", "20", "25", "30"],
    "ladder_deductible": ["120", "100", "85", "70", "55", "40", "20", "0"],
    "ladder_cap": ["100", "100", "120", "140", "160", "180", "250", "300"],
    "ladder_outpatient_ratio": ["0", "0", "10", "20", "30", "40", "50", "55"],
    "ladder_outpatient_limit": ["100", "100", "150", "200", "300", "500", "800", "1000"]}
# A measure without known figures is levelled as another that is nearly the same.
LIKE = {"revenue": "revenue_with_accounts", "expenditure": "expenditure_with_accounts", "revenue_with_accounts": "revenue",
        "expenditure_with_accounts": "expenditure", "funding_per_head": "revenue_per_head", "expenditure_per_head": "expenditure",
        "revenue_per_head": "revenue", "balance": "balance_with_accounts", "balance_with_accounts": "balance"}
# A surplus, and the balance it adds to: what is received less what is spent.
SURPLUS_OF = {"surplus": ("revenue", "expenditure"), "balance": ("revenue", "expenditure"),
              "balance_with_accounts": ("revenue_with_accounts", "expenditure_with_accounts")}


@dataclass(frozen=True)
class Origin:
    """A forecast of a region and scheme, made at the end of `known.cut`: one sample of worlds for every measure and year."""

    region: str
    scheme: str
    known: Known
    use: float                     # the fitted factor on rates of use
    result: SchemeResult

    def sample(self, measure: str, year: int, group: str = "") -> np.ndarray:
        """The forecast of a measure, float64[D]: simulated, levelled in each world to the last known figure.

        Amounts and rates keep the ratio of the two, ratios in percent their difference. A surplus is what the levelled revenue
        leaves, a balance the last known one and the surpluses since. What has no known figure is as simulated.
        """
        if measure in SURPLUS_OF:
            revenue, expenditure = SURPLUS_OF[measure]
            if measure == "surplus":
                return self.sample(revenue, year) - self.sample(expenditure, year)
            last, part = self.last(measure, year), np.ones(len(self.result.worlds))
            if last is None and (last := self.last(LIKE[measure], year)) is not None and last.year >= self.known.start:
                part = self._raw(measure, last.year) / self._raw(LIKE[measure], last.year)
            if last is None or last.year < self.known.start:
                return self._raw(measure, year)
            balance = last.value * part
            for y in range(last.year + 1, year + 1):
                balance += self.sample(revenue, y) - self.sample(expenditure, y)
            return balance
        if measure == "expenditure_over_revenue":
            return 100 * self.sample("expenditure", year) / self.sample("revenue", year)
        for name in (measure, LIKE.get(measure, measure)):
            last = self.last(name, year, group)
            if last is not None and last.year >= self.known.start:
                simulated = self._raw(name, last.year, group)
                if name in BY_POINTS:
                    return np.clip(self._raw(measure, year, group) + last.value - simulated, 0.0, 100.0)
                return self._raw(measure, year, group) * np.divide(last.value, simulated, out=np.ones_like(simulated),
                                                                   where=simulated > 0)
        return self._raw(measure, year, group)

    def last(self, measure: str, before: int, group: str = "") -> Figure | None:
        """The last known figure of a measure, of a year before another."""
        return next((f for y, f in reversed(self.known.series(measure, group).items()) if y < before), None)

    def _raw(self, measure: str, year: int, group: str = "") -> np.ndarray:
        return values_of(self.result, year, measure, group)[:, 0]

    def rivals(self, measure: str, year: int, group: str = "") -> dict[str, np.ndarray]:
        """What the rivals make of the known figures of the same measure: name -> sample."""
        found = {}
        if series := {y: f for y, f in self.known.series(measure, group).items() if y < year}:
            years, values = np.array(list(series)), np.array([f.value for f in series.values()])
            for name, rival in RIVALS.items():
                if (sample := rival(years, values, year - int(years[-1]))) is not None:
                    found[name] = sample
        if not group and (line := self._one_line(measure, year)) is not None:
            found[ILO] = line
        return found

    def _one_line(self, measure: str, year: int) -> np.ndarray | None:
        """The one-line projection of an amount, and of what is made of amounts."""
        if measure in SURPLUS_OF or measure == "expenditure_over_revenue":
            parts, last = SURPLUS_OF.get(measure, SURPLUS_OF["surplus"]), self.last(measure, year)
            if last is None:
                return None
            held = measure.startswith("balance")
            mixed = np.random.default_rng(0).permutation(POINTS)             # revenue and cost move apart from each other
            total = np.full(POINTS, last.value if held else 0.0)
            for y in range(last.year + 1 if held else year, year + 1):
                revenue, spent = (self._one_line(part, y) for part in parts)
                if revenue is None or spent is None:
                    return None
                if measure == "expenditure_over_revenue":
                    return 100 * spent[mixed] / revenue
                total += revenue - spent[mixed]
            return total
        if measure not in SURPLUS_OF["surplus"] + SURPLUS_OF["balance_with_accounts"]:
            return None
        amounts, members = self.known.series(measure), self.known.series("members")
        if not (both := [y for y in amounts if y in members and y < year]):
            return None
        heads, money = (np.array([column[y].value for y in both]) for column in (members, amounts))
        return one_line(np.array(both), heads, money, year - both[-1])

    @cached_property
    def key(self) -> tuple[str, str, int]:
        """What the points of this origin are a block of."""
        return self.region, self.scheme, self.known.cut.year


def origins(regions: Regions, known_figures: Sequence[Figure], scored: Sequence[Figure], cuts: Sequence[datetime.date],
            draws: int = 200, people: int = 2_000, seed: int = 20121231, threads: int | None = None,
            progress: Callable[[str, int, int], None] | None = None, until: int | None = None,
            settings: SettingsSet | None = None) -> list[Origin]:
    """The forecasts from each cut of every region and scheme with known accounts that reach the scored figures, or `until`; in
    worlds with calibrated `settings`, if there are, which may rest on nothing that was not known at the first cut (InputError).
    """
    if settings is not None:
        settings.refuse_later(min(cuts).year)
    asked = []
    for region, scheme in dict.fromkeys((f.region, f.scheme) for f in scored):
        for cut in cuts:
            known = known_of(regions, known_figures, region, scheme, cut)
            mine = (f.year for f in scored if (f.region, f.scheme) == (region, scheme) and open_at(f, cut))
            last = until or max(mine, default=0)
            if known is not None and last > known.start:
                asked.append((region, scheme, known, last))
    found = []
    for done, (region, scheme, known, last) in enumerate(asked):
        if progress:
            progress(f"{region} {scheme} {known.cut.year}", done, len(asked))
        as_known = Regions({region: known.region}, {region: None}, regions.path, regions.added)
        scenario = Scenario("forecast", (region,), year=known.start, schemes=(scheme,), horizon=1, people=people, seed=seed,
                            draws=min(draws, FITTING_DRAWS), response="none", systematic=False)
        use = fitted_use(known, simulate(scenario, as_known, threads).schemes[0])
        above = (known_of(regions, known_figures, place, scheme, known.cut) for place in regions[region].lineage[1:])
        changes = as_run(scheme, known.start) | shocks(scheme, known, [known, *filter(None, above)]) | {
            f"care.{scheme}.{rate}": {"times": f"{use:.4f}"} for rate in ("admission_rate", "visit_rate")}
        scenario = scenario.but(horizon=last - known.start + 1, draws=draws, response="stated", systematic=True, changes=changes)
        scenario = scenario if settings is None else settings.held_by(scenario, as_known)
        found.append(Origin(region, scheme, known, use, simulate(scenario, as_known, threads).schemes[0]))
    return found


def fitted_use(known: Known, first: SchemeResult) -> float:
    """The factor on rates of use by which the first year's expenditure, simulated at central values and with no response, becomes
    the published one; 1 where none was published. At most MOST_USE, or one in so many: what is left is levelled."""
    for measure in PUBLISHED_EXPENDITURES:
        if published := known.series(measure).get(known.start):
            simulated = float(values_of(first, known.start, measure).mean())
            return float(np.clip(published.value / simulated, 1 / MOST_USE, MOST_USE)) if simulated > 0 else 1.0
    return 1.0


def as_run(scheme: str, start: int) -> dict[str, object]:
    """How a residents' fund is run (scenarios/as-funds-are-run.yaml): above its limits it refunds high self-pay from the highest
    threshold that spends the excess, and betters its benefits along a ladder. The limits are those that were known. In `start`
    nothing is refunded: its accounts are published, and what they hold is left after whatever was; benefits answer them."""
    if scheme == "uebmi":
        return {}
    steps = [{"value": "ladder"}, {"from": f"{start + 1}-01-01", "value": AS_RUN["surplus_response"]}]
    return {f"control.{scheme}.{name}": value for name, value in (AS_RUN | {"surplus_response": steps}).items()}


def shocks(scheme: str, known: Known, line: Sequence[Known]) -> dict[str, object]:
    """How unevenly use and funding grow from year to year: the standard deviation of the yearly changes that were known, of the
    nearest of `line` (the region and those it lies in) that has enough of them; else as stated. Funding does so from the first
    year after those for which a step was announced. Employees' contributions grow with wages and have no such steps."""
    uneven = [("risk.use_growth_sd", "claims_per_head", known.start + 1)]
    if scheme != "uebmi":
        uneven.append(("risk.funding_growth_sd", "revenue_per_head", known.announced(scheme) + 1))
    found: dict[str, object] = {}
    for path, measure, first in uneven:
        if changes := next((c for one in line if len(c := one.yearly_changes(measure)) >= ENOUGH_CHANGES), None):
            sd = min(float(np.std(changes, ddof=1)), MOST_SHOCK)
            found[path] = {"from": f"{first}-01-01", "value": f"{sd:.1f}"}
    return found


def open_at(figure: Figure, cut: datetime.date) -> bool:
    """Whether a figure can be forecast at a cut: it was not known, and one publisher's figure is scored once."""
    return figure.kind == "figure" and not figure.family and not figure.known_by(cut)


def score(forecasts: Sequence[Origin], scored: Sequence[Figure]) -> pd.DataFrame:
    """A row for every figure that a forecast did not know, SCORE_COLUMNS: the forecast, its scores, the rivals' CRPS (NaN where
    too little was known for one). `lead` counts years from the cut's, whose accounts were not out (0). `scale` makes scores
    of different figures comparable: the published figure; of a surplus or balance the spending of the year."""
    rows = []
    for origin in forecasts:
        mine = [f for f in scored if (f.region, f.scheme) == (origin.region, origin.scheme) and open_at(f, origin.known.cut)
                and origin.known.start < f.year]
        for f in mine:
            spending = next((other.value for other in mine if other.year == f.year and other.measure in PUBLISHED_EXPENDITURES),
                            float(origin.sample("expenditure", f.year).mean()))
            rows.append(score_row(f, origin.sample(f.measure, f.year, f.group), origin.known.cut, origin.known.start,
                                  origin.last(f.measure, f.year, f.group), spending, origin.rivals(f.measure, f.year, f.group)))
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def score_row(f: Figure, sample: np.ndarray, cut: datetime.date, start: int, last: Figure | None, spending: float,
              others: dict[str, np.ndarray]) -> tuple:
    """One figure, its forecast, the scores and the rivals' CRPS, SCORE_COLUMNS. `spending` is that of the figure's year."""
    scale = spending if f.measure in DIFFERENCES and f.unit == "1e8 CNY" else abs(f.value)
    return (f.region, f.scheme, cut, start, last.year if last else pd.NA, f.year, f.year - cut.year, f.measure, f.group, f.unit,
            f.value, f.error, float(sample.mean()), *np.quantile(sample, list(FAN_QUANTILES.values())).tolist(), scale,
            crps(sample, f.value), pit(sample, f.value), *(held(sample, f.value, share) for share in CENTRAL_BANDS),
            *(crps(others[name], f.value) if name in others else nan for name in (*RIVALS, ILO)))


def fans(forecasts: Sequence[Origin], measures: Sequence[str]) -> pd.DataFrame:
    """The quantiles of each year of some measures, FAN_COLUMNS: what a picture shows beside published points."""
    rows = []
    for origin in forecasts:
        for measure in measures:
            unit = "1e8 CNY"
            for year in origin.result.years[1:]:
                sample = origin.sample(measure, year)
                rows.append((origin.region, origin.scheme, origin.known.cut, origin.known.start, year, measure, unit,
                             *np.quantile(sample, list(FAN_QUANTILES.values())).tolist()))
    return pd.DataFrame(rows, columns=FAN_COLUMNS)
