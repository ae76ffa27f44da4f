"""The self-pay above the thresholds among which a fund finds one: the kernel's sums against those of plans that state them."""

from __future__ import annotations

import numpy as np

from simulator.engine.flows import population_claims
from simulator.kernel.sums import HALVINGS, LOWER_BASES, SECONDARY_BASE
from tests.support.one_year import even_paths, simulate_one_year

LEAST = "control.nrcms.secondary_least"


def stated(threshold: int) -> dict[str, str]:
    return {"control.nrcms.secondary_threshold": str(threshold)}


def test_what_is_above_each_halving_is_what_a_plan_with_that_threshold_has_and_none_is_below_a_higher_one():
    halvings = [2_000, 1_000, 500, 300]
    year = simulate_one_year("nrcms", draws=2, rows=2_000, paths=even_paths(2), policies=(
        stated(4_000), stated(4_000) | {LEAST: "300"}, stated(4_000) | {LEAST: "5000"}, *map(stated, halvings)))
    person = year.sums.person
    of_halvings = [person[:, 3 + min(n, len(halvings) - 1), :, SECONDARY_BASE] for n in range(HALVINGS)]
    assert np.array_equal(person[:, 1, :, LOWER_BASES:], np.stack(of_halvings, axis=-1))
    assert (person[:, :3, :, SECONDARY_BASE] == person[:, :1, :, SECONDARY_BASE]).all() and person[..., SECONDARY_BASE].any()
    assert not person[:, [0, 2], :, LOWER_BASES:].any()

    whole = np.ones((2, len(year.plans)))
    claims = population_claims(year.sums, year.expected_of, year.sample, year.members, whole, threshold_found=True)
    assert claims.lower_bases is not None and year.claims_of.lower_bases is None
    every = np.concatenate([claims.secondary_base[..., None], claims.lower_bases], axis=-1)
    assert (np.diff(every, axis=-1) >= 0).all() and (np.diff(every[:, 1, :5], axis=-1) > 0).all()
    assert (every[:, [0, 2]] == every[:, [0], :1]).all()
