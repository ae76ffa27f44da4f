"""A block of bills settled each from an empty year, in passes over columns.

The passes know the usual bill and work on eight bills at a time. Bills they do not know - a listed illness, a
limit or threshold passed, a new drug above its price, a commercial cover - they leave to `rules.settle_bill`: the law
is stated there, and a test holds the passes to it, bill by bill.
"""

from __future__ import annotations

import numpy as np

from simulator.benefits import terms as t
from simulator.benefits.rules import (
    ADMISSIONS,
    CAP_USED,
    ELIGIBLE_YEAR,
    ENTITLED,
    IN_SCOPE_LEFT,
    LEFT,
    OUTSIDE,
    SELF_PAY_YEAR,
    STATE,
    TOWNSHIP,
    settle_bill,
)
from simulator.bill import (
    BILLED,
    CASE_PRICE,
    CHRONIC,
    COVER_RANK,
    DAYS,
    ELIGIBLE,
    EMERGENCY,
    FACTS,
    GROUP,
    MEMBER_CLASS,
    NEW_DRUG,
    PAYMENT_RANK,
    TCM,
    TIER,
    UNREFERRED,
)
from simulator.compiled import lean
from simulator.money import LARGEST_BILL, UNLIMITED, quick_ratio, quick_share
from simulator.tables import ACCOUNT, ASSISTANCE, BASIC, CASH, CII, COMMERCIAL, HOSPITAL, LISTED, OUTPATIENT, RELIEF, SUPPLEMENT

# What a bill leaves in its column: the payers and what else `settle_bill` fills, then what it adds to the person's year.
COUNTED, SELF_PAY = LEFT, LEFT + 1            # towards the annual cap (payments or expense); towards the threshold of CII
COLUMNS = LEFT + 2
RARE = (LISTED, SUPPLEMENT, CII, COMMERCIAL, RELIEF)
# Scratch columns.
HARD, PRICE, CHARGED, BASIS, WITH_TCM, LOW, HIGH, RATE, POINTS, TOTAL = range(10)
WORK = 10


@lean
def settle_slips(terms, bills, counts, paid, work, odd, scratch):
    """Fill int64[COLUMNS, n] `paid` with what every bill leaves in an empty year; returns how many bills the law settled, which
    are noted in `odd`. Only they may have RARE payments, which must be cleared before `paid` is filled again.

    `bills` int64[FACTS, n] in columns; `counts` tells where the listed illnesses and the visits among them begin, and how many
    bills there are. `work` int64[WORK, n] and the rows of `scratch` (bill, year, what it leaves) are for use within.
    """
    start, admissions, inpatients, count = np.int64(0), counts[0], counts[1], counts[2]
    hard = work[HARD]
    for payer in (ASSISTANCE, ACCOUNT, SELF_PAY):
        zero(paid[payer], start, count)
    for payer in (BASIC, ENTITLED, HOSPITAL):
        zero(paid[payer], inpatients, count)
    zero(paid[OUTPATIENT], start, inpatients)
    for i in range(admissions, inpatients):
        hard[i] = 1
    find_hard(terms, bills, start, admissions, hard)
    find_hard(terms, bills, inpatients, count, hard)
    if admissions > 0:
        price_admissions(terms, bills, admissions, work)
        pay_bands(terms, bills, admissions, work)
        pay_admissions(terms, bills, admissions, paid, work)
    if count > inpatients:
        pay_visits(terms, bills, inpatients, count, paid)
    groups, classes = bills[GROUP], bills[MEMBER_CLASS]
    pay_the_rest(terms, start, admissions, work[CHARGED], work[BASIS], groups, classes, paid[BASIC], paid, hard,
                 terms[t.CII_LISTED_ONLY] == 0, np.int64(t.MA_INPATIENT_RATIO), terms[t.ACCOUNT_OUTPATIENT_ONLY] == 0)
    pay_the_rest(terms, inpatients, count, bills[BILLED], bills[ELIGIBLE], groups, classes, paid[OUTPATIENT], paid, hard,
                 terms[t.CII_LISTED_ONLY] == 0 and terms[t.CII_COUNTS_OUTPATIENT] == 1, np.int64(t.MA_OUTPATIENT_RATIO),
                 True)
    pay_prices(terms, bills, admissions, paid, work)
    odds = 0
    for i in range(count):
        odd[odds] = i
        odds += hard[i]
    for o in range(odds):
        settle_alone(terms, bills, odd[o], np.int64(0), paid, scratch)
    return odds


