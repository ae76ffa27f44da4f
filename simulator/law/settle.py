"""A person's year, bill by bill: the rules of `law/rules.py` strung together in the order of docs/settlement.md.

`settle_bill` moves the year's state on, fills what the bill leaves (`tables.Paid`) and a *trace*: every figure on the way, which
the settlement slip words. The functions are compiled for the simulation and called as they are by `explain` and `settle`.
`terms` is a plan's row of terms (`plan.py`, here `t`), `bill` a row of facts (`tables.Fact`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints
from simulator.law import rules
from simulator.law.rules import left_of
from simulator.money import half_up_large, share
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact, Paid


class YearState(IntEnum):
    """One person's state of the year, int64[STATE], all zero on 1 January; docs/settlement.md says what each figure is."""

    ADMISSIONS, ELIGIBLE_YEAR, BASE_YEAR, CAP_USED, OUTPATIENT_DEDUCTIBLE_USED, OUTPATIENT_PAID = range(6)
    SELF_PAY_YEAR, MA_DEDUCTIBLE_USED, MA_PAID, SUPPLEMENT_USED, COMMERCIAL_DEDUCTIBLE_USED = range(6, 11)
    COMMERCIAL_PAID, ACCOUNT_USED, CHRONIC_DEDUCTIBLE_USED, CHRONIC_PAID = range(11, 15)
    # Of a stay that was billed before (`law/rows.py`), else 0: the deductible taken, E' and E' after deductible so far.
    STAY_DEDUCTIBLE, STAY_ELIGIBLE, STAY_BASE = range(15, 18)


STATE = len(YearState)


class Trace(IntEnum):
    """How a bill was settled, int64[TRACE]. Only what the bill came by is filled: the rest is whatever stood there."""

    SCOPE, TCM, LISTED = range(3)                        # eligible and TCM after steps 0 and 2a; 1: paid as a listed illness
    PRICE, PRICE_SHARE, CHARGED, BASIS = range(3, 7)     # step 3: price or -1; E / B; what stands for B and for E
    LIST_RATIO, ORDINARY, LIST_WANTED = range(7, 10)     # step 2: by the list's ratio; as an ordinary bill; before the cap
    COUNTED, DEDUCTIBLE, BASE, POINTS = range(10, 14)    # step 3a.1-4: E', D, (E' - D)+, points
    TCM_PART, BANDS_PAID, LEAST = range(14, 17)          # step 3a.4-5: TCM that counts, payment of the bands, guaranteed amount
    GUARANTEED, AFTER_FACTOR = 17, 18                    # payment after steps 3a.6 and 3a.7
    CUT_SHARE, ABOVE_CAP = 19, 20                        # step 4: the share that the annual cap cuts off, and u
    CONSULTATION, CONSULTATION_PAID = 21, 22             # step 3b: C, c
    DEDUCTIBLE_USED, VISIT_PAID, WITHIN_LIMIT = range(23, 26)           # steps 3b, 3c: d, v, within the limit of the year
    SELF_PAY, COMPLIANT, CII_COUNTS = range(26, 29)      # step 5: s, c, whether the bill counts
    CII_BEFORE, CII_AFTER, CII_MOST = range(29, 32)      # F before the bill and with it, and what the patient had left
    COVERED, COVER_USED = 32, 33                         # step 6: x, d
    ASSISTED, ASSISTANCE_RATIO, ASSISTANCE_USED, ASSISTANCE_DUE = range(34, 38)      # step 7: m, ratio, d, before the take-up
    PATIENT_LEFT = 38                                    # step 8: l
    BANDS = 39                                           # step 3a.4: how many bands the interval goes through; of each
    BAND_FROM, BAND_PART, BAND_RATE = 40, 40 + t.BANDS, 40 + 2 * t.BANDS             # where its part begins, the part, the rate
    CII_PARTS_BEFORE = 40 + 3 * t.BANDS                  # step 5: how many bands F goes through before the bill, and the parts
    CII_PARTS = 41 + 4 * t.BANDS                         # and with the bill
    FIRST_PAID = 42 + 5 * t.BANDS                        # step 2a: f


