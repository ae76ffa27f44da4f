"""The tables of a report: compared measures, the fund by year, levels, illnesses, rules, and where values come from."""

from __future__ import annotations

from collections import Counter

from simulator.kernel.sums import BURDENS, LAYERS
from simulator.parameters.catalogue import QUINTILES, STATUSES, TIERS
from simulator.report.codes import parameter_name, value_text
from simulator.report.format import NONE, amount, interval, marked, number
from simulator.report.prose import REPORT, say
from simulator.report.select import Number, Selection, Side
from simulator.words import (
    FUND_HEADINGS,
    PAYER_NAMES,
    STATUS_NAMES,
    TOPIC_NAMES,
    group_name,
    measure_and_group,
    measure_name,
    region_name,
    scheme_name,
    unit_name,
    word,
)

MAX_PAIRS = 6                  # comparisons shown; all are in comparison.csv
PAYER_SHARES = ("fund_share", "later_layers_share", "hospital_share", "account_share", "cash_share")
MAIN = (
    *((name, "") for name in ("revenue_per_head", "expenditure_per_head", "surplus_rate", "months_held", "deficit", "exhausted",
                              "in_scope_ratio", "oop_per_head", "oop_share_of_income", "net_burden_share_of_income")),
    ("catastrophic_25", "layer:before"), ("catastrophic_25", "layer:assistance"),
)
BURDEN = (
    *((name, "") for name in ("admissions_per_100", "visits_per_head", "mean_bill", "payment_per_admission", "payment_per_visit",
                              "in_scope_ratio", "actual_ratio", "actual_ratio_all_layers", "capped_per_100000")),
    *((name, f"tier:{tier}") for name in ("share_of_admissions", "in_scope_ratio", "cash_per_admission") for tier in TIERS),
    *(("payer_share", f"payer:{name}") for name in PAYER_NAMES), ("in_scope_share", ""),
    *((name, "") for name in ("oop_per_head", "cash_per_head", "prepaid_by_patients", "oop_per_user", "oop_share_of_expense",
                              "oop_share_of_income", "oop_concentration_index", "premium_per_head", "net_burden_per_head",
                              "net_burden_share_of_income")),
    *(("oop_per_head", f"quantile:{name}") for name in ("p50", "p90", "p99", "p999")),
    *((name, f"quintile:{quintile}") for name in ("oop_per_head", "oop_share_of_income", "net_burden_share_of_income")
      for quintile in QUINTILES),
    *((name, f"layer:{layer}") for name in BURDENS for layer in LAYERS),
    *((name, f"quintile:{quintile}") for name in BURDENS for quintile in QUINTILES),
)
FUND = ("members", "revenue_per_head", "expenditure_per_head", "surplus_rate", "balance", "months_held",
        "secondary_reimbursement", "deficit", "exhausted", "breach_annual", "breach_cumulative", "warning_red")
RANGES = ("surplus_rate", "balance")
PEOPLE_TOPICS = ("population", "income", "care", "illness", "risk", "demand")     # topics that are not rules


def compared(selection: Selection, rows: tuple[tuple[str, str], ...], lang: str) -> dict:
    """Tables of measures in the first and the last year, of two sides with their paired difference or of one side alone."""
    years = list(dict.fromkeys([selection.years[0], selection.years[-1]]))
    pairs = selection.region_pairs or selection.policy_pairs
    tables = []

    def worth(scheme: str) -> list[tuple[str, str]]:
        return [row for row in rows if selection.worth_a_row(scheme, *row)]

    for pair in pairs[:MAX_PAIRS]:
        for scheme in selection.schemes:
            found = [_row(rows_of, lang, measure, group) for measure, group in worth(scheme)
                     if (rows_of := [_differing(selection, pair, scheme, year, measure, group, lang) for year in years])[0]]
            tables.append({"scheme": scheme_name(scheme, lang), "years": years, "rows": found,
                           "columns": [*(selection.label_name(side, lang) for side in baseline_first(pair)),
                                       say(REPORT, "difference", lang)]})
    if not pairs:
        for side in selection.sides:
            for scheme in selection.schemes:
                found = [_row(rows_of, lang, measure, group) for measure, group in worth(scheme)
                         if (rows_of := [_alone(selection, side, scheme, year, measure, group, lang) for year in years])[0]]
                tables.append({"scheme": f"{scheme_name(scheme, lang)} · {selection.side_name(side, lang)}",
                               "years": years, "rows": found,
                               "columns": [say(REPORT, "mean", lang), say(REPORT, "spread", lang)]})
    rest = say(REPORT, "more_pairs", lang, shown=MAX_PAIRS, all=len(pairs)) if len(pairs) > MAX_PAIRS else ""
    text = "alone_text" if not pairs else "main_text" if selection.region_pairs else "policies_text"
    return {"tables": tables, "text": say(REPORT, text, lang), "rest": rest}


