"""Random claims with stays, transfers, readmissions, turns of the year and families, settled as the reference settles them."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from simulator.slip import claim_files
from simulator.tables import PAYERS
from tests.reference.claims import settle_claims
from tests.slip.test_claims import rows_of, run, write

COLUMNS = ("person", "family", "stay", "transferred", "transferred_from", "kind", "admitted", "date", "tier", "billed",
           "eligible", "illness")


def random_plan(rng: np.random.Generator) -> tuple[dict, dict]:
    """A plan as the reference takes it, and what it says of claims."""
    def choose(*values):
        return values[rng.integers(len(values))]
    plan = {"deductible": {tier: [str(x) for x in sorted(rng.integers(0, 2000, 3).tolist(), reverse=True)]
                           for tier in ("county", "city")},
            "band_tops": ["3000", "9000"], "band_basis": choose("eligible", "after_deductible"),
            "band_period": choose("admission", "year"),
            "ratio": {tier: [f"{x:.1f}" for x in rng.uniform(30, 95, 3)] for tier in ("county", "city")},
            "annual_cap": choose("unlimited", "12000.55"), "outpatient_deductible": str(rng.integers(0, 1500)),
            "outpatient_ratio": {"county": "45.5", "city": "30"}, "cii_threshold": choose("unlimited", "2000"),
            "cii_ratio": ["55"], "listed": {"lung-cancer": "full"}, "listed_ratio": {"lung-cancer": "70"}}
    terms = {"new_year": choose("discharge", "split", "split"), "transfer_deductible": choose("full", "difference", "none"),
             "readmission_tier": choose("any", "same"), "year_begins": choose(1, 1, 9), "inpatient": choose("person", "family"),
             "outpatient": choose("person", "family")}
    if rng.random() < 0.6:
        terms["readmission_days"] = int(rng.integers(0, 40))
    return plan, terms


def random_rows(rng: np.random.Generator, count: int) -> list[dict]:
    """Bills of a few persons over two years and a half, in the order of discharge."""
    rows, last = [], datetime.date(2012, 5, 1)
    names: dict[str, int] = {}
    for _ in range(count):
        last += datetime.timedelta(int(rng.integers(0, 4)))
        day = last - datetime.timedelta(int(rng.random() < 0.02) * 10)           # some go backwards
        person = f"P{rng.integers(8)}"
        billed = int(rng.integers(0, 10)) and int(10 ** rng.uniform(2, 6.3))
        names[person] = names.get(person, 0) + int(rng.random() < 0.6)
        row = {"person": person, "family": f"F{int(person[1]) // 3}" if person != "P7" else "",
               "tier": ["county", "city"][rng.integers(2)], "kind": "inpatient" if rng.random() < 0.75 else "outpatient",
               "date": day, "billed": f"{billed / 100:.2f}",
               "eligible": f"{int(billed * rng.random()) / 100:.2f}", "illness": "lung-cancer" if rng.random() < 0.05 else None,
               "stay": f"S{names[person]}" if rng.random() < 0.7 else "", "transferred": bool(rng.random() < 0.1),
               "transferred_from": f"S{names[person] - 1}" if rng.random() < 0.1 else "",
               "admitted": day - datetime.timedelta(int(rng.integers(0, 60))) if rng.random() < 0.8 else None}
        rows.append(row)
    return rows


def text_of(rows: list[dict]) -> str:
    """The same as a CSV file."""
    def cell(name: str, value: object) -> str:
        words = {"transferred": "yes" if value else "no", "illness": value or "none"}
        return words.get(name, "" if value is None else str(value))
    return "\n".join([",".join(COLUMNS), *(",".join(cell(name, row[name]) for name in COLUMNS) for row in rows)]) + "\n"


def plan_file(plan: dict, terms: dict) -> str:
    """The same as a plan file."""
    whose = {kind: terms[kind] for kind in ("inpatient", "outpatient")}
    plain = {key: value for key, value in terms.items() if key not in whose}
    stated = plan | plain | {"deductible_of": whose}
    return "".join(f"{key}: {str(value).replace(chr(39), chr(34))}\n" for key, value in stated.items())


@pytest.mark.parametrize("seed", range(12))
def test_claims_are_settled_as_the_reference_does(tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(claim_files, "BLOCK", 37)
    rng = np.random.default_rng(seed)
    (plan, terms), rows = random_plan(rng), random_rows(rng, 600)
    write(plan_file(plan, terms), "plan.yaml")
    write(text_of(rows))
    totals = run(on_error="skip")
    right = settle_claims(plan, terms, rows)
    refused = {int(row["line"]) - 2 for row in rows_of("out.bad.csv")} if Path("out.bad.csv").exists() else set()
    assert refused == {n for n, slip in enumerate(right) if slip is None} and len(refused) < 150
    wanted = [[str(slip[payer]) for payer in PAYERS] for slip in right if slip is not None]
    assert [[row[f"paid_{payer}"] for payer in PAYERS] for row in rows_of()] == wanted
    assert totals.settled == len(wanted)
