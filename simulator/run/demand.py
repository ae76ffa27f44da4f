"""Response to price, and each policy's variant of care put together.

The rate and the tier of care move with (patient's net price / net price under the baseline) to the power of an
elasticity. The net price is the expected patient's share at control factor one, from the quantile tables: no
iteration. Switched on by a scenario (`demand: true`); without it a policy's patients go as before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.conduct import OF_BILLED, UNIT, Variant, multiply, neutral_variant
from simulator.care.reforms import COUNTY_TIER, OUTSIDE_TIER, Reform, power
from simulator.care.walk import CHANCE, LEVELS, BillTables, priced
from simulator.compiling.compiled import compiled
from simulator.compiling.types import Floats2, Ints
from simulator.kernel.expected import BillNodes, FirstBillTables, empty_bill
from simulator.law.settle import STATE, TRACE, settle_bill
from simulator.money import ONE, share
from simulator.parameters.catalogue import CLASSES, ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.plan import COMMERCIAL_SHARE
from simulator.tables import BILL_COLUMNS, INPATIENT, LEFT, OUTPATIENT_VISIT, Fact, Paid

LEAST = 0.005                  # a net price below it counts as this: nothing is free of trouble
MAJORANT = 2                   # streams are walked at this rate when demand responds; a policy's rate must not pass it


class Elasticities(NamedTuple):
    """Of use and tier choice to the patient's net price, below zero."""

    inpatient: float
    outpatient: float
    tier: float


def elasticities(read, scheme: str, year: int) -> Elasticities:
    """From `demand.*`."""
    return Elasticities(*(float(read(f"demand.{scheme}.{name}", year).value)
                          for name in ("inpatient_elasticity", "outpatient_elasticity", "tier_elasticity")))


@compiled
def own_shares(terms: Ints, tables: BillTables, nodes: BillNodes, variant: Variant, price: int, member_class: int,
               out: Floats2) -> None:
    """Expected patient's share of a bill by kind and tier, out float64[2, T], of a first bill without assistance."""
    empty, bill, paid, trace = (np.zeros(STATE, np.int64), np.zeros(BILL_COLUMNS, np.int64), np.zeros(LEFT, np.int64),
                                np.zeros(TRACE, np.int64))
    weights = nodes.admissions.weight
    for kind in range(2):
        for tier in range(out.shape[1]):
            own, total = 0.0, 0.0
            for n in range(len(weights)):
                for level in range(LEVELS * 2):                    # each in-scope level with and without referral
                    sent = 1 if level >= LEVELS else 0
                    often = tables.unreferred[tier] / CHANCE if kind == 0 else 0.0
                    weight = weights[n] * (often if sent == 1 else 1.0 - often)
                    if weight == 0.0:
                        continue
                    empty_bill(bill, INPATIENT if kind == 0 else OUTPATIENT_VISIT, member_class, 0)
                    bill[Fact.TIER] = tier
                    bill[Fact.UNREFERRED] = sent
                    bill[Fact.BILLED] = priced(nodes.admissions.amount[tier, n] if kind == 0 else nodes.visits.amount[tier, n],
                                               price)
                    scope = tables.in_scope[tier, level % LEVELS] if kind == 0 else tables.visit_in_scope[tier]
                    bill[Fact.ELIGIBLE] = share(bill[Fact.BILLED], scope)
                    multiply(bill, variant.bill[0, tier] if kind == 0 else variant.bill[2, tier])
                    total += weight * bill[Fact.BILLED]
                    for insured in range(2):                       # with the commercial supplement and without it
                        chance = terms[COMMERCIAL_SHARE] / ONE if insured == 1 else 1.0 - terms[COMMERCIAL_SHARE] / ONE
                        if chance > 0.0:
                            bill[Fact.COVER_RANK] = 0 if insured == 1 else ONE
                            settle_bill(terms, empty, bill, paid, trace)
                            empty[:] = 0
                            own += weight * chance * (paid[Paid.ACCOUNT] + paid[Paid.CASH])
            out[kind, tier] = own / total if total > 0.0 else 1.0


