"""The layers after basic insurance along a person's year: large-sum supplement to emergency relief (steps 4 to 9).

Each function moves the year's state on and notes in the trace what the slip words. `terms` is a plan's row of terms (`plan.py`,
here `t`).
"""

from __future__ import annotations

import numpy as np

from simulator import plan as t
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Ints
from simulator.law import rules
from simulator.law.rules import left_of
from simulator.law.year import Trace, YearState
from simulator.money import ONE, half_up_large, share
from simulator.tables import INPATIENT, OUTPATIENT_VISIT, Fact


@lean
def pay_supplement(terms: Ints, year: Ints, unpaid: int, trace: Ints) -> int:
    """Step 4: the large-sum supplement's annual bands on the in-scope expense above the annual cap, which stands in the trace."""
    before = year[YearState.SUPPLEMENT_BASE]
    due = cii_by_bands(terms, before, before + trace[Trace.ABOVE_CAP], t.SUPPLEMENT_TOPS, t.SUPPLEMENT_RATIO, 0, trace,
                       np.int64(Trace.SUPPLEMENT_PARTS))
    payment = rules.supplement_payment(due, left_of(terms[t.SUPPLEMENT_CAP], year[YearState.SUPPLEMENT_USED]), unpaid)
    year[YearState.SUPPLEMENT_BASE] += trace[Trace.ABOVE_CAP]
    year[YearState.SUPPLEMENT_USED] += payment
    return payment


@lean
def cii_by_bands(terms: Ints, low: int, high: int, tops: int, ratios: int, bonus: int, trace: Ints, parts: int) -> int:
    """Step 5: the parts of (low, high] in the annual bands whose tops and ratios begin at these places of the terms, times their
    ratios. How many bands it goes through is noted in the trace at `parts`, and the part in each behind it."""
    total, floor, band = 0, 0, 0
    if high > low:
        while band < t.BANDS and floor < high:
            part = rules.band_part(low, high, floor, terms[tops + band])
            total += part * min(terms[ratios + band] + bonus, ONE)
            floor = terms[tops + band]
            band += 1
            trace[parts + band] = part
    trace[parts] = band
    return half_up_large(total)


@lean
def cii_of_year(terms: Ints, group: int, self_pay: int, listed_self_pay: int, trace: Ints, parts: int, listed_parts: int) -> int:
    """Step 5: what CII pays on a year's cumulative self-pay: annual bands above the threshold, a schedule of its own for listed
    bills, one cap."""
    threshold, low, high = trace[Trace.CII_THRESHOLD], trace[Trace.CII_THRESHOLD], self_pay
    if terms[t.CII_TOPS_FROM] == t.FROM_THRESHOLD:
        low, high = 0, self_pay - threshold
    payment = cii_by_bands(terms, low, high, t.CII_TOPS, t.CII_RATIO, terms[t.CII_RATIO_BONUS + group], trace, parts)
    trace[listed_parts] = 0
    if listed_self_pay > 0:
        payment += cii_by_bands(terms, 0, listed_self_pay, t.CII_LISTED_TOPS, t.CII_LISTED_RATIO, 0, trace, listed_parts)
    return min(payment, terms[t.CII_CAP])


@lean
def listed_apart(terms: Ints) -> bool:
    """Step 5: whether CII has a schedule of its own for listed bills."""
    for band in range(t.BANDS):
        if terms[t.CII_LISTED_RATIO + band] > 0:
            return True
    return False


@lean
def pay_cii(terms: Ints, year: Ints, kind: int, group: int, compliant: int, patient_left: int, trace: Ints) -> int:
    """Step 5: the bill's payment is the increase it causes in the year's CII payment."""
    counts = ((kind != OUTPATIENT_VISIT or terms[t.CII_COUNTS_OUTPATIENT] == 1)
              and (terms[t.CII_LISTED_ONLY] == 0 or trace[Trace.LISTED] == 1))
    trace[Trace.CII_COUNTS] = 1 if counts else 0
    if not counts:
        return 0
    before, listed_before = year[YearState.SELF_PAY_YEAR], year[YearState.LISTED_SELF_PAY_YEAR]
    after, listed_after = before + compliant, listed_before
    if trace[Trace.LISTED] == 1 and listed_apart(terms):
        after, listed_after = before, listed_before + compliant
    year[YearState.SELF_PAY_YEAR], year[YearState.LISTED_SELF_PAY_YEAR] = after, listed_after
    trace[Trace.CII_THRESHOLD] = rules.group_threshold(terms[t.CII_THRESHOLD], terms[t.CII_THRESHOLD_SHARE + group])
    earlier = cii_of_year(terms, group, before, listed_before, trace, np.int64(Trace.CII_PARTS_BEFORE),
                          np.int64(Trace.CII_LISTED_BEFORE))
    whole = cii_of_year(terms, group, after, listed_after, trace, np.int64(Trace.CII_PARTS), np.int64(Trace.CII_LISTED))
    trace[Trace.CII_BEFORE], trace[Trace.CII_AFTER], trace[Trace.CII_MOST] = earlier, whole, patient_left
    return min(whole - earlier, patient_left)