TRACE = 43 + 5 * t.BANDS


@lean
def as_ordinary(terms: Ints, year: Ints, bill: Ints, trace: Ints) -> int:
    """Step 2, `listed_better`: what the bill would be paid as an ordinary one; the year's state stays as it is."""
    admissions, eligible_year = year[YearState.ADMISSIONS], year[YearState.ELIGIBLE_YEAR]
    base_year, cap_used = year[YearState.BASE_YEAR], year[YearState.CAP_USED]
    visit_deductible, visits_paid = year[YearState.OUTPATIENT_DEDUCTIBLE_USED], year[YearState.OUTPATIENT_PAID]
    chronic_deductible, chronic_paid = year[YearState.CHRONIC_DEDUCTIBLE_USED], year[YearState.CHRONIC_PAID]
    if bill[Fact.KIND] == INPATIENT:
        payment = pay_inpatient(terms, year, bill, bill[Fact.BILLED], trace[Trace.SCOPE], trace[Trace.TCM], trace)
    else:
        payment = pay_visit(terms, year, bill, trace[Trace.SCOPE], trace)
    year[YearState.ADMISSIONS], year[YearState.ELIGIBLE_YEAR] = admissions, eligible_year
    year[YearState.BASE_YEAR], year[YearState.CAP_USED] = base_year, cap_used
    year[YearState.OUTPATIENT_DEDUCTIBLE_USED], year[YearState.OUTPATIENT_PAID] = visit_deductible, visits_paid
    year[YearState.CHRONIC_DEDUCTIBLE_USED], year[YearState.CHRONIC_PAID] = chronic_deductible, chronic_paid
    return payment


@lean
def within_annual_cap(terms: Ints, year: Ints, payment: int) -> int:
    """Steps 2 and 3a.8 and the end of 3b: a payment within what is left of the annual cap on payments, which it uses up."""
    payment = min(payment, left_of(terms[t.ANNUAL_CAP], year[YearState.CAP_USED]))
    year[YearState.CAP_USED] += payment
    return payment


@lean
def pay_listed(terms: Ints, year: Ints, bill: Ints, trace: Ints) -> tuple[int, int]:
    """Step 2: what the list pays, and what a package price leaves to the hospital. The basis is noted in the trace."""
    illness, billed = bill[Fact.ILLNESS], bill[Fact.BILLED]
    quota, ordinary = terms[t.QUOTA + illness], 0
    basis = rules.listed_basis(billed, trace[Trace.SCOPE], quota, bill[Fact.UNITS])
    hospital = rules.above_quota(billed, basis, quota, terms[t.QUOTA_KIND + illness])
    if terms[t.LISTED_BETTER] == 1:
        ordinary = as_ordinary(terms, year, bill, trace)
    ratio = terms[t.LISTED_RATIO + illness]
    trace[Trace.BASIS], trace[Trace.ORDINARY] = basis, ordinary
    trace[Trace.LIST_RATIO] = rules.listed_payment(basis, ratio, 0, 0, 0)
    listed = rules.listed_payment(basis, ratio, terms[t.LISTED_BETTER], ordinary, billed - hospital)
    trace[Trace.LIST_WANTED] = listed
    if terms[t.LISTED_OUTSIDE_CAP] == 0 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        listed = within_annual_cap(terms, year, listed)
    return listed, hospital


@lean
def find_price(terms: Ints, bill: Ints) -> int:
    """Step 3: the price of an ordinary admission, -1 where there is none or the person's county takes no part."""
    if bill[Fact.PAYMENT_RANK] >= terms[t.PAYMENT_COUNTIES] or bill[Fact.BILLED] == 0:
        return -1
    tier = bill[Fact.TIER]
    return rules.price_of(bill[Fact.CASE_PRICE], terms[t.CASE_LEVEL + tier], bill[Fact.DAYS], terms[t.DAY_PRICE + tier])


