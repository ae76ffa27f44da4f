"""What if a rule were moved: an emulator of each world's own figures, small enough for a report that answers without a server.

`solve` works the fund's ledger anew at every point; a page cannot. So here the figures that the page draws are themselves fitted,
in every world and year, as polynomials in the levers: balances, distances to the limits of surplus, what quintiles bear and, of
a fund of several pooling units, the share of members whose unit is concerned. Probabilities and quantiles are made of the worlds,
never fitted. Coefficients are whole numbers of a step, as the page has them, and the certificate is that of what the page
computes: the worst error of each of its figures on policies that were held out of the fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from simulator.answers.box import Box, Lever, read_box
from simulator.answers.certificates import Kept
from simulator.answers.conditions import ANNUAL, CUMULATIVE, Latent
from simulator.answers.emulator import DESIGN, design
from simulator.answers.followed import Tell, follow, followed_outcomes
from simulator.answers.ledger_emulator import products_of
from simulator.answers.question import policies_of, refuse_idle, worlds_of
from simulator.answers.switches import Switch, is_switch, read_switch, states_of
from simulator.engine.given import acting_here
from simulator.parameters.catalogue import QUINTILES
from simulator.parameters.change import plain_text, smallest_part
from simulator.parameters.errors import InputError
from simulator.parameters.regions import Region, Regions
from simulator.parameters.values import quantity_at, text_of
from simulator.scenario import BASELINE, Policy, Scenario

MOST_SLIDERS = 6
HELD_OUT_POLICIES = 48                      # policies held out of the fit
MOST_CORNERS = 16                # of the box among the policies of the fit
STEPS_OF_RANGE = 2_000                 # steps of a coefficient in the range of a figure
MOST_STEPS_OF_COEFFICIENT = 32_767              # what two bytes hold
DRAWN_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)      # of the bands that are drawn
SHARES_OF_UNITS = {"exhausted": "balance", "breach_annual": ANNUAL, "breach_cumulative": CUMULATIVE}   # of one unit: told by
BURDEN_OF_QUINTILES = "net_burden_share_of_income"
WHAT_IF_FORMAT = "2"
# What is moved where nothing is asked: the first range of each that the run's fund can take
WHAT_IF_RANGES = {"funding.{}.premium": ("x0.5:x2",), "funding.{}.contribution_rate": ("-2:+2", "-1:+1"),
                  "inpatient.{}.deductible": ("x0:x2", "x0.5:x2"), "inpatient.{}.ratio": ("-10:+5", "-5:+5", "-5:+0"),
                  "inpatient.{}.annual_cap": ("x0.5:x2",), "funding.{}.funding_growth": ("-3:+3", "-1:+1")}


@dataclass(frozen=True)
class WhatIf:
    """What a page of sliders holds. `told` is plain data, `coefficients` int16[S, K, T, D] count `steps` float64[K] for K latent
    figures in D worlds, in each of the S states of its switches, and `baseline` float64[K, D] are the figures under the unchanged
    rules, as they were simulated."""

    told: dict[str, Any]
    steps: np.ndarray
    coefficients: np.ndarray
    baseline: np.ndarray

    @property
    def latents(self) -> tuple[Latent, ...]:
        return tuple(Latent(*latent) for latent in self.told["latents"])

    @property
    def levers(self) -> tuple[Lever, ...]:
        return tuple(Lever(one["path"], one["verb"], Decimal(one["low"]), Decimal(one["high"]), Decimal(one["step"]), one["unit"])
                     for one in self.told["levers"])

    def values(self, points: np.ndarray, state: int = 0) -> np.ndarray:
        """Every latent figure at points float64[P, L], float64[K, D, P]; the points lie in the box."""
        products = products_of(np.atleast_2d(points))
        return np.einsum("pt,ktd->kdp", products, self.coefficients[state] * self.steps[:, None, None])

    def as_bytes(self) -> bytes:
        """A file of NumPy's; the same content has the same bytes."""
        return Kept(self.told, {"steps": self.steps, "coefficients": self.coefficients, "baseline": self.baseline}).as_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> WhatIf:
        """Read what `as_bytes` wrote; nothing in it is executed."""
        kept = Kept.from_bytes(data)
        return cls(kept.told, *(kept.arrays[name] for name in ("steps", "coefficients", "baseline")))


