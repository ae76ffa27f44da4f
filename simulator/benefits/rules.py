"""The law, one function a rule (docs/settlement.md): scalars in, fen out.

These functions are compiled for the simulation and called as they are by `explain` and `settle`.
`plan` is a stacked `tables.Plan`, `p` the policy in it; `year` is one person's state of the year,
int64[STATE]. Amounts are fen, ratios 1/10,000. Design, section 5 gives the order of the steps.
"""

from __future__ import annotations

from simulator.compiled import compiled
from simulator.money import half_up, share

# One person's state of the year, all zero on 1 January.
(ADMISSIONS, ELIGIBLE_YEAR, BASE_YEAR, CAP_USED, OUTPATIENT_DEDUCTIBLE_USED, OUTPATIENT_PAID,
 SELF_PAY_YEAR, MA_DEDUCTIBLE_USED, MA_PAID) = range(9)
STATE = 9

TOWNSHIP, OUTSIDE = 0, 3
INPATIENT, OUTPATIENT_VISIT = 0, 1


@compiled
def band_sum(low, high, tops, rates, points):
    """Sum over the bands of the part of (low, high] in each times its rate plus `points`, rate clipped to [0, 1].

    `tops` fen, rising, the last without limit; the result is in fen x 1/10,000 and is rounded by the caller.
    """
    total = 0
    floor = 0
    for b in range(len(tops)):
        if low < high and floor < high:
            part = min(high, tops[b]) - max(low, floor)
            if part > 0:
                total += part * min(max(rates[b] + points, 0), 10000)
        floor = tops[b]
    return total


@compiled
def is_listed(plan, p, illness, county):
    """Step 1: the list at that date covers the illness, fully or in the pilot counties (国办发〔2012〕20号 二(一)5(2))."""
    if illness < 0:
        return False
    membership = plan.listed[p, illness]
    return membership == 1 or (membership == 2 and county < plan.pilot_counties[p])


@compiled
def pay_listed(plan, p, year, illness, units, billed, eligible):
    """Step 2: the list's ratio on the quota price or the eligible expense; returns (basis, listed, hospital).

    No deductible; outside the annual cap where the region says so (江苏 2012 二(一)9).
    """
    basis = eligible
    hospital = 0
    if plan.quota[p, illness] > 0:
        basis = min(billed, plan.quota[p, illness] * units)
        if plan.quota_package[p, illness] == 1:
            hospital = billed - basis
    listed = share(basis, plan.listed_ratio[p, illness])
    if plan.listed_outside_cap[p] == 0 and plan.cap_on_expense[p] == 0:
        listed = min(listed, max(plan.annual_cap[p] - year[CAP_USED], 0))
        year[CAP_USED] += listed
    return basis, listed, hospital


@compiled
def deductible_of(plan, p, tier, admissions, member_class, group):
    """Step 3a.2: by tier, order of the admission in the year and member class; none for waived groups."""
    if plan.deductible_waived[p, group] == 1:
        return 0
    return plan.deductible[p, tier, min(admissions, 2), member_class]


@compiled
def points_of(plan, p, tier, unreferred):
    """Step 3a.4: points for primary care, off for out-of-area and unreferred care (国办发〔2012〕20号 二(一)3(2))."""
    points = 0
    if tier == TOWNSHIP:
        points += plan.primary_bonus[p]
    if tier == OUTSIDE:
        points -= plan.outside_penalty[p]
    if unreferred:
        points -= plan.unreferred_penalty[p]
    return points


@compiled
def pay_inpatient(plan, p, year, tier, member_class, group, billed, eligible, tcm, unreferred):
    """Step 3a: bands, guaranteed minimum, control factor and annual cap of an ordinary admission."""
    counted = eligible
    if plan.cap_on_expense[p] == 1:
        counted = min(eligible, max(plan.annual_cap[p] - year[ELIGIBLE_YEAR], 0))
    deductible = deductible_of(plan, p, tier, year[ADMISSIONS], member_class, group)
    base = max(counted - deductible, 0)
    if plan.after_deductible[p] == 1:
        low, high, earlier = 0, base, year[BASE_YEAR]
    else:
        low, high, earlier = min(deductible, counted), counted, year[ELIGIBLE_YEAR]
    if plan.band_year[p] == 1:
        low += earlier
        high += earlier
    points = points_of(plan, p, tier, unreferred)
    total = band_sum(low, high, plan.band_tops[p], plan.ratio[p, tier, member_class], points)
    payment = min(half_up(total + plan.tcm_bonus[p] * min(tcm, base)), base)
    guaranteed_on = billed if plan.guaranteed_on_billed[p] == 1 else counted
    payment = max(payment, share(guaranteed_on, plan.guaranteed_share[p]))
    payment = min(payment, counted)
    if plan.factor[p] != 10000:
        payment = min(share(payment, plan.factor[p]), counted)
    if plan.cap_on_expense[p] == 0:
        payment = min(payment, max(plan.annual_cap[p] - year[CAP_USED], 0))
        year[CAP_USED] += payment
    year[ADMISSIONS] += 1
    year[ELIGIBLE_YEAR] += eligible
    year[BASE_YEAR] += base
    return payment


