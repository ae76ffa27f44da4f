"""First-bill payments, column by column: what each bill of a block is paid as if it were its person's first of the year.

The columns apply the rules of `law/rules.py`, eight bills at a time; no rule is stated here. What this file knows is which bills
are ordinary enough for it: those with a new drug above its price, a commercial cover, a relief case, a limit that binds or rare
terms (`plan.FULL_RULES_FOR`) are marked in `Column.FULL_RULES` and left to `law/settle.py` (`kernel/first_bill.py`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import lean
from simulator.compiling.types import Ints, Ints2
from simulator.law import rules
from simulator.money import LARGEST_BILL, UNLIMITED, share
from simulator.tables import LEFT, Fact, Paid


class Column(IntEnum):
    """The columns of a block's payments that `tables.Paid` has not: OWN stands in the place of cash.

    Filled where they are asked for: BASIC, HOSPITAL, ENTITLED, IN_SCOPE_LEFT and COUNTED of admissions and listed illnesses,
    LISTED of the latter, OUTPATIENT of visits, ACCOUNT under terms with accounts, SELF_PAY under terms with a CII threshold.
    """

    OWN = Paid.CASH                    # what the patient is left with, account and cash together
    COUNTED = LEFT                     # towards the annual cap: payments or expense
    SELF_PAY = LEFT + 1                # towards the threshold of CII
    FULL_RULES = LEFT + 2              # 1: needs the full rules, which have settled it


PAID_COLUMNS = LEFT + 3
# Payers that pay nothing but of bills that the full rules have settled.
RARE = (Paid.SUPPLEMENT, Paid.CII, Paid.COMMERCIAL, Paid.RELIEF)


class Scratch(IntEnum):
    """Scratch columns of a block's admissions."""

    PRICE, CHARGED, BASIS, DEDUCTIBLE, RATIO, TOTAL = range(6)


SCRATCH_COLUMNS = len(Scratch)


@lean
def zero(column: Ints, first: int, last: int) -> None:
    """Put nothing in the places first .. last."""
    for i in range(np.uint64(first), np.uint64(last)):
        column[i] = 0


@lean
def any_of(terms: Ints, first: int, number: int) -> bool:
    """Whether one of these terms is not zero."""
    found = False
    for n in range(first, first + number):
        found = found or terms[n] != 0
    return found


@lean
def choice(index: int, zero: int, one: int, two: int, three: int) -> int:
    """One of four by an index: a chain of selections vectorises, a look-up does not."""
    return three if index == 3 else two if index == 2 else one if index == 1 else zero


@lean
def least_of(terms: Ints, first: int, number: int) -> int:
    """The least of these terms."""
    least = terms[first]
    for n in range(first + 1, first + number):
        least = min(least, terms[n])
    return least


@lean
def least_cap(terms: Ints) -> int:
    """The annual cap of the member class for which it is lowest."""
    return least_of(terms, t.ANNUAL_CAP, t.N_CLASSES)


@lean
def least_threshold(terms: Ints) -> int:
    """CII's threshold for the assistance group for which it is lowest."""
    return rules.group_threshold(terms[t.CII_THRESHOLD], least_of(terms, t.CII_THRESHOLD_SHARE, t.N_GROUPS))


@lean
def visits_in_cii(terms: Ints) -> bool:
    """Whether what patients pay of visits counts towards the threshold of CII."""
    return terms[t.CII_THRESHOLD] < UNLIMITED and terms[t.CII_COUNTS_OUTPATIENT] == 1 and terms[t.CII_LISTED_ONLY] == 0


@lean
def counts_visits(terms: Ints) -> int:
    """Whether outpatient payments count towards the annual cap: 0 or 1."""
    return 1 if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT else 0


@lean
def has_chronic_deductible(terms: Ints) -> bool:
    """Whether visits on the chronic list use up a deductible of the year."""
    return terms[t.CHRONIC_LIST] == 1 and terms[t.CHRONIC_DEDUCTIBLE] > 0


@lean
def mark(values: Ints, limit: int, first: int, last: int, full_rules: Ints) -> None:
    """Mark the bills with more than the limit."""
    for i in range(np.uint64(first), np.uint64(last)):
        full_rules[i] |= 1 if values[i] > limit else 0