def pages_figures(told: Mapping[str, Any], values: np.ndarray) -> dict[str, np.ndarray]:
    """The figures of a page from latent figures float64[K, D, P], as whatif.js makes them: quantiles at DRAWN_LEVELS by year,
    float64[Y, 5, P] (`balance`, both distances to limits); probabilities by year, float64[Y, P]; means by quintile
    float64[5, P]."""
    years, rows = told["years"], {tuple(latent): row for latent, row in zip(told["latents"], values, strict=True)}

    def of(name: str) -> np.ndarray:
        return np.stack([rows[name, "", year] for year in years])                              # [Y, D, P]

    found = {name: np.quantile(of(name), DRAWN_LEVELS, axis=1).transpose(1, 0, 2) for name in ("balance", ANNUAL, CUMULATIVE)}
    for share, instead in SHARES_OF_UNITS.items():
        if told["shares"]:
            of_worlds = np.clip(of(share), 0.0, 1.0)
        else:
            of_worlds = (of(instead) < 0 if share == "exhausted" else of(instead) > 0).astype(np.float64)
        if share == "exhausted":
            of_worlds = np.maximum.accumulate(of_worlds, axis=0)
        found[share] = of_worlds.mean(axis=1)
    found["burden"] = np.stack([rows[BURDEN_OF_QUINTILES, f"quintile:{name}", years[-1]].mean(axis=0) for name in QUINTILES])
    return found


def asked_latents(years: Sequence[int]) -> tuple[Latent, ...]:
    """The latent figures that are followed."""
    names = ("balance", ANNUAL, CUMULATIVE, *SHARES_OF_UNITS)
    return (*(Latent(name, "", year) for name in names for year in years),
            *(Latent(BURDEN_OF_QUINTILES, f"quintile:{name}", years[-1]) for name in QUINTILES))


def one_fund(scenario: Scenario, regions: Regions, fund: str | None) -> Scenario:
    """The run's scenario as that of one of its funds, without policies; `fund` is REGION:SCHEME, by default the first region's
    NRCMS, or its first scheme. InputError for a fund that the run does not have."""
    region, scheme = scenario.regions[0], "nrcms" if "nrcms" in scenario.schemes else scenario.schemes[0]
    funds = [f"{region}:{scheme}" for region in scenario.regions for scheme in scenario.schemes]
    if fund is not None:
        if fund not in funds:
            raise InputError("--fund:", value=fund, expected=f"one of {', '.join(funds)}")
        region, _, scheme = fund.partition(":")
    own = scenario.but(regions=(region,), schemes=(scheme,), policies=(Policy(BASELINE),), precision=None).in_names_of(regions)
    return own.but(given=acting_here(own.given, own, regions))


class Moved(NamedTuple):
    """What a page's reader can move."""

    box: Box
    switches: tuple[Switch, ...] = ()


def sliders(scenario: Scenario, regions: Regions, vary: Sequence[str]) -> Moved:
    """The ranges and lists that are asked or, without a range, those of WHAT_IF_RANGES that the fund can take. InputError where
    one that is asked cannot be moved, or moves nothing."""
    region = scenario.changed(regions[scenario.regions[0]])
    ranges = [text for text in vary if not is_switch(text)]
    switches = tuple(read_switch(text, scenario, regions) for text in vary if is_switch(text))
    states_of(switches)
    if ranges:
        box = read_box(ranges, scenario, region, MOST_SLIDERS - len(switches))
        refuse_idle(box, scenario.but(policies=policies_of(box, ends(box))), regions)
        return Moved(box, switches)
    found: list[str] = []
    for path, alternatives in WHAT_IF_RANGES.items():
        for text in (f"{path.format(scenario.schemes[0])}={range_}" for range_ in alternatives):
            try:
                box = read_box([text], scenario, region)
                refuse_idle(box, scenario.but(policies=policies_of(box, ends(box))), regions)
            except InputError:
                continue
            found.append(text)
            break
    if not found:
        raise InputError("--what-if:", value=scenario.schemes[0], expected="--vary PATH=LOW:HIGH, as of `fundsim solve`")
    return Moved(read_box(found[:MOST_SLIDERS - len(switches)], scenario, region, MOST_SLIDERS), switches)


