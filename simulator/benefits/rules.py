"""The law, one function a rule (docs/settlement.md): scalars in, fen out.

These functions are compiled for the simulation and called as they are by `explain` and `settle`.
`terms` is one policy's row of plan terms (`benefits/terms.py`); `year` is one person's state of the
year, int64[STATE]. Amounts are fen, ratios 1/10,000. Design, section 5 gives the order of the steps.
"""

from __future__ import annotations

from simulator.benefits.terms import (
    AFTER_DEDUCTIBLE,
    ANNUAL_CAP,
    BAND_TOPS,
    BAND_YEAR,
    BANDS,
    CAP_COUNTS_OUTPATIENT,
    CAP_ON_EXPENSE,
    CII_CAP,
    CII_COUNTS_OUTPATIENT,
    CII_EXCLUDED_SHARE,
    CII_LISTED_ONLY,
    CII_RATIO,
    CII_THRESHOLD,
    CII_TOPS,
    CLASSES,
    CONSULTATION_FEE,
    CONSULTATION_SHARE,
    DEDUCTIBLE,
    DEDUCTIBLE_WAIVED,
    FACTOR,
    GUARANTEED_ON_BILLED,
    GUARANTEED_SHARE,
    LISTED,
    LISTED_OUTSIDE_CAP,
    LISTED_RATIO,
    MA_CAP,
    MA_DEDUCTIBLE,
    MA_INPATIENT_RATIO,
    MA_LISTED_OUTSIDE_CAP,
    MA_LISTED_RATIO,
    MA_LISTED_WAIVES_DEDUCTIBLE,
    MA_OUTPATIENT_RATIO,
    ORDERS,
    OUTPATIENT_DEDUCTIBLE,
    OUTPATIENT_RATIO,
    OUTPATIENT_VISIT_LIMIT,
    OUTPATIENT_YEAR_LIMIT,
    OUTSIDE_PENALTY,
    PILOT_COUNTIES,
    PRIMARY_BONUS,
    QUOTA,
    QUOTA_PACKAGE,
    RATIO,
    TCM_BONUS,
    UNREFERRED_PENALTY,
)
from simulator.compiled import lean
from simulator.money import half_up, share

# One person's state of the year, all zero on 1 January.
(ADMISSIONS, ELIGIBLE_YEAR, BASE_YEAR, CAP_USED, OUTPATIENT_DEDUCTIBLE_USED, OUTPATIENT_PAID,
 SELF_PAY_YEAR, MA_DEDUCTIBLE_USED, MA_PAID) = range(9)
STATE = 9

TOWNSHIP, OUTSIDE = 0, 3
INPATIENT, OUTPATIENT_VISIT = 0, 1


@lean
def band_sum(low, high, terms, tops, rates, points):
    """Sum over the bands of the part of (low, high] in each times its rate plus `points`, rate clipped to [0, 1].

    `tops` and `rates` are the places in `terms` where the bands begin; tops rise, the last is without limit.
    The result is in fen x 1/10,000 and is rounded by the caller.
    """
    total = 0
    floor = 0
    for b in range(BANDS):
        if floor >= high:
            break
        part = min(high, terms[tops + b]) - max(low, floor)
        if part > 0:
            total += part * min(max(terms[rates + b] + points, 0), 10000)
        floor = terms[tops + b]
    return total


@lean
def is_listed(terms, illness, county):
    """Step 1: the list at that date covers the illness, fully or in the pilot counties (国办发〔2012〕20号 二(一)5(2))."""
    if illness < 0:
        return False
    membership = terms[LISTED + illness]
    return membership == 1 or (membership == 2 and county < terms[PILOT_COUNTIES])


