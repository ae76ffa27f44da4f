"""What a policy does to care itself: how often people go, where they go, and what a bill costs.

All policies walk the same claims. A policy that changes prices, conduct or demand has a *variant* of
them: it keeps a claim by a word of the claim's own (thinning), chooses the tier with the claim's own
word through its own shares, and multiplies the bill. So a policy added to a comparison changes
nothing in the others, and an unchanged policy sees the claims as they were drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.bill import (
    BILL,
    BILLED,
    CASE_PRICE,
    DAYS,
    ELIGIBLE,
    ILLNESS,
    KEEP_WORD,
    NEW_DRUG,
    SOURCE,
    TCM,
    TIER,
    TIER_WORD,
)
from simulator.care.walk import CHANCE, choose, fill_admission, fill_visit
from simulator.compiled import lean
from simulator.money import LARGEST_BILL, share

UNIT = 1 << 16                               # fixed point of the multipliers
OF_BILLED, OF_ELIGIBLE, FEE, OF_DAYS = range(4)


class Conduct(NamedTuple):
    """V variants of care for P policies; T tiers, I illnesses."""

    variant: np.ndarray            # int64[P]: the variant of each policy
    neutral: np.ndarray            # bool[V]: claims as they were drawn
    keep: np.ndarray               # int64[V, 3]: a claim of a source is kept when its word lies below, of CHANCE
    keep_illness: np.ndarray       # int64[V, I]: the same for onsets
    tier_of: np.ndarray            # int64[V, T]: cumulative thresholds of admissions
    visit_tier_of: np.ndarray      # int64[V, T]
    bill: np.ndarray               # int64[V, 3 sources, T, 4]: multipliers in 1/UNIT


class Variant(NamedTuple):
    """One variant as the expectation of slips reads it."""

    keep: np.ndarray               # int64[3]
    keep_illness: np.ndarray       # int64[I]
    tier_of: np.ndarray            # int64[T]
    visit_tier_of: np.ndarray      # int64[T]
    bill: np.ndarray               # int64[3, T, 4]


@lean
def copy_bill(source, target):
    """Copy a bill's row, element by element: a slice assignment would allocate."""
    for n in range(BILL):
        target[n] = source[n]


@lean
def multiply(bill, by):
    """The bill after prices and conduct: `by` int64[4] multiplies billed, eligible and days; FEE is what service fees in scope
    add, as a share of what was billed. The standard price of a case follows the policy's own bills."""
    billed = bill[BILLED]
    bill[BILLED] = min((billed * by[OF_BILLED] + UNIT // 2) >> 16, LARGEST_BILL)
    eligible = (bill[ELIGIBLE] * by[OF_ELIGIBLE] + billed * by[FEE] + UNIT // 2) >> 16
    bill[ELIGIBLE] = min(max(eligible, 0), bill[BILLED])
    bill[TCM] = min((bill[TCM] * by[OF_ELIGIBLE] + UNIT // 2) >> 16, bill[ELIGIBLE])
    bill[NEW_DRUG] = min((bill[NEW_DRUG] * by[OF_ELIGIBLE] + UNIT // 2) >> 16, bill[ELIGIBLE])
    bill[CASE_PRICE] = min((bill[CASE_PRICE] * by[OF_BILLED] + UNIT // 2) >> 16, LARGEST_BILL)
    bill[DAYS] = max((bill[DAYS] * by[OF_DAYS] + UNIT // 2) >> 16, 1)


@lean
def rework(conduct, v, tables, block, count, price, list_price, own):
    """The claims of a block as variant v has them, in `own` int64[n, BILL]; returns how many are kept."""
    keep, keep_illness, by_source = conduct.keep[v], conduct.keep_illness[v], conduct.bill[v]
    tier_of, visit_tier_of = conduct.tier_of[v], conduct.visit_tier_of[v]
    kept = 0
    for at in range(count):
        source = block[at, SOURCE]
        if block[at, KEEP_WORD] >= (keep_illness[block[at, ILLNESS]] if source == 1 else keep[source]):
            continue
        bill = own[kept]
        copy_bill(block[at], bill)
        if source == 0:
            tier = choose(tier_of, bill[TIER_WORD])
            if tier != bill[TIER]:
                fill_admission(tables, bill, tier, price, list_price)
                if bill[NEW_DRUG] > 0:
                    bill[NEW_DRUG] = share(bill[ELIGIBLE], tables.new_drug_part)
        elif source == 2:
            tier = choose(visit_tier_of, bill[TIER_WORD])
            if tier != bill[TIER]:
                fill_visit(tables, bill, tier, price)
        multiply(bill, by_source[source, bill[TIER]])
        kept += 1
    return kept


def neutral_variant(tables, illnesses: int, majorant: int = 1) -> Variant:
    """The claims as they were drawn; a walk at `majorant` times the rate keeps its share of them."""
    tiers = len(tables.tier_of)
    bill = np.zeros((3, tiers, 4), dtype=np.int64)
    bill[..., [OF_BILLED, OF_ELIGIBLE, OF_DAYS]] = UNIT
    keep = np.array([CHANCE // majorant, CHANCE, CHANCE // majorant], dtype=np.int64)
    return Variant(keep, np.full(illnesses, CHANCE, dtype=np.int64), tables.tier_of, tables.visit_tier_of, bill)


def stack(variants: list[Variant], tables) -> Conduct:
    """The variants of P policies, those that are alike once."""
    known: dict[tuple[bytes, ...], int] = {}
    which = [known.setdefault(tuple(array.tobytes() for array in variant), len(known)) for variant in variants]
    first = [variants[which.index(v)] for v in range(len(known))]
    plain = neutral_variant(tables, len(first[0].keep_illness))
    neutral = [all(np.array_equal(a, b) for a, b in zip(variant, plain, strict=True)) for variant in first]
    columns = {name: np.stack([getattr(variant, name) for variant in first]) for name in Variant._fields}
    return Conduct(np.array(which, dtype=np.int64), np.array(neutral), **columns)