def ends(box: Box) -> np.ndarray:
    """Both ends of each lever with the others in the middle, float64[2 L, L]."""
    return np.concatenate([np.eye(len(box.levers)), -np.eye(len(box.levers))])


def planned(box: Box, seed: int, held_out: int = HELD_OUT_POLICIES) -> tuple[np.ndarray, np.ndarray]:
    """The policies that the emulator is fitted to, and the `held_out` that it is judged by, float64[., L] each."""
    levers = len(box.levers)
    corners = box.corners()
    chosen = corners[np.random.default_rng(seed).permutation(len(corners))[:MOST_CORNERS]]
    fitted = max(DESIGN >> max(4 - levers, 0), 2 * len(chosen))
    return box.snapped(design(levers, seed, fitted, chosen)), box.snapped(design(levers, seed + 1, held_out))


def what_if(scenario: Scenario, regions: Regions, moved: Moved, threads: int | None = None, tell: Tell | None = None,
            settings: str | None = None, held_out: int = HELD_OUT_POLICIES) -> WhatIf:
    """Simulate the policies of a design for the scenario's one fund, fit every world's figures in each state of the switches, and
    certify them on `held_out` policies more. `settings` is the name of the set that its worlds are given, where they are given
    one."""
    box, states = moved.box, states_of(moved.switches)
    fitted, judged = planned(box, scenario.seed, held_out)
    baseline, *policies = policies_of(box, np.concatenate([fitted, judged]))
    asked = scenario.but(policies=(baseline, *(Policy(f"{policy.name}-{n}", {**policy.changes, **state})
                                               for n, state in enumerate(states) for policy in policies)))
    latents, values, shares = simulated_latents(asked, regions, threads, tell)
    of_states = np.split(values[..., 1:], len(states), axis=-1)
    solver = np.linalg.pinv(products_of(fitted))
    steps, coefficients = in_steps(np.stack([np.einsum("tp,kdp->ktd", solver, one[..., :len(fitted)]) for one in of_states]),
                                   np.ptp(values, axis=(1, 2)))
    told: dict[str, Any] = {
        "format": WHAT_IF_FORMAT, "region": scenario.regions[0], "scheme": scenario.schemes[0], "years": list(scenario.years),
        "latents": [list(latent) for latent in latents], "shares": shares, "draws": scenario.draws,
        "levels": list(DRAWN_LEVELS), "fitted": len(fitted) * len(states), "judged": len(judged) * len(states),
        "scenario": scenario.as_dict(), "settings": settings,
        "levers": [lever_told(lever, box.region, scenario.year) for lever in box.levers],
        "switches": [switch_told(switch, box.region, scenario.year) for switch in moved.switches]}
    found = WhatIf(told, steps, coefficients, values[..., 0])
    told["worst"] = worst(told, np.concatenate([found.values(judged, n) for n in range(len(states))], axis=-1),
                          np.concatenate([one[..., len(fitted):] for one in of_states], axis=-1))
    return found


