"""Every kind of threshold, and the term of a plan that each is aimed at where it is one."""

from tests import threshold_bills as care
from tests import threshold_layers as layers
from tests import threshold_prices as prices

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