@lean
def pay_listed(terms, year, illness, units, billed, eligible):
    """Step 2: the list's ratio on the quota price or the eligible expense; returns (basis, listed, hospital).

    No deductible; outside the annual cap where the region says so (江苏 2012 二(一)9).
    """
    basis = eligible
    hospital = 0
    if terms[QUOTA + illness] > 0:
        basis = min(billed, terms[QUOTA + illness] * units)
        if terms[QUOTA_PACKAGE + illness] == 1:
            hospital = billed - basis
    listed = share(basis, terms[LISTED_RATIO + illness])
    if terms[LISTED_OUTSIDE_CAP] == 0 and terms[CAP_ON_EXPENSE] == 0:
        listed = min(listed, max(terms[ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += listed
    return basis, listed, hospital


@lean
def deductible_of(terms, tier, admissions, member_class, group):
    """Step 3a.2: by tier, order of the admission in the year and member class; none for waived groups."""
    if terms[DEDUCTIBLE_WAIVED + group] == 1:
        return 0
    return terms[DEDUCTIBLE + (tier * ORDERS + min(admissions, 2)) * CLASSES + member_class]


@lean
def points_of(terms, tier, unreferred):
    """Step 3a.4: points for primary care, off for out-of-area and unreferred care (国办发〔2012〕20号 二(一)3(2))."""
    points = 0
    if tier == TOWNSHIP:
        points += terms[PRIMARY_BONUS]
    if tier == OUTSIDE:
        points -= terms[OUTSIDE_PENALTY]
    if unreferred:
        points -= terms[UNREFERRED_PENALTY]
    return points


@lean
def pay_inpatient(terms, year, tier, member_class, group, billed, eligible, tcm, unreferred):
    """Step 3a: bands, guaranteed minimum, control factor and annual cap of an ordinary admission."""
    counted = eligible
    if terms[CAP_ON_EXPENSE] == 1:
        counted = min(eligible, max(terms[ANNUAL_CAP] - year[ELIGIBLE_YEAR], 0))
    deductible = deductible_of(terms, tier, year[ADMISSIONS], member_class, group)
    base = max(counted - deductible, 0)
    if terms[AFTER_DEDUCTIBLE] == 1:
        low, high, earlier = 0, base, year[BASE_YEAR]
    else:
        low, high, earlier = min(deductible, counted), counted, year[ELIGIBLE_YEAR]
    if terms[BAND_YEAR] == 1:
        low += earlier
        high += earlier
    points = points_of(terms, tier, unreferred)
    total = band_sum(low, high, terms, BAND_TOPS, RATIO + (tier * CLASSES + member_class) * BANDS, points)
    payment = min(half_up(total + terms[TCM_BONUS] * min(tcm, base)), base)
    guaranteed_on = billed if terms[GUARANTEED_ON_BILLED] == 1 else counted
    payment = max(payment, share(guaranteed_on, terms[GUARANTEED_SHARE]))
    payment = min(payment, counted)
    if terms[FACTOR] != 10000:
        payment = min(share(payment, terms[FACTOR]), counted)
    if terms[CAP_ON_EXPENSE] == 0:
        payment = min(payment, max(terms[ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += payment
    year[ADMISSIONS] += 1
    year[ELIGIBLE_YEAR] += eligible
    year[BASE_YEAR] += base
    return payment


@lean
def pay_outpatient(terms, year, tier, eligible):
    """Step 3b: consultation fee, what is left of the deductible, ratio, limits of the visit and the year."""
    consultation = min(terms[CONSULTATION_FEE], eligible) if tier == TOWNSHIP else 0
    payment = share(consultation, terms[CONSULTATION_SHARE])
    rest = eligible - consultation
    used = min(rest, max(terms[OUTPATIENT_DEDUCTIBLE] - year[OUTPATIENT_DEDUCTIBLE_USED], 0))
    year[OUTPATIENT_DEDUCTIBLE_USED] += used
    payment += min(share(rest - used, terms[OUTPATIENT_RATIO + tier]), terms[OUTPATIENT_VISIT_LIMIT])
    payment = min(payment, max(terms[OUTPATIENT_YEAR_LIMIT] - year[OUTPATIENT_PAID], 0))
    if terms[CAP_COUNTS_OUTPATIENT] == 1 and terms[CAP_ON_EXPENSE] == 0:
        payment = min(payment, max(terms[ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += payment
    year[OUTPATIENT_PAID] += payment
    return payment


@lean
def cii_of_year(terms, self_pay):
    """Step 5: what CII pays on a year's cumulative self-pay: annual bands above the threshold, own cap."""
    if self_pay <= terms[CII_THRESHOLD]:
        return 0
    return min(half_up(band_sum(terms[CII_THRESHOLD], self_pay, terms, CII_TOPS, CII_RATIO, 0)), terms[CII_CAP])


@lean
def pay_cii(terms, year, kind, listed_bill, compliant, patient_left):
    """Step 5: the bill's payment is the increase it causes in the year's CII payment."""
    if kind == OUTPATIENT_VISIT and terms[CII_COUNTS_OUTPATIENT] == 0:
        return 0
    if terms[CII_LISTED_ONLY] == 1 and not listed_bill:
        return 0
    before = year[SELF_PAY_YEAR]
    year[SELF_PAY_YEAR] = before + compliant
    if before + compliant <= terms[CII_THRESHOLD]:
        return 0
    return min(cii_of_year(terms, before + compliant) - cii_of_year(terms, before), patient_left)


@lean
def pay_assistance(terms, year, kind, listed_bill, group, self_pay):
    """Step 7: medical assistance's ratio of the in-scope self-pay left, for eligible groups (国办发〔2012〕20号 二(一)4(1))."""
    if group == 0:
        return 0
    if listed_bill:
        ratio = terms[MA_LISTED_RATIO + group]
    elif kind == INPATIENT:
        ratio = terms[MA_INPATIENT_RATIO + group]
    else:
        ratio = terms[MA_OUTPATIENT_RATIO + group]
    if ratio == 0:
        return 0
    deductible = 0
    if not (listed_bill and terms[MA_LISTED_WAIVES_DEDUCTIBLE] == 1):
        deductible = min(self_pay, max(terms[MA_DEDUCTIBLE] - year[MA_DEDUCTIBLE_USED], 0))
        year[MA_DEDUCTIBLE_USED] += deductible
    payment = share(self_pay - deductible, ratio)
    if not (listed_bill and terms[MA_LISTED_OUTSIDE_CAP] == 1):
        payment = min(payment, max(terms[MA_CAP] - year[MA_PAID], 0))
        year[MA_PAID] += payment
    return payment


@lean
def settle_bill(terms, year, kind, tier, member_class, group, county, illness, units, billed, eligible, tcm, unreferred):
    """One bill through every layer, in the order of design section 5; `year` is updated.

    Returns (basic, listed, outpatient, cii, assistance, cash, hospital, in_scope_left) in fen. The first
    seven add up to `billed`, with the payers whose place is kept for later (supplement, commercial, account,
    relief: zero); in_scope_left is the part of cash that is in scope.
    """
    listed_bill = is_listed(terms, illness, county)
    basic, listed, outpatient, hospital = 0, 0, 0, 0
    basis = eligible
    if listed_bill:
        basis, listed, hospital = pay_listed(terms, year, illness, units, billed, eligible)
    elif kind == INPATIENT:
        basic = pay_inpatient(terms, year, tier, member_class, group, billed, eligible, tcm, unreferred)
    else:
        outpatient = pay_outpatient(terms, year, tier, eligible)
    in_scope = max(basis - basic - listed - outpatient, 0)
    compliant = in_scope
    if terms[CII_EXCLUDED_SHARE] > 0:
        compliant += share(billed - basis - hospital, terms[CII_EXCLUDED_SHARE])
    left = billed - hospital - basic - listed - outpatient
    cii = pay_cii(terms, year, kind, listed_bill, compliant, left)
    assistance = pay_assistance(terms, year, kind, listed_bill, group, max(in_scope - cii, 0))
    in_scope_left = max(in_scope - cii, 0) - assistance
    return basic, listed, outpatient, cii, assistance, left - cii - assistance, hospital, in_scope_left


@lean
def visit_untouched(terms, year, group, cii):
    """True when a visit just settled would be settled alike from an empty year: no deductible, limit or cap was felt."""
    return (terms[OUTPATIENT_DEDUCTIBLE] == 0 and terms[CAP_COUNTS_OUTPATIENT] == 0 and cii == 0
            and year[OUTPATIENT_PAID] < terms[OUTPATIENT_YEAR_LIMIT]
            and (group == 0 or (terms[MA_DEDUCTIBLE] == 0 and year[MA_PAID] < terms[MA_CAP])))