def simulated_latents(asked: Scenario, regions: Regions, threads: int | None = None,
                      tell: Tell | None = None) -> tuple[tuple[Latent, ...], np.ndarray, bool]:
    """The latent figures of a scenario's one fund under its policies, as they are simulated: which they are, float64[K, D, P],
    and whether several units pool, so that shares of members are among them."""
    latents, outcomes = asked_latents(asked.years), dict[Latent, np.ndarray]()
    for year in follow(asked, regions, worlds_of(asked.draws, 0), threads, tell):
        outcomes |= followed_outcomes(year, latents)
    shares = any(not np.isin(outcomes[latent], (0.0, 1.0)).all() for latent in latents if latent.name in SHARES_OF_UNITS)
    latents = tuple(latent for latent in latents if shares or latent.name not in SHARES_OF_UNITS)
    return latents, np.stack([outcomes[latent] for latent in latents]), shares


def in_steps(exact: np.ndarray, range_: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients float64[S, K, T, D] of latent figures with a `range_` float64[K]: steps float64[K], and numbers of them."""
    largest = np.abs(exact).max(axis=(0, 2, 3))
    steps = np.maximum(np.maximum(range_ / STEPS_OF_RANGE, largest / MOST_STEPS_OF_COEFFICIENT), 1e-12)
    return steps, np.rint(exact / steps[:, None, None]).astype(np.int16)


def worst(told: Mapping[str, Any], predicted: np.ndarray, simulated: np.ndarray) -> dict[str, float]:
    """The worst error of each kind of figure on policies whose latent figures are float64[K, D, P], predicted and simulated."""
    pages, true = pages_figures(told, predicted), pages_figures(told, simulated)
    return {name: float(np.abs(figure - true[name]).max()) for name, figure in pages.items()}


def lever_told(lever: Lever, region: Region, year: int) -> dict[str, Any]:
    """A lever as plain data: its range, what it moves as it is stated, and where the unchanged rules stand (None: outside)."""
    quantity = quantity_at(lever.path)[1]
    neutral = {"times": Decimal(1), "plus": Decimal(0)}.get(lever.verb)
    stated = region.value(quantity_at(lever.path)[0], year, required=False)
    own = stated.value if stated is not None else None
    if neutral is None and isinstance(own, Decimal | int | str):
        neutral = Decimal(str(own))
    inside = neutral is not None and lever.low <= neutral <= lever.high
    return {"path": lever.path, "verb": lever.verb, "low": plain_text(lever.low), "high": plain_text(lever.high),
            "step": plain_text(lever.step), "unit": quantity.unit, "shown_step": plain_text(shown_step(lever, neutral)),
            "at": plain_text(neutral) if inside and neutral is not None else None,
            "part": None if (part := smallest_part(quantity)) is None else plain_text(part),
            "stated": None if stated is None else text_of(own),
            "template": lever.change(region, year, Decimal(1) if lever.verb == "times" else lever.low)}


def switch_told(switch: Switch, region: Region, year: int) -> dict[str, Any]:
    """A switch as plain data: what is stated (None: nothing is), and its other settings as a scenario states them and as text."""
    stated = region.value(quantity_at(switch.path)[0], year, required=False)
    return {"path": switch.path, "options": list(switch.options), "texts": [text_of(option) for option in switch.options],
            "stated": None if stated is None or quantity_at(switch.path)[2] is not None else text_of(stated.value)}


def shown_step(lever: Lever, neutral: Decimal | None) -> Decimal:
    """How far a key press moves a slider: some hundredth of the range, so that both ends and the unchanged rules are met."""
    length = lever.high - lever.low
    for parts in (100, 120, 150, 200, 90, 80, 75, 60, 50, 40, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2):
        step = length / parts
        if step % lever.step == 0 and (neutral is None or not lever.low <= neutral <= lever.high
                                       or (neutral - lever.low) % step == 0):
            return step
    return lever.step


def read_what_if(data: bytes) -> WhatIf:
    """What `what_if` found, as it was kept. InputError for a file of another version."""
    found = WhatIf.from_bytes(data)
    if found.told.get("format") != WHAT_IF_FORMAT:
        raise InputError("what-if.npz is of another version:", value=found.told.get("format"), expected=WHAT_IF_FORMAT)
    return found

