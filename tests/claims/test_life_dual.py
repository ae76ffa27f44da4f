"""Random claims taken back, corrected, there twice, out of order, outside insurance, begun before: as the reference has them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.claims import files as claim_files
from simulator.tables import PAYERS
from tests.claims.test_claims import rows_of, run, write
from tests.claims.test_stays_dual import plan_file, random_plan, random_rows, rare_terms, text_of
from tests.reference.claim_life import AMOUNTS, LEFT_OUT, settle_lives

LIFE = ("claim", "original", "reversal", "insured_from", "insured_until", "opening_admissions", "opening_deductible",
        "opening_paid", "opening_self_pay", "opening_outpatient_paid")
PARTS = dict.fromkeys(("tcm", "essential", "first_pay"), "0.00")


def with_lives(rng: np.random.Generator, bills: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bills, some of them twice, and behind some of them a row that takes them back or stands in their place."""
    rows: list[dict[str, Any]] = []
    for n, bill in enumerate(bills):
        bill = bill | {"claim": f"C{n}", "original": "", "reversal": "no"}
        if rng.random() < 0.3:
            bill["insured_until" if rng.random() < 0.5 else "insured_from"] = (
                bill["date"] + datetime.timedelta(int(rng.integers(-30, 30)))).isoformat()
        if rng.random() < 0.5:
            bill |= {name: f"{rng.integers(0, 300_000) / 100:.2f}" for name in LIFE[6:]}
            bill["opening_admissions"] = int(rng.integers(0, 4))
        rows.append(bill)
        fate = rng.random()
        if fate < 0.05:
            rows.append(bill | PARTS | {"eligible": "0.00"})             # there twice
        elif fate < 0.2 and float(bill["eligible"]) > 0:
            how = int(rng.integers(3))
            back = bill | {"claim": bill["claim"] if how == 0 else f"T{n}", "original": bill["claim"] if how == 1 else ""}
            if how == 2 or rng.random() < 0.3:
                back |= {"reversal": "yes", "original": bill["claim"]}
            else:
                back |= {name: f"-{bill[name]}" for name in AMOUNTS if name in bill and float(bill[name]) > 0}
            rows.append(back)
        elif fate < 0.3:
            rows.append(bill | PARTS | {"claim": f"N{n}", "original": bill["claim"], "billed": "5000.00", "eligible": "4999.99"})
    if rng.random() < 0.7:                                           # what speaks of a bill may stand anywhere behind it
        for _ in range(len(rows) // 3):
            first, second = sorted(rng.integers(0, len(rows), 2).tolist())
            if rows[first]["original"] or rows[first]["claim"].startswith("T"):
                rows[first], rows[second] = rows[second], rows[first]
    return rows


def text_of_lives(rows: list[dict[str, Any]]) -> str:
    """The same as a CSV file."""
    lines = text_of(rows).splitlines()
    more = [",".join(LIFE), *(",".join(str(row.get(name, "")) for name in LIFE) for row in rows)]
    return "\n".join(f"{line},{other}" for line, other in zip(lines, more, strict=True)) + "\n"


def as_reference(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the reference reads it."""
    days = {name: datetime.date.fromisoformat(row[name]) for name in ("insured_from", "insured_until") if row.get(name)}
    return row | {"reversal": row["reversal"] == "yes"} | days


@pytest.mark.parametrize("seed", range(6))
def test_lives_of_claims_are_settled_as_the_reference_does(tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(claim_files, "BLOCK", 37)
    rng = np.random.default_rng(1000 + seed)
    (plan, terms), bills = random_plan(rng), random_rows(rng, 300)
    terms |= {"inpatient": "person", "outpatient": "person", "new_year": "discharge"}           # a family's begin nowhere else
    terms.pop("family_deductible", None)
    if seed % 2:
        plan = rare_terms(rng, plan)
    rows = with_lives(rng, bills)
    write(plan_file(plan, terms), "plan.yaml")
    write(text_of_lives(rows))
    sort, repeated = seed < 4, ("first", "last")[seed // 2 % 2]
    totals = run(on_error="skip", sort=sort, repeated=repeated)
    right = settle_lives(plan, terms, [as_reference(row) for row in rows], sort=sort, repeated=repeated)
    refused = {int(row["line"]) - 2 for row in rows_of("out.bad.csv")} if Path("out.bad.csv").exists() else set()
    assert refused == {n for n, slip in enumerate(right) if slip is None}
    left_out = {int(row["line"]) - 2 for row in rows_of("out.left-out.csv")}
    assert left_out == {n for n, slip in enumerate(right) if slip is LEFT_OUT}
    wanted = [[str(slip[payer]) for payer in PAYERS] for slip in right if slip is not None and slip is not LEFT_OUT]
    assert [[row[f"paid_{payer}"] for payer in PAYERS] for row in rows_of()] == wanted
    assert totals.settled == len(wanted) > 150
