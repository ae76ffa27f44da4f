"""Covers that insurers run: the premium follows last year's claims within bounds."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from simulator.fund.insurers import HIGHEST_RATE, LOWEST_RATE, Rating, new_cover, rerated
from simulator.parameters.errors import InputError
from simulator.parameters.regions import load_regions


def rate(claims, low=8_000, high=9_000, step=2_000, heads=1_000, stated=20_00):
    """Next year's rate after a year at rate one."""
    shape = np.zeros((1, 1), dtype=np.int64)
    cover = new_cover(shape).of_year(np.array([stated]))
    return rerated(cover, Rating(*(np.array([x]) for x in (low, high, step))), shape + heads, shape + claims)[0, 0].item()


@pytest.mark.parametrize(("claims", "expected"), [
    (18_000_00, 10_000), (18_000_01, 10_000), (19_800_00, 11_000), (90_000_00, 12_000), (16_000_00, 10_000), (14_400_00, 9_000),
    (0, 8_000), (-1, 8_000)])
def test_a_rate_moves_to_the_bound_that_claims_pass_and_no_further_than_a_step(claims, expected):
    assert rate(claims) == expected


def test_a_rate_stays_without_a_premium_a_step_or_heads():
    assert rate(90_000_00, step=0) == rate(90_000_00, stated=0) == rate(90_000_00, heads=0) == 10_000


def test_claims_of_a_nation_and_a_thousandfold_of_them_do_not_overflow():
    assert rate(10**17, step=100_000, heads=10**9) == HIGHEST_RATE
    assert rate(0, step=10_000, heads=10**9) == LOWEST_RATE


def test_bounds_of_a_loss_ratio_that_cross_are_refused():
    with pytest.raises(InputError, match=r"cii.nrcms.loss_ratio_high in linyi .*'80%'.*not below loss_ratio_low \(85%\)"):
        load_regions()["linyi"].with_changes({"cii.nrcms.loss_ratio_high": Decimal(80)}, "test: p")
