"""The sentence-named cases of tests/cases, judged by both programs: the rules and the reference."""

from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simulator.money import fen
from tests.reference import settlement
from tests.settled import PAYERS, settle_with_rules

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in YAML(typ="safe").load(file.read_text(encoding="utf-8"))]


def expected(case: dict) -> list[dict[str, int]]:
    named = case["payments"]
    return [{payer: fen(Decimal(named[payer][i])) if payer in named else 0 for payer in PAYERS}
            for i in range(len(case["bills"]))]


def with_kind(bills: list[dict]) -> list[dict]:
    return [{"kind": "inpatient", **bill} for bill in bills]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_rules_settle_the_case_to_the_fen(case):
    assert settle_with_rules(case["plan"], case.get("person", {}), case["bills"]) == expected(case), case["why"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_settles_the_case_to_the_fen(case):
    paid = settlement.settle(settlement.read_plan(case["plan"]), case.get("person", {}), with_kind(case["bills"]))
    assert [{payer: fen(slip[payer]) for payer in PAYERS} for slip in paid] == expected(case), case["why"]


def test_every_case_says_what_it_rests_on():
    assert len(CASES) >= 150
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["source"] and case["why"] for case in CASES)
