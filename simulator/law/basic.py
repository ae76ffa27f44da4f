"""Basic insurance along a person's year: listed illnesses, ordinary admissions and outpatient visits (steps 2 to 3c).

Each function moves the year's state on and notes in the trace what the slip words. `terms` is a plan's row of terms (`plan.py`,
here `t`), `bill` a row of facts (`tables.Fact`).
"""

from __future__ import annotations

from simulator import plan as t
from simulator.compiling.compiled import inlined, lean
from simulator.compiling.types import Ints
from simulator.law import rules
from simulator.law.rules import left_of
from simulator.law.year import STATE, Trace, YearState
from simulator.money import ONE, half_up, share, to_unit
from simulator.tables import INPATIENT, Fact

FILED = 1                                    # Fact.OUT_OF_AREA: filed or referred; 0: within the area, 2: not filed


@lean
def rounded(terms: Ints, total: int, ratio: int) -> int:
    """ROUND of steps 3a to 3c: a sum of amounts x ratios, times a ratio, to the plan's unit of payments."""
    unit, mode = terms[t.ROUNDING_UNIT], terms[t.ROUNDING_MODE]
    if ratio == ONE and unit == 0 and mode == 0:
        return half_up(total)
    return to_unit(total * ratio, ONE * ONE, 100 if unit == 2 else 10 if unit == 1 else 1, mode)


@inlined
def annual_cap_of(terms: Ints, member_class: int, insured_years: int) -> int:
    """The annual cap of a member class; each year of insurance before this one may raise it, up to a limit."""
    cap = terms[t.ANNUAL_CAP + member_class]
    return max(cap, min(cap + terms[t.ANNUAL_CAP_STEP] * insured_years, terms[t.ANNUAL_CAP_MOST]))


@inlined
def band_payment(part: int, rate: int, own_least: int) -> int:
    """Step 3a.4: what the part of a bill in a band comes to, fen x 1/10,000: its rate, and no more than leaves the patient the
    least that he pays of it."""
    return min(part * rate, max(part - own_least, 0) * ONE)


@inlined
def deductible_by_share(counted: int, ratio: int, least: int, most: int) -> int:
    """Step 3a.2: a deductible that is a share of the admission, at least and at most so much."""
    return min(max(share(counted, ratio), least), most)


@inlined
def out_of_area_ratio(terms: Ints, out_of_area: int, filed: int, unfiled: int) -> int:
    """Steps 3a.2, 3a.4, 3b and 3c: the factor of a bill out of area, by the place of the term for filed and for unfiled ones; 1
    for all others."""
    return ONE if out_of_area == 0 else terms[filed] if out_of_area == FILED else terms[unfiled]


@lean
def as_ordinary(terms: Ints, year: Ints, bill: Ints, trace: Ints) -> int:
    """Step 2, `listed_better`: what the bill would be paid as an ordinary one; the year's state stays as it is."""
    for n in range(STATE):
        trace[Trace.KEPT + n] = year[n]
    if bill[Fact.KIND] == INPATIENT:
        payment = pay_inpatient(terms, year, bill, bill[Fact.BILLED], trace[Trace.SCOPE], trace)
    else:
        payment = pay_visit(terms, year, bill, trace[Trace.SCOPE], trace)
    for n in range(STATE):
        year[n] = trace[Trace.KEPT + n]
    return payment


@lean
def within_annual_cap(cap: int, year: Ints, payment: int) -> int:
    """Steps 2 and 3a.8 and the end of 3b: a payment within what is left of the annual cap on payments, which it uses up."""
    payment = min(payment, left_of(cap, year[YearState.CAP_USED]))
    year[YearState.CAP_USED] += payment
    return payment


@lean
def pay_listed(terms: Ints, year: Ints, bill: Ints, trace: Ints) -> tuple[int, int]:
    """Step 2: what the list pays, and what a package price leaves to the hospital. The basis is noted in the trace."""
    illness, billed = bill[Fact.ILLNESS], bill[Fact.BILLED]
    quota, ordinary = terms[t.QUOTA + illness], 0
    if bill[Fact.QUOTA_PRICE] > 0:
        quota = bill[Fact.QUOTA_PRICE]
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
        listed = within_annual_cap(trace[Trace.CAP], year, listed)
    return listed, hospital


