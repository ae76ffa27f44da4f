"""A what-if record of made-up worlds, for pages of any size without a simulation: balances that fall and rise with the levers."""

from __future__ import annotations

import numpy as np

from simulator.answers.box import Box
from simulator.answers.conditions import ANNUAL, CUMULATIVE
from simulator.answers.emulator import design
from simulator.answers.ledger_emulator import products_of
from simulator.answers.switches import Switch, states_of
from simulator.answers.what_if import (
    DRAWN_LEVELS,
    SHARES_OF_UNITS,
    WHAT_IF_FORMAT,
    WhatIf,
    asked_latents,
    in_steps,
    lever_told,
    switch_told,
)
from simulator.scenario import Scenario


def made_record(scenario: Scenario, box: Box, worlds: int, shares: bool = False, seed: int = 1,
                switches: tuple[Switch, ...] = ()) -> WhatIf:
    """A record of `worlds` futures of a scenario's fund; with `shares` as if several units pooled. In every other state of its
    `switches` all is nine tenths of what it is."""
    chance, levers = np.random.default_rng(seed), len(box.levers)
    points = np.concatenate([design(levers, seed, 64), np.zeros((1, levers))])
    latents = tuple(latent for latent in asked_latents(scenario.years) if shares or latent.name not in SHARES_OF_UNITS)
    level, pull = chance.normal(2, 12, worlds), chance.normal(6, 1, (worlds, levers))
    moved = pull @ points.T + 0.8 * (points**2).sum(axis=1)                        # [D, P]
    values = []
    for latent in latents:
        age = latent.year - scenario.year + 1
        if latent.name == "balance":
            row = 60 + age * (level[:, None] + moved)
        elif latent.name in (ANNUAL, CUMULATIVE):
            row = age * (level[:, None] + moved) / 10 - 3
        elif latent.name in SHARES_OF_UNITS:
            row = np.clip(0.02 * age + 0.01 * (moved - level[:, None]) / 2, 0, 1)
        else:
            row = chance.normal(9 - int(latent.group[-1]), 0.3, (worlds, 1)) - 0.2 * points[:, 0]
        values.append(np.broadcast_to(row, (worlds, len(points))))
    exact = np.einsum("tp,kdp->ktd", np.linalg.pinv(products_of(points)), np.stack(values))
    exact = np.stack([exact, *(0.9 * exact for _ in range(len(states_of(switches)) - 1))])
    steps, coefficients = in_steps(exact, np.ptp(np.stack(values), axis=(1, 2)))
    told = {"format": WHAT_IF_FORMAT, "region": scenario.regions[0], "scheme": scenario.schemes[0], "years": list(scenario.years),
            "latents": [list(latent) for latent in latents], "shares": shares, "draws": worlds, "levels": list(DRAWN_LEVELS),
            "fitted": 64, "judged": 48, "scenario": scenario.as_dict(),
            "levers": [lever_told(lever, box.region, scenario.year) for lever in box.levers],
            "switches": [switch_told(switch, box.region, scenario.year) for switch in switches],
            "worst": {"balance": 1.234, "exhausted": 0.0123, "breach_annual": 0.02, "breach_cumulative": 0.061, ANNUAL: 0.4,
                      CUMULATIVE: 0.5, "burden": 0.0312}}
    return WhatIf(told, steps, coefficients, np.stack(values)[..., -1])
