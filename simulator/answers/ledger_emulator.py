"""An emulator that fits what each world's people claim in each year, and works the fund's ledger out anew.

Claims (by account and month, by tier, self-pay above the threshold) are polynomials in the levers and, where the fund answers
with it, in the control factor. Members, terms and economy are not fitted: they are those of the policy, read from its parameters,
and of the world. So the fund's answers - refunds, the factor, a raised premium, a top-up - are its own, and what was claimed in a
year is claimed under the factor that the years before have led to. Figures of care are fitted as claims are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.answers.box import Box
from simulator.answers.conditions import ANNUAL, CUMULATIVE, Latent
from simulator.answers.emulator import Error, basis, design, write_emulator
from simulator.answers.followed import FollowedYear
from simulator.answers.outcomes import margin_of_limit
from simulator.engine.enrolment import GroupYear, enrolment_response, members_of
from simulator.engine.flows import Claims, nearest
from simulator.engine.fund_measures import ledger_measures
from simulator.engine.funds import Flows, Funds
from simulator.engine.measures import Measure, Sample
from simulator.engine.net_burden import net_burden_measures
from simulator.engine.readers import policy_reader
from simulator.engine.rungs import settling_of
from simulator.fund import control
from simulator.fund.terms import FundTerms, fund_terms_of
from simulator.kernel.sums import PERSON_SUMS, SECONDARY_BASE, Sums
from simulator.money import ONE
from simulator.parameters.catalogue import QUINTILES
from simulator.parameters.ladder import NO_LADDER
from simulator.scenario import BASELINE, Policy, Scenario
from simulator.tables import SUMMED, FundEconomy, Paid

TOGETHER = 64                    # policies worked out at once
NET = ("premium_per_head", "net_burden_")


class Range(NamedTuple):
    """The range of the control factor, 1/10,000; its coordinate goes from -1 to 1."""

    low: int
    high: int

    def coordinate(self, factor: np.ndarray) -> np.ndarray:
        return 2.0 * (factor - self.low) / (self.high - self.low) - 1.0

    def factor(self, coordinate: np.ndarray) -> np.ndarray:
        """The factor at a coordinate, to the hundredth of a percentage point."""
        return np.floor(self.low + (self.high - self.low) * (coordinate + 1) / 2 + 0.5).astype(np.int64)


@dataclass(frozen=True)
class ClaimsYear:
    """What is known of a year's claims in D worlds: a polynomial of T terms for each of N amounts, and each figure of care."""

    year: int
    economy: FundEconomy
    active: np.ndarray
    groups: list[GroupYear]
    sample: Sample
    accounts: tuple[str, ...]
    tiers: int
    kept: np.ndarray               # int64[N]: the amounts that are not zero everywhere
    amounts: int                   # with those that are
    claims: np.ndarray             # float64[D, T, N]
    care: dict[tuple[str, str], np.ndarray]        # float64[D, T, 1] by measure and group

    def predicted(self, products: np.ndarray) -> np.ndarray:
        """All amounts at points whose `products` are float64[P, T], or float64[D, P, T]; float64[D, P, amounts]."""
        found = np.zeros((len(self.claims), products.shape[-2], self.amounts))
        found[..., self.kept] = np.matmul(products, self.claims)
        return found

    def claimed(self, amounts: np.ndarray, claiming: np.ndarray) -> Claims:
        """The amounts as claims of members who claim `claiming` float64[D, P] of what the baseline's do."""
        whole = nearest(amounts * claiming[..., None])
        shape, months = whole.shape[:2], 12 * len(self.accounts)
        by_account = whole[..., :months].reshape(*shape, -1, 12)
        segments = whole[..., months:months + 2 * self.tiers].reshape(*shape, 2, -1)
        return Claims({name: by_account[:, :, n] for n, name in enumerate(self.accounts)}, segments,
                      np.maximum(whole[..., months + 2 * self.tiers], 0), amounts[..., months + 2 * self.tiers + 1] * claiming)

    def burdens(self, amounts: np.ndarray) -> Sums:
        """Sums of which only those are filled that the net burden is made of."""
        of_quintiles = amounts[..., -2 * len(QUINTILES):].reshape(*amounts.shape[:2], 2, -1)
        quintile = np.zeros((*amounts.shape[:2], len(QUINTILES), len(SUMMED)))
        person = np.zeros((*amounts.shape[:2], len(QUINTILES), len(PERSON_SUMS)))
        quintile[..., Paid.CASH], person[..., SECONDARY_BASE] = of_quintiles[:, :, 0], np.maximum(of_quintiles[:, :, 1], 0)
        nothing = np.zeros(0)
        return Sums._make({"quintile": quintile, "person": person}.get(name, nothing) for name in Sums._fields)