@lean
def find_price(terms: Ints, bill: Ints) -> int:
    """Step 3: the price of an ordinary admission, -1 where there is none or the person's county takes no part."""
    if bill[Fact.PAYMENT_RANK] >= terms[t.PAYMENT_COUNTIES] or bill[Fact.BILLED] == 0:
        return -1
    tier = bill[Fact.TIER]
    return rules.price_of(bill[Fact.CASE_PRICE], terms[t.CASE_LEVEL + tier], bill[Fact.DAYS], terms[t.DAY_PRICE + tier])


@lean
def sum_bands(low: int, high: int, terms: Ints, rates: int, points: int, trace: Ints) -> int:
    """Step 3a.4: the parts of (low, high] in the bands times their rates, fen x 1/10,000; `rates` is the place in `terms` where
    the ratios begin. Tops rise, and the last is without limit."""
    total, floor, band, tops = 0, 0, 0, t.BAND_TOPS
    while band < t.BANDS and floor < high:
        part = rules.band_part(low, high, floor, terms[tops + band])
        rate = rules.band_rate(terms[rates + band], points)
        paid = band_payment(part, rate, terms[t.BAND_OWN_LEAST + band])
        total += paid
        trace[Trace.BAND_PAID + band] = paid
        trace[Trace.BAND_FROM + band] = max(low, floor)
        trace[Trace.BAND_PART + band] = part
        trace[Trace.BAND_RATE + band] = rate
        floor = terms[tops + band]
        band += 1
    trace[Trace.BANDS] = band
    return total


@lean
def find_deductible(terms: Ints, year: Ints, bill: Ints, counted: int, trace: Ints) -> int:
    """Step 3a.2: what is deducted of an admission's counted expense before its fixed sum."""
    tier, group, order = bill[Fact.TIER], bill[Fact.GROUP], year[YearState.ADMISSIONS]
    if terms[t.ORDER_COUNTED] == t.ORDER_BY_TIER:
        order = year[YearState.ADMISSIONS_AT + tier]
    deductible = rules.deductible_of(terms, tier, order, bill[Fact.MEMBER_CLASS], group)
    of_stay, taken = counted + year[YearState.STAY_ELIGIBLE], year[YearState.STAY_DEDUCTIBLE]
    by_share = terms[t.DEDUCTIBLE_SHARE + tier * t.ORDERS + min(order, t.ORDERS - 1)]
    if by_share > 0:
        deductible = (deductible_by_share(of_stay, by_share, terms[t.DEDUCTIBLE_LEAST], terms[t.DEDUCTIBLE_MOST])
                      * (1 - terms[t.DEDUCTIBLE_WAIVED + group]))
    if bill[Fact.OUT_OF_AREA] > 0:
        deductible = share(deductible, out_of_area_ratio(
            terms, bill[Fact.OUT_OF_AREA], t.OUT_OF_AREA_DEDUCTIBLE_FACTOR, t.UNFILED_DEDUCTIBLE_FACTOR))
    trace[Trace.ORDER], trace[Trace.DEDUCTIBLE_STATED] = order, deductible
    used = year[YearState.DEDUCTIBLE_USED]
    if terms[t.DEDUCTIBLE_SHARED] == 1:
        taken = max(taken, used + year[YearState.OUTPATIENT_DEDUCTIBLE_USED])
    deductible = min(left_of(deductible, taken), left_of(terms[t.DEDUCTIBLE_YEAR_LIMIT], used))
    if terms[t.DEDUCTIBLE_KIND] == t.FRANCHISE and of_stay > deductible + year[YearState.STAY_DEDUCTIBLE]:
        deductible = 0
    trace[Trace.DEDUCTIBLE] = deductible
    return min(deductible, counted)


@lean
def round_bands(terms: Ints, total: int, tier: int, base: int, area: int, trace: Ints) -> int:
    """Step 3a.4: the bands' sum and the points on traditional Chinese medicine and on a favoured list, whose parts stand in the
    trace, rounded once or band by band."""
    medicine = terms[t.TCM_BONUS + tier] * trace[Trace.TCM_PART]
    favoured = terms[t.ESSENTIAL_BONUS + tier] * trace[Trace.ESSENTIAL_PART]
    if terms[t.ROUNDING_STEP] != t.BAND_BY_BAND:
        return min(rounded(terms, total + medicine + favoured, area), base)
    payment = rounded(terms, medicine, area) + rounded(terms, favoured, area)
    for band in range(trace[Trace.BANDS]):
        payment += rounded(terms, trace[Trace.BAND_PAID + band], area)
    return min(payment, base)


