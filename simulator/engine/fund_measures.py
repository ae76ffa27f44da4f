"""The definition of every reported figure of a fund, from its ledger; those of care and burden are in `measures.py`."""

from __future__ import annotations

import numpy as np

from simulator.engine.measures import Measure, ratio
from simulator.fund import control
from simulator.fund.accounts import YearLedger

# column of the ledger -> measure, in 1e8 yuan
LEDGER_AMOUNTS = {
    "revenue": "revenue", "expenditure": "expenditure", "surplus": "surplus", "accrued_closing": "balance",
    "closing": "bank_balance", "claims_incurred": "claims", "cii_premium": "cii_premium",
    "cii_from_surplus": "cii_from_surplus", "secondary": "secondary_reimbursement",
    "reserve": "risk_reserve", "individual_account": "individual_accounts", "cii_claims": "cii_payments",
    "cii_closing": "cii_balance", "assistance": "assistance", "funding": "funding",
    "provider_settlement": "provider_settlement", "hospital_borne": "hospital_borne", "gp_fees": "gp_fees",
    "gp_fees_health": "gp_fees_health", "gp_fees_patients": "gp_fees_patients", "cii_margin": "cii_margin",
    "cii_clawback": "cii_clawback", "cii_loss_borne": "cii_loss_borne", "cii_insurer": "cii_insurer",
    "supplement_claims": "supplement_payments", "supplement_closing": "supplement_balance", "relief_claims": "relief_payments",
    "relief_closing": "relief_balance", "assistance_appropriation": "assistance_appropriation", "premium_help": "premium_help",
    "assistance_donations": "assistance_donations", "supplement_premium": "supplement_premiums",
    "relief_funding": "relief_funding", "relief_donations": "relief_donations",
    "entry": "enterprise_payments",
    "individual_claims": "account_payments", "deficit_top_up": "deficit_top_up", "reserve_used": "reserve_used",
    "subsidy_central": "subsidy_central", "subsidy_provincial": "subsidy_provincial", "subsidy_county": "subsidy_county",
    "needed_top_up": "top_up_needed", "adjustment_paid": "adjustment_paid", "adjustment_received": "adjustment_received",
    "adjustment_closing": "adjustment_fund",
}


def ledger_measures(ledger: YearLedger, members: np.ndarray, chance: np.ndarray) -> list[Measure]:
    """The fund measures of a scheme and year, of all its pooling units together. A probability is by members: the share of those
    whose unit is concerned.

    `members` is int64[D, P]; `chance` float64[D, P] is the population's own sampling variation in the year's expenditure, in
    fen.
    """
    heads = members.astype(np.float64)
    rows = [Measure(name, "", "1e8 CNY", getattr(ledger, column) / 1e10) for column, name in LEDGER_AMOUNTS.items()]
    rows += [
        Measure("members", "", "1e4 persons", heads / 1e4),
        Measure("revenue_per_head", "", "CNY/person/year", ratio(ledger.revenue / 100, heads)),
        Measure("funding_per_head", "", "CNY/person/year", ratio(ledger.funding / 100, heads)),
        Measure("expenditure_per_head", "", "CNY/person/year", ratio(ledger.expenditure / 100, heads)),
        Measure("expenditure_over_revenue", "", "%", ratio(ledger.expenditure * 100.0, ledger.revenue)),
        Measure("surplus_rate", "", "%", ledger.surplus_rate * 100),
        Measure("months_held", "", "month", ledger.months_held),
        Measure("share_of_funding", "", "%", ledger.share_of_funding * 100),
        Measure("factor", "", "%", ledger.factor / 100.0),
        Measure("premium_step", "", "%", ledger.premium_step / 100.0),
        Measure("pressure_inpatient", "", "%", ledger.pressure_inpatient / 100.0),
        Measure("pressure_outpatient", "", "%", ledger.pressure_outpatient / 100.0),
        Measure("cii_premium_rate", "", "%", ledger.cii_rate / 100.0),
        Measure("supplement_premium_rate", "", "%", ledger.supplement_rate / 100.0),
        Measure("secondary_share", "", "%", ledger.rho * 100),
        Measure("secondary_threshold", "", "CNY/person/year", ledger.secondary_threshold / 100.0),
        Measure("deficit", "", "probability", ledger.in_deficit.astype(np.float64)),
        Measure("exhausted", "", "probability", ledger.exhausted.astype(np.float64)),
        Measure("breach_annual", "", "probability", ledger.breach_annual.astype(np.float64)),
        Measure("breach_cumulative", "", "probability", ledger.breach_cumulative.astype(np.float64)),
        Measure("over_annual", "", "probability", ledger.over_annual.astype(np.float64)),
        Measure("over_cumulative", "", "probability", ledger.over_cumulative.astype(np.float64)),
        Measure("at_bounds", "", "probability", ledger.at_bounds.astype(np.float64)),
        Measure("rung", "", "rung", ledger.rung.astype(np.float64)),
        Measure("top_rung", "", "probability", ledger.top_rung.astype(np.float64)),
        Measure("months_in_one", "", "month", control.months_held(ledger.balance_in_one, ledger.spending_in_one)),
        Measure("months_in_two", "", "month", control.months_held(ledger.balance_in_two, ledger.spending_in_two)),
        Measure("forecast_yellow", "", "probability", ledger.forecast_yellow.astype(np.float64)),
        Measure("forecast_red", "", "probability", ledger.forecast_red.astype(np.float64)),
        Measure("warning_yellow", "", "probability", ledger.warning_yellow.astype(np.float64)),
        Measure("warning_red", "", "probability", ledger.warning_red.astype(np.float64)),
        Measure("chance_in_expenditure", "", "%", ratio(chance * 100, ledger.expenditure)),
    ]
    return rows
