"""What is carried along while bills are settled: a person's state of the year, and how a bill was settled.

docs/settlement.md says what each figure is.
"""

from __future__ import annotations

from enum import IntEnum

from simulator import plan as t


class YearState(IntEnum):
    """One person's state of the year, int64[STATE], all zero on 1 January. Where a figure is one of several, the first stands
    here: ADMISSIONS_AT by tier, the two of the chronic list by group of diseases."""

    ADMISSIONS, ELIGIBLE_YEAR, BASE_YEAR, CAP_USED, OUTPATIENT_DEDUCTIBLE_USED, OUTPATIENT_PAID = range(6)
    SELF_PAY_YEAR, MA_DEDUCTIBLE_USED, MA_PAID, SUPPLEMENT_USED, COMMERCIAL_DEDUCTIBLE_USED = range(6, 11)
    COMMERCIAL_PAID, ACCOUNT_USED, DEDUCTIBLE_USED, LISTED_SELF_PAY_YEAR, CIVIL_DEDUCTIBLE_USED, CIVIL_PAID = range(11, 17)
    SUPPLEMENT_BASE, MA_SECOND_USED, MA_SECOND_PAID = range(17, 20)
    # Of a stay that was billed before (`law/rows.py`), else 0: the deductible and the fixed sum taken, E and the base so far.
    STAY_DEDUCTIBLE, STAY_COPAY, STAY_ELIGIBLE, STAY_BASE = range(20, 24)
    ADMISSIONS_AT = 24
    CHRONIC_DEDUCTIBLE_USED = 24 + t.N_TIERS
    CHRONIC_PAID = 24 + t.N_TIERS + t.N_CHRONIC


STATE = YearState.CHRONIC_PAID + t.N_CHRONIC


class Trace(IntEnum):
    """How a bill was settled, int64[TRACE]. Only what the bill came by is filled: the rest is whatever stood there."""

    SCOPE, LISTED = range(2)                             # eligible after steps 0 and 2a; 1: paid as a listed illness
    FIRST_PAID, FIRST_OUTSIDE, ACCOUNT_FIRST = range(2, 5)              # steps 0 and 2a: f, of it f'; step 2b: a
    PRICE, CHARGED, BASIS = range(5, 8)                  # step 3: price or -1; what stands for B and for E
    LIST_RATIO, ORDINARY, LIST_WANTED = range(8, 11)     # step 2: by the list's ratio; as an ordinary bill; before the cap
    ORDER, DEDUCTIBLE_STATED, DEDUCTIBLE, COPAY = range(11, 15)         # step 3a.2: n, D as the tier has it, D at the end, k
    COUNTED, BASE, POINTS, AREA = range(15, 19)          # steps 3a.1-4: E', the base, points, g
    TCM_PART, BANDS_PAID, LEAST = range(19, 22)          # step 3a.4-5: TCM that counts, payment of the bands, guaranteed amount
    GUARANTEED, AFTER_FACTOR, ABOVE_CAP = range(22, 25)  # payment after steps 3a.6 and 3a.7; step 4: u
    CONSULTATION, CONSULTATION_PAID, VISIT_DEDUCTIBLE = range(25, 28)   # step 3b: C, c, L
    DEDUCTIBLE_USED, VISIT_COPAY, VISIT_PAID, WITHIN_LIMIT = range(28, 32)   # steps 3b, 3c: d, k, v, within the year's limit
    SELF_PAY, COMPLIANT, CII_COUNTS, CII_THRESHOLD = range(32, 36)      # step 5: s, c, whether the bill counts, Z
    CII_BEFORE, CII_AFTER, CII_MOST = range(36, 39)      # H before the bill and with it, and what the patient had left
    CIVIL_COVERED, CIVIL_USED, CIVIL_PAID = range(39, 42)               # step 5a: x, d, what it pays
    COVERED, COVER_USED, COVER_PAID = range(42, 45)      # step 6: x, d, w
    ASSISTED, ASSISTANCE_RATIO, ASSISTANCE_USED, ASSISTANCE_DUE = range(45, 49)      # step 7: m, ratio, d, before the take-up
    PATIENT_LEFT, CAP, ESSENTIAL_PART = range(49, 52)    # step 8: l; the annual cap of the bill; step 3a.4: what is favoured
    VISIT_TCM, VISIT_ESSENTIAL = range(52, 54)           # step 3b: parts with points
    SECOND_LEFT, SECOND_USED, SECOND_PAID = range(54, 57)               # step 7a: m', d, what it pays
    BANDS = 57                                           # step 3a.4: how many bands the interval goes through; of each
    BAND_FROM, BAND_PART, BAND_RATE = 58, 58 + t.BANDS, 58 + 2 * t.BANDS             # where its part begins, the part, the rate
    BAND_PAID = 58 + 3 * t.BANDS                         # what it comes to, fen x 1/10,000
    CII_PARTS_BEFORE = 58 + 4 * t.BANDS                  # step 5: how many bands F goes through before the bill, and the parts
    CII_PARTS = 59 + 5 * t.BANDS                         # and with the bill
    CII_LISTED_BEFORE = 60 + 6 * t.BANDS                 # the same of G
    CII_LISTED = 61 + 7 * t.BANDS
    SUPPLEMENT_PARTS = 62 + 8 * t.BANDS                  # step 4: the same of the supplement's bands
    KEPT = 63 + 9 * t.BANDS                              # step 2: the year's state while a bill is tried as an ordinary one


TRACE = Trace.KEPT + STATE
