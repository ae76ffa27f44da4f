"""A Plan laid out as one row of int64, so that the compiled rules read `terms[ANNUAL_CAP]`.

A row a policy: `pack([plan, plan, ...])` is int64[P, TERMS]. Fields with an index lie in C order:
the deductible of tier t, order n and class c stands at DEDUCTIBLE + (t * 3 + n) * 5 + c. Schedules
have BANDS places; the last top is without limit and the places behind it are empty.
"""

from __future__ import annotations

import numpy as np

from simulator.money import UNLIMITED
from simulator.tables import Plan

BANDS = 8
TIERS, CLASSES, GROUPS, ILLNESSES, ORDERS = 4, 5, 6, 20, 3

_SHAPES = {"deductible": (TIERS, ORDERS, CLASSES), "deductible_waived": (GROUPS,), "band_tops": (BANDS,),
           "ratio": (TIERS, CLASSES, BANDS), "listed": (ILLNESSES,), "listed_ratio": (ILLNESSES,), "quota": (ILLNESSES,),
           "quota_package": (ILLNESSES,), "case_level": (TIERS,), "day_price": (TIERS,), "outpatient_ratio": (TIERS,),
           "chronic_ratio": (TIERS,), "account_balance": (CLASSES,), "relief_group": (GROUPS,), "cii_tops": (BANDS,),
           "cii_ratio": (BANDS,),
           "ma_inpatient_ratio": (GROUPS,), "ma_outpatient_ratio": (GROUPS,), "ma_listed_ratio": (GROUPS,)}
SHAPES = {name: _SHAPES.get(name, ()) for name in Plan._fields}
_SIZES = [int(np.prod(shape, dtype=np.int64)) for shape in SHAPES.values()]
OFFSETS = dict(zip(SHAPES, np.cumsum([0, *_SIZES[:-1]]).tolist(), strict=True))
TERMS = sum(_SIZES)

(DEDUCTIBLE, DEDUCTIBLE_WAIVED, BAND_TOPS, RATIO, AFTER_DEDUCTIBLE, BAND_YEAR, PRIMARY_BONUS, OUTSIDE_PENALTY,
 UNREFERRED_PENALTY, TCM_BONUS, GUARANTEED_SHARE, GUARANTEED_ON_BILLED, FACTOR, ANNUAL_CAP, CAP_ON_EXPENSE,
 CAP_COUNTS_OUTPATIENT, LISTED, LISTED_RATIO, QUOTA, QUOTA_PACKAGE, LISTED_BETTER, LISTED_OUTSIDE_CAP, PILOT_COUNTIES,
 REFERENCE_PRICE, CASE_LEVEL, DAY_PRICE, PRICE_BASE_BILLED, PAYMENT_COUNTIES, CONSULTATION_FEE, CONSULTATION_SHARE,
 OUTPATIENT_DEDUCTIBLE, OUTPATIENT_RATIO, OUTPATIENT_VISIT_LIMIT, OUTPATIENT_YEAR_LIMIT, CHRONIC_LIST, CHRONIC_DEDUCTIBLE,
 CHRONIC_RATIO, CHRONIC_YEAR_LIMIT, SUPPLEMENT_RATIO, SUPPLEMENT_CAP, CII_THRESHOLD, CII_TOPS, CII_RATIO, CII_CAP,
 CII_COUNTS_OUTPATIENT, CII_LISTED_ONLY, CII_EXCLUDED_SHARE, COMMERCIAL_SHARE, COMMERCIAL_DEDUCTIBLE, COMMERCIAL_RATIO,
 COMMERCIAL_CAP, COMMERCIAL_ON_ALL, MA_INPATIENT_RATIO, MA_OUTPATIENT_RATIO, MA_LISTED_RATIO, MA_DEDUCTIBLE,
 MA_LISTED_WAIVES_DEDUCTIBLE, MA_CAP, MA_LISTED_OUTSIDE_CAP, MA_TAKE_UP, ACCOUNT_BALANCE, ACCOUNT_OUTPATIENT_ONLY, RELIEF_GROUP,
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
