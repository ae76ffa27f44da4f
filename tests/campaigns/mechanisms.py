"""Every mechanism's scenario is run, and what it moves must move as theory says: writes the table of docs/mechanisms.md.

    python -m tests.campaigns.mechanisms            # all, checks and prints the table
    python -m tests.campaigns.mechanisms --write    # and writes it into docs/mechanisms.md

The table's rows are in `EXPECTED`: what a policy is expected to move, and which way. A difference is a mean over draws
of one year with the standard error of the paired difference; it counts as moved when it is three of them from zero, and as
still when it is exactly zero.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.engine.measures import Measure
from simulator.engine.outcome import SchemeResult
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.scenario import read_scenario

SCENARIOS = Path("scenarios")
PAGE = Path("docs/mechanisms.md")
START, END = "<!-- table: make check-mechanisms -->", "<!-- end of table -->"
UP, DOWN, STILL = "up", "down", "still"


class Expected(NamedTuple):
    """One row: mechanism (number and name in docs/mechanisms.md), scenario and policy, the figure and its direction."""

    mechanism: str
    scenario: str
    policy: str
    scheme: str
    measure: str
    group: str
    way: str
    last: bool = False             # the last year instead of the first
    against: str = "baseline"


E = Expected
EXPECTED = (
    E("1 merger", "merger", "own-rules", "urrbmi", "in_scope_ratio", "", DOWN),
    E("1 merger", "merger", "benefits-move-two-years-later", "urrbmi", "in_scope_ratio", "", DOWN),
    E("1 member classes", "member-classes", "retired-5-points-more", "uebmi", "in_scope_ratio", "", UP),
    E("1 member classes", "member-classes", "children-and-students-half-deductible", "urbmi", "oop_per_head", "", DOWN),
    E("1 duplicate enrolment", "duplicate-enrolment", "duplicates-removed", "nrcms", "revenue", "", DOWN),
    E("1 duplicate enrolment", "duplicate-enrolment", "duplicates-removed", "nrcms", "claims", "", STILL),
    E("2 subsidy", "funding", "subsidy-300", "nrcms", "balance", "", UP),
    E("2 premium and enrolment", "funding", "premium-120-some-leave", "nrcms", "members", "", DOWN),
    E("2 premium and enrolment", "funding", "premium-120-some-leave", "nrcms", "expenditure_per_head", "", UP),
    E("2 timing of subsidies", "funding", "subsidy-half-a-year-late", "nrcms", "bank_balance", "", DOWN),
    E("3 deductible", "deductible", "no-deductible", "nrcms", "in_scope_ratio", "", UP),
    E("3 deductible", "deductible", "doubled", "nrcms", "in_scope_ratio", "", DOWN),
    E("3 ratio", "ratio", "five-points-more", "nrcms", "in_scope_ratio", "", UP),
    E("3 ratio", "ratio", "five-points-less", "nrcms", "in_scope_ratio", "", DOWN),
    E("3 primary-care points", "tilt-to-primary-care", "township-10-points-more", "nrcms",
      "share_of_admissions", "tier:township", UP),
    E("3 unreferred", "tilt-to-primary-care", "unreferred-20-points-off", "nrcms", "share_of_admissions", "tier:city", DOWN),
    E("3 traditional medicine", "tilt-to-primary-care", "tcm-10-points-more", "nrcms", "in_scope_ratio", "", UP),
    E("3 annual cap", "annual-cap", "cap-50000", "nrcms", "capped_per_100000", "", UP),
    E("3 guaranteed minimum", "annual-cap", "guaranteed-60-percent", "urbmi", "in_scope_ratio", "", UP),
    E("3 reference price", "drug-list", "reference-price-2000", "urbmi", "oop_per_head", "", UP),
    E("3 list use", "drug-list", "list-3-points-narrower", "urbmi", "in_scope_share", "", DOWN),
    E("3 list use", "drug-list", "list-3-points-wider", "urbmi", "expenditure_per_head", "", UP),
    E("4 outpatient ratio", "outpatient-pooling", "ratio-50", "nrcms", "payment_per_visit", "", UP),
    E("4 outpatient deductible", "outpatient-pooling", "deductible-50", "nrcms", "payment_per_visit", "", DOWN),
    E("4 consultation fee", "outpatient-pooling", "no-consultation-fee", "nrcms", "payment_per_visit", "", DOWN),
    E("4 chronic list", "outpatient-pooling", "chronic-list", "nrcms", "payment_per_visit", "", UP),
    E("4 accounts into pooling", "individual-account", "accounts-half-pooled", "uebmi", "payment_per_visit", "", UP),
    E("4 accounts into pooling", "individual-account", "accounts-half-pooled", "uebmi", "payer_share", "payer:account", DOWN),
    E("5 the list", "listed-illnesses", "no-list", "nrcms", "payer_share", "payer:listed", DOWN),
    E("5 pilot to all counties", "listed-illnesses", "all-twenty-in-all-counties", "nrcms", "payer_share", "payer:listed", UP),
    E("5 one more illness (esrd)", "listed-illnesses", "without-esrd", "nrcms", "expenditure_per_head", "", DOWN),
    E("5 ratio of the list", "listed-illnesses", "ratio-80", "nrcms", "payer_share", "payer:listed", UP),
    E("5 exemption from the cap", "listed-illnesses", "cap-40000-for-the-list-too", "nrcms",
      "payer_share", "payer:listed", DOWN, False, "cap-40000"),
    E("5 quota as a package", "listed-illnesses", "stroke-quota-8000-as-package", "nrcms", "payer_share", "payer:hospital", UP),
    E("5 quota as a limit", "listed-illnesses", "stroke-quota-8000-as-limit", "nrcms", "payer_share", "payer:cash", UP, False,
      "stroke-quota-8000-as-package"),
    E("5 no worse than others", "listed-illnesses", "no-worse-than-others-off", "nrcms", "payer_share", "payer:listed", DOWN),
    E("6 CII", "critical-illness-insurance", "no-cii", "nrcms", "payer_share", "payer:cii", DOWN),
    E("6 CII threshold", "critical-illness-insurance", "threshold-5000", "nrcms", "payer_share", "payer:cii", DOWN),
    E("6 CII filter", "critical-illness-insurance", "all-illnesses", "nrcms", "payer_share", "payer:cii", UP),
    E("6 claw-back", "critical-illness-insurance", "no-claw-back", "nrcms", "cii_clawback", "", DOWN, True),
    E("6 re-rating", "critical-illness-insurance", "premium-as-stated", "nrcms", "cii_premium", "", UP, True),
    E("6 supplement's re-rating", "insurers", "premium-as-stated", "uebmi", "supplement_premiums", "", UP, True),
    E("7 assistance ratio", "assistance", "ratio-70", "nrcms", "payer_share", "payer:assistance", UP),
    E("7 assistance deductible", "assistance", "deductible-500", "nrcms", "payer_share", "payer:assistance", DOWN),
    E("7 assistance cap", "assistance", "cap-3000", "nrcms", "payer_share", "payer:assistance", DOWN),
    E("7 one-stop settlement", "assistance", "claimed-later", "nrcms", "prepaid_by_patients", "", UP),
    E("7 claimed later", "assistance", "later-and-a-fifth-do-not-claim", "nrcms", "payer_share", "payer:assistance", DOWN),
    E("7 donations", "assistance", "donations-2-yuan-a-head", "nrcms", "assistance_appropriation", "", DOWN),
    E("8 emergency relief", "relief-and-commercial-cover", "relief-fund", "nrcms", "payer_share", "payer:relief", UP),
    E("8 commercial supplement", "relief-and-commercial-cover", "commercial-cover", "nrcms", "oop_per_head", "", DOWN),
    E("9 case and per-diem", "provider-payment", "case-and-per-diem", "nrcms", "oop_per_head", "", STILL),
    E("9 case price", "provider-payment", "case-price-10-percent-lower", "nrcms", "payer_share", "payer:hospital", UP),
    E("9 share on the price", "provider-payment", "share-on-the-lower-price", "nrcms", "oop_per_head", "", DOWN),
    E("9 effect on cost growth", "provider-payment", "cost-growth-2-points-less", "nrcms", "mean_bill", "", DOWN, True),
    E("9 global budget", "provider-payment", "global-budget-6-percent", "nrcms", "provider_settlement", "", DOWN, True),
    E("9 hospitals respond to a loss", "hospitals-respond", "no-response", "nrcms", "mean_bill", "", UP, True, "global-budget"),
    E("9 hospitals respond: borne", "hospitals-respond", "no-response", "nrcms", "hospital_borne", "", UP, True, "global-budget"),
    E("9 budgets of the target", "hospitals-respond", "budget-of-the-funding", "nrcms", "provider_settlement", "", DOWN, True),
    E("9 cases coded up", "hospitals-respond", "case-prices-coded-up", "nrcms", "hospital_borne", "", DOWN, True,
      "case-prices-not-coded-up"),
    E("9 contract fee: public health", "provider-payment", "capitation-with-contract-fee", "nrcms", "gp_fees_health", "", UP),
    E("9 contract fee: members", "provider-payment", "capitation-with-contract-fee", "nrcms", "net_burden_per_head", "", UP),
    E("9 capitation, GP fee", "provider-payment", "capitation-with-contract-fee", "nrcms", "gp_fees", "", UP),
    E("10 no response", "fund-control", "nothing", "urbmi", "balance", "", UP),
    E("10 factor up", "fund-control", "factor-up", "urbmi", "in_scope_ratio", "", UP, True),
    E("10 reserve and top-up", "fund-control", "short-reserve-and-top-up", "nrcms", "balance", "", UP, True, "short-of-money"),
    E("10 premium step and factor", "fund-control", "short-premium-and-factor", "nrcms",
      "balance", "", UP, True, "short-of-money"),
    E("11 city pooling", "pooling-level", "city", "nrcms", "top_up_needed", "", DOWN, True),
    E("11 province pooling", "pooling-level", "province", "nrcms", "top_up_needed", "", DOWN, True, "city"),
    E("11 adjustment fund", "pooling-level", "adjustment-fund", "nrcms", "top_up_needed", "", DOWN, True),
    E("12 county retention", "out-of-area-care", "county-keeps-30-percent", "nrcms", "mean_bill", "", DOWN),
    E("12 prices away", "out-of-area-care", "prices-10-percent-higher", "nrcms", "mean_bill", "tier:outside", UP),
    E("12 penalty", "out-of-area-care", "15-points-less", "nrcms", "in_scope_ratio", "tier:outside", DOWN),
    E("12 settled at once", "out-of-area-care", "settled-at-once", "nrcms", "prepaid_by_patients", "", DOWN),
    E("12 settled at once: care", "advance-payment", "settled-at-once", "nrcms", "share_of_admissions", "tier:outside", UP),
    E("12 late claims not made", "advance-payment", "a-tenth-not-claimed", "nrcms", "actual_ratio", "", DOWN),
    E("12 treatment before payment", "advance-payment", "treatment-before-payment", "nrcms", "prepaid_by_patients", "", DOWN,
      False, "deposit-80-percent"),
    E("12 treatment before payment: care", "advance-payment", "treatment-before-payment", "nrcms", "admissions_per_100", "", UP,
      False, "deposit-80-percent"),
    E("12 CII claimed later", "advance-payment", "cii-claimed-later", "nrcms", "prepaid_by_patients", "", UP, True),
    E("2 state enterprises: members", "state-enterprises", "enter-without-payment", "uebmi", "members", "", UP),
    E("2 state enterprises: balance", "state-enterprises", "enter-without-payment", "uebmi", "balance", "", DOWN, True),
    E("2 state enterprises: paid at entry", "state-enterprises", "enter-with-payment", "uebmi", "balance", "", UP, True,
      "enter-without-payment"),
    E("13 zero markup", "prices-and-conduct", "zero-markup", "nrcms", "mean_bill", "tier:county", DOWN),
    E("13 zero markup: burden", "prices-and-conduct", "zero-markup", "nrcms", "oop_per_head", "", DOWN),
    E("13 zero markup: government", "prices-and-conduct", "zero-markup", "nrcms", "government_compensation", "", UP),
    E("13 equipment prices", "prices-and-conduct", "equipment-20-percent-cheaper", "nrcms", "mean_bill", "", DOWN),
    E("13 cost-growth target", "prices-and-conduct", "bills-grow-3-percent", "nrcms", "mean_bill", "", DOWN, True),
    E("13 drug share", "prices-and-conduct", "drugs-at-most-40-percent", "nrcms", "mean_bill", "", DOWN),
    E("13 bed-days", "prices-and-conduct", "bed-days-10-percent-fewer", "nrcms", "mean_bill", "", DOWN),
    E("13 fraud control", "prices-and-conduct", "fraud-control-2-percent", "nrcms", "admissions_per_100", "", DOWN),
    E("14 demand: deductible", "demand", "deductible-doubled", "nrcms", "admissions_per_100", "", DOWN),
    E("14 demand: ratio", "demand", "class-bonus-10-points", "nrcms", "admissions_per_100", "", UP),
    E("14 demand: visits", "demand", "outpatient-ratio-70", "nrcms", "visits_per_head", "", UP),
    E("15 managed chronic patients", "public-health", "managed-chronic-patients", "nrcms", "claims", "", DOWN),
    E("15 bed limit", "public-health", "beds-follow-the-limit", "nrcms", "admissions_per_100", "", DOWN, True),
    E("15 public health money", "public-health", "40-yuan-a-head", "nrcms", "public_health_funding", "", UP),
    E("15 public health money: care", "public-health", "40-yuan-a-head", "nrcms", "claims", "", DOWN),
    E("16 individual account", "individual-account", "accounts-for-outpatients-only", "uebmi",
      "payer_share", "payer:account", DOWN),
    E("16 large-sum supplement", "individual-account", "lower-cap-with-supplement", "uebmi",
      "payer_share", "payer:supplement", UP),
)


class Row(NamedTuple):
    """What was found for one expectation."""

    expected: Expected
    year: int
    unit: str
    before: float
    difference: float
    error: float
    met: bool


def figure(scheme: SchemeResult, year: int, name: str, group: str) -> Measure:
    """The measure of a year; KeyError if there is none."""
    found = next((m for m in scheme.measures[year] if m.name == name and m.group == group), None)
    if found is None:
        raise KeyError(f"{scheme.region} {scheme.scheme} {year} has no {name} {group}")
    return found


def judge(expected: Expected, scheme: SchemeResult) -> Row:
    """What was found for one expectation: the paired difference of its policy."""
    year = scheme.years[-1] if expected.last else scheme.years[0]
    measure = figure(scheme, year, expected.measure, expected.group)
    before = measure.values[:, scheme.policies.index(expected.against)]
    change = measure.values[:, scheme.policies.index(expected.policy)] - before
    difference, error = float(change.mean()), float(change.std(ddof=1) / np.sqrt(len(change)))
    moved = abs(difference) > 3 * error and difference != 0.0
    met = {UP: moved and difference > 0, DOWN: moved and difference < 0, STILL: not change.any()}[expected.way]
    return Row(expected, year, measure.unit, float(before.mean()), difference, error, met)


def run_all(names: list[str], threads: int | None = None) -> list[Row]:
    """Run the scenarios and judge every expectation."""
    regions, rows = load_regions(), []
    for name in names:
        result = simulate(read_scenario(SCENARIOS / f"{name}.yaml"), regions, threads)
        for expected in EXPECTED:
            if expected.scenario == name:
                scheme = next(s for s in result.schemes if s.scheme == expected.scheme)
                rows.append(judge(expected, scheme))
                print(line(rows[-1]), flush=True)
    return sorted(rows, key=lambda row: EXPECTED.index(row.expected))


def line(row: Row) -> str:
    """A row as plain text."""
    e = row.expected
    return (f"{'ok  ' if row.met else 'FAIL'} {e.mechanism:32} {e.policy:36} {e.measure} {e.group} {row.before:.4g} "
            f"{row.difference:+.4g} ({row.error:.2g}) {e.way}")


def table(rows: list[Row]) -> str:
    """The table in Markdown."""
    lines = ["| mechanism | scenario: policy | what | year | baseline | difference | s.e. | theory |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        e = row.expected
        against = "" if e.against == "baseline" else f" (against {e.against})"
        what = f"{e.scheme} {e.measure}{' ' + e.group if e.group else ''}, {row.unit}"
        lines.append(f"| {e.mechanism} | `{e.scenario}`: {e.policy}{against} | {what} | {row.year} | {row.before:.5g} | "
                     f"{row.difference:+.3g} | {row.error:.1g} | {e.way} |")
    return "\n".join(lines)


def main() -> int:
    """0 when every expectation is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/mechanisms.md")
    parser.add_argument("scenarios", nargs="*", default=list(dict.fromkeys(e.scenario for e in EXPECTED)))
    asked = parser.parse_args()
    rows = run_all(asked.scenarios)
    if asked.write:
        text = PAGE.read_text(encoding="utf-8")
        head, tail = text[:text.index(START) + len(START)], text[text.index(END):]
        PAGE.write_text(f"{head}\n{table(rows)}\n{tail}", encoding="utf-8")
    missed = [row for row in rows if not row.met]
    print(f"{len(rows)} figures, {len(missed)} not as theory says")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
