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
    AMOUNT_WORD,
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
from simulator.care.amounts import admission_amounts, find_places, visit_amounts
from simulator.care.walk import CHANCE
from simulator.compiling.compiled import lean
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
def multiplied(billed, eligible, tcm, new_drug, case_price, days, by):
    """A bill's amounts after prices and conduct: `by` int64[4] multiplies billed, eligible and days; FEE is what service fees in
    scope add, as a share of what was billed. The standard price of a case follows the policy's own bills."""
    after = min((billed * by[OF_BILLED] + UNIT // 2) >> 16, LARGEST_BILL)
    in_scope = min(max((eligible * by[OF_ELIGIBLE] + billed * by[FEE] + UNIT // 2) >> 16, 0), after)
    return (after, in_scope, min((tcm * by[OF_ELIGIBLE] + UNIT // 2) >> 16, in_scope),
            min((new_drug * by[OF_ELIGIBLE] + UNIT // 2) >> 16, in_scope),
            min((case_price * by[OF_BILLED] + UNIT // 2) >> 16, LARGEST_BILL),
            max((days * by[OF_DAYS] + UNIT // 2) >> 16, 1))


@lean
def multiply(bill, by):
    """`multiplied`, of the one bill in a row int64[BILL]."""
    (bill[BILLED], bill[ELIGIBLE], bill[TCM], bill[NEW_DRUG], bill[CASE_PRICE], bill[DAYS]) = multiplied(
        bill[BILLED], bill[ELIGIBLE], bill[TCM], bill[NEW_DRUG], bill[CASE_PRICE], bill[DAYS], by)


@lean
def keep_bills(conduct, v, source, illness, word, count, kept):
    """Put into `kept` which bills of a block variant v has; returns how many."""
    keep, keep_illness = conduct.keep[v], conduct.keep_illness[v]
    number = 0
    for i in range(count):
        kept[number] = i
        number += 1 if word[i] < (keep_illness[illness[i]] if source[i] == 1 else keep[source[i]]) else 0
    return number


@lean
def take(values, kept, number, own):
    """The values of the bills kept."""
    for i in range(number):
        own[i] = values[np.uint64(kept[i])]


@lean
def rework(conduct, v, tables, block, count, price, list_price, kept, own):
    """The claims of a block int64[BILL, n] as variant v has them, in `own` of the same shape; `kept` int64[n] is where they stood
    in the block. Returns how many are kept."""
    by_source = conduct.bill[v]
    number = keep_bills(conduct, v, block[SOURCE], block[ILLNESS], block[KEEP_WORD], count, kept)
    for column in range(BILL):
        take(block[column], kept, number, own[column])
    admissions, visits, source = 0, number, own[SOURCE]
    while admissions < number and source[admissions] == 0:
        admissions += 1
    while visits > admissions and source[visits - 1] == 2:
        visits -= 1
    tiers, billed = own[TIER], own[BILLED]
    find_places(conduct.tier_of[v], own[TIER_WORD, :admissions], own[AMOUNT_WORD, :admissions], tiers[:admissions],
                billed[:admissions])
    admission_amounts(tables, own, 0, admissions, price, list_price)
    for i in range(admissions):
        own[NEW_DRUG, i] = share(own[ELIGIBLE, i], tables.new_drug_part) if own[NEW_DRUG, i] > 0 else 0
    find_places(conduct.visit_tier_of[v], own[TIER_WORD, visits:number], own[AMOUNT_WORD, visits:number], tiers[visits:number],
                billed[visits:number])
    visit_amounts(tables, tiers[visits:number], billed[visits:number], price, billed[visits:number], own[ELIGIBLE, visits:number])
    for i in range(number):
        (own[BILLED, i], own[ELIGIBLE, i], own[TCM, i], own[NEW_DRUG, i], own[CASE_PRICE, i], own[DAYS, i]) = multiplied(
            own[BILLED, i], own[ELIGIBLE, i], own[TCM, i], own[NEW_DRUG, i], own[CASE_PRICE, i], own[DAYS, i],
            by_source[source[i], tiers[i]])
    return number


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