@lean
def settle_column(terms, bills, i, year, paid, scratch):
    """Settle the bill in a column by the law; `year` moves on."""
    bill, left = scratch[0], scratch[2]
    for fact in range(len(FACTS)):
        bill[fact] = bills[fact, i]
    settle_bill(terms, year, bill, left)
    for n in range(LEFT):
        paid[n, i] = left[n]


@lean
def settle_alone(terms, bills, i, admissions, paid, scratch):
    """Settle a bill by the law from a year that is empty but for so many admissions."""
    year = scratch[1]
    for n in range(STATE):
        year[n] = 0
    year[ADMISSIONS] = admissions
    settle_column(terms, bills, i, year, paid, scratch)
    paid[COUNTED, i] = year[ELIGIBLE_YEAR] if terms[t.CAP_ON_EXPENSE] == 1 else year[CAP_USED]
    paid[SELF_PAY, i] = year[SELF_PAY_YEAR]


@lean
def zero(column, first, last):
    """Nothing in the places first .. last."""
    for i in range(np.uint64(first), np.uint64(last)):
        column[i] = 0


@lean
def clear(paid, odd, odds):
    """Take the RARE payments of the odd bills out."""
    for o in range(odds):
        for payer in RARE:
            paid[payer, odd[o]] = 0


@lean
def find_hard(terms, bills, first, last, hard):
    """Mark the bills whose facts alone make them unusual under these terms."""
    for i in range(np.uint64(first), np.uint64(last)):
        hard[i] = 0
    reference, covered = terms[t.REFERENCE_PRICE], terms[t.COMMERCIAL_SHARE]
    if reference < UNLIMITED:
        new_drug = bills[NEW_DRUG]
        for i in range(np.uint64(first), np.uint64(last)):
            hard[i] |= 1 if new_drug[i] > reference else 0
    if covered > 0:
        rank = bills[COVER_RANK]
        for i in range(np.uint64(first), np.uint64(last)):
            hard[i] |= 1 if rank[i] < covered else 0
    if terms[t.RELIEF_RATIO] > 0:
        emergency = bills[EMERGENCY]
        for i in range(np.uint64(first), np.uint64(last)):
            hard[i] |= emergency[i]


@lean
def any_of(terms):
    """Whether one of these terms is not zero."""
    found = False
    for term in terms:
        found = found or term != 0
    return found


@lean
def choice(index, zero, one, two, three):
    """One of four by an index: a chain of selections vectorises, a look-up does not."""
    return three if index == 3 else two if index == 2 else one if index == 1 else zero


@lean
def four(terms):
    """The first four terms, one a tier."""
    return terms[0], terms[1], terms[2], terms[3]


@lean
def price_admissions(terms, bills, count, work):
    """Step 3: the price of each admission, or -1; what is charged, the basis and the TCM in it."""
    billed, eligible, tcm = bills[BILLED], bills[ELIGIBLE], bills[TCM]
    price, charged, basis, with_tcm = work[PRICE], work[CHARGED], work[BASIS], work[WITH_TCM]
    counties = terms[t.PAYMENT_COUNTIES]
    levels, day_prices = terms[t.CASE_LEVEL:t.CASE_LEVEL + t.TIERS], terms[t.DAY_PRICE:t.DAY_PRICE + t.TIERS]
    if counties == 0 or not (any_of(levels) or any_of(day_prices)):
        for i in range(count):
            price[i] = -1
        for i in range(count):
            charged[i] = billed[i]
            basis[i] = eligible[i]
            with_tcm[i] = tcm[i]
        return
    rank, tiers, case_price, days = bills[PAYMENT_RANK], bills[TIER], bills[CASE_PRICE], bills[DAYS]
    level_0, level_1, level_2, level_3 = four(levels)
    day_0, day_1, day_2, day_3 = four(day_prices)
    for i in range(count):
        level, day = choice(tiers[i], level_0, level_1, level_2, level_3), choice(tiers[i], day_0, day_1, day_2, day_3)
        by_case = min(quick_share(case_price[i], level), LARGEST_BILL)
        by_day = min(day * days[i], LARGEST_BILL) if day > 0 else np.int64(-1)
        own = by_case if case_price[i] > 0 and level > 0 else by_day
        price[i] = own if rank[i] < counties and billed[i] > 0 else np.int64(-1)
    on_billed = terms[t.PRICE_BASE_BILLED]
    for i in range(count):
        on_price = price[i] >= 0 and on_billed == 0
        charged[i] = price[i] if on_price else billed[i]
        basis[i] = quick_share(price[i], quick_ratio(eligible[i], max(billed[i], 1))) if on_price else eligible[i]
    for i in range(count):
        with_tcm[i] = min(tcm[i], basis[i])


