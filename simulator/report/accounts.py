"""The report's page of a scheme's other accounts: who subsidises, what stands beside the pooled fund, what pooling is worth.

A row stands only where a measure is not at rest (zero; a factor of 100%) for some side and year.
"""

from __future__ import annotations

from simulator.report.format import NONE, amount
from simulator.report.prose import REPORT, say
from simulator.report.select import Selection, Side
from simulator.words import measure_name, scheme_name, unit_name

# heading -> its measures, in the order of the fund's calendar
ACCOUNTS = {
    "subsidies": ("subsidy_central", "subsidy_provincial", "subsidy_county"),
    "hospitals": ("provider_settlement", "gp_fees"),
    "individual": ("account_payments", "individual_accounts"),
    "supplement": ("supplement_premiums", "supplement_payments", "supplement_balance"),
    "insurer": ("cii_premium", "cii_payments", "cii_margin", "cii_clawback", "cii_loss_borne", "cii_insurer", "cii_balance"),
    "assistance": ("assistance", "premium_help", "assistance_donations", "assistance_appropriation"),
    "relief": ("relief_funding", "relief_donations", "relief_payments", "relief_balance"),
    "response": ("secondary_share", "factor", "premium_step", "reserve_used", "deficit_top_up", "risk_reserve"),
    "pooling": ("counties_in_deficit", "top_up_if_county", "top_up_with_adjustment_fund", "top_up_if_city", "top_up_if_province",
                "value_of_pooling"),
    "beside": ("government_compensation", "public_health_funding", "beds_per_1000"),
}
AT_REST = {"factor": 100.0}
FEW, MOST = 2, 4                # above FEW sides only the first and the last year have room; above MOST another table begins


def account_tables(selection: Selection, lang: str) -> list[dict]:
    """Tables of each scheme: accounts by heading, a column a side and year."""
    sides = selection.sides
    years = shown_years(selection.years, 3 if len(sides) <= FEW else 2)
    return [_table(selection, sides[at:at + MOST], years, scheme, lang)
            for scheme in selection.schemes for at in range(0, len(sides), MOST)]


def _table(selection: Selection, sides: list[Side], years: list[int], scheme: str, lang: str) -> dict:
    """Accounts of a scheme by heading, of some sides; headings without rows are left out."""
    parts = [{"heading": say(REPORT, f"accounts_{heading}", lang),
              "rows": [row for measure in measures if (row := _row(selection, sides, years, scheme, measure, lang))]}
             for heading, measures in ACCOUNTS.items()]
    return {"scheme": scheme_name(scheme, lang), "sides": [selection.side_name(side, lang) for side in sides], "years": years,
            "parts": [part for part in parts if part["rows"]]}


def shown_years(years: range, most: int) -> list[int]:
    """The first year, the last, and as many evenly between them as there is room for."""
    steps = min(most, len(years)) - 1
    return [years[(len(years) - 1) * at // steps] for at in range(steps + 1)] if steps else [years[0]]


def _row(selection: Selection, sides: list[Side], years: list[int], scheme: str, measure: str, lang: str) -> dict | None:
    """Name, unit and cells of a measure, with digits for each side's size; None where it is at rest in all sides and years."""
    rest = AT_REST.get(measure, 0.0)
    found = [[selection.number(side, scheme, year, measure) for year in selection.years] for side in sides]
    if not any(number and abs(number.mean - rest) > 1e-12 for numbers in found for number in numbers):
        return None
    cells = []
    for numbers in found:
        shown = [numbers[year - selection.years[0]] for year in years]
        size = max((abs(number.mean) for number in shown if number), default=0.0)
        cells += [NONE if number is None else amount(number.mean, number.unit, size) if number.mean else "0" for number in shown]
    return {"label": measure_name(measure, lang), "unit": unit_name(selection.units[measure], lang), "cells": cells}
