"""The rules of a bill, one pure function each: numbers in, fen out (docs/settlement.md has them in words).

`law/settle.py` applies them along a person's year, bill by bill; the kernel applies the same functions column by column.
Amounts are fen, ratios and points 1/10,000, flags 0 or 1. `terms` is a plan's row of terms (`plan.py`, here `t`).
A function that reads only numbers takes them by name and knows neither plan nor person.
"""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import inlined
from simulator.compiling.types import Ints
from simulator.money import LARGEST_BILL, ONE, UNLIMITED, half_up, part_of, share

TOWNSHIP, OUTSIDE = 0, 3                     # tiers with rules of their own: primary care and out of area


# Limits and deductibles of the year --------------------------------------------------------------------------------------------

@inlined
def left_of(limit: int, used: int) -> int:
    """What the year has left of a limit or deductible of which so much was used: (limit - used)+."""
    return max(limit - used, 0)


# Steps 0 to 2: scope, listed illnesses -----------------------------------------------------------------------------------------

@inlined
def within_reference_price(eligible: int, new_drug: int, reference_price: int) -> int:
    """Step 0: the part of a new drug above its reference price leaves the scope (江苏 2012 二(二)12)."""
    return eligible - max(new_drug - reference_price, 0)


@inlined
def is_listed(membership: int, in_pilot: bool) -> bool:
    """Step 1: the list of that date covers the illness, fully or where the county takes part in the pilot
    (国办发〔2012〕20号 二(一)5(2))."""
    return membership == t.FULL or (membership == t.PILOT and in_pilot)


@inlined
def listed_basis(billed: int, eligible: int, quota: int, units: int) -> int:
    """Step 2: a listed bill counts up to its quota price, or with its eligible expense where the illness has none."""
    return min(billed, quota * units) if quota > 0 else eligible


@inlined
def above_quota(billed: int, basis: int, quota: int, quota_kind: int) -> int:
    """Step 2: what is above a package price is the hospital's; above a limit it is the patient's, and 0 here."""
    return billed - basis if quota > 0 and quota_kind == t.PACKAGE else 0


@inlined
def listed_payment(basis: int, listed_ratio: int, listed_better: int, ordinary: int, most: int) -> int:
    """Step 2: the list's ratio without a deductible; where the region pays the better of the two, at least what an ordinary
    bill would be paid (`ordinary`), at most `most` (江苏 2012 二(一)9)."""
    payment = share(basis, listed_ratio)
    return min(max(payment, ordinary), most) if listed_better == 1 else payment


# Step 2a: first payment out of area --------------------------------------------------------------------------------------------

@inlined
def first_payment(eligible: int, tier: int, outside_first_pay: int) -> int:
    """Step 2a: what the patient pays of an ordinary out-of-area bill before the rules (先行自付)."""
    return share(eligible, outside_first_pay) if tier == OUTSIDE else 0


# Step 3: case and per-diem prices ----------------------------------------------------------------------------------------------

@inlined
def price_of(case_price: int, case_level: int, days: int, day_price: int) -> int:
    """Step 3: the price of an ordinary admission by case, else by day; -1 under fee for service (江苏 2012 二(一)7)."""
    by_case = min(share(case_price, case_level), LARGEST_BILL)
    by_day = min(day_price * days, LARGEST_BILL) if day_price > 0 else -1
    return by_case if case_price > 0 and case_level > 0 else by_day


@inlined
def scope_of_price(price: int, eligible: int, billed: int) -> int:
    """Step 3: what of a price is in scope, as so much of the bill is."""
    return part_of(price, eligible, max(billed, 1))


@inlined
def hospital_bears(billed: int, price: int, basic: int) -> int:
    """Step 3, patient's share on the bill: the fund pays the price, so the hospital bears the rest of it or keeps it."""
    return min(billed - price, basic)


# Step 3a: ordinary admissions --------------------------------------------------------------------------------------------------

@inlined
def deductible_of(terms: Ints, tier: int, admissions: int, member_class: int, group: int) -> int:
    """Step 3a.2: the deductible by tier, order of the admission in the year and member class; none for waived groups."""
    order = min(admissions, t.ORDERS - 1)
    amount = terms[np.uint64(t.DEDUCTIBLE + (tier * t.ORDERS + order) * t.N_CLASSES + member_class)]
    return amount * (1 - terms[np.uint64(t.DEDUCTIBLE_WAIVED + group)])


@inlined
def above_deductible(counted: int, deductible: int) -> int:
    """Step 3a.3: what an admission's counted expense exceeds its deductible by: (E' - D)+."""
    return counted - min(deductible, counted)