@lean
def sum_bands(low: int, high: int, terms: Ints, tops: int, rates: int, points: int, trace: Ints) -> int:
    """Step 3a.4: the parts of (low, high] in the bands times their rates, fen x 1/10,000; `tops` and `rates` are the places in
    `terms` where the bands begin. Tops rise, and the last is without limit."""
    total, floor, band = 0, 0, 0
    while band < t.BANDS and floor < high:
        part = rules.band_part(low, high, floor, terms[tops + band])
        rate = rules.band_rate(terms[rates + band], points)
        total += part * rate
        trace[Trace.BAND_FROM + band] = max(low, floor)
        trace[Trace.BAND_PART + band] = part
        trace[Trace.BAND_RATE + band] = rate
        floor = terms[tops + band]
        band += 1
    trace[Trace.BANDS] = band
    return total


@lean
def pay_inpatient(terms: Ints, year: Ints, bill: Ints, charged: int, basis: int, tcm: int, trace: Ints) -> int:
    """Step 3a: what basic insurance pays of an ordinary admission. The in-scope expense above the annual cap, for step 4, is
    noted in the trace."""
    tier, member_class, counted = bill[Fact.TIER], bill[Fact.MEMBER_CLASS], basis
    if terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE:
        counted = min(basis, left_of(terms[t.ANNUAL_CAP], year[YearState.ELIGIBLE_YEAR]))
    deductible = rules.deductible_of(terms, tier, year[YearState.ADMISSIONS], member_class, bill[Fact.GROUP])
    deductible = left_of(deductible, year[YearState.STAY_DEDUCTIBLE])
    base = rules.above_deductible(counted, deductible)
    if terms[t.BAND_BASIS] == t.AFTER_DEDUCTIBLE:
        low, high, earlier, of_stay = 0, base, year[YearState.BASE_YEAR], year[YearState.STAY_BASE]
    else:
        low, high, earlier, of_stay = counted - base, counted, year[YearState.ELIGIBLE_YEAR], year[YearState.STAY_ELIGIBLE]
    if terms[t.BAND_PERIOD] != t.BANDS_OF_YEAR:
        earlier = of_stay
    low += earlier
    high += earlier
    points = rules.points_of(tier, bill[Fact.UNREFERRED], terms[t.PRIMARY_BONUS], terms[t.OUTSIDE_PENALTY],
                             terms[t.UNREFERRED_PENALTY])
    total = sum_bands(low, high, terms, t.BAND_TOPS, t.RATIO + (tier * t.N_CLASSES + member_class) * t.BANDS, points, trace)
    bands_paid = rules.bands_payment(total, terms[t.TCM_BONUS], tcm, base)
    least = share(charged if terms[t.GUARANTEED_BASIS] == t.GUARANTEED_OF_BILLED else counted, terms[t.GUARANTEED_SHARE])
    guaranteed = rules.at_least_guaranteed(bands_paid, least, counted)
    wanted = rules.with_factor(guaranteed, terms[t.FACTOR], counted)
    payment, above = wanted, basis - counted
    if terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        payment = within_annual_cap(terms, year, wanted)
        if payment < wanted:
            trace[Trace.CUT_SHARE] = rules.cut_share(wanted, payment)
            above = share(base, trace[Trace.CUT_SHARE])
    year[YearState.ADMISSIONS] += 1
    year[YearState.ELIGIBLE_YEAR] += basis
    year[YearState.BASE_YEAR] += base
    trace[Trace.COUNTED], trace[Trace.DEDUCTIBLE], trace[Trace.BASE], trace[Trace.POINTS] = counted, deductible, base, points
    trace[Trace.TCM_PART], trace[Trace.BANDS_PAID], trace[Trace.LEAST] = min(tcm, base), bands_paid, least
    trace[Trace.GUARANTEED], trace[Trace.AFTER_FACTOR], trace[Trace.ABOVE_CAP] = guaranteed, wanted, above
    return payment


