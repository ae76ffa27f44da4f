"""The report's page of what each policy changes: differences from the baseline, paired by draw, with their standard errors."""

from __future__ import annotations

from simulator.kernel.sums import BURDENS
from simulator.report.format import NONE, amount, marked, number, places_of, signed
from simulator.report.prose import REPORT, say
from simulator.report.select import Difference, Selection
from simulator.words import PAYER_NAMES, measure_and_group, short_scheme, unit_name

MAX_POLICIES = 12              # tables shown; all policies are in comparison.csv
# heading -> (measure, group): the figures by which a policy is judged
SUBJECTS = {
    "fund": tuple((name, "") for name in (
        "members", "revenue", "expenditure", "surplus", "balance", "revenue_per_head", "expenditure_per_head", "surplus_rate",
        "months_held", "share_of_funding", "deficit", "exhausted", "top_up_needed", "breach_annual", "breach_cumulative",
        "secondary_reimbursement", "rung", "factor", "premium_step", "deficit_top_up", "reserve_used", "provider_settlement",
        "hospital_borne", "gp_fees", "gp_fees_health", "gp_fees_patients", "individual_accounts", "supplement_premiums",
        "supplement_payments", "cii_premium", "cii_payments", "cii_margin",
        "cii_clawback", "cii_loss_borne", "cii_balance", "assistance", "assistance_appropriation", "relief_payments",
        "subsidy_central", "subsidy_provincial", "subsidy_county", "units", "units_exhausted", "adjustment_received",
        "government_compensation", "public_health_funding", "beds_per_1000")),
    "benefit": tuple((name, "") for name in (
        "admissions_per_100", "visits_per_head", "mean_bill", "payment_per_admission", "payment_per_visit", "in_scope_ratio",
        "actual_ratio", "actual_ratio_all_layers", "in_scope_share", "capped_per_100000")),
    "patients": (*((name, "") for name in ("oop_per_head", "cash_per_head", "prepaid_by_patients", "oop_share_of_expense",
                                           "oop_share_of_income", "net_burden_share_of_income",
                                           "oop_concentration_index")),
                 ("oop_per_head", "quintile:q1"), ("oop_per_head", "quintile:q5"),
                 *((name, "layer:assistance") for name in BURDENS)),
    "payers": tuple(("payer_share", f"payer:{name}") for name in PAYER_NAMES),
}


def effect_tables(selection: Selection, lang: str) -> dict | None:
    """One table for each policy and region; None for a run without policies. A table without parts says that nothing changed."""
    pairs = selection.policy_pairs
    if not pairs:
        return None
    years = list(dict.fromkeys([selection.years[0], selection.years[-1]]))
    tables = [{"title": selection.label_name(pair[0], lang), "parts": _parts(selection, pair, years, lang)}
              for pair in pairs[:MAX_POLICIES]]
    rest = say(REPORT, "more_pairs", lang, shown=MAX_POLICIES, all=len(pairs)) if len(pairs) > MAX_POLICIES else ""
    return {"tables": tables, "years": years, "rest": rest}


def _parts(selection: Selection, pair: tuple[str, str], years: list[int], lang: str) -> list[dict]:
    """The rows that changed, by scheme and subject."""
    parts = []
    for scheme in selection.schemes:
        for subject, figures in SUBJECTS.items():
            rows = [row for measure, group in figures if (row := _row(selection, pair, scheme, years, measure, group, lang))]
            if rows:
                name = say(REPORT, f"effects_{subject}", lang)
                heading = f"{short_scheme(scheme, lang)} · {name}" if len(selection.schemes) > 1 else name
                parts.append({"heading": heading, "rows": rows})
    return parts


def _row(selection: Selection, pair: tuple[str, str], scheme: str, years: list[int], measure: str, group: str,
         lang: str) -> dict | None:
    """The label, the unit, and for each year baseline, difference, standard error and verdict; None where nothing changed."""
    found = [selection.difference(pair, scheme, year, measure, group) for year in years]
    if not any(row and changed(row) for row in found) or not selection.worth_a_row(scheme, measure, group):
        return None
    size = max(abs(end) for row in found if row for end in (row.a, row.b))
    unit = next(row.unit for row in found if row)
    return {"label": measure_and_group(measure, group, lang), "unit": unit_name("%" if unit == "probability" else unit, lang),
            "cells": [_cell(row, size, lang) for row in found]}


def changed(row: Difference) -> bool:
    """Whether the sides differ by more than the rounding of a mean."""
    return abs(row.difference) > 1e-9 * max(abs(row.a), abs(row.b))


def significant(row: Difference) -> bool | None:
    """Whether the difference's 95% interval excludes zero; None where there is no interval (one draw, a pooled quantile, a mean
    that rests on a handful of worlds)."""
    return None if row.low != row.low else row.low > 0 or row.high < 0


def _cell(row: Difference | None, size: float, lang: str) -> dict:
    """The baseline, difference, standard error and verdict of one year, with enough digits to show the difference."""
    if row is None:
        return {"texts": (NONE, NONE, NONE), "verdict": NONE, "sure": False}
    if not changed(row):
        return {"texts": (amount(row.b, row.unit, size), "0", NONE), "verdict": "", "sure": False}
    scale = 100 if row.unit == "probability" else 1
    places = max(places_of(size, row.unit), places_of(row.difference * scale, "") if row.unit != "index" else 4)
    sure = significant(row)
    verdict = NONE if sure is None else say(REPORT, "significant" if sure else "not_significant", lang)
    error = NONE if sure is None else number(row.se * scale, max(places, places_of(row.se * scale, "")) if row.se else 0)
    return {"texts": (amount(row.b, row.unit, size), signed(row.difference * scale, places), marked(error, row.warning)),
            "verdict": verdict, "sure": bool(sure)}