def baseline_first(pair: tuple) -> tuple:
    """Two sides of the comparison, or what belongs to them, in the order of columns: a policy stands behind its baseline."""
    return pair[::-1] if ": " in str(pair[0]) else pair


def _row(cells: list[list[str]], lang: str, measure: str, group: str) -> dict:
    unit = next(cell[0] for cell in cells if cell)
    return {"label": measure_and_group(measure, group, lang), "unit": unit_name("%" if unit == "probability" else unit, lang),
            "cells": [text for cell in cells for text in (cell[1:] if cell else [NONE] * (len(cells[0]) - 1))]}


def _differing(selection: Selection, pair: tuple[str, str], scheme: str, year: int, measure: str, group: str,
               lang: str) -> list[str]:
    """The unit, both sides and the difference of one year; empty where the run has no such measure."""
    found = selection.difference(pair, scheme, year, measure, group)
    if found is None:
        return []
    size = max(abs(found.a), abs(found.b))
    difference, low, high = interval(found.difference, found.low, found.high, found.unit, size)
    span = f" ({say(REPORT, 'interval', lang, low=low, high=high)})" if NONE not in (low, high) else ""
    sides = (found.a, found.b) if pair == baseline_first(pair) else (found.b, found.a)
    return [found.unit, *(amount(side, found.unit, size) for side in sides), marked(difference + span, found.warning)]


def _alone(selection: Selection, side: Side, scheme: str, year: int, measure: str, group: str, lang: str) -> list[str]:
    """The unit, the mean and the spread of one year, of a probability its interval; empty where the run has no such measure."""
    found = selection.number(side, scheme, year, measure, group)
    if found is None:
        return []
    if found.unit == "probability":
        low, high = selection.events.alone(found)
        found = found._replace(p05=low, p95=high)
    return [found.unit, marked(amount(found.mean, found.unit), found.warning), _spread(found, lang, found.mean)]


def _spread(found: Number, lang: str, size: float) -> str:
    low, high = (amount(end, found.unit, size) for end in (found.p05, found.p95))
    return NONE if NONE in (low, high) else say(REPORT, "interval", lang, low=low, high=high)


def status_rows(selection: Selection, lang: str) -> dict:
    """The number of values used by status."""
    counts = selection.run.manifest["values_by_status"]
    total = sum(counts.values())
    rows = [(word(STATUS_NAMES, status, lang), number(counts.get(status, 0)), number(100 * counts.get(status, 0) / max(total, 1)))
            for status in STATUSES]
    return {"rows": rows, "text": say(REPORT, "values_text", lang, assumed=counts.get("assumption", 0), values=total)}


def rule_tables(rules: list[dict] | None, selection: Selection, lang: str) -> dict | None:
    """What differs between the two regions, rules and documents first, then people and prices; None without a list of rules."""
    if rules is None:
        return None
    parts = []
    for title, wanted in (("rules_rules", True), ("rules_people", False)):
        rows = [{"label": parameter_name(row["path"], lang), "path": row["path"], "unit": unit_name(row["unit"], lang),
                 "a": value_text(row["a"], lang, row["path"]) or NONE, "b": value_text(row["b"], lang, row["path"]) or NONE,
                 "sources": [_cited(row, side, lang) for side in ("a", "b")]}
                for row in rules if (row["path"].split(".")[0] not in PEOPLE_TOPICS) == wanted]
        parts.append({"title": say(REPORT, title, lang), "rows": rows})
    return {"parts": parts, "names": [region_name(region, lang) for region in selection.scenario["regions"][:2]]}


def _cited(row: dict, side: str, lang: str) -> str:
    """The status and source of one side of a difference."""
    statuses = [word(STATUS_NAMES, status, lang) for status in row[f"{side}_status"].split("; ") if status]
    source = row[f"{side}_source"].removeprefix("assumption: ")        # which repeats the status
    return f"{', '.join(statuses)}: {source}" if statuses else NONE


