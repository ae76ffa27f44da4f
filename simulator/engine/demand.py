"""How demand responds to price, and how each policy's variant of care is put together.

The rate of care and the choice of tier move with (the patient's net price / the net price under the baseline) to the power of
an elasticity. The net price is the expected patient's share at a control factor of one, from the quantile tables, so that no
iteration is needed. A scenario switches the response on (`demand: true`); without it patients use care as under the baseline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.care.conduct import OF_BILLED, UNIT, Variant, multiply, neutral_variant
from simulator.care.reforms import COUNTY_TIER, OUTSIDE_TIER, Reform, power
from simulator.care.walk import CHANCE, LEVELS, BillTables, priced
from simulator.chance.quantiles import shares_of
from simulator.compiling.compiled import compiled
from simulator.compiling.types import Floats2, Ints
from simulator.kernel.expected import BillNodes, FirstBillTables, empty_bill
from simulator.law.settle import settle_bill
from simulator.law.year import STATE, TRACE
from simulator.money import ONE, share
from simulator.parameters.catalogue import CLASSES, ILLNESSES, TIERS
from simulator.parameters.errors import InputError
from simulator.parameters.values import Read
from simulator.plan import COMMERCIAL_SHARE
from simulator.tables import BILL_COLUMNS, INPATIENT, LEFT, OUTPATIENT_VISIT, Fact, Paid

LEAST_NET_PRICE = 0.005        # a lower net price counts as this one, for no care is free of time and travel
RATE_CAP = 2                   # thinning rate cap: with a response, claims are drawn at this multiple of their rate, and a policy
                               # keeps some of them; its own rate must not exceed the cap


class Elasticities(NamedTuple):
    """Elasticities of use and of the choice of tier to the patient's net price; they are below zero."""

    inpatient: float
    outpatient: float
    tier: float


def rate_cap(demand: bool) -> int:
    """The multiple of their rate at which claims are drawn."""
    return RATE_CAP if demand else 1


def elasticities(read: Read, scheme: str, year: int) -> Elasticities:
    """A scheme's elasticities, from `demand.*`."""
    return Elasticities(*(float(read(f"demand.{scheme}.{name}", year).value)
                          for name in ("inpatient_elasticity", "outpatient_elasticity", "tier_elasticity")))


@compiled
def patient_shares(terms: Ints, tables: BillTables, nodes: BillNodes, variant: Variant, price: int, member_class: int,
                   out: Floats2) -> None:
    """The expected patient's share of a year's first bill, without assistance, by kind and tier, into out float64[2, T]."""
    empty, bill, paid, trace = (np.zeros(STATE, np.int64), np.zeros(BILL_COLUMNS, np.int64), np.zeros(LEFT, np.int64),
                                np.zeros(TRACE, np.int64))
    weights = nodes.admissions.weight
    for kind in range(2):
        for tier in range(out.shape[1]):
            patient, total = 0.0, 0.0
            for n in range(len(weights)):
                for level in range(LEVELS * 2):                    # each in-scope level, referred and unreferred
                    unreferred = 1 if level >= LEVELS else 0
                    share_unreferred = tables.unreferred[tier] / CHANCE if kind == 0 else 0.0
                    weight = weights[n] * (share_unreferred if unreferred == 1 else 1.0 - share_unreferred)
                    if weight == 0.0:
                        continue
                    empty_bill(bill, INPATIENT if kind == 0 else OUTPATIENT_VISIT, member_class, 0)
                    bill[Fact.TIER] = tier
                    bill[Fact.UNREFERRED] = unreferred
                    bill[Fact.BILLED] = priced(nodes.admissions.amount[tier, n] if kind == 0 else nodes.visits.amount[tier, n],
                                               price)
                    scope = tables.in_scope[tier, level % LEVELS] if kind == 0 else tables.visit_in_scope[tier]
                    bill[Fact.ELIGIBLE] = share(bill[Fact.BILLED], scope)
                    multiply(bill, variant.bill[0, tier] if kind == 0 else variant.bill[2, tier])
                    total += weight * bill[Fact.BILLED]
                    for insured in range(2):                       # without the commercial supplement and with it
                        chance = terms[COMMERCIAL_SHARE] / ONE if insured == 1 else 1.0 - terms[COMMERCIAL_SHARE] / ONE
                        if chance > 0.0:
                            bill[Fact.COVER_RANK] = 0 if insured == 1 else ONE
                            settle_bill(terms, empty, bill, paid, trace)
                            empty[:] = 0
                            patient += weight * chance * (paid[Paid.ACCOUNT] + paid[Paid.CASH])
            out[kind, tier] = patient / total if total > 0.0 else 1.0


def net_prices(bills: FirstBillTables, terms: np.ndarray, variant: Variant, price: int, scheme: str) -> np.ndarray:
    """What the patient pays of a bill of one yuan at the baseline's prices, by kind and tier, float64[2, T]."""
    out = np.empty((2, len(TIERS)))
    member_class = CLASSES.index("active" if scheme == "uebmi" else "adult")
    patient_shares(terms, bills.tables, bills.nodes, variant, price, member_class, out)
    out[0] *= variant.bill[0, :, OF_BILLED] / UNIT
    out[1] *= variant.bill[2, :, OF_BILLED] / UNIT
    return out