@compiled
def pay_outpatient(plan, p, year, tier, eligible):
    """Step 3b: consultation fee, what is left of the deductible, ratio, limits of the visit and the year."""
    consultation = min(plan.consultation_fee[p], eligible) if tier == TOWNSHIP else 0
    payment = share(consultation, plan.consultation_share[p])
    rest = eligible - consultation
    used = min(rest, max(plan.outpatient_deductible[p] - year[OUTPATIENT_DEDUCTIBLE_USED], 0))
    year[OUTPATIENT_DEDUCTIBLE_USED] += used
    payment += min(share(rest - used, plan.outpatient_ratio[p, tier]), plan.outpatient_visit_limit[p])
    payment = min(payment, max(plan.outpatient_year_limit[p] - year[OUTPATIENT_PAID], 0))
    if plan.cap_counts_outpatient[p] == 1 and plan.cap_on_expense[p] == 0:
        payment = min(payment, max(plan.annual_cap[p] - year[CAP_USED], 0))
        year[CAP_USED] += payment
    year[OUTPATIENT_PAID] += payment
    return payment


@compiled
def cii_of_year(plan, p, self_pay):
    """Step 5: what CII pays on a year's cumulative self-pay: annual bands above the threshold, own cap."""
    if self_pay <= plan.cii_threshold[p]:
        return 0
    return min(half_up(band_sum(plan.cii_threshold[p], self_pay, plan.cii_tops[p], plan.cii_ratio[p], 0)), plan.cii_cap[p])


@compiled
def pay_cii(plan, p, year, kind, listed_bill, compliant, patient_left):
    """Step 5: the bill's payment is the increase it causes in the year's CII payment."""
    if kind == OUTPATIENT_VISIT and plan.cii_counts_outpatient[p] == 0:
        return 0
    if plan.cii_listed_only[p] == 1 and not listed_bill:
        return 0
    before = year[SELF_PAY_YEAR]
    year[SELF_PAY_YEAR] = before + compliant
    if before + compliant <= plan.cii_threshold[p]:
        return 0
    return min(cii_of_year(plan, p, before + compliant) - cii_of_year(plan, p, before), patient_left)


@compiled
def pay_assistance(plan, p, year, kind, listed_bill, group, self_pay):
    """Step 7: medical assistance's ratio of the in-scope self-pay left, for eligible groups (国办发〔2012〕20号 二(一)4(1))."""
    if group == 0:
        return 0
    if listed_bill:
        ratio = plan.ma_listed_ratio[p, group]
    elif kind == INPATIENT:
        ratio = plan.ma_inpatient_ratio[p, group]
    else:
        ratio = plan.ma_outpatient_ratio[p, group]
    if ratio == 0:
        return 0
    deductible = 0
    if not (listed_bill and plan.ma_listed_waives_deductible[p] == 1):
        deductible = min(self_pay, max(plan.ma_deductible[p] - year[MA_DEDUCTIBLE_USED], 0))
        year[MA_DEDUCTIBLE_USED] += deductible
    payment = share(self_pay - deductible, ratio)
    if not (listed_bill and plan.ma_listed_outside_cap[p] == 1):
        payment = min(payment, max(plan.ma_cap[p] - year[MA_PAID], 0))
        year[MA_PAID] += payment
    return payment


@compiled
def settle_bill(plan, p, year, kind, tier, member_class, group, county, illness, units, billed, eligible, tcm, unreferred):
    """One bill through every layer, in the order of design section 5; `year` is updated.

    Returns (basic, listed, outpatient, cii, assistance, cash, hospital, in_scope_left) in fen. The first
    seven add up to `billed`, with the payers whose place is kept for later (supplement, commercial, account,
    relief: zero); in_scope_left is the part of cash that is in scope.
    """
    listed_bill = is_listed(plan, p, illness, county)
    basic, listed, outpatient, hospital = 0, 0, 0, 0
    basis = eligible
    if listed_bill:
        basis, listed, hospital = pay_listed(plan, p, year, illness, units, billed, eligible)
    elif kind == INPATIENT:
        basic = pay_inpatient(plan, p, year, tier, member_class, group, billed, eligible, tcm, unreferred)
    else:
        outpatient = pay_outpatient(plan, p, year, tier, eligible)
    in_scope = max(basis - basic - listed - outpatient, 0)
    compliant = in_scope + share(billed - basis - hospital, plan.cii_excluded_share[p])
    left = billed - hospital - basic - listed - outpatient
    cii = pay_cii(plan, p, year, kind, listed_bill, compliant, left)
    assistance = pay_assistance(plan, p, year, kind, listed_bill, group, max(in_scope - cii, 0))
    in_scope_left = max(in_scope - cii, 0) - assistance
    return basic, listed, outpatient, cii, assistance, left - cii - assistance, hospital, in_scope_left