@lean
def pay_visit(terms: Ints, year: Ints, bill: Ints, eligible: int, trace: Ints) -> int:
    """Steps 3b and 3c: an ordinary outpatient bill, on the chronic list or not."""
    tier = bill[Fact.TIER]
    if terms[t.CHRONIC_LIST] == 1 and bill[Fact.CHRONIC] == 1:
        left = left_of(terms[t.CHRONIC_DEDUCTIBLE], year[YearState.CHRONIC_DEDUCTIBLE_USED])
        used = rules.deductible_used(eligible, left)
        visit = rules.chronic_payment(eligible, left, terms[t.CHRONIC_RATIO + tier])
        payment = min(visit, left_of(terms[t.CHRONIC_YEAR_LIMIT], year[YearState.CHRONIC_PAID]))
        trace[Trace.WITHIN_LIMIT] = payment
        payment = within_cap_of_visits(terms, year, payment)
        year[YearState.CHRONIC_DEDUCTIBLE_USED] += used
        year[YearState.CHRONIC_PAID] += payment
    else:
        consultation = rules.consultation_part(eligible, tier, terms[t.CONSULTATION_FEE])
        fixed = share(consultation, terms[t.CONSULTATION_SHARE])
        left = left_of(terms[t.OUTPATIENT_DEDUCTIBLE], year[YearState.OUTPATIENT_DEDUCTIBLE_USED])
        used = rules.deductible_used(eligible - consultation, left)
        visit = rules.visit_payment(eligible - consultation, left, terms[t.OUTPATIENT_RATIO + tier],
                                    terms[t.OUTPATIENT_VISIT_LIMIT])
        payment = min(fixed + visit, left_of(terms[t.OUTPATIENT_YEAR_LIMIT], year[YearState.OUTPATIENT_PAID]))
        trace[Trace.CONSULTATION], trace[Trace.CONSULTATION_PAID], trace[Trace.WITHIN_LIMIT] = consultation, fixed, payment
        payment = within_cap_of_visits(terms, year, payment)
        year[YearState.OUTPATIENT_DEDUCTIBLE_USED] += used
        year[YearState.OUTPATIENT_PAID] += payment
    trace[Trace.DEDUCTIBLE_USED], trace[Trace.VISIT_PAID] = used, visit
    return payment


@lean
def within_cap_of_visits(terms: Ints, year: Ints, payment: int) -> int:
    """Steps 3b and 3c: an outpatient payment within what is left of the annual cap, where the cap counts outpatients."""
    if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        return within_annual_cap(terms, year, payment)
    return payment


@lean
def cii_of_year(terms: Ints, self_pay: int, trace: Ints, parts: int) -> int:
    """Step 5: what CII pays on a year's cumulative self-pay: annual bands above the threshold, own cap. How many bands it goes
    through is noted in the trace at `parts`, and the part in each behind it."""
    total, floor, threshold, band = 0, 0, terms[t.CII_THRESHOLD], 0
    if self_pay > threshold:
        while band < t.BANDS and floor < self_pay:
            part = rules.band_part(threshold, self_pay, floor, terms[t.CII_TOPS + band])
            total += part * terms[t.CII_RATIO + band]
            floor = terms[t.CII_TOPS + band]
            band += 1
            trace[parts + band] = part
    trace[parts] = band
    return min(half_up_large(total), terms[t.CII_CAP])


@lean
def pay_cii(terms: Ints, year: Ints, kind: int, compliant: int, patient_left: int, trace: Ints) -> int:
    """Step 5: the bill's payment is the increase it causes in the year's CII payment."""
    counts = ((kind != OUTPATIENT_VISIT or terms[t.CII_COUNTS_OUTPATIENT] == 1)
              and (terms[t.CII_LISTED_ONLY] == 0 or trace[Trace.LISTED] == 1))
    trace[Trace.CII_COUNTS] = 1 if counts else 0
    if not counts:
        return 0
    before = year[YearState.SELF_PAY_YEAR]
    year[YearState.SELF_PAY_YEAR] = before + compliant
    earlier = cii_of_year(terms, before, trace, np.int64(Trace.CII_PARTS_BEFORE))
    whole = cii_of_year(terms, before + compliant, trace, np.int64(Trace.CII_PARTS))
    trace[Trace.CII_BEFORE], trace[Trace.CII_AFTER], trace[Trace.CII_MOST] = earlier, whole, patient_left
    return min(whole - earlier, patient_left)