@inlined
def points_of(tier: int, unreferred: int, primary_bonus: int, outside_penalty: int, unreferred_penalty: int) -> int:
    """Step 3a.4: points for primary care, off for out-of-area and for unreferred care (国办发〔2012〕20号 二(一)3(2))."""
    return ((primary_bonus if tier == TOWNSHIP else 0) - (outside_penalty if tier == OUTSIDE else 0)
            - unreferred_penalty * unreferred)


@inlined
def band_part(low: int, high: int, floor: int, top: int) -> int:
    """Steps 3a.4 and 5: the part of (low, high] that lies in the band (floor, top]."""
    return max(min(high, top) - max(low, floor), 0)


@inlined
def band_rate(ratio: int, points: int) -> int:
    """Step 3a.4: the rate of a band, its ratio and the points, clipped to [0, 1]."""
    return min(max(ratio + points, 0), 10000)


@inlined
def bands_payment(total: int, tcm_bonus: int, tcm: int, base: int) -> int:
    """Step 3a.4: the bands' sum of part x rate and the bonus on traditional Chinese medicine, rounded once, at most `base`,
    which is what lies above the deductible."""
    return min(half_up(total + tcm_bonus * min(tcm, base)), base)


@inlined
def at_least_guaranteed(payment: int, least: int, counted: int) -> int:
    """Steps 3a.5 and 3a.6: at least the guaranteed share of the eligible or the billed amount (`least`), at most the counted
    expense."""
    return min(max(payment, least), counted)


@inlined
def with_factor(payment: int, factor: int, counted: int) -> int:
    """Step 3a.7: the payment under the fund's control factor, at most the counted expense."""
    return min(share(payment, factor), counted)


@inlined
def above_cap(base: int, wanted: int, paid: int) -> int:
    """Step 4: so much of the expense above the deductible counts as above the annual cap as the cap cuts off of the payment."""
    return part_of(base, wanted - paid, max(wanted, 1))


# Steps 3b and 3c: outpatient visits --------------------------------------------------------------------------------------------

@inlined
def consultation_part(eligible: int, tier: int, consultation_fee: int) -> int:
    """Step 3b: the general consultation fee in a visit to primary care."""
    return min(consultation_fee, eligible) if tier == TOWNSHIP else 0


@inlined
def visit_payment(rest: int, deductible_left: int, ratio: int, visit_limit: int) -> int:
    """Step 3b: the ratio on what exceeds the deductible left of the year, at most the limit of a visit."""
    return min(share(max(rest - deductible_left, 0), ratio), visit_limit)


@inlined
def chronic_payment(eligible: int, deductible_left: int, ratio: int) -> int:
    """Step 3c: a visit for a disease on the chronic outpatient list, at its own deductible and ratio."""
    return share(max(eligible - deductible_left, 0), ratio)


# Steps 4 to 9: the layers after basic insurance --------------------------------------------------------------------------------

@inlined
def supplement_payment(due: int, cap_left: int, unpaid: int) -> int:
    """Step 4: what the large-sum supplement's bands come to on the expense above the annual cap (江苏 2012 二(一)4)."""
    return min(min(due, cap_left), unpaid)


@inlined
def compliant_expense(in_scope: int, excluded: int, excluded_share: int) -> int:
    """Step 5: what critical illness insurance counts: in-scope self-pay, and a share of the excluded expense."""
    return in_scope + share(excluded, excluded_share)


@inlined
def compliant_with_first_pay(in_scope: int, excluded: int, first_paid: int, excluded_share: int) -> int:
    """Step 5: the same where what was paid before the rules counts as in-scope self-pay."""
    counted = min(first_paid, excluded)
    return in_scope + counted + share(excluded - counted, excluded_share)


@inlined
def group_threshold(threshold: int, ratio: int) -> int:
    """Step 5: the threshold of an assistance group."""
    return threshold if ratio == ONE or threshold >= UNLIMITED else (threshold * ratio + ONE // 2) // ONE


@inlined
def deductible_used(amount: int, deductible_left: int) -> int:
    """What a bill uses up of what the year has left of a deductible."""
    return min(amount, deductible_left)


@inlined
def cover_payment(covered: int, used: int, ratio: int, cap_left: int) -> int:
    """Steps 5a and 6: employer's and commercial cover above the deductible used up, within its cap of the year
    (国办发〔2012〕20号 二(一)5(1))."""
    return min(share(covered - used, ratio), cap_left)


@inlined
def assistance_due(self_pay: int, used: int, ratio: int) -> int:
    """Step 7: medical assistance's ratio of the in-scope self-pay left above the deductible used up
    (国办发〔2012〕20号 二(一)4(1)). A share of it, the take-up, is really claimed."""
    return share(self_pay - used, ratio)


@inlined
def relief_payment(cash: int, ability: int, ratio: int) -> int:
    """Step 9: what the emergency relief fund takes over of a patient without means (国办发〔2012〕20号 二(一)4(2))."""
    return share(max(cash - ability, 0), ratio)