@lean
def pay_inpatient(terms: Ints, year: Ints, bill: Ints, charged: int, basis: int, trace: Ints) -> int:
    """Step 3a: what basic insurance pays of an ordinary admission. The in-scope expense above the annual cap, for step 4, is
    noted in the trace."""
    tier, member_class, counted = bill[Fact.TIER], bill[Fact.MEMBER_CLASS], basis
    if terms[t.CAP_BASIS] == t.CAP_ON_EXPENSE:
        counted = min(basis, left_of(trace[Trace.CAP], year[YearState.ELIGIBLE_YEAR]))
    deducted = find_deductible(terms, year, bill, counted, trace)
    copay = min(left_of(terms[t.ADMISSION_COPAY + tier], year[YearState.STAY_COPAY]), counted - deducted)
    base = counted - deducted - copay
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
    total = sum_bands(low, high, terms, t.RATIO + (tier * t.N_CLASSES + member_class) * t.BANDS, points, trace)
    area = out_of_area_ratio(terms, bill[Fact.OUT_OF_AREA], t.OUT_OF_AREA_FACTOR, t.UNFILED_FACTOR)
    trace[Trace.TCM_PART], trace[Trace.ESSENTIAL_PART] = min(bill[Fact.TCM], base), min(bill[Fact.ESSENTIAL], base)
    bands_paid = round_bands(terms, total, tier, base, area, trace)
    guaranteed_on = charged if terms[t.GUARANTEED_BASIS] == t.GUARANTEED_OF_BILLED else counted
    least = rounded(terms, guaranteed_on * terms[t.GUARANTEED_SHARE + tier], ONE)
    guaranteed = rules.at_least_guaranteed(bands_paid, least, counted)
    wanted = guaranteed
    if terms[t.FACTOR] != ONE:
        wanted = min(rounded(terms, guaranteed * terms[t.FACTOR], ONE), counted)
    payment, above = wanted, basis - counted
    if terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        payment = within_annual_cap(trace[Trace.CAP], year, wanted)
        if payment < wanted:
            above = rules.above_cap(base, wanted, payment)
    if bill[Fact.BILLED] > 0:                              # a stay that cost nothing was cancelled
        year[YearState.ADMISSIONS] += 1
        year[YearState.ADMISSIONS_AT + tier] += 1
    year[YearState.DEDUCTIBLE_USED] += deducted
    year[YearState.ELIGIBLE_YEAR] += basis
    year[YearState.BASE_YEAR] += base
    trace[Trace.COUNTED], trace[Trace.COPAY], trace[Trace.BASE] = counted, copay, base
    trace[Trace.POINTS], trace[Trace.AREA] = points, area
    trace[Trace.BANDS_PAID], trace[Trace.LEAST] = bands_paid, least
    trace[Trace.GUARANTEED], trace[Trace.AFTER_FACTOR], trace[Trace.ABOVE_CAP] = guaranteed, wanted, above
    return payment


@lean
def is_chronic(terms: Ints, bill: Ints) -> bool:
    """Whether an ordinary outpatient bill is settled by the terms of the chronic list."""
    return terms[t.CHRONIC_LIST] == 1 and bill[Fact.CHRONIC] > 0


