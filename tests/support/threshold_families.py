"""Every kind of threshold, and the term of a plan that each is aimed at where it is one."""

import numpy as np

from simulator import plan as at
from tests.support import threshold_bills as care
from tests.support import threshold_layers as layers
from tests.support import threshold_prices as prices
from tests.support import threshold_real as real
from tests.support import threshold_terms as newer

AIMED = {
    care.deductibles: "deductible", care.band_tops: "band_tops", care.annual_caps: "annual_cap",
    care.consultation_fees: "consultation_fee", care.outpatient_deductibles: "outpatient_deductible",
    care.visit_limits: "outpatient_visit_limit", care.outpatient_year_limits: "outpatient_year_limit",
    care.chronic_deductibles: "chronic_deductible", care.chronic_year_limits: "chronic_year_limit", care.quotas: "quota",
    prices.reference_prices: "reference_price", prices.prices_of_bills: "day_price",
    layers.supplement_caps: "supplement_cap", layers.cii_thresholds: "cii_tops", layers.cii_caps: "cii_cap",
    layers.commercial_deductibles: "commercial_deductible", layers.commercial_caps: "commercial_cap",
    layers.assistance_deductibles: "ma_deductible", layers.assistance_caps: "ma_cap",
    layers.account_balances: "account_balance", layers.relief_abilities: "relief_ability",
    real.deductible_year_limits: "deductible_year_limit", real.admission_copays: "admission_copay",
    real.outpatient_copays: "outpatient_copay", real.cii_tops_of_listed_bills: "cii_listed_tops",
    real.civil_deductibles: "civil_deductible", real.civil_caps: "civil_cap",
    newer.supplement_tops: "supplement_tops", newer.second_thresholds: "ma_second_threshold", newer.second_caps: "ma_second_cap",
}
FAMILIES = (*AIMED, care.tcm_parts, care.guaranteed_shares, prices.hospitals_losses, prices.better_terms, real.deductible_shares,
            real.shared_deductibles, real.deductibles_out_of_area, real.rounding_units, real.smallest_bills,
            real.prices_of_nothing, real.first_payments, real.cii_thresholds_of_groups, newer.insured_years, newer.least_amounts,
            newer.favoured_parts, newer.shares_of_the_basis, newer.prices_of_the_bill)


def in_force(name: str, terms: np.ndarray) -> np.ndarray:
    """bool[P, 1] or bool[P, places]: where a policy's other terms let a bill reach the threshold `name` at all."""
    if name in ("ma_deductible", "ma_cap"):
        ratios = [terms[:, at.places(ratio)] > 0 for ratio in ("ma_inpatient_ratio", "ma_outpatient_ratio", "ma_listed_ratio")]
        return np.any(ratios, axis=0) & (np.arange(at.N_GROUPS) > 0)               # the group `none` has no assistance
    if name.startswith("ma_second"):
        return (terms[:, at.places("ma_second_ratio")] > 0) & (np.arange(at.N_GROUPS) > 0)
    if name == "outpatient_visit_limit":
        return (terms[:, at.places("outpatient_ratio")] > 0).reshape(len(terms), at.N_TIERS, at.N_CLASSES).any(axis=2)
    return _in_force(name, terms)[:, None]


def _in_force(name: str, terms: np.ndarray) -> np.ndarray:
    """The same of a term that is in force for all of its places or for none, bool[P]."""
    if name.startswith("civil"):
        return terms[:, at.CIVIL_RATIO] > 0
    if name == "cii_listed_tops":
        return terms[:, at.places("listed")].any(axis=1) & terms[:, at.places("cii_listed_ratio")].any(axis=1)
    if name == "deductible_year_limit":
        return terms[:, at.places("deductible")].any(axis=1)
    if name in ("supplement_cap", "supplement_tops"):
        return terms[:, at.places("supplement_ratio")].any(axis=1) & care.finite(terms[:, at.places("annual_cap")]).any(axis=1)
    if name.startswith("commercial"):
        return (terms[:, at.COMMERCIAL_SHARE] > 0) & (terms[:, at.COMMERCIAL_RATIO] > 0)
    if name.startswith("chronic"):
        return terms[:, at.CHRONIC_LIST] == 1
    if name == "day_price":
        return terms[:, at.PAYMENT_COUNTIES] > 0
    if name == "relief_ability":
        return (terms[:, at.RELIEF_RATIO] > 0) & terms[:, at.RELIEF_GROUPS:at.RELIEF_GROUPS + at.N_GROUPS].any(axis=1)
    return np.ones(len(terms), dtype=bool)
