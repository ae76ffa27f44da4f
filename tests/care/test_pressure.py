"""What hospitals do under pressure, to the last of 65,536 parts."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.care.conduct import FEE, OF_BILLED, OF_CASE, OF_DAYS, OF_ELIGIBLE, UNIT, Variant
from simulator.care.pressure import Response, part_of, pressed

QUARTERS = np.array([1 << 30, 1 << 31, 3 << 30, 1 << 32], dtype=np.int64)
METHODS = ("per_diem", "case", "global_budget", "case")


def variant():
    bill = np.zeros((3, 4, 5), dtype=np.int64)
    bill[..., [OF_BILLED, OF_ELIGIBLE, OF_DAYS, OF_CASE]] = UNIT
    return Variant(np.array([1 << 16] * 3), np.array([1 << 16] * 20), QUARTERS, QUARTERS, bill)


def response(inpatient=METHODS, outpatient=("fee_for_service",) * 4, **elasticities):
    return Response(inpatient, outpatient, **{"cost": 0, "volume": 0, "referral": 0, "coding": 0, "stay": 0, **elasticities})


@pytest.mark.parametrize(("elasticity", "pressure", "expected"), [
    (10_000, 10_000, 65_536), (5_000, 1_000, 3_277), (10_000, 50, 328), (0, 2_000, 0), (1, 1, 0), (20_000, 2_000, 26_214)])
def test_elasticity_times_pressure_is_rounded_half_up(elasticity, pressure, expected):
    assert part_of(elasticity, pressure) == expected


def test_without_pressure_nothing_changes():
    found = pressed(variant(), response(cost=5_000, volume=5_000, referral=5_000, coding=5_000, stay=5_000), 0, 0)
    assert all(np.array_equal(a, b) for a, b in zip(found, variant(), strict=True))


def test_bills_are_cheaper_where_a_method_holds_and_not_out_of_the_area():
    found = pressed(variant(), response(cost=5_000), 1_000, 0)
    assert found.bill[0, :, OF_BILLED].tolist() == found.bill[0, :, OF_ELIGIBLE].tolist() == [62_259] * 3 + [UNIT]
    assert (found.bill[1:] == variant().bill[1:]).all() and (found.bill[..., FEE] == 0).all()
    assert (found.bill[0, :, OF_CASE] == UNIT).all()                    # a price does not follow the cheaper bill


def test_cases_are_coded_up_and_days_are_longer_where_they_are_paid():
    found = pressed(variant(), response(coding=3_000, stay=2_000), 1_000, 0)
    assert found.bill[0, :, OF_CASE].tolist() == [UNIT, UNIT + 1_966, UNIT, UNIT]
    assert found.bill[0, :, OF_DAYS].tolist() == [UNIT + 1_311, UNIT, UNIT, UNIT]


def test_fewer_cases_are_taken_and_some_sent_out_of_the_area():
    found = pressed(variant(), response(volume=10_000, referral=10_000), 1_000, 0)
    kept, away = 1 - 6_554 / UNIT, 6_554 / UNIT
    shares = [kept * (1 - away)] * 3 + [1 + 3 * kept * away]
    assert abs(found.keep[0] - UNIT * sum(shares) / 4) <= 1 and found.keep[1:].tolist() == [UNIT, UNIT]
    expected = np.cumsum(shares) / sum(shares) * 2**32
    assert np.abs(found.tier_of - expected).max() < 3 and found.tier_of[-1] == 1 << 32
    assert (found.visit_tier_of == QUARTERS).all()


def test_pressure_on_outpatient_care_moves_visits_alone():
    by_head = ("capitation",) + ("fee_for_service",) * 3
    found = pressed(variant(), response(outpatient=by_head, cost=10_000, volume=10_000), 0, 1_000)
    assert found.bill[2, :, OF_BILLED].tolist() == [UNIT - 6_554, UNIT, UNIT, UNIT]
    assert (found.bill[:2] == variant().bill[:2]).all() and found.keep[:2].tolist() == [UNIT, UNIT]
    assert abs(found.keep[2] - (UNIT - 6_554 / 4)) <= 1
