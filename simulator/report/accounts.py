"""The report's page of a scheme's other accounts: subsidies, the accounts beside the pooled fund, and the pooling units.

A measure has a row only where it differs from its neutral value (zero; a control factor of 100%, one pooling unit) for some side
and year.
"""

from __future__ import annotations

from simulator.report.format import NONE, amount
from simulator.report.prose import REPORT, say
from simulator.report.select import Selection, Side
from simulator.words import measure_name, scheme_name, unit_name

# heading -> its measures, in the order of the fund's annual cycle
ACCOUNT_TABLES = {
    "subsidies": ("enterprise_payments", "subsidy_central", "subsidy_provincial", "subsidy_county"),
    "hospitals": ("provider_settlement", "hospital_borne", "pressure_inpatient", "pressure_outpatient", "quality_loss", "gp_fees",
                  "gp_fees_health", "gp_fees_patients"),
    "individual": ("account_payments", "individual_accounts"),
    "supplement": ("supplement_premium_rate", "supplement_premiums", "supplement_payments", "supplement_balance"),
    "insurer": ("cii_premium_rate", "cii_premium", "cii_payments", "cii_margin", "cii_clawback", "cii_loss_borne", "cii_insurer",
                "cii_balance"),
    "assistance": ("assistance", "premium_help", "assistance_donations", "assistance_appropriation"),
    "relief": ("relief_funding", "relief_donations", "relief_payments", "relief_balance"),
    "response": ("secondary_share", "rung", "factor", "premium_step", "reserve_used", "deficit_top_up", "risk_reserve"),
    "pooling": ("units", "units_exhausted", "top_up_needed", "adjustment_paid", "adjustment_received", "adjustment_fund"),
    "beside": ("government_compensation", "public_health_funding", "beds_per_1000"),
}
NEUTRAL = {"factor": 100.0, "cii_premium_rate": 100.0, "supplement_premium_rate": 100.0, "units": 1.0}      # of others: zero
FEW_SIDES, MOST_SIDES = 2, 4    # above FEW_SIDES only the first and the last year are shown; a table has at most MOST_SIDES


def account_tables(selection: Selection, lang: str) -> list[dict]:
    """The tables of each scheme: accounts by heading, with a column for each side and year."""
    sides = selection.sides
    years = shown_years(selection.years, 3 if len(sides) <= FEW_SIDES else 2)
    return [_table(selection, sides[at:at + MOST_SIDES], years, scheme, lang)
            for scheme in selection.schemes for at in range(0, len(sides), MOST_SIDES)]


def _table(selection: Selection, sides: list[Side], years: list[int], scheme: str, lang: str) -> dict:
    """The accounts of a scheme by heading for some sides; headings without rows are left out."""
    parts = [{"heading": say(REPORT, f"accounts_{heading}", lang),
              "rows": [row for measure in measures if (row := _row(selection, sides, years, scheme, measure, lang))]}
             for heading, measures in ACCOUNT_TABLES.items()]
    return {"scheme": scheme_name(scheme, lang), "sides": [selection.side_name(side, lang) for side in sides], "years": years,
            "parts": [part for part in parts if part["rows"]]}


def shown_years(years: range, most: int) -> list[int]:
    """The first year, the last, and evenly between them as many as make up `most` years."""
    steps = min(most, len(years)) - 1
    return [years[(len(years) - 1) * at // steps] for at in range(steps + 1)] if steps else [years[0]]


def _row(selection: Selection, sides: list[Side], years: list[int], scheme: str, measure: str, lang: str) -> dict | None:
    """The name, unit and cells of a measure, with digits by each side's size; None where it is neutral on all sides."""
    neutral = NEUTRAL.get(measure, 0.0)
    found = [[selection.number(side, scheme, year, measure) for year in selection.years] for side in sides]
    if not any(number and abs(number.mean - neutral) > 1e-12 for numbers in found for number in numbers):
        return None
    cells = []
    for numbers in found:
        shown = [numbers[year - selection.years[0]] for year in years]
        size = max((abs(number.mean) for number in shown if number), default=0.0)
        cells += [NONE if number is None else amount(number.mean, number.unit, size) if number.mean else "0" for number in shown]
    return {"label": measure_name(measure, lang), "unit": unit_name(selection.units[measure], lang), "cells": cells}