@lean
def mark_exceptions(terms: Ints, bills: Ints2, first: int, last: int, in_cii: bool, paid: Ints2) -> bool:
    """Mark the bills whose facts alone make them exceptions under these terms, and those past the threshold of CII if they
    count; returns whether there may be any."""
    marks, covered, relief = paid[Column.FULL_RULES], terms[t.COMMERCIAL_SHARE], terms[t.RELIEF_RATIO] > 0
    reference, first_pay = terms[t.REFERENCE_PRICE], terms[t.OUTSIDE_FIRST_PAY] > 0
    if reference < UNLIMITED:
        mark(bills[Fact.NEW_DRUG], reference, first, last, marks)
    if relief:
        mark(bills[Fact.EMERGENCY], np.int64(0), first, last, marks)
    if first_pay:
        mark(bills[Fact.TIER], np.int64(rules.OUTSIDE - 1), first, last, marks)
    if in_cii:
        mark(paid[Column.SELF_PAY], least_threshold(terms), first, last, marks)
    if covered > 0:
        rank = bills[Fact.COVER_RANK]
        for i in range(np.uint64(first), np.uint64(last)):
            marks[i] |= 1 if rank[i] < covered else 0
    return reference < UNLIMITED or relief or first_pay or in_cii or covered > 0


@lean
def priced(terms: Ints) -> bool:
    """Whether there is a price of cases or days anywhere."""
    return terms[t.PAYMENT_COUNTIES] > 0 and (any_of(terms, t.CASE_LEVEL, t.N_TIERS) or any_of(terms, t.DAY_PRICE, t.N_TIERS))


@lean
def price_admissions(terms: Ints, bills: Ints2, count: int, scratch: Ints2) -> None:
    """Step 3: the price of each admission, or -1; what is charged, and its in-scope part."""
    billed, eligible = bills[Fact.BILLED], bills[Fact.ELIGIBLE]
    price, charged, basis = scratch[Scratch.PRICE], scratch[Scratch.CHARGED], scratch[Scratch.BASIS]
    counties, on_billed = terms[t.PAYMENT_COUNTIES], terms[t.PATIENT_SHARE_BASE]
    rank, tiers, case_price, days = bills[Fact.PAYMENT_RANK], bills[Fact.TIER], bills[Fact.CASE_PRICE], bills[Fact.DAYS]
    level_0, level_1, level_2, level_3 = (terms[t.CASE_LEVEL], terms[t.CASE_LEVEL + 1], terms[t.CASE_LEVEL + 2],
                                          terms[t.CASE_LEVEL + 3])
    day_0, day_1, day_2, day_3 = terms[t.DAY_PRICE], terms[t.DAY_PRICE + 1], terms[t.DAY_PRICE + 2], terms[t.DAY_PRICE + 3]
    for i in range(count):
        level, day = choice(tiers[i], level_0, level_1, level_2, level_3), choice(tiers[i], day_0, day_1, day_2, day_3)
        own = rules.price_of(case_price[i], level, days[i], day)
        price[i] = own if rank[i] < counties and billed[i] > 0 else np.int64(-1)
    for i in range(count):
        on_price = price[i] >= 0 and on_billed == 0
        charged[i] = price[i] if on_price else billed[i]
        basis[i] = rules.scope_of_price(price[i], eligible[i], billed[i]) if on_price else eligible[i]


@lean
def find_deductibles(terms: Ints, bills: Ints2, count: int, deductible: Ints) -> None:
    """Step 3a.2: the deductible of each admission as the first of its year."""
    tiers, classes, groups = bills[Fact.TIER], bills[Fact.MEMBER_CLASS], bills[Fact.GROUP]
    for i in range(np.uint64(count)):
        deductible[i] = rules.deductible_of(terms, tiers[i], 0, classes[i], groups[i])


@lean
def add_band(terms: Ints, floor: int, top: int, count: int, tiers: Ints, unreferred: Ints, basis: Ints, deductible: Ints,
             ratio: Ints, total: Ints) -> None:
    """Step 3a.4: add the part of each admission in the band (floor, top], times its rate."""
    bonus, outside, penalty = terms[t.PRIMARY_BONUS], terms[t.OUTSIDE_PENALTY], terms[t.UNREFERRED_PENALTY]
    after, before = terms[t.BAND_BASIS], 1 if floor > 0 else 0
    for i in range(count):
        base = rules.above_deductible(basis[i], deductible[i])
        low = basis[i] - base
        part = rules.band_part(low * (1 - after), basis[i] - low * after, floor, top)
        rate = rules.band_rate(ratio[i], rules.points_of(tiers[i], unreferred[i], bonus, outside, penalty))
        total[i] = total[i] * before + part * rate


