"""What a policy does to care itself: how often people go, where they go, and what a bill costs.

All policies walk the same claims. A policy that changes prices, conduct or demand has a *variant* of
them: it keeps a claim by a word of the claim's own (thinning), chooses the tier with the claim's own
word through its own shares, and multiplies the bill. So a policy added to a comparison changes
nothing in the others, and an unchanged policy sees the claims as they were drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.care.amounts import admission_amounts, find_places, visit_amounts
from simulator.care.walk import CHANCE
from simulator.compiling.compiled import lean
from simulator.compiling.types import Flags, Ints, Ints2, Ints3, Ints4
from simulator.money import LARGEST_BILL, share
from simulator.tables import BILL_COLUMNS, Fact

if TYPE_CHECKING:
    from simulator.care.walk import BillTables, DrawTask

UNIT = 1 << 16                               # fixed point of the multipliers
MULTIPLIERS = OF_BILLED, OF_ELIGIBLE, FEE, OF_DAYS, OF_CASE = tuple(range(5))


class Conduct(NamedTuple):
    """V variants of care for P policies; T tiers, I illnesses."""

    variant: Ints                  # [P]: the variant of each policy
    neutral: Flags                 # [V]: claims as they were drawn
    same_claims: Flags             # [V]: the claims and the tiers that were drawn; amounts alone may be others
    keep: Ints2                    # [V, 3]: a claim of a source is kept when its random bits lie below, of CHANCE
    keep_illness: Ints2            # [V, I]: the same for onsets
    tier_of: Ints2                 # [V, T]: cumulative thresholds of admissions
    visit_tier_of: Ints2           # [V, T]
    bill: Ints4                    # [V, 3 sources, T, MULTIPLIERS], in 1/UNIT


class Variant(NamedTuple):
    """One variant, as the expectation of first-bill payments reads it."""

    keep: Ints                     # [3]
    keep_illness: Ints             # [I]
    tier_of: Ints                  # [T]
    visit_tier_of: Ints            # [T]
    bill: Ints3                    # [3, T, MULTIPLIERS]


@lean
def multiplied(billed: int, eligible: int, tcm: int, new_drug: int, case_price: int, days: int,
               by: Ints) -> tuple[int, int, int, int, int, int]:
    """A bill's amounts after prices and conduct: `by` int64[5] multiplies billed, eligible, days and a case's standard price; FEE
    is what service fees in scope add, as a share of what was billed."""
    after = min((billed * by[OF_BILLED] + UNIT // 2) >> 16, LARGEST_BILL)
    in_scope = min(max((eligible * by[OF_ELIGIBLE] + billed * by[FEE] + UNIT // 2) >> 16, 0), after)
    return (after, in_scope, min((tcm * by[OF_ELIGIBLE] + UNIT // 2) >> 16, in_scope),
            min((new_drug * by[OF_ELIGIBLE] + UNIT // 2) >> 16, in_scope),
            min((case_price * by[OF_CASE] + UNIT // 2) >> 16, LARGEST_BILL),
            max((days * by[OF_DAYS] + UNIT // 2) >> 16, 1))


@lean
def multiply(bill: Ints, by: Ints) -> None:
    """`multiplied`, of the one bill in a row int64[BILL]."""
    (bill[Fact.BILLED], bill[Fact.ELIGIBLE], bill[Fact.TCM], bill[Fact.NEW_DRUG], bill[Fact.CASE_PRICE],
     bill[Fact.DAYS]) = multiplied(
        bill[Fact.BILLED], bill[Fact.ELIGIBLE], bill[Fact.TCM], bill[Fact.NEW_DRUG], bill[Fact.CASE_PRICE], bill[Fact.DAYS], by)


@lean
def keep_bills(conduct: Conduct, v: int, source: Ints, illness: Ints, word: Ints, count: int, kept: Ints) -> int:
    """Put into `kept` which bills of a block variant v has; returns how many."""
    keep, keep_illness = conduct.keep[v], conduct.keep_illness[v]
    number = 0
    for i in range(count):
        kept[number] = i
        number += 1 if word[i] < (keep_illness[illness[i]] if source[i] == 1 else keep[source[i]]) else 0
    return number


@lean
def take(values: Ints, kept: Ints, number: int, own: Ints) -> None:
    """The values of the bills kept."""
    for i in range(number):
        own[i] = values[np.uint64(kept[i])]


@lean
def rework(conduct: Conduct, v: int, tables: BillTables, block: Ints2, count: int, task: DrawTask, kept: Ints, own: Ints2) -> int:
    """The claims of a block int64[BILL, n] as variant v has them, in `own` of the same shape; `kept` int64[n] is where they stood
    in the block. Returns how many are kept."""
    by_source = conduct.bill[v]
    number = keep_bills(conduct, v, block[Fact.SOURCE], block[Fact.ILLNESS], block[Fact.KEEP_BITS], count, kept)
    for column in range(BILL_COLUMNS):
        take(block[column], kept, number, own[column])
    admissions, visits, source = 0, number, own[Fact.SOURCE]
    while admissions < number and source[admissions] == 0:
        admissions += 1
    while visits > admissions and source[visits - 1] == 2:
        visits -= 1
    tiers, billed = own[Fact.TIER], own[Fact.BILLED]
    find_places(conduct.tier_of[v], own[Fact.TIER_BITS, :admissions], own[Fact.AMOUNT_BITS, :admissions], tiers[:admissions],
                billed[:admissions])
    admission_amounts(tables, own, 0, admissions, task.price, task.list_price)
    for i in range(admissions):
        own[Fact.NEW_DRUG, i] = share(own[Fact.ELIGIBLE, i], tables.new_drug_part) if own[Fact.NEW_DRUG, i] > 0 else 0
    find_places(conduct.visit_tier_of[v], own[Fact.TIER_BITS, visits:number], own[Fact.AMOUNT_BITS, visits:number],
                tiers[visits:number],
                billed[visits:number])
    visit_amounts(tables, tiers[visits:number], billed[visits:number], task.price, billed[visits:number], own[Fact.ELIGIBLE,
                                                                                                              visits:number])
    for i in range(number):
        (own[Fact.BILLED, i], own[Fact.ELIGIBLE, i], own[Fact.TCM, i], own[Fact.NEW_DRUG, i], own[Fact.CASE_PRICE, i],
         own[Fact.DAYS, i]) = multiplied(
            own[Fact.BILLED, i], own[Fact.ELIGIBLE, i], own[Fact.TCM, i], own[Fact.NEW_DRUG, i], own[Fact.CASE_PRICE,
                                                                                                     i], own[Fact.DAYS, i],
            by_source[source[i], tiers[i]])
    return number


@lean
def reprice(conduct: Conduct, v: int, bills: Ints2, visits: int, count: int) -> None:
    """The amounts of the bills int64[BILL, n] of a block as variant v has them, in place, where it has the `same_claims`; visits
    begin at column `visits`. What `rework` would leave of the same bills."""
    by_source, tiers, billed, eligible, source = (conduct.bill[v], bills[Fact.TIER], bills[Fact.BILLED], bills[Fact.ELIGIBLE],
                                                  bills[Fact.SOURCE])
    for i in range(visits):
        (billed[i], eligible[i], bills[Fact.TCM, i], bills[Fact.NEW_DRUG, i], bills[Fact.CASE_PRICE, i],
         bills[Fact.DAYS, i]) = multiplied(billed[i], eligible[i], bills[Fact.TCM, i], bills[Fact.NEW_DRUG, i],
                                           bills[Fact.CASE_PRICE, i], bills[Fact.DAYS, i], by_source[source[i], tiers[i]])
    reprice_visits(by_source[2], tiers[visits:count], billed[visits:count], eligible[visits:count])


@lean
def reprice_visits(by: Ints2, tiers: Ints, billed: Ints, eligible: Ints) -> None:
    """`multiplied`, of outpatient visits, which have no amounts but these two: chains of selections, which vectorise."""
    b0, b1, b2, b3 = by[0, OF_BILLED], by[1, OF_BILLED], by[2, OF_BILLED], by[3, OF_BILLED]
    e0, e1, e2, e3 = by[0, OF_ELIGIBLE], by[1, OF_ELIGIBLE], by[2, OF_ELIGIBLE], by[3, OF_ELIGIBLE]
    f0, f1, f2, f3 = by[0, FEE], by[1, FEE], by[2, FEE], by[3, FEE]
    for i in range(len(tiers)):
        tier = tiers[i]
        of_billed = b3 if tier == 3 else b2 if tier == 2 else b1 if tier == 1 else b0
        of_eligible = e3 if tier == 3 else e2 if tier == 2 else e1 if tier == 1 else e0
        fee = f3 if tier == 3 else f2 if tier == 2 else f1 if tier == 1 else f0
        after = min((billed[i] * of_billed + UNIT // 2) >> 16, LARGEST_BILL)
        eligible[i] = min(max((eligible[i] * of_eligible + billed[i] * fee + UNIT // 2) >> 16, 0), after)
        billed[i] = after


def neutral_variant(tables: BillTables, illnesses: int, rate_cap: int = 1) -> Variant:
    """The claims as they were drawn; a walk at `rate_cap` times the rate keeps its share of them."""
    tiers = len(tables.tier_of)
    bill = np.zeros((3, tiers, len(MULTIPLIERS)), dtype=np.int64)
    bill[..., [OF_BILLED, OF_ELIGIBLE, OF_DAYS, OF_CASE]] = UNIT
    keep = np.array([CHANCE // rate_cap, CHANCE, CHANCE // rate_cap], dtype=np.int64)
    return Variant(keep, np.full(illnesses, CHANCE, dtype=np.int64), tables.tier_of, tables.visit_tier_of, bill)


def stack(variants: list[Variant], tables: BillTables) -> Conduct:
    """The variants of P policies, those that are alike once."""
    different, which = alike(variants)
    plain = neutral_variant(tables, len(different[0].keep_illness))
    neutral = [all(np.array_equal(a, b) for a, b in zip(variant, plain, strict=True)) for variant in different]
    columns = {name: np.stack([getattr(variant, name) for variant in different]) for name in Variant._fields}
    return Conduct(which, np.array(neutral), np.array([has_same_claims(variant, plain) for variant in different]), **columns)


def has_same_claims(variant: Variant, plain: Variant) -> bool:
    """Whether a variant has the claims and the tiers that are drawn, those of the `plain` one. A visit has no length of stay that
    could be multiplied."""
    return (all(np.array_equal(a, b) for a, b in zip(variant[:-1], plain[:-1], strict=True))
            and bool((variant.bill[2, :, OF_DAYS] == UNIT).all()))


def chosen(conduct: Conduct, variant: np.ndarray) -> Conduct:
    """The variants that P policies have, int64[P], those that are alike once."""
    if len(variant) == 1:
        return Conduct(np.zeros(1, np.int64), *(column[variant[0]:variant[0] + 1] for column in conduct[1:]))
    used, of_policy = np.unique(variant, return_inverse=True)
    return Conduct(of_policy.reshape(-1), *(column[used] for column in conduct[1:]))


def alike(variants: list[Variant]) -> tuple[list[Variant], np.ndarray]:
    """The variants that differ, and for each of `variants` the place of its own among them, int64[n]."""
    known: dict[tuple[bytes, ...], int] = {}
    which = [known.setdefault(tuple(array.tobytes() for array in variant), len(known)) for variant in variants]
    return [variants[which.index(v)] for v in range(len(known))], np.array(which, dtype=np.int64)
