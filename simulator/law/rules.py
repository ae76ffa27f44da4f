"""The law, one function a rule (docs/settlement.md): integers in, fen out.

These functions are compiled for the simulation and called as they are by `explain` and `settle`.
`terms` is one policy's row of plan terms (`plan.py`, here `t`); `year` is one person's state of
the year, int64[STATE]; `bill` is a row of facts (`bill.py`). Amounts are fen, ratios 1/10,000.
"""

from __future__ import annotations

from simulator import plan as t
from simulator.bill import (
    BILLED,
    CASE_PRICE,
    CHRONIC,
    COVER_RANK,
    DAYS,
    ELIGIBLE,
    EMERGENCY,
    GROUP,
    ILLNESS,
    INPATIENT,
    KIND,
    MEMBER_CLASS,
    NEW_DRUG,
    OUTPATIENT_VISIT,
    PAYMENT_RANK,
    PILOT_RANK,
    TCM,
    TIER,
    UNITS,
    UNREFERRED,
)
from simulator.compiling.compiled import lean
from simulator.money import LARGEST_BILL, half_up, share
from simulator.tables import ACCOUNT, ASSISTANCE, BASIC, CASH, CII, COMMERCIAL, HOSPITAL, LISTED, OUTPATIENT, RELIEF, SUPPLEMENT

# One person's state of the year, all zero on 1 January.
(ADMISSIONS, ELIGIBLE_YEAR, BASE_YEAR, CAP_USED, OUTPATIENT_DEDUCTIBLE_USED, OUTPATIENT_PAID, SELF_PAY_YEAR, MA_DEDUCTIBLE_USED,
 MA_PAID, SUPPLEMENT_USED, COMMERCIAL_DEDUCTIBLE_USED, COMMERCIAL_PAID, ACCOUNT_USED, CHRONIC_DEDUCTIBLE_USED,
 CHRONIC_PAID) = range(15)
STATE = 15
IN_SCOPE_LEFT, ENTITLED = 11, 12   # behind the eleven payers in what a bill leaves
LEFT = 13

TOWNSHIP, OUTSIDE = 0, 3


@lean
def band_sum(low, high, terms, tops, rates, points):
    """Sum over the bands of the part of (low, high] in each times its rate plus `points`, rate clipped to [0, 1].

    `tops` and `rates` are the places in `terms` where the bands begin; tops rise, the last is without limit.
    The result is in fen x 1/10,000 and is rounded by the caller.
    """
    total = 0
    floor = 0
    for b in range(t.BANDS):
        if floor >= high:
            break
        part = min(high, terms[tops + b]) - max(low, floor)
        if part > 0:
            total += part * min(max(terms[rates + b] + points, 0), 10000)
        floor = terms[tops + b]
    return total


@lean
def is_listed(terms, illness, pilot_rank):
    """Step 1: the list at that date covers the illness, fully or in the pilot counties (国办发〔2012〕20号 二(一)5(2))."""
    if illness < 0:
        return False
    membership = terms[t.LISTED + illness]
    return membership == 1 or (membership == 2 and pilot_rank < terms[t.PILOT_COUNTIES])


@lean
def as_ordinary(terms, year, bill, eligible, tcm):
    """Step 2, `listed_better`: what the bill would be paid as an ordinary one; the year's state stays as it is."""
    admissions, eligible_year, base_year, cap_used = year[ADMISSIONS], year[ELIGIBLE_YEAR], year[BASE_YEAR], year[CAP_USED]
    visit_deductible, visits_paid = year[OUTPATIENT_DEDUCTIBLE_USED], year[OUTPATIENT_PAID]
    chronic_deductible, chronic_paid = year[CHRONIC_DEDUCTIBLE_USED], year[CHRONIC_PAID]
    if bill[KIND] == INPATIENT:
        payment, _ = pay_inpatient(terms, year, bill, bill[BILLED], eligible, tcm)
    else:
        payment = pay_visit(terms, year, bill, eligible)
    year[ADMISSIONS], year[ELIGIBLE_YEAR], year[BASE_YEAR], year[CAP_USED] = admissions, eligible_year, base_year, cap_used
    year[OUTPATIENT_DEDUCTIBLE_USED], year[OUTPATIENT_PAID] = visit_deductible, visits_paid
    year[CHRONIC_DEDUCTIBLE_USED], year[CHRONIC_PAID] = chronic_deductible, chronic_paid
    return payment


