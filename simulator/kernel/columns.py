"""What the usual bill is paid from an empty year: passes over columns, eight bills at a time.

What they do not know they mark as hard (`kernel/first_bill.py` leaves it to the law).
"""

from __future__ import annotations

import numpy as np

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
    MEMBER_CLASS,
    NEW_DRUG,
    PAYMENT_RANK,
    TCM,
    TIER,
    UNREFERRED,
)
from simulator.compiling.compiled import lean
from simulator.law.rules import ENTITLED, IN_SCOPE_LEFT, LEFT, OUTSIDE, TOWNSHIP
from simulator.money import LARGEST_BILL, UNLIMITED, quick_ratio, quick_share
from simulator.tables import ACCOUNT, ASSISTANCE, BASIC, CASH, CII, COMMERCIAL, HOSPITAL, OUTPATIENT, RELIEF, SUPPLEMENT

# What a bill leaves in its column: the payers and what else `settle_bill` fills, but OWN for cash; then what it adds to the
# person's year, and whether the law has settled it. Defined where they are asked for: BASIC, HOSPITAL, ENTITLED, IN_SCOPE_LEFT
# and COUNTED of admissions and listed illnesses, LISTED of the latter, OUTPATIENT of visits, ACCOUNT under terms with accounts,
# SELF_PAY under terms with a threshold of CII.
OWN = CASH                                    # what the patient is left with, account and cash together
COUNTED, SELF_PAY, HARD = LEFT, LEFT + 1, LEFT + 2      # towards the annual cap (payments or expense) and the threshold of CII
COLUMNS = LEFT + 3
RARE = (SUPPLEMENT, CII, COMMERCIAL, RELIEF)  # nothing but of bills that the law has settled
# Scratch columns.
PRICE, CHARGED, BASIS, WITH_TCM, LOW, RATE, TOTAL = range(7)
WORK = 7


@lean
def zero(column, first, last):
    """Nothing in the places first .. last."""
    for i in range(np.uint64(first), np.uint64(last)):
        column[i] = 0


@lean
def any_of(terms, first, number):
    """Whether one of these terms is not zero."""
    found = False
    for n in range(first, first + number):
        found = found or terms[n] != 0
    return found


@lean
def choice(index, zero, one, two, three):
    """One of four by an index: a chain of selections vectorises, a look-up does not."""
    return three if index == 3 else two if index == 2 else one if index == 1 else zero


@lean
def visits_in_cii(terms):
    """Whether what patients pay of visits counts towards the threshold of CII."""
    return terms[t.CII_THRESHOLD] < UNLIMITED and terms[t.CII_COUNTS_OUTPATIENT] == 1 and terms[t.CII_LISTED_ONLY] == 0


@lean
def mark(values, limit, first, last, hard):
    """Bills with more than the limit are hard."""
    for i in range(np.uint64(first), np.uint64(last)):
        hard[i] |= 1 if values[i] > limit else 0


@lean
def find_hard(terms, bills, first, last, in_cii, paid):
    """Mark the bills whose facts alone make them unusual under these terms, and those past the threshold of CII if they count;
    returns whether there may be any."""
    hard, covered, relief, reference = paid[HARD], terms[t.COMMERCIAL_SHARE], terms[t.RELIEF_RATIO] > 0, terms[t.REFERENCE_PRICE]
    if reference < UNLIMITED:
        mark(bills[NEW_DRUG], reference, first, last, hard)
    if relief:
        mark(bills[EMERGENCY], np.int64(0), first, last, hard)
    if in_cii:
        mark(paid[SELF_PAY], terms[t.CII_THRESHOLD], first, last, hard)
    if covered > 0:
        rank = bills[COVER_RANK]
        for i in range(np.uint64(first), np.uint64(last)):
            hard[i] |= 1 if rank[i] < covered else 0
    return reference < UNLIMITED or relief or in_cii or covered > 0


@lean
def priced(terms):
    """Whether there is a price of cases or days anywhere."""
    return terms[t.PAYMENT_COUNTIES] > 0 and (any_of(terms, t.CASE_LEVEL, t.TIERS) or any_of(terms, t.DAY_PRICE, t.TIERS))


