"""Random claims with stays, transfers, readmissions, turns of the year and families, settled as the reference settles them."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from simulator.claims import files as claim_files
from simulator.tables import PAYERS
from tests.claims.test_claims import rows_of, run, write
from tests.reference.claims import settle_claims

COLUMNS = ("person", "family", "stay", "transferred", "transferred_from", "kind", "admitted", "date", "tier", "billed",
           "eligible", "illness", "member_class", "group", "tcm", "first_pay", "days", "case_price", "payment_area",
           "out_of_area", "essential", "quota_price", "insured_years")
LOCAL = {"甲": "county", "乙": "county", "丙": "city"}                      # a plan's own tiers, and their care tiers


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
    if rng.random() < 0.5:
        terms |= {"inpatient": "person", "outpatient": "person", "family_deductible": str(rng.integers(0, 4000))}
    return plan, terms


def rare_terms(rng: np.random.Generator, plan: dict) -> dict:
    """The plan with a price of a day, and with terms beside which a stay has rules of its own, each in half of the plans."""
    def some(**stated):
        return {name: value for name, value in stated.items() if rng.random() < 0.5}
    shares = {tier: [f"{rng.integers(0, 3000) / 100:.2f}%" if rng.random() < 0.5 else amount for amount in amounts]
              for tier, amounts in plan["deductible"].items()}
    supplement = ({"supplement_ratio": "60"}, {"supplement_tops": ["1500"], "supplement_ratio": ["60", "85"]})[rng.integers(2)]
    return plan | {"day_price": {"city": "400"}} | supplement | some(
        deductible=shares, deductible_least="300", deductible_most="1500", deductible_kind="franchise", order_counted="tier",
        deductible_year_limit="2600", deductible_shared=True, admission_copay={"county": "350", "city": "90"},
        deductible_waived=["dibao"], cap_basis="expense", out_of_area_deductible_factor="150", unfiled_factor="80",
        tcm_bonus={"county": "7", "city": "2.5"}, essential_bonus={"county": "6", "city": "3"}, rounding_unit="jiao",
        band_own_least=["20", "333.33", "0"], guaranteed_share={"city": "35"}, case_level={"county": "90"},
        annual_cap={"adult": "12000.55", "retired": "9000"}, annual_cap_step="777.77", annual_cap_most="13500",
        outpatient_deductible={"county": {"adult": "500", "retired": "300"}, "city": "700"}, outpatient_deductible_period="visit",
        outpatient_copay={"county": "12", "city": "25"}, outpatient_visit_limit={"county": "450"}, outpatient_tcm_bonus="8",
        outpatient_essential_bonus="5", cii_counts_outpatient=True, cii_counts_first_pay=True, cii_excluded_share="30",
        class_own_share={"retired": "50"}, outside_first_pay="10", account_balance={"adult": "400", "retired": "900"},
        account_order="first", ma_inpatient_ratio={"dibao": "60"}, ma_listed_ratio={"dibao": "20"}, ma_listed_basis="basis",
        ma_second_ratio={"dibao": "70"}, ma_second_threshold="1000", ma_second_cap={"dibao": "5000"})


def with_local_tiers(plan: dict, terms: dict) -> tuple[dict, dict]:
    """The plan with tiers of its own, two of one care tier, which differ in their deductibles."""
    by_tier = {name: value for name, value in plan.items() if isinstance(value, dict) and set(value) <= set(LOCAL.values())}
    local = {name: {tier: value[care] for tier, care in LOCAL.items() if care in value} for name, value in by_tier.items()}
    local["deductible"] |= {"乙": plan["deductible"]["city"]}
    return plan | local, terms | {"tiers": {tier: {"of": care} for tier, care in LOCAL.items()}}


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
               "member_class": ["adult", "retired"][rng.integers(2)], "group": ["none", "none", "dibao"][rng.integers(3)],
               "admitted": day - datetime.timedelta(int(rng.integers(0, 60))) if rng.random() < 0.8 else None}
        eligible = int(Decimal(row["eligible"]) * 100)
        row |= {"tcm": f"{eligible * rng.integers(0, 3) // 3 / 100:.2f}", "days": int(rng.integers(1, 20)),
                "first_pay": f"{eligible * rng.integers(0, 3) // 4 / 100:.2f}", "payment_area": True,
                "case_price": "2345.67" if rng.random() < 0.3 else "0",
                "out_of_area": ["no", "no", "filed", "unfiled"][rng.integers(4)],
                "essential": f"{eligible * rng.integers(0, 3) // 3 / 100:.2f}",
                "quota_price": "1234.56" if rng.random() < 0.3 else "0", "insured_years": int(rng.integers(0, 5))}
        rows.append(row)
    return rows


def text_of(rows: list[dict]) -> str:
    """The same as a CSV file."""
    def cell(name: str, value: object) -> str:
        words = {"transferred": "yes" if value else "no", "payment_area": "yes", "illness": value or "none"}
        return words.get(name, "" if value is None else str(value))
    return "\n".join([",".join(COLUMNS), *(",".join(cell(name, row[name]) for name in COLUMNS) for row in rows)]) + "\n"


def plan_file(plan: dict, terms: dict) -> str:
    """The same as a plan file."""
    whose = {kind: terms[kind] for kind in ("inpatient", "outpatient")}
    plain = {key: value for key, value in terms.items() if key not in whose}
    stated = plan | plain | {"deductible_of": whose}
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in stated.items())


@pytest.mark.parametrize("seed", range(15))
def test_claims_are_settled_as_the_reference_does(tmp_path, monkeypatch, seed):
    """Plain plans, then plans with rare terms, then such with tiers of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(claim_files, "BLOCK", 37)
    rng = np.random.default_rng(seed)
    (plan, terms), rows = random_plan(rng), random_rows(rng, 600)
    if seed >= 5:
        plan = rare_terms(rng, plan)
    if seed >= 10:
        plan, terms = with_local_tiers(plan, terms)
        rows = [row | {"tier": str(rng.choice(list(LOCAL)))} for row in rows]
    write(plan_file(plan, terms), "plan.yaml")
    write(text_of(rows))
    totals = run(on_error="skip")
    right = settle_claims(plan, terms, rows)
    refused = {int(row["line"]) - 2 for row in rows_of("out.bad.csv")} if Path("out.bad.csv").exists() else set()
    assert refused == {n for n, slip in enumerate(right) if slip is None} and len(refused) < 150
    wanted = [[str(slip[payer]) for payer in PAYERS] for slip in right if slip is not None]
    assert [[row[f"paid_{payer}"] for payer in PAYERS] for row in rows_of()] == wanted
    assert totals.settled == len(wanted)
