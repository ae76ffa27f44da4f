"""What hospitals do under the pressure of what they have borne: cheaper and fewer stays, patients sent out of the area, cases
coded as more severe, longer stays where days are paid.

Pressure is a share of what hospitals bill, in 1/10,000; an elasticity says by how much of it they move, in 1/10,000. Both are
integers, and so is all that follows, so that every machine has the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.conduct import FEE, OF_BILLED, OF_CASE, OF_DAYS, OF_ELIGIBLE, UNIT, Variant
from simulator.care.reforms import OUTSIDE_TIER
from simulator.money import ONE
from simulator.parameters.catalogue import TIERS
from simulator.parameters.values import Read

PRESSURE_RESPONSES = ("cost_response", "volume_response", "referral_response", "coding_response", "stay_response")


class Response(NamedTuple):
    """How hospitals under one policy respond."""

    inpatient: tuple[str, ...]     # methods by tier
    outpatient: tuple[str, ...]
    cost: int                      # elasticities, 1/10,000
    volume: int
    referral: int
    coding: int
    stay: int


def response_of(read: Read, scheme: str, year: int) -> Response:
    """A policy's response, from `payment.*`; what is not stated does not move."""
    def methods(kind: str) -> tuple[str, ...]:
        by_tier = read(f"payment.{scheme}.{kind}_method", year).value
        return tuple(by_tier[tier] for tier in TIERS)

    stated = (read(f"payment.{scheme}.{name}", year, required=False) for name in PRESSURE_RESPONSES)
    return Response(methods("inpatient"), methods("outpatient"), *(0 if value is None else int(value.value * ONE)
                                                                   for value in stated))


def part_of(elasticity: int, pressure: int) -> int:
    """Elasticity x pressure, in 1/65,536, rounded half up."""
    return (2 * elasticity * pressure * UNIT + ONE * ONE) // (2 * ONE * ONE)


def _cheaper(bill: np.ndarray, methods: tuple[str, ...], by: int) -> list[int]:
    """Lower the bills int64[tier, ...] of one kind at the tiers that respond, by a factor in 1/65,536; returns these."""
    at = [t for t, method in enumerate(methods) if method != "fee_for_service" and t != OUTSIDE_TIER]
    for t in at:
        for column in (OF_BILLED, OF_ELIGIBLE, FEE):
            bill[t, column] = scaled(int(bill[t, column]), by)
    return at


def pressed(variant: Variant, response: Response, inpatient: int, outpatient: int) -> Variant:
    """The variant of care of hospitals under pressure (1/10,000) on inpatient and outpatient care.

    It acts at the tiers whose method is not fee for service, out of the area excepted, and on no listed illness.
    """
    bill, keep = variant.bill.copy(), variant.keep.copy()
    tiers, of_visits = list(variant.tier_of), list(variant.visit_tier_of)
    if inpatient > 0:
        at = _cheaper(bill[0], response.inpatient, UNIT - part_of(response.cost, inpatient))
        for t in at:
            if response.inpatient[t] == "case":
                bill[0, t, OF_CASE] = scaled(int(bill[0, t, OF_CASE]), UNIT + part_of(response.coding, inpatient))
            if response.inpatient[t] == "per_diem":
                bill[0, t, OF_DAYS] = scaled(int(bill[0, t, OF_DAYS]), UNIT + part_of(response.stay, inpatient))
        tiers, whole = moved(tiers, at, UNIT - part_of(response.volume, inpatient), part_of(response.referral, inpatient))
        keep[0] = scaled(int(keep[0]), whole)
    if outpatient > 0:
        at = _cheaper(bill[2], response.outpatient, UNIT - part_of(response.cost, outpatient))
        of_visits, whole = moved(of_visits, at, UNIT - part_of(response.volume, outpatient), 0)
        keep[2] = scaled(int(keep[2]), whole)
    return variant._replace(bill=bill, keep=keep, tier_of=np.array(tiers, dtype=np.int64),
                            visit_tier_of=np.array(of_visits, dtype=np.int64))


def scaled(number: int, by: int) -> int:
    """A number times a multiplier in 1/65,536, half up."""
    return (number * by + UNIT // 2) >> 16


def moved(thresholds: list[int], at: list[int], kept: int, referred: int) -> tuple[list[int], int]:
    """Cumulative 2^32 thresholds of tiers of which those `at` keep `kept` (1/65,536) of their claims, and send `referred` of what
    they keep out of the area; and what is left of all claims, in 1/65,536."""
    shares = [int(top) - int(below) for top, below in zip(thresholds, [0, *thresholds[:-1]], strict=True)]
    if kept == UNIT and referred == 0:
        return thresholds, UNIT
    for t in at:
        own = scaled(shares[t], kept)
        away = scaled(own, referred)
        shares[t], shares[OUTSIDE_TIER] = own - away, shares[OUTSIDE_TIER] + away
    total, up_to, result = sum(shares), 0, []
    for share in shares:
        up_to += share
        result.append((2 * up_to * (1 << 32) + total) // (2 * total))
    return result, (2 * total + (1 << 16)) >> 17