@lean
def price_admissions(terms, bills, count, work):
    """Step 3: the price of each admission, or -1; what is charged, the basis and the TCM in it."""
    billed, eligible, tcm = bills[BILLED], bills[ELIGIBLE], bills[TCM]
    price, charged, basis, with_tcm = work[PRICE], work[CHARGED], work[BASIS], work[WITH_TCM]
    counties, on_billed = terms[t.PAYMENT_COUNTIES], terms[t.PATIENT_SHARE_BASE]
    rank, tiers, case_price, days = bills[PAYMENT_RANK], bills[TIER], bills[CASE_PRICE], bills[DAYS]
    level_0, level_1, level_2, level_3 = (terms[t.CASE_LEVEL], terms[t.CASE_LEVEL + 1], terms[t.CASE_LEVEL + 2],
                                          terms[t.CASE_LEVEL + 3])
    day_0, day_1, day_2, day_3 = terms[t.DAY_PRICE], terms[t.DAY_PRICE + 1], terms[t.DAY_PRICE + 2], terms[t.DAY_PRICE + 3]
    for i in range(count):
        level, day = choice(tiers[i], level_0, level_1, level_2, level_3), choice(tiers[i], day_0, day_1, day_2, day_3)
        by_case = min(quick_share(case_price[i], level), LARGEST_BILL)
        by_day = min(day * days[i], LARGEST_BILL) if day > 0 else np.int64(-1)
        own = by_case if case_price[i] > 0 and level > 0 else by_day
        price[i] = own if rank[i] < counties and billed[i] > 0 else np.int64(-1)
    for i in range(count):
        on_price = price[i] >= 0 and on_billed == 0
        charged[i] = price[i] if on_price else billed[i]
        basis[i] = quick_share(price[i], quick_ratio(eligible[i], max(billed[i], 1))) if on_price else eligible[i]
    for i in range(count):
        with_tcm[i] = min(tcm[i], basis[i])


@lean
def add_band(terms, floor, top, count, tiers, unreferred, basis, low, rate, total):
    """Step 3a.4: add the part of each admission that lies between `floor` and `top`, times its rate and points."""
    bonus, outside, penalty = terms[t.PRIMARY_BONUS], terms[t.OUTSIDE_PENALTY], terms[t.UNREFERRED_PENALTY]
    after, before = terms[t.BAND_BASIS], 1 if floor > 0 else 0
    for i in range(count):
        deductible = min(low[i], basis[i])
        part = min(basis[i] - deductible * after, top) - max(deductible * (1 - after), floor)
        points = (bonus if tiers[i] == TOWNSHIP else 0) - (outside if tiers[i] == OUTSIDE else 0) - penalty * unreferred[i]
        total[i] = total[i] * before + max(part, 0) * min(max(rate[i] + points, 0), 10000)