@lean
def pay_visit(terms: Ints, year: Ints, bill: Ints, eligible: int, trace: Ints) -> int:
    """Steps 3b and 3c: an ordinary outpatient bill, on the chronic list or not."""
    trace[Trace.AREA] = out_of_area_ratio(terms, bill[Fact.OUT_OF_AREA], t.OUT_OF_AREA_FACTOR, t.UNFILED_FACTOR)
    if is_chronic(terms, bill):
        return pay_chronic_visit(terms, year, bill, eligible, trace)
    tier, member_class = bill[Fact.TIER], bill[Fact.MEMBER_CLASS]
    consultation = rules.consultation_part(eligible, tier, terms[t.CONSULTATION_FEE])
    fixed = rounded(terms, consultation * terms[t.CONSULTATION_SHARE], ONE)
    place = tier * t.N_CLASSES + member_class
    left, of_visit = terms[t.OUTPATIENT_DEDUCTIBLE + place], terms[t.OUTPATIENT_DEDUCTIBLE_PERIOD] == t.DEDUCTIBLE_OF_VISIT
    if not of_visit:
        used_before = year[YearState.OUTPATIENT_DEDUCTIBLE_USED]
        if terms[t.DEDUCTIBLE_SHARED] == 1:
            used_before += year[YearState.DEDUCTIBLE_USED]
        left = left_of(left, used_before)
    used = rules.deductible_used(eligible - consultation, left)
    copay = min(terms[t.OUTPATIENT_COPAY + tier], eligible - consultation - used)
    base = eligible - consultation - used - copay
    medicine, favoured = min(bill[Fact.TCM], base), min(bill[Fact.ESSENTIAL], base)
    total = (base * terms[t.OUTPATIENT_RATIO + place] + medicine * terms[t.OUTPATIENT_TCM_BONUS]
             + favoured * terms[t.OUTPATIENT_ESSENTIAL_BONUS])
    visit = min(min(rounded(terms, total, trace[Trace.AREA]), base), terms[t.OUTPATIENT_VISIT_LIMIT + tier])
    trace[Trace.VISIT_TCM], trace[Trace.VISIT_ESSENTIAL] = medicine, favoured
    within = left_of(terms[t.OUTPATIENT_YEAR_LIMIT + member_class], year[YearState.OUTPATIENT_PAID])
    payment = min(min(fixed + visit, within), eligible)
    trace[Trace.CONSULTATION], trace[Trace.CONSULTATION_PAID], trace[Trace.WITHIN_LIMIT] = consultation, fixed, payment
    payment = within_cap_of_visits(terms, year, payment, trace)
    if not of_visit:
        year[YearState.OUTPATIENT_DEDUCTIBLE_USED] += used
    year[YearState.OUTPATIENT_PAID] += payment
    trace[Trace.VISIT_DEDUCTIBLE], trace[Trace.DEDUCTIBLE_USED] = left, used
    trace[Trace.VISIT_COPAY], trace[Trace.VISIT_PAID] = copay, visit
    return payment


@lean
def pay_chronic_visit(terms: Ints, year: Ints, bill: Ints, eligible: int, trace: Ints) -> int:
    """Step 3c: a visit for a disease on the chronic list, by the terms of the disease's group."""
    disease, tier, member_class = bill[Fact.CHRONIC] - 1, bill[Fact.TIER], bill[Fact.MEMBER_CLASS]
    place = disease * t.N_CLASSES + member_class
    left = left_of(terms[t.CHRONIC_DEDUCTIBLE + place], year[YearState.CHRONIC_DEDUCTIBLE_USED + disease])
    used = rules.deductible_used(eligible, left)
    ratio = terms[t.CHRONIC_RATIO + (disease * t.N_TIERS + tier) * t.N_CLASSES + member_class]
    visit = min(rounded(terms, (eligible - used) * ratio, trace[Trace.AREA]), eligible - used)
    payment = min(visit, left_of(terms[t.CHRONIC_YEAR_LIMIT + place], year[YearState.CHRONIC_PAID + disease]))
    trace[Trace.WITHIN_LIMIT] = payment
    payment = within_cap_of_visits(terms, year, payment, trace)
    year[YearState.CHRONIC_DEDUCTIBLE_USED + disease] += used
    year[YearState.CHRONIC_PAID + disease] += payment
    trace[Trace.VISIT_DEDUCTIBLE], trace[Trace.DEDUCTIBLE_USED], trace[Trace.VISIT_PAID] = left, used, visit
    return payment


@lean
def within_cap_of_visits(terms: Ints, year: Ints, payment: int, trace: Ints) -> int:
    """Steps 3b and 3c: an outpatient payment within what is left of the annual cap, where the cap counts outpatients."""
    if terms[t.CAP_COUNTS_OUTPATIENT] == 1 and terms[t.CAP_BASIS] == t.CAP_ON_PAYMENT:
        return within_annual_cap(trace[Trace.CAP], year, payment)
    return payment