@lean
def pay_listed(terms, year, bill, eligible, tcm):
    """Step 2: the list's ratio on the quota price or the eligible expense; returns (basis, listed, hospital).

    No deductible; outside the annual cap where the region says so (江苏 2012 二(一)9).
    """
    illness, billed = bill[ILLNESS], bill[BILLED]
    basis = eligible
    hospital = 0
    if terms[t.QUOTA + illness] > 0:
        basis = min(billed, terms[t.QUOTA + illness] * bill[UNITS])
        if terms[t.QUOTA_KIND + illness] == 1:
            hospital = billed - basis
    listed = share(basis, terms[t.LISTED_RATIO + illness])
    if terms[t.LISTED_BETTER] == 1:
        listed = min(max(listed, as_ordinary(terms, year, bill, eligible, tcm)), billed - hospital)
    if terms[t.LISTED_OUTSIDE_CAP] == 0 and terms[t.CAP_BASIS] == 0:
        listed = min(listed, max(terms[t.ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += listed
    return basis, listed, hospital


@lean
def price_of(terms, bill):
    """Step 3: the price of an ordinary admission under case or per-diem payment, -1 under fee for service (江苏 2012 二(一)7)."""
    if bill[PAYMENT_RANK] >= terms[t.PAYMENT_COUNTIES] or bill[BILLED] == 0:
        return -1
    tier = bill[TIER]
    if bill[CASE_PRICE] > 0 and terms[t.CASE_LEVEL + tier] > 0:
        return min(share(bill[CASE_PRICE], terms[t.CASE_LEVEL + tier]), LARGEST_BILL)
    if terms[t.DAY_PRICE + tier] > 0:
        return min(terms[t.DAY_PRICE + tier] * bill[DAYS], LARGEST_BILL)
    return -1


@lean
def deductible_of(terms, tier, admissions, member_class, group):
    """Step 3a.2: by tier, order of the admission in the year and member class; none for waived groups."""
    if terms[t.DEDUCTIBLE_WAIVED + group] == 1:
        return 0
    return terms[t.DEDUCTIBLE + (tier * t.ORDERS + min(admissions, 2)) * t.CLASSES + member_class]


@lean
def points_of(terms, tier, unreferred):
    """Step 3a.4: points for primary care, off for out-of-area and unreferred care (国办发〔2012〕20号 二(一)3(2))."""
    points = 0
    if tier == TOWNSHIP:
        points += terms[t.PRIMARY_BONUS]
    if tier == OUTSIDE:
        points -= terms[t.OUTSIDE_PENALTY]
    if unreferred:
        points -= terms[t.UNREFERRED_PENALTY]
    return points


@lean
def pay_inpatient(terms, year, bill, billed, eligible, tcm):
    """Step 3a: bands, guaranteed minimum, control factor and annual cap of an ordinary admission.

    Returns (basic, above): what is paid, and the in-scope expense above the annual cap (step 4).
    """
    tier, member_class = bill[TIER], bill[MEMBER_CLASS]
    counted = eligible
    if terms[t.CAP_BASIS] == 1:
        counted = min(eligible, max(terms[t.ANNUAL_CAP] - year[ELIGIBLE_YEAR], 0))
    above = eligible - counted
    deductible = deductible_of(terms, tier, year[ADMISSIONS], member_class, bill[GROUP])
    base = max(counted - deductible, 0)
    if terms[t.BAND_BASIS] == 1:
        low, high, earlier = 0, base, year[BASE_YEAR]
    else:
        low, high, earlier = min(deductible, counted), counted, year[ELIGIBLE_YEAR]
    if terms[t.BAND_PERIOD] == 1:
        low += earlier
        high += earlier
    points = points_of(terms, tier, bill[UNREFERRED] == 1)
    total = band_sum(low, high, terms, t.BAND_TOPS, t.RATIO + (tier * t.CLASSES + member_class) * t.BANDS, points)
    payment = min(half_up(total + terms[t.TCM_BONUS] * min(tcm, base)), base)
    guaranteed_on = billed if terms[t.GUARANTEED_BASIS] == 1 else counted
    payment = max(payment, share(guaranteed_on, terms[t.GUARANTEED_SHARE]))
    payment = min(payment, counted)
    if terms[t.FACTOR] != 10000:
        payment = min(share(payment, terms[t.FACTOR]), counted)
    if terms[t.CAP_BASIS] == 0:
        wanted = payment
        payment = min(payment, max(terms[t.ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += payment
        if payment < wanted:
            above = share(base, ((wanted - payment) * 10000) // wanted)
    year[ADMISSIONS] += 1
    year[ELIGIBLE_YEAR] += eligible
    year[BASE_YEAR] += base
    return payment, above


@lean
def pay_outpatient(terms, year, tier, eligible):
    """Step 3b: consultation fee, what is left of the deductible, ratio, limits of the visit and the year."""
    consultation = min(terms[t.CONSULTATION_FEE], eligible) if tier == TOWNSHIP else 0
    payment = share(consultation, terms[t.CONSULTATION_SHARE])
    rest = eligible - consultation
    used = min(rest, max(terms[t.OUTPATIENT_DEDUCTIBLE] - year[OUTPATIENT_DEDUCTIBLE_USED], 0))
    year[OUTPATIENT_DEDUCTIBLE_USED] += used
    payment += min(share(rest - used, terms[t.OUTPATIENT_RATIO + tier]), terms[t.OUTPATIENT_VISIT_LIMIT])
    payment = min(payment, max(terms[t.OUTPATIENT_YEAR_LIMIT] - year[OUTPATIENT_PAID], 0))
    payment = within_cap(terms, year, payment)
    year[OUTPATIENT_PAID] += payment
    return payment


@lean
def pay_chronic(terms, year, tier, eligible):
    """Step 3c: a visit for a disease on the chronic outpatient list: deductible and limit of the year, ratio of its own."""
    used = min(eligible, max(terms[t.CHRONIC_DEDUCTIBLE] - year[CHRONIC_DEDUCTIBLE_USED], 0))
    year[CHRONIC_DEDUCTIBLE_USED] += used
    payment = min(share(eligible - used, terms[t.CHRONIC_RATIO + tier]), max(terms[t.CHRONIC_YEAR_LIMIT] - year[CHRONIC_PAID], 0))
    payment = within_cap(terms, year, payment)
    year[CHRONIC_PAID] += payment
    return payment


@lean
def within_cap(terms, year, payment):
    """Steps 3b and 3c: an outpatient payment within what is left of the annual cap, where the cap counts outpatients."""
    if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == 0:
        payment = min(payment, max(terms[t.ANNUAL_CAP] - year[CAP_USED], 0))
        year[CAP_USED] += payment
    return payment


@lean
def pay_visit(terms, year, bill, eligible):
    """Steps 3b and 3c: an ordinary outpatient bill, on the chronic list or not."""
    if terms[t.CHRONIC_LIST] == 1 and bill[CHRONIC] == 1:
        return pay_chronic(terms, year, bill[TIER], eligible)
    return pay_outpatient(terms, year, bill[TIER], eligible)


@lean
def pay_supplement(terms, year, above, unpaid):
    """Step 4: the large-sum supplement on the in-scope expense above the annual cap, at most `unpaid` (江苏 2012 二(一)4)."""
    payment = min(share(above, terms[t.SUPPLEMENT_RATIO]), max(terms[t.SUPPLEMENT_CAP] - year[SUPPLEMENT_USED], 0))
    payment = min(payment, unpaid)
    year[SUPPLEMENT_USED] += payment
    return payment


@lean
def cii_of_year(terms, self_pay):
    """Step 5: what CII pays on a year's cumulative self-pay: annual bands above the threshold, own cap."""
    if self_pay <= terms[t.CII_THRESHOLD]:
        return 0
    return min(half_up(band_sum(terms[t.CII_THRESHOLD], self_pay, terms, t.CII_TOPS, t.CII_RATIO, 0)), terms[t.CII_CAP])


@lean
def pay_cii(terms, year, kind, listed_bill, compliant, patient_left):
    """Step 5: the bill's payment is the increase it causes in the year's CII payment."""
    if kind == OUTPATIENT_VISIT and terms[t.CII_COUNTS_OUTPATIENT] == 0:
        return 0
    if terms[t.CII_LISTED_ONLY] == 1 and not listed_bill:
        return 0
    before = year[SELF_PAY_YEAR]
    year[SELF_PAY_YEAR] = before + compliant
    if before + compliant <= terms[t.CII_THRESHOLD]:
        return 0
    return min(cii_of_year(terms, before + compliant) - cii_of_year(terms, before), patient_left)


@lean
def pay_commercial(terms, year, in_scope, patient_left):
    """Step 6: commercial cover of a person who holds it: deductible and cap of the year (国办发〔2012〕20号 二(一)5(1))."""
    covered = patient_left if terms[t.COMMERCIAL_SCOPE] == 1 else in_scope
    used = min(covered, max(terms[t.COMMERCIAL_DEDUCTIBLE] - year[COMMERCIAL_DEDUCTIBLE_USED], 0))
    year[COMMERCIAL_DEDUCTIBLE_USED] += used
    payment = min(share(covered - used, terms[t.COMMERCIAL_RATIO]), max(terms[t.COMMERCIAL_CAP] - year[COMMERCIAL_PAID], 0))
    year[COMMERCIAL_PAID] += payment
    return payment


@lean
def pay_assistance(terms, year, kind, listed_bill, group, self_pay):
    """Step 7: medical assistance's ratio of the in-scope self-pay left, for eligible groups (国办发〔2012〕20号 二(一)4(1))."""
    if group == 0:
        return 0
    if listed_bill:
        ratio = terms[t.MA_LISTED_RATIO + group]
    elif kind == INPATIENT:
        ratio = terms[t.MA_INPATIENT_RATIO + group]
    else:
        ratio = terms[t.MA_OUTPATIENT_RATIO + group]
    if ratio == 0:
        return 0
    deductible = 0
    if not (listed_bill and terms[t.MA_LISTED_WAIVES_DEDUCTIBLE] == 1):
        deductible = min(self_pay, max(terms[t.MA_DEDUCTIBLE] - year[MA_DEDUCTIBLE_USED], 0))
        year[MA_DEDUCTIBLE_USED] += deductible
    payment = share(self_pay - deductible, ratio)
    if terms[t.MA_TAKE_UP] != 10000:
        payment = share(payment, terms[t.MA_TAKE_UP])
    if not (listed_bill and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        payment = min(payment, max(terms[t.MA_CAP] - year[MA_PAID], 0))
        year[MA_PAID] += payment
    return payment


@lean
def pay_account(terms, year, kind, member_class, patient_left):
    """Step 8: the individual account pays what the patient has left, while it lasts."""
    if kind == INPATIENT and terms[t.ACCOUNT_USE] == 1:
        return 0
    payment = min(patient_left, max(terms[t.ACCOUNT_BALANCE + member_class] - year[ACCOUNT_USED], 0))
    year[ACCOUNT_USED] += payment
    return payment


@lean
def pay_relief(terms, bill, cash):
    """Step 9: what the emergency relief fund takes over of a patient without means (国办发〔2012〕20号 二(一)4(2))."""
    if bill[EMERGENCY] == 0 or terms[t.RELIEF_GROUPS + bill[GROUP]] == 0:
        return 0
    return share(max(cash - terms[t.RELIEF_ABILITY], 0), terms[t.RELIEF_RATIO])


@lean
def settle_bill(terms, year, bill, paid):
    """One bill through every layer, in the order of docs/settlement.md; `year` moves on, `paid` int64[LEFT] is filled.

    `paid` has the eleven payers in the order of tables.PAYERS, which add up to what was billed; then the part of the patient's
    own payment that is in scope, and ENTITLED, basic before a price changes what the fund pays the hospital (step 3).
    """
    kind, group = bill[KIND], bill[GROUP]
    billed, eligible, tcm = bill[BILLED], bill[ELIGIBLE], bill[TCM]
    if bill[NEW_DRUG] > terms[t.REFERENCE_PRICE]:                              # step 0
        eligible -= bill[NEW_DRUG] - terms[t.REFERENCE_PRICE]
        tcm = min(tcm, eligible)
    listed_bill = is_listed(terms, bill[ILLNESS], bill[PILOT_RANK])
    basic, listed, outpatient, supplement, hospital = 0, 0, 0, 0, 0
    price = -1
    basis = eligible
    if listed_bill:
        basis, listed, hospital = pay_listed(terms, year, bill, eligible, tcm)
    elif kind == INPATIENT:
        price = price_of(terms, bill)
        if price >= 0 and terms[t.PATIENT_SHARE_BASE] == 0:                     # step 3: settled as if the price had been billed
            basis = share(price, (eligible * 10000) // billed)
            billed, tcm = price, min(tcm, basis)
        basic, above = pay_inpatient(terms, year, bill, billed, basis, tcm)
        if above > 0:
            supplement = pay_supplement(terms, year, above, basis - basic)
    else:
        outpatient = pay_visit(terms, year, bill, eligible)
    left = billed - hospital - basic - listed - outpatient - supplement
    in_scope = max(basis - basic - listed - outpatient - supplement, 0)
    compliant = in_scope
    if terms[t.CII_EXCLUDED_SHARE] > 0:
        compliant += share(billed - basis - hospital, terms[t.CII_EXCLUDED_SHARE])
    cii = pay_cii(terms, year, kind, listed_bill, compliant, left)
    left -= cii
    in_scope = max(in_scope - cii, 0)
    commercial = 0
    if bill[COVER_RANK] < terms[t.COMMERCIAL_SHARE]:
        commercial = pay_commercial(terms, year, in_scope, left)
        left -= commercial
        in_scope = max(in_scope - commercial, 0)
    assistance = pay_assistance(terms, year, kind, listed_bill, group, in_scope)
    left -= assistance
    account = pay_account(terms, year, kind, bill[MEMBER_CLASS], left)
    relief = pay_relief(terms, bill, left - account)
    paid[ENTITLED] = basic
    if price >= 0:                                                             # step 3: the fund pays the price, not the bill
        if terms[t.PATIENT_SHARE_BASE] == 0:
            hospital = bill[BILLED] - price
        else:
            hospital = min(billed - price, basic)
            basic -= hospital
    paid[BASIC] = basic
    paid[LISTED] = listed
    paid[OUTPATIENT] = outpatient
    paid[SUPPLEMENT] = supplement
    paid[CII] = cii
    paid[COMMERCIAL] = commercial
    paid[ASSISTANCE] = assistance
    paid[ACCOUNT] = account
    paid[CASH] = left - account - relief
    paid[RELIEF] = relief
    paid[HOSPITAL] = hospital
    paid[IN_SCOPE_LEFT] = min(in_scope - assistance, left - relief)