@lean
def pay_admissions(terms, bills, count, paid, work):
    """Steps 3 and 5: what basic insurance pays of admissions whose deductibles, but for groups that bear none, are in `work`, and
    what is left; bills that reach a limit are hard: returns whether there may be any."""
    tiers, classes, group, unreferred = bills[TIER], bills[MEMBER_CLASS], bills[GROUP], bills[UNREFERRED]
    charged, basis, tcm = bills[BILLED], bills[ELIGIBLE], bills[TCM]
    prices = priced(terms)
    if prices:
        price_admissions(terms, bills, count, work)
        charged, basis, tcm = work[CHARGED], work[BASIS], work[WITH_TCM]
    low, rate, total = work[LOW], work[RATE], work[TOTAL]
    entitled, basic, counted, own, in_scope, hard = (paid[ENTITLED], paid[BASIC], paid[COUNTED], paid[OWN], paid[IN_SCOPE_LEFT],
                                                     paid[HARD])
    floor, waived = np.int64(0), np.int64(0)
    for n in range(t.GROUPS):
        waived |= terms[t.DEDUCTIBLE_WAIVED + n] << n
    if waived > 0:
        for i in range(count):
            low[i] *= 1 - ((waived >> group[i]) & 1)
    for band in range(t.BANDS):
        top = terms[t.BAND_TOPS + band]
        for i in range(np.uint64(count)):
            rate[i] = terms[np.uint64(t.RATIO + (tiers[i] * t.CLASSES + classes[i]) * t.BANDS + band)]
        add_band(terms, floor, top, count, tiers, unreferred, basis, low, rate, total)
        if top >= LARGEST_BILL:
            break
        floor = top
    bonus, guaranteed, factor = terms[t.TCM_BONUS], terms[t.GUARANTEED_SHARE], terms[t.FACTOR]
    for i in range(count):
        base = basis[i] - min(low[i], basis[i])
        entitled[i] = min(quick_share(1, total[i] + bonus * min(tcm[i], base)), base)
    if guaranteed > 0:
        guaranteed_on = charged if terms[t.GUARANTEED_BASIS] == 1 else basis
        for i in range(count):
            entitled[i] = min(max(entitled[i], quick_share(guaranteed_on[i], guaranteed)), basis[i])
    if factor != 10000:
        for i in range(count):
            entitled[i] = min(quick_share(entitled[i], factor), basis[i])
    cap, on_expense = terms[t.ANNUAL_CAP], terms[t.CAP_BASIS] == 1
    for i in range(count):
        basic[i] = entitled[i]
    if on_expense:
        for i in range(count):
            counted[i] = basis[i]
    else:
        for i in range(count):
            counted[i] = entitled[i]
    some = 0
    for i in range(count):
        over = 1 if counted[i] > cap else 0
        hard[i] = over
        some |= over
    for i in range(count):
        own[i] = charged[i] - entitled[i]
        in_scope[i] = min(max(basis[i] - entitled[i], 0), charged[i] - entitled[i])
    in_cii = terms[t.CII_THRESHOLD] < UNLIMITED
    if in_cii:
        excluded, counts, self_pay = terms[t.CII_EXCLUDED_SHARE], 1 - terms[t.CII_LISTED_ONLY], paid[SELF_PAY]
        for i in range(count):
            self_pay[i] = (max(basis[i] - entitled[i], 0) + quick_share(charged[i] - basis[i], excluded)) * counts
    asked = find_hard(terms, bills, np.int64(0), count, in_cii, paid)
    hospital = paid[HOSPITAL]
    if not prices:
        for i in range(count):
            hospital[i] = 0
    elif terms[t.PATIENT_SHARE_BASE] == 0:                               # the hospital keeps or bears the difference
        billed = bills[BILLED]
        for i in range(count):
            hospital[i] = billed[i] - charged[i]
    else:
        price = work[PRICE]
        for i in range(count):
            hospital[i] = min(charged[i] - price[i], entitled[i]) if price[i] >= 0 else np.int64(0)
        for i in range(count):
            basic[i] -= hospital[i]
    return asked or some > 0