@lean
def pay_bands(terms, bills, count, work):
    """Steps 3a.2 to 3a.4: the interval that is paid on, and the sum over the bands of its parts times their rates."""
    tiers, classes, groups, unreferred = bills[TIER], bills[MEMBER_CLASS], bills[GROUP], bills[UNREFERRED]
    basis, low, high, rate, points, total = work[BASIS], work[LOW], work[HIGH], work[RATE], work[POINTS], work[TOTAL]
    for i in range(count):                                              # look-ups: one at a time
        deductible = terms[t.DEDUCTIBLE + tiers[i] * (t.ORDERS * t.CLASSES) + classes[i]]
        low[i] = deductible * (1 - terms[t.DEDUCTIBLE_WAIVED + groups[i]])
    after = terms[t.AFTER_DEDUCTIBLE]
    bonus, outside, penalty = terms[t.PRIMARY_BONUS], terms[t.OUTSIDE_PENALTY], terms[t.UNREFERRED_PENALTY]
    for i in range(count):
        deductible = min(low[i], basis[i])
        low[i] = 0 if after == 1 else deductible
        high[i] = basis[i] - deductible if after == 1 else basis[i]
        total[i] = 0
    for i in range(count):
        points[i] = (bonus if tiers[i] == TOWNSHIP else 0) - (outside if tiers[i] == OUTSIDE else 0) - penalty * unreferred[i]
    floor = np.int64(0)
    for band in range(t.BANDS):
        top = terms[t.BAND_TOPS + band]
        for i in range(count):
            rate[i] = terms[t.RATIO + (tiers[i] * t.CLASSES + classes[i]) * t.BANDS + band]
        for i in range(count):
            part = max(min(high[i], top) - max(low[i], floor), 0)
            total[i] += part * min(max(rate[i] + points[i], 0), 10000)
        if top >= LARGEST_BILL:
            break
        floor = top


@lean
def pay_admissions(terms, bills, count, paid, work):
    """Steps 3a.4 to 3a.8: bonus, guaranteed minimum and control factor; bills that reach the annual cap are hard."""
    basis, low, high, total, tcm, charged, hard = (work[BASIS], work[LOW], work[HIGH], work[TOTAL], work[WITH_TCM], work[CHARGED],
                                                   work[HARD])
    entitled, basic, counted = paid[ENTITLED], paid[BASIC], paid[COUNTED]
    bonus, guaranteed, factor = terms[t.TCM_BONUS], terms[t.GUARANTEED_SHARE], terms[t.FACTOR]
    for i in range(count):
        base = high[i] - low[i]
        entitled[i] = min(quick_share(1, total[i] + bonus * min(tcm[i], base)), base)
    if guaranteed > 0:
        guaranteed_on = charged if terms[t.GUARANTEED_ON_BILLED] == 1 else basis
        for i in range(count):
            entitled[i] = min(max(entitled[i], quick_share(guaranteed_on[i], guaranteed)), basis[i])
    if factor != 10000:
        for i in range(count):
            entitled[i] = min(quick_share(entitled[i], factor), basis[i])
    cap, on_expense = terms[t.ANNUAL_CAP], terms[t.CAP_ON_EXPENSE]
    for i in range(count):
        basic[i] = entitled[i]
        counted[i] = basis[i] if on_expense == 1 else entitled[i]
    for i in range(count):
        hard[i] |= 1 if (basis[i] if on_expense == 1 else entitled[i]) > cap else 0


