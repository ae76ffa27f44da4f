"""Every kind of threshold, and the term of a plan that each is aimed at where it is one."""

import numpy as np

from simulator import plan as at
from tests.support import threshold_bills as care
from tests.support import threshold_layers as layers
from tests.support import threshold_prices as prices

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
}
FAMILIES = (*AIMED, care.tcm_parts, care.guaranteed_shares, prices.hospitals_losses, prices.better_terms)


def in_force(name: str, terms: np.ndarray) -> np.ndarray:
    """bool[P]: policies whose other terms let a bill reach the threshold `name` at all."""
    if name == "supplement_cap":
        return (terms[:, at.SUPPLEMENT_RATIO] > 0) & care.finite(terms[:, at.ANNUAL_CAP])
    if name.startswith("commercial"):
        return (terms[:, at.COMMERCIAL_SHARE] > 0) & (terms[:, at.COMMERCIAL_RATIO] > 0)
    if name.startswith("chronic"):
        return terms[:, at.CHRONIC_LIST] == 1
    if name == "day_price":
        return terms[:, at.PAYMENT_COUNTIES] > 0
    if name == "relief_ability":
        return (terms[:, at.RELIEF_RATIO] > 0) & terms[:, at.RELIEF_GROUPS:at.RELIEF_GROUPS + at.N_GROUPS].any(axis=1)
    return np.ones(len(terms), dtype=bool)