def care_name(year: int, measure: str, group: str) -> str:
    """What the coefficients of a figure of care are called."""
    return f"care-{year}-{measure}-{group}"


def amounts_of(year: FollowedYear) -> np.ndarray:
    """What is fitted of a year's claims, float64[D, P, amounts]: as if members claimed like the baseline's."""
    whole = year.claims
    shape = whole.secondary_base.shape
    of_fund = np.concatenate([*whole.months.values(), whole.segments.reshape(*shape, -1), whole.secondary_base[..., None],
                              whole.chance[..., None]], axis=-1) / np.maximum(year.claiming, 1e-9)[..., None]
    return np.concatenate([of_fund, year.burden], axis=-1)


def products_of(points: np.ndarray) -> np.ndarray:
    """The terms of the polynomials at points float64[..., L]: the full quadratic, and the cube of each coordinate."""
    flat = points.reshape(-1, points.shape[-1])
    return np.column_stack([basis(flat), flat**3]).reshape(*points.shape[:-1], -1)


def coordinates(points: np.ndarray, factor: np.ndarray, reach: Range | None) -> np.ndarray:
    """What claims hang on: the points float64[P, L] or, where a factor int64[D, P] moves, these with it, float64[D, P, L + 1]."""
    if reach is None:
        return points
    of_worlds = np.broadcast_to(points, (*factor.shape, points.shape[1]))
    return np.concatenate([of_worlds, np.clip(reach.coordinate(factor), -1, 1)[..., None]], axis=-1)


def fit_year(known: Sequence[FollowedYear], points: np.ndarray, reach: Range | None, latents: Iterable[Latent]) -> ClaimsYear:
    """Fit a year's claims, and those of its latent figures that are of care, on the same policies at points float64[P, L], known
    once or several times."""
    year = known[0]
    at = np.concatenate([coordinates(points, one.factor, reach) for one in known], axis=-2)
    solved = np.linalg.pinv(products_of(at))                                                    # [T, P] or [D, T, P]
    amounts = np.concatenate([amounts_of(one) for one in known], axis=1)
    kept = np.flatnonzero(amounts.any(axis=(0, 1)))
    measures = [{measure[:2]: measure.values for measure in one.care} for one in known]
    asked = [latent[:2] for latent in latents if latent.year == year.year and latent[:2] in measures[0]]
    care = {name: np.matmul(solved, np.concatenate([one[name] for one in measures], axis=1)[..., None]) for name in asked}
    return ClaimsYear(year.year, year.economy, year.active, year.groups, year.sample, tuple(year.claims.months),
                      year.claims.segments.shape[-1], kept, amounts.shape[-1], np.matmul(solved, amounts[..., kept]), care)


def range_of_factor(terms: Iterable[FundTerms], response: str) -> Range | None:
    """The range of the control factor under any of the terms; None where none of them moves it."""
    moving = [one for one in terms if one.factor_step > 0 and (
        one.surplus_response == control.RAISE_FACTOR or control.LOWER_FACTOR in one.deficit_response)]
    if not moving or response != "stated":
        return None
    return Range(min(ONE, *(one.factor_low for one in moving)), max(ONE, *(one.factor_high for one in moving)))


def rungs(reach: Range, years: Sequence[int], policies: int, seed: int) -> list[np.ndarray]:
    """The factor of each policy in each year, int64[P]: spread over its range, in another order each year."""
    return [reach.factor(design(1, seed + year, policies)[:, 0]) for year in years]