@lean
def pay_visits(terms, bills, first, last, paid):
    """Steps 3b and 3c from an empty year."""
    tiers, eligible, outpatient, counted = bills[TIER], bills[ELIGIBLE], paid[OUTPATIENT], paid[COUNTED]
    fee, fee_share, deductible = terms[t.CONSULTATION_FEE], terms[t.CONSULTATION_SHARE], terms[t.OUTPATIENT_DEDUCTIBLE]
    counts = 1 if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_ON_EXPENSE] == 0 else 0
    cap = terms[t.ANNUAL_CAP] if counts == 1 else UNLIMITED
    most, limit = terms[t.OUTPATIENT_VISIT_LIMIT], min(terms[t.OUTPATIENT_YEAR_LIMIT], cap)
    ratio_0, ratio_1, ratio_2, ratio_3 = four(terms[t.OUTPATIENT_RATIO:])
    for i in range(np.uint64(first), np.uint64(last)):
        consultation = min(fee, eligible[i]) if tiers[i] == TOWNSHIP else 0
        ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
        payment = min(quick_share(max(eligible[i] - consultation - deductible, 0), ratio), most)
        outpatient[i] = min(payment + quick_share(consultation, fee_share), limit)
    if terms[t.CHRONIC_LIST] == 1:
        chronic, deductible, limit = bills[CHRONIC], terms[t.CHRONIC_DEDUCTIBLE], min(terms[t.CHRONIC_YEAR_LIMIT], cap)
        ratio_0, ratio_1, ratio_2, ratio_3 = four(terms[t.CHRONIC_RATIO:])
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(quick_share(max(eligible[i] - deductible, 0), ratio), limit)
            outpatient[i] = payment if chronic[i] == 1 else outpatient[i]
    for i in range(np.uint64(first), np.uint64(last)):
        counted[i] = outpatient[i] * counts


@lean
def pay_the_rest(terms, first, last, charged, basis, groups, classes, ordinary, paid, hard, in_cii, assistance_ratio,
                 account_pays):
    """Steps 5 to 8 and what is left; bills that pass the threshold of CII are hard.

    `charged` and `basis` are the bill and its in-scope part, or the price's; `ordinary` what basic insurance pays of it.
    """
    in_scope, cash = paid[IN_SCOPE_LEFT], paid[CASH]
    threshold, excluded = terms[t.CII_THRESHOLD], terms[t.CII_EXCLUDED_SHARE]
    if in_cii and threshold < UNLIMITED:
        self_pay = paid[SELF_PAY]
        for i in range(np.uint64(first), np.uint64(last)):
            self_pay[i] = max(basis[i] - ordinary[i], 0) + quick_share(charged[i] - basis[i], excluded)
        for i in range(np.uint64(first), np.uint64(last)):
            hard[i] |= 1 if self_pay[i] > threshold else 0
    if any_of(terms[assistance_ratio + 1:assistance_ratio + t.GROUPS]):
        assistance = paid[ASSISTANCE]
        zero, deductible, take_up, cap = np.int64(0), terms[t.MA_DEDUCTIBLE], terms[t.MA_TAKE_UP], terms[t.MA_CAP]
        one, two, three, four_, five = (terms[assistance_ratio + 1], terms[assistance_ratio + 2], terms[assistance_ratio + 3],
                                        terms[assistance_ratio + 4], terms[assistance_ratio + 5])
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = five if groups[i] == 5 else four_ if groups[i] == 4 else choice(groups[i], zero, one, two, three)
            payment = quick_share(max(max(basis[i] - ordinary[i], 0) - deductible, 0), ratio)
            assistance[i] = min(quick_share(payment, take_up), cap)
        for i in range(np.uint64(first), np.uint64(last)):
            cash[i] = charged[i] - ordinary[i] - assistance[i]
            in_scope[i] = min(max(basis[i] - ordinary[i], 0) - assistance[i], cash[i])
    else:
        for i in range(np.uint64(first), np.uint64(last)):
            cash[i] = charged[i] - ordinary[i]
            in_scope[i] = min(max(basis[i] - ordinary[i], 0), cash[i])
    if account_pays and any_of(terms[t.ACCOUNT_BALANCE:t.ACCOUNT_BALANCE + t.CLASSES]):
        account, fourth = paid[ACCOUNT], terms[t.ACCOUNT_BALANCE + 4]
        zero, one, two, three = four(terms[t.ACCOUNT_BALANCE:])
        for i in range(np.uint64(first), np.uint64(last)):
            account[i] = min(cash[i], fourth if classes[i] == 4 else choice(classes[i], zero, one, two, three))
        for i in range(np.uint64(first), np.uint64(last)):
            cash[i] -= account[i]


@lean
def pay_prices(terms, bills, count, paid, work):
    """Step 3's end: under a price the hospital keeps or bears the difference."""
    billed, price, basic, hospital = bills[BILLED], work[PRICE], paid[BASIC], paid[HOSPITAL]
    if terms[t.PRICE_BASE_BILLED] == 0:
        charged = work[CHARGED]
        for i in range(count):
            hospital[i] = billed[i] - charged[i]
    else:
        for i in range(count):
            hospital[i] = min(billed[i] - price[i], basic[i]) if price[i] >= 0 else np.int64(0)
        for i in range(count):
            basic[i] -= hospital[i]
