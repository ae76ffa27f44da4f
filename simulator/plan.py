"""A Plan laid out as one row of int64, so that the compiled rules read `terms[ANNUAL_CAP]`.

A row a policy: `pack([plan, plan, ...])` is int64[P, TERMS]. Fields with an index lie in C order:
the deductible of tier t, order n and class c stands at DEDUCTIBLE + (t * 3 + n) * 5 + c. Schedules
have BANDS places; the last top is without limit and the places behind it are empty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.money import UNLIMITED

BANDS = 8
TIERS, CLASSES, GROUPS, ILLNESSES, ORDERS = 4, 5, 6, 20, 3

class Plan(NamedTuple):
    """One scheme's settlement terms in one year, as docs/settlement.md names them.

    Shapes: T = 4 tiers, C = 5 member classes, G = 6 assistance groups, I = 20 illnesses, B bands of
    the inpatient schedule, Q bands of CII. Amounts in fen, ratios and points in 1/10,000, flags 0/1.
    """

    deductible: np.ndarray             # [T, 3, C]
    deductible_waived: np.ndarray      # [G]
    band_tops: np.ndarray              # [B], the last UNLIMITED
    ratio: np.ndarray                  # [T, C, B]
    band_basis: int              # band_basis: 0 eligible, 1 after_deductible
    band_period: int                     # band_period: 0 admission, 1 year
    primary_bonus: int
    outside_penalty: int
    unreferred_penalty: int
    tcm_bonus: int
    guaranteed_share: int
    guaranteed_basis: int          # guaranteed_basis: 0 eligible, 1 billed
    factor: int
    annual_cap: int
    cap_basis: int                # cap_basis: 0 payment, 1 expense
    cap_counts_outpatient: int
    listed: np.ndarray                 # [I]: 0 none, 1 full, 2 pilot
    listed_ratio: np.ndarray           # [I]
    quota: np.ndarray                  # [I]
    quota_kind: np.ndarray          # [I]: 1 package, 0 limit
    listed_better: int                 # 1: at least what an ordinary bill would be paid
    listed_outside_cap: int
    pilot_counties: int                # counties 0 .. pilot_counties-1 take part in the pilot
    reference_price: int               # of new drugs in one bill
    case_level: np.ndarray             # [T], 0 = no case payment
    day_price: np.ndarray              # [T], 0 = no per-diem payment
    patient_share_base: int             # patient_share_base: 0 price, 1 billed
    payment_counties: int              # counties 0 .. payment_counties-1 pay by case and day
    consultation_fee: int
    consultation_share: int
    outpatient_deductible: int
    outpatient_ratio: np.ndarray       # [T]
    outpatient_visit_limit: int
    outpatient_year_limit: int
    chronic_list: int
    chronic_deductible: int
    chronic_ratio: np.ndarray          # [T]
    chronic_year_limit: int
    supplement_ratio: int
    supplement_cap: int
    cii_threshold: int
    cii_tops: np.ndarray               # [Q], the last UNLIMITED
    cii_ratio: np.ndarray              # [Q]
    cii_cap: int
    cii_counts_outpatient: int
    cii_listed_only: int
    cii_excluded_share: int
    commercial_share: int              # persons with a cover rank below it (of 10,000) hold the commercial supplement
    commercial_deductible: int
    commercial_ratio: int
    commercial_cap: int
    commercial_scope: int             # commercial_scope: 0 in_scope, 1 all
    ma_inpatient_ratio: np.ndarray     # [G]
    ma_outpatient_ratio: np.ndarray    # [G]
    ma_listed_ratio: np.ndarray        # [G]
    ma_deductible: int
    ma_listed_waives_deductible: int
    ma_cap: int
    ma_listed_outside_cap: int
    ma_take_up: int
    account_balance: np.ndarray        # [C] at the start of the year, the year's credit included
    account_use: int       # account_use: 0 all, 1 outpatient
    relief_groups: np.ndarray           # [G] flags
    relief_ability: int
    relief_ratio: int
    secondary_threshold: int           # self-pay above it can be refunded after year end


_SHAPES = {"deductible": (TIERS, ORDERS, CLASSES), "deductible_waived": (GROUPS,), "band_tops": (BANDS,),
           "ratio": (TIERS, CLASSES, BANDS), "listed": (ILLNESSES,), "listed_ratio": (ILLNESSES,), "quota": (ILLNESSES,),
           "quota_kind": (ILLNESSES,), "case_level": (TIERS,), "day_price": (TIERS,), "outpatient_ratio": (TIERS,),
           "chronic_ratio": (TIERS,), "account_balance": (CLASSES,), "relief_groups": (GROUPS,), "cii_tops": (BANDS,),
           "cii_ratio": (BANDS,),
           "ma_inpatient_ratio": (GROUPS,), "ma_outpatient_ratio": (GROUPS,), "ma_listed_ratio": (GROUPS,)}
SHAPES = {name: _SHAPES.get(name, ()) for name in Plan._fields}
_SIZES = [int(np.prod(shape, dtype=np.int64)) for shape in SHAPES.values()]
OFFSETS = dict(zip(SHAPES, np.cumsum([0, *_SIZES[:-1]]).tolist(), strict=True))
TERMS = sum(_SIZES)

(DEDUCTIBLE, DEDUCTIBLE_WAIVED, BAND_TOPS, RATIO, BAND_BASIS, BAND_PERIOD, PRIMARY_BONUS, OUTSIDE_PENALTY,
 UNREFERRED_PENALTY, TCM_BONUS, GUARANTEED_SHARE, GUARANTEED_BASIS, FACTOR, ANNUAL_CAP, CAP_BASIS,
 CAP_COUNTS_OUTPATIENT, LISTED, LISTED_RATIO, QUOTA, QUOTA_KIND, LISTED_BETTER, LISTED_OUTSIDE_CAP, PILOT_COUNTIES,
 REFERENCE_PRICE, CASE_LEVEL, DAY_PRICE, PATIENT_SHARE_BASE, PAYMENT_COUNTIES, CONSULTATION_FEE, CONSULTATION_SHARE,
 OUTPATIENT_DEDUCTIBLE, OUTPATIENT_RATIO, OUTPATIENT_VISIT_LIMIT, OUTPATIENT_YEAR_LIMIT, CHRONIC_LIST, CHRONIC_DEDUCTIBLE,
 CHRONIC_RATIO, CHRONIC_YEAR_LIMIT, SUPPLEMENT_RATIO, SUPPLEMENT_CAP, CII_THRESHOLD, CII_TOPS, CII_RATIO, CII_CAP,
 CII_COUNTS_OUTPATIENT, CII_LISTED_ONLY, CII_EXCLUDED_SHARE, COMMERCIAL_SHARE, COMMERCIAL_DEDUCTIBLE, COMMERCIAL_RATIO,
 COMMERCIAL_CAP, COMMERCIAL_SCOPE, MA_INPATIENT_RATIO, MA_OUTPATIENT_RATIO, MA_LISTED_RATIO, MA_DEDUCTIBLE,
 MA_LISTED_WAIVES_DEDUCTIBLE, MA_CAP, MA_LISTED_OUTSIDE_CAP, MA_TAKE_UP, ACCOUNT_BALANCE, ACCOUNT_USE, RELIEF_GROUPS,
 RELIEF_ABILITY, RELIEF_RATIO, SECONDARY_THRESHOLD) = OFFSETS.values()      # in the order of tables.Plan; a test holds them to it


def pack(plans: list[Plan]) -> np.ndarray:
    """Plans of P policies as int64[P, TERMS]. ValueError if a schedule has more than BANDS bands."""
    terms = np.zeros((len(plans), TERMS), dtype=np.int64)
    for p, plan in enumerate(plans):
        for name, shape in SHAPES.items():
            value = np.asarray(getattr(plan, name), dtype=np.int64)
            if shape and value.shape != shape:
                if value.shape[-1] > BANDS:
                    raise ValueError(f"{name} has {value.shape[-1]} bands, more than {BANDS}")
                padded = np.full(shape, UNLIMITED if name.endswith("tops") else 0, dtype=np.int64)
                padded[..., :value.shape[-1]] = value
                value = padded
            terms[p, OFFSETS[name]:OFFSETS[name] + value.size] = value.ravel()
    return terms