@lean
def pay_commercial(terms: Ints, year: Ints, in_scope: int, patient_left: int, trace: Ints) -> int:
    """Step 6: commercial cover of a person who holds it: deductible and cap of the year."""
    covered = patient_left if terms[t.COMMERCIAL_SCOPE] == t.COVERS_ALL else in_scope
    used = rules.deductible_used(covered, left_of(terms[t.COMMERCIAL_DEDUCTIBLE], year[YearState.COMMERCIAL_DEDUCTIBLE_USED]))
    payment = rules.commercial_payment(covered, used, terms[t.COMMERCIAL_RATIO],
                                       left_of(terms[t.COMMERCIAL_CAP], year[YearState.COMMERCIAL_PAID]))
    year[YearState.COMMERCIAL_DEDUCTIBLE_USED] += used
    year[YearState.COMMERCIAL_PAID] += payment
    trace[Trace.COVERED], trace[Trace.COVER_USED] = covered, used
    return payment


@lean
def pay_assistance(terms: Ints, year: Ints, kind: int, listed: int, group: int, self_pay: int, trace: Ints) -> int:
    """Step 7: medical assistance of the in-scope self-pay left, for eligible groups; `listed`: 1 on a bill that the list pays."""
    ratio = terms[t.MA_OUTPATIENT_RATIO + group]
    if listed == 1:
        ratio = terms[t.MA_LISTED_RATIO + group]
    elif kind == INPATIENT:
        ratio = terms[t.MA_INPATIENT_RATIO + group]
    trace[Trace.ASSISTED], trace[Trace.ASSISTANCE_RATIO] = self_pay, ratio
    if group == 0 or ratio == 0:
        return 0
    used = 0
    if not (listed == 1 and terms[t.MA_LISTED_WAIVES_DEDUCTIBLE] == 1):
        used = rules.deductible_used(self_pay, left_of(terms[t.MA_DEDUCTIBLE], year[YearState.MA_DEDUCTIBLE_USED]))
        year[YearState.MA_DEDUCTIBLE_USED] += used
    due = rules.assistance_due(self_pay, used, ratio)
    payment = share(due, terms[t.MA_TAKE_UP])
    trace[Trace.ASSISTANCE_USED], trace[Trace.ASSISTANCE_DUE] = used, due
    if not (listed == 1 and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        payment = min(payment, left_of(terms[t.MA_CAP], year[YearState.MA_PAID]))
        year[YearState.MA_PAID] += payment
    return payment


@lean
def pay_account(terms: Ints, year: Ints, kind: int, member_class: int, patient_left: int) -> int:
    """Step 8: the individual account pays what the patient has left, while it lasts."""
    if kind == INPATIENT and terms[t.ACCOUNT_USE] == t.OUTPATIENT_ONLY:
        return 0
    payment = min(patient_left, left_of(terms[t.ACCOUNT_BALANCE + member_class], year[YearState.ACCOUNT_USED]))
    year[YearState.ACCOUNT_USED] += payment
    return payment


@lean
def pay_relief(terms: Ints, bill: Ints, cash: int) -> int:
    """Step 9: emergency relief, for the emergencies of groups without means."""
    if bill[Fact.EMERGENCY] == 0 or terms[t.RELIEF_GROUPS + bill[Fact.GROUP]] == 0:
        return 0
    return rules.relief_payment(cash, terms[t.RELIEF_ABILITY], terms[t.RELIEF_RATIO])


@lean
def settle_bill(terms: Ints, year: Ints, bill: Ints, paid: Ints, trace: Ints) -> None:
    """One bill through every layer, in the order of docs/settlement.md: `year` int64[STATE] moves on, `paid` int64[LEFT] and
    `trace` int64[TRACE] are filled."""
    kind, group, billed = bill[Fact.KIND], bill[Fact.GROUP], bill[Fact.BILLED]
    basis = rules.within_reference_price(bill[Fact.ELIGIBLE], bill[Fact.NEW_DRUG], terms[t.REFERENCE_PRICE])       # step 0
    tcm = min(bill[Fact.TCM], basis)
    illness, listed_bill = bill[Fact.ILLNESS], 0
    if illness >= 0 and rules.is_listed(terms[t.LISTED + illness], bill[Fact.PILOT_RANK] < terms[t.PILOT_COUNTIES]):
        listed_bill = 1
    trace[Trace.SCOPE], trace[Trace.TCM], trace[Trace.LISTED] = basis, tcm, listed_bill
    basic, listed, outpatient, supplement, hospital, price = 0, 0, 0, 0, 0, -1
    trace[Trace.FIRST_PAID] = 0
    if listed_bill == 1:
        listed, hospital = pay_listed(terms, year, bill, trace)
        basis = trace[Trace.BASIS]
    else:
        first = rules.first_payment(basis, bill[Fact.TIER], terms[t.OUTSIDE_FIRST_PAY])                        # step 2a
        basis, tcm = basis - first, min(tcm, basis - first)
        trace[Trace.SCOPE], trace[Trace.TCM], trace[Trace.BASIS], trace[Trace.FIRST_PAID] = basis, tcm, basis, first
    if listed_bill == 0 and kind == INPATIENT:
        price = find_price(terms, bill)
        if price >= 0 and terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:     # step 3: settled as if the price had been billed
            trace[Trace.PRICE_SHARE] = rules.in_scope_ratio(basis, billed)
            basis = share(price, trace[Trace.PRICE_SHARE])
            billed, tcm = price, min(tcm, basis)
            trace[Trace.BASIS] = basis
        basic = pay_inpatient(terms, year, bill, billed, basis, tcm, trace)
        if trace[Trace.ABOVE_CAP] > 0:
            supplement = rules.supplement_payment(trace[Trace.ABOVE_CAP], terms[t.SUPPLEMENT_RATIO], left_of(
                terms[t.SUPPLEMENT_CAP], year[YearState.SUPPLEMENT_USED]), basis - basic)
            year[YearState.SUPPLEMENT_USED] += supplement
    elif listed_bill == 0:
        outpatient = pay_visit(terms, year, bill, basis, trace)
    trace[Trace.PRICE], trace[Trace.CHARGED] = price, billed
    left = billed - hospital - basic - listed - outpatient - supplement
    in_scope = max(basis - basic - listed - outpatient - supplement, 0)
    compliant = rules.compliant_expense(in_scope, billed - basis - hospital, terms[t.CII_EXCLUDED_SHARE])
    trace[Trace.SELF_PAY], trace[Trace.COMPLIANT] = in_scope, compliant
    cii = pay_cii(terms, year, kind, compliant, left, trace)
    left -= cii
    in_scope = max(in_scope - cii, 0)
    commercial = 0
    if bill[Fact.COVER_RANK] < terms[t.COMMERCIAL_SHARE]:
        commercial = pay_commercial(terms, year, in_scope, left, trace)
        left -= commercial
        in_scope = max(in_scope - commercial, 0)
    assistance = pay_assistance(terms, year, kind, listed_bill, group, in_scope, trace)
    left -= assistance
    trace[Trace.PATIENT_LEFT] = left
    account = pay_account(terms, year, kind, bill[Fact.MEMBER_CLASS], left)
    relief = pay_relief(terms, bill, left - account)
    paid[Paid.ENTITLED] = basic
    if price >= 0:                                                             # step 3: the fund pays the price, not the bill
        if terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:
            hospital = bill[Fact.BILLED] - price
        else:
            hospital = rules.hospital_bears(billed, price, basic)
            basic -= hospital
    paid[Paid.BASIC] = basic
    paid[Paid.LISTED] = listed
    paid[Paid.OUTPATIENT] = outpatient
    paid[Paid.SUPPLEMENT] = supplement
    paid[Paid.CII] = cii
    paid[Paid.COMMERCIAL] = commercial
    paid[Paid.ASSISTANCE] = assistance
    paid[Paid.ACCOUNT] = account
    paid[Paid.CASH] = left - account - relief
    paid[Paid.RELIEF] = relief
    paid[Paid.HOSPITAL] = hospital
    paid[Paid.IN_SCOPE_LEFT] = min(in_scope - assistance, left - relief)