def fund_tables(selection: Selection, lang: str) -> list[dict]:
    """The fund's measures by year, in a table for each scheme and side."""
    tables = []
    for scheme in selection.schemes:
        for side in selection.sides[:MAX_PAIRS]:
            columns = [column for measure in FUND for column in _fund_columns(selection, side, scheme, measure, lang)]
            tables.append({"title": f"{scheme_name(scheme, lang)} · {selection.side_name(side, lang)}",
                           "columns": [(name, unit) for name, unit, _ in columns],
                           "rows": [[str(year), *cells] for year, cells in
                                    zip(selection.years, zip(*(cells for *_, cells in columns), strict=True), strict=True)]})
    return tables


def _fund_columns(selection: Selection, side: Side, scheme: str, measure: str, lang: str) -> list[tuple[str, str, list[str]]]:
    """The heading, unit and cells by year of a measure, and of its spread where that is shown; the largest value sets the digits.

    Where there is no limit, the probability of exceeding it is absent too.
    """
    found = [selection.number(side, scheme, year, measure) for year in selection.years]
    if measure in ("breach_annual", "breach_cumulative"):
        limits = [selection.limits(side, scheme, year) for year in selection.years]
        exists = [(limit.annual if measure == "breach_annual" else limit.cumulative) is not None for limit in limits]
        found = [row if limited else None for row, limited in zip(found, exists, strict=True)]
    size = max((abs(row.mean) for row in found if row), default=0.0)
    unit = selection.units.get(measure, "")
    short = {"probability": "%", "CNY/person/year": "CNY"}.get(unit, unit)         # rows are years, the heading names members
    heading = word(FUND_HEADINGS, measure, lang) if measure in FUND_HEADINGS else measure_name(measure, lang)
    columns = [(heading, unit_name(short, lang),
                [marked(amount(row.mean, row.unit, size), row.warning) if row else NONE for row in found])]
    if measure in RANGES:
        columns.append((say(REPORT, "spread", lang), unit_name(unit, lang),
                        [_spread(row, lang, size) if row else NONE for row in found]))
    return columns


def illness_table(selection: Selection, lang: str) -> dict | None:
    """Listed illnesses of the NRCMS (or else of the first scheme) in the first year, by who bears the mean bill.

    None where there are no such bills.
    """
    scheme = "nrcms" if "nrcms" in selection.schemes else selection.schemes[0]
    sides = selection.sides[:MAX_PAIRS]
    found = {illness: [selection.illness_bill(side, scheme, selection.years[0], illness) for side in sides]
             for illness in selection.illnesses}
    shares = [key for key in PAYER_SHARES
              if key != "account_share" or any(bill and bill[key] for bills in found.values() for bill in bills)]
    rows = [[group_name(illness, lang), *(text for bill in bills for text in _bill_cells(bill, shares))]
            for illness, bills in found.items() if any(bills)]
    if not rows:
        return None
    columns = [(measure_name("mean_bill", lang), unit_name("CNY/bill", lang)),
               *((measure_name(key, lang), "%") for key in shares)]
    return {"scheme": scheme_name(scheme, lang), "sides": [selection.side_name(side, lang) for side in sides],
            "columns": columns, "rows": rows}


def _bill_cells(bill: dict[str, float] | None, shares: list[str]) -> list[str]:
    """The mean bill and its shares for one side; dashes where it has no such bills."""
    return [number(bill["mean_bill"]), *(number(bill[key], 1) for key in shares)] if bill else [NONE] * (1 + len(shares))


def provenance_table(selection: Selection, lang: str) -> dict:
    """The number of values used by topic and status."""
    pairs = Counter((path.split(".")[0], status) for path, status in
                    zip(selection.run.parameters["path"], selection.run.parameters["status"], strict=True))
    rows = []
    for topic in TOPIC_NAMES:
        counts = [pairs[topic, status] for status in STATUSES]
        if any(counts):
            rows.append([word(TOPIC_NAMES, topic, lang), *(number(count) for count in (*counts, sum(counts)))])
    totals = [sum(count for (_, found), count in pairs.items() if found == status) for status in STATUSES]
    return {"columns": [word(STATUS_NAMES, status, lang) for status in STATUSES], "rows": rows,
            "totals": [number(count) for count in (*totals, sum(totals))]}