@dataclass(frozen=True)
class LedgerEmulator:
    """Predicts latent figures of D worlds over the box's levers, with the certificate of each figure."""

    box: Box
    scenario: Scenario
    latents: tuple[Latent, ...]
    years: tuple[ClaimsYear, ...]
    factor: Range | None = None
    errors: tuple[Error, ...] = ()
    name: str = ""                 # content name of the people, the rules and the engine that the certificate was measured for

    def outcomes(self, points: np.ndarray) -> dict[Latent, np.ndarray]:
        """The predicted outcomes at points float64[P, L], float64[D, P] each. InputError outside the box."""
        points = np.atleast_2d(np.asarray(points, dtype=np.float64))
        self.box.check(points)
        found: dict[Latent, list[np.ndarray]] = {latent: [] for latent in self.latents}
        for first in range(0, len(points), TOGETHER):
            for year in self._years(points[first:first + TOGETHER]):
                for latent, values in year.items():
                    found[latent].append(values)
        return {latent: np.concatenate(values, axis=1) for latent, values in found.items()}

    def certified(self, errors: tuple[Error, ...]) -> LedgerEmulator:
        """The same emulator with a certificate."""
        return replace(self, errors=errors)

    def save(self, folder: Path) -> None:
        """Write emulator.npz and emulator.json, its certificate and the name of what it was measured for."""
        write_emulator(folder, self.arrays, self.box, self.errors, self.told)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The coefficients, by what they are of."""
        arrays = {f"claims-{year.year}": year.claims for year in self.years}
        arrays |= {f"amounts-{year.year}": year.kept for year in self.years}
        return arrays | {care_name(year.year, *name): own for year in self.years for name, own in year.care.items()}

    @property
    def told(self) -> dict[str, Any]:
        """What the coefficients are of."""
        return {"measured_for": self.name, "factor": self.factor, "accounts": self.years[0].accounts,
                "latents": [list(latent) for latent in self.latents], "tiers": self.years[0].tiers,
                "amounts": [year.amounts for year in self.years]}

    @classmethod
    def of_arrays(cls, box: Box, scenario: Scenario, people: Iterable[tuple[int, FundEconomy, list[GroupYear], Sample]],
                  told: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> LedgerEmulator:
        """The emulator that has these `arrays` and this `told`, for the people it was fitted to, year by year."""
        latents = tuple(Latent(*latent) for latent in told["latents"])
        years = []
        for (year, economy, groups, sample), amounts in zip(people, told["amounts"], strict=True):
            care = {latent[:2]: arrays[of] for latent in latents
                    if latent.year == year and (of := care_name(year, *latent[:2])) in arrays}
            years.append(ClaimsYear(year, economy, groups[0].active, groups, sample, tuple(told["accounts"]), told["tiers"],
                                    arrays[f"amounts-{year}"], amounts, arrays[f"claims-{year}"], care))
        return cls(box, scenario, latents, tuple(years), Range(*told["factor"]) if told["factor"] else None,
                   name=told["measured_for"])

    def _years(self, points: np.ndarray) -> Iterator[dict[Latent, np.ndarray]]:
        """The latent figures of each year under a few policies."""
        scheme, first = self.scenario.schemes[0], self.scenario.year
        policies = [Policy(BASELINE), *(Policy("emulated", self.box.changes(point)) for point in points)]
        readers = [policy_reader(self.box.region, policy, "emulator", self.box.year) for policy in policies]
        funds = Funds(self.scenario, self.years[0].groups, readers)
        plans = settling_of([NO_LADDER] * len(readers))
        at = np.concatenate([points[:1], points])          # any point may stand for the baseline: its figures are dropped
        for year in self.years:
            terms = fund_terms_of(readers, scheme, year.year, first)
            funds.begin(terms, fund_terms_of(readers, scheme, year.year + 1, first))
            enrolled, claiming = enrolment_response(terms, funds.premium_step, readers, scheme, year.year)
            heads = members_of(year.groups, enrolled)
            products = products_of(coordinates(at, funds.factor, self.factor))
            amounts = year.predicted(products)
            claims = year.claimed(amounts, claiming)
            ledger, _ = funds.advance(Flows(year.year, heads, claims, year.economy, year.active), plans)
            asked = [latent for latent in self.latents if latent.year == year.year]
            measures: list[Measure] = []
            if any(latent.name.startswith(NET) for latent in asked):
                measures += net_burden_measures(year.burdens(amounts), year.sample, ledger, terms, readers, heads,
                                                year.economy.premium)
            if any(latent[:2] not in year.care for latent in asked):
                measures += ledger_measures(ledger, heads, claims.chance)
            values = {measure[:2]: measure.values for measure in measures}
            values |= {name: np.matmul(products, own)[..., 0] for name, own in year.care.items()}
            values |= {latent[:2]: margin_of_limit(ledger, latent.name, terms) for latent in asked
                       if latent.name in (ANNUAL, CUMULATIVE)}
            yield {latent: values[latent[:2]][:, 1:] for latent in asked}