@lean
def pay_visits(terms, bills, first, last, paid):
    """Steps 3b, 3c and 5 from an empty year."""
    tiers, billed, eligible, chronic, outpatient, own = (bills[TIER], bills[BILLED], bills[ELIGIBLE], bills[CHRONIC],
                                                         paid[OUTPATIENT], paid[OWN])
    fee, fee_share, deductible = terms[t.CONSULTATION_FEE], terms[t.CONSULTATION_SHARE], terms[t.OUTPATIENT_DEDUCTIBLE]
    counts = terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == 0
    cap = terms[t.ANNUAL_CAP] if counts else UNLIMITED
    most, limit = terms[t.OUTPATIENT_VISIT_LIMIT], min(terms[t.OUTPATIENT_YEAR_LIMIT], cap)
    ratio_0, ratio_1, ratio_2, ratio_3 = (terms[t.OUTPATIENT_RATIO], terms[t.OUTPATIENT_RATIO + 1], terms[t.OUTPATIENT_RATIO + 2],
                                          terms[t.OUTPATIENT_RATIO + 3])
    if fee == 0:
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(min(quick_share(max(eligible[i] - deductible, 0), ratio), most), limit)
            outpatient[i] = payment
            own[i] = billed[i] - payment
    else:
        for i in range(np.uint64(first), np.uint64(last)):
            consultation = min(fee, eligible[i]) if tiers[i] == TOWNSHIP else 0
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(quick_share(max(eligible[i] - consultation - deductible, 0), ratio), most)
            payment = min(payment + quick_share(consultation, fee_share), limit)
            outpatient[i] = payment
            own[i] = billed[i] - payment
    if terms[t.CHRONIC_LIST] == 1:
        deductible, limit = terms[t.CHRONIC_DEDUCTIBLE], min(terms[t.CHRONIC_YEAR_LIMIT], cap)
        ratio_0, ratio_1, ratio_2, ratio_3 = (terms[t.CHRONIC_RATIO], terms[t.CHRONIC_RATIO + 1], terms[t.CHRONIC_RATIO + 2],
                                              terms[t.CHRONIC_RATIO + 3])
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(quick_share(max(eligible[i] - deductible, 0), ratio), limit)
            outpatient[i] = payment if chronic[i] == 1 else outpatient[i]
        for i in range(np.uint64(first), np.uint64(last)):
            own[i] = billed[i] - outpatient[i]
    if visits_in_cii(terms):
        excluded, self_pay = terms[t.CII_EXCLUDED_SHARE], paid[SELF_PAY]
        for i in range(np.uint64(first), np.uint64(last)):
            self_pay[i] = max(eligible[i] - outpatient[i], 0) + quick_share(billed[i] - eligible[i], excluded)


@lean
def assistance_of(terms, self_pay, ratio, no_deductible, no_cap):
    """Step 7: what medical assistance pays of the in-scope self-pay left, by the ratio at this place of the terms."""
    deductible = 0 if no_deductible == 1 else terms[t.MA_DEDUCTIBLE]
    payment = quick_share(quick_share(max(self_pay - deductible, 0), terms[ratio]), terms[t.MA_TAKE_UP])
    return payment if no_cap == 1 else min(payment, terms[t.MA_CAP])


@lean
def assist(terms, bills, inpatients, grouped, groups, paid, work):
    """Step 7 of ordinary bills."""
    basis = work[BASIS] if priced(terms) else bills[ELIGIBLE]
    for n in range(groups):
        i = grouped[n]
        if i < inpatients:
            assistance = assistance_of(terms, max(basis[i] - paid[ENTITLED, i], 0), t.MA_INPATIENT_RATIO + bills[GROUP, i], 0, 0)
            paid[IN_SCOPE_LEFT, i] -= assistance
        else:
            assistance = assistance_of(terms, max(bills[ELIGIBLE, i] - paid[OUTPATIENT, i], 0),
                                       t.MA_OUTPATIENT_RATIO + bills[GROUP, i], 0, 0)
        paid[ASSISTANCE, i] = assistance
        paid[OWN, i] -= assistance


@lean
def pay_accounts(terms, bills, inpatients, count, paid):
    """Step 8: each bill has the whole account."""
    if any_of(terms, t.ACCOUNT_BALANCE, t.CLASSES):
        account, own, classes, first = paid[ACCOUNT], paid[OWN], bills[MEMBER_CLASS], np.int64(0)
        zero, one, two, three, four = (terms[t.ACCOUNT_BALANCE], terms[t.ACCOUNT_BALANCE + 1], terms[t.ACCOUNT_BALANCE + 2],
                                       terms[t.ACCOUNT_BALANCE + 3], terms[t.ACCOUNT_BALANCE + 4])
        if terms[t.ACCOUNT_USE] == 1:
            first = inpatients
            for i in range(np.uint64(first)):
                account[i] = 0
        for i in range(np.uint64(first), np.uint64(count)):
            account[i] = min(own[i], four if classes[i] == 4 else choice(classes[i], zero, one, two, three))