@lean
def pay_admissions(terms: Ints, bills: Ints2, count: int, paid: Ints2, scratch: Ints2) -> bool:
    """Steps 3 and 5: what basic insurance pays of admissions whose deductibles are in `scratch`, and what is left; bills that
    reach a limit are marked: returns whether there may be any."""
    tiers, classes, unreferred = bills[Fact.TIER], bills[Fact.MEMBER_CLASS], bills[Fact.UNREFERRED]
    charged, basis, tcm = bills[Fact.BILLED], bills[Fact.ELIGIBLE], bills[Fact.TCM]
    prices = priced(terms)
    if prices:
        price_admissions(terms, bills, count, scratch)
        charged, basis = scratch[Scratch.CHARGED], scratch[Scratch.BASIS]
    deductible, ratio, total = scratch[Scratch.DEDUCTIBLE], scratch[Scratch.RATIO], scratch[Scratch.TOTAL]
    entitled, basic, counted = paid[Paid.ENTITLED], paid[Paid.BASIC], paid[Column.COUNTED]
    own, in_scope, marks = paid[Column.OWN], paid[Paid.IN_SCOPE_LEFT], paid[Column.FULL_RULES]
    floor = np.int64(0)
    for band in range(t.BANDS):
        top = terms[t.BAND_TOPS + band]
        for i in range(np.uint64(count)):
            ratio[i] = terms[np.uint64(t.RATIO + (tiers[i] * t.N_CLASSES + classes[i]) * t.BANDS + band)]
        add_band(terms, floor, top, count, tiers, unreferred, basis, deductible, ratio, total)
        if top >= LARGEST_BILL:
            break
        floor = top
    bonus, guaranteed, factor = terms[t.TCM_BONUS], terms[t.GUARANTEED_SHARE], terms[t.FACTOR]
    for i in range(count):
        entitled[i] = rules.bands_payment(total[i], bonus, tcm[i], rules.above_deductible(basis[i], deductible[i]))
    if guaranteed > 0:
        guaranteed_on = charged if terms[t.GUARANTEED_BASIS] == t.GUARANTEED_OF_BILLED else basis
        for i in range(count):
            entitled[i] = rules.at_least_guaranteed(entitled[i], share(guaranteed_on[i], guaranteed), basis[i])
    if factor != 10000:
        for i in range(count):
            entitled[i] = rules.with_factor(entitled[i], factor, basis[i])
    cap, on_expense = least_cap(terms), terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE
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
        marks[i] = over
        some |= over
    for i in range(count):
        own[i] = charged[i] - entitled[i]
        in_scope[i] = min(max(basis[i] - entitled[i], 0), charged[i] - entitled[i])
    in_cii = terms[t.CII_THRESHOLD] < UNLIMITED
    if in_cii:
        excluded, counts, self_pay = terms[t.CII_EXCLUDED_SHARE], 1 - terms[t.CII_LISTED_ONLY], paid[Column.SELF_PAY]
        for i in range(count):
            self_pay[i] = rules.compliant_expense(max(basis[i] - entitled[i], 0), charged[i] - basis[i], excluded) * counts
    asked = mark_exceptions(terms, bills, np.int64(0), count, in_cii, paid)
    hospital = paid[Paid.HOSPITAL]
    if not prices:
        for i in range(count):
            hospital[i] = 0
    elif terms[t.PATIENT_SHARE_BASE] == t.SHARE_OF_PRICE:               # the hospital keeps or bears the difference
        billed = bills[Fact.BILLED]
        for i in range(count):
            hospital[i] = billed[i] - charged[i]
    else:
        price = scratch[Scratch.PRICE]
        for i in range(count):
            hospital[i] = rules.hospital_bears(charged[i], price[i], entitled[i]) if price[i] >= 0 else np.int64(0)
        for i in range(count):
            basic[i] -= hospital[i]
    return asked or some > 0