@lean
def pay_civil(terms: Ints, year: Ints, in_scope: int, patient_left: int, trace: Ints) -> int:
    """Step 5a: the supplement of civil servants or of an employer, for a person who has it: deductible and cap of the year."""
    covered = patient_left if terms[t.CIVIL_SCOPE] == t.SERVANTS_ALL else in_scope
    used = rules.deductible_used(covered, left_of(terms[t.CIVIL_DEDUCTIBLE], year[YearState.CIVIL_DEDUCTIBLE_USED]))
    payment = rules.cover_payment(covered, used, terms[t.CIVIL_RATIO], left_of(terms[t.CIVIL_CAP], year[YearState.CIVIL_PAID]))
    year[YearState.CIVIL_DEDUCTIBLE_USED] += used
    year[YearState.CIVIL_PAID] += payment
    trace[Trace.CIVIL_COVERED], trace[Trace.CIVIL_USED], trace[Trace.CIVIL_PAID] = covered, used, payment
    return payment


@lean
def pay_commercial(terms: Ints, year: Ints, in_scope: int, patient_left: int, trace: Ints) -> int:
    """Step 6: commercial cover of a person who holds it: deductible and cap of the year."""
    covered = patient_left if terms[t.COMMERCIAL_SCOPE] == t.COVERS_ALL else in_scope
    used = rules.deductible_used(covered, left_of(terms[t.COMMERCIAL_DEDUCTIBLE], year[YearState.COMMERCIAL_DEDUCTIBLE_USED]))
    payment = rules.cover_payment(covered, used, terms[t.COMMERCIAL_RATIO],
                                  left_of(terms[t.COMMERCIAL_CAP], year[YearState.COMMERCIAL_PAID]))
    year[YearState.COMMERCIAL_DEDUCTIBLE_USED] += used
    year[YearState.COMMERCIAL_PAID] += payment
    trace[Trace.COVERED], trace[Trace.COVER_USED], trace[Trace.COVER_PAID] = covered, used, payment
    return payment


@inlined
def assistance_on_basis(basis: int, self_pay: int, used: int, ratio: int) -> int:
    """Step 7: a share of the basis of a listed illness, its quota price, out of the self-pay left above the deductible used up
    (卫农卫发〔2010〕53号: at least 20% of the price limit)."""
    return min(share(basis, ratio), self_pay - used)


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
        used = rules.deductible_used(self_pay, left_of(terms[t.MA_DEDUCTIBLE + group], year[YearState.MA_DEDUCTIBLE_USED]))
        year[YearState.MA_DEDUCTIBLE_USED] += used
    due = rules.assistance_due(self_pay, used, ratio)
    if listed == 1 and terms[t.MA_LISTED_BASIS] == t.OF_THE_BASIS:
        due = assistance_on_basis(trace[Trace.BASIS], self_pay, used, ratio)
    payment = share(due, terms[t.MA_TAKE_UP])
    trace[Trace.ASSISTANCE_USED], trace[Trace.ASSISTANCE_DUE] = used, due
    if not (listed == 1 and terms[t.MA_LISTED_OUTSIDE_CAP] == 1):
        payment = min(payment, left_of(terms[t.MA_CAP + group], year[YearState.MA_PAID]))
        year[YearState.MA_PAID] += payment
    return payment


@lean
def pay_second_assistance(terms: Ints, year: Ints, group: int, self_pay: int, trace: Ints) -> int:
    """Step 7a: second assistance of the in-scope self-pay that assistance leaves, above a threshold of the year."""
    ratio = terms[t.MA_SECOND_RATIO + group]
    trace[Trace.SECOND_LEFT], trace[Trace.SECOND_USED], trace[Trace.SECOND_PAID] = self_pay, 0, 0
    if group == 0 or ratio == 0:
        return 0
    used = rules.deductible_used(self_pay, left_of(terms[t.MA_SECOND_THRESHOLD + group], year[YearState.MA_SECOND_USED]))
    due = share(rules.assistance_due(self_pay, used, ratio), terms[t.MA_TAKE_UP])
    payment = min(due, left_of(terms[t.MA_SECOND_CAP + group], year[YearState.MA_SECOND_PAID]))
    year[YearState.MA_SECOND_USED] += used
    year[YearState.MA_SECOND_PAID] += payment
    trace[Trace.SECOND_USED], trace[Trace.SECOND_PAID] = used, payment
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
