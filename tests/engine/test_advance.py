"""What patients advance of an admission's bill, and what it costs them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.care.conduct import OF_BILLED, UNIT
from simulator.engine.demand import Advance, advance_of, with_advance

TIERS = 4


def reader(**stated):
    """Reads `conduct.x.*` and `demand.x.*` by their last name."""
    def read(path, year, required=True):
        name = path.split(".")[-1]
        return SimpleNamespace(value=stated[name]) if name in stated else None
    return read


def test_without_anything_stated_out_of_area_bills_alone_are_advanced():
    found = advance_of(reader(), "x", 2012)
    assert (found.cost, found.later.tolist(), found.deposit.tolist()) == (0.0, [0.0, 0.0, 0.0, 1.0], [0.0] * 4)


def test_treatment_before_payment_asks_for_no_deposit():
    after = {"township": 100, "county": 50, "city": 0, "outside": 0}
    found = advance_of(reader(deposit_share=60, pay_after=after, outside_immediate=75, local_immediate=90), "x", 2012)
    assert found.deposit.tolist() == pytest.approx([0.0, 0.3, 0.6, 0.6])
    assert found.later.tolist() == pytest.approx([0.1] * 3 + [0.25])


def test_a_deposit_is_advanced_as_far_as_it_passes_the_own_share():
    advance = Advance(0.1, np.array([0.0, 0.0, 0.5, 1.0]), np.array([0.5, 0.2, 0.5, 0.5]))
    assert advance.of(np.full(TIERS, 0.3)).tolist() == pytest.approx([0.2, 0.0, 0.45, 0.7])


def test_the_cost_of_advancing_is_part_of_the_net_price_of_admissions_alone():
    bill = np.full((3, TIERS, 5), UNIT, dtype=np.int64)
    bill[0, :, OF_BILLED] = UNIT // 2
    variant, net = SimpleNamespace(bill=bill), np.full((2, TIERS), 0.2)
    found = with_advance(net, variant, Advance(0.1, np.ones(TIERS), np.zeros(TIERS)))
    assert found[0].tolist() == pytest.approx([0.2 + 0.1 * 0.6 * 0.5] * TIERS)       # the own share is 0.4 of half a bill
    assert found[1].tolist() == net[1].tolist()
    assert with_advance(net, variant, Advance(0.0, np.ones(TIERS), np.ones(TIERS))) is net