@lean
def pay_visits(terms: Ints, bills: Ints2, first: int, last: int, paid: Ints2) -> None:
    """Steps 3b, 3c and 5 of a year's first visits, where all tiers have one deductible and all classes the same terms; a walk
    draws the first group of chronic diseases alone."""
    tiers, billed, eligible, chronic, outpatient, own = (
        bills[Fact.TIER], bills[Fact.BILLED], bills[Fact.ELIGIBLE], bills[Fact.CHRONIC], paid[Paid.OUTPATIENT], paid[Column.OWN])
    fee, fee_share, deductible = terms[t.CONSULTATION_FEE], terms[t.CONSULTATION_SHARE], terms[t.OUTPATIENT_DEDUCTIBLE]
    counts = terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT
    cap = terms[t.ANNUAL_CAP] if counts else UNLIMITED
    most, limit = terms[t.OUTPATIENT_VISIT_LIMIT], min(terms[t.OUTPATIENT_YEAR_LIMIT], cap)
    of_tier = t.OUTPATIENT_RATIO
    ratio_0, ratio_1, ratio_2, ratio_3 = (terms[of_tier], terms[of_tier + t.N_CLASSES], terms[of_tier + 2 * t.N_CLASSES],
                                          terms[of_tier + 3 * t.N_CLASSES])
    if fee == 0:
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(rules.visit_payment(eligible[i], deductible, ratio, most), limit)
            outpatient[i] = payment
            own[i] = billed[i] - payment
    else:
        for i in range(np.uint64(first), np.uint64(last)):
            consultation = rules.consultation_part(eligible[i], tiers[i], fee)
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            visit = rules.visit_payment(eligible[i] - consultation, deductible, ratio, most)
            payment = min(share(consultation, fee_share) + visit, limit)
            outpatient[i] = payment
            own[i] = billed[i] - payment
    if terms[t.CHRONIC_LIST] == 1:
        deductible, limit = terms[t.CHRONIC_DEDUCTIBLE], min(terms[t.CHRONIC_YEAR_LIMIT], cap)
        of_tier = t.CHRONIC_RATIO
        ratio_0, ratio_1, ratio_2, ratio_3 = (terms[of_tier], terms[of_tier + t.N_CLASSES], terms[of_tier + 2 * t.N_CLASSES],
                                              terms[of_tier + 3 * t.N_CLASSES])
        for i in range(np.uint64(first), np.uint64(last)):
            ratio = choice(tiers[i], ratio_0, ratio_1, ratio_2, ratio_3)
            payment = min(rules.chronic_payment(eligible[i], deductible, ratio), limit)
            outpatient[i] = payment if chronic[i] == 1 else outpatient[i]
        for i in range(np.uint64(first), np.uint64(last)):
            own[i] = billed[i] - outpatient[i]
    if visits_in_cii(terms):
        excluded, self_pay = terms[t.CII_EXCLUDED_SHARE], paid[Column.SELF_PAY]
        for i in range(np.uint64(first), np.uint64(last)):
            self_pay[i] = rules.compliant_expense(max(eligible[i] - outpatient[i], 0), billed[i] - eligible[i], excluded)


@lean
def first_assistance(terms: Ints, self_pay: int, ratios: int, group: int, no_deductible: int, no_cap: int) -> int:
    """Step 7: what medical assistance pays of a first bill's in-scope self-pay, by the ratios that begin at this place of the
    terms."""
    deductible = 0 if no_deductible == 1 else terms[t.MA_DEDUCTIBLE + group]
    used = rules.deductible_used(self_pay, deductible)
    payment = share(rules.assistance_due(self_pay, used, terms[ratios + group]), terms[t.MA_TAKE_UP])
    return payment if no_cap == 1 else min(payment, terms[t.MA_CAP + group])


@lean
def assist(terms: Ints, bills: Ints2, inpatients: int, grouped: Ints, groups: int, paid: Ints2, scratch: Ints2) -> None:
    """Step 7 of ordinary bills."""
    basis = scratch[Scratch.BASIS] if priced(terms) else bills[Fact.ELIGIBLE]
    for n in range(groups):
        i = grouped[n]
        group = bills[Fact.GROUP, i]
        if i < inpatients:
            self_pay = max(basis[i] - paid[Paid.ENTITLED, i], 0)
            assistance = first_assistance(terms, self_pay, t.MA_INPATIENT_RATIO, group, 0, 0)
            paid[Paid.IN_SCOPE_LEFT, i] -= assistance
        else:
            self_pay = max(bills[Fact.ELIGIBLE, i] - paid[Paid.OUTPATIENT, i], 0)
            assistance = first_assistance(terms, self_pay, t.MA_OUTPATIENT_RATIO, group, 0, 0)
        paid[Paid.ASSISTANCE, i] = assistance
        paid[Column.OWN, i] -= assistance


@lean
def pay_accounts(terms: Ints, bills: Ints2, inpatients: int, count: int, paid: Ints2) -> None:
    """Step 8: each bill has the whole account."""
    if any_of(terms, t.ACCOUNT_BALANCE, t.N_CLASSES):
        account, own, classes, first = paid[Paid.ACCOUNT], paid[Column.OWN], bills[Fact.MEMBER_CLASS], np.int64(0)
        zero, one, two, three, four = (terms[t.ACCOUNT_BALANCE], terms[t.ACCOUNT_BALANCE + 1], terms[t.ACCOUNT_BALANCE + 2],
                                       terms[t.ACCOUNT_BALANCE + 3], terms[t.ACCOUNT_BALANCE + 4])
        if terms[t.ACCOUNT_USE] == t.OUTPATIENT_ONLY:
            first = inpatients
            for i in range(np.uint64(first)):
                account[i] = 0
        for i in range(np.uint64(first), np.uint64(count)):
            account[i] = min(own[i], four if classes[i] == 4 else choice(classes[i], zero, one, two, three))