class Advance(NamedTuple):
    """What a patient advances of an admission's bill, by tier, and what a yuan of it costs."""

    cost: float                    # of a yuan advanced
    later: np.ndarray              # float64[T]: the share of bills that are paid back later
    deposit: np.ndarray            # float64[T]: deposits as a share of the bill, of all bills

    def of(self, own: np.ndarray) -> np.ndarray:
        """The share of a bill that is advanced, float64[T], where patients pay `own` of it themselves: what comes back later, and
        of bills settled at once what a deposit takes beyond the own share."""
        return self.later * np.maximum(1.0 - own, 0.0) + (1.0 - self.later) * np.maximum(self.deposit - own, 0.0)


def advance_of(read: Read, scheme: str, year: int) -> Advance:
    """What patients advance, from `conduct.*` and `demand.*`; what is not stated is nothing."""
    def share(path: str, neutral: float) -> float:
        stated = read(path, year, required=False)
        return neutral if stated is None else float(stated.value) / 100.0

    local = 1.0 - share(f"conduct.{scheme}.local_immediate", 1.0)
    away = 1.0 - share(f"conduct.{scheme}.outside_immediate", 0.0)
    after = read(f"conduct.{scheme}.pay_after", year, required=False)
    before = np.array([1.0 if after is None else 1.0 - float(after.value[tier]) / 100.0 for tier in TIERS])
    later = np.array([away if tier == "outside" else local for tier in TIERS])
    return Advance(share(f"demand.{scheme}.advance_cost", 0.0), later,
                   share(f"conduct.{scheme}.deposit_share", 0.0) * before)


def with_advance(net: np.ndarray, variant: Variant, advance: Advance) -> np.ndarray:
    """Net prices float64[2, T] with what it costs to advance money for an admission."""
    if advance.cost == 0.0:
        return net
    level = variant.bill[0, :, OF_BILLED] / UNIT
    own = np.divide(net[0], level, out=np.ones(len(level)), where=level > 0.0)
    return np.stack([net[0] + advance.cost * advance.of(own) * level, net[1]])


def reformed(bills: FirstBillTables, reform: Reform, cap: int) -> tuple[Variant, np.ndarray]:
    """The variant of care under a policy's prices and conduct, before demand responds, and its rates float64[2] (admissions,
    visits) relative to the baseline's."""
    neutral = neutral_variant(bills.tables, len(ILLNESSES), cap)
    shares = shares_of(neutral.tier_of)
    if reform.retained > 0.0:
        shares[COUNTY_TIER] += shares[OUTSIDE_TIER] * reform.retained
        shares[OUTSIDE_TIER] *= 1.0 - reform.retained
    tier_of = neutral.tier_of if reform.retained == 0.0 else _thresholds(shares)
    multipliers = np.floor(reform.bill * UNIT + 0.5).astype(np.int64)
    onsets = np.floor(reform.onsets * CHANCE + 0.5).astype(np.int64)
    return neutral._replace(tier_of=tier_of, bill=multipliers, keep_illness=onsets), np.array([reform.admissions, reform.visits])


def respond(variant: Variant, net: np.ndarray, baseline: np.ndarray, by: Elasticities) -> tuple[Variant, np.ndarray]:
    """The variant with tiers chosen at the policy's net prices, and the response of the rates float64[2].

    `net` and `baseline` float64[2, T] are the net prices under the policy and under the baseline.
    """
    rates, chosen = np.empty(2), []
    for kind, (thresholds, elasticity) in enumerate(((variant.tier_of, by.inpatient), (variant.visit_tier_of, by.outpatient))):
        shares = shares_of(thresholds)
        relative = [max(n, LEAST_NET_PRICE) / max(b, LEAST_NET_PRICE) for n, b in zip(net[kind], baseline[kind], strict=True)]
        paid, usual = (max(float(np.cumsum(shares * prices[kind])[-1]), LEAST_NET_PRICE) for prices in (net, baseline))
        rates[kind] = power(paid / usual, elasticity)
        moved = np.array([s * power(r, by.tier) for s, r in zip(shares, relative, strict=True)])
        same = all(r == 1.0 for r in relative) or by.tier == 0.0
        chosen.append(thresholds if same else _thresholds(moved))
    return variant._replace(tier_of=chosen[0], visit_tier_of=chosen[1]), rates


def thinned(variant: Variant, rates: np.ndarray, cap: int, policy: str) -> Variant:
    """The variant that keeps drawn claims at `rates` float64[2] relative to the baseline's. InputError for a rate above `cap`."""
    onsets = float(variant.keep_illness.max()) / CHANCE
    for what, rate, most in (("admissions", rates[0], cap), ("visits", rates[1], cap),
                             ("onsets of an illness", onsets, 1)):
        if not 0.0 <= rate <= most:
            raise InputError(f"policy {policy}: {what} would be {rate:.3f} times as many:", value=f"{rate:.3f}",
                             expected=f"at most {most} times" + ("" if most > 1 else " without `demand: true`"),
                             next_step="use smaller effects or elasticities, or switch demand on")
    keep = np.array([rates[0] / cap, 1.0, rates[1] / cap]) * CHANCE
    return variant._replace(keep=np.floor(keep + 0.5).astype(np.int64))


def _thresholds(shares: np.ndarray) -> np.ndarray:
    """The cumulative 2^32 thresholds of shares, summed in order."""
    cumulative = np.cumsum(shares)
    result = np.floor(cumulative / cumulative[-1] * 2.0**32 + 0.5).astype(np.int64)
    result[-1] = 1 << 32
    return result