def net_prices(bills: FirstBillTables, terms: np.ndarray, variant: Variant, price: int, scheme: str) -> np.ndarray:
    """What the patient pays of a bill of one yuan at the baseline's prices, by kind and tier, float64[2, T]."""
    out = np.empty((2, len(TIERS)))
    member = CLASSES.index("active" if scheme == "uebmi" else "adult")
    own_shares(terms, bills.tables, bills.nodes, variant, price, member, out)
    out[0] *= variant.bill[0, :, OF_BILLED] / UNIT
    out[1] *= variant.bill[2, :, OF_BILLED] / UNIT
    return out


def reformed(bills: FirstBillTables, reform: Reform, majorant: int) -> tuple[Variant, np.ndarray]:
    """The variant of a policy's prices and conduct before demand responds, and its rates float64[2] (admissions, visits)."""
    plain = neutral_variant(bills.tables, len(ILLNESSES), majorant)
    shares = _shares(plain.tier_of)
    if reform.retained > 0.0:
        shares[COUNTY_TIER] += shares[OUTSIDE_TIER] * reform.retained
        shares[OUTSIDE_TIER] *= 1.0 - reform.retained
    tier_of = plain.tier_of if reform.retained == 0.0 else _thresholds(shares)
    multipliers = np.floor(reform.bill * UNIT + 0.5).astype(np.int64)
    onsets = np.floor(reform.onsets * CHANCE + 0.5).astype(np.int64)
    return plain._replace(tier_of=tier_of, bill=multipliers, keep_illness=onsets), np.array([reform.admissions, reform.visits])


def respond(variant: Variant, net: np.ndarray, baseline: np.ndarray, by: Elasticities) -> tuple[Variant, np.ndarray]:
    """The variant with tiers chosen at the policy's net prices, and the rates' response float64[2]."""
    rates, chosen = np.empty(2), []
    for kind, (thresholds, elasticity) in enumerate(((variant.tier_of, by.inpatient), (variant.visit_tier_of, by.outpatient))):
        shares = _shares(thresholds)
        relative = [max(n, LEAST) / max(b, LEAST) for n, b in zip(net[kind], baseline[kind], strict=True)]
        paid, usual = (max(float(np.cumsum(shares * prices[kind])[-1]), LEAST) for prices in (net, baseline))
        rates[kind] = power(paid / usual, elasticity)
        moved = np.array([s * power(r, by.tier) for s, r in zip(shares, relative, strict=True)])
        same = all(r == 1.0 for r in relative) or by.tier == 0.0
        chosen.append(thresholds if same else _thresholds(moved))
    return variant._replace(tier_of=chosen[0], visit_tier_of=chosen[1]), rates


def kept(variant: Variant, rates: np.ndarray, majorant: int, policy: str) -> Variant:
    """The variant that keeps claims at `rates` float64[2] relative to care as it is. InputError for a rate above the majorant."""
    onsets = float(variant.keep_illness.max()) / CHANCE
    for what, rate, most in (("admissions", rates[0], majorant), ("visits", rates[1], majorant),
                             ("onsets of an illness", onsets, 1)):
        if not 0.0 <= rate <= most:
            raise InputError(f"policy {policy}: {what} would be {rate:.3f} times as many:", value=f"{rate:.3f}",
                             expected=f"at most {most} times" + ("" if most > 1 else " without `demand: true`"),
                             next_step="use smaller effects or elasticities, or switch demand on")
    keep = np.array([rates[0] / majorant, 1.0, rates[1] / majorant]) * CHANCE
    return variant._replace(keep=np.floor(keep + 0.5).astype(np.int64))


def _shares(thresholds: np.ndarray) -> np.ndarray:
    return np.diff(thresholds, prepend=0) / 2.0**32


def _thresholds(shares: np.ndarray) -> np.ndarray:
    """Cumulative 2^32 thresholds of shares, summed in order."""
    cumulative = np.cumsum(shares)
    result = np.floor(cumulative / cumulative[-1] * 2.0**32 + 0.5).astype(np.int64)
    result[-1] = 1 << 32
    return result
